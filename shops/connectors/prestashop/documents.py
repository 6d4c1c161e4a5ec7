"""PrestaShop's documents: XML both ways, JSON for lists. Pure.

Bodies are XML only; a JSON body is refused with code 127. Texts of several languages are children of a field, each with
the language's id: a plain text in their place is accepted and stores its single letters.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import Any
from xml.etree import ElementTree

from integrator.canonical.records import plain_number
from shops.connectors.notices import json_at

Texts = Mapping[str, str]
"""Language id -> text."""
Ids = Sequence[str]
"""Ids of an association."""
Entity = Mapping[str, "str | Texts | Associations"]
"""Fields of one element as they are sent: plain text, or texts by language; `associations` holds lists of ids."""
Node = ElementTree.Element

NODES = {
    "products": "product",
    "combinations": "combination",
    "stock_availables": "stock_available",
    "categories": "category",
    "manufacturers": "manufacturer",
    "product_options": "product_option",
    "product_option_values": "product_option_value",
    "images": "image",
}
"""What one element of a resource is called."""
_END = "</prestashop>"
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_READ_ONLY = {
    "products": frozenset({"manufacturer_name", "quantity", "position_in_category"}),
    "combinations": frozenset({"quantity"}),
    "manufacturers": frozenset({"link_rewrite"}),
    "categories": frozenset({"level_depth", "nb_products_recursive"}),
}
"""Fields that a reading gives and a writing refuses with code 93 (135 for the position)."""


@dataclass(frozen=True, slots=True)
class Associations:
    """Lists of ids by name. A list that is sent is the whole truth: what is missing in it is removed."""

    lists: Mapping[str, Ids]


class Unreadable(ValueError):
    """The bytes are not the document that was asked for."""


def plain(value: Decimal) -> str:
    """A number as PrestaShop takes it: a dot, no exponent."""
    return plain_number(value)


def document(resource: str, entities: Iterable[Entity]) -> bytes:
    """A body that holds these elements of a resource side by side; never wrapped in the resource's own name."""
    root = ElementTree.Element("prestashop")
    for entity in entities:
        fill(ElementTree.SubElement(root, NODES[resource]), entity)
    return serialised(root)


def serialised(root: Node) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8")


def whole(resource: str, present: Node, changes: Entity, read_only: Iterable[str] = ()) -> Node:
    """The element as it was read, with these changes, as a PUT takes it.

    A PUT empties what is missing in it, so everything stays in but what cannot be written, and the associations, which
    stay as they are when none are sent.
    """
    node = ElementTree.Element(NODES[resource])
    stripped = _READ_ONLY.get(resource, frozenset()) | set(read_only) | {"associations"}
    for field in present:
        if field.tag not in stripped:
            node.append(_bare(field))
    for name in changes:
        old = node.find(name)
        if old is not None:
            node.remove(old)
    fill(node, changes)
    return node


def _bare(field: Node) -> Node:
    """A field without the attributes that only describe it (links, formats)."""
    copy = ElementTree.Element(field.tag)
    copy.text = field.text
    for language in field.findall("language"):
        inner = ElementTree.SubElement(copy, "language", {"id": language.get("id", "")})
        inner.text = language.text
    return copy


def read_only(synopsis: Node) -> frozenset[str]:
    """Names of the fields that a synopsis declares as not to be written."""
    return frozenset(
        field.tag
        for entity in synopsis
        for field in entity
        if "true" in (field.get("read_only"), field.get("readOnly"))
    )


def fill(node: Node, entity: Entity) -> None:
    for name, value in entity.items():
        if isinstance(value, Associations):
            _associate(ElementTree.SubElement(node, name), value)
            continue
        field = ElementTree.SubElement(node, name)
        if isinstance(value, Mapping):
            for language, text in value.items():
                ElementTree.SubElement(field, "language", {"id": language}).text = _allowed(text)
        else:
            field.text = _allowed(value)


def _associate(node: Node, associations: Associations) -> None:
    for name, ids in associations.lists.items():
        listed = ElementTree.SubElement(node, name)
        for one in ids:
            ElementTree.SubElement(ElementTree.SubElement(listed, NODES[name]), "id").text = one


def _allowed(text: str) -> str:
    """Characters that XML cannot hold, even escaped, are left out."""
    return _NO_XML.sub("", text)


def parsed(content: bytes) -> Node:
    """The root of an XML answer. Raises Unreadable.

    PHP prints its warnings around the document on hosts that are set up badly, so whatever stands before it is left
    out, and so is markup after it. A document with entities of its own is refused: they can be made to grow without
    end, and PrestaShop has none.
    """
    text = content.decode("utf-8", errors="replace")
    start = text.find("<?xml")
    if start < 0 or "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("no XML")
    try:
        root = ElementTree.fromstring(_NO_XML.sub("", _whole(text[start:])))
    except ElementTree.ParseError:
        raise Unreadable("broken XML") from None
    if root.tag != "prestashop":
        raise Unreadable("not PrestaShop's XML")
    return root


def _whole(text: str) -> str:
    """The document without the markup after its end."""
    head, end, rest = text.rpartition(_END)
    return head + end if rest.lstrip().startswith("<") else text


def decoded(content: bytes) -> Any:
    """A JSON answer, fractions as Decimal; warnings of PHP around it are left out. Raises Unreadable."""
    text = content.decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    starts = (0, text.find('{"'))
    for start in starts:
        if start < 0:
            continue
        try:
            return json_at(text, start)
        except (ValueError, RecursionError):
            continue
    raise Unreadable("no JSON")


def errors_in(content: bytes) -> list[tuple[int, str]]:
    """(code, message) of each error of a refusal, XML or JSON; empty when the answer is not PrestaShop's own.

    Versions up to 8 escape their messages for HTML inside the XML (`Product-&gt;price`).
    """
    try:
        found = [(error.findtext("code", ""), error.findtext("message", "")) for error in parsed(content).iter("error")]
    except Unreadable:
        found = _errors_in_json(content)
    return [(int(code), unescape(unescape(message)).strip()) for code, message in found if code.strip().isdigit()]


def _errors_in_json(content: bytes) -> list[tuple[str, str]]:
    try:
        body = decoded(content)
    except Unreadable:
        return []
    listed = body.get("errors") if isinstance(body, Mapping) else None
    if not isinstance(listed, list):
        return []
    return [(str(one.get("code", "")), str(one.get("message", ""))) for one in listed if isinstance(one, Mapping)]


def entity_id(node: Node) -> str:
    """The id of an element of an answer, empty when it has none."""
    found = (node.findtext("id") or "").strip()
    return found if found.isdigit() and found != "0" else ""

"""Bodies of writes: XML whose root holds one or several entities."""

from collections.abc import Iterator
from urllib.parse import parse_qs
from xml.etree import ElementTree

from shops.connectors.prestashop.simulator.errors import Refused

Element = ElementTree.Element


def entities(body: bytes) -> list[Element]:
    """The entities of a body, whatever they and the root are called. A form field `xml` may carry them."""
    text = body.decode("utf-8", "replace")
    if text.startswith("xml="):
        text = parse_qs(text, keep_blank_values=True)["xml"][0]
    try:
        return list(ElementTree.fromstring(text.strip()))
    except ElementTree.ParseError as problem:
        told = f"XML error : {problem}\nXML length : {len(text)}\nOriginal XML : {text[:200]}"
        raise Refused(500, (127, told)) from None


def row_id(entity: Element) -> int | None:
    """The id in the body, None without one."""
    text = (entity.findtext("id") or "").strip()
    return int(text) if text.isdigit() else None


def check_ids(found: list[Element], method: str) -> None:
    """Ids are looked at before anything is written."""
    seen: set[int] = set()
    for entity in found:
        given = row_id(entity)
        if method == "POST":
            if given is not None:
                raise Refused(400, (91, "id is forbidden when adding a new resource"))
        elif given is None:
            raise Refused(400, (90, "id is required when modifying a resource"))
        elif given in seen:
            raise Refused(400, (89, "id is duplicate in request"))
        else:
            seen.add(given)


def text_of(element: Element) -> str:
    return element.text or ""


def languages_of(element: Element) -> dict[int, str] | None:
    """Texts by language; None for a plain text."""
    found = [child for child in element if child.tag == "language"]
    if not found:
        return None
    return {int(child.get("id") or 0): text_of(child) for child in found}


def lists_of(entity: Element) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Each association that was sent, with its members as texts by field."""
    for element in entity.findall("associations/*"):
        yield element.tag, [{field.tag: text_of(field) for field in member} for member in element]

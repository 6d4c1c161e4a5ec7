"""Entities as the Webservice writes them, in XML and in JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from shops.connectors.prestashop.simulator import dynamic
from shops.connectors.prestashop.simulator.fields import Field
from shops.connectors.prestashop.simulator.resources import Association, Resource
from shops.connectors.prestashop.simulator.store import Store
from shops.simulation.http import dumps
from shops.simulation.tables import Row

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<prestashop xmlns:xlink="http://www.w3.org/1999/xlink">\n'
TAIL = "</prestashop>\n"


@dataclass
class Entity:
    """One row to be shown: fields with their values (texts by language), then its lists."""

    row_id: int
    values: list[tuple[Field, Any]]
    lists: list[tuple[Association, tuple[str, ...], dynamic.Members]]


def entity(
    store: Store, resource: Resource, row: Row, fields: Iterable[Field], lists: dict[str, tuple[str, ...]]
) -> Entity:
    """What is shown of a row."""
    values = []
    for field in fields:
        computed = dynamic.FIELDS.get((resource.name, field.name))
        if computed:
            values.append((field, computed(store, row)))
        elif field.name == "id":
            values.append((field, int(row["id"])))
        else:
            values.append((field, store.texts(field, row) if field.kind == "texts" else row[field.name]))
    shown = [
        (found, lists[found.name], dynamic.members(store, resource.name, found.name, row))
        for found in resource.associations
        if found.name in lists
    ]
    return Entity(int(row["id"]), values, shown)


def in_languages(shown: Entity, languages: list[int] | None) -> Entity:
    """The entity with its texts in these languages alone; None: in all."""
    if languages is None:
        return shown
    values = [
        (field, {k: v for k, v in value.items() if k in languages} if isinstance(value, dict) else value)
        for field, value in shown.values
    ]
    return Entity(shown.row_id, values, shown.lists)


# JSON


def json_entity(shown: Entity, *, dropping: bool = False) -> dict[str, Any]:
    """`dropping` leaves falsy values out, as an answer for a single id without `display` does."""
    found: dict[str, Any] = {}
    for field, value in shown.values:
        if isinstance(value, dict):
            texts = list(value.items())
            value = texts[0][1] if len(texts) == 1 else [{"id": k, "value": text} for k, text in texts]
        if dropping and value in ("0", 0, "", None, False):
            continue
        found[field.name] = value
    lists = {a.name: [_member(names, m) for m in members] for a, names, members in shown.lists if members}
    return found | ({"associations": lists} if lists else {})


def _member(names: tuple[str, ...], member: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in member.items() if name in names}


def json_list(resource: Resource, rows: list[Any]) -> str:
    """Several entities; none at all are an empty array, not an object."""
    return dumps({resource.name: rows}) if rows else "[]"


# XML


def cdata(value: Any) -> str:
    return f"<![CDATA[{'' if value is None or value is False else value}]]>"


def xml_entity(resource: Resource, shown: Entity, root: str) -> str:
    """The element of one entity; `root` is the address that links begin with, ending in a slash."""
    lines = [f"<{resource.node}>"]
    for field, value in shown.values:
        if isinstance(value, dict):
            texts = "".join(
                f'<language id="{k}" xlink:href="{root}languages/{k}">{cdata(text)}</language>'
                for k, text in value.items()
            )
            lines.append(f"\t<{field.name}>{texts}</{field.name}>")
        else:
            lines.append(f"\t<{field.name}{_link(field, value, shown, root)}>{cdata(value)}</{field.name}>")
    if shown.lists:
        lines += ["<associations>", *(_xml_list(resource, shown, part, root) for part in shown.lists)]
        lines.append("</associations>")
    lines.append(f"</{resource.node}>")
    return "\n".join(lines) + "\n"


def _link(field: Field, value: Any, shown: Entity, root: str) -> str:
    place = f"{field.link}/products/{shown.row_id}" if field.link == "images" else field.link
    href = f' xlink:href="{root}{place}/{value}"' if field.link and value else ""
    return href + (' notFilterable="true"' if field.dynamic else "")


def _xml_list(
    resource: Resource, shown: Entity, part: tuple[Association, tuple[str, ...], dynamic.Members], root: str
) -> str:
    association, names, members = part
    origin = f'api="{association.api}"' if association.api else 'virtualEntity="true"'
    opening = f'<{association.name} nodeType="{association.node}" {origin}'
    if not members:
        return f"{opening}/>"
    place = association.api
    if place == "images":
        owner = next((value for field, value in shown.values if field.name == "id_product"), shown.row_id)
        place = f"images/products/{owner}"
    lines = [f"{opening}>"]
    for member in members:
        href = f' xlink:href="{root}{place}/{member["id"]}"' if place else ""
        lines.append(f"\t<{association.node}{href}>")
        lines += [f"\t<{name}>{cdata(value)}</{name}>" for name, value in _member(names, member).items()]
        lines.append(f"\t</{association.node}>")
    return "\n".join([*lines, f"</{association.name}>"])


def xml_list(resource: Resource, rows: list[str]) -> str:
    return f"{HEAD}<{resource.name}>\n{''.join(rows)}</{resource.name}>\n{TAIL}"


def xml_ids(resource: Resource, ids: Iterable[int], root: str) -> str:
    """A list without `display`: ids and links alone."""
    found = [f'\t<{resource.node} id="{i}" xlink:href="{root}{resource.name}/{i}"/>\n' for i in ids]
    return xml_list(resource, found)


# errors


def errors(found: Iterable[tuple[int, str]], *, as_json: bool, escaped: bool) -> str:
    """The list of errors; up to 8.x messages are HTML-escaped, quotes excepted."""
    told = [(code, escape(message, quote=False) if escaped else message) for code, message in found]
    if as_json:
        return dumps({"errors": [{"code": code, "message": message} for code, message in told]})
    inner = "".join(
        f"<error>\n<code>{cdata(code)}</code>\n<message>{cdata(message)}</message>\n</error>\n"
        for code, message in told
    )
    return f"{HEAD}<errors>\n{inner}</errors>\n{TAIL}"

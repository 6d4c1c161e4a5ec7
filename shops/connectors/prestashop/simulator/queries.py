"""What a read asks for: which fields, which rows, in which order, from where to where."""

import re
from dataclasses import dataclass

from shops.connectors.prestashop.simulator.collation import folded, number
from shops.connectors.prestashop.simulator.errors import Refused, crash
from shops.connectors.prestashop.simulator.fields import NUMBERS, Field
from shops.connectors.prestashop.simulator.resources import Resource
from shops.connectors.prestashop.simulator.versions import Version
from shops.simulation.http import Request
from shops.simulation.tables import Comparable

_RANGE = re.compile(r"([\d.:\s-]+),([\d.:\s-]+)")
_DATES = ("date_add", "date_upd")


@dataclass(frozen=True)
class Condition:
    """A test of one field. `operator`: in, between, >, <, not (none of the values), like (`values` holds a pattern)."""

    path: str
    operator: str
    values: tuple[Comparable, ...]


@dataclass(frozen=True)
class Query:
    fields: tuple[str, ...] | None
    """Names of the fields to show; None: no display was asked for."""
    lists: dict[str, tuple[str, ...]]
    """Associations to show, each with its fields."""
    full: bool = False
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """Field and whether it descends."""
    offset: int = 0
    count: int | None = None
    impossible: bool = False
    """The SQL names a column that is not there."""


class Reading:
    """Parses the query of requests to one resource, as one version does. Raises `Refused` and `Blank`."""

    def __init__(self, resource: Resource, version: Version) -> None:
        self.resource = resource
        self.version = version
        self.fields = resource.shown(version.major)

    def parse(self, request: Request) -> Query:
        fields, lists, full = self.display(request.first("display"))
        dated = request.first("date") == "1"
        conditions, impossible = self._conditions(request, dated)
        order, unsortable = self._order(request.first("sort"), dated)
        offset, count = self._limit(request)
        return Query(fields, lists, full, conditions, order, offset, count, impossible or unsortable)

    def display(self, text: str) -> tuple[tuple[str, ...] | None, dict[str, tuple[str, ...]], bool]:
        """The fields and lists to show, and whether that is everything."""
        everything = {found.name: found.fields for found in self.resource.associations}
        if not text:
            return None, everything, False
        if text == "full":
            return tuple(self.fields), everything, True
        if text == "minimum":
            return ("id",), {}, False
        if not (text.startswith("[") and text.endswith("]")):
            known = ", ".join(self.fields)
            explained = "The 'display' syntax is wrong. You can set 'full' or '[field_1,field_2,field_3,...]'."
            raise Refused(400, (36, f"{explained} These are available: {known}"))
        wanted: set[str] = set()
        lists: dict[str, tuple[str, ...]] = {}
        for name, inner in re.findall(r"\s*([^,\[\]]+)(?:\[([^\]]*)\])?", text[1:-1]):
            members = tuple(part.strip() for part in inner.split(",")) if inner else ()
            found = self.resource.association(name)
            if members and found and all(member in (*found.fields, "id") for member in members):
                lists[name] = members
            elif not members and name in self.fields:
                wanted.add(name)
            else:
                available = ", ".join(self.fields)
                told = f'Unable to display this field "{name}". However, these are available: {available}'
                raise Refused(400, (35, told))
        return tuple(name for name in self.fields if name in wanted), lists, False

    def _conditions(self, request: Request, dated: bool) -> tuple[tuple[Condition, ...], bool]:
        found, impossible = [], False
        for key, values in request.query.items():
            if not (match := re.fullmatch(r"filter\[([^\]]*)\]", key)):
                continue
            name, value = match[1], values[-1]
            field = self._filterable(name, dated)
            if value == "":
                raise Refused(400, (33, f'The filter "{name}" is malformed.'))
            if field is None:
                impossible = True
            else:
                found.append(condition(field, value))
        return tuple(found), impossible

    def _filterable(self, name: str, dated: bool) -> Field | None:
        """None for a column that the version believes in though the table lacks it."""
        if name in _DATES and dated:
            return self.fields.get(name)
        if name in _DATES or name not in self.fields:
            available = ", ".join(other for other in self.fields if other not in _DATES)
            raise Refused(400, (32, f'This filter does not exist "{name}". These are available: {available}'))
        if self.fields[name].dynamic:
            raise Refused(400, (34, f'The filter "{name}" is not usable: the field is dynamic.'))
        return self.fields[name]

    def _order(self, text: str, dated: bool) -> tuple[tuple[tuple[str, bool], ...], bool]:
        order, impossible = [], False
        if not text:
            return (), False
        for part in text.strip("[]").split(","):
            name, _, direction = part.strip().rpartition("_")
            if direction.upper() not in ("ASC", "DESC"):
                explained = "The 'sort' value has to be formed as '[field_ASC]' or '[field_DESC]'."
                raise Refused(400, (37, f"{explained} Given: {part}"))
            if name in _DATES and dated and name not in self.fields:
                impossible = True
                continue
            if name not in self.fields or (name in _DATES and not dated) or self.fields[name].dynamic:
                raise Refused(400, (38, f'Unable to filter by this field "{name}". It does not exist.'))
            order.append((name, direction.upper() == "DESC"))
        return tuple(order), impossible

    def _limit(self, request: Request) -> tuple[int, int | None]:
        text = request.first("limit")
        if not text:
            return 0, None
        parts = text.split(",")
        if len(parts) > 2 or not all(part.strip().lstrip("-").isdigit() for part in parts):
            explained = "The 'limit' value has to be formed as 'offset,count' or 'count'."
            raise Refused(400, (39, explained))
        offset, count = (0, int(parts[0])) if len(parts) == 1 else (int(parts[0]), int(parts[1]))
        if offset < 0 or count < 0:
            if not self.version.survives_sql_errors:
                raise crash()
            return 0, 0
        return offset, count


def condition(field: Field, value: str) -> Condition:
    """One filter's value: `v`, `[v]`, `[a|b]`, `[a,b]`, `>[v]`, `<[v]`, `![a|b]`, `[v]%`, `%[v]`, `%[v]%`."""

    def comparable(text: str) -> Comparable:
        return number(text) if field.kind in NUMBERS else folded(text)

    match = re.fullmatch(r"(.*?)\[(.*)\](.*)", value, re.DOTALL)
    if match is None:
        return Condition(field.name, "in", (comparable(value),))
    before, inner, after = match.groups()
    if "%" in (before, after):
        return Condition(field.name, "like", (folded(before + inner + after),))
    if before == after == "":
        if "|" in inner[1:]:
            return Condition(field.name, "in", tuple(comparable(part) for part in inner.split("|")))
        if ends := _RANGE.fullmatch(inner):
            low, high = sorted((comparable(ends[1]), comparable(ends[2])))
            return Condition(field.name, "between", (low, high))
        return Condition(field.name, "in", (comparable(inner),))
    if before in (">", "<"):
        return Condition(field.name, before, (comparable(inner),))
    if before == "!":
        return Condition(field.name, "not", tuple(comparable(part) for part in inner.split("|")))
    return Condition(field.name, "in", (comparable(value),))

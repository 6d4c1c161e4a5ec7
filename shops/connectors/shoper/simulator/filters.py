"""Filtering and sorting of lists: which rows a query selects, found by index wherever an index can answer."""

import json
import operator
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from shops.connectors.shoper.simulator.errors import Refused, invalid, not_found
from shops.connectors.shoper.simulator.resources import TEXT_FIELDS, Resource, canonical_path
from shops.simulation.tables import Comparable, Table

MISSING = float("-inf")

_OPERATORS = {
    "=": "=", "==": "=", "eq": "=", "!=": "!=", "<>": "!=", "neq": "!=",
    ">": ">", "gt": ">", ">=": ">=", "gte": ">=", "<": "<", "lt": "<", "<=": "<=", "lte": "<=",
    "in": "in", "not in": "not in", "not_in": "not in",
    "like": "like", "~": "like", "not like": "not like", "!~": "not like",
}  # fmt: skip

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True)
class Condition:
    path: str
    operator: str
    value: Any
    """A comparable, a list of them for in / not in, or a compiled pattern for like."""

    def holds(self, values: list[Comparable]) -> bool:
        if self.operator in ("!=", "not in", "not like"):
            positive = {"!=": "=", "not in": "in", "not like": "like"}[self.operator]
            return not Condition(self.path, positive, self.value).holds(values)
        if self.operator == "in":
            return any(value in self.value for value in values)
        if self.operator == "like":
            return any(self.value.fullmatch(str(value)) for value in values)
        test = _TESTS[self.operator]
        return any(test(value, self.value) for value in values)


@dataclass(frozen=True)
class SortKey:
    path: str
    descending: bool


def comparable(path: str, raw: Any) -> Comparable:
    """A wire value as it is compared: ids arrive as "36" or 36 and are one number."""
    if path.rsplit(".", 1)[-1] in TEXT_FIELDS:
        return "" if raw is None else str(raw)
    if raw is None or raw == "":
        return MISSING
    try:
        number = float(raw)
    except (TypeError, ValueError):
        return MISSING
    return int(number) if number.is_integer() else number


def parse_filters(resource: Resource, query: dict[str, list[str]]) -> list[Condition]:
    """The conditions of a request. Raises 404 for a key that the resource does not know, 400 for unreadable JSON."""
    conditions: list[Condition] = []
    if text := query.get("filters", [""])[0]:
        try:
            wanted = json.loads(text)
        except ValueError:
            raise invalid("Filters: invalid JSON") from None
        if not isinstance(wanted, dict):
            if wanted == []:
                return []
            raise invalid("Filters: object expected")
        for key, value in wanted.items():
            conditions += _conditions(resource, key, value)
    for name, values in query.items():
        if found := re.fullmatch(r"filters\[([^\]]+)\](?:\[([^\]]+)\])?", name):
            if not resource.brackets:
                raise Refused(500, "server_error", "Operation Failed")
            value = {found[2]: values[0]} if found[2] else values[0]
            conditions += _conditions(resource, found[1], value)
    return conditions


def _conditions(resource: Resource, key: str, value: Any) -> list[Condition]:
    path = canonical_path(resource, key)
    if path is None:
        raise not_found()
    spelled = value if isinstance(value, dict) else {"=": value}
    return [_condition(path, name, operand) for name, operand in spelled.items()]


def _condition(path: str, name: str, operand: Any) -> Condition:
    operation = _OPERATORS.get(name.strip().lower())
    if operation is None:
        raise invalid(f"Filters: unknown operator '{name}'")
    if operation in ("in", "not in"):
        members = operand if isinstance(operand, list) else [operand]
        return Condition(path, operation, [comparable(path, member) for member in members])
    if operation in ("like", "not like"):
        pattern = ".*".join(re.escape(part) for part in str(operand).split("%"))
        return Condition(path, operation, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    return Condition(path, operation, comparable(path, operand))


def parse_order(resource: Resource, query: dict[str, list[str]]) -> list[SortKey]:
    """The sort keys of a request; a bare field name sorts descending, as Shoper does."""
    keys = []
    for text in [*query.get("order", []), *query.get("order[]", [])]:
        words = text.split()
        if not words:
            continue
        path = canonical_path(resource, words[0])
        if path is None:
            raise invalid(f"Order: unknown field '{words[0]}'")
        keys.append(SortKey(path, len(words) < 2 or words[1].upper() != "ASC"))
    return keys


def select(table: Table, conditions: list[Condition], order: list[SortKey]) -> "array[int]":
    """Ids of the rows that meet all conditions, in the order asked for (ascending id when none is)."""
    if not order:
        order = [SortKey(table.key, False)]
    first = order[0]
    driving, rest = _driving(table, conditions, first)
    if driving is None:
        ids, in_order = table.ids, first.path == table.key
    else:
        ids, in_order = _through_index(table, driving), _keeps_order(table, driving, first)
    if rest:
        ids = array("q", (row for row in ids if all(c.holds(table.values(row, c.path)) for c in rest)))
    if len(order) == 1 and in_order:
        return _reversed(ids) if first.descending else ids
    return _sorted(table, ids, order)


def _driving(table: Table, conditions: list[Condition], first: SortKey) -> tuple[Condition | None, list[Condition]]:
    """The condition whose index narrows most, and the others. Ranges on the sort field also save the sorting."""
    usable = [c for c in conditions if c.operator in ("=", "in") or (c.operator in _TESTS and not _several(c.path))]
    if not usable:
        return None, conditions
    rank = {"=": 0, "in": 1}
    best = min(usable, key=lambda c: rank.get(c.operator, 2 if c.path == first.path else 3))
    return best, [c for c in conditions if c is not best]


def _several(path: str) -> bool:
    """Whether a row may have several values of this field, so that an index lists it more than once."""
    return path.startswith("translations.") or path in ("category_tree_id", "tags", "tag_id", "collections")


def _keeps_order(table: Table, driving: Condition, first: SortKey) -> bool:
    """Whether ids found by an index already stand in the order asked for."""
    if driving.operator in ("=", "in") and first.path == table.key:
        return True
    return driving.path == first.path and driving.operator != "in"


def _through_index(table: Table, condition: Condition) -> "array[int]":
    if condition.path == table.key:
        return _through_ids(table, condition)
    index = table.index(condition.path)
    if condition.operator == "in":
        found = {row for value in condition.value for row in index.of(value)}
        return array("q", sorted(found))
    return index.ids[_range(index.values, condition)]


def _through_ids(table: Table, condition: Condition) -> "array[int]":
    if condition.operator == "in":
        wanted = {value for value in condition.value if isinstance(value, int)}
        return array("q", sorted(value for value in wanted if value in table))
    return table.ids[_range(table.ids, condition)]


def _range(ordered: Any, condition: Condition) -> slice:
    low, high = bisect_left(ordered, condition.value), bisect_right(ordered, condition.value)
    known = 0 if isinstance(condition.value, str) else bisect_right(ordered, MISSING)
    return {
        "=": slice(low, high),
        ">": slice(high, None),
        ">=": slice(low, None),
        "<": slice(known, low),
        "<=": slice(known, high),
    }[condition.operator]


def _sorted(table: Table, ids: "array[int]", order: list[SortKey]) -> "array[int]":
    whole = len(ids) == len(table.ids)
    if len(order) == 1 and whole and not _several(order[0].path):
        ordered = table.index(order[0].path).ids
        return _reversed(ordered) if order[0].descending else ordered
    result: Iterable[int] = ids
    for key in reversed(order):
        if key.path == table.key:
            result = sorted(result, reverse=key.descending)
        else:
            path = key.path
            result = sorted(result, key=lambda row: table.values(row, path)[:1], reverse=key.descending)
    return array("q", result)


def _reversed(ids: "array[int]") -> "array[int]":
    return ids[::-1]

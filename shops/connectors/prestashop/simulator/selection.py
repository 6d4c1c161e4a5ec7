"""Which rows a query selects, and in which order, found by index wherever an index can answer."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from shops.connectors.prestashop.simulator.queries import Condition
from shops.simulation.tables import Comparable, Table

Order = tuple[tuple[str, bool], ...]


def select(table: Table, conditions: tuple[Condition, ...], order: Order) -> Sequence[int]:
    """Ids of the rows that meet every condition. Without an order a text condition leaves them in that text's order."""
    first = next((c for c in conditions if c.operator == "in"), None)
    first = first or next((c for c in conditions if c.operator in ("between", ">", "<")), None)
    ids: Sequence[int] = _found(table, first) if first else table.ids
    rest = [_test(c, table) for c in conditions if c is not first]
    if rest:
        ids = [row_id for row_id in ids if all(test(row_id) for test in rest)]
    return _ordered(table, ids, order, conditions)


def _ordered(table: Table, ids: Sequence[int], order: Order, conditions: tuple[Condition, ...]) -> Sequence[int]:
    if not order:
        texts = [c.path for c in conditions if isinstance(c.values[0], str)]
        return sorted(ids, key=lambda row_id: table.values(row_id, texts[0])[:1]) if texts else ids
    if order[0][0] == "id":
        return ids[::-1] if order[0][1] else ids
    if ids is table.ids and order[0][1] is False and order[1:] in ((), (("id", False),)):
        index = table.index(order[0][0])
        if len(index.ids) == len(ids):
            return index.ids
    found = list(ids)
    for path, descending in reversed(order):
        found.sort(key=_key(table, path), reverse=descending)
    return found


def _key(table: Table, path: str) -> Callable[[int], Any]:
    return lambda row_id: table.values(row_id, path)[:1]


def _found(table: Table, condition: Condition) -> Sequence[int]:
    """The ids that one condition selects, ascending, by index."""
    by_id = condition.path == "id"
    if condition.operator == "in":
        if by_id:
            wanted = sorted({int(value) for value in condition.values if float(value).is_integer()})
            return [row_id for row_id in wanted if row_id in table]
        index = table.index(condition.path)
        return sorted({row_id for value in condition.values for row_id in index.of(value)})
    values: Sequence[Comparable] = table.ids if by_id else table.index(condition.path).values
    ids: array[int] = table.ids if by_id else table.index(condition.path).ids
    value = condition.values[0]
    if condition.operator == ">":
        return _distinct(ids[bisect_right(values, value) :], by_id)
    if condition.operator == "<":
        return _distinct(ids[: bisect_left(values, value)], by_id)
    return _distinct(ids[bisect_left(values, value) : bisect_right(values, condition.values[1])], by_id)


def _distinct(ids: "array[int]", by_id: bool) -> Sequence[int]:
    return ids if by_id else sorted(set(ids))


def _test(condition: Condition, table: Table) -> Callable[[int], bool]:
    path, values = condition.path, condition.values
    if condition.operator == "like":
        pattern = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in str(values[0]))
        found = re.compile(pattern, re.DOTALL)
        return lambda row_id: any(found.fullmatch(_text(value)) for value in table.values(row_id, path))
    tests: dict[str, Callable[[Any], bool]] = {
        "in": lambda value: value in values,
        "not": lambda value: value not in values,
        ">": lambda value: value > values[0],
        "<": lambda value: value < values[0],
        "between": lambda value: values[0] <= value <= values[1],
    }
    holds = tests[condition.operator]
    return lambda row_id: any(holds(value) for value in table.values(row_id, path))


def _text(value: Comparable) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

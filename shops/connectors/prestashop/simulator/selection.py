"""Which rows a query selects, and in which order, found by index wherever an index can answer."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from shops.connectors.prestashop.simulator.queries import Condition
from shops.simulation.tables import Comparable, Table

Order = tuple[tuple[str, bool], ...]
BY_ID: Order = (("id", False),)


def select(table: Table, conditions: tuple[Condition, ...], order: Order, stop: int | None = None) -> Sequence[int]:
    """Ids of the rows that meet every condition. Without an order a text condition leaves them in that text's order.

    Ascending ids may end after `stop` of them: nobody asks for more.
    """
    sizes = [(_size(table, c), place) for place, c in enumerate(conditions)]
    size, place = min(sizes, default=(len(table), -1))
    first = conditions[place] if size < len(table) else None
    ids: Sequence[int] = _found(table, first) if first else table.ids
    tests = [_test(c, table) for c in conditions if c is not first]
    if tests:
        meeting = (row_id for row_id in ids if all(test(row_id) for test in tests))
        ids = list(islice(meeting, stop if order == BY_ID else None))
    return _ordered(table, ids, order, conditions)


def _size(table: Table, condition: Condition) -> int:
    """How many rows one condition leaves, as far as an index tells without looking at rows."""
    if condition.operator in ("not", "like"):
        return len(table)
    if condition.path == "id":
        return len(condition.values) if condition.operator == "in" else len(_by_id(table, condition))
    index = table.index(condition.path)
    if condition.operator == "in":
        return sum(index.count(value) for value in condition.values)
    low, high = _bounds(index.values, condition)
    return high - low


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
    if by_id:
        return _by_id(table, condition)
    index = table.index(condition.path)
    low, high = _bounds(index.values, condition)
    return sorted(set(index.ids[low:high]))


def _by_id(table: Table, condition: Condition) -> "array[int]":
    low, high = _bounds(table.ids, condition)
    return table.ids[low:high]


def _bounds(values: Sequence[Comparable], condition: Condition) -> tuple[int, int]:
    """Where the values of a range begin and end."""
    value = condition.values[0]
    if condition.operator == ">":
        return bisect_right(values, value), len(values)
    if condition.operator == "<":
        return 0, bisect_left(values, value)
    return bisect_left(values, value), bisect_right(values, condition.values[1])


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

"""Rows of one resource, kept compactly: written rows as dictionaries, generated ones made when they are asked for."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

Row = dict[str, Any]
Comparable = str | float
"""What rows are compared by: text, or a number (missing numbers are minus infinity, so they sort first)."""


class Source(Protocol):
    """Rows that are computed from their id, so that a hundred thousand of them need no memory."""

    def has(self, row_id: int) -> bool: ...
    def make(self, row_id: int) -> Row: ...
    def ids(self) -> "array[int]": ...


class Index:
    """Ids in the order of one field. Fields with several values (categories) list an id once per value."""

    def __init__(self, pairs: Iterable[tuple[Comparable, int]]) -> None:
        ordered = sorted(pairs)
        self.values = [value for value, _ in ordered]
        self.ids = array("q", (row_id for _, row_id in ordered))

    def add(self, value: Comparable, row_id: int) -> None:
        place = self._place(value, row_id)
        self.values.insert(place, value)
        self.ids.insert(place, row_id)

    def discard(self, value: Comparable, row_id: int) -> None:
        place = self._place(value, row_id)
        if place < len(self.ids) and self.ids[place] == row_id and self.values[place] == value:
            del self.values[place]
            del self.ids[place]

    def _place(self, value: Comparable, row_id: int) -> int:
        low, high = bisect_left(self.values, value), bisect_right(self.values, value)
        return bisect_left(self.ids, row_id, low, high)

    def bounds(self, value: Comparable) -> tuple[int, int]:
        """Where the ids of one value begin and end."""
        return bisect_left(self.values, value), bisect_right(self.values, value)

    def of(self, value: Comparable) -> "array[int]":
        """The ids of one value, ascending."""
        return self.ids[slice(*self.bounds(value))]

    def count(self, value: Comparable) -> int:
        low, high = self.bounds(value)
        return high - low


class Table:
    """All rows of one resource by id, in ascending order, with indexes built for the fields that are asked for."""

    def __init__(
        self, name: str, key: str, values: Callable[[str, int, str], list[Comparable]], source: Source | None = None
    ) -> None:
        self.name = name
        self.key = key
        self.source = source
        self.rows: dict[int, Row] = {}
        self.ids: array[int] = source.ids() if source else array("q")
        self.deleted: set[int] = set()
        self.next_id = (self.ids[-1] if self.ids else 0) + 1
        self.version = 0
        self.indexes: dict[str, Index] = {}
        self._values = values

    def __contains__(self, row_id: int | None) -> bool:
        if row_id is None or row_id in self.rows:
            return row_id is not None
        return self.source is not None and row_id not in self.deleted and self.source.has(row_id)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids)

    def get(self, row_id: int) -> Row:
        """The row as it stands, for reading only. Raises `KeyError`."""
        row = self.rows.get(row_id)
        if row is not None:
            return row
        if row_id not in self:
            raise KeyError(row_id)
        assert self.source is not None
        return self.source.make(row_id)

    def insert(self, row: Row, row_id: int | None = None) -> int:
        """Adds the row under the given id, or the next free one, and returns the id. The key field is set as text."""
        if row_id is None:
            row_id = self.next_id
        self.next_id = max(self.next_id, row_id + 1)
        row = {self.key: str(row_id), **row}
        row[self.key] = str(row_id)
        if row_id not in self:
            self.ids.insert(bisect_left(self.ids, row_id), row_id)
            self.deleted.discard(row_id)
        self.rows[row_id] = row
        self._index(row_id)
        self.version += 1
        return row_id

    def remove(self, row_id: int) -> None:
        """Deletes the row. Raises `KeyError` when there is none."""
        if row_id not in self:
            raise KeyError(row_id)
        self._unindex(row_id)
        self.rows.pop(row_id, None)
        self.deleted.add(row_id)
        del self.ids[bisect_left(self.ids, row_id)]
        self.version += 1

    @contextmanager
    def editing(self, row_id: int) -> Iterator[Row]:
        """The row for changing; indexes follow when the block ends. Raises `KeyError`."""
        row = self.get(row_id)
        self.rows[row_id] = row
        with self.reindexing(row_id):
            yield row

    @contextmanager
    def reindexing(self, row_id: int) -> Iterator[None]:
        """Keeps the indexes right while something that the values of this row depend on is changed."""
        before = {path: self.values(row_id, path) for path in self.indexes}
        try:
            yield
        finally:
            self._move(row_id, before)
            self.version += 1

    def index(self, path: str) -> Index:
        """The index of a field, built on first use."""
        if path not in self.indexes:
            self.indexes[path] = Index((value, row_id) for row_id in self.ids for value in self.values(row_id, path))
        return self.indexes[path]

    def values(self, row_id: int, path: str) -> list[Comparable]:
        return self._values(self.name, row_id, path)

    def _move(self, row_id: int, before: dict[str, list[Comparable]]) -> None:
        """Only where a value has changed: an index of a hundred thousand rows is long to shift."""
        for path in list(self.indexes):
            if path not in before:
                del self.indexes[path]
                continue
            after = self.values(row_id, path)
            if after != before[path]:
                for value in before[path]:
                    self.indexes[path].discard(value, row_id)
                for value in after:
                    self.indexes[path].add(value, row_id)

    def _index(self, row_id: int) -> None:
        for path, index in self.indexes.items():
            for value in self.values(row_id, path):
                index.add(value, row_id)

    def _unindex(self, row_id: int) -> None:
        for path, index in self.indexes.items():
            for value in self.values(row_id, path):
                index.discard(value, row_id)

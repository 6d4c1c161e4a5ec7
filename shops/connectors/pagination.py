"""Where a fetch stands, as an opaque cursor, and small walkers over pages. Pure.

A *keyset* goes on "after the last id seen" and loses nothing while rows are deleted or added behind it. *Numbered*
pages are the way back for shops and resources that do not filter by id. *Overlapping* pages make a keyset of a list
that sorts by id but knows only offsets.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the next page of a list begins."""

    after: int = 0
    """Keyset: the greatest id seen so far."""
    seen: int = 0
    """Rows received so far."""
    numbered: bool = False
    """The list does not filter by id: go on by page numbers."""
    total: int | None = None
    """Rows of the whole list as the first page said."""

    def encode(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def decode(cls, cursor: str | None) -> "Place":
        return cls(**json.loads(cursor)) if cursor else cls()

    def page(self, size: int) -> int:
        """1-based number of the page that begins where the rows seen so far end."""
        return self.seen // size + 1

    def moved(self, ids: Sequence[int | None], total: int | None) -> "Place":
        """After a page with these ids (None: unreadable)."""
        known = [one for one in ids if one is not None]
        return replace(
            self,
            after=max([self.after, *known]),
            seen=self.seen + len(ids),
            total=self.total if self.total is not None else total,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of one page as they came, and where the next begins (None: this was the last)."""

    rows: tuple[Mapping[str, Any], ...]
    next: Place | None = None
    total: int | None = None


def keyset_held(ids: Sequence[int | None], after: int) -> bool:
    """Whether a page obeyed "greater than `after`, ascending": then going on after its last id loses nothing."""
    known = [one for one in ids if one is not None]
    if len(known) < len(ids) and (not known or ids[-1] is None):
        return False
    return all(one > after for one in known) and known == sorted(known)


OVERLAP = 2
"""Rows of the page before that the next one begins with: so many less one may be deleted before them unnoticed."""
_STEP_BACK = 10
_MOST_STEPS = 60
"""Far more than a list ever takes; nothing is read for ever."""


class OutOfOrder(Exception):
    """The rows do not come in ascending order of their ids."""


class NotMoving(Exception):
    """The list gives the same rows at every offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Rows from some offset on, as they came, with their ids (None: unreadable) and the length of the whole list."""

    rows: tuple[Mapping[str, Any], ...]
    ids: tuple[int | None, ...]
    total: int | None = None


def overlapping(read: Callable[[int], Window], place: Place, size: int) -> Batch:
    """The page after `place` of a list that is sorted by id and knows only offsets (`read` takes one).

    The page begins with rows that are known already: they prove that nothing between was skipped. When its first row is
    an unknown one, rows before it were deleted, and the page is read again from further back until the proof is there.
    Raises OutOfOrder, NotMoving.
    """
    offset, back = max(place.seen - OVERLAP, 0), _STEP_BACK
    last: tuple[int | None, ...] = ()
    for _ in range(_MOST_STEPS):
        window = read(offset)
        if window.ids and window.ids == last:
            raise NotMoving
        last = window.ids
        known = [one for one in window.ids if one is not None]
        if known != sorted(known):
            raise OutOfOrder
        if offset and (not known or known[0] > place.after):
            offset, back = max(offset - back, 0), back * 4
            continue
        rows = tuple(row for row, one in zip(window.rows, window.ids, strict=True) if one is None or one > place.after)
        end = offset + len(window.rows)
        more = len(window.rows) == size or (bool(rows) and window.total is not None and end < window.total)
        if more and not rows:
            offset = end - OVERLAP
            continue
        total = place.total if place.total is not None else window.total
        after = max([place.after, *known])
        following = replace(place, after=after, seen=end, total=total) if more else None
        return Batch(rows=rows, next=following, total=total)
    raise NotMoving


def walk(read: Callable[[Place], Batch]) -> Iterator[Mapping[str, Any]]:
    """All rows of a list small enough to be held at once."""
    place: Place | None = Place()
    while place is not None:
        batch = read(place)
        yield from batch.rows
        place = batch.next


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]

"""Where a fetch stands, as an opaque cursor, and small walkers over pages. Pure.

A *keyset* goes on "after the last id seen" and loses nothing while rows are deleted or added behind it. *Numbered*
pages are the way back for shops and resources that do not filter by id.
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

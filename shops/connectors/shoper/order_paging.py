"""Where a fetch of orders stands, and how it goes on. Pure.

Shoper tells what moved by `status_date` alone, a naive local second that many orders may share: somebody who moves two
hundred orders in the panel does it within one. So a page goes on *from* the last moment that was seen whole, and a
moment of more orders than fit on a page is walked through by their ids. Nothing is skipped when orders move meanwhile:
they move to the end of the list.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from shops.connectors.pagination import keyset_held
from shops.connectors.shoper.rest import Row, row_id

MOMENT = "%Y-%m-%d %H:%M:%S"


class Walk(StrEnum):
    CHANGED = "changed"
    """By the date of the state, which a new order has too."""
    MOMENT = "moment"
    """All of one second, by id."""
    LATE = "late"
    """Placed since, though the date of their state says nothing of it: none, in a shop as it is known."""
    PLACED = "placed"
    """By the day they were placed alone: the shop does not filter by the date of the state."""


def shop_text(since: datetime, zone: ZoneInfo) -> str:
    """The moment as the shop writes it. Within the hour before clocks go back, an hour earlier: later orders will carry
    earlier texts than it."""
    local = since.astimezone(zone)
    before, after = local.utcoffset(), (since + timedelta(hours=1)).astimezone(zone).utcoffset()
    if before is not None and after is not None and after < before:
        local -= before - after
    return local.strftime(MOMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Opaque outside: where the next page begins."""

    walk: Walk = Walk.CHANGED
    since: str
    """Where the whole fetch began, in the shop's time."""
    at: str = ""
    """The moment from which, or within which, the next page is."""
    after: int = 0
    """The greatest id seen, where the walk is by ids."""
    beyond: bool = False
    """Only what is later than `at`: that moment is done."""
    late: bool = False
    """Something is left for LATE at the end."""

    @classmethod
    def first(cls, since: str) -> "Spot":
        return cls(since=since, at=since)

    def encode(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def decode(cls, cursor: str) -> "Spot":
        given = json.loads(cursor)
        return cls(**{**given, "walk": Walk(given["walk"])})

    def filters(self) -> dict[str, Any]:
        if self.walk is Walk.CHANGED:
            return {"status_date": {">" if self.beyond else ">=": self.at}}
        if self.walk is Walk.MOMENT:
            return {"status_date": self.at, "order_id": {">": self.after}}
        placed: dict[str, Any] = {"date": {">=": self.since}, "order_id": {">": self.after}}
        return placed if self.walk is Walk.PLACED else {**placed, "status_date": {"<": self.since}}

    def order(self) -> str:
        return "status_date ASC" if self.walk is Walk.CHANGED else "order_id ASC"


def go_on(spot: Spot, rows: Sequence[Row], more: bool) -> tuple[Sequence[Row], Spot | None]:
    """Which rows of this page count, and where the next begins. `more`: the list has further pages.

    Raises Rejected for rows that the shop neither filtered nor sorted as it was asked to: going on after them would
    skip orders.
    """
    if spot.walk is Walk.CHANGED:
        return _by_moment(spot, rows, more)
    ids = [row_id(row, "order_id") for row in rows]
    if not keyset_held(ids, spot.after):
        raise _unsorted(spot)
    if more:
        return rows, replace(spot, after=max([spot.after, *(one for one in ids if one is not None)]))
    if spot.walk is Walk.MOMENT:
        return rows, replace(spot, walk=Walk.CHANGED, after=0, beyond=True)
    return rows, None


def _by_moment(spot: Spot, rows: Sequence[Row], more: bool) -> tuple[Sequence[Row], Spot | None]:
    moments = _moments(spot, rows)
    if not more:
        return rows, _finish(spot)
    last = moments[-1]
    if moments[0] == last:
        return (), replace(spot, walk=Walk.MOMENT, at=last, after=0, beyond=False)
    whole = [row for row, moment in zip(rows, moments, strict=True) if moment < last]
    return whole, replace(spot, at=last, beyond=False)


def _finish(spot: Spot) -> Spot | None:
    return replace(spot, walk=Walk.LATE, after=0, beyond=False) if spot.late else None


def _moments(spot: Spot, rows: Sequence[Row]) -> list[str]:
    """The date of each row's state; one that cannot be read stands with the row before it."""
    found: list[str] = []
    for row in rows:
        value = row.get("status_date") if isinstance(row, Mapping) else None
        moment = value if isinstance(value, str) and value[:2].isdigit() else (found[-1] if found else spot.at)
        if moment < (found[-1] if found else spot.at):
            raise _unsorted(spot)
        found.append(moment)
    return found


def _unsorted(spot: Spot) -> Rejected:
    return Rejected(Code.UNEXPECTED_ANSWER, status=200, path="orders", excerpt=f"{spot.filters()} {spot.order()}")

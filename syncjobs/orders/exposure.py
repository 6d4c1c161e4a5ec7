"""How long a piece that was bought in one shop is still on offer in the client's others. Pure.

Nothing but a lock at the checkout could make that time nothing: an order has to be noticed, and the other shops have to
be told. What is left is known, measured, and covered by a buffer of as many pieces as are bought in it.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from integrator.canonical.records import Key

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """What was measured of one leg of the way."""

    count: int
    usual: timedelta
    """Half of them took no longer."""
    most: timedelta


def spans(found: Iterable[timedelta]) -> Spans | None:
    """None when nothing was measured. Clocks that disagree make no time negative."""
    seconds = [max(one.total_seconds(), 0.0) for one in found]
    if not seconds:
        return None
    return Spans(count=len(seconds), usual=timedelta(seconds=median(seconds)), most=timedelta(seconds=max(seconds)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """From the moment a buyer orders in one shop until every other shop whose stock follows shows less."""

    interval: timedelta
    """Orders are looked for as often; webhooks only make it sooner."""
    noticed: Spans | None = None
    """From an order being placed until it was seen."""
    written: Spans | None = None
    """From then until the other shops' stock was written."""

    @property
    def by_settings(self) -> timedelta:
        """What the interval allows, with writing as it was measured."""
        return self.interval + (self.written.usual if self.written is not None else timedelta(0))

    @property
    def usual(self) -> timedelta:
        """As measured; by the settings while there is nothing to go by."""
        if self.noticed is None or self.written is None:
            return self.by_settings
        return self.noticed.usual + self.written.usual

    @property
    def most(self) -> timedelta | None:
        """The slowest of both legs together, None while one was not measured."""
        if self.noticed is None or self.written is None:
            return None
        return self.noticed.most + self.written.most

    @property
    def window(self) -> timedelta:
        """The time that a buffer has to cover."""
        return max(self.by_settings, self.most or timedelta(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    product: Key
    at: datetime
    pieces: Decimal
    """Sale units, as buffers are kept."""


def most_bought(purchases: Iterable[Purchase], window: timedelta) -> Decimal:
    """Pieces of one product that were bought within one window at most: a buffer of as many in the other shops would
    have covered all of them."""
    most = ZERO
    recent: dict[Key, deque[Purchase]] = {}
    held: dict[Key, Decimal] = {}
    for one in sorted(purchases, key=lambda purchase: purchase.at):
        own = recent.setdefault(one.product, deque())
        own.append(one)
        held[one.product] = held.get(one.product, ZERO) + one.pieces
        while own[0].at < one.at - window:
            held[one.product] -= own.popleft().pieces
        most = max(most, held[one.product])
    return most

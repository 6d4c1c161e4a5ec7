"""What is promised to buyers and not yet seen in the ERP's stock. Pure.

A promise begins when an order is seen, on whichever shop, and is taken off on every other shop at once. It shrinks as
WAPRO reserves or issues the goods, and ends with the whole quantity or with the cancellation. Without it the hour
between an order and its reservation would sell the same piece twice. What is left to offer is `engine.offer`'s word.

The stock is a picture of one moment, and what WAPRO holds of an order is read at others. A quantity is covered only as
far as that picture must show it; where that is not certain, it counts as open: selling too little is mended by the next
picture, selling twice is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from integrator.canonical.records import Key

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What WAPRO held of a promise when it was asked, in stock units."""

    at: datetime
    reserved: Decimal = ZERO
    issued: Decimal = ZERO

    def covers(self, *, counts_reserved: bool) -> Decimal:
        return self.issued + (self.reserved if counts_reserved else ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Goods of one order, in stock units."""

    product: Key
    """The ERP's key of the product."""
    quantity: Decimal
    readings: tuple[Reading, ...] = ()
    """What WAPRO held of it, oldest first; equal ones in a row are one, told by the first."""
    ended_at: datetime | None = None
    """A stock read from then on shows all that there is to show."""
    let_go: bool = False
    """The order is over or cancelled: only what was issued of it has left, and the rest comes back."""

    def open(self, as_of: datetime | None, *, counts_reserved: bool) -> Decimal:
        """What a stock read at `as_of` (None: none was read) does not show yet. `counts_reserved`: whether the stock
        formula takes reservations off; without it only issued goods are covered."""
        if self.ended_at is not None and (as_of is None or as_of >= self.ended_at):
            return ZERO
        if self.let_go:
            wanted, counts_reserved = (self.readings[-1].issued if self.readings else ZERO), False
        else:
            wanted = self.quantity
        return max(wanted - self._shown(as_of, counts_reserved=counts_reserved), ZERO)

    def _shown(self, as_of: datetime | None, *, counts_reserved: bool) -> Decimal:
        """The least that a stock read at `as_of` can show: what was held when it was last asked before, or less where a
        later answer was less (somebody took the order back in between, perhaps before the stock was read)."""
        before = [one for one in self.readings if as_of is not None and one.at <= as_of]
        if not before:
            return ZERO
        certain = [before[-1], *self.readings[len(before) :]]
        return min(one.covers(counts_reserved=counts_reserved) for one in certain)


def read_anew(readings: tuple[Reading, ...], found: Reading, keep: int = 4) -> tuple[Reading, ...]:
    """The readings with a new one. One that says what the last said adds nothing. Only the last `keep` are kept: a
    stock older than these counts as showing nothing."""
    last = readings[-1] if readings else None
    if last is not None and (last.reserved, last.issued) == (found.reserved, found.issued):
        return readings
    return (*readings, found)[-keep:]


def promised(
    promises: Iterable[Promise], as_of: datetime | None = None, *, counts_reserved: bool = True
) -> dict[Key, Decimal]:
    """Quantity still open by product."""
    found: dict[Key, Decimal] = {}
    for promise in promises:
        left = promise.open(as_of, counts_reserved=counts_reserved)
        if left:
            found[promise.product] = found.get(promise.product, ZERO) + left
    return found

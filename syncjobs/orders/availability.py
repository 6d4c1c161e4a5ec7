"""What is promised to buyers and not yet seen in the ERP's stock. Pure.

A promise begins when an order is seen, on whichever shop, and is taken off on every other shop at once. It shrinks as
WAPRO reserves or issues the goods, and ends with the whole quantity or with the cancellation. Without it the hour
between an order and its reservation would sell the same piece twice. What is left to offer is `engine.offer`'s word.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from integrator.canonical.records import Key

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Goods of one order, in stock units."""

    product: Key
    """The ERP's key of the product."""
    quantity: Decimal
    reserved: Decimal = ZERO
    issued: Decimal = ZERO
    """What WAPRO reserved and issued of it, as last read back."""
    covered_at: datetime | None = None
    """When that was read."""

    def open(self, as_of: datetime | None, *, counts_reserved: bool) -> Decimal:
        """What a stock read at `as_of` does not show yet. `counts_reserved`: whether the stock formula takes
        reservations off; without it only issued goods are covered."""
        if as_of is None or self.covered_at is None or self.covered_at > as_of:
            return self.quantity
        covered = self.issued + (self.reserved if counts_reserved else ZERO)
        return max(self.quantity - covered, ZERO)


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

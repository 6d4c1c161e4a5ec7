"""What may still be sold: the ERP's stock, less what was promised and is not yet reserved or issued there. Pure.

A promise begins when an order is seen, on whichever shop, and is taken off on every other shop at once. It shrinks as
WAPRO reserves or issues the goods, and ends with the whole quantity or with the cancellation. Without it the hour
between an order and its reservation would sell the same piece twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from integrator.canonical.records import Key

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Goods of one order line, in stock units."""

    product: Key
    """The ERP's key of the product."""
    quantity: Decimal
    covered: Decimal = ZERO
    """Reserved or issued in WAPRO so far, as it was read back and as it shows in the stock that is known."""
    ended: bool = False

    @property
    def open(self) -> Decimal:
        return ZERO if self.ended else max(self.quantity - self.covered, ZERO)


def promised(promises: Iterable[Promise]) -> dict[Key, Decimal]:
    """Quantity still open by product."""
    found: dict[Key, Decimal] = {}
    for promise in promises:
        if promise.open:
            found[promise.product] = found.get(promise.product, ZERO) + promise.open
    return found


def available(stock: Decimal, product: Key, open_promises: Mapping[Key, Decimal]) -> Decimal:
    """Of a quantity by the stock formula, what is left to offer; never below zero. In stock units."""
    return max(stock - open_promises.get(product, ZERO), ZERO)

"""How WooCommerce reckons an order. Pure; money is Decimal with more digits than are shown, as the shop keeps it.

Taxes of a line are kept unrounded. Their sum is rounded per line, or, where the shop rounds at the subtotal, once for
the whole order. Coupons are spread over the lines in whole cents, before tax is taken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Literal

CENT = Decimal("0.01")
_KEPT = Decimal("0.00000001")
"""Six places of a cent."""
Rates = Mapping[int, Decimal]
"""Percent by the id of a rate; several of them are taxes beside each other."""


@dataclass(frozen=True)
class Rules:
    inclusive: bool
    """Prices are entered with tax."""
    at_subtotal: bool
    """Tax is rounded for the whole order, not per line."""


@dataclass(frozen=True)
class Coupon:
    code: str
    kind: Literal["percent", "fixed_cart"]
    amount: Decimal


@dataclass(frozen=True)
class Part:
    """Net, its taxes by rate unrounded, and their sum as the line keeps it."""

    net: Decimal
    taxes: Mapping[int, Decimal]
    tax: Decimal


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def part(rules: Rules, amount: Decimal, rates: Rates, *, inclusive: bool) -> Part:
    """An amount as it is entered, with tax or without."""
    if inclusive:
        whole = 1 + sum(rates.values(), Decimal(0)) / 100
        taxes = {one: (amount / whole * percent / 100).quantize(_KEPT) for one, percent in rates.items()}
        return Part(amount - sum(taxes.values(), Decimal(0)), taxes, rounded(rules, taxes.values()))
    taxes = {one: (amount * percent / 100).quantize(_KEPT) for one, percent in rates.items()}
    return Part(amount, taxes, rounded(rules, taxes.values()))


def rounded(rules: Rules, taxes: Iterable[Decimal]) -> Decimal:
    """Half a cent of tax goes down where prices hold the tax, else up: either way net and tax give the price."""
    if rules.at_subtotal:
        return sum(taxes, Decimal(0))
    mode = ROUND_HALF_DOWN if rules.inclusive else ROUND_HALF_UP
    return sum((one.quantize(CENT, mode) for one in taxes), Decimal(0))


def discounts(coupon: Coupon | None, amounts: Sequence[tuple[Decimal, int]]) -> list[Decimal]:
    """What a coupon takes off each line of (amount, pieces)."""
    prices = [int(cents(amount) * 100) for amount, _ in amounts]
    if coupon is None:
        return [Decimal(0)] * len(amounts)
    if coupon.kind == "percent":
        wanted = int((sum(prices) * coupon.amount / 100).quantize(Decimal(1), ROUND_HALF_UP))
        taken = [int((price * coupon.amount / 100).quantize(Decimal(1), ROUND_FLOOR)) for price in prices]
    else:
        wanted = min(int(coupon.amount * 100), sum(prices))
        share = wanted // (sum(pieces for _, pieces in amounts) or 1)
        taken = [min(price, share * pieces) for price, (_, pieces) in zip(prices, amounts, strict=True)]
    while (missing := wanted - sum(taken)) > 0:
        given = _remainder(missing, [price - off for price, off in zip(prices, taken, strict=True)], amounts)
        if not any(given):
            break
        taken = [off + more for off, more in zip(taken, given, strict=True)]
    return [Decimal(off) / 100 for off in taken]


def _remainder(missing: int, left: Sequence[int], amounts: Sequence[tuple[Decimal, int]]) -> list[int]:
    """One cent a piece, line after line, until nothing is missing."""
    found = []
    for price, (_, pieces) in zip(left, amounts, strict=True):
        given = min(price, pieces, missing)
        missing -= given
        found.append(given)
    return found


def split(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """A negative fee over the tax classes of the cart, by what they cost."""
    whole = sum(weights.values(), Decimal(0))
    return {name: amount * weight / whole for name, weight in weights.items()} if whole else {}


def total(rules: Rules, lines: Sequence[Part], others: Sequence[Part]) -> Decimal:
    """What the buyer pays. Lines are rounded one by one unless tax is rounded at the subtotal."""
    nets = [one.net if rules.at_subtotal else cents(one.net) for one in lines]
    return cents(sum(nets, Decimal(0)) + sum((one.net for one in others), Decimal(0)) + taxes([*lines, *others]))


def taxes(parts: Iterable[Part]) -> Decimal:
    return sum((one.tax for one in parts), Decimal(0))

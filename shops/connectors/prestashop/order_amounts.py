"""Amounts of an order as PrestaShop reckons them. Pure.

Unit prices have six decimals; an order knows whether each piece (1), each line (2) or only the total (3) was rounded,
and how. Net and gross are rounded apart from each other, so neither is computed from the other here. Vouchers lower no
line: they are one sum, net and gross, which is given back per VAT rate as the goods it was taken off.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Decimal,
)
from typing import Any

from integrator.canonical import coerce
from integrator.canonical.records import plain_number
from integrator.canonical.rounding import to_places

Row = Mapping[str, Any]
ZERO = Decimal(0)
GROSZ = Decimal("0.01")
ITEM, LINE, TOTAL = 1, 2, 3
_MODES = {0: ROUND_CEILING, 1: ROUND_FLOOR, 2: ROUND_HALF_UP, 3: ROUND_HALF_DOWN, 4: ROUND_HALF_EVEN}
_STORED = Decimal("0.0000015")
"""How far a gross unit price may be from its net one with the tax: both were cut to six decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An amount at one VAT rate. `percent` None: the shop does not tell."""

    money: Money
    percent: Decimal | None
    tax: str = ""


def rate_name(percent: Decimal | None, code: str = "") -> str:
    """`23%`; of what is not taxed the code of why (`zw`, `np`, `oo`), else `0%`."""
    if percent is None:
        return ""
    return code if not percent and code.isalpha() else f"{plain_number(percent)}%"


def percent_of(net: Decimal, gross: Decimal) -> Decimal | None:
    """The VAT rate between two prices of six decimals; None where it is not certain. Rates have at most one decimal."""
    if net <= Decimal("0.01") or gross < net:
        return None
    found = to_places((gross - net) * 100 / net, 1)
    return found.normalize() + 0 if abs(net * (100 + found) / 100 - gross) <= _STORED else None


def rounded(value: Decimal, mode: int) -> Decimal:
    """To the grosz in one of PrestaShop's modes: up, down, half up, half down, half to even, half to odd."""
    if mode == 5:
        down, up = value.quantize(GROSZ, ROUND_HALF_DOWN), value.quantize(GROSZ, ROUND_HALF_UP)
        return up if int(up / GROSZ) % 2 else down
    return value.quantize(GROSZ, _MODES.get(mode, ROUND_HALF_UP))


def totals(raw: Row, name: str) -> Money:
    """`total_<name>` of an order, to the grosz."""
    return Money(
        net=to_places(coerce.decimal(raw, f"total_{name}_tax_excl", ZERO), 2),
        gross=to_places(coerce.decimal(raw, f"total_{name}_tax_incl", ZERO), 2),
    )


def goods(raw: Row) -> Money:
    return Money(
        net=to_places(coerce.decimal(raw, "total_products"), 2),
        gross=to_places(coerce.decimal(raw, "total_products_wt"), 2),
    )


def exact(raw: Row, row: Row) -> Money:
    """A line by the order's own way of rounding, before lines are settled against the total."""
    kind, mode = int(coerce.decimal(raw, "round_type", ZERO)), int(coerce.decimal(raw, "round_mode", Decimal(2)))
    quantity = coerce.decimal(row, "product_quantity")

    def one(name: str) -> Decimal:
        unit = coerce.decimal(row, name)
        if kind == ITEM:
            return rounded(unit, mode) * quantity
        return unit * quantity if kind == TOTAL else rounded(unit * quantity, mode)

    return Money(net=one("unit_price_tax_excl"), gross=one("unit_price_tax_incl"))


def detailed(detail: Row) -> Money:
    """A line as the shop keeps it itself."""
    return Money(
        net=coerce.decimal(detail, "total_price_tax_excl"),
        gross=coerce.decimal(detail, "total_price_tax_incl"),
    )


def add_up(lines: Sequence[Money], whole: Money) -> bool:
    """Whether lines, rounded as one sum, are the goods' total. A grosz of leeway per sum that is not rounded itself."""
    near = GROSZ
    return (
        abs(sum((one.gross for one in lines), ZERO) - whole.gross) < near
        and abs(sum((one.net for one in lines), ZERO) - whole.net) < near
    )


def settled(lines: Sequence[Money], whole: Money) -> list[Money]:
    """Lines to the grosz whose sums are the goods' total, where they add up to it at all."""
    if not add_up(lines, whole):
        return [Money(net=to_places(one.net, 2), gross=to_places(one.gross, 2)) for one in lines]
    net = shares(whole.net, [one.net for one in lines])
    gross = shares(whole.gross, [one.gross for one in lines])
    return [Money(net=a, gross=b) for a, b in zip(net, gross, strict=True)]


def shares(whole: Decimal, exact_parts: Sequence[Decimal]) -> list[Decimal]:
    """The parts to the grosz so that they add up to `whole`: each is rounded down, the missing groszes go to the
    largest remainders."""
    parts = [one.quantize(GROSZ, ROUND_FLOOR) for one in exact_parts]
    missing = int((whole - sum(parts, ZERO)) / GROSZ)
    order = sorted(range(len(parts)), key=lambda i: exact_parts[i] - parts[i], reverse=True)
    step = GROSZ if missing > 0 else -GROSZ
    order = order if missing > 0 else order[::-1]
    for turn in range(abs(missing) if parts else 0):
        parts[order[turn % len(parts)]] += step
    return parts


def fits(money: Money, percent: Decimal, leeway: Decimal = Decimal("0.011")) -> bool:
    """Whether net and gross, both to the grosz, can be of this rate."""
    return abs(money.net * (100 + percent) / 100 - money.gross) <= leeway


def only_rate(money: Money, rates: Iterable[Decimal]) -> Decimal | None:
    """The one rate that two rounded amounts can be of; None where none or several can."""
    found = [rate for rate in set(rates) if fits(money, rate)]
    return found[0] if len(found) == 1 else None


def by_rates(off: Money, lines: Sequence[Part]) -> list[Part]:
    """A sum that was taken off the goods, divided by VAT rate.

    In proportion to the goods where that gives the shop's own net sum; else it was taken off some goods alone: off one
    rate, or two, as net and gross say. What cannot be told stays one part without a rate.
    """
    if not off.gross and not off.net:
        return []
    rates: dict[str, Part] = {}
    for one in lines:
        before = rates[one.tax].money if one.tax in rates else Money(net=ZERO, gross=ZERO)
        money = Money(net=before.net + one.money.net, gross=before.gross + one.money.gross)
        rates[one.tax] = Part(money=money, percent=one.percent, tax=one.tax)
    rates = {tax: one for tax, one in rates.items() if one.money.gross and one.money.net}
    whole = sum((one.money.gross for one in rates.values()), ZERO)
    known = all(one.percent is not None for one in rates.values())
    if known and rates:
        even = {tax: off.gross * one.money.gross / whole for tax, one in rates.items()}
        if _net_is(even, off.net, rates):
            return _parts(even, off, rates)
    alone = {one.tax for one in (*lines, *rates.values()) if one.tax in rates and _off_alone(off, one)}
    if len(alone) == 1 and rates[next(iter(alone))].percent is not None:
        return _parts({alone.pop(): off.gross}, off, rates)
    pair = _two(off, *rates.values()) if known and len(rates) == 2 else {}
    if pair and all(ZERO <= share <= rates[tax].money.gross for tax, share in pair.items()):
        return _parts(pair, off, rates)
    return [Part(money=off, percent=None)]


def _net_of(gross: Decimal, one: Part) -> Decimal:
    """By what these goods came to, net and gross: rounding piece by piece moves them away from their rate."""
    return gross * one.money.net / one.money.gross if one.money.gross else ZERO


def _net_is(gross: Mapping[str, Decimal], net: Decimal, rates: Mapping[str, Part]) -> bool:
    found = sum((_net_of(share, rates[tax]) for tax, share in gross.items()), ZERO)
    return abs(found - net) <= GROSZ * (len(gross) + 1)


def _off_alone(off: Money, one: Part) -> bool:
    near = abs(_net_of(off.gross, one) - off.net) <= Decimal("0.015")
    return near and off.gross <= one.money.gross + GROSZ


def _two(off: Money, one: Part, other: Part) -> dict[str, Decimal]:
    """Gross shares of two rates whose sums are these; none where both come to the same."""
    a, b = one.money.net / one.money.gross, other.money.net / other.money.gross
    if a == b:
        return {}
    first = (off.net - off.gross * b) / (a - b)
    return {one.tax: first, other.tax: off.gross - first}


def _parts(exact_gross: Mapping[str, Decimal], off: Money, rates: Mapping[str, Part]) -> list[Part]:
    taxes = list(exact_gross)
    gross = shares(off.gross, [exact_gross[tax] for tax in taxes])
    net = shares(off.net, [_net_of(share, rates[tax]) for tax, share in zip(taxes, gross, strict=True)])
    return [
        Part(money=Money(net=b, gross=a), percent=rates[tax].percent, tax=tax)
        for tax, a, b in zip(taxes, gross, net, strict=True)
        if a or b
    ]

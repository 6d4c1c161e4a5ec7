"""What an order costs beside its goods: delivery, gift wrapping, vouchers. Pure."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from integrator.canonical import coerce
from integrator.canonical.orders import Charge, ChargeKind
from shops.connectors.prestashop.order_amounts import (
    GROSZ,
    ZERO,
    Money,
    Part,
    Row,
    by_rates,
    fits,
    only_rate,
    rate_name,
    shares,
    totals,
)


def charges(
    raw: Row, rules: Sequence[Row], lines: Sequence[Part], rates: Collection[Decimal], carrier: str
) -> tuple[Charge, ...]:
    """Of the order `raw`. `rules`: its vouchers; `lines`: its goods; `rates`: all that the shop knows."""
    known = {*rates, *(one.percent for one in lines if one.percent is not None)}
    shipping = _shipping(raw, known)
    found = [_charge(ChargeKind.SHIPPING, carrier, shipping)] if shipping else []
    wrapping = totals(raw, "wrapping")
    if wrapping.gross or wrapping.net:
        percent = only_rate(wrapping, known)
        part = Part(money=wrapping, percent=percent, tax=rate_name(percent))
        found.append(_charge(ChargeKind.PACKING, "", part))
    return (*found, *_vouchers(raw, rules, lines, shipping))


def _shipping(raw: Row, known: Collection[Decimal]) -> Part | None:
    """The order keeps the rate of its delivery; orders made by programs may lack it, then net and gross tell."""
    money = totals(raw, "shipping")
    if not money.gross and not money.net:
        return None
    percent: Decimal | None = coerce.decimal(raw, "carrier_tax_rate", ZERO).normalize() + 0
    if percent is not None and not fits(money, percent):
        percent = only_rate(money, known)
    return Part(money=money, percent=percent, tax=rate_name(percent))


def _vouchers(raw: Row, rules: Sequence[Row], lines: Sequence[Part], shipping: Part | None) -> Iterator[Charge]:
    """Discounts by voucher and VAT rate: each took off what those before it had left. One that gives free delivery has
    taken the delivery's price off first."""
    left = list(lines)
    for name, free, off in _values(raw, rules):
        if free and shipping is not None:
            price = shipping.money
            part = Money(net=min(off.net, price.net), gross=min(off.gross, price.gross))
            off = Money(net=off.net - part.net, gross=off.gross - part.gross)
            yield _off(name, Part(money=part, percent=shipping.percent, tax=shipping.tax))
        for one in by_rates(off, left):
            yield _off(name, one)
            if one.percent is not None:
                left.append(_negative(one))


def _values(raw: Row, rules: Sequence[Row]) -> list[tuple[str, bool, Money]]:
    """Name, free delivery and value of each voucher, to the grosz, so that they add up to the order's discounts.

    Where the vouchers say something else, the order's own sum counts: it is what the buyer was let off.
    """
    whole = totals(raw, "discounts")
    if not whole.gross and not whole.net:
        return []
    live = [one for one in rules if not coerce.flag(one, "deleted")]
    gross = [coerce.decimal(one, "value") for one in live]
    net = [coerce.decimal(one, "value_tax_excl") for one in live]
    leeway = GROSZ * max(len(live), 1)
    if not live or abs(sum(gross) - whole.gross) > leeway or abs(sum(net) - whole.net) > leeway:
        return [("", False, whole)]
    values = zip(shares(whole.net, net), shares(whole.gross, gross), strict=True)
    return [
        (coerce.text(one, "name", ""), coerce.flag(one, "free_shipping"), Money(net=a, gross=b))
        for one, (a, b) in zip(live, values, strict=True)
    ]


def _negative(part: Part) -> Part:
    return Part(money=Money(net=-part.money.net, gross=-part.money.gross), percent=part.percent, tax=part.tax)


def _off(name: str, part: Part) -> Charge:
    return _charge(ChargeKind.DISCOUNT, name, _negative(part))


def _charge(kind: ChargeKind, name: str, part: Part) -> Charge:
    return Charge(kind=kind, name=name, net=part.money.net, gross=part.money.gross, tax=part.tax, percent=part.percent)

"""Net and gross prices that agree to the grosz."""

from decimal import ROUND_HALF_UP, Decimal

VAT_PERCENT: dict[str, Decimal] = {
    "23": Decimal(23),
    "8": Decimal(8),
    "5": Decimal(5),
    "0": Decimal(0),
    "zw": Decimal(0),
    "np": Decimal(0),
}
"""Percent by code; three codes stand for nothing to pay and are yet three different rates."""

GROSZ = Decimal("0.01")
_ENDINGS = (99, 90, 49, 95, 89, 79, 50, 0)


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(GROSZ, rounding=ROUND_HALF_UP)


def gross_of(net: Decimal, vat: str) -> Decimal:
    return rounded(net * (100 + VAT_PERCENT[vat]) / 100)


def net_of(gross: Decimal, vat: str) -> Decimal:
    return rounded(gross * 100 / (100 + VAT_PERCENT[vat]))


def shelf_price(about: Decimal, vat: str) -> Decimal:
    """The net price of a gross one near `about` that looks like a price (24,99) and comes back to the grosz."""
    whole = int(about)
    for ending in _ENDINGS:
        gross = Decimal(whole) + Decimal(ending) / 100
        net = net_of(gross, vat)
        if net > 0 and gross_of(net, vat) == gross:
            return net
    return net_of(about, vat)

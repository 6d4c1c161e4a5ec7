"""Money and quantities: the only places that round."""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal


def to_places(value: Decimal, places: int) -> Decimal:
    """Commercial rounding (half up), as invoices do."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def floor_places(value: Decimal, places: int) -> Decimal:
    """Down to so many decimals: what is offered is never more than there is."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR)


def floor_whole(value: Decimal) -> Decimal:
    return value.to_integral_value(rounding=ROUND_FLOOR)


def gross_of(net: Decimal, percent: Decimal) -> Decimal:
    """Gross price to the grosz of a net price at a VAT rate in percent."""
    return to_places(net * (100 + percent) / 100, 2)


def net_of(gross: Decimal, percent: Decimal, places: int = 2) -> Decimal:
    return to_places(gross * 100 / (100 + percent), places)

"""Prices. PrestaShop keeps them net with six decimals; a combination keeps what it adds to its product's. Pure."""

from decimal import Decimal

from integrator.canonical.rounding import gross_of, net_of, to_places

PLACES = 6
"""Decimals that PrestaShop stores. Enough for every gross price to come back to the grosz at any rate."""


def shown(net: Decimal, percent: Decimal, *, gross: bool) -> Decimal:
    """The price in the connection's basis: gross to the grosz as customers see it, or net as it is stored."""
    return gross_of(net, percent) if gross else net


def stored(price: Decimal, percent: Decimal, *, gross: bool) -> Decimal:
    """The net price to store for a price in the connection's basis."""
    return net_of(price, percent, PLACES) if gross else to_places(price, PLACES)


def moved(net: Decimal, before: Decimal, after: Decimal) -> Decimal:
    """The net price that keeps the gross one when the VAT rate goes from `before` to `after` percent."""
    return net_of(gross_of(net, before), after, PLACES)

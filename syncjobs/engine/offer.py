"""From all prices and warehouses of the ERP to the one price and quantity that a shop gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from integrator.canonical.problems import Code
from integrator.canonical.records import Price, PriceList, Problem, StockLevel, WarehouseStock, WarehouseStocks, problem
from integrator.canonical.rounding import floor_whole, gross_of, net_of

FORMULAS: Mapping[str, tuple[int, int]] = {
    "on_hand-in_edit-reserved": (1, 1),
    "on_hand-reserved": (0, 1),
    "on_hand": (0, 0),
}
"""Name of a stock formula -> whether quantities in open documents and reservations are taken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSettings:
    price_type: str
    promotions: bool = True
    basis: Literal["net", "gross"] = "gross"
    currency: str = "PLN"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockSettings:
    warehouses: frozenset[str]
    formula: str = "on_hand-in_edit-reserved"
    buffer: Decimal = Decimal(0)
    """In sale units."""
    fractions: bool = True
    """Whether the shop can hold a fraction."""


def offer_price(prices: PriceList, settings: PriceSettings) -> Price | Problem:
    """Price of one sale unit in the shop's basis. A price of zero is no price: nothing may be sold for nothing."""
    if prices.currency != settings.currency:
        return problem(Code.PRICE_MISSING, value=settings.price_type, currency=prices.currency)
    net, gross = _promotion(prices) if settings.promotions else (None, None)
    if net is None and gross is None:
        net, gross = _listed(prices, settings.price_type)
    value = _in_basis(net, gross, prices.tax_percent, settings.basis)
    if value is None or value <= 0:
        return problem(Code.PRICE_MISSING, value=settings.price_type, currency=prices.currency)
    return Price(price=value * prices.sale_factor, currency=prices.currency)


def _promotion(prices: PriceList) -> tuple[Decimal | None, Decimal | None]:
    return prices.promotion_net or None, prices.promotion_gross or None


def _listed(prices: PriceList, price_type: str) -> tuple[Decimal | None, Decimal | None]:
    for entry in prices.entries:
        if entry.price_type == price_type:
            return entry.net, entry.gross
    return None, None


def _in_basis(net: Decimal | None, gross: Decimal | None, percent: Decimal | None, basis: str) -> Decimal | None:
    if basis == "net":
        if net is not None:
            return net
        return net_of(gross, percent) if gross is not None and percent is not None else None
    if gross is not None:
        return gross
    return gross_of(net, percent) if net is not None and percent is not None else None


def offer_stock(stocks: WarehouseStocks, settings: StockSettings, promised: Decimal = Decimal(0)) -> StockLevel:
    """Sale units on offer: the formula over the chosen warehouses, less what is promised to buyers (in stock units) and
    less the buffer, never below zero, whole where the unit or the shop has no fractions."""
    available = sum(
        (_available(row, settings.formula) for row in stocks.rows if row.warehouse in settings.warehouses), Decimal(0)
    )
    quantity = max((available - promised) / stocks.sale_factor - settings.buffer, Decimal(0))
    if not (settings.fractions and stocks.fractional):
        quantity = floor_whole(quantity)
    return StockLevel(quantity=quantity)


def counts_reserved(formula: str) -> bool:
    """Whether a formula takes reservations off."""
    return bool(FORMULAS[formula][1])


def _available(row: WarehouseStock, formula: str) -> Decimal:
    in_edit, reserved = FORMULAS[formula]
    return row.on_hand - in_edit * row.in_edit - reserved * row.reserved

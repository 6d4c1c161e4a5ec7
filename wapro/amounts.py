"""Prices and stock of cards. Both are per stock unit; the sale factor says how many of these are in one unit sold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from integrator.canonical.records import PriceEntry, PriceList, WarehouseStock, WarehouseStocks
from wapro.clarion import to_day
from wapro.dictionaries import Units, VatRates

PLN = "PLN"


@dataclass(slots=True)
class PriceCard:
    """Columns of ARTYKUL for a price list."""

    id: int
    warehouse: int | None
    index: str
    guid: str | None
    state: int | None
    unit: int | None
    sale_unit: int | None
    sale_vat: str | None
    promotion_from: int | None
    promotion_to: int | None
    promotion_net: Decimal | None
    promotion_gross: Decimal | None


@dataclass(slots=True)
class PriceRow:
    """Columns of CENA_ARTYKULU."""

    article: int
    price_type: int
    currency: str | None
    net: Decimal | None
    gross: Decimal | None


@dataclass(slots=True)
class StockCard:
    """Columns of ARTYKUL for stock."""

    id: int
    warehouse: int | None
    index: str
    guid: str | None
    state: int | None
    unit: int | None
    sale_unit: int | None
    on_hand: Decimal | None
    in_edit: Decimal | None
    reserved: Decimal | None


def price_list(lead: PriceCard, rows: Iterable[PriceRow], units: Units, vat: VatRates, today: date) -> PriceList:
    """All prices of the leading card. Raises MappingError for a sale unit that makes no sense.

    Prices in PLN are kept; only where there is none and all are in one other currency, that currency is.
    """
    by_currency: dict[str, list[PriceEntry]] = {}
    for row in rows:
        currency = (row.currency or "").strip().upper() or PLN
        by_currency.setdefault(currency, []).append(
            PriceEntry(price_type=str(row.price_type), net=row.net, gross=row.gross)
        )
    currency = next(iter(by_currency)) if len(by_currency) == 1 else PLN
    rate = vat.get(lead.sale_vat)
    runs = currency == PLN and promotion_runs(lead, today)
    return PriceList(
        entries=tuple(by_currency.get(currency, ())),
        currency=currency,
        promotion_net=(lead.promotion_net or None) if runs else None,
        promotion_gross=(lead.promotion_gross or None) if runs else None,
        tax_percent=rate.percent if rate else None,
        sale_factor=units.sale_factor(lead),
    )


def promotion_runs(card: PriceCard, today: date) -> bool:
    """Whether the day lies within the promotion, both ends included. A promotion without both days never runs: selling
    below the list for an unknown time is the worse mistake."""
    day = to_day(today)
    return bool(card.promotion_from and card.promotion_to) and (
        (card.promotion_from or 0) <= day <= (card.promotion_to or 0)
    )


def stocks(cards: Sequence[StockCard], units: Units) -> WarehouseStocks:
    """Quantities of every warehouse. Raises MappingError for a sale unit that makes no sense.

    A card kept in another stock unit than the leading one's cannot be added to it and is left out: offering too little
    is mended by correcting the card, overselling is not.
    """
    lead = cards[0]
    symbol = units.stock_symbol(lead)
    return WarehouseStocks(
        rows=tuple(
            WarehouseStock(
                warehouse=str(card.warehouse),
                on_hand=card.on_hand or Decimal(0),
                in_edit=card.in_edit or Decimal(0),
                reserved=card.reserved or Decimal(0),
            )
            for card in sorted(cards, key=lambda card: (card.warehouse or 0, card.id))
            if card is lead or units.stock_symbol(card) == symbol
        ),
        sale_factor=units.sale_factor(lead),
        fractional=units.fractional(lead),
    )

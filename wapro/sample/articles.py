"""An article of the company: what its cards, one per warehouse, have in common, and how they differ."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from wapro.sample.catalogue import Path
from wapro.sample.pricing import gross_of

MAIN, SHOP = 1, 2
"""ID_MAGAZYNU of MAG1, the main warehouse, and MAG2, the one behind the shop in town."""
RETAIL, WHOLESALE, INTERNET = 1, 2, 3
"""ID_CENY of Detaliczna, Hurtowa and Internetowa."""
GOODS, SERVICE, SET = "Towar", "Usługa", "Zestaw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Quantities of one card, in its stock unit."""

    on_hand: Decimal = Decimal(0)
    in_edit: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    from_suppliers: Decimal = Decimal(0)
    for_customers: Decimal = Decimal(0)

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.in_edit - self.reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnit:
    """A further unit of one card, `factor` stock units big."""

    symbol: str
    name: str
    factor: Decimal
    fractional: bool = False
    code: str = ""
    """Bar code that stands for one of this unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    first: date
    last: date
    net: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    name: str
    content: bytes
    main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    index: str
    name: str
    """All of it, at most 80 characters; the card cuts it into two of 40."""
    prices: dict[int, Decimal]
    """Net price per stock unit by price type."""
    stocks: dict[int, Stock]
    """By warehouse: the article has a card in each of these."""
    card_id: int = 0
    """ID_ARTYKULU where it must be a certain one; 0: the next free."""
    kind: str = GOODS
    trade_index: str = ""
    description: str = ""
    unit: str = "szt."
    vat: str = "23"
    ean: str = ""
    maker: str = ""
    """Name of a producer that is a contractor, or of one that is only text."""
    place: Path | None = None
    flat: str = "Towary"
    purchase_net: Decimal = Decimal(0)
    weight: Decimal | None = None
    weight_unit: str = "kg"
    sizes: tuple[int, int, int] | None = None
    """Height, width, depth in centimetres."""
    promotion: Promotion | None = None
    web_shop: bool = True
    external: bool = True
    auctions: bool = False
    blocked: bool = False
    unfinished: bool = False
    editor: int = 0
    """User who has the card open now."""
    marker: str = ""
    fields: dict[int, str] = field(default_factory=dict)
    """Free fields by number: {1: "KUR02"} is POLE1."""
    units: tuple[CardUnit, ...] = ()
    sale_unit: str = ""
    """Symbol of one of `units`; empty: sold in the stock unit."""
    purchase_unit: str = ""
    codes: tuple[str, ...] = ()
    """Further bar codes of the stock unit."""
    pictures: tuple[Picture, ...] = ()
    components: tuple[tuple[str, Decimal], ...] = ()
    """Of a set: catalogue index and quantity."""
    euro_net: Decimal | None = None
    """A wholesale price in euro beside the one in złoty."""
    elsewhere: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What the card of a warehouse has otherwise: {2: {"vat": "8"}}."""

    def card(self, warehouse: int) -> "Article":
        """The article as its card in that warehouse shows it. KeyError when there is none."""
        if warehouse not in self.stocks:
            raise KeyError(f"{self.index} has no card in warehouse {warehouse}")
        changes = self.elsewhere.get(warehouse)
        return replace(self, elsewhere={}, **changes) if changes else self

    def gross(self, price_type: int) -> Decimal:
        return gross_of(self.prices[price_type], self.vat)

    @property
    def two_names(self) -> tuple[str, str]:
        """NAZWA and NAZWA2: the name cut between words after at most 40 characters."""
        if len(self.name) <= 40:
            return self.name, ""
        cut = self.name.rfind(" ", 0, 41)
        return self.name[:cut], self.name[cut + 1 :]

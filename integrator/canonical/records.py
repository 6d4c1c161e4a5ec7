"""Records: one frozen dataclass per kind. Money and quantities are Decimal, keys are opaque text of one side.

Two shapes of price and stock exist. The ERP keeps every price type and warehouse of an element (`PriceList`,
`WarehouseStocks`), because one ERP snapshot serves all shops of a client; a shop holds one figure (`Price`,
`StockLevel`). The settings of a shop connection turn the first into the second (`syncjobs.engine.offer`).
"""

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from integrator.canonical.kinds import Kind

Key = str
FieldValue = str | bool | None | list[str]
Fields = dict[str, FieldValue]
"""A record's fields as they are compared, stored and shown: text, bool, null, list of texts; numbers as plain text."""

_ASIDE = {"aside": True}

_UNKEPT = re.compile("[\x00\ud800-\udfff]")


def aside(**kwargs: Any) -> Any:
    """A record attribute that describes the element but is never compared nor written (evidence, filter facts)."""
    return field(metadata=_ASIDE, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with one element, as data: `code` selects the sentence, `params` fill it (see `problems.py`)."""

    code: str
    params: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, str]:
        return dict(self.params)


def keepable(text: str) -> str:
    """Without what no database keeps: zeros, halves of a pair of surrogates."""
    return _UNKEPT.sub("", text)


def problem(code: str, **params: object) -> Problem:
    return Problem(code=str(code), params=tuple((name, keepable(str(value))) for name, value in params.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    symbol: str
    """Abbreviation as printed on documents: `szt.`, `kg`."""
    name: str = ""
    fractional: bool = aside(default=False)
    """Whether quantities in this unit may be fractions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    code: str
    """What identifies the rate: `23`, `8`, `zw`, `np`. Several codes may have the percent 0."""
    name: str = ""
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    path: tuple[str, ...]
    """Names from the root to this category, itself included."""
    parent: Key | None = aside(default=None)
    active: bool = aside(default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The sellable unit: a simple product or one variant of a shop's product."""

    code: str
    name: str
    short_description: str = ""
    description: str = ""
    ean: str = ""
    unit: Key | None = None
    tax_rate: Key | None = None
    producer: Key | None = None
    category: Key | None = None
    weight: Decimal | None = None
    """Kilograms."""
    active: bool = True
    group: str = aside(default="")
    """Shop: key of the ProductGroup when this is a variant. ERP: the code that joins cards into one shop product."""
    options: tuple[tuple[str, str], ...] = aside(default=())
    """What tells variants of one group apart: (("Kolor", "Czerwony"), ("Rozmiar", "M"))."""
    image_owner: str = aside(default="")
    """Shop: key under which pictures of this product are kept (a parent keeps those of all its variants)."""
    aliases: tuple[str, ...] = aside(default=())
    """Other stable ids of the same ERP element ("index:ABC", "guid:...", "id:17"): a renamed index re-keys its link."""
    traits: tuple[tuple[str, str], ...] = aside(default=())
    """Facts for the item filter: kind, web_shop, external, blocked, unfinished, warehouses, category, free fields."""
    problems: tuple[Problem, ...] = aside(default=())
    """What keeps this element from being written anywhere (cards of one element that disagree, ...)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductGroup:
    code: str
    name: str
    variants: tuple[Key, ...] = ()
    image_owner: str = aside(default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    name: str
    position: int
    """1-based, 1 is the main picture."""
    product: Key = aside(default="")
    """ERP: key of the product. Shop: the `image_owner` of the products shown with it."""
    digest: str = aside(default="")
    """SHA-256 of the content in hex, empty when the side cannot tell without a download."""
    size: int = aside(default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEntry:
    price_type: Key
    net: Decimal | None = None
    gross: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """All prices the ERP holds for one element, per stock unit, in PLN unless `currency` says otherwise."""

    entries: tuple[PriceEntry, ...]
    currency: str = "PLN"
    promotion_net: Decimal | None = None
    """Promotional prices, present only on the days the promotion runs (the reader is told the day)."""
    promotion_gross: Decimal | None = None
    tax_percent: Decimal | None = None
    sale_factor: Decimal = Decimal(1)
    """Stock units in one sale unit; a shop price is the price times this factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseStock:
    warehouse: Key
    on_hand: Decimal
    in_edit: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseStocks:
    """Quantities of one element in every warehouse, in its stock unit."""

    rows: tuple[WarehouseStock, ...]
    sale_factor: Decimal = Decimal(1)
    fractional: bool = False
    """Whether the sale unit may be divided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price a shop shows, in the shop's own basis (net or gross, see `Capabilities.price_basis`)."""

    price: Decimal
    currency: str = aside(default="PLN")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevel:
    quantity: Decimal


Record = (
    Unit
    | TaxRate
    | Producer
    | Category
    | Product
    | ProductGroup
    | Image
    | PriceList
    | WarehouseStocks
    | Price
    | StockLevel
)

SHOP_RECORDS: dict[Kind, type] = {
    Kind.UNIT: Unit,
    Kind.TAX_RATE: TaxRate,
    Kind.PRODUCER: Producer,
    Kind.CATEGORY: Category,
    Kind.PRODUCT: Product,
    Kind.GROUP: ProductGroup,
    Kind.IMAGE: Image,
    Kind.PRICE: Price,
    Kind.STOCK: StockLevel,
}
ERP_RECORDS: dict[Kind, type] = SHOP_RECORDS | {Kind.PRICE: PriceList, Kind.STOCK: WarehouseStocks}


def plain_number(value: Decimal) -> str:
    """Decimal as text without exponent and trailing zeros, so that 1.50 and 1.5 are one value."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def field_value(value: Any) -> FieldValue:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple | list):
        return [str(part) for part in value]
    raise TypeError(f"no field value for {type(value).__name__}")


def fields_of(record: Record) -> Fields:
    """The fields of a record that are compared and written, in declaration order."""
    return {
        f.name: field_value(getattr(record, f.name)) for f in dataclasses.fields(record) if not f.metadata.get("aside")
    }


def to_json(record: Any) -> dict[str, Any]:
    """A record as JSON holds it: Decimals as text, nested records as objects, defaults left out."""
    out: dict[str, Any] = {}
    for f in dataclasses.fields(record):
        value = getattr(record, f.name)
        if f.default is not dataclasses.MISSING and value == f.default:
            continue
        out[f.name] = _encode(value)
    return out


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, tuple):
        return [_encode(part) for part in value]
    if dataclasses.is_dataclass(value):
        return to_json(value)
    return value


def from_json(record_type: type, data: dict[str, Any]) -> Any:
    """The inverse of `to_json`. Unknown keys are ignored, so a snapshot written by a newer version can be read."""
    decoders = _decoders(record_type)
    values = {}
    for name, value in data.items():
        if name in decoders:
            decode = decoders[name]
            values[name] = value if decode is None or value is None else decode(value)
    return record_type(**values)


Decoder = Callable[[Any], Any]


@cache
def _decoders(record_type: Any) -> dict[str, Decoder | None]:
    """How each attribute comes out of JSON; None: as it is."""
    return {name: _decoder(hint) for name, hint in get_type_hints(record_type).items()}


def _decoder(hint: Any) -> Decoder | None:
    if hint is Decimal or Decimal in get_args(hint):
        return Decimal
    if get_origin(hint) is tuple:
        args = get_args(hint)
        inner = _decoder(args[0]) if len(args) == 2 and args[1] is Ellipsis else None
        return tuple if inner is None else lambda value: tuple([inner(part) for part in value])
    if dataclasses.is_dataclass(hint):
        return lambda value: from_json(hint, value)  # type: ignore[arg-type]
    return None

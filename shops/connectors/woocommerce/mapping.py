"""WooCommerce's rows as records. Pure. Each function raises MappingError for a value that cannot be read.

Names come escaped for HTML (`A &amp; B`), money and weights as text, ids as numbers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from integrator.canonical import coerce
from integrator.canonical.errors import MappingError
from integrator.canonical.problems import Code
from integrator.canonical.records import (
    Category,
    Image,
    Price,
    Producer,
    Product,
    ProductGroup,
    StockLevel,
    TaxRate,
    Unit,
    plain_number,
)
from integrator.canonical.text import clean, fold

Row = Mapping[str, Any]
STANDARD = "standard"
"""Key of the tax class that products name with an empty text."""
NOT_COUNTED = Decimal(-1)
"""Stock of a product that is for sale and whose pieces nobody counts. No stock of an ERP equals it, so that the first
push begins to count; 0 would pass for sold out."""
_KILOGRAMS = {"kg": "1", "g": "0.001", "lbs": "0.45359237", "oz": "0.028349523125"}
_WORDS = {"zwolniony": "zw", "zwolniona": "zw", "zwolnione": "zw", "niepodlega": "np", "odwrotneobciazenie": "oo"}
_COMMA = re.compile(r"0,\d+|\d+,\d{1,2}", re.ASCII)
_DIGEST = re.compile(r"^erp-([0-9a-f]{64})(?:[.-]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The settings of a connection that decide where unit and producer are kept."""

    unit: str = "attribute"
    """`attribute`, `meta`, or empty: not kept."""
    unit_attribute: str = "Jednostka"
    unit_meta: str = "_erp_unit"
    producer: str = "auto"
    producer_attribute: str = "Marka"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute of the whole shop; its terms have ids, but products name them by their texts."""

    id: int
    name: str
    slug: str = ""

    def on(self, row: Any) -> list[str]:
        """What a product holds of it, as the shop writes it."""
        for one in attributes(row):
            if self.is_this(one):
                return [clean(str(option)) for option in _listed(one, "options")]
        return []

    def is_this(self, entry: Row) -> bool:
        return str(entry.get("id")) == str(self.id)

    def key(self, term: str | int) -> str:
        """Of a unit or producer: the term's id would be taken for a brand's, or for another attribute's."""
        return f"{self.id}:{term}"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What reading products takes besides the rows."""

    kilograms: Decimal = Decimal(1)
    currency: str = "PLN"
    unit: Attribute | None = None
    unit_terms: Mapping[str, str] = field(default_factory=dict)
    """Ids of terms by folded name."""
    unit_meta: str = ""
    brands: bool = True
    producer: Attribute | None = None
    producer_terms: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)


def kilograms(unit: str) -> Decimal:
    """Kilograms in one of the shop's units of weight."""
    if unit not in _KILOGRAMS:
        raise MappingError("weight_unit", unit)
    return Decimal(_KILOGRAMS[unit])


def whole_row(raw: Any) -> Row:
    """The row itself; what is no object at all cannot be read."""
    if not isinstance(raw, Mapping):
        raise MappingError("row", raw)
    return raw


def named(raw: Row, name: str = "name") -> str:
    value = unescape(coerce.text(raw, name))
    if not value:
        raise MappingError(name, value, code=Code.FIELD_MISSING)
    return clean(value)


def _product_name(raw: Row) -> str:
    """A draft may be nameless as long as nobody finishes it; what customers see must have a name."""
    unnamed = raw.get("name") == "" and coerce.text(raw, "status", "publish") != "publish"
    return "" if unnamed else named(raw)


def _plain(raw: Row, name: str) -> str:
    return clean(unescape(coerce.text(raw, name, "")))


def _listed(raw: Any, name: str) -> list[Any]:
    """A list; PHP sends one with gaps as an object."""
    value = raw.get(name) if isinstance(raw, Mapping) else None
    if value in (None, False, ""):
        return []
    if isinstance(value, Mapping):
        return list(value.values())
    if not isinstance(value, list):
        raise MappingError(name, value)
    return value


def attributes(raw: Any) -> list[Row]:
    return [one for one in _listed(raw, "attributes") if isinstance(one, Mapping)]


def unit(raw: Row) -> Unit:
    return Unit(symbol=named(raw))


def producer(raw: Row) -> Producer:
    return Producer(name=named(raw))


def category(key: str, names: Mapping[str, str], parents: Mapping[str, str]) -> Category:
    """An ancestor whose name could not be read appears by its id; one that is not there at all ends the path."""
    path: list[str] = []
    step = key
    while step in parents and len(path) < 50:
        path.append(names.get(step, f"#{step}"))
        step = parents[step]
    above = parents.get(key, "0")
    return Category(path=tuple(reversed(path)), parent=above if above in parents else None)


def tax_rate(raw: Row, rows: Iterable[Row], country: str) -> TaxRate:
    """A tax class with the percent that the shop charges in its own country. Without a row for it there is none."""
    slug, name = coerce.key(raw, "slug"), named(raw)
    percents = {coerce.decimal(row, "rate") for row in _for_country(rows, slug, country)}
    if len(percents) > 1:
        raise MappingError("rate", sorted(map(plain_number, percents)))
    percent = next(iter(percents), None)
    return TaxRate(code=_tax_code(name, percent), name=name, percent=percent)


def _for_country(rows: Iterable[Row], slug: str, country: str) -> list[Row]:
    """Rows of a class for a whole country; where it has none, those for all countries."""
    own = [row for row in rows if (str(row.get("class") or STANDARD)) == slug and not _narrower(row)]
    exact = [row for row in own if str(row.get("country") or "").upper() == country.upper()]
    return exact or [row for row in own if not row.get("country")]


def _narrower(row: Row) -> bool:
    return any(row.get(name) for name in ("state", "postcode", "city", "postcodes", "cities"))


def _tax_code(name: str, percent: Decimal | None) -> str:
    """`zw` and `np` by the class's name, because all three of them are 0 %; else the percent."""
    letters = re.sub(r"[^a-z]", "", re.sub(r"^(stawka)?\s*(vat)?", "", fold(name)))
    if letters in _WORDS:
        return _WORDS[letters]
    if letters in ("zw", "np", "oo"):
        return letters
    return fold(name) if percent is None else plain_number(percent)


def is_variable(raw: Row) -> bool:
    """Whether variants of it are sold and not it itself. Plugins bring further types of this beginning."""
    return coerce.text(raw, "type", "simple").startswith("variable")


def is_sold(raw: Row) -> bool:
    """A grouped product only shows others together."""
    return coerce.text(raw, "type", "simple") != "grouped"


def is_alone(raw: Row) -> bool:
    """Whether a product is itself what is sold: neither the parent of variants nor a show of others."""
    return is_sold(raw) and not is_variable(raw)


def variation_ids(raw: Row) -> list[int]:
    try:
        return [int(str(one)) for one in _listed(raw, "variations")]
    except ValueError:
        raise MappingError("variations", raw.get("variations")) from None


def product(raw: Row, view: View) -> Product:
    """A simple product; of a variable one, what its variants share."""
    key = coerce.key(raw, "id")
    return Product(
        code=_plain(raw, "sku"),
        name=_product_name(raw),
        short_description=coerce.text(raw, "short_description", ""),
        description=coerce.text(raw, "description", ""),
        ean=_plain(raw, "global_unique_id"),
        unit=_unit_of(raw, view),
        tax_rate=tax_class(raw),
        producer=_producer_of(raw, view),
        category=main_category(key, category_ids(raw), view.parents, view.chosen),
        weight=_weight(raw, view),
        active=coerce.text(raw, "status") == "publish",
        image_owner=key,
    )


def tax_class(raw: Row) -> str | None:
    """None where the shop charges no tax on the product at all."""
    if coerce.text(raw, "tax_status", "taxable") == "none":
        return None
    return coerce.text(raw, "tax_class", "") or STANDARD


def _unit_of(raw: Row, view: View) -> str | None:
    if view.unit_meta:
        return meta(raw, view.unit_meta) or None
    return _term_of(raw, view.unit, view.unit_terms)


def meta(raw: Row, key: str) -> str:
    """A text kept with a product under this key; of several the newest."""
    found = [
        one.get("value") for one in _listed(raw, "meta_data") if isinstance(one, Mapping) and one.get("key") == key
    ]
    return clean(found[-1]) if found and isinstance(found[-1], str) else ""


def _producer_of(raw: Row, view: View) -> str | None:
    if not view.brands:
        return _term_of(raw, view.producer, view.producer_terms)
    return next((coerce.key(whole_row(one), "id") for one in _listed(raw, "brands")), None)


def _term_of(raw: Row, attribute: Attribute | None, terms: Mapping[str, str]) -> str | None:
    if attribute is None:
        return None
    for name in attribute.on(raw):
        if fold(unescape(name)) not in terms:
            raise MappingError(attribute.name, name)
        return attribute.key(terms[fold(unescape(name))])
    return None


def category_ids(raw: Row) -> list[str]:
    found = [coerce.key(whole_row(one), "id") for one in _listed(raw, "categories")]
    if not all(one.isdigit() for one in found):
        raise MappingError("categories", found)
    return found


def main_category(
    product_id: str, ids: Sequence[str], parents: Mapping[str, str], chosen: Mapping[str, str]
) -> str | None:
    """The one of a product's categories that we compare: what we wrote, else the deepest, else the oldest.

    WooCommerce knows no main category, and shops add products to the category above and to promotions.
    """
    if chosen.get(product_id) in ids:
        return chosen[product_id]
    return min(ids, key=lambda one: (-_depth(one, parents), int(one)), default=None)


def _depth(key: str, parents: Mapping[str, str]) -> int:
    depth = 0
    while key in parents and depth < 50:
        key, depth = parents[key], depth + 1
    return depth


def _weight(raw: Row, view: View) -> Decimal | None:
    """Weights are free text: imports and other programs leave a comma in them. It is read where it can part no
    thousands: "0,5" and "12,50", but not "1,500"."""
    told = raw.get("weight")
    if isinstance(told, str) and _COMMA.fullmatch(told.strip()):
        raw = {"weight": told.replace(",", ".")}
    weight = coerce.decimal(raw, "weight", Decimal(0)) * view.kilograms
    return weight or None


def group(raw: Row, shared: Product, variants: Iterable[str]) -> ProductGroup:
    return ProductGroup(code=shared.code, name=shared.name, variants=tuple(variants), image_owner=coerce.key(raw, "id"))


def variant(shared: Product, raw: Row, view: View) -> Product:
    """A variation: its own SKU, GTIN, weight, visibility and options, the rest from its parent."""
    own_class = coerce.text(raw, "tax_class", "parent")
    code = _plain(raw, "sku")
    return Product(
        # WooCommerce shows the parent's SKU for a variation that has none; nothing else may have the same.
        code="" if code.casefold() == shared.code.casefold() else code,
        name=shared.name,
        short_description=shared.short_description,
        description=shared.description,
        ean=_plain(raw, "global_unique_id"),
        unit=shared.unit,
        tax_rate=shared.tax_rate if own_class == "parent" else own_class or STANDARD,
        producer=shared.producer,
        category=shared.category,
        weight=_weight(raw, view),
        active=coerce.text(raw, "status") == "publish",
        group=shared.image_owner,
        options=tuple(options(raw)),
        image_owner=shared.image_owner,
    )


def options(raw: Row) -> Iterator[tuple[str, str]]:
    for one in attributes(raw):
        if one.get("option"):
            yield _plain(one, "name"), _plain(one, "option")


def price(raw: Row, currency: str) -> Price:
    """The regular price, in the shop's basis: a running sale is the shop's own business. A product without a price
    cannot be bought; it reads as 0, so that a price of the ERP differs from it."""
    return Price(price=coerce.decimal(raw, "regular_price", Decimal(0)), currency=currency)


def stock_level(raw: Row) -> StockLevel:
    """`manage_stock` is true, false, or "parent": then the quantity is the parent's."""
    if raw.get("manage_stock") in (True, "parent"):
        return StockLevel(quantity=coerce.decimal(raw, "stock_quantity", Decimal(0)))
    sold_out = coerce.text(raw, "stock_status", "instock") == "outofstock"
    return StockLevel(quantity=Decimal(0) if sold_out else NOT_COUNTED)


def has_stock(raw: Row) -> bool:
    """Whether there are pieces of a product to be counted. One that is sold elsewhere has none here; of a service or a
    file that nobody counts a quantity, which an ERP has none of, would switch the counting on and end its sale."""
    if raw.get("type") == "external":
        return False
    return raw.get("manage_stock") in (True, "parent") or not (raw.get("virtual") or raw.get("downloadable"))


def images(raw: Row) -> Iterator[tuple[str, Any]]:
    """Key and row of each picture of a product: one file may belong to several products."""
    owner = coerce.key(raw, "id")
    for one in _listed(raw, "images"):
        yield f"{owner}:{coerce.key(whole_row(one), 'id')}", one


def image(owner: str, position: int, raw: Row) -> Image:
    """The name is the alternative text; without one, the file's title."""
    return Image(
        name=_plain(raw, "alt") or _plain(raw, "name"),
        position=position,
        product=owner,
        digest=digest_in(coerce.text(raw, "src", "")),
    )


def file_name(digest: str, extension: str) -> str:
    """What a picture of ours is called in the shop: by its content, so that it is recognised without a download."""
    return f"erp-{digest}.{extension}"


def digest_in(address: str) -> str:
    """SHA-256 of the content that was uploaded under this address, empty where the file is not ours."""
    found = _DIGEST.match(PurePosixPath(urlsplit(address).path).name)
    return found[1] if found else ""


def label(raw: Any) -> str:
    """What to call a row that cannot be read, as far as anything in it can."""
    if not isinstance(raw, Mapping):
        return ""
    return next((clean(unescape(one)) for one in (raw.get("name"), raw.get("sku")) if isinstance(one, str) and one), "")


def moved_categories(ids: Sequence[str], main: str | None, wanted: str, parents: Mapping[str, str]) -> list[str]:
    """A product's categories after its main one became another: the old one goes together with those above it, in
    which shops show a product too; promotions and the like stay."""
    left: set[str] = set()
    step = main
    while step is not None and step in ids and len(left) < 50:
        left.add(step)
        step = parents.get(step)
    return list(dict.fromkeys([*(one for one in ids if one not in left), wanted]))

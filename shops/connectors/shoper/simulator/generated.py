"""A big shop computed from ids: any number of products whose rows are made when they are read.

Products have the ids 1..N. Each owns a block of four stock ids: the base row is `4 * id - 3`, variants follow it.
Each owns a block of `images` picture ids. Every figure is a function of the id, so two runs see one shop.
"""

from array import array
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from json.encoder import encode_basestring_ascii
from typing import Any

from shops.connectors.shoper.simulator import rows
from shops.connectors.shoper.simulator.filters import MISSING
from shops.connectors.shoper.simulator.validation import ean13
from shops.simulation.http import dumps
from shops.simulation.pictures import small_png
from shops.simulation.tables import Comparable, Row

VARIANTS = 3
_BLOCK = VARIANTS + 1
_SIZES = ("S", "M", "L")
GROUP_ID, OPTION_ID, FIRST_VALUE_ID = 1, 1, 1
CATEGORIES, PRODUCERS = 40, 60
_START = datetime(2025, 1, 1, 8, tzinfo=UTC)

_KINDS = ("Farba", "Lakier", "Pędzel", "Wiertło", "Młotek", "Kabel", "Zamek", "Uchwyt", "Klej", "Taśma", "Śruba")
_TRAITS = ("biała", "czarna", "mała", "duża", "mocna", "szybka", "cicha", "lekka", "gruba", "długa", "wąska", "płaska")
_PRICES = [name for name, value in rows.STOCK.items() if "price" in name and value == "0.00" and "buying" not in name]

Facts = dict[str, Any]
"""What differs from row to row; everything else is the same for all. Texts, or other values for whole fields."""


def code(product_id: int, variant: int = 0) -> str:
    """`SIM-000017`, for the second variant `SIM-000017-M`."""
    return f"SIM-{product_id:06d}" + (f"-{_SIZES[variant - 1]}" if variant else "")


def name(product_id: int) -> str:
    return f"{_KINDS[product_id % len(_KINDS)]} {_TRAITS[product_id % len(_TRAITS)]} {product_id}"


def price(product_id: int) -> str:
    """Gross price, two decimals."""
    return f"{5 + product_id * 37 % 900}.{product_id * 13 % 100:02d}"


def quantity(stock_id: int) -> str:
    return str(stock_id * 7 % 120)


def ean(stock_id: int) -> str:
    return ean13(590_000_000_000 + stock_id)


def owner(stock_id: int) -> int:
    """The product of a generated stock row."""
    return (stock_id + VARIANTS) // _BLOCK


def edit_date(product_id: int) -> str:
    return (_START + timedelta(minutes=product_id)).isoformat(" ")[:19]


def category(product_id: int) -> int:
    return product_id % CATEGORIES + 1


class Template:
    """The JSON of a row with gaps for its facts: filling gaps is ten times as quick as building and encoding a row."""

    def __init__(self, build: Callable[[Facts], Row], example: Facts) -> None:
        self._whole = [name for name, value in example.items() if not isinstance(value, str)]
        self._worded = [name for name in ("name", "alt") if name in example]
        text = dumps(build({name: f"@@{name}@@" for name in example})).replace("%", "%%")
        for name in example:
            if name in self._whole:
                text = text.replace(f'"@@{name}@@"', f"%({name})s")
            text = text.replace(f"@@{name}@@", f"%({name})s")
        self._text = text

    def filled(self, facts: Facts) -> str:
        encoded = {name: dumps(facts[name]) for name in self._whole}
        encoded |= {name: encode_basestring_ascii(facts[name])[1:-1] for name in self._worded}
        return self._text % {**facts, **encoded}


class Generated:
    """The recipe of a generated shop: how many products, which share has three variants, how many pictures each."""

    def __init__(self, products: int, variants_share: float = 0.3, images: int = 2) -> None:
        self.products = products
        self.variants_share = variants_share
        self.images = images

    def has_variants(self, product_id: int) -> bool:
        """Spread evenly: the share of the first n products is right for every n."""
        return int(product_id * self.variants_share) != int((product_id - 1) * self.variants_share)

    def stock_ids(self, product_id: int) -> list[int]:
        """The base row's id and those of the variants."""
        base = product_id * _BLOCK - VARIANTS
        return list(range(base, base + _BLOCK)) if self.has_variants(product_id) else [base]

    def image_ids(self, product_id: int) -> list[int]:
        first = (product_id - 1) * self.images + 1
        return list(range(first, first + self.images))

    @staticmethod
    def content(gfx_id: int) -> bytes:
        return small_png(gfx_id)

    def source(self, resource: str) -> "Rows | None":
        """The computed rows of a resource, None when it has none."""
        images = self.products * self.images
        if resource == "products":
            return Rows(array("q", range(1, self.products + 1)), lambda i: 1 <= i <= self.products, self.product)
        if resource == "product-stocks":
            ids = array("q", (s for i in range(1, self.products + 1) for s in self.stock_ids(i)))
            return Rows(ids, self._is_stock, self.stock)
        if resource == "product-images":
            return Rows(array("q", range(1, images + 1)), lambda i: 1 <= i <= images, self.image)
        return None

    def _is_stock(self, stock_id: int) -> bool:
        return 1 <= owner(stock_id) <= self.products and stock_id in self.stock_ids(owner(stock_id))

    # whole rows

    def product(self, product_id: int) -> Row:
        return _product_row(self._product_facts(product_id))

    def stock(self, stock_id: int) -> Row:
        return _stock_row(self._stock_facts(stock_id), _variant_of(stock_id))

    def image(self, gfx_id: int) -> Row:
        return _image_row(self._image_facts(gfx_id))

    def _product_facts(self, product_id: int) -> Facts:
        grouped = str(GROUP_ID) if self.has_variants(product_id) else None
        main = category(product_id)
        return {
            "id": str(product_id),
            "name": name(product_id),
            "date": edit_date(product_id),
            "producer": str(product_id % PRODUCERS + 1),
            "category": str(main),
            "in_categories": [main],
            "group": grouped,
        }

    def _stock_facts(self, stock_id: int) -> Facts:
        product_id, variant = owner(stock_id), _variant_of(stock_id)
        return {
            "stock_id": str(stock_id),
            "of": str(product_id),
            "price": price(product_id),
            "code": code(product_id, variant),
            "ean": ean(stock_id),
            "quantity": quantity(stock_id),
            "default": str(int(not self.has_variants(product_id) if variant == 0 else variant == 1)),
        }

    def _image_facts(self, gfx_id: int) -> Facts:
        product_id, place = (gfx_id - 1) // self.images + 1, (gfx_id - 1) % self.images + 1
        facts = {"gfx": str(gfx_id), "owner": str(product_id), "place": str(place), "main": int(place == 1)}
        return facts | {"alt": f"{name(product_id)} {place}"}

    # quick ways

    def json(self, resource: str, row_id: int) -> str:
        """A generated row as GET answers it, the same text that rendering and encoding the row gives."""
        if resource == "product-stocks":
            return self._stock_templates[_variant_of(row_id)].filled(self._stock_facts(row_id))
        if resource == "product-images":
            return self._image_template.filled(self._image_facts(row_id))
        base, *variants = self.stock_ids(row_id)
        facts = self._product_facts(row_id) | self._stock_facts(base) | {"variants": variants}
        if self.images:
            facts |= self._image_facts(self.image_ids(row_id)[0])
        return self._product_template.filled(facts)

    @cached_property
    def _stock_templates(self) -> list[Template]:
        def build(variant: int) -> Callable[[Facts], Row]:
            return lambda facts: _stock_row(facts, variant)

        return [Template(build(variant), self._stock_facts(1)) for variant in range(_BLOCK)]

    @cached_property
    def _image_template(self) -> Template:
        return Template(_image_row, self._image_facts(1))

    @cached_property
    def _product_template(self) -> Template:
        def build(facts: Facts) -> Row:
            picture = rows.main_image(_image_row(facts)) if self.images else False
            return rows.product(_product_row(facts), _stock_row(facts, 0), facts["variants"], picture)

        example = self._product_facts(1) | self._stock_facts(1) | {"variants": [1]}
        return Template(build, example | (self._image_facts(1) if self.images else {}))

    def value(self, resource: str, row_id: int, path: str) -> list[Comparable] | None:
        """What a generated row is filtered by, without making the row; None for a field that is not known here."""
        found: Comparable
        if resource == "products":
            if path == "edit_date":
                found = edit_date(row_id)
            elif path == "category_tree_id":
                found = category(row_id)
            elif path == "group_id":
                found = GROUP_ID if self.has_variants(row_id) else MISSING
            else:
                return None
        elif resource == "product-stocks":
            variant = _variant_of(row_id)
            if path == "options":
                return [FIRST_VALUE_ID + variant - 1] if variant else []
            if path not in ("code", "product_id"):
                return None
            found = owner(row_id) if path == "product_id" else code(owner(row_id), variant)
        elif resource == "product-images" and path == "product_id":
            found = (row_id - 1) // self.images + 1
        else:
            return None
        return [found]


def _variant_of(stock_id: int) -> int:
    """0 for a base row, else which of the variants it is, from 1."""
    return (stock_id + VARIANTS) % _BLOCK


def _stock_row(facts: Facts, variant: int) -> Row:
    row = {"stock_id": facts["stock_id"], **rows.STOCK, **dict.fromkeys(_PRICES, facts["price"])}
    row |= {"product_id": facts["of"], "code": facts["code"], "ean": facts["ean"], "stock": facts["quantity"]}
    row |= {"weight": "1", "comp_weight": "1", "default": facts["default"]}
    if variant:
        options = {str(OPTION_ID): str(FIRST_VALUE_ID + variant - 1)}
        row |= {"extended": "1", "price_type": "0", "weight_type": "0", "options": options}
    return row


def _product_row(facts: Facts) -> Row:
    texts = {"translation_id": facts["id"], "product_id": facts["id"], **rows.PRODUCT_TEXTS, "active": "1"}
    texts |= {"name": facts["name"], "description": f"<p>{facts['name']}, opis towaru numer {facts['id']}.</p>"}
    texts["permalink"] = f"https://shop.example/pl/p/towar/{facts['id']}"
    row = {"product_id": facts["id"], **rows.PRODUCT, "producer_id": facts["producer"], "group_id": facts["group"]}
    row |= {"add_date": facts["date"], "edit_date": facts["date"]}
    row |= {"category_id": facts["category"], "categories": facts["in_categories"]}
    return {**row, "translations": {"pl_PL": texts}}


def _image_row(facts: Facts) -> Row:
    gfx_id = facts["gfx"]
    texts = {"translation_id": gfx_id, "gfx_id": gfx_id, "name": facts["alt"], "description": "", "lang_id": "1"}
    row = {"gfx_id": gfx_id, "product_id": facts["owner"], "name": f"{gfx_id}.png", "unic_name": gfx_id}
    row |= {"order": facts["place"], "hidden": "0", "main": facts["main"]}
    return {**row, "translations": {"pl_PL": texts}, "extension": "png"}


class Rows:
    """Computed rows of one resource."""

    def __init__(self, ids: "array[int]", has: Callable[[int], bool], make: Callable[[int], Row]) -> None:
        self._ids = ids
        self.has = has
        self.make = make

    def ids(self) -> "array[int]":
        return self._ids[:]

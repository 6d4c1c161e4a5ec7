"""A big shop computed from ids: any number of products whose rows are made when they are read.

Products have the ids 1..N. Each owns a block of four stock ids (the base row is `4 * id - 3`, those of variants
follow), of three combination ids and of `images` picture ids. Every figure is a function of the id, so two runs see
one shop.
"""

from array import array
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from shops.connectors.prestashop.simulator.collation import folded, number
from shops.connectors.prestashop.simulator.fields import NUMBERS, ZERO_MOMENT
from shops.connectors.prestashop.simulator.resources import RESOURCES
from shops.simulation.pictures import small_png
from shops.simulation.tables import Comparable, Row

VARIANTS = 3
_BLOCK = VARIANTS + 1
SIZES = ("S", "M", "L")
CATEGORIES, MANUFACTURERS = 40, 60
FIRST_CATEGORY = 3
"""Categories 1 and 2 are the root and the home category of every shop."""
_START = datetime(2026, 1, 1, 8, tzinfo=UTC)
_KINDS = ("Farba", "Lakier", "Pędzel", "Wiertło", "Młotek", "Kabel", "Zamek", "Uchwyt", "Klej", "Taśma", "Śruba")
_TRAITS = ("biała", "czarna", "mała", "duża", "mocna", "szybka", "cicha", "lekka", "gruba", "długa", "wąska", "płaska")


def reference(product_id: int, variant: int = 0) -> str:
    """`SIM-000017`, for the second variant `SIM-000017-M`."""
    return f"SIM-{product_id:06d}" + (f"-{SIZES[variant - 1]}" if variant else "")


def name(product_id: int) -> str:
    return f"{_KINDS[product_id % len(_KINDS)]} {_TRAITS[product_id % len(_TRAITS)]} {product_id}"


def price(product_id: int) -> str:
    """Net price; the gross one at 23 % has two decimals."""
    return f"{(500 + product_id * 3713 % 90_000) / 123:.6f}"


def quantity(stock_id: int) -> int:
    return stock_id * 7 % 120


def ean(stock_id: int) -> str:
    digits = f"{590_000_000_000 + stock_id:012d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def date_upd(product_id: int) -> str:
    return (_START + timedelta(minutes=product_id)).isoformat(" ")[:19]


def slug(text: str) -> str:
    plain = text.lower().translate(str.maketrans("ąćęłńóśźż", "acelnoszz"))
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in plain).strip("-")


class Rows:
    """The computed rows of one table, as `Table` asks for them."""

    def __init__(self, recipe: "Generated", table: str) -> None:
        self.recipe = recipe
        self.table = table

    def has(self, row_id: int) -> bool:
        owner = self.recipe.owner(self.table, row_id)
        inside = 1 <= owner <= self.recipe.products
        return inside and (self.table == "products" or row_id in self.recipe.owned(self.table, owner))

    def make(self, row_id: int) -> Row:
        return self.recipe.row(self.table, row_id)

    def ids(self) -> "array[int]":
        products = range(1, self.recipe.products + 1)
        if self.table == "products":
            return array("q", products)
        return array("q", (row_id for product in products for row_id in self.recipe.owned(self.table, product)))


@dataclass(frozen=True)
class Generated:
    """The recipe: how many products, which share of them has three variants, how many pictures each."""

    products: int
    variants_share: float = 0.3
    images: int = 1

    def has_variants(self, product_id: int) -> bool:
        """Spread evenly: the share of the first n products is right for every n."""
        return int(product_id * self.variants_share) != int((product_id - 1) * self.variants_share)

    def owned(self, table: str, product_id: int) -> list[int]:
        """Ids of the product's rows in a table."""
        if table == "images":
            return list(range((product_id - 1) * self.images + 1, product_id * self.images + 1))
        if table == "combinations":
            first = (product_id - 1) * VARIANTS + 1
            return list(range(first, first + VARIANTS)) if self.has_variants(product_id) else []
        base = product_id * _BLOCK - VARIANTS
        return list(range(base, base + _BLOCK)) if self.has_variants(product_id) else [base]

    def owner(self, table: str, row_id: int) -> int:
        """The product of a row."""
        block = {"products": 1, "combinations": VARIANTS, "stock_availables": _BLOCK, "images": self.images}[table]
        return (row_id - 1) // block + 1 if block else 0

    def source(self, table: str) -> Rows | None:
        """The computed rows of a table, None when it has none."""
        return Rows(self, table) if table in ("products", "combinations", "stock_availables", "images") else None

    @staticmethod
    def content(image_id: int) -> bytes:
        return small_png(image_id)

    @staticmethod
    def category(product_id: int) -> int:
        return FIRST_CATEGORY + product_id % CATEGORIES

    def combination_of(self, stock_id: int) -> int:
        """The combination of a stock row, 0 for the product's own row."""
        variant = (stock_id - 1) % _BLOCK
        return (self.owner("stock_availables", stock_id) - 1) * VARIANTS + variant if variant else 0

    def row(self, table: str, row_id: int) -> Row:
        """The row as the database would keep it."""
        return {"id": row_id, **self._templates[table], **getattr(self, f"_{table}")(row_id)}

    @cached_property
    def _templates(self) -> dict[str, Row]:
        found: dict[str, Row] = {"images": {}}
        for table in ("products", "combinations", "stock_availables"):
            resource = RESOURCES[table]
            found[table] = {field.name: field.empty for field in resource.fields if not field.dynamic}
        found["products"] |= {
            "id_tax_rules_group": 1, "id_shop_default": 1, "state": 1, "active": "1", "available_for_order": "1",
            "show_price": "1", "minimal_quantity": 1, "indexed": "1", "condition": "new", "visibility": "both",
            "additional_delivery_times": 1, "pack_stock_type": 3, "date_add": ZERO_MOMENT, "product_features": [],
            "tags": [], "attachments": [], "accessories": [], "product_bundle": [],
        }  # fmt: skip
        found["combinations"] |= {"minimal_quantity": 1, "images": []}
        found["stock_availables"] |= {"id_shop": 1, "out_of_stock": 2}
        return found

    def _products(self, product_id: int) -> Row:
        text, many = name(product_id), self.has_variants(product_id)
        return {
            "id_manufacturer": product_id % MANUFACTURERS + 1,
            "id_category_default": self.category(product_id),
            "cache_default_attribute": self.owned("combinations", product_id)[0] if many else 0,
            "reference": reference(product_id),
            "ean13": ean(product_id * _BLOCK - VARIANTS),
            "weight": f"{product_id % 50 / 10:.6f}",
            "price": price(product_id),
            "product_type": "combinations" if many else "standard",
            "date_add": date_upd(product_id),
            "date_upd": date_upd(product_id),
            "name": {"1": text, "2": text},
            "link_rewrite": {"1": slug(text), "2": slug(text)},
            "categories": [2, self.category(product_id)],
        }

    def _combinations(self, combination_id: int) -> Row:
        product_id, variant = self.owner("combinations", combination_id), (combination_id - 1) % VARIANTS + 1
        return {
            "id_product": product_id,
            "reference": reference(product_id, variant),
            "ean13": ean(product_id * _BLOCK - VARIANTS + variant),
            "default_on": "1" if variant == 1 else "",
            "product_option_values": [variant],
        }

    def _stock_availables(self, stock_id: int) -> Row:
        product_id, combination = self.owner("stock_availables", stock_id), self.combination_of(stock_id)
        held = quantity(stock_id)
        if not combination and self.has_variants(product_id):
            held = sum(quantity(stock_id + variant) for variant in range(1, _BLOCK))
        return {"id_product": product_id, "id_product_attribute": combination, "quantity": held}

    def _images(self, image_id: int) -> Row:
        product_id = self.owner("images", image_id)
        return {"id_product": product_id, "cover": image_id == self.owned("images", product_id)[0], "legend": {}}

    def value(self, table: str, row_id: int, path: str) -> list[Comparable] | None:
        """What a generated row is compared by, without making the row; None for a field that is not known here."""
        if path == "id_product":
            return [self.owner(table, row_id)]
        if path == "id_product_attribute":
            return [self.combination_of(row_id)]
        if table == "products" and path in ("date_upd", "date_add"):
            return [date_upd(row_id)]
        if table == "products" and path == "categories":
            return [2, self.category(row_id)]
        if path == "reference" and table == "products":
            return [reference(row_id).lower()]
        if path == "reference":
            return [reference(self.owner(table, row_id), (row_id - 1) % VARIANTS + 1).lower()]
        return self._same[table].get(path)

    @cached_property
    def _same(self) -> dict[str, dict[str, list[Comparable]]]:
        """By table and field: what is the same for every generated row."""
        found: dict[str, dict[str, list[Comparable]]] = {"images": {}}
        for table in ("products", "combinations", "stock_availables"):
            template, own = self._templates[table], getattr(self, f"_{table}")(1)
            kinds = {field.name: field.kind for field in RESOURCES[table].fields}
            found[table] = {
                name: [number(value) if kinds[name] in NUMBERS else folded(value)]
                for name, value in template.items()
                if name in kinds and name not in own and kinds[name] != "texts"
            }
        return found

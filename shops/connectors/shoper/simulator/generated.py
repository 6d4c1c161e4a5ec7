"""A big shop computed from ids: any number of products whose rows are made when they are read.

Products have the ids 1..N. Each owns a block of four stock ids: the base row is `4 * id - 3`, variants follow it.
Each owns a block of `images` picture ids. Every figure is a function of the id, so two runs see one shop.
"""

from array import array
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from shops.connectors.shoper.simulator import rows
from shops.connectors.shoper.simulator.pictures import small_png
from shops.connectors.shoper.simulator.tables import Row
from shops.connectors.shoper.simulator.validation import ean13

VARIANTS = 3
_BLOCK = VARIANTS + 1
_SIZES = ("S", "M", "L")
GROUP_ID, OPTION_ID, FIRST_VALUE_ID = 1, 1, 1
CATEGORIES, PRODUCERS = 40, 60
_START = datetime(2025, 1, 1, 8, tzinfo=UTC)

_KINDS = ("Farba", "Lakier", "Pędzel", "Wiertło", "Młotek", "Kabel", "Zamek", "Uchwyt", "Klej", "Taśma", "Śruba")
_TRAITS = ("biała", "czarna", "mała", "duża", "mocna", "szybka", "cicha", "lekka", "gruba", "długa", "wąska", "płaska")


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

    def content(self, gfx_id: int) -> bytes:
        return small_png(gfx_id)

    def source(self, resource: str) -> "Rows | None":
        """The computed rows of a resource, None when it has none."""
        return {"products": self._products, "product-stocks": self._stocks, "product-images": self._images}.get(
            resource, lambda: None
        )()

    def _products(self) -> "Rows":
        return Rows(array("q", range(1, self.products + 1)), lambda i: 1 <= i <= self.products, self.product)

    def _stocks(self) -> "Rows":
        ids = array("q", (s for i in range(1, self.products + 1) for s in self.stock_ids(i)))
        return Rows(ids, self._is_stock, self.stock)

    def _is_stock(self, stock_id: int) -> bool:
        owner = (stock_id + VARIANTS) // _BLOCK
        return 1 <= owner <= self.products and stock_id in self.stock_ids(owner)

    def _images(self) -> "Rows":
        count = self.products * self.images
        return Rows(array("q", range(1, count + 1)), lambda i: 1 <= i <= count, self.image)

    @staticmethod
    def code(product_id: int, variant: int = 0) -> str:
        """`SIM-000017`, for the second variant `SIM-000017-M`."""
        return f"SIM-{product_id:06d}" + (f"-{_SIZES[variant - 1]}" if variant else "")

    @staticmethod
    def name(product_id: int) -> str:
        kind, trait = _KINDS[product_id % len(_KINDS)], _TRAITS[product_id % len(_TRAITS)]
        return f"{kind} {trait} {product_id}"

    @staticmethod
    def price(product_id: int) -> str:
        """Gross price, two decimals."""
        return f"{5 + product_id * 37 % 900}.{product_id * 13 % 100:02d}"

    def product(self, product_id: int) -> Row:
        text = str(product_id)
        name = self.name(product_id)
        category = product_id % CATEGORIES + 1
        stamp = (_START + timedelta(seconds=product_id * 60)).strftime("%Y-%m-%d %H:%M:%S")
        texts = {
            "translation_id": text,
            "product_id": text,
            **rows.PRODUCT_TEXTS,
            "name": name,
            "description": f"<p>{name}, opis towaru numer {product_id}.</p>",
            "active": "1",
            "permalink": f"https://shop.example/pl/p/{product_id}/{product_id}",
        }
        return {
            "product_id": text,
            **rows.PRODUCT,
            "producer_id": str(product_id % PRODUCERS + 1),
            "group_id": str(GROUP_ID) if self.has_variants(product_id) else None,
            "add_date": stamp,
            "edit_date": stamp,
            "category_id": str(category),
            "categories": [category],
            "translations": {"pl_PL": texts},
        }

    def stock(self, stock_id: int) -> Row:
        product_id = (stock_id + VARIANTS) // _BLOCK
        variant = stock_id - (product_id * _BLOCK - VARIANTS)
        price = self.price(product_id)
        row = {"stock_id": str(stock_id), **rows.STOCK, **dict.fromkeys(_PRICES, price)}
        row["product_id"] = str(product_id)
        row["code"] = self.code(product_id, variant)
        row["ean"] = ean13(590_000_000_000 + stock_id)
        row["stock"] = str(stock_id * 7 % 120)
        row["weight"] = row["comp_weight"] = "1"
        if variant:
            row["extended"], row["price_type"] = "1", "0"
            row["options"] = {str(OPTION_ID): str(FIRST_VALUE_ID + variant - 1)}
        return row

    def image(self, gfx_id: int) -> Row:
        product_id, place = (gfx_id - 1) // self.images + 1, (gfx_id - 1) % self.images + 1
        text = str(gfx_id)
        texts = {"translation_id": text, "gfx_id": text, "name": f"{self.name(product_id)} {place}"}
        return {
            "gfx_id": text,
            "product_id": str(product_id),
            "name": f"{gfx_id}.png",
            "unic_name": text,
            "order": str(place),
            "hidden": "0",
            "main": int(place == 1),
            "translations": {"pl_PL": {**texts, "description": "", "lang_id": "1"}},
            "extension": "png",
        }


_PRICES = [name for name, value in rows.STOCK.items() if "price" in name and value == "0.00" and "buying" not in name]


class Rows:
    """Computed rows of one resource."""

    def __init__(self, ids: "array[int]", has: Callable[[int], bool], make: Callable[[int], Row]) -> None:
        self._ids = ids
        self.has = has
        self.make = make

    def ids(self) -> "array[int]":
        return self._ids[:]

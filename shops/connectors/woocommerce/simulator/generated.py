"""A shop of computed products: nothing is kept of them but how many there are.

Product `n` has the id `8 * n`; the three variations of a variable one follow it, then its pictures. Every figure is a
function of the id, so two runs see one shop.
"""

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

from shops.simulation.pictures import small_png
from shops.simulation.tables import Comparable, Row

if TYPE_CHECKING:
    from shops.connectors.woocommerce.simulator.state import ShopState

BLOCK = 8
VARIANTS = 3
MOST_IMAGES = BLOCK - VARIANTS - 1
CATEGORIES, BRANDS = 40, 60
FIRST_TERM = 101
"""Categories begin at this id, brands and the three sizes follow."""
SIZE_ATTRIBUTE = 1
_KEPT = 2000
_SIZES = ("S", "M", "L")
_START = 1_735_718_400
"""2025-01-01 08:00 UTC."""
_KINDS = ("Farba", "Lakier", "Pędzel", "Wiertło", "Młotek", "Kabel", "Zamek", "Uchwyt", "Klej", "Taśma", "Śruba")
_TRAITS = ("biała", "czarna", "mała", "duża", "mocna", "szybka", "cicha", "lekka", "gruba", "długa", "wąska", "płaska")


def sku(number: int, variant: int = 0) -> str:
    """`SIM-000017`, for the second variant `SIM-000017-M`."""
    return f"SIM-{number:06d}" + (f"-{_SIZES[variant - 1]}" if variant else "")


def name(number: int) -> str:
    return f"{_KINDS[number % len(_KINDS)]} {_TRAITS[number % len(_TRAITS)]} {number}"


def price(number: int) -> str:
    """As the shop's setting says, two decimals."""
    return f"{5 + number * 37 % 900}.{number * 13 % 100:02d}"


def quantity(row_id: int) -> int:
    return row_id * 7 % 120


def ean(row_id: int) -> str:
    digits = str(590_000_000_000 + row_id)
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def category(number: int) -> int:
    return FIRST_TERM + number % CATEGORIES


def brand(number: int) -> int:
    return FIRST_TERM + CATEGORIES + number % BRANDS


def size(variant: int) -> int:
    return FIRST_TERM + CATEGORIES + BRANDS + variant - 1


def furnish(state: "ShopState") -> None:
    """Puts in what computed products refer to."""
    state.terms.next_id = FIRST_TERM
    for place in range(CATEGORIES):
        state.add_category(f"Kategoria {place + 1:02d}")
    for place in range(BRANDS):
        state.add_brand(f"Producent {place + 1:02d}")
    attribute = state.add_attribute("Rozmiar")
    assert attribute == SIZE_ATTRIBUTE
    for text in _SIZES:
        state.add_term(attribute, text)


class Generated:
    """The recipe: how many products, which share has three variations, how many pictures each (up to four)."""

    def __init__(self, products: int, variants_share: float = 0.3, images: int = 1) -> None:
        if images > MOST_IMAGES:
            raise ValueError(f"a generated product has at most {MOST_IMAGES} pictures")
        self.products = products
        self.variants_share = variants_share
        self.images = images
        self._made: dict[int, Row] = {}

    def has_variants(self, number: int) -> bool:
        """Spread evenly: the share of the first n products is right for every n."""
        return int(number * self.variants_share) != int((number - 1) * self.variants_share)

    def variations(self, number: int) -> list[int]:
        return [number * BLOCK + variant for variant in range(1, VARIANTS + 1)] if self.has_variants(number) else []

    def image_ids(self, number: int) -> list[int]:
        return [number * BLOCK + VARIANTS + 1 + place for place in range(self.images)]

    @staticmethod
    def content(media_id: int) -> bytes:
        return small_png(media_id)

    def source(self, table: str) -> "Rows | None":
        numbers = range(1, self.products + 1)
        if table == "products":
            ids = array("q", (one for n in numbers for one in (n * BLOCK, *self.variations(n))))
            return Rows(ids, self._is_product, self.product)
        if table == "media":
            ids = array("q", (one for n in numbers for one in self.image_ids(n)))
            return Rows(ids, self._is_image, self.image)
        return None

    def _is_product(self, row_id: int) -> bool:
        number, variant = divmod(row_id, BLOCK)
        return 1 <= number <= self.products and (variant == 0 or row_id in self.variations(number))

    def _is_image(self, media_id: int) -> bool:
        return 1 <= media_id // BLOCK <= self.products and media_id in self.image_ids(media_id // BLOCK)

    def product(self, row_id: int) -> Row:
        """A product or variation; those of the last pages are kept, as one answer asks for the same row many times."""
        if len(self._made) > _KEPT:
            self._made.clear()
        if row_id not in self._made:
            self._made[row_id] = self._product(row_id)
        return self._made[row_id]

    def _product(self, row_id: int) -> Row:
        from shops.connectors.woocommerce.simulator.product_rows import NEW

        number, variant = divmod(row_id, BLOCK)
        moment = _START + 60 * number
        row = {"id": str(row_id), **NEW, "sku": sku(number, variant), "global_unique_id": ean(row_id)}
        row |= {"created": moment, "modified": moment, "meta_data": [], "attributes": [], "menu_order": variant}
        if variant:
            chosen = [{"id": SIZE_ATTRIBUTE, "name": "Rozmiar", "option": size(variant)}]
            row |= {"type": "variation", "parent_id": number * BLOCK, "attributes": chosen, "name": name(number)}
            row |= {"slug": f"towar-{number}-{variant}"}
        else:
            row |= {"name": name(number), "slug": f"towar-{number}", "weight": "1"}
            row |= {"description": f"{name(number)}, opis towaru numer {number}."}
            row |= {"categories": [category(number)], "brands": [brand(number)], "images": self.image_ids(number)}
        if not variant and self.has_variants(number):
            sizes = [size(one) for one in range(1, VARIANTS + 1)]
            shown = {"position": 0, "visible": True, "variation": True, "options": sizes}
            return row | {"type": "variable", "attributes": [{"id": SIZE_ATTRIBUTE, "name": "Rozmiar", **shown}]}
        stock = quantity(row_id)
        row |= {"regular_price": price(number), "manage_stock": True, "stock_quantity": stock}
        return row | {"stock_status": "instock" if stock else "outofstock"}

    def image(self, media_id: int) -> Row:
        number = media_id // BLOCK
        moment = _START + 60 * number
        row = {"id": str(media_id), "file": f"2025/01/{media_id}.png", "title": f"{media_id}.png", "alt": name(number)}
        return row | {"mime": "image/png", "created": moment, "modified": moment, "parent": 0, "size": 74}

    def value(self, table: str, row_id: int, path: str) -> list[Comparable] | None:
        """What a computed row is found by, without making the row; None for what is not known here."""
        number, variant = divmod(row_id, BLOCK)
        if table != "products":
            return None
        if path in ("modified", "created"):
            return [_START + 60 * number]
        if path == "kind":
            return ["variation" if variant else "product"]
        if path == "sku":
            return [sku(number, variant).lower()]
        if path == "parent":
            return [number * BLOCK] if variant else []
        if path == "global_unique_id":
            return [ean(row_id)]
        if path == "slug":
            return [f"towar-{number}" + (f"-{variant}" if variant else "")]
        if path == "status":
            return ["publish"]
        if path == "categories":
            return [] if variant else [category(number)]
        if path == "brands":
            return [] if variant else [brand(number)]
        if path == "type":
            return ["variation" if variant else "variable" if self.has_variants(number) else "simple"]
        return None


class Rows:
    """Computed rows of one table."""

    def __init__(self, ids: "array[int]", has: Callable[[int], bool], make: Callable[[int], Row]) -> None:
        self._ids = ids
        self.has = has
        self.make = make

    def ids(self) -> "array[int]":
        return self._ids[:]

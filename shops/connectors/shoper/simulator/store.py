"""The tables of the simulated shop and the changes that concern more than one of them."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from shops.connectors.shoper.simulator.filters import comparable
from shops.connectors.shoper.simulator.generated import Generated, owner
from shops.connectors.shoper.simulator.pricing import INHERITED, recompute
from shops.connectors.shoper.simulator.resources import RESOURCES
from shops.simulation.tables import Comparable, Row, Table

if TYPE_CHECKING:
    from shops.connectors.shoper.simulator.hooks import Delivery

_MOST_DELIVERIES = 1000
_GENERATED = frozenset({"products", "product-stocks", "product-images"})


class Store:
    """All tables of the shop and what ties them together: stock rows and pictures to products, categories to a tree.

    `clock` gives seconds since the epoch and stamps dates.
    """

    def __init__(self, *, clock: Callable[[], float] | None = None, recipe: Generated | None = None) -> None:
        self.clock = clock or (lambda: time.time())
        self.recipe = recipe
        self.tables: dict[str, Table] = {
            name: Table(name, resource.key, self.values, recipe.source(name) if recipe else None)
            for name, resource in RESOURCES.items()
        }
        self.products = self.tables["products"]
        self.stocks = self.tables["product-stocks"]
        self.images = self.tables["product-images"]
        self.categories = self.tables["categories"]
        self.orders = self.tables["orders"]
        self.lines = self.tables["order-products"]
        self.parcels = self.tables["parcels"]
        self.discounts = "line"
        """How a discount of a line is reckoned, which nobody documents: `line` and `unit` round the line or the piece,
        `price` has it in the price that is shown."""
        self.address = "https://shop.example"
        self.application_version = "5.26.54"
        self.config: Row = {}
        self.nodes: dict[int, tuple[int, int]] = {}
        """The tree: category id -> (parent id, 0 for a root; order). It may know ids that the list lacks."""
        self.files: dict[int, bytes] = {}
        self.remote_files: dict[str, bytes] = {}
        """What "the internet" holds for pictures given by address; any other address answers 404 there."""
        self.outbox: deque[Delivery] = deque(maxlen=_MOST_DELIVERIES)
        """Deliveries of webhooks that the shop would have sent by itself. It is not saved: each is tried once."""
        self._stock_ids: dict[int, list[int]] = {}
        self._image_ids: dict[int, list[int]] = {}
        self._totals: dict[tuple[str, int], tuple[tuple[int, int], tuple[int, int]]] = {}

    # reading

    def values(self, resource: str, row_id: int, path: str) -> list[Comparable]:
        """What a row is filtered and sorted by under this key; several for translations, categories and tags."""
        if self.recipe and row_id not in self.tables[resource].rows:
            quick = self.recipe.value(resource, row_id, path)
            if quick is not None:
                return quick
        if resource == "products" and path.startswith("stock."):
            return self.values("product-stocks", self.stock_ids(row_id)[0], path[6:])
        row = self.tables[resource].get(row_id)
        if path.startswith("translations."):
            locale, _, name = path[len("translations.") :].rpartition(".")
            texts = row["translations"] or {}
            chosen = [texts[locale]] if locale in texts else [] if locale else list(texts.values())
            return [comparable(path, text.get(name)) for text in chosen]
        if path == "category_tree_id":
            return [comparable(path, category) for category in row["categories"]]
        if path == "options":
            return [int(value) for value in row["options"].values()] if row["options"] else []
        raw = row.get(path)
        return [comparable(path, part) for part in raw] if isinstance(raw, list) else [comparable(path, raw)]

    def stock_ids(self, product_id: int) -> list[int]:
        """The id of the product's base row, then those of its variants."""
        found = self._stock_ids.get(product_id)
        if found is None and self.recipe and product_id <= self.recipe.products:
            return self.recipe.stock_ids(product_id)
        return found or []

    def image_ids(self, product_id: int) -> list[int]:
        """Ids of the product's pictures in their order."""
        found = self._image_ids.get(product_id)
        if found is None and self.recipe and product_id <= self.recipe.products:
            return self.recipe.image_ids(product_id)
        return found or []

    def product_of(self, stock_id: int) -> int:
        row = self.stocks.rows.get(stock_id)
        return int(row["product_id"]) if row else owner(stock_id)

    def is_generated(self, resource: str, row_id: int) -> bool:
        """Whether a row, and whatever is shown inside it, is as it was generated."""
        if self.recipe is None or resource not in _GENERATED or row_id in self.tables[resource].rows:
            return False
        if resource != "products":
            return True
        if row_id in self._stock_ids or row_id in self._image_ids:
            return False
        images = self.recipe.image_ids(row_id)
        changed = self.recipe.stock_ids(row_id)[0] in self.stocks.rows
        return not changed and not any(gfx_id in self.images.rows for gfx_id in images)

    def no_image(self, product_id: int) -> bool | None:
        """What `main_image` is without a picture: false when there never was one, null when the last one went."""
        return None if product_id in self._image_ids else False

    def content(self, gfx_id: int) -> bytes | None:
        if gfx_id in self.files:
            return self.files[gfx_id]
        return self.recipe.content(gfx_id) if self.recipe and gfx_id in self.images else None

    def locales(self) -> dict[str, str]:
        """Locale -> lang_id."""
        return {row["locale"]: row["lang_id"] for row in self.tables["languages"].rows.values()}

    def totals_of_group(self, group_id: int) -> tuple[int, int]:
        """Products of an option group and their variants."""

        def count() -> tuple[int, int]:
            products = self.products.index("group_id").of(group_id)
            return len(products), sum(len(self.stock_ids(product_id)) - 1 for product_id in products)

        return self._counted(("group", group_id), count)

    def totals_of_value(self, value_id: int) -> tuple[int, int]:
        """Products with a variant of this option value, and those variants."""

        def count() -> tuple[int, int]:
            stocks = self.stocks.index("options").of(value_id)
            return len({self.product_of(stock_id) for stock_id in stocks}), len(stocks)

        return self._counted(("value", value_id), count)

    def _counted(self, what: tuple[str, int], count: Callable[[], tuple[int, int]]) -> tuple[int, int]:
        """Totals are counted once and kept while no product or variant comes, goes or changes."""
        moment = (self.products.version, self.stocks.version)
        if self._totals.get(what, (None, None))[0] != moment:
            self._totals[what] = (moment, count())
        return self._totals[what][1]

    def category_is_known(self, category_id: int) -> bool:
        return category_id in self.categories or category_id in self.nodes

    def tree(self, top: int = 0) -> list[Row]:
        """Children of a category as `categories-tree` shows them, roots for 0."""
        children: dict[int, list[int]] = {}
        for category_id in sorted(self.nodes, key=lambda c: self.nodes[c][1]):
            children.setdefault(self.nodes[category_id][0], []).append(category_id)

        def branch(parent: int) -> list[Row]:
            return [{"id": child, "children": branch(child)} for child in children.get(parent, [])]

        return branch(top)

    def now_text(self) -> str:
        """The present as the shop writes dates: naive, in the shop's own time zone."""
        return datetime.fromtimestamp(self.clock(), UTC).astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def epoch(self, text: str) -> int:
        """Seconds since the epoch of one of the shop's dates."""
        return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=self._zone).timestamp())

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.config.get("locale_timezone") or "Europe/Warsaw")

    # changing rows

    def insert_product(self, row: Row, stock: Row, product_id: int | None = None) -> int:
        """Stores a product with its base row; both are complete rows but for their ids. Returns the product's id."""
        product_id = product_id or self.products.next_id
        stock_id = int(stock["stock_id"]) if stock.get("stock_id") else None
        stock_id = self.stocks.insert({**stock, "product_id": str(product_id)}, stock_id)
        self._stock_ids[product_id] = [stock_id]
        return self.products.insert(row, product_id)

    def insert_variant(self, product_id: int, stock: Row) -> int:
        """Stores a variant; the first one takes the mark of the default row from the base row."""
        stock_id = self.stocks.insert({**stock, "product_id": str(product_id), "default": "0"})
        self._stock_ids[product_id] = [*self.stock_ids(product_id), stock_id]
        self._mark_default(product_id)
        return stock_id

    def _mark_default(self, product_id: int) -> None:
        """One row of a product is its default: the first variant, or the base row where there is none."""
        base_id, *variants = self.stock_ids(product_id)
        chosen = next(
            (s for s in variants if self.stocks.get(s)["default"] == "1"), variants[0] if variants else base_id
        )
        for stock_id in (base_id, *variants):
            mark = str(int(stock_id == chosen))
            if self.stocks.get(stock_id)["default"] != mark:
                with self.products.reindexing(product_id), self.stocks.editing(stock_id) as row:
                    row["default"] = mark

    @contextmanager
    def changing_stock(self, stock_id: int) -> Iterator[Row]:
        """A stock row for changing; afterwards computed prices of it, and of variants below it, are right again."""
        product_id = int(self.stocks.get(stock_id)["product_id"])
        base_id, *variants = self.stock_ids(product_id)
        with self.products.reindexing(product_id), self.stocks.editing(stock_id) as row:
            before = [row[name] for name in INHERITED]
            yield row
            recompute(row, self.stocks.get(base_id))
        if stock_id == base_id and before != [row[name] for name in INHERITED]:
            for variant in variants:
                with self.stocks.editing(variant) as below:
                    recompute(below, row)

    def remove_variant(self, stock_id: int) -> None:
        product_id = int(self.stocks.get(stock_id)["product_id"])
        self._stock_ids[product_id] = [s for s in self.stock_ids(product_id) if s != stock_id]
        self.stocks.remove(stock_id)
        self._mark_default(product_id)

    def remove_product(self, product_id: int) -> None:
        """Deletes a product with its rows and pictures. Raises `KeyError`."""
        stock_ids, image_ids = self.stock_ids(product_id), self.image_ids(product_id)
        self.products.remove(product_id)
        for stock_id in stock_ids:
            self.stocks.remove(stock_id)
        for gfx_id in image_ids:
            self.images.remove(gfx_id)
            self.files.pop(gfx_id, None)
        self._stock_ids[product_id] = []
        self._image_ids[product_id] = []

    def insert_image(self, product_id: int, row: Row, content: bytes, gfx_id: int | None = None) -> int:
        gfx_id = self.images.insert({**row, "product_id": str(product_id)}, gfx_id)
        self._image_ids[product_id] = [*self.image_ids(product_id), gfx_id]
        if content:
            self.files[gfx_id] = content
        return gfx_id

    def remove_image(self, gfx_id: int) -> None:
        """Deletes a picture; the others are numbered anew and the first becomes main. Raises `KeyError`."""
        product_id = int(self.images.get(gfx_id)["product_id"])
        self.images.remove(gfx_id)
        self.files.pop(gfx_id, None)
        self.arrange_images(product_id, [i for i in self.image_ids(product_id) if i != gfx_id])

    def arrange_images(self, product_id: int, gfx_ids: list[int]) -> None:
        self._image_ids[product_id] = gfx_ids
        for place, gfx_id in enumerate(gfx_ids, start=1):
            with self.images.editing(gfx_id) as row:
                row["order"], row["main"] = str(place), int(place == 1)

    def touch(self, product_id: int) -> None:
        """Moves the product's `edit_date` to now."""
        with self.products.editing(product_id) as row:
            row["edit_date"] = self.now_text()

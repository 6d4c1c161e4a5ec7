"""What the simulated shop holds, with plain methods that put things into it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shops.connectors.shoper.simulator import rows
from shops.connectors.shoper.simulator.filters import comparable
from shops.connectors.shoper.simulator.generated import Generated, owner
from shops.connectors.shoper.simulator.pictures import extension_of
from shops.connectors.shoper.simulator.pricing import INHERITED, recompute
from shops.connectors.shoper.simulator.resources import RESOURCES
from shops.connectors.shoper.simulator.tables import Comparable, Row, Table

LOCALE = "pl_PL"
_GENERATED = frozenset({"products", "product-stocks", "product-images"})


class ShopState:
    """The shop's data. A new one is what a new shop has: units, tax rates, statuses, payments, languages, currencies.

    `clock` gives seconds since the epoch and stamps dates. `furnished=False` leaves even the factory rows out.
    """

    def __init__(
        self, *, clock: Callable[[], float] | None = None, recipe: Generated | None = None, furnished: bool = True
    ) -> None:
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
        self.address = "https://shop.example"
        self.application_version = "5.26.54"
        self.config: Row = {}
        self.nodes: dict[int, tuple[int, int]] = {}
        """The tree: category id -> (parent id, 0 for a root; order). It may know ids that the list lacks."""
        self.files: dict[int, bytes] = {}
        self.remote_files: dict[str, bytes] = {}
        """What "the internet" holds for pictures given by address; any other address answers 404 there."""
        self._stock_ids: dict[int, list[int]] = {}
        self._image_ids: dict[int, list[int]] = {}
        self._totals: dict[tuple[str, int], tuple[tuple[int, int], tuple[int, int]]] = {}
        if furnished:
            from shops.connectors.shoper.simulator.factory import furnish

            furnish(self)

    @classmethod
    def generated(cls, products: int, variants_share: float = 0.3, images: int = 2, **options: Any) -> "ShopState":
        """A shop of `products` computed products; see `generated.Generated` for the formulas."""
        from shops.connectors.shoper.simulator.factory import furnish_generated

        state = cls(recipe=Generated(products, variants_share, images), **options)
        furnish_generated(state)
        return state

    @classmethod
    def from_recordings(cls, folder: Path | str, **options: Any) -> "ShopState":
        """A shop that holds the rows of recorded answers, one file per request as `recordings` explains."""
        from shops.connectors.shoper.simulator.recordings import load

        return load(cls(furnished=False, **options), Path(folder))

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
        stock_id = self.stocks.insert({**stock, "product_id": str(product_id)})
        self._stock_ids[product_id] = [*self.stock_ids(product_id), stock_id]
        return stock_id

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

    # adding things by hand: nothing is checked, so that tests can plant what the API would refuse

    def add_unit(self, name: str, fractional: bool = False) -> int:
        row_id = self.tables["units"].next_id
        texts = {"translation_id": str(row_id), "unit_id": str(row_id), "name": name, "lang_id": "1"}
        return self.tables["units"].insert({"floating_point": str(int(fractional)), "translations": {LOCALE: texts}})

    def add_tax(self, name: str, percent: str | int) -> int:
        return self.tables["taxes"].insert({"value": str(percent), "name": name, "class": name})

    def add_producer(self, name: str, web: str = "") -> int:
        row_id = self.tables["producers"].next_id
        texts = {"translation_id": str(row_id), "producer_id": str(row_id), **rows.PRODUCER_TEXTS}
        texts["permalink"] = f"{self.address}/{LOCALE}/producer/{rows.slug(name)}/{row_id}"
        return self.tables["producers"].insert(
            {**rows.PRODUCER, "name": name, "web": web, "translations": {LOCALE: texts}}
        )

    def add_category(self, name: str, parent: int = 0, *, active: bool = True, order: int | None = None) -> int:
        """Adds a category below `parent` (0: a root); returns its id."""
        category_id = max([self.categories.next_id - 1, *self.nodes]) + 1
        place = order if order is not None else 1 + sum(1 for above, _ in self.nodes.values() if above == parent)
        texts = {"trans_id": str(category_id), "category_id": str(category_id), **rows.CATEGORY_TEXTS}
        texts |= {"name": name, "active": str(int(active))}
        texts["permalink"] = f"{self.address}/pl/c/{rows.slug(name)}/{category_id}"
        row = {**rows.CATEGORY, "order": str(place), "root": str(int(parent == 0)), "translations": {LOCALE: texts}}
        self.nodes[category_id] = (parent, place)
        return self.categories.insert(row, category_id)

    def add_option(self, group: str, option: str, values: Iterable[str]) -> tuple[int, int, dict[str, int]]:
        """Adds an option group (or takes the one of that name) with one stock option; returns the ids of the group,
        the option and its values by text."""
        group_id = self._option_group(group)
        option_id = self.tables["options"].next_id
        texts = {"translation_id": str(option_id), "option_id": str(option_id), "lang_id": "1", "name": option}
        fixed = {"order": "1", "type": "select", "required": "1", "filters": "1", "stock": "1"}
        self.tables["options"].insert({"group_id": str(group_id), **fixed, "translations": {LOCALE: texts}})
        found = {}
        for place, value in enumerate(values, start=1):
            value_id = self.tables["option-values"].next_id
            texts = {"translation_id": str(value_id), "ovalue_id": str(value_id), "lang_id": "1", "value": value}
            plain = {"order": str(place), "change_price_type": 0, "change_price_value": 0, "percent": "0", "color": ""}
            row = {"option_id": str(option_id), **plain, "translations": {LOCALE: texts}}
            found[value] = self.tables["option-values"].insert(row)
        return group_id, option_id, found

    def _option_group(self, name: str) -> int:
        groups = self.tables["option-groups"]
        for group_id, row in groups.rows.items():
            if row["translations"][LOCALE]["name"] == name:
                return group_id
        group_id = groups.next_id
        texts = {"translation_id": str(group_id), "group_id": str(group_id), "lang_id": "1", "name": name}
        return groups.insert({"filters": "0", "translations": {LOCALE: texts}})

    def add_product(
        self,
        code: str,
        name: str,
        price: Any = "1.00",
        stock: Any = 0,
        *,
        ean: str = "",
        category: int = 0,
        categories: Iterable[int] = (),
        producer: int | None = None,
        tax: int = 1,
        unit: int = 1,
        group: int | None = None,
        weight: Any = 0,
        active: bool = True,
        short_description: str = "",
        description: str = "",
        variants: Iterable[Mapping[str, Any]] = (),
        images: Iterable[bytes] = (),
    ) -> int:
        """Adds a product; returns its id. `variants` are keyword sets of `add_variant`."""
        product_id = self.products.next_id
        now = self.now_text()
        texts = {"translation_id": str(product_id), "product_id": str(product_id), **rows.PRODUCT_TEXTS}
        texts |= {"name": name, "active": str(int(active))}
        texts |= {"short_description": short_description, "description": description}
        texts["permalink"] = f"{self.address}/pl/p/{rows.slug(name)}/{product_id}"
        row = {**rows.PRODUCT, "tax_id": str(tax), "unit_id": str(unit), "add_date": now, "edit_date": now}
        row |= {"producer_id": str(producer) if producer else None, "group_id": str(group) if group else None}
        row |= {"category_id": str(category), "categories": list(dict.fromkeys([category, *categories]))}
        row["translations"] = {LOCALE: texts}
        base = {**rows.STOCK, "code": code, "ean": ean, "price": rows.money(price), "stock": rows.quantity(stock)}
        base |= {"weight": rows.quantity(weight), "default": "1"}
        recompute(base, base)
        self.insert_product(row, base)
        for variant in variants:
            self.add_variant(product_id, **variant)
        for content in images:
            self.add_image(product_id, content)
        return product_id

    def add_variant(
        self,
        product_id: int,
        code: str,
        options: Mapping[int, int],
        *,
        price: Any = None,
        stock: Any = 0,
        ean: str = "",
        active: bool = True,
    ) -> int:
        """Adds a variant (`options`: option id -> value id; without a price it takes the product's); returns its id."""
        row = {**rows.STOCK, "extended": "1", "code": code, "ean": ean, "stock": rows.quantity(stock)}
        row |= {"price_type": "0" if price is None else "1", "price": rows.money(price or 0), "weight_type": "0"}
        row |= {"active": str(int(active)), "options": {str(o): str(v) for o, v in options.items()}}
        recompute(row, self.stocks.get(self.stock_ids(product_id)[0]))
        return self.insert_variant(product_id, row)

    def add_image(self, product_id: int, content: bytes, name: str = "") -> int:
        """Adds a picture as the product's last; returns its `gfx_id`."""
        gfx_id = self.images.next_id
        place = len(self.image_ids(product_id)) + 1
        extension = extension_of(content) or "jpg"
        name = name or f"{gfx_id}.{extension}"
        texts = {"translation_id": str(gfx_id), "gfx_id": str(gfx_id), "name": name, "description": "", "lang_id": "1"}
        row = {**rows.IMAGE, "name": name, "unic_name": str(gfx_id), "order": str(place), "main": int(place == 1)}
        return self.insert_image(product_id, {**row, "translations": {LOCALE: texts}, "extension": extension}, content)

"""The tables of the simulated shop and what ties them together: stock rows, variants and pictures to products."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shops.connectors.prestashop.simulator.collation import folded, number
from shops.connectors.prestashop.simulator.fields import NUMBERS, Field
from shops.connectors.prestashop.simulator.generated import Generated
from shops.connectors.prestashop.simulator.resources import RESOURCES
from shops.simulation.tables import Comparable, Row, Table

IMAGE_TABLE = "images"
_KINDS = {name: {field.name: field.kind for field in resource.fields} for name, resource in RESOURCES.items()}
_OWNED = ("combinations", "stock_availables", IMAGE_TABLE)
"""Tables whose rows belong to a product by `id_product`."""


class Store:
    """All tables of the shop. `clock` gives seconds since the epoch and stamps dates in the shop's own time zone.

    Rows are as the database keeps them: whole numbers as int, texts by language as `{"1": ..}`, the rest as text;
    members of associations as lists under the association's name.
    """

    def __init__(self, *, clock: Callable[[], float] | None = None, recipe: Generated | None = None) -> None:
        self.clock = clock or (lambda: time.time())
        self.recipe = recipe
        self.tables: dict[str, Table] = {
            name: Table(name, "id", self.values, recipe.source(name) if recipe else None)
            for name in (*RESOURCES, IMAGE_TABLE)
        }
        self.products = self.tables["products"]
        self.combinations = self.tables["combinations"]
        self.stocks = self.tables["stock_availables"]
        self.categories = self.tables["categories"]
        self.images = self.tables[IMAGE_TABLE]
        self.name = "Sklep testowy"
        self.files: dict[int, bytes] = {}
        self._owned: dict[str, dict[int, list[int]]] = {name: {} for name in _OWNED}
        """By table: ids of the rows of each product that is no longer as it was generated."""

    # reading

    def values(self, resource: str, row_id: int, path: str) -> list[Comparable]:
        """What a row is compared by in a field; several for texts (one per language) and lists."""
        if path == "id":
            return [row_id]
        if self.recipe and row_id not in self.tables[resource].rows:
            quick = self.recipe.value(resource, row_id, path)
            if quick is not None:
                return quick
        raw = self.tables[resource].get(row_id).get(path)
        kind = _KINDS.get(resource, {}).get(path, "int")
        if isinstance(raw, dict):
            return [folded(raw.get(str(language), "")) for language in self.languages()]
        if isinstance(raw, list):
            return [number(member) for member in raw]
        return [number(raw) if kind in NUMBERS else folded(raw)]

    def languages(self) -> list[int]:
        """Ids of the shop's languages."""
        return list(self.tables["languages"].ids)

    @property
    def default_language(self) -> int:
        return int(self.setting("PS_LANG_DEFAULT") or 1)

    def setting(self, name: str) -> str:
        """A value of the configuration, empty when there is none."""
        for row in self.tables["configurations"].rows.values():
            if row["name"] == name:
                return str(row["value"])
        return ""

    def owned(self, table: str, product_id: int) -> list[int]:
        """Ids of the product's rows in `combinations`, `stock_availables` or `images`, in their order."""
        found = self._owned[table].get(product_id)
        if found is None and self.recipe and product_id <= self.recipe.products:
            return self.recipe.owned(table, product_id)
        return found or []

    def stock_row(self, product_id: int, attribute: int = 0, shop: int | None = 1) -> int | None:
        """The id of a stock row: of the product itself or of a combination, of this shop (None: of any)."""
        for stock_id in self.owned("stock_availables", product_id):
            row = self.stocks.get(stock_id)
            if row["id_product_attribute"] == attribute and shop in (None, row["id_shop"]):
                return stock_id
        return None

    def content(self, image_id: int) -> bytes | None:
        if image_id in self.files:
            return self.files[image_id]
        return self.recipe.content(image_id) if self.recipe and image_id in self.images else None

    def below(self, category_id: int) -> set[int]:
        """A category and all that are below it."""
        children = self.categories.index("id_parent")
        found, open_ = {category_id}, [category_id]
        while open_:
            inner = set(children.of(open_.pop())) - found
            found |= inner
            open_ += inner
        return found

    def now_text(self) -> str:
        """The present as the shop writes dates: naive, in the shop's own time zone."""
        zone = ZoneInfo(self.setting("PS_TIMEZONE") or "Europe/Warsaw")
        return datetime.fromtimestamp(self.clock(), UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    # changing rows

    def new_row(self, resource: str, values: Row) -> Row:
        """A complete row: what is not given is empty, as the database would hold it."""
        row = {field.name: field.empty for field in RESOURCES[resource].fields if not field.dynamic}
        row |= {found.name: [] for found in RESOURCES[resource].associations if found.writable}
        return row | values

    def insert(self, resource: str, values: Row, row_id: int | None = None) -> int:
        """Adds a row and ties it to its product; a new product or combination gets its stock row by `ensure_stock`."""
        row = self.new_row(resource, values) if resource in RESOURCES else dict(values)
        if resource in _OWNED:
            kept = self.owned(resource, row["id_product"])
            row_id = self.tables[resource].insert(row, row_id)
            self._owned[resource][row["id_product"]] = [*kept, row_id]
            return row_id
        row_id = self.tables[resource].insert(row, row_id)
        if resource == "products":
            for table in _OWNED:
                self._owned[table].setdefault(row_id, [])
        return row_id

    def ensure_stock(self, product_id: int, attribute: int = 0, quantity: int = 0) -> int:
        """The stock row of the shop itself, made when there is none: one that left for shop 0 is not found."""
        found = self.stock_row(product_id, attribute)
        if found is not None:
            return found
        row = {"id_product": product_id, "id_product_attribute": attribute, "id_shop": 1, "quantity": quantity}
        return self.insert("stock_availables", row | {"out_of_stock": 2})

    def set_quantity(self, product_id: int, attribute: int, quantity: int) -> None:
        with self.stocks.editing(self.ensure_stock(product_id, attribute)) as row:
            row["quantity"] = quantity
        if attribute:
            self.sum_stock(product_id)

    def move_quantity(self, product_id: int, attribute: int, pieces: int) -> None:
        """So many pieces more, or less; of what is no longer sold nothing is counted."""
        if product_id in self.products and (not attribute or attribute in self.combinations):
            kept = self.stocks.get(self.ensure_stock(product_id, attribute))["quantity"]
            self.set_quantity(product_id, attribute, kept + pieces)

    def product_name(self, product_id: int) -> str:
        """In the default language."""
        return str(self.products.get(product_id)["name"].get(str(self.default_language), ""))

    def sum_stock(self, product_id: int) -> None:
        """The product's own row becomes the sum of its combinations' rows."""
        rows = [self.stocks.get(stock_id) for stock_id in self.owned("stock_availables", product_id)]
        total = sum(row["quantity"] for row in rows if row["id_product_attribute"] and row["id_shop"] == 1)
        with self.stocks.editing(self.ensure_stock(product_id)) as row:
            row["quantity"] = total

    def remove(self, resource: str, row_id: int) -> None:
        """Deletes a row with what belongs to it. Raises `KeyError`."""
        row = self.tables[resource].get(row_id)
        if resource == "products":
            for table in _OWNED:
                self._remove_all(table, self.owned(table, row_id))
                self._owned[table][row_id] = []
            self._remove_all("specific_prices", self.tables["specific_prices"].index("id_product").of(row_id))
        if resource == "combinations":
            attached = [s for s in self.owned("stock_availables", row["id_product"]) if self._is_of(s, row_id)]
            for stock_id in attached:
                self.remove("stock_availables", stock_id)
            self.sum_stock(row["id_product"])
        if resource == "categories":
            for child in sorted(self.below(row_id) - {row_id}):
                self.tables[resource].remove(child)
        if resource in _OWNED:
            owner = row["id_product"]
            self._owned[resource][owner] = [kept for kept in self.owned(resource, owner) if kept != row_id]
        self._remove_all(resource, [row_id])
        if resource == "combinations":
            self.settle_default(row["id_product"])

    def settle_default(self, product_id: int) -> None:
        """The product knows its default combination: the one that is marked, else its first, 0 without any."""
        found = self.owned("combinations", product_id)
        marked = [c for c in found if self.combinations.get(c)["default_on"] == "1"]
        if product_id in self.products:
            with self.products.editing(product_id) as product:
                product["cache_default_attribute"] = next(iter([*marked, *found]), 0)

    def _is_of(self, stock_id: int, attribute: int) -> bool:
        return bool(self.stocks.get(stock_id)["id_product_attribute"] == attribute)

    def _remove_all(self, table: str, row_ids: Iterable[int]) -> None:
        for row_id in list(row_ids):
            self.tables[table].remove(row_id)
            if table == IMAGE_TABLE:
                self.files.pop(row_id, None)

    def texts(self, field: Field, row: Row) -> dict[int, str]:
        """The texts of a row by language, empty ones among them."""
        kept = row.get(field.name) or {}
        return {language: kept.get(str(language), "") for language in self.languages()}

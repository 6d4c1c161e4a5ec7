"""The tables of the simulated shop and what ties them together.

Products, variations, pictures and orders share one sequence of ids, as posts do in WordPress; categories, tags, brands
and terms of attributes share another.
"""

import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from shops.connectors.woocommerce.simulator import php, selling
from shops.connectors.woocommerce.simulator.generated import Generated
from shops.connectors.woocommerce.simulator.versions import Features
from shops.simulation.tables import Comparable, Row, Table

POSTS = ("products", "media", "orders")
TABLES = (*POSTS, "terms", "attributes", "taxes", "webhooks")
CATEGORY, TAG, BRAND = "product_cat", "product_tag", "product_brand"
LIST_OF = {CATEGORY: "categories", TAG: "tags", BRAND: "brands"}


class Store:
    """`clock` gives seconds since the epoch and stamps dates; `version` is the WooCommerce version."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] | None = None,
        version: str = "10.5.0",
        recipe: Generated | None = None,
    ) -> None:
        self.clock = clock or (lambda: time.time())
        self.features = Features.of(version)
        self.recipe = recipe
        self.tables: dict[str, Table] = {
            name: Table(name, "id", self.values, recipe.source(name) if recipe else None) for name in TABLES
        }
        self.products, self.media = self.tables["products"], self.tables["media"]
        self.orders, self.terms = self.tables["orders"], self.tables["terms"]
        self.attributes, self.taxes = self.tables["attributes"], self.tables["taxes"]
        self.webhooks = self.tables["webhooks"]
        self.address = "https://shop.example"
        self.timezone = "Europe/Warsaw"
        self.tax_classes: dict[str, str] = {}
        """Name by slug, without the standard one."""
        self.settings: dict[str, Row] = {}
        """By `group/id`, as they are answered but for links."""
        self.environment: Row = {}
        self.default_category = 0
        self.gateways: list[Row] = deepcopy(selling.GATEWAYS)
        self.zones: list[Row] = deepcopy(selling.ZONES)
        self.order_statuses: dict[str, str] = {}
        """States that plugins added: name by slug."""
        self.plugins: list[str] = []
        """Of orders: `shipment-tracking`; and the feature `fulfillments`."""
        self.next_meta = 1
        self.changes = 0
        """Counts what no table counts: settings, tax classes."""
        self.files: dict[str, bytes] = {}
        """Uploaded files by their path below `/wp-content/uploads/`."""
        self.remote_files: dict[str, bytes] = {}
        """What "the internet" holds for pictures given by address; any other address is not there."""
        self.orphan_skus: set[str] = set()
        """SKUs in lower case that only the lookup table knows: no product has them, and none can be made with them."""
        self.racing_variations = False
        """Creating a variation does not see the SKUs of its parent's other variations of the same second, as when
        requests run side by side (the shop holds no lock there)."""
        self.queue: dict[tuple[int, str, int], str] = {}
        """Deliveries that wait: (webhook, resource, id) -> topic. One more change of the same thing adds nothing."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def now(self) -> int:
        return int(self.clock())

    def setting(self, name: str) -> Any:
        """The value of a setting, `group/id`."""
        return self.settings[name]["value"]

    def statuses(self) -> dict[str, str]:
        """States of orders, those of plugins too: name by slug."""
        return {**selling.STATUSES, **self.order_statuses}

    def methods(self) -> Iterator[tuple[int, Row]]:
        """Ways to deliver, each with its zone's id."""
        return selling.methods(self.zones)

    # ids and indexes

    def insert_post(self, table: Table, row: Row) -> int:
        return table.insert(row, max(self.tables[name].next_id for name in POSTS))

    def values(self, resource: str, row_id: int, path: str) -> list[Comparable]:
        """What a row is found and sorted by; none for what it does not have."""
        table = self.tables[resource]
        if self.recipe and row_id not in table.rows:
            quick = self.recipe.value(resource, row_id, path)
            if quick is not None:
                return quick
        row = table.get(row_id)
        if resource == "products":
            return self._product_values(row, path)
        value = row.get(path)
        return [] if value is None else list(value) if isinstance(value, list) else [value]

    def _product_values(self, row: Row, path: str) -> list[Comparable]:
        is_variation = row["type"] == "variation"
        if path == "kind":
            return [("variation" if is_variation else "product") + (":trash" if row["status"] == "trash" else "")]
        if path == "parent":
            return [row["parent_id"]] if is_variation else []
        if path in ("sku", "global_unique_id"):
            return [row[path].lower()] if row[path] else []
        if path == "price":
            return [number(row["regular_price"])]
        if path in ("categories", "tags", "brands", "images"):
            return list(row[path])
        return [row[path]]

    # products

    def children(self, product_id: int) -> "array[int]":
        """The ids of a product's variations, trashed ones too."""
        return self.products.index("parent").of(product_id)

    def living_children(self, product_id: int) -> list[int]:
        return [one for one in self.children(product_id) if self.products.values(one, "status") != ["trash"]]

    def sku_owner(self, sku: str, *, trash: bool, but: int = 0) -> int | None:
        """The product or variation that holds a SKU, in or outside the trash; letter case does not count."""
        for row_id in self.products.index("sku").of(sku.lower()):
            if row_id != but and (self.products.get(row_id)["status"] == "trash") is trash:
                return row_id
        return None

    def global_id_owner(self, value: str, but: int) -> int | None:
        found = self.products.index("global_unique_id").of(value.lower())
        return next((row_id for row_id in found if row_id != but), None)

    def free_slug(self, wanted: str, row_id: int = 0) -> str:
        taken = self.products.index("slug")
        slug, number_ = wanted, 2
        while any(one != row_id for one in taken.of(slug)):
            slug, number_ = f"{wanted}-{number_}", number_ + 1
        return slug

    def remove_product(self, product_id: int) -> None:
        """Deletes a product for good, with its variations. Its pictures stay in the library."""
        for child in self.children(product_id):
            self.products.remove(child)
        self.products.remove(product_id)

    def trash(self, product_id: int) -> None:
        """Moves a product into the trash, its variations with it."""
        for row_id in (product_id, *self.children(product_id)):
            with self.products.editing(row_id) as row:
                row.update({"status": "trash", "modified": self.now()})
        self.emit("product.deleted", product_id)

    def untrash(self, product_id: int) -> None:
        """Takes a product out of the trash, its variations with it. A PUT of the status leaves those where they are."""
        for row_id in (product_id, *self.children(product_id)):
            with self.products.editing(row_id) as row:
                row.update({"status": "publish", "modified": self.now()})
        self.emit("product.restored", product_id)

    def touch(self, product_id: int) -> None:
        """What any save does: the product and the variation's parent change their date, webhooks hear of it."""
        row = self.products.get(product_id)
        for row_id in (product_id, row["parent_id"]):
            if row_id and row_id in self.products:
                with self.products.editing(row_id) as changed:
                    changed["modified"] = self.now()
        self.emit("product.updated", product_id)

    # terms

    def terms_of(self, taxonomy: str) -> "array[int]":
        return self.terms.index("taxonomy").of(taxonomy)

    def term_named(self, taxonomy: str, name: str, parent: int | None = None) -> int | None:
        """A term by its name in any letter case; `parent` None looks below all."""
        wanted = php.escaped(name).lower()
        for term_id in self.terms_of(taxonomy):
            row = self.terms.get(term_id)
            if row["name"].lower() == wanted and parent in (None, row["parent"]):
                return term_id
        return None

    def has_term(self, taxonomy: str, term_id: int) -> bool:
        return term_id in self.terms and self.terms.get(term_id)["taxonomy"] == taxonomy

    def insert_term(self, taxonomy: str, name: str, **fields: Any) -> int:
        """Adds a term; a slug that is taken gets its parent's slug or a number behind it."""
        row: Row = {"taxonomy": taxonomy, "name": php.escaped(name), "slug": "", "parent": 0, "description": ""}
        row |= {"display": "default", "image": 0, "menu_order": 0, **fields}
        wanted = php.slug(row["slug"] or name) or "term"
        taken = {self.terms.get(one)["slug"] for one in self.terms_of(taxonomy)}
        if wanted in taken and row["parent"] in self.terms:
            wanted = f"{wanted}-{self.terms.get(row['parent'])['slug']}"
        slug, number_ = wanted, 2
        while slug in taken:
            slug, number_ = f"{wanted}-{number_}", number_ + 1
        return self.terms.insert({**row, "slug": slug})

    def with_descendants(self, category_ids: Iterable[int]) -> set[int]:
        found, more = set(), set(category_ids)
        while more:
            found |= more
            above = more
            more = {one for one in self.terms_of(CATEGORY) if self.terms.get(one)["parent"] in above} - found
        return found

    # webhooks

    def emit(self, topic: str, resource_id: int) -> None:
        """Queues a delivery for each active webhook of the topic, unless one for the same thing waits already."""
        for webhook_id in self.webhooks:
            row = self.webhooks.get(webhook_id)
            if row["status"] == "active" and row["topic"] == topic:
                self.queue.setdefault((webhook_id, topic.partition(".")[0], resource_id), topic)


def number(price: str) -> float:
    try:
        return float(Decimal(price))
    except InvalidOperation:
        return float("-inf")

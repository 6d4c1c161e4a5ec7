"""Fetching pages, and reading named elements again. One row that cannot be read is one error; the others arrive."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from integrator.canonical.errors import MappingError
from integrator.canonical.fingerprint import digest
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key, Product, Record
from integrator.canonical.side import ElementError, Keyed, LatePage, Page, ReadBack, Scope
from shops.connectors.harvest import Harvest, variant_key
from shops.connectors.pagination import Batch, Place
from shops.connectors.shoper import mapping
from shops.connectors.shoper.facts import Facts
from shops.connectors.shoper.rest import KEYS, Rest, Row, row_id

RESOURCES = {
    Kind.UNIT: "units",
    Kind.TAX_RATE: "taxes",
    Kind.PRODUCER: "producers",
    Kind.IMAGE: "product-images",
}
"""Kinds whose records are made of one row each."""


def row_key(raw: Any, resource: str) -> Key:
    """The key of a row, empty when not even that can be read."""
    found = row_id(raw, KEYS[resource])
    return "" if found is None else str(found)


class Reading:
    """The reading half of the connector."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self.rest = rest
        self.facts = facts

    def _harvest(self) -> Harvest:
        return Harvest(lambda raw: mapping.label(raw, self.facts.language))

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> Page | LatePage:
        self.rest.listen()
        place = Place.decode(cursor)
        if kind is Kind.CATEGORY:
            return self._categories()
        if kind is Kind.PRODUCT:
            return self._products(place, scope.since)
        if kind in (Kind.PRICE, Kind.STOCK):
            return self._stock_rows(place)
        return self._plain(kind, place)

    def _plain(self, kind: Kind, place: Place) -> LatePage:
        batch = self.rest.page(RESOURCES[kind], place)

        def gather(harvest: Harvest) -> None:
            for raw in batch.rows:
                key = row_key(raw, RESOURCES[kind])
                harvest.take(kind, key, raw, partial(self._record, kind, raw))

        return self._late(batch, gather)

    def _late(
        self, batch: Batch, gather: Callable[[Harvest], None], heard: str = "", stocks: Collection[Row] = ()
    ) -> LatePage:
        """A page of these rows, named by what came since `listen` and by what is known of the shop."""

        def make() -> tuple[list[Keyed], list[ElementError]]:
            harvest = self._harvest()
            gather(harvest)
            return harvest.items, harvest.errors

        return LatePage(
            digest=digest(heard or self.rest.heard(), self.facts.told(stocks)),
            make=make,
            next_cursor=None if batch.next is None else batch.next.encode(),
            total=batch.total,
        )

    def _record(self, kind: Kind, raw: Any) -> Record:
        row = mapping.whole_row(raw)
        mapping.coerce.key(row, KEYS[RESOURCES[kind]])
        if kind is Kind.UNIT:
            return mapping.unit(row, self.facts.language)
        if kind is Kind.TAX_RATE:
            return mapping.tax_rate(row)
        if kind is Kind.PRODUCER:
            return mapping.producer(row)
        return mapping.image(row, self.facts.language)

    def _categories(self) -> Page:
        """All of them at once: names come in pages, the tree in one answer, and a path needs both whole."""
        rows = list(self.rest.rows("categories"))
        tree = mapping.parents(self.rest.get("categories-tree"))
        harvest = self._harvest()
        named: dict[str, Row] = {}
        names: dict[str, str] = {}
        for raw in rows:
            key = row_key(raw, "categories")
            try:
                names[key] = mapping.category_name(mapping.whole_row(raw), self.facts.language)
                named[key] = raw
            except MappingError as error:
                harvest.fail(Kind.CATEGORY, key, raw, error)
        for key, raw in named.items():
            make = partial(mapping.category, key, raw, names, tree, self.facts.language)
            harvest.take(Kind.CATEGORY, key, raw, make)
        return _page(harvest, None, len(rows))

    def _products(self, place: Place, since: datetime | None) -> LatePage:
        filters = None
        if since is not None:
            filters = {"edit_date": {">=": since.astimezone(self.facts.zone).strftime("%Y-%m-%d %H:%M:%S")}}
        batch = self.rest.page("products", place, filters)
        wanted: list[int] = []
        for raw in batch.rows:
            wanted += _readable_variants(raw)
        stocks = self.rest.by_ids("product-stocks", wanted) if wanted else {}
        heard = self.rest.heard()
        view = self.facts.view(stocks.values())

        def gather(harvest: Harvest) -> None:
            for raw in batch.rows:
                self._sellables(harvest, raw, stocks, view)

        return self._late(batch, gather, heard, stocks.values())

    def _sellables(self, harvest: Harvest, raw: Any, stocks: Mapping[int, Row], view: mapping.View) -> None:
        """What one row of products means: a simple product, or a group with its variants."""
        key = row_key(raw, "products")
        try:
            variants = mapping.variant_ids(mapping.whole_row(raw))
        except MappingError as error:
            harvest.fail(Kind.PRODUCT, "", raw, error)
            return
        if not variants:
            made = harvest.take(Kind.PRODUCT, key, raw, lambda: mapping.product(raw, view))
            if made is not None:
                self._figures(harvest, key, mapping.coerce.mapping(raw, "stock"), raw.get("currency_id"), raw)
            return
        try:
            shared = mapping.product(raw, view)
        except MappingError as error:
            for stock_id in variants:
                harvest.fail(Kind.PRODUCT, variant_key(key, stock_id) if key else "", raw, error)
            harvest.fail(Kind.GROUP, key, raw, error)
            return
        present = [one for one in variants if one in stocks]
        keys = [variant_key(key, one) for one in present]
        harvest.items.append(Keyed(key=key, record=mapping.group(key, shared, keys), kind=Kind.GROUP))
        for stock_id in present:
            self._variant(harvest, variant_key(key, stock_id), shared, stocks[stock_id], raw, view)

    def _variant(self, harvest: Harvest, key: Key, shared: Product, row: Row, parent: Row, view: mapping.View) -> None:
        if harvest.take(Kind.PRODUCT, key, row, lambda: mapping.variant(shared, row, view)) is not None:
            self._figures(harvest, key, row, parent.get("currency_id"), row)

    def _figures(self, harvest: Harvest, key: Key, stock: Row, currency_id: Any, raw: Any) -> None:
        harvest.take(Kind.PRICE, key, raw, lambda: mapping.price(stock, self.facts.currency(_text(currency_id))))
        harvest.take(Kind.STOCK, key, raw, lambda: mapping.stock_level(stock))

    def _stock_rows(self, place: Place) -> LatePage:
        """Prices and quantities alone, without reading products.

        The currency of a price is the shop's here: only products tell one of their own.
        """
        batch = self.rest.page("product-stocks", place)

        def gather(harvest: Harvest) -> None:
            for raw, key in zip(batch.rows, self._stock_keys(harvest, batch.rows), strict=True):
                if key:
                    self._figures(harvest, key, raw, None, raw)

        return self._late(batch, gather)

    def _stock_keys(self, harvest: Harvest, rows: Sequence[Any]) -> list[Key]:
        """Key of the product that each stock row belongs to; empty for one that is not sold or cannot be read.

        The base row of a product with variants is not sold itself: Shoper marks it `default` 0, and that of a product
        without variants 1. Where no base row of the page has the mark, it says nothing and all count: a figure too many
        harms nobody, since nothing is linked to it.
        """
        marked = any(_flag(row, "default") and not _flag(row, "extended") for row in rows)
        keys: list[Key] = []
        for raw in rows:
            try:
                row = mapping.whole_row(raw)
                key = mapping.coerce.key(row, "product_id")
                if mapping.coerce.flag(row, "extended"):
                    key = variant_key(key, mapping.coerce.key(row, "stock_id"))
                elif marked and not mapping.coerce.flag(row, "default"):
                    key = ""
            except MappingError as error:
                harvest.fail(Kind.STOCK, "", raw, error)
                key = ""
            keys.append(key)
        return keys

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        if kind is Kind.CATEGORY:
            return _chosen(kind, self._categories(), keys)
        if kind is Kind.TAX_RATE:
            return _chosen(kind, self._plain(kind, Place()), keys)
        if kind in (Kind.PRODUCT, Kind.GROUP, Kind.PRICE, Kind.STOCK):
            return self._read_products(kind, keys)
        return self._read_plain(kind, keys)

    def _read_plain(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        rows = self.rest.by_ids(RESOURCES[kind], [int(key) for key in keys if key.isdigit()])
        harvest = self._harvest()
        for one, raw in rows.items():
            harvest.take(kind, str(one), raw, partial(self._record, kind, raw))
        return harvest.answered(kind, keys)

    def _read_products(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        product_ids = [int(key.partition(":")[0]) for key in keys if key.partition(":")[0].isdigit()]
        rows = self.rest.by_ids("products", product_ids)
        asked = set(keys)
        wanted = [
            stock_id
            for product_id, raw in rows.items()
            for stock_id in _readable_variants(raw)
            if kind is Kind.GROUP or variant_key(product_id, stock_id) in asked
        ]
        stocks = self.rest.by_ids("product-stocks", wanted) if wanted else {}
        view = self.facts.view(stocks.values())
        harvest = self._harvest()
        for raw in rows.values():
            self._sellables(harvest, raw, stocks, view)
        return harvest.answered(kind, keys)


def _readable_variants(raw: Any) -> list[int]:
    try:
        return mapping.variant_ids(mapping.whole_row(raw))
    except MappingError:
        return []


def _flag(row: Any, name: str) -> bool:
    return isinstance(row, Mapping) and row.get(name) in ("1", 1, True)


def _text(value: Any) -> str | None:
    return None if value in (None, False) else str(value)


def _page(harvest: Harvest, following: Place | None, total: int | None) -> Page:
    return Page(
        items=tuple(harvest.items),
        errors=tuple(harvest.errors),
        next_cursor=None if following is None else following.encode(),
        total=total,
    )


def _chosen(kind: Kind, page: Page | LatePage, keys: Sequence[Key]) -> ReadBack:
    harvest = Harvest(str)
    harvest.items, harvest.errors = list(page.items), list(page.errors)
    return harvest.answered(kind, keys)

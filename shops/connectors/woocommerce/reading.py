"""Fetching pages, and reading named elements again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from integrator.canonical.errors import MappingError
from integrator.canonical.fingerprint import digest
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key, Record, Unit
from integrator.canonical.side import ElementError, Keyed, LatePage, Page, ReadBack, Scope
from shops.connectors.harvest import split_key
from shops.connectors.pagination import Batch, Place
from shops.connectors.woocommerce import mapping
from shops.connectors.woocommerce.facts import Facts
from shops.connectors.woocommerce.harvest import Harvest, readable_variations
from shops.connectors.woocommerce.mapping import Attribute, View
from shops.connectors.woocommerce.rest import PAGE, FilterIgnored, Rest, Row, row_id

_FIGURES = "id,type,virtual,downloadable,regular_price,manage_stock,stock_quantity,stock_status"
_SHARED = f"{_FIGURES},status,sku,global_unique_id,tax_status,tax_class,weight,attributes"
PRODUCT_FIELDS = f"{_SHARED},name,description,short_description,categories,brands,variations"
VARIATION_FIELDS = f"{_SHARED},parent_id"
FIGURE_FIELDS = f"{_FIGURES},variations"
IMAGE_FIELDS = "id,images"
TERM_FIELDS = "id,name"
FEW_PRODUCTS = 20


class Reading:
    """The reading half of the connector."""

    def __init__(self, rest: Rest, facts: Facts, unit_kept: str, unit_meta: str) -> None:
        self.rest = rest
        self.facts = facts
        self._unit_kept = unit_kept
        self._product_fields = PRODUCT_FIELDS + (",meta_data" if unit_kept == "meta" else "")
        self._unit_meta = unit_meta

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> Page | LatePage:
        self.rest.listen()
        place = Place.decode(cursor)
        if kind is Kind.PRODUCT:
            return self._products(place, scope.since)
        if kind in (Kind.PRICE, Kind.STOCK):
            return self._figures(place)
        if kind is Kind.IMAGE:
            return self._images(place)
        if kind is Kind.CATEGORY:
            return self._categories()
        if kind is Kind.TAX_RATE:
            return self._tax_rates()
        if kind is Kind.UNIT and self._unit_kept == "meta":
            return self._symbols()
        return self._terms(kind, place)

    def _late(self, batch: Batch, gather: Callable[[Harvest], None], *known: object, total: int | None) -> LatePage:
        """A page of these rows, named by what came since `listen` and by what is known of the shop."""

        def make() -> tuple[list[Keyed], list[ElementError]]:
            harvest = Harvest()
            gather(harvest)
            return harvest.items, harvest.errors

        return LatePage(
            digest=digest(self.rest.heard(), known),
            make=make,
            next_cursor=None if batch.next is None else batch.next.encode(),
            total=total,
        )

    # products

    @property
    def _size(self) -> int:
        """Products of a page. Where variations are listed parent by parent, one page is one call for each of them."""
        return PAGE if self.facts.shop["variations"] else FEW_PRODUCTS

    def _products(self, place: Place, since: datetime | None) -> LatePage:
        params: dict[str, Any] = {"_fields": self._product_fields}
        if since is not None:
            params |= changed_since(since)
        batch = self.rest.page("products", place, params, self._size)
        variations = self.variations(readable_variations(batch.rows), VARIATION_FIELDS)
        view = self.facts.view(list(batch.rows))
        self._see_units(batch.rows)

        def gather(harvest: Harvest) -> None:
            for raw in batch.rows:
                harvest.sellables(raw, variations, view)

        return self._late(batch, gather, *_told(view, batch.rows), total=batch.total)

    def _see_units(self, rows: Sequence[Any]) -> None:
        """Units that are plain texts exist by being used."""
        if self._unit_kept != "meta":
            return
        for raw in rows:
            try:
                self.facts.see_symbol(mapping.meta(raw, self._unit_meta))
            except MappingError:
                continue  # the product itself becomes an error

    def variations(self, of: Mapping[int, Sequence[int]], fields: str) -> dict[int, Row]:
        """Variations by id of these parents: 100 to a call where the shop lists those of all parents together (10.5),
        else a list per parent."""
        every = [one for ids in of.values() for one in ids]
        if not every:
            return {}
        if self.facts.shop["variations"]:
            try:
                return self.rest.by_ids("variations", every, {"_fields": fields})
            except FilterIgnored:
                self.facts.variations_are_not_listed()
        found: dict[int, Row] = {}
        for parent, ids in of.items():
            if ids:
                wanted = set(ids)
                for row in self.rest.rows(f"products/{parent}/variations", {"_fields": fields}):
                    one = row_id(row)
                    if one in wanted:
                        found[one] = row
        return found

    def _figures(self, place: Place) -> LatePage:
        """Prices and quantities alone, without texts."""
        batch = self.rest.page("products", place, {"_fields": FIGURE_FIELDS}, self._size)
        variations = self.variations(readable_variations(batch.rows), _FIGURES)
        currency = self.facts.currency

        def gather(harvest: Harvest) -> None:
            for raw in batch.rows:
                harvest.bare_figures(raw, variations, currency)

        return self._late(batch, gather, currency, total=batch.total)

    def _images(self, place: Place) -> LatePage:
        """WooCommerce lists products and not their pictures, so how many of those there are is not told."""
        batch = self.rest.page("products", place, {"_fields": IMAGE_FIELDS})

        def gather(harvest: Harvest) -> None:
            for raw in batch.rows:
                harvest.images(raw)

        return self._late(batch, gather, total=None)

    # references

    def source(self, kind: Kind) -> tuple[str, Attribute | None] | None:
        """Where the terms of units, producers or categories are listed, and the attribute they belong to. None: they
        are terms of an attribute that the shop does not have yet."""
        if kind is Kind.CATEGORY:
            return "products/categories", None
        if kind is Kind.PRODUCER and self.facts.brands:
            return "products/brands", None
        attribute = self.facts.unit_attribute() if kind is Kind.UNIT else self.facts.producer_attribute()
        return None if attribute is None else (f"products/attributes/{attribute.id}/terms", attribute)

    def _terms(self, kind: Kind, place: Place) -> Page | LatePage:
        where = self.source(kind)
        if where is None:
            self.facts.reread_attributes()
            where = self.source(kind)
        if where is None:
            return Page(items=(), total=0)
        path, attribute = where
        batch = self.rest.page(path, place, {"_fields": TERM_FIELDS})

        def gather(harvest: Harvest) -> None:
            for raw in batch.rows:
                key = term_key(raw, attribute)
                harvest.take(kind, key, raw, partial(_term, kind, raw))

        return self._late(batch, gather, kind, path, total=batch.total)

    def _symbols(self) -> Page:
        items = tuple(Keyed(key=one, record=Unit(symbol=one), kind=Kind.UNIT) for one in self.facts.symbols)
        return Page(items=items, total=len(items))

    def _categories(self) -> Page:
        """All of them at once: a path needs all names above."""
        rows = self.facts.read_categories()
        parents = self.facts.learn_parents(rows)
        harvest = Harvest()
        names: dict[str, str] = {}
        for raw in rows:
            try:
                names[mapping.coerce.key(mapping.whole_row(raw), "id")] = mapping.named(raw)
            except MappingError as error:
                harvest.fail(Kind.CATEGORY, str(row_id(raw) or ""), raw, error)
        for raw in rows:
            key = str(row_id(raw) or "")
            if key in names:
                harvest.take(Kind.CATEGORY, key, raw, partial(mapping.category, key, names, parents))
        return _page(harvest, len(rows))

    def _tax_rates(self) -> Page:
        classes = self.rest.whole("taxes/classes")
        rows = [row for row in self.rest.rows("taxes") if isinstance(row, Mapping)]
        country = str(self.facts.shop["country"])
        harvest = Harvest()
        for raw in classes:
            key = str(raw.get("slug") or "") if isinstance(raw, Mapping) else ""
            harvest.take(Kind.TAX_RATE, key, raw, partial(_tax_rate, raw, rows, country))
        return _page(harvest, len(classes))

    # named elements

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        if kind in (Kind.PRODUCT, Kind.GROUP, Kind.PRICE, Kind.STOCK):
            return self._read_products(kind, keys)
        harvest = Harvest()
        if kind is Kind.IMAGE:
            owners = [int(split_key(key)[0]) for key in keys if split_key(key)[0].isdigit()]
            for row in self.rest.by_ids("products", owners, {"_fields": IMAGE_FIELDS}).values():
                harvest.images(row)
        elif kind in (Kind.CATEGORY, Kind.TAX_RATE) or (kind is Kind.UNIT and self._unit_kept == "meta"):
            page = self.fetch(kind, Scope(), None)
            harvest.items, harvest.errors = list(page.items), list(page.errors)
        else:
            self._read_terms(harvest, kind, keys)
        return harvest.answered(kind, keys)

    def _read_terms(self, harvest: Harvest, kind: Kind, keys: Sequence[Key]) -> None:
        where = self.source(kind)
        if where is None:
            return
        path, attribute = where
        wanted = [one for one in (term_id(key, attribute) for key in keys) if one is not None]
        for raw in self.rest.by_ids(path, wanted, {"_fields": TERM_FIELDS}).values():
            harvest.take(kind, term_key(raw, attribute), raw, partial(_term, kind, raw))

    def _read_products(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        asked: dict[int, set[int]] = {}
        for key in keys:
            product_id, variation_id = split_key(key)
            if product_id.isdigit():
                asked.setdefault(int(product_id), set()).update({int(variation_id)} if variation_id.isdigit() else ())
        rows = self.rest.by_ids("products", list(asked), {"_fields": self._product_fields})
        wanted = {
            parent: [one for one in ids if kind is Kind.GROUP or one in asked[parent]]
            for parent, ids in readable_variations(list(rows.values())).items()
        }
        variations = self.variations(wanted, VARIATION_FIELDS)
        view = self.facts.view(list(rows.values()))
        harvest = Harvest()
        for raw in rows.values():
            harvest.sellables(raw, variations, view)
        return harvest.answered(kind, keys)


def changed_since(since: datetime) -> dict[str, Any]:
    """Naive UTC together with the flag: with a `Z` the flag shifts a second time and rows are missed. The filter means
    "after", with whole seconds, so the second itself is taken in."""
    moment = since.astimezone(UTC).timestamp() - 1
    naive = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {"modified_after": naive, "dates_are_gmt": "true"}


def term_key(raw: Any, attribute: Attribute | None) -> Key:
    one = row_id(raw)
    if one is None:
        return ""
    return str(one) if attribute is None else attribute.key(one)


def term_id(key: Key, attribute: Attribute | None) -> int | None:
    """The id behind a key, None where the key belongs to another place (a brand, another attribute)."""
    head, colon, tail = key.partition(":")
    if attribute is None:
        return int(head) if not colon and head.isdigit() else None
    return int(tail) if head == str(attribute.id) and tail.isdigit() else None


def _term(kind: Kind, raw: Any) -> Record:
    row = mapping.whole_row(raw)
    mapping.coerce.key(row, "id")
    return mapping.unit(row) if kind is Kind.UNIT else mapping.producer(row)


def _tax_rate(raw: Any, rows: Sequence[Row], country: str) -> Record:
    return mapping.tax_rate(mapping.whole_row(raw), rows, country)


def _told(view: View, rows: Sequence[Any]) -> tuple[object, ...]:
    """What the records of these rows are made from besides the rows."""
    used = {
        text
        for attribute, terms in ((view.unit, view.unit_terms), (view.producer, view.producer_terms))
        if attribute is not None
        for raw in rows
        for name in attribute.on(raw)
        for text in (f"{attribute.id}", f"{name}={terms.get(mapping.fold(mapping.unescape(name)))}")
    }
    several = [
        (one, view.chosen.get(str(row_id(raw))), _line(str(one), view.parents))
        for raw in rows
        if isinstance(raw, Mapping) and isinstance(raw.get("categories"), list) and len(raw["categories"]) > 1
        for one in (category.get("id") for category in raw["categories"] if isinstance(category, Mapping))
    ]
    return (str(view.kilograms), view.currency, view.unit_meta, view.brands, sorted(used), several)


def _line(key: str, parents: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    while key in parents and len(found) < 50:
        key = parents[key]
        found.append(key)
    return found


def _page(harvest: Harvest, total: int) -> Page:
    return Page(items=tuple(harvest.items), errors=tuple(harvest.errors), total=total)

"""Fetching pages, and reading named elements again. One row that cannot be read is one error; the others arrive."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from integrator.canonical.errors import MappingError
from integrator.canonical.fingerprint import digest
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key, Product, Record
from integrator.canonical.side import ElementError, Keyed, LatePage, ReadBack, Scope
from shops.connectors.harvest import Harvest, split_key
from shops.connectors.pagination import Place
from shops.connectors.prestashop import mapping
from shops.connectors.prestashop.facts import Facts
from shops.connectors.prestashop.rest import (
    CATEGORIES,
    COMBINATIONS,
    GALLERIES,
    IMPACTS,
    MANUFACTURERS,
    PRICES,
    PRODUCTS,
    STOCKS,
    Rest,
    Row,
    row_id,
)

FINISHED = {"state": "[1]"}
"""Products that the panel shows. It makes one of state 0 as soon as somebody opens the form of a new product."""
_FAR = "2099-12-31 00:00:00"


def row_key(raw: Any) -> Key:
    """The key of a row, empty when not even that can be read."""
    found = row_id(raw)
    return "" if found is None else str(found)


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as the shop writes it: local time without a zone.

    In the hour before clocks go back, what happens later may bear an earlier time: then that hour is taken off.
    """
    here = moment.astimezone(zone)
    later = (moment + timedelta(hours=1)).astimezone(zone)
    back = (here.utcoffset() or timedelta()) - (later.utcoffset() or timedelta())
    return (here.replace(tzinfo=None) - max(back, timedelta())).strftime("%Y-%m-%d %H:%M:%S")


class Reading:
    """The reading half of the connector."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self.rest = rest
        self.facts = facts

    def _harvest(self) -> Harvest:
        return Harvest(lambda raw: mapping.label(raw, self.facts.language))

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> LatePage:
        place = Place.decode(cursor)
        _ = self.facts.shop
        self.rest.listen()
        if kind is Kind.PRODUCT:
            return self._products(place, scope.since)
        if kind is Kind.PRICE:
            return self._prices(place)
        if kind is Kind.CATEGORY:
            return self._categories()
        if kind is Kind.TAX_RATE:
            return self._tax_rates()
        listing = {Kind.PRODUCER: MANUFACTURERS, Kind.STOCK: STOCKS, Kind.IMAGE: GALLERIES}[kind]
        batch = self.rest.page(listing, place, FINISHED if kind is Kind.IMAGE else None)
        return self._late(partial(self._gather, kind, batch.rows), batch.next)

    def _late(
        self,
        gather: Callable[[Harvest], None],
        following: Place | None = None,
        combinations: Sequence[Row] = (),
    ) -> LatePage:
        """A page named by what came since `listen` and by what is known of the shop."""
        heard = self.rest.heard()

        def make() -> tuple[list[Keyed], list[ElementError]]:
            harvest = self._harvest()
            gather(harvest)
            return harvest.items, harvest.errors

        return LatePage(
            digest=digest(heard, self.facts.told(combinations)),
            make=make,
            next_cursor=None if following is None else following.encode(),
        )

    def _gather(self, kind: Kind, rows: Iterable[Row], harvest: Harvest) -> None:
        """Rows of kinds that need nothing but the row itself."""
        if kind is Kind.STOCK:
            rows = mapping.own_rows([row for row in rows if isinstance(row, Mapping)], self.facts.shop_id)
        for raw in rows:
            if kind is Kind.PRODUCER:
                harvest.take(kind, row_key(raw), raw, partial(_producer, raw))
            elif kind is Kind.STOCK:
                self._stock(harvest, raw)
            else:
                self._images(harvest, raw)

    def _stock(self, harvest: Harvest, raw: Row) -> None:
        """The row of a product with combinations is their sum. It is given as well: nothing is linked to it."""
        try:
            key = mapping.stock_key(raw)
        except MappingError as error:
            harvest.fail(Kind.STOCK, "", raw, error)
            return
        harvest.take(Kind.STOCK, key, raw, partial(mapping.stock_level, raw))

    def _images(self, harvest: Harvest, raw: Any) -> None:
        try:
            owner = mapping.coerce.key(mapping.whole_row(raw), "id")
            listed = mapping.pictures(raw)
        except MappingError as error:
            harvest.fail(Kind.IMAGE, "", raw, error)
            return
        for place, one in enumerate(listed, start=1):
            harvest.take(Kind.IMAGE, f"{owner}:{one}", raw, partial(mapping.image, owner, place))

    def _tax_rates(self) -> LatePage:
        groups = self.facts.read_groups()

        def gather(harvest: Harvest) -> None:
            for key, one in groups.items():
                harvest.take(Kind.TAX_RATE, key, {"id": key, "name": one.name}, partial(mapping.tax_rate, one))

        return self._late(gather)

    def _categories(self) -> LatePage:
        """All of them at once, because a path needs the names of all above. The roots are shown nowhere."""
        rows = list(self.rest.rows(CATEGORIES))
        language, roots = self.facts.language, set(self.facts.view().roots)

        def gather(harvest: Harvest) -> None:
            names: dict[str, str] = {}
            parents: dict[str, str] = {}
            for raw in rows:
                key = row_key(raw)
                if isinstance(raw, Mapping):
                    parents[key] = str(raw.get("id_parent") or "")
                    if str(raw.get("is_root_category")) == "1" or not parents[key].strip("0"):
                        roots.add(key)
                if key in roots:
                    continue
                try:
                    names[key] = mapping.category_name(mapping.whole_row(raw), language)
                except MappingError as error:
                    harvest.fail(Kind.CATEGORY, key, raw, error)
            for raw in rows:
                key = row_key(raw)
                if key in names:
                    make = partial(mapping.category, key, raw, names, parents, roots)
                    harvest.take(Kind.CATEGORY, key, raw, make)

        return self._late(gather)

    def _products(self, place: Place, since: datetime | None) -> LatePage:
        filters = dict(FINISHED)
        if since is not None:
            filters["date_upd"] = f"[{local_time(since, self.facts.zone)},{_FAR}]"
        batch = self.rest.page(PRODUCTS, place, filters)
        rows, combinations, stocks = self._around(batch.rows)
        return self._late(partial(self._sellables, rows, combinations, stocks), batch.next, combinations)

    def _around(self, rows: Sequence[Any]) -> tuple[Sequence[Any], list[Row], list[Row]]:
        """With the rows of products: all their combinations and rows of stock."""
        keys = [key for key in map(row_key, rows) if key]
        parents = [row_key(raw) for raw in rows if _readable(raw) and row_key(raw)]
        combinations = self.rest.among(COMBINATIONS, "id_product", parents) if parents else []
        stocks = self.rest.among(STOCKS, "id_product", keys) if keys else []
        self.facts.view(rows)
        return rows, combinations, mapping.own_rows(stocks, self.facts.shop_id)

    def _sellables(
        self, rows: Sequence[Any], combinations: Sequence[Row], stocks: Sequence[Row], harvest: Harvest
    ) -> None:
        view = self.facts.view(rows)
        names = self.facts.options(combinations)
        by_parent: dict[str, list[Row]] = {}
        for one in combinations:
            by_parent.setdefault(str(one.get("id_product")), []).append(one)
        quantities = {key: row for row in stocks if (key := _stock_key(row))}
        for raw in rows:
            key = row_key(raw)
            try:
                parent = mapping.sold_in_variants(mapping.whole_row(raw))
            except MappingError as error:
                harvest.fail(Kind.PRODUCT, "", raw, error)
                continue
            if parent:
                self._group(harvest, key, raw, by_parent.get(key, []), names, view)
            elif harvest.take(Kind.PRODUCT, key, raw, partial(_product, raw, view)) is not None:
                harvest.take(Kind.PRICE, key, raw, partial(mapping.price, raw, view))
        for item in [item for item in harvest.items if item.kind is Kind.PRODUCT]:
            row = quantities.get(item.key)
            if row is not None:
                harvest.take(Kind.STOCK, item.key, row, partial(mapping.stock_level, row))

    def _group(
        self,
        harvest: Harvest,
        key: Key,
        raw: Row,
        combinations: Sequence[Row],
        names: Mapping[str, tuple[str, str]],
        view: mapping.View,
    ) -> None:
        keys = [f"{key}:{row_key(one)}" if row_key(one) else "" for one in combinations]
        try:
            shared = _product(raw, view)
        except MappingError as error:
            for one in keys:
                harvest.fail(Kind.PRODUCT, one, raw, error)
            harvest.fail(Kind.GROUP, key, raw, error)
            return
        group = mapping.group(shared, [one for one in keys if one])
        harvest.items.append(Keyed(key=key, record=group, kind=Kind.GROUP))
        for one, row in zip(keys, combinations, strict=True):
            self._variant(harvest, one, shared, raw, row, names, view)

    def _variant(
        self,
        harvest: Harvest,
        key: Key,
        shared: Product,
        parent: Row,
        row: Row,
        names: Mapping[str, tuple[str, str]],
        view: mapping.View,
    ) -> None:
        make = partial(mapping.variant, shared, parent, row, names, view)
        if harvest.take(Kind.PRODUCT, key, row, make) is not None:
            harvest.take(Kind.PRICE, key, row, partial(mapping.price, parent, view, row))

    def _prices(self, place: Place) -> LatePage:
        """Prices alone, without the texts of products."""
        batch = self.rest.page(PRICES, place, FINISHED)
        parents = [row_key(raw) for raw in batch.rows if _readable(raw) and row_key(raw)]
        impacts = self.rest.among(IMPACTS, "id_product", parents) if parents else []
        self.facts.view(batch.rows)
        return self._late(partial(self._priced, batch.rows, impacts), batch.next)

    def _priced(self, rows: Sequence[Any], impacts: Sequence[Row], harvest: Harvest) -> None:
        view = self.facts.view(rows)
        by_parent: dict[str, list[Row]] = {}
        for one in impacts:
            by_parent.setdefault(str(one.get("id_product")), []).append(one)
        for raw in rows:
            key = row_key(raw)
            for one in by_parent.get(key, []):
                combination = f"{key}:{row_key(one)}"
                harvest.take(Kind.PRICE, combination, one, partial(mapping.price, raw, view, one))
            if key not in by_parent:
                harvest.take(Kind.PRICE, key, raw, partial(mapping.price, raw, view))

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        harvest = self._harvest()
        owners = [split_key(key)[0] for key in keys]
        if kind in (Kind.PRODUCT, Kind.GROUP):
            around = self._around(list(self.rest.by_ids(PRODUCTS, owners).values()))
            self._sellables(*around, harvest)
        elif kind is Kind.PRICE:
            rows = list(self.rest.by_ids(PRICES, owners).values())
            parents = [row_key(raw) for raw in rows if _readable(raw)]
            self._priced(rows, self.rest.among(IMPACTS, "id_product", parents) if parents else [], harvest)
        elif kind is Kind.STOCK:
            self._gather(kind, self.stock_rows(keys), harvest)
        elif kind in (Kind.CATEGORY, Kind.TAX_RATE):
            page = self._categories() if kind is Kind.CATEGORY else self._tax_rates()
            harvest.items, harvest.errors = list(page.items), list(page.errors)
        else:
            listing = MANUFACTURERS if kind is Kind.PRODUCER else GALLERIES
            self._gather(kind, self.rest.by_ids(listing, owners).values(), harvest)
        return harvest.answered(kind, keys)

    def stock_rows(self, keys: Sequence[Key]) -> list[Row]:
        """Rows of stock of these products and no more than a few others, in as few calls as possible."""
        owners = sorted({split_key(key)[0] for key in keys if split_key(key)[0].isdigit()}, key=int)
        if not owners:
            return []
        combinations = sorted({split_key(key)[1] or "0" for key in keys}, key=lambda one: (len(one), one))
        few = sum(len(one) + 3 for one in combinations) < 3000
        filters = {"id_product_attribute": f"[{'|'.join(combinations)}]"} if few else None
        return self.rest.among(STOCKS, "id_product", owners, filters)


def _product(raw: Any, view: mapping.View) -> Product:
    return mapping.product(mapping.whole_row(raw), view)


def _producer(raw: Any) -> Record:
    row = mapping.whole_row(raw)
    mapping.coerce.key(row, "id")
    return mapping.producer(row)


def _readable(raw: Any) -> bool:
    """Whether a row has combinations, as far as that can be read."""
    try:
        return bool(mapping.associated(mapping.whole_row(raw), "combinations"))
    except MappingError:
        return False


def _stock_key(raw: Row) -> Key:
    try:
        return mapping.stock_key(raw)
    except MappingError:
        return ""

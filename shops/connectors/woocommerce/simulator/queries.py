"""Which products, variations and orders a list's filters and order choose. What is not known is ignored silently."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from shops.connectors.woocommerce.simulator import dates, php
from shops.connectors.woocommerce.simulator.lists import chosen, ids, texts
from shops.connectors.woocommerce.simulator.store import Store, number
from shops.simulation.http import Request
from shops.simulation.tables import Comparable, Index, Row, Table

STATUSES = ("any", "future", "trash", "draft", "pending", "private", "publish")
TYPES = ("simple", "grouped", "external", "variable")
ORDERS = ("date", "id", "include", "title", "slug", "modified", "menu_order", "price", "popularity", "rating")
_TIMES = {"after": "created", "before": "created", "modified_after": "modified", "modified_before": "modified"}
_FLAGS = ("featured", "virtual", "downloadable")


def products(store: Store, request: Request) -> list[int]:
    """Products; with a SKU or a global unique id asked for, variations too."""
    by_code = any(request.first(name) for name in ("sku", "search_sku", "global_unique_id"))
    return _ordered(store, request, _found(store, request, ["product", "variation"] if by_code else ["product"]))


def variations(store: Store, request: Request, parent: int | None) -> list[int]:
    """The variations of a product, or of all."""
    found = _found(store, request, ["variation"])
    if parent is not None:
        found &= set(store.children(parent))
    return _ordered(store, request, found)


def _found(store: Store, request: Request, kinds: list[str]) -> set[int]:
    status = chosen(request, "status", STATUSES, "any")
    wanted = [f"{kind}:trash" if status == "trash" else kind for kind in kinds]
    sources = [*_times(store.products, store, request), *_from_indexes(store, request)]
    kind_of = store.products.index("kind")
    if sources:
        narrow = set.intersection(*sources)
        found = {one for one in narrow if store.products.values(one, "kind")[0] in wanted}
    else:
        found = {one for kind in wanted for one in kind_of.of(kind)}
    if status not in ("any", "trash"):
        found = {one for one in found if store.products.values(one, "status") == [status]}
    for matches in _predicates(store, request):
        found = {one for one in found if matches(store.products.get(one))}
    return found


def _from_indexes(store: Store, request: Request) -> Iterable[set[int]]:
    """One set of ids for each filter that an index answers."""
    table = store.products
    if request.first("sku"):
        skus = (*texts(request, "sku"), request.first("sku"))
        yield {one for sku in skus for one in table.index("sku").of(php.cleaned(sku).lower())}
    if part := request.first("search_sku").lower():
        index = table.index("sku")
        yield {row_id for sku, row_id in zip(index.values, index.ids, strict=True) if part in str(sku)}
    if store.features.global_unique_id and (codes := texts(request, "global_unique_id")):
        yield {one for code in codes for one in table.index("global_unique_id").of(code.lower())}
    if include := ids(request, "include"):
        yield {one for one in include if one in table}
    if parents := ids(request, "parent"):
        yield {one for parent in parents for one in table.index("parent").of(parent)}
    if slug := request.first("slug"):
        yield set(table.index("slug").of(slug))
    if kind := request.first("type"):
        yield set(table.index("type").of(chosen(request, "type", TYPES, kind)))
    if categories := ids(request, "category"):
        yield {one for term in store.with_descendants(categories) for one in table.index("categories").of(term)}
    for name, path in (("brand", "brands"), ("tag", "tags")):
        if terms := ids(request, name):
            yield {one for term in terms for one in table.index(path).of(term)}


def _predicates(store: Store, request: Request) -> Iterable[Callable[[Row], bool]]:
    """Filters that look at the rows."""
    from shops.connectors.woocommerce.simulator.product_rows import price_of, stock

    if excluded := set(ids(request, "exclude")):
        yield lambda row: int(row["id"]) not in excluded
    if search := request.first("search").lower():
        yield lambda row: search in f"{row['name']} {row['description']} {row['short_description']}".lower()
    if status := request.first("stock_status"):
        yield lambda row: stock(store, row)[2] == status
    if tax_class := request.first("tax_class"):
        yield lambda row: (row["tax_class"] or "standard") == tax_class
    for flag in _FLAGS:
        if given := request.first(flag):
            yield lambda row, flag=flag, given=given: row[flag] is php.boolean(given)  # type: ignore[misc]
    if on_sale := request.first("on_sale"):
        yield lambda row: price_of(store, int(row["id"]), row)[1] is php.boolean(on_sale)
    if low := request.first("min_price"):
        yield lambda row: number(price_of(store, int(row["id"]), row)[0]) >= number(low)
    if high := request.first("max_price"):
        yield lambda row: number(price_of(store, int(row["id"]), row)[0]) <= number(high)


def _times(table: Table, store: Store, request: Request) -> Iterable[set[int]]:
    gmt = php.boolean(request.first("dates_are_gmt"))
    for name, path in _TIMES.items():
        if not (text := request.first(name)):
            continue
        limit = dates.bound(name, text, store.zone, gmt_column=gmt)
        yield _compared(table.index(path), limit, later=name.endswith("after"))


def _compared(index: Index, limit: float, *, later: bool) -> set[int]:
    """Strictly later or earlier: a row of the very second is not there."""
    low, high = index.bounds(limit)
    return set(index.ids[high:] if later else index.ids[:low])


def _ordered(store: Store, request: Request, found: set[int]) -> list[int]:
    by = chosen(request, "orderby", ORDERS, "date")
    descending = chosen(request, "order", ("asc", "desc"), "desc") == "desc"
    if by == "include":
        return [one for one in ids(request, "include") if one in found]
    if by == "id":
        return sorted(found, reverse=descending)
    key, broken = _key(store, request, by)
    return sorted(found, key=lambda one: (key(one), one if broken else _chance(one, request)), reverse=descending)


def _key(store: Store, request: Request, by: str) -> tuple[Callable[[int], Any], bool]:
    """What rows are compared by, and whether the id decides between equal ones."""
    paths = {"date": "created", "modified": "modified", "title": "name", "slug": "slug", "menu_order": "menu_order"}
    path = paths.get(by, "price" if by == "price" else "created")
    broken = {"date": store.features.date_ties_broken, "modified": store.features.modified_ties_broken}

    def key(one: int) -> Comparable:
        values = store.products.values(one, path)
        return values[0] if values else ""

    return key, broken.get(by, True)


def _chance(row_id: int, request: Request) -> int:
    """The place of a row among equal ones where no tie-breaker is: another one on every page, as a database may choose.
    That is how pages of older shops repeat and skip rows."""
    page = request.first("page", "1")
    return int.from_bytes(hashlib.blake2b(f"{page}:{row_id}".encode(), digest_size=4).digest(), "big")


def orders(store: Store, request: Request) -> list[int]:
    """Orders but for trash; abandoned carts (`checkout-draft`) are among them. Those in a state that the shop has no
    longer, since its plugin was switched off, are in no list."""
    asked = [one for one in texts(request, "status") if one != "any"]
    of = store.orders.index("status")
    found = {one for status in asked or store.statuses() for one in of.of(status)}
    for later in _times(store.orders, store, request):
        found &= later
    if include := ids(request, "include"):
        found &= set(include)
    descending = chosen(request, "order", ("asc", "desc"), "desc") == "desc"
    by = {"id": None, "modified": "modified"}.get(chosen(request, "orderby", ORDERS, "date"), "created")
    ties = store.features.modified_ties_broken or by != "modified"

    def place(one: int) -> tuple[float, int]:
        return store.orders.get(one)[by] if by else 0, one if ties else _chance(one, request)

    return sorted(found, key=place, reverse=descending)

"""Reading WooCommerce: how many calls it takes, and shops that do not do what was asked."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import httpx
import pytest

from integrator.canonical.errors import Rejected, Transient
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Product, ProductGroup, StockLevel, TaxRate, Unit
from integrator.canonical.side import Patch, Scope, Side
from shops.connectors.pagination import NotMoving, Place, Window, overlapping
from shops.connectors.woocommerce.simulator import ShopState, WooSimulator
from shops.connectors.woocommerce.simulator.stand import WooStand
from tests.connectors.wire import Wire, all_pages, wired


@pytest.fixture
def stand() -> WooStand:
    return wired(WooStand())


class MetaStand(WooStand):
    settings = {"unit": "meta"}


class OlderStand(WooStand):
    version = "10.0.2"


def records(side: Side, kind: Kind) -> dict[str, Any]:
    return {item.key: item.record for page in all_pages(side, kind) for item in page.items if item.kind is kind}


def asked(stand: WooStand, before: int) -> Counter[str]:
    return Counter(one.rpartition("/wc/v3/")[2] for one in stand.wire.sent[before:])


def test_a_full_fetch_takes_hardly_more_calls_than_pages(stand: WooStand) -> None:
    state = ShopState.generated(1000, clock=stand.clock)
    stand.shop = WooSimulator(state, clock=stand.clock)
    stand.wire = Wire(stand.shop)
    side = stand.open()
    before = len(stand.wire.sent)
    for kind in (*REFERENCE_KINDS, Kind.PRODUCT, Kind.IMAGE):
        list(all_pages(side, kind))
    calls = asked(stand, before)
    children = sum(state.products.get(one)["type"] == "variation" for one in state.products)
    assert calls["products"] <= 2 * 11
    assert calls["variations"] <= -(-children // 100) + 11
    assert sum(calls.values()) - calls["products"] - calls["variations"] <= 40


def test_a_product_with_variations_is_a_group_and_its_sellables(stand: WooStand) -> None:
    parent = stand.add_product(variants=True)
    page = stand.open().fetch(Kind.PRODUCT, Scope(), None)
    products = {i.key: i.record for i in page.items if isinstance(i.record, Product)}
    [group] = [i for i in page.items if isinstance(i.record, ProductGroup)]
    assert isinstance(group.record, ProductGroup)
    assert (group.key, list(group.record.variants)) == (parent, stand.variants(parent))
    assert parent not in products
    variants = [products[key] for key in group.record.variants]
    assert {one.name for one in variants} == {group.record.name}
    assert {one.options for one in variants} == {(("Kolor", "Czarny"),), (("Kolor", "Biały"),)}
    assert {one.image_owner for one in variants} == {parent}


def test_shops_that_do_not_list_all_variations_are_asked_parent_by_parent() -> None:
    stand = wired(OlderStand())
    parents = [stand.add_product(variants=True) for _ in range(3)]
    side = stand.open()
    before = len(stand.wire.sent)
    found = records(side, Kind.PRODUCT)
    assert {key for parent in parents for key in stand.variants(parent)} <= found.keys()
    calls = asked(stand, before)
    assert {f"products/{parent}/variations" for parent in parents} <= calls.keys()
    assert "variations" not in calls


def test_a_page_of_a_shop_that_is_asked_parent_by_parent_takes_few_calls() -> None:
    """A page must end within one lease, also where every product has variants."""
    stand = wired(OlderStand())
    parents = [stand.add_product(variants=True) for _ in range(45)]
    side = stand.open()
    side.learn()
    whole: set[str] = set()
    cursor, pages = None, 0
    for kind in (Kind.PRODUCT, Kind.STOCK):
        while True:
            before = len(stand.wire.requests)
            page = side.fetch(kind, Scope(), cursor)
            assert len(stand.wire.requests) - before <= 30
            whole |= {item.key for item in page.items if item.kind is kind}
            cursor, pages = page.next_cursor, pages + 1
            if cursor is None:
                break
    assert pages == 6
    assert whole >= {key for parent in parents for key in stand.variants(parent)}


def test_one_page_asks_for_its_variations_at_once(stand: WooStand) -> None:
    for _ in range(30):
        stand.add_product(variants=True)
    side = stand.open()
    before = len(stand.wire.sent)
    side.fetch(Kind.PRODUCT, Scope(), None)
    assert asked(stand, before) == {"products": 1, "variations": 1}


def test_only_the_fields_that_are_needed_are_asked_for(stand: WooStand) -> None:
    stand.fill(3)
    side = stand.open()
    for kind in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK, Kind.IMAGE, Kind.CATEGORY, Kind.PRODUCER, Kind.UNIT):
        sent = len(stand.wire.requests)
        list(all_pages(side, kind))
        for one in stand.wire.requests[sent:]:
            fields = one.url.params["_fields"].split(",")
            assert ("description" in fields) is (kind is Kind.PRODUCT and one.url.path.endswith("/products"))
            assert "meta_data" not in fields


def test_products_that_are_not_sold_here(stand: WooStand) -> None:
    state = stand.shop.state
    simple = int(stand.add_product())
    grouped = state.add_product("ZESTAW", "Zestaw", type="grouped", grouped_products=[simple])
    external = state.add_product("OBCY", "U innych", "5.00", type="external")
    side = stand.open()
    assert str(grouped) not in records(side, Kind.PRODUCT)
    assert str(external) in records(side, Kind.PRODUCT)
    assert records(side, Kind.PRICE)[str(external)].price == 5
    assert str(external) not in records(side, Kind.STOCK)
    assert str(grouped) not in records(side, Kind.PRICE)


@pytest.mark.parametrize("flag", ["virtual", "downloadable"])
def test_services_and_files_have_stock_only_where_the_shop_counts_it(stand: WooStand, flag: str) -> None:
    state = stand.shop.state
    free = state.add_product("USLUGA", "Montaż", "100.00", None, **{flag: True})
    counted = state.add_product("KURS", "Kurs", "100.00", 12, **{flag: True})
    side = stand.open()
    for kind in (Kind.PRODUCT, Kind.STOCK):
        found = {i.key for page in all_pages(side, kind) for i in page.items if i.kind is Kind.STOCK}
        assert str(free) not in found
        assert str(counted) in found
    assert str(free) in records(side, Kind.PRODUCT)
    assert records(side, Kind.PRICE)[str(free)].price == 100


def test_stock_that_nobody_counts_is_pushed_once_and_counted_then(stand: WooStand) -> None:
    key = str(stand.shop.state.add_product("LUZ", "Luzem", "1.00", None, categories=[stand.category]))
    side = stand.open()
    assert records(side, Kind.STOCK)[key] == StockLevel(quantity=Decimal(-1))
    assert side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "0"})])[0].ok
    assert records(side, Kind.STOCK)[key] == StockLevel(quantity=Decimal(0))
    assert stand.shop.state.products.get(int(key))["stock_status"] == "outofstock"


def test_a_variation_that_follows_its_parents_stock(stand: WooStand) -> None:
    parent = stand.add_product(variants=True)
    key = stand.variants(parent)[0]
    stand.shop.state.change(int(parent), manage_stock=True, stock_quantity=8)
    stand.shop.state.change(int(key.partition(":")[2]), manage_stock=False, stock_quantity=None)
    side = stand.open()
    assert records(side, Kind.STOCK)[key].quantity == 8
    assert side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "3"})])[0].ok
    assert records(side, Kind.STOCK)[key].quantity == 3
    assert stand.shop.state.products.get(int(parent))["stock_quantity"] == 8


def test_a_broken_parent_hides_none_of_its_variants(stand: WooStand) -> None:
    parent = stand.add_product(variants=True)
    stand.shop.faults.break_record("products", int(parent), {"name": None})
    page = stand.open().fetch(Kind.PRODUCT, Scope(), None)
    broken = {(error.kind, error.key) for error in page.errors}
    assert broken == {(Kind.GROUP, parent), *((Kind.PRODUCT, key) for key in stand.variants(parent))}


def test_an_unreadable_price_is_an_error_of_the_price_alone(stand: WooStand) -> None:
    key = stand.add_product()
    stand.shop.faults.break_record("products", int(key), {"regular_price": "1 234,56"})
    page = stand.open().fetch(Kind.PRODUCT, Scope(), None)
    assert [(error.kind, error.key) for error in page.errors] == [(Kind.PRICE, key)]
    assert {item.kind for item in page.items if item.key == key} == {Kind.PRODUCT, Kind.STOCK}


def test_a_row_without_a_key_hides_everything(stand: WooStand) -> None:
    key = stand.add_product()
    stand.shop.faults.break_record("products", int(key), {"id": None})
    errors = stand.open().fetch(Kind.PRODUCT, Scope(), None).errors
    assert [error.key for error in errors] == [""]


def test_tax_classes_of_the_shops_country(stand: WooStand) -> None:
    state = stand.shop.state
    state.add_tax_class("Zwolnione")
    state.add_tax_rate(19, "standard", country="DE")
    rates = records(stand.open(), Kind.TAX_RATE)
    assert {key: (rate.code, rate.percent) for key, rate in rates.items()} == {
        "standard": ("23", Decimal(23)),
        "reduced-rate": ("8", Decimal(8)),
        "vat-5": ("5", Decimal(5)),
        "zero-rate": ("0", Decimal(0)),
        "zwolnione": ("zw", None),
    }
    assert all(isinstance(rate, TaxRate) for rate in rates.values())


def test_units_kept_as_texts_are_known_once_they_were_seen() -> None:
    stand = wired(MetaStand())
    stand.shop.state.add_product("A", "A", meta={"_erp_unit": "mb"}, categories=[stand.category])
    side = stand.open()
    assert records(side, Kind.UNIT) == {}
    list(all_pages(side, Kind.PRODUCT))
    assert json.loads(json.dumps(stand.facts)) == stand.facts, "facts are kept in a JSON column"
    assert records(stand.open(), Kind.UNIT) == {"mb": Unit(symbol="mb")}
    [product] = [one for one in records(stand.open(), Kind.PRODUCT).values() if one.code == "A"]
    assert product.unit == "mb"


def test_a_new_term_is_learnt_at_once(stand: WooStand) -> None:
    key = stand.add_product()
    list(all_pages(stand.open(), Kind.PRODUCT))
    term = stand.shop.state.add_term(stand.unit, "beczka")
    entry = {"id": stand.unit, "name": "", "position": 0, "visible": True, "variation": False, "options": [term]}
    stand.shop.state.change(int(key), attributes=[entry])
    assert records(stand.open(), Kind.PRODUCT)[key].unit == stand.unit_key(term)


def test_a_renamed_term_is_another_page(stand: WooStand) -> None:
    """The page itself is the same but for the name, which leads to the same unit; only other records are made anew."""
    key = stand.add_product()
    side = stand.open()
    side.update(Kind.PRODUCT, [Patch(key=key, fields={"unit": stand.unit_key(stand.sets)})])
    first = side.fetch(Kind.PRODUCT, Scope(), None)
    with stand.shop.state.terms.editing(stand.sets) as row:
        row["name"] = "komplet"
    second = stand.open().fetch(Kind.PRODUCT, Scope(), None)
    assert first != second
    assert records(stand.open(), Kind.PRODUCT)[key].unit == stand.unit_key(stand.sets)


def test_reading_named_elements(stand: WooStand) -> None:
    simple, parent = stand.add_product(), stand.add_product(variants=True)
    variant = stand.variants(parent)[0]
    read = stand.open().read(Kind.PRODUCT, [simple, variant, parent, f"{parent}:999999", "888888", "x"])
    assert [item.key for item in read.items] == [simple, variant]
    assert read.gone == (parent, f"{parent}:999999", "888888", "x"), "a parent is not sold, so it is no product"
    assert stand.open().read(Kind.GROUP, [parent]).items[0].key == parent
    stand.shop.state.trash(int(simple))
    assert stand.open().read(Kind.PRODUCT, [simple]).gone == (simple,)


def test_facts_are_asked_for_once_a_day_and_belong_to_one_address(stand: WooStand) -> None:
    stand.add_product()
    list(all_pages(stand.open(), Kind.PRODUCT))
    sent = len(stand.wire.sent)
    list(all_pages(stand.open(), Kind.PRODUCT))
    assert asked(stand, sent) == {"products": 1}
    stand.clock.now += 25 * 3600
    sent = len(stand.wire.sent)
    list(all_pages(stand.open(), Kind.PRODUCT))
    assert asked(stand, sent)["system_status"] == 1
    stand.facts["of"] = "https://old.example"
    sent = len(stand.wire.sent)
    list(all_pages(stand.open(), Kind.PRODUCT))
    assert asked(stand, sent)["system_status"] == 1


def test_pictures_are_fetched_without_credentials(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    image = next(k for k, r in records(side, Kind.IMAGE).items() if r.product == key)
    assert side.content(Kind.IMAGE, image).startswith(b"\x89PNG")
    assert "authorization" not in stand.wire.requests[-1].headers
    with pytest.raises(Rejected) as caught:
        side.content(Kind.IMAGE, f"{key}:999999")
    assert caught.value.problem.code == Code.GONE


# overlapping pages


def pages_of(ids: list[int], size: int = 10) -> list[list[int]]:
    """All pages of a list that loses its first row after each request."""
    left = list(ids)

    def read(offset: int) -> Window:
        found = left[offset : offset + size]
        total = len(left)
        del left[:1]
        return Window(rows=tuple({"id": one} for one in found), ids=tuple(found), total=total)

    pages: list[list[int]] = []
    place: Place | None = Place()
    while place is not None:
        batch = overlapping(read, Place.decode(place.encode()), size)
        pages.append([row["id"] for row in batch.rows])
        place = batch.next
    return pages


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 19, 20, 57])
def test_rows_that_go_take_no_others_along(count: int) -> None:
    found = [one for page in pages_of(list(range(1, count + 1))) for one in page]
    assert found == list(range(1, count + 1))


def test_many_deletions_between_two_pages_are_noticed() -> None:
    state = {"ids": list(range(1, 101))}

    def read(offset: int) -> Window:
        found = tuple(state["ids"][offset : offset + 20])
        return Window(rows=tuple({"id": one} for one in found), ids=found, total=len(state["ids"]))

    first = overlapping(read, Place(), 20)
    assert first.next is not None
    state["ids"] = list(range(19, 101))
    second = overlapping(read, first.next, 20)
    assert [row["id"] for row in second.rows][:2] == [21, 22]


def test_a_list_that_ignores_the_offset_is_not_read_for_ever() -> None:
    def read(offset: int) -> Window:
        return Window(rows=tuple({"id": one} for one in range(1, 11)), ids=tuple(range(1, 11)), total=50)

    first = overlapping(read, Place(), 10)
    assert first.next is not None
    with pytest.raises(NotMoving):
        overlapping(read, first.next, 10)


def test_a_shop_that_sorts_otherwise_is_not_believed(stand: WooStand) -> None:
    stand.fill(3)
    side = stand.open()
    inner = stand.wire._pass

    def passing(request: httpx.Request) -> httpx.Response:
        url = request.url.copy_set_param("order", "desc")
        return inner(httpx.Request(request.method, url, headers=request.headers))

    stand.wire._pass = passing  # type: ignore[method-assign]
    with pytest.raises(Transient) as caught:
        side.fetch(Kind.PRODUCT, Scope(), None)
    assert caught.value.problem.code == Code.UNEXPECTED_ANSWER


def test_a_short_page_is_not_the_end_while_the_shop_says_that_there_is_more(stand: WooStand) -> None:
    stand.fill(150)
    whole = records(stand.open(), Kind.PRODUCT).keys()
    stand.shop.faults.add("short_page", resource="products")
    assert records(stand.open(), Kind.PRODUCT).keys() == whole


NOTICE = b"<br />\n<b>Warning</b>: Undefined array key [0] in {closure} on line 7<br />\n"


@pytest.mark.parametrize(("before", "after"), [(NOTICE, b""), (b"", NOTICE), (NOTICE, NOTICE)])
def test_notices_of_php_around_the_answer_are_read_over(stand: WooStand, before: bytes, after: bytes) -> None:
    stand.fill(2)
    whole = records(stand.open(), Kind.PRODUCT)
    inner = stand.wire._pass

    def noisy(request: httpx.Request) -> httpx.Response:
        answer = inner(request)
        headers = {name: value for name, value in answer.headers.items() if name.startswith("x-wp")}
        return httpx.Response(answer.status_code, content=before + answer.content + after, headers=headers)

    stand.wire._pass = noisy  # type: ignore[method-assign]
    assert records(stand.open(), Kind.PRODUCT) == whole
    key = stand.simple_ids()[0]
    assert stand.open().update(Kind.STOCK, [Patch(key=key, fields={"quantity": "8"})])[0].ok


def rewriting(stand: WooStand, path: str, *names: str) -> None:
    """Puts a shop before the real one that ignores these parameters of a list."""
    inner = stand.wire._pass

    def passing(request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.path.endswith(path):
            for name in names:
                url = url.copy_remove_param(name)
        return inner(httpx.Request(request.method, url, headers=request.headers, content=request.read()))

    stand.wire._pass = passing  # type: ignore[method-assign]


def test_a_list_that_ignores_offsets_is_read_by_page_numbers(stand: WooStand) -> None:
    for number in range(250):
        stand.shop.state.add_category(f"Kategoria {number}")
    whole = records(stand.open(), Kind.CATEGORY)
    rewriting(stand, "/products/categories", "offset")
    assert records(stand.open(), Kind.CATEGORY) == whole
    assert len(whole) > 250


def test_a_list_of_variations_that_does_not_choose_is_not_believed(stand: WooStand) -> None:
    """What is not among its first rows would look as if it were gone."""
    for _ in range(70):
        stand.add_product(variants=True)
    whole = records(stand.open(), Kind.PRODUCT)
    rewriting(stand, "/v3/variations", "include")
    assert records(stand.open(), Kind.PRODUCT) == whole
    assert stand.facts["shop"]["variations"] is False

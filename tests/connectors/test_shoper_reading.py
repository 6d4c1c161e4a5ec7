"""Reading Shoper: how many calls it takes, and shops that do not do what was asked."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from integrator.canonical.errors import AuthFailed, IntegrationError, Locked, Rejected, Transient, Unreachable
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.preflight import Verdict
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Category, Price, Product, ProductGroup
from integrator.canonical.side import Page, Scope, Side
from shops.connectors.shoper.simulator import STATIC_TOKEN, Account, ShoperSimulator, ShopState
from shops.connectors.shoper.simulator.stand import ShoperStand
from tests.connectors.wire import Wire, all_pages, wired


@pytest.fixture
def stand() -> ShoperStand:
    return wired(ShoperStand())


def generated(products: int) -> ShoperStand:
    """A stand with a generated shop, unlimited: 30 % with variants, two images each."""
    stand = wired(ShoperStand())
    stand.shop = ShoperSimulator(ShopState.generated(products, clock=stand.clock), limited=False, clock=stand.clock)
    stand.wire = Wire(stand.shop)
    return stand


def records(side: Side, kind: Kind) -> dict[str, Any]:
    return {item.key: item.record for page in all_pages(side, kind) for item in page.items if item.kind is kind}


def test_a_full_fetch_takes_hardly_more_calls_than_pages() -> None:
    stand = generated(1000)
    list(stand.open().probe())
    list(all_pages(stand.open(), Kind.PRODUCT))
    shop = stand.shop.state
    variants = sum(shop.stocks.get(one)["extended"] == "1" for one in shop.stocks)
    pages = {"categories": 2}  # the names and the tree
    for name, rows in (("units", 5), ("taxes", 6), ("producers", len(shop.tables["producers"]))):
        pages[name] = -(-rows // 50)
    pages |= {"products": 20, "variants": -(-variants // 50), "images": 40}
    before = len(stand.wire.requests)
    for kind in (*REFERENCE_KINDS, Kind.PRODUCT, Kind.IMAGE):
        list(all_pages(stand.open(), kind))
    assert len(stand.wire.requests) - before <= sum(pages.values()) * 1.02 + 2


def test_a_product_with_variants_is_a_group_and_its_sellables(stand: ShoperStand) -> None:
    stand.add_product(variants=True)
    page = stand.open().fetch(Kind.PRODUCT, Scope(), None)
    products = {i.key: i.record for i in page.items if isinstance(i.record, Product)}
    group = next(i for i in page.items if isinstance(i.record, ProductGroup))
    assert isinstance(group.record, ProductGroup)
    assert set(group.record.variants) == {key for key in products if key.startswith(f"{group.key}:")}
    assert group.key not in products
    variants = [products[key] for key in group.record.variants]
    assert {v.name for v in variants} == {group.record.name}
    assert {v.options for v in variants} == {(("Kolor", "Czarny"),), (("Kolor", "Biały"),)}
    assert {v.image_owner for v in variants} == {group.key}


def test_effective_prices_of_variants(stand: ShoperStand) -> None:
    """One takes the product's price, one has its own, one adds to it."""
    values = list(stand.values.values())
    plain, own, plus = (
        {"code": f"V{n}", "options": {stand.option: values[n]}, "price": price}
        for n, price in enumerate((None, "50.00", "5.00"))
    )
    product = stand.shop.state.add_product("P", "P", "20.00", group=stand.group, variants=[plain, own, plus])
    third = stand.shop.state.stock_ids(product)[3]
    with stand.shop.state.changing_stock(third) as row:
        row["price_type"] = "2"
    found = [r.price for k, r in records(stand.open(), Kind.PRICE).items() if k.startswith(f"{product}:")]
    assert found == [Decimal(20), Decimal(50), Decimal(25)]


def test_a_broken_parent_hides_none_of_its_variants(stand: ShoperStand) -> None:
    key = stand.add_product(variants=True)
    variants = stand.shop.state.stock_ids(int(key))[1:]
    stand.shop.faults.break_record("products", int(key), {"translations": {"pl_PL": {"name": None}}})
    page = stand.open().fetch(Kind.PRODUCT, Scope(), None)
    broken = {(error.kind, error.key) for error in page.errors}
    assert broken == {(Kind.GROUP, key), *((Kind.PRODUCT, f"{key}:{one}") for one in variants)}


def test_an_unreadable_price_is_an_error_of_the_price_alone(stand: ShoperStand) -> None:
    key = stand.add_product()
    stock = {**stand.shop.state.stocks.get(stand.shop.state.stock_ids(int(key))[0]), "comp_price": "1,234"}
    stand.shop.faults.break_record("products", int(key), {"stock": stock})
    page = stand.open().fetch(Kind.PRODUCT, Scope(), None)
    assert [(error.kind, error.key) for error in page.errors] == [(Kind.PRICE, key)]
    assert {item.kind for item in page.items if item.key == key} == {Kind.PRODUCT, Kind.STOCK}


def test_a_row_without_a_key_hides_everything(stand: ShoperStand) -> None:
    key = stand.add_product()
    stand.shop.faults.break_record("products", int(key), {"product_id": None, "options": "?"})
    errors = stand.open().fetch(Kind.PRODUCT, Scope(), None).errors
    assert [error.key for error in errors] == [""]


def test_categories_with_an_orphan_and_a_broken_one(stand: ShoperStand) -> None:
    state = stand.shop.state
    broken = state.add_category("Zepsuta", parent=1)
    child = state.add_category("Dziecko", parent=broken)
    orphan = state.add_category("Sierota")
    del state.nodes[orphan]
    stand.shop.faults.break_record("categories", broken, {"translations": []})
    page = stand.open().fetch(Kind.CATEGORY, Scope(), None)
    found = {item.key: item.record for item in page.items}
    assert isinstance(found[str(child)], Category)
    assert found[str(child)].path == ("Dom", f"#{broken}", "Dziecko")  # type: ignore[union-attr]
    assert found[str(orphan)].path == ("Sierota",)  # type: ignore[union-attr]
    assert [error.key for error in page.errors] == [str(broken)]
    assert page.next_cursor is None


def test_a_product_in_another_currency_says_so(stand: ShoperStand) -> None:
    key = stand.add_product()
    currencies = stand.shop.state.tables["currencies"]
    euro = next(one for one in currencies if currencies.get(one)["name"] == "EUR")
    with stand.shop.state.products.editing(int(key)) as row:
        row["currency_id"] = str(euro)
    assert records(stand.open(), Kind.PRODUCT)
    prices = [i.record for p in all_pages(stand.open(), Kind.PRODUCT) for i in p.items if i.kind is Kind.PRICE]
    assert {p.currency for p in prices if isinstance(p, Price)} == {"PLN", "EUR"}


def rewriting(stand: ShoperStand, change: Callable[[str, dict[str, list[str]]], None]) -> None:
    """Puts a shop before the real one that changes the query of every list."""
    inner = stand.wire._pass

    def passing(request: httpx.Request) -> httpx.Response:
        parts = urlsplit(str(request.url))
        query = parse_qs(parts.query)
        change(parts.path.rsplit("/", 1)[-1], query)
        url = request.url.copy_with(params=[(n, v) for n, values in query.items() for v in values])
        return inner(httpx.Request(request.method, url, headers=request.headers, content=request.read()))

    stand.wire._pass = passing  # type: ignore[method-assign]


def ignoring_keyset(path: str, query: dict[str, list[str]]) -> None:
    if path in ("products", "product-images") and ">" in query.get("filters", [""])[0]:
        del query["filters"]


def refusing_keyset(path: str, query: dict[str, list[str]]) -> None:
    if ">" in query.get("filters", [""])[0]:
        query["filters"] = ['{"no_such_field": 1}']


def ignoring_in(path: str, query: dict[str, list[str]]) -> None:
    if '"in"' in query.get("filters", [""])[0]:
        del query["filters"]


def refusing_in(path: str, query: dict[str, list[str]]) -> None:
    if '"in"' in query.get("filters", [""])[0]:
        query["filters"] = ['{"no_such_field": 1}']


def pages_of_ten(path: str, query: dict[str, list[str]]) -> None:
    query["limit"] = ["10"]


def ignoring_order(path: str, query: dict[str, list[str]]) -> None:
    if path == "products":
        query["order"] = ["product_id DESC"]


@pytest.mark.parametrize(
    "change", [ignoring_keyset, refusing_keyset, ignoring_in, refusing_in, pages_of_ten, ignoring_order]
)
def test_a_shop_that_ignores_what_was_asked_is_read_all_the_same(
    stand: ShoperStand, change: Callable[[str, dict[str, list[str]]], None]
) -> None:
    stand.fill(130)
    whole = {kind: records(stand.open(), kind) for kind in (Kind.PRODUCT, Kind.IMAGE)}
    rewriting(stand, change)
    assert {kind: records(stand.open(), kind) for kind in (Kind.PRODUCT, Kind.IMAGE)} == whole


def test_no_more_than_fifty_rows_are_asked_for_and_the_direction_is_said(stand: ShoperStand) -> None:
    stand.fill(60)
    list(all_pages(stand.open(), Kind.PRODUCT))
    lists = [parse_qs(r.url.query.decode()) for r in stand.wire.requests if r.url.path.endswith(("products", "stocks"))]
    assert {query["limit"][0] for query in lists} == {"50"}
    assert all(query["order"][0].endswith(" ASC") for query in lists)
    assert not any("[" in name for query in lists for name in query), "JSON filters only"


def test_what_the_shop_said_of_itself_is_remembered_for_a_day(stand: ShoperStand) -> None:
    stand.add_product(variants=True)
    list(all_pages(stand.open(), Kind.PRODUCT))
    assert json.loads(json.dumps(stand.facts)) == stand.facts, "facts are kept in a JSON column"
    sent = len(stand.wire.sent)
    list(all_pages(stand.open(), Kind.PRODUCT))
    assert stand.wire.sent[sent:] == ["GET /webapi/rest/products", "GET /webapi/rest/product-stocks"]
    stand.clock.now += 25 * 3600
    sent = len(stand.wire.sent)
    list(all_pages(stand.open(), Kind.PRODUCT))
    assert "GET /webapi/rest/application-config" in stand.wire.sent[sent:]


def test_facts_of_another_address_count_for_nothing(stand: ShoperStand) -> None:
    list(all_pages(stand.open(), Kind.UNIT))
    stand.facts["of"] = "https://old.example"
    sent = len(stand.wire.sent)
    list(all_pages(stand.open(), Kind.UNIT))
    assert "GET /webapi/rest/application-config" in stand.wire.sent[sent:]


def test_a_new_name_of_an_option_value_is_learnt_at_once(stand: ShoperStand) -> None:
    key = stand.add_product(variants=True)
    list(all_pages(stand.open(), Kind.PRODUCT))
    _, option, values = stand.shop.state.add_option("Kolory", "Rozmiar", ["XXL"])
    stand.shop.state.add_variant(int(key), "NEW", {stand.option: stand.values["Szary"], option: values["XXL"]})
    found = records(stand.open(), Kind.PRODUCT)
    assert (("Kolor", "Szary"), ("Rozmiar", "XXL")) in {product.options for product in found.values()}


def test_reading_named_elements(stand: ShoperStand) -> None:
    simple, parent = stand.add_product(), stand.add_product(variants=True)
    variant = f"{parent}:{stand.shop.state.stock_ids(int(parent))[1]}"
    read = stand.open().read(Kind.PRODUCT, [simple, variant, parent, f"{parent}:999999", "888888"])
    assert [item.key for item in read.items] == [simple, variant]
    assert read.gone == (parent, f"{parent}:999999", "888888"), "a parent is not sold, so it is no product"
    assert stand.open().read(Kind.GROUP, [parent]).items[0].key == parent


def test_pictures_are_fetched_without_credentials(stand: ShoperStand) -> None:
    key = stand.add_product()
    image = next(k for k, r in records(stand.open(), Kind.IMAGE).items() if r.product == key)
    content = stand.open().content(Kind.IMAGE, image)
    assert content == stand.shop.state.files[int(image)]
    assert "authorization" not in stand.wire.requests[-1].headers
    with pytest.raises(Rejected) as caught:
        stand.open().content(Kind.IMAGE, "999999")
    assert caught.value.problem.code == Code.GONE


def first_page(side: Side) -> Page:
    return side.fetch(Kind.UNIT, Scope(), None)


def test_an_integration_token_needs_no_login_and_cannot_be_renewed(stand: ShoperStand) -> None:
    assert first_page(stand.open(credentials={"token": STATIC_TOKEN})).items
    assert not any("auth" in sent for sent in stand.wire.sent)
    with pytest.raises(AuthFailed):
        first_page(stand.open(credentials={"token": "some-other-token"}))
    assert len([s for s in stand.wire.sent if "units" in s]) == 2


def test_a_token_that_another_worker_renewed_is_taken(stand: ShoperStand) -> None:
    side = stand.open()
    first_page(side)
    stand.revoke_tokens()
    first_page(stand.open())
    logins = sum("auth" in sent for sent in stand.wire.sent)
    assert first_page(side).items
    assert sum("auth" in sent for sent in stand.wire.sent) == logins


def test_a_stored_token_is_not_used_after_the_user_was_changed(stand: ShoperStand) -> None:
    first_page(stand.open())
    stand.shop.access.accounts["other"] = Account("other", "other-password")
    first_page(stand.open(credentials={"user": "other", "password": "other-password"}))
    assert sum("auth" in sent for sent in stand.wire.sent) == 2


@pytest.mark.parametrize("credentials", [{}, {"user": "x"}, {"user": "x", "password": ""}])
def test_incomplete_credentials_send_nothing(stand: ShoperStand, credentials: dict[str, str]) -> None:
    with pytest.raises(AuthFailed) as caught:
        first_page(stand.open(credentials=credentials))
    assert caught.value.problem.code == Code.SECRET_MISSING
    assert stand.wire.sent == []


@pytest.mark.parametrize(
    ("status", "error", "text", "kind", "code"),
    [
        (400, "invalid_request", "Missing MODULE 'Warehouses'", Rejected, Code.MODULE_MISSING),
        (400, "invalid_request", "Warehouses module is disabled", Rejected, Code.MODULE_MISSING),
        (401, "auth_ip_not_allowed", "IP", AuthFailed, Code.LOGIN_FAILED),
        (402, "access_denied", "", Unreachable, Code.SHOP_UNPAID),
        (403, "insufficient_scope", "", Rejected, Code.RIGHT_MISSING),
        (404, "invalid_request", "Resource not found", Rejected, Code.UNEXPECTED_ANSWER),
        (409, "server_error", "Obiekt zablokowany", Locked, Code.LOCKED),
        (503, "temporarily_unavailable", "Object is locked", Locked, Code.LOCKED),
        (503, "temporarily_unavailable", "Sklep w trakcie prac", Transient, Code.SHOP_CLOSED),
        (500, "server_error", "Operation Failed", Transient, Code.SERVER_ERROR),
        (501, "invalid_request", "", Rejected, Code.MODULE_MISSING),
    ],
)
def test_what_shoper_refuses_with(
    stand: ShoperStand, status: int, error: str, text: str, kind: type[IntegrationError], code: Code
) -> None:
    side = stand.open()
    first_page(side)
    body = json.dumps({"error": error, "error_description": text})
    stand.wire.answer(status, times=2, text=body)
    with pytest.raises(kind) as caught:
        first_page(side)
    assert caught.value.problem.code == code


def test_a_404_of_a_proxy_is_no_deletion(stand: ShoperStand) -> None:
    side = stand.open()
    first_page(side)
    stand.wire.answer(404, text="<html>nginx</html>")
    with pytest.raises(Transient) as caught:
        side.read(Kind.PRODUCT, ["1"])
    assert caught.value.problem.code == Code.NOT_JSON


def test_preflight_names_each_missing_right(stand: ShoperStand) -> None:
    from shops.connectors.shoper.simulator import LOGIN

    account = stand.shop.access.accounts[LOGIN]
    every = {check.name.removeprefix("right:") for check in stand.open().probe() if check.name.startswith("right:")}
    assert {"products", "taxes", "option-values", "categories-tree"} <= every
    account.rights = {}
    failed = {check.name: check for check in stand.open().probe() if check.verdict is Verdict.FAILED}
    assert "right:products" in failed
    problem = failed["right:products"].problem
    assert problem is not None
    assert problem.as_dict()["resource"] == "products"
    assert failed["right:products"].turn is Turn.SHOP_SETTINGS


def test_a_right_that_only_orders_need_is_a_warning(stand: ShoperStand) -> None:
    from shops.connectors.shoper.simulator import LOGIN

    side = stand.open()
    assert {one.verdict for one in side.probe() if one.name.startswith("right:")} == {Verdict.PASSED}
    areas = ("products", "categories", "producers", "units", "taxes", "options", "settings", "configuration")
    stand.shop.access.accounts[LOGIN].rights = dict.fromkeys(areas, "delete")
    checks = {check.name: check for check in stand.open().probe()}
    assert checks["right:products"].verdict is Verdict.PASSED
    assert checks["right:orders"].verdict is Verdict.WARNING
    assert checks["right:orders"].problem is not None
    assert checks["right:orders"].problem.as_dict()["resource"] == "orders"


def test_preflight_tells_about_warehouses_and_currency(stand: ShoperStand) -> None:
    stand.shop.state.config |= {"warehouses_enabled": True, "default_currency_name": "EUR"}
    checks = {check.name: check for check in stand.open().probe()}
    assert checks["warehouses"].verdict is Verdict.WARNING
    assert checks["currency"].verdict is Verdict.WARNING


@pytest.mark.parametrize("text", ["<html>Just a moment</html>", "[]", "{}"])
def test_preflight_of_what_is_no_shoper(stand: ShoperStand, text: str) -> None:
    stand.wire.answer(200, times=20, text=text)
    checks = {check.name: check.verdict for check in stand.open().probe()}
    assert Verdict.FAILED in checks.values()
    assert checks["port"] is Verdict.PASSED
    assert checks["version"] is Verdict.SKIPPED


def test_addresses_in_the_panel(stand: ShoperStand) -> None:
    side = stand.open()
    assert side.admin_url(Kind.PRODUCT, "36:181") == "http://127.0.0.1:9/admin/products/edit/id/36"
    assert side.admin_url(Kind.TAX_RATE, "3") == ""

"""The simulated shop keeps to what is known of WooCommerce's API, oddities included: access, lists, dates, batches."""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from shops.connectors.woocommerce.simulator import (
    CONSUMER_KEY,
    CONSUMER_SECRET,
    Key,
    ShopState,
    WooSimulator,
)
from tests.connectors.woocommerce_shop import Reply, Talk, basic


class Clock:
    """Seconds that pass only when a test says so. It is 2026-11-22 02:08:04 UTC, and the shop is in Poland."""

    def __init__(self) -> None:
        self.now = 1_795_313_284.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(clock: Clock) -> WooSimulator:
    return WooSimulator(ShopState(clock=clock))


@pytest.fixture
def talk(shop: WooSimulator) -> Talk:
    return Talk(shop)


def talk_to(version: str, clock: Clock | None = None) -> Talk:
    return Talk(WooSimulator(clock=clock, version=version))


# who may


def test_a_wrong_key_is_nobody_and_a_wrong_secret_is_an_error(talk: Talk) -> None:
    talk.authorization = basic("ck_" + "0" * 40, CONSUMER_SECRET)
    reply = talk.send("GET", "products")
    assert (reply.status, reply.body["code"]) == (401, "woocommerce_rest_cannot_view")
    assert reply.body["message"] == "Sorry, you cannot list resources."
    talk.authorization = ""
    assert talk.refused("GET", "products")[:2] == (401, "woocommerce_rest_cannot_view")
    talk.authorization = basic(CONSUMER_KEY, "cs_wrong")
    reply = talk.send("GET", "products")
    assert (reply.status, reply.body["code"]) == (401, "woocommerce_rest_authentication_error")
    assert reply.body["message"] == "Consumer secret is invalid."


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "products", "woocommerce_rest_cannot_create"),
        ("PUT", "products/1", "woocommerce_rest_cannot_edit"),
        ("DELETE", "products/1", "woocommerce_rest_cannot_delete"),
        ("POST", "products/batch", "woocommerce_rest_cannot_batch"),
        ("GET", "system_status", "woocommerce_rest_cannot_view"),
        ("GET", "settings/general/woocommerce_currency", "woocommerce_rest_cannot_view"),
    ],
)
def test_nobody_may_anything(shop: WooSimulator, method: str, path: str, code: str) -> None:
    assert Talk(shop, "").refused(method, path, {})[:2] == (401, code)


@pytest.mark.parametrize(("right", "method", "refused"), [("read", "POST", "write"), ("write", "GET", "read")])
def test_a_key_does_only_what_it_may(shop: WooSimulator, right: str, method: str, refused: str) -> None:
    shop.access.keys["ck_narrow"] = Key("cs_narrow", right)
    reply = Talk(shop, basic("ck_narrow", "cs_narrow")).send(method, "products", {})
    assert (reply.status, reply.body["code"]) == (401, "woocommerce_rest_authentication_error")
    assert reply.body["message"] == f"The API key provided does not have {refused} permissions."


def test_keys_in_the_query_work_over_https_only(shop: WooSimulator) -> None:
    pair = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}
    assert Talk(shop, "").get("products", **pair) == []
    shop.access.tls = False
    assert Talk(shop, "").refused("GET", "products", **pair)[1] == "woocommerce_rest_cannot_view"


def test_over_plain_http_basic_is_nobody_unless_a_proxy_vouches(shop: WooSimulator, talk: Talk) -> None:
    shop.access.tls = False
    assert talk.refused("GET", "products")[:2] == (401, "woocommerce_rest_cannot_view")
    assert talk.raw("GET", "products", HTTP_X_FORWARDED_PROTO="https").status == 200
    shop.access.trusts_proxy = False
    assert talk.raw("GET", "products", HTTP_X_FORWARDED_PROTO="https").status == 401


def test_plain_permalinks_are_not_authenticated(talk: Talk) -> None:
    reply = talk.raw("GET", "/", query=urlencode({"rest_route": "/wc/v3/products"}))
    assert (reply.status, reply.body["code"]) == (401, "woocommerce_rest_cannot_view")


def signed(talk: Talk, clock: Clock, method: str = "SHA256", path: str = "products", **changes: Any) -> Reply:
    """A request as OAuth 1.0a signs it; `changes` replace parameters before the signature is made."""
    url = f"http://shop.example/wp-json/wc/v3/{path}"
    query = {
        "oauth_consumer_key": CONSUMER_KEY,
        "oauth_nonce": "n1",
        "oauth_signature_method": f"HMAC-{method}",
        "oauth_timestamp": str(int(clock.now)),
        **changes,
    }
    text = "&".join(f"{quote(name, safe='-._~')}={quote(query[name], safe='-._~')}" for name in sorted(query))
    base = "&".join(quote(part, safe="-._~") for part in ("GET", url, text))
    kind = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256}[method]
    made = hmac.new(f"{CONSUMER_SECRET}&".encode(), base.encode(), kind).digest()
    return Talk(talk.shop, "").send("GET", path, **query, oauth_signature=base64.b64encode(made).decode())


@pytest.mark.parametrize("method", ["SHA1", "SHA256"])
def test_oauth_works_over_plain_http(shop: WooSimulator, talk: Talk, clock: Clock, method: str) -> None:
    shop.access.tls = False
    shop.state.add_product("A", "A")
    reply = signed(talk, clock, method, include="1,2", orderby="id")
    assert [row["sku"] for row in reply.body] == ["A"]


def test_oauth_takes_a_nonce_once_and_a_clock_that_is_nearly_right(
    shop: WooSimulator, talk: Talk, clock: Clock
) -> None:
    shop.access.tls = False
    assert signed(talk, clock).status == 200
    again = signed(talk, clock)
    assert (again.status, again.body["code"]) == (401, "woocommerce_rest_authentication_error")
    assert again.body["message"] == "Invalid nonce - nonce has already been used."
    late = signed(talk, clock, oauth_nonce="n2", oauth_timestamp=str(int(clock.now) - 901))
    assert late.body["message"] == "Invalid timestamp."


def test_oauth_refuses_what_was_changed_and_bracketed_names(shop: WooSimulator, talk: Talk, clock: Clock) -> None:
    shop.access.tls = False
    message = "Invalid signature - provided signature does not match."
    assert signed(talk, clock, **{"include[]": "1"}).body["message"] == message
    shop.access.keys[CONSUMER_KEY] = Key("cs_another")
    assert signed(talk, clock).body["message"] == message
    missing = Talk(shop, "").send("GET", "products", oauth_consumer_key=CONSUMER_KEY)
    assert missing.body["code"] == "woocommerce_rest_authentication_error"


# what answers look like


def test_the_index_and_the_home_page_lead_to_the_api(talk: Talk) -> None:
    home = talk.raw("GET", "/")
    assert '<https://shop.example/wp-json/>; rel="https://api.w.org/"' in home.links
    assert "wc/v3" in talk.get("/wp-json/")["namespaces"]
    assert talk.raw("GET", "/sklep").status == 404


def test_a_shop_can_live_in_a_folder(clock: Clock) -> None:
    state = ShopState(clock=clock)
    state.address = "https://shop.example/sklep"
    talk = Talk(WooSimulator(state))
    assert talk.get("/sklep/wp-json/wc/v3/products") == []
    assert talk.raw("GET", "/sklep/wp-json/").status == 200


def test_an_unknown_route_or_method_is_404(talk: Talk) -> None:
    for method, path in (("GET", "nonsense"), ("DELETE", "products"), ("POST", "orders"), ("GET", "products/1/2")):
        assert talk.refused(method, path)[:2] == (404, "rest_no_route")


def test_broken_json_and_missing_fields_are_named(talk: Talk) -> None:
    reply = talk.raw("POST", "products", b"{")
    assert (reply.status, reply.body["code"]) == (400, "rest_invalid_json")
    status, code, data = talk.refused("POST", "products/categories", {})
    assert (status, code, data["params"]) == (400, "rest_missing_callback_param", ["name"])


def test_put_patch_and_post_to_an_object_are_one(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A")
    for number, method in enumerate(("PUT", "PATCH", "POST")):
        assert talk.send(method, f"products/{product}", {"name": f"N{number}"}).body["name"] == f"N{number}"


def test_a_host_that_lets_only_post_through_can_be_served(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A")
    body = b'{"name": "B"}'
    assert talk.raw("POST", f"products/{product}", body, HTTP_X_HTTP_METHOD_OVERRIDE="PUT").body["name"] == "B"
    assert talk.raw("POST", f"products/{product}", query="_method=DELETE&force=true").status == 200
    assert talk.get("products") == []


def test_head_gives_the_totals(talk: Talk) -> None:
    talk.shop.state.add_product("A", "A")
    reply = talk.raw("HEAD", "products")
    assert (reply.status, reply.body, reply.headers["X-WP-Total"]) == (200, b"", "1")


def test_fields_can_be_chosen(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A")
    assert talk.get("products", _fields="id,sku") == [{"id": product, "sku": "A"}]
    assert talk.get("system_status", _fields="environment.version") == {"environment": {"version": "10.5.0"}}


# pages


def test_pages_are_of_ten_and_of_a_hundred_at_most(talk: Talk) -> None:
    for number in range(12):
        talk.shop.state.add_product(f"A{number}", f"A{number}")
    first = talk.send("GET", "products")
    assert (len(first.body), first.headers["X-WP-Total"], first.headers["X-WP-TotalPages"]) == (10, "12", "2")
    assert any('page=2>; rel="next"' in link for link in first.links)
    for size in (101, 0, -1):
        status, code, data = talk.refused("GET", "products", per_page=size)
        assert (status, code) == (400, "rest_invalid_param")
        assert data["params"] == {"per_page": "per_page must be between 1 (inclusive) and 100 (inclusive)"}
    assert len(talk.get("products", per_page=5, offset=10)) == 2
    assert talk.send("GET", "products", per_page=5, offset=10).headers["X-WP-TotalPages"] == "3"


def test_past_the_end_products_keep_their_totals_and_orders_lose_them(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A")
    talk.shop.state.add_order({product: 1})
    reply = talk.send("GET", "products", page=9)
    assert (reply.body, reply.headers["X-WP-Total"]) == ([], "1")
    reply = talk.send("GET", "orders", page=9)
    assert (reply.body, reply.headers["X-WP-Total"], reply.headers["X-WP-TotalPages"]) == ([], "0", "0")


def test_attributes_and_tax_classes_know_no_pages(talk: Talk) -> None:
    for number in range(12):
        talk.shop.state.add_attribute(f"Cecha {number}")
    assert len(talk.get("products/attributes", per_page=1, page=3)) == 12
    assert len(talk.get("taxes/classes", per_page=1)) == 4


def test_newest_first_unless_told_otherwise(talk: Talk, clock: Clock) -> None:
    ids = []
    for name in "BAC":
        ids.append(talk.shop.state.add_product(name, name))
        clock.now += 1
    assert talk.ids("products") == ids[::-1]
    assert talk.ids("products", orderby="id", order="asc") == ids
    assert talk.ids("products", orderby="title", order="asc") == [ids[1], ids[0], ids[2]]
    assert talk.ids("products", include=f"{ids[2]},{ids[0]}", orderby="include") == [ids[2], ids[0]]
    assert talk.refused("GET", "products", orderby="nonsense")[1] == "rest_invalid_param"


@pytest.mark.parametrize(("version", "complete"), [("10.5.0", True), ("10.0.2", False)])
def test_older_shops_skip_rows_when_pages_are_ordered_by_equal_changes(version: str, complete: bool) -> None:
    talk = talk_to(version, Clock())
    made = {talk.shop.state.add_product(f"A{number}", "A") for number in range(60)}
    seen = [one for page in range(1, 7) for one in talk.ids("products", page=page, orderby="modified", order="asc")]
    assert (set(seen) == made) is complete


# what has changed


@pytest.mark.parametrize(
    ("text", "gmt", "found"),
    [
        ("2026-11-22T02:08:03", "true", 1),
        ("2026-11-22T02:08:03Z", "", 1),
        ("2026-11-22T03:08:03+01:00", "", 1),
        ("2026-11-22T03:08:03", "", 1),
        ("2026-11-22T02:08:04", "true", 0),
        ("2026-11-22T02:08:03Z", "true", 0),
        ("2026-11-22T02:08:03+00:00", "true", 0),
    ],
)
def test_when_something_counts_as_changed(talk: Talk, text: str, gmt: str, found: int) -> None:
    """A zone in the date together with dates_are_gmt shifts twice, and the very second does not count."""
    product = talk.shop.state.add_product("A", "A")
    talk.shop.state.add_order({product: 1})
    for path in ("products", "orders"):
        assert len(talk.get(path, modified_after=text, dates_are_gmt=gmt)) == found


def test_a_utc_date_without_zone_and_flag_gives_too_many_rows(talk: Talk, clock: Clock) -> None:
    clock.now -= 1800
    talk.shop.state.add_product("A", "A")
    assert len(talk.get("products", modified_after="2026-11-22T02:08:03")) == 1
    assert talk.get("products", modified_after="2026-11-22T02:08:03", dates_are_gmt="true") == []


def test_a_date_without_time_is_refused(talk: Talk) -> None:
    status, code, data = talk.refused("GET", "products", modified_after="2026-11-22")
    assert (status, code, data["params"]) == (400, "rest_invalid_param", {"modified_after": "Invalid date."})


def test_categories_know_no_change_filter(talk: Talk) -> None:
    assert len(talk.get("products/categories", modified_after="2999-01-01T00:00:00")) == 1


def changed_since(talk: Talk, clock: Clock, act: Any) -> list[int]:
    """Products that an action changes."""
    text = datetime.fromtimestamp(clock.now, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    clock.now += 60
    act()
    return talk.ids("products", modified_after=text, dates_are_gmt="true", orderby="id", order="asc")


def test_what_bumps_the_date_of_change(talk: Talk, clock: Clock) -> None:
    state = talk.shop.state
    size = state.add_attribute("Rozmiar", ["S"])
    plain = state.add_product("A", "A", stock=5)
    parent = state.add_product("P", "P", variations=[{"sku": "P-S", "option": "S"}], attribute=size)
    variation = parent + 1
    category = state.add_category("Dom")
    assert changed_since(talk, clock, lambda: talk.put(f"products/{plain}", {})) == [plain]
    assert changed_since(talk, clock, lambda: talk.batch("products", update=[{"id": plain, "name": "A"}])) == [plain]
    assert changed_since(talk, clock, lambda: state.add_order({plain: 1})) == [plain]
    assert changed_since(talk, clock, lambda: state.add_order({variation: 1})) == [parent]
    path = f"products/{parent}/variations/{variation}"
    assert changed_since(talk, clock, lambda: talk.put(path, {"regular_price": "2.00"})) == [parent]
    assert changed_since(talk, clock, lambda: talk.put(f"products/categories/{category}", {"name": "Ogród"})) == []


def test_variations_of_all_parents_come_in_one_list_since_10_5(talk: Talk, clock: Clock) -> None:
    for shop_talk in (talk, talk_to("10.0.2", clock)):
        size = shop_talk.shop.state.add_attribute("Rozmiar", ["S", "M"])
        both = [{"sku": f"P-{text}", "option": text} for text in "SM"]
        parent = shop_talk.shop.state.add_product("P", "P", variations=both, attribute=size)
    assert [(row["parent_id"], row["sku"]) for row in talk.get("variations", sku="p-m")] == [(parent, "P-M")]
    assert len(talk.get("variations", modified_after="2026-11-22T00:00:00Z")) == 2
    old = talk_to("10.0.2", clock)
    assert old.refused("GET", "variations")[:2] == (404, "rest_no_route")


def test_trash_is_listed_only_when_asked_for(talk: Talk, clock: Clock) -> None:
    state = talk.shop.state
    draft = state.add_product("D", "D", status="draft")
    gone = state.add_product("G", "G")
    clock.now += 5
    assert talk.send("DELETE", f"products/{gone}").body["status"] == "publish"
    assert talk.get(f"products/{gone}")["status"] == "trash"
    assert talk.ids("products") == [draft]
    assert talk.ids("products", status="trash", modified_after="2026-11-22T02:08:04Z") == [gone]
    assert talk.ids("products", sku="G") == []
    assert talk.ids("products", sku="G", status="trash") == [gone]
    assert talk.refused("DELETE", f"products/{gone}")[:2] == (410, "woocommerce_rest_already_trashed")
    talk.put(f"products/{gone}", {"status": "publish"})
    assert talk.ids("products", sku="G") == [gone]
    assert talk.refused("GET", "products", status="nonsense")[1] == "rest_invalid_param"


def test_abandoned_carts_are_listed_as_orders(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A", stock=5)
    talk.shop.state.add_order({product: 1}, status="checkout-draft")
    assert [row["status"] for row in talk.get("orders")] == ["checkout-draft"]
    assert talk.get("orders", status="processing,on-hold") == []
    assert talk.refused("GET", "orders", status="processing,nonsense")[0] == 400


def test_keys_look_like_real_ones() -> None:
    assert re.fullmatch("ck_[0-9a-f]{40}", CONSUMER_KEY)
    assert re.fullmatch("cs_[0-9a-f]{40}", CONSUMER_SECRET)

"""The simulated shop keeps to what is known of Shoper's API, oddities included: one test per rule."""

import json

import pytest

from shops.connectors.shoper.simulator import LOGIN, PASSWORD, Account, ShoperSimulator, ShopState
from tests.connectors.shoper_shop import Talk, basic, new_product


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(clock: Clock) -> ShoperSimulator:
    return ShoperSimulator(ShopState(clock=clock), limited=False)


@pytest.fixture
def talk(shop: ShoperSimulator) -> Talk:
    return Talk(shop)


def test_login_gives_a_token_that_works_for_thirty_days(shop: ShoperSimulator, talk: Talk, clock: Clock) -> None:
    reply = talk.raw("POST", "auth", HTTP_AUTHORIZATION=basic(LOGIN, PASSWORD))
    assert reply.body["expires_in"] == 2_592_000
    assert reply.body["token_type"] == "bearer"
    user = Talk(shop, reply.body["access_token"])
    assert user.get("units")["count"] == "5"
    clock.now += 2_592_000
    assert user.refused("GET", "units")[:2] == (401, "unauthorized_client")


def test_login_with_a_wrong_password_is_refused(talk: Talk) -> None:
    reply = talk.raw("POST", "auth", HTTP_AUTHORIZATION=basic(LOGIN, "no"))
    assert (reply.status, reply.body["error"]) == (401, "auth_failure")


@pytest.mark.parametrize(
    ("account", "code"),
    [
        (Account("a", "b", webapi=False), "auth_webapi_access_denied"),
        (Account("a", "b", address_allowed=False), "auth_ip_not_allowed"),
    ],
)
def test_login_that_the_shop_does_not_let_in(shop: ShoperSimulator, account: Account, code: str) -> None:
    shop.access.accounts["a"] = account
    reply = Talk(shop).raw("POST", "auth", HTTP_AUTHORIZATION=basic("a", "b"))
    assert reply.body["error"] == code


def test_revoked_tokens_stop_working_and_static_ones_do_not(shop: ShoperSimulator, talk: Talk) -> None:
    token = talk.raw("POST", "auth", HTTP_AUTHORIZATION=basic(LOGIN, PASSWORD)).body["access_token"]
    shop.access.revoke()
    assert Talk(shop, token).refused("GET", "units")[0] == 401
    assert talk.get("units")


def test_rights_are_per_resource_and_each_includes_the_lower_ones(shop: ShoperSimulator) -> None:
    shop.access.static_tokens["narrow"] = Account("n", "", rights={"units": "edit", "products": "read"})
    narrow = Talk(shop, "narrow")
    narrow.put("units/1", {"floating_point": 1})
    assert narrow.refused("DELETE", "units/1")[:2] == (403, "insufficient_scope")
    assert narrow.refused("GET", "producers")[0] == 403
    assert narrow.get("application-config")["default_language_name"] == "pl_PL"


def test_a_wrong_path_is_400_and_a_trailing_slash_is_fine(talk: Talk) -> None:
    assert talk.refused("GET", "customers")[:2] == (400, "invalid_request")
    assert talk.refused("GET", "warehouses")[2] == "Warehouses module is disabled"
    assert talk.get("units/")["count"] == "5"


def test_an_address_outside_the_api_answers_html(talk: Talk) -> None:
    reply = talk.raw("GET", "/")
    assert reply.status == 404
    assert reply.headers["Content-Type"].startswith("text/html")


def test_tax_rates_and_statuses_cannot_be_written(talk: Talk) -> None:
    for method, path in (("POST", "taxes"), ("PUT", "taxes/1"), ("DELETE", "taxes/1"), ("PUT", "statuses/1")):
        assert talk.refused(method, path, {})[0] == 405


def test_languages_cannot_be_made(talk: Talk) -> None:
    assert talk.refused("POST", "languages", {"locale": "de_DE"})[0] == 500


def test_page_size_is_ten_and_more_than_fifty_is_ten_again(talk: Talk) -> None:
    for number in range(60):
        talk.shop.state.add_producer(f"P{number}")
    assert len(talk.get("producers")["list"]) == 10
    assert len(talk.get("producers", limit=50)["list"]) == 50
    page = talk.get("producers", limit=51)
    assert (len(page["list"]), page["pages"]) == (10, 6)


def test_the_count_is_text_and_a_page_past_the_end_is_empty(talk: Talk) -> None:
    page = talk.get("units", page=9, limit=2)
    assert (page["count"], page["pages"], page["list"]) == ("5", 3, [])
    assert talk.get("units", page=0, limit=2)["page"] == 1
    assert talk.get("products") == {"count": "0", "pages": 0, "page": 1, "list": []}


def test_head_gives_the_counts_without_a_body(talk: Talk) -> None:
    reply = talk.send("HEAD", "units", limit=2)
    assert (reply.headers["X-Shop-Result-Count"], reply.headers["X-Shop-Result-Pages"]) == ("5", "3")
    assert reply.body == b""


def test_a_bare_order_descends(talk: Talk) -> None:
    assert talk.ids("units", "unit_id", order="unit_id") == [5, 4, 3, 2, 1]
    assert talk.ids("units", "unit_id", order="unit_id ASC") == [1, 2, 3, 4, 5]


def test_sorting_by_several_keys(talk: Talk) -> None:
    page = talk.get("units", **{"order[]": ["floating_point DESC", "translations.name ASC"]})
    assert [row["translations"]["pl_PL"]["name"] for row in page["list"]] == ["kg", "lbs", "szt.", "wielopak", "zestaw"]


@pytest.mark.parametrize(
    ("resource", "key"),
    [("products", "code"), ("products", "category_id"), ("categories", "parent_id"), ("taxes", "name")],
)
def test_an_unknown_filter_key_is_404(talk: Talk, resource: str, key: str) -> None:
    assert talk.refused("GET", resource, filters={key: "1"})[0] == 404


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"unit_id": 2}, [2]),
        ({"unit_id": {"=": "2"}}, [2]),
        ({"unit_id": {">": 2, "<=": "4"}}, [3, 4]),
        ({"unit_id": {"gte": 4}}, [4, 5]),
        ({"unit_id": {"IN": ["1", 3, 99]}}, [1, 3]),
        ({"unit_id": {"NOT IN": [1, 3]}}, [2, 4, 5]),
        ({"unit_id": {"!=": 1}}, [2, 3, 4, 5]),
        ({"floating_point": 1, "unit_id": {">": 2}}, [3]),
        ({"translations.name": {"like": "%l%"}}, [3, 5]),
        ({"translation.pl_PL.name": {"~": "k%"}}, [2]),
        ({"translations.name": {"!~": "%l%"}}, [1, 2, 4]),
    ],
)
def test_filters(talk: Talk, wanted: object, found: list[int]) -> None:
    assert talk.ids("units", "unit_id", filters=wanted) == found


def test_products_are_found_by_the_code_of_their_stock_row(talk: Talk) -> None:
    state = talk.shop.state
    for code in ("A", "B"):
        state.add_product(code, code)
    assert talk.ids("products", "product_id", filters={"stock.code": "B"}) == [2]
    assert talk.ids("products", "product_id", filters={"stock.code": "b"}) == []


def test_products_are_found_by_any_of_their_categories(talk: Talk) -> None:
    first, second = talk.shop.state.add_category("A"), talk.shop.state.add_category("B")
    talk.shop.state.add_product("1", "1", category=first, categories=[second])
    talk.shop.state.add_product("2", "2", category=first)
    assert talk.ids("products", "product_id", filters={"category_tree_id": second}) == [1]
    talk.put("products/1", {"categories": [first]})
    assert talk.ids("products", "product_id", filters={"category_tree_id": second}) == []


def test_filters_in_brackets_work_but_not_on_pictures(talk: Talk) -> None:
    assert talk.raw("GET", "units", query="filters[unit_id][>]=4").body["count"] == "1"
    assert talk.raw("GET", "product-images", query="filters[product_id]=1").status == 500
    assert talk.get("product-images", filters={"product_id": 1})["count"] == "0"


def test_unreadable_filters_and_bodies_are_400(talk: Talk) -> None:
    assert talk.refused("GET", "units", filters="{")[0] == 400
    assert talk.raw("POST", "units", b"{").status == 400
    assert talk.raw("POST", "units", b"[]").status == 400


def test_creates_answer_a_bare_number_and_a_second_delete_is_404(talk: Talk) -> None:
    unit = talk.post("units", {"floating_point": 1, "translations": {"pl_PL": {"name": "m"}}})
    assert talk.get(f"units/{unit}")["translations"]["pl_PL"]["name"] == "m"
    assert talk.send("DELETE", f"units/{unit}").body == 1
    assert talk.refused("DELETE", f"units/{unit}") == (404, "invalid_request", "Resource not found")


def test_several_findings_come_in_one_polish_text(talk: Talk) -> None:
    status, code, text = talk.refused("POST", "products", {"code": "A"})
    assert (status, code) == (400, "invalid_request")
    assert text.split("; ")[0] == "Wartość pola 'translations.pl_PL.name' jest niepoprawna: Pole wymagane"
    assert "'category_id'" in text
    assert "'stock.price'" in text


def test_the_tree_is_a_bare_array_of_ids(talk: Talk) -> None:
    top = talk.post("categories", {"parent_id": 0, "translations": {"pl_PL": {"name": "A"}}})
    below = talk.post("categories", {"parent_id": top, "order": 1, "translations": {"pl_PL": {"name": "B"}}})
    assert talk.get("categories-tree") == [{"id": top, "children": [{"id": below, "children": []}]}]
    assert talk.get(f"categories-tree/{top}")["children"][0]["id"] == below
    row = talk.get(f"categories/{below}")
    assert "parent_id" not in row
    assert row["root"] == "0"


def test_a_category_with_an_unknown_parent_is_taken_and_stands_nowhere(talk: Talk) -> None:
    lost = talk.post("categories", {"parent_id": 4711, "translations": {"pl_PL": {"name": "A"}}})
    assert talk.get("categories-tree") == []
    assert talk.ids("categories", "category_id") == [lost]


def test_a_category_moves_but_not_below_itself(talk: Talk) -> None:
    state = talk.shop.state
    top = state.add_category("A")
    below = state.add_category("B", top)
    assert talk.refused("PUT", f"categories/{top}", {"parent_id": below})[0] == 400
    talk.put(f"categories/{below}", {"parent_id": 0})
    assert [branch["id"] for branch in talk.get("categories-tree")] == [top, below]


def test_deleting_a_category_takes_what_is_below_and_leaves_the_products(talk: Talk) -> None:
    state = talk.shop.state
    top = state.add_category("A")
    below = state.add_category("B", top)
    product = state.add_product("1", "1", category=below)
    assert talk.get(f"categories/{below}")["translations"]["pl_PL"]["items"] == 1
    talk.send("DELETE", f"categories/{top}")
    assert talk.get("categories")["count"] == "0"
    assert talk.get(f"products/{product}")["categories"] == []


def test_update_changes_only_what_is_given(talk: Talk) -> None:
    producer = talk.post("producers", {"name": "Acme", "web": "https://acme.example"})
    talk.put(f"producers/{producer}", {"name": "Acme SA"})
    row = talk.get(f"producers/{producer}")
    assert (row["name"], row["web"]) == ("Acme SA", "https://acme.example")


def test_texts_of_other_languages_stay(talk: Talk) -> None:
    unit = talk.post("units", {"floating_point": 0, "translations": {"pl_PL": {"name": "m"}, "en_US": {"name": "pc"}}})
    talk.put(f"units/{unit}", {"translations": {"pl_PL": {"name": "szt"}}})
    texts = talk.get(f"units/{unit}")["translations"]
    assert (texts["pl_PL"]["name"], texts["en_US"]["name"]) == ("szt", "pc")
    assert talk.refused("PUT", f"units/{unit}", {"translations": {"xx_XX": {"name": "?"}}})[0] == 400


def test_options_cannot_change_their_type(talk: Talk) -> None:
    group = talk.post("option-groups", {"translations": {"pl_PL": {"name": "Kolor"}}})
    body = {"group_id": group, "type": "select", "required": 1, "translations": {"pl_PL": {"name": "Kolor"}}}
    option = talk.post("options", body)
    assert talk.refused("PUT", f"options/{option}", {"type": "text"})[1] == "option_cannot_modify_type"
    assert talk.refused("PUT", f"options/{option}", {"required": 0})[1] == "option_cannot_modify_require"
    value = talk.post("option-values", {"option_id": option, "translations": {"pl_PL": {"value": "Biały"}}})
    assert talk.ids("option-values", "ovalue_id", filters={"option_id": option}) == [value]
    assert talk.refused("POST", "option-values", {"option_id": 99, "translations": {"pl_PL": {"value": "?"}}})[0] == 400


def test_modification_time_of_one_product(talk: Talk, clock: Clock) -> None:
    product = talk.shop.state.add_product("A", "A")
    assert talk.get(f"object-mtime/product/{product}") == {"date": int(clock.now)}
    assert talk.refused("GET", "object-mtime/product")[0] == 501
    assert talk.refused("GET", "object-mtime/product/99")[0] == 404


def test_dates_are_naive_in_the_zone_of_the_shop(talk: Talk, clock: Clock) -> None:
    clock.now = 1_782_900_000.0  # 2026-07-01 10:00 UTC, summer time in Warsaw
    product = talk.shop.state.add_product("A", "A")
    assert talk.get(f"products/{product}")["add_date"] == "2026-07-01 12:00:00"


def test_bulk_answers_each_operation_on_its_own(talk: Talk) -> None:
    reply = talk.send(
        "POST",
        "bulk",
        [
            {"id": "u", "path": "/webapi/rest/units/2", "method": "PUT", "body": {"floating_point": 0}},
            {"id": "none", "path": "/webapi/rest/units/99", "method": "PUT", "body": {}},
            {"id": "list", "path": "/webapi/rest/units", "method": "GET", "params": {"filters": '{"unit_id":2}'}},
            {"id": "nested", "path": "/webapi/rest/bulk", "method": "POST", "body": []},
            {"id": "head", "path": "/webapi/rest/units", "method": "HEAD"},
        ],
    )
    assert reply.status == 200
    assert reply.body["errors"] is True
    found = {item["id"]: item for item in reply.body["items"]}
    assert {name: item["code"] for name, item in found.items()} == {
        "u": 200,
        "none": 404,
        "list": 200,
        "nested": 400,
        "head": 200,
    }
    assert found["u"]["body"] == 1
    assert found["list"]["body"]["list"][0]["floating_point"] == "0"


def test_bulk_takes_25_operations_and_filters_as_text_only(talk: Talk) -> None:
    one = {"id": "a", "path": "/webapi/rest/units", "method": "GET"}
    assert len(talk.send("POST", "bulk", [one] * 25).body["items"]) == 25
    assert talk.refused("POST", "bulk", [one] * 26)[0] == 400
    assert talk.refused("POST", "bulk", {"requests": [one]})[0] == 400
    item = talk.send("POST", "bulk", [one | {"params": {"filters": {"unit_id": 2}}}]).body["items"][0]
    assert item["code"] == 400


def test_bulk_keeps_to_the_rights(shop: ShoperSimulator) -> None:
    shop.access.static_tokens["narrow"] = Account("n", "", rights={"units": "read"})
    operations = [{"id": name, "path": f"/webapi/rest/{name}", "method": "GET"} for name in ("units", "producers")]
    items = Talk(shop, "narrow").send("POST", "bulk", operations).body["items"]
    assert [item["code"] for item in items] == [200, 403]


def test_the_bucket_fills_refuses_and_leaks(clock: Clock) -> None:
    talk = Talk(ShoperSimulator(ShopState(clock=clock)))
    levels = [talk.send("GET", "units").headers["X-Shop-Api-Calls"] for _ in range(10)]
    assert levels == [str(n) for n in range(1, 11)]
    reply = talk.send("GET", "units")
    assert (reply.status, reply.body["error"]) == (429, "temporarily_unavailable")
    assert (reply.headers["X-Shop-Api-Limit"], reply.headers["X-Shop-Api-Bandwidth"]) == ("10", "2")
    clock.now += int(reply.headers["Retry-After"])
    assert talk.send("GET", "units").status == 200


def test_a_bulk_costs_one_call_or_one_per_operation(clock: Clock) -> None:
    talk = Talk(ShoperSimulator(ShopState(clock=clock)))
    operations = [{"id": "a", "path": "/webapi/rest/units", "method": "GET"}] * 5
    assert talk.send("POST", "bulk", operations).headers["X-Shop-Api-Calls"] == "1"
    talk.shop.quirks.bulk_cost = "each"
    assert talk.send("POST", "bulk", operations).headers["X-Shop-Api-Calls"] == "6"


def test_without_limit_the_headers_tell_so(talk: Talk) -> None:
    for _ in range(30):
        reply = talk.send("GET", "units")
    assert reply.status == 200
    assert int(reply.headers["X-Shop-Api-Limit"]) > 1000


def test_a_shop_that_is_locked_or_not_paid(shop: ShoperSimulator, talk: Talk) -> None:
    shop.faults.shop_locked = True
    assert talk.refused("GET", "units")[:2] == (503, "temporarily_unavailable")
    shop.faults.clear()
    shop.faults.unpaid = True
    assert talk.refused("GET", "units")[:2] == (402, "access_denied")


def test_an_object_open_in_the_panel_cannot_be_written(shop: ShoperSimulator, talk: Talk) -> None:
    product = shop.state.add_product("A", "A")
    shop.faults.locked.add(("products", product))
    assert talk.refused("PUT", f"products/{product}", {})[:2] == (409, "server_error")
    shop.quirks.lock_error = "temporarily_unavailable"
    assert talk.refused("DELETE", f"products/{product}")[1:] == ("temporarily_unavailable", "Object is locked")
    assert talk.get(f"products/{product}")["code"] == "A"


def test_nothing_is_half_written_when_a_write_is_refused(talk: Talk) -> None:
    category = talk.shop.state.add_category("A")
    product = talk.post("products", new_product(category))
    before = json.dumps(talk.get(f"products/{product}"))
    wrong = {"code": "NEW", "stock": {"price": "12,50"}, "translations": {"pl_PL": {"name": "Inny"}}}
    assert talk.refused("PUT", f"products/{product}", wrong)[0] == 400
    assert json.dumps(talk.get(f"products/{product}")) == before

"""The simulated PrestaShop keeps to what is known of the Webservice: who is let in, formats, reads."""

from typing import Any

import pytest

from shops.connectors.prestashop.simulator import API_KEY, Account, PrestaSimulator, ShopState
from tests.connectors.prestashop_shop import NEW_PRODUCT, Clock, Talk, basic, texts

VERSIONS = ("1.7.8.8", "8.1.2", "9.1.4")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def talk(clock: Clock) -> Talk:
    return Talk(PrestaSimulator(ShopState(clock=clock)))


def talk_to(version: str) -> Talk:
    return Talk(PrestaSimulator(version=version))


# access


def test_without_credentials_the_refusal_is_no_xml(talk: Talk) -> None:
    reply = talk.send("GET", "products", headers={"HTTP_AUTHORIZATION": ""})
    assert (reply.status, reply.content, reply.headers["Content-Type"]) == (401, b"401 Unauthorized", "text/html")
    assert "PSWS-Version" not in reply.headers


@pytest.mark.parametrize(
    ("credentials", "codes"),
    [(("short", ""), [18]), (("Z" * 32, ""), [20, 21]), (("", API_KEY), [17])],
    ids=["wrong length", "unknown", "key as password"],
)
def test_a_bad_key_is_401(talk: Talk, credentials: tuple[str, str], codes: list[int]) -> None:
    reply = talk.send("GET", "products", headers={"HTTP_AUTHORIZATION": basic(*credentials)})
    assert (reply.status, reply.codes) == (401, codes)


def test_the_key_is_taken_from_the_query_too(talk: Talk) -> None:
    reply = talk.send("GET", "products", headers={"HTTP_AUTHORIZATION": ""}, ws_key=API_KEY)
    assert (reply.status, reply.headers["PSWS-Version"]) == (200, "8.1.2")


def test_a_switched_off_webservice_is_503_and_a_key_of_another_shop_403(talk: Talk) -> None:
    talk.shop.access.accounts["F" * 32] = Account(foreign=True)
    foreign = Talk(talk.shop, "F" * 32).send("GET", "products")
    assert (foreign.status, foreign.codes) == (403, [132])
    talk.shop.access.enabled = False
    off = talk.send("GET", "products")
    assert (off.status, off.codes) == (503, [22])


def test_rights_are_per_resource_and_method(talk: Talk) -> None:
    talk.shop.access.accounts[API_KEY].rights = {"products": {"GET", "HEAD"}}
    denied = talk.send("GET", "categories")
    assert (denied.status, denied.codes) == (401, [26])
    written = talk.write("PUT", "products", "<id>1</id>")
    assert (written.status, written.codes) == (405, [25])
    assert talk.send("GET", "products").status == 200


def test_methods_that_no_key_may_use(talk: Talk) -> None:
    for method in ("POST", "DELETE"):
        reply = talk.send(method, "stock_availables")
        assert (reply.status, reply.codes) == (405, [101])
    assert talk.send("GET", "nonsense").codes == [27]


def test_the_root_lists_the_rights_as_xml_and_dies_as_json(talk: Talk) -> None:
    talk.shop.access.accounts[API_KEY].rights = {"products": {"GET", "PATCH"}}
    (api,) = talk.send("GET", "").xml
    (products,) = api
    assert api.get("shopName") == "Sklep testowy"
    assert {name: products.get(name) for name in ("get", "patch", "put")} == {
        "get": "true",
        "patch": "true",
        "put": "false",
    }
    reply = talk.send("GET", "", output_format="JSON")
    assert (reply.status, reply.content) == (500, b"")


def test_a_wrong_host_name_is_redirected_for_writes_too() -> None:
    talk = Talk(PrestaSimulator(host="sklep.example"))
    product = talk.shop.state.add_product("A", "A")
    for method in ("GET", "PATCH"):
        reply = talk.write(method, f"products/{product}", f"<id>{product}</id><price>9</price>")
        assert (reply.status, reply.headers["Location"]) == (302, f"http://sklep.example/?url=products/{product}")
    assert talk.send("GET", "products", headers={"HTTP_HOST": "sklep.example"}).status == 200


def test_a_method_can_be_named_in_the_query(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A", 5)
    reply = talk.write("POST", "products", f"<id>{product}</id><price>9</price>", ps_method="PATCH")
    assert (reply.status, talk.row("products", product)["price"]) == (200, "9.000000")


def test_hosts_that_hide_the_login_or_block_methods(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A", 5)
    talk.shop.hosting.hides_login = True
    assert talk.send("GET", "products").status == 401
    assert talk.send("GET", "products", ws_key=API_KEY).status == 200
    talk.shop.hosting.blocked = ("PATCH", "PUT", "DELETE")
    entity = f"<id>{product}</id><price>9</price>"
    assert talk.write("PATCH", "products", entity, ws_key=API_KEY).headers["Content-Type"].startswith("text/html")
    assert talk.write("POST", "products", entity, ws_key=API_KEY, ps_method="PATCH").status == 200


def test_an_address_that_is_too_long_does_not_arrive(talk: Talk) -> None:
    for count, status in ((300, 200), (900, 414)):
        codes = "|".join(f"KUB-{number:05d}" for number in range(count))
        assert talk.send("GET", "products", filters={"reference": f"[{codes}]"}).status == status


def test_warnings_of_php_come_before_the_answer(talk: Talk) -> None:
    talk.shop.hosting.warns = True
    reply = talk.send("GET", "languages")
    assert reply.content.startswith(b"<br />")
    assert reply.content.partition(b"<?xml")[2].endswith(b"</prestashop>\n")


# formats


def test_json_is_asked_for_in_upper_case_only(talk: Talk) -> None:
    for how in ({"output_format": "JSON"}, {"io_format": "JSON"}):
        assert talk.send("GET", "languages", **how).headers["Content-Type"] == "application/json"
    for name in ("HTTP_OUTPUT_FORMAT", "HTTP_IO_FORMAT"):
        assert talk.send("GET", "languages", headers={name: "JSON"}).json["languages"]
    for how in ({"output_format": "json"}, {"headers": {"HTTP_ACCEPT": "application/json"}}):
        assert talk.send("GET", "languages", **how).content.startswith(b"<?xml")


def test_shapes_of_json(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", {1: "Mug", 2: "Kubek"}, 23.9, categories=[1])
    assert talk.send("GET", "products", output_format="JSON").json == {"products": [{"id": product}]}
    assert talk.send("GET", "manufacturers", output_format="JSON").content == b"[]"
    single = talk.send("GET", f"products/{product}", output_format="JSON").json["product"]
    assert "on_sale" not in single
    assert "ean13" not in single
    assert single["width"] == "0.000000"
    (full,) = talk.send("GET", f"products/{product}", output_format="JSON", display="full").json["products"]
    assert (full["on_sale"], full["id"], full["price"]) == ("0", product, "23.900000")
    assert full["name"] == [{"id": 1, "value": "Mug"}, {"id": 2, "value": "Kubek"}]
    assert full["associations"]["categories"] == [{"id": 2}, {"id": 1}]
    assert "images" not in full["associations"]


def test_texts_of_one_language_are_plain(talk: Talk) -> None:
    talk.shop.state.add_product("A", {1: "Mug", 2: "Kubek"})
    assert talk.rows("products", "[name]", language=2) == [{"name": "Kubek"}]
    assert talk.rows("products", "[name]", language="[1|2]")[0]["name"][1]["value"] == "Kubek"


def test_xml_carries_texts_in_cdata(talk: Talk) -> None:
    talk.shop.state.add_product("A<&>", {1: "Mug", 2: "Kubek"})
    reply = talk.send("GET", "products", display="[reference,name]")
    assert b"<reference><![CDATA[A<&>]]></reference>" in reply.content
    assert [text.text for text in reply.xml.findall("products/product/name/language")] == ["Mug", "Kubek"]
    assert b"<manufacturers>\n</manufacturers>" in talk.send("GET", "manufacturers", display="full").content


def test_errors_come_in_the_asked_format_and_are_escaped_up_to_8() -> None:
    for version, message in (("8.1.2", "Product-&gt;price"), ("9.1.4", "Product->price"), ("1.7.8.8", "&gt;")):
        talk = talk_to(version)
        reply = talk.write("POST", "products", "<price>-1</price>", output_format="JSON")
        (error,) = reply.json["errors"]
        assert (reply.status, error["code"]) == (400, 85)
        assert message in error["message"]


def test_a_missing_id_is_404_without_a_word(talk: Talk) -> None:
    reply = talk.send("GET", "products/999")
    assert (reply.status, reply.content) == (404, b"")


# reading


def shelf(talk: Talk) -> list[int]:
    state = talk.shop.state
    rows = (("a-1", "Młotek", 5), ("B-2", "Wkręt", 7), ("C-3", "Śruba", 9), ("d-4", "Kołek", 11))
    return [state.add_product(reference, name, price) for reference, name, price in rows]


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("reference", "b-2", [2]),
        ("reference", "[A-1]", [1]),
        ("reference", "[A-1|d-4|none]", [1, 4]),
        ("reference", "![A-1|d-4]", [2, 3]),
        ("reference", "[A]%", [1]),
        ("reference", "%[-]%", [1, 2, 3, 4]),
        ("name", "%[rub]%", [3]),
        ("name", "[sruba]", [3]),
        ("id", "[2,3]", [2, 3]),
        ("id", "[1,3,4]", [1]),
        ("id", ">[2]", [3, 4]),
        ("id", "<[2]", [1]),
        ("id", "[4|2]", [2, 4]),
        ("price", ">[7]", [3, 4]),
        ("reference", "[A-1,B-2]", []),
    ],
)
def test_filters(talk: Talk, field: str, value: str, found: list[int]) -> None:
    shelf(talk)
    assert sorted(talk.ids("products", filters={field: value})) == found


def test_several_filters_all_hold(talk: Talk) -> None:
    shelf(talk)
    assert talk.ids("products", filters={"price": ">[5]", "reference": "![b-2]", "id": "<[4]"}) == [3]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"display": "[nope]"}, 35),
        ({"display": "[id,categories]"}, 35),
        ({"display": "id"}, 36),
        ({"filters": {"nope": "1"}}, 32),
        ({"filters": {"price": ""}}, 33),
        ({"filters": {"manufacturer_name": "x"}}, 34),
        ({"filters": {"date_upd": ">[2026-01-01]"}}, 32),
        ({"sort": "[date_upd_ASC]"}, 38),
        ({"sort": "[nope_ASC]"}, 38),
        ({"limit": "1,2,3"}, 39),
    ],
)
def test_queries_that_are_refused(talk: Talk, query: dict[str, Any], code: int) -> None:
    reply = talk.send("GET", "products", **{"display": "[id]", **query} if "filters" not in query else query)
    assert (reply.status, reply.codes) == (400, [code])


def test_an_unknown_field_names_those_that_exist(talk: Talk) -> None:
    (message,) = talk.send("GET", "products", display="[nope]").messages
    assert 'display this field "nope"' in message
    assert "id, id_manufacturer, id_supplier" in message


def test_dates_need_their_switch(talk: Talk, clock: Clock) -> None:
    first, second, *_ = shelf(talk)
    clock.now += 3600
    talk.shop.state.touch(first)
    moment = talk.row("products", first, "[date_upd]")["date_upd"]
    window = {"date_upd": f"[{moment},2099-12-31 00:00:00]"}
    assert talk.ids("products", filters=window, date=1) == [first]
    assert talk.ids("products", sort="[date_upd_DESC,id_ASC]", date=1)[:2] == [first, second]


@pytest.mark.parametrize(("version", "status"), [("1.7.8.8", 500), ("8.1.2", 500), ("9.1.4", 200)])
def test_a_date_that_the_table_lacks_dies_or_looks_like_no_changes(version: str, status: int) -> None:
    talk = talk_to(version)
    talk.shop.state.add_product("A", "A")
    query = {"filters": {"date_upd": ">[2026-01-01]"}, "date": 1, "display": "[id]", "output_format": "JSON"}
    reply = talk.send("GET", "stock_availables", **query)
    assert (reply.status, reply.content) == (status, b"" if status == 500 else b"[]")


def test_sorting_and_pages(talk: Talk) -> None:
    shelf(talk)
    assert talk.ids("products", sort="[price_DESC]") == [4, 3, 2, 1]
    assert talk.ids("products", sort="[name_ASC]") == [4, 1, 3, 2]
    assert talk.ids("products", sort="[id_DESC]", limit="1,2") == [3, 2]
    assert talk.ids("products", sort="[id_ASC]", limit="2") == [1, 2]
    assert talk.ids("products", limit="0") == talk.ids("products", limit="90,10") == []
    assert talk.ids("products", filters={"id": ">[2]"}, sort="[id_ASC]", limit=1) == [3]


def test_nothing_is_sorted_unless_asked(talk: Talk) -> None:
    state = talk.shop.state
    for reference in ("LIK-3", "LIK-1", "LIK-2"):
        state.add_product(reference, "x")
    assert talk.ids("products", filters={"reference": "[LIK]%"}) == [2, 3, 1]


@pytest.mark.parametrize(("version", "status"), [("8.1.2", 500), ("9.1.4", 200)])
def test_a_negative_limit(version: str, status: int) -> None:
    assert talk_to(version).send("GET", "languages", limit="-1").status == status


def test_lists_inside_entities_are_asked_for_by_their_fields(talk: Talk) -> None:
    value = talk.shop.state.add_option("Kolor", ["Czarny"])["Czarny"]
    product = talk.shop.state.add_product("A", "A", combinations=[{"reference": "A-C", "values": [value]}])
    shown = talk.row("products", product, "[id,combinations[id],stock_availables[id,id_product_attribute]]")
    assert shown["associations"] == {
        "combinations": [{"id": 1}],
        "stock_availables": [{"id": 1, "id_product_attribute": 0}, {"id": 2, "id_product_attribute": 1}],
    }


def test_a_long_page_in_full_dies_and_a_narrow_one_does_not() -> None:
    talk = Talk(PrestaSimulator(ShopState.generated(30), full_rows=20))
    reply = talk.send("GET", "products", display="full")
    assert (reply.status, reply.content) == (500, b"")
    assert len(talk.rows("products", limit=20)) == 20
    assert len(talk.rows("products", "[id,reference]")) == 30
    assert len(talk.rows("stock_availables")) > 30


def test_an_unchanged_answer_is_304_since_8() -> None:
    talk = talk_to("8.1.2")
    digest = talk.send("GET", "languages").headers["Content-Sha1"]
    known = {"HTTP_LOCAL_CONTENT_SHA1": digest}
    assert talk.send("GET", "languages", headers=known).status == 304
    talk.shop.state.add_language("Deutsch", "de", "de-DE")
    assert talk.send("GET", "languages", headers=known).status == 200
    assert "Content-Sha1" not in talk_to("1.7.8.8").send("GET", "languages").headers


def test_the_synopsis_names_what_is_required_and_what_is_read_only(talk: Talk) -> None:
    product = talk.send("GET", "products", schema="synopsis").xml[0]

    def marks(name: str) -> dict[str, str]:
        found = product.find(name)
        assert found is not None
        return found.attrib

    assert marks("price") == {"required": "true", "format": "isPrice"}
    assert marks("reference")["maxSize"] == "64"
    assert (marks("quantity")["read_only"], marks("quantity")["notFilterable"]) == ("true", "true")
    assert [child.tag for child in talk.send("GET", "products", schema="blank").xml[0]][:2] == ["id", "id_manufacturer"]


@pytest.mark.parametrize("resource", ["products", "categories", "manufacturers"])
def test_keywords_are_gone_in_9(resource: str) -> None:
    for version, there in zip(VERSIONS, (True, True, False), strict=True):
        known = {child.tag for child in talk_to(version).send("GET", resource, schema="blank").xml[0]}
        assert ("meta_keywords" in known) is there


def test_rates_are_found_through_rules_of_the_shop_s_country(talk: Talk) -> None:
    talk.shop.state.add_tax_group("Książki", "5", others={1: "7"})
    (country,) = talk.rows("configurations", filters={"name": "PS_COUNTRY_DEFAULT"})
    group = talk.rows("tax_rule_groups", filters={"name": "Książki"})[0]["id"]
    (rule,) = talk.rows("tax_rules", filters={"id_tax_rules_group": group, "id_country": country["value"]})
    assert talk.row("taxes", rule["id_tax"])["rate"] == "5.000"


def test_orders_can_be_read(talk: Talk) -> None:
    line = {"id": 1, "product_id": 7, "product_attribute_id": 0, "product_quantity": 2}
    order = talk.shop.state.add_order([line], reference="QWERTYUIO", current_state=2)
    shown = talk.row("orders", order, "[id,current_state,order_rows[product_id,product_quantity]]")
    assert shown == {
        "id": order,
        "current_state": 2,
        "associations": {"order_rows": [{"product_id": 7, "product_quantity": 2}]},
    }
    assert {state["paid"] for state in talk.rows("order_states")} == {"0", "1"}


def test_a_category_counts_what_lies_below_it(talk: Talk) -> None:
    state = talk.shop.state
    tools = state.add_category("Narzędzia")
    hammers = state.add_category("Młotki", tools)
    product = state.add_product("A", "A", category=hammers, categories=[tools])
    shown = talk.row("categories", tools)
    assert (shown["level_depth"], shown["nb_products_recursive"]) == (2, 1)
    assert shown["associations"] == {"categories": [{"id": hammers}], "products": [{"id": product}]}


def test_product_texts_survive_a_round_trip(talk: Talk) -> None:
    text = "<p>Zażółć „gęślą” jaźń &amp; 5 &lt; 7 ]] &gt;</p>"
    product = talk.post("products", NEW_PRODUCT + texts("description", en="x", pl=text))
    assert talk.row("products", product)["description"][1]["value"] == text

"""Products, variations, terms, taxes, pictures of the simulated WooCommerce shop: one test per rule."""

from typing import Any

import pytest

from shops.connectors.woocommerce.simulator import ShopState, WooSimulator
from shops.simulation.pictures import small_png
from tests.connectors.woocommerce_shop import Talk

IMG = "https://img.example/p05.png"


@pytest.fixture
def clock() -> list[float]:
    return [1_795_313_284.0]


@pytest.fixture
def state(clock: list[float]) -> ShopState:
    state = ShopState(clock=lambda: clock[0])
    state.remote_files[IMG] = small_png(5)
    return state


@pytest.fixture
def talk(state: ShopState) -> Talk:
    return Talk(WooSimulator(state))


def parent_of(talk: Talk, *skus: str, **fields: Any) -> int:
    """A variable product with a variation per size."""
    size = talk.shop.state.add_attribute("Rozmiar", ["S", "M", "L"])
    variations = [{"sku": sku, "option": option} for sku, option in zip(skus, "SML", strict=False)]
    return talk.shop.state.add_product("P", "Koszulka", variations=variations, attribute=size, **fields)


# texts and prices


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("12.50", "12.50"),
        ("12,50", "12.50"),
        ("1 234,56", "1234.56"),
        ("10.555", "10.555"),
        ("-5", "-5"),
        ("abc", ""),
        ("1e3", "13"),
        ("", ""),
    ],
)
def test_how_a_price_is_read(talk: Talk, sent: str, kept: str) -> None:
    product = talk.post("products", {"name": "A", "regular_price": "1.00"})["id"]
    assert talk.put(f"products/{product}", {"regular_price": sent})["regular_price"] == kept


def test_a_sale_counts_only_below_the_regular_price_and_in_its_time(talk: Talk, clock: list[float]) -> None:
    product = talk.post("products", {"name": "A", "regular_price": "10.00"})["id"]
    path = f"products/{product}"
    assert talk.put(path, {"sale_price": "10.00"})["sale_price"] == ""
    answer = talk.put(path, {"sale_price": "8.00", "date_on_sale_to": "2026-11-23T00:00:00"})
    assert (answer["price"], answer["on_sale"]) == ("8.00", True)
    assert answer["date_on_sale_to_gmt"] == "2026-11-22T23:00:00"
    clock[0] += 2 * 86400
    assert talk.get(path)["price"] == "10.00"
    assert talk.put(path, {"date_on_sale_to": None})["date_on_sale_to"] == "2026-11-23T00:00:00"
    assert talk.put(path, {"date_on_sale_to": ""})["date_on_sale_to"] is None
    answer = talk.put(path, {"sale_price": ""})
    assert (answer["price"], answer["sale_price"]) == ("10.00", "")


def test_names_come_back_escaped_and_descriptions_wrapped(talk: Talk) -> None:
    made = talk.post("products", {"name": 'Śruby & <nity> 5" Ż', "description": "Raz\nDwa\n\n<script>x()</script>Trzy"})
    shown = talk.get(f"products/{made['id']}")
    assert shown["name"] == 'Śruby &amp; &lt;nity&gt; 5" Ż'
    assert shown["description"] == "<p>Raz<br />\nDwa</p>\n<p>x()Trzy</p>\n"
    assert talk.get(f"products/{made['id']}", context="edit")["description"] == "Raz\nDwa\n\nx()Trzy"
    category = talk.post("products/categories", {"name": "Dom & ogród"})
    assert category["name"] == "Dom &amp; ogród"


def test_html_of_a_description_stays_but_for_what_is_dangerous(talk: Talk) -> None:
    text = '<p onclick="alert(1)">Długo</p><iframe src="x"></iframe><ul><li>a</li></ul>'
    made = talk.post("products", {"name": "A", "description": text})
    assert talk.get(f"products/{made['id']}")["description"] == "<p>Długo</p><ul><li>a</li></ul>\n"


def test_equal_names_make_two_products_with_different_slugs(talk: Talk) -> None:
    slugs = [talk.post("products", {"name": "Żółty kubek"})["slug"] for _ in range(3)]
    assert slugs == ["zolty-kubek", "zolty-kubek-2", "zolty-kubek-3"]


# codes


def test_a_sku_is_unique_in_any_case_trimmed_over_products_and_variations(talk: Talk) -> None:
    parent = parent_of(talk, "P-S")
    assert talk.post("products", {"name": "A", "sku": " WS-1 "})["sku"] == "WS-1"
    status, code, data = talk.refused("POST", "products", {"name": "B", "sku": "p-s"})
    assert (status, code) == (400, "product_invalid_sku")
    assert (data["resource_id"], data["unique_sku"]) == (parent + 1, "p-s-1")
    assert talk.refused("POST", f"products/{parent}/variations", {"sku": "ws-1"})[1] == "product_invalid_sku"
    assert talk.refused("PUT", f"products/{parent}", {"sku": "WS-1"})[1] == "product_invalid_sku"
    assert talk.put(f"products/{parent}", {"sku": "p"})["sku"] == "p"
    assert talk.post("products", {"name": "A", "sku": "A<1"})["sku"] == "A&lt;1"


def test_products_are_found_by_several_skus_at_once(talk: Talk) -> None:
    parent = parent_of(talk, "P-S")
    draft = talk.shop.state.add_product("D-1", "D", status="draft")
    found = talk.get("products", sku="p-s,D-1,nic", orderby="id", order="asc")
    assert [(row["id"], row["type"], row["parent_id"]) for row in found] == [
        (parent + 1, "variation", parent),
        (draft, "simple", 0),
    ]
    assert talk.ids("products", search_sku="-S") == [parent + 1]
    comma = talk.shop.state.add_product("A,B", "Z przecinkiem")
    assert talk.ids("products", sku="A,B") == [comma]
    assert talk.ids("products", search="koszul") == [parent]


@pytest.mark.parametrize("where", ["trash", "lookup table"])
def test_a_sku_from_the_trash_or_the_lookup_table_blocks_creation_without_an_id(talk: Talk, where: str) -> None:
    if where == "trash":
        talk.shop.state.trash(talk.shop.state.add_product("A", "A"))
    else:
        talk.shop.state.orphan_skus.add("a")
    status, code, data = talk.refused("POST", "products", {"name": "B", "sku": "A"})
    assert (status, code, "resource_id" in data) == (400, "woocommerce_rest_product_not_created", False)
    assert talk.get("products", sku="A") == []
    assert len(talk.get("products", sku="A", status="trash")) == (where == "trash")


def test_variations_that_are_made_side_by_side_may_share_a_sku(talk: Talk, clock: list[float]) -> None:
    parent = parent_of(talk)
    talk.shop.state.racing_variations = True
    path = f"products/{parent}/variations"
    made = [talk.post(path, {"sku": "P-S"})["id"] for _ in range(2)]
    assert sorted(talk.ids(path, sku="P-S")) == made
    clock[0] += 1
    assert talk.refused("POST", path, {"sku": "P-S"})[1] == "product_invalid_sku"


def test_a_global_unique_id_loses_its_letters_and_is_unique(talk: Talk) -> None:
    made = talk.post("products", {"name": "A", "global_unique_id": "ABC123-4"})
    assert made["global_unique_id"] == "123-4"
    status, code, data = talk.refused("POST", "products", {"name": "B", "global_unique_id": "123-4"})
    assert (status, code, data["resource_id"]) == (400, "product_invalid_global_unique_id", made["id"])
    assert talk.ids("products", global_unique_id="123-4") == [made["id"]]
    assert talk.put(f"products/{made['id']}", {"global_unique_id": "123-4"})["global_unique_id"] == "123-4"


# what products refer to


def test_ids_that_do_not_exist_are_ignored(talk: Talk) -> None:
    body = {"categories": [{"id": 999}], "brands": [{"id": 999}], "tags": [{"id": 999}], "tax_class": "vat-99"}
    made = talk.post("products", {"name": "A", **body})
    assert [row["name"] for row in made["categories"]] == ["Uncategorized"]
    assert (made["brands"], made["tags"], made["tax_class"]) == ([], [], "")
    assert talk.put(f"products/{made['id']}", {"tax_class": "standard"})["tax_class"] == ""
    assert talk.put(f"products/{made['id']}", {"tax_class": "reduced-rate"})["tax_class"] == "reduced-rate"


def test_lists_are_replaced_and_meta_is_merged(talk: Talk, state: ShopState) -> None:
    home, garden, brand = state.add_category("Dom"), state.add_category("Ogród"), state.add_brand("Acme")
    meta = [{"key": "_erp_id", "value": "1"}, {"key": "_erp_unit", "value": "szt."}]
    body = {"categories": [{"id": home}], "brands": [{"id": brand}], "meta_data": meta}
    path = f"products/{talk.post('products', {'name': 'A', **body})['id']}"
    changed = talk.put(path, {"categories": [{"id": garden}], "meta_data": [{"key": "_erp_unit", "value": "kg"}]})
    assert [row["id"] for row in changed["categories"]] == [garden]
    assert [row["id"] for row in changed["brands"]] == [brand]
    assert {row["key"]: row["value"] for row in changed["meta_data"]} == {"_erp_id": "1", "_erp_unit": "kg"}
    changed = talk.put(path, {"brands": [], "meta_data": [{"key": "_erp_id", "value": None}]})
    assert (changed["brands"], [row["key"] for row in changed["meta_data"]]) == ([], ["_erp_unit"])
    assert [row["count"] for row in talk.get("products/categories", include=f"{home},{garden}", orderby="id")] == [0, 1]


def test_products_of_a_category_include_those_below_it(talk: Talk, state: ShopState) -> None:
    above = state.add_category("Dom")
    below = state.add_category("Kubki", above)
    product = state.add_product("A", "A", categories=[below])
    assert talk.ids("products", category=above) == [product]


def test_a_category_of_a_taken_name_is_refused_with_its_id(talk: Talk, state: ShopState) -> None:
    home = state.add_category("Dom")
    status, code, data = talk.refused("POST", "products/categories", {"name": "dom"})
    assert (status, code, data["resource_id"]) == (400, "term_exists", home)
    inner = talk.post("products/categories", {"name": "Dom", "parent": home})
    assert (inner["parent"], inner["slug"]) == (home, "dom-dom")
    assert inner["_links"]["up"][0]["href"].endswith(f"/products/categories/{home}")
    assert talk.refused("POST", "products/categories", {"name": "X", "parent": 999})[1] == "missing_parent"
    assert talk.ids("products/categories", parent=home) == [inner["id"]]


def test_terms_have_no_trash_and_leave_products_and_children_behind(talk: Talk, state: ShopState) -> None:
    above = state.add_category("Dom")
    middle = state.add_category("Kuchnia", above)
    below = state.add_category("Kubki", middle)
    product = state.add_product("A", "A", categories=[middle])
    status, code, data = talk.refused("DELETE", f"products/categories/{middle}")
    assert (status, code, data["status"]) == (501, "woocommerce_rest_trash_not_supported", 501)
    assert talk.send("DELETE", f"products/categories/{middle}", force="true").body["id"] == middle
    assert talk.get(f"products/categories/{below}")["parent"] == above
    assert [row["slug"] for row in talk.get(f"products/{product}")["categories"]] == ["uncategorized"]
    assert talk.refused("GET", f"products/categories/{middle}")[:2] == (404, "woocommerce_rest_term_invalid")


def test_an_attribute_of_a_taken_slug_is_refused_without_an_id(talk: Talk) -> None:
    made = talk.post("products/attributes", {"name": "Kolor"})
    assert (made["slug"], made["type"]) == ("pa_kolor", "select")
    status, code, data = talk.refused("POST", "products/attributes", {"name": "Kolor"})
    assert (status, code, data) == (400, "woocommerce_rest_cannot_create", {"status": 400})
    terms = f"products/attributes/{made['id']}/terms"
    term = talk.post(terms, {"name": "Biały"})["id"]
    assert talk.refused("POST", terms, {"name": "biały"})[2]["resource_id"] == term
    assert talk.refused("GET", "products/attributes/99/terms")[0] == 404
    assert talk.refused("POST", "products/attributes", {"name": "x" * 29})[1] == "woocommerce_rest_cannot_create"


def test_tax_classes_and_rates(talk: Talk) -> None:
    assert [row["slug"] for row in talk.get("taxes/classes")] == ["standard", "reduced-rate", "vat-5", "zero-rate"]
    assert talk.post("taxes/classes", {"name": "VAT 7"})["slug"] == "vat-7"
    assert talk.refused("POST", "taxes/classes", {"name": "VAT 7"})[0] == 400
    rate = talk.post("taxes", {"country": "PL", "rate": "7", "name": "VAT 7%", "class": "vat-7"})
    assert (rate["rate"], rate["class"]) == ("7.0000", "vat-7")
    assert [row["rate"] for row in talk.get("taxes", **{"class": "vat-7"})] == ["7.0000"]
    assert talk.refused("DELETE", f"taxes/{rate['id']}")[0] == 501
    talk.send("DELETE", "taxes/classes/vat-7", force="true")
    assert talk.refused("GET", f"taxes/{rate['id']}")[0] == 404


def test_settings_are_read_and_changed(talk: Talk) -> None:
    path = "settings/tax/woocommerce_prices_include_tax"
    assert talk.get(path)["value"] == "yes"
    assert talk.put(path, {"value": "no"})["value"] == "no"
    assert talk.refused("PUT", path, {"value": "?"})[0] == 400
    assert talk.refused("GET", "settings/tax/nothing")[:2] == (404, "rest_setting_setting_invalid")
    assert talk.refused("GET", "settings/nothing/x")[:2] == (404, "rest_setting_setting_group_invalid")
    assert "woocommerce_currency" in [row["id"] for row in talk.get("settings/general")]


# variations


def test_a_variable_product_has_the_lowest_price_of_its_variations(talk: Talk) -> None:
    parent = parent_of(talk, "P-S", "P-M")
    for place, price in ((1, "12.00"), (2, "9.00")):
        talk.put(f"products/{parent}/variations/{parent + place}", {"regular_price": price})
    shown = talk.get(f"products/{parent}")
    assert (shown["price"], shown["regular_price"], shown["stock_quantity"]) == ("9.00", "", None)
    assert sorted(shown["variations"]) == [parent + 1, parent + 2]


def test_options_become_terms_when_a_parent_gets_them(talk: Talk, state: ShopState) -> None:
    color = state.add_attribute("Kolor")
    shown = {"id": color, "visible": True, "variation": True, "options": ["Czarny", "Biały"]}
    own = {"name": "Wzór", "variation": True, "options": ["Kropki", "Paski"]}
    unknown = {"id": 99, "options": ["x"]}
    parent = talk.post("products", {"name": "P", "type": "variable", "attributes": [shown, own, unknown]})
    assert [(row["name"], row["options"]) for row in parent["attributes"]] == [
        ("Kolor", ["Biały", "Czarny"]),
        ("Wzór", ["Kropki", "Paski"]),
    ]
    assert len(talk.get(f"products/attributes/{color}/terms")) == 2
    chosen = [{"id": color, "option": "Czarny"}, {"name": "Wzór", "option": "Paski"}, {"id": 99, "option": "x"}]
    variation = talk.post(f"products/{parent['id']}/variations", {"attributes": chosen})
    assert [(row["name"], row["option"]) for row in variation["attributes"]] == [("Kolor", "Czarny"), ("Wzór", "Paski")]
    assert variation["name"] == "Czarny, Paski"
    again = talk.post(f"products/{parent['id']}/variations", {"attributes": chosen})
    assert again["attributes"] == variation["attributes"]


def test_only_a_single_put_looks_at_the_parent_of_a_variation(talk: Talk) -> None:
    parent = parent_of(talk, "P-S")
    other = talk.shop.state.add_product("O", "O")
    assert talk.get(f"products/{other}/variations/{parent + 1}")["parent_id"] == parent
    assert talk.get(f"products/{other}/variations") == talk.get("products/999/variations") == []
    status, code, _ = talk.refused("PUT", f"products/{other}/variations/{parent + 1}", {})
    assert (status, code) == (403, "woocommerce_rest_cannot_edit")
    talk.batch(f"products/{other}/variations", update=[{"id": parent + 1}])
    assert talk.ids(f"products/{other}/variations") == [parent + 1]
    status, code, _ = talk.refused("PUT", f"products/{parent}/variations/999", {})
    assert (status, code) == (400, "woocommerce_rest_product_variation_invalid_id")
    assert talk.refused("GET", f"products/{parent}/variations/999")[0] == 404


def test_a_deleted_parent_takes_its_variations_along(talk: Talk) -> None:
    parent = parent_of(talk, "P-S")
    talk.send("DELETE", f"products/{parent}")
    assert talk.get("products", sku="P-S") == []
    talk.put(f"products/{parent}", {"status": "publish"})
    assert talk.get("products", sku="P-S") == []
    assert talk.ids(f"products/{parent}/variations", status="trash") == [parent + 1]
    talk.shop.state.untrash(parent)
    assert talk.ids("products", sku="P-S") == [parent + 1]
    talk.send("DELETE", f"products/{parent}", force="true")
    assert talk.refused("GET", f"products/{parent + 1}")[0] == 404


# stock


def test_a_quantity_counts_only_where_stock_is_managed(talk: Talk) -> None:
    path = f"products/{talk.post('products', {'name': 'A'})['id']}"
    lost = talk.put(path, {"stock_quantity": 7})
    assert (lost["manage_stock"], lost["stock_quantity"], lost["stock_status"]) == (False, None, "instock")
    assert talk.put(path, {"stock_status": "outofstock"})["stock_status"] == "outofstock"
    kept = talk.put(path, {"manage_stock": True, "stock_quantity": 7})
    assert (kept["stock_quantity"], kept["stock_status"]) == (7, "instock")
    assert talk.put(path, {"stock_quantity": None})["stock_quantity"] == 0


@pytest.mark.parametrize(
    ("quantity", "backorders", "status"),
    [(1, "no", "instock"), (0, "no", "outofstock"), (0, "notify", "onbackorder"), (-3, "no", "outofstock")],
)
def test_the_stock_status_follows_the_quantity(talk: Talk, quantity: int, backorders: str, status: str) -> None:
    body = {"manage_stock": True, "stock_quantity": quantity, "backorders": backorders, "stock_status": "instock"}
    made = talk.post("products", {"name": "A", **body})
    assert (made["stock_quantity"], made["stock_status"]) == (quantity, status)


def test_a_parent_can_manage_the_stock_of_its_variations(talk: Talk) -> None:
    parent = parent_of(talk, "P-S")
    path = f"products/{parent}/variations/{parent + 1}"
    talk.put(path, {"manage_stock": False})
    talk.put(f"products/{parent}", {"manage_stock": True, "stock_quantity": 9})
    shown = talk.get(path)
    assert (shown["manage_stock"], shown["stock_quantity"]) == ("parent", 9)
    assert talk.put(path, {"stock_quantity": 3})["stock_quantity"] == 9
    assert talk.put(path, {"manage_stock": True, "stock_quantity": 3})["stock_quantity"] == 3


def test_a_shop_that_manages_no_stock_ignores_it(talk: Talk, state: ShopState) -> None:
    state.set_setting("products/woocommerce_manage_stock", "no")
    made = talk.post("products", {"name": "A", "manage_stock": True, "stock_quantity": 5})
    assert (made["manage_stock"], made["stock_quantity"]) == (False, None)


def test_a_delta_is_added_and_orders_take_stock_without_asking(talk: Talk, state: ShopState) -> None:
    product = state.add_product("A", "A", "12.30", stock=5)
    assert talk.put(f"products/{product}", {"inventory_delta": -2})["stock_quantity"] == 3
    for status, left in (("pending", 3), ("processing", 1), ("on-hold", -1)):
        state.add_order({product: 2}, status=status)
        assert talk.get(f"products/{product}")["stock_quantity"] == left
    order = talk.get("orders", status="on-hold")[0]
    line = order["line_items"][0]
    assert (order["total"], line["total"], line["total_tax"], line["sku"]) == ("24.60", "20.00", "4.60", "A")


# versions


@pytest.mark.parametrize(
    ("version", "codes", "brands", "brands_on_products"),
    [("9.0.0", False, False, False), ("9.6.0", True, True, False), ("10.0.2", True, True, True)],
)
def test_older_shops_lack_fields_and_routes(version: str, codes: bool, brands: bool, brands_on_products: bool) -> None:
    talk = Talk(WooSimulator(version=version))
    brand = talk.shop.state.add_brand("Acme")
    made = talk.post("products", {"name": "A", "global_unique_id": "5900", "brands": [{"id": brand}]})
    assert made.get("global_unique_id") == ("5900" if codes else None)
    assert (talk.send("GET", "products/brands").status == 200) is brands
    assert ("brands" in made) is brands_on_products
    assert talk.get("system_status")["environment"]["version"] == version
    talk.shop.state.add_order({made["id"]: 1})
    assert "global_unique_id" not in talk.get("orders")[0]["line_items"][0]

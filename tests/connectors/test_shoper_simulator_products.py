"""Products, stock rows, variants and pictures of the simulated shop."""

from typing import Any

import pytest

from shops.connectors.shoper.simulator import ShoperSimulator, ShopState
from shops.simulation.pictures import small_png
from tests.connectors.shoper_shop import Talk, new_product, picture


@pytest.fixture
def now() -> list[float]:
    """The shop's clock: the last entry is the present."""
    return [1_790_000_000.0]


@pytest.fixture
def state(now: list[float]) -> ShopState:
    return ShopState(clock=lambda: now[-1])


@pytest.fixture
def talk(state: ShopState) -> Talk:
    return Talk(ShoperSimulator(state, limited=False))


@pytest.fixture
def category(state: ShopState) -> int:
    return state.add_category("Farby")


@pytest.fixture
def coloured(state: ShopState, category: int) -> tuple[int, int, dict[str, int]]:
    """A product that may have variants by colour, the option, its values."""
    group, option, values = state.add_option("Kolor", "Kolor", ["biały", "czarny"])
    return state.add_product("FARBA", "Farba", "10.00", 7, category=category, group=group), option, values


def test_a_product_embeds_its_stock_row(talk: Talk, category: int) -> None:
    product = talk.post("products", new_product(category, ean="5901234123457"))
    row = talk.get(f"products/{product}")
    assert (row["code"], row["stock"]["code"]) == ("FARBA-1", "FARBA-1")
    assert (row["ean"], row["stock"]["ean"]) == ("5901234123457", "5901234123457")
    assert (row["stock"]["price"], row["stock"]["comp_price"], row["stock"]["stock"]) == ("12.50", "12.50", "4")
    assert (row["options"], row["main_image"], row["category_id"]) == ([], False, str(category))
    assert row["categories"] == [category]
    stocks = talk.get("product-stocks", filters={"product_id": product})["list"]
    assert [(s["stock_id"], s["extended"], s["options"]) for s in stocks] == [(row["stock"]["stock_id"], "0", [])]


def test_left_out_tax_is_the_first_and_left_out_visibility_hides(talk: Talk, category: int) -> None:
    body = new_product(category, translations={"pl_PL": {"name": "A"}})
    del body["tax_id"]
    row = talk.get(f"products/{talk.post('products', body)}")
    assert row["tax_id"] == "1"
    assert row["translations"]["pl_PL"]["active"] == "0"


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"code": "TAKEN"}, "TAKEN"),
        ({"ean": "5901234123456"}, "cyfra kontrolna"),
        ({"category_id": 99}, "Category '99' does not exist"),
        ({"categories": [1, 77]}, "Category '77' does not exist"),
        ({"tax_id": 99}, "tax_id '99'"),
        ({"producer_id": 99}, "producer_id '99'"),
        ({"stock": {"price": "12,50"}}, "stock.price"),
        ({"stock": {"price": -1}}, "stock.price"),
        ({"stock": {"price": 1, "active": 1}}, "stock.active"),
        ({"translations": {"pl_PL": {"name": "x" * 256}}}, "255"),
        ({"translations": {"pl_PL": {"name": ""}}}, "translations.pl_PL.name"),
    ],
)
def test_what_a_new_product_is_refused_for(talk: Talk, category: int, changes: dict, part: str) -> None:
    talk.shop.state.add_product("TAKEN", "A")
    status, _, text = talk.refused("POST", "products", new_product(category) | changes)
    assert status == 400
    assert part in text
    assert talk.get("products")["count"] == "1"


def test_html_is_sanitised_so_a_read_back_differs(talk: Talk, category: int) -> None:
    given = (
        '<p onclick="a()">Opis &amp; <b>cechy</b></p><script>alert(1)</script>'
        '<a href="javascript:x">a</a><a href="https://a.example">b</a><iframe src="//x"></iframe><br>'
    )
    body = new_product(category, translations={"pl_PL": {"name": "A", "description": given}})
    kept = talk.get(f"products/{talk.post('products', body)}")["translations"]["pl_PL"]["description"]
    assert kept == ('<p>Opis &amp; <b>cechy</b></p><a>a</a><a href="https://a.example">b</a><iframe></iframe><br />')


def test_update_is_partial_and_moves_the_date(talk: Talk, category: int, now: list[float]) -> None:
    product = talk.post("products", new_product(category))
    before = talk.get(f"products/{product}")
    now.append(now[-1] + 90)
    talk.put(f"products/{product}", {"stock": {"price": 20}, "translations": {"pl_PL": {"name": "Inna"}}})
    after = talk.get(f"products/{product}")
    assert (after["stock"]["comp_price"], after["stock"]["stock"]) == ("20.00", "4")
    assert (after["translations"]["pl_PL"]["name"], after["translations"]["pl_PL"]["active"]) == ("Inna", "1")
    assert (after["code"], after["add_date"]) == (before["code"], before["add_date"])
    assert after["edit_date"] > before["edit_date"]


def test_changed_products_are_found_by_date(talk: Talk, category: int, now: list[float]) -> None:
    for number in range(5):
        talk.post("products", new_product(category, f"A-{number}"))
    now.append(now[-1] + 3600)
    since = talk.shop.state.now_text()
    talk.put("products/4", {"pkwiu": "1"})
    now.append(now[-1] + 60)
    talk.put("products/2", {"pkwiu": "1"})
    assert talk.ids("products", "product_id", filters={"edit_date": {">=": since}}, order="edit_date ASC") == [4, 2]


def test_relative_stock_counts_and_makes_an_absolute_one_be_ignored(talk: Talk, category: int) -> None:
    product = talk.post("products", new_product(category))
    talk.put(f"products/{product}", {"stock": {"stock_relative": -3, "stock": 50}})
    assert talk.get(f"products/{product}")["stock"]["stock"] == "1"


def test_stock_of_a_row_is_absolute_and_leaves_the_date_unless_switched(
    talk: Talk, category: int, now: list[float]
) -> None:
    product = talk.post("products", new_product(category))
    before = talk.get(f"products/{product}")
    now.append(now[-1] + 60)
    talk.put(f"product-stocks/{before['stock']['stock_id']}", {"stock": 77, "stock_relative": 5})
    after = talk.get(f"products/{product}")
    assert (after["stock"]["stock"], after["edit_date"]) == ("77", before["edit_date"])
    talk.shop.quirks.stock_writes_move_edit_date = True
    talk.put(f"product-stocks/{before['stock']['stock_id']}", {"stock": 78})
    assert talk.get(f"products/{product}")["edit_date"] > before["edit_date"]


def test_a_new_main_category_takes_the_place_of_the_old(talk: Talk, state: ShopState, category: int) -> None:
    other, third = state.add_category("Lakiery"), state.add_category("Pędzle")
    product = talk.post("products", new_product(category, categories=[category, third]))
    talk.put(f"products/{product}", {"category_id": other})
    assert talk.get(f"products/{product}")["categories"] == [other, third]
    assert talk.refused("PUT", f"products/{product}", {"category_id": 0})[0] == 400


def test_the_code_can_be_changed_and_found_again(talk: Talk, category: int) -> None:
    product = talk.post("products", new_product(category))
    talk.put(f"products/{product}", {"code": "NOWY"})
    assert talk.ids("products", "product_id", filters={"stock.code": "FARBA-1"}) == []
    assert talk.ids("products", "product_id", filters={"stock.code": "NOWY"}) == [product]


def test_deleting_a_product_takes_its_rows_and_pictures(talk: Talk, coloured: tuple) -> None:
    product, option, values = coloured
    talk.shop.state.add_variant(product, "FARBA-B", {option: values["biały"]})
    talk.post("product-images", {"product_id": product, "content": picture()})
    assert talk.send("DELETE", f"products/{product}").body == 1
    for resource in ("products", "product-stocks", "product-images"):
        assert talk.get(resource)["count"] == "0"
    assert talk.refused("GET", f"products/{product}")[0] == 404


@pytest.mark.parametrize("spelling", ["map", "pairs"])
def test_a_variant_is_a_further_row_and_starts_inactive(talk: Talk, coloured: tuple, spelling: str) -> None:
    product, option, values = coloured
    chosen = values["czarny"]
    options = {option: chosen} if spelling == "map" else [{"option_id": option, "value_id": chosen}]
    body = {"product_id": product, "extended": 1, "active": 1, "code": "FARBA-C", "stock": 3, "options": options}
    stock = talk.post("product-stocks", body)
    row = talk.get(f"product-stocks/{stock}")
    assert (row["extended"], row["active"], row["options"]) == ("1", "0", {str(option): str(chosen)})
    assert (row["price_type"], row["comp_price"]) == ("0", "10.00")
    talk.put(f"product-stocks/{stock}", {"active": 1})
    assert talk.get(f"product-stocks/{stock}")["active"] == "1"
    assert talk.get(f"products/{product}")["options"] == [stock]
    assert talk.get("option-groups")["list"][0]["total_stocks"] == 1


def test_prices_of_variants_follow_their_kind(talk: Talk, coloured: tuple) -> None:
    product, option, values = coloured
    stock = talk.shop.state.add_variant(product, "FARBA-B", {option: values["biały"]})
    for kind, own, effective in ((0, 3, "10.00"), (1, 3, "3.00"), (2, 3, "13.00"), (3, 3, "7.00")):
        talk.put(f"product-stocks/{stock}", {"price_type": kind, "price": own})
        assert talk.get(f"product-stocks/{stock}")["comp_price"] == effective
    talk.put(f"products/{product}", {"stock": {"price": 20}})
    assert talk.get(f"product-stocks/{stock}")["comp_price"] == "17.00"


def test_what_a_variant_is_refused_for(talk: Talk, coloured: tuple, state: ShopState) -> None:
    product, option, values = coloured
    _, foreign, foreign_values = state.add_option("Rozmiar", "Rozmiar", ["M"])
    state.add_variant(product, "FARBA-B", {option: values["biały"]})
    good = {"product_id": product, "code": "X", "options": {option: values["czarny"]}}
    refused: tuple[dict[str, Any], ...] = (
        {"product_id": 99},
        {"options": []},
        {"options": {option: 99}},
        {"options": {99: values["czarny"]}},
        {"options": {foreign: foreign_values["M"]}},
        {"options": {option: values["biały"]}},
        {"code": "FARBA-B"},
        {"ean": "123"},
    )
    for changes in refused:
        assert talk.refused("POST", "product-stocks", good | changes)[0] == 400, changes
    assert talk.post("product-stocks", good)


def test_the_base_row_keeps_its_own_price_and_stays(talk: Talk, coloured: tuple) -> None:
    base = talk.get(f"products/{coloured[0]}")["stock"]["stock_id"]
    assert talk.refused("PUT", f"product-stocks/{base}", {"price_type": 0})[0] == 400
    assert talk.refused("DELETE", f"product-stocks/{base}")[0] == 400


def test_a_deleted_variant_leaves_the_product(talk: Talk, coloured: tuple) -> None:
    product, option, values = coloured
    stock = talk.shop.state.add_variant(product, "FARBA-B", {option: values["biały"]})
    assert talk.send("DELETE", f"product-stocks/{stock}").body == 1
    assert talk.get(f"products/{product}")["options"] == []


def test_the_first_variant_takes_the_default_mark_from_the_base_row(talk: Talk, coloured: tuple) -> None:
    product, option, values = coloured

    def marked() -> list[int]:
        return talk.ids("product-stocks", "stock_id", filters={"product_id": product, "default": 1})

    base = talk.ids("product-stocks", "stock_id")
    assert marked() == base
    first, second = (
        talk.post("product-stocks", {"product_id": product, "code": name, "options": {option: value}})
        for name, value in values.items()
    )
    assert marked() == [first]
    talk.send("DELETE", f"product-stocks/{first}")
    assert marked() == [second]
    talk.send("DELETE", f"product-stocks/{second}")
    assert marked() == base


@pytest.fixture
def pictured(state: ShopState, category: int) -> int:
    """A product with three pictures, 1 to 3."""
    return state.add_product("A", "A", category=category, images=[small_png(n) for n in (1, 2, 3)])


def test_pictures_are_numbered_and_the_first_is_main(talk: Talk, pictured: int) -> None:
    added = talk.post("product-images", {"product_id": pictured, "content": picture(9), "order": 1})
    rows = talk.get("product-images", filters={"product_id": pictured}, order="order ASC")["list"]
    assert [(int(row["gfx_id"]), row["order"], row["main"]) for row in rows] == [
        (1, "1", 1),
        (2, "2", 0),
        (3, "3", 0),
        (added, "4", 0),
    ]
    assert talk.get(f"products/{pictured}")["main_image"]["gfx_id"] == "1"


def test_the_file_is_served_to_everybody(talk: Talk, pictured: int) -> None:
    row = talk.get("product-images/2")
    address = f"/userdata/public/gfx/{row['unic_name']}.{row['extension']}"
    reply = Talk(talk.shop, token="").raw("GET", address)
    assert (reply.status, reply.headers["Content-Type"], reply.body) == (200, "image/png", small_png(2))
    assert talk.raw("GET", "/userdata/public/gfx/2.jpg").status == 404


def test_the_place_of_a_picture_is_kept_only_where_the_shop_does_so(talk: Talk, pictured: int) -> None:
    talk.put("product-images/3", {"order": 1})
    assert talk.ids("product-images", "gfx_id", order="order ASC") == [1, 2, 3]
    talk.shop.quirks.image_order_writable = True
    talk.put("product-images/3", {"order": 1})
    assert talk.ids("product-images", "gfx_id", order="order ASC") == [3, 1, 2]
    assert talk.get(f"products/{pictured}")["main_image"]["gfx_id"] == "3"


def test_deleting_a_picture_numbers_the_others_anew(talk: Talk, pictured: int) -> None:
    talk.send("DELETE", "product-images/1")
    rows = talk.get("product-images", order="order ASC")["list"]
    assert [(row["gfx_id"], row["order"], row["main"]) for row in rows] == [("2", "1", 1), ("3", "2", 0)]
    for gfx_id in (2, 3):
        talk.send("DELETE", f"product-images/{gfx_id}")
    assert talk.get(f"products/{pictured}")["main_image"] is None


def test_a_picture_by_address(talk: Talk, state: ShopState, pictured: int) -> None:
    state.remote_files["https://erp.example/1.png"] = small_png(77)
    gfx = talk.post("product-images", {"product_id": pictured, "url": "https://erp.example/1.png"})
    assert talk.raw("GET", f"/userdata/public/gfx/{gfx}.png").body == small_png(77)
    for url, status in (
        ("https://erp.example/none.png", 500),
        ("http://127.0.0.1/1.png", 400),
        ("http://localhost/1.png", 400),
        ("", 400),
    ):
        assert talk.refused("POST", "product-images", {"product_id": pictured, "url": url})[0] == status


@pytest.mark.parametrize(
    "body", [{"content": "&&&"}, {"content": "aGFsbG8="}, {}, {"content": picture(), "url": "https://a.example/1.png"}]
)
def test_what_a_picture_is_refused_for(talk: Talk, pictured: int, body: dict) -> None:
    assert talk.refused("POST", "product-images", {"product_id": pictured} | body)[0] == 400
    assert talk.get("product-images")["count"] == "3"


def test_the_text_and_the_file_of_a_picture_can_be_replaced(talk: Talk, pictured: int) -> None:
    talk.put("product-images/2", {"translations": {"pl_PL": {"name": "Tył"}}})
    assert talk.get("product-images/2")["translations"]["pl_PL"]["name"] == "Tył"
    talk.put("product-images/2", {"content": picture(50)})
    assert talk.raw("GET", "/userdata/public/gfx/2.png").body == small_png(50)


def test_no_product_has_more_than_255_pictures(talk: Talk, state: ShopState, pictured: int) -> None:
    for number in range(252):
        state.add_image(pictured, small_png(number))
    assert talk.refused("POST", "product-images", {"product_id": pictured, "content": picture()})[0] == 400

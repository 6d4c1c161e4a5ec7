"""Lists, stock, several entities, deletions and pictures in the simulated PrestaShop: one test per rule."""

import base64
from collections.abc import Mapping

import pytest

from shops.connectors.prestashop.simulator import PrestaSimulator, ShopState
from shops.simulation.pictures import small_png
from tests.connectors.prestashop_shop import NEW_PRODUCT, Clock, Reply, Talk, mug, multipart, with_variants


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def talk(clock: Clock) -> Talk:
    return Talk(PrestaSimulator(ShopState(clock=clock)))


# lists are the whole truth


def test_combinations_that_a_list_lacks_are_deleted(talk: Talk) -> None:
    product, (first, *_) = with_variants(talk, 1, 2, 3)
    link = f"<combinations><combination><id>{first}</id></combination></combinations>"
    talk.patch("products", product, f"<associations>{link}</associations>")
    assert talk.ids("combinations") == [first]
    assert set(talk.stock(product)) == {0, first}


def test_an_empty_list_of_categories_removes_all_and_no_list_removes_none(talk: Talk) -> None:
    product = mug(talk)
    talk.patch("products", product, "<price>9</price>")
    assert talk.row("products", product)["associations"]["categories"] == [{"id": 2}]
    talk.patch("products", product, "<associations><categories/></associations>")
    assert "categories" not in talk.row("products", product)["associations"]


def test_an_unknown_list_is_refused_after_the_rest_was_written(talk: Talk) -> None:
    product = mug(talk)
    fields = f"<id>{product}</id><price>9</price><associations><nonsense/></associations>"
    reply = talk.write("PATCH", "products", fields)
    assert (reply.codes, talk.row("products", product)["price"]) == ([86], "9.000000")


def test_option_values_of_a_combination_are_replaced(talk: Talk) -> None:
    product, (first, _) = with_variants(talk, 1, 2)
    link = "<product_option_values><product_option_value><id>2</id></product_option_value></product_option_values>"
    talk.patch("combinations", first, f"<associations>{link}</associations>")
    assert talk.row("combinations", first)["associations"]["product_option_values"] == [{"id": 2}]
    assert talk.row("products", product)["associations"]["product_option_values"] == [{"id": 2}]


# stock


def row_of(talk: Talk, product: int, combination: int = 0) -> int:
    (found,) = talk.ids("stock_availables", filters={"id_product": product, "id_product_attribute": combination})
    return found


def quantity(talk: Talk, row: int, text: object) -> Reply:
    return talk.write("PATCH", "stock_availables", f"<id>{row}</id><quantity>{text}</quantity>")


def test_a_patched_quantity_is_absolute_and_may_be_negative(talk: Talk) -> None:
    product = mug(talk)
    for number in (12, 0, -4):
        assert quantity(talk, row_of(talk, product), number).status == 200
        assert talk.stock(product) == {0: number}


def test_quantities_are_whole(talk: Talk) -> None:
    product = mug(talk)
    assert quantity(talk, row_of(talk, product), "2.5").codes == [85]
    assert talk.stock(product) == {0: 3}


def test_the_product_s_own_row_becomes_the_sum_of_its_combinations(talk: Talk) -> None:
    product, (first, second) = with_variants(talk, 1, 2)
    quantity(talk, row_of(talk, product), 99)
    assert talk.stock(product)[0] == 99
    quantity(talk, row_of(talk, product, second), 10)
    assert talk.stock(product) == {0: 11, first: 1, second: 10}


def test_a_new_combination_gets_a_row_but_no_sum(talk: Talk) -> None:
    product, _ = with_variants(talk, 1, 2)
    quantity(talk, row_of(talk, product), 99)
    fields = f"<id_product>{product}</id_product><minimal_quantity>1</minimal_quantity>"
    made = talk.post("combinations", fields)
    assert (talk.stock(product)[made], talk.stock(product)[0]) == (0, 99)
    assert talk.row("products", product)["associations"]["combinations"][-1] == {"id": made}


def test_a_deleted_combination_takes_its_stock_along(talk: Talk) -> None:
    product, (first, second) = with_variants(talk, 1, 2)
    assert talk.row("products", product)["id_default_combination"] == first
    talk.send("DELETE", f"combinations/{first}")
    assert talk.stock(product) == {0: 2, second: 2}
    assert talk.row("products", product)["id_default_combination"] == second


def test_the_default_combination_can_be_named(talk: Talk) -> None:
    product, (first, second) = with_variants(talk, 1, 2)
    talk.patch("products", product, f"<id_default_combination>{second}</id_default_combination>")
    assert talk.row("products", product)["id_default_combination"] == second
    assert [row["default_on"] for row in talk.rows("combinations")] == ["", "1"]
    talk.patch("combinations", first, "<default_on>1</default_on>")
    assert talk.row("products", product)["id_default_combination"] == first


def test_put_without_a_shop_moves_the_row_out_of_it(talk: Talk) -> None:
    product, (first, second) = with_variants(talk, 1, 2)
    own = row_of(talk, product)
    entity = f"<id_product>{product}</id_product><id_product_attribute>0</id_product_attribute><quantity>3</quantity>"
    talk.put("stock_availables", own, f"{entity}<depends_on_stock>0</depends_on_stock><out_of_stock>2</out_of_stock>")
    assert talk.row("stock_availables", own)["id_shop"] == 0
    assert set(talk.stock(product)) == {first, second}
    shown = talk.row("products", product)["associations"]["stock_availables"]
    assert {row["id_product_attribute"] for row in shown} == {first, second}
    quantity(talk, row_of(talk, product, first), 5)
    rows = talk.rows("stock_availables", filters={"id_product": product, "id_product_attribute": 0})
    assert [(row["id_shop"], row["quantity"]) for row in rows] == [(0, 3), (1, 7)]


def test_put_of_stock_needs_its_fields(talk: Talk) -> None:
    row = row_of(talk, mug(talk))
    assert talk.write("PUT", "stock_availables", f"<id>{row}</id><quantity>3</quantity>").codes == [41]


def test_advanced_stock_is_refused(talk: Talk) -> None:
    row = row_of(talk, mug(talk))
    fields = f"<id>{row}</id><depends_on_stock>1</depends_on_stock>"
    reply = talk.write("PATCH", "stock_availables", fields)
    assert (reply.status, reply.codes) == (500, [133])


# dates


def test_what_moves_the_date_of_a_product(talk: Talk, clock: Clock) -> None:
    product, (first, _) = with_variants(talk, 1, 2)
    made = talk.row("products", product)["date_upd"]
    clock.now += 60
    quantity(talk, row_of(talk, product, first), 5)
    talk.patch("combinations", first, "<price>1</price>")
    body, headers = multipart(small_png(1))
    assert talk.send("POST", f"images/products/{product}", body, headers=headers).status == 200
    assert talk.row("products", product)["date_upd"] == made
    talk.patch("products", product, "")
    assert talk.row("products", product)["date_upd"] > made


# several entities in one body


def test_several_entities_are_written_and_answered_in_full(talk: Talk) -> None:
    first, second = row_of(talk, mug(talk)), row_of(talk, mug(talk))
    reply = talk.write(
        "PATCH",
        "stock_availables",
        f"<id>{first}</id><quantity>12</quantity>",
        f"<id>{second}</id><quantity>0</quantity>",
    )
    assert [row.findtext("quantity") for row in reply.xml] == ["12", ""]
    assert [row["quantity"] for row in talk.rows("stock_availables")] == [12, 0]
    assert talk.shop.stats.requests["PATCH stock_availables"] == 1
    assert talk.shop.stats.bulk_items == 2


def test_a_body_stops_at_its_first_bad_entity(talk: Talk) -> None:
    products = [mug(talk) for _ in range(3)]
    reply = talk.write(
        "PATCH",
        "products",
        *(f"<id>{row}</id><price>{price}</price>" for row, price in zip(products, ("6", "12,5", "7"), strict=True)),
    )
    assert (reply.status, reply.codes) == (400, [85])
    assert not any(str(product) in reply.messages[0] for product in products)
    assert [row["price"] for row in talk.rows("products")] == ["6.000000", "5.000000", "5.000000"]


def test_a_missing_entity_stops_the_body_too(talk: Talk) -> None:
    product = mug(talk)
    reply = talk.write("PATCH", "products", "<id>999</id><price>1</price>", f"<id>{product}</id><price>1</price>")
    assert (reply.status, reply.codes, talk.row("products", product)["price"]) == (404, [92], "5.000000")


@pytest.mark.parametrize(
    ("method", "ids", "code"), [("PATCH", "112", 89), ("PUT", "11", 89), ("PATCH", "1 ", 90), ("POST", " 1", 91)]
)
def test_ids_are_looked_at_before_anything_is_written(talk: Talk, method: str, ids: str, code: int) -> None:
    for _ in range(2):
        mug(talk)
    entities = [f"<id>{one.strip()}</id><price>9</price>" if one.strip() else "<price>9</price>" for one in ids]
    reply = talk.write(method, "products", *entities)
    assert (reply.status, reply.codes) == (400, [code])
    assert [row["price"] for row in talk.rows("products")] == ["5.000000", "5.000000"]


def test_an_answer_in_json_holds_the_last_entity_alone(talk: Talk) -> None:
    reply = talk.write("POST", "products", NEW_PRODUCT, NEW_PRODUCT, output_format="JSON")
    assert (reply.status, reply.json["product"]["id"], talk.ids("products")) == (201, 2, [1, 2])


# deleting


def test_a_product_goes_with_its_variants_stock_and_pictures(talk: Talk) -> None:
    product, _ = with_variants(talk, 1, 2)
    kept = mug(talk)
    talk.shop.state.add_image(product, small_png(1))
    reply = talk.send("DELETE", f"products/{product}")
    assert (reply.status, reply.content) == (200, b"")
    assert (talk.ids("products"), talk.ids("combinations")) == ([kept], [])
    assert talk.ids("stock_availables") == [row_of(talk, kept)]
    assert list(talk.shop.state.images) == []


def test_several_are_deleted_at_once_and_none_when_one_is_missing(talk: Talk) -> None:
    products = [mug(talk) for _ in range(3)]
    reply = talk.send("DELETE", "products", id="[1,9,2]")
    assert (reply.status, reply.codes, talk.ids("products")) == (404, [87], products)
    assert "9" in reply.messages[0]
    assert talk.send("DELETE", "products", id="[1,2]").status == 200
    assert talk.ids("products") == [3]


# pictures


def upload(talk: Talk, product: int, content: bytes, **query: str) -> Reply:
    body, headers = multipart(content)
    return talk.send("POST", f"images/products/{product}", body, headers=headers, **query)


def test_an_upload_answers_200_with_the_whole_picture(talk: Talk) -> None:
    reply = upload(talk, mug(talk), small_png(7))
    assert (reply.status, reply.xml.findtext("image/id")) == (200, "1")
    assert base64.b64decode(reply.xml.findtext("content") or "") == small_png(7)
    assert talk.send("GET", "images/products/1/1").content == small_png(7)


def test_pictures_are_listed_as_declinations_and_none_is_404(talk: Talk) -> None:
    product = mug(talk)
    assert talk.send("GET", f"images/products/{product}").status == 404
    for _ in range(2):
        upload(talk, product, small_png(1))
    shown = talk.send("GET", f"images/products/{product}").xml[0]
    assert [one.get("id") for one in shown] == ["1", "2"]


@pytest.mark.parametrize("field", ["file", "image"])
def test_uploads_that_are_refused(talk: Talk, field: str) -> None:
    body, headers = multipart(small_png(1) if field == "file" else b"no picture", field)
    bad: list[tuple[bytes, Mapping[str, str]]] = [(body, headers), (small_png(1), {"CONTENT_TYPE": "image/png"})]
    for content, sent in bad:
        reply = talk.send("POST", f"images/products/{mug(talk)}", content, headers=sent)
        assert (reply.status, reply.codes) == (400, [76])


def test_a_large_upload_is_refused(talk: Talk) -> None:
    talk.shop.state.set_setting("PS_LIMIT_UPLOAD_IMAGE_VALUE", "1")
    assert upload(talk, mug(talk), small_png(1) + b"\0" * 1_100_000).codes == [72]


def test_a_picture_is_replaced_by_post_alone(talk: Talk) -> None:
    product = mug(talk)
    upload(talk, product, small_png(1))
    body, headers = multipart(small_png(2))
    assert talk.send("PUT", f"images/products/{product}/1", body, headers=headers).codes == [76]
    reply = talk.send("POST", f"images/products/{product}/1", body, headers=headers, ps_method="PUT")
    assert (reply.status, talk.send("GET", f"images/products/{product}/1").content) == (200, small_png(2))


def test_the_first_picture_is_the_cover_until_another_is_named(talk: Talk) -> None:
    product = mug(talk)
    assert talk.row("products", product)["id_default_image"] is None
    for seed in (1, 2, 3):
        upload(talk, product, small_png(seed))
    assert talk.row("products", product)["id_default_image"] == 1
    talk.patch("products", product, "<id_default_image>3</id_default_image>")
    assert talk.row("products", product)["id_default_image"] == 3
    assert talk.send("DELETE", f"images/products/{product}/3").status == 200
    row = talk.row("products", product)
    assert (row["id_default_image"], row["associations"]["images"]) == (1, [{"id": 1}, {"id": 2}])

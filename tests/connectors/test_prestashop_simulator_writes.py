"""What writes to the simulated PrestaShop do, and what they damage: one test per rule."""

import base64
from collections.abc import Mapping

import pytest

from shops.connectors.prestashop.simulator import PrestaSimulator, ShopState
from shops.simulation.pictures import small_png
from tests.connectors.prestashop_shop import NEW_PRODUCT, Reply, Talk, multipart, texts


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
def talk(clock: Clock) -> Talk:
    return Talk(PrestaSimulator(ShopState(clock=clock)))


def talk_to(version: str) -> Talk:
    return Talk(PrestaSimulator(version=version))


def names(talk: Talk, product: int, field: str = "name", resource: str = "products") -> list[str]:
    return [text["value"] for text in talk.row(resource, product)[field]]


def mug(talk: Talk, **fields: str) -> int:
    return talk.shop.state.add_product("KUB-1", {1: "Mug", 2: "Kubek"}, 5, 3, **fields)


def with_variants(talk: Talk, *quantities: int) -> tuple[int, list[int]]:
    """A product with a combination per quantity, and the ids of the combinations."""
    values = talk.shop.state.add_option("Kolor", [str(number) for number, _ in enumerate(quantities)])
    made = [
        {"reference": f"KUB-{number}", "values": [value], "stock": quantity}
        for (number, value), quantity in zip(enumerate(values.values()), quantities, strict=True)
    ]
    product = talk.shop.state.add_product("KUB", "Kubek", combinations=made)
    return product, talk.shop.state.owned("combinations", product)


# bodies


def test_json_and_broken_xml_are_500(talk: Talk) -> None:
    for body in ('{"product":{"price":"1"}}', "<prestashop><product>"):
        reply = talk.send("POST", "products", body)
        assert (reply.status, reply.codes) == (500, [127])


def test_the_root_may_be_called_anything_and_come_as_a_form_field(talk: Talk) -> None:
    product = mug(talk)
    body = f"<x><product><id>{product}</id><price>7</price></product></x>"
    assert talk.send("PATCH", "products", body).status == 200
    assert talk.row("products", product)["price"] == "7.000000"
    assert talk.send("PATCH", "products", f"xml={body.replace('7', '8')}").status == 200
    assert talk.row("products", product)["price"] == "8.000000"


def test_the_body_s_id_counts_and_that_of_the_address_does_not(talk: Talk) -> None:
    first, second = mug(talk), mug(talk)
    talk.write("PATCH", f"products/{first}", f"<id>{second}</id><price>9</price>")
    assert [row["price"] for row in talk.rows("products")] == ["5.000000", "9.000000"]


def test_patch_came_with_8() -> None:
    for version, status in (("1.7.8.8", 405), ("8.1.2", 200), ("9.1.4", 200)):
        talk = talk_to(version)
        reply = talk.write("PATCH", "products", f"<id>{mug(talk)}</id><price>9</price>")
        assert reply.status == status
        assert reply.codes == ([23] if status == 405 else [])
        assert (b'patch="true"' in talk.send("GET", "").content) is (status == 200)


# put replaces, patch does not


def test_put_empties_every_field_it_does_not_name(talk: Talk) -> None:
    brand = talk.shop.state.add_manufacturer("Ćmielów")
    product = mug(talk, ean13="5901234123457", id_manufacturer=brand)
    talk.put("products", product, "<price>9</price>")
    row = talk.row("products", product)
    lost = {name: row[name] for name in ("reference", "ean13", "active", "id_tax_rules_group", "id_manufacturer")}
    assert lost == {"reference": "", "ean13": "", "active": "0", "id_tax_rules_group": 0, "id_manufacturer": 0}
    assert (names(talk, product), row["id_category_default"], row["price"]) == (["", ""], 0, "9.000000")


def test_patch_touches_what_it_names_alone(talk: Talk) -> None:
    product = mug(talk, ean13="5901234123457")
    before = talk.row("products", product)
    talk.patch("products", product, "<price>9</price><typo>1</typo>")
    assert talk.row("products", product) == before | {"price": "9.000000"}


def test_a_language_left_out_becomes_empty(talk: Talk) -> None:
    product = mug(talk)
    talk.patch("products", product, texts("name", pl="Kubek biały"))
    assert names(talk, product) == ["", "Kubek biały"]
    talk.patch("products", product, "<price>9</price>")
    assert names(talk, product) == ["", "Kubek biały"]


def test_a_language_left_out_stays_where_the_model_needs_the_field(talk: Talk) -> None:
    category = talk.shop.state.add_category({1: "Tools", 2: "Narzędzia"})
    talk.patch("categories", category, texts("name", pl="Narzędzia ręczne"))
    assert names(talk, category, resource="categories") == ["Tools", "Narzędzia ręczne"]


def test_a_plain_text_leaves_single_letters(talk: Talk) -> None:
    product = mug(talk)
    talk.patch("products", product, "<name>flat</name>")
    assert names(talk, product) == ["l", "a"]


def test_read_only_fields_are_refused_by_name(talk: Talk) -> None:
    product = mug(talk)
    category = talk.shop.state.add_category("A")
    brand = talk.shop.state.add_manufacturer("A")
    for resource, row_id, field in (
        ("products", product, "quantity"),
        ("products", product, "manufacturer_name"),
        ("categories", category, "level_depth"),
        ("categories", category, "nb_products_recursive"),
        ("manufacturers", brand, "link_rewrite"),
    ):
        reply = talk.write("PATCH", resource, f"<id>{row_id}</id><{field}>1</{field}>")
        assert (reply.status, reply.codes) == (400, [93])
        assert field in reply.messages[0]


def test_a_position_must_lie_within_the_category(talk: Talk) -> None:
    product = mug(talk)
    for place, code in (("0", 134), ("2", 135)):
        fields = f"<id>{product}</id><price>9</price><position_in_category>{place}</position_in_category>"
        reply = talk.write("PATCH", "products", fields)
        assert (reply.status, reply.codes) == (500, [code])
    assert talk.row("products", product)["price"] == "5.000000"


# values


@pytest.mark.parametrize("price", ["81.3008130081", "12,34", "-1", ""])
def test_prices_that_are_refused(talk: Talk, price: str) -> None:
    reply = talk.write("PATCH", "products", f"<id>{mug(talk)}</id><price>{price}</price>")
    assert (reply.status, reply.codes) == (400, [85])


def test_a_price_is_kept_with_six_decimals_and_shown_as_it_was_sent(talk: Talk) -> None:
    product = mug(talk)
    reply = talk.write("PATCH", "products", f"<id>{product}</id><price>81.300813008</price>")
    assert reply.xml[0].findtext("price") == "81.300813008"
    assert talk.row("products", product)["price"] == "81.300813"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("reference", "A;1", 85),
        ("reference", "x" * 65, 85),
        ("ean13", "59012341234570", 85),
        ("ean13", "59012X", 85),
        ("active", "tak", 85),
        ("weight", "1,5", 85),
        ("name", texts("x", en="a", pl="b<c"), 84),
        ("name", texts("x", en="a", pl="n" * 129), 84),
        ("description", texts("x", en="a", pl="&lt;script&gt;1&lt;/script&gt;").replace("&lt;", "<"), 84),
        ("description", texts("x", en='<iframe src="a"></iframe>', pl=""), 84),
    ],
)
def test_values_that_are_refused(talk: Talk, field: str, value: str, code: int) -> None:
    inner = value.replace("<x>", f"<{field}>").replace("</x>", f"</{field}>")
    entity = inner if "<language" in inner else f"<{field}>{inner}</{field}>"
    reply = talk.write("PATCH", "products", f"<id>{mug(talk)}</id>{entity}")
    assert (reply.status, reply.codes) == (400, [code])


@pytest.mark.parametrize(("version", "status"), [("1.7.8.8", 400), ("8.1.2", 400), ("9.1.4", 201)])
def test_characters_of_names_are_stricter_before_9(version: str, status: int) -> None:
    entity = "<price>1</price>" + texts("name", en="A;B=C#D", pl="A;B=C#D")
    assert talk_to(version).write("POST", "products", entity).status == status


def test_html_is_kept_as_the_purifier_writes_it(talk: Talk) -> None:
    product = mug(talk)
    sent = "<P class='x'>Długo<br>i&nbsp;„szeroko” &amp; &quot;wysoko&quot;<!-- a --><ul><li>raz"
    talk.patch("products", product, texts("description", en="zwykły tekst", pl=sent))
    kept = '<p class="x">Długo<br />i\xa0„szeroko” &amp; "wysoko"<ul><li>raz</li></ul></p>'
    assert names(talk, product, "description") == ["zwykły tekst", kept]
    talk.shop.state.set_setting("PS_USE_HTMLPURIFIER", "0")
    talk.patch("products", product, texts("description", en="", pl=sent))
    assert names(talk, product, "description")[1] == sent


def test_old_bad_data_blocks_every_write(talk: Talk) -> None:
    product = mug(talk, upc="zbyt-długi-kod")
    assert talk.write("PATCH", "products", f"<id>{product}</id><price>9</price>").codes == [85]


def test_ids_of_brands_and_tax_groups_are_not_checked(talk: Talk) -> None:
    product = mug(talk)
    talk.patch(
        "products", product, "<id_manufacturer>99999</id_manufacturer><id_tax_rules_group>777</id_tax_rules_group>"
    )
    row = talk.row("products", product)
    assert (row["id_manufacturer"], row["id_tax_rules_group"]) == (99999, 777)


# creating


@pytest.mark.parametrize(("version", "kind"), [("1.7.8.8", ""), ("8.1.2", ""), ("9.1.4", "standard")])
def test_a_product_of_a_price_alone_is_a_ghost(version: str, kind: str) -> None:
    talk = talk_to(version)
    row = talk.row("products", talk.post("products", "<price>1</price>"))
    ghost = {"active": "0", "state": 0, "available_for_order": "0", "minimal_quantity": 0, "id_tax_rules_group": 0}
    assert {name: row[name] for name in ghost} == ghost
    assert (row["product_type"], row["associations"].get("categories")) == (kind, None)


def test_a_main_category_alone_does_not_place_the_product_in_it(talk: Talk) -> None:
    product = talk.post("products", NEW_PRODUCT)
    row = talk.row("products", product)
    assert (row["id_category_default"], "categories" in row["associations"]) == (2, False)
    link = "<associations><categories><category><id>2</id></category></categories></associations>"
    talk.patch("products", product, link)
    assert talk.row("products", product)["associations"]["categories"] == [{"id": 2}]


def test_a_new_product_gets_its_address_from_its_name_and_a_stock_row(talk: Talk) -> None:
    product = talk.post("products", NEW_PRODUCT)
    assert names(talk, product, "link_rewrite") == ["mug", "kubek-cmielowski"]
    assert talk.stock(product) == {0: 0}


def test_dates_in_the_body_of_a_new_product_are_ignored(talk: Talk) -> None:
    product = talk.post("products", NEW_PRODUCT + "<date_add>2001-01-01 00:00:00</date_add>")
    assert talk.row("products", product)["date_add"] == "2026-09-21 16:13:20"


def test_the_same_reference_twice_makes_two_products(talk: Talk) -> None:
    assert talk.post("products", NEW_PRODUCT) != talk.post("products", NEW_PRODUCT)
    assert len(talk.ids("products", filters={"reference": "KUB-1"})) == 2


@pytest.mark.parametrize(
    ("resource", "entity", "code"),
    [
        ("products", "<reference>A</reference>", 41),
        ("combinations", "<minimal_quantity>1</minimal_quantity>", 41),
        ("categories", "<active>1</active>" + texts("link_rewrite", en="a", pl="a"), 84),
        ("categories", "<active>1</active>" + texts("name", en="a", pl="a"), 84),
        ("categories", "<active>1</active><name/>" + texts("link_rewrite", en="a", pl="a"), 84),
        ("categories", texts("name", en="a", pl="a") + texts("link_rewrite", en="a", pl="a"), 41),
        ("manufacturers", "<active>1</active>", 41),
        ("taxes", texts("name", en="a", pl="a"), 41),
    ],
)
def test_what_a_new_row_must_have(talk: Talk, resource: str, entity: str, code: int) -> None:
    before = talk.ids(resource)
    reply = talk.write("POST", resource, entity)
    assert (reply.status, reply.codes, talk.ids(resource)) == (400, [code], before)


def test_new_categories_and_brands(talk: Talk) -> None:
    both = {"en": "Młotki", "pl": "Młotki"}
    named = texts("name", **both) + texts("link_rewrite", en="mlotki", pl="mlotki")
    row = talk.row("categories", talk.post("categories", f"<id_parent>2</id_parent><active>1</active>{named}"))
    assert (row["id_parent"], row["level_depth"]) == (2, 2)
    made = [talk.post("manufacturers", "<active>1</active><name>Łucznik &amp; Syn</name>") for _ in range(2)]
    assert [talk.row("manufacturers", one)["name"] for one in made] == ["Łucznik & Syn"] * 2


def test_a_special_price_is_one_per_key() -> None:
    keys = "".join(f"<{name}>0</{name}>" for name in ("id_shop", "id_cart", "id_currency", "id_country"))
    keys += "<id_group>0</id_group><id_customer>0</id_customer><from_quantity>1</from_quantity>"
    keys += "<from>0000-00-00 00:00:00</from><to>0000-00-00 00:00:00</to>"
    rest = "<price>-1</price><reduction>0.05</reduction><reduction_tax>1</reduction_tax>"
    rest += "<reduction_type>percentage</reduction_type>"
    for version, again in (("8.1.2", []), ("9.1.4", [46])):
        talk = talk_to(version)
        entity = f"<id_product>{mug(talk)}</id_product>{keys}{rest}"
        assert talk.row("specific_prices", talk.post("specific_prices", entity))["price"] == "-1.000000"
        reply = talk.write("POST", "specific_prices", entity)
        assert (reply.status, reply.codes if reply.content else []) == (500, again)


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

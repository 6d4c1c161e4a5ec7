"""What single writes to the simulated PrestaShop do, and what they damage: one test per rule."""

import pytest

from shops.connectors.prestashop.simulator import PrestaSimulator, ShopState
from tests.connectors.prestashop_shop import NEW_PRODUCT, Clock, Talk, mug, names, texts


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def talk(clock: Clock) -> Talk:
    return Talk(PrestaSimulator(ShopState(clock=clock)))


def talk_to(version: str) -> Talk:
    return Talk(PrestaSimulator(version=version))


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

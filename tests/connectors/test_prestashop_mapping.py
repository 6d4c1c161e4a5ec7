"""PrestaShop's documents, prices and rows, without a shop."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrator.canonical.errors import MappingError, Rejected
from integrator.canonical.records import Price
from integrator.canonical.side import NewElement
from shops.connectors.base import Known
from shops.connectors.prestashop import bodies, documents, mapping, pricing
from shops.connectors.prestashop.capabilities import capabilities
from shops.connectors.prestashop.mapping import Group, View
from shops.connectors.prestashop.reading import local_time
from shops.connectors.prestashop.rest import by_length

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "prestashop_recorded"
WARSAW = ZoneInfo("Europe/Warsaw")
GROUPS = {"1": Group(name="PL 23%", percent=Decimal(23)), "2": Group(name="PL 8%", percent=Decimal(8))}
VIEW = View(language="2", groups=GROUPS)
NET = View(language="2", groups=GROUPS, gross=False)


def row(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": 17,
        "reference": "KUB-1",
        "ean13": "5901234123457",
        "price": "10.000000",
        "weight": "0.300000",
        "active": "1",
        "id_manufacturer": 3,
        "id_tax_rules_group": 1,
        "id_category_default": 4,
        "name": [{"id": 1, "value": "Mug"}, {"id": 2, "value": "Kubek"}],
        "description_short": [{"id": 1, "value": ""}, {"id": 2, "value": "<p>Krótko</p>"}],
        "description": "",
    }
    return found | changes


# prices


@pytest.mark.parametrize("percent", [0, 5, 8, 23])
def test_every_gross_price_comes_back_to_the_grosz(percent: int) -> None:
    rate = Decimal(percent)
    for grosze in range(1, 200_001):
        gross = Decimal(grosze) / 100
        net = pricing.stored(gross, rate, gross=True)
        assert net == round(net, 6)
        if pricing.shown(net, rate, gross=True) != gross:
            pytest.fail(f"{gross} at {percent} %: stored {net}")


@pytest.mark.parametrize(("parent", "gross"), [("10.00", "12.30"), ("81.300813", "0.01"), ("0.000001", "1999.99")])
def test_a_combinations_price_is_told_apart_from_its_products(parent: str, gross: str) -> None:
    product = row(price=parent)
    body = bodies.variant_update({"price": gross}, product, VIEW)
    assert mapping.price(product, VIEW, {"price": body["price"]}) == Price(price=Decimal(gross))


def test_net_prices_are_taken_as_they_stand() -> None:
    assert mapping.price(row(price="10.123456"), NET).price == Decimal("10.123456")
    assert bodies.simple_update({"price": "10.1234567"}, row(), NET) == {"price": "10.123457"}


def test_a_shop_without_taxes_shows_what_it_stores() -> None:
    assert mapping.price(row(), View(language="2", groups=GROUPS, taxed=False)).price == 10


def test_half_a_grosz_is_rounded_up() -> None:
    assert mapping.price(row(price="0.005000", id_tax_rules_group=0), VIEW).price == Decimal("0.01")


def test_contradicting_tax_rules_are_no_price() -> None:
    unclear = View(language="2", groups={"1": Group(name="?", unclear=True)})
    with pytest.raises(MappingError):
        mapping.price(row(), unclear)


# products


def test_a_product_is_read_in_the_default_language() -> None:
    product = mapping.product(row(), VIEW)
    assert (product.name, product.short_description, product.description) == ("Kubek", "<p>Krótko</p>", "")
    assert (product.code, product.ean, product.weight) == ("KUB-1", "5901234123457", Decimal("0.3"))
    assert (product.tax_rate, product.producer, product.category, product.unit) == ("1", "3", "4", None)


@pytest.mark.parametrize(
    "name", ["Kubek", [{"id": "2", "value": "Kubek"}], {"2": "Kubek", "1": ""}, [{"id": 2, "value": " Kubek\x00 "}]]
)
def test_texts_come_in_several_shapes(name: Any) -> None:
    assert mapping.product(row(name=name), VIEW).name == "Kubek"


@pytest.mark.parametrize(
    "name",
    [
        [{"id": 1, "value": "Mug"}, {"id": 2, "value": ""}],
        [{"id": 10, "value": "Taza"}, {"id": 1, "value": ""}, {"id": 3, "value": "Mug"}],
        {"1": "Mug"},
    ],
)
def test_a_product_without_a_name_in_that_language_has_the_first_other_one(name: Any) -> None:
    assert mapping.product(row(name=name), VIEW).name == "Mug"


@pytest.mark.parametrize("name", ["", [], None, [{"id": 1, "value": " "}, {"id": 2, "value": ""}]])
def test_a_product_without_any_name_is_an_error(name: Any) -> None:
    with pytest.raises(MappingError) as caught:
        mapping.product(row(name=name), VIEW)
    assert caught.value.problem.as_dict()["field"] == "name"


@pytest.mark.parametrize("root", ["1", "2", 2, 0, ""])
def test_a_product_in_a_root_has_no_category(root: Any) -> None:
    assert mapping.product(row(id_category_default=root), VIEW).category is None


def test_weights_are_kilograms_whatever_the_shop_weighs_in() -> None:
    grams = View(language="2", kilograms=mapping.kilograms_of("g"))
    assert mapping.product(row(weight="375.000000"), grams).weight == Decimal("0.375")
    assert bodies.simple_update({"weight": "0.375"}, row(), grams) == {"weight": "375"}
    assert mapping.product(row(weight="0.000000"), VIEW).weight is None


def test_a_combination_adds_its_weight_and_has_its_options_in_order() -> None:
    shared = mapping.product(row(), VIEW)
    own = {"reference": "KUB-1-M", "ean13": "", "weight": "0.050000"}
    own["associations"] = {"product_option_values": [{"id": "9"}, {"id": 8}]}  # type: ignore[assignment]
    made = mapping.variant(shared, row(), own, {"8": ("Kolor", "Biały"), "9": ("Rozmiar", "M")}, VIEW)
    assert (made.code, made.ean, made.weight, made.group) == ("KUB-1-M", "", Decimal("0.35"), "17")
    assert made.options == (("Kolor", "Biały"), ("Rozmiar", "M"))


def test_a_product_made_for_combinations_is_no_sellable_before_it_has_some() -> None:
    assert mapping.sold_in_variants(row(product_type="combinations"))
    assert mapping.sold_in_variants(row(associations={"combinations": [{"id": 1}]}))
    assert not mapping.sold_in_variants(row(product_type="standard", associations=[]))


@pytest.mark.parametrize("broken", [{"weight": "ciężki"}, {"active": "tak"}, {"name": 7.5}, {"id": None}])
def test_what_cannot_be_read_is_an_error_and_no_guess(broken: Mapping[str, Any]) -> None:
    with pytest.raises(MappingError):
        mapping.product(row(**broken), VIEW)


def test_the_cover_is_the_first_picture() -> None:
    gallery = {"id": 17, "id_default_image": 6, "associations": {"images": [{"id": 4}, {"id": 6}, {"id": 5}]}}
    assert mapping.pictures(gallery) == ["6", "4", "5"]
    assert mapping.pictures({"id": 17, "id_default_image": ""}) == []


# taxes and categories


def groups_of(*rules: Mapping[str, Any]) -> dict[str, Group]:
    groups = [{"id": 1, "name": "PL", "deleted": "0"}, {"id": 2, "name": "Stare", "deleted": "1"}]
    taxes = [{"id": 1, "rate": "23.000"}, {"id": 2, "rate": "20.000"}]
    return mapping.tax_groups(groups, rules, taxes, "14")


def rule(country: int, tax: int, **more: Any) -> dict[str, Any]:
    return {"id_tax_rules_group": 1, "id_country": country, "id_state": 0, "zipcode_from": "0", "id_tax": tax} | more


def test_a_groups_rate_is_that_of_the_shops_own_country() -> None:
    groups = groups_of(rule(3, 2), rule(14, 1), rule(14, 2, id_state=5), rule(14, 2, zipcode_from="50-001"))
    assert groups == {"1": Group(name="PL", percent=Decimal("23.000"))}
    assert mapping.tax_rate(groups["1"]).code == "23"


def test_a_group_without_a_rule_there_adds_nothing_and_is_taken_for_no_rate() -> None:
    group = groups_of(rule(3, 2))["1"]
    assert View(language="2", groups={"1": group}).percent("1") == 0
    assert (mapping.tax_rate(group).code, mapping.tax_rate(group).percent) == ("pl", None)


def test_a_group_that_is_switched_off_adds_nothing_and_is_taken_for_no_rate() -> None:
    groups = [{"id": 1, "name": "PL 23%", "active": "0", "deleted": "0"}]
    found = mapping.tax_groups(
        groups, [rule(14, 1), rule(14, 2)], [{"id": 1, "rate": "23"}, {"id": 2, "rate": "8"}], "14"
    )
    assert View(language="2", groups=found).percent("1") == 0
    assert mapping.tax_rate(found["1"]).code == "pl 23%"


def test_contradicting_rules_are_an_error() -> None:
    with pytest.raises(MappingError):
        mapping.tax_rate(groups_of(rule(14, 1), rule(14, 2))["1"])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("PL Exempted Rate (0%)", "zw"),
        ("Zwolnione z VAT", "zw"),
        ("zw.", "zw"),
        ("np.", "np"),
        ("Odwrotne obciążenie", "oo"),
        ("VAT 0%", "0"),
    ],
)
def test_groups_that_add_nothing_are_told_apart_by_their_names(name: str, code: str) -> None:
    assert mapping.tax_code(Group(name=name, percent=Decimal(0))) == code


# documents


def test_texts_go_by_language_and_what_xml_cannot_hold_is_left_out() -> None:
    body = documents.document("products", [{"id": "7", "name": {"1": "A & <b>", "2": "Ż\x0b\x00ółw ]]>"}}])
    root = documents.parsed(body)
    assert [(one.get("id"), one.text) for one in root.iter("language")] == [("1", "A & <b>"), ("2", "Żółw ]]>")]


def test_lists_of_ids_have_the_names_that_prestashop_gives_them() -> None:
    lists = documents.Associations({"categories": ["2", "4"], "product_option_values": ["9"]})
    text = documents.document("products", [{"associations": lists}]).decode()
    assert "<categories><category><id>2</id></category><category><id>4</id></category></categories>" in text
    assert "<product_option_values><product_option_value><id>9</id></product_option_value>" in text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>Przerwa</body></html>",
        b'<?xml version="1.0"?><rss/>',
        b'<?xml version="1.0"?><prestashop><product>',
        b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aaaa">]><prestashop>&a;</prestashop>',
    ],
)
def test_what_is_not_prestashops_document_is_refused(content: bytes) -> None:
    with pytest.raises(documents.Unreadable):
        documents.parsed(content)


def test_warnings_of_php_before_the_answer_are_left_out() -> None:
    noise = b"<br />\n<b>Warning</b>: Undefined array key [x] in {/home} on line <b>7</b><br />\n"
    assert documents.parsed(noise + b'<?xml version="1.0"?><prestashop><shop><id>1</id></shop></prestashop>')[0][0].text
    assert documents.decoded(noise + b'{"shops":[{"id":1}]}') == {"shops": [{"id": 1}]}
    assert documents.decoded(b'\xef\xbb\xbf{"shops":[]}') == {"shops": []}
    assert documents.decoded(b"[]") == []


NOTICE = b"<br />\n<b>Deprecated</b>: x() in <b>/home/[1]/x.php</b> on line <b>7</b><br />\n"


@pytest.mark.parametrize("before", [b"", NOTICE])
def test_warnings_of_php_after_the_answer_are_left_out(before: bytes) -> None:
    document = b'<?xml version="1.0"?>\n<prestashop><shop><id>1</id></shop></prestashop>\n'
    assert documents.parsed(before + document + NOTICE)[0][0].text == "1"
    assert documents.decoded(before + b'{"shops":[{"id":1}]}\n' + NOTICE) == {"shops": [{"id": 1}]}


@pytest.mark.parametrize(
    "content",
    [b'{"shops":[]} and more', b'<html><script>\n{"shops":[]}\n</script></html>', b'<p>{"shops":[]}</p>'],
)
def test_json_within_a_page_is_no_answer(content: bytes) -> None:
    with pytest.raises(documents.Unreadable):
        documents.decoded(content)


def test_errors_are_read_from_both_formats_and_unescaped() -> None:
    xml = (
        b'<?xml version="1.0"?><prestashop><errors><error><code><![CDATA[85]]></code><message><![CDATA[Property '
        b"Product-&gt;price is not valid &quot;a&amp;b&quot;]]></message></error></errors></prestashop>"
    )
    assert documents.errors_in(xml) == [(85, 'Property Product->price is not valid "a&b"')]
    assert documents.errors_in(b'{"errors":[{"code":46,"message":"Unable"}]}') == [(46, "Unable")]
    assert documents.errors_in(b"<html>500</html>") == []


def test_an_element_put_back_whole_keeps_all_but_what_cannot_be_written() -> None:
    present = documents.parsed(
        b'<?xml version="1.0"?><prestashop xmlns:xlink="http://www.w3.org/1999/xlink"><product><id>7</id>'
        b'<id_manufacturer xlink:href="http://x/1">3</id_manufacturer><manufacturer_name>F</manufacturer_name>'
        b"<quantity>0</quantity><position_in_category>1</position_in_category><odd>1</odd><reference>OLD</reference>"
        b'<name><language id="1">Mug</language><language id="2">Kubek</language></name>'
        b"<associations><categories><category><id>2</id></category></categories></associations></product></prestashop>"
    )[0]
    node = documents.whole("products", present, {"reference": "NEW"}, {"odd"})
    assert [field.tag for field in node] == ["id", "id_manufacturer", "name", "reference"]
    assert node.findtext("reference") == "NEW"
    assert [one.text for one in node.iter("language")] == ["Mug", "Kubek"]


# bodies


def test_a_new_product_carries_all_that_keeps_it_from_being_a_ghost() -> None:
    fields = {"code": "A-1", "name": "Młotek 500 g", "tax_rate": "1", "category": "4", "price": "100.00"}
    body = bodies.new_product(fields, VIEW, ["2", "1"])  # type: ignore[arg-type]
    ghostless = {"state", "active", "available_for_order", "show_price", "minimal_quantity"}
    assert {name: body[name] for name in ghostless} == dict.fromkeys(ghostless, "1")
    assert (body["visibility"], body["price"]) == ("both", "81.300813")
    assert body["name"] == {"2": "Młotek 500 g", "1": "Młotek 500 g"}
    assert body["link_rewrite"] == {"2": "mlotek-500-g", "1": "mlotek-500-g"}
    assert body["associations"] == documents.Associations({"categories": ["4"]})


@pytest.mark.parametrize("name", ["name", "code", "tax_rate", "category", "price"])
def test_a_new_product_without_something_needed_is_refused(name: str) -> None:
    fields = {"code": "A-1", "name": "A", "tax_rate": "1", "category": "4", "price": "1"}
    with pytest.raises(Rejected) as caught:
        bodies.new_product(fields | {name: ""}, VIEW, ["1"])  # type: ignore[arg-type]
    assert caught.value.field == name


@pytest.mark.parametrize("value", ["1,5", "siedem", "NaN", None])
def test_what_is_no_number_is_refused_before_it_is_sent(value: Any) -> None:
    with pytest.raises(Rejected):
        bodies.simple_update({"price": value}, row(), VIEW)


def test_stock_is_whole() -> None:
    assert bodies.whole_number("quantity", "12.000") == "12"
    with pytest.raises(Rejected):
        bodies.whole_number("quantity", "2.5")


def test_fields_that_variants_share_are_not_written_on_one_of_them() -> None:
    for name in ("name", "active", "category", "tax_rate"):
        with pytest.raises(Rejected):
            bodies.variant_update({name: "1"}, row(), VIEW)


def test_a_parent_takes_what_variants_share_from_the_first() -> None:
    new = NewElement(
        token="a",
        group_code="KUB",
        group_name="Kubek",
        fields={
            "code": "KUB-M",
            "name": "Kubek M",
            "ean": "5901234123457",
            "tax_rate": "1",
            "category": "4",
            "price": "1",
        },
    )
    body = bodies.new_parent(new, VIEW, ["1"])
    assert (body["reference"], body["ean13"], body["product_type"]) == ("KUB", "", "combinations")
    assert body["name"] == {"1": "Kubek"}


# addresses, times, what can be done


def test_filters_are_cut_where_an_address_gets_too_long() -> None:
    groups = list(by_length([str(100_000 + one) for one in range(2000)]))
    assert sum(map(len, groups)) == 2000
    assert max(len("|".join(group)) for group in groups) < 5000
    assert len(list(by_length(["ż" * 400] * 3 + ["ź" * 900]))) == 2, (
        "letters of others than English take six characters"
    )


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-07-01T10:00:00+00:00", "2026-07-01 12:00:00"),
        ("2026-01-01T10:00:00+00:00", "2026-01-01 11:00:00"),
        # Clocks go back at 01:00 UTC: what happens at 01:05 is written as 02:05, before the 02:30 of this moment.
        ("2026-10-25T00:30:00+00:00", "2026-10-25 01:30:00"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25 02:30:00"),
    ],
)
def test_moments_are_written_in_the_shops_own_time(moment: str, written: str) -> None:
    assert local_time(datetime.fromisoformat(moment).astimezone(UTC), WARSAW) == written


def test_nothing_is_known_before_the_shop_was_asked() -> None:
    assert capabilities(Known()).unlearnt
    assert not capabilities(Known(facts={"shop": {"shops": ["1"]}})).unlearnt
    assert capabilities(Known(settings={"prices": "net"})).price_basis == "net"


# recordings


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings beside the checkout")
def test_recorded_products_and_combinations_are_read() -> None:
    def body(name: str) -> Any:
        return json.loads((RECORDED / f"{name}.json").read_text())["body"]

    view = View(language="2", groups={"1": Group(name="PL", percent=Decimal(23))})
    products = {one["id"]: one for one in body("products_full_json")["products"]}
    for raw in products.values():
        assert mapping.product(raw, view).name
    shared = mapping.product(products[1], view)
    for raw in body("combinations")["combinations"]:
        assert mapping.variant(shared, products[1], raw, {}, view).code == "demo_1"
        assert mapping.price(products[1], view, raw).price == Decimal("29.40")
    for raw in body("stock_availables")["stock_availables"]:
        assert mapping.stock_level(raw).quantity > 0
    assert mapping.own_rows(body("stock_availables")["stock_availables"], "1")
    assert mapping.producer(body("manufacturers")["manufacturers"][0]).name == "Studio Design"
    synopsis = documents.parsed(body("schema_synopsis_products").encode())
    assert documents.read_only(synopsis) == {"manufacturer_name", "quantity"}

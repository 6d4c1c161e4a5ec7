"""Shoper's rows as records, and fields as the bodies that are sent."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integrator.canonical.errors import MappingError, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Category, Fields, Image, Price, Producer, StockLevel, TaxRate, Unit
from integrator.canonical.side import NewElement
from shops.connectors.shoper import bodies, mapping
from tests.connectors.shoper_samples import PARENT, PRODUCT, STOCK, VARIANT

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "shoper_recorded"
VIEW = mapping.View(
    language="pl_PL",
    options={"10": "Kolor", "11": "Rozmiar"},
    values={"61": "Czarny", "65": "S"},
)
ONE = Decimal(1)


def test_a_simple_product() -> None:
    product = mapping.product(PRODUCT, VIEW)
    assert (product.code, product.name, product.ean) == ("KUB-01", "Kubek błękitny", "5900000000015")
    assert (product.unit, product.tax_rate, product.producer, product.category) == ("1", "2", "9", "44")
    assert product.weight == Decimal("0.4")
    assert product.active
    assert product.description == "<p>Opis&nbsp;kubka</p>"
    assert product.image_owner == "301"
    assert product.group == ""


def test_texts_of_another_language_are_not_ours() -> None:
    english = mapping.product(PRODUCT, mapping.View(language="en_US"))
    assert english.name == "Mug"
    assert not english.active
    only_polish = mapping.product(PARENT, mapping.View(language="de_DE"))
    assert only_polish.name == "Koszulka"


def test_a_variant_has_its_own_code_price_and_stock_and_shares_the_rest() -> None:
    shared = mapping.product(PARENT, VIEW)
    variant = mapping.variant(shared, VARIANT, VIEW)
    assert (variant.code, variant.name, variant.tax_rate) == ("KOSZ-S-CZ", "Koszulka", "2")
    assert variant.options == (("Kolor", "Czarny"), ("Rozmiar", "S"))
    assert variant.group == variant.image_owner == "302"
    assert mapping.price(VARIANT, "PLN") == Price(price=Decimal("66.50"))
    assert mapping.stock_level(VARIANT) == StockLevel(quantity=Decimal("2.5"))
    assert mapping.variant_ids(PARENT) == [514, 515]


@pytest.mark.parametrize(
    ("parent", "row", "active"), [("1", "1", True), ("1", "0", False), ("0", "1", False), (1, True, True)]
)
def test_a_variant_is_active_when_its_product_and_its_row_are(parent: Any, row: Any, active: bool) -> None:
    shared = mapping.product({**PARENT, "translations": {"pl_PL": {"name": "K", "active": parent}}}, VIEW)
    assert mapping.variant(shared, {**VARIANT, "active": row}, VIEW).active is active


@pytest.mark.parametrize(
    "options", [{"10": "61"}, [{"option_id": 10, "value_id": "61"}]], ids=["as an object", "as a list"]
)
def test_options_come_in_two_shapes(options: Any) -> None:
    assert mapping.option_pairs({"options": options}) == [("10", "61")]
    assert mapping.option_pairs({"options": []}) == []


def test_weight_is_in_kilograms_and_nought_means_unknown() -> None:
    grams = mapping.View(language="pl_PL", kilograms=Decimal("0.001"))
    assert mapping.product({**PRODUCT, "stock": {**STOCK, "comp_weight": "400"}}, grams).weight == Decimal("0.400")
    assert mapping.product({**PRODUCT, "stock": {**STOCK, "comp_weight": "0.00"}}, VIEW).weight is None
    assert bodies.simple_update({"weight": "0.4"}, "pl_PL", Decimal("0.001"))["stock"] == {"weight": Decimal(400)}


@pytest.mark.parametrize(
    ("name", "percent", "code"),
    [
        ("23%", "23", "23"),
        ("VAT 8 %", "8", "8"),
        ("Stawka VAT 5%", "5", "5"),
        ("0%", "0", "0"),
        ("zw.", "0", "zw"),
        ("Zwolniony", "0", "zw"),
        ("np.", "0", "np"),
        ("NP", "0", "np"),
        ("7,5%", "7.5", "7.5"),
        ("Podstawowa", "23", "23"),
        ("Eksport", "0", "eksport"),
    ],
)
def test_tax_rates_are_told_apart_by_name(name: str, percent: str, code: str) -> None:
    assert mapping.tax_rate({"tax_id": "1", "name": name, "value": percent, "class": name}) == TaxRate(
        code=code, name=name, percent=Decimal(percent)
    )


def test_units_producers_images() -> None:
    unit = {"unit_id": "2", "floating_point": "1", "translations": {"pl_PL": {"name": "kg"}}}
    assert mapping.unit(unit, "pl_PL") == Unit(symbol="kg", fractional=True)
    assert mapping.producer({"producer_id": "4", "name": " Łucznik "}) == Producer(name="Łucznik")
    image: dict[str, Any] = {
        "gfx_id": "7", "product_id": "301", "order": "2", "name": "a.jpg", "unic_name": "7f", "extension": "png",
        "translations": {"pl_PL": {"name": "Przód"}},
    }  # fmt: skip
    assert mapping.image(image, "pl_PL") == Image(name="Przód", position=2, product="301")
    assert mapping.image({**image, "translations": []}, "pl_PL").name == "a.jpg"
    assert mapping.picture_path(image) == "/userdata/public/gfx/7f.png"


def test_categories_get_their_path_from_the_tree() -> None:
    tree = mapping.parents([{"id": 1, "children": [{"id": "2", "children": [{"id": 3, "children": []}]}]}])
    names = {"1": "Dom", "3": "Kubki", "9": "Sierota"}
    row = {"translations": {"pl_PL": {"name": "Kubki", "active": "0"}}}
    assert mapping.category("3", row, names, tree, "pl_PL") == Category(
        path=("Dom", "#2", "Kubki"), parent="2", active=False
    )
    assert mapping.category("9", row, names, tree, "pl_PL").path == ("Sierota",)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"translations": []}, "name"),
        ({"translations": {"pl_PL": {"name": ""}}}, "name"),
        ({"translations": "pl"}, "translations"),
        ({"stock": {**STOCK, "comp_weight": "1,5"}}, "comp_weight"),
        ({"unit_id": ["1"]}, "unit_id"),
    ],
)
def test_what_cannot_be_read_names_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(MappingError) as caught:
        mapping.product({**PRODUCT, **change}, VIEW)
    assert caught.value.problem.as_dict()["field"] == field


def test_a_price_with_a_comma_is_refused_not_guessed() -> None:
    with pytest.raises(MappingError) as caught:
        mapping.price({"comp_price": "1,234"}, "PLN")
    assert caught.value.problem.code == Code.FIELD_UNREADABLE


def test_an_update_sends_named_fields_alone() -> None:
    assert bodies.simple_update({"name": "Nowa"}, "pl_PL", ONE) == {"translations": {"pl_PL": {"name": "Nowa"}}}
    assert bodies.simple_update({"price": "10.5"}, "pl_PL", ONE) == {"stock": {"price": Decimal("10.5")}}
    assert bodies.simple_update({"producer": None, "active": False}, "pl_PL", ONE) == {
        "producer_id": 0,
        "translations": {"pl_PL": {"active": 0}},
    }
    assert bodies.variant_update({"quantity": "3"}, ONE) == {"stock": Decimal(3)}
    assert bodies.variant_update({"price": "9"}, ONE) == {"price": Decimal(9), "price_type": 1}


@pytest.mark.parametrize("field", ["name", "description", "tax_rate", "unit", "producer", "category"])
def test_what_variants_share_is_not_written_through_one_of_them(field: str) -> None:
    with pytest.raises(Rejected) as caught:
        bodies.variant_update({field: "1"}, ONE)
    assert caught.value.problem.as_dict()["field"] == field


NEW: Fields = {
    "code": "N-1", "name": "Nowy", "unit": "1", "tax_rate": "2", "category": "44", "price": "12.30", "quantity": "4",
    "ean": "", "producer": None, "short_description": "", "description": "<p>x</p>", "weight": None, "active": True,
}  # fmt: skip


def test_a_new_product_leaves_nothing_to_the_shops_defaults() -> None:
    assert bodies.new_product(NEW, "pl_PL", ONE) == {
        "code": "N-1",
        "unit_id": 1,
        "tax_id": 2,
        "category_id": 44,
        "categories": [44],
        "stock": {"code": "N-1", "price": Decimal("12.30"), "stock": Decimal(4)},
        "translations": {"pl_PL": {"name": "Nowy", "description": "<p>x</p>", "active": 1}},
    }
    hidden = bodies.new_product({**NEW, "active": False}, "pl_PL", ONE)
    assert hidden["translations"]["pl_PL"]["active"] == 0


@pytest.mark.parametrize("field", ["code", "name", "unit", "tax_rate", "category", "price"])
def test_a_new_product_needs(field: str) -> None:
    with pytest.raises(Rejected) as caught:
        bodies.new_product({**NEW, field: None}, "pl_PL", ONE)
    assert caught.value.problem.code == Code.REQUIRED_EMPTY
    assert caught.value.field == field


def test_new_variants_and_their_parent() -> None:
    row = NewElement(token="a", fields={**NEW, "ean": "5900000000015"}, group_code="GR", group_name="Grupa")
    parent = bodies.new_parent(row, 3, "pl_PL", ONE)
    assert (parent["code"], parent["group_id"], parent["stock"]["stock"]) == ("GR", 3, Decimal(0))
    assert "ean" not in parent
    assert parent["translations"]["pl_PL"]["name"] == "Grupa"
    assert bodies.new_variant(row.fields, 302, {10: 61}, ONE) == {
        "product_id": 302,
        "extended": 1,
        "active": 1,
        "options": [{"option_id": 10, "value_id": 61}],
        "code": "N-1",
        "ean": "5900000000015",
        "price": Decimal("12.30"),
        "price_type": 1,
        "stock": Decimal(4),
    }


@pytest.mark.parametrize(
    ("symbol", "told", "floating"), [("kg", None, 1), ("szt.", None, 0), ("szt.", "1", 1), ("m²", None, 1)]
)
def test_a_new_unit_says_whether_it_may_be_divided(symbol: str, told: str | None, floating: int) -> None:
    fields: Fields = {"symbol": symbol}
    if told is not None:
        fields["fractional"] = told
    body = bodies.new_plain(Kind.UNIT, fields, "pl_PL")
    assert body == {"translations": {"pl_PL": {"name": symbol}}, "floating_point": floating}


@pytest.mark.skipif(not RECORDED.exists(), reason="the recordings of a real shop are not beside the checkout")
def test_recordings_of_a_real_shop_can_be_read() -> None:
    def listed(name: str) -> list[dict[str, Any]]:
        return json.loads((RECORDED / f"{name}.json").read_text())["list"]

    products = {row["product_id"]: mapping.product(row, VIEW) for row in listed("products")}
    assert products["36"].name == "Okulary słoneczne Orange"
    assert products["36"].code == "A490-80004"
    assert all(p.code and p.unit and p.tax_rate and p.category for p in products.values())
    assert {mapping.tax_rate(row).code for row in listed("taxes")} == {"23", "8", "5", "0", "zw", "np"}
    assert [mapping.unit(row, "pl_PL").symbol for row in listed("units")][:2] == ["szt.", "kg"]
    tree = mapping.parents(json.loads((RECORDED / "categories-tree.json").read_text()))
    rows = {row["category_id"]: row for row in listed("categories")}
    names = {key: mapping.category_name(row, "pl_PL") for key, row in rows.items()}
    assert mapping.category("24", rows["24"], names, tree, "pl_PL").path == ("Dla niej", "Sukienki", "Sukienki letnie")
    assert all(mapping.price(row, "PLN").price > 0 for row in listed("product-stocks_limit_5"))

"""WooCommerce's rows as records, and fields as the bodies that are sent."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integrator.canonical.errors import MappingError, Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import Category, Fields, Image, Price, StockLevel, TaxRate
from integrator.canonical.side import NewElement
from shops.connectors.woocommerce import bodies, mapping
from shops.connectors.woocommerce.mapping import Attribute, View

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "woocommerce_recorded"
UNIT = Attribute(id=4, name="Jednostka", slug="pa_jednostka")
BRAND = Attribute(id=5, name="Marka", slug="pa_marka")
VIEW = View(unit=UNIT, unit_terms={"szt.": "41"})
ROW: dict[str, Any] = {
    "id": 17,
    "type": "simple",
    "status": "publish",
    "name": "Kubek &amp; spodek",
    "sku": "KUB-&lt;1&gt;",
    "global_unique_id": "5900000000015",
    "description": "<p>Opis&nbsp;kubka</p>\n",
    "short_description": "",
    "regular_price": "12.30",
    "tax_status": "taxable",
    "tax_class": "reduced-rate",
    "manage_stock": True,
    "stock_quantity": 7,
    "stock_status": "instock",
    "weight": "0.4",
    "categories": [{"id": 44, "name": "Kubki", "slug": "kubki"}],
    "brands": [{"id": 9, "name": "Łucznik", "slug": "lucznik"}],
    "attributes": [{"id": 4, "name": "Jednostka", "position": 0, "visible": True, "options": ["szt."]}],
}
VARIATION: dict[str, Any] = {
    "id": 33,
    "status": "publish",
    "sku": "KUB-CZ",
    "regular_price": "14.00",
    "tax_class": "parent",
    "manage_stock": "parent",
    "stock_quantity": 7,
    "weight": "",
    "attributes": [{"id": 1, "name": "Kolor", "option": "Czarny &amp; biały"}],
}


def test_a_simple_product() -> None:
    product = mapping.product(ROW, VIEW)
    assert (product.code, product.name, product.ean) == ("KUB-<1>", "Kubek & spodek", "5900000000015")
    assert (product.unit, product.tax_rate, product.producer, product.category) == ("4:41", "reduced-rate", "9", "44")
    assert product.weight == Decimal("0.4")
    assert product.active
    assert product.image_owner == "17"


def test_a_variation_has_its_own_figures_and_shares_the_rest() -> None:
    shared = mapping.product({**ROW, "type": "variable"}, VIEW)
    variant = mapping.variant(shared, VARIATION, VIEW)
    assert (variant.code, variant.name, variant.tax_rate, variant.unit) == (
        *("KUB-CZ", "Kubek & spodek"),
        *("reduced-rate", "4:41"),
    )
    assert variant.options == (("Kolor", "Czarny & biały"),)
    assert variant.group == variant.image_owner == "17"
    assert mapping.price(VARIATION, "PLN") == Price(price=Decimal("14.00"))


def test_a_variation_without_a_sku_shows_that_of_its_parent_which_is_not_its_own() -> None:
    shared = mapping.product({**ROW, "type": "variable"}, VIEW)
    assert mapping.variant(shared, {**VARIATION, "sku": ROW["sku"]}, VIEW).code == ""


@pytest.mark.parametrize("status", ["draft", "pending", "private", "future"])
def test_only_what_is_published_is_active(status: str) -> None:
    assert not mapping.product({**ROW, "status": status}, VIEW).active


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"tax_class": ""}, "standard"),
        ({"tax_class": "zero-rate"}, "zero-rate"),
        ({"tax_class": "", "tax_status": "none"}, None),
        ({"tax_class": "", "tax_status": "shipping"}, "standard"),
    ],
)
def test_tax_classes_of_products(changes: dict[str, str], key: str | None) -> None:
    assert mapping.tax_class({**ROW, **changes}) == key


@pytest.mark.parametrize(
    ("unit", "weight", "kilograms"), [("kg", "1.5", "1.5"), ("g", "400", "0.4"), ("lbs", "1", "0.45359237")]
)
def test_weights_are_in_kilograms(unit: str, weight: str, kilograms: str) -> None:
    view = View(kilograms=mapping.kilograms(unit))
    assert mapping.product({**ROW, "attributes": [], "weight": weight}, view).weight == Decimal(kilograms)
    sent = bodies.product_update({"weight": kilograms}, bodies.Terms(kilograms=mapping.kilograms(unit)))
    assert Decimal(sent["weight"]) == Decimal(weight)


@pytest.mark.parametrize(("weight", "kilograms"), [("0,5", "0.5"), ("0,125", "0.125"), ("12,50", "12.5")])
def test_a_comma_in_a_weight_that_can_part_no_thousands_is_read(weight: str, kilograms: str) -> None:
    assert mapping.product({**ROW, "attributes": [], "weight": weight}, View()).weight == Decimal(kilograms)


@pytest.mark.parametrize("weight", ["1,500", "1,5,0", ",5", "1.000,5", "pół"])
def test_a_weight_that_may_mean_two_things_is_an_error(weight: str) -> None:
    with pytest.raises(MappingError) as caught:
        mapping.product({**ROW, "attributes": [], "weight": weight}, View())
    assert caught.value.problem.as_dict()["field"] == "weight"


def test_a_draft_without_a_name_is_read_and_a_product_for_sale_is_not() -> None:
    row = {**ROW, "attributes": [], "name": ""}
    assert mapping.product({**row, "status": "draft"}, View()).name == ""
    for changes in ({"status": "publish"}, {"status": "draft", "name": None}):
        with pytest.raises(MappingError):
            mapping.product({**row, **changes}, View())


def test_an_unknown_unit_of_weight_is_no_kilogram() -> None:
    with pytest.raises(MappingError):
        mapping.kilograms("pud")


@pytest.mark.parametrize(
    ("changes", "quantity"),
    [
        ({}, "7"),
        ({"manage_stock": "parent", "stock_quantity": 3}, "3"),
        ({"manage_stock": False, "stock_quantity": None, "stock_status": "outofstock"}, "0"),
        ({"manage_stock": False, "stock_quantity": None, "stock_status": "instock"}, "-1"),
        ({"manage_stock": False, "stock_quantity": None, "stock_status": "onbackorder"}, "-1"),
        ({"stock_quantity": -4}, "-4"),
    ],
)
def test_stock_that_is_counted_and_stock_that_is_not(changes: dict[str, Any], quantity: str) -> None:
    assert mapping.stock_level({**ROW, **changes}) == StockLevel(quantity=Decimal(quantity))


def test_a_price_is_the_regular_one() -> None:
    assert mapping.price({**ROW, "sale_price": "9.99", "price": "9.99"}, "PLN").price == Decimal("12.30")
    assert mapping.price({**ROW, "regular_price": ""}, "PLN").price == 0
    with pytest.raises(MappingError):
        mapping.price({**ROW, "regular_price": "12,50"}, "PLN")


TAXES = [
    {"class": "standard", "country": "PL", "rate": "23.0000"},
    {"class": "reduced-rate", "country": "", "rate": "8.0000"},
    {"class": "reduced-rate", "country": "DE", "rate": "7.0000"},
    {"class": "zw", "country": "PL", "rate": "0.0000"},
    {"class": "islands", "country": "PL", "state": "XX", "rate": "1.0000"},
]


@pytest.mark.parametrize(
    ("slug", "name", "rate"),
    [
        ("standard", "Standard rate", TaxRate(code="23", name="Standard rate", percent=Decimal(23))),
        ("reduced-rate", "Obniżona", TaxRate(code="8", name="Obniżona", percent=Decimal(8))),
        ("zw", "VAT zw.", TaxRate(code="zw", name="VAT zw.", percent=Decimal(0))),
        ("np", "np.", TaxRate(code="np", name="np.", percent=None)),
        ("islands", "Wyspy", TaxRate(code="wyspy", name="Wyspy", percent=None)),
        ("vat-5", "VAT 5", TaxRate(code="vat 5", name="VAT 5", percent=None)),
    ],
)
def test_a_tax_class_has_the_percent_of_the_shops_country(slug: str, name: str, rate: TaxRate) -> None:
    assert mapping.tax_rate({"slug": slug, "name": name}, TAXES, "PL") == rate


def test_rows_of_one_class_that_disagree_are_not_guessed_about() -> None:
    rows = [*TAXES, {"class": "standard", "country": "PL", "rate": "22.0000"}]
    with pytest.raises(MappingError):
        mapping.tax_rate({"slug": "standard", "name": "Standard"}, rows, "PL")


def test_categories_get_their_path_from_their_parents() -> None:
    parents = {"1": "0", "2": "1", "3": "2", "8": "77"}
    names = {"1": "Dom", "3": "Kubki", "8": "Sierota"}
    assert mapping.category("3", names, parents) == Category(path=("Dom", "#2", "Kubki"), parent="2")
    assert mapping.category("8", names, parents) == Category(path=("Sierota",), parent=None)


PARENTS = {"1": "0", "2": "1", "3": "2", "50": "0", "60": "0", "61": "60"}


@pytest.mark.parametrize(
    ("ids", "chosen", "main"),
    [
        ([], {}, None),
        (["1", "3"], {}, "3"),
        (["50", "2"], {}, "2"),
        (["60", "50"], {}, "50"),
        (["60", "50"], {"17": "60"}, "60"),
        (["50"], {"17": "60"}, "50"),
    ],
)
def test_the_category_of_a_product_in_several(ids: list[str], chosen: dict[str, str], main: str | None) -> None:
    assert mapping.main_category("17", ids, PARENTS, chosen) == main


def test_another_category_takes_the_old_ones_place_and_leaves_promotions() -> None:
    assert mapping.moved_categories(["1", "2", "3", "50"], "3", "61", PARENTS) == ["50", "61"]
    assert mapping.moved_categories([], None, "3", PARENTS) == ["3"]
    assert mapping.moved_categories(["50", "3"], "3", "50", PARENTS) == ["50"]


def test_a_unit_that_the_attribute_does_not_know_is_an_error_of_its_row() -> None:
    row = {**ROW, "attributes": [{"id": 4, "name": "Jednostka", "options": ["beczka"]}]}
    with pytest.raises(MappingError):
        mapping.product(row, VIEW)
    assert mapping.product({**row, "attributes": []}, VIEW).unit is None


def test_a_unit_kept_as_a_text() -> None:
    row = {**ROW, "meta_data": [{"id": 1, "key": "_erp_unit", "value": "kg"}, {"id": 2, "key": "x", "value": {}}]}
    assert mapping.product(row, View(unit_meta="_erp_unit")).unit == "kg"
    assert mapping.product({**row, "meta_data": []}, View(unit_meta="_erp_unit")).unit is None


def test_pictures_know_their_content_by_their_name() -> None:
    digest = "ab" * 32
    row = {"id": 17, "images": [{"id": 5, "src": f"https://x.example/2026/erp-{digest}-scaled.jpg", "alt": "Przód"}]}
    [(key, one)] = mapping.images(row)
    assert key == "17:5"
    assert mapping.image("17", 1, one) == Image(name="Przód", position=1, product="17", digest=digest)
    assert mapping.image("17", 1, {**one, "alt": "", "name": "plik", "src": "https://x.example/a.jpg"}) == Image(
        name="plik", position=1, product="17"
    )


# bodies

TERMS = bodies.Terms(
    classes=("standard", "reduced-rate"),
    unit=UNIT,
    names={"4:41": "szt.", "5:51": "Łucznik"},
    present=(("category", "44"), ("producer", "9")),
)
FIELDS: Fields = {
    "code": " KUB-1 ", "name": "Kubek", "unit": "4:41", "tax_rate": "standard", "producer": "9", "category": "44",
    "price": "12.3", "quantity": "4", "weight": "0.5", "ean": "5900000000015", "active": True,
    "description": "<p>x</p>",
}  # fmt: skip


def test_a_new_product_names_everything_as_woocommerce_wants_it() -> None:
    assert bodies.new_product(FIELDS, TERMS) == {
        "type": "simple",
        "sku": "KUB-1",
        "name": "Kubek",
        "attributes": [
            {"id": 4, "name": "Jednostka", "options": ["szt."], "visible": True, "variation": False, "position": 0}
        ],
        "tax_status": "taxable",
        "tax_class": "",
        "brands": [{"id": 9}],
        "categories": [{"id": 44}],
        "regular_price": "12.30",
        "manage_stock": True,
        "stock_quantity": 4,
        "weight": "0.5",
        "global_unique_id": "5900000000015",
        "status": "publish",
        "description": "<p>x</p>",
    }


@pytest.mark.parametrize("name", ["code", "name", "tax_rate", "category", "price"])
def test_a_new_product_needs(name: str) -> None:
    with pytest.raises(Rejected) as caught:
        bodies.new_product({**FIELDS, name: ""}, TERMS)
    assert (caught.value.problem.code, caught.value.field) == (Code.REQUIRED_EMPTY, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("price", value) for value in ("abc", "12,50", "1e999", "-5", "NaN", None)),
        *(("quantity", value) for value in ("2.5", "abc", "9999999999", None)),
        *(("weight", value) for value in ("-1", "pół")),
        *(("code", value) for value in ("", "  ", "x" * 101, "<b>17", "<1>", "A%20B")),
        *(("ean", value) for value in ("ABC123", "٣٤٥")),
        *(("tax_rate", value) for value in ("", "luksusowa")),
        *(("category", value) for value in ("45", "x", None)),
        *(("producer", value) for value in ("10", "5:51")),
        *(("unit", value) for value in ("4:99", "szt.")),
        ("name", ""),
        ("colour", "red"),
    ],
)
def test_what_a_batch_would_swallow_is_refused_before_it_is_sent(name: str, value: Any) -> None:
    with pytest.raises(Rejected) as caught:
        bodies.product_update({name: value}, TERMS)
    assert caught.value.field == name


@pytest.mark.parametrize(("decimals", "text"), [(2, "1234.57"), (0, "1235"), (4, "1234.5678")])
def test_prices_go_as_text_with_the_shops_decimals(decimals: int, text: str) -> None:
    assert bodies.money("1234.5678", decimals) == text
    assert bodies.money("1E+3", 2) == "1000.00"


def test_scripts_are_left_out_with_what_is_in_them() -> None:
    text = "<p>Opis</p><script>alert(1)</script><STYLE>p {}</STYLE><p>dalej</p>"
    assert bodies.product_update({"description": text}, TERMS) == {"description": "<p>Opis</p><p>dalej</p>"}


def test_other_attributes_stay_as_they_are_when_a_unit_is_written() -> None:
    before = [
        {"id": 1, "name": "Kolor", "position": 0, "visible": False, "variation": True, "options": ["Czarny"]},
        {"id": 0, "name": "Materiał", "position": 1, "visible": True, "variation": False, "options": ["len"]},
        {"id": 4, "name": "Jednostka", "position": 2, "visible": False, "variation": False, "options": ["kg", "m"]},
    ]
    sent = bodies.product_update({"unit": "4:41"}, TERMS, {"attributes": before})["attributes"]
    assert sent == [*before[:2], {**before[2], "options": ["szt."]}]
    assert bodies.product_update({"unit": None}, TERMS, {"attributes": before})["attributes"] == before[:2]


def test_an_attribute_of_the_products_own_gives_way_to_the_shops() -> None:
    before = [{"id": 0, "name": "jednostka", "visible": True, "variation": False, "options": ["sztuki"]}]
    sent = bodies.product_update({"unit": "4:41"}, TERMS, {"attributes": before})["attributes"]
    assert [(one["id"], one["options"]) for one in sent] == [(4, ["szt."])]


def test_unit_and_producer_in_attributes_go_together() -> None:
    terms = bodies.Terms(brands=False, unit=UNIT, producer=BRAND, names=TERMS.names)
    sent = bodies.product_update({"unit": "4:41", "producer": "5:51"}, terms, {"attributes": []})["attributes"]
    assert [(one["id"], one["options"]) for one in sent] == [(4, ["szt."]), (5, ["Łucznik"])]


def test_what_variants_share_is_not_written_on_one_of_them() -> None:
    fields: Fields = {"code": "A", "active": False, "price": "1", "quantity": "2", "weight": None}
    assert bodies.variant_update(fields, TERMS) == {
        "sku": "A",
        "status": "private",
        "regular_price": "1.00",
        "manage_stock": True,
        "stock_quantity": 2,
        "weight": "",
    }
    for name in ("name", "description", "tax_rate", "category", "unit", "producer"):
        with pytest.raises(Rejected):
            bodies.variant_update({name: "x"}, TERMS)


def test_a_new_parent_holds_what_its_variants_share() -> None:
    row = NewElement(token="t", fields=FIELDS, group_code="KUB", group_name="Kubek blaszany")
    choices = [{"id": 1, "name": "Kolor", "options": ["Czarny"], "variation": True}]
    body = bodies.new_parent(row, choices, TERMS)
    assert (body["type"], body["sku"], body["name"]) == ("variable", "KUB", "Kubek blaszany")
    assert [one["id"] for one in body["attributes"]] == [1, 4]
    assert body["manage_stock"] is False
    assert not body.keys() & {"regular_price", "stock_quantity", "weight", "global_unique_id"}


# recordings


def recorded(name: str) -> Any:
    file = RECORDED / f"{name}.json"
    if not file.exists():
        pytest.skip("no recorded answers beside this checkout")
    return json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)["body"]


@pytest.mark.parametrize("name", ["products_page1", "products_variable"])
def test_every_recorded_product_can_be_read(name: str) -> None:
    rows = recorded(name)
    view = View(parents={str(one["id"]): "0" for row in rows for one in row["categories"]})
    products = [mapping.product(row, view) for row in rows]
    assert all(product.name and product.category for product in products)
    for row in rows:
        if mapping.is_variable(row):
            assert mapping.variation_ids(row)
        else:
            assert mapping.price(row, "PLN").price >= 0
            assert mapping.stock_level(row).quantity >= -1


def test_every_recorded_variation_can_be_read() -> None:
    shared = mapping.product({**ROW, "type": "variable"}, VIEW)
    for row in recorded("variations"):
        variant = mapping.variant(shared, row, VIEW)
        assert variant.code.startswith("VAR-4-")
        assert [name for name, _ in variant.options] == ["Kolor", "Rozmiar"]
        assert variant.tax_rate == "standard"


def test_the_recorded_tax_classes_are_polish_vat() -> None:
    rates = [mapping.tax_rate(row, recorded("taxes"), "PL") for row in recorded("tax_classes")]
    assert [rate.code for rate in rates] == ["23", "8", "5", "0"]

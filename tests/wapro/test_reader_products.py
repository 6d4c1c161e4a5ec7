"""What a product is made of: cards of several warehouses, texts as the program leaves them, and everything peculiar."""

from decimal import Decimal
from typing import Any

import pytest

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from tests.wapro.little_company import LittleCompany
from wapro.tables import Barcode, CategoryNode, Unit


def test_cards_of_several_warehouses_are_one_product(company: LittleCompany) -> None:
    company.card("A", warehouse=2, name="Second")
    company.card("A", warehouse=1, name="First")
    product = company.product()
    assert product.name == "First"
    assert dict(product.traits)["warehouses"] == "1,2"
    assert set(product.aliases) == {
        "index:A",
        "id:1",
        "id:2",
        "guid:00000000-0000-0000-0000-000000000001",
        "guid:00000000-0000-0000-0000-000000000002",
    }
    assert product.problems == ()
    company.connection.leading_warehouse = "2"
    assert company.product().name == "Second"


def test_a_product_missing_from_the_leading_warehouse_takes_its_lowest(company: LittleCompany) -> None:
    company.connection.leading_warehouse = "2"
    company.card("A", warehouse=7, name="Seven")
    company.card("A", warehouse=1, name="One")
    assert company.product().name == "One"


def test_indexes_that_differ_in_case_are_one_element_as_on_the_server(company: LittleCompany) -> None:
    company.card("Kos-1", warehouse=1)
    company.card("KOS-1", warehouse=2)
    assert list(company.records(Kind.PRODUCT)) == ["Kos-1"]


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        (
            {"name": "Kosiarka spalinowa", "name_full": "Kosiarka spalinowa 46 cm z koszem"},
            "Kosiarka spalinowa 46 cm z koszem",
        ),
        ({"name": "Kosiarka ", "name2": " 46 cm", "name_full": None}, "Kosiarka 46 cm"),
        ({"name": "Śruba &lt;M8&gt; &amp; nakrętka", "name_full": ""}, "Śruba <M8> & nakrętka"),
        ({"name": "Młotek\x00\x07\t 500 g", "name_full": None}, "Młotek 500 g"),
    ],
)
def test_names_come_whole_and_clean(company: LittleCompany, columns: dict[str, str], name: str) -> None:
    company.card("A", **columns)
    assert company.product().name == name


@pytest.mark.parametrize(
    ("weight", "unit", "kilograms"),
    [
        ("1.500", "kg", "1.5"),
        ("250", "g", "0.25"),
        ("30", "DAG", "0.3"),
        ("0.002", "t", "2"),
        ("2", None, "2"),
        ("0", "funt", None),
        (None, "kg", None),
    ],
)
def test_weights_become_kilograms(
    company: LittleCompany, weight: str | None, unit: str | None, kilograms: str | None
) -> None:
    company.card("A", weight=weight and Decimal(weight), weight_unit=unit)
    found = company.product()
    assert found.weight == (kilograms and Decimal(kilograms))
    assert found.problems == ()


def test_a_weight_in_an_unknown_unit_is_not_guessed(company: LittleCompany) -> None:
    company.card("A", weight=Decimal(3), weight_unit="funt")
    found = company.product()
    assert found.weight is None
    assert [(p.code, p.as_dict()["value"]) for p in found.problems] == [(Code.FIELD_UNREADABLE, "funt")]


def test_flags_and_free_fields_are_facts_for_the_item_filter(company: LittleCompany) -> None:
    company.card("A", kind="Usługa", blocked=1, web_shop=None, external=1, field4="  sezon  zima ", marker="X")
    product = company.product()
    assert dict(product.traits) == {
        "kind": "Usługa",
        "web_shop": "0",
        "external": "1",
        "blocked": "1",
        "unfinished": "0",
        "warehouses": "1",
        "POLE4": "sezon zima",
        "WYROZNIK": "X",
    }
    assert product.active is False


@pytest.mark.parametrize(
    "columns",
    [{"state": 1}, {"index": "(12345)"}, {"name": "nowy artykuł (12345)"}],
)
def test_cards_that_nobody_finished_say_so(company: LittleCompany, columns: dict[str, Any]) -> None:
    company.card(**({"index": "A"} | columns))
    (product,) = company.records(Kind.PRODUCT).values()
    assert dict(product.traits)["unfinished"] == "1"


def test_a_card_still_being_made_does_not_disturb_the_finished_one(company: LittleCompany) -> None:
    company.card("A", warehouse=1, state=1, name="half", sale_vat="8  ")
    company.card("A", warehouse=2, name="whole")
    product = company.product()
    assert (product.name, dict(product.traits)["unfinished"], product.problems) == ("whole", "0", ())


def test_cards_that_disagree_are_a_problem_of_that_product_alone(company: LittleCompany) -> None:
    company.card("A", warehouse=1, sale_vat="23 ", ean="5901234123457", unit=1)
    company.card("A", warehouse=2, sale_vat="8  ", ean="5900000000008", unit=2)
    company.card("B", warehouse=1, ean="")
    company.card("B", warehouse=2, ean="5901234123457")
    found = {p.as_dict()["field"]: p for p in company.product("A").problems}
    assert {p.code for p in found.values()} == {Code.CARDS_DISAGREE}
    assert {name: p.as_dict()["value"] for name, p in found.items()} == {
        "tax_rate": "23 (1), 8 (2)",
        "unit": "szt (1), kg (2)",
        "ean": "5901234123457 (1), 5900000000008 (2)",
    }
    assert company.product("B").problems == ()


def test_two_cards_of_one_key_in_one_warehouse_are_said_so(company: LittleCompany) -> None:
    company.connection.identity_key = "guid"
    same = "aaaaaaaa-0000-0000-0000-000000000000"
    company.card("A", guid=same)
    company.card("B", guid=same.upper())
    (found,) = company.records(Kind.PRODUCT).values()
    assert [p.code for p in found.problems] == [Code.DUPLICATE_CODE]


def test_the_bar_code_of_the_card_wins_else_that_of_one_stock_unit(company: LittleCompany) -> None:
    company.card("A", ean="5901234123457")
    company.card("B", ean=" ")
    company.card("C", ean=None)
    company.card("D", ean="")
    company.add(Barcode, id=1, warehouse=1, article=1, code="111")
    company.add(Barcode, id=2, warehouse=1, article=3, code="carton", unit=9, quantity=12)
    company.add(Barcode, id=3, warehouse=1, article=3, code=" 333 ", unit=0, quantity=1)
    company.add(Barcode, id=4, warehouse=1, article=4, code="only a carton", unit=9, quantity=12)
    found = company.records(Kind.PRODUCT)
    assert [found[code].ean for code in "ABCD"] == ["5901234123457", "", "333", ""]


def test_tax_codes_are_trimmed_and_unknown_ones_block_their_product_only(company: LittleCompany) -> None:
    company.card("A", sale_vat="ZW ")
    company.card("B", sale_vat="22 ")
    company.card("C", sale_vat=None)
    found = company.records(Kind.PRODUCT)
    assert (found["A"].tax_rate, found["A"].problems) == ("zw", ())
    assert [(p.code, p.as_dict()) for p in found["B"].problems] == [(Code.TAX_CODE_UNKNOWN, {"value": "22"})]
    assert (found["C"].tax_rate, found["C"].problems) == (None, ())


def test_a_product_is_in_the_unit_it_is_sold_in(company: LittleCompany) -> None:
    company.add(Unit, id=10, symbol="SZT", name="sztuka", article=1, factor=1)
    company.add(Unit, id=11, symbol="karton", name="karton", article=1, factor=12)
    company.add(Unit, id=12, symbol="Karton", name="karton", article=2, factor=6)
    company.card("A", unit=1, sale_unit=10)
    company.card("B", unit=1, sale_unit=12)
    company.card("C", unit=2, sale_unit=0)
    company.card("D", unit=77)
    found = company.records(Kind.PRODUCT)
    assert [found[key].unit for key in "ABCD"] == ["1", "11", "2", "77"]
    assert "11" in company.records(Kind.UNIT)


def test_variants_are_grouped_by_a_free_field_or_by_the_index(company: LittleCompany) -> None:
    company.card("TS-01-M", field1="TS-01", field2="Czerwony", field3=" M ")
    company.card("solo", field1="")
    assert company.product("TS-01-M").group == ""
    company.connection.group_rule = "POLE1"
    company.connection.option_fields = [{"field": "POLE2", "name": "Kolor"}, {"field": "POLE3", "name": "Rozmiar"}]
    found = company.records(Kind.PRODUCT)
    assert (found["TS-01-M"].group, found["TS-01-M"].options) == ("TS-01", (("Kolor", "Czerwony"), ("Rozmiar", "M")))
    assert (found["solo"].group, found["solo"].options) == ("", ())
    company.connection.group_rule = "prefix:-"
    found = company.records(Kind.PRODUCT)
    assert (found["TS-01-M"].group, found["solo"].group) == ("TS-01", "")


def test_the_category_is_the_trees_node_even_of_another_warehouse(company: LittleCompany) -> None:
    company.add(CategoryNode, id=5, company=1, warehouse=1, name="Ogród", code="01", level=1)
    company.add(CategoryNode, id=6, company=1, warehouse=1, name="Kosiarki", code="0102", level=2)
    company.card("A", category_node=6)
    company.card("B", category_node=6, warehouse=2)
    company.card("C", category_node=99)
    company.card("D", category_node=0)
    found = company.records(Kind.PRODUCT)
    assert [found[key].category for key in "ABCD"] == ["1:6", "1:6", "1:99", None]
    assert dict(found["A"].traits)["category"] == "Ogród > Kosiarki"


def test_a_card_without_its_identity_is_one_error_and_hides_nothing(company: LittleCompany) -> None:
    company.card("A")
    company.card("", name="Bez indeksu")
    company.card("", name="dopiero wpisywany", state=1)
    (page,) = company.pages(Kind.PRODUCT)
    assert [item.key for item in page.items] == ["A"]
    assert [(e.key, e.problem.code, e.label) for e in page.errors] == [("id:2", Code.FIELD_MISSING, "Bez indeksu")]


def test_identity_by_guid_joins_cards_whatever_their_index(company: LittleCompany) -> None:
    company.connection.identity_key = "guid"
    company.card("A", warehouse=1, guid="AAAAAAAA-0000-0000-0000-000000000001")
    company.card("B", warehouse=2, guid="aaaaaaaa-0000-0000-0000-000000000001")
    company.card("C", guid=None)
    found = company.records(Kind.PRODUCT)
    assert {key: p.code for key, p in found.items()} == {"aaaaaaaa-0000-0000-0000-000000000001": "A"}
    assert [e.key for e in company.errors(Kind.PRODUCT)] == ["id:3"]


def test_identity_by_id_reads_one_warehouse_only(company: LittleCompany) -> None:
    company.connection.identity_key = "id"
    company.card("A", warehouse=2)
    company.card("A", warehouse=1)
    assert list(company.records(Kind.PRODUCT)) == ["2"]
    company.connection.leading_warehouse = "2"
    assert list(company.records(Kind.PRODUCT)) == ["1"]

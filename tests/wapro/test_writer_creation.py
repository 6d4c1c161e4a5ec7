"""Creating cards and units directly: experimental, with keys nobody else takes."""

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from integrator.canonical.errors import Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.side import NewElement, Result
from tests.wapro.little_company import TODAY, LittleCompany
from wapro import tables
from wapro.clarion import to_day
from wapro.side import open_erp

NEW: dict[str, Any] = {
    "code": "NOWY-1",
    "name": "Nowy towar",
    "unit": "1",
    "tax_rate": "23",
    "ean": "5901234123457",
    "weight": "0.5",
}


@pytest.fixture
def experimental(company: LittleCompany) -> LittleCompany:
    company.connection.create_directly = True
    company.connection.experimental_tested_on = date(2026, 11, 1)
    company.add(tables.FlatCategory, id=4, warehouse=1, name="Towary", is_default=1)
    company.add(tables.PriceType, id=9, name="Hurtowa", position=2)
    company.add(tables.PriceType, id=8, name="Detaliczna", position=1)
    return company


def create(company: LittleCompany, kind: Kind, fields: dict[str, Any], **more: Any) -> Result:
    with company.side(write=True) as side:
        (result,) = side.create(kind, [NewElement(token="t", fields=fields, **more)])
    return result


def test_a_new_card_is_read_back_as_it_was_wanted(experimental: LittleCompany) -> None:
    experimental.card("A", id=41)
    experimental.add(tables.CategoryNode, id=6, company=1, warehouse=1, name="Ogród", code="01", level=1)
    experimental.add(tables.Contractor, id=7, name="Stalmax")
    result = create(experimental, Kind.PRODUCT, NEW | {"category": "1:6", "producer": "7", "description": "Opis"})
    assert (result.ok, result.token, result.key) == (True, "t", "NOWY-1")
    found = experimental.product("NOWY-1")
    assert result.record == found
    assert (found.name, found.unit, found.tax_rate, found.category, found.producer) == (
        "Nowy towar", "1", "23", "1:6", "7",
    )  # fmt: skip
    assert (found.ean, found.weight, found.active) == ("5901234123457", Decimal("0.5"), True)
    stored = experimental.stored(42)
    assert (stored["on_hand"], stored["reserved"], stored["editor"], stored["state"]) == (0, 0, 0, 0)
    assert (stored["category"], stored["default_price_type"], stored["web_shop"]) == (4, 8, 1)
    assert stored["purchase_changed"] == to_day(TODAY)


def test_a_new_card_goes_to_the_leading_warehouse_with_its_group(experimental: LittleCompany) -> None:
    experimental.connection.leading_warehouse = "2"
    experimental.connection.group_rule = "POLE1"
    experimental.connection.option_fields = [{"field": "POLE2", "name": "Kolor"}]
    create(experimental, Kind.PRODUCT, NEW, group_code="G", options=(("Kolor", "Czerwony"), ("Inne", "x")))
    found = experimental.product("NOWY-1")
    assert dict(found.traits)["warehouses"] == "2"
    assert (found.group, found.options) == ("G", (("Kolor", "Czerwony"),))


@pytest.mark.parametrize("identity", ["guid", "id"])
def test_the_key_of_a_new_card_follows_the_identity(experimental: LittleCompany, identity: str) -> None:
    experimental.connection.identity_key = identity
    result = create(experimental, Kind.PRODUCT, NEW)
    assert experimental.records(Kind.PRODUCT).keys() == {result.key}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"code": "a"}, Code.DUPLICATE_CODE),
        ({"code": ""}, Code.REQUIRED_EMPTY),
        ({"code": "x" * 21}, Code.TOO_LONG),
        ({"unit": None}, Code.REQUIRED_EMPTY),
        ({"unit": "99"}, Code.REQUIRED_EMPTY),
        ({"tax_rate": "22"}, Code.TAX_CODE_UNKNOWN),
        ({"name": "🔨"}, Code.REJECTED),
    ],
)
def test_a_card_that_would_be_wrong_is_not_made(
    experimental: LittleCompany, fields: dict[str, Any], code: Code
) -> None:
    experimental.card("A")
    result = create(experimental, Kind.PRODUCT, NEW | fields)
    assert result.error is not None
    assert (type(result.error), result.error.problem.code) == (Rejected, code)
    assert experimental.records(Kind.PRODUCT).keys() == {"A"}


def test_a_new_unit_once(experimental: LittleCompany) -> None:
    result = create(experimental, Kind.UNIT, {"symbol": "opak.", "name": "opakowanie"})
    assert (result.ok, result.key) == (True, "3")
    assert result.record == experimental.records(Kind.UNIT)["3"]
    again = create(experimental, Kind.UNIT, {"symbol": "OPAK"})
    assert again.error is not None
    assert again.error.problem.code == Code.DUPLICATE_CODE


def test_without_the_dated_test_nothing_is_created(experimental: LittleCompany) -> None:
    experimental.connection.experimental_tested_on = None
    result = create(experimental, Kind.PRODUCT, NEW)
    assert result.error is not None
    assert result.error.problem.code == Code.CANNOT_CREATE
    assert experimental.records(Kind.PRODUCT) == {}


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_one_key(experimental: LittleCompany) -> None:
    results: list[Result] = []

    def work(name: str) -> None:
        with open_erp(experimental.connection, today=TODAY, write=True) as side:
            rows = [NewElement(token=f"{name}{n}", fields=NEW | {"code": f"{name}{n}", "ean": ""}) for n in range(8)]
            results.extend(side.create(Kind.PRODUCT, rows))

    threads = [threading.Thread(target=work, args=(name,)) for name in "XY"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.error for result in results] == [None] * 16
    assert len(experimental.records(Kind.PRODUCT)) == 16

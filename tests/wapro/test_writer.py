"""Writing plain card fields: on all cards of an element or on none, never over somebody's work, never stock."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from integrator.canonical.capabilities import Can
from integrator.canonical.errors import Gone, Locked, PlanRefused, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import fields_of
from integrator.canonical.side import Patch, Result
from tests.wapro.little_company import LittleCompany
from wapro.database import open_database
from wapro.side import erp_capabilities
from wapro.tables import ProgramUser
from wapro.writer import WritableCard, _write_card, split_name


@pytest.fixture
def writable(company: LittleCompany) -> LittleCompany:
    company.connection.write_cards = True
    return company


def update(company: LittleCompany, key: str, old: dict[str, Any] | None = None, **fields: Any) -> Result:
    with company.side(write=True) as side:
        (result,) = side.update(Kind.PRODUCT, [Patch(key=key, fields=fields, old=old or {})])
    return result


def refused(result: Result) -> tuple[type, str]:
    assert result.error is not None
    return type(result.error), result.error.problem.code


def test_all_cards_of_the_element_get_the_value_and_nothing_else_changes(writable: LittleCompany) -> None:
    first = writable.card("A", warehouse=1, name="Stara", on_hand=Decimal(7), reserved=Decimal(2), notes="note")
    second = writable.card("A", warehouse=2, name="Stara")
    other = writable.card("B", name="Stara")
    before = writable.stored(first), writable.stored(other)
    name = "Kosiarka spalinowa z napędem i koszem 46 cm"
    result = update(writable, "A", {"name": "Stara"}, name=name)
    assert (result.ok, result.key) == (True, "A")
    assert result.record == writable.product("A")
    assert writable.product("A").name == name
    after = writable.stored(first)
    changed = {column for column in after if after[column] != before[0][column]}
    assert changed == {"name", "name2", "name_full"}
    assert writable.stored(second)["name_full"] == name
    assert writable.stored(other) == before[1]


def test_every_writable_field_comes_back_as_written(writable: LittleCompany) -> None:
    writable.card("A", weight=Decimal(500), weight_unit="g")
    wanted: dict[str, Any] = {
        "name": "Nowa",
        "description": "Opis ąę\nw dwóch wierszach",
        "ean": "5901234123457",
        "weight": "1.25",
    }
    assert update(writable, "A", **wanted).ok
    found = fields_of(writable.product("A"))
    assert {name: found[name] for name in wanted} == wanted
    assert writable.stored(1)["weight_unit"] == "kg"


def test_a_card_in_edit_keeps_all_cards_of_the_element_as_they_are(writable: LittleCompany) -> None:
    writable.add(ProgramUser, id=3000001, identifier="anna", name="Anna Nowak")
    first = writable.card("A", warehouse=1, name="Stara")
    writable.card("A", warehouse=2, name="Stara", editor=3000001)
    result = update(writable, "A", name="Nowa")
    assert refused(result) == (Locked, Code.CARD_BEING_EDITED)
    assert result.error is not None
    assert result.error.problem.as_dict()["user"] == "Anna Nowak"
    assert writable.stored(first)["name"] == "Stara"


def test_a_card_still_being_made_is_left_alone(writable: LittleCompany) -> None:
    writable.card("A", name="Stara", state=1)
    assert refused(update(writable, "A", name="Nowa")) == (Locked, Code.CARD_BEING_EDITED)


def test_an_old_value_that_no_longer_stands_is_not_overwritten(writable: LittleCompany) -> None:
    writable.card("A", name="Poprawiona w programie", description="x")
    result = update(writable, "A", {"name": "Stara", "description": "x"}, name="Nowa", description="y")
    assert refused(result) == (Rejected, Code.STALE)
    assert writable.product("A").name == "Poprawiona w programie"
    assert writable.product("A").description == "x"


def test_a_change_sent_twice_is_a_success_both_times(writable: LittleCompany) -> None:
    writable.card("A", name="Stara")
    assert update(writable, "A", {"name": "Stara"}, name="Nowa").ok
    assert update(writable, "A", {"name": "Stara"}, name="Nowa").ok


def test_numbers_and_empty_values_are_compared_by_what_they_mean(writable: LittleCompany) -> None:
    writable.card("A", weight=Decimal("1.500"), weight_unit="kg", ean=None)
    assert update(writable, "A", {"weight": "1.5", "ean": ""}, weight="2", ean="5901234123457").ok


def test_a_value_somebody_gave_another_warehouses_card_is_not_lost(writable: LittleCompany) -> None:
    writable.card("A", warehouse=1, description="stary")
    second = writable.card("A", warehouse=2, description="inny, celowo")
    result = update(writable, "A", {"description": "stary"}, description="nowy")
    assert refused(result) == (Rejected, Code.CARDS_DISAGREE)
    assert writable.product("A").description == "stary"
    writable.change(second, description="")
    assert update(writable, "A", {"description": "stary"}, description="nowy").ok
    assert writable.stored(second)["description"] == "nowy"


def test_a_change_between_our_look_and_our_write_stops_the_write(writable: LittleCompany) -> None:
    number = writable.card("A", name="Stara")
    with open_database(writable.connection, write=True) as alias:
        seen: dict[str, Any] = {
            "id": number, "warehouse": 1, "index": "A", "guid": None, "state": 0, "editor": 0, "name": "Inna",
            "name2": None, "name_full": None, "description": None, "ean": None, "weight": None, "weight_unit": None,
        }  # fmt: skip
        with pytest.raises(Locked):
            _write_card(alias, WritableCard(**seen), {"name": {"name": "Nowa"}})
    assert writable.stored(number)["name"] == "Stara"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "x" * 81}, Code.TOO_LONG),
        ({"description": "x" * 1001}, Code.TOO_LONG),
        ({"name": "Młotek 🔨"}, Code.REJECTED),
        ({"weight": "1,5"}, Code.FIELD_UNREADABLE),
        ({"ean": "5900000000008"}, Code.DUPLICATE_EAN),
        ({"code": "B"}, Code.CANNOT_UPDATE),
        ({"active": False}, Code.CANNOT_UPDATE),
        ({"tax_rate": "8"}, Code.CANNOT_UPDATE),
        ({"on_hand": "5"}, Code.CANNOT_UPDATE),
    ],
)
def test_what_may_not_be_written_is_refused_whole(writable: LittleCompany, fields: dict[str, Any], code: Code) -> None:
    number = writable.card("A")
    writable.card("B", ean="5900000000008")
    before = writable.stored(number)
    assert refused(update(writable, "A", **({"description": "good"} | fields))) == (Rejected, code)
    assert writable.stored(number) == before


def test_an_element_that_is_gone(writable: LittleCompany) -> None:
    assert refused(update(writable, "A", name="Nowa")) == (Gone, Code.GONE)


def test_one_bad_row_does_not_stop_the_others(writable: LittleCompany) -> None:
    writable.card("A")
    writable.card("B")
    rows = [Patch(key="A", fields={"name": "x" * 99}), Patch(key="B", fields={"name": "Nowa"})]
    with writable.side(write=True) as side:
        results = side.update(Kind.PRODUCT, rows)
    assert [(result.token, result.ok) for result in results] == [("A", False), ("B", True)]


def test_writing_is_off_until_switched_on(company: LittleCompany) -> None:
    company.card("A")
    with pytest.raises(PlanRefused) as error:
        update(company, "A", name="Nowa")
    assert error.value.problem.code == Code.WRITE_DISABLED
    company.connection.write_cards = True
    with company.side() as side:
        (result,) = side.update(Kind.PRODUCT, [Patch(key="A", fields={"name": "Nowa"})])
        (deleted,) = side.delete(Kind.PRODUCT, ["A"])
    assert refused(result) == (Rejected, Code.CANNOT_UPDATE)
    assert refused(deleted) == (Rejected, Code.NOT_OFFERED)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Młotek", ("Młotek", "")),
        ("x" * 40, ("x" * 40, "")),
        ("a" * 30 + " " + "b" * 35, ("a" * 30, "b" * 35)),
        ("a" * 40 + " " + "b" * 39, ("a" * 40, "b" * 39)),
        ("a" * 20 + " " + "b" * 50, ("a" * 20 + " " + "b" * 19, "b" * 31)),
        ("x" * 80, ("x" * 40, "x" * 40)),
    ],
)
def test_a_name_is_kept_in_two_parts_of_forty(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_the_switches_decide_what_is_offered(company: LittleCompany) -> None:
    connection = company.connection

    def can(kind: Kind) -> Can:
        return erp_capabilities(connection).of(kind).can

    assert {can(kind) for kind in Kind if kind is not Kind.GROUP} == {Can.READ}
    assert erp_capabilities(connection).of(Kind.PRODUCT).fields == {}
    connection.write_import_files = True
    assert can(Kind.PRODUCT) == can(Kind.UNIT) == can(Kind.PRODUCER) == can(Kind.CATEGORY) == Can.READ | Can.HAND_OVER
    assert can(Kind.TAX_RATE) == can(Kind.IMAGE) == can(Kind.STOCK) == Can.READ
    assert not any(spec.update for spec in erp_capabilities(connection).of(Kind.PRODUCT).fields.values())
    connection.write_import_files, connection.create_directly = False, True
    assert can(Kind.PRODUCT) == Can.READ
    connection.experimental_tested_on = date(2026, 11, 1)
    assert can(Kind.PRODUCT) == can(Kind.UNIT) == Can.READ | Can.CREATE
    assert can(Kind.PRODUCER) == Can.READ
    connection.write_cards = True
    products = erp_capabilities(connection).of(Kind.PRODUCT)
    assert {name for name, spec in products.fields.items() if spec.update} == {"name", "description", "ean", "weight"}

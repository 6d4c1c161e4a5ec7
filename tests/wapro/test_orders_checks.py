"""Test settings as far as orders go, and the words of the mapping page."""

from typing import Any

import pytest

from integrator.canonical.preflight import Check, Verdict
from integrator.canonical.problems import Code
from tests.wapro.order_stand import TODAY, OrderStand, order
from wapro.orders import documents
from wapro.orders.forms import APPROVAL, LINE, STATUS
from wapro.probe import STEPS, probe
from wapro.procedures import Parameter, Signature
from wapro.sample import peculiar
from wapro.sample.fixed import INTEGRATOR_USER_ID
from wapro.sample.procedures.faults import Fault, FaultKind

ORDERS = [step.name for step in STEPS if step.run.__module__ == "wapro.checks.orders"]


def checks(stand: OrderStand) -> dict[str, Check]:
    return {check.name: check for check in probe(stand.connection, today=TODAY) if check.name in ORDERS}


def told(check: Check) -> tuple[Verdict, str]:
    return check.verdict, check.problem.code if check.problem else ""


def params(check: Check) -> dict[str, str]:
    assert check.problem is not None
    return check.problem.as_dict()


def test_a_company_that_takes_orders_passes(stand: OrderStand) -> None:
    found = checks(stand)
    assert list(found) == ORDERS
    assert told(found["order_rights"]) == (Verdict.SKIPPED, Code.SAMPLE_COMPANY)
    for name in set(ORDERS) - {"order_rights", "order_documents"}:
        assert told(found[name]) == (Verdict.PASSED, ""), found[name]
    assert found["order_procedures"].found == (
        "RM_DodajZamowienie_Server (11), RM_DodajPozycjeZamowienia (23), RM_ZatwierdzZamowienie (38)"
    )
    assert (found["order_user"].found, found["order_type"].found) == (str(INTEGRATOR_USER_ID), "ZO (12)")
    assert found["service_cards"].found.startswith("9 (VAT ")


def test_what_is_switched_off_is_left_out(stand: OrderStand) -> None:
    stand.connection.write_orders = False
    assert {told(check) for name, check in checks(stand).items() if name != "order_rights"} == {
        (Verdict.SKIPPED, Code.WRITE_DISABLED)
    }


@pytest.mark.parametrize(
    ("setting", "name", "code"),
    [
        ({"order_user": ""}, "order_user", Code.ERP_USER_UNSET),
        ({"order_user": "17"}, "order_user", Code.ERP_VALUE_UNKNOWN),
        ({"retail_contractor": "9999"}, "order_contractors", Code.ERP_VALUE_UNKNOWN),
        ({"one_off_contractor": "x"}, "order_contractors", Code.ERP_VALUE_UNKNOWN),
    ],
)
def test_a_wrong_setting_is_told_by_its_own_check(
    stand: OrderStand, setting: dict[str, Any], name: str, code: Code
) -> None:
    for field, value in setting.items():
        setattr(stand.connection, field, value)
    check = checks(stand)[name]
    assert told(check) == (Verdict.FAILED, code)
    assert params(check).get("value", "") == next(iter(setting.values()))


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (Fault(LINE, FaultKind.LONGER, "NOWY"), "24 parameters instead of 23"),
        (Fault(STATUS, FaultKind.MISSING), f"{STATUS}: not found"),
        (Fault(APPROVAL, FaultKind.LONGER), "39 parameters instead of 37 / 38"),
    ],
)
def test_a_procedure_we_do_not_know_is_shown(stand: OrderStand, fault: Fault, shown: str) -> None:
    stand.plant(fault)
    check = checks(stand)["order_procedures"]
    assert told(check) == (Verdict.FAILED, Code.PROCEDURES_DIFFER)
    assert shown in params(check)["procedures"]


@pytest.mark.parametrize(
    ("sql", "name", "verdict", "code"),
    [
        ("DROP TABLE DOKUMENT_HANDLOWY", "order_tables", Verdict.FAILED, Code.TABLES_MISSING),
        ("ALTER TABLE ZAMOWIENIE DROP COLUMN POLE9", "order_tables", Verdict.FAILED, Code.COLUMNS_MISSING),
        ("ALTER TABLE DOKUMENT_HANDLOWY DROP COLUMN KSEF_ID", "order_tables", Verdict.PASSED, ""),
        ("UPDATE TYP_DOKUMENTU_MAGAZYNOWEGO SET SYGNATURA = 'Z' WHERE ID_TYPU = 12", "order_type", Verdict.FAILED,
         Code.ERP_VALUE_UNKNOWN),
        ("UPDATE ARTYKUL SET RODZAJ = 'Towar'", "service_cards", Verdict.WARNING, Code.SERVICE_CARDS_MISSING),
        ("UPDATE ARTYKUL SET ZABLOKOWANY = 1 WHERE ID_MAGAZYNU = 1", "service_cards", Verdict.WARNING,
         Code.SERVICE_CARDS_MISSING),
    ],
)  # fmt: skip
def test_damage_is_told_by_its_own_check(stand: OrderStand, sql: str, name: str, verdict: Verdict, code: str) -> None:
    stand.rows(sql)
    assert told(checks(stand)[name]) == (verdict, code)


def test_orders_left_half_made_are_counted(stand: OrderStand) -> None:
    with stand.accountant() as accountant:
        key = accountant.begin_order(INTEGRATOR_USER_ID)
    check = checks(stand)["half_made"]
    assert told(check) == (Verdict.WARNING, Code.ORDERS_HALF_MADE)
    assert params(check) == {"count": "1", "examples": f"ZAMOWIENIE {key}"}


def test_words_hold_what_an_order_can_carry(stand: OrderStand) -> None:
    with stand.orders() as opened:
        words = opened.words()
        assert {one.key: one.days for one in words.payment_forms}["przelew 14 dni"] == 14
        assert [one.name for one in words.carriers] == ["Kurier Strzała", "Poczta Gołębia", "Paczkomat Skrytka"]
        assert {one.key for one in words.service_cards} == set(peculiar.SERVICES)
        assert all(one.active and one.warehouses and one.vat_code and one.unit for one in words.service_cards)
        assert {one.key: one.active for one in words.users}["3000005"] is False
        assert ("A", "Anulowane") in [(one.key, one.name) for one in words.statuses]
        assert {one.key for one in words.vat_codes} >= {"23", "8", "zw"}
        for number, (payment, delivery, carrier) in enumerate(
            zip(words.payment_forms, words.delivery_forms, words.carriers, strict=False)
        ):
            wanted = order(
                f"W-{number}", payment_form=payment.key, delivery_form=int(delivery.key), carrier=int(carrier.key)
            )
            assert opened.place(wanted).number


def test_documents_are_made_by_people_whatever_procedures_there_are() -> None:
    """No list that is known takes the line of an order."""
    seen = Signature(documents.LINE, tuple(Parameter(f"p{n}") for n in range(34)))
    for found in ({}, {documents.LINE: seen}):
        assert documents.closed(found).code == Code.DOCUMENTS_BY_PEOPLE
    assert f"{documents.LINE} (34)" in documents.closed({documents.LINE: seen}).as_dict()["procedures"]

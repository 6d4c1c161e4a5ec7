"""Placing orders in the sample company: once, whole, to the grosz, or not at all."""

import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from integrator.canonical.errors import (
    AuthFailed,
    IntegrationError,
    Locked,
    OutcomeUnknown,
    PlanRefused,
    Rejected,
    Unreachable,
)
from integrator.canonical.problems import Code
from tests.wapro.order_stand import (
    BLOCKED,
    BY_PACKAGE,
    GOODS,
    ONLY_IN_SHOP,
    SERVICE,
    TODAY,
    OrderStand,
    line,
    order,
)
from wapro.clarion import to_day
from wapro.orders.draft import DocumentForm, Placed, WaproOrder
from wapro.orders.forms import APPROVAL, HEADER_SERVER, LINE, NUMBERING, PRICES, TOTALS
from wapro.sample import peculiar
from wapro.sample.procedures.faults import COMMIT, Fault, FaultKind

STEPS = (HEADER_SERVER, LINE, TOTALS, PRICES, NUMBERING, APPROVAL)


def refused(stand: OrderStand, wanted: WaproOrder) -> IntegrationError:
    before = stand.traces()
    with pytest.raises(IntegrationError) as caught:
        stand.place(wanted)
    assert stand.traces() == before
    return caught.value


def code(error: IntegrationError) -> str:
    return error.problem.code


def params(error: IntegrationError) -> dict[str, str]:
    return error.problem.as_dict()


@pytest.mark.parametrize(("document", "flag"), [("invoice", 1), ("receipt", 2), ("issue", 0)])
def test_an_order_asks_for_the_document_it_was_given(stand: OrderStand, document: DocumentForm, flag: int) -> None:
    stand.place(order("AB12-78", document=document))
    assert stand.rows("SELECT FAKTURA_DO_ZAMOWIENIA FROM ZAMOWIENIE") == [(flag,)]


def test_an_order_stands_in_wapro_as_it_was_wanted(stand: OrderStand) -> None:
    free = stand.card(GOODS[0])
    wanted = order(
        "AB12-77", delivery_form=2, carrier=1, notes="Proszę dzwonić", info="Paczkomat WRO01A", person="Łucja Żak",
        paid_online=True, document="invoice", payment_days=14,
    )  # fmt: skip
    made = stand.place(wanted)
    assert (made.number, made.found) == ("ZO 0001/26", False)
    assert (made.net, made.gross) == (Decimal("212.20"), Decimal("261.00"))
    assert [(one.card, one.ordered, one.reserved, one.done) for one in made.lines] == [
        (GOODS[0], 2, 2, 0), (SERVICE, 1, 0, 0),
    ]  # fmt: skip
    columns = (
        "NR_ZAMOWIENIA_KLIENTA, TYP, FLAGA_STANU, SEMAFOR, ID_UZYTKOWNIKA, ID_KONTRAHENTA, DATA, FORMA_PLATNOSCI, "
        "DNI_PLATNOSCI, FAKTURA_DO_ZAMOWIENIA, UWAGI, INFORMACJE_DODATKOWE, OSOBA_ZAMAWIAJACA, ID_OPERATORA_PRZESYLKI, "
        "ZAMOWIENIE_INTERNETOWE, OPLACONE_INTERNETOWO, OBLICZANIE_WG_CEN, SYM_WAL"
    )
    assert stand.rows(f"SELECT {columns} FROM ZAMOWIENIE") == [
        ("AB12-77", 1, 0, 0, 3000004, 401, to_day(TODAY), "przelew", 14, 1, "Proszę dzwonić", "Paczkomat WRO01A",
         "Łucja Żak", 1, 1, 1, "Brutto", ""),
    ]  # fmt: skip
    assert stand.rows("SELECT ID_FORMY_DOSTAWY, ID_ZAMOWIENIA, ODEBRANO FROM DOSTAWA") == [(2, int(made.key), 0)]
    card = stand.card(GOODS[0])
    assert card["ZAREZERWOWANO"] == free["ZAREZERWOWANO"] + 2
    assert card["DO_ODBIORCOW"] == free["DO_ODBIORCOW"] + 2


def test_a_second_placing_finds_the_first(stand: OrderStand) -> None:
    made = stand.place(order())
    before = stand.traces()
    assert stand.place(order()) == replace(made, found=True)
    assert stand.traces() == before
    with stand.orders(write=False) as opened:
        assert opened.find("AB12-1") == (made.key,)
        assert opened.find("AB12-2") == ()


def test_what_people_changed_of_our_order_does_not_make_it_another(stand: OrderStand) -> None:
    made = stand.place(order())
    stand.rows("UPDATE ZAMOWIENIE SET ID_KONTRAHENTA = 402, UWAGI = 'po telefonie', FORMA_PLATNOSCI = 'gotówka'")
    assert stand.place(order()).key == made.key


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (order("AB12-1", line(GOODS[0], "3")), f"{GOODS[0]} 2 / 3"),
        (order("AB12-1", line(GOODS[1], "2"), line(SERVICE, "1", "15")), f"{GOODS[1]} 0 / 2"),
        (order("AB12-1", line(GOODS[0], "2", "122"), line(SERVICE, "1", "15")), "WARTOSC_BRUTTO"),
    ],
    ids=["quantity", "goods", "price"],
)
def test_another_order_under_the_same_number_is_refused(stand: OrderStand, other: WaproOrder, told: str) -> None:
    stand.place(order())
    error = refused(stand, other)
    assert (type(error), code(error)) == (Rejected, Code.ORDER_NUMBER_TAKEN)
    assert params(error)["found"] == "ZO 0001/26"
    assert told in params(error)["differences"]


def test_two_shops_with_one_number_are_two_orders(stand: OrderStand) -> None:
    one, other = stand.place(order("AAAA-1001")), stand.place(order("BBBB-1001"))
    assert (one.number, other.number) == ("ZO 0001/26", "ZO 0002/26")


def test_two_orders_of_one_number_made_by_people_are_told_apart_by_nobody(stand: OrderStand) -> None:
    stand.place(order("A-1"))
    stand.place(order("A-2"))
    stand.rows("UPDATE ZAMOWIENIE SET NR_ZAMOWIENIA_KLIENTA = 'A-1'")
    assert code(refused(stand, order("A-1"))) == Code.FOUND_SEVERAL


@pytest.mark.parametrize("kind", [FaultKind.DIES_BEFORE, FaultKind.DIES_AFTER])
@pytest.mark.parametrize("step", [*STEPS, COMMIT])
def test_whatever_dies_wherever_there_is_one_order_after_a_repetition(
    stand: OrderStand, step: str, kind: FaultKind
) -> None:
    held = stand.card(GOODS[0])["ZAREZERWOWANO"]
    stand.plant(Fault(step, kind))
    with pytest.raises(OutcomeUnknown):
        stand.place(order())
    committed = stand.count()
    assert committed == int(step == COMMIT and kind is FaultKind.DIES_AFTER)
    made = stand.place(order())
    assert made.found == bool(committed)
    assert stand.count() == 1
    assert stand.card(GOODS[0])["ZAREZERWOWANO"] == held + 2


def test_a_lost_line_is_opened_anew_in_the_same_session(stand: OrderStand) -> None:
    stand.plant(Fault(COMMIT, FaultKind.DIES_AFTER))
    with stand.orders() as opened:
        with pytest.raises(OutcomeUnknown):
            opened.place(order())
        assert opened.place(order()).found
        assert opened.place(order("AB12-2")).number == "ZO 0002/26"


@pytest.mark.parametrize("step", STEPS)
def test_a_procedure_that_ends_the_transaction_by_itself_keeps_nothing(stand: OrderStand, step: str) -> None:
    stand.plant(Fault(step, FaultKind.ROLLS_BACK))
    error = refused(stand, order())
    assert (code(error), params(error)["procedure"]) == (Code.ORDER_UNDONE, step)
    assert stand.place(order()).found is False


@pytest.mark.parametrize("step", STEPS)
def test_a_procedure_that_refuses_is_quoted(stand: OrderStand, step: str) -> None:
    stand.plant(Fault(step, FaultKind.REFUSES, "Okres jest zamknięty."))
    error = refused(stand, order())
    assert (code(error), params(error)["procedure"], params(error)["message"]) == (
        Code.ORDER_REFUSED, step, "Okres jest zamknięty.",
    )  # fmt: skip
    assert ("line" in params(error)) == (step == LINE)


def test_a_truncation_inside_a_procedure_names_the_line(stand: OrderStand) -> None:
    stand.plant(Fault(LINE, FaultKind.TRUNCATES))
    error = refused(stand, order())
    assert (code(error), params(error)["line"], params(error)["card"]) == (Code.ORDER_REFUSED, "1", GOODS[0])


def test_a_return_code_that_is_not_zero_is_a_refusal(stand: OrderStand) -> None:
    stand.plant(Fault(APPROVAL, FaultKind.RETURNS, "7"))
    error = refused(stand, order())
    assert (code(error), params(error)["message"]) == (Code.ORDER_REFUSED, "RETURN 7")


@pytest.mark.parametrize("off", ["0.01", "-0.01"])
def test_a_total_that_differs_by_one_grosz_keeps_nothing(stand: OrderStand, off: str) -> None:
    stand.plant(Fault(TOTALS, FaultKind.ADDS, off))
    error = refused(stand, order())
    assert code(error) == Code.ORDER_TOTAL_DIFFERS
    assert params(error)["expected"] == "- / 261.00"
    assert params(error)["found"] == f"212.20 / {Decimal('261.00') + Decimal(off)}"


def test_the_net_total_is_compared_where_it_is_known(stand: OrderStand) -> None:
    assert code(refused(stand, order(expected_net=Decimal("212.21")))) == Code.ORDER_TOTAL_DIFFERS
    assert stand.place(order(expected_net=Decimal("212.20"))).net == Decimal("212.20")


@pytest.mark.parametrize(
    "fault", [Fault(LINE, FaultKind.LONGER, "NOWY"), Fault(PRICES, FaultKind.MISSING)], ids=["longer", "missing"]
)
def test_a_parameter_list_we_do_not_know_is_refused_and_shown(stand: OrderStand, fault: Fault) -> None:
    stand.plant(fault)
    error = refused(stand, order())
    assert (type(error), code(error)) == (Unreachable, Code.PROCEDURES_DIFFER)
    shown = params(error)["procedures"]
    assert fault.procedure in shown
    if fault.value:
        assert "24 parameters instead of 23" in shown
        assert "@NOWY" in shown


def test_the_header_is_made_by_the_client_form_where_there_is_no_other(stand: OrderStand) -> None:
    stand.plant(*(Fault(name, FaultKind.MISSING) for name in (HEADER_SERVER, LINE, APPROVAL)))
    assert stand.place(order(notes="Uwaga", info="Info")).number == "ZO 0001/26"
    assert stand.rows("SELECT UWAGI, INFORMACJE_DODATKOWE, FORMA_PLATNOSCI FROM ZAMOWIENIE") == [
        ("Uwaga", "Info", "przelew"),
    ]  # fmt: skip


def test_an_order_of_150_lines(stand: OrderStand) -> None:
    lines = [line(GOODS[number % len(GOODS)], "0.5", "10.01") for number in range(150)]
    made = stand.place(order("DUZE-150", *lines))
    assert len(made.lines) == 150
    assert made.gross == sum((Decimal("5.01") for _ in lines), Decimal(0))


def test_a_card_sold_by_the_package_is_reserved_in_its_stock_unit(stand: OrderStand) -> None:
    made = stand.place(order("OP-1", line(BY_PACKAGE, "1")))
    ((factor, unit, reserved),) = stand.rows("SELECT PRZELICZNIK, JEDNOSTKA, ZAREZERWOWANO FROM POZYCJA_ZAMOWIENIA")
    assert (factor, unit) == (100, "opak.")
    assert made.lines[0].reserved == reserved == min(100, stand.card(BY_PACKAGE)["STAN"])
    assert (made.lines[0].ordered, made.lines[0].factor) == (1, 100)


def test_more_than_there_is_is_reserved_as_far_as_it_goes(stand: OrderStand) -> None:
    stand.rows("UPDATE ARTYKUL SET STAN = 3, ZAREZERWOWANO = 1, ILOSC_EDYTOWANA = 0 WHERE ID_MAGAZYNU = 1")
    made = stand.place(order("A-1", line(GOODS[0], "5"), line(GOODS[0], "1")))
    assert [one.reserved for one in made.lines] == [2, 0]
    assert stand.card(GOODS[0])["ZAREZERWOWANO"] == 3
    assert stand.card(GOODS[0])["DO_REZERWACJI"] == 4


def test_without_reservation_nothing_is_held(stand: OrderStand) -> None:
    before = stand.card(GOODS[0])["ZAREZERWOWANO"]
    assert stand.place(order(reserve=False)).lines[0].reserved == 0
    assert stand.card(GOODS[0])["ZAREZERWOWANO"] == before


@pytest.mark.parametrize(
    ("change", "expected", "told"),
    [
        ({"lines": (line(BLOCKED),)}, Code.CARD_BLOCKED, {"card": BLOCKED, "warehouse": "1"}),
        ({"lines": (line(ONLY_IN_SHOP),)}, Code.CARD_NOT_IN_WAREHOUSE, {"card": ONLY_IN_SHOP, "known": "2"}),
        ({"lines": (line("NIE MA"),)}, Code.ERP_VALUE_UNKNOWN, {"field": "card", "value": "NIE MA"}),
        ({"lines": (line(peculiar.UNFINISHED[0]),)}, Code.CARD_BEING_EDITED, {}),
        ({"lines": ()}, Code.REQUIRED_EMPTY, {"field": "lines"}),
        ({"lines": (line(GOODS[0], "0"),)}, Code.ORDER_VALUE_INVALID, {"field": "quantity", "line": "1"}),
        ({"lines": (line(GOODS[0], "-1"),)}, Code.ORDER_VALUE_INVALID, {"field": "quantity", "value": "-1"}),
        ({"lines": (line(GOODS[0], note="x" * 501),)}, Code.TOO_LONG, {"limit": "500"}),
        ({"lines": (line(GOODS[0], unit="skrzynia"),)}, Code.ORDER_REFUSED, {"line": "1"}),
        ({"lines": (line(GOODS[0], vat_code="22"),)}, Code.ORDER_REFUSED, {"procedure": LINE}),
        ({"number": "x" * 31}, Code.TOO_LONG, {"field": "number", "limit": "30"}),
        ({"number": ""}, Code.REQUIRED_EMPTY, {"field": "number"}),
        ({"notes": "x" * 1001}, Code.TOO_LONG, {"field": "notes"}),
        ({"notes": "Dzięki 🎁"}, Code.REJECTED, {"field": "notes"}),
        ({"contractor": "9999"}, Code.ERP_VALUE_UNKNOWN, {"field": "contractor"}),
        ({"contractor": "abc"}, Code.ERP_VALUE_UNKNOWN, {"field": "contractor"}),
        ({"payment_form": "blik"}, Code.ERP_VALUE_UNKNOWN, {"field": "payment_form", "value": "blik"}),
        ({"delivery_form": 99}, Code.ERP_VALUE_UNKNOWN, {"field": "delivery_form"}),
        ({"carrier": 99}, Code.ERP_VALUE_UNKNOWN, {"field": "carrier"}),
        ({"warehouse": 9}, Code.ERP_VALUE_UNKNOWN, {"field": "warehouse"}),
        ({"currency": "EUR"}, Code.ORDER_VALUE_INVALID, {"field": "rate"}),
        ({"expected_gross": Decimal("261.001")}, Code.ORDER_VALUE_INVALID, {"field": "expected_gross"}),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_its_name_and_nothing_is_kept(
    stand: OrderStand, change: dict[str, Any], expected: Code, told: dict[str, str]
) -> None:
    error = refused(stand, replace(order(), **change))
    assert code(error) == expected
    assert told.items() <= params(error).items()


def test_a_blocked_contractor_is_named(stand: OrderStand) -> None:
    ((key,),) = stand.rows("SELECT ID_KONTRAHENTA FROM KONTRAHENT WHERE ZABLOKOWANY = 1")
    assert code(refused(stand, order(contractor=str(key)))) == Code.CONTRACTOR_BLOCKED


@pytest.mark.parametrize(
    ("user", "expected"),
    [("", Code.ERP_USER_UNSET), ("1", Code.ERP_VALUE_UNKNOWN), ("3000005", Code.ERP_VALUE_UNKNOWN)],
    ids=["none", "made up", "archived"],
)
def test_orders_are_written_as_a_real_user_only(stand: OrderStand, user: str, expected: Code) -> None:
    stand.connection.order_user = user
    error = refused(stand, order())
    assert (type(error), code(error)) == (AuthFailed, expected)
    assert "3000004 (Integrator sklepów)" in params(error)["known"]


def test_an_order_in_a_foreign_currency_keeps_both_amounts(stand: OrderStand) -> None:
    euro = order("EUR-1", line(GOODS[0], "2", "24.60"), currency="EUR", rate=Decimal("4.3125"), rate_day=TODAY)
    made = stand.place(euro)
    assert (made.net, made.gross) == (Decimal("40.00"), Decimal("49.20"))
    assert stand.rows("SELECT SYM_WAL, DOK_WAL, PRZELICZNIK_WAL, DATA_KURS_WAL, WARTOSC_BRUTTO FROM ZAMOWIENIE") == [
        ("EUR", 1, 4.3125, to_day(TODAY), 212.18),
    ]  # fmt: skip
    assert stand.place(euro).found
    error = refused(stand, replace(euro, currency="CZK", rate=Decimal("0.18")))
    assert "SYM_WAL EUR / CZK" in params(error)["differences"]


def test_somebody_else_writing_for_long_is_waited_for_and_then_left(stand: OrderStand) -> None:
    with stand.alias() as alias:
        connections[alias].cursor().execute("BEGIN IMMEDIATE")
        caught: list[IntegrationError] = []

        def work() -> None:
            try:
                with stand.orders() as opened:
                    opened.place(order())
            except IntegrationError as error:
                caught.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert [type(error) for error in caught] == [Locked]


def test_nothing_is_written_while_orders_are_switched_off(stand: OrderStand) -> None:
    with stand.orders(write=False) as opened:
        opened.check(order())
        with pytest.raises(PlanRefused) as caught:
            opened.place(order())
    assert code(caught.value) == Code.WRITE_DISABLED
    stand.connection.write_orders = False
    with pytest.raises(PlanRefused), stand.orders():
        pass
    assert stand.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.failure_mode("F3")
def test_workers_that_place_one_order_at_once_make_one(stand: OrderStand) -> None:
    made: list[Placed] = []

    def work() -> None:
        made.append(stand.place(order()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.found for one in made) == [False, True, True, True]
    assert len({one.key for one in made}) == 1
    assert stand.count() == 1


def test_placing_costs_few_questions_whatever_the_lines(stand: OrderStand) -> None:
    with stand.orders() as opened:
        opened.place(order("A-1"))
        before = opened.requests_sent
        opened.check(order("A-2", *(line(card) for card in GOODS)))
        assert opened.requests_sent - before <= 3

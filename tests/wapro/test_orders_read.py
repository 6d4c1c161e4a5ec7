"""What became of orders: read after people worked on them in the program."""

from datetime import date
from decimal import Decimal

import pytest

from integrator.canonical.errors import Gone, OutcomeUnknown, Rejected
from integrator.canonical.problems import Code
from tests.wapro.order_stand import GOODS, SERVICE, TODAY, OrderStand, line, order
from wapro.orders.draft import Progress
from wapro.orders.forms import STATUS
from wapro.orders.read import parcels
from wapro.sample.fixed import INTEGRATOR_USER_ID
from wapro.sample.procedures.faults import Fault, FaultKind


def read(stand: OrderStand, *keys: str) -> list[Progress]:
    with stand.orders(write=False) as opened:
        return opened.read(keys)


def one(stand: OrderStand, key: str) -> Progress:
    (found,) = read(stand, key)
    return found


def test_a_fresh_order_is_reserved_and_not_realised(stand: OrderStand) -> None:
    made = stand.place(order(carrier=3))
    found = one(stand, made.key)
    assert (found.number, found.client_number, found.gross) == ("ZO 0001/26", "AB12-1", Decimal("261.00"))
    assert (found.state, found.status, found.realised, found.unfinished) == ("N", "", "no", False)
    assert [(one.card, one.ordered, one.reserved, one.done, one.missing) for one in found.lines] == [
        (GOODS[0], 2, 2, 0, 0), (SERVICE, 1, 0, 0, 0),
    ]  # fmt: skip
    assert (found.tracking, found.documents, found.contractor) == ((), (), "401")
    assert (found.carrier, found.tracking_url) == (
        "Paczkomat Skrytka", "https://skrytka.example.com/sledzenie?nr=",
    )  # fmt: skip


def test_a_part_issued_then_the_rest_with_an_invoice(stand: OrderStand) -> None:
    made = stand.place(order())
    stock, held = stand.card(GOODS[0])["STAN"], stand.card(GOODS[0])["ZAREZERWOWANO"]
    with stand.accountant() as accountant:
        goods, service = accountant.lines(int(made.key))
        first = accountant.realise(int(made.key), quantities={goods: Decimal(1)}, document=None)
    found = one(stand, made.key)
    assert (found.realised, found.state) == ("partly", "N")
    assert [(line.done, line.reserved) for line in found.lines] == [(1, 1), (0, 0)]
    assert [(one.kind, one.number) for one in found.documents] == [("issue", "WZ 0001/26")]
    assert (stand.card(GOODS[0])["STAN"], stand.card(GOODS[0])["ZAREZERWOWANO"]) == (stock - 1, held - 1)

    with stand.accountant() as accountant:
        second = accountant.realise(int(made.key))
        accountant.pay(second.document, Decimal(100))
        accountant.send_to_ksef(second.document, "5261040567-20261124-0A1B2C-01")
    found = one(stand, made.key)
    assert (found.realised, found.state) == ("fully", "Z")
    assert [(one.kind, one.number) for one in found.documents] == [
        ("invoice", "FV 0001/26"), ("issue", first.issue_number), ("issue", "WZ 0002/26"),
    ]  # fmt: skip
    invoice = found.documents[0]
    assert (invoice.ksef_number, invoice.ksef_status) == ("5261040567-20261124-0A1B2C-01", "Przyjęty")
    assert (invoice.day, invoice.gross, invoice.paid, invoice.left) == (TODAY, Decimal(138), Decimal(100), Decimal(38))
    assert (found.paid, found.left_to_pay) == (Decimal(100), Decimal(38))
    with stand.accountant() as accountant:
        accountant.pay(second.document)
    assert (one(stand, made.key).left_to_pay, one(stand, made.key).documents[0].settled) == (0, True)
    assert service


def test_an_invoice_that_hangs_on_the_issue_alone_is_found(stand: OrderStand) -> None:
    made = stand.place(order())
    with stand.accountant() as accountant:
        accountant.realise(int(made.key), document="receipt", on_lines=False)
    assert [(one.kind, one.number) for one in one(stand, made.key).documents] == [
        ("receipt", "PA 0001/26"), ("issue", "WZ 0001/26"),
    ]  # fmt: skip


def test_a_receipt_has_the_number_of_the_printer(stand: OrderStand) -> None:
    made = stand.place(order())
    with stand.accountant() as accountant:
        done = accountant.realise(int(made.key), document="receipt", issue=False)
        accountant.print_receipt(done.document, "W000123")
    (receipt,) = one(stand, made.key).documents
    assert (receipt.kind, receipt.number, receipt.receipt_number) == ("receipt", "PA 0001/26", "W000123")


def test_documents_still_being_made_or_in_the_buffer_are_not_told(stand: OrderStand) -> None:
    made = stand.place(order())
    with stand.accountant() as accountant:
        accountant.realise(int(made.key))
    stand.rows("UPDATE DOKUMENT_HANDLOWY SET FLAGA_STANU = 1")
    assert [one.kind for one in one(stand, made.key).documents] == ["issue"]
    stand.rows("UPDATE DOKUMENT_MAGAZYNOWY SET TRYBREJESTRACJI = 10")
    assert one(stand, made.key).documents == ()


def test_a_version_without_ksef_is_read_without_it(stand: OrderStand) -> None:
    made = stand.place(order())
    with stand.accountant() as accountant:
        accountant.realise(int(made.key))
    for column in ("KSEF_ID", "KSEF_STATUS_OPIS"):
        stand.rows(f"ALTER TABLE DOKUMENT_HANDLOWY DROP COLUMN {column}")
    assert (one(stand, made.key).documents[0].ksef_number, one(stand, made.key).has_ksef) == ("", False)


def test_parcels_and_the_column_they_are_kept_in(stand: OrderStand) -> None:
    made = stand.place(order())
    with stand.accountant() as accountant:
        accountant.ship(int(made.key), "6200 1111; 6200 2222;6200 1111", carrier=1)
    found = one(stand, made.key)
    assert (found.tracking, found.carrier) == (("6200 1111", "6200 2222"), "Kurier Strzała")
    stand.connection.tracking_field = "POLE3"
    assert one(stand, made.key).tracking == ()
    with stand.accountant() as accountant:
        accountant.ship(int(made.key), "XYZ", column="POLE3")
    assert one(stand, made.key).tracking == ("XYZ",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ()), (" ; ,", ()), ("A", ("A",)), ("A|B\r\nC", ("A", "B", "C")), ("1 2, 3", ("1 2", "3"))],
)
def test_several_numbers_in_one_column(text: str, expected: tuple[str, ...]) -> None:
    assert parcels(text) == expected


def test_a_deleted_order_is_gone_and_the_others_are_read(stand: OrderStand) -> None:
    keys = [stand.place(order(f"A-{number}")).key for number in range(3)]
    held = stand.card(GOODS[0])["ZAREZERWOWANO"]
    with stand.accountant() as accountant:
        accountant.delete(int(keys[1]))
    assert [(one.key, one.gone) for one in read(stand, *keys, "999", "x")] == [
        (keys[0], False), (keys[1], True), (keys[2], False), ("999", True), ("x", True),
    ]  # fmt: skip
    assert stand.card(GOODS[0])["ZAREZERWOWANO"] == held - 2


def test_many_orders_cost_as_many_questions_as_one(stand: OrderStand) -> None:
    keys = [stand.place(order(f"A-{number}", line(GOODS[number % 4]))).key for number in range(12)]
    with stand.accountant() as accountant:
        for key in keys:
            accountant.realise(int(key))

    def asked(*some: str) -> int:
        with stand.orders(write=False) as opened:
            assert all(one.realised == "fully" for one in opened.read(some))
            return opened.requests_sent

    assert asked(*keys) == asked(keys[0]) <= 12


def test_cancelling_frees_what_was_reserved_and_may_be_repeated(stand: OrderStand) -> None:
    before = stand.card(GOODS[0])
    made = stand.place(order())
    for _ in range(2):
        with stand.orders() as opened:
            opened.cancel(made.key, "AB12-1")
    assert stand.card(GOODS[0]) == before
    found = one(stand, made.key)
    assert (found.status, found.cancelled) == ("A", True)
    assert stand.rows("SELECT KOD_Z, KOD_NA, ID_UZYTKOWNIKA FROM MAG_REJESTR_ZMIAN_STATUSOW_ZAMOWIEN") == [
        ("", "A", INTEGRATOR_USER_ID),
    ]  # fmt: skip


def test_an_order_people_have_begun_on_is_not_cancelled(stand: OrderStand) -> None:
    made, other = stand.place(order("A-1")), stand.place(order("A-2"))
    with stand.accountant() as accountant:
        accountant.set_status(int(made.key), "P")
        accountant.realise(int(other.key), document=None)
    with stand.orders() as opened:
        with pytest.raises(Rejected) as caught:
            opened.cancel(made.key, "A-1")
        assert (caught.value.problem.code, caught.value.problem.as_dict()["value"]) == (Code.ORDER_STATUS_SET, "P")
        with pytest.raises(Rejected) as caught:
            opened.cancel(other.key, "A-2")
        assert caught.value.problem.code == Code.ORDER_REALISED
        with pytest.raises(Gone):
            opened.cancel("777", "A-1")


def test_an_order_with_a_document_is_not_cancelled(stand: OrderStand) -> None:
    """An invoice by itself realises no line; an advance invoice names the order in another column, or in the ledger."""
    keys = [stand.place(order(f"A-{number}")).key for number in range(4)]
    with stand.accountant() as accountant:
        accountant.realise(int(keys[0]), issue=False)
        for key in keys[1:3]:
            accountant.invoice_advance(int(key), Decimal(50))
    stand.rows("UPDATE POZYCJA_ZAMOWIENIA SET ZREALIZOWANO = 0 WHERE ID_ZAMOWIENIA = %s", int(keys[0]))
    stand.rows("DELETE FROM ROZRACHUNEK WHERE ID_ZAMOWIENIA = %s", int(keys[1]))
    stand.rows(
        "UPDATE POZYCJA_DOKUMENTU_MAGAZYNOWEGO SET ID_POZ_ZAM_ZAL = 0 WHERE ID_POZ_ZAM_ZAL IN "
        "(SELECT ID_POZYCJI_ZAMOWIENIA FROM POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = %s)",
        int(keys[2]),
    )
    with stand.orders() as opened:
        for number, key in enumerate(keys[:3]):
            with pytest.raises(Rejected) as caught:
                opened.cancel(key, f"A-{number}")
            assert caught.value.problem.code == Code.ORDER_DOCUMENTED
        opened.cancel(keys[3], "A-3")
    assert [one.cancelled for one in read(stand, *keys)] == [False, False, False, True]


def test_another_order_under_the_key_is_not_cancelled(stand: OrderStand) -> None:
    """As after the database was restored from a copy and people went on entering orders."""
    made = stand.place(order("A-1"))
    stand.rows("UPDATE ZAMOWIENIE SET NR_ZAMOWIENIA_KLIENTA = 'INNE-1'")
    with stand.orders() as opened, pytest.raises(Rejected) as caught:
        opened.cancel(made.key, "A-1")
    assert caught.value.problem.code == Code.ORDER_NOT_OURS
    assert caught.value.problem.as_dict()["found"] == "INNE-1"
    assert not one(stand, made.key).cancelled


@pytest.mark.parametrize("kept", ["line", "ledger"])
def test_an_advance_invoice_is_a_document_of_its_order(stand: OrderStand, kept: str) -> None:
    made, other = stand.place(order("A-1")), stand.place(order("A-2"))
    with stand.accountant() as accountant:
        invoice = accountant.invoice_advance(int(made.key), Decimal(50))
        accountant.pay(invoice.document)
    stand.rows("DELETE FROM ROZRACHUNEK" if kept == "line" else "DELETE FROM POZYCJA_DOKUMENTU_MAGAZYNOWEGO")
    found = one(stand, made.key)
    assert [(one.number, one.kind, one.advance) for one in found.documents] == [("FV 0001/26", "invoice", True)]
    assert (found.realised, found.paid, found.left_to_pay) == ("no", 50, 0)
    assert one(stand, other.key).documents == ()
    with stand.accountant() as accountant:
        accountant.realise(int(made.key))
    assert [(one.number, one.advance) for one in one(stand, made.key).documents][:2] == [
        ("FV 0001/26", True), ("FV 0002/26", False),
    ]  # fmt: skip


def test_a_version_that_ties_no_advances_is_read_and_cancelled_without(stand: OrderStand) -> None:
    made = stand.place(order())
    stand.rows("UPDATE ZAMOWIENIE SET ZALICZKA = 50")
    stand.rows("ALTER TABLE POZYCJA_DOKUMENTU_MAGAZYNOWEGO DROP COLUMN ID_POZ_ZAM_ZAL")
    stand.rows("DROP TABLE ROZRACHUNEK")
    assert one(stand, made.key).documents == ()
    with stand.orders() as opened:
        opened.cancel(made.key, "AB12-1")
    assert one(stand, made.key).cancelled


def test_a_cancellation_whose_answer_was_lost_is_made_once(stand: OrderStand) -> None:
    made = stand.place(order())
    stand.plant(Fault(STATUS, FaultKind.DIES_AFTER))
    with pytest.raises(OutcomeUnknown), stand.orders() as opened:
        opened.cancel(made.key, "AB12-1")
    assert not one(stand, made.key).cancelled
    with stand.orders() as opened:
        opened.cancel(made.key, "AB12-1")
    assert one(stand, made.key).cancelled
    assert stand.rows("SELECT COUNT(*) FROM MAG_REJESTR_ZMIAN_STATUSOW_ZAMOWIEN") == [(1,)]


def test_what_was_left_half_made_is_listed_for_our_user_only(stand: OrderStand) -> None:
    stand.place(order())
    with stand.accountant() as accountant:
        ours = accountant.begin_order(INTEGRATOR_USER_ID)
        accountant.begin_order(3000003)
    with stand.orders(write=False) as opened:
        assert [(one.key, one.unfinished) for one in opened.left_behind()] == [(str(ours), True)]


def test_a_half_made_order_under_our_number_is_not_taken_for_ours(stand: OrderStand) -> None:
    stand.place(order())
    stand.rows("UPDATE ZAMOWIENIE SET FLAGA_STANU = 1")
    with pytest.raises(Rejected) as caught:
        stand.place(order())
    assert caught.value.problem.code == Code.ORDER_UNFINISHED


def test_numbers_go_on_by_year_and_warehouse(stand: OrderStand) -> None:
    made = [
        stand.place(order("A-1")),
        stand.place(order("A-2", placed=date(2027, 1, 4), due=date(2027, 1, 5))),
        stand.place(order("A-3")),
    ]
    assert [one.number for one in made] == ["ZO 0001/26", "ZO 0001/27", "ZO 0002/26"]

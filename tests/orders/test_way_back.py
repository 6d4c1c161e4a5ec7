"""Contractors, edits after import, and what the shop is told."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from integrator.canonical.orders import Address, Buyer, OrderWords, Parcel, SaleDocument, Stage, StateEntry
from integrator.canonical.problems import Code
from syncjobs.orders import contractors
from syncjobs.orders.changes import AfterCancel, after_cancel, content, differences, digest
from syncjobs.orders.contractors import Private, Terms, choose, polish_tax_number_valid
from syncjobs.orders.progress import (
    FOLLOWED_FOR,
    BackTerms,
    default_states,
    has_document,
    is_over,
    is_paid,
    still_reserved,
    update_for,
)
from tests.orders.make import COMPANY, PERSON, line, order
from wapro.orders.draft import Progress, ProgressLine, WaproDocument

RETAIL = Terms(private=Private.RETAIL, retail="1")


def test_a_tax_number_is_one_however_it_is_written():
    written = {
        contractors.tax_number(one) for one in ("5252344078", "PL 525-23-44-078", "pl5252344078", "525 234 40 78")
    }
    assert written == {"5252344078"}
    assert polish_tax_number_valid("5252344078")
    assert not polish_tax_number_valid("5252344079")


def test_a_company_is_known_by_its_tax_number_only():
    firm = order(buyer=Buyer(email="biuro@example.com", billing=COMPANY))
    assert choose(firm, ["55"], ["66"], False, RETAIL).contractor == "55"
    assert choose(firm, [], ["66"], False, RETAIL).waits.code == Code.CONTRACTOR_MISSING
    assert choose(firm, ["1", "2"], [], False, RETAIL).waits.code == Code.CONTRACTORS_SEVERAL
    assert choose(firm, [], [], True, RETAIL).waits.code == Code.CONTRACTOR_BLOCKED
    assert choose(firm, [], [], False, Terms(create=True)).create


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (Address(company="Bez NIP", country="PL"), Code.TAX_NUMBER_MISSING),
        (Address(company="Zły NIP", tax_number="123-456-78-90", country="PL"), Code.TAX_NUMBER_INVALID),
    ],
)
def test_an_invoice_without_a_sound_tax_number_waits(address, code):
    firm = order(buyer=Buyer(billing=address, wants_invoice=True))
    assert choose(firm, [], [], False, Terms(create=True)).waits.code == code


def test_a_private_buyer_is_known_by_mail_else_goes_where_the_settings_say():
    one = order(buyer=Buyer(email="a@example.com", billing=PERSON))
    assert choose(one, [], ["9"], False, RETAIL).contractor == "9"
    assert choose(one, [], [], False, RETAIL).contractor == "1"
    assert choose(one, [], ["9", "10"], False, RETAIL).contractor == "1", "two of one mail: nobody is guessed"
    made = choose(one, [], [], False, Terms(private=Private.ONE_OFF, create=True))
    assert (made.create, made.one_off) == (True, True)
    assert choose(one, [], [], False, Terms()).waits.code == Code.CONTRACTOR_UNSET


def test_an_edit_after_import_is_told_field_by_field():
    before, now = order(), order(lines=(line(quantity="3", gross="36.90"), line("2", "11")))
    assert digest(content(before)) == digest(content(order(state="paid", stage=Stage.OPEN)))
    fields = {one.field for one in differences(content(before), content(now))}
    assert fields == {"line:1", "line:2", "total"}


@pytest.mark.parametrize(
    ("stage", "erp", "follows"),
    [
        (Stage.OPEN, {}, None),
        (Stage.CANCELLED, {}, AfterCancel.CANCEL),
        (Stage.CANCELLED, {"documents": 1}, AfterCancel.TASK),
        (Stage.RETURNED, {"realised": "partly"}, AfterCancel.TASK),
        (Stage.CANCELLED, {"gone": True}, AfterCancel.NOTHING),
        (Stage.CANCELLED, {"cancelled": True}, AfterCancel.NOTHING),
    ],
)
def test_a_cancellation_is_carried_out_only_before_goods_or_documents(stage, erp, follows):
    state = {"gone": False, "cancelled": False, "realised": "no", "documents": 0} | erp
    assert after_cancel(stage in (Stage.CANCELLED, Stage.RETURNED), **state) is follows


BACK = BackTerms(states={Stage.OPEN: "processing", Stage.SENT: "sent", Stage.CANCELLED: "cancelled"}, payments=True)


def progress(done: str = "0", **more) -> Progress:
    row = ProgressLine(
        key="1", card="KOD10", ordered=Decimal(2), done=Decimal(done), reserved=Decimal(2), missing=Decimal(0)
    )
    return Progress(key="5", lines=(row,), **more)


def test_the_shop_is_told_what_is_new_and_then_nothing():
    invoice = WaproDocument(key="8", number="FV 1/26", kind="invoice", left=Decimal(0), paid=Decimal("36.90"))
    there = progress("2", tracking=("P1", "P2"), carrier="InPost", documents=(invoice,), paid=Decimal("36.90"))
    update = update_for(order(), there, BACK, told={})
    assert (update.state, update.paid) == ("sent", True)
    assert [one.number for one in update.parcels] == ["P1", "P2"]
    assert [one.number for one in update.documents] == ["FV 1/26"]
    knows = order(state="sent", stage=Stage.SENT, parcels=tuple(Parcel(number=one) for one in ("P1", "P2")))
    later = update_for(knows, there, BackTerms(states=BACK.states), told={"FV 1/26": ""})
    assert later is None


def test_an_order_moves_forward_only():
    assert update_for(order(state="sent", stage=Stage.SENT), progress(), BACK, told={}) is None
    assert update_for(order(state="done", stage=Stage.DONE), progress("2"), BACK, told={}) is None
    assert update_for(order(), progress(status="A"), BACK, told={}).state == "cancelled"
    assert update_for(order(), progress(gone=True), BACK, told={}) is None


def test_states_are_proposed_by_what_they_mean():
    words = OrderWords(
        states=(
            StateEntry(key="1", name="Nowe", stage=Stage.NEW),
            StateEntry(key="4", name="W realizacji", stage=Stage.OPEN),
            StateEntry(key="7", name="Wysłane", stage=Stage.SENT),
            StateEntry(key="9", name="Też wysłane", stage=Stage.SENT),
        )
    )
    assert default_states(words) == {Stage.OPEN: "4", Stage.SENT: "7"}
    woo = OrderWords(states=(StateEntry(key="completed", name="Zrealizowane", stage=Stage.DONE),))
    assert default_states(woo) == {Stage.SENT: "completed"}


def test_a_correction_is_no_document_for_the_buyer():
    found = WaproDocument(key="1", number="KFV 1/26", kind="invoice", correction=True)
    assert isinstance(found, SaleDocument)
    assert update_for(order(state="processing", stage=Stage.OPEN), progress(documents=(found,)), BACK, told={}) is None


def test_a_state_that_nobody_explained_is_left_alone_until_the_order_is_cancelled():
    unknown = order(state="wyslane-kurierem", stage=Stage.UNKNOWN)
    assert update_for(unknown, progress(), BACK, told={}) is None
    assert update_for(unknown, progress("2"), BACK, told={}) is None
    assert update_for(unknown, progress(status="A"), BACK, told={}).state == "cancelled"


def test_a_number_of_ksef_that_comes_later_is_told_once():
    seen = order(state="processing", stage=Stage.OPEN)
    invoice = WaproDocument(key="8", number="FV 1/26", kind="invoice", ksef_number="KSEF-1")
    there = progress(documents=(invoice,))
    (document,) = update_for(seen, there, BACK, told={"FV 1/26": ""}).documents
    assert document == SaleDocument(number="FV 1/26", kind="invoice", ksef_number="KSEF-1")
    assert update_for(seen, there, BACK, told={"FV 1/26": "KSEF-1"}) is None


@pytest.mark.parametrize(
    ("paid", "left", "more", "expected"),
    [
        ("36.90", "0", {}, True),
        ("36.89", "0", {}, False),  # a part was invoiced, and paid
        ("36.90", "0.01", {}, False),
        ("36.90", "0", {"currency": "EUR"}, False),
    ],
)
def test_an_order_is_paid_when_all_of_it_is(paid, left, more, expected):
    asked = order(**more)
    assert asked.total == Decimal("36.90")
    found = WaproDocument(key="8", number="FV 1/26", kind="invoice", left=Decimal(left), paid=Decimal(paid))
    there = progress("2", documents=(found,), paid=Decimal(paid), left_to_pay=Decimal(left))
    assert is_paid(asked, there) is expected
    assert bool(update_for(asked, there, BACK, told={}).paid) is expected


INVOICE = WaproDocument(key="8", number="FV 1/26", kind="invoice", ksef_number="K1", paid=Decimal("36.90"))
ISSUE = WaproDocument(key="9", number="WZ 1/26", kind="issue")
WHOLE = {"documents": (INVOICE,), "tracking": ("P1",), "paid": Decimal("36.90"), "has_ksef": True}


@pytest.mark.parametrize(
    ("lacks", "terms", "over"),
    [
        ({}, {}, True),
        ({"documents": (ISSUE,)}, {}, False),
        ({"documents": (ISSUE,)}, {"documents": False, "payments": False}, True),
        ({"documents": (replace(INVOICE, advance=True),)}, {}, False),
        ({"documents": (replace(INVOICE, ksef_number=""),)}, {}, False),
        ({"documents": (replace(INVOICE, ksef_number=""),), "has_ksef": False}, {}, True),
        ({"documents": (replace(INVOICE, ksef_number="", kind="receipt"),)}, {}, True),
        ({"tracking": ()}, {}, False),
        ({"tracking": ()}, {"tracking": False}, True),
        ({"paid": Decimal(10)}, {}, False),
        ({"paid": Decimal(10)}, {"payments": False}, True),
    ],
)
def test_a_realised_order_is_followed_until_all_that_is_told_is_there(lacks, terms, over):
    told = replace(BACK, **terms)
    assert is_over(order(), progress("2", **(WHOLE | lacks)), told, timedelta(0)) is over
    assert is_over(order(), progress("2", **(WHOLE | lacks)), told, FOLLOWED_FOR)
    assert not is_over(order(), progress("1", **(WHOLE | lacks)), told, FOLLOWED_FOR)


def test_goods_that_a_cancelled_order_holds_on_are_a_matter_for_people():
    assert still_reserved(progress()) is None
    held = still_reserved(progress(status="A", number="ZO 1/26"))
    assert (held.code, held.as_dict()["examples"]) == (Code.ORDER_STILL_RESERVED, "KOD10 × 2")


def test_a_goods_issue_is_the_document_of_an_order_that_asks_for_no_other():
    issued = progress(documents=(WaproDocument(key="1", number="WZ 1/26", kind="issue"),))
    assert has_document(issued, "issue")
    assert not has_document(issued, "receipt")

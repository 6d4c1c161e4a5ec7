"""What happens to which order, and why."""

from datetime import timedelta

import pytest

from integrator.canonical.orders import Payment, PaymentKind, Stage
from integrator.canonical.problems import Code
from syncjobs.orders.policy import (
    DOCUMENT_RULES,
    Choice,
    DocumentRule,
    WhenUnpaid,
    decide,
    never_reached,
    takes_everything,
    with_rule,
)
from tests.orders.make import COMPANY, NOW, Buyer, order, rules


def pay(kind: PaymentKind, *, paid: bool = False) -> Payment:
    return Payment(type=str(kind), name=str(kind), kind=kind, paid=paid)


@pytest.mark.parametrize(
    ("kind", "paid", "choice", "code"),
    [
        (PaymentKind.COD, False, Choice.RESERVE, Code.ORDER_BY_DEFAULT),
        (PaymentKind.DEFERRED, False, Choice.RESERVE, Code.ORDER_BY_DEFAULT),
        (PaymentKind.TRANSFER, False, Choice.WAIT, Code.PAYMENT_AWAITED),
        (PaymentKind.TRANSFER, True, Choice.RESERVE, Code.ORDER_BY_DEFAULT),
        (PaymentKind.ONLINE, False, Choice.WAIT, Code.PAYMENT_AWAITED),
        (PaymentKind.ONLINE, True, Choice.RESERVE, Code.ORDER_BY_DEFAULT),
        (PaymentKind.UNKNOWN, True, Choice.WAIT, Code.PAYMENT_TYPE_UNKNOWN),
    ],
)
def test_the_sort_of_payment_decides_where_nobody_said_otherwise(kind, paid, choice, code):
    verdict = decide(order(payment=pay(kind, paid=paid)), rules(), NOW)
    assert (verdict.choice, verdict.reason.code) == (choice, code)
    assert verdict.alert is (kind is PaymentKind.UNKNOWN)


@pytest.mark.parametrize(
    ("changes", "choice", "code"),
    [
        ({"is_test": True}, Choice.IGNORE, Code.ORDER_TEST),
        ({"placed_at": NOW - timedelta(days=31)}, Choice.IGNORE, Code.ORDER_BEFORE_GO_LIVE),
        ({"placed_at": NOW - timedelta(days=20)}, Choice.IGNORE, Code.ORDER_TOO_OLD),
        ({"stage": Stage.CANCELLED}, Choice.CANCEL, Code.ORDER_CANCELLED_THERE),
        ({"stage": Stage.UNKNOWN, "state": "moj-stan"}, Choice.WAIT, Code.ORDER_STATE_UNKNOWN),
    ],
)
def test_what_is_no_order_to_bring_in_says_why(changes, choice, code):
    verdict = decide(order(**changes), rules(), NOW)
    assert (verdict.choice, verdict.reason.code) == (choice, code)


def test_before_go_live_is_set_nothing_goes_in():
    assert decide(order(), rules(go_live=None), NOW).choice is Choice.IGNORE


def test_the_table_overrules_the_default_and_a_person_may_classify_what_is_unknown():
    chosen = rules(choices={("cod", "new"): Choice.IMPORT})
    assert decide(order(), chosen, NOW).choice is Choice.IMPORT
    said = rules(payment_kinds={"blik": PaymentKind.ONLINE}, stages={"moj-stan": Stage.OPEN})
    verdict = decide(order(payment=Payment(type="blik", paid=True), state="moj-stan", stage=Stage.UNKNOWN), said, NOW)
    assert verdict.choice is Choice.RESERVE


@pytest.mark.parametrize(("then", "choice"), [(WhenUnpaid.ALERT, Choice.WAIT), (WhenUnpaid.CANCEL, Choice.CANCEL)])
def test_a_payment_is_awaited_for_so_long_and_no_longer(then, choice):
    terms = rules(payment_days=3, when_unpaid=then)
    late = order(payment=pay(PaymentKind.TRANSFER), placed_at=NOW - timedelta(days=3))
    verdict = decide(late, terms, NOW)
    assert (verdict.choice, verdict.reason.code, verdict.alert) == (choice, Code.PAYMENT_OVERDUE, True)
    fresh = order(payment=pay(PaymentKind.TRANSFER), placed_at=NOW - timedelta(days=2, hours=23))
    assert decide(fresh, terms, NOW).reason.code == Code.PAYMENT_AWAITED


def test_the_first_rule_that_fits_names_the_document():
    assert rules().document_form(order()) == "receipt"
    assert rules().document_form(order(buyer=Buyer(billing=COMPANY))) == "invoice"
    assert rules().document_form(order(buyer=Buyer(wants_invoice=True))) == "invoice"
    abroad = rules(documents=(DocumentRule(form="receipt", countries=frozenset({"PL"})), DocumentRule(form="invoice")))
    assert abroad.document_form(order(buyer=Buyer(billing=COMPANY))) == "receipt"
    assert abroad.document_form(order()) == "receipt"


COMPANIES, GERMANY, ANYBODY = (
    DocumentRule(form="issue", tax_number=True),
    DocumentRule(form="invoice", countries=frozenset({"DE"})),
    DocumentRule(form="receipt"),
)


def test_a_buyer_of_a_shop_that_does_not_ask_has_asked_for_nothing():
    terms = rules(documents=(DocumentRule(form="issue", wanted=False), DocumentRule(form="invoice")))
    assert [terms.document_form(order(buyer=Buyer(wants_invoice=wish))) for wish in (None, False, True)] == [
        "issue",
        "issue",
        "invoice",
    ]


def test_an_order_that_no_rule_takes_asks_for_a_receipt():
    assert rules(documents=(COMPANIES,)).document_form(order()) == "receipt"
    assert not takes_everything((COMPANIES, GERMANY))
    assert takes_everything(DOCUMENT_RULES)
    with_and_without = (COMPANIES, DocumentRule(form="receipt", tax_number=False))
    assert takes_everything(with_and_without)


@pytest.mark.parametrize(
    ("found", "dead"),
    [
        (DOCUMENT_RULES, set()),
        ((ANYBODY, COMPANIES, GERMANY), {1, 2}),
        ((COMPANIES, DocumentRule(form="invoice", tax_number=True, wanted=True), ANYBODY), {1}),
        ((COMPANIES, DocumentRule(form="receipt", tax_number=False), GERMANY), {2}),
        ((GERMANY, DocumentRule(form="receipt", countries=frozenset({"DE", "AT"}))), set()),
    ],
)
def test_rules_that_no_order_comes_to_are_found_even_when_several_take_its_orders_together(found, dead):
    assert never_reached(found) == dead


def test_a_new_rule_goes_as_far_down_as_orders_still_come_to_it():
    assert with_rule((COMPANIES, ANYBODY), GERMANY) == (COMPANIES, GERMANY, ANYBODY)
    assert with_rule((COMPANIES,), GERMANY) == (COMPANIES, GERMANY)
    instead = DocumentRule(form="invoice", tax_number=True)
    assert with_rule((COMPANIES, ANYBODY), instead) == (instead, COMPANIES, ANYBODY)
    assert never_reached((instead, COMPANIES, ANYBODY)) == {1}


def test_a_reason_names_the_state_as_the_shop_does():
    verdict = decide(order(state="3"), rules(state_names={"3": "W realizacji"}), NOW)
    assert verdict.reason.as_dict()["state"] == "W realizacji"

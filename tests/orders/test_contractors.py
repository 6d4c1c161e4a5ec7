"""Whose order it is in WAPRO: private buyers, with and without a wish for an invoice. Companies: `test_way_back`."""

from typing import Any

import pytest

from integrator.canonical.orders import Address, Buyer
from integrator.canonical.problems import Code
from syncjobs.orders.contractors import Choice, Private, Terms, choose
from tests.orders.make import PERSON, order

RETAIL = Terms(private=Private.RETAIL, retail="1")
ONE_OFF = Terms(private=Private.ONE_OFF, create=True)
WAYS = pytest.mark.parametrize("terms", [RETAIL, ONE_OFF], ids=["retail", "one-off"])


def chosen(terms: Terms, *by_email: str, blocked: bool = False, invoice: bool | None = None, **more: Any) -> Choice:
    buyer = Buyer(email="lucja@example.com", billing=PERSON, wants_invoice=invoice)
    return choose(order(**({"buyer": buyer} | more)), [], by_email, blocked, terms)


def said(found: Choice) -> str | None:
    return found.waits.code if found.waits else None


def test_a_private_buyer_who_wants_an_invoice_and_is_not_known_waits() -> None:
    found = chosen(RETAIL, invoice=True)
    assert (said(found), found.contractor, found.create) == (Code.BUYER_MISSING, "", False)
    assert found.waits is not None
    assert found.waits.as_dict() == {"name": "Łucja Żak", "email": "lucja@example.com"}


def test_a_private_buyer_who_wants_an_invoice_is_found_by_mail_or_made() -> None:
    assert chosen(RETAIL, "7", invoice=True) == Choice(contractor="7")
    assert chosen(Terms(private=Private.RETAIL, retail="1", create=True), invoice=True) == Choice(create=True)
    assert chosen(ONE_OFF, invoice=True) == Choice(create=True, one_off=True)


@WAYS
def test_several_contractors_of_one_mail_are_guessed_for_no_invoice(terms: Terms) -> None:
    assert said(chosen(terms, "7", "8", invoice=True)) == Code.BUYERS_SEVERAL


@WAYS
def test_without_an_invoice_several_of_one_mail_are_passed_over_aloud(terms: Terms) -> None:
    found = chosen(terms, "7", "8")
    assert (said(found), found.contractor not in ("7", "8")) == (None, True)
    assert [(one.code, one.as_dict()["count"]) for one in found.remarks] == [(Code.BUYER_UNCERTAIN, "2")]
    assert chosen(terms).remarks == ()


@WAYS
@pytest.mark.parametrize("invoice", [None, False, True])
def test_a_blocked_private_buyer_holds_the_order(terms: Terms, invoice: bool | None) -> None:
    """Somebody in the company has said no to this buyer: neither retail sales nor a new contractor get round that."""
    assert said(chosen(terms, blocked=True, invoice=invoice)) == Code.CONTRACTOR_BLOCKED
    assert chosen(terms, "7", blocked=True, invoice=invoice).contractor == "7", "one of the two is not blocked"


def test_a_company_that_wants_an_invoice_without_a_number_is_no_private_buyer() -> None:
    firm = Buyer(email="biuro@example.com", billing=Address(company="Ogród", country="PL"), wants_invoice=True)
    assert said(chosen(RETAIL, "7", buyer=firm)) == Code.TAX_NUMBER_MISSING

"""Whose order it is in WAPRO. Pure.

A company is known by its tax number alone: an e-mail address is shared by people, and an invoice to the wrong company
is a correction. A private buyer is known by e-mail, else the order goes to a one-off or to the retail contractor; one
who wants an invoice must be known, or made known: an invoice to retail sales is nobody's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from integrator.canonical.orders import Order
from integrator.canonical.problems import Code
from integrator.canonical.records import Key, Problem, problem

_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)


class Private(StrEnum):
    """What becomes of a private buyer whom WAPRO does not know."""

    RETAIL = "retail"
    """All go to one contractor that is chosen in the settings."""
    ONE_OFF = "one_off"
    """A contractor is made for this order."""
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    private: Private = Private.RETAIL
    retail: Key = ""
    """The contractor of retail sales."""
    create: bool = False
    """Whether contractors may be made in WAPRO at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`contractor` to use, or `create` one from the order, or neither and the reason to wait. `remarks` say what
    people may not expect."""

    contractor: Key = ""
    create: bool = False
    one_off: bool = False
    waits: Problem | None = None
    remarks: tuple[Problem, ...] = ()


def tax_number(typed: str) -> str:
    """As two people who write it differently both mean it: `PL 525-23-44-078` and `5252344078` are one."""
    plain = re.sub(r"[\s.\-/]", "", typed).upper()
    return plain.removeprefix("PL") if plain.removeprefix("PL").isdigit() else plain


def polish_tax_number_valid(plain: str) -> bool:
    """Ten digits of which the last checks the others."""
    if len(plain) != 10 or not plain.isdigit():
        return False
    control = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, plain, strict=False)) % 11
    return control == int(plain[9])


def is_company(order: Order) -> bool:
    """Who gives a tax number buys as a company, and so does one who wants an invoice for a company."""
    billing = order.buyer.billing
    return bool(billing.tax_number.strip()) or bool(order.buyer.wants_invoice and billing.company.strip())


def choose(order: Order, by_tax_number: Sequence[Key], by_email: Sequence[Key], blocked: bool, terms: Terms) -> Choice:
    """`by_tax_number`, `by_email`: contractors of WAPRO that fit and are not blocked. `blocked`: one that fits is."""
    if is_company(order):
        return _company(order, by_tax_number, blocked, terms)
    if len(by_email) == 1:
        return Choice(contractor=by_email[0])
    email = order.buyer.email
    if not by_email and blocked:
        return Choice(waits=problem(Code.CONTRACTOR_BLOCKED, value=email))
    if order.buyer.wants_invoice:
        return _invoiced(order, len(by_email), terms)
    remarks = (problem(Code.BUYER_UNCERTAIN, count=len(by_email), email=email),) if by_email else ()
    return replace(_private(terms), remarks=remarks)


def _company(order: Order, found: Sequence[Key], blocked: bool, terms: Terms) -> Choice:
    billing = order.buyer.billing
    plain = tax_number(billing.tax_number)
    about = {"company": billing.company, "tax_number": billing.tax_number}
    if not plain:
        return Choice(waits=problem(Code.TAX_NUMBER_MISSING, **about))
    if billing.country in ("", "PL") and not polish_tax_number_valid(plain):
        return Choice(waits=problem(Code.TAX_NUMBER_INVALID, **about))
    if len(found) == 1:
        return Choice(contractor=found[0])
    if len(found) > 1:
        return Choice(waits=problem(Code.CONTRACTORS_SEVERAL, count=len(found), **about))
    if blocked:
        return Choice(waits=problem(Code.CONTRACTOR_BLOCKED, value=billing.company or plain, **about))
    if terms.create:
        return Choice(create=True)
    return Choice(waits=problem(Code.CONTRACTOR_MISSING, **about))


def _invoiced(order: Order, found: int, terms: Terms) -> Choice:
    """A private person who wants an invoice and whom no e-mail tells for certain."""
    billing, email = order.buyer.billing, order.buyer.email
    if found:
        return Choice(waits=problem(Code.BUYERS_SEVERAL, count=found, email=email))
    if terms.create:
        return Choice(create=True, one_off=terms.private is Private.ONE_OFF)
    name = f"{billing.first_name} {billing.last_name}".strip() or email
    return Choice(waits=problem(Code.BUYER_MISSING, name=name, email=email))


def _private(terms: Terms) -> Choice:
    if terms.private is Private.ONE_OFF and terms.create:
        return Choice(create=True, one_off=True)
    if terms.private is Private.RETAIL and terms.retail:
        return Choice(contractor=terms.retail)
    return Choice(waits=problem(Code.CONTRACTOR_UNSET))

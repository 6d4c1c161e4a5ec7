"""What happens to which order: payment type against state, with sound defaults and a reason for everything. Pure.

The table of a connection holds only what a person chose. Everything else follows from what sort of payment and state it
is; what nobody has classified yet waits and is said aloud, because a guess would ship unpaid goods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product

from integrator.canonical.orders import Order, PaymentKind, Stage
from integrator.canonical.problems import Code
from integrator.canonical.records import Key, Problem, problem
from wapro.orders.draft import DocumentForm


class Choice(StrEnum):
    IMPORT = "import"
    """Into WAPRO, without reserving goods."""
    RESERVE = "reserve"
    """Into WAPRO, goods reserved."""
    DOCUMENT = "document"
    """As RESERVE, and its sale document is wanted at once: whoever makes documents in WAPRO sees it on a list."""
    WAIT = "wait"
    CANCEL = "cancel"
    """Cancelled in WAPRO where it is there already, else never imported."""
    IGNORE = "ignore"

    @property
    def brings_in(self) -> bool:
        return self in (Choice.IMPORT, Choice.RESERVE, Choice.DOCUMENT)

    @property
    def reserves(self) -> bool:
        return self in (Choice.RESERVE, Choice.DOCUMENT)


class WhenUnpaid(StrEnum):
    """After a payment was awaited for too long."""

    ALERT = "alert"
    CANCEL = "cancel"


class Again(StrEnum):
    """An order that was imported and is no longer in WAPRO."""

    NO = "no"
    IF_DELETED = "if_deleted"
    """One that was deleted there comes back by itself."""
    YES = "yes"
    """And a person may bring back one that was cancelled there; the cancelled one stays beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRule:
    """The first rule that fits says which document the buyer gets. Empty conditions fit always."""

    form: DocumentForm
    tax_number: bool | None = None
    countries: frozenset[str] = frozenset()
    """Of the invoice address, two capitals each."""
    wanted: bool | None = None
    """Whether the buyer asked for an invoice. A shop that does not ask is one where nobody did."""

    def fits(self, order: Order) -> bool:
        billing = order.buyer.billing
        return self.takes(bool(billing.tax_number.strip()), billing.country, bool(order.buyer.wants_invoice))

    def takes(self, tax_number: bool, country: str, wanted: bool) -> bool:
        if self.tax_number not in (None, tax_number) or self.wanted not in (None, wanted):
            return False
        return not self.countries or country in self.countries


DOCUMENT_RULES = (
    DocumentRule(form="invoice", tax_number=True),
    DocumentRule(form="invoice", wanted=True),
    DocumentRule(form="receipt"),
)
"""The usual ones."""


def _first_takers(rules: Sequence[DocumentRule]) -> set[int | None]:
    """Places of the rules that some order comes to; None when there are orders that no rule takes."""
    countries = {"", *(country for rule in rules for country in rule.countries)}
    return {
        next((place for place, rule in enumerate(rules) if rule.takes(tax_number, country, wanted)), None)
        for tax_number, country, wanted in product((True, False), countries, (True, False))
    }


def never_reached(rules: Sequence[DocumentRule]) -> frozenset[int]:
    """Places of rules that no order ever comes to: those before take every order that they would take."""
    return frozenset(range(len(rules))) - _first_takers(rules)


def takes_everything(rules: Sequence[DocumentRule]) -> bool:
    """Whether there is a rule for every order, so that none falls back to a receipt."""
    return None not in _first_takers(rules)


def with_rule(rules: Sequence[DocumentRule], added: DocumentRule) -> tuple[DocumentRule, ...]:
    """With one more, as far down as orders still come to it: behind *everybody* it would never apply."""
    for place in range(len(rules), 0, -1):
        found = (*rules[:place], added, *rules[place:])
        if place not in never_reached(found):
            return found
    return (added, *rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A connection's word on orders. Times are aware UTC."""

    go_live: datetime | None = None
    """Orders placed before are left alone, both ways; None: nothing is imported yet."""
    look_back: timedelta = timedelta(days=14)
    choices: Mapping[tuple[Key, Key], Choice] = field(default_factory=dict)
    """(payment type, state) as the shop keys them -> what a person chose."""
    payment_kinds: Mapping[Key, PaymentKind] = field(default_factory=dict)
    """What a person said a payment type is, where the shop does not tell."""
    stages: Mapping[Key, Stage] = field(default_factory=dict)
    """What a person said a state means."""
    state_names: Mapping[str, str] = field(default_factory=dict)
    """States as the shop's people know them."""
    payment_days: int = 7
    """How long a payment is awaited."""
    when_unpaid: WhenUnpaid = WhenUnpaid.ALERT
    again: Again = Again.NO
    documents: tuple[DocumentRule, ...] = DOCUMENT_RULES

    def payment_kind(self, order: Order) -> PaymentKind:
        return self.payment_kinds.get(order.payment.type, order.payment.kind)

    def stage(self, order: Order) -> Stage:
        return self.stages.get(order.state, order.stage)

    def document_form(self, order: Order) -> DocumentForm:
        return next((rule.form for rule in self.documents if rule.fits(order)), "receipt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    choice: Choice
    reason: Problem
    """Why, for people: the row of the table, or the default that fits."""
    alert: bool = False
    """Somebody has to look: something is unknown, or it took too long."""


_DEFAULTS: Mapping[PaymentKind, tuple[Choice, Choice]] = {
    PaymentKind.COD: (Choice.RESERVE, Choice.RESERVE),
    PaymentKind.DEFERRED: (Choice.RESERVE, Choice.RESERVE),
    PaymentKind.TRANSFER: (Choice.WAIT, Choice.RESERVE),
    PaymentKind.ONLINE: (Choice.WAIT, Choice.RESERVE),
}
"""Kind of payment -> unpaid, paid."""


def defaults(kind: PaymentKind, stage: Stage) -> tuple[Choice, Choice]:
    """What happens where nobody has chosen: to an unpaid order, to a paid one."""
    if stage in (Stage.CANCELLED, Stage.RETURNED):
        return Choice.CANCEL, Choice.CANCEL
    if stage is Stage.UNKNOWN or kind is PaymentKind.UNKNOWN:
        return Choice.WAIT, Choice.WAIT
    return _DEFAULTS[kind]


def decide(order: Order, rules: Rules, now: datetime, seen: datetime | None = None) -> Verdict:
    """What happens to an order that is not in WAPRO yet. `seen`: when it was seen first, which is what the look-back
    counts from: one that has waited since is not forgotten."""
    if order.is_test:
        return Verdict(choice=Choice.IGNORE, reason=problem(Code.ORDER_TEST))
    if rules.go_live is None or order.placed_at < rules.go_live:
        return Verdict(choice=Choice.IGNORE, reason=problem(Code.ORDER_BEFORE_GO_LIVE))
    if order.placed_at < (seen or now) - rules.look_back:
        return Verdict(choice=Choice.IGNORE, reason=problem(Code.ORDER_TOO_OLD, days=rules.look_back.days))
    chosen = rules.choices.get((order.payment.type, order.state))
    if chosen is not None:
        by_table = Verdict(choice=chosen, reason=_about(order, rules, Code.ORDER_BY_TABLE))
        return _waited_too_long(order, rules, now, by_table)
    return _waited_too_long(order, rules, now, _by_default(order, rules))


def _by_default(order: Order, rules: Rules) -> Verdict:
    stage, kind = rules.stage(order), rules.payment_kind(order)
    if stage in (Stage.CANCELLED, Stage.RETURNED):
        return Verdict(choice=Choice.CANCEL, reason=_about(order, rules, Code.ORDER_CANCELLED_THERE))
    if stage is Stage.UNKNOWN:
        return Verdict(choice=Choice.WAIT, reason=_about(order, rules, Code.ORDER_STATE_UNKNOWN), alert=True)
    if kind is PaymentKind.UNKNOWN:
        return Verdict(choice=Choice.WAIT, reason=_about(order, rules, Code.PAYMENT_TYPE_UNKNOWN), alert=True)
    unpaid, paid = _DEFAULTS[kind]
    choice = paid if order.payment.paid else unpaid
    code = Code.ORDER_BY_DEFAULT if choice is not Choice.WAIT else Code.PAYMENT_AWAITED
    return Verdict(choice=choice, reason=_about(order, rules, code))


def _waited_too_long(order: Order, rules: Rules, now: datetime, verdict: Verdict) -> Verdict:
    if verdict.choice is not Choice.WAIT or not _awaits_payment(order, rules, verdict):
        return verdict
    if now - order.placed_at < timedelta(days=rules.payment_days):
        return verdict
    choice = Choice.CANCEL if rules.when_unpaid is WhenUnpaid.CANCEL else Choice.WAIT
    reason = _about(order, rules, Code.PAYMENT_OVERDUE, days=rules.payment_days)
    return Verdict(choice=choice, reason=reason, alert=True)


def _awaits_payment(order: Order, rules: Rules, verdict: Verdict) -> bool:
    """Whether it is a payment that is waited for, not a person who says what an unknown word means."""
    if order.payment.paid:
        return False
    if verdict.reason.code == Code.ORDER_BY_TABLE:
        return rules.payment_kind(order) in (PaymentKind.TRANSFER, PaymentKind.ONLINE)
    return verdict.reason.code == Code.PAYMENT_AWAITED


def called_off(order: Order, rules: Rules) -> bool:
    """Whether an order that is in WAPRO is to be cancelled there: by the table, else by what its state means."""
    chosen = rules.choices.get((order.payment.type, order.state))
    if chosen is not None:
        return chosen is Choice.CANCEL
    return rules.stage(order) in (Stage.CANCELLED, Stage.RETURNED)


def _about(order: Order, rules: Rules, code: Code, **more: object) -> Problem:
    state = rules.state_names.get(order.state, order.state)
    return problem(code, payment=order.payment.name or order.payment.type, state=state, **more)

"""What happens to an order that is not in WAPRO: policy, buyer, draft, and then an intent or the reasons to wait."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import DatabaseError, transaction
from django.utils import timezone

from integrator.canonical.errors import IntegrationError
from integrator.canonical.orders import Order
from integrator.canonical.problems import Code
from integrator.canonical.records import Problem, problem
from integrator.leases import LeaseLost
from syncjobs.fetching import error_data, unexpected
from syncjobs.models.orders import OrderEvent, OrderTerms, ShopOrder
from syncjobs.orders import contractors, promises, saving
from syncjobs.orders.arriving import number_of, order_in
from syncjobs.orders.buyers import unfit
from syncjobs.orders.catalogue import asked_again, catalogue_for
from syncjobs.orders.changes import AfterCancel, after_cancel, content
from syncjobs.orders.draft import Catalogue, Draft, draft
from syncjobs.orders.events import Side, note
from syncjobs.orders.policy import Again, Choice, Rules, Verdict, called_off, decide
from syncjobs.orders.terms import buyer_terms_of, map_of, rules_of
from syncjobs.slices import Slice
from wapro.models import WaproConnection
from wapro.orders.draft import Progress
from wapro.orders.erp import ErpOrders

log = logging.getLogger(__name__)

AT_ONCE = 25
AGAIN_IN = timedelta(hours=6)
"""An order that waits for time to pass is looked at again."""
DECIDED = (
    "to_decide",
    "status",
    "reasons",
    "alert",
    "not_before",
    "done_at",
    "attempts",
    "erp_number",
    "contractor",
    "to_document",
    "draft",
    "proof",
)
"""What a decision writes."""
Status = ShopOrder.Status


def next_rows(terms: OrderTerms, now: datetime) -> list[ShopOrder]:
    """Orders to be decided, the newest first: a big backlog must not delay the buyer of a minute ago."""
    rows = ShopOrder.objects.filter(connection=terms.connection)
    fresh = list(rows.filter(to_decide=True).order_by("-placed_at")[:AT_ONCE])
    if fresh:
        return fresh
    return list(rows.filter(status=Status.WAITING, not_before__lte=now).order_by("not_before")[:AT_ONCE])


def decide_rows(terms: OrderTerms, erp: WaproConnection, rows: Sequence[ShopOrder], work: Slice) -> None:
    """Decide each of the rows; those already in WAPRO only for a cancellation in the shop."""
    rules = rules_of(terms)
    orders = {row.pk: order_in(row) for row in rows}
    catalogue = catalogue_for(terms, erp, list(orders.values()))
    if not all(row.in_erp for row in rows):
        catalogue = asked_again(catalogue, terms, lambda: work.orders(erp))
    _promise(terms, rows, orders, work)
    for row in rows:
        was_over = row.done_at is not None
        try:
            found = _decide(terms, erp, row, orders[row.pk], rules, catalogue, work)
        except (IntegrationError, LeaseLost, DatabaseError):
            raise
        except Exception as error:
            # One order that we cannot cope with must not keep all others from their turn.
            log.exception("order %s: %s", row.pk, type(error).__name__)
            found = _held(row, [error_data(unexpected(error))])
        row.to_decide = False
        with transaction.atomic():
            work.hold.check()
            if not saving.save(row, *DECIDED):
                continue
            OrderEvent.objects.bulk_create(found)
            if row.status in (Status.IGNORED, Status.CANCELLED):
                promises.end(row)
            elif was_over:
                promises.promise(terms, row, orders[row.pk])


def _promise(terms: OrderTerms, rows: Sequence[ShopOrder], orders: Mapping[int, Order], work: Slice) -> None:
    """An order may have been seen before its import was switched on or its products were linked. One that a person has
    acted on since it was read is taken up again in its turn."""
    with transaction.atomic():
        work.hold.check()
        locked = ShopOrder.objects.select_for_update().filter(pk__in=list(orders))
        versions = dict(locked.values_list("pk", "version"))
        promises.promise_all(terms, [(row, orders[row.pk]) for row in rows if versions.get(row.pk) == row.version])


def _decide(
    terms: OrderTerms,
    erp: WaproConnection,
    row: ShopOrder,
    order: Order,
    rules: Rules,
    catalogue: Catalogue,
    work: Slice,
) -> list[OrderEvent]:
    if row.in_erp:
        return _cancelled_there(row, rules, order)
    if row.may_be_in_erp:
        # Only the lookup under WAPRO's lock can tell.
        return []
    row.draft = None
    if row.left_alone:
        return []
    if row.deleted_there and not row.overruled:
        if any(reason.get("code") == Code.ORDER_NOT_OURS for reason in row.reasons):
            # Another order stands in its place: what became of it only a person can tell.
            return []
        if rules.again is Again.NO:
            return _stays_out(row)
    verdict = decide(order, rules, timezone.now(), row.seen_at)
    if row.overruled and not verdict.choice.brings_in:
        verdict = Verdict(choice=Choice.RESERVE if terms.reserve else Choice.IMPORT, reason=verdict.reason)
    if not verdict.choice.brings_in:
        return _aside(row, verdict, rules)
    return _bring_in(terms, erp, row, order, verdict, rules, catalogue, work)


def _stays_out(row: ShopOrder) -> list[OrderEvent]:
    """Somebody deleted it in WAPRO: nothing that the shop changes brings it back unasked."""
    row.status, row.alert, row.not_before = Status.HELD, True, None
    row.reasons = [problem_json(problem(Code.ORDER_DELETED_THERE, number=row.erp_document))]
    return []


def _aside(row: ShopOrder, verdict: Verdict, rules: Rules) -> list[OrderEvent]:
    status = {Choice.WAIT: Status.WAITING, Choice.IGNORE: Status.IGNORED, Choice.CANCEL: Status.CANCELLED}
    before = row.status
    row.status, row.alert = status[verdict.choice], verdict.alert
    row.reasons = [problem_json(verdict.reason)]
    row.not_before = timezone.now() + AGAIN_IN if row.status == Status.WAITING else None
    row.done_at = timezone.now() if row.status in (Status.IGNORED, Status.CANCELLED) else None
    if row.status == before:
        return []
    return [note(row, Side.US, "decided", choice=str(verdict.choice), reason=problem_json(verdict.reason))]


def _bring_in(
    terms: OrderTerms,
    erp: WaproConnection,
    row: ShopOrder,
    order: Order,
    verdict: Verdict,
    rules: Rules,
    catalogue: Catalogue,
    work: Slice,
) -> list[OrderEvent]:
    buyer = _buyer(terms, erp, order, work.orders(erp))
    made = draft(
        order,
        map_of(terms),
        catalogue,
        contractor=buyer.contractor,
        form=rules.document_form(order),
        reserve=verdict.choice.reserves,
        placed=timezone.localtime(order.placed_at, timezone.get_default_timezone()).date(),
        today=timezone.localdate(timezone=timezone.get_default_timezone()),
        overruled=bool(row.overruled),
    )
    row.proof, row.done_at = proof_json(made), None
    waits = [buyer.waits] if buyer.waits else unfit(order, row.erp_number or order.key, buyer)
    problems = [*waits, *made.problems]
    if problems or made.order is None:
        return _held(row, [problem_json(one) for one in problems])
    row.erp_number = number_of(terms, row)
    row.contractor, row.to_document = buyer.contractor, verdict.choice is Choice.DOCUMENT
    # It keeps the number it was given first, and one that is imported once more has another.
    placing = replace(made.order, number=row.erp_number)
    row.draft = {
        "order": msgspec.to_builtins(placing),
        "create": buyer.create,
        "one_off": buyer.one_off,
        "content": content(order),
    }
    row.status, row.alert, row.attempts, row.not_before = Status.INTENDED, False, 0, None
    row.reasons = [problem_json(verdict.reason), *(problem_json(one) for one in (*buyer.remarks, *made.remarks))]
    return [note(row, Side.US, "decided", choice=str(verdict.choice), reason=problem_json(verdict.reason))]


def _held(row: ShopOrder, reasons: list[dict[str, Any]]) -> list[OrderEvent]:
    """It waits for a person, who is told once why."""
    before = (row.status, row.reasons)
    row.status, row.alert, row.not_before, row.reasons = Status.HELD, True, None, reasons
    return [note(row, Side.US, "held", reasons=reasons)] if before != (row.status, row.reasons) else []


def _buyer(terms: OrderTerms, erp: WaproConnection, order: Order, orders: ErpOrders) -> contractors.Choice:
    """Asks WAPRO for the contractors that fit. Nothing is looked up for a buyer who needs none."""
    warehouse = int(terms.warehouse) if terms.warehouse else None
    billing = order.buyer.billing
    by_number = by_email = None
    if contractors.is_company(order):
        plain = contractors.tax_number(billing.tax_number)
        by_number = orders.contractors_by_tax_number(plain, warehouse) if plain else None
    elif order.buyer.email:
        by_email = orders.contractors_by_email(order.buyer.email, warehouse)
    return contractors.choose(
        order,
        [one.key for one in by_number.found] if by_number else [],
        [one.key for one in by_email.found] if by_email else [],
        any(found.blocked for found in (by_number, by_email) if found),
        buyer_terms_of(terms, erp),
    )


def _cancelled_there(row: ShopOrder, rules: Rules, order: Order) -> list[OrderEvent]:
    progress = msgspec.convert(row.progress, Progress) if row.progress else Progress(key=row.erp_key)
    follows = after_cancel(
        called_off(order, rules),
        gone=progress.gone,
        cancelled=progress.cancelled,
        realised=progress.realised,
        documents=len(progress.documents),
    )
    if follows is AfterCancel.CANCEL and row.status != Status.CANCELLING:
        row.status, row.attempts, row.not_before = Status.CANCELLING, 0, None
        return [note(row, Side.US, "cancels")]
    if follows is AfterCancel.TASK:
        row.alert = True
        row.reasons = [problem_json(problem(Code.ORDER_REALISED, number=row.erp_document))]
    return []


def problem_json(found: Problem) -> dict[str, Any]:
    return {"code": found.code, "params": found.as_dict()}


def proof_json(made: Draft) -> dict[str, Any] | None:
    """The equation per VAT rate as the page shows it."""
    proof = made.proof
    if proof is None:
        return None
    rates: list[Mapping[str, Any]] = [
        {name: str(value) for name, value in asdict(rate).items()} | {"difference": str(rate.difference)}
        for rate in proof.rates
    ]
    return {
        "basis": proof.basis,
        "rates": rates,
        "shop_total": str(proof.shop_total),
        "net": str(proof.net),
        "gross": str(proof.gross),
        "holds": proof.holds,
    }

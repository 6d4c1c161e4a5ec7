"""Intents carried out: orders into WAPRO and cancellations there, one after the other.

Whatever dies at whatever moment, the intent is stored; placing it again looks for its number under WAPRO's lock first,
so an order is neither lost nor doubled.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrator.canonical.errors import (
    Gone,
    IntegrationError,
    Locked,
    OutcomeUnknown,
    PlanRefused,
    Rejected,
    Transient,
)
from integrator.canonical.orders import Order, Stage
from integrator.canonical.problems import Code
from integrator.leases import LeaseLost
from syncjobs import stops
from syncjobs.fetching import error_data, retry_delay, unexpected
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import brake, promises
from syncjobs.orders.arriving import order_in
from syncjobs.orders.changes import content, differences
from syncjobs.orders.events import Side, note
from syncjobs.orders.following import news_of, staged
from syncjobs.orders.keys import PREFIX_LENGTH
from syncjobs.orders.progress import still_reserved
from syncjobs.orders.terms import rules_of
from syncjobs.slices import Slice
from wapro.models import WaproConnection
from wapro.orders.draft import CANCELLED, NewContractor, Placed, Progress, WaproOrder
from wapro.orders.erp import ErpOrders

log = logging.getLogger(__name__)

AT_ONCE = 10
MOST_ATTEMPTS = 8
FOR_A_PERSON = timedelta(days=3650)
"""Until somebody has it tried again: what nobody foresaw has failed in all its tries."""
_ANOTHER = (Code.ORDER_NUMBER_TAKEN, Code.ORDER_UNFINISHED, Code.FOUND_SEVERAL)
"""WAPRO has an order of this number, and it is not, or not yet, the one that we would write."""
SHORT_NAME = 50
"""Characters of a contractor's name in lists (NAZWA); the whole stands in NAZWA_PELNA."""
_PLACED = (
    "status",
    "attempts",
    "not_before",
    "erp_key",
    "erp_document",
    "placed_in_erp_at",
    "checked_at",
    "imported",
    "edited",
    "alert",
    "to_decide",
)
"""What is known of an order once it is in WAPRO. It is saved whatever people did meanwhile: it has happened."""
_CANCELLED = (
    "status",
    "done_at",
    "not_before",
    "attempts",
    "progress",
    "to_document",
    "alert",
    "reasons",
    "untold",
)
"""What is known of an order once it is cancelled in WAPRO, saved in the same way."""
Status = ShopOrder.Status


def next_intents(terms: OrderTerms, now: datetime) -> list[ShopOrder]:
    """The newest orders whose turn has come: whoever ordered a minute ago does not wait for a backlog. Only their ids
    and dates: each is read when it is carried out. Beyond the limit of the day no new document is begun; what is
    cancelled is cancelled, and what may be in WAPRO already is looked for."""
    rows = _due(now).filter(connection=terms.connection).order_by("-placed_at", "-pk").only("pk", "placed_at")
    if not rows.exists():
        return []
    left = brake.left_today(terms, now)
    if left <= 0:
        rows = rows.filter(Q(status=Status.CANCELLING) | Q(placing_began_at__isnull=False))
    return list(rows[: min(AT_ONCE, left) if left > 0 else AT_ONCE])


def _due(now: datetime) -> QuerySet[ShopOrder]:
    awake = Q(not_before__isnull=True) | Q(not_before__lte=now)
    # One that changed before it was sent is decided anew first.
    current = Q(to_decide=False) | Q(placing_began_at__isnull=False) | Q(status=Status.CANCELLING)
    return ShopOrder.objects.filter(awake, current, status__in=[Status.INTENDED, Status.CANCELLING])


def carry_out_all(erp: WaproConnection, rows: Sequence[ShopOrder], work: Slice) -> None:
    """One after the other, each as it stands when its turn comes. What is left at the end of the slice waits."""
    for one in rows:
        row = _due(timezone.now()).filter(pk=one.pk).select_related("connection__client").first()
        if row is not None:
            if stops.standing(row.connection) is not None:
                return
            carry_out(erp, row, work)
        if work.over:
            return


def carry_out(erp: WaproConnection, row: ShopOrder, work: Slice) -> None:
    """One order written or cancelled. Problems of this order are kept with it; raises what concerns the whole ERP."""
    try:
        if row.status == Status.CANCELLING:
            _cancel(erp, row, work)
        else:
            _place(erp, row, work)
    except (Locked, OutcomeUnknown) as error:
        _later(row, error, work)
    except (Transient, PlanRefused) as error:
        _later(row, error, work)
        raise
    except Rejected as error:
        _hold(row, error, work)
    except (IntegrationError, LeaseLost, DatabaseError):
        raise
    except Exception as error:
        # One order that we cannot cope with must not keep all others from their turn.
        log.exception("order %s: %s", row.pk, type(error).__name__)
        _later(row, unexpected(error), work)


def _place(erp: WaproConnection, row: ShopOrder, work: Slice) -> None:
    stored = row.draft or {}
    order = msgspec.convert(stored["order"], WaproOrder)
    orders = work.orders(erp, write=True)
    began = row.placing_began_at is not None
    if not began:
        _begin(row, work)
    try:
        if not order.contractor:
            wanted = new_contractor(order_in(row), order.number, one_off=stored.get("one_off", False))
            order = replace(order, contractor=orders.create_contractor(wanted, order.warehouse).key)
            _keep_contractor(row, order, work)
        placed = orders.place(order)
    except Rejected as error:
        found = _there(orders, order) if began and error.problem.code not in _ANOTHER else None
        if found is None:
            raise
        placed = found
    _placed(row, placed, work)


def _begin(row: ShopOrder, work: Slice) -> None:
    """From here on the order may be in WAPRO: whoever takes over looks before doing anything else."""
    row.placing_began_at = timezone.now()
    with transaction.atomic():
        work.hold.check()
        row.save(update_fields=["placing_began_at"])


def _there(orders: ErpOrders, order: WaproOrder) -> Placed | None:
    """The order that an earlier try of ours has written, when by now something of it would be refused: a card that was
    blocked since, say."""
    keys = orders.find(order.number)
    if len(keys) != 1:
        return None
    (seen,) = orders.read(keys)
    if seen.gone or seen.unfinished:
        return None
    return Placed(key=seen.key, number=seen.number, net=seen.net, gross=seen.gross, lines=(), found=True)


def _keep_contractor(row: ShopOrder, order: WaproOrder, work: Slice) -> None:
    """At once: whoever takes over must not make the contractor a second time."""
    row.contractor = order.contractor
    row.draft = {**(row.draft or {}), "order": msgspec.to_builtins(order)}
    with transaction.atomic():
        work.hold.check()
        row.save(update_fields=["contractor", "draft"])
        note(row, Side.ERP, "contractor", key=order.contractor).save()


def new_contractor(order: Order, number: str, *, one_off: bool) -> NewContractor:
    """The buyer as a contractor. `number`: of the order in WAPRO. Its marker is what a buyer without tax number and
    e-mail is found by after a lost answer: the account in this shop, else this order."""
    account = order.buyer.account
    billing = order.buyer.billing
    person = f"{billing.first_name} {billing.last_name}".strip()
    name = billing.company or person or order.buyer.email
    return NewContractor(
        name=name[:SHORT_NAME].rstrip(),
        full_name=name,
        tax_number=billing.tax_number,
        country=billing.country or "PL",
        street=billing.street,
        postcode=billing.postcode,
        city=billing.city,
        email=order.buyer.email,
        phone=billing.phone or order.buyer.phone,
        one_off=one_off,
        marker=f"{number[:PREFIX_LENGTH]}-{account}" if account else number,
    )


def _placed(row: ShopOrder, placed: Placed, work: Slice) -> None:
    row.status, row.attempts, row.not_before = Status.PLACED, 0, None
    row.erp_key, row.erp_document = placed.key, placed.number
    row.placed_in_erp_at, row.checked_at = timezone.now(), None
    order = order_in(row)
    row.imported = (row.draft or {}).get("content") or content(order)
    # The buyer may have changed it while it was on its way: what was written is what was decided.
    row.edited = [msgspec.to_builtins(one) for one in differences(row.imported, content(order))]
    row.alert = bool(row.edited)
    # It may have been cancelled in the shop while it was on its way.
    row.to_decide = row.to_decide or row.stage in (Stage.CANCELLED, Stage.RETURNED)
    with transaction.atomic():
        work.hold.check()
        row.save(update_fields=[*_PLACED])
        gross = str(placed.gross)
        event = note(
            row, Side.ERP, "placed", exchange=placed.exchange, number=placed.number, gross=gross, found=placed.found
        )
        event.save()


def _cancel(erp: WaproConnection, row: ShopOrder, work: Slice) -> None:
    """Cancel it in WAPRO, look whether its goods are free there, and tell the shop where it does not know."""
    orders = work.orders(erp, write=True)
    with suppress(Gone):  # deleted there by somebody: what was wanted is so
        orders.cancel(row.erp_key, row.erp_number)
    (progress,) = orders.read([row.erp_key])
    if progress.gone:
        progress = Progress(key=row.erp_key, status=CANCELLED)
    held = still_reserved(progress)
    row.status, row.done_at, row.not_before, row.attempts = Status.CANCELLED, timezone.now(), None, 0
    row.progress, row.to_document, row.alert = msgspec.to_builtins(progress), False, held is not None
    row.reasons = [{"code": held.code, "params": held.as_dict()}] if held is not None else []
    terms = OrderTerms.objects.get(connection=row.connection_id)
    update = news_of(terms, row, staged(row, rules_of(terms)), progress)
    row.untold = msgspec.to_builtins(update) if update is not None else None
    with transaction.atomic():
        work.hold.check()
        row.save(update_fields=[*_CANCELLED])
        note(row, Side.ERP, "cancelled", reasons=row.reasons).save()
        promises.end(row)


def _later(row: ShopOrder, error: IntegrationError, work: Slice) -> None:
    row.attempts += 1
    passes = isinstance(error, Transient | PlanRefused)
    delay = retry_delay(error, row.attempts) if isinstance(error, Transient) else timedelta(minutes=5)
    if not passes and row.attempts >= MOST_ATTEMPTS:
        delay = FOR_A_PERSON
    row.not_before = timezone.now() + delay
    row.reasons = [error_data(error)]
    row.alert = row.attempts >= MOST_ATTEMPTS or not passes
    with transaction.atomic():
        work.hold.check()
        row.save(update_fields=["attempts", "not_before", "reasons", "alert"])


def _hold(row: ShopOrder, error: Rejected, work: Slice) -> None:
    """WAPRO refused this order and kept nothing of it: a person mends the reason and retries. A refused cancellation
    leaves the order where it is."""
    cancelling = row.status == Status.CANCELLING
    row.status = Status.PLACED if cancelling else Status.HELD
    row.reasons, row.alert, row.not_before = [error_data(error)], True, None
    if not cancelling:
        row.draft, row.placing_began_at = None, None
    with transaction.atomic():
        work.hold.check()
        row.save(update_fields=["status", "reasons", "alert", "not_before", "draft", "placing_began_at"])
        note(row, Side.ERP, "refused", reasons=row.reasons).save()

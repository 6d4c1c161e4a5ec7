"""Intents carried out: orders into WAPRO and cancellations there, one after the other.

Whatever dies at whatever moment, the intent is stored; placing it again looks for its number under WAPRO's lock first,
so an order is neither lost nor doubled.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown, PlanRefused, Rejected, Transient
from integrator.canonical.orders import Order, Stage
from syncjobs.fetching import error_data, retry_delay
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import promises
from syncjobs.orders.arriving import order_in
from syncjobs.orders.changes import content
from syncjobs.orders.events import Side, note
from syncjobs.orders.keys import PREFIX_LENGTH
from syncjobs.slices import Slice
from wapro.models import WaproConnection
from wapro.orders.draft import NewContractor, Placed, WaproOrder

MOST_ATTEMPTS = 8
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
Status = ShopOrder.Status


def next_intent(terms: OrderTerms, now: datetime) -> ShopOrder | None:
    """The newest order whose turn has come: whoever ordered a minute ago does not wait for a backlog."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    rows = ShopOrder.objects.filter(due, connection=terms.connection, status__in=[Status.INTENDED, Status.CANCELLING])
    return rows.order_by("-placed_at", "-pk").first()


def carry_out(erp: WaproConnection, row: ShopOrder, work: Slice) -> None:
    """One order written or cancelled. Problems of this order are kept with it; raises what concerns the whole ERP."""
    try:
        if row.status == Status.CANCELLING:
            _cancel(erp, row, work)
        else:
            _place(erp, row, work)
    except (PlanRefused, OutcomeUnknown) as error:
        _later(row, error, work)
        if isinstance(error, PlanRefused):
            raise
    except Transient as error:
        _later(row, error, work)
        raise
    except Rejected as error:
        _hold(row, error, work)


def _place(erp: WaproConnection, row: ShopOrder, work: Slice) -> None:
    stored = row.draft or {}
    order = msgspec.convert(stored["order"], WaproOrder)
    orders = work.orders(erp, write=True)
    if not order.contractor:
        wanted = new_contractor(order_in(row), order.number, one_off=stored.get("one_off", False))
        order = replace(order, contractor=orders.create_contractor(wanted, order.warehouse).key)
        _keep_contractor(row, order, work)
    placed = orders.place(order)
    _placed(row, placed, work)


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
    row.imported = content(order_in(row))
    row.edited, row.alert = [], False
    # It may have been cancelled in the shop while it was on its way.
    row.to_decide = row.to_decide or row.stage in (Stage.CANCELLED, Stage.RETURNED)
    with transaction.atomic():
        work.hold.check()
        row.save(update_fields=[*_PLACED])
        note(row, Side.ERP, "placed", number=placed.number, gross=str(placed.gross), found=placed.found).save()


def _cancel(erp: WaproConnection, row: ShopOrder, work: Slice) -> None:
    with suppress(Gone):  # deleted there by somebody: what was wanted is so
        work.orders(erp, write=True).cancel(row.erp_key, row.erp_number)
    row.status, row.done_at, row.not_before, row.alert = Status.CANCELLED, timezone.now(), None, False
    with transaction.atomic():
        work.hold.check()
        row.save(update_fields=["status", "done_at", "not_before", "alert"])
        note(row, Side.ERP, "cancelled").save()
        promises.end(row)


def _later(row: ShopOrder, error: IntegrationError, work: Slice) -> None:
    row.attempts += 1
    delay = retry_delay(error, row.attempts) if isinstance(error, Transient) else timedelta(minutes=5)
    row.not_before = timezone.now() + delay
    row.reasons = [error_data(error)]
    row.alert = row.attempts >= MOST_ATTEMPTS
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
        row.draft = None
    with transaction.atomic():
        work.hold.check()
        row.save(update_fields=["status", "reasons", "alert", "not_before", "draft"])
        note(row, Side.ERP, "refused", reasons=row.reasons).save()

"""The way back: what became of orders in WAPRO, and telling the shop what it does not know yet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown, Transient
from integrator.canonical.orders import Order, OrderUpdate
from integrator.canonical.problems import Code
from integrator.canonical.side import Result
from syncjobs.fetching import error_data, retry_delay
from syncjobs.models.orders import OrderEvent, OrderTerms, ShopOrder
from syncjobs.orders import promises, saving
from syncjobs.orders.arriving import order_in, orders_of, reread
from syncjobs.orders.events import Side, note
from syncjobs.orders.progress import update_for
from syncjobs.orders.terms import back_terms_of, words_of
from syncjobs.slices import Slice
from wapro.models import WaproConnection
from wapro.orders.draft import Progress

LOOK_EVERY = timedelta(minutes=2)
AT_ONCE = 100
TELL_AT_ONCE = 50
MOST_ATTEMPTS = 6
LOOK_AGAIN = timedelta(minutes=1)
"""After an order turned out to be gone or in another state than when it was read: then it is read anew."""
FOLLOWED = (
    "progress",
    "checked_at",
    "untold",
    "to_document",
    "status",
    "done_at",
    "erp_key",
    "draft",
    "to_decide",
    "overruled",
)
"""What a look into WAPRO may change."""
EXPECTED = ("record", "state", "stage", "paid")
"""What telling the shop moves of the order as it is known."""
Status = ShopOrder.Status


def next_to_follow(terms: OrderTerms, now: datetime) -> list[ShopOrder]:
    """Orders in WAPRO that are not over, those that were looked at longest ago first."""
    due = Q(checked_at__isnull=True) | Q(checked_at__lte=now - LOOK_EVERY)
    rows = ShopOrder.objects.filter(due, connection=terms.connection, status=Status.PLACED)
    return list(rows.order_by(F("checked_at").asc(nulls_first=True))[:AT_ONCE])


def follow(terms: OrderTerms, erp: WaproConnection, rows: Sequence[ShopOrder], work: Slice) -> None:
    """Read back how far these orders are; what is new for the shop becomes an update to be told."""
    found = {one.key: one for one in work.orders(erp).read([row.erp_key for row in rows])}
    now = timezone.now()
    for row in rows:
        progress = found.get(row.erp_key)
        if progress is None:
            continue
        events = _noticed(row, progress)
        row.progress, row.checked_at = msgspec.to_builtins(progress), now
        row.to_document = row.to_document and not (_is_sold(progress) or progress.cancelled or progress.gone)
        if progress.gone:
            events += _deleted(row)
        elif terms.back_enabled and row.untold is None:
            update = update_for(order_in(row), progress, back_terms_of(terms), row.told.get("documents", []))
            wanted = msgspec.to_builtins(update) if update is not None else None
            # What the shop refused is not tried at every look: it is told when something else is new as well.
            row.untold = wanted if wanted != row.told.get("refused") else None
        if progress.cancelled:
            row.status, row.done_at = Status.CANCELLED, now
        elif progress.realised == "fully" and row.untold is None and _all_told(terms, progress):
            row.status, row.done_at = Status.DONE, now
        with transaction.atomic():
            work.hold.check()
            if not saving.save(row, *FOLLOWED):
                continue
            OrderEvent.objects.bulk_create(events)
            promises.cover(row, progress)
            if row.status == Status.CANCELLED:
                promises.end(row)


def _all_told(terms: OrderTerms, progress: Progress) -> bool:
    """A realised order is followed until its parcel and document are there too, where these are to be told."""
    wants = terms.back_enabled and (terms.tell_tracking or terms.tell_documents)
    return not wants or bool(progress.tracking) or bool(progress.documents)


def _is_sold(progress: Progress) -> bool:
    """Whether WAPRO shows a sale document of it; goods issued are none."""
    return any(one.kind != "issue" and not one.correction for one in progress.documents)


def _noticed(row: ShopOrder, progress: Progress) -> list[OrderEvent]:
    """What moved in WAPRO since it was last read."""
    before = msgspec.convert(row.progress, Progress) if row.progress else Progress(key=row.erp_key)
    events = []
    if progress.realised != before.realised:
        events.append(note(row, Side.ERP, "realised", how=progress.realised))
    if progress.cancelled and not before.cancelled:
        events.append(note(row, Side.ERP, "cancelled"))
    known = {one.number for one in before.documents}
    events += [
        note(row, Side.ERP, "document", number=one.number, kind=one.kind, ksef=one.ksef_number)
        for one in progress.documents
        if one.number not in known
    ]
    new = [number for number in progress.tracking if number not in before.tracking]
    events += [note(row, Side.ERP, "parcel", number=number, carrier=progress.carrier) for number in new]
    if progress.documents and progress.left_to_pay <= 0 < before.left_to_pay:
        events.append(note(row, Side.ERP, "paid"))
    return events


def _deleted(row: ShopOrder) -> list[OrderEvent]:
    """Somebody deleted it in WAPRO: what follows is decided by the policy."""
    row.erp_key, row.draft, row.progress, row.untold, row.overruled = "", None, {}, None, None
    row.status, row.to_decide = Status.WAITING, True
    return [note(row, Side.ERP, "deleted", number=row.erp_document)]


def next_to_tell(terms: OrderTerms, now: datetime) -> list[ShopOrder]:
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    rows = ShopOrder.objects.filter(due, connection=terms.connection, untold__isnull=False)
    return list(rows.order_by("pk")[:TELL_AT_ONCE])


def tell(terms: OrderTerms, rows: Sequence[ShopOrder], work: Slice) -> None:
    """Send what is new. The connector looks at the orders itself; only those that it could not tell before are read
    anew, so that what became of them is noticed first."""
    known = {row.shop_key: order_in(row) for row in rows if not row.attempts}
    unsure = [row.shop_key for row in rows if row.attempts]
    if unsure:
        known |= reread(terms, unsure, work)
    updates = {row.shop_key: _still_new(row, known.get(row.shop_key)) for row in rows}
    wanted = [update for update in updates.values() if update is not None]
    results = _sent(terms, wanted, known, work)
    for row in rows:
        row.refresh_from_db()
        update = updates[row.shop_key]
        result = results.get(row.shop_key)
        with transaction.atomic():
            work.hold.check()
            _told(terms, row, update, result)


def _still_new(row: ShopOrder, order: Order | None) -> OrderUpdate | None:
    """The stored update without what the shop has by now."""
    if order is None:
        return None
    update = msgspec.convert(row.untold, OrderUpdate)
    there = {parcel.number for parcel in order.parcels}
    parcels = tuple(one for one in update.parcels if one.number not in there)
    state = None if update.state == order.state or order.stage.over else update.state
    paid = None if order.payment.paid else update.paid
    documents = tuple(one for one in update.documents if one.number not in row.told.get("documents", []))
    if not parcels and state is None and paid is None and not documents:
        return None
    return OrderUpdate(
        key=row.shop_key, state=state, paid=paid, parcels=parcels, documents=documents, notify=update.notify
    )


def _sent(terms: OrderTerms, updates: Sequence[OrderUpdate], known: dict[str, Order], work: Slice) -> dict[str, Result]:
    if not updates:
        return {}
    try:
        results = orders_of(work, terms.connection).update(updates, known)
    except OutcomeUnknown as error:
        return {one.key: Result(token=one.key, error=error) for one in updates}
    return {result.token: result for result in results}


def _told(terms: OrderTerms, row: ShopOrder, update: OrderUpdate | None, result: Result | None) -> None:
    if update is None:
        row.untold, row.attempts, row.not_before = None, 0, None
        row.save(update_fields=["untold", "attempts", "not_before"])
        return
    error = result.error if result is not None else OutcomeUnknown()
    if error is not None:
        _put_off(row, error)
        return
    told: dict[str, Any] = dict(row.told)
    told["documents"] = [*told.get("documents", []), *(one.number for one in update.documents)]
    row.told, row.untold, row.attempts, row.not_before = told, None, 0, None
    _expect(terms, row, update)
    row.save(update_fields=["told", "untold", "attempts", "not_before", *EXPECTED])
    note(
        row,
        Side.SHOP,
        "told",
        exchange=result.exchange if result else None,
        state=update.state or "",
        parcels=[one.number for one in update.parcels],
        documents=[one.number for one in update.documents],
    ).save()


def _expect(terms: OrderTerms, row: ShopOrder, update: OrderUpdate) -> None:
    """The order as the shop shows it from now on. Reading it again, as a webhook about our own write makes us, then
    brings nothing new."""
    order = order_in(row)
    state = update.state or order.state
    stages = {one.key: one.stage for one in words_of(terms).states}
    payment = replace(order.payment, paid=order.payment.paid or bool(update.paid))
    order = replace(order, state=state, stage=stages.get(state, order.stage), payment=payment)
    row.record, row.state, row.stage = msgspec.to_builtins(order), order.state, str(order.stage)
    row.paid = payment.paid


def _put_off(row: ShopOrder, error: IntegrationError) -> None:
    """Later; after several tries, or when the shop refuses it, a person has to look."""
    row.attempts += 1
    row.reasons = [error_data(error)]
    if (isinstance(error, Gone) or error.problem.code == Code.STALE) and row.attempts < MOST_ATTEMPTS:
        row.not_before = timezone.now() + LOOK_AGAIN
    elif isinstance(error, Transient) and row.attempts < MOST_ATTEMPTS:
        row.not_before = timezone.now() + retry_delay(error, row.attempts)
    else:
        row.told = {**row.told, "refused": row.untold}
        row.untold, row.alert, row.not_before = None, True, None
    row.save(update_fields=["attempts", "not_before", "reasons", "untold", "told", "alert"])
    note(row, Side.SHOP, "not_told", reasons=row.reasons).save()

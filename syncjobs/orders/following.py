"""The way back: what became of orders in WAPRO, and telling the shop what it does not know yet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown, Rejected, Transient
from integrator.canonical.orders import Order, OrderUpdate
from integrator.canonical.problems import Code
from integrator.canonical.side import Result
from syncjobs.fetching import error_data, retry_delay
from syncjobs.models.orders import OrderEvent, OrderPromise, OrderTerms, ShopOrder
from syncjobs.orders import promises, resting, saving
from syncjobs.orders.arriving import order_in, orders_of, take
from syncjobs.orders.events import Side, note
from syncjobs.orders.policy import Rules
from syncjobs.orders.progress import FOLLOWED_FOR, BackTerms, has_document, is_news, is_over, is_paid, update_for
from syncjobs.orders.terms import back_terms_of, rules_of, words_of
from syncjobs.slices import Slice
from wapro.models import WaproConnection
from wapro.orders.draft import Progress

LOOK_EVERY = timedelta(minutes=2)
FRESH = timedelta(days=1)
SELDOM = timedelta(hours=1)
"""How often an order is looked at that was realised more than `FRESH` ago and still lacks something to be told."""
AT_ONCE = 100
TELL_AT_ONCE = 100
MOST_ATTEMPTS = 6
LOOK_AGAIN = timedelta(minutes=1)
"""After an order turned out to be gone or in another state than when it was read: then it is read anew."""
FOLLOWED = (
    "progress",
    "checked_at",
    "untold",
    "told",
    "attempts",
    "not_before",
    "to_document",
    "status",
    "done_at",
    "realised_at",
    "reasons",
    "alert",
    "erp_key",
    "draft",
    "placing_began_at",
    "to_decide",
    "overruled",
)
"""What a look into WAPRO may change."""
UNTOLD = BackTerms(tracking=False, documents=False)
"""Of an order that the shop is told nothing of."""
EXPECTED = ("record", "state", "stage", "paid")
"""What telling the shop moves of the order as it is known."""
Status = ShopOrder.Status


def next_to_follow(terms: OrderTerms, now: datetime) -> list[ShopOrder]:
    """Orders in WAPRO that are not over, those that were looked at longest ago first."""
    fresh = Q(realised_at__isnull=True) | Q(realised_at__gt=now - FRESH)
    due = Q(checked_at__isnull=True) | Q(checked_at__lte=now - SELDOM) | (fresh & Q(checked_at__lte=now - LOOK_EVERY))
    rows = ShopOrder.objects.filter(due, connection=terms.connection, status=Status.PLACED)
    return list(rows.order_by(F("checked_at").asc(nulls_first=True))[:AT_ONCE])


def follow(terms: OrderTerms, erp: WaproConnection, rows: Sequence[ShopOrder], work: Slice) -> None:
    """Read back how far these orders are; what is new for the shop becomes an update to be told."""
    found = {one.key: one for one in work.orders(erp).read([row.erp_key for row in rows])}
    now, rules = timezone.now(), rules_of(terms)
    quiet: list[tuple[ShopOrder, Progress]] = []
    for row in rows:
        progress = found.get(row.erp_key)
        if progress is None:
            continue
        before = [getattr(row, name) for name in FOLLOWED]
        if progress.gone:
            events = _deleted(row)
        elif progress.client_number.casefold() != row.erp_number.casefold():
            events, progress = _another(row, progress), Progress(key=progress.key, gone=True)
        else:
            events = _went_on(terms, rules, row, progress, now)
        if not events and before == [getattr(row, name) for name in FOLLOWED]:
            quiet.append((row, progress))
            continue
        row.checked_at = now
        with transaction.atomic():
            work.hold.check()
            if not saving.save(row, *FOLLOWED):
                continue
            OrderEvent.objects.bulk_create(events)
            promises.cover(row, progress)
            if row.status == Status.CANCELLED:
                promises.end(row)

    _nothing_new(quiet, now, work)


def _nothing_new(found: Sequence[tuple[ShopOrder, Progress]], now: datetime, work: Slice) -> None:
    """Most orders lie there as they did: that they were looked at is said of all at once. Goods that were promised
    since are covered all the same."""
    keys = [row.pk for row, _ in found]
    new = set(
        OrderPromise.objects.filter(order__in=keys, ended_at=None, covered_at=None).values_list("order", flat=True)
    )
    with transaction.atomic():
        work.hold.check()
        ShopOrder.objects.filter(pk__in=keys, status=Status.PLACED).update(checked_at=now)
        for row, progress in found:
            if row.pk in new:
                promises.cover(row, progress)


def _asked(row: ShopOrder) -> str:
    """The document that it was written with: `invoice`, `receipt` or `issue`."""
    return str(((row.draft or {}).get("order") or {}).get("document", ""))


def _went_on(terms: OrderTerms, rules: Rules, row: ShopOrder, progress: Progress, now: datetime) -> list[OrderEvent]:
    """How far the order is by now, what the shop is to be told of it, and whether it is over."""
    order = staged(row, rules)
    events = _noticed(row, order, progress)
    # In the shape that comes back from the database, so that it can be compared with what was known.
    row.progress = msgspec.json.decode(msgspec.json.encode(progress))
    row.to_document = row.to_document and not (has_document(progress, _asked(row)) or progress.cancelled)
    row.realised_at = (row.realised_at or now) if progress.realised == "fully" else None
    if row.untold is None or progress.cancelled:
        _to_tell(row, news_of(terms, row, order, progress))
    if progress.cancelled:
        row.status, row.done_at = Status.CANCELLED, now
    elif row.realised_at is not None and row.untold is None:
        told = back_terms_of(terms) if _may_be_told(terms, row) else UNTOLD
        waited = now - row.realised_at
        if is_over(order, progress, told, waited) and ("refused" not in row.told or waited >= FOLLOWED_FOR):
            row.status, row.done_at = Status.DONE, now
    return events


def staged(row: ShopOrder, rules: Rules) -> Order:
    """The order as it was last read, with the stage that people gave its state where they did."""
    order = order_in(row)
    return replace(order, stage=rules.stage(order))


def news_of(terms: OrderTerms, row: ShopOrder, order: Order, progress: Progress) -> OrderUpdate | None:
    """What the shop is to be told. `order`: `staged`."""
    if not _may_be_told(terms, row):
        return None
    return update_for(order, progress, back_terms_of(terms), row.told.get("documents", {}))


def _may_be_told(terms: OrderTerms, row: ShopOrder) -> bool:
    """Not of an order that the shop has deleted."""
    return terms.back_enabled and not any(one["field"] == "deleted" for one in row.edited)


def _to_tell(row: ShopOrder, update: OrderUpdate | None) -> None:
    """What the shop refused is not tried at every look: it is told when something else is new as well."""
    refused = row.told.get("refused")
    if update is None:
        _knows(row)
    elif not refused or update != msgspec.convert(refused, OrderUpdate):
        row.untold = msgspec.to_builtins(update)


def _another(row: ShopOrder, progress: Progress) -> list[OrderEvent]:
    """The order that WAPRO has under this key is not ours: it is neither told of nor cancelled, and nothing comes in
    again by itself, for somebody may only have changed the number."""
    _deleted(row)
    row.status, row.to_decide, row.alert = Status.HELD, False, True
    row.reasons = [error_data(Rejected(Code.ORDER_NOT_OURS, number=row.erp_number, found=progress.client_number))]
    return [note(row, Side.ERP, "another", number=row.erp_document, reasons=row.reasons)]


def _noticed(row: ShopOrder, order: Order, progress: Progress) -> list[OrderEvent]:
    """What moved in WAPRO since it was last read."""
    before = msgspec.convert(row.progress, Progress) if row.progress else Progress(key=row.erp_key)
    events = []
    if progress.realised != before.realised:
        events.append(note(row, Side.ERP, "realised", how=progress.realised))
    if progress.cancelled and not before.cancelled:
        events.append(note(row, Side.ERP, "cancelled"))
    known = {one.number: one.ksef_number for one in before.documents}
    events += [
        note(row, Side.ERP, "document", number=one.number, kind=one.kind, ksef=one.ksef_number)
        for one in progress.documents
        if is_news(one, known)
    ]
    new = [number for number in progress.tracking if number not in before.tracking]
    events += [note(row, Side.ERP, "parcel", number=number, carrier=progress.carrier) for number in new]
    if is_paid(order, progress) and not is_paid(order, before):
        events.append(note(row, Side.ERP, "paid"))
    return events


def _deleted(row: ShopOrder) -> list[OrderEvent]:
    """Somebody deleted it in WAPRO: what follows is decided by the policy."""
    row.erp_key, row.draft, row.progress, row.untold, row.overruled = "", None, {}, None, None
    row.placing_began_at = None
    row.status, row.to_decide = Status.WAITING, True
    return [note(row, Side.ERP, "deleted", number=row.erp_document)]


def next_to_tell(terms: OrderTerms, now: datetime) -> list[ShopOrder]:
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    rows = ShopOrder.objects.filter(due, connection=terms.connection, untold__isnull=False).order_by("pk")
    silent = resting.resting(terms, now)
    if not silent:
        return list(rows[:TELL_AT_ONCE])
    speak = (row for row in rows.iterator() if not silent & resting.flows_in(row.untold))
    return list(islice(speak, TELL_AT_ONCE))


def tell(terms: OrderTerms, rows: Sequence[ShopOrder], work: Slice) -> None:
    """Send what is new. The connector looks at the orders itself; only those that it could not tell before are read
    anew, so that what became of them is noticed first."""
    known = {row.shop_key: order_in(row) for row in rows if not row.attempts}
    again, unread = _asked_again(terms, [row.shop_key for row in rows if row.attempts], work)
    known |= again
    rules = rules_of(terms)
    updates = {row.shop_key: _still_new(terms, rules, row, known.get(row.shop_key)) for row in rows}
    wanted = [update for update in updates.values() if update is not None]
    results = _sent(terms, wanted, known, work)
    for row in rows:
        row.refresh_from_db()
        with transaction.atomic():
            work.hold.check()
            if row.shop_key in unread:
                _put_off(row, unread[row.shop_key])
            else:
                _told(terms, row, updates[row.shop_key], results.get(row.shop_key))
    _rest(terms, frozenset().union(*(resting.flows_in(msgspec.to_builtins(update)) for update in wanted)))


def _rest(terms: OrderTerms, flows: frozenset[str]) -> None:
    """A flow with an interval is silent for it, once there is nothing more of it to tell."""
    now = timezone.now()
    if flows and terms.rests and not next_to_tell(terms, now):
        terms.rests = resting.told(terms, flows, now)
        OrderTerms.objects.filter(pk=terms.pk).update(rests=terms.rests)


def _asked_again(
    terms: OrderTerms, keys: Sequence[str], work: Slice
) -> tuple[dict[str, Order], dict[str, IntegrationError]]:
    """The orders as the shop has them by now, kept like those of a fetch, and why others could not be read. One that is
    in neither is deleted there."""
    if not keys:
        return {}, {}
    read = orders_of(work, terms.connection).read(keys)
    with transaction.atomic():
        work.hold.check()
        take(terms, keys, read)
    known = {order.key: order for order in read.orders}
    errors: dict[str, IntegrationError] = {key: OutcomeUnknown() for key in keys if key not in {*known, *read.gone}}
    for one in read.errors:
        params: dict[str, Any] = one.problem.as_dict()
        errors[one.key] = Transient(one.problem.code, **params)
    return known, errors


def _still_new(terms: OrderTerms, rules: Rules, row: ShopOrder, order: Order | None) -> OrderUpdate | None:
    """The stored update without what the shop has by now."""
    if order is None or not _may_be_told(terms, row):
        return None
    update = msgspec.convert(row.untold, OrderUpdate)
    there = {parcel.number for parcel in order.parcels}
    parcels = tuple(one for one in update.parcels if one.number not in there)
    state = None if update.state == order.state or rules.stage(order).over else update.state
    paid = None if order.payment.paid else update.paid
    documents = tuple(one for one in update.documents if is_news(one, row.told.get("documents", {})))
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
    if update is not None:
        error = result.error if result is not None else OutcomeUnknown()
        if error is not None:
            _put_off(row, error)
            return
        documents = {one.number: one.ksef_number for one in update.documents}
        row.told = {**row.told, "documents": {**row.told.get("documents", {}), **documents}}
        _expect(terms, row, update)
        note(
            row,
            Side.SHOP,
            "told",
            exchange=result.exchange if result else None,
            state=update.state or "",
            parcels=[one.number for one in update.parcels],
            documents=[f"{number} (KSeF {ksef})" if ksef else number for number, ksef in documents.items()],
        ).save()
    _knows(row)
    row.save(update_fields=["told", "untold", "attempts", "not_before", "reasons", "alert", *EXPECTED])


def _knows(row: ShopOrder) -> None:
    """The shop has all there was to tell: what was wrong with the telling bothers nobody any more."""
    told = {name: value for name, value in row.told.items() if name not in ("refused", "trouble")}
    trouble = row.told.get("trouble")
    if trouble and trouble["reason"] in row.reasons:
        row.reasons = [one for one in row.reasons if one != trouble["reason"]]
        row.alert = row.alert and (not trouble["listed"] or bool(row.edited))
    row.told, row.untold, row.attempts, row.not_before = told, None, 0, None


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
    before = row.told.get("trouble", {"reason": None, "listed": False})
    trouble = {"reason": error_data(error), "listed": before["listed"]}
    row.reasons = [trouble["reason"], *(one for one in row.reasons if one != before["reason"])]
    row.told = {**row.told, "trouble": trouble}
    if (isinstance(error, Gone) or error.problem.code == Code.STALE) and row.attempts < MOST_ATTEMPTS:
        row.not_before = timezone.now() + LOOK_AGAIN
    elif isinstance(error, Transient) and row.attempts < MOST_ATTEMPTS:
        row.not_before = timezone.now() + retry_delay(error, row.attempts)
    else:
        trouble["listed"] = trouble["listed"] or not row.alert
        row.told = {**row.told, "refused": row.untold}
        row.untold, row.attempts, row.alert, row.not_before = None, 0, True, None
    row.save(update_fields=["attempts", "not_before", "reasons", "untold", "told", "alert"])
    note(row, Side.SHOP, "not_told", reasons=[trouble["reason"]]).save()

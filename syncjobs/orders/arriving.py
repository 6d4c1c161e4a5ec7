"""Orders as they come from the shop: kept, noticed when they change, promised at once."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrator.canonical.errors import Rejected
from integrator.canonical.orders import (
    Charge,
    Known,
    Moved,
    Order,
    OrderError,
    OrderLine,
    OrderPage,
    Orders,
    OrdersRead,
    Seen,
)
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from shops.models import ShopConnection
from syncjobs.models.orders import OrderEvent, OrderTerms, ShopOrder
from syncjobs.orders import promises, resting
from syncjobs.orders.changes import content, differences, digest
from syncjobs.orders.events import Side, note
from syncjobs.orders.keys import order_number
from syncjobs.slices import Slice

OVERLAP = timedelta(minutes=10)
"""A fetch looks this far behind the last one: shops keep time to the second, and some lag."""
SLACK = timedelta(seconds=30)
"""How far a look aside from a long fetch overlaps the one before."""
MOST_GLANCES = 4
SWEEP_EVERY = timedelta(hours=1)
AFTER_ALL = timedelta(days=30)
"""So long after an order was left out, its payment is still noticed."""
WORDS_EVERY = timedelta(hours=6)
OPEN = (ShopOrder.Status.WAITING, ShopOrder.Status.HELD, ShopOrder.Status.PLACED, ShopOrder.Status.INTENDED)
READ_AT_ONCE = 50
NAMELESS = "?"
"""Begins the key of an order of which not even the key could be read."""
_DELETED = [{"field": "deleted", "before": "", "now": ""}]
_FETCHED = ("cursor", "since", "fetch_began_at", "next_at", "attempts", "not_before", "problem")


def orders_of(work: Slice, connection: ShopConnection) -> Orders:
    """The shop's orders. Raises Rejected (NOT_OFFERED) for a platform that has none."""
    found: Orders | None = getattr(work.shop(connection), "orders", None)
    if found is None:
        raise Rejected(Code.NOT_OFFERED, kind="order")
    return found


def is_due(terms: OrderTerms, now: datetime) -> bool:
    """Whether the shop is to be asked: a fetch is under way, or its time has come."""
    if not (terms.enabled or terms.back_enabled):
        return False
    if terms.not_before is not None and terms.not_before > now:
        return False
    if resting.until(terms, now) is not None:
        return False
    return terms.fetch_began_at is not None or terms.next_at is None or terms.next_at <= now


def is_long(terms: OrderTerms, now: datetime) -> bool:
    """Whether a fetch of many pages is under way, and it is not yet time to look for what came since it began."""
    return terms.fetch_began_at is not None and terms.next_at is not None and terms.next_at > now


def fetch_page(terms: OrderTerms, work: Slice) -> None:
    """The next page of what was placed or changed. After the last one the place to go on from is moved. A fetch of many
    pages is interrupted when its interval has passed, lest whoever orders meanwhile waits for its end."""
    now = timezone.now()
    if terms.fetch_began_at is not None and not is_long(terms, now):
        _glance(terms, work, now)
        return
    begins = terms.fetch_began_at is None
    if begins:
        terms.fetch_began_at, terms.cursor = now, ""
    since = (terms.since or _first_look(terms, now)) - OVERLAP
    page = orders_of(work, terms.connection).fetch(since, terms.cursor or None, _seen(terms))
    with transaction.atomic():
        work.hold.check()
        keep(terms, [*page.orders, *_moved(terms, page.moved)])
        _unreadable(terms, page.errors)
        terms.cursor = page.next_cursor or ""
        _mark(terms, page)
        if begins:
            # Of many pages the next thing is a look at the newest orders, which are on the last one.
            terms.next_at = now + timedelta(minutes=terms.interval_minutes) if page.next_cursor is None else now
        if page.next_cursor is None:
            terms.since, terms.fetch_began_at = terms.fetch_began_at, None
        terms.attempts, terms.not_before, terms.problem = 0, None, None
        # A person may have saved the settings while the shop was answering.
        terms.save(update_fields=[*_FETCHED])


def _glance(terms: OrderTerms, work: Slice, now: datetime) -> None:
    """A page of what came within the last interval, of half of it when that is more than a page. The fetch that is
    under way reaches it as well, in its turn."""
    span = timedelta(minutes=terms.interval_minutes) + SLACK
    for _ in range(MOST_GLANCES):
        page = orders_of(work, terms.connection).fetch(now - span, None, _seen(terms))
        with transaction.atomic():
            work.hold.check()
            keep(terms, [*page.orders, *_moved(terms, page.moved)])
            _unreadable(terms, page.errors)
            _mark(terms, page)
        if page.next_cursor is None:
            break
        span /= 2
    terms.next_at = now + timedelta(minutes=terms.interval_minutes)
    with transaction.atomic():
        work.hold.check()
        terms.save(update_fields=["next_at"])


def _mark(terms: OrderTerms, page: OrderPage) -> None:
    """Remember how orders stood; one that could not be read is news again when it can."""
    rows = ShopOrder.objects.filter(connection=terms.connection)
    marked = list(rows.filter(shop_key__in=page.marks).only("shop_key", "mark"))
    other = [row for row in marked if row.mark != page.marks[row.shop_key]]
    for row in other:
        row.mark = page.marks[row.shop_key]
    ShopOrder.objects.bulk_update(other, ["mark"])
    rows.filter(shop_key__in=[error.key for error in page.errors]).update(mark="")


def _moved(terms: OrderTerms, found: Sequence[Moved]) -> list[Order]:
    """Orders of which only state or payment changed, whole."""
    rows = ShopOrder.objects.filter(connection=terms.connection, shop_key__in=[one.key for one in found])
    known = {row.shop_key: order_in(row) for row in rows}
    return [one.of(known[one.key]) for one in found if one.key in known]


def _first_look(terms: OrderTerms, now: datetime) -> datetime:
    """From where on orders may count: later than the go-live, and no longer ago than is looked back."""
    back = now - timedelta(days=terms.look_back_days)
    return max(terms.go_live, back) if terms.go_live is not None else back


def _seen(terms: OrderTerms) -> Known:
    """Orders as they were fetched last, what the shop was told of them since included."""

    def known(keys: Collection[Key]) -> Mapping[Key, Seen]:
        rows = ShopOrder.objects.filter(connection=terms.connection, shop_key__in=list(keys)).exclude(mark="")
        found = rows.values_list("shop_key", "state", "mark")
        return {key: Seen(state=state, mark=mark) for key, state, mark in found}

    return known


def next_to_sweep(terms: OrderTerms, now: datetime) -> list[Key]:
    """Orders to read again, those that were not looked at for longest: some changes move no date in the shop. One that
    was left out for want of a payment is looked at for a while as well: the payment may come."""
    rows = ShopOrder.objects.filter(connection=terms.connection, read_at__lt=now - SWEEP_EVERY)
    unpaid = Q(status=ShopOrder.Status.CANCELLED, paid=False, erp_key="", done_at__gt=now - AFTER_ALL)
    rows = rows.filter(Q(status__in=OPEN) | unpaid).exclude(shop_key__startswith=NAMELESS).order_by("read_at")
    return list(rows.values_list("shop_key", flat=True)[:READ_AT_ONCE])


def reread(terms: OrderTerms, keys: Sequence[Key], work: Slice) -> None:
    """The present state of named orders, kept like those of a fetch."""
    read = orders_of(work, terms.connection).read(keys)
    with transaction.atomic():
        work.hold.check()
        take(terms, keys, read)


def take(terms: OrderTerms, keys: Sequence[str], read: OrdersRead) -> set[str]:
    """Keep what reading named orders gave. Keys of those that are new or no longer as they were. Inside a
    transaction."""
    moved = keep(terms, read.orders)
    _unreadable(terms, read.errors)
    _vanished(terms, read.gone)
    rows = ShopOrder.objects.filter(connection=terms.connection)
    rows.filter(shop_key__in=keys).update(read_at=timezone.now())
    # What was marked is not what is known now.
    rows.filter(shop_key__in=moved).update(mark="")
    return moved


def learn_words(terms: OrderTerms, work: Slice) -> None:
    words = orders_of(work, terms.connection).words()
    with transaction.atomic():
        work.hold.check()
        terms.words, terms.words_at = msgspec.to_builtins(words), timezone.now()
        terms.save(update_fields=["words", "words_at"])


def keep(terms: OrderTerms, orders: Iterable[Order]) -> set[str]:
    """Store new orders and notice changed ones, with their promises and events. Keys of both. Inside a transaction."""
    given = {order.key: order for order in orders}
    rows = ShopOrder.objects.select_for_update().filter(connection=terms.connection, shop_key__in=given)
    known = {row.shop_key: row for row in rows}
    moved: set[str] = set()
    kept: list[tuple[ShopOrder, Order]] = []
    events: list[OrderEvent] = []
    fresh: list[Order] = []
    for key, order in given.items():
        row = known.get(key)
        if row is not None and row.forgotten_at is not None:
            continue
        if row is None or not row.record:
            row = _new(terms, order, row)
            row.save()
            found = [note(row, Side.SHOP, "placed", total=str(order.total), payment=order.payment.name)]
            fresh.append(order)
        else:
            found = _changed(row, order)
            row.save()
        events += found
        if found:
            moved.add(key)
        kept.append((row, order))
    promises.promise_all(terms, kept)
    OrderEvent.objects.bulk_create(events)
    _count(terms, given.values(), fresh)
    return moved


def _new(terms: OrderTerms, order: Order, unread: ShopOrder | None) -> ShopOrder:
    """`unread`: its row, from when it could not be read."""
    row = unread or ShopOrder(connection=terms.connection, shop_key=order.key)
    if not row.left_alone:
        row.status, row.reasons, row.alert, row.to_decide = ShopOrder.Status.WAITING, [], False, True
    row.placed_at = order.placed_at
    _fill(row, order)
    return row


def _fill(row: ShopOrder, order: Order) -> None:
    billing = order.buyer.billing
    # Shown and filtered by; the order as it is stands in `record`.
    row.shop_number, row.state, row.stage = order.number[:64], order.state[:64], str(order.stage)
    row.buyer = (billing.company or f"{billing.first_name} {billing.last_name}".strip() or order.buyer.email)[:200]
    row.total, row.currency = order.total, order.currency[:3]
    row.payment, row.paid = (order.payment.name or order.payment.type)[:100], order.payment.paid
    row.changed_at, row.read_at = order.changed_at, timezone.now()
    row.record = msgspec.to_builtins(order)
    row.digest = digest(content(order))


def _changed(row: ShopOrder, order: Order) -> list[OrderEvent]:
    """What moved since the order was last read. The decision is made again when anything did."""
    before = order_in(row)
    events = []
    if before.state != order.state:
        events.append(note(row, Side.SHOP, "state", before=before.state, now=order.state))
    if not before.payment.paid and order.payment.paid:
        events.append(note(row, Side.SHOP, "paid"))
    if row.digest != digest(content(order)):
        found = differences(content(before), content(order))
        events.append(note(row, Side.SHOP, "edited", fields=[one.field for one in found]))
    if events:
        row.to_decide = True
    _fill(row, order)
    if row.imported is not None:
        edited = [msgspec.to_builtins(one) for one in differences(row.imported, content(order))]
        # We never edit an order in WAPRO: a person looks, once for each difference.
        row.alert = row.alert or bool(edited and edited != row.edited)
        row.edited = edited
    return events


def order_in(row: ShopOrder) -> Order:
    """The order as it was last read."""
    return msgspec.convert(row.record, Order)


def number_of(terms: OrderTerms, row: ShopOrder) -> str:
    """The order's number in WAPRO. It never changes once it was given."""
    return row.erp_number or order_number(terms.prefix, row.shop_key)


def _unreadable(terms: OrderTerms, errors: Iterable[OrderError]) -> None:
    """An order that cannot be read is shown with what was wrong; one that was read before keeps what is known."""
    for error in errors:
        problem = {"code": error.problem.code, "params": error.problem.as_dict(), "excerpt": error.excerpt[:300]}
        row, made = ShopOrder.objects.select_for_update().get_or_create(
            connection=terms.connection,
            shop_key=error.key[:64] or NAMELESS + hashlib.sha256(error.excerpt.encode()).hexdigest()[:16],
            defaults={
                "shop_number": error.number[:64],
                "placed_at": timezone.now(),
                "read_at": timezone.now(),
                "status": ShopOrder.Status.HELD,
                "reasons": [problem],
                "to_decide": False,
                "alert": True,
            },
        )
        if made or row.status not in OPEN or problem in row.reasons:
            continue
        if not row.may_be_in_erp:
            row.status, row.draft = ShopOrder.Status.HELD, None
        row.reasons, row.alert = [problem], True
        row.save(update_fields=["status", "draft", "reasons", "alert"])
        note(row, Side.SHOP, "unreadable", reasons=[problem]).save()


def _vanished(terms: OrderTerms, keys: Iterable[str]) -> None:
    """Deleted in the shop: what is not in WAPRO is over, what is there becomes a matter for a person, once."""
    rows = ShopOrder.objects.select_for_update()
    for row in rows.filter(connection=terms.connection, shop_key__in=list(keys), status__in=OPEN):
        if row.in_erp:
            if row.edited == _DELETED:
                continue
            row.edited, row.alert, row.untold = _DELETED, True, None
        elif row.may_be_in_erp:
            # Only WAPRO can tell: it goes on, and is found there and then missed here.
            continue
        else:
            row.status, row.done_at, row.to_decide, row.draft = ShopOrder.Status.IGNORED, timezone.now(), False, None
            promises.end(row)
        row.save()
        note(row, Side.SHOP, "deleted").save()


def _count(terms: OrderTerms, orders: Iterable[Order], fresh: Collection[Order]) -> None:
    """What the shop really uses, for the mapping page: names come from orders as well as from the shop's lists. Only
    `fresh` ones count: an order is read many times."""
    seen: dict[str, dict[str, Any]] = {name: dict(entries) for name, entries in terms.seen.items()}
    times: Counter[tuple[str, str]] = Counter()
    counted = {order.key for order in fresh}

    def saw(order: Order, group: str, key: str, **about: str) -> None:
        times[group, key] += order.key in counted
        entry = seen.setdefault(group, {}).get(key, {"count": 0})
        seen[group][key] = entry | {name: value for name, value in about.items() if value}

    for order in orders:
        saw(order, "payments", order.payment.type, name=order.payment.name, kind=str(order.payment.kind))
        saw(order, "deliveries", order.delivery.method, name=order.delivery.name)
        saw(order, "states", order.state, name=order.state, stage=str(order.stage))
        saw(order, "currencies", order.currency)
        taxed: tuple[OrderLine | Charge, ...] = (*order.lines, *order.charges)
        for one in taxed:
            saw(order, "taxes", one.tax, percent="" if one.percent is None else str(one.percent))
        for charge in order.charges:
            saw(order, "charges", f"{charge.kind}|{charge.tax}", name=charge.name)
    for (group, key), count in times.items():
        seen[group][key]["count"] = int(seen[group][key].get("count", 0)) + count
    if seen != terms.seen:
        terms.seen = seen
        OrderTerms.objects.filter(pk=terms.pk).update(seen=seen)

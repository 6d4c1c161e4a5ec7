"""Orders as they come from the shop: kept, noticed when they change, promised at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from integrator.canonical.errors import Rejected
from integrator.canonical.orders import Moved, Order, OrderError, OrderPage, Orders, OrdersRead, Seen
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from shops.models import ShopConnection
from syncjobs.models.orders import OrderEvent, OrderTerms, ShopOrder
from syncjobs.orders import promises
from syncjobs.orders.changes import content, differences, digest
from syncjobs.orders.events import Side, note
from syncjobs.orders.keys import order_number
from syncjobs.slices import Slice

OVERLAP = timedelta(minutes=10)
"""A fetch looks this far behind the last one: shops keep time to the second, and some lag."""
FIRST_LOOK = timedelta(days=14)
SWEEP_EVERY = timedelta(hours=1)
WORDS_EVERY = timedelta(hours=6)
OPEN = (ShopOrder.Status.WAITING, ShopOrder.Status.HELD, ShopOrder.Status.PLACED, ShopOrder.Status.INTENDED)
READ_AT_ONCE = 50
MOST_MARKS = 500
"""Of orders fetched last: more than come within the overlap of all but the busiest shops."""
_FETCHED = ("cursor", "since", "fetch_began_at", "marks", "next_at", "attempts", "not_before", "problem")


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
    return terms.fetch_began_at is not None or terms.next_at is None or terms.next_at <= now


def fetch_page(terms: OrderTerms, work: Slice) -> None:
    """The next page of what was placed or changed. After the last one the place to go on from is moved."""
    now = timezone.now()
    if terms.fetch_began_at is None:
        terms.fetch_began_at, terms.cursor = now, ""
    since = (terms.since or now - FIRST_LOOK) - OVERLAP
    page = orders_of(work, terms.connection).fetch(since, terms.cursor or None, _seen(terms))
    with transaction.atomic():
        work.hold.check()
        keep(terms, [*page.orders, *_moved(terms, page.moved)])
        _unreadable(terms, page.errors)
        terms.cursor = page.next_cursor or ""
        _mark(terms, page)
        if page.next_cursor is None:
            terms.since, terms.fetch_began_at = terms.fetch_began_at, None
            terms.next_at = now + timedelta(minutes=terms.interval_minutes)
        terms.attempts, terms.not_before, terms.problem = 0, None, None
        # A person may have saved the settings while the shop was answering.
        terms.save(update_fields=[*_FETCHED])


def _mark(terms: OrderTerms, page: OrderPage) -> None:
    """Remember how orders stood; one that could not be read is news again when it can."""
    anew = page.marks.keys() | {error.key for error in page.errors}
    kept = [[key, mark] for key, mark in terms.marks if key not in anew]
    terms.marks = [*kept, *([key, mark] for key, mark in page.marks.items())][-MOST_MARKS:]


def _moved(terms: OrderTerms, found: Sequence[Moved]) -> list[Order]:
    """Orders of which only state or payment changed, whole."""
    rows = ShopOrder.objects.filter(connection=terms.connection, shop_key__in=[one.key for one in found])
    known = {row.shop_key: order_in(row) for row in rows}
    return [one.of(known[one.key]) for one in found if one.key in known]


def _seen(terms: OrderTerms) -> dict[Key, Seen]:
    """The orders fetched last as they are known by now, what the shop was told of them included."""
    marks = dict(terms.marks)
    rows = ShopOrder.objects.filter(connection=terms.connection, shop_key__in=marks)
    return {key: Seen(state=state, mark=marks[key]) for key, state in rows.values_list("shop_key", "state")}


def sweep(terms: OrderTerms, work: Slice) -> bool:
    """Read open orders again, those that were not looked at for longest: some changes move no date. False when none is
    due."""
    old = timezone.now() - SWEEP_EVERY
    rows = ShopOrder.objects.filter(connection=terms.connection, status__in=OPEN, read_at__lt=old).order_by("read_at")
    keys = list(rows.values_list("shop_key", flat=True)[:READ_AT_ONCE])
    if not keys:
        return False
    reread(terms, keys, work)
    return True


def reread(terms: OrderTerms, keys: Sequence[str], work: Slice) -> dict[str, Order]:
    """The present state of named orders, kept like those of a fetch."""
    read = orders_of(work, terms.connection).read(keys)
    with transaction.atomic():
        work.hold.check()
        take(terms, keys, read)
    return {order.key: order for order in read.orders}


def take(terms: OrderTerms, keys: Sequence[str], read: OrdersRead) -> set[str]:
    """Keep what reading named orders gave. Keys of those that are new or no longer as they were. Inside a
    transaction."""
    moved = keep(terms, read.orders)
    _unreadable(terms, read.errors)
    _vanished(terms, read.gone)
    ShopOrder.objects.filter(connection=terms.connection, shop_key__in=keys).update(read_at=timezone.now())
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
    for key, order in given.items():
        row = known.get(key)
        if row is None:
            row = _new(terms, order)
            row.save()
            found = [note(row, Side.SHOP, "placed", total=str(order.total), payment=order.payment.name)]
        else:
            found = _changed(row, order)
            row.save()
        events += found
        if found:
            moved.add(key)
        kept.append((row, order))
    promises.promise_all(terms, kept)
    OrderEvent.objects.bulk_create(events)
    _count(terms, given.values())
    return moved


def _new(terms: OrderTerms, order: Order) -> ShopOrder:
    row = ShopOrder(connection=terms.connection, shop_key=order.key, placed_at=order.placed_at, read_at=timezone.now())
    _fill(row, order)
    return row


def _fill(row: ShopOrder, order: Order) -> None:
    billing = order.buyer.billing
    row.shop_number, row.state, row.stage = order.number, order.state, str(order.stage)
    row.buyer = (billing.company or f"{billing.first_name} {billing.last_name}".strip() or order.buyer.email)[:200]
    row.total, row.currency = order.total, order.currency
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
        row.edited = [msgspec.to_builtins(one) for one in differences(row.imported, content(order))]
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
        row, made = ShopOrder.objects.get_or_create(
            connection=terms.connection,
            shop_key=error.key[:64],
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
        if not made and not row.in_erp:
            row.status, row.reasons, row.alert = ShopOrder.Status.HELD, [problem], True
            row.save(update_fields=["status", "reasons", "alert"])


def _vanished(terms: OrderTerms, keys: Iterable[str]) -> None:
    """Deleted in the shop: what is not in WAPRO is over, what is there becomes a matter for a person."""
    rows = ShopOrder.objects.select_for_update()
    for row in rows.filter(connection=terms.connection, shop_key__in=list(keys), status__in=OPEN):
        note(row, Side.SHOP, "deleted").save()
        if row.in_erp:
            row.edited, row.alert = [{"field": "deleted", "before": "", "now": ""}], True
        else:
            row.status, row.done_at, row.to_decide = ShopOrder.Status.IGNORED, timezone.now(), False
            promises.end(row)
        row.save()


def _count(terms: OrderTerms, orders: Iterable[Order]) -> None:
    """What the shop really uses, for the mapping page: names come from orders as well as from the shop's lists."""
    seen: dict[str, dict[str, Any]] = {name: dict(entries) for name, entries in terms.seen.items()}
    times: Counter[tuple[str, str]] = Counter()

    def saw(group: str, key: str, **about: str) -> None:
        times[group, key] += 1
        entry = seen.setdefault(group, {}).get(key, {"count": 0})
        seen[group][key] = entry | {name: value for name, value in about.items() if value}

    for order in orders:
        saw("payments", order.payment.type, name=order.payment.name, kind=str(order.payment.kind))
        saw("deliveries", order.delivery.method, name=order.delivery.name)
        saw("states", order.state, name=order.state, stage=str(order.stage))
        saw("currencies", order.currency)
        for line in order.lines:
            saw("taxes", line.tax, percent="" if line.percent is None else str(line.percent))
        for charge in order.charges:
            saw("taxes", charge.tax, percent="" if charge.percent is None else str(charge.percent))
            saw("charges", f"{charge.kind}|{charge.tax}", name=charge.name)
    for (group, key), count in times.items():
        seen[group][key]["count"] = int(seen[group][key].get("count", 0)) + count
    terms.seen = seen
    OrderTerms.objects.filter(pk=terms.pk).update(seen=seen)

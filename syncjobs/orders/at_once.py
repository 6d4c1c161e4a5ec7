"""Stock of what was just bought, written on the client's other shops without waiting for their next stock run.

A promise that begins or is let go leaves a `DueOffer` in every shop whose offer it changes. The shop's own worker takes
them in its next slice, ahead of orders and other steps: it reads the present stock of just these products, and a run of
a single step plans, guards, writes and verifies it like any other.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from integrator.canonical.errors import AuthFailed, IntegrationError, RateLimited, Transient, Unreachable
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key
from integrator.canonical.side import Keyed
from shops import logins
from shops.models import ShopConnection
from syncjobs import runs, snapshots
from syncjobs.fetching import NEVER, error_data, latest_good, open_issues, retry_delay
from syncjobs.models import DueOffer, Fetch, Link, OrderTerms, Run, Step, SyncOptions
from syncjobs.models.choices import OPEN_STATUSES, LinkState, Phase, Side, Status
from syncjobs.options import is_quiet
from syncjobs.orders import resting
from syncjobs.slices import Slice, contained
from wapro.models import WaproConnection

GATHER = timedelta(seconds=2)
"""So long they are gathered: a page of orders, or an order of many lines, is one run."""
MOST = 500
"""Products of one run."""
READ_AT_ONCE = 50
MOST_ATTEMPTS = 6


def attend(connection: ShopConnection, work: Slice) -> None:
    """Start a run of the products that are due. Nothing is written here."""
    now = timezone.now()
    rows = _taken(connection, now)
    if not rows or rows[0].since + GATHER > now or not _is_free(connection) or logins.refused(connection):
        return
    option = SyncOptions.objects.filter(connection=connection, kind=Kind.STOCK).first()
    if option is None or not _runs_by_itself(connection, option):
        # Whoever switches stock on again runs all of it: these products were left open for that.
        _drop(rows)
    elif not is_quiet(option, now):
        _start(connection, rows, work)


def _taken(connection: ShopConnection, now: datetime) -> list[DueOffer]:
    """All rows of the products that wait longest."""
    rows = list(due(now).filter(connection=connection).order_by("id")[: MOST * 20])
    products = set(list(dict.fromkeys(row.product for row in rows))[:MOST])
    return [row for row in rows if row.product in products]


def due(now: datetime) -> QuerySet[DueOffer]:
    return DueOffer.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=now))


def _is_free(connection: ShopConnection) -> bool:
    """A plan of stock that waits for a person is not replaced, and one run of these follows the other."""
    steps = Step.objects.filter(connection=connection, kind=Kind.STOCK)
    busy = Q(status=Status.WAITING) | Q(status__in=OPEN_STATUSES, run__trigger=Run.Trigger.ORDER)
    return not steps.filter(busy).exists()


def _runs_by_itself(connection: ShopConnection, option: SyncOptions) -> bool:
    """Whether stock is written here without asking: the flow is on, was approved once and may write; and both sides'
    stock was read whole, without an error that holds the others back."""
    if not (option.enabled and option.approved_at is not None and connection.writes_enabled):
        return False
    for source in (connection, WaproConnection.objects.filter(client=connection.client_id).first()):
        fetch = latest_good(source, Kind.STOCK, NEVER) if source is not None else None
        if fetch is None or open_issues(fetch, connection, Kind.STOCK):
            return False
    return True


def _start(connection: ShopConnection, rows: Sequence[DueOffer], work: Slice) -> None:
    with contained(f"offers of connection {connection.pk}", partial(_put_off, connection, rows)):
        items, requests = _read(connection, {row.product for row in rows}, work)
        with transaction.atomic():
            work.hold.check()
            _drop(rows)
            if items:
                _start_run(connection, rows, items, requests)


def _read(connection: ShopConnection, products: set[Key], work: Slice) -> tuple[list[Keyed], int]:
    """The present stock of these products in the shop. No transaction is open here."""
    keys: list[Key] = []
    for part in snapshots.chunks(sorted(products)):
        links = Link.objects.filter(connection=connection, kind=Kind.PRODUCT, state=LinkState.LINKED, erp_key__in=part)
        keys += links.values_list("shop_key", flat=True)
    side = work.shop(connection)
    before = side.requests_sent
    items: list[Keyed] = []
    for part in snapshots.chunks(keys, READ_AT_ONCE):
        items += [item for item in side.read(Kind.STOCK, part).items if item.kind is Kind.STOCK]
    return items, side.requests_sent - before


def _start_run(connection: ShopConnection, rows: Sequence[DueOffer], items: Sequence[Keyed], requests: int) -> None:
    now = timezone.now()
    changed = snapshots.store(connection, items)
    fetch = Fetch.objects.create(
        shop=connection,
        kind=Kind.STOCK,
        delivers=[Kind.STOCK],
        keys=sorted(item.key for item in items),
        status=Status.SUCCEEDED,
        received=len(items),
        changed=changed,
        requests=requests,
        started_at=now,
        finished_at=now,
    )
    run = runs.start_run(connection, kinds=[Kind.STOCK], trigger=Run.Trigger.ORDER)
    counts = {"shop_fetched": len(items), "requests": requests, "waited": _waited(rows, now)}
    Step.objects.filter(run=run).update(shop_fetch=fetch, counts=counts)
    # Of one kind only one step may be under way. One that reads the whole shop may take long: it goes on afterwards.
    aside = Step.objects.filter(connection=connection, kind=Kind.STOCK, status=Status.RUNNING)
    aside.update(status=Status.QUEUED)


def _waited(rows: Sequence[DueOffer], now: datetime) -> int:
    """Seconds that the first of them waited for this run."""
    return round((now - min(row.since for row in rows)).total_seconds())


def _drop(rows: Sequence[DueOffer]) -> None:
    DueOffer.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _put_off(connection: ShopConnection, rows: Sequence[DueOffer], error: IntegrationError) -> None:
    """Later; after several tries they are left to the next stock run. A refused login is told like any."""
    if isinstance(error, AuthFailed | Unreachable):
        data = logins.told(error, error_data(error, Side.SHOP))
        ShopConnection.objects.filter(pk=connection.pk).update(healthy=False, problem=data)
    counted = 0 if isinstance(error, RateLimited) else 1
    attempts = max(row.attempts for row in rows) + counted
    if attempts >= MOST_ATTEMPTS:
        _drop(rows)
        return
    delay = retry_delay(error if isinstance(error, Transient) else Transient(error.problem.code), attempts)
    mine = DueOffer.objects.filter(pk__in=[row.pk for row in rows])
    mine.update(attempts=F("attempts") + counted, not_before=timezone.now() + delay)


def goes_first(connection: ShopConnection, now: datetime) -> bool:
    """Whether a run of these has something to do now: it goes before the orders."""
    steps = Step.objects.filter(connection=connection, run__trigger=Run.Trigger.ORDER)
    free = Q(not_before__isnull=True) | Q(not_before__lte=now)
    return steps.filter(free, status__in=[Status.QUEUED, Status.RUNNING]).exists()


def seconds_to_next(connection: ShopConnection, now: datetime) -> float | None:
    """Until they are worth looking at. None when none wait, or all wait for something that wakes the connection."""
    rows = DueOffer.objects.filter(connection=connection)
    fresh = rows.filter(not_before__isnull=True).order_by("id").values_list("since", flat=True).first()
    later = rows.filter(not_before__isnull=False).order_by("not_before").values_list("not_before", flat=True).first()
    moments = [moment for moment in (fresh and fresh + GATHER, later) if moment is not None]
    if not moments or not _is_free(connection):
        return None
    option = SyncOptions.objects.filter(connection=connection, kind=Kind.STOCK).first()
    if option is not None and is_quiet(option, now):
        return None
    return max((min(moments) - now).total_seconds(), 0.5)


def look_for_orders(connection: ShopConnection) -> None:
    """The shop's stock was read: its orders are looked at before it is written, since what a buyer took there meanwhile
    would be written back."""
    now = timezone.now()
    OrderTerms.objects.filter(connection=connection, next_at__gt=now).update(next_at=now)


def orders_awaited(connection: ShopConnection, now: datetime) -> bool:
    """Whether a stock that was read waits for that look. Orders that cannot be read just now hold no stock."""
    due = Q(fetch_began_at__isnull=False) | Q(next_at__lte=now)
    awake = Q(not_before__isnull=True) | Q(not_before__lte=now)
    on = Q(enabled=True) | Q(back_enabled=True)
    step = Step.objects.filter(connection=connection, kind=Kind.STOCK, status=Status.RUNNING, phase=Phase.LINK)
    terms = OrderTerms.objects.filter(due, awake, on, connection=connection).first()
    return terms is not None and resting.until(terms, now) is None and step.exists()

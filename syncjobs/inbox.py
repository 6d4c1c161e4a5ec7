"""The inbox of hints: what a shop's webhooks say may have changed is read afresh and goes the usual way. Elements are
looked at by `hinted`, orders by `orders.hinted`, each in their own turn.

Hints are never the truth: they come late, twice, in another order or not at all, and polling goes on whatever they say.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from integrator.canonical.fingerprint import digest
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, SYNC_KINDS, Kind
from integrator.canonical.records import Key
from shops.connectors.hooks import ORDER, Delivery, Headers
from shops.models import ShopConnection
from syncjobs import queue
from syncjobs.fetching import latest_good, open_issues
from syncjobs.models import InboxEvent, Run, Step, SyncOptions, WebhookSetup
from syncjobs.models.choices import OPEN_STATUSES
from syncjobs.options import is_quiet
from syncjobs.webhooks import scheme_of

Status, Reason = InboxEvent.Status, InboxEvent.Reason
GATHER = timedelta(seconds=5)
"""So long hints are gathered, so that ten about one product are one reading."""
AGAIN_AFTER = timedelta(minutes=1)
"""Where a platform gives deliveries no id, equal bytes that come later than this are another change of the same kind
(there and back again), not the same delivery."""
MOST_A_MINUTE = 600
MOST_REFUSED_A_MINUTE = 60
MOST_KEYS = 50
"""Hinted elements or orders that are read in one go."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Received(Enum):
    """What became of a delivery at the door."""

    KEPT = "kept"
    KNOWN = "known"
    PING = "ping"
    UNKEPT = "unkept"
    FORGED = "forged"
    TOO_MANY = "too_many"


def receive(setup: WebhookSetup, headers: Headers, body: bytes) -> Received:
    """Take in one delivery: what is signed is kept as one row, and a worker is told. Nothing else is done here, since
    shops wait only seconds for an answer."""
    scheme = scheme_of(setup.connection)
    if scheme is None or _count(setup, "refused", add=False) >= MOST_REFUSED_A_MINUTE:
        return Received.TOO_MANY
    believed = scheme.verify(headers, body, setup.secret)
    delivery = scheme.read(headers, body)
    rows = WebhookSetup.objects.filter(pk=setup.pk)
    now = timezone.now()
    if delivery.ping:
        rows.update(pinged_at=now)
        return Received.PING
    if not believed:
        _count(setup, "refused")
        rows.update(refused=F("refused") + 1, refused_at=now)
        return Received.FORGED
    if _count(setup, "kept") > MOST_A_MINUTE:
        rows.update(unkept=F("unkept") + 1, unkept_at=now)
        return Received.UNKEPT
    return _keep(setup.connection, delivery, body)


def _count(setup: WebhookSetup, what: str, *, add: bool = True) -> int:
    """Deliveries of this sort in the present minute."""
    key = f"webhook:{what}:{setup.pk}:{int(timezone.now().timestamp() // 60)}"
    if not add:
        return int(cache.get(key, 0))
    if cache.add(key, 1, 120):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # the server of the cache was emptied between the two calls
        return 1


def _keep(connection: ShopConnection, delivery: Delivery, body: bytes) -> Received:
    now = timezone.now()
    name = digest(delivery.id) if delivery.id else digest(delivery.topic, body)
    event = InboxEvent(
        connection=connection,
        delivery=name,
        topic=delivery.topic[:60],
        kind=delivery.subject or "",
        keys=[key[:80] for key in delivery.keys],
        received_at=now,
    )
    if delivery.subject is None or not delivery.keys:
        event.status, event.done_at = Status.IGNORED, now
        event.reason = Reason.OTHER if delivery.subject is None else Reason.UNREADABLE
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        if not _again(event, own_id=bool(delivery.id)):
            return Received.KNOWN
    if event.status == Status.WAITING:
        _tell(connection)
    return Received.KEPT


def _again(event: InboxEvent, *, own_id: bool) -> bool:
    """Whether bytes that were seen before tell of another change; then their row waits once more."""
    if own_id or event.status != Status.WAITING:
        return False
    before = InboxEvent.objects.filter(connection=event.connection, delivery=event.delivery)
    rows = before.filter(received_at__lt=event.received_at - AGAIN_AFTER).exclude(status=Status.WAITING)
    return bool(rows.update(status=Status.WAITING, reason="", run=None, received_at=event.received_at, done_at=None))


def _tell(connection: ShopConnection) -> None:
    """One message while hints gather. Where it is lost, or there is no broker, the scheduler finds what waits."""
    if cache.add(f"webhook:told:{connection.pk}", 1, GATHER.total_seconds()):
        queue.nudge(connection, GATHER.total_seconds())


def waiting(connection: ShopConnection, *, orders: bool = False) -> list[InboxEvent]:
    """The hints at elements, or those at orders, that were not looked at yet, those that wait longest first."""
    rows = InboxEvent.objects.filter(connection=connection, status=Status.WAITING)
    rows = rows.filter(kind=ORDER) if orders else rows.exclude(kind=ORDER)
    return list(rows.order_by("received_at", "id")[: MOST_KEYS * 10])


def one_reading(events: list[InboxEvent]) -> list[InboxEvent]:
    """As many of these as name no more than is read in one go."""
    taken: list[InboxEvent] = []
    keys: set[Key] = set()
    for event in events:
        keys |= set(event.keys)
        if taken and len(keys) > MOST_KEYS:
            break
        taken.append(event)
    return taken


def close(events: Iterable[InboxEvent], status: str, reason: str, run: Run | None = None) -> None:
    """Each hint ends with its reason, once."""
    rows = InboxEvent.objects.filter(pk__in=[event.pk for event in events], status=Status.WAITING)
    rows.update(status=status, reason=reason, run=run, done_at=timezone.now())


@dataclass(frozen=True, slots=True)
class Readiness:
    """What may be done with hints of one kind now."""

    kinds: tuple[Kind, ...] = ()
    """Kinds to read afresh; none: not now."""
    reason: str = ""
    """Why they are not looked at at all."""


def readiness(connection: ShopConnection, kind: Kind, now: datetime) -> Readiness:
    """Hints move only flows that run by themselves, and only those whose last polling brought everything: what was
    never fetched whole would be taken for missing, and an error of step a) holds the rest back here as it does there.
    A step that is under way is not disturbed: it may have read the element before it changed."""
    wanted = _moved_by(kind)
    options = SyncOptions.objects.filter(connection=connection, kind__in=wanted, enabled=True)
    flows = {Kind(option.kind): is_quiet(option, now) for option in options}
    if not flows:
        return Readiness(reason=Reason.FLOW_OFF)
    if Step.objects.filter(connection=connection, kind__in=list(flows), status__in=OPEN_STATUSES).exists():
        return Readiness()
    if all(flows.values()):
        return Readiness()
    whole = [flow for flow, quiet in flows.items() if not quiet and _fetched_whole(connection, flow)]
    if not whole:
        return Readiness(reason=Reason.POLL_FIRST)
    return Readiness(kinds=tuple(flow for flow in wanted if flow in whole))


def _moved_by(kind: Kind) -> tuple[Kind, ...]:
    """A product's price and stock have no hints of their own."""
    return tuple(one for one in SYNC_KINDS if one is kind or (kind is Kind.PRODUCT and one in PRODUCT_STATE_KINDS))


def _fetched_whole(connection: ShopConnection, kind: Kind) -> bool:
    fetch = latest_good(connection, kind, _EVER)
    return fetch is not None and not open_issues(fetch, connection, kind)


def due_at(connection: ShopConnection, events: list[InboxEvent]) -> datetime:
    """When these hints have been gathered long enough, or the shop may be asked again."""
    due = events[0].received_at + GATHER
    setup = WebhookSetup.objects.filter(connection=connection).first()
    return max(due, setup.not_before) if setup is not None and setup.not_before is not None else due


def seconds_to_next(connection: ShopConnection, now: datetime) -> float | None:
    """Until hints are worth looking at. None when none wait, or all wait for something that wakes the connection."""
    kinds: dict[str, Readiness] = {}
    events = []
    for event in waiting(connection):
        if event.kind not in kinds:
            kinds[event.kind] = readiness(connection, Kind(event.kind), now)
        if kinds[event.kind] != Readiness():
            events.append(event)
    return max((due_at(connection, events) - now).total_seconds(), 0.5) if events else None

"""Reading the elements that hints name, and starting a run of what differs: in the slices of the connection, under its
lease."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrator.canonical.capabilities import Can
from integrator.canonical.errors import AuthFailed, IntegrationError, RateLimited, Transient, Unreachable
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from integrator.canonical.records import Key, ProductGroup
from integrator.canonical.side import Keyed, ReadBack
from shops import logins
from shops.models import ShopConnection
from syncjobs import inbox, runs, snapshots
from syncjobs.fetching import SWEPT, error_data, retry_delay
from syncjobs.inbox import Reason, Status
from syncjobs.models import Fetch, InboxEvent, KindState, Run, Step, WebhookSetup
from syncjobs.models.choices import Side
from syncjobs.models.choices import Status as FetchStatus
from syncjobs.setup import Setup, setup_of
from syncjobs.slices import Slice, contained

READ_AT_ONCE = 50
MOST_ATTEMPTS = 6


@dataclass(slots=True)
class Seen:
    """What reading the hinted elements gave."""

    meant: dict[Key, set[Key]] = field(default_factory=dict)
    """Hinted key -> keys of the elements that it stands for: a parent's key for all its variants."""
    items: dict[Kind, list[Keyed]] = field(default_factory=lambda: defaultdict(list))
    gone: dict[Kind, set[Key]] = field(default_factory=lambda: defaultdict(set))
    broken: set[Key] = field(default_factory=set)
    groups: list[Keyed] = field(default_factory=list)
    requests: int = 0

    def take(self, kind: Kind, read: ReadBack) -> None:
        self.items[kind] += [item for item in read.items if item.kind is kind]
        self.gone[kind] |= set(read.gone)
        self.broken |= {error.key for error in read.errors}


def attend(connection: ShopConnection, work: Slice) -> None:
    """Look at the hints at elements that were gathered long enough. Each of them ends with its reason; one about an
    element that is as it was last seen starts nothing, so our own writes, which shops tell of too, do not echo."""
    now = timezone.now()
    events = inbox.waiting(connection)
    if not events or inbox.due_at(connection, events) > now or logins.refused(connection):
        return
    by_kind: dict[Kind, list[InboxEvent]] = defaultdict(list)
    for event in events:
        by_kind[Kind(event.kind)].append(event)
    for kind, of_kind in by_kind.items():
        ready = inbox.readiness(connection, kind, now)
        if ready.reason:
            inbox.close(of_kind, Status.IGNORED, ready.reason)
        elif ready.kinds:
            _attend_kind(connection, kind, ready.kinds, inbox.one_reading(of_kind), work)


def _attend_kind(
    connection: ShopConnection, kind: Kind, kinds: tuple[Kind, ...], events: list[InboxEvent], work: Slice
) -> None:
    with contained(f"hints of connection {connection.pk}", partial(_put_off, connection, events)):
        seen = _look(connection, kind, kinds, events, work)
        _settle(connection, kinds, events, seen, work)


def _look(
    connection: ShopConnection, kind: Kind, kinds: tuple[Kind, ...], events: list[InboxEvent], work: Slice
) -> Seen:
    """Read the elements. No transaction is open here."""
    side = work.shop(connection)
    before = side.requests_sent
    seen = Seen()
    hinted = list(dict.fromkeys(key for event in events for key in event.keys))
    seen.meant = {key: {key} for key in hinted}
    if kind is Kind.PRODUCT:
        _resolve(connection, seen, work)
    keys = list(dict.fromkeys(key for key in hinted for key in sorted(seen.meant[key])))
    for one in kinds:
        for part in snapshots.chunks(keys, READ_AT_ONCE):
            seen.take(one, side.read(one, part))
    seen.requests = side.requests_sent - before
    return seen


def _resolve(connection: ShopConnection, seen: Seen, work: Slice) -> None:
    """A parent stands for its variants: those that the shop has now, and those that were known. A deleted variant may
    be named by its own id alone."""
    bare = [key for key in seen.meant if ":" not in key]
    known = snapshots.of(connection).filter(kind=Kind.PRODUCT)
    ends = Q()
    for key in bare:
        ends |= Q(key__endswith=f":{key}")
    for found, owner in known.filter(Q(owner__in=bare) | ends).values_list("key", "owner") if bare else ():
        for name in (owner, found.rpartition(":")[2]):
            if name in seen.meant:
                seen.meant[name].add(found)
    if not bare or not setup_of(connection).shop.can(Kind.GROUP, Can.READ):
        return
    for item in work.shop(connection).read(Kind.GROUP, bare).items:
        if item.kind is Kind.GROUP and isinstance(item.record, ProductGroup) and item.key in seen.meant:
            seen.groups.append(item)
            seen.meant[item.key] |= set(item.record.variants)
            seen.meant[item.key].discard(item.key)


def _settle(
    connection: ShopConnection, kinds: tuple[Kind, ...], events: list[InboxEvent], seen: Seen, work: Slice
) -> None:
    """Snapshot, run and events in one transaction: a worker that dies leaves all of it or nothing."""
    with transaction.atomic():
        work.hold.check()
        setup = setup_of(connection)
        changed = {kind: _store(setup, kind, seen) for kind in kinds}
        snapshots.store(connection, seen.groups)
        fetches = [_fetched(connection, kind, seen, keys) for kind, keys in changed.items() if keys]
        run = _start(connection, fetches) if fetches else None
        moved = set().union(*changed.values())
        outcomes: dict[str, list[InboxEvent]] = defaultdict(list)
        for event in events:
            outcomes[_outcome(event, seen, moved)].append(event)
        for reason, of_reason in outcomes.items():
            inbox.close(of_reason, Status.DONE, reason, run if reason == Reason.CHANGED else None)
        WebhookSetup.objects.filter(connection=connection).update(not_before=None, attempts=0)


def _store(setup: Setup, kind: Kind, seen: Seen) -> set[Key]:
    """Keys of the elements that differ from what was known, or from what was last planned: looking before writing
    stores what it sees too. An element that is gone counts as missed by one polling, not more: the next one confirms
    it."""
    items, connection = seen.items[kind], setup.connection
    prints = snapshots.prints_of(items)
    known = snapshots.held(connection, {kind: [item.key for item in items]})
    planned = _planned(setup, kind, [item.key for item in items])
    changed = {
        item.key
        for item in items
        if {known.get((kind, item.key)), planned.get(item.key, prints[kind, item.key])} != {prints[kind, item.key]}
    }
    snapshots.store(connection, items, prints)
    if kind in SWEPT:
        snapshots.of(connection).filter(kind=kind, key__in=list(seen.gone[kind]), missed=0).update(missed=1)
    return changed


def _planned(setup: Setup, kind: Kind, keys: list[Key]) -> dict[Key, str]:
    """Fingerprints of the shop's elements that their links were last planned against."""
    if not setup.policy(kind).updates:
        return {}
    linked = Kind.PRODUCT if kind in PRODUCT_STATE_KINDS else kind
    rows = KindState.objects.filter(connection=setup.connection, kind=kind, link__kind=linked, link__shop_key__in=keys)
    return dict(rows.exclude(shop_fp="").values_list("link__shop_key", "shop_fp"))


def _fetched(connection: ShopConnection, kind: Kind, seen: Seen, changed: set[Key]) -> Fetch:
    now = timezone.now()
    return Fetch.objects.create(
        shop=connection,
        kind=kind,
        delivers=[kind],
        keys=sorted(item.key for item in seen.items[kind]),
        status=FetchStatus.SUCCEEDED,
        received=len(seen.items[kind]),
        changed=len(changed),
        requests=seen.requests,
        started_at=now,
        finished_at=now,
    )


def _start(connection: ShopConnection, fetches: list[Fetch]) -> Run:
    kinds = [Kind(fetch.kind) for fetch in fetches]
    run = runs.start_run(connection, kinds=kinds, trigger=Run.Trigger.WEBHOOK)
    for fetch in fetches:
        counts = {"shop_fetched": fetch.received, "requests": fetch.requests if fetch is fetches[0] else 0}
        Step.objects.filter(run=run, kind=fetch.kind).update(shop_fetch=fetch, counts=counts)
    return run


def _outcome(event: InboxEvent, seen: Seen, moved: set[Key]) -> str:
    meant = set().union(*(seen.meant[key] for key in event.keys))
    if meant & moved:
        return Reason.CHANGED
    if meant & seen.broken:
        return Reason.BROKEN
    gone = set().union(*seen.gone.values())
    return Reason.GONE if meant & gone else Reason.SAME


def _put_off(connection: ShopConnection, events: list[InboxEvent], error: IntegrationError) -> None:
    """Later; after several tries not at all, since polling finds what changed. A refused login is told like any."""
    setup = WebhookSetup.objects.filter(connection=connection).first()
    attempts = (setup.attempts if setup is not None else MOST_ATTEMPTS) + (not isinstance(error, RateLimited))
    if isinstance(error, AuthFailed | Unreachable):
        data = logins.told(error, error_data(error, Side.SHOP))
        ShopConnection.objects.filter(pk=connection.pk).update(healthy=False, problem=data)
    if setup is None or attempts >= MOST_ATTEMPTS:
        inbox.close(events, Status.IGNORED, Reason.UNREAD)
        attempts = 0
    delay = retry_delay(error if isinstance(error, Transient) else Transient(error.problem.code), attempts)
    WebhookSetup.objects.filter(connection=connection).update(attempts=attempts, not_before=timezone.now() + delay)

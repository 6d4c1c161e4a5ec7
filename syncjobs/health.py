"""How a set of shop connections is doing: latest state and last success per flow, the last thirty days. Each function
asks a fixed number of queries, whatever the number of connections."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrator.canonical.kinds import LANES, SYNC_KINDS, Kind, Lane
from shops.models import ShopConnection
from syncjobs.models import OrderTerms, Run, Step, SyncOptions
from syncjobs.models.choices import Status
from syncjobs.words import span_in_words

DAYS = 30
HOURS = (24, 20, 16, 12, 8, 4, 0)
"""Hours back at which the lag is told in words."""
LANE_NAMES = {
    Lane.ORDERS: _("orders"),
    Lane.STOCK: _("stock"),
    Lane.PRICES: _("prices"),
    Lane.CATALOGUE: _("catalogue"),
    Lane.IMAGES: _("images"),
}
LEADER = {Lane.STOCK: Kind.STOCK, Lane.PRICES: Kind.PRICE, Lane.CATALOGUE: Kind.PRODUCT, Lane.IMAGES: Kind.IMAGE}
"""The kind whose success counts as the lane's. Orders have no runs: what counts is until when they were seen."""
WORST_FIRST = (
    Status.RUNNING,
    Status.FAILED,
    Status.WAITING,
    Status.BLOCKED,
    Status.PARTLY,
    Status.QUEUED,
    Status.CANCELLED,
    Status.SUCCEEDED,
)


@dataclass(slots=True)
class Flow:
    """One lane of one shop."""

    lane: Lane
    steps: list[Step] = field(default_factory=list)
    """The latest step of each of its kinds."""
    last_success: datetime | None = None
    next_at: datetime | None = None
    enabled: bool = False
    interval: int = 60
    """Minutes between two runs."""
    stands: bool = False
    """Orders: something keeps all of them from going on."""
    spark: list[float] = field(default_factory=list)
    """Minutes since the last success at each of the last 24 hours."""

    @property
    def sparse(self) -> list[str]:
        """The lag in words at every fourth of the hours, the present one last; "–" before the first success."""
        known = [span_in_words(minutes * 60) for minutes in self.spark]
        return [known[-1 - back] if back < len(known) else "–" for back in HOURS]

    @property
    def name(self) -> str:
        return str(LANE_NAMES[self.lane])

    @property
    def worst(self) -> Step | None:
        """The step whose state is the lane's."""
        return min(self.steps, key=lambda step: WORST_FIRST.index(Status(step.status)), default=None)

    @property
    def limit(self) -> int:
        """Minutes without a success that are still usual: two intervals and a quarter of an hour."""
        return 2 * self.interval + 15

    def late(self, now: datetime) -> bool:
        return (
            self.enabled and self.last_success is not None and now - self.last_success > timedelta(minutes=self.limit)
        )


def _newest(kind: Kind, value: str, **more: object) -> Subquery:
    """`value` of the newest step of a kind of the outer connection: a walk down an index, however long the history.
    What looked only at single elements says nothing about the kind, unless it waits for a person."""
    steps = Step.objects.filter(connection=OuterRef("pk"), kind=kind, **more)
    steps = steps.exclude(Q(run__trigger__in=Run.SINGLE) & ~Q(status=Status.WAITING))
    return Subquery(steps.order_by("-id").values(value)[:1])


def latest_steps(shops: Iterable[int]) -> list[Step]:
    """The latest step of every kind of every connection, with its run."""
    newest = {f"newest_{kind}": _newest(kind, "pk") for kind in SYNC_KINDS}
    rows = ShopConnection.objects.filter(pk__in=list(shops)).order_by().annotate(**newest).values_list(*newest)
    ids = [pk for row in rows for pk in row if pk is not None]
    return list(Step.objects.filter(pk__in=ids).select_related("run").order_by("position"))


def last_successes(shops: Iterable[int]) -> dict[tuple[int, str], datetime]:
    """(connection, kind) -> when a step of the kind that stands for its lane last ended well, previews left out."""
    well = {"status": Status.SUCCEEDED, "finished_at__isnull": False, "run__mode": Run.Mode.APPLY}
    ends = {f"end_{kind}": _newest(kind, "finished_at", **well) for kind in LEADER.values()}
    rows = ShopConnection.objects.filter(pk__in=list(shops)).order_by().annotate(**ends).values("pk", *ends)
    return {
        (row["pk"], kind): row[f"end_{kind}"]
        for row in rows
        for kind in LEADER.values()
        if row[f"end_{kind}"] is not None
    }


def flows(shops: Sequence[int], *, steps: list[Step] | None = None) -> dict[int, list[Flow]]:
    """The lanes of each connection, most urgent lane first."""
    successes = last_successes(shops)
    found = {shop: {lane: Flow(lane) for lane in LANE_NAMES} for shop in shops}
    for step in latest_steps(shops) if steps is None else steps:
        found[step.connection_id][LANES[Kind(step.kind)]].steps.append(step)
    for (shop, kind), last in successes.items():
        lane = LANES[Kind(kind)]
        if LEADER[lane] == kind:
            found[shop][lane].last_success = last
    for options in SyncOptions.objects.filter(connection__in=shops):
        _schedule(found[options.connection_id][LANES[Kind(options.kind)]], options)
    for terms in OrderTerms.objects.filter(connection__in=shops):
        _orders(found[terms.connection_id][Lane.ORDERS], terms)
    return {shop: list(lanes.values()) for shop, lanes in found.items()}


def _schedule(flow: Flow, options: SyncOptions) -> None:
    if options.kind == LEADER[flow.lane]:
        flow.interval = options.interval_minutes
    if options.enabled:
        flow.enabled = True
        if options.next_at and (flow.next_at is None or options.next_at < flow.next_at):
            flow.next_at = options.next_at


def _orders(flow: Flow, terms: OrderTerms) -> None:
    flow.enabled = terms.enabled or terms.back_enabled
    flow.interval, flow.next_at, flow.last_success = terms.interval_minutes, terms.next_at, terms.since
    flow.stands = flow.enabled and terms.trouble is not None


def add_sparks(found: dict[int, list[Flow]], now: datetime) -> None:
    """Fill `spark` of each flow from the successes of the last two days."""
    rows = Step.objects.filter(
        connection__in=list(found),
        kind__in=list(LEADER.values()),
        status=Status.SUCCEEDED,
        finished_at__gte=now - timedelta(hours=48),
    ).values_list("connection", "kind", "finished_at")
    ends: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    for shop, kind, end in rows:
        if end is not None:
            ends[shop, kind].append(end)
    for shop, lanes in found.items():
        for flow in lanes:
            if flow.lane in LEADER:
                flow.spark = _spark(sorted(ends[shop, LEADER[flow.lane]]), now)


def _spark(ends: list[datetime], now: datetime) -> list[float]:
    points = []
    for hour in range(24, -1, -1):
        at = now - timedelta(hours=hour)
        before = [end for end in ends if end <= at]
        if before:
            points.append((at - before[-1]).total_seconds() / 60)
    return points


@dataclass(slots=True)
class Day:
    """What became of the runs of one day."""

    date: date
    succeeded: int = 0
    partly: int = 0
    failed: int = 0

    @property
    def runs(self) -> int:
        return self.succeeded + self.partly + self.failed

    @property
    def tone(self) -> str:
        """The worst that happened: fail, part, ok, none."""
        if self.failed:
            return "fail"
        if self.partly:
            return "part"
        return "ok" if self.succeeded else "none"


def thirty_days(shops: Sequence[int], now: datetime) -> dict[int, list[Day]]:
    """The last thirty days of each connection, in the reader's time zone, oldest first.

    Days that are over do not change any more, so they are counted once a day and kept in the cache.
    """
    today = timezone.localtime(now).date()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    keys = {shop: f"days:{shop}:{today}:{timezone.get_current_timezone_name()}" for shop in shops}
    kept = cache.get_many(list(keys.values()))
    missing = [shop for shop, key in keys.items() if key not in kept]
    past = {shop: kept[key] for shop, key in keys.items() if key in kept}
    if missing:
        counted = _days(missing, midnight - timedelta(days=DAYS), midnight)
        cache.set_many({keys[shop]: counted[shop] for shop in missing}, timeout=24 * 3600)
        past |= counted
    live = _days(shops, midnight, now + timedelta(minutes=1))
    dates = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return {shop: [live[shop].get(one) or past[shop].get(one) or Day(one) for one in dates] for shop in shops}


def _days(shops: Sequence[int], since: datetime, until: datetime) -> dict[int, dict[date, Day]]:
    found: dict[int, dict[date, Day]] = {shop: {} for shop in shops}
    rows = (
        Run.objects.filter(connection__in=shops, finished_at__gte=since, finished_at__lt=until)
        .annotate(day=TruncDate("finished_at"))
        .values_list("connection", "day")
        .annotate(
            succeeded=Count("id", filter=Q(status=Status.SUCCEEDED)),
            partly=Count("id", filter=Q(status__in=[Status.PARTLY, Status.BLOCKED])),
            failed=Count("id", filter=Q(status=Status.FAILED)),
        )
        .order_by()
    )
    for shop, day, succeeded, partly, failed in rows:
        found[shop][day] = Day(day, succeeded, partly, failed)
    return found


def together(strips: Iterable[list[Day]]) -> list[Day]:
    """Several connections' days as one strip."""
    total: dict[date, Day] = {}
    for days in strips:
        for day in days:
            sum_ = total.setdefault(day.date, Day(day.date))
            sum_.succeeded += day.succeeded
            sum_.partly += day.partly
            sum_.failed += day.failed
    return list(total.values())


@dataclass(slots=True)
class Counts:
    """What the steps since a point in time did."""

    written: dict[str, int] = field(default_factory=dict)
    """By kind."""
    failed: int = 0

    @property
    def total(self) -> int:
        return sum(self.written.values())


def written_since(shops: Iterable[int], since: datetime) -> Counts:
    """Elements created, updated and deleted by the steps that ended since then (JSON, so added up here)."""
    counts = Counts()
    rows = Step.objects.filter(connection__in=shops, finished_at__gte=since).values_list("kind", "counts")
    for kind, numbers in rows:
        done = sum(int(numbers.get(name, 0)) for name in ("created", "updated", "deleted"))
        counts.written[kind] = counts.written.get(kind, 0) + done
        counts.failed += int(numbers.get("failed", 0))
    return counts

"""The rows that `retention` decides about: where they are, which of them are held, and how they go."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Case, Exists, Max, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs.deeds import FINAL
from syncjobs.models import (
    Change,
    Deed,
    DeedRow,
    DiscrepancyReport,
    ElementIssue,
    Errand,
    Fetch,
    FetchedPage,
    InboxEvent,
    Link,
    OrderEvent,
    Run,
    ShopSetup,
    SnapshotItem,
    Step,
    UndoHold,
)
from syncjobs.models.choices import OPEN_STATUSES, Status
from syncjobs.orders import forgetting
from syncjobs.retention import KEPT_NEWEST, Sort, beyond, whole
from syncjobs.snapshots import GONE_AFTER, chunks, forget
from wapro.models import WaproConnection

BATCH = 1000
"""Rows that go in one transaction."""
AT_ONCE = 100
"""Steps, runs or fetches that are looked at together."""

M = TypeVar("M", bound=models.Model)


def _first(rows: QuerySet[M]) -> QuerySet[M]:
    """The next rows of a query as a subquery, so that they can be changed or deleted without being loaded."""
    model: Any = rows.model
    found: QuerySet[M] = model._default_manager.filter(pk__in=rows.order_by().values("pk")[:BATCH])
    return found


def _delete(rows: QuerySet[Any]) -> Iterator[int]:
    """Delete them in batches. Only for rows that nothing else is deleted with."""
    while True:
        with transaction.atomic():
            gone = _first(rows).delete()[0]
        yield gone
        if gone < BATCH:
            return


@dataclass(frozen=True, slots=True)
class Plain:
    """Rows that are over when one query finds them, and with which nothing else goes."""

    name: str
    term: str | None
    model: type[models.Model]
    ended: str
    """Column that says when a row was over."""
    also: Q

    def _rows(self, before: datetime) -> QuerySet[Any]:
        return self.model._default_manager.filter(self.also, **{f"{self.ended}__lt": before})

    def count(self, before: datetime) -> int:
        return self._rows(before).count()

    def take(self, before: datetime) -> Iterator[int]:
        yield from _delete(self._rows(before))


SINGLE = Case(When(run__trigger__in=Run.SINGLE, then=Value(1)), default=Value(0))
SORT_OF_STEP = ("connection", "kind", "status", "run__mode", "single")
"""The newest of each such sort stay: `finishing.ended_well`, `health`, `wizard.measuring` and `costs` judge by them."""


def _ended_steps(before: datetime) -> QuerySet[Step]:
    """Steps that are over. One that an undo under way takes back is still read by it."""
    ended = Step.objects.filter(finished_at__lt=before, run__finished_at__lt=before)
    undone = Run.objects.filter(undoes=OuterRef("run"), status__in=OPEN_STATUSES)
    ended = ended.exclude(status__in=OPEN_STATUSES).exclude(run__status__in=OPEN_STATUSES)
    return ended.filter(~Exists(undone)).order_by()


def _removable(steps: QuerySet[Step]) -> list[int]:
    """Of these steps those that are not among the newest of their sort."""
    rows = list(steps.annotate(single=SINGLE).values_list("pk", *SORT_OF_STEP))
    groups = {row[1:] for row in rows}
    every = Step.objects.annotate(single=SINGLE)
    floors = {group: _nth(every.filter(**dict(zip(SORT_OF_STEP, group, strict=True)))) for group in groups}
    return sorted(beyond(((row[0], row[1:]) for row in rows), floors))


def _nth(rows: QuerySet[Any], number: int = KEPT_NEWEST) -> int:
    """Id of the oldest row that is among the newest; 0 where there are fewer."""
    ids = list(rows.order_by("-pk").values_list("pk", flat=True)[number - 1 : number])
    return int(ids[0]) if ids else 0


class Raw:
    """What was sent and answered word for word. The rows stay, with this emptied."""

    name, term = "raw", "raw"

    def _steps(self, before: datetime) -> QuerySet[Step]:
        return _ended_steps(before).filter(raw_dropped_at=None)

    def _changes(self, steps: Any) -> QuerySet[Change]:
        return Change.objects.filter(step__in=steps, exchange__isnull=False)

    def _events(self, before: datetime) -> QuerySet[OrderEvent]:
        return OrderEvent.objects.filter(at__lt=before, data__has_key="exchange").order_by()

    def _issues(self, before: datetime) -> QuerySet[ElementIssue]:
        return ElementIssue.objects.filter(fetch__finished_at__lt=before).exclude(excerpt="").order_by()

    def count(self, before: datetime) -> int:
        changes = self._changes(self._steps(before).values("pk")).count()
        return changes + self._events(before).count() + self._issues(before).count()

    def take(self, before: datetime) -> Iterator[int]:
        for part in chunks(list(self._steps(before).values_list("pk", flat=True)), AT_ONCE):
            rows, gone = self._changes(part), BATCH
            while gone == BATCH:
                with transaction.atomic():
                    gone = _first(rows).update(exchange=None)
                    if gone < BATCH:
                        Step.objects.filter(pk__in=part).update(raw_dropped_at=timezone.now())
                yield gone
        yield from self._take_from_orders(before)
        gone = BATCH
        while gone == BATCH:
            gone = _first(self._issues(before)).update(excerpt="")
            yield gone

    def _take_from_orders(self, before: datetime) -> Iterator[int]:
        while True:
            with transaction.atomic():
                # Locked: a buyer who is forgotten meanwhile must not be written back.
                rows = list(self._events(before).select_for_update()[:BATCH])
                for row in rows:
                    row.data.pop("exchange")
                OrderEvent.objects.bulk_update(rows, ["data"], batch_size=AT_ONCE)
            yield len(rows)
            if len(rows) < BATCH:
                return


class Changes:
    """Rows of plans. The step keeps its counts, and says that its rows are gone."""

    name, term = "changes", "changes"

    def _steps(self, before: datetime) -> list[int]:
        left = Q(rows_dropped_at=None) | Exists(Change.objects.filter(step=OuterRef("pk")))
        return _removable(_ended_steps(before).filter(left))

    def count(self, before: datetime) -> int:
        parts = chunks(self._steps(before))
        return sum(Change.objects.filter(step__in=part).count() for part in parts)

    def take(self, before: datetime) -> Iterator[int]:
        for part in chunks(self._steps(before), AT_ONCE):
            # Said before the first row goes: a page between two batches must not show the rest as if it were all.
            Step.objects.filter(pk__in=part, rows_dropped_at=None).update(rows_dropped_at=timezone.now())
            yield from _delete(Change.objects.filter(step__in=part))


class Runs:
    """Runs with their steps, when all of their steps may go."""

    name, term = "runs", "runs"

    def over(self, before: datetime) -> list[int]:
        steps = _removable(_ended_steps(before))
        of_run: dict[int, set[int]] = defaultdict(set)
        for part in chunks(steps):
            runs = Step.objects.filter(pk__in=part).values("run")
            for run, step in Step.objects.filter(run__in=runs).order_by().values_list("run", "pk"):
                of_run[run].add(step)
        return sorted(whole(of_run, steps, self._held()))

    def _held(self) -> set[int]:
        """The newest of each connection, those of a trial that the set-up shows, and those that something waits for."""
        newest = Run.objects.order_by().values("connection").annotate(newest=Max("pk")).values_list("newest", flat=True)
        trials = ShopSetup.objects.exclude(trial=None).values_list("trial__run", flat=True)
        reports = DiscrepancyReport.objects.filter(status__in=OPEN_STATUSES).values_list("after_run", flat=True)
        deeds = Deed.objects.exclude(status__in=[Deed.Status.DONE, Deed.Status.UNDONE]).values_list("run", flat=True)
        holds = UndoHold.objects.order_by().values_list("run", flat=True).distinct()
        return {int(pk) for rows in (newest, trials, reports, deeds, holds) for pk in rows if pk}

    def count(self, before: datetime) -> int:
        return len(self.over(before))

    def take(self, before: datetime) -> Iterator[int]:
        for part in chunks(self.over(before), AT_ONCE):
            with transaction.atomic():
                gone = Run.objects.filter(pk__in=part).delete()[1]
            yield gone.get("syncjobs.Run", 0)


class Fetches:
    """Fetches that no step shows any more, with their receipts and what could not be read."""

    name, term = "fetches", "runs"
    good = Case(When(status=Status.SUCCEEDED, keys__isnull=True, then=Value(1)), default=Value(0))
    of = ("erp", "shop", "kind", "good")

    def _fetches(self, before: datetime, going: Collection[int] = ()) -> list[int]:
        """Those that no step shows, or only steps of runs that are `going`."""
        every = Fetch.objects.annotate(good=self.good)
        old = every.filter(created_at__lt=before).exclude(status__in=OPEN_STATUSES).order_by()
        rows = list(old.values_list("pk", *self.of))
        floors = {group: _nth(every.filter(self._like(group))) for group in {row[1:] for row in rows}}
        found = set(beyond(((row[0], row[1:]) for row in rows), floors))
        for part in chunks(sorted(found)):
            shown = Step.objects.filter(Q(erp_fetch__in=part) | Q(shop_fetch__in=part)).order_by()
            for run, erp, shop in shown.values_list("run", "erp_fetch", "shop_fetch"):
                found -= set() if run in going else {erp, shop}
        return sorted(found)

    def _like(self, group: tuple[Any, ...]) -> Q:
        return Q(**dict(zip(self.of, group, strict=True)))

    def count(self, before: datetime) -> int:
        return len(self._fetches(before, set(Runs().over(before))))

    def take(self, before: datetime) -> Iterator[int]:
        for part in chunks(self._fetches(before), AT_ONCE):
            with transaction.atomic():
                gone = Fetch.objects.filter(pk__in=part).delete()[1]
            yield gone.get("syncjobs.Fetch", 0)


class Errands:
    """Errands that are done; the newest of each verb is what pages show."""

    name, term = "errands", "events"
    of = ("shop", "erp", "verb")

    def _errands(self, before: datetime) -> list[int]:
        old = Errand.objects.filter(finished_at__lt=before).exclude(status__in=OPEN_STATUSES).order_by()
        rows = list(old.values_list("pk", *self.of))
        floors = {group: _nth(self._like(group), 1) for group in {row[1:] for row in rows}}
        return sorted(beyond(((row[0], row[1:]) for row in rows), floors))

    def _like(self, group: tuple[Any, ...]) -> QuerySet[Errand]:
        return Errand.objects.filter(**dict(zip(self.of, group, strict=True)))

    def count(self, before: datetime) -> int:
        return len(self._errands(before))

    def take(self, before: datetime) -> Iterator[int]:
        for part in chunks(self._errands(before)):
            yield Errand.objects.filter(pk__in=part).delete()[0]


class Deeds:
    """What people did with elements and took back, or what cannot be taken back. The record of decisions keeps both."""

    name, term = "deeds", "changes"

    def _deeds(self, before: datetime) -> QuerySet[Deed]:
        undone = Q(status=Deed.Status.UNDONE, undone_at__lt=before)
        final = Q(status=Deed.Status.DONE, verb__in=list(FINAL), finished_at__lt=before)
        return Deed.objects.filter(undone | final).order_by()

    def count(self, before: datetime) -> int:
        return self._deeds(before).count()

    def take(self, before: datetime) -> Iterator[int]:
        for part in chunks(list(self._deeds(before).values_list("pk", flat=True)), AT_ONCE):
            for _rows in _delete(DeedRow.objects.filter(deed__in=part)):
                yield 0
            Deed.objects.filter(pk__in=part).delete()
            yield len(part)


class Buyers:
    """Personal data of orders that are over. The rows stay."""

    name, term = "buyers", "buyers"

    def count(self, before: datetime) -> int:
        return forgetting.old(before).count()

    def take(self, before: datetime) -> Iterator[int]:
        for part in chunks(list(forgetting.old(before).values_list("pk", flat=True)), forgetting.BATCH):
            yield forgetting.forget(part)


class Elements:
    """What is known of elements that complete fetches have missed, that have no link and that had not changed for so
    long; with a product its price and stock."""

    name, term = "elements", "elements"

    def _items(self, before: datetime) -> QuerySet[SnapshotItem]:
        mine = Link.objects.filter(kind=OuterRef("kind"))
        of_shop = mine.filter(connection=OuterRef("shop"), shop_key=OuterRef("key"))
        of_erp = mine.filter(connection__client__erp=OuterRef("erp"), erp_key=OuterRef("key"))
        gone = SnapshotItem.objects.filter(missed__gte=GONE_AFTER, updated_at__lt=before)
        return gone.filter(~Exists(of_shop), ~Exists(of_erp)).order_by()

    def count(self, before: datetime) -> int:
        return self._items(before).count()

    def take(self, before: datetime) -> Iterator[int]:
        while rows := list(self._items(before).values_list("pk", "erp", "shop", "kind", "key")[:BATCH]):
            by_source: dict[tuple[Any, ...], list[str]] = defaultdict(list)
            for _pk, erp, shop, kind, key in rows:
                by_source[erp, shop, kind].append(key)
            with transaction.atomic():
                for (erp, shop, kind), keys in by_source.items():
                    forget(WaproConnection(pk=erp) if erp else ShopConnection(pk=shop), Kind(kind), keys)
            yield len(rows)


SORTS: tuple[Sort, ...] = (
    Raw(),
    Changes(),
    Runs(),
    Plain("receipts", "receipts", FetchedPage, "fetch__finished_at", Q()),
    Fetches(),
    Plain("events", "events", InboxEvent, "received_at", ~Q(status=InboxEvent.Status.WAITING)),
    Errands(),
    Deeds(),
    Buyers(),
    Elements(),
    Plain("sessions", None, Session, "expire_date", Q()),
)
"""In the order they go: changes before their runs, runs before the fetches that they show."""


def named(names: Iterable[str]) -> list[Sort]:
    """The sorts of these names, all of them for none. Raises KeyError with the name that there is not."""
    wanted = list(names)
    known = {sort.name for sort in SORTS}
    for name in wanted:
        if name not in known:
            raise KeyError(name)
    return [sort for sort in SORTS if not wanted or sort.name in wanted]

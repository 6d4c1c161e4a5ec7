"""Making a stored report: asked for by people and once a day, made by the worker of the connection in short pieces."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from shops.models import ShopConnection
from syncjobs import queue, snapshots
from syncjobs.discrepancies.finding import Finder, Found
from syncjobs.fetching import error_data, problem_data
from syncjobs.models import Discrepancy, DiscrepancyReport, Fetch, Run
from syncjobs.models.choices import OPEN_STATUSES, Status
from syncjobs.setup import setup_of
from syncjobs.slices import Slice, contained

SECONDS = 1.0
"""So long comparing goes on before orders and steps have their turn again."""
DAY = timedelta(days=1)
WAITING = (Status.QUEUED, Status.RUNNING)


def ask(connection: ShopConnection, after: Run | None = None) -> DiscrepancyReport:
    """Have the sides compared, once `after` has fetched them. One comparison at a time: one that is under way and began
    before that run is begun anew."""
    try:
        with transaction.atomic():
            report = DiscrepancyReport.objects.create(connection=connection, after_run=after)
    except IntegrityError:
        report = DiscrepancyReport.objects.get(connection=connection, status__in=OPEN_STATUSES)
        if after is not None and report.after_run_id != after.pk:
            report.after_run = after
            _begin_anew(report)
    queue.nudge(connection)
    return report


def _begin_anew(report: DiscrepancyReport) -> None:
    with transaction.atomic():
        Discrepancy.objects.filter(report=report).delete()
        report.status, report.stage, report.cursor, report.done = Status.QUEUED, "", 0, 0
        report.counts, report.gaps = {}, {}
        report.save()


def attend(connection: ShopConnection, work: Slice) -> bool:
    """The next pieces of the connection's comparison, if there is one to make now. Whether there was."""
    open_ones = DiscrepancyReport.objects.filter(connection=connection, status__in=WAITING)
    report = open_ones.select_related("after_run").first()
    if report is None or (report.after_run is not None and report.after_run.status in OPEN_STATUSES):
        return False
    with contained(f"comparison {report.pk}", lambda error: _end(report, Status.FAILED, error_data(error))):
        _go_on(report, connection, work)
    return True


def _go_on(report: DiscrepancyReport, connection: ShopConnection, work: Slice) -> None:
    until = monotonic() + SECONDS
    finder = Finder(setup_of(connection))
    stages = finder.stages
    if report.status == Status.QUEUED:
        report.status, report.started_at, report.stage = Status.RUNNING, timezone.now(), stages[0]
        report.total = finder.total()
        for section in finder.sections:
            _of(report.counts, section)
        report.gaps = {str(section): problem_data(gap) for section, gap in finder.gaps.items()}
    while True:
        found = finder.piece(report.stage, report.cursor)
        with transaction.atomic():
            work.hold.check()
            _keep(report, found)
            last = found.cursor is None and report.stage == stages[-1]
            if found.cursor is None and not last:
                report.stage, report.cursor = stages[stages.index(report.stage) + 1], 0
            else:
                report.cursor = found.cursor or 0
            report.save()
        if last:
            _end(report, Status.SUCCEEDED)
            return
        if monotonic() >= until or work.over:
            return


def _keep(report: DiscrepancyReport, found: Found) -> None:
    for row in found.rows:
        row.report = report
    Discrepancy.objects.bulk_create(found.rows, batch_size=snapshots.CHUNK)
    report.done += found.looked
    count(report.counts, found.rows)
    for section, pairs in found.compared.items():
        of_section = _of(report.counts, section)
        of_section["compared"] += pairs


def count(counts: dict[str, Any], rows: Iterable[Discrepancy]) -> None:
    """Add rows to the counts of their sections and facets."""
    for row in rows:
        of_section = _of(counts, row.section)
        of_section["total"] += 1
        of_section["facets"][row.facet] = of_section["facets"].get(row.facet, 0) + 1


def _of(counts: dict[str, Any], section: str) -> dict[str, Any]:
    found: dict[str, Any] = counts.setdefault(str(section), {"compared": 0, "total": 0, "facets": {}})
    return found


def _end(report: DiscrepancyReport, status: Status, problem: dict[str, Any] | None = None) -> None:
    """The report is complete, or cannot be made. What it replaces goes; a failed one leaves the last complete one."""
    report.status, report.finished_at, report.problem = status, timezone.now(), problem
    with transaction.atomic():
        report.save(update_fields=["status", "finished_at", "problem"])
        older = DiscrepancyReport.objects.filter(connection=report.connection_id, pk__lt=report.pk)
        if status is Status.FAILED:
            Discrepancy.objects.filter(report=report).delete()
            older = older.filter(status=Status.FAILED)
        Discrepancy.objects.filter(report__in=older).delete()
        older.delete()


def ask_daily(now: datetime) -> None:
    """A comparison a day for every connection of which something was fetched since the last one, so that who only looks
    finds one."""
    recent = DiscrepancyReport.objects.filter(created_at__gt=now - DAY).values("connection")
    opened = DiscrepancyReport.objects.filter(status__in=OPEN_STATUSES).values("connection")
    fetched = Fetch.objects.filter(
        shop__isnull=False, kind="product", status=Status.SUCCEEDED, finished_at__gt=now - DAY
    )
    awake = ShopConnection.objects.filter(paused=False, client__paused=False, pk__in=fetched.values("shop"))
    for connection in awake.exclude(pk__in=recent).exclude(pk__in=opened):
        ask(connection)

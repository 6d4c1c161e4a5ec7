"""What is due by itself, and who needs another nudge."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from integrator.canonical.kinds import Kind
from shops import logins
from shops.models import ShopConnection
from syncjobs import erp_actor, queue, retention, retention_rows, runner, runs, stops
from syncjobs.discrepancies import storing
from syncjobs.models import Run, Step, SyncOptions
from syncjobs.models.choices import OPEN_STATUSES
from syncjobs.options import is_quiet

log = logging.getLogger(__name__)
PRUNED_FOR = timedelta(seconds=10)
"""The longest that one worker takes old history away at a time; what is left goes in the next rounds."""


def tick() -> None:
    """Start the flows whose time has come and nudge the connections whose message or worker was lost."""
    now = timezone.now()
    start_due(now)
    storing.ask_daily(now)
    for shop in runner.silent(now):
        queue.nudge(shop)
    for erp in erp_actor.silent():
        queue.nudge(erp)


def start_due(now: datetime) -> list[Run]:
    """One run per connection with all its due kinds. A kind whose step is still open is left for later: a plan that a
    person may be working on is not replaced before `Step.kept_until`."""
    due: dict[int, list[Kind]] = {}
    options = SyncOptions.objects.filter(
        enabled=True, connection__paused=False, connection__client__paused=False
    ).exclude(next_at__gt=now)
    for option in options.select_related("connection__client"):
        if stops.standing(option.connection) is not None:
            continue
        if is_quiet(option, now) or _is_held(option, now) or logins.refused(option.connection):
            continue
        due.setdefault(option.connection_id, []).append(Kind(option.kind))
        SyncOptions.objects.filter(pk=option.pk).update(next_at=now + timedelta(minutes=option.interval_minutes))
    connections = ShopConnection.objects.in_bulk(due)
    return [runs.start_run(connections[pk], kinds=kinds, trigger=Run.Trigger.SCHEDULE) for pk, kinds in due.items()]


def _is_held(option: SyncOptions, now: datetime) -> bool:
    """Whether a plan or a run of this kind is to be left alone. The plan of an undo is never replaced by itself: no run
    would make it again."""
    steps = Step.objects.filter(connection=option.connection_id, kind=option.kind, status__in=OPEN_STATUSES)
    steps = steps.select_related("run")
    return any(step.run.undoes_id is not None or step.kept_until is None or step.kept_until > now for step in steps)


def prune() -> None:
    """One slice of taking away what is older than the installation keeps. Raises ImproperlyConfigured when it keeps
    runs shorter than their changes."""
    ends_at = timezone.now() + PRUNED_FOR
    found = retention.prune(retention_rows.SORTS, over=lambda: timezone.now() >= ends_at)
    gone = {one.name: one.rows for one in found if one.rows}
    if gone:
        log.info("old history is taken away", extra={"rows": gone, "finished": found[-1].finished})

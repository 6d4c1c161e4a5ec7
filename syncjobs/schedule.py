"""What is due by itself, and who needs another nudge."""

from datetime import datetime, timedelta

from django.utils import timezone

from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import erp_actor, inbox, queue, runner, runs
from syncjobs.discrepancies import storing
from syncjobs.models import Run, Step, SyncOptions
from syncjobs.models.choices import OPEN_STATUSES
from syncjobs.options import is_quiet


def tick() -> None:
    """Start the flows whose time has come and nudge the connections whose message or worker was lost."""
    now = timezone.now()
    inbox.prune(now)
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
    for option in options.select_related("connection"):
        if is_quiet(option, now) or _is_held(option, now):
            continue
        due.setdefault(option.connection_id, []).append(Kind(option.kind))
        SyncOptions.objects.filter(pk=option.pk).update(next_at=now + timedelta(minutes=option.interval_minutes))
    connections = ShopConnection.objects.in_bulk(due)
    return [runs.start_run(connections[pk], kinds=kinds, trigger=Run.Trigger.SCHEDULE) for pk, kinds in due.items()]


def _is_held(option: SyncOptions, now: datetime) -> bool:
    steps = Step.objects.filter(connection=option.connection_id, kind=option.kind, status__in=OPEN_STATUSES)
    return any(step.kept_until is None or step.kept_until > now for step in steps)

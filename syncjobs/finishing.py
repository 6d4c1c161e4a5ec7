"""How steps and runs end, and what their end means for others."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Problem, problem
from shops.models import ShopConnection
from syncjobs import queue
from syncjobs.fetching import problem_data
from syncjobs.models import Change, Run, Step
from syncjobs.models.choices import OPEN_STATUSES, ChangeStatus, Phase, Status

WELL = (Status.SUCCEEDED,)
ENDED = (Status.SUCCEEDED, Status.PARTLY, Status.FAILED, Status.BLOCKED)


def ended_well(connection: ShopConnection) -> dict[Kind, bool | None]:
    """Of each kind: whether its latest finished step ended with no error. A cancelled step says nothing, nor does one
    that only looked at single elements."""
    latest: dict[Kind, bool | None] = {}
    steps = Step.objects.filter(connection=connection, status__in=ENDED).exclude(run__trigger__in=Run.SINGLE)
    steps = steps.order_by("-id")
    for kind in Kind:
        status = steps.filter(kind=kind).values_list("status", flat=True).first()
        if status is not None:
            latest[kind] = status in WELL
    return latest


def finish(step: Step, status: Status, problems: list[dict[str, Any]] | None = None) -> None:
    """The step ends here; its run ends with its last step."""
    now = timezone.now()
    with transaction.atomic():
        step.status, step.finished_at, step.not_before = status, now, None
        step.problems = problems or []
        step.had_errors = status in (Status.FAILED, Status.PARTLY)
        if status is Status.SUCCEEDED:
            step.phase = Phase.DONE
        step.save()
        close_run(step.run_id)


def conclude(step: Step) -> None:
    """After verifying: failed writes make the step an error, whatever else went well."""
    changes = Change.objects.filter(step=step)
    failed = changes.filter(status=ChangeStatus.FAILED).count()
    step.counts["failed"] = failed
    step.counts["stale"] = changes.filter(status=ChangeStatus.STALE).count()
    written = changes.filter(status__in=[ChangeStatus.APPLIED, ChangeStatus.DRIFTED]).exists()
    status = Status.SUCCEEDED if not failed else (Status.PARTLY if written else Status.FAILED)
    first = changes.filter(status=ChangeStatus.FAILED).values_list("problem", flat=True)[:5]
    finish(step, status, [found for found in first if found])


def fail(step: Step, found: dict[str, Any]) -> None:
    """The step cannot go on. What it planned but did not write stays on record as declined by the failure."""
    Change.objects.filter(step=step, status=ChangeStatus.PLANNED).update(
        status=ChangeStatus.STALE, problem=found, done_at=timezone.now()
    )
    Change.objects.filter(step=step, status=ChangeStatus.SENT).update(status=ChangeStatus.UNKNOWN, problem=found)
    applied = Change.objects.filter(step=step, status__in=[ChangeStatus.APPLIED, ChangeStatus.DRIFTED]).exists()
    finish(step, Status.PARTLY if applied else Status.FAILED, [found])


def wait(step: Step, reasons: list[dict[str, Any]]) -> None:
    """A person has to look at the plan first; unless a whole run of the same kind is queued behind it, which plans from
    fresher data: then this plan is dropped, as one that waits already is when a run is started. No run makes the plan
    of an undo anew, so that one waits, and the run behind it too."""
    with transaction.atomic():
        # Starting a run takes the same lock: a plan is replaced by the run that is queued, or seen by the one to come.
        ShopConnection.objects.select_for_update().filter(pk=step.connection_id).exists()
        step.status, step.problems = Status.WAITING, reasons
        step.save()
        if not step.run.undoes_id and _replaced(step):
            cancel(step)
        else:
            close_run(step.run_id)


def _replaced(step: Step) -> bool:
    later = Step.objects.filter(
        connection=step.connection_id, kind=step.kind, status=Status.QUEUED, pk__gt=step.pk, selection__isnull=True
    )
    return later.exclude(run__trigger__in=Run.SINGLE).exists()


def cancel(step: Step, why: Problem | None = None) -> None:
    """Stop after the present batch: what was sent stays sent, the rest of the plan is dropped. `why` is kept with the
    step, None: somebody asked for it."""
    now = timezone.now()
    found = problem_data(why or problem(Code.CANCELLED), "person")
    with transaction.atomic():
        Change.objects.filter(step=step, status__in=[ChangeStatus.PLANNED, ChangeStatus.UNKNOWN]).update(
            status=ChangeStatus.DECLINED, problem=found, done_at=now
        )
        ended: dict[str, Any] = {"status": Status.CANCELLED, "finished_at": now}
        Step.objects.filter(pk=step.pk, status__in=OPEN_STATUSES).update(
            **ended, **({"problems": [found]} if why is not None else {})
        )
        close_run(step.run_id)


def close_run(run_pk: int) -> None:
    """Give the run the status its steps make: open while one is, waiting when only people can move it."""
    statuses = set(Step.objects.filter(run=run_pk).values_list("status", flat=True))
    now = timezone.now()
    if statuses & {Status.QUEUED, Status.RUNNING}:
        Run.objects.filter(pk=run_pk, status=Status.WAITING).update(status=Status.RUNNING)
        return
    if Status.WAITING in statuses:
        Run.objects.filter(pk=run_pk).update(status=Status.WAITING)
        return
    Run.objects.filter(pk=run_pk, finished_at__isnull=True).update(status=_verdict(statuses), finished_at=now)
    run = Run.objects.select_related("connection").get(pk=run_pk)
    if Step.objects.filter(Q(status__in=[Status.QUEUED, Status.RUNNING]), connection=run.connection_id).exists():
        queue.nudge(run.connection)


def _verdict(statuses: set[str]) -> Status:
    bad = statuses & {Status.FAILED, Status.PARTLY, Status.BLOCKED}
    if statuses == {Status.CANCELLED}:
        return Status.CANCELLED
    if not bad:
        return Status.CANCELLED if Status.CANCELLED in statuses else Status.SUCCEEDED
    good = statuses & {Status.SUCCEEDED, Status.PARTLY}
    if good:
        return Status.PARTLY
    return Status.BLOCKED if bad == {Status.BLOCKED} else Status.FAILED

"""Starting, stopping, approving and repeating runs: what people and the schedule ask for."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import problem
from shops.models import ShopConnection
from syncjobs import finishing, queue, stops
from syncjobs.engine.guard import Limits, may_go_on
from syncjobs.engine.order import in_order
from syncjobs.fetching import problem_data
from syncjobs.models import Change, KindState, Run, Step, SyncOptions
from syncjobs.models.choices import ChangeStatus, Status
from syncjobs.options import ensure_options

IMPATIENCE = timedelta(seconds=10)
"""So long a second click on the same button means the first."""


def start_run(
    connection: ShopConnection,
    *,
    kinds: Collection[Kind] | None = None,
    mode: str = Run.Mode.APPLY,
    trigger: str = Run.Trigger.PERSON,
    user: User | None = None,
    selection: dict[str, Any] | None = None,
    once: bool = False,
) -> Run:
    """Queue a run with one step per kind (None: all offered). A plan of the same kinds that still waits for approval is
    replaced: the new run plans from fresher data. `selection`: see `Step.selection`. `once`: the same asked twice by an
    impatient person is one run. Raises PlanRefused when the client has no ERP connection."""
    offered = [Kind(option.kind) for option in ensure_options(connection)]
    wanted = [kind for kind in in_order(offered if kinds is None else kinds) if kind in offered]
    with transaction.atomic():
        # Two clicks may arrive at once: the second waits here and then sees the run of the first.
        ShopConnection.objects.select_for_update().filter(pk=connection.pk).exists()
        begun = _just_asked(connection, wanted, mode, user) if once and user is not None else None
        if begun is not None:
            return begun
        for waiting in Step.objects.filter(connection=connection, kind__in=wanted, status=Status.WAITING):
            finishing.cancel(waiting)
        run = Run.objects.create(connection=connection, mode=mode, trigger=trigger, requested_by=user)
        Step.objects.bulk_create(
            Step(run=run, connection=connection, kind=kind, position=place, selection=selection)
            for place, kind in enumerate(wanted)
        )
        if user is not None:
            verb = "run.preview" if mode == Run.Mode.PREVIEW else "run.start"
            record(user, verb, f"{connection}: {run}", client=connection.client, data={"kinds": wanted})
        queue.nudge(connection)
    return run


def _just_asked(connection: ShopConnection, kinds: list[Kind], mode: str, user: User) -> Run | None:
    """The run that an impatient second click would double: the same person's, of the same kinds, that has not begun or
    was asked for a moment ago."""
    same = Run.objects.filter(
        Q(started_at__isnull=True) | Q(created_at__gt=timezone.now() - IMPATIENCE),
        connection=connection,
        mode=mode,
        requested_by=user,
        status__in=[Status.QUEUED, Status.RUNNING],
        cancel_requested=False,
    )
    for run in same.prefetch_related("steps").order_by("-id"):
        steps = list(run.steps.all())
        if [step.kind for step in steps] == kinds and all(step.selection is None for step in steps):
            return run
    return None


def cancel_run(run: Run, user: User) -> None:
    """Stop a run after the batch that is under way; steps that have not begun or wait for approval end at once."""
    with transaction.atomic():
        run.cancel_requested = True
        run.save(update_fields=["cancel_requested"])
        for step in run.steps.filter(status__in=[Status.QUEUED, Status.WAITING]):
            finishing.cancel(step)
        record(user, "run.cancel", f"{run.connection}: {run}", client=run.connection.client)
        queue.nudge(run.connection)


def approve_step(step: Step, user: User, chosen: Q | None = None) -> bool:
    """Let a waiting plan be written: all of it, or the chosen changes while the others are declined. False when it does
    not wait any more: somebody else was first, or writing was stopped since it was made, and then it is dropped. A plan
    that the brake holds may need two people: then the first word is kept and the plan goes on waiting. Raises
    PlanRefused while writing is stopped."""
    now = timezone.now()
    stops.refuse(step.connection)
    with transaction.atomic():
        held = Step.objects.select_for_update(of=["self"]).select_related("run").filter(pk=step.pk).first()
        if held is None or held.status != Status.WAITING:
            return False
        if stops.since(step.connection, held.sealed_at) is not None:
            finishing.cancel(held, problem(Code.STOPPED_BEFORE))
            return False
        if held.braked_at is not None and not _may_go_on(held, user):
            _first_word(held, user, chosen, now)
            return True
        moved = Step.objects.filter(pk=step.pk, status=Status.WAITING).update(
            status=Status.QUEUED, approved_at=now, approved_by=user, problems=[]
        )
        if not moved:
            return False
        planned = Change.objects.filter(step=step, status=ChangeStatus.PLANNED)
        if chosen is not None:
            others = planned.exclude(pk__in=planned.filter(chosen).values("pk"))
            others.update(status=ChangeStatus.DECLINED, done_at=now)
        if "links" not in (step.selection or {}) and not step.run.undoes_id:
            # Whoever approves a trial of five, or an undo, has not seen the plan of all.
            options = SyncOptions.objects.filter(connection=step.connection_id, kind=step.kind)
            options.filter(approved_at__isnull=True).update(approved_at=now, approved_by=user)
        finishing.close_run(step.run_id)
        data = {"run": step.run_id, "changes": planned.count()}
        record(user, "step.approve", f"{step.connection}: {step.kind}", client=step.connection.client, data=data)
        queue.nudge(step.connection)
    return True


def _may_go_on(step: Step, user: User) -> bool:
    two_people = Limits.of(step.connection.limits).two_people
    return may_go_on(two_people, step.run.requested_by_id, step.first_word_by_id, user.pk)


def _first_word(step: Step, user: User, chosen: Q | None, now: datetime) -> None:
    """What the first of two people did not choose is out of the plan: the second approves no more than that."""
    planned = Change.objects.filter(step=step, status=ChangeStatus.PLANNED)
    if chosen is not None:
        others = planned.exclude(pk__in=planned.filter(chosen).values("pk"))
        others.update(status=ChangeStatus.DECLINED, done_at=now)
    step.first_word_by, step.first_word_at = user, now
    others_told = [one for one in step.problems if one.get("code") != Code.SECOND_PERSON]
    step.problems = [problem_data(problem(Code.SECOND_PERSON, who=str(user)), "person"), *others_told]
    step.counts["planned"], step.worked_at = planned.count(), now
    step.save(update_fields=["first_word_by", "first_word_at", "problems", "counts", "worked_at"])
    data = {"run": step.run_id, "changes": step.counts["planned"]}
    record(user, "step.first_word", f"{step.connection}: {step.kind}", client=step.connection.client, data=data)


def reject_step(step: Step, user: User, reason: str = "") -> bool:
    """Drop a waiting plan. The next run plans anew. False when it does not wait any more."""
    with transaction.atomic():
        if not Step.objects.select_for_update().filter(pk=step.pk, status=Status.WAITING).exists():
            return False
        finishing.cancel(step)
        Change.objects.filter(step=step, status=ChangeStatus.DECLINED).update(problem=None)
        about, data = f"{step.connection}: {step.kind}", {"run": step.run_id, "reason": reason}
        record(user, "step.reject", about, client=step.connection.client, data=data)
        queue.nudge(step.connection)
    return True


def leave_out(step: Step, user: User, chosen: Q, *, back: bool = False) -> int | None:
    """Take changes out of a waiting plan, or (`back`) into it again, before it is approved. How many moved; None when
    the plan does not wait any more."""
    before, after = ChangeStatus.PLANNED, ChangeStatus.DECLINED
    if back:
        before, after = after, before
    with transaction.atomic():
        held = Step.objects.select_for_update().filter(pk=step.pk, status=Status.WAITING).first()
        if held is None:
            return None
        rows = Change.objects.filter(step=step, status=before)
        done_at = None if back else timezone.now()
        moved = rows.filter(pk__in=rows.filter(chosen).values("pk")).update(status=after, done_at=done_at)
        if moved and back:
            # The first of two people approved a plan without these.
            held.first_word_by = held.first_word_at = None
            held.problems = [one for one in held.problems if one.get("code") != Code.SECOND_PERSON]
        if moved:
            held.counts["planned"] = Change.objects.filter(step=step, status=ChangeStatus.PLANNED).count()
            held.worked_at = timezone.now()
            held.save(update_fields=["counts", "worked_at", "first_word_by", "first_word_at", "problems"])
            verb, about = "step.put_back" if back else "step.leave_out", f"{step.connection}: {step.kind}"
            data = {"run": step.run_id, "changes": moved}
            record(user, verb, about, client=step.connection.client, data=data)
    return moved


def retry_changes(step: Step, user: User, change_ids: Sequence[int] | None = None) -> Run | None:
    """Plan the failed elements of a step again, in a run of that kind. None when nothing of it failed."""
    failed = Change.objects.filter(step=step, status__in=[ChangeStatus.FAILED, ChangeStatus.STALE])
    if change_ids is not None:
        failed = failed.filter(pk__in=list(change_ids))
    links = set(failed.exclude(link=None).values_list("link", flat=True))
    if not failed.exists():
        return None
    KindState.objects.filter(kind=step.kind, link__in=links).update(open=True)
    return start_run(step.connection, kinds=[Kind(step.kind)], user=user, selection=step.selection)

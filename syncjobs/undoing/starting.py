"""Beginning the undo of a run, what stands against it, and how far a run was undone."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from shops.models import ShopConnection
from syncjobs import queue
from syncjobs.engine.order import dependents
from syncjobs.models import Run, Step
from syncjobs.models.choices import OPEN_STATUSES, Phase, Status
from syncjobs.undoing import parting
from syncjobs.undoing.planning import writes_of

WRITES = (Phase.UPDATE, Phase.CREATE, Phase.VERIFY)
COUNTED = ("updated", "created", "deleted", "links_broken")
"""Names in `Step.counts` of what an undo did."""


class Against(StrEnum):
    """Why a run is not undone."""

    PREVIEW = "preview"
    """It wrote nothing."""
    OPEN = "open"
    """It may still write."""
    UNDO = "undo"
    """It is an undo: what it holds is released instead, and the next run writes it by the options."""
    FORGOTTEN = "forgotten"
    """What it wrote is not kept any more."""
    NOTHING = "nothing"
    """It wrote nothing and linked nothing."""


def against(run: Run, steps: Iterable[Step] | None = None) -> Against | None:
    """What stands against undoing a run; None: nothing."""
    if run.mode == Run.Mode.PREVIEW:
        return Against.PREVIEW
    if run.undoes_id is not None or run.trigger == Run.Trigger.UNDO:
        return Against.UNDO
    if run.status in OPEN_STATUSES:
        return Against.OPEN
    known = list(run.steps.all() if steps is None else steps)
    if any(_may_have_done(step) for step in known):
        return None
    return Against.FORGOTTEN if any(step.rows_dropped_at for step in known) else Against.NOTHING


def _may_have_done(step: Step) -> bool:
    """Asks the database only where the step's own counts say that there may be something."""
    if step.rows_dropped_at is not None:
        return False
    wrote = bool(step.counts.get("planned")) and writes_of(step).exists()
    return wrote or (bool(step.counts.get("newly_linked")) and parting.links_of(step).exists())


class UndoRefused(Exception):
    """The run cannot be undone; `reason` says why."""

    def __init__(self, reason: Against) -> None:
        super().__init__(str(reason))
        self.reason = reason


def begin(run: Run, user: User) -> Run:
    """Queue the undo of a run: one step for each of its kinds that did something, whose plan waits for approval. One
    that is under way already is returned instead of a second. Raises UndoRefused."""
    with transaction.atomic():
        # Two clicks may arrive at once: the second waits here and then sees the undo of the first.
        ShopConnection.objects.select_for_update().filter(pk=run.connection_id).exists()
        under_way = run.undoings.filter(status__in=OPEN_STATUSES).order_by("-pk").first()
        if under_way is not None:
            return under_way
        reason = against(run)
        if reason is not None:
            raise UndoRefused(reason)
        undo = Run.objects.create(
            connection=run.connection, trigger=Run.Trigger.UNDO, undoes=run, requested_by=user, mode=Run.Mode.APPLY
        )
        Step.objects.bulk_create(
            Step(run=undo, connection=run.connection, kind=step.kind, position=step.position)
            for step in run.steps.all()
            if _may_have_done(step)
        )
        data = {"run": run.pk, "undo": undo.pk}
        record(user, "run.undo", f"{run.connection}: {run}", client=run.connection.client, data=data)
        queue.nudge(run.connection)
    return undo


def is_its_turn(step: Step, siblings: Iterable[Step]) -> bool:
    """Whether a step of an undo may go on. All plan at once; what products point to is written after them, so that
    nothing is deleted while it is still pointed to."""
    if Kind(step.kind) not in REFERENCE_KINDS or step.phase not in WRITES:
        return True
    later = dependents(Kind(step.kind))
    return not any(Kind(other.kind) in later and other.status in OPEN_STATUSES for other in siblings)


@dataclass(frozen=True, slots=True)
class Undone:
    """The latest undo of a run. `open`: it is under way. `done`: what it took back so far; `left`: what it did not."""

    run: Run
    open: bool
    waiting: bool
    done: int
    left: int


def undone(run: Run) -> Undone | None:
    """How far a run was undone, by its latest undo that was not dropped; None: not at all. Give `undoings` and their
    steps prefetched where there are several runs."""
    kept = [one for one in run.undoings.all() if one.status != Status.CANCELLED]
    if not kept:
        return None
    latest = max(kept, key=lambda one: one.pk)
    steps = [step for one in kept for step in one.steps.all()]
    mine = list(latest.steps.all())
    return Undone(
        run=latest,
        open=latest.status in OPEN_STATUSES,
        waiting=any(step.status == Status.WAITING for step in mine),
        done=sum(int(step.counts.get(name, 0)) for step in steps for name in COUNTED),
        left=sum(int(step.counts.get(name, 0)) for step in mine for name in ("blocked", "failed", "stale")),
    )

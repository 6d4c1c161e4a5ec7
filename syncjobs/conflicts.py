"""What people decide about conflicts. A decision is valid for exactly the two values it was made on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.records import FieldValue
from shops.models import ShopConnection
from syncjobs.models import Change, Conflict, KindState, Step
from syncjobs.models.choices import OPEN_STATUSES, ChangeStatus, Phase, Status

WORDS = ("erp", "shop", "value", "ignore")
BATCH = 1000
"""Conflicts that are decided in one transaction."""
MANY = 5000
"""From so many on a worker decides them, and the page shows how far it is."""
UNDER_WAY = (ChangeStatus.PLANNED, ChangeStatus.SENT, ChangeStatus.UNKNOWN)


class StaleDecision(Exception):
    """The values have moved since the screen was drawn; `conflict` holds the fresh ones."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(f"conflict {conflict.pk} is at version {conflict.version}")
        self.conflict = conflict


class AlreadyWritten(Exception):
    """A run has taken the decision up: it is written, being written or part of a plan. `run` says which, 0: written."""

    def __init__(self, run: int = 0) -> None:
        super().__init__(f"taken up by run {run}" if run else "written")
        self.run = run


def decide(conflict: Conflict, version: int, owner: str, value: FieldValue, user: User) -> None:
    """Settle one field of one element once: `erp`, `shop`, `value` (typed) or `ignore` (leave both as they are). The
    next run of the kind writes it. Raises StaleDecision, ValueError for another word."""
    if owner not in WORDS:
        raise ValueError(owner)
    with transaction.atomic():
        moved = Conflict.objects.filter(pk=conflict.pk, version=version, status=Conflict.Status.OPEN).update(
            status=Conflict.Status.DECIDED,
            owner=owner,
            value=value if owner == "value" else None,
            lost=_loser(conflict, owner),
            ruled="",
            decided_by=user,
            decided_at=timezone.now(),
        )
        conflict.refresh_from_db()
        if not moved:
            raise StaleDecision(conflict)
        _plan_again(conflict.kind, [conflict.link_id])
        data = {"chosen": owner, "erp": conflict.erp, "shop": conflict.shop, "value": conflict.value}
        _note(user, "conflict.decide", conflict, data)


def _note(user: User, verb: str, conflict: Conflict, data: dict[str, Any]) -> None:
    about = f"{conflict.kind} {conflict.link.erp_key}: {conflict.field}"
    record(user, verb, about, client=conflict.connection.client, data=data)


def _plan_again(kind: str, links: list[int]) -> None:
    KindState.objects.filter(link__in=links, kind=kind).update(open=True)


def _loser(conflict: Conflict, owner: str) -> FieldValue | dict[str, FieldValue]:
    if owner == "erp":
        return conflict.shop
    if owner == "shop":
        return conflict.erp
    return {"erp": conflict.erp, "shop": conflict.shop} if owner == "value" else None


def decide_many(conflicts: Iterable[Conflict], owner: str, user: User) -> tuple[int, int]:
    """The same word for many of different fields; how many were decided and how many had moved meanwhile."""
    done = stale = 0
    for conflict in conflicts:
        try:
            decide(conflict, conflict.version, owner, None, user)
            done += 1
        except StaleDecision:
            stale += 1
    return done, stale


@dataclass(frozen=True, slots=True)
class Alike:
    """Every open conflict of one field of one kind, up to those that a person saw counted (`upto`)."""

    connection: ShopConnection
    kind: str
    field: str
    owner: str
    """`erp`, `shop` or `ignore`: each element keeps its own value of that side."""
    upto: int
    ruled: str = ""
    """Who ruled the field before, where a rule settles them."""

    def open(self) -> QuerySet[Conflict]:
        return Conflict.objects.filter(
            connection=self.connection,
            kind=self.kind,
            field=self.field,
            status=Conflict.Status.OPEN,
            pk__lte=self.upto,
        )


def decide_batch(alike: Alike, user: User | None) -> int:
    """Decide the next batch in one transaction; how many they were, 0 when none is left."""
    if alike.owner not in ("erp", "shop", "ignore"):
        raise ValueError(alike.owner)
    lost = {"erp": F("shop"), "shop": F("erp")}.get(alike.owner)
    with transaction.atomic():
        found = list(alike.open().order_by("pk").values_list("pk", "link")[:BATCH])
        done: int = (
            alike.open()
            .filter(pk__in=[pk for pk, _link in found])
            .update(
                status=Conflict.Status.DECIDED,
                owner=alike.owner,
                value=None,
                lost=lost,
                ruled=alike.ruled,
                decided_by=user,
                decided_at=timezone.now(),
            )
        )
        _plan_again(alike.kind, [link for _pk, link in found])
    return done


def decide_alike(alike: Alike, user: User | None) -> int:
    """The same side for all of them, batch by batch; how many were decided. One entry of the audit tells of all."""
    done = 0
    while batch := decide_batch(alike, user):
        done += batch
    note_alike(alike, user, done)
    return done


def note_alike(alike: Alike, user: User | None, done: int) -> None:
    """Put down that so many were decided at once. A rule has an entry of its own."""
    if done and not alike.ruled:
        about = f"{alike.connection}: {alike.kind} {alike.field}"
        data = {"chosen": alike.owner, "count": done}
        record(user, "conflict.decide_many", about, client=alike.connection.client, data=data)


def take_back(conflict: Conflict, user: User) -> None:
    """Open a decided conflict again, as long as no run has taken the decision up. Raises AlreadyWritten."""
    with transaction.atomic():
        taken_up_by = _taken_up_by(conflict)
        if taken_up_by:
            raise AlreadyWritten(taken_up_by)
        before = {"chosen": conflict.owner, "value": conflict.value}
        if not reopen(Conflict.objects.filter(pk=conflict.pk)):
            raise AlreadyWritten
        _plan_again(conflict.kind, [conflict.link_id])
        _note(user, "conflict.take_back", conflict, before)


def reopen(decided: QuerySet[Conflict]) -> int:
    """Open those again of which nothing is written yet; screens drawn before are stale from here on."""
    opened: int = decided.filter(status=Conflict.Status.DECIDED).update(
        status=Conflict.Status.OPEN,
        owner="",
        value=None,
        lost=None,
        ruled="",
        decided_by=None,
        decided_at=None,
        version=F("version") + 1,
    )
    return opened


def working_on(connection_id: int, kind: str) -> Step | None:
    """The step of this kind that has planned or is planning: what it read of decisions counts already."""
    steps = Step.objects.filter(connection=connection_id, kind=kind, status__in=(Status.RUNNING, Status.WAITING))
    late = (Phase.PLAN, Phase.GUARD, Phase.UPDATE, Phase.CREATE, Phase.VERIFY)
    return steps.filter(phase__in=late).first()


def _taken_up_by(conflict: Conflict) -> int:
    """The run in whose open plan the field stands, or which is planning just now; 0: none."""
    step = working_on(conflict.connection_id, conflict.kind)
    if step is not None and step.phase == Phase.PLAN and step.status == Status.RUNNING:
        return step.run_id
    changes = Change.objects.filter(
        connection=conflict.connection_id,
        kind=conflict.kind,
        erp_key=conflict.link.erp_key,
        status__in=UNDER_WAY,
        step__status__in=OPEN_STATUSES,
    )
    for run, fields in changes.values_list("step__run", "fields"):
        if any(field["name"] == conflict.field for field in fields):
            return int(run)
    return 0

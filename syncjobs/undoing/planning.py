"""The plan of an undo: for each write of a run its inverse, on values that were read just now, stored as changes like
those of any plan. What is not taken back is in it too, as blocked with the reason.

`extra` of these changes: `of`, the change that is taken back; of what is made again `was`, its key before, and its
place: see `apply.new_element`.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrator.canonical.kinds import REFERENCE_FIELDS, Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import (
    SHOP_RECORDS,
    Category,
    Fields,
    Image,
    Problem,
    Product,
    Record,
    fields_of,
    from_json,
    problem,
)
from syncjobs import outcomes, snapshots
from syncjobs.apply import TO_ERP
from syncjobs.engine.inverse import Ground, Inverse, Left, Way, Written, Wrote, inverse
from syncjobs.engine.plan import FieldChange
from syncjobs.engine.policy import ErpGone
from syncjobs.fetching import problem_data
from syncjobs.models import Change, Link, Step
from syncjobs.models.choices import Action, ChangeStatus, Side
from syncjobs.planning import fields_data, risk_of
from syncjobs.setup import Setup
from syncjobs.slices import Slice
from syncjobs.undoing import parting
from syncjobs.undoing.looking import DONE, Seen, gone_record, kind_of_links, look, side_of

AT_ONCE = 100
"""Writes that are read again and taken back in one part."""
WROTE = {
    Action.UPDATE_SHOP: Wrote.UPDATED,
    Action.UPDATE_ERP: Wrote.UPDATED,
    Action.CREATE_SHOP: Wrote.CREATED,
    Action.CREATE_ERP: Wrote.CREATED,
    Action.DELETE_SHOP: Wrote.DELETED,
    Action.DEACTIVATE_SHOP: Wrote.HIDDEN,
}
SAW = (*DONE, ChangeStatus.UNKNOWN, ChangeStatus.SENT)
"""What may have been written. Sent: its worker died, and then the run was stopped."""
RISKS = {Way.DELETE: "delete", Way.HIDE: "deactivate"}


def writes_of(step: Step) -> QuerySet[Change]:
    """What a step of an earlier run wrote, or may have written."""
    return Change.objects.filter(step=step, status__in=SAW, action__in=list(WROTE))


def parts(setup: Setup, step: Step, work: Slice) -> dict[str, Callable[[], bool]]:
    """Parts of planning an undo, each with what plans its next chunk and says whether there was one."""
    undone = Step.objects.select_related("run").filter(run=step.run.undoes_id, kind=step.kind).first()
    if undone is None:
        return {"back": lambda: False}
    return {
        "back": lambda: _plan_writes(setup, step, undone, work),
        "parting": lambda: parting.plan(setup, step, undone, work),
    }


def _plan_writes(setup: Setup, step: Step, undone: Step, work: Slice) -> bool:
    """The next writes, the latest first: what was made below something else goes before it."""
    rows = writes_of(undone)
    if step.cursor:
        rows = rows.filter(pk__lt=step.cursor)
    changes = list(rows.order_by("-pk")[:AT_ONCE])
    if not changes:
        return False
    seen = look(setup, step, work, changes)
    planned, as_before = [], 0
    for change in changes:
        made = _taken_back(setup, step, change, seen)
        planned += made
        as_before += not made
    with transaction.atomic():
        work.hold.check()
        for side, items in seen.items.items():
            snapshots.store(setup.connection if side is Side.SHOP else setup.erp_connection, items)
        Change.objects.bulk_create(planned)
        step.cursor = changes[-1].pk
        step.counts["linked"] = Link.objects.filter(connection=step.connection_id, kind=kind_of_links(step)).count()
        step.save(update_fields=["cursor"])
        outcomes.count(step, requests=seen.requests, as_before=as_before)
    return True


def _taken_back(setup: Setup, step: Step, change: Change, seen: Seen) -> list[Change]:
    """The changes that take one write back; none where everything is as it was before."""
    if change.status not in DONE:
        return [_left(step, change, Left(problem=problem(Code.UNDO_OUTCOME_UNKNOWN)), seen)]
    where = side_of(change)
    now = seen.now.get(where)
    if now is None and where not in seen.gone:
        return [_left(step, change, Left(problem=problem(Code.UNDO_UNREADABLE)), seen)]
    written = _written(change, now, seen)
    ground = ground_of(setup, Kind(step.kind), where[0])
    found = inverse(written, fields_of(now) if now is not None else None, ground)
    partner = seen.partners.get(change.shop_key)
    if found.way is Way.DELETE and partner not in (None, change.erp_key):
        found = Inverse(way=Way.NOTHING, left=(Left(problem=problem(Code.UNDO_MADE_CHANGED)),))
    made = [] if found.way is Way.NOTHING else [_back(setup, step, change, found, seen)]
    return made + [_left(step, change, left, seen) for left in found.left]


def ground_of(setup: Setup, kind: Kind, side: Side) -> Ground:
    """What a side can do, with what the client's options want of elements that have no business in the shop."""
    policy = setup.policy(kind)
    wish = ErpGone.DELETE if policy.delete_unlinked else policy.erp_gone
    can = setup.erp_of(kind) if side is Side.ERP else setup.shop.of(kind)
    needs = {name: spec for one in can.create_needs for name, spec in setup.shop.of(one).fields.items()}
    return Ground(can=can, wish=wish, needs=needs)


def _written(change: Change, now: Record | None, seen: Seen) -> Written:
    record = gone_record(change)
    shown = record if change.action == Action.DELETE_SHOP else now
    return Written(
        wrote=WROTE[Action(change.action)],
        fields=tuple(FieldChange(name=f["name"], old=f["old"], new=f["new"]) for f in change.fields),
        kept=change.extra.get("kept", {}),
        variant=isinstance(shown, Product) and bool(shown.group),
        gone=_all_fields(change) if record is not None else None,
        obstacles=tuple(_obstacles(change, record, seen)) if record is not None else (),
    )


def _all_fields(change: Change) -> Fields:
    """Of a deleted element: its own fields, with price and quantity."""
    fields: Fields = {}
    for kind, stored in change.extra["gone"].items():
        fields |= fields_of(from_json(SHOP_RECORDS[Kind(kind)], stored))
    return fields


def _obstacles(change: Change, record: Record, seen: Seen) -> list[Problem]:
    found = []
    if str(change.pk) in seen.there:
        found.append(problem(Code.UNDO_THERE_AGAIN, key=seen.there[str(change.pk)]))
    for name, kind in REFERENCE_FIELDS.items():
        value = getattr(record, name, None)
        if value and value not in seen.pointed_to.get(kind, ()):
            found.append(problem(Code.UNDO_REFERENCE_GONE, field=name))
    if isinstance(record, Category) and record.parent and record.parent not in seen.pointed_to[Kind.CATEGORY]:
        found.append(problem(Code.UNDO_REFERENCE_GONE, field="category"))
    if isinstance(record, Image) and change.erp_key not in seen.pictures:
        found.append(problem(Code.UNDO_PICTURE_UNKNOWN))
    return found


def _about(step: Step, change: Change, seen: Seen) -> dict[str, Any]:
    link = seen.links.get(change.erp_key)
    return {
        "step": step,
        "connection_id": step.connection_id,
        "kind": step.kind,
        "link": link if link is not None and link.shop_key == change.shop_key else None,
        "erp_key": change.erp_key,
        "shop_key": change.shop_key,
        "code": change.code,
        "label": change.label,
    }


def _back(setup: Setup, step: Step, change: Change, found: Inverse, seen: Seen) -> Change:
    restore = Action.UPDATE_ERP if change.action in TO_ERP else Action.UPDATE_SHOP
    actions = {Way.DELETE: Action.DELETE_SHOP, Way.HIDE: Action.DEACTIVATE_SHOP, Way.CREATE: Action.CREATE_SHOP}
    made = Change(
        **_about(step, change, seen),
        action=actions.get(found.way, restore),
        fields=fields_data(found.fields),
        extra={"of": change.pk},
        risk=RISKS.get(found.way) or risk_of(setup, step, list(found.fields)),
    )
    if found.way is Way.CREATE:
        made.shop_key, made.link = "", None
        made.extra |= {"was": change.shop_key} | _place(gone_record(change))
    return made


def _place(record: Record | None) -> dict[str, Any]:
    """Where something that is made again belongs."""
    if isinstance(record, Category):
        return {"level": len(record.path), "parent_there": record.parent or ""}
    return {"owner": record.product} if isinstance(record, Image) else {}


def _left(step: Step, change: Change, left: Left, seen: Seen) -> Change:
    """What stays as it is, with the reason and, where it was changed since, by whom as far as that is known."""
    found = left.problem
    if found.code in (Code.UNDO_CHANGED_SINCE, Code.UNDO_MADE_CHANGED):
        found = problem(found.code, **found.as_dict(), **_who(change, found.as_dict().get("field", ""), seen))
    return Change(
        **_about(step, change, seen),
        action=change.action,
        status=ChangeStatus.BLOCKED,
        fields=fields_data([left.field]) if left.field is not None else [],
        extra={"of": change.pk},
        problem=problem_data(found, "person", side_of(change)[0]),
        done_at=timezone.now(),
    )


def _who(change: Change, name: str, seen: Seen) -> dict[str, str]:
    where = side_of(change)
    runs = [run for run, names in seen.later.get(where, ()) if name in names]
    if runs:
        return {"run": str(runs[-1])}
    known, now = seen.before.get(where), seen.now.get(where)
    if known is None or now is None or known[0].get(name) != fields_of(now).get(name):
        return {}
    return {"seen": timezone.localtime(known[1]).strftime("%Y-%m-%d %H:%M")}

"""Links that a run made by itself, broken again by its undo. Nothing but our own tables is written."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Key, problem
from syncjobs import joining, outcomes, snapshots
from syncjobs.fetching import problem_data
from syncjobs.models import Change, Link, Step
from syncjobs.models.choices import Action, ChangeStatus, Origin, Phase
from syncjobs.setup import Setup
from syncjobs.slices import Slice
from syncjobs.undoing import holds


def links_of(step: Step) -> QuerySet[Link]:
    """Links that step b of an earlier step made by the criterion and that are still there. No other step of the kind
    ran at that time."""
    until = step.sealed_at or step.finished_at
    rows = Link.objects.filter(connection=step.connection_id, kind=step.kind, origin=Origin.RULE)
    if step.started_at is None or until is None:
        return rows.none()
    return rows.filter(linked_at__gte=step.started_at, linked_at__lte=until)


def plan(setup: Setup, step: Step, undone: Step, work: Slice) -> bool:
    """Links that the run made by itself are broken again."""
    rows = links_of(undone)
    if step.cursor:
        rows = rows.filter(pk__lt=step.cursor)
    links = list(rows.order_by("-pk")[: snapshots.CHUNK])
    if not links:
        return False
    kind = Kind(step.kind)
    erp = snapshots.load(setup.erp_connection, kind, [link.erp_key for link in links])
    shop = snapshots.load(setup.connection, kind, [link.shop_key for link in links])
    with transaction.atomic():
        work.hold.check()
        Change.objects.bulk_create(_change(step, link, erp, shop) for link in links)
        step.cursor = links[-1].pk
        step.save(update_fields=["cursor"])
    return True


def _change(step: Step, link: Link, erp: Mapping[Key, Any], shop: Mapping[Key, Any]) -> Change:
    named = erp.get(link.erp_key) or shop.get(link.shop_key)
    return Change(
        step=step,
        connection_id=step.connection_id,
        kind=step.kind,
        action=Action.UNLINK,
        link=link,
        erp_key=link.erp_key,
        shop_key=link.shop_key,
        code=named.code if named is not None and step.kind != Kind.IMAGE else "",
        label=named.label if named is not None else "",
    )


def batch(setup: Setup, step: Step, work: Slice) -> bool:
    """Break the next links of the plan. False when there are none. Nothing but our own tables is written."""
    if not step.run.undoes_id or step.phase != Phase.CREATE:
        return False
    rows = Change.objects.filter(step=step, action=Action.UNLINK, status=ChangeStatus.PLANNED)
    changes = list(rows.select_related("link").order_by("pk")[: snapshots.CHUNK])
    if not changes:
        return False
    now = timezone.now()
    with transaction.atomic():
        work.hold.check()
        kept = [c for c in changes if c.link is not None and c.link.shop_key == c.shop_key]
        joining.separate(setup, Kind(step.kind), [c.link for c in kept if c.link is not None])
        holds.after_parting(step, kept)
        Change.objects.filter(pk__in=[c.pk for c in kept]).update(status=ChangeStatus.APPLIED, done_at=now)
        stale = problem_data(problem(Code.STALE), "us")
        Change.objects.filter(pk__in=[c.pk for c in changes], status=ChangeStatus.PLANNED).update(
            status=ChangeStatus.STALE, problem=stale, done_at=now
        )
        outcomes.count(step, links_broken=len(kept))
    return True

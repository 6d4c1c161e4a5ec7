"""Why an element is as it is: the questions of the engine in its order, answered until one stops it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from integrator.canonical.records import Product
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.engine.item_filter import ItemFilter
from syncjobs.engine.policy import Owner
from syncjobs.explain import Explained, explain
from syncjobs.fields import field_label, kind_label
from syncjobs.forms import OWNER_LABELS
from syncjobs.models import Change, ElementMark, Link, SnapshotItem, Step, SyncOptions, Unlinked
from syncjobs.models.choices import ChangeStatus, LinkState, Status


@dataclass(slots=True)
class FieldRow:
    """One field of both sides. `outcome`: equal, differs, ignored, blocked, conflict, drifted, one (only one side
    has it); `to`: the side that the next run would write."""

    kind: str
    name: str
    erp: Any
    shop: Any
    owner: str
    outcome: str
    to: str = ""
    told: Explained | None = None


def trace(
    link: Link | None,
    mark: ElementMark | None,
    alone: Unlinked | None,
    rows: list[FieldRow],
    history: list[Change],
    connection: ShopConnection,
    card: SnapshotItem | None = None,
) -> list[dict[str, str]]:
    """Why this element is as it is: the engine's questions in order, stopped where it stopped."""
    steps: list[dict[str, str]] = []
    if mark is not None:
        return [_stop(_("Left out: %(mark)s") % {"mark": mark.get_mark_display()}, mark.reason)]
    if link is None:
        reason = str(alone.get_state_display()) if alone else _("not among the elements that take part (item filter)")
        return [*_filtered(connection, card), _stop(_("No partner on the other side"), reason)]
    if link.state != LinkState.LINKED:
        return [_stop(_("The pair is broken: %(state)s") % {"state": link.get_state_display()}, "")]
    steps += [*_filtered(connection, card), _passed(_("Linked"), str(link.get_origin_display()))]
    differing = [row for row in rows if row.outcome == "differs"]
    conflicts = [row for row in rows if row.outcome == "conflict"]
    if not differing and not conflicts:
        steps.append(_passed(_("Nothing to write"), _("fields that are ruled agree on both sides")))
        return steps
    if conflicts:
        steps.append(_stop(_("Waits for your decision"), ", ".join(field_label(row.name) for row in conflicts)))
    if differing:
        names = ", ".join(f"{field_label(row.name)} ({OWNER_LABELS[Owner(row.owner)]})" for row in differing)
        steps.append(_passed(_("Something differs"), names))
        held = held_back(connection, {row.kind for row in differing})
        steps += held or [_last_word(history, connection)]
    return steps


def _filtered(connection: ShopConnection, card: SnapshotItem | None) -> list[dict[str, str]]:
    """Whether the item filter of the connection lets the card in; nothing where no filter is set."""
    product = snapshots.record_of(card) if card is not None and connection.item_filter else None
    if not isinstance(product, Product):
        return []
    if ItemFilter.of(connection.item_filter).lets_in(product):
        return [_passed(_("In the item filter"), "")]
    return [_stop(_("Left out by the item filter"), _("a linked card goes on taking part until its link is broken"))]


def held_back(connection: ShopConnection, kinds: set[str]) -> list[dict[str, str]]:
    """What stands before all elements of a kind: writing switched off, a flow switched off, a closed gate, a plan that
    waits. At most one query a kind."""
    if not connection.writes_enabled:
        return [_stop(_("Nothing is written to this shop yet"), _("writing is switched off for the connection"))]
    found: list[dict[str, str]] = []
    off = SyncOptions.objects.filter(connection=connection, kind__in=kinds, enabled=False)
    for kind in off.values_list("kind", flat=True):
        off_text = _("it is written only in runs that somebody starts")
        found.append(_passed(_("Flow switched off: %(kind)s") % {"kind": kind_label(kind)}, off_text))
    for kind in sorted(kinds):
        step = Step.objects.filter(connection=connection, kind=kind).order_by("-id").first()
        if step is not None and step.status == Status.BLOCKED:
            told = explain(step.problems[0], connection=connection).sentence if step.problems else ""
            found.append(_stop(_("Stopped at the gate: %(kind)s") % {"kind": kind_label(kind)}, told))
        elif step is not None and step.status == Status.WAITING:
            text = _("the plan of %(kind)s waits for approval") % {"kind": kind_label(kind)}
            found.append({"look": "o", "icon": "clock", "title": _("Waits to be written"), "text": text})
    return found if any(one["look"] != "y" for one in found) else []


def _last_word(history: list[Change], connection: ShopConnection) -> dict[str, str]:
    if not history:
        return _stop(_("Not planned yet"), _("the next run will"))
    last = history[0]
    if last.status in (ChangeStatus.APPLIED, ChangeStatus.DRIFTED):
        return _passed(_("Has been written"), _("the next fetch will show it"))
    if last.status in (ChangeStatus.PLANNED, ChangeStatus.SENT):
        return {"look": "o", "icon": "clock", "title": _("Waits to be written"), "text": _("it is in a plan")}
    told = explain(last.problem, connection=connection, turn=last.turn).sentence if last.problem else ""
    return _stop(_("Stopped here: %(status)s") % {"status": last.get_status_display()}, told)


def _passed(title: str, text: str) -> dict[str, str]:
    return {"look": "y", "icon": "check", "title": title, "text": text}


def _stop(title: str, text: str) -> dict[str, str]:
    return {"look": "n", "icon": "lock", "title": title, "text": text}

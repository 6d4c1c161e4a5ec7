"""How each planted difference ended, looked up where people see it: links, changes, conflicts, unlinked rows."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from shops.models import ShopConnection
from syncjobs.demo.differences import Difference, Outcome
from syncjobs.models import Change, Conflict, Link, SnapshotItem, Unlinked
from syncjobs.models.choices import Action, ChangeStatus, LinkState, Side

WRITTEN = (ChangeStatus.APPLIED, ChangeStatus.DRIFTED)


def found(connection: ShopConnection, row: Difference) -> str:
    """Empty when the difference ended as expected, else what is there instead."""
    if _LOOK[row.outcome](connection, row):
        return ""
    latest = _changes(connection, row).order_by("-id").first()
    seen = f"last change: {latest.action} {latest.status} {latest.problem or ''}" if latest else "no change was planned"
    return f"{row.id}: {row.planted}; expected {row.outcome}; {seen}"


def _changes(connection: ShopConnection, row: Difference) -> Any:
    named = Q(erp_key=row.element) | Q(code=row.element) | Q(label=row.element)
    return Change.objects.filter(named, connection=connection, kind=row.kind)


def _touching(connection: ShopConnection, row: Difference) -> list[Change]:
    """Changes of the element that name the field, or all of them where the row names none."""
    return [
        change
        for change in _changes(connection, row)
        if not row.field or not change.fields or any(field["name"] == row.field for field in change.fields)
    ]


def _linked(connection: ShopConnection, row: Difference) -> bool:
    named = Q(key=row.element) | Q(code=row.element) | Q(label=row.element)
    keys = SnapshotItem.objects.filter(named, erp__client=connection.client_id, kind=row.kind).values("key")
    return Link.objects.filter(connection=connection, kind=row.kind, erp_key__in=keys, state=LinkState.LINKED).exists()


def _created(connection: ShopConnection, row: Difference) -> bool:
    done = _changes(connection, row).filter(action=Action.CREATE_SHOP, status__in=WRITTEN)
    return any(change.link_id is not None for change in done)


def _updated(connection: ShopConnection, row: Difference) -> bool:
    return any(c.action == Action.UPDATE_SHOP and c.status in WRITTEN for c in _touching(connection, row))


def _deleted(connection: ShopConnection, row: Difference) -> bool:
    return _changes(connection, row).filter(action=Action.DELETE_SHOP, status__in=WRITTEN).exists()


def _ambiguous(connection: ShopConnection, row: Difference) -> bool:
    rows = Unlinked.objects.filter(connection=connection, kind=row.kind, side=Side.ERP, key=row.element)
    return rows.filter(state=Unlinked.State.AMBIGUOUS).exists()


def _conflict(connection: ShopConnection, row: Difference) -> bool:
    rows = Conflict.objects.filter(connection=connection, kind=row.kind, field=row.field, status=Conflict.Status.OPEN)
    return rows.filter(link__erp_key=row.element).exists()


def _blocked(connection: ShopConnection, row: Difference) -> bool:
    latest = _changes(connection, row).order_by("-id").first()
    return latest is not None and latest.status == ChangeStatus.BLOCKED


def _failed(connection: ShopConnection, row: Difference) -> bool:
    return _changes(connection, row).filter(status=ChangeStatus.FAILED).exists()


_LOOK: dict[Outcome, Callable[[ShopConnection, Difference], bool]] = {
    Outcome.LINKED: _linked,
    Outcome.CREATED: _created,
    Outcome.UPDATED: _updated,
    Outcome.DELETED: _deleted,
    Outcome.AMBIGUOUS: _ambiguous,
    Outcome.CONFLICT: _conflict,
    Outcome.BLOCKED: _blocked,
    Outcome.FAILED: _failed,
}

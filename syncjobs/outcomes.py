"""What a successful write leaves behind: links, settled states, snapshot rows, counts."""

import dataclasses
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from integrator.canonical.kinds import PRODUCT_STATE_KINDS, REFERENCE_KINDS, Kind
from integrator.canonical.records import Fields, Record
from integrator.canonical.side import Keyed, Result
from syncjobs import snapshots, states
from syncjobs.linking import bump_references
from syncjobs.models import Change, KindState, Link, SnapshotItem, Step, Unlinked
from syncjobs.models.choices import Action, ChangeStatus, Origin
from syncjobs.setup import Setup
from syncjobs.undoing import holds

COUNTED = {
    Action.UPDATE_SHOP: "updated",
    Action.UPDATE_ERP: "updated",
    Action.DEACTIVATE_SHOP: "updated",
    Action.CREATE_SHOP: "created",
    Action.CREATE_ERP: "created",
    Action.DELETE_SHOP: "deleted",
}
"""Action -> name of its count in `Step.counts`."""
NUMERIC = frozenset({"price", "quantity", "weight", "percent"})


def count(step: Step, **more: int) -> None:
    """Add to the step's counts. Only the holder of the lease writes a step, so this is no race."""
    for name, value in more.items():
        if value:
            step.counts[name] = step.counts.get(name, 0) + value
    step.save(update_fields=["counts"])


def succeed(setup: Setup, step: Step, action: Action, done: list[tuple[Change, Result]]) -> None:
    if not done:
        return
    if action in (Action.UPDATE_SHOP, Action.UPDATE_ERP):
        _updated(setup, step, action, [change for change, _ in done])
    elif action is Action.DEACTIVATE_SHOP:
        _rewrite(setup.connection, Kind(step.kind), {c.shop_key: {"active": False} for c, _ in done})
        if step.run.undoes_id:
            holds.after_hiding(step, [change for change, _ in done])
    elif action is Action.DELETE_SHOP:
        _deleted(setup, step, [change for change, _ in done])
    else:
        for change, result in done:
            adopt(setup, step, change, result.key, result.image_owner)


def _updated(setup: Setup, step: Step, action: Action, changes: list[Change]) -> None:
    """The destination holds the new values as far as it said so; `verifying` looks whether it kept them."""
    kind = Kind(step.kind)
    to_shop = action is Action.UPDATE_SHOP
    source = setup.connection if to_shop else setup.erp_connection
    key = "shop_key" if to_shop else "erp_key"
    now: dict[str, str] = {}
    if to_shop or kind not in (Kind.PRICE, Kind.STOCK):
        now = _rewrite(source, kind, {getattr(c, key): sent(c) for c in changes})
    settle(step, changes, {c.pk: (now.get(getattr(c, key)), sent(c)) for c in changes}, to_shop=to_shop)
    if step.run.undoes_id:
        holds.after_update(step, changes)


def sent(change: Change) -> Fields:
    return {f["name"]: f["new"] for f in change.fields}


def settle(step: Step, changes: Iterable[Change], kept: dict[int, tuple[str | None, Fields]], *, to_shop: bool) -> None:
    """Remember what the source held when the plan was made and what the destination keeps now. `kept`: by change, the
    destination's new fingerprint and its values of the changed fields. An undo agrees on nothing: what both held after
    the run stays the ground, and the fields are held."""
    rows = list(changes)
    undo = step.run.undoes_id is not None
    kind = step.kind
    known = {state.link_id: state for state in KindState.objects.filter(kind=kind, link__in=[c.link_id for c in rows])}
    still_open = set(
        Change.objects.filter(step=step, link__in=[c.link_id for c in rows])
        .exclude(pk__in=[c.pk for c in rows])
        .exclude(status__in=[ChangeStatus.APPLIED, ChangeStatus.DRIFTED])
        .values_list("link_id", flat=True)
    )
    written = []
    for change in rows:
        state = known.get(change.link_id or 0)
        if state is None or change.link is None:
            continue
        fingerprint, values = kept[change.pk]
        source_values = {name: value for name, value in change.extra.get("source", {}).items() if name in values}
        if not undo:
            states.settle(state, *((source_values, values) if to_shop else (values, source_values)))
        if to_shop:
            state.shop_fp = fingerprint or state.shop_fp
        else:
            state.erp_fp = fingerprint or state.erp_fp
        written.append(state)
        if undo:
            continue
        states.close_conflicts(change.link, kind, values)
        state.open = change.link_id in still_open or change.link.conflicts.filter(kind=kind, status="open").exists()
    states.save(written)


def _rewrite(source: snapshots.Owner, kind: Kind, fields: dict[str, Fields]) -> dict[str, str]:
    """Carry written values into the snapshot, so that the next fetch finds nothing new. New fingerprints by key."""
    items = snapshots.load(source, kind, fields)
    rows = [
        Keyed(key=key, kind=kind, record=_with(snapshots.record_of(item), fields[key])) for key, item in items.items()
    ]
    snapshots.store(source, rows)
    found = SnapshotItem.objects.filter(pk__in=[item.pk for item in items.values()])
    return dict(found.values_list("key", "fingerprint"))


def _with(record: Record, fields: Fields) -> Record:
    names = {f.name for f in dataclasses.fields(record)}
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in names:
            continue
        if name in NUMERIC and value is not None:
            value = Decimal(str(value))  # type: ignore[assignment]
        elif name == "position":
            value = int(str(value))  # type: ignore[assignment]
        elif isinstance(value, list):
            value = tuple(value)  # type: ignore[assignment]
        values[name] = value
    return dataclasses.replace(record, **values)


def adopt(setup: Setup, step: Step, change: Change, key: str, image_owner: str = "") -> None:
    """A created element, or one found after a lost answer, becomes the partner: link and states at once."""
    kind = Kind(step.kind)
    in_shop = change.action == Action.CREATE_SHOP
    change.shop_key, change.erp_key = (key, change.erp_key) if in_shop else (change.shop_key, key)
    if step.run.undoes_id:
        holds.after_making(step, change)
    if not change.erp_key:
        return
    taken = (
        kind in REFERENCE_KINDS
        and Link.objects.filter(connection=setup.connection, kind=kind, shop_key=change.shop_key, primary=True).exists()
    )
    link, _ = Link.objects.update_or_create(
        connection=setup.connection,
        kind=kind,
        erp_key=change.erp_key,
        defaults={
            "shop_key": change.shop_key,
            "image_owner": image_owner or (change.shop_key if kind is Kind.PRODUCT else ""),
            "primary": not taken,
            "origin": Origin.CREATED,
            "evidence": {"change": change.pk},
        },
    )
    change.link = link
    Unlinked.objects.filter(connection=setup.connection, kind=kind, key__in=[change.erp_key], side="erp").delete()
    Unlinked.objects.filter(connection=setup.connection, kind=kind, key__in=[change.shop_key], side="shop").delete()
    if kind in REFERENCE_KINDS:
        bump_references(setup.connection)


def _deleted(setup: Setup, step: Step, changes: list[Change]) -> None:
    """What the elements held is kept with the changes: nothing else knows it any more, should somebody undo the run."""
    kind = Kind(step.kind)
    keys = [change.shop_key for change in changes]
    _keep_records(setup, kind, changes)
    if step.run.undoes_id:
        holds.after_parting(step, changes)
        if kind in REFERENCE_KINDS:
            bump_references(setup.connection)
    snapshots.forget(setup.connection, kind, keys)
    Unlinked.objects.filter(connection=setup.connection, kind=kind, side="shop", key__in=keys).delete()
    Link.objects.filter(pk__in=[change.link_id for change in changes if change.link_id]).delete()
    for change in changes:
        change.link = None


def _keep_records(setup: Setup, kind: Kind, changes: list[Change]) -> None:
    kinds = [kind, *PRODUCT_STATE_KINDS] if kind is Kind.PRODUCT else [kind]
    for one in kinds:
        items = snapshots.load(setup.connection, one, [change.shop_key for change in changes])
        for change in changes:
            if change.shop_key in items:
                change.extra["gone"] = {**change.extra.get("gone", {}), one: items[change.shop_key].record}
    Change.objects.bulk_update(changes, ["extra"], batch_size=50)

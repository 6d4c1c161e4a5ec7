"""What an undo holds: laid down with the writes that it made, kept by every plan, released by a person.

A field of a linked element is held on its link; an element as such by its side and key. Everything else about them goes
on as before.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.records import Key
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.engine.policy import Owner
from syncjobs.models import Change, ElementMark, KindState, Link, Step, SyncOptions, UndoHold, Unlinked
from syncjobs.models.choices import Action, Side

ACTIVE = "active"
"""The field by which a shop shows or hides an element."""


def fields_of_links(connection: ShopConnection, kind: Kind, links: Collection[int]) -> dict[int, frozenset[str]]:
    """Held fields of this kind by link."""
    rows = UndoHold.objects.filter(connection=connection, kind=kind, link__in=list(links)).exclude(field="")
    found: dict[int, set[str]] = defaultdict(set)
    for link, name in rows.values_list("link", "field"):
        if link is not None:
            found[link].add(name)
    return {link: frozenset(names) for link, names in found.items()}


def elements(connection: ShopConnection, kind: Kind) -> dict[Side, set[Key]]:
    """Elements of this kind that are held as such and have no partner, by side."""
    links = Link.objects.filter(connection=connection, kind=kind)
    found: dict[Side, set[Key]] = {}
    for side, column in ((Side.ERP, "erp_key"), (Side.SHOP, "shop_key")):
        rows = UndoHold.objects.filter(connection=connection, kind=kind, field="", side=side)
        linked = Exists(links.filter(**{column: OuterRef("key")}))
        found[side] = set(rows.filter(~linked).values_list("key", flat=True))
    return found


def shown_or_gone(connection: ShopConnection, kind: Kind) -> set[Key]:
    """ERP keys of elements whose partner is neither hidden nor deleted because WAPRO lacks them."""
    rows = UndoHold.objects.filter(connection=connection, kind=kind, side=Side.ERP, field__in=["", ACTIVE])
    return set(rows.values_list("key", flat=True))


def after_update(step: Step, changes: Iterable[Change]) -> None:
    """Fields that an undo has just set back. Called with the writes' own transaction. Stock is not held: a shop that is
    kept from counting down sells what is not there, so the next run writes what WAPRO has."""
    if step.kind == Kind.STOCK:
        return
    _lay([_field(step, change, one["name"]) for change in changes if change.link_id for one in change.fields])


def after_hiding(step: Step, changes: Iterable[Change]) -> None:
    """Elements that the run had made and that the undo has hidden: they stay linked, and stay hidden."""
    _lay([_field(step, change, ACTIVE) for change in changes if change.link_id])


def after_parting(step: Step, changes: Iterable[Change]) -> None:
    """Elements that an undo deleted, or whose link it broke: neither is linked, made, nor deleted again; until it is
    released each is listed like one that is ignored. A shop's element of a kind that many of the ERP may lead to stays
    open to the others."""
    rows = []
    for change in changes:
        if change.erp_key:
            rows.append(_element(step, change, Side.ERP, change.erp_key))
        if change.action == Action.UNLINK and step.kind not in REFERENCE_KINDS:
            rows.append(_element(step, change, Side.SHOP, change.shop_key))
    _lay(rows)
    alone = Unlinked.objects.filter(connection=step.connection_id, kind=step.kind)
    for side in Side:
        for part in snapshots.chunks(row.key for row in rows if row.side == side):
            alone.filter(side=side, key__in=part).update(state=Unlinked.State.IGNORED, candidates=[])


def after_making(step: Step, change: Change) -> None:
    """An element that an undo has made again, under its new key."""
    rows = [_element(step, change, Side.SHOP, change.shop_key)]
    if change.erp_key:
        rows.append(_element(step, change, Side.ERP, change.erp_key))
    _lay(rows)


def _field(step: Step, change: Change, name: str) -> UndoHold:
    return UndoHold(**_about(step, change), side=Side.ERP, key=change.erp_key, field=name, link_id=change.link_id)


def _element(step: Step, change: Change, side: Side, key: Key) -> UndoHold:
    return UndoHold(**_about(step, change), side=side, key=key)


def _about(step: Step, change: Change) -> dict[str, object]:
    named = {"code": change.code, "label": change.label}
    return {"connection_id": step.connection_id, "kind": step.kind, "run_id": step.run_id, **named}


def _lay(rows: list[UndoHold]) -> None:
    unique = ["connection", "kind", "side", "key", "field"]
    for part in snapshots.chunks(rows):
        UndoHold.objects.bulk_create(
            part, update_conflicts=True, unique_fields=unique, update_fields=["link", "run", "code", "label"]
        )


def release(connection: ShopConnection, held: QuerySet[UndoHold], user: User) -> int:
    """Let the options rule again over what was held: the next run plans it. How many holds were released.

    A field that is asked about becomes a conflict: what both sides agreed on before the undo is no ground any more.
    """
    with transaction.atomic():
        rows = list(held.select_for_update().filter(connection=connection).order_by("pk"))
        by_kind: dict[Kind, list[UndoHold]] = defaultdict(list)
        for row in rows:
            by_kind[Kind(row.kind)].append(row)
        for kind, of_kind in by_kind.items():
            _plan_again(connection, kind, [row for row in of_kind if row.field])
            _take_part_again(connection, kind, [row for row in of_kind if not row.field])
        for part in snapshots.chunks([row.pk for row in rows]):
            UndoHold.objects.filter(pk__in=part).delete()
        if rows:
            data = {"count": len(rows), "runs": sorted({row.run_id for row in rows if row.run_id})}
            subject = rows[0].label or rows[0].key
            more = f" (+{len(rows) - 1})" if len(rows) > 1 else ""
            record(user, "hold.release", f"{subject}{more}", client=connection.client, data=data)
    return len(rows)


def _plan_again(connection: ShopConnection, kind: Kind, rows: list[UndoHold]) -> None:
    options = SyncOptions.objects.filter(connection=connection, kind=kind).first()
    asked = {name for name, owner in (options.owners if options else {}).items() if owner == Owner.ASK}
    names: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row.link_id is not None:
            names[row.link_id].add(row.field)
    for part in snapshots.chunks(names):
        states = list(KindState.objects.filter(kind=kind, link__in=part))
        for state in states:
            state.open = True
            for name in names[state.link_id] & asked:
                state.erp_seen = {**state.erp_seen, name: None}
                state.shop_seen = {**state.shop_seen, name: None}
        KindState.objects.bulk_update(states, ["open", "erp_seen", "shop_seen"], batch_size=100)


def _take_part_again(connection: ShopConnection, kind: Kind, rows: list[UndoHold]) -> None:
    """Elements show up as unlinked at once, unless a person ignores them as well. Links of those that are gone from
    WAPRO are looked at by every run anyway."""
    for side in Side:
        for part in snapshots.chunks(row.key for row in rows if row.side == side):
            marks = ElementMark.objects.filter(connection=connection, kind=kind, side=side, key__in=part)
            alone = Unlinked.objects.filter(connection=connection, kind=kind, side=side, key__in=part)
            ignored = list(marks.values_list("key", flat=True))
            alone = alone.filter(state=Unlinked.State.IGNORED).exclude(key__in=ignored)
            alone.update(state=Unlinked.State.UNLINKED)


def drop_elements(connection: ShopConnection, kind: Kind, side: Side, keys: Collection[Key]) -> set[Key]:
    """A person has linked these elements, or wants them to take part: nothing holds them any more. Those that were
    held."""
    found: set[Key] = set()
    for part in snapshots.chunks(keys):
        rows = UndoHold.objects.filter(connection=connection, kind=kind, side=side, key__in=part, field="")
        found |= set(rows.values_list("key", flat=True))
        rows.delete()
    return found


def on_element(
    connection: ShopConnection, kinds: Collection[Kind], link: Link | None, side: Side, key: Key
) -> list[UndoHold]:
    """What is held of one element, for its page: its fields, where it is linked, and it as such."""
    mine = Q(side=side, key=key, field="")
    if link is not None:
        mine |= Q(link=link) | Q(side=Side.ERP, key=link.erp_key, field="") | Q(side=Side.SHOP, key=link.shop_key)
    return list(UndoHold.objects.filter(mine, connection=connection, kind__in=[str(kind) for kind in kinds]))


def of_run(run_pk: int) -> int:
    """How many holds of an undo are left."""
    return UndoHold.objects.filter(run=run_pk).count()

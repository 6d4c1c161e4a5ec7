"""Many links made, broken and restored at once: a handful of queries for 500 pairs, and whoever was settled meanwhile
is left out and counted. All run inside a transaction of the caller."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q

from integrator.accounts.models import User
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.records import Key, Product
from syncjobs import pairs, snapshots
from syncjobs.engine.suggest import Offered, Suggestion, sure_pairs
from syncjobs.linking import bump_references
from syncjobs.models import DeedRow, ElementMark, KindState, Link, SnapshotItem, Unlinked
from syncjobs.models.choices import Mark, Origin, Side
from syncjobs.orders import articles
from syncjobs.setup import Setup
from syncjobs.undoing import holds

STATE = ("kind", "erp_seen", "shop_seen", "erp_fp", "shop_fp", "options_version", "refs_version", "open", "drifted")
LINK = ("image_owner", "primary", "state", "origin", "evidence", "evidence_gone", "linked_by_id")


@dataclass(slots=True)
class Settled:
    """`rows`: what was done, still without their deed. `skipped`: labels of what somebody had settled meanwhile."""

    rows: list[DeedRow] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def join(setup: Setup, kind: Kind, wanted: Sequence[tuple[Key, Key]], user: User | None, origin: Origin) -> Settled:
    """Link pairs of one-to-one kinds whose elements are both there and both free."""
    done, connection = Settled(), setup.connection
    erp = snapshots.load(setup.erp_connection, kind, {one for one, _ in wanted})
    shop = snapshots.load(connection, kind, {other for _, other in wanted})
    taken_erp, taken_shop = _taken(setup, kind, wanted)
    links = []
    for erp_key, shop_key in wanted:
        left, right = erp.get(erp_key), shop.get(shop_key)
        if left is None or right is None or erp_key in taken_erp or shop_key in taken_shop:
            done.skipped.append(left.label if left is not None else erp_key)
            continue
        taken_erp.add(erp_key)
        taken_shop.add(shop_key)
        links.append(_link(setup, kind, left, right, user, origin))
        done.rows.append(DeedRow(erp_key=erp_key, shop_key=shop_key))
    Link.objects.bulk_create(links)
    holds.drop_elements(connection, kind, Side.ERP, [link.erp_key for link in links])
    holds.drop_elements(connection, kind, Side.SHOP, [link.shop_key for link in links])
    alone = Unlinked.objects.filter(connection=connection, kind=kind)
    alone.filter(side=Side.ERP, key__in=[link.erp_key for link in links]).delete()
    alone.filter(side=Side.SHOP, key__in=[link.shop_key for link in links]).delete()
    if links and kind is Kind.PRODUCT:
        articles.look_again(connection)
    return done


def _taken(setup: Setup, kind: Kind, wanted: Sequence[tuple[Key, Key]]) -> tuple[set[Key], set[Key]]:
    links = Link.objects.filter(connection=setup.connection, kind=kind)
    erp = links.filter(erp_key__in=[one for one, _ in wanted])
    shop = links.filter(shop_key__in=[other for _, other in wanted])
    return set(erp.values_list("erp_key", flat=True)), set(shop.values_list("shop_key", flat=True))


def _link(setup: Setup, kind: Kind, erp: SnapshotItem, shop: SnapshotItem, user: User | None, origin: Origin) -> Link:
    product = snapshots.record_of(shop)
    return Link(
        connection=setup.connection,
        kind=kind,
        erp_key=erp.key,
        shop_key=shop.key,
        origin=origin,
        linked_by=user,
        image_owner=product.image_owner if isinstance(product, Product) else "",
        evidence=pairs.evidence_of(erp, shop),
    )


def sure(setup: Setup, kind: Kind, rows: Sequence[Unlinked]) -> dict[Key, Suggestion]:
    """Sure partners of these unlinked ERP elements. Elements of the whole list may dispute one: they are looked up."""
    alone = Unlinked.objects.filter(connection=setup.connection, kind=kind).exclude(state=Unlinked.State.IGNORED)
    wanted = [Offered(row.key, row.code, row.label, row.ean) for row in rows]
    shop = _alike(alone.filter(side=Side.SHOP), wanted)
    rivals = {one.key: one for one in _alike(alone.filter(side=Side.ERP), shop)} | {one.key: one for one in wanted}
    found = sure_pairs(list(rivals.values()), shop)
    return {one.key: found[one.key] for one in wanted if one.key in found}


def _alike(rows: Any, others: Iterable[Offered]) -> list[Offered]:
    """Rows with the code or the EAN of one of the others."""
    codes = {spelling for one in others if one.code for spelling in (one.code, one.code.upper(), one.code.lower())}
    eans = {one.ean for one in others if one.ean}
    alike = Q()
    for column, values in (("code", codes), ("ean", eans)):
        if values:
            alike |= Q(snapshots.Among(F(column), sorted(values)))
    found = rows.filter(alike) if alike else rows.none()
    return [Offered(*row) for row in found.values_list("key", "code", "label", "ean")]


def separate(setup: Setup, kind: Kind, links: Sequence[Link]) -> Settled:
    """Break links. Each row holds the link as it was, with what both sides last agreed on."""
    done = Settled()
    states: dict[int, list[dict[str, Any]]] = {}
    for state in KindState.objects.filter(link__in=[link.pk for link in links]):
        states.setdefault(state.link_id, []).append({name: getattr(state, name) for name in STATE})
    for link in links:
        before = {"link": {name: getattr(link, name) for name in LINK}, "states": states.get(link.pk, [])}
        done.rows.append(DeedRow(erp_key=link.erp_key, shop_key=link.shop_key, before=before))
    Link.objects.filter(pk__in=[link.pk for link in links]).delete()
    if kind in REFERENCE_KINDS:
        for link in links:
            pairs.hand_on_primary(link)
        bump_references(setup.connection)
    show_unlinked(setup, kind, links)
    return done


def show_unlinked(setup: Setup, kind: Kind, links: Sequence[Link]) -> None:
    """Elements of broken links, as far as they are there and nothing else leads to them."""
    _taken_erp, taken_shop = _taken(setup, kind, [(link.erp_key, link.shop_key) for link in links])
    erp = snapshots.load(setup.erp_connection, kind, {link.erp_key for link in links})
    shop = snapshots.load(setup.connection, kind, {link.shop_key for link in links} - taken_shop)
    Unlinked.objects.bulk_create(
        [
            Unlinked(
                connection=setup.connection,
                side=side,
                kind=kind,
                key=item.key,
                code=item.code,
                label=item.label,
                ean=item.ean,
                search=item.search,
            )
            for side, items in ((Side.ERP, erp), (Side.SHOP, shop))
            for item in items.values()
        ],
        ignore_conflicts=True,
    )


def restore(setup: Setup, kind: Kind, rows: Sequence[DeedRow]) -> Settled:
    """Broken links as they were, unless one of their elements has another partner by now."""
    done = Settled()
    taken_erp, taken_shop = _taken(setup, kind, [(row.erp_key, row.shop_key) for row in rows])
    many = kind in REFERENCE_KINDS
    for row in rows:
        if row.erp_key in taken_erp or (row.shop_key in taken_shop and not many):
            done.skipped.append(row.erp_key)
            continue
        was = dict(row.before["link"])
        was["primary"] = was["primary"] and row.shop_key not in taken_shop
        taken_shop.add(row.shop_key)
        link = Link.objects.create(
            connection=setup.connection, kind=kind, erp_key=row.erp_key, shop_key=row.shop_key, **was
        )
        KindState.objects.bulk_create(
            [
                KindState(link=link, connection=setup.connection, **(state | {"open": True}))
                for state in row.before["states"]
            ]
        )
        done.rows.append(row)
    alone = Unlinked.objects.filter(connection=setup.connection, kind=kind)
    alone.filter(side=Side.ERP, key__in=[row.erp_key for row in done.rows]).delete()
    alone.filter(side=Side.SHOP, key__in=[row.shop_key for row in done.rows]).delete()
    if many:
        bump_references(setup.connection)
    return done


def ignore(setup: Setup, kind: Kind, side: Side, keys: Sequence[Key], user: User | None, reason: str) -> Settled:
    """Mark unlinked elements of one side as ignored, those that still wait for a partner."""
    alone = Unlinked.objects.filter(connection=setup.connection, kind=kind, side=side, key__in=keys)
    waiting = dict(alone.exclude(state=Unlinked.State.IGNORED).values_list("key", "label"))
    marks = ElementMark.objects.filter(connection=setup.connection, kind=kind, side=side, key__in=keys)
    marked = set(marks.values_list("key", flat=True))
    free = [key for key in keys if key in waiting and key not in marked]
    values = {"connection": setup.connection, "kind": kind, "side": side}
    ElementMark.objects.bulk_create(
        [ElementMark(**values, key=key, mark=Mark.IGNORED, reason=reason, by=user) for key in free]
    )
    alone.filter(key__in=free).update(state=Unlinked.State.IGNORED, candidates=[])
    rows = [DeedRow(side=side, **_key(side, key)) for key in free]
    return Settled(rows, [waiting.get(key) or key for key in keys if key not in set(free)])


def take_part(setup: Setup, kind: Kind, side: Side, keys: Sequence[Key]) -> Settled:
    """Take the mark off ignored elements, those that still have it, and release those that an undo holds."""
    marks = ElementMark.objects.filter(connection=setup.connection, kind=kind, side=side, mark=Mark.IGNORED)
    found = dict(marks.filter(key__in=keys).values_list("key", "reason"))
    marks.filter(key__in=list(found)).delete()
    found |= dict.fromkeys(holds.drop_elements(setup.connection, kind, side, keys) - found.keys(), "")
    alone = Unlinked.objects.filter(connection=setup.connection, kind=kind, side=side, key__in=list(found))
    alone.filter(state=Unlinked.State.IGNORED).update(state=Unlinked.State.UNLINKED)
    rows = [DeedRow(side=side, before={"reason": reason}, **_key(side, key)) for key, reason in found.items()]
    return Settled(rows, [key for key in keys if key not in found])


def _key(side: Side, key: Key) -> dict[str, Key]:
    return {"erp_key" if side is Side.ERP else "shop_key": key}

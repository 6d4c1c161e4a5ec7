"""Step b: which links are alive, which elements find a partner, which stay unlinked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.records import Key, Product
from integrator.leases import LeaseHold
from shops.models import ShopConnection
from syncjobs import evidence, snapshots
from syncjobs.engine.match import Candidate, Matching, image_marks, match, product_marks, reference_marks
from syncjobs.engine.policy import Criterion
from syncjobs.models import ElementMark, Link, SnapshotItem, SyncOptions, Unlinked
from syncjobs.models.choices import LinkState, Mark, Origin, Side
from syncjobs.orders import articles
from syncjobs.setup import Setup
from syncjobs.undoing import holds


@dataclass(slots=True)
class Linked:
    """What step b found."""

    newly: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def link_kind(setup: Setup, kind: Kind, hold: LeaseHold) -> Linked:
    """Bring links and unlinked rows of one kind up to date with the snapshots of both sides."""
    connection = setup.connection
    with transaction.atomic():
        hold.check()
        if kind is Kind.PRODUCT:
            _follow_renamed(setup)
        _note_gone(setup, kind)
    marked = _marked(connection, kind)
    erp, shop = _candidates_erp(setup, kind, marked), _candidates_shop(setup, kind, marked)
    many = kind in REFERENCE_KINDS
    taken = set(Link.objects.filter(connection=connection, kind=kind, primary=True).values_list("shop_key", flat=True))
    found = match(erp, shop, many_to_one=many, taken=taken)
    with transaction.atomic():
        hold.check()
        _save_links(setup, kind, found)
        if found.pairs and many:
            bump_references(connection)
        _save_unlinked(setup, kind, erp, shop, found, marked)
        if found.pairs and kind is Kind.PRODUCT:
            articles.look_again(connection)
    return Linked(newly=len(found.pairs), counts=count(setup, kind))


def bump_references(connection: ShopConnection) -> None:
    """A link of a kind that products refer to has changed: what was blocked by it is planned again."""
    SyncOptions.objects.filter(connection=connection, kind=Kind.PRODUCT).update(refs_version=F("refs_version") + 1)


def count(setup: Setup, kind: Kind) -> dict[str, int]:
    connection = setup.connection
    rows = Unlinked.objects.filter(connection=connection, kind=kind)
    return {
        "linked": Link.objects.filter(connection=connection, kind=kind, state=LinkState.LINKED).count(),
        "gone": Link.objects.filter(connection=connection, kind=kind).exclude(state=LinkState.LINKED).count(),
        "ambiguous": rows.filter(state=Unlinked.State.AMBIGUOUS).count(),
        "unlinked_erp": rows.filter(state=Unlinked.State.UNLINKED, side=Side.ERP).count(),
        "unlinked_shop": rows.filter(state=Unlinked.State.UNLINKED, side=Side.SHOP).count(),
        "ignored": rows.filter(state=Unlinked.State.IGNORED).count(),
    }


def _present(setup: Setup, side: Side, kind: Kind, key: str) -> Exists:
    source = setup.erp_connection if side is Side.ERP else setup.connection
    return Exists(snapshots.present(source, kind).filter(key=OuterRef(key)))


_STATE = {
    (True, True): LinkState.LINKED,
    (False, True): LinkState.ERP_GONE,
    (True, False): LinkState.SHOP_GONE,
    (False, False): LinkState.BOTH_GONE,
}
"""State of a link by who is there: in the ERP, in the shop."""


def _note_gone(setup: Setup, kind: Kind) -> None:
    """Set the state of links by who is there; only rows whose state moves are written."""
    links = Link.objects.filter(connection=setup.connection, kind=kind).annotate(
        in_erp=_present(setup, Side.ERP, kind, "erp_key"), in_shop=_present(setup, Side.SHOP, kind, "shop_key")
    )
    moved: dict[LinkState, list[int]] = defaultdict(list)
    strange = links.exclude(in_erp=True, in_shop=True, state=LinkState.LINKED)
    for pk, in_erp, in_shop, state in strange.values_list("pk", "in_erp", "in_shop", "state"):
        now = _STATE[bool(in_erp), bool(in_shop)]
        if now != state:
            moved[now].append(pk)
    for now, of_state in moved.items():
        for part in snapshots.chunks(of_state):
            Link.objects.filter(pk__in=part).update(state=now)
    evidence.note_moved(setup, kind, [pk for of_state in moved.values() for pk in of_state])


def _follow_renamed(setup: Setup) -> None:
    """A card whose index was changed is the same card: its GUID or id tells, and its link moves to the new key."""
    erp = setup.erp_connection
    linked = Link.objects.filter(connection=setup.connection, kind=Kind.PRODUCT, erp_key=OuterRef("key"))
    lost = snapshots.of(erp).filter(kind=Kind.PRODUCT, missed__gt=0).annotate(linked=Exists(linked)).filter(linked=True)
    old_by_alias: dict[str, str] = {}
    for key, record in lost.values_list("key", "record").iterator():
        old_by_alias |= {alias: key for alias in record.get("aliases", ()) if not alias.startswith("index:")}
    if not old_by_alias:
        return
    fresh = snapshots.of(erp).filter(kind=Kind.PRODUCT, missed=0).annotate(linked=Exists(linked)).filter(linked=False)
    for key, record in fresh.values_list("key", "record").iterator():
        old = next((old_by_alias[alias] for alias in record.get("aliases", ()) if alias in old_by_alias), None)
        if old is not None:
            Link.objects.filter(connection=setup.connection, kind=Kind.PRODUCT, erp_key=old).update(erp_key=key)


def _marked(connection: ShopConnection, kind: Kind) -> dict[Side, dict[Key, str]]:
    held = holds.elements(connection, kind)
    marks: dict[Side, dict[Key, str]] = {side: dict.fromkeys(held[side], Mark.IGNORED) for side in Side}
    rows = ElementMark.objects.filter(connection=connection, kind=kind, mark__in=[Mark.IGNORED, Mark.FROZEN])
    for side, key, mark in rows.values_list("side", "key", "mark"):
        marks[Side(side)][key] = mark
    return marks


def _unlinked(setup: Setup, side: Side, kind: Kind) -> QuerySet[SnapshotItem]:
    source, column = (setup.erp_connection, "erp_key") if side is Side.ERP else (setup.connection, "shop_key")
    links = Link.objects.filter(connection=setup.connection, kind=kind, **{column: OuterRef("key")})
    return snapshots.of(source).filter(kind=kind, missed=0).filter(~Exists(links)).order_by("pk")


def _candidates_erp(setup: Setup, kind: Kind, marked: dict[Side, dict[Key, str]]) -> list[Candidate]:
    rows = _unlinked(setup, Side.ERP, kind)
    skip = marked[Side.ERP]
    if kind is Kind.IMAGE:
        return list(_erp_images(setup, rows, skip))
    if kind is Kind.PRODUCT:
        return list(_erp_products(setup, rows, skip))
    return [
        Candidate(item.key, reference_marks(snapshots.record_of(item)))  # type: ignore[arg-type]
        for item in rows.iterator()
        if item.key not in skip
    ]


def _erp_products(setup: Setup, rows: QuerySet[SnapshotItem], skip: dict[Key, str]) -> Iterator[Candidate]:
    """Cards that the connection's filter lets in."""
    criterion, limit, lets_in = _criterion(setup), _name_limit(setup), setup.item_filter()
    for item in rows.iterator(chunk_size=snapshots.CHUNK):
        product = snapshots.record_of(item)
        if item.key not in skip and isinstance(product, Product) and lets_in.lets_in(product):
            yield Candidate(item.key, product_marks(criterion, product.code, product.name, product.ean, limit))


def _criterion(setup: Setup) -> Criterion:
    return setup.policy(Kind.PRODUCT).criterion or Criterion.CODE_AND_NAME


def _name_limit(setup: Setup) -> int | None:
    spec = setup.shop.of(Kind.PRODUCT).fields.get("name")
    return min(spec.max_length, 200) if spec and spec.max_length else 200


def _candidates_shop(setup: Setup, kind: Kind, marked: dict[Side, dict[Key, str]]) -> list[Candidate]:
    skip = marked[Side.SHOP]
    if kind in REFERENCE_KINDS:
        every = snapshots.of(setup.connection).filter(kind=kind, missed=0)
        return [
            Candidate(item.key, reference_marks(snapshots.record_of(item)))  # type: ignore[arg-type]
            for item in every.iterator()
            if item.key not in skip
        ]
    rows = _unlinked(setup, Side.SHOP, kind)
    if kind is Kind.IMAGE:
        return [
            Candidate(item.key, image_marks(item.owner, item.code, item.record["position"]))
            for item in rows.iterator(chunk_size=snapshots.CHUNK)
            if item.key not in skip
        ]
    criterion, limit = _criterion(setup), _name_limit(setup)
    return [
        Candidate(key, product_marks(criterion, code, label, ean, limit))
        for key, code, label, ean in rows.values_list("key", "code", "label", "ean").iterator()
        if key not in skip
    ]


def image_owners(connection: ShopConnection) -> dict[Key, Key]:
    """ERP product -> where the shop keeps its pictures. Of a parent's variants the first brings them."""
    owners: dict[Key, Key] = {}
    seen: set[Key] = set()
    links = Link.objects.filter(connection=connection, kind=Kind.PRODUCT, state=LinkState.LINKED).exclude(
        image_owner=""
    )
    for erp_key, owner in links.order_by("erp_key").values_list("erp_key", "image_owner").iterator():
        if owner not in seen:
            seen.add(owner)
            owners[erp_key] = owner
    return owners


def _erp_images(setup: Setup, rows: QuerySet[SnapshotItem], skip: dict[Key, str]) -> Iterator[Candidate]:
    """In the order of their places, which is the order in which a shop must be sent them."""
    owners = image_owners(setup.connection)
    found = [
        (owners[owner], record["position"], key, code)
        for key, code, owner, record in rows.values_list("key", "code", "owner", "record").iterator()
        if key not in skip and owner in owners
    ]
    for owner, position, key, code in sorted(found):
        yield Candidate(key, image_marks(owner, code, position))


def _save_links(setup: Setup, kind: Kind, found: Matching) -> None:
    criterion = str(setup.policy(kind).criterion or "")
    owners: dict[Key, Key] = {}
    seen: dict[Key, dict[str, list[str]]] = {}
    if kind is Kind.PRODUCT:
        for part in snapshots.chunks(pair.shop for pair in found.pairs):
            rows = snapshots.of(setup.connection).filter(kind=kind, key__in=part)
            for key, code, label, ean, record in rows.values_list("key", "code", "label", "ean", "record"):
                owners[key] = record.get("image_owner", "")
                # WAPRO's own are equal in what the criterion asked for; the rest of them is in its snapshot.
                seen[key] = {"seen": [code, label, ean]}
    Link.objects.bulk_create(
        (
            Link(
                connection=setup.connection,
                kind=kind,
                erp_key=pair.erp,
                shop_key=pair.shop,
                image_owner=owners.get(pair.shop, ""),
                primary=pair.primary,
                origin=Origin.RULE,
                evidence={"criterion": criterion, "level": pair.level} | seen.get(pair.shop, {}),
            )
            for pair in found.pairs
        ),
        batch_size=snapshots.CHUNK,
    )


def _save_unlinked(
    setup: Setup,
    kind: Kind,
    erp: Iterable[Candidate],
    shop: Iterable[Candidate],
    found: Matching,
    marked: dict[Side, dict[Key, str]],
) -> None:
    """Write what stayed alone: only rows that differ from the last time are touched, so `since` tells the truth."""
    connection = setup.connection
    paired_shop = {pair.shop for pair in found.pairs}
    if kind in REFERENCE_KINDS:
        paired_shop |= set(Link.objects.filter(connection=connection, kind=kind).values_list("shop_key", flat=True))
    paired_erp = {pair.erp for pair in found.pairs}
    alone = {
        Side.ERP: [c.key for c in erp if c.key not in paired_erp],
        Side.SHOP: [c.key for c in shop if c.key not in paired_shop],
    }
    for side, ambiguous in ((Side.ERP, found.ambiguous_erp), (Side.SHOP, found.ambiguous_shop)):
        wanted: dict[Key, tuple[str, list[Key]]] = {key: (Unlinked.State.UNLINKED, []) for key in alone[side]}
        wanted |= {key: (Unlinked.State.AMBIGUOUS, list(keys[:20])) for key, keys in ambiguous.items()}
        wanted |= {key: (Unlinked.State.IGNORED, []) for key in marked[side]}
        _write_unlinked(setup, kind, side, wanted)


def _write_unlinked(setup: Setup, kind: Kind, side: Side, wanted: dict[Key, tuple[str, list[Key]]]) -> None:
    rows = Unlinked.objects.filter(connection=setup.connection, kind=kind, side=side)
    known = {key: (pk, state, names) for pk, key, state, names in rows.values_list("pk", "key", "state", "candidates")}
    stale = [
        pk
        for key, (pk, state, names) in known.items()
        if key not in wanted or (state, names) != (str(wanted[key][0]), wanted[key][1])
    ]
    for part in snapshots.chunks(stale):
        Unlinked.objects.filter(pk__in=part).delete()
    new = [key for key, (state, names) in wanted.items() if key not in known or known[key][1:] != (str(state), names)]
    source = setup.erp_connection if side is Side.ERP else setup.connection
    for part in snapshots.chunks(new):
        place = {key: number for number, key in enumerate(part)}
        items = snapshots.of(source).filter(kind=kind, key__in=part).defer("record")
        Unlinked.objects.bulk_create(
            [
                Unlinked(
                    connection=setup.connection,
                    kind=kind,
                    side=side,
                    key=item.key,
                    state=wanted[item.key][0],
                    candidates=wanted[item.key][1],
                    code=item.code,
                    label=item.label,
                    ean=item.ean,
                    search=item.search,
                )
                for item in sorted(items, key=lambda item: place[item.key])
            ]
        )

"""Links made and broken by people, marks on elements, and suggestions for what stayed unlinked."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Key, Problem, Product, problem
from shops.models import ShopConnection
from syncjobs import runs, snapshots
from syncjobs.engine.order import held_up_by
from syncjobs.engine.suggest import Offered, Suggestion, suggest_each
from syncjobs.linking import bump_references
from syncjobs.models import ElementMark, Link, Run, SnapshotItem, Unlinked
from syncjobs.models.choices import Mark, Origin, Side
from syncjobs.orders import articles
from syncjobs.setup import setup_of
from syncjobs.undoing import holds

MOST_COMPARED = 2000
"""Unlinked shop elements that one element is compared with by name; code and EAN are always looked up."""


class PairRefused(Exception):
    """The two cannot be linked; `problem` says why."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


def link(
    connection: ShopConnection,
    kind: Kind,
    erp_key: Key,
    shop_key: Key,
    user: User | None,
    origin: Origin = Origin.PERSON,
) -> Link:
    """Say that this ERP element is that shop element. An ERP element of a reference kind moves to its new partner; for
    one-to-one kinds both must be free. Raises PairRefused."""
    setup = setup_of(connection)
    erp = snapshots.present(setup.erp_connection, kind).filter(key=erp_key).first()
    shop = snapshots.present(connection, kind).filter(key=shop_key).first()
    if erp is None or shop is None:
        raise PairRefused(problem(Code.GONE, key=erp_key if erp is None else shop_key))
    try:
        with transaction.atomic():
            made = _make(connection, kind, erp, shop, user, origin)
            for side, key in ((Side.ERP, erp_key), (Side.SHOP, shop_key)):
                holds.drop_elements(connection, kind, side, [key])
            Unlinked.objects.filter(connection=connection, kind=kind, side=Side.ERP, key=erp_key).delete()
            Unlinked.objects.filter(connection=connection, kind=kind, side=Side.SHOP, key=shop_key).delete()
            if kind in REFERENCE_KINDS:
                bump_references(connection)
            if kind is Kind.PRODUCT:
                articles.look_again(connection)
            if user is not None:
                record(user, "link.add", f"{erp.label} = {shop.label}", client=connection.client, data={"kind": kind})
    except IntegrityError as error:
        raise PairRefused(problem(Code.ALREADY_LINKED, key=erp_key, other=shop_key)) from error
    return made


def link_many(
    connection: ShopConnection, kind: Kind, partners: Mapping[Key, Key], user: User | None, origin: Origin
) -> int:
    """Reference elements that lead to these shop elements (ERP key -> shop key), all at once; those that are not there
    on both sides are left out. How many were linked."""
    setup = setup_of(connection)
    erp = snapshots.load(setup.erp_connection, kind, partners.keys())
    shop = snapshots.load(connection, kind, set(partners.values()))
    wanted = [(erp[mine], shop[theirs]) for mine, theirs in partners.items() if mine in erp and theirs in shop]
    with transaction.atomic():
        for mine, theirs in wanted:
            _make(connection, kind, mine, theirs, user, origin)
        for side, keys in ((Side.ERP, [one.key for one, _ in wanted]), (Side.SHOP, [one.key for _, one in wanted])):
            for part in snapshots.chunks(keys):
                Unlinked.objects.filter(connection=connection, kind=kind, side=side, key__in=part).delete()
        bump_references(connection)
    return len(wanted)


def _make(
    connection: ShopConnection, kind: Kind, erp: SnapshotItem, shop: SnapshotItem, user: User | None, origin: Origin
) -> Link:
    many = kind in REFERENCE_KINDS
    partner = Link.objects.filter(connection=connection, kind=kind, shop_key=shop.key, primary=True)
    product = snapshots.record_of(shop)
    values = {
        "shop_key": shop.key,
        "primary": not (many and partner.exclude(erp_key=erp.key).exists()),
        "origin": origin,
        "linked_by": user,
        "image_owner": product.image_owner if isinstance(product, Product) else "",
        "evidence": evidence_of(erp, shop),
        "evidence_gone": False,
    }
    if many:
        before = Link.objects.filter(connection=connection, kind=kind, erp_key=erp.key).first()
        made, _ = Link.objects.update_or_create(connection=connection, kind=kind, erp_key=erp.key, defaults=values)
        if before is not None and before.shop_key != shop.key:
            hand_on_primary(before)
        return made
    return Link.objects.create(connection=connection, kind=kind, erp_key=erp.key, **values)


def evidence_of(erp: SnapshotItem, shop: SnapshotItem) -> dict[str, Any]:
    """What both sides showed when they were linked: `syncjobs.engine.evidence` holds the present against it."""
    return {"erp": [erp.code, erp.label, erp.ean], "shop": [shop.code, shop.label, shop.ean]}


def hand_on_primary(left: Link) -> None:
    """The way back of a shop element must not be lost with the link that was it."""
    if left.primary:
        heir = Link.objects.filter(connection=left.connection_id, kind=left.kind, shop_key=left.shop_key).first()
        if heir is not None:
            Link.objects.filter(pk=heir.pk).update(primary=True)


def make_primary(chosen: Link, user: User) -> None:
    """This ERP element is the way back for its shop element from now on."""
    with transaction.atomic():
        same = Link.objects.filter(connection=chosen.connection_id, kind=chosen.kind, shop_key=chosen.shop_key)
        same.update(primary=False)
        same.filter(pk=chosen.pk).update(primary=True)
        bump_references(chosen.connection)
        record(user, "link.primary", str(chosen), client=chosen.connection.client)


def unlink(broken: Link, user: User) -> None:
    """Break a link. Both elements show up as unlinked with the next linking of their kind."""
    with transaction.atomic():
        record(user, "link.remove", str(broken), client=broken.connection.client, data=broken.evidence)
        Link.objects.filter(pk=broken.pk).delete()
        hand_on_primary(broken)
        if broken.kind in REFERENCE_KINDS:
            bump_references(broken.connection)
        _show_unlinked(broken)


def _show_unlinked(broken: Link) -> None:
    erp_connection = setup_of(broken.connection).erp_connection
    for side, source, key in (
        (Side.ERP, erp_connection, broken.erp_key),
        (Side.SHOP, broken.connection, broken.shop_key),
    ):
        item = snapshots.present(source, Kind(broken.kind)).filter(key=key).first()
        still = Link.objects.filter(connection=broken.connection_id, kind=broken.kind, shop_key=broken.shop_key)
        if item is None or (side is Side.SHOP and still.exists()):
            continue
        Unlinked.objects.update_or_create(
            connection=broken.connection,
            side=side,
            kind=broken.kind,
            key=key,
            defaults={
                "state": Unlinked.State.UNLINKED,
                "candidates": [],
                "code": item.code,
                "label": item.label,
                "ean": item.ean,
                "search": item.search,
            },
        )


def mark(
    connection: ShopConnection,
    side: Side,
    kind: Kind,
    keys: Collection[Key],
    mark: Mark,
    user: User,
    reason: str = "",
) -> None:
    """Ignore, freeze or exclude elements by name. Excluding one opens the gate that it held closed: its kind and what
    waited for it are run again at once."""
    with transaction.atomic():
        for key in keys:
            ElementMark.objects.update_or_create(
                connection=connection,
                side=side,
                kind=kind,
                key=key,
                defaults={"mark": mark, "reason": reason[:300], "by": user},
            )
        if mark == Mark.IGNORED:
            Unlinked.objects.filter(connection=connection, side=side, kind=kind, key__in=list(keys)).update(
                state=Unlinked.State.IGNORED, candidates=[]
            )
        data = {"kind": kind, "mark": mark, "reason": reason, "keys": list(keys)[:200]}
        record(user, "mark.add", ", ".join(list(keys)[:10]), client=connection.client, data=data)
        if mark == Mark.EXCLUDED:
            runs.start_run(connection, kinds=run_again(kind), user=user)


def run_again(kind: Kind) -> list[Kind]:
    """The kinds that excluding a broken element of this one sets going: the one whose gate it held, and what waited."""
    return [kind, *held_up_by(kind)]


def unmark(connection: ShopConnection, side: Side, kind: Kind, keys: Collection[Key], user: User) -> None:
    with transaction.atomic():
        ElementMark.objects.filter(connection=connection, side=side, kind=kind, key__in=list(keys)).delete()
        holds.drop_elements(connection, kind, side, keys)
        Unlinked.objects.filter(
            connection=connection, side=side, kind=kind, key__in=list(keys), state=Unlinked.State.IGNORED
        ).update(state=Unlinked.State.UNLINKED)
        record(user, "mark.remove", ", ".join(list(keys)[:10]), client=connection.client, data={"kind": kind})


def create_there(connection: ShopConnection, kind: Kind, erp_keys: Sequence[Key], user: User) -> Run:
    """Plan just these ERP elements to be created in the shop, whatever the options say about the others."""
    return runs.start_run(connection, kinds=[kind], user=user, selection={Side.ERP: list(erp_keys)})


def import_here(connection: ShopConnection, kind: Kind, shop_keys: Sequence[Key], user: User) -> Run:
    """Plan just these shop elements to be made in the ERP (or handed over)."""
    return runs.start_run(connection, kinds=[kind], user=user, selection={Side.SHOP: list(shop_keys)})


def suggestions(connection: ShopConnection, kind: Kind, erp_keys: Collection[Key]) -> dict[Key, list[Suggestion]]:
    """Likely partners of unlinked ERP elements, best first. Reference kinds may share a partner."""
    erp = setup_of(connection).erp_connection
    wanted = [_offered(item) for item in snapshots.load(erp, kind, erp_keys).values()]
    return suggest_each(wanted, [Offered(*row) for row in _free(connection, kind, wanted)])


def _free(connection: ShopConnection, kind: Kind, wanted: Sequence[Offered]) -> list[tuple[str, str, str, str]]:
    """Shop elements that may still become a partner: key, code, name, EAN. The first `MOST_COMPARED` by name, and
    beyond them whoever has a wanted code or EAN."""
    columns = ("key", "code", "label", "ean")
    rows: QuerySet[Any]
    if kind in REFERENCE_KINDS:
        rows = snapshots.present(connection, kind)
    else:
        alone = Unlinked.objects.filter(connection=connection, kind=kind, side=Side.SHOP)
        rows = alone.exclude(state=Unlinked.State.IGNORED)
    first = list(rows.order_by("pk").values_list(*columns)[:MOST_COMPARED])
    if len(first) < MOST_COMPARED:
        return first
    equal = Q(code__in={one.code for one in wanted if one.code}) | Q(ean__in={one.ean for one in wanted if one.ean})
    return list(dict.fromkeys([*first, *rows.filter(equal).values_list(*columns)[:MOST_COMPARED]]))


def _offered(item: SnapshotItem) -> Offered:
    return Offered(item.key, item.code, item.label, item.ean)

"""Links held against the present snapshots: which have lost what spoke for them."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from syncjobs import snapshots
from syncjobs.engine.evidence import Marks, Verdict, agrees, judge, strongest
from syncjobs.models import Fetch, Link, SnapshotItem
from syncjobs.models.choices import LinkState
from syncjobs.pairing import Loaded
from syncjobs.setup import Setup


def marks_of(item: SnapshotItem) -> Marks:
    return Marks(item.code, item.label, item.ean)


def of(link: Link, erp: SnapshotItem | None, shop: SnapshotItem | None) -> Verdict:
    """Of one link whose snapshots, as far as there are any, are at hand."""
    there = [marks_of(item) if item and item.missed < snapshots.GONE_AFTER else None for item in (erp, shop)]
    return judge(Kind(link.kind), link.evidence, *there)


def verdicts(setup: Setup, kind: Kind, links: Collection[Link]) -> dict[int, Verdict]:
    """By link. Two queries for a page or a part of up to `snapshots.CHUNK`."""
    erp = _marks(snapshots.present(setup.erp_connection, kind), {link.erp_key for link in links})
    shop = _marks(snapshots.present(setup.connection, kind), {link.shop_key for link in links})
    return {link.pk: judge(kind, link.evidence, erp.get(link.erp_key), shop.get(link.shop_key)) for link in links}


def _marks(present: QuerySet[SnapshotItem], keys: Collection[str]) -> dict[str, Marks]:
    rows = (row for part in snapshots.chunks(keys) for row in _columns(present.filter(key__in=part)))
    return {key: Marks(code, label, ean) for key, code, label, ean in rows}


def _columns(items: QuerySet[SnapshotItem]) -> Iterable[tuple[str, str, str, str]]:
    return items.values_list("key", "code", "label", "ean")


def check(setup: Setup, kind: Kind, links: Collection[Link]) -> int:
    """Mark links by what speaks for them now; how many are yellow. Only those that change are written."""
    found = verdicts(setup, kind, links)
    keep(links, found)
    return sum(1 for verdict in found.values() if verdict.gone)


def keep(links: Iterable[Link], found: dict[int, Verdict]) -> None:
    moved = [link for link in links if link.pk in found and link.evidence_gone != found[link.pk].gone]
    for link in moved:
        link.evidence_gone = found[link.pk].gone
    for part in snapshots.chunks(moved):
        Link.objects.bulk_update(part, ["evidence_gone"])


def note(kind: Kind, loaded: Iterable[Loaded]) -> None:
    """While elements that changed are planned anyway: their links turn yellow or back. What a run created learns here
    what it is recognised by, as soon as both sides show it."""
    if kind in PRODUCT_STATE_KINDS:
        return
    moved: list[Link] = []
    for item in loaded:
        link, erp, shop = item.link, marks_of(item.erp_item), marks_of(item.shop_item)
        learnt = "change" in link.evidence and "erp" not in link.evidence and agrees(kind, "code", erp, shop)
        if learnt:
            link.evidence |= {"erp": [erp.code, erp.name, erp.ean], "shop": [shop.code, shop.name, shop.ean]}
            link.ground = strongest(kind, link.evidence)
        gone = judge(kind, link.evidence, erp, shop).gone
        if learnt or gone != link.evidence_gone:
            link.evidence_gone = gone
            moved.append(link)
    for part in snapshots.chunks(moved):
        Link.objects.bulk_update(part, ["evidence", "ground", "evidence_gone"])


def sweep(setup: Setup, kind: Kind, since: datetime, after: int) -> int | None:
    """The next part of the links above `after` one of whose elements changed since then: they turn yellow or back. The
    last of them, None when there are no more. For kinds that nothing is written of, which are not planned."""
    moved = Fetch.objects.filter(Q(shop=setup.connection) | Q(erp=setup.erp_connection), changed__gt=0)
    if not moved.filter(created_at__gte=since).exists():
        return None
    links = Link.objects.filter(connection=setup.connection, kind=kind, state=LinkState.LINKED, pk__gt=after)
    erp = snapshots.of(setup.erp_connection).filter(kind=kind, key=OuterRef("erp_key"), updated_at__gte=since)
    shop = snapshots.of(setup.connection).filter(kind=kind, key=OuterRef("shop_key"), updated_at__gte=since)
    part = list(links.filter(Exists(erp) | Exists(shop)).order_by("pk")[: snapshots.CHUNK])
    check(setup, kind, part)
    return part[-1].pk if part else None


def note_moved(setup: Setup, kind: Kind, moved: Collection[int]) -> None:
    """Links one of whose elements went away or came back."""
    for part in snapshots.chunks(moved):
        links = list(Link.objects.filter(pk__in=part))
        gone = {link.pk for link in links if link.state != LinkState.LINKED}
        Link.objects.filter(pk__in=gone).update(evidence_gone=True)
        check(setup, kind, [link for link in links if link.pk not in gone])

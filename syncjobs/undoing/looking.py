"""The elements that a run wrote, as they are now, and what else decides about taking it back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrator.canonical.kinds import REFERENCE_FIELDS, Kind
from integrator.canonical.records import SHOP_RECORDS, Category, Fields, Key, Record, fields_of, from_json
from integrator.canonical.side import NewElement
from syncjobs import snapshots
from syncjobs.apply import TO_ERP
from syncjobs.models import Change, Link, Step
from syncjobs.models.choices import Action, ChangeStatus, Side
from syncjobs.pairing import link_kind
from syncjobs.setup import Setup
from syncjobs.slices import Slice

READ_AT_ONCE = 50
DONE = (ChangeStatus.APPLIED, ChangeStatus.DRIFTED)


@dataclass(slots=True)
class Seen:
    """The elements of some writes as they are now, and what else decides about them. Keys by side."""

    now: dict[tuple[Side, Key], Record] = field(default_factory=dict)
    gone: set[tuple[Side, Key]] = field(default_factory=set)
    items: dict[Side, list[Any]] = field(default_factory=lambda: defaultdict(list))
    before: dict[tuple[Side, Key], tuple[Fields, datetime]] = field(default_factory=dict)
    """What was known of them before this look, and since when."""
    later: dict[tuple[Side, Key], list[tuple[int, set[str]]]] = field(default_factory=lambda: defaultdict(list))
    """Runs that wrote them since, with the fields."""
    links: dict[Key, Link] = field(default_factory=dict)
    """By key in the ERP."""
    partners: dict[Key, Key] = field(default_factory=dict)
    """By key in the shop: the ERP's."""
    there: dict[str, Key] = field(default_factory=dict)
    """Deleted elements that the shop has again under another key, by the id of the change."""
    pointed_to: dict[Kind, set[Key]] = field(default_factory=dict)
    """Keys of what deleted elements pointed to, as far as they are there."""
    pictures: set[Key] = field(default_factory=set)
    """WAPRO's pictures that are there."""
    requests: int = 0


def look(setup: Setup, step: Step, work: Slice, changes: Sequence[Change]) -> Seen:
    """Read the elements. No transaction is open here."""
    kind, seen = Kind(step.kind), Seen()
    for side in Side:
        keys = [key for where, key in map(side_of, changes) if where is side and key]
        if not keys:
            continue
        source = setup.connection if side is Side.SHOP else setup.erp_connection
        for key, item in snapshots.load(source, kind, keys).items():
            seen.before[side, key] = (fields_of(snapshots.record_of(item)), item.updated_at)
        system = work.shop(setup.connection) if side is Side.SHOP else work.erp(setup.erp_connection)
        sent = system.requests_sent
        for part in snapshots.chunks(list(dict.fromkeys(keys)), READ_AT_ONCE):
            read = system.read(kind, part)
            seen.items[side] += read.items
            seen.now |= {(side, item.key): item.record for item in read.items if item.kind is kind}
            seen.gone |= {(side, key) for key in read.gone}
        seen.requests += system.requests_sent - sent
    _look_around(setup, step, changes, seen)
    _look_for_deleted(setup, work, kind, changes, seen)
    return seen


def _look_around(setup: Setup, step: Step, changes: Sequence[Change], seen: Seen) -> None:
    """Links as they are now, and who of ours wrote these elements since."""
    mine = Link.objects.filter(connection=setup.connection, kind=kind_of_links(step))
    links = list(mine.filter(erp_key__in=[c.erp_key for c in changes if c.erp_key]))
    seen.links = {link.erp_key: link for link in links}
    partners = mine.filter(shop_key__in=[c.shop_key for c in changes if c.shop_key], primary=True)
    seen.partners = dict(partners.values_list("shop_key", "erp_key"))
    later = Change.objects.filter(
        connection=setup.connection, kind=step.kind, status__in=DONE, pk__gt=min(change.pk for change in changes)
    ).exclude(step=changes[0].step_id)
    for side, column in ((Side.SHOP, "shop_key"), (Side.ERP, "erp_key")):
        keys = [key for where, key in map(side_of, changes) if where is side and key]
        rows = later.filter(**{f"{column}__in": keys}) if keys else later.none()
        for change in rows.order_by("pk").select_related("step"):
            if side_of(change)[0] is side:
                names = {one["name"] for one in change.fields}
                seen.later[side_of(change)].append((change.step.run_id, names))


def _look_for_deleted(setup: Setup, work: Slice, kind: Kind, changes: Sequence[Change], seen: Seen) -> None:
    """Whether what was deleted is there again, and what it would be made of."""
    deleted = {c: record for c in changes if (record := gone_record(c)) is not None}
    if not deleted:
        return
    for name, other in REFERENCE_FIELDS.items():
        wanted = {str(value) for record in deleted.values() if (value := getattr(record, name, None))}
        seen.pointed_to[other] = set(snapshots.load(setup.connection, other, wanted)) if wanted else set()
    parents = {record.parent for record in deleted.values() if isinstance(record, Category) and record.parent}
    if parents:
        seen.pointed_to[Kind.CATEGORY] = set(snapshots.load(setup.connection, Kind.CATEGORY, parents))
    if kind is Kind.IMAGE:
        seen.pictures = set(snapshots.load(setup.erp_connection, kind, [c.erp_key for c in deleted if c.erp_key]))
        return
    shop = work.shop(setup.connection)
    sent = shop.requests_sent
    wanted_again = [
        NewElement(token=str(change.pk), fields=fields_of(record), parent=getattr(record, "parent", None) or "")
        for change, record in deleted.items()
    ]
    found = shop.find(kind, wanted_again)
    seen.there = {token: one.keys[0] for token, one in found.items() if one.keys}
    seen.requests += shop.requests_sent - sent


def side_of(change: Change) -> tuple[Side, Key]:
    """The destination of a write and the element's key there."""
    return (Side.ERP, change.erp_key) if change.action in TO_ERP else (Side.SHOP, change.shop_key)


def kind_of_links(step: Step) -> Kind:
    return link_kind(Kind(step.kind))


def gone_record(change: Change) -> Record | None:
    """What a deleted element was as the shop last showed it; None where that was not kept."""
    stored = change.extra.get("gone", {}).get(change.kind)
    if change.action != Action.DELETE_SHOP or stored is None:
        return None
    record: Record = from_json(SHOP_RECORDS[Kind(change.kind)], stored)
    return record

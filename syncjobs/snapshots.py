"""What each side looked like when last fetched: rows written only where the fingerprint moved."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import F, Lookup, QuerySet
from django.utils import timezone

from integrator.canonical.fingerprint import fingerprint
from integrator.canonical.kinds import Kind
from integrator.canonical.records import ERP_RECORDS, SHOP_RECORDS, Image, Key, Record, from_json, to_json
from integrator.canonical.side import Keyed
from integrator.canonical.text import fold
from shops.models import ShopConnection
from syncjobs.models import Fetch, FetchedPage, SnapshotItem
from wapro.models import WaproConnection

Owner = ShopConnection | WaproConnection
CHUNK = 500
"""Rows handled at once everywhere in the pipeline: well under the parameter limits of every database."""
GONE_AFTER = 2
"""Complete fetches in a row that must miss an element before it counts as gone."""


class Among(Lookup):
    """`column IN (...)` of plain texts, never of none. Django's own `__in` asks of each value whether it is an
    expression and how its field writes it, which takes longer than the database needs to find 500 keys."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN ({', '.join(['%s'] * len(self.rhs))})", [*params, *self.rhs]


_WRITTEN = ["fingerprint", "record", "code", "label", "ean", "search", "owner", "missed", "updated_at"]


def of(source: Owner) -> QuerySet[SnapshotItem]:
    """The snapshot of one side."""
    if isinstance(source, WaproConnection):
        return SnapshotItem.objects.filter(erp=source)
    return SnapshotItem.objects.filter(shop=source)


def present(source: Owner, kind: Kind) -> QuerySet[SnapshotItem]:
    """Elements that are there as far as complete fetches can tell."""
    return of(source).filter(kind=kind, missed__lt=GONE_AFTER)


def record_of(item: SnapshotItem) -> Record:
    types = ERP_RECORDS if item.erp_id is not None else SHOP_RECORDS
    record: Record = from_json(types[Kind(item.kind)], item.record)
    return record


def load(source: Owner, kind: Kind, keys: Collection[Key]) -> dict[Key, SnapshotItem]:
    """Rows of named elements that are there."""
    return {item.key: item for part in chunks(keys) for item in present(source, kind).filter(key__in=part)}


def chunks(keys: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    part: list[Any] = []
    for key in keys:
        part.append(key)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


Prints = dict[tuple[str, Key], str]
"""Fingerprints by kind and key."""


def prints_of(items: Iterable[Keyed]) -> Prints:
    return {(item.kind, item.key): fingerprint(item.record) for item in items}


def held(source: Owner, keys: Mapping[str, Iterable[Key]]) -> Prints:
    """Fingerprints that the snapshot holds of these elements (keys by kind). One that was missed counts as not held."""
    kinds: dict[tuple[Key, ...], list[str]] = defaultdict(list)
    for kind, of_kind in keys.items():
        kinds[tuple(of_kind)].append(kind)
    found: Prints = {}
    for shared, names in kinds.items():
        for part in chunks(shared):
            rows = of(source).filter(Among(F("key"), part), kind__in=names, missed=0)
            found |= {(kind, key): now for kind, key, now in rows.values_list("kind", "key", "fingerprint")}
    return found


def store(source: Owner, items: Iterable[Keyed], prints: Prints | None = None) -> int:
    """Write the elements that are new or have changed; how many those were. `prints`: their fingerprints, if known."""
    last = {(item.kind, item.key): item for item in items}
    if prints is None:
        prints = prints_of(last.values())
    keys: dict[str, list[Key]] = defaultdict(list)
    for kind, key in last:
        keys[kind].append(key)
    known = held(source, keys)
    rows = [_row(source, item, prints[name]) for name, item in last.items() if known.get(name) != prints[name]]
    side = "erp" if isinstance(source, WaproConnection) else "shop"
    for part in chunks(rows):
        SnapshotItem.objects.bulk_create(
            part, update_conflicts=True, unique_fields=[side, "kind", "key"], update_fields=_WRITTEN
        )
    return len(rows)


def _row(source: Owner, item: Keyed, now: str) -> SnapshotItem:
    record = item.record
    code, label, ean = described(record)
    return SnapshotItem(
        erp=source if isinstance(source, WaproConnection) else None,
        shop=source if isinstance(source, ShopConnection) else None,
        kind=item.kind,
        key=item.key,
        fingerprint=now,
        record=to_json(record),
        code=code[:80],
        label=label[:200],
        ean=ean[:20],
        search=fold(f"{code} {label} {ean}")[:300] if item.kind not in (Kind.PRICE, Kind.STOCK) else "",
        owner=_owner(record)[:80],
        missed=0,
        updated_at=timezone.now(),
    )


def described(record: Record) -> tuple[str, str, str]:
    """Code, name and EAN under which people know an element."""
    if isinstance(record, Image):
        return record.digest, record.name, ""
    path = getattr(record, "path", None)
    name = " / ".join(path) if path else getattr(record, "name", "")
    code = getattr(record, "code", "") or getattr(record, "symbol", "")
    return code, name or code, getattr(record, "ean", "")


def _owner(record: Record) -> str:
    return record.product if isinstance(record, Image) else str(getattr(record, "group", ""))


def received_keys(fetch: Fetch, kind: Kind) -> set[Key]:
    """Keys of one kind that the receipts of a fetch prove."""
    keys: set[Key] = set()
    for part in FetchedPage.objects.filter(fetch=fetch).values_list("keys", flat=True).iterator():
        keys.update(part.get(kind, ()))
    return keys


def sweep(fetch: Fetch, source: Owner, kind: Kind, received: set[Key], unreadable: Collection[Key]) -> int:
    """After a complete fetch: count a miss for every element that it did not hold. How many were missed.

    Whatever was received is there, stored or found there already. So when as many are there as were received, none of
    them can be missing, and no row need be looked at.
    """
    there = present(source, kind)
    if there.count() == len(received):
        return 0
    rows = there.values_list("pk", "key").iterator()
    missing = [pk for pk, key in rows if key not in received and key not in unreadable]
    for part in chunks(missing):
        SnapshotItem.objects.filter(pk__in=part).update(missed=F("missed") + 1)
    return len(missing)


def forget(source: Owner, kind: Kind, keys: Collection[Key]) -> None:
    """Elements that we deleted ourselves, and everything kept under them."""
    kinds = [kind, Kind.PRICE, Kind.STOCK] if kind is Kind.PRODUCT else [kind]
    for part in chunks(keys):
        of(source).filter(kind__in=kinds, key__in=part).delete()

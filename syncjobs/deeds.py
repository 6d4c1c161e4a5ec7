"""What people do with elements and links, kept so that it can be taken back: a few at once, thousands by a worker."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.records import Key
from integrator.canonical.text import fold
from shops.models import ShopConnection
from syncjobs import evidence, joining, pairs, queue, snapshots
from syncjobs.fetching import error_data
from syncjobs.joining import Settled
from syncjobs.models import Deed, DeedRow, LaidAside, Link, Run, Unlinked
from syncjobs.models.choices import Origin, Side
from syncjobs.setup import Setup, setup_of
from syncjobs.slices import Slice, contained

PART = snapshots.CHUNK
"""Rows to a transaction, and the most that is done while the person waits; more goes to a worker."""
Verb, Status = Deed.Verb, Deed.Status
UNDER_WAY = (Status.OPEN, Status.UNDOING)
FINAL: dict[str, str] = {
    Verb.CREATE: "run",
    Verb.IMPORT: "run",
    Verb.CHECK: "nothing",
}
"""What cannot be taken back, and why: `run` (reject its plan), `nothing` (changed nothing)."""
AUDITED: dict[str, str] = {
    Verb.LINK: "link.add",
    Verb.LINK_SURE: "link.add",
    Verb.UNLINK: "link.remove",
    Verb.IGNORE: "mark.add",
    Verb.IGNORE_ALL: "mark.add",
    Verb.UNIGNORE: "mark.remove",
}


def link(connection: ShopConnection, kind: Kind, wanted: Sequence[tuple[Key, Key]], user: User, origin: Origin) -> Deed:
    """Link pairs. One alone is refused in words (PairRefused); of several, those settled meanwhile are left out."""
    setup = setup_of(connection)
    with transaction.atomic():
        if len(wanted) == 1 or kind in REFERENCE_KINDS:
            done = _one_by_one(connection, kind, wanted, user, origin)
            return _kept(connection, kind, Verb.LINK, user, done, audited=False)
        return _kept(connection, kind, Verb.LINK, user, joining.join(setup, kind, wanted, user, origin))


def _one_by_one(
    connection: ShopConnection, kind: Kind, wanted: Sequence[tuple[Key, Key]], user: User, origin: Origin
) -> Settled:
    done = Settled()
    for erp_key, shop_key in wanted:
        left = Link.objects.filter(connection=connection, kind=kind, erp_key=erp_key).first()
        try:
            pairs.link(connection, kind, erp_key, shop_key, user, origin)
        except pairs.PairRefused:
            if len(wanted) == 1:
                raise
            done.skipped.append(erp_key)
            continue
        before = {"shop_key": left.shop_key} if left is not None else {}
        done.rows.append(DeedRow(erp_key=erp_key, shop_key=shop_key, before=before))
    return done


def unlink(connection: ShopConnection, kind: Kind, links: Sequence[int], user: User) -> Deed:
    """Break these links, those that are still there."""
    setup = setup_of(connection)
    with transaction.atomic():
        found = list(Link.objects.select_for_update().filter(connection=connection, kind=kind, pk__in=links))
        done = joining.separate(setup, kind, found)
        done.skipped += [str(pk) for pk in set(links) - {one.pk for one in found}]
        return _kept(connection, kind, Verb.UNLINK, user, done)


def ignore(
    connection: ShopConnection, kind: Kind, picked: Sequence[tuple[Side, Key]], user: User, reason: str = ""
) -> Deed:
    return _marks(connection, kind, Verb.IGNORE, picked, user, reason)


def unignore(connection: ShopConnection, kind: Kind, picked: Sequence[tuple[Side, Key]], user: User) -> Deed:
    return _marks(connection, kind, Verb.UNIGNORE, picked, user, "")


def _marks(
    connection: ShopConnection, kind: Kind, verb: Deed.Verb, picked: Sequence[tuple[Side, Key]], user: User, reason: str
) -> Deed:
    setup, done = setup_of(connection), Settled()
    with transaction.atomic():
        for side in Side:
            keys = list(dict.fromkeys(key for where, key in picked if where == side))
            if keys:
                ignoring = verb == Verb.IGNORE
                part = (
                    joining.ignore(setup, kind, side, keys, user, reason)
                    if ignoring
                    else joining.take_part(setup, kind, side, keys)
                )
                done.rows += part.rows
                done.skipped += part.skipped
        return _kept(connection, kind, verb, user, done, params={"reason": reason} if reason else {})


def by_run(
    connection: ShopConnection, kind: Kind, verb: Deed.Verb, keys: Sequence[Key], user: User
) -> tuple[Deed, Run]:
    """Have elements created in the shop or imported to WAPRO: a run whose plan waits for approval."""
    start = pairs.create_there if verb == Verb.CREATE else pairs.import_here
    with transaction.atomic():
        run = start(connection, kind, keys, user)
        column = "erp_key" if verb == Verb.CREATE else "shop_key"
        done = Settled([DeedRow(**{column: key}) for key in keys])
        deed = _kept(connection, kind, verb, user, done, audited=False)
        Deed.objects.filter(pk=deed.pk).update(run=run)
    return deed, run


def _kept(
    connection: ShopConnection,
    kind: Kind,
    verb: Deed.Verb,
    user: User,
    done: Settled,
    *,
    params: dict[str, Any] | None = None,
    audited: bool = True,
) -> Deed:
    deed = Deed.objects.create(
        connection=connection,
        kind=kind,
        verb=verb,
        by=user,
        params=params or {},
        label=_label(connection, kind, done.rows),
        total=len(done.rows) + len(done.skipped),
        looked=len(done.rows) + len(done.skipped),
        done=len(done.rows),
        skipped=len(done.skipped),
        result={"skipped": done.skipped[:5]} if done.skipped else {},
        finished_at=timezone.now(),
    )
    _keep_rows(deed, done.rows)
    if audited and done.rows:
        _audit(deed, user, AUDITED[verb])
    return deed


def _label(connection: ShopConnection, kind: Kind, rows: Sequence[DeedRow]) -> str:
    if not rows:
        return ""
    erp = bool(rows[0].erp_key)
    source = setup_of(connection).erp_connection if erp else connection
    key = rows[0].erp_key or rows[0].shop_key
    item = snapshots.of(source).filter(kind=kind, key=key).only("label").first()
    return (item.label if item is not None else "") or key


def _keep_rows(deed: Deed, rows: Sequence[DeedRow]) -> None:
    for row in rows:
        row.deed = deed
    DeedRow.objects.bulk_create(rows, batch_size=PART)


def _audit(deed: Deed, user: User | None, verb: str) -> None:
    subject = deed.label if deed.done == 1 else f"{deed.label} (+{deed.done - 1})"
    data = {"kind": deed.kind, "deed": deed.pk, "count": deed.done, **deed.params}
    record(user, verb, subject, client=deed.connection.client, data=data)


def begin(
    connection: ShopConnection, kind: Kind, verb: Deed.Verb, user: User, params: dict[str, Any] | None = None
) -> Deed:
    """Do something with all rows of a list: at once where they are few, by a worker otherwise. The same that is under
    way already is returned instead of a second: pressing twice does it once."""
    with transaction.atomic():
        ShopConnection.objects.select_for_update().get(pk=connection.pk)
        same = Deed.objects.filter(connection=connection, kind=kind, verb=verb, params=params or {})
        under_way = same.filter(status=Status.OPEN).first()
        if under_way is not None:
            return under_way
        deed = Deed(connection=connection, kind=kind, verb=verb, by=user, params=params or {}, status=Status.OPEN)
        deed.total = _rows_of(deed).count()
        deed.save()
        if deed.total > PART:
            queue.nudge(connection)
        else:
            _finish(deed)
    return deed


def take_back(deed: Deed, user: User) -> bool:
    """Undo all of a deed, or have a worker do it. False when somebody has begun that already, or it cannot be."""
    if deed.verb in FINAL:
        return False
    with transaction.atomic():
        mine = Deed.objects.filter(pk=deed.pk, status__in=[Status.DONE, Status.FAILED], undone_at=None)
        if not mine.update(status=Status.UNDOING, cursor=0, undone_by=user, undone_at=timezone.now()):
            return False
        deed.refresh_from_db()
        record(user, "deed.undo", str(deed.label), client=deed.connection.client, data={"deed": deed.pk})
        if deed.done > PART:
            queue.nudge(deed.connection)
        else:
            _finish(deed)
    return True


def resume(deed: Deed) -> bool:
    """Have a worker go on with what an error stopped, where it stopped."""
    status = Status.UNDOING if deed.undone_at else Status.OPEN
    found = Deed.objects.filter(pk=deed.pk, status=Status.FAILED).update(status=status)
    if found:
        # What fails again is shown again.
        LaidAside.objects.filter(sort="deed", ref=deed.pk).delete()
        queue.nudge(deed.connection)
    return bool(found)


def attend(connection: ShopConnection, work: Slice) -> None:
    """A worker's turn: parts of what is under way, until the slice is over. What is left goes on in the next one."""
    waiting = Deed.objects.filter(connection=connection, status__in=UNDER_WAY)
    for deed in waiting.order_by("id"):
        with contained(f"deed {deed.pk}", partial(_stop, deed)):
            while deed.under_way:
                if work.over:
                    queue.nudge(connection)
                    return
                with transaction.atomic():
                    work.hold.check()
                    deed = Deed.objects.select_for_update().get(pk=deed.pk)
                    _part(deed)


def _stop(deed: Deed, error: IntegrationError) -> None:
    deed.refresh_from_db(fields=["result"])  # parts that were done meanwhile have counted there
    result = deed.result | {"problem": error_data(error)}
    Deed.objects.filter(pk=deed.pk).update(status=Status.FAILED, result=result, finished_at=timezone.now())


def _finish(deed: Deed) -> None:
    while deed.under_way:
        _part(deed)


def _rows_of(deed: Deed) -> QuerySet[Any]:
    """What a deed in the background goes through, by rising id."""
    if deed.verb == Verb.CHECK:
        return Link.objects.filter(connection=deed.connection, kind=deed.kind)
    rows = Unlinked.objects.filter(connection=deed.connection, kind=deed.kind)
    if deed.verb == Verb.LINK_SURE:
        return rows.filter(side=Side.ERP, state=Unlinked.State.UNLINKED)
    return listed(rows, deed.params)


def listed(rows: QuerySet[Unlinked], params: dict[str, Any]) -> QuerySet[Unlinked]:
    """Unlinked rows of one side as their pane lists them."""
    rows = rows.filter(side=params["side"], state=params["show"])
    return rows.filter(search__contains=fold(params["q"])) if params.get("q") else rows


def _part(deed: Deed) -> None:
    """The next rows. What was done, how far it came and what it counts are saved together."""
    if deed.status == Status.UNDOING:
        _part_back(deed)
        return
    rows = list(_rows_of(deed).filter(pk__gt=deed.cursor).order_by("pk")[:PART])
    if rows:
        done = FORWARD[deed.verb](deed, setup_of(deed.connection), Kind(deed.kind), rows)
        _keep_rows(deed, done.rows)
        if done.rows and not deed.label:
            deed.label = _label(deed.connection, Kind(deed.kind), done.rows)
        deed.cursor = rows[-1].pk
        deed.looked += len(rows)
        deed.done += len(done.rows)
        deed.skipped += len(done.skipped)
    if len(rows) < PART:
        deed.status, deed.finished_at = Status.DONE, timezone.now()
        if deed.done and deed.verb in AUDITED:
            _audit(deed, deed.by, AUDITED[deed.verb])
    deed.save()


def _link_sure(deed: Deed, setup: Setup, kind: Kind, rows: Sequence[Unlinked]) -> Settled:
    found = joining.sure(setup, kind, rows)
    wanted = [(key, suggestion.key) for key, suggestion in found.items()]
    if kind in REFERENCE_KINDS and deed.by is not None:
        return _one_by_one(deed.connection, kind, wanted, deed.by, Origin.SUGGESTION)
    try:
        with transaction.atomic():
            return joining.join(setup, kind, wanted, deed.by, Origin.SUGGESTION)
    except IntegrityError:
        # Somebody linked one of these in this very moment; now it is seen, and left out.
        return joining.join(setup, kind, wanted, deed.by, Origin.SUGGESTION)


def _ignore_all(deed: Deed, setup: Setup, kind: Kind, rows: Sequence[Unlinked]) -> Settled:
    keys = [row.key for row in rows]
    return joining.ignore(setup, kind, Side(deed.params["side"]), keys, deed.by, deed.params.get("reason", ""))


def _check(deed: Deed, setup: Setup, kind: Kind, rows: Sequence[Link]) -> Settled:
    deed.result["yellow"] = deed.result.get("yellow", 0) + evidence.check(setup, kind, rows)
    return Settled()


FORWARD: dict[str, Callable[[Deed, Setup, Kind, Sequence[Any]], Settled]] = {
    Verb.LINK_SURE: _link_sure,
    Verb.IGNORE_ALL: _ignore_all,
    Verb.CHECK: _check,
}


def _part_back(deed: Deed) -> None:
    rows = list(deed.rows.filter(pk__gt=deed.cursor).order_by("pk")[:PART])
    if rows:
        done = BACK[deed.verb](deed, setup_of(deed.connection), Kind(deed.kind), rows)
        deed.cursor = rows[-1].pk
        deed.undone += done
        deed.undo_skipped += len(rows) - done
    if len(rows) < PART:
        deed.status = Status.UNDONE
    deed.save()


def _unlink_back(deed: Deed, setup: Setup, kind: Kind, rows: Sequence[DeedRow]) -> int:
    """Links that are still those that were made. One that had left another partner goes back to it."""
    links = Link.objects.filter(connection=deed.connection, kind=kind, erp_key__in=[row.erp_key for row in rows])
    found = {(link.erp_key, link.shop_key): link for link in links if link.linked_at <= (deed.finished_at or deed.at)}
    mine = [row for row in rows if (row.erp_key, row.shop_key) in found]
    moved = [row for row in mine if row.before.get("shop_key")]
    joining.separate(setup, kind, [found[row.erp_key, row.shop_key] for row in mine])
    for row in moved:
        pairs.link(deed.connection, kind, row.erp_key, row.before["shop_key"], deed.undone_by, Origin.PERSON)
    return len(mine)


def _link_back(deed: Deed, setup: Setup, kind: Kind, rows: Sequence[DeedRow]) -> int:
    return len(joining.restore(setup, kind, rows).rows)


def _take_part_back(deed: Deed, setup: Setup, kind: Kind, rows: Sequence[DeedRow]) -> int:
    return sum(len(joining.take_part(setup, kind, side, keys).rows) for side, keys in _by_side(rows))


def _ignore_back(deed: Deed, setup: Setup, kind: Kind, rows: Sequence[DeedRow]) -> int:
    reasons = {row.erp_key or row.shop_key: row.before.get("reason", "") for row in rows}
    done = 0
    for side, keys in _by_side(rows):
        for reason in sorted(set(reasons.values())):
            same = [key for key in keys if reasons[key] == reason]
            done += len(joining.ignore(setup, kind, side, same, deed.undone_by, reason).rows) if same else 0
    return done


def _by_side(rows: Sequence[DeedRow]) -> list[tuple[Side, list[Key]]]:
    sides = {side: [row.erp_key or row.shop_key for row in rows if row.side == side] for side in Side}
    return [(side, keys) for side, keys in sides.items() if keys]


BACK: dict[str, Callable[[Deed, Setup, Kind, Sequence[DeedRow]], int]] = {
    Verb.LINK: _unlink_back,
    Verb.LINK_SURE: _unlink_back,
    Verb.UNLINK: _link_back,
    Verb.IGNORE: _take_part_back,
    Verb.IGNORE_ALL: _take_part_back,
    Verb.UNIGNORE: _ignore_back,
}

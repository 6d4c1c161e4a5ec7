"""Counts over the changes of steps, and over links, where there are so many that a page must not count them itself.

A first synchronisation has a million changes; counting them takes a second and more. The worker that is at such a step
counts them every now and then and when the step ends, and leaves the result in `Step.tally`. A person's decision moves
the step's state: then, and for steps that no worker has counted, they are counted once and kept until it moves again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from integrator.canonical.kinds import PRODUCT_STATE_KINDS
from shops.models import ShopConnection
from syncjobs.models import Change, Deed, Link, Step
from syncjobs.models.choices import Action, LinkState, Status

LARGE = 5000
"""Rows from which on counting takes longer than looking up what was counted."""
AGAIN_AFTER = timedelta(seconds=15)
"""So often a worker counts anew while it writes: a page shows a large step as it was then."""
HOUR = 3600
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Counted:
    """Changes of a step that have one action and one status. `odd`: those with a risk; `first` and `last`: when they
    were done."""

    action: str
    status: str
    number: int
    odd: int
    first: datetime | None
    last: datetime | None


def is_large(step: Step) -> bool:
    """Whether its changes are too many to be counted for a page. Its own counts say how many there can be."""
    return sum(int(step.counts.get(name, 0)) for name in ("planned", "blocked")) >= LARGE


def of(steps: Sequence[Step]) -> dict[int, list[Counted]]:
    """By step: its changes, counted. One query for all steps that are not large; at most a few for each of the others,
    none where a worker has left the counts."""
    found: dict[int, list[Counted]] = {step.pk: [] for step in steps}
    few = [step.pk for step in steps if not is_large(step)]
    if few:
        for pk, *row in _count(Change.objects.filter(step__in=few)):
            found[pk].append(Counted(*row))
    for step in steps:
        if is_large(step):
            found[step.pk] = _large(step)
    return found


def linked_of(step: Step) -> int:
    """How many links its changes are about. Fixed once the plan is whole."""
    return int(_fixed(step, "linked"))


def fields_of(step: Step) -> dict[str, int]:
    """Field -> how many updates change it. Fixed once the plan is whole; nothing before, nor for prices and stock: they
    have one field each."""
    if step.kind in PRODUCT_STATE_KINDS or step.sealed_at is None:
        return {}
    found: dict[str, int] = _fixed(step, "fields")
    return found


def keep(step: Step) -> None:
    """Called by whoever works on a step: leave its counts for pages, where it is large and not just counted."""
    if step.sealed_at is None or not is_large(step):
        return
    kept = step.tally or {}
    known = _rows(step, kept)
    if known is not None and step.status == Status.RUNNING and _since(kept) < AGAIN_AFTER:
        return
    fixed = {name: kept[name] if name in kept else FIXED[name](step) for name in FIXED}
    _store(step, _counted(step), fixed)


def _since(kept: dict[str, Any]) -> timedelta:
    at = parse_datetime(kept.get("at", ""))
    return timezone.now() - at if at is not None else AGAIN_AFTER


def _sign(step: Step) -> str:
    """What moves when the counts may have. While a worker writes they always do, and are those of its last count."""
    worked_at = None if step.status == Status.RUNNING else step.worked_at
    moments = [at and at.timestamp() for at in (worked_at, step.finished_at, step.approved_at)]
    return sha256(repr([step.pk, str(step.status), moments]).encode()).hexdigest()[:32]


def _rows(step: Step, kept: dict[str, Any]) -> list[Counted] | None:
    if kept.get("sign") != _sign(step):
        return None
    rows = [Counted(**row) for row in kept["rows"]]
    return [replace(row, first=_moment(row.first), last=_moment(row.last)) for row in rows]


def _moment(value: Any) -> datetime | None:
    return parse_datetime(value) if isinstance(value, str) else value


def _large(step: Step) -> list[Counted]:
    known = _rows(step, step.tally or {})
    if known is not None:
        return known
    key = f"tally:{_sign(step)}"
    found: list[Counted] | None = cache.get(key)
    if found is None:
        found = _counted(step)
        cache.set(key, found, AGAIN_AFTER.seconds if step.status == Status.RUNNING else HOUR)
        if step.finished_at is not None:
            kept = step.tally or {}
            _store(step, found, {name: kept[name] for name in FIXED if name in kept})
    return found


def _store(step: Step, rows: Iterable[Counted], fixed: dict[str, Any]) -> None:
    """Only beside the state that was counted: whoever moved the step meanwhile has made these counts old."""
    step.tally = {"at": timezone.now(), "sign": _sign(step), "rows": [asdict(row) for row in rows], **fixed}
    state = {"status": step.status, "finished_at": step.finished_at, "approved_at": step.approved_at}
    Step.objects.filter(pk=step.pk, **state).update(tally=step.tally)
    step.tally |= {"at": step.tally["at"].isoformat()}


def _count(changes: QuerySet[Change]) -> list[tuple[Any, ...]]:
    rows = changes.order_by().values_list("step", "action", "status")
    moments = {"first": Min("done_at"), "last": Max("done_at")}
    return list(rows.annotate(number=Count("pk"), odd=Count("pk", filter=~Q(risk="")), **moments))


def _counted(step: Step) -> list[Counted]:
    return [Counted(*row[1:]) for row in _count(Change.objects.filter(step=step))]


def _fixed(step: Step, name: str) -> Any:
    kept = step.tally or {}
    if name in kept:
        return kept[name]
    if not is_large(step) or step.sealed_at is None:
        return FIXED[name](step)
    key = f"tally:{name}:{step.pk}:{step.sealed_at.timestamp()}"
    found = cache.get(key)
    if found is None:
        found = FIXED[name](step)
        cache.set(key, found, 24 * HOUR)
    return found


def _linked(step: Step) -> int:
    found = Change.objects.filter(step=step).exclude(link=None).aggregate(n=Count("link", distinct=True))
    return int(found["n"])


def _fields(step: Step) -> dict[str, int]:
    """One pass: asking the database for each name reads all the texts once per name."""
    if step.kind in PRODUCT_STATE_KINDS:
        return {}
    updates = Change.objects.filter(step=step, action__in=[Action.UPDATE_SHOP, Action.UPDATE_ERP])
    rows = updates.order_by().values_list("fields", flat=True).iterator(chunk_size=2000)
    return dict(Counter(field["name"] for fields in rows for field in fields))


FIXED = {"linked": _linked, "fields": _fields}


def links_of(connection: ShopConnection, kind: str) -> int:
    """Links of a kind. Many are counted once a minute, and anew as soon as a person has linked or broken some; what a
    run did may be seen a minute later."""
    few, _whole = _few_links(connection, kind)
    return few if few <= LARGE else _many_links(connection, kind)


def pairs_of(connection: ShopConnection, kind: str) -> int:
    """Of them those whose elements are both there. Of many only the others are looked for: a link that lost one is
    yellow, and yellow ones have a short index."""
    few, whole = _few_links(connection, kind)
    if few <= LARGE:
        return whole
    yellow = Link.objects.filter(connection=connection, kind=kind, evidence_gone=True)
    return max(0, _many_links(connection, kind) - yellow.exclude(state=LinkState.LINKED).count())


def _few_links(connection: ShopConnection, kind: str) -> tuple[int, int]:
    """Links, and those whose elements are both there, among the first that count as few."""
    first = Link.objects.filter(connection=connection, kind=kind).order_by("pk")[: LARGE + 1]
    found = first.aggregate(every=Count("pk"), whole=Count("pk", filter=Q(state=LinkState.LINKED)))
    return found["every"], found["whole"]


def _many_links(connection: ShopConnection, kind: str) -> int:
    latest = Deed.objects.filter(connection=connection).order_by("-pk").values_list("pk", "status", "done", "undone")
    key = f"links:{connection.pk}:{kind}:{sha256(repr(list(latest[:20])).encode()).hexdigest()[:32]}"
    found: int | None = cache.get(key)
    if found is None:
        found = Link.objects.filter(connection=connection, kind=kind).count()
        cache.set(key, found, MINUTE)
    return found

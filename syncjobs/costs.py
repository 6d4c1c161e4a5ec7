"""What the writing of a step will take and what it really took, from the rows that steps and fetches leave."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.throttle import Throttle
from shops.models import ShopConnection
from shops.registry import platform
from shops.sessions import shop_capabilities
from syncjobs.estimates import CREATE, IN_ERP, REMOVE, UPDATE, Estimate, Past, Terms, estimate
from syncjobs.models import Change, Fetch, Run, Step
from syncjobs.models.choices import Action, ChangeStatus, Status
from wapro.side import erp_capabilities

SORTS = {
    Action.UPDATE_SHOP: UPDATE,
    Action.CREATE_SHOP: CREATE,
    Action.DELETE_SHOP: REMOVE,
    Action.DEACTIVATE_SHOP: REMOVE,
    Action.UPDATE_ERP: IN_ERP,
    Action.CREATE_ERP: IN_ERP,
}
NEVER_SENT = (ChangeStatus.BLOCKED, ChangeStatus.HANDED_OVER, ChangeStatus.DECLINED)
LOOKED_BACK = 40
"""Steps among which those that wrote are looked for."""
COUNTED = 8
"""Of these so many are counted, and as many fetches."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls and seconds that the writing of a step took, reading back included."""

    requests: int
    seconds: float


def writes_of(counts: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """Sorts of writes from (action, status, number) of a plan; what is not sent costs nothing."""
    found: dict[str, int] = {}
    for action, status, number in counts:
        if status not in NEVER_SENT and action in SORTS:
            sort = SORTS[Action(action)]
            found[sort] = found.get(sort, 0) + number
    return found


def expected(step: Step, writes: dict[str, int]) -> Estimate | None:
    """What these writes will take, by what was known before this step. None where there is nothing to write."""
    if not any(writes.values()):
        return None
    return estimate(Kind(step.kind), writes, terms_of(step.connection, before=step.pk))


def spent(step: Step) -> Spent | None:
    """What the writing of a step took, so far where it is still at it. None before its first write."""
    first = _first_sent(step.pk)
    if "asked" not in step.counts or first is None:
        return None
    last = step.finished_at or step.worked_at or timezone.now()
    return Spent(step.counts.get("requests", 0) - step.counts["asked"], max(0.0, (last - first).total_seconds()))


def _first_sent(step: int) -> datetime | None:
    sent = Change.objects.filter(step=step, sent_at__isnull=False).order_by("pk")
    return sent.values_list("sent_at", flat=True).first()


def terms_of(connection: ShopConnection, *, before: int) -> Terms:
    """What calls cost on this connection, by its platform and the steps before that one. Three queries."""
    erp = getattr(connection.client, "erp", None)
    known = platform(connection.platform)
    return Terms(
        shop=shop_capabilities(connection),
        erp=erp_capabilities(erp) if erp is not None else None,
        rate=Throttle.restore(connection.throttle, known.rate).rate,
        past=_past(connection, before),
        reading=_reading(connection),
    )


def _past(connection: ShopConnection, before: int) -> list[Past]:
    """The latest steps that wrote. A plan is written in the order of its rows, so the first one was sent first."""
    sent = Change.objects.filter(step=OuterRef("pk"), sent_at__isnull=False).order_by("pk").values("sent_at")[:1]
    steps = (
        Step.objects.filter(connection=connection, pk__lt=before, status__in=[Status.SUCCEEDED, Status.PARTLY])
        .filter(run__mode=Run.Mode.APPLY, finished_at__isnull=False)
        .order_by("-pk")
        .values_list("pk", "kind", "counts", "finished_at")[:LOOKED_BACK]
    )
    wrote = [row for row in steps if row[2].get("requests", 0) > row[2].get("asked", row[2].get("requests", 0))]
    wrote = wrote[:COUNTED]
    if not wrote:
        return []
    rows = Step.objects.filter(pk__in=[row[0] for row in wrote]).annotate(first=Subquery(sent))
    began = dict(rows.order_by().values_list("pk", "first"))
    return [
        Past(kind, _written(counts), counts["requests"] - counts["asked"], (end - began[pk]).total_seconds())
        for pk, kind, counts, end in wrote
        if began[pk] is not None and end is not None and end > began[pk]
    ]


def _written(counts: dict[str, int]) -> dict[str, int]:
    updated = counts.get("updated", 0) + counts.get("failed", 0)
    return {UPDATE: updated, CREATE: counts.get("created", 0), REMOVE: counts.get("deleted", 0)}


def _reading(connection: ShopConnection) -> float | None:
    """Seconds per call of the latest fetches from the shop."""
    rows = Fetch.objects.filter(shop=connection, status=Status.SUCCEEDED, requests__gt=0, started_at__isnull=False)
    spans = rows.order_by("-pk").values_list("requests", "started_at", "finished_at")[:COUNTED]
    ended = [(requests, (end - start).total_seconds()) for requests, start, end in spans if start and end]
    calls = sum(requests for requests, _seconds in ended)
    return sum(seconds for _requests, seconds in ended) / calls if calls else None

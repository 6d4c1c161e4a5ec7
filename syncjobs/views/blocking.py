"""Why a blocked step is held up: which elements of which kinds hold its gate closed, and where they are mended."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.urls import reverse

from integrator.canonical.kinds import GATES, Kind
from shops.models import ShopConnection
from syncjobs.explain import Explained, explain
from syncjobs.models import Change, ElementIssue, Step
from syncjobs.models.choices import ChangeStatus, Side, Status

SHOWN = 3
"""Elements named per blocked step; the rest are one click away."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """One element that holds a gate. `key` is empty when not even that could be read: then it cannot be excluded."""

    kind: str
    side: str
    key: str
    label: str
    told: Explained
    url: str


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds one step: the kinds to mend, their first broken elements, and the step's own problems in words."""

    kinds: tuple[tuple[str, str], ...]
    """(kind, address of where its trouble is shown)."""
    culprits: tuple[Culprit, ...]
    more: int
    told: tuple[Explained, ...]


def what_holds(connection: ShopConnection, steps: list[Step]) -> dict[int, Hold]:
    """By step: what holds it, for the blocked and failed ones. At most three queries, however many steps there are."""
    stuck = [step for step in steps if step.status in (Status.BLOCKED, Status.FAILED) or step.problems]
    if not stuck:
        return {}
    needed = {kind for step in stuck if step.status == Status.BLOCKED for kind in GATES.get(Kind(step.kind), ())}
    latest = _latest(connection, needed)
    culprits = _culprits(connection, latest)
    return {step.pk: _hold(step, connection, latest, culprits) for step in stuck}


def _latest(connection: ShopConnection, kinds: set[Kind]) -> dict[str, Step]:
    """The latest step of each kind, where it ended with an error."""
    if not kinds:
        return {}
    newest = Step.objects.filter(connection=connection, kind__in=kinds).exclude(status=Status.QUEUED)
    ids = newest.order_by().values("kind").annotate(newest=Max("pk")).values("newest")
    steps = Step.objects.filter(pk__in=ids).select_related("erp_fetch", "shop_fetch")
    return {step.kind: step for step in steps if step.had_errors or step.status in (Status.FAILED, Status.BLOCKED)}


def _culprits(connection: ShopConnection, latest: dict[str, Step]) -> dict[str, list[Culprit]]:
    found: dict[str, list[Culprit]] = {kind: [] for kind in latest}
    fetches = {
        pk: (step, side)
        for step in latest.values()
        for pk, side in ((step.erp_fetch_id, Side.ERP), (step.shop_fetch_id, Side.SHOP))
        if pk is not None
    }
    for issue in ElementIssue.objects.filter(fetch__in=fetches, excluded=False).order_by("pk")[:50]:
        if issue.kind in found:
            step, side = fetches[issue.fetch_id]
            told = explain(issue.problem, side=side, connection=connection)
            url = reverse("run", kwargs={"run": step.run_id}) + f"?kind={step.kind}#unreadable"
            found[issue.kind].append(Culprit(issue.kind, side, issue.key, issue.label or issue.key, told, url))
    failed = Change.objects.filter(
        step__in=latest.values(), status__in=[ChangeStatus.FAILED, ChangeStatus.UNKNOWN]
    ).select_related("step")
    for change in failed.order_by("pk")[:50]:
        found[change.kind].append(_failed(change, connection))
    return found


def _failed(change: Change, connection: ShopConnection) -> Culprit:
    side = Side.ERP if change.erp_key else Side.SHOP
    url = reverse("run", kwargs={"run": change.step.run_id}) + f"?kind={change.kind}&show=failed#results"
    told = explain(change.problem or {"code": "internal"}, side=Side.SHOP, connection=connection, turn=change.turn)
    key = change.erp_key or change.shop_key
    return Culprit(change.kind, side, key, change.label or change.code or key, told, url)


def _hold(step: Step, connection: ShopConnection, latest: dict[str, Step], culprits: dict[str, list[Culprit]]) -> Hold:
    gates = GATES.get(Kind(step.kind), ()) if step.status == Status.BLOCKED else ()
    closed = [kind for kind in gates if kind in latest] or _named(step)
    broken = [one for kind in closed for one in culprits.get(kind, [])]
    return Hold(
        kinds=tuple((str(kind), _address(str(kind), latest, step)) for kind in closed),
        culprits=tuple(broken[:SHOWN]),
        more=max(0, len(broken) - SHOWN),
        told=tuple(explain(problem, connection=connection) for problem in step.problems),
    )


def _named(step: Step) -> list[Any]:
    """Kinds that the step's own problems name, where the gate's state has moved on since."""
    return [p["params"]["kind"] for p in step.problems if p.get("code") == "gate_closed" and "kind" in p["params"]]


def _address(kind: str, latest: dict[str, Step], step: Step) -> str:
    run = latest[kind].run_id if kind in latest else step.run_id
    return reverse("run", kwargs={"run": run}) + f"?kind={kind}"

"""Runs of a shop connection: the list, one run live, what became of each element, retry, cancel."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import SYNC_KINDS, Kind
from shops.models import ShopConnection
from syncjobs import costs, heartbeat, pairs, tallies
from syncjobs import runs as running
from syncjobs.explain import explain
from syncjobs.fields import kind_label
from syncjobs.models import Change, ElementIssue, Run, Step
from syncjobs.models.choices import OPEN_STATUSES, STARTED_STATUSES, UPDATE_ACTIONS, ChangeStatus, Mark, Side, Status
from syncjobs.progress import by_phase, counted, rows_of, under_way
from syncjobs.tallies import Counted
from syncjobs.undoing.starting import undone
from syncjobs.views import lists
from syncjobs.views.blocking import what_holds
from syncjobs.views.changes import described, page_references, search
from syncjobs.views.people import person
from syncjobs.views.replacing import ask_first, waiting_plans
from syncjobs.views.undo import begin_undo
from syncjobs.views.undo import facts as undo_facts

SHOWS: dict[str, Q] = {
    "attention": Q(
        status__in=[ChangeStatus.FAILED, ChangeStatus.UNKNOWN, ChangeStatus.BLOCKED, ChangeStatus.HANDED_OVER]
    ),
    "failed": Q(status__in=[ChangeStatus.FAILED, ChangeStatus.UNKNOWN]),
    "blocked": Q(status=ChangeStatus.BLOCKED),
    "skipped": Q(status__in=[ChangeStatus.STALE, ChangeStatus.DECLINED]),
    "handed_over": Q(status=ChangeStatus.HANDED_OVER),
    "written": Q(status__in=[ChangeStatus.APPLIED, ChangeStatus.DRIFTED]),
    "drifted": Q(status=ChangeStatus.DRIFTED),
    "planned": Q(status__in=[ChangeStatus.PLANNED, ChangeStatus.SENT]),
    "all": Q(),
}
"""Filters of the results, by the word in the address."""
PHASES = {"update": Q(action__in=UPDATE_ACTIONS), "create": ~Q(action__in=UPDATE_ACTIONS)}
"""The two phases that write: a count of one of them opens just its elements."""


def show_labels() -> dict[str, str]:
    return {
        "all": _("All"),
        "attention": _("Needs a look"),
        "failed": _("Failed"),
        "blocked": _("Blocked"),
        "skipped": _("Skipped"),
        "handed_over": _("Handed over"),
        "written": _("Written"),
        "drifted": _("Kept differently"),
        "planned": _("To do"),
    }


@require_GET
def runs(request: HttpRequest, shop: int) -> HttpResponse:
    """All runs of the connection, newest first."""
    connection = get_or_404(request, ShopConnection, shop)
    show = lists.chosen(request, "status", Status.values, "")
    query = Run.objects.filter(connection=connection).select_related("requested_by")
    query = query.prefetch_related("steps", "undoings__steps")
    page = lists.newest_first(query.filter(status=show) if show else query, lists.number(request, "before"))
    counts = Run.objects.filter(connection=connection).values_list("status").annotate(n=Count("id"))
    numbers = dict(counts.order_by())
    context = {
        "connection": connection,
        "page": page,
        "rows": [(run, _summary(run), undone(run)) for run in page.rows],
        "filters": [(s, Status(s).label, numbers[s]) for s in Status.values if s in numbers],
        "total": sum(numbers.values()),
        "show": show,
        "kinds": SYNC_KINDS,
        "waiting": waiting_plans(connection),
    }
    return render(request, "syncjobs/runs.html", context)


def _summary(run: Run) -> dict[str, Any]:
    """What a run did, added up over its kinds; `seconds` None before it started. `of`: the kind of a count, where it is
    only one."""
    totals = dict.fromkeys(("created", "updated", "deleted", "failed", "blocked", "conflicts", "planned"), 0)
    steps = list(run.steps.all())
    kinds: dict[str, str] = {}
    for step in steps:
        for name in totals:
            if step.counts.get(name):
                kinds[name] = "" if totals[name] else step.kind
                totals[name] += step.counts[name]
    end = run.finished_at or timezone.now()
    waiting = next((step for step in steps if step.status == Status.WAITING), None)
    seconds = (end - run.started_at).total_seconds() if run.started_at else None
    return totals | {"steps": steps, "seconds": seconds, "waiting": waiting, "of": kinds}


@require_POST
def run_start(request: HttpRequest, shop: int) -> HttpResponse:
    """Start a synchronisation or a preview of the chosen kinds (none chosen: all)."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    kinds = [Kind(kind) for kind in request.POST.getlist("kind") if kind in SYNC_KINDS]
    mode = Run.Mode.PREVIEW if request.POST.get("mode") == Run.Mode.PREVIEW else Run.Mode.APPLY
    asked = ask_first(request, connection, kinds, reverse("runs", kwargs={"shop": connection.pk}))
    if asked is not None:
        return asked
    try:
        run = running.start_run(connection, kinds=kinds or None, mode=mode, user=person(request), once=True)
    except IntegrationError as refused:
        messages.error(request, _refusal(refused, connection))
        return redirect("runs", shop=connection.pk)
    return redirect("run", run=run.pk)


def _refusal(refused: IntegrationError, connection: ShopConnection) -> str:
    told = explain(refused.problem, connection=connection, turn=refused.turn)
    return f"{told.sentence} {told.todo}"


@require_GET
def run(request: HttpRequest, run: int) -> HttpResponse:
    """One run: its pipeline, and the results of one of its kinds."""
    found = _run(request, run)
    context = _pipeline(found)
    step = _chosen_step(request, context["steps"])
    context["step"] = step
    if step is not None:
        changes = context["counted"].get(step.pk) or tallies.of([step])[step.pk]
        context |= _results(request, step, changes) | {"unreadable": _unreadable(step)} | _cost(step, changes)
    return render(request, "syncjobs/run.html", context)


@require_GET
def run_live(request: HttpRequest, run: int) -> HttpResponse:
    """The pipeline as a fragment that asks for itself again while the run is open; unchanged, it costs one 304."""
    found = _run(request, run)
    steps = list(found.steps.all())
    tag = _etag(found, steps)
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        response = HttpResponse(status=304)
    else:
        context = _pipeline(found) | {"step": _chosen_step(request, steps)}
        response = render(request, "syncjobs/run.html#live", context)
        if found.status not in (Status.QUEUED, Status.RUNNING):
            response["HX-Trigger"] = "run-ended"
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _run(request: HttpRequest, pk: int) -> Run:
    return get_or_404(request, Run, pk)


def _etag(run: Run, steps: list[Step]) -> str:
    newest = max((step.worked_at for step in steps if step.worked_at), default=None)
    states = ".".join(f"{step.status[0]}{step.phase}" for step in steps)
    signs = (run.pk, run.status, run.cancel_requested, newest and newest.timestamp(), states, get_language())
    return f'"{"-".join(map(str, signs))}-{heartbeat.lives(heartbeat.last_beat())}"'


def _pipeline(run: Run) -> dict[str, Any]:
    steps = list(run.steps.select_related("erp_fetch", "shop_fetch"))
    for step in steps:
        step.run = run
    now = timezone.now()
    changes = counted(steps)
    phases = by_phase(changes)
    moving = under_way(steps, phases)
    open_ = run.status in OPEN_STATUSES
    return ({} if open_ else undo_facts(run, steps)) | {
        "run": run,
        "connection": run.connection,
        "steps": steps,
        "counted": changes,
        "rows": rows_of(steps, phases, now),
        "held": what_holds(run.connection, steps),
        "under_way": moving,
        "ahead": None if moving else _ahead(run, steps),
        "open": run.status in (Status.QUEUED, Status.RUNNING),
        "queue_silent": not heartbeat.lives(heartbeat.last_beat()),
        "refreshed": now,
        "seconds": _seconds(run, now),
        "all_kinds": len(steps) >= len(SYNC_KINDS),
        "waiting": [step for step in steps if step.status == Status.WAITING],
    }


def _ahead(run: Run, steps: list[Step]) -> Step | None:
    """The step of another run that a queued step of this one waits behind: one of a kind at a time."""
    queued = [step.kind for step in steps if step.status == Status.QUEUED]
    if not queued or run.status not in OPEN_STATUSES:
        return None
    others = Step.objects.filter(connection=run.connection_id, kind__in=queued, status__in=STARTED_STATUSES)
    return others.exclude(run=run).order_by("pk").first()


def _seconds(run: Run, now: datetime) -> float | None:
    return ((run.finished_at or now) - run.started_at).total_seconds() if run.started_at else None


def _chosen_step(request: HttpRequest, steps: list[Step]) -> Step | None:
    """The kind asked for, else the first one that needs a look, else the one with most changes."""
    asked = request.GET.get("kind", "")
    for step in steps:
        if step.kind == asked:
            return step
    trouble = [s for s in steps if s.counts.get("failed") or s.counts.get("blocked")]
    planned = sorted(steps, key=lambda s: -s.counts.get("planned", 0))
    return next(iter(trouble or planned), None)


def _results(request: HttpRequest, step: Step, changes: Sequence[Counted]) -> dict[str, Any]:
    """Changes of one step: filters with counts, search, one page."""
    mine = Change.objects.filter(step=step)
    phase = lists.chosen(request, "phase", list(PHASES), "")
    if phase:
        mine = mine.filter(PHASES[phase])
    by_status: Counter[str] = Counter()
    for row in changes:
        if not phase or (phase == "update") == (row.action in UPDATE_ACTIONS):
            by_status[row.status] += row.number
    numbers = {name: _matching(by_status, condition) for name, condition in SHOWS.items()}
    show = lists.chosen(request, "show", list(SHOWS), "attention" if numbers["attention"] else "all")
    words = lists.text(request, "q")
    query = search(mine.filter(SHOWS[show]), words, step).select_related("link")
    page = lists.oldest_first(query, lists.number(request, "after"))
    labels = show_labels()
    retryable = step.status not in (Status.QUEUED, Status.RUNNING, Status.WAITING)
    return {
        "page": page,
        "changes": described(page.rows, step.connection),
        "references": page_references(page.rows, step.connection),
        "show": show,
        "phase": phase,
        "q": words,
        "filters": [(name, labels[name], numbers[name]) for name in labels if numbers[name] or name in ("all", show)],
        "failed": numbers["failed"] if retryable else 0,
        "found": numbers[show],
        "retryable": retryable,
    }


def _cost(step: Step, changes: Sequence[Counted]) -> dict[str, Any]:
    """What writing was expected to take, and what it took (so far)."""
    if step.sealed_at is None or step.run.mode == Run.Mode.PREVIEW or step.status == Status.BLOCKED:
        return {}
    planned = costs.writes_of((row.action, row.status, row.number) for row in changes)
    return {"estimate": costs.expected(step, planned), "spent": costs.spent(step)}


def _matching(by_status: dict[str, int], condition: Q) -> int:
    if not condition.children:
        return sum(by_status.values())
    _name, wanted = condition.children[0]  # type: ignore[misc]
    return sum(n for status, n in by_status.items() if status == wanted or (status in wanted and status != ""))


def _unreadable(step: Step) -> list[dict[str, Any]]:
    """The first elements that could not be read in this step, in words."""
    fetches = {step.erp_fetch_id: Side.ERP, step.shop_fetch_id: Side.SHOP}
    fetches.pop(None, None)
    if not fetches:
        return []
    issues = ElementIssue.objects.filter(fetch__in=fetches, kind=step.kind).order_by("excluded", "pk")[:20]
    return [
        {
            "issue": issue,
            "side": fetches[issue.fetch_id],
            "told": explain(issue.problem, side=fetches[issue.fetch_id], connection=step.connection),
        }
        for issue in issues
    ]


@require_POST
def run_cancel(request: HttpRequest, run: int) -> HttpResponse:
    """Stop after the batch under way; what was written stays."""
    found = get_or_404(request, Run, run, Role.OPERATOR)
    running.cancel_run(found, person(request))
    messages.info(request, _("The run stops after the batch under way. What was written stays."))
    return redirect("run", run=found.pk)


@require_POST
def step_retry(request: HttpRequest, step: int) -> HttpResponse:
    """Try failed changes again: the ticked ones, or all of them. A plan of the kind that waits is not replaced so. What
    failed of an undo is taken back by another undo, which leaves alone what is as before already."""
    found = get_or_404(request, Step, step, Role.OPERATOR)
    if found.run.undoes is not None:
        return begin_undo(request, found.run.undoes)
    held = waiting_plans(found.connection, [Kind(found.kind)])
    if held:
        text = _("A plan of %(kind)s waits for approval. Decide about it first, then retry what is left.")
        messages.warning(request, text % {"kind": kind_label(found.kind)})
        return redirect("plan", step=held[0].pk)
    ids = None if request.POST.get("all") else lists.ticked(request, "one") or lists.ticked(request)
    if ids == []:
        messages.warning(request, _("Tick the elements to retry first."))
        return redirect("run", run=found.run_id)
    try:
        again = running.retry_changes(found, person(request), change_ids=ids)
    except IntegrationError as refused:
        messages.error(request, _refusal(refused, found.connection))
        return redirect("run", run=found.run_id)
    if again is None:
        messages.info(request, _("There is nothing left to retry."))
        return redirect("run", run=found.run_id)
    return redirect("run", run=again.pk)


@require_POST
def exclude(request: HttpRequest, shop: int) -> HttpResponse:
    """Exclude one broken element from its gate, with a reason."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    side, kind = request.POST.get("side", ""), request.POST.get("kind", "")
    key, reason = request.POST.get("key", "")[:80], request.POST.get("reason", "").strip()[:300]
    back = _back(request, connection)
    if side not in Side.values or kind not in SYNC_KINDS or not key:
        messages.error(request, _("This element cannot be excluded: it has no key."))
    elif not reason:
        messages.error(request, _("Say why the element is excluded; the reason goes into the record of decisions."))
    elif asked := ask_first(request, connection, pairs.run_again(Kind(kind)), back):
        return asked
    else:
        pairs.mark(connection, Side(side), Kind(kind), [key], Mark.EXCLUDED, person(request), reason=reason)
        text = _("Excluded: %(key)s (%(kind)s). What waited for it runs again now.")
        messages.success(request, text % {"key": key, "kind": kind_label(kind)})
    return redirect(back)


def _back(request: HttpRequest, connection: ShopConnection) -> str:
    """Where the form came from, if that is a page of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("runs", kwargs={"shop": connection.pk})

"""A plan before anything is written: what would change, field by field, and the decision."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.errors import IntegrationError
from syncjobs import runs as running
from syncjobs.explain import explain
from syncjobs.models import Change, Conflict, Run, Step
from syncjobs.models.choices import Action, ChangeStatus, Status
from syncjobs.views import lists
from syncjobs.views.changes import described, page_references, search
from syncjobs.views.people import person

UPDATES = (Action.UPDATE_SHOP, Action.UPDATE_ERP)
CREATES = (Action.CREATE_SHOP, Action.CREATE_ERP)
PART_OF = {
    **dict.fromkeys(UPDATES, "update"),
    **dict.fromkeys(CREATES, "create"),
    Action.DEACTIVATE_SHOP: "hide",
    Action.DELETE_SHOP: "delete",
}
_OPEN = ~Q(status__in=[ChangeStatus.BLOCKED, ChangeStatus.HANDED_OVER])

PARTS: dict[str, Q] = {
    "all": Q(),
    "update": Q(action__in=UPDATES) & _OPEN,
    "create": Q(action__in=CREATES) & _OPEN,
    "hide": Q(action=Action.DEACTIVATE_SHOP) & _OPEN,
    "delete": Q(action=Action.DELETE_SHOP) & _OPEN,
    "risky": ~Q(risk="") & _OPEN,
    "handed_over": Q(status=ChangeStatus.HANDED_OVER),
    "blocked": Q(status=ChangeStatus.BLOCKED),
}
"""Parts of a plan, by the word in the address."""

RANKS: dict[str, Q] = {
    "delete": PARTS["delete"],
    "risky": PARTS["risky"] & ~Q(action=Action.DELETE_SHOP),
    "hide": PARTS["hide"] & Q(risk=""),
    "update": PARTS["update"] & Q(risk=""),
    "create": PARTS["create"] & Q(risk=""),
    "handed_over": PARTS["handed_over"],
    "blocked": PARTS["blocked"],
}
"""Risky ones first: what cannot be undone, then what is far from before, then the rest. Each change has one rank."""
NOTHING = Q(pk__in=[])


def ranks_of(part: str, numbers: Mapping[str, int]) -> list[Q]:
    """Conditions in the order of rank; those that cannot hold anything of this part ask the database nothing."""
    alone = part in ("delete", "handed_over", "blocked")
    shown = {part} if alone else {part, "risky"} if part not in ("all", "risky") else set(RANKS)
    return [rank if name in shown and numbers[name] else NOTHING for name, rank in RANKS.items()]


@require_GET
def plan(request: HttpRequest, step: int) -> HttpResponse:
    """The plan of one kind: its counts are its filter, the riskiest changes come first."""
    found = get_or_404(request, Step, step)
    return render(request, "syncjobs/plan.html", context_of(request, found))


def context_of(request: HttpRequest, step: Step) -> dict[str, Any]:
    numbers = _numbers(step)
    part = lists.chosen(request, "show", list(PARTS), "all")
    words = lists.text(request, "q")
    query = search(planned(step).filter(PARTS[part]), words)
    page = lists.by_rank(query, ranks_of(part, numbers), lists.text(request, "after"))
    waiting = step.status == Status.WAITING
    return {
        "step": step,
        "run": step.run,
        "connection": step.connection,
        "numbers": numbers,
        "figures": _figures(numbers),
        "part": part,
        "q": words,
        "page": page,
        "changes": described(page.rows, step.connection),
        "references": page_references(page.rows, step.connection),
        "waiting": waiting,
        "reasons": [explain(problem, connection=step.connection) for problem in step.problems],
        "examples": _examples(step) if numbers["delete"] else [],
        "preview": step.run.mode == Run.Mode.PREVIEW,
    }


def planned(step: Step) -> QuerySet[Change]:
    return Change.objects.filter(step=step)


def _numbers(step: Step) -> dict[str, int]:
    """Size of every part, of what could not be planned, and of what stays as it is. Two queries over the plan."""
    rows = planned(step).values_list("action", "status").annotate(n=Count("pk"), odd=Count("pk", filter=~Q(risk="")))
    numbers = dict.fromkeys(PARTS, 0)
    for action, status, count, odd in rows.order_by():
        numbers["all"] += count
        if status in (ChangeStatus.BLOCKED, ChangeStatus.HANDED_OVER):
            numbers[status] += count
            continue
        numbers[PART_OF[action]] += count
        numbers["risky"] += odd
    kind = Q(connection=step.connection_id, kind=step.kind)
    numbers["conflicts"] = Conflict.objects.filter(kind, status=Conflict.Status.OPEN).count()
    numbers["writes"] = numbers["update"] + numbers["create"] + numbers["hide"] + numbers["delete"]
    numbers["safe"] = numbers["writes"] - numbers["delete"]
    touched = planned(step).exclude(link=None).aggregate(n=Count("link", distinct=True))["n"]
    numbers["unchanged"] = max(0, step.counts.get("linked", 0) - touched)
    return numbers


def _figures(numbers: dict[str, int]) -> list[tuple[str, str, int, bool]]:
    """The strip of counts: (part, label, count, risky). Parts that are empty and rarely asked for are left out."""
    rows = [
        ("update", _("Changes"), numbers["update"], False),
        ("create", _("To create"), numbers["create"], False),
        ("hide", _("To hide"), numbers["hide"], numbers["hide"] > 0),
        ("delete", _("To delete"), numbers["delete"], numbers["delete"] > 0),
        ("risky", _("Unusual"), numbers["risky"], numbers["risky"] > 0),
        ("handed_over", _("Handed over"), numbers["handed_over"], False),
        ("blocked", _("Blocked"), numbers["blocked"], False),
    ]
    always = ("update", "create", "delete", "blocked")
    return [row for row in rows if row[2] or row[0] in always]


def _examples(step: Step) -> list[Change]:
    return list(planned(step).filter(PARTS["delete"]).order_by("pk")[:3])


@require_POST
def plan_decide(request: HttpRequest, step: int) -> HttpResponse:
    """Approve the plan (all, all but deletions, the ticked ones) or reject it. Deleting needs the count typed."""
    found = get_or_404(request, Step, step, Role.OPERATOR)
    if found.status != Status.WAITING:
        messages.warning(request, _("This plan no longer waits for a decision."))
        return redirect("plan", step=found.pk)
    if "reject" in request.POST:
        running.reject_step(found, person(request))
        messages.info(request, _("The plan is rejected. Nothing was written."))
        return redirect("run", run=found.run_id)
    scope = request.POST.get("scope", "safe")
    ids = _approved(request, found, scope)
    problem = _objection(request, found, ids)
    if problem:
        return render(request, "syncjobs/plan.html", context_of(request, found) | {"objection": problem}, status=422)
    try:
        running.approve_step(found, person(request), change_ids=ids)
    except IntegrationError as refused:
        told = explain(refused.problem, connection=found.connection)
        messages.error(request, f"{told.sentence} {told.todo}")
        return redirect("plan", step=found.pk)
    messages.success(request, _("Approved. The writing begins now."))
    return redirect("run", run=found.run_id)


def _approved(request: HttpRequest, step: Step, scope: str) -> list[int] | None:
    """Ids of the approved changes, None for all of them."""
    waiting = planned(step).filter(status=ChangeStatus.PLANNED)
    if scope == "picked":
        picked = [int(pk) for pk in request.POST.getlist("pick") if pk.isdigit()]
        return list(waiting.filter(pk__in=picked).values_list("pk", flat=True))
    if scope == "all" or not waiting.filter(action=Action.DELETE_SHOP).exists():
        return None
    return list(waiting.exclude(action=Action.DELETE_SHOP).values_list("pk", flat=True))


def _objection(request: HttpRequest, step: Step, ids: list[int] | None) -> str:
    """Why this approval is not taken, empty when it is."""
    if ids == []:
        return _("Nothing is ticked, so there is nothing to approve.")
    deletions = planned(step).filter(PARTS["delete"], status=ChangeStatus.PLANNED)
    count = deletions.count() if ids is None else deletions.filter(pk__in=ids).count()
    typed = "".join(request.POST.get("typed", "").split())
    if count and typed != str(count):
        return ngettext(
            "%(count)s element would be deleted. Type that number to confirm it.",
            "%(count)s elements would be deleted. Type that number to confirm it.",
            count,
        ) % {"count": count}
    return ""

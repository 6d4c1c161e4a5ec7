"""A plan before anything is written: what would change, field by field, and the decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import Contains
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from integrator.canonical.errors import IntegrationError
from syncjobs import costs, tallies
from syncjobs import runs as running
from syncjobs.explain import explain
from syncjobs.fields import FIELD_LABELS
from syncjobs.models import Change, Conflict, Run, Step
from syncjobs.models.choices import Action, ChangeStatus, Status
from syncjobs.runs import IMPATIENCE
from syncjobs.views import lists, undo_outlook
from syncjobs.views.changes import described, matching, page_references
from syncjobs.views.people import person
from syncjobs.words import in_words

UPDATES = (Action.UPDATE_SHOP, Action.UPDATE_ERP)
CREATES = (Action.CREATE_SHOP, Action.CREATE_ERP)
PART_OF = {
    **dict.fromkeys(UPDATES, "update"),
    **dict.fromkeys(CREATES, "create"),
    Action.DEACTIVATE_SHOP: "hide",
    Action.DELETE_SHOP: "delete",
    Action.UNLINK: "unlink",
}
ASIDE = (ChangeStatus.BLOCKED, ChangeStatus.HANDED_OVER, ChangeStatus.DECLINED)
"""These are shown in parts of their own, whatever they would do."""
_OPEN = ~Q(status__in=ASIDE)

PARTS: dict[str, Q] = {
    "all": Q(),
    "update": Q(action__in=UPDATES) & _OPEN,
    "create": Q(action__in=CREATES) & _OPEN,
    "hide": Q(action=Action.DEACTIVATE_SHOP) & _OPEN,
    "delete": Q(action=Action.DELETE_SHOP) & _OPEN,
    "unlink": Q(action=Action.UNLINK) & _OPEN,
    "risky": ~Q(risk="") & _OPEN,
    "handed_over": Q(status=ChangeStatus.HANDED_OVER),
    "blocked": Q(status=ChangeStatus.BLOCKED),
    "left_out": Q(status=ChangeStatus.DECLINED),
}
"""Parts of a plan, by the word in the address."""

RANKS: dict[str, Q] = {
    "delete": PARTS["delete"],
    "risky": PARTS["risky"] & ~Q(action=Action.DELETE_SHOP),
    "hide": PARTS["hide"] & Q(risk=""),
    "update": PARTS["update"] & Q(risk=""),
    "create": PARTS["create"] & Q(risk=""),
    "unlink": PARTS["unlink"],
    "handed_over": PARTS["handed_over"],
    "blocked": PARTS["blocked"],
    "left_out": PARTS["left_out"],
}
"""Risky ones first: what cannot be undone, then what is far from before, then the rest. Each change has one rank."""
NOTHING = Q(pk__in=[])


def ranks_of(part: str, numbers: Mapping[str, int]) -> list[Q]:
    """Conditions in the order of rank; those that cannot hold anything of this part ask the database nothing."""
    alone = part in ("delete", "unlink", "handed_over", "blocked", "left_out")
    shown = {part} if alone else {part, "risky"} if part not in ("all", "risky") else set(RANKS)
    return [rank if name in shown and numbers[name] else NOTHING for name, rank in RANKS.items()]


@require_GET
def plan(request: HttpRequest, step: int) -> HttpResponse:
    """The plan of one kind: its counts are its filter, the riskiest changes come first."""
    found = get_or_404(request, Step, step)
    return render(request, "syncjobs/plan.html", context_of(request, found))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the address asks for: a part of the plan, a field that changes, words."""

    part: str
    field: str
    q: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Shown":
        part = lists.chosen(request, "show", list(PARTS), "all")
        return cls(part, lists.chosen(request, "field", list(FIELD_LABELS), ""), lists.text(request, "q"))

    @property
    def narrows(self) -> bool:
        return bool(self.part != "all" or self.field or self.q)

    @property
    def condition(self) -> Q:
        condition = PARTS[self.part]
        if self.field:
            condition &= changes_field(self.field)
        return condition & matching(self.q) if self.q else condition


def changes_field(name: str) -> Q:
    """Updates of this field. Inside of values quotes are escaped, so only the name of a field reads like this."""
    return Q(action__in=UPDATES) & Q(Contains(Cast("fields", TextField()), f'"name": "{name}"'))


def context_of(request: HttpRequest, step: Step) -> dict[str, Any]:
    shown = Shown.of(request)
    counts = _counts(step)
    numbers = _numbers(step, counts)
    page = lists.by_rank(
        planned(step).filter(shown.condition), ranks_of(shown.part, numbers), lists.text(request, "after")
    )
    waiting = step.status == Status.WAITING
    found = _found(step, shown, numbers)
    writes = costs.writes_of((action, status, n) for action, status, n, _odd in counts)
    return {
        "step": step,
        "run": step.run,
        "connection": step.connection,
        "numbers": numbers,
        "figures": _figures(step, numbers),
        "part": shown.part,
        "field": shown.field,
        "fields": _fields(step) if numbers["update"] else [],
        "q": shown.q,
        "narrows": shown.narrows,
        "found": found,
        "scope": request.POST.get("scope") or _usual_scope(shown, found, numbers),
        "page": page,
        "changes": described(page.rows, step.connection),
        "references": page_references(page.rows, step.connection),
        "waiting": waiting,
        "reasons": [explain(problem, connection=step.connection) for problem in step.problems],
        "examples": _examples(step) if numbers["delete"] else [],
        "preview": step.run.mode == Run.Mode.PREVIEW,
        "undo": undo_outlook.summary(step, counts) if waiting or step.run.mode == Run.Mode.PREVIEW else None,
        "estimate": costs.expected(step, writes),
        "spent": None if waiting else costs.spent(step),
    }


def _usual_scope(shown: Shown, found: Mapping[str, int], numbers: Mapping[str, int]) -> str:
    """What is approved where nothing else is chosen: never more than is on the screen, never a deletion."""
    if shown.narrows and found["writes"]:
        return "shown"
    return "safe" if numbers["delete"] else "all"


def _found(step: Step, shown: Shown, numbers: Mapping[str, int]) -> dict[str, int]:
    """What the filter leaves: items, writes that may be approved, deletions among them, those left out."""
    if not shown.narrows:
        return {"all": numbers["all"], "writes": numbers["writes"], "delete": numbers["delete"]}
    rows = planned(step).filter(shown.condition)
    open_ = Q(status=ChangeStatus.PLANNED)
    return rows.aggregate(
        all=Count("pk"),
        writes=Count("pk", filter=open_),
        delete=Count("pk", filter=open_ & Q(action=Action.DELETE_SHOP)),
    )


def _fields(step: Step) -> list[tuple[str, str, int]]:
    """Fields that the updates change: (name, label, how many). A plan that is whole does not change, so it is counted
    once."""
    counts = tallies.fields_of(step)
    return [(name, str(label), counts[name]) for name, label in FIELD_LABELS.items() if counts.get(name)]


def planned(step: Step) -> QuerySet[Change]:
    return Change.objects.filter(step=step)


Counted = list[tuple[str, str, int, int]]
"""(action, status, how many, of which unusual)."""


def _counts(step: Step) -> Counted:
    return [(row.action, row.status, row.number, row.odd) for row in tallies.of([step])[step.pk]]


def _numbers(step: Step, counts: Counted) -> dict[str, int]:
    """Size of every part, of what could not be planned, and of what stays as it is."""
    numbers = dict.fromkeys(PARTS, 0)
    for action, status, count, odd in counts:
        numbers["all"] += count
        if status in ASIDE:
            numbers["left_out" if status == ChangeStatus.DECLINED else status] += count
            continue
        numbers[PART_OF[Action(action)]] += count
        numbers["risky"] += odd
    kind = Q(connection=step.connection_id, kind=step.kind)
    numbers["conflicts"] = Conflict.objects.filter(kind, status=Conflict.Status.OPEN).count()
    numbers["writes"] = sum(numbers[part] for part in ("update", "create", "hide", "delete", "unlink"))
    numbers["safe"] = numbers["writes"] - numbers["delete"]
    numbers["unchanged"] = max(0, step.counts.get("linked", 0) - tallies.linked_of(step))
    return numbers


def _figures(step: Step, numbers: dict[str, int]) -> list[tuple[str, str, int, bool]]:
    """The strip of counts: (part, label, count, risky). Parts that are empty and rarely asked for are left out."""
    rows = [
        ("update", _("Changes"), numbers["update"], False),
        ("create", _("To create"), numbers["create"], False),
        ("hide", _("To hide"), numbers["hide"], numbers["hide"] > 0),
        ("delete", _("To delete"), numbers["delete"], numbers["delete"] > 0),
        ("unlink", _("Links to break"), numbers["unlink"], numbers["unlink"] > 0),
        ("risky", _("Unusual"), numbers["risky"], numbers["risky"] > 0),
        ("handed_over", _("Handed over"), numbers["handed_over"], False),
        ("blocked", _("Stays as it is") if step.run.undoes_id else _("Blocked"), numbers["blocked"], False),
        ("left_out", _("Left out"), numbers["left_out"], False),
    ]
    always = ("update", "create", "delete", "blocked")
    return [row for row in rows if row[2] or row[0] in always]


def _examples(step: Step) -> list[Change]:
    return list(planned(step).filter(PARTS["delete"]).order_by("pk")[:3])


@require_POST
def plan_decide(request: HttpRequest, step: int) -> HttpResponse:
    """Approve the plan (all, all but deletions, what the filter shows, the ticked ones), leave changes out of it or put
    them back, or reject it. Deleting needs the count typed, as does a plan that the brake holds."""
    found = get_or_404(request, Step, step, Role.OPERATOR)
    if found.status != Status.WAITING:
        return _too_late(request, found)
    if "reject" in request.POST:
        if not running.reject_step(found, person(request), request.POST.get("reason", "").strip()[:300]):
            return _too_late(request, found)
        messages.info(request, _("The plan is rejected. Nothing was written."))
        return redirect("run", run=found.run_id)
    if "leave" in request.POST or "back" in request.POST:
        return _leave_out(request, found)
    if found.braked_at is not None:
        confirmed_lately(request)
    chosen = _chosen(request, request.POST.get("scope", "safe"))
    problem = _objection(request, found, chosen)
    if problem:
        return render(request, "syncjobs/plan.html", context_of(request, found) | {"objection": problem}, status=422)
    try:
        approved = running.approve_step(found, person(request), chosen)
    except IntegrationError as refused:
        told = explain(refused.problem, connection=found.connection)
        messages.error(request, f"{told.sentence} {told.todo}")
        return redirect("plan", step=found.pk)
    if not approved:
        return _too_late(request, found)
    found.refresh_from_db()
    if found.status == Status.WAITING:
        messages.info(request, _("Your approval is kept. The plan goes on once a second person has approved it too."))
        return redirect("plan", step=found.pk)
    messages.success(request, _("Approved. The writing begins now."))
    return redirect("run", run=found.run_id)


def _too_late(request: HttpRequest, step: Step) -> HttpResponse:
    """Somebody else decided meanwhile, or the same person's second click arrived: that one needs no telling."""
    step.refresh_from_db()
    if step.approved_by == request.user and step.approved_at and timezone.now() - step.approved_at < IMPATIENCE:
        return redirect("run", run=step.run_id)
    text = _("This plan no longer waits for a decision.")
    if step.approved_at is not None:
        told = {"who": step.approved_by or "–", "when": in_words(step.approved_at, timezone.now())}
        text += " " + _("Approved by %(who)s, %(when)s.") % told
    messages.warning(request, text)
    return redirect("plan", step=step.pk)


def _leave_out(request: HttpRequest, step: Step) -> HttpResponse:
    """The ticked changes, or all that the filter shows, out of the plan or back into it; kept for everybody."""
    back = "back" in request.POST
    chosen = _chosen(request, "shown" if "shown" in (request.POST.get("back"), request.POST.get("leave")) else "picked")
    moved = running.leave_out(step, person(request), Q() if chosen is None else chosen, back=back)
    if moved is None:
        return _too_late(request, step)
    if not moved:
        messages.warning(request, _("Nothing is ticked, so nothing was changed."))
    elif back:
        text = ngettext("%(count)s change is in the plan again.", "%(count)s changes are in the plan again.", moved)
        messages.success(request, text % {"count": moved})
    else:
        text = ngettext("%(count)s change is left out.", "%(count)s changes are left out.", moved)
        messages.success(request, text % {"count": moved})
    return redirect(f"{reverse('plan', kwargs={'step': step.pk})}?{request.GET.urlencode()}")


def _chosen(request: HttpRequest, scope: str) -> Q | None:
    """The changes that a decision is about, None for all of them."""
    if scope == "all":
        return None
    if scope == "picked":
        return Q(pk__in=lists.ticked(request))
    return Shown.of(request).condition if scope == "shown" else ~Q(action=Action.DELETE_SHOP)


def _objection(request: HttpRequest, step: Step, chosen: Q | None) -> str:
    """Why this approval is not taken, empty when it is."""
    waiting = planned(step).filter(status=ChangeStatus.PLANNED)
    writes = waiting.filter(chosen) if chosen is not None else waiting
    if not writes.exists():
        if request.POST.get("scope") == "picked":
            return _("Nothing is ticked, so there is nothing to approve.")
        return _("There is nothing to approve here.")
    seen = request.POST.get("seen", "")
    if request.POST.get("scope") != "picked" and seen.isdigit() and int(seen) != waiting.count():
        return _("Somebody changed meanwhile what is left out of this plan. Look at it once more, then decide.")
    count = writes.filter(action=Action.DELETE_SHOP).count()
    typed = "".join(request.POST.get("typed", "").split())
    if count and typed != str(count):
        return ngettext(
            "%(count)s element would be deleted. Type that number to confirm it.",
            "%(count)s elements would be deleted. Type that number to confirm it.",
            count,
        ) % {"count": count}
    writing = writes.count()
    name = "".join(step.connection.name.split())
    if not count and step.braked_at is not None and typed.casefold() not in (str(writing), name.casefold()):
        text = ngettext(
            "The brake holds this plan. Type the number of writes, %(count)s, or the name of the shop to confirm it.",
            "The brake holds this plan. Type the number of writes, %(count)s, or the name of the shop to confirm it.",
            writing,
        )
        return text % {"count": writing}
    return ""

"""Undoing a run, and what an undo holds until somebody releases it."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, SYNC_KINDS, Kind
from shops.models import ShopConnection
from syncjobs.models import Run, SnapshotItem, Step, UndoHold
from syncjobs.undoing import holds, starting
from syncjobs.undoing.starting import Against
from syncjobs.views import lists
from syncjobs.views.people import person

WHY_NOT = {
    Against.PREVIEW: gettext_lazy("A preview wrote nothing, so there is nothing to undo."),
    Against.OPEN: gettext_lazy("This run may still write. Undo it once it has ended."),
    Against.UNDO: gettext_lazy(
        "An undo is not undone. Release what it holds: the next run then writes it again by the options."
    ),
    Against.FORGOTTEN: gettext_lazy("What this run wrote is not kept any more, so it cannot be undone."),
    Against.NOTHING: gettext_lazy("This run wrote nothing, so there is nothing to undo."),
}

OF_PRODUCT = (Kind.PRODUCT, *PRODUCT_STATE_KINDS)


@require_POST
def run_undo(request: HttpRequest, run: int) -> HttpResponse:
    """Begin the undo of a run. Nothing is written before its plan is approved."""
    return begin_undo(request, get_or_404(request, Run, run, Role.OPERATOR))


def begin_undo(request: HttpRequest, run: Run) -> HttpResponse:
    """Of a run that came through the door: to the undo that begins or is under way, or back with the reason."""
    try:
        undo = starting.begin(run, person(request))
    except starting.UndoRefused as refused:
        messages.error(request, str(WHY_NOT[refused.reason]))
        return redirect("run", run=run.pk)
    return redirect("run", run=undo.pk)


def facts(run: Run, steps: list[Step]) -> dict[str, Any]:
    """What the page of a run says about undoing it."""
    done = starting.undone(run)
    against = starting.against(run, steps)
    under_way = done is not None and done.open
    return {
        "undone": done,
        "may_undo": against is None and not under_way,
        "why_no_undo": WHY_NOT[against] if against in (Against.UNDO, Against.FORGOTTEN) else "",
        "holds": holds.of_run(run.pk) if run.undoes_id else 0,
    }


@require_safe
def held(request: HttpRequest, shop: int) -> HttpResponse:
    """What undos hold, by the run and the kind."""
    connection = get_or_404(request, ShopConnection, shop)
    shown = _shown(request)
    every = UndoHold.objects.filter(connection=connection)
    query = every.filter(shown).select_related("run")
    page = lists.oldest_first(query, lists.number(request, "after"))
    erp = getattr(connection.client, "erp", None)
    cards = SnapshotItem.objects.filter(erp=erp, kind=Kind.PRODUCT, key__in=[hold.key for hold in page.rows])
    names = dict(cards.values_list("key", "label")) if erp is not None else {}
    counts = dict(every.values_list("kind").annotate(n=Count("id")).order_by())
    context = {
        "connection": connection,
        "page": page,
        "rows": [
            (hold, hold.label or (names.get(hold.key, "") if hold.kind in OF_PRODUCT else "")) for hold in page.rows
        ],
        "total": sum(counts.values()),
        "found": query.count(),
        "kinds": [(kind, counts[kind]) for kind in SYNC_KINDS if kind in counts],
        "kind": lists.chosen(request, "kind", list(SYNC_KINDS), ""),
        "of_run": lists.number(request, "run"),
        "q": lists.text(request, "q"),
    }
    return render(request, "syncjobs/held.html", context)


def _shown(request: HttpRequest) -> Q:
    """What the address asks for."""
    condition = Q()
    kind, run, words = (
        lists.chosen(request, "kind", list(SYNC_KINDS), ""),
        lists.number(request, "run"),
        lists.text(request, "q"),
    )
    if kind:
        condition &= Q(kind=kind)
    if run:
        condition &= Q(run=run)
    if words:
        condition &= Q(code__icontains=words) | Q(label__icontains=words) | Q(key=words)
    return condition


@require_POST
def held_release(request: HttpRequest, shop: int) -> HttpResponse:
    """Let the options rule again over the ticked ones, or over all that the filter shows."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    rows: QuerySet[UndoHold] = UndoHold.objects.filter(connection=connection)
    if request.POST.get("release") == "shown":
        rows = rows.filter(_shown(request))
    else:
        rows = rows.filter(pk__in=lists.ticked(request))
    count = holds.release(connection, rows, person(request))
    if count:
        text = ngettext(
            "%(count)s released. The next run plans it by the options again.",
            "%(count)s released. The next run plans them by the options again.",
            count,
        )
        messages.success(request, text % {"count": count})
    else:
        messages.warning(request, _("Nothing is ticked, so nothing was released."))
    return redirect(_back(request, connection))


def _back(request: HttpRequest, connection: ShopConnection) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("held", kwargs={"shop": connection.pk})

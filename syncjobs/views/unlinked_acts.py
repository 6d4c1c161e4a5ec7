"""What is done with unlinked elements: one, the ticked ones, or all of a list after a look at what that would be."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from shops.models import ShopConnection
from syncjobs import deeds, joining, pairs, snapshots
from syncjobs.engine.suggest import SURE, Suggestion
from syncjobs.explain import explain
from syncjobs.models import Deed, Unlinked
from syncjobs.models.choices import Origin, Side
from syncjobs.setup import setup_of
from syncjobs.views import lists
from syncjobs.views.deeds import answer
from syncjobs.views.people import person
from syncjobs.views.replacing import ask_first
from syncjobs.views.unlinked import KINDS, STATES

STARTS: dict[str, Side] = {Deed.Verb.CREATE: Side.ERP, Deed.Verb.IMPORT: Side.SHOP}
"""What starts a run, and the side whose elements it is about."""
MOST_LOOKED = 1000
"""Unlinked elements that the screen before linking looks at; what comes after them is judged while it is linked."""
EXAMPLES = 5

Picked = Sequence[tuple[str, str]]


def door(request: HttpRequest, shop: int, kind: str) -> ShopConnection:
    """The connection, for an operator, and a kind whose elements are linked by themselves."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    if kind not in KINDS:
        raise Http404
    return connection


@require_POST
def unlinked_act(request: HttpRequest, shop: int, kind: str) -> HttpResponse:
    """Do one thing with one element or with the ticked ones: link, create, import, ignore, take ignoring back."""
    connection = door(request, shop, kind)
    verb, tokens = _asked(request)
    back = reverse("unlinked_kind", kwargs={"shop": connection.pk, "kind": kind})
    query = request.POST.get("query", "")
    deed, picked = None, _picked(tokens)
    if verb in STARTS and _keys(picked, STARTS[verb]):
        asked = ask_first(request, connection, [Kind(kind)], f"{back}?{query}")
        if asked is not None:
            return asked
    try:
        if verb in ACTIONS:
            deed = ACTIONS[verb](request, connection, Kind(kind), picked)
    except (pairs.PairRefused, IntegrationError) as refused:
        told = explain(refused.problem, connection=connection)
        messages.error(request, f"{told.sentence} {told.todo}")
    if deed is not None and deed.run_id is not None:
        return redirect("run", run=deed.run_id)
    return answer(back, query, deed)


def _asked(request: HttpRequest) -> tuple[str, list[str]]:
    """The verb and what it is about: a button of one row carries both, a bulk button only the verb."""
    one = request.POST.get("one", "")
    verb, _space, token = one.partition(" ")
    if token:
        return verb, [token]
    return request.POST.get("do", ""), request.POST.getlist("pick")


def _picked(tokens: Sequence[str]) -> Picked:
    """Pairs of texts: (side, key), or (ERP key, shop key) for a link. Whatever is malformed is dropped."""
    found = []
    for token in tokens[:1000]:
        try:
            parts = json.loads(token)
        except ValueError:
            continue
        if isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts):
            found.append((parts[0], parts[1]))
    return found


def _keys(picked: Picked, side: Side) -> list[str]:
    return [key for where, key in picked if where == side]


def _sided(picked: Picked) -> list[tuple[Side, str]]:
    return [(Side(side), key) for side, key in picked if side in Side.values]


def _link(request: HttpRequest, connection: ShopConnection, kind: Kind, picked: Picked) -> Deed | None:
    return deeds.link(connection, kind, picked, person(request), Origin.PERSON) if picked else None


def _link_picked(request: HttpRequest, connection: ShopConnection, kind: Kind, picked: Picked) -> Deed | None:
    """One ticked on each side: these two. Ticked only in WAPRO: each with its best suggestion."""
    erp, shop = _keys(picked, Side.ERP), _keys(picked, Side.SHOP)
    if len(erp) == 1 and len(shop) == 1:
        return _link(request, connection, kind, [(erp[0], shop[0])])
    if not erp or shop:
        messages.warning(request, _("Tick one element on each side, or several in WAPRO that have a suggestion."))
        return None
    wanted: list[tuple[str, str]] = []
    taken: set[str] = set()
    for key, offered in pairs.suggestions(connection, kind, erp).items():
        best = next(iter(offered), None)
        if best is not None and (best.key not in taken or kind in REFERENCE_KINDS):
            wanted.append((key, best.key))
            taken.add(best.key)
    if not wanted:
        messages.warning(request, _("None of the ticked elements has a suggestion any more."))
        return None
    return deeds.link(connection, kind, wanted, person(request), Origin.SUGGESTION)


def _create(request: HttpRequest, connection: ShopConnection, kind: Kind, picked: Picked) -> Deed | None:
    return _by_run(request, connection, kind, Deed.Verb.CREATE, picked)


def _import(request: HttpRequest, connection: ShopConnection, kind: Kind, picked: Picked) -> Deed | None:
    return _by_run(request, connection, kind, Deed.Verb.IMPORT, picked)


def _by_run(
    request: HttpRequest, connection: ShopConnection, kind: Kind, verb: Deed.Verb, picked: Picked
) -> Deed | None:
    side = STARTS[verb]
    wanted = _keys(picked, side)
    if not wanted:
        missing = _("Tick elements in the WAPRO pane first."), _("Tick elements in the shop pane first.")
        messages.warning(request, missing[side is Side.SHOP])
        return None
    alone = Unlinked.objects.filter(connection=connection, kind=kind, side=side, key__in=wanted)
    keys = [key for key in wanted if key in set(alone.values_list("key", flat=True))]
    if len(keys) < len(wanted):
        messages.warning(request, _("Some of them found a partner meanwhile. They are left as they are."))
    if not keys:
        return None
    deed, run = deeds.by_run(connection, kind, verb, keys, person(request))
    deed.run = run
    return deed


def _ignore(request: HttpRequest, connection: ShopConnection, kind: Kind, picked: Picked) -> Deed | None:
    reason = request.POST.get("reason", "").strip()[:300]
    elements = _sided(picked)
    return deeds.ignore(connection, kind, elements, person(request), reason) if elements else None


def _unignore(request: HttpRequest, connection: ShopConnection, kind: Kind, picked: Picked) -> Deed | None:
    elements = _sided(picked)
    return deeds.unignore(connection, kind, elements, person(request)) if elements else None


ACTIONS = {
    "link": _link,
    "link_picked": _link_picked,
    "create": _create,
    "import": _import,
    "ignore": _ignore,
    "unignore": _unignore,
}


@require_http_methods(["GET", "HEAD", "POST"])
def unlinked_sure(request: HttpRequest, shop: int, kind: str) -> HttpResponse:
    """All sure suggestions of a kind, over all pages: what would be linked and why, then all of it by one button."""
    connection = door(request, shop, kind)
    try:
        setup = setup_of(connection)
        if request.method == "POST":
            deed = deeds.begin(connection, Kind(kind), Deed.Verb.LINK_SURE, person(request))
            return redirect("deed", deed=deed.pk)
    except IntegrationError as refused:
        messages.error(request, explain(refused.problem, connection=connection).sentence)
        return redirect("unlinked_kind", shop=connection.pk, kind=kind)
    rows = Unlinked.objects.filter(
        connection=connection, kind=kind, side=Side.ERP, state=Unlinked.State.UNLINKED
    ).order_by("pk")
    rows = rows.only("pk", "key", "code", "label", "ean")
    total, found = rows.count(), []
    for part in snapshots.chunks(rows[:MOST_LOOKED]):
        sure = joining.sure(setup, Kind(kind), part)
        found += [(row, sure[row.key]) for row in part if row.key in sure]
    context = {"connection": connection, "kind": kind, "total": total, "looked": min(total, MOST_LOOKED), "sure": SURE}
    return render(request, "syncjobs/unlinked_sure.html", context | _summed(found))


def _summed(found: list[tuple[Unlinked, Suggestion]]) -> dict[str, Any]:
    """How many, by what speaks for them, and the least sure to look at."""
    kinds = Counter(suggestion.evidence for _row, suggestion in found)
    least = sorted(found, key=lambda one: (one[1].score, one[0].pk))[:EXAMPLES]
    return {"count": len(found), "evidence_kinds": kinds.most_common(), "least": least}


@require_http_methods(["GET", "HEAD", "POST"])
def unlinked_ignore(request: HttpRequest, shop: int, kind: str) -> HttpResponse:
    """Ignore all of one pane as it is searched: how many and which, the reason, then all of them by one button."""
    connection = door(request, shop, kind)
    side = lists.chosen(request, "side", Side.values, str(Side.ERP))
    waiting = [str(state) for state in STATES if state != Unlinked.State.IGNORED]
    params = {"side": side, "show": lists.chosen(request, "show", waiting, waiting[0]), "q": lists.text(request, "q")}
    rows = deeds.listed(Unlinked.objects.filter(connection=connection, kind=kind), params)
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:300]
        deed = deeds.begin(connection, Kind(kind), Deed.Verb.IGNORE_ALL, person(request), params | {"reason": reason})
        return redirect("deed", deed=deed.pk)
    context = {
        "connection": connection,
        "kind": kind,
        "side_name": side,
        "q": params["q"],
        "count": rows.count(),
        "examples": rows.order_by("pk")[:EXAMPLES],
    }
    return render(request, "syncjobs/unlinked_ignore.html", context)

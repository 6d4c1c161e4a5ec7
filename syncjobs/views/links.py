"""All links of a kind: searched, filtered, checked again, broken; yellow where what spoke for one is gone."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import deeds, evidence, snapshots, tallies
from syncjobs.engine.evidence import Ground, Verdict
from syncjobs.explain import explain
from syncjobs.models import Deed, Link, SnapshotItem
from syncjobs.models.choices import LinkState, Origin, Side
from syncjobs.setup import setup_of
from syncjobs.views import lists
from syncjobs.views.deeds import answer, just_done
from syncjobs.views.finding import MOST, keys_of
from syncjobs.views.people import person
from syncjobs.views.unlinked import KINDS

YELLOW = "yellow"
NOTHING = "none"


@require_safe
def links(request: HttpRequest, shop: int, kind: str) -> HttpResponse:
    """Links of one kind, page by page."""
    connection = get_or_404(request, ShopConnection, shop)
    if kind not in KINDS:
        raise Http404
    words = lists.text(request, "q")
    state = lists.chosen(request, "state", [YELLOW, *LinkState.values], "")
    origin = lists.chosen(request, "origin", Origin.values, "")
    ground = lists.chosen(request, "by", list(ground_labels()), "")
    every = Link.objects.filter(connection=connection, kind=kind)
    query, more = _found(connection, kind, _filtered(every, state, origin, ground), words)
    page = lists.oldest_first(query.select_related("linked_by"), lists.number(request, "after"))
    context = {
        "connection": connection,
        "kind": kind,
        "kinds": KINDS,
        "page": page,
        "rows": described(page.rows, connection, kind),
        "q": words,
        "more": more,
        "most": MOST,
        "state": state,
        "origin": origin,
        "total": tallies.links_of(connection, kind),
        "yellow": every.filter(evidence_gone=True).count(),
        "gone": every.filter(evidence_gone=True).exclude(state=LinkState.LINKED).count(),
        "states": [(value, LinkState(value).label) for value in LinkState.values if value != LinkState.LINKED],
        "origins": Origin.choices,
        "ground": ground,
        "grounds": ground_labels().items(),
        "did": just_done(request, connection),
    }
    return render(request, "syncjobs/links.html", context)


def ground_labels() -> dict[str, str]:
    """What links rest on, best first, by the word in the address."""
    return {
        "code": _("by code"),
        "ean": _("by EAN"),
        "name": _("by name alone"),
        "similar_name": _("by a similar name alone"),
        NOTHING: _("no evidence: a person's word, or made by us"),
    }


def _filtered(query: QuerySet[Link], state: str, origin: str, ground: str) -> QuerySet[Link]:
    if state == YELLOW:
        query = query.filter(evidence_gone=True)
    elif state:
        query = query.filter(state=state)
        # Whoever is gone is yellow: so the short index of yellow links answers.
        query = query.filter(evidence_gone=True) if state != LinkState.LINKED else query
    if ground:
        query = query.filter(ground="" if ground == NOTHING else ground)
    return query.filter(origin=origin) if origin else query


def _found(connection: ShopConnection, kind: str, query: QuerySet[Link], words: str) -> tuple[QuerySet[Link], bool]:
    """Links one of whose elements answers to the words; whether there may be more than were looked for."""
    if not words:
        return query, False
    shop, more_shop = keys_of(SnapshotItem.objects.filter(shop=connection, kind=kind), words)
    erp = getattr(connection.client, "erp", None)
    wapro: list[str] = []
    more_erp = False
    if erp is not None and not more_shop:  # else the page says that there may be more, and a search of names is dear
        wapro, more_erp = keys_of(SnapshotItem.objects.filter(erp=erp, kind=kind), words)
    named = Q(shop_key__in=shop) | Q(erp_key__in=[*wapro, words]) | Q(shop_key=words)
    return query.filter(named), more_shop or more_erp


def described(rows: Sequence[Link], connection: ShopConnection, kind: str) -> list[dict[str, Any]]:
    """Links with their two elements and what speaks for them now. A fixed number of queries."""
    keys = {"erp": {link.erp_key for link in rows}, "shop": {link.shop_key for link in rows}}
    erp = getattr(connection.client, "erp", None)
    mine = Q(shop=connection, key__in=keys["shop"])
    mine |= Q(erp=erp, key__in=keys["erp"]) if erp else Q()
    items = SnapshotItem.objects.filter(mine, kind=kind).defer("record") if rows else []
    known = {(str(item.side), item.key): item for item in items}
    return [
        _described(link, known.get(("erp", link.erp_key)), known.get(("shop", link.shop_key)), Kind(kind))
        for link in rows
    ]


def _described(link: Link, erp: SnapshotItem | None, shop: SnapshotItem | None, kind: Kind) -> dict[str, Any]:
    verdict = evidence.of(link, erp, shop)
    return {
        "link": link,
        "erp": erp,
        "shop": shop,
        "label": (erp.label if erp else "") or (shop.label if shop else "") or link.erp_key,
        "verdict": verdict,
        "held": [ground.name for ground in verdict.grounds if ground.holds],
        "lost": lost(verdict),
        "url": reverse("element", args=[link.connection_id, kind, Side.ERP, link.erp_key]),
    }


GROUNDS = {"code": 0, "ean": 1, "name": 2, "similar_name": 2}


def lost(verdict: Verdict) -> list[str]:
    """What spoke for a link and does no more, each as a sentence: what it was and what it is now."""
    missing = {
        "erp": _("The element is gone from WAPRO."),
        "shop": _("The element is gone from the shop."),
    }
    return [missing[side] for side in verdict.missing] + [_lost(ground) for ground in verdict.lost]


def _lost(ground: Ground) -> str:
    empty = _("empty")
    words = {
        "what": (_("Code"), _("EAN"), _("Name"))[GROUNDS[ground.name]],
        "erp": ground.now[0] or empty,
        "shop": ground.now[1] or empty,
    }
    moved = (False, False)
    if ground.was is not None:
        words["was"] = ground.was[0] if ground.was[0] == ground.was[1] else " / ".join(ground.was)
        moved = (ground.was[0] != ground.now[0], ground.was[1] != ground.now[1])
    said = {
        (True, False): _("%(what)s was %(was)s; WAPRO changed it to %(erp)s, the shop has %(shop)s."),
        (False, True): _("%(what)s was %(was)s; the shop changed it to %(shop)s, WAPRO has %(erp)s."),
        (True, True): _("%(what)s was %(was)s; both changed it: WAPRO has %(erp)s, the shop %(shop)s."),
        (False, False): _("%(what)s was equal; now WAPRO has %(erp)s, the shop %(shop)s."),
    }
    return said[moved] % words


@require_POST
def links_act(request: HttpRequest, shop: int, kind: str) -> HttpResponse:
    """Break links or check them again: one, the ticked ones, or all of the kind."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    if kind not in KINDS:
        raise Http404
    back = reverse("links", args=[connection.pk, kind])
    verb, _space, one = request.POST.get("one", "").partition(" ")
    picked = [int(pk) for pk in ([one] if one else request.POST.getlist("pick")) if pk.isdecimal() and len(pk) < 19]
    verb = verb or request.POST.get("do", "")
    deed = None
    try:
        if verb == "check_all":
            deed = deeds.begin(connection, Kind(kind), Deed.Verb.CHECK, person(request))
            if deed.under_way:
                return redirect("deed", deed=deed.pk)
        elif not picked:
            messages.warning(request, _("Tick at least one link first."))
        elif verb == "check":
            _check(request, connection, kind, picked[:1000])
        elif verb in ("break", "again"):
            return _break(request, connection, kind, picked[:1000], verb)
    except IntegrationError as refused:
        messages.error(request, explain(refused.problem, connection=connection).sentence)
    return answer(back, request.POST.get("query", ""), deed)


def _check(request: HttpRequest, connection: ShopConnection, kind: str, picked: Sequence[int]) -> None:
    setup = setup_of(connection)
    found = list(Link.objects.filter(connection=connection, kind=kind, pk__in=picked))
    yellow = sum(evidence.check(setup, Kind(kind), part) for part in snapshots.chunks(found))
    text = ngettext("%(n)s link was checked.", "%(n)s links were checked.", len(found)) % {"n": len(found)}
    lost = ngettext("%(n)s has lost its evidence.", "%(n)s have lost their evidence.", yellow) % {"n": yellow}
    messages.success(request, f"{text} {lost}")


def _break(
    request: HttpRequest, connection: ShopConnection, kind: str, picked: Sequence[int], verb: str
) -> HttpResponse:
    """Break links; with `again` go on to where the element finds another partner."""
    deed = deeds.unlink(connection, Kind(kind), picked, person(request))
    if not deed.done:
        messages.warning(request, _("Somebody has broken it already."))
        return answer(reverse("links", args=[connection.pk, kind]), request.POST.get("query", ""), None)
    if verb == "again":
        row = deed.rows.first()
        where = urlencode({"q_erp": row.erp_key}) if row is not None else ""
        return answer(reverse("unlinked_kind", args=[connection.pk, kind]), where, deed)
    return answer(reverse("links", args=[connection.pk, kind]), request.POST.get("query", ""), deed)

"""Elements without a partner: two panes, suggestions with what speaks for them, link, create, import, ignore."""

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from integrator.accounts.access import get_or_404
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, SYNC_KINDS, Kind
from integrator.canonical.text import fold
from shops.models import ShopConnection
from syncjobs import joining, pairs
from syncjobs.engine.suggest import Suggestion
from syncjobs.forms import CRITERION_LABELS
from syncjobs.models import SnapshotItem, SyncOptions, Unlinked
from syncjobs.models.choices import Side
from syncjobs.setup import setup_of
from syncjobs.views import lists
from syncjobs.views.deeds import just_done
from syncjobs.views.faces import Faces, faces

KINDS = tuple(kind for kind in SYNC_KINDS if kind not in PRODUCT_STATE_KINDS)
STATES = (Unlinked.State.UNLINKED, Unlinked.State.AMBIGUOUS, Unlinked.State.IGNORED)
COUNTED = 500
"""Unlinked elements among which sure suggestions are counted for the button; of more it only says that there may be."""


@require_safe
def unlinked(request: HttpRequest, shop: int) -> HttpResponse:
    """The kind with most to do: products, else the first one with unlinked elements."""
    connection = get_or_404(request, ShopConnection, shop)
    rows = Unlinked.objects.filter(connection=connection).exclude(state=Unlinked.State.IGNORED)
    waiting = set(rows.values_list("kind", flat=True).distinct())
    kind = next((k for k in (Kind.PRODUCT, *KINDS) if k in waiting), Kind.PRODUCT)
    return redirect("unlinked_kind", shop=connection.pk, kind=kind)


@require_safe
def unlinked_kind(request: HttpRequest, shop: int, kind: str) -> HttpResponse:
    """Both panes of one kind."""
    connection = get_or_404(request, ShopConnection, shop)
    if kind not in KINDS:
        raise Http404
    return render(request, "syncjobs/unlinked.html", _context(request, connection, Kind(kind)))


def _context(request: HttpRequest, connection: ShopConnection, kind: Kind) -> dict[str, Any]:
    counts = _counts(connection)
    show = lists.chosen(request, "show", [str(s) for s in STATES], str(Unlinked.State.UNLINKED))
    erp, shop = _pane(request, connection, kind, show, Side.ERP), _pane(request, connection, kind, show, Side.SHOP)
    rows = [*erp["page"].rows, *shop["page"].rows]
    at = lists.number(request, "at")
    current = next((row for row in rows if row.pk == at), None) or next(iter(erp["page"].rows), None)
    offers = _offers(connection, kind, show, erp["page"].rows, shop["page"].rows)
    options = SyncOptions.objects.filter(connection=connection, kind=kind).first()
    here = {side: counts.get((str(kind), str(side), show), 0) for side in Side.values}
    seen = faces(connection, kind, _wanted(rows, offers))
    erp["rows"], shop["rows"] = _rows(erp["page"].rows, offers, seen), _rows(shop["page"].rows, offers, seen)
    return {
        "connection": connection,
        "kind": kind,
        "panes": [erp, shop],
        "erp_pane": erp,
        "shop_pane": shop,
        "show": show,
        "current": current,
        "offers": _offered(current, offers, seen) if current else [],
        "kinds": _kinds(counts),
        "tabs": _tabs(counts, kind),
        "total": here,
        "sure": _sure(connection, kind, here[str(Side.ERP)]) if show == Unlinked.State.UNLINKED else 0,
        "sure_counted": here[str(Side.ERP)] <= COUNTED,
        "did": just_done(request, connection),
        "criterion": _criterion(options),
        "nothing_seen": not rows and not SnapshotItem.objects.filter(shop=connection, kind=kind).exists(),
    }


def _counts(connection: ShopConnection) -> dict[tuple[str, str, str], int]:
    """(kind, side, state) -> how many."""
    rows = Unlinked.objects.filter(connection=connection).values_list("kind", "side", "state")
    return {(kind, side, state): n for kind, side, state, n in rows.annotate(n=Count("pk")).order_by()}


def _kinds(counts: dict[tuple[str, str, str], int]) -> list[tuple[str, int]]:
    ignored = Unlinked.State.IGNORED
    return [(k, sum(n for (kind, _s, state), n in counts.items() if kind == k and state != ignored)) for k in KINDS]


def _tabs(counts: dict[tuple[str, str, str], int], kind: Kind) -> list[tuple[str, str, int]]:
    return [
        (str(state), str(state.label), sum(n for (k, _side, s), n in counts.items() if k == kind and s == state))
        for state in STATES
    ]


def _pane(request: HttpRequest, connection: ShopConnection, kind: Kind, show: str, side: Side) -> dict[str, Any]:
    words = lists.text(request, f"q_{side}")
    query = Unlinked.objects.filter(connection=connection, kind=kind, side=side, state=show)
    if words:
        query = query.filter(search__contains=fold(words))
    page = lists.oldest_first(query, lists.number(request, f"after_{side}"))
    return {"side": side, "page": page, "q": words, "param": f"after_{side}"}


Offers = dict[tuple[str, str], list[Any]]
"""(side, key) of an element -> its likely partners, best first, each with key, code, label, ean, score, evidence."""


def _offers(
    connection: ShopConnection, kind: Kind, show: str, erp: Sequence[Unlinked], shop: Sequence[Unlinked]
) -> Offers:
    if show == Unlinked.State.AMBIGUOUS:
        return _candidates(connection, kind, [*erp, *shop])
    if show == Unlinked.State.IGNORED or not erp:
        return {}
    try:
        found = pairs.suggestions(connection, kind, [row.key for row in erp])
    except IntegrationError:
        return {}  # no ERP connection any more: the rows stay, nothing can be suggested
    return {(str(Side.ERP), key): list(offered) for key, offered in found.items()}


def _candidates(connection: ShopConnection, kind: Kind, rows: Sequence[Unlinked]) -> Offers:
    """What an ambiguous element could belong to, as the last linking found it."""
    erp = getattr(connection.client, "erp", None)
    sources: dict[Side, dict[str, Any]] = {Side.ERP: {"shop": connection}, Side.SHOP: {"erp": erp}}
    found: Offers = {}
    for side, source in sources.items():
        mine = [row for row in rows if row.side == side]
        keys = {key for row in mine for key in row.candidates}
        items = SnapshotItem.objects.filter(kind=kind, key__in=keys, **source) if keys else []
        known = {item.key: _candidate(item) for item in items}
        for row in mine:
            found[row.side, row.key] = [known[key] for key in row.candidates if key in known]
    return found


def _candidate(item: SnapshotItem) -> Any:
    return Suggestion(key=item.key, code=item.code, label=item.label, ean=item.ean, score=0, evidence=())


def _sure(connection: ShopConnection, kind: Kind, total: int) -> int:
    """Sure suggestions over all pages, or how many elements may have one where counting would take too long."""
    if not 0 < total <= COUNTED:
        return total
    rows = Unlinked.objects.filter(connection=connection, kind=kind, side=Side.ERP, state=Unlinked.State.UNLINKED)
    try:
        return len(joining.sure(setup_of(connection), kind, list(rows[:COUNTED])))
    except IntegrationError:
        return 0  # no ERP connection any more: nothing can be linked


def _wanted(rows: Sequence[Unlinked], offers: Offers) -> dict[str, set[str]]:
    """Keys per side whose faces the page needs."""
    wanted: dict[str, set[str]] = {str(side): set() for side in Side}
    for row in rows:
        wanted[row.side].add(row.key)
    for (side, _key), found in offers.items():
        wanted[_other(side)] |= {offer.key for offer in found}
    return wanted


def _other(side: str) -> str:
    return str(Side.SHOP if side == Side.ERP else Side.ERP)


def _pair(row: Unlinked, partner: str) -> str:
    """What a link button posts: the ERP key, then the shop key."""
    return json.dumps([row.key, partner] if row.side == Side.ERP else [partner, row.key])


def _rows(rows: Sequence[Unlinked], offers: Offers, seen: Faces) -> list[dict[str, Any]]:
    """Rows with their face and with what their buttons post."""
    made = []
    for row in rows:
        best = next(iter(offers.get((row.side, row.key), [])), None)
        made.append(
            {
                "row": row,
                "best": best,
                "pair": _pair(row, best.key) if best else "",
                "token": json.dumps([row.side, row.key]),
                "face": seen.get((row.side, row.key)),
            }
        )
    return made


def _offered(row: Unlinked, offers: Offers, seen: Faces) -> list[dict[str, Any]]:
    """Likely partners of the current element, each with its face and what its link button posts."""
    side = _other(row.side)
    return [
        {"offer": offer, "face": seen.get((side, offer.key)), "pair": _pair(row, offer.key), "side": side}
        for offer in offers.get((row.side, row.key), [])
    ]


def _criterion(options: SyncOptions | None) -> str:
    if options is None:
        return ""
    return next((str(label) for criterion, label in CRITERION_LABELS.items() if criterion == options.criterion), "")

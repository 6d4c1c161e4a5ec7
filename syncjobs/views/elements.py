"""One element with both its sides: fields, who rules them, the link and its evidence, everything that was sent."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, SYNC_KINDS, Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, Problem, fields_of, problem
from integrator.canonical.text import fold
from shops import page_addresses
from shops.models import ShopConnection
from syncjobs import deeds, evidence, pairing, pairs, snapshots
from syncjobs.engine.plan import plan_pair
from syncjobs.engine.policy import Owner, Policy
from syncjobs.explain import explain
from syncjobs.fields import references_of
from syncjobs.models import Change, Deed, ElementMark, Link, SnapshotItem, Unlinked
from syncjobs.models.choices import Mark, Side
from syncjobs.pairing import Offer, offer_for, promised_to_buyers
from syncjobs.setup import Setup, setup_of
from syncjobs.undoing import holds
from syncjobs.views import lists
from syncjobs.views.changes import described, page_references
from syncjobs.views.deeds import answer, just_done
from syncjobs.views.element_facts import cards, promises_of, raw
from syncjobs.views.element_trace import FieldRow, trace
from syncjobs.views.links import lost
from syncjobs.views.people import person
from syncjobs.views.replacing import ask_first

KINDS = tuple(kind for kind in SYNC_KINDS if kind not in PRODUCT_STATE_KINDS)


@require_safe
def elements(request: HttpRequest, shop: int, kind: str) -> HttpResponse:
    """The list of elements is the list of their links, under the address it had before."""
    connection = get_or_404(request, ShopConnection, shop)
    if kind not in KINDS:
        raise Http404
    where = reverse("links", kwargs={"shop": connection.pk, "kind": kind})
    query = request.GET.urlencode()
    return redirect(f"{where}?{query}" if query else where)


@require_safe
def element(request: HttpRequest, shop: int, kind: str, side: str, key: str) -> HttpResponse:
    """One element, by its key on one side; prices and stock are shown on their product."""
    connection = get_or_404(request, ShopConnection, shop)
    if kind in PRODUCT_STATE_KINDS:
        return redirect("element", shop=shop, kind=Kind.PRODUCT, side=side, key=key)
    if kind not in KINDS or side not in Side.values:
        raise Http404
    link = _link_of(connection, kind, side, key)
    erp_key = link.erp_key if link else key if side == Side.ERP else ""
    shop_key = link.shop_key if link else key if side == Side.SHOP else ""
    items = _items(connection, kind, erp_key, shop_key)
    history = _history(request, connection, kind, erp_key, shop_key)
    if not items and link is None and not history.rows:
        raise Http404
    return render(
        request, "syncjobs/element.html", _context(request, connection, Kind(kind), link, items, history, side, key)
    )


def _link_of(connection: ShopConnection, kind: str, side: str, key: str) -> Link | None:
    column = "erp_key" if side == Side.ERP else "shop_key"
    links = Link.objects.filter(connection=connection, kind=kind, **{column: key})
    return links.select_related("linked_by").order_by("-primary").first()


Items = dict[tuple[str, str], SnapshotItem]
"""(side, kind) -> what that side showed last."""


def _items(connection: ShopConnection, kind: str, erp_key: str, shop_key: str) -> Items:
    kinds = [kind, *PRODUCT_STATE_KINDS] if kind == Kind.PRODUCT else [kind]
    erp = getattr(connection.client, "erp", None)
    mine = Q(shop=connection, key=shop_key)
    if erp is not None and erp_key:
        mine |= Q(erp=erp, key=erp_key)
    return {(str(item.side), item.kind): item for item in SnapshotItem.objects.filter(mine, kind__in=kinds)}


def _history(
    request: HttpRequest, connection: ShopConnection, kind: str, erp_key: str, shop_key: str
) -> lists.ListPage[Change]:
    """Everything planned or sent for this element, newest first."""
    kinds = [kind, *PRODUCT_STATE_KINDS] if kind == Kind.PRODUCT else [kind]
    mine = Q(pk=None)
    if erp_key:
        mine |= Q(erp_key=erp_key)
    if shop_key:
        mine |= Q(shop_key=shop_key)
    query: QuerySet[Change] = Change.objects.filter(mine, connection=connection, kind__in=kinds)
    return lists.newest_first(query.select_related("step"), lists.number(request, "before"), size=20)


def _context(
    request: HttpRequest,
    connection: ShopConnection,
    kind: Kind,
    link: Link | None,
    items: Items,
    history: lists.ListPage[Change],
    side: str,
    key: str,
) -> dict[str, Any]:
    rows = _field_rows(connection, kind, link, items)
    mark = ElementMark.objects.filter(connection=connection, kind=kind, side=side, key=key).select_related("by").first()
    kinds = [kind, *PRODUCT_STATE_KINDS] if kind is Kind.PRODUCT else [kind]
    held = holds.on_element(connection, kinds, link, Side(side), key)
    alone = None if link else Unlinked.objects.filter(connection=connection, kind=kind, side=side, key=key).first()
    main = items.get((str(Side.ERP), str(kind))) or items.get((str(Side.SHOP), str(kind)))
    shop_item = items.get((str(Side.SHOP), str(kind)))
    shop_key, code = link.shop_key if link else key if side == Side.SHOP else "", shop_item.code if shop_item else ""
    return {
        "connection": connection,
        "kind": kind,
        "side": side,
        "key": key,
        "link": link,
        "main": main,
        "title": (main.label if main else "") or key,
        "erp_item": items.get((str(Side.ERP), str(kind))),
        "shop_item": shop_item,
        "rows": rows,
        "differing": sum(1 for row in rows if row.outcome in ("differs", "conflict")),
        "references": _references(connection, rows),
        "page": history,
        "kept_days": settings.KEEP_DAYS["changes"],
        "history": described(history.rows, connection),
        "history_references": page_references(history.rows, connection),
        "mark": mark,
        "held": held,
        "alone": alone,
        "trace": trace(
            link, mark, alone, rows, history.rows, connection, items.get((str(Side.ERP), str(Kind.PRODUCT)))
        ),
        "did": just_done(request, connection),
        "raw": raw(items),
        "cards": cards(items.get((str(Side.ERP), str(kind)))),
        "promises": promises_of(connection, link.erp_key if link else key) if kind is Kind.PRODUCT else None,
        "admin_url": page_addresses.product_panel(connection, kind, shop_key, code),
        "shop_url": page_addresses.product_shop(connection, kind, shop_key, code),
        "evidence_rows": _evidence(link, items, str(kind)) if link else [],
        "lost": lost_of(link, items, str(kind)) if link else [],
    }


def _evidence(link: Link, items: Items, kind: str) -> list[tuple[str, str, str, bool]]:
    """Code, name and EAN of both sides as they are now: (label, WAPRO, shop, the same)."""
    erp, shop = items.get((str(Side.ERP), kind)), items.get((str(Side.SHOP), kind))
    rows = []
    for label, name in ((_("code"), "code"), (_("name"), "label"), (_("EAN"), "ean")):
        left, right = getattr(erp, name, ""), getattr(shop, name, "")
        if left or right:
            rows.append((label, left, right, bool(left) and fold(left) == fold(right)))
    return rows


def lost_of(link: Link, items: Items, kind: str) -> list[str]:
    """What spoke for the link and does no more, in words."""
    return lost(evidence.of(link, items.get((str(Side.ERP), kind)), items.get((str(Side.SHOP), kind))))


def _field_rows(connection: ShopConnection, kind: Kind, link: Link | None, items: Items) -> list[FieldRow]:
    """Field by field, for products with price and stock, with what the planner would do about each right now."""
    try:
        setup: Setup | None = setup_of(connection)
    except IntegrationError:
        setup = None  # no ERP connection: both sides are shown as they were last seen
    rows: list[FieldRow] = []
    for part in (kind, *PRODUCT_STATE_KINDS) if kind is Kind.PRODUCT else (kind,):
        erp_item = items.get((str(Side.ERP), str(part)))
        offer = _offer(setup, part, erp_item)
        erp = _fields(erp_item, offer)
        shop = _fields(items.get((str(Side.SHOP), str(part))), None)
        outcomes = _outcomes(setup, part, link, offer) if setup and offer and link and erp and shop else {}
        policy = setup.policy(part) if setup else Policy()
        for name in [*erp, *(name for name in shop if name not in erp)]:
            owner = policy.owner(name)
            plain = "one" if name not in erp or name not in shop else "ignored" if owner is Owner.IGNORE else "equal"
            outcome, to, problem = outcomes.get(name, (plain, "", None))
            told = explain(problem, connection=connection) if problem else None
            rows.append(FieldRow(str(part), name, erp.get(name), shop.get(name), str(owner), outcome, to, told))
    return rows


Outcome = tuple[str, str, Problem | None]
"""(outcome, side that would be written, what stands against it)."""


def _outcomes(setup: Setup, kind: Kind, link: Link, offer: Offer) -> dict[str, Outcome]:
    """By field: what the planner decides about it right now. Writes nothing."""
    loaded = pairing.load(setup, kind, [link], offer)
    if not loaded or loaded[0].pair is None:
        return {}
    plan = plan_pair(loaded[0].pair, setup.rules(kind))
    found: dict[str, Outcome] = {change.name: ("blocked", "", problem) for change, problem in plan.blocked}
    found |= {change.name: ("differs", "shop", None) for change in plan.to_shop}
    found |= {change.name: ("differs", "erp", None) for change in plan.to_erp}
    found |= dict.fromkeys(plan.drifted, ("drifted", "", None))
    found |= dict.fromkeys(loaded[0].held, ("blocked", "", problem(Code.HELD_AFTER_UNDO)))
    return found | {conflict.name: ("conflict", "", None) for conflict in plan.conflicts}


def _offer(setup: Setup | None, kind: Kind, item: SnapshotItem | None) -> Offer | None:
    """How this one element is offered: what is promised of it is looked up, never what is promised of all."""
    if setup is None:
        return None
    try:
        promised = promised_to_buyers(setup, [item.key]) if item is not None and kind is Kind.STOCK else {}
        return offer_for(setup, kind, promised)
    except IntegrationError:
        return None  # price type or warehouses not chosen yet: those rows show the shop's side only


def _fields(item: SnapshotItem | None, offer: Offer | None) -> Fields:
    if item is None:
        return {}
    if offer is None and item.erp_id is not None and item.kind in PRODUCT_STATE_KINDS:
        return {}
    record = snapshots.record_of(item)
    fields = offer(item.key, record) if offer is not None else fields_of(record)
    return {} if isinstance(fields, Problem) else fields


def _references(connection: ShopConnection, rows: list[FieldRow]) -> dict[tuple[str, str, str], str]:
    erp = getattr(connection.client, "erp", None)
    wanted = [(str(Side.ERP), row.name, row.erp) for row in rows] + [(str(Side.SHOP), r.name, r.shop) for r in rows]
    return references_of(erp.pk if erp else None, connection.pk, wanted)


@require_POST
def element_act(request: HttpRequest, shop: int, kind: str, side: str, key: str) -> HttpResponse:
    """Break the link, ignore or freeze the element, or take that back."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    if kind not in KINDS or side not in Side.values:
        raise Http404
    verb, reason = request.POST.get("do", ""), request.POST.get("reason", "").strip()[:300]
    marks = {"ignore": Mark.IGNORED, "freeze": Mark.FROZEN, "exclude": Mark.EXCLUDED}
    page = reverse("element", kwargs={"shop": connection.pk, "kind": kind, "side": side, "key": key})
    if verb == "exclude":
        asked = ask_first(request, connection, pairs.run_again(Kind(kind)), page)
        if asked is not None:
            return asked
    deed = None
    try:
        if verb == "unlink":
            deed = _unlink(request, connection, kind, side, key)
        elif verb in marks:
            pairs.mark(connection, Side(side), Kind(kind), [key], marks[verb], person(request), reason=reason)
            messages.success(request, _("Done. The element is left out from the next run on."))
        elif verb == "unmark":
            pairs.unmark(connection, Side(side), Kind(kind), [key], person(request))
            messages.success(request, _("The element takes part again."))
    except IntegrationError as refused:
        messages.error(request, explain(refused.problem, connection=connection).sentence)
    return answer(page, "", deed)


def _unlink(request: HttpRequest, connection: ShopConnection, kind: str, side: str, key: str) -> Deed | None:
    link = _link_of(connection, kind, side, key)
    deed = deeds.unlink(connection, Kind(kind), [link.pk], person(request)) if link is not None else None
    if deed is None or not deed.done:
        messages.warning(request, _("Somebody has broken it already."))
        return None
    return deed

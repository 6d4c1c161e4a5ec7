"""Orders of a shop connection: the list, and one order with both sides, its money, its reasons and its timeline."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.orders import Order
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs.explain import explain
from syncjobs.models import Link
from syncjobs.models.choices import LinkState
from syncjobs.models.orders import NEEDS_A_LOOK, OrderTerms, ShopOrder
from syncjobs.orders import acting
from syncjobs.orders.arriving import order_in
from syncjobs.orders.terms import words_of
from syncjobs.views import lists, orders_words
from syncjobs.views.people import person
from wapro.orders.draft import Progress

Status = ShopOrder.Status
SHOWS = ("look", *Status.values)


def with_orders(request: HttpRequest, shop: int, role: Role = Role.VIEWER) -> ShopConnection:
    """The connection behind the door. Raises Http404 where its platform has no orders."""
    connection = get_or_404(request, ShopConnection, shop, role)
    known = platforms().get(connection.platform)
    if known is None or not known.orders:
        raise Http404
    return connection


def terms_of(connection: ShopConnection) -> OrderTerms:
    """The stored terms, or those of a connection that nobody has set up yet (not stored)."""
    found = OrderTerms.objects.filter(connection=connection).first()
    return found or OrderTerms(connection=connection)


def state_names(terms: OrderTerms) -> dict[str, str]:
    """The shop's states by key, as the shop calls them."""
    return {entry.key: entry.name for entry in words_of(terms).states}


@require_safe
def orders(request: HttpRequest, shop: int) -> HttpResponse:
    """All orders of the connection, newest first."""
    connection = with_orders(request, shop)
    terms = terms_of(connection)
    show, words = lists.chosen(request, "status", SHOWS, ""), lists.text(request, "q")
    everything = ShopOrder.objects.filter(connection=connection)
    query = _searched(_shown(everything, show), words)
    page = _newest_first(query.defer("record", "draft", "proof", "imported"), lists.text(request, "before"))
    counts = dict(everything.values_list("status").annotate(n=Count("id")).order_by())
    names = state_names(terms)
    context = {
        "connection": connection,
        "terms": terms,
        "trouble": explain(terms.problem, connection=connection) if terms.problem else None,
        "page": page,
        "rows": [_row(row, connection, names) for row in page.rows],
        "filters": [(s, Status(s).label, counts[s]) for s in Status.values if s in counts],
        "total": sum(counts.values()),
        "looks": everything.filter(NEEDS_A_LOOK).count(),
        "show": show,
        "q": words,
    }
    return render(request, "syncjobs/orders.html", context)


def _shown(query: QuerySet[ShopOrder], show: str) -> QuerySet[ShopOrder]:
    if show == "look":
        return query.filter(NEEDS_A_LOOK)
    return query.filter(status=show) if show else query


def _searched(query: QuerySet[ShopOrder], words: str) -> QuerySet[ShopOrder]:
    if not words:
        return query
    numbers = Q(shop_number__icontains=words) | Q(erp_number__icontains=words) | Q(erp_document__icontains=words)
    return query.filter(numbers | Q(buyer__icontains=words) | Q(shop_key=words))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _newest_first(query: QuerySet[ShopOrder], before: str) -> lists.ListPage[ShopOrder]:
    """By the day the buyer ordered; a position reads `microseconds.id`. What is none begins at the newest."""
    moment, _dot, last = before.partition(".")
    known = moment.isdecimal() and last.isdecimal() and len(moment) < 17 and len(last) < 19
    if known:
        at = EPOCH + timedelta(microseconds=int(moment))
        query = query.filter(Q(placed_at__lt=at) | Q(placed_at=at, pk__lt=int(last)))
    found = list(query.order_by("-placed_at", "-pk")[: lists.PAGE + 1])
    rows = found[: lists.PAGE]
    following = ""
    if len(found) > lists.PAGE:
        following = f"{(rows[-1].placed_at - EPOCH) // timedelta(microseconds=1)}.{rows[-1].pk}"
    return lists.ListPage(rows, following, not known)


def _row(row: ShopOrder, connection: ShopConnection, names: Mapping[str, str]) -> dict[str, Any]:
    tone, icon, word = orders_words.look(row)
    reasons = orders_words.told(row, connection)
    reason = reasons[0].sentence if reasons else _("Changed in the shop after the import") if row.edited else ""
    return {
        "order": row,
        "total": orders_words.money(row.total),
        "state": names.get(row.state, row.state),
        "tone": tone,
        "icon": icon,
        "word": word,
        "reason": reason if row.status != Status.DONE else "",
        "more": max(len(reasons) - 1, 0),
        "next": orders_words.next_action(row, connection),
    }


@require_safe
def order(request: HttpRequest, order: int) -> HttpResponse:
    """One order: both sides, money proof, lines, reasons, timeline."""
    row = get_or_404(request, ShopOrder, order)
    return render(request, "syncjobs/orders_one.html", _context(row))


def _context(row: ShopOrder) -> dict[str, Any]:
    connection = row.connection
    terms = terms_of(connection)
    names = state_names(terms)
    tone, icon, word = orders_words.look(row)
    told = order_in(row) if row.record else None
    progress = msgspec.convert(row.progress, Progress) if row.progress else None
    events = [orders_words.happened(event, connection, names) for event in row.events.select_related("user")]
    return {
        "connection": connection,
        "order": row,
        "told": told,
        "total": orders_words.money(row.total),
        "state": names.get(row.state, row.state),
        "tone": tone,
        "icon": icon,
        "word": word,
        "reasons": [
            (one, reason.get("excerpt", ""))
            for one, reason in zip(orders_words.told(row, connection), row.reasons, strict=True)
        ],
        "next": orders_words.next_action(row, connection),
        "offered": acting.offered(row),
        "differs": orders_words.differs(row),
        "proof": proof_shown(row.proof),
        "lines": _lines(connection, told, progress) if told else [],
        "charges": [(one, orders_words.money(one.gross if one.gross is not None else one.net)) for one in told.charges]
        if told
        else [],
        "progress": progress,
        "realised": orders_words.REALISED[progress.realised] if progress else "",
        "documents": [(orders_words.DOCUMENTS[one.kind], one) for one in progress.documents] if progress else [],
        "promises": [
            (one, orders_words.quantity(one.quantity), orders_words.quantity(one.reserved + one.issued))
            for one in row.promises.order_by("product")
        ],
        "events": events,
        "calls": [one for one in events if one.exchange],
    }


def proof_shown(proof: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The equation per VAT rate with its amounts as people read them, and the sum of them."""
    if proof is None:
        return None
    columns = ("shop_gross", "net", "tax", "gross", "difference")
    rates = [
        {name: orders_words.money(rate[name]) for name in columns}
        | {"rate": rate["rate"], "bad": bool(Decimal(rate["difference"]))}
        for rate in proof["rates"]
    ]
    sums = {name: sum((Decimal(rate[name]) for rate in proof["rates"]), Decimal(0)) for name in columns}
    difference = Decimal(proof["gross"]) - Decimal(proof["shop_total"])
    shown = {name: orders_words.money(value) for name, value in sums.items()}
    return {
        "rates": rates,
        "sum": shown
        | {
            "shop_gross": orders_words.money(proof["shop_total"]),
            "difference": orders_words.money(difference),
            "bad": bool(difference),
        },
        "holds": proof["holds"],
        "gross_basis": proof["basis"] == "Brutto",
        "difference": orders_words.money(difference),
    }


def _lines(connection: ShopConnection, told: Order, progress: Progress | None) -> list[dict[str, Any]]:
    """Lines as the shop has them, each with the card it is linked with and how far WAPRO is with that."""
    keys = {line.product for line in told.lines if line.product}
    links = Link.objects.filter(connection=connection, kind="product", state=LinkState.LINKED, shop_key__in=keys)
    cards = dict(links.values_list("shop_key", "erp_key"))
    done = {line.card: line for line in progress.lines} if progress else {}
    return [
        {
            "line": line,
            "card": cards.get(line.product, ""),
            "there": done.get(cards.get(line.product, "")),
            "quantity": orders_words.quantity(line.quantity),
            "value": orders_words.money(line.gross if line.gross is not None else line.net),
            "is_net": line.gross is None,
        }
        for line in told.lines
    ]


@require_POST
def order_act(request: HttpRequest, order: int) -> HttpResponse:
    """What a person does to an order: decide again, import anyway, leave alone, cancel in WAPRO."""
    row = get_or_404(request, ShopOrder, order, Role.OPERATOR)
    verb = request.POST.get("do", "")
    if verb not in acting.ACTS:
        messages.error(request, _("Nothing was chosen."))
        return redirect("order", order=row.pk)
    try:
        acting.act(row.pk, verb, person(request), request.POST.get("reason", "")[:300])
    except acting.NotNow:
        messages.error(request, _("Nothing was done: the order has moved on meanwhile."))
    except ValueError:
        messages.error(request, _("Say why: the reason is kept with your name."))
    else:
        messages.success(request, capfirst(_DONE[verb]()))
    return redirect("order", order=row.pk)


_DONE = {
    "retry": lambda: _("the order is decided again within seconds."),
    "overrule": lambda: _("the order is imported whatever the policy says, as soon as nothing else holds it."),
    "leave": lambda: _("the order is left alone; its goods may be sold again."),
    "cancel": lambda: _("the order is being cancelled in WAPRO."),
    "seen": lambda: _("the order stays in WAPRO as it is."),
}

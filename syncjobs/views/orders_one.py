"""One order: both sides, its money, its reasons and its timeline, and what people do to it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.orders import Order
from shops import page_addresses
from shops.models import ShopConnection
from syncjobs.fields import money
from syncjobs.forms_orders import DOCUMENT_FORMS
from syncjobs.models import Link
from syncjobs.models.choices import LinkState
from syncjobs.models.orders import ShopOrder
from syncjobs.orders import acting
from syncjobs.orders.arriving import order_in
from syncjobs.views import orders_people, orders_words
from syncjobs.views.orders_door import state_names, terms_of
from syncjobs.views.people import person
from wapro.orders.draft import Progress

Status = ShopOrder.Status


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
        "admin_url": page_addresses.order_panel(connection, row.shop_key, row.shop_number),
        "told": told,
        "people": orders_people.people(told) if told else [],
        "total": money(row.total),
        "state": names.get(row.state, row.state),
        "tone": tone,
        "icon": icon,
        "word": word,
        "reasons": orders_words.reasons(row, connection),
        "waits": row.alert or row.status in (Status.HELD, Status.WAITING),
        "next": orders_words.next_action(row, connection),
        "offered": acting.offered(row),
        "differs": orders_words.differs(row),
        "proof": proof_shown(row.proof),
        "lines": _lines(connection, told, progress) if told else [],
        "charges": [(one, money(one.gross if one.gross is not None else one.net)) for one in told.charges]
        if told
        else [],
        "progress": progress,
        "realised": orders_words.REALISED[progress.realised] if progress else "",
        "asks_for": _asks_for(row),
        "documents": [(orders_words.DOCUMENTS[one.kind], one) for one in progress.documents] if progress else [],
        "promises": [
            (one, orders_words.quantity(one.quantity), orders_words.quantity(one.reserved + one.issued))
            for one in row.promises.order_by("product")
        ],
        "events": events,
        "ahead": orders_words.ahead(row),
        "calls": [one for one in events if one.exchange],
        "written": _written(row),
    }


def _asks_for(row: ShopOrder) -> Any:
    """The document that was asked for when the order went in, empty before."""
    order = (row.draft or {}).get("order", {})
    return DOCUMENT_FORMS.get(order.get("document", ""), "")


def _written(row: ShopOrder) -> str:
    """The values that went to WAPRO, or are to; empty before that was decided."""
    order = (row.draft or {}).get("order")
    return json.dumps(order, ensure_ascii=False, indent=2) if order else ""


def proof_shown(proof: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The equation per VAT rate with its amounts as people read them, and the sum of them."""
    if proof is None:
        return None
    columns = ("shop_gross", "net", "tax", "gross", "difference")
    rates = [
        {name: money(rate[name]) for name in columns}
        | {"rate": rate["rate"], "percent": rate["rate"].isdecimal(), "bad": bool(Decimal(rate["difference"]))}
        for rate in proof["rates"]
    ]
    sums = {name: sum((Decimal(rate[name]) for rate in proof["rates"]), Decimal(0)) for name in columns}
    difference = Decimal(proof["gross"]) - Decimal(proof["shop_total"])
    shown = {name: money(value) for name, value in sums.items()}
    return {
        "rates": rates,
        "sum": shown
        | {
            "shop_gross": money(proof["shop_total"]),
            "difference": money(difference),
            "bad": bool(difference),
        },
        "holds": proof["holds"],
        "gross_basis": proof["basis"] == "Brutto",
        "difference": money(difference),
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
            "value": money(line.gross if line.gross is not None else line.net),
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

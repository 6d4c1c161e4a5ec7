"""Orders of a shop connection: the list, and what is missing before they go into WAPRO."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from shops.models import ShopConnection
from syncjobs.explain import Explained, explain
from syncjobs.fields import money
from syncjobs.models.orders import NEEDS_A_LOOK, WANTS_DOCUMENT, OrderTerms, ShopOrder
from syncjobs.views import lists, orders_words
from syncjobs.views.orders_door import state_names, terms_of, with_orders
from syncjobs.views.orders_ready import points

Status = ShopOrder.Status
ASKS = {"look": gettext_lazy("Needs a look"), "document": gettext_lazy("Document wanted")}
"""Filters beside the states: what a person is asked for."""
SHOWS = (*ASKS, *Status.values)


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
    asks = {"look": everything.filter(NEEDS_A_LOOK).count(), "document": everything.filter(WANTS_DOCUMENT).count()}
    names = state_names(terms)
    context = {
        "connection": connection,
        "terms": terms,
        "troubles": _troubles(connection, terms),
        "points": points(connection, terms),
        "page": page,
        "rows": [_row(row, connection, names) for row in page.rows],
        "filters": [
            *((name, label, asks[name]) for name, label in ASKS.items() if asks[name] or show == name),
            *((s, capfirst(Status(s).label), counts.get(s, 0)) for s in Status.values if s in counts or show == s),
        ],
        "total": sum(counts.values()),
        "show": show,
        "q": words,
    }
    return render(request, "syncjobs/orders.html", context)


def _troubles(connection: ShopConnection, terms: OrderTerms) -> list[tuple[Explained, datetime | None]]:
    """Why all orders stand still, on either side, each with the next attempt."""
    sides = (("shop", terms.problem, terms.not_before), ("erp", terms.erp_problem, terms.erp_not_before))
    return [(explain({"side": side} | problem, connection=connection), at) for side, problem, at in sides if problem]


def _shown(query: QuerySet[ShopOrder], show: str) -> QuerySet[ShopOrder]:
    asked = {"look": NEEDS_A_LOOK, "document": WANTS_DOCUMENT}.get(show, Q(status=show))
    return query.filter(asked) if show else query


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
    reasons = orders_words.reasons(row, connection)
    reason = reasons[0][0].sentence if reasons else _("Changed in the shop after the import") if row.edited else ""
    return {
        "order": row,
        "total": money(row.total),
        "state": names.get(row.state, row.state),
        "tone": tone,
        "icon": icon,
        "word": word,
        "reason": reason,
        "more": max(len(reasons) - 1, 0),
        "way": orders_words.way(row),
        "next": orders_words.next_action(row, connection),
    }

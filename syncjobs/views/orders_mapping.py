"""Mappings of orders: what the shop's payments, deliveries, charges, VAT rates and currencies are in WAPRO."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from integrator.accounts import audit
from integrator.accounts.access import Role
from shops.models import ShopConnection
from syncjobs import errands, queue
from syncjobs.models import Errand
from syncjobs.models.choices import OPEN_STATUSES
from syncjobs.models.orders import OrderTerms
from syncjobs.orders import acting
from syncjobs.orders.dictionaries import erp_words_of
from syncjobs.orders.draft import SPREAD
from syncjobs.orders.mapping_table import GROUPS, NONE, Pick, Problems, Row, Stored, rows_of, taken
from syncjobs.orders.terms import words_of
from syncjobs.views.orders_door import terms_of, with_orders
from syncjobs.views.people import person

TITLES = {
    "payments": (gettext_lazy("Payments"), gettext_lazy("The form of payment of the order and its days.")),
    "deliveries": (
        gettext_lazy("Deliveries"),
        gettext_lazy("The form of delivery and the carrier, where you use them."),
    ),
    "taxes": (gettext_lazy("VAT rates"), gettext_lazy("The shop's name of a rate and WAPRO's code.")),
    "charges": (
        gettext_lazy("Charges and discounts"),
        gettext_lazy("The service card that a charge is booked on, one per VAT rate. Map the VAT rates first."),
    ),
    "rates": (
        gettext_lazy("Currencies"),
        gettext_lazy("What one unit is worth in zloty, and on which day that was so."),
    ),
}
HEADS = {
    "payments": (gettext_lazy("form of payment"), gettext_lazy("days")),
    "deliveries": (gettext_lazy("form of delivery"), gettext_lazy("carrier")),
    "taxes": (gettext_lazy("VAT code"),),
    "charges": (gettext_lazy("service card"),),
    "rates": (gettext_lazy("rate"), gettext_lazy("day")),
}
CHARGES = {
    "shipping": gettext_lazy("delivery"),
    "cod": gettext_lazy("cash on delivery"),
    "packing": gettext_lazy("packing"),
    "discount": gettext_lazy("discount"),
    "other": gettext_lazy("other charge"),
}
WRONG = {
    "unknown": gettext_lazy("WAPRO has nothing of that name. Choose one from the list."),
    "number": gettext_lazy("A number is needed here."),
    "day": gettext_lazy("A day is needed here."),
    "no_percent": gettext_lazy("WAPRO has no percentage for this code."),
}


@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, shop: int) -> HttpResponse:
    """The tables of all five; saved together."""
    connection = with_orders(request, shop, Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER)
    terms = terms_of(connection)
    erp = erp_words_of(terms)
    rows = rows_of(stored_of(terms), words_of(terms), erp)
    problems: Problems = {}
    if request.method == "POST":
        found, problems = taken(rows, erp, request.POST.dict())
        if not problems:
            _save(request, connection, terms, found)
            return redirect("orders_mapping", shop=connection.pk)
    posted = request.POST.dict() if problems else {}
    context = {
        "connection": connection,
        "terms": terms,
        "tables": [_table(group, rows[group], problems, posted) for group in GROUPS],
        "any": any(rows.values()),
        "missing": sum(1 for group in GROUPS for row in rows[group] if not row.mapped),
        "suggested": sum(1 for group in GROUPS for row in rows[group] if any(pick.suggested for pick in row.picks)),
        "problems": problems,
        "errand": _under_way(connection),
        "failed": _last_failed(connection),
    }
    return render(request, "syncjobs/orders_mapping.html", context, status=422 if problems else 200)


def stored_of(terms: OrderTerms) -> Stored:
    return Stored(
        **{group: getattr(terms, group) for group in GROUPS},
        seen=terms.seen,
        warehouse=int(terms.warehouse) if terms.warehouse else None,
    )


def label_of(row: Row) -> str:
    """The shop's word, or which charge at which rate."""
    if not row.kind:
        return row.label
    code, dot, names = row.label.partition(" · ")
    return f"{CHARGES[row.kind]} {code}%{dot}{names}" if code.isdecimal() else f"{CHARGES[row.kind]} {row.label}"


def _save(request: HttpRequest, connection: ShopConnection, terms: OrderTerms, found: Stored) -> None:
    changed = [group for group in GROUPS if getattr(terms, group) != getattr(found, group)]
    if not changed:
        messages.info(request, _("Nothing was changed."))
        return
    for group in changed:
        setattr(terms, group, dict(getattr(found, group)))
    with transaction.atomic():
        terms.save(update_fields=changed if terms.pk else None)
        waiting = acting.decide_anew(connection)
        audit.record(
            person(request), "orders.mapping", connection.name, client=connection.client, data={"fields": changed}
        )
        queue.nudge(connection)
    messages.success(request, _("Saved. Orders that wait are decided again: %(n)s.") % {"n": waiting})


def _table(group: str, rows: list[Row], problems: Problems, posted: dict[str, str]) -> dict[str, Any]:
    title, hint = TITLES[group]
    return {
        "name": group,
        "title": title,
        "hint": hint,
        "heads": HEADS[group],
        "rows": [
            {
                "row": row,
                "label": label_of(row),
                "picks": [
                    _pick(pick, problems, posted, head) for pick, head in zip(row.picks, HEADS[group], strict=True)
                ],
            }
            for row in rows
        ],
    }


def _pick(pick: Pick, problems: Problems, posted: dict[str, str], head: Any) -> dict[str, Any]:
    words = {NONE: _("none, on purpose"), SPREAD: _("off the lines of its rate")}
    return {
        "pick": pick,
        "head": head,
        "value": posted.get(pick.name, pick.value),
        "options": [(value, words.get(value, label)) for value, label in pick.options],
        "error": WRONG[problems[pick.name]] if pick.name in problems else "",
    }


@require_POST
def read_words(request: HttpRequest, shop: int) -> HttpResponse:
    """Have a worker read the dictionaries of WAPRO and of the shop."""
    connection = with_orders(request, shop, Role.OPERATOR)
    if _under_way(connection) is None:
        errands.request(Errand.Verb.ORDER_WORDS, shop=connection, user=person(request))
    return redirect("orders_mapping", shop=connection.pk)


def _under_way(connection: ShopConnection) -> Errand | None:
    asked = connection.errands.filter(verb=Errand.Verb.ORDER_WORDS, status__in=OPEN_STATUSES)
    return asked.order_by("-id").first()


def _last_failed(connection: ShopConnection) -> Errand | None:
    """The last attempt, if it did not work."""
    asked = connection.errands.filter(verb=Errand.Verb.ORDER_WORDS).exclude(status__in=OPEN_STATUSES)
    last = asked.order_by("-id").first()
    return last if last is not None and last.result.get("problem") else None

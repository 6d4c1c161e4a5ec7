"""What happens to which order: the table of payments against states, and the trial of one order."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from integrator.accounts import audit
from integrator.accounts.access import Role
from integrator.canonical.orders import OrderWords, PaymentKind, Stage
from shops.models import ShopConnection
from syncjobs import queue
from syncjobs.explain import explain
from syncjobs.fields import money
from syncjobs.forms_orders import DOCUMENT_FORMS, PRIVATE, DocumentRuleForm
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import acting
from syncjobs.orders.contractors import Private
from syncjobs.orders.policy import Choice, defaults
from syncjobs.orders.terms import choice_key, words_of
from syncjobs.orders.trial import Trial, try_order
from syncjobs.views import lists, orders_rules
from syncjobs.views.orders_door import terms_of, with_orders
from syncjobs.views.orders_one import proof_shown
from syncjobs.views.people import person

RECENT = 20
"""Orders offered for a trial."""
CHOICES = {
    Choice.RESERVE: gettext_lazy("import and reserve"),
    Choice.DOCUMENT: gettext_lazy("import, reserve, document at once"),
    Choice.IMPORT: gettext_lazy("import without reserving"),
    Choice.WAIT: gettext_lazy("wait"),
    Choice.CANCEL: gettext_lazy("cancel"),
    Choice.IGNORE: gettext_lazy("leave alone"),
}
KINDS = {
    PaymentKind.COD: gettext_lazy("cash on delivery"),
    PaymentKind.TRANSFER: gettext_lazy("transfer in advance"),
    PaymentKind.ONLINE: gettext_lazy("paid online"),
    PaymentKind.DEFERRED: gettext_lazy("paid later"),
    PaymentKind.UNKNOWN: gettext_lazy("not known"),
}
STAGES = {
    Stage.NEW: gettext_lazy("new"),
    Stage.AWAITING_PAYMENT: gettext_lazy("awaits payment"),
    Stage.OPEN: gettext_lazy("being prepared"),
    Stage.SENT: pgettext_lazy("order", "sent"),
    Stage.DONE: gettext_lazy("finished"),
    Stage.CANCELLED: pgettext_lazy("order", "cancelled"),
    Stage.RETURNED: gettext_lazy("returned"),
    Stage.UNKNOWN: gettext_lazy("not known"),
}


@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest, shop: int) -> HttpResponse:
    """The table with its defaults; saving it decides waiting orders anew."""
    connection = with_orders(request, shop, Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER)
    if request.method == "POST":
        terms = terms_of(connection)
        _save(request, connection, terms, words_of(terms))
        return redirect("orders_policy", shop=connection.pk)
    return page(request, connection)


def page(
    request: HttpRequest, connection: ShopConnection, *, adding: DocumentRuleForm | None = None, status: int = 200
) -> HttpResponse:
    """`adding`: a rule of documents that could not be taken."""
    terms = terms_of(connection)
    words = words_of(terms)
    context = {
        "connection": connection,
        "terms": terms,
        "kinds": _kinds(terms, words),
        "stages": _stages(terms, words),
        "payments": words.payments,
        "rows": _rows(terms, words),
        "choices": list(CHOICES.items()),
        "all_kinds": [(kind, label) for kind, label in KINDS.items() if kind is not PaymentKind.UNKNOWN],
        "all_stages": [(stage, label) for stage, label in STAGES.items() if stage is not Stage.UNKNOWN],
        "documents": orders_rules.shown(terms),
        "rule": adding or DocumentRuleForm(),
        **_tried(request, connection, terms),
    }
    return render(request, "syncjobs/orders_policy.html", context, status=status)


def _tried(request: HttpRequest, connection: ShopConnection, terms: OrderTerms) -> dict[str, Any]:
    """The trial of the order that was asked for, and recent ones to choose from."""
    recent = ShopOrder.objects.filter(connection=connection).exclude(record={}).order_by("-placed_at", "-pk")
    wanted = lists.text(request, "try")
    tried = recent.filter(Q(shop_number=wanted) | Q(shop_key=wanted)).first() if wanted else None
    erp = getattr(connection.client, "erp", None)
    return {
        "recent": [
            (number or key, buyer, money(total))
            for number, key, buyer, total in recent.values_list("shop_number", "shop_key", "buyer", "total")[:RECENT]
        ],
        "wanted": wanted,
        "trial": _trial(try_order(terms, erp, tried), connection, terms) if tried and erp else None,
        "has_erp": erp is not None,
    }


def _kinds(terms: OrderTerms, words: OrderWords) -> list[dict[str, Any]]:
    """Payment types with what they are: as the shop tells, and as a person said."""
    return [
        {
            "key": entry.key,
            "name": entry.name,
            "told": KINDS[entry.kind],
            "chosen": terms.payment_kinds.get(entry.key, ""),
            "unknown": _kind_of(terms, entry.key, entry.kind) is PaymentKind.UNKNOWN,
        }
        for entry in words.payments
    ]


def _stages(terms: OrderTerms, words: OrderWords) -> list[dict[str, Any]]:
    return [
        {
            "key": entry.key,
            "name": entry.name,
            "told": STAGES[entry.stage],
            "chosen": terms.stages.get(entry.key, ""),
            "unknown": _stage_of(terms, entry.key, entry.stage) is Stage.UNKNOWN,
        }
        for entry in words.states
    ]


def _kind_of(terms: OrderTerms, key: str, told: PaymentKind) -> PaymentKind:
    return PaymentKind(terms.payment_kinds.get(key, told))


def _stage_of(terms: OrderTerms, key: str, told: Stage) -> Stage:
    return Stage(terms.stages.get(key, told))


def _rows(terms: OrderTerms, words: OrderWords) -> list[dict[str, Any]]:
    """One per state, with a cell per payment type: what was chosen and what happens without a choice."""
    return [
        {
            "name": state.name,
            "cells": [
                {
                    "name": f"choice|{choice_key(payment.key, state.key)}",
                    "payment": payment.name,
                    "chosen": terms.choices.get(choice_key(payment.key, state.key), ""),
                    "default": _default(
                        _kind_of(terms, payment.key, payment.kind), _stage_of(terms, state.key, state.stage)
                    ),
                }
                for payment in words.payments
            ],
        }
        for state in words.states
        if words.payments
    ]


def _default(kind: PaymentKind, stage: Stage) -> str:
    unpaid, paid = defaults(kind, stage)
    if unpaid is paid:
        return str(CHOICES[paid])
    return _("unpaid: %(unpaid)s, paid: %(paid)s") % {"unpaid": CHOICES[unpaid], "paid": CHOICES[paid]}


def _save(request: HttpRequest, connection: ShopConnection, terms: OrderTerms, words: OrderWords) -> None:
    """What is shown is taken; what was chosen for payments and states that the shop no longer has stays."""
    pairs = [choice_key(payment.key, state.key) for payment in words.payments for state in words.states]
    posted = request.POST.dict()
    found = {
        "choices": _taken(terms.choices, "choice", pairs, Choice, posted),
        "payment_kinds": _taken(terms.payment_kinds, "kind", [e.key for e in words.payments], PaymentKind, posted),
        "stages": _taken(terms.stages, "stage", [e.key for e in words.states], Stage, posted),
    }
    changed = [name for name, value in found.items() if getattr(terms, name) != value]
    if not changed:
        messages.info(request, _("Nothing was changed."))
        return
    for name in changed:
        setattr(terms, name, found[name])
    with transaction.atomic():
        terms.save(update_fields=changed if terms.pk else None)
        waiting = acting.decide_anew(connection)
        audit.record(
            person(request), "orders.policy", connection.name, client=connection.client, data={"fields": changed}
        )
        queue.nudge(connection)
    messages.success(request, _("Saved. Orders that wait are decided again: %(n)s.") % {"n": waiting})


def _taken(
    stored: Mapping[str, str], prefix: str, keys: list[str], words: type[StrEnum], posted: Mapping[str, str]
) -> dict[str, str]:
    taken = dict(stored)
    for key in keys:
        value = posted.get(f"{prefix}|{key}")
        if value == "":
            taken.pop(key, None)
        elif value in [str(word) for word in words]:
            taken[key] = value
    return taken


def _trial(trial: Trial, connection: ShopConnection, terms: OrderTerms) -> dict[str, Any]:
    problems = trial.problems if trial.verdict.choice.brings_in else ()
    return {
        "trial": trial,
        "choice": CHOICES[trial.verdict.choice],
        "reason": explain(trial.verdict.reason, connection=connection),
        "problems": [explain(one, connection=connection) for one in problems],
        "remarks": [explain(one, connection=connection) for one in trial.remarks],
        "document": DOCUMENT_FORMS[trial.document],
        "private": PRIVATE[Private(terms.private)],
        "proof": proof_shown(trial.proof),
    }

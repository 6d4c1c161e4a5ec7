"""What people do to the rules of documents: add, remove, move, back to the usual ones."""

from collections.abc import Sequence

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrator.accounts import audit
from integrator.accounts.access import Role
from shops.models import ShopConnection
from syncjobs import queue
from syncjobs.forms_orders import DocumentRuleForm
from syncjobs.models.orders import OrderTerms
from syncjobs.navigation import address
from syncjobs.orders import acting
from syncjobs.orders.policy import DOCUMENT_RULES, DocumentRule, never_reached, with_rule
from syncjobs.orders.terms import rules_of
from syncjobs.views.orders_door import terms_of, with_orders
from syncjobs.views.orders_policy import page
from syncjobs.views.orders_rules import digest, sentence, stored
from syncjobs.views.people import person

MOST = 30
"""Rules of one connection."""
Rules = tuple[DocumentRule, ...]


@require_POST
def documents(request: HttpRequest, shop: int) -> HttpResponse:
    """Add, remove, move, or back to the usual ones: `do` is `add`, `usual`, `up-2`, `down-2`, `remove-2`."""
    connection = with_orders(request, shop, Role.IMPLEMENTER)
    verb, _dash, place = request.POST.get("do", "").partition("-")
    form = DocumentRuleForm(request.POST) if verb == "add" else None
    if form is not None and not form.is_valid():
        return page(request, connection, adding=form, status=422)
    with transaction.atomic():
        terms = OrderTerms.objects.select_for_update().filter(connection=connection).first() or terms_of(connection)
        before = rules_of(terms).documents
        if request.POST.get("seen") != digest(before):
            messages.error(request, _("Nothing was changed: somebody else has changed the rules meanwhile."))
        elif form is not None and form.rule() in before:
            messages.info(request, _("There is such a rule already."))
        else:
            after = _added(before, form.rule()) if form is not None else _changed(before, verb, place)
            _keep(request, connection, terms, before, after)
    return redirect(address("orders_policy", shop=connection.pk) + "#documents")


def _added(rules: Rules, rule: DocumentRule) -> Rules:
    return with_rule(rules, rule) if len(rules) < MOST else rules


def _changed(rules: Rules, verb: str, place: str) -> Rules:
    """The rules after one move. What does not fit the list leaves it as it is."""
    if verb == "usual":
        return DOCUMENT_RULES
    at = int(place) if place.isdecimal() and len(place) < 4 else len(rules)
    if at >= len(rules):
        return rules
    found = list(rules)
    rule = found.pop(at)
    if verb == "remove":
        return tuple(found) or rules
    to = at + {"up": -1, "down": 1}.get(verb, 0)
    found.insert(max(to, 0), rule)
    return tuple(found)


def _keep(request: HttpRequest, connection: ShopConnection, terms: OrderTerms, before: Rules, after: Rules) -> None:
    if before == after:
        messages.info(request, _("Nothing was changed."))
        return
    terms.documents = [] if after == DOCUMENT_RULES else stored(after)
    terms.save(update_fields=["documents"] if terms.pk else None)
    waiting = acting.decide_anew(connection)
    data = {"documents": {"from": _told(before), "to": _told(after)}}
    audit.record(person(request), "orders.documents", connection.name, client=connection.client, data=data)
    queue.nudge(connection)
    messages.success(request, _("Saved. Orders that wait are decided again: %(n)s.") % {"n": waiting})
    if hidden := never_reached(after) - never_reached(before):
        told = "; ".join(sentence(after[at]) for at in sorted(hidden))
        messages.warning(request, _("No order comes to this rule any more: %(rules)s.") % {"rules": told})


def _told(rules: Sequence[DocumentRule]) -> str:
    return "; ".join(sentence(rule) for rule in rules)

"""Making a rule of a conflict: who rules the field from now on, what that settles, and what it writes."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.errors import IntegrationError
from shops.models import ShopConnection
from syncjobs import conflict_rules
from syncjobs.engine.policy import Owner
from syncjobs.explain import explain
from syncjobs.fields import field_label
from syncjobs.models import Errand
from syncjobs.models.choices import KindName
from syncjobs.templatetags.sync import num
from syncjobs.views.conflicts_decided import named, references
from syncjobs.views.people import person


def rule(request: HttpRequest, shop: int, kind: str, field: str) -> HttpResponse:
    """Show what a rule for this field would settle and write; with the form sent, make it."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    if kind not in KindName.values:
        raise Http404
    try:
        seen = conflict_rules.outlook(connection, kind, field)
    except IntegrationError as refused:
        messages.error(request, explain(refused.problem, connection=connection).sentence)
        return redirect("conflicts", shop=connection.pk)
    if seen is None:
        raise Http404
    if request.method == "POST":
        return _make(request, connection, seen)
    return render(request, "syncjobs/conflicts_rule.html", _context(request, connection, seen))


def _context(request: HttpRequest, connection: ShopConnection, seen: conflict_rules.Outlook) -> dict[str, Any]:
    wanted = request.POST.get("owner") or request.GET.get("owner", "")
    offered = [str(owner) for owner in seen.offered]
    return {
        "connection": connection,
        "seen": seen,
        "kind": seen.options.kind,
        "field": seen.field,
        "offered": offered,
        "wanted": wanted if wanted in offered else offered[0],
        "rows": named(seen.examples, connection),
        "references": references(seen.examples, connection),
        "more": seen.settles - len(seen.examples),
    }


def _make(request: HttpRequest, connection: ShopConnection, seen: conflict_rules.Outlook) -> HttpResponse:
    owner, version = request.POST.get("owner", ""), request.POST.get("version", "")
    words = {"field": field_label(seen.field)}
    if owner == seen.before and not seen.settles:
        messages.success(request, _("This rule holds already: %(field)s. Nothing changed.") % words)
        return redirect("conflicts", shop=connection.pk)
    if owner not in seen.offered:
        messages.warning(request, _("Choose who rules the field."))
        return redirect(request.path)
    try:
        done = conflict_rules.make_rule(seen, Owner(owner), int(version) if version.isdigit() else 0, person(request))
    except conflict_rules.MovedMeanwhile:
        context = _context(request, connection, seen) | {"stale": True}
        return render(request, "syncjobs/conflicts_rule.html", context, status=409)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(request.path)
    if isinstance(done, Errand):
        return redirect("errand", errand=done.pk)
    text = _("The rule holds from now on: %(field)s.") % words
    settled = ngettext("It settled %(n)s conflict.", "It settled %(n)s conflicts.", done) % {"n": num(done)}
    messages.success(request, " ".join((text, settled, _("The next run writes it."))))
    return redirect(f"{reverse('conflicts', kwargs={'shop': connection.pk})}?show=decided")

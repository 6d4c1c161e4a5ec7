"""The limits of a connection, what the day has come to, and letting orders go on beyond it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from integrator.accounts import audit
from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from shops.models import ShopConnection
from syncjobs import brakes
from syncjobs.engine.guard import Limits
from syncjobs.explain import explain
from syncjobs.forms_brakes import LimitsForm
from syncjobs.models import OrderTerms
from syncjobs.orders import brake
from syncjobs.views.people import person


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest, shop: int) -> HttpResponse:
    """Show and save the limits. A plan that waits already goes on waiting."""
    role = Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER
    connection = get_or_404(request, ShopConnection, shop, role)
    if request.method == "POST":
        confirmed_lately(request)
    form = LimitsForm(request.POST if request.method == "POST" else None, stored=connection.limits)
    if request.method == "POST" and form.is_valid():
        before, connection.limits = connection.limits, form.overrides()
        ShopConnection.objects.filter(pk=connection.pk).update(limits=connection.limits)
        changed = sorted({*before, *connection.limits} - {n for n in before if before[n] == connection.limits.get(n)})
        if changed:
            data = {"fields": [f"limits.{name}" for name in changed]}
            audit.record(person(request), "shop.change", connection.name, client=connection.client, data=data)
        messages.success(request, _("Saved. The limits count from the next plan on."))
        return redirect("limits", shop=connection.pk)
    context = {"shop": connection, "connection": connection, "tab": "limits", "form": form, **_today(connection)}
    return render(request, "syncjobs/limits.html", context, status=422 if form.is_bound else 200)


def _today(connection: ShopConnection) -> dict[str, object]:
    """What the day has come to so far."""
    now, known = timezone.now(), Limits.of(connection.limits)
    written = brakes.written_since(connection, brakes.begin_of_count(connection, now))
    terms = OrderTerms.objects.select_related("connection").filter(connection=connection).first()
    held = brake.objection(terms, now) if terms is not None else None
    return {
        "since": brakes.begin_of_count(connection, now),
        "written": written.count(),
        "limits": known,
        "orders": brake.written_today(terms, now) if terms is not None else None,
        "held": explain(held, connection=connection) if held is not None else None,
        "waiting": brake.waiting(terms) if terms is not None and held is not None else 0,
    }


@require_POST
def orders_let_go(request: HttpRequest, shop: int) -> HttpResponse:
    """Let orders go on beyond the limit of the day: the number of those that wait, or the shop's name, is typed."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    confirmed_lately(request)
    terms = OrderTerms.objects.select_related("connection__client").filter(connection=connection).first()
    if terms is None or brake.objection(terms, timezone.now()) is None:
        messages.info(request, _("No orders are held here any more."))
        return redirect("limits", shop=connection.pk)
    count = brake.waiting(terms)
    typed = request.POST.get("typed", "").strip().casefold()
    if typed not in (str(count), connection.name.strip().casefold()):
        text = ngettext(
            "%(count)s order waits. Type that number or the name of the shop to let it go on.",
            "%(count)s orders wait. Type that number or the name of the shop to let them go on.",
            count,
        )
        messages.error(request, text % {"count": count})
        return redirect("limits", shop=connection.pk)
    brake.let_go(terms, person(request))
    messages.success(request, _("The orders go on. The day is counted anew from now."))
    return redirect("limits", shop=connection.pk)

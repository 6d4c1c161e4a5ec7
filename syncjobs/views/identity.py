"""Another shop or database than before: what was kept, what answers now, and a typed word that it is meant."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from shops.models import ShopConnection
from syncjobs import recognition
from syncjobs.explain import FACTS, explain
from syncjobs.models.choices import Side
from syncjobs.views.people import person
from wapro.models import WaproConnection


def _role(request: HttpRequest) -> Role:
    return Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER


@require_http_methods(["GET", "HEAD", "POST"])
def shop_identity(request: HttpRequest, shop: int) -> HttpResponse:
    connection = get_or_404(request, ShopConnection, shop, _role(request))
    if request.method == "POST" and _typed(request, connection.name):
        if recognition.accept_shop(connection, person(request)):
            messages.success(
                request, _("This shop is kept from now on. Everything is compared anew before it is written.")
            )
        else:
            messages.info(request, _("It is the same shop as before: there is nothing to confirm."))
        return redirect("shop_identity", shop=connection.pk)
    stored = connection.identity or {}
    kept, found = stored.get("kept", {}), stored.get("found")
    rows = [(str(FACTS.get(name, name)), kept[name], (found or kept).get(name, "–")) for name in kept]
    problem = connection.problem if found else None
    told = explain(problem, side=Side.SHOP, connection=connection) if problem else None
    context = {"connection": connection, "shop": connection, "rows": rows, "other": found is not None, "told": told}
    return render(request, "syncjobs/identity.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def erp_identity(request: HttpRequest, erp: int) -> HttpResponse:
    connection = get_or_404(request, WaproConnection, erp, _role(request))
    if request.method == "POST" and _typed(request, connection.name):
        if recognition.accept_database(connection, person(request)):
            messages.success(
                request, _("This database is kept from now on. Test the settings, then look at the plans.")
            )
        else:
            messages.info(request, _("It is the same database as before: there is nothing to confirm."))
        return redirect("erp_identity", erp=connection.pk)
    problem = recognition.other_database(connection)
    found = problem["params"].get("found", "") if problem else ""
    rows = [(_("Identity of the database"), connection.database_id or "–", found or connection.database_id or "–")]
    kept = {**(connection.highest or {}), **(connection.highest or {}).get("back", {})}
    kept.pop("back", None)
    rows += [(_("Highest key in %(table)s") % {"table": table}, high, "") for table, high in kept.items()]
    told = explain(problem, side=Side.ERP) if problem else None
    context = {"connection": connection, "erp": connection, "rows": rows, "other": problem is not None, "told": told}
    return render(request, "syncjobs/identity.html", context, status=422 if request.method == "POST" else 200)


def _typed(request: HttpRequest, name: str) -> bool:
    confirmed_lately(request)
    if request.POST.get("typed", "").strip().casefold() == name.strip().casefold():
        return True
    messages.error(request, _("Nothing was confirmed: type the name of the connection as it stands here."))
    return False

"""The page with the switch that stops all writing: of a firm, a client or a shop."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from integrator.accounts.models import Client, Firm
from shops.models import ShopConnection
from syncjobs import stops
from syncjobs.views.people import person

both = require_http_methods(["GET", "HEAD", "POST"])


def _role(request: HttpRequest) -> Role:
    return Role.OPERATOR if request.method == "POST" else Role.VIEWER


@both
def firm_stop(request: HttpRequest, firm: int) -> HttpResponse:
    return _page(request, get_or_404(request, Firm, firm, _role(request)))


@both
def client_stop(request: HttpRequest, client: int) -> HttpResponse:
    return _page(request, get_or_404(request, Client, client, _role(request)))


@both
def shop_stop(request: HttpRequest, shop: int) -> HttpResponse:
    return _page(request, get_or_404(request, ShopConnection, shop, _role(request)))


def _page(request: HttpRequest, scope: stops.Scope) -> HttpResponse:
    if request.method == "POST":
        _act(request, scope)
        return redirect(request.path)
    here = stops.here(scope)
    context = {
        "scope": scope,
        "name": scope.name,
        "sort": type(scope).__name__,
        "here": here,
        "who": stops.who(here) if here is not None else "",
        "wider": [one for one in _around(scope) if here is None or one.pk != here.pk],
    }
    return render(request, "syncjobs/stop.html", context)


def _act(request: HttpRequest, scope: stops.Scope) -> None:
    user = person(request)
    if "release" in request.POST:
        # Stopping is never held up; letting go is.
        confirmed_lately(request)
        if stops.release(scope, user):
            messages.success(request, _("The stop is released: writing goes on. Plans from before it are made anew."))
        else:
            messages.info(request, _("There was no stop to release here any more."))
        return
    reason = request.POST.get("reason", "").strip()
    stops.press(scope, user, reason=reason, reads="reads" in request.POST)
    messages.warning(request, _("All writing is stopped. What is being written this moment ends, nothing more begins."))


def _around(scope: stops.Scope) -> list[stops.Stop]:
    """Other stops that hold the same, or a part of it."""
    if isinstance(scope, Firm):
        return list(stops.Stop.objects.filter(firm=scope, released_at=None).select_related("client", "connection"))
    client = scope.client if isinstance(scope, ShopConnection) else scope
    found = stops.seen_from(client.firm, client)
    shop = scope.pk if isinstance(scope, ShopConnection) else None
    return [one for one in found if shop is None or one.connection_id in (None, shop)]

"""Small jobs a person waits for: a worker does them, the page asks how far they are."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import condition, require_POST, require_safe

from integrator.accounts.access import Role, get_or_404
from integrator.accounts.models import User
from shops.forms import FilterForm
from shops.models import ShopConnection
from syncjobs import errands
from syncjobs.models import Errand
from syncjobs.models.choices import OPEN_STATUSES
from syncjobs.templatetags.panel import is_slow
from wapro.models import WaproConnection


@require_POST
def shop_test(request: HttpRequest, shop: int) -> HttpResponse:
    """Have a worker test the settings of a shop connection."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    user = cast(User, request.user)
    errand = _under_way(shop=connection) or errands.request(Errand.Verb.TEST_SETTINGS, shop=connection, user=user)
    return _answer(request, errand, "shop", connection.pk)


@require_POST
def erp_test(request: HttpRequest, erp: int) -> HttpResponse:
    """Have a worker test the settings of an ERP connection."""
    connection = get_or_404(request, WaproConnection, erp, Role.OPERATOR)
    user = cast(User, request.user)
    errand = _under_way(erp=connection) or errands.request(Errand.Verb.TEST_SETTINGS, erp=connection, user=user)
    return _answer(request, errand, "erp", connection.pk)


def _under_way(**owner: object) -> Errand | None:
    """The same test that waits or runs already: pressing twice asks once."""
    return Errand.objects.filter(verb=Errand.Verb.TEST_SETTINGS, status__in=OPEN_STATUSES, **owner).last()


def _answer(request: HttpRequest, errand: Errand, page: str, pk: int) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "syncjobs/errand.html#progress", {"errand": errand})
    return redirect(page, pk)


@require_POST
def count_filter(request: HttpRequest, shop: int) -> HttpResponse:
    """Have a worker count how many cards the typed, not yet saved, item filter leaves in."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    form = FilterForm(request.POST, stored=connection.item_filter)
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        return render(request, "syncjobs/errand.html#refused", {"reason": first}, status=200)
    errand = errands.request(
        Errand.Verb.COUNT_FILTER,
        shop=connection,
        user=cast(User, request.user),
        params=form.stored(),
    )
    if request.headers.get("HX-Request"):
        return render(request, "syncjobs/errand.html#progress", {"errand": errand})
    return redirect("errand", errand=errand.pk)


def _state(request: HttpRequest, errand: int) -> str | None:
    """ETag of an errand. The door has its say in the view, so a stranger learns nothing here."""
    found = Errand.objects.filter(pk=errand).first()
    if found is None:
        return None
    done, fragment = found.result.get("done", ""), request.headers.get("HX-Request", "")
    return f'"{errand}-{found.status}-{found.finished_at}-{is_slow(found)}-{done}-{fragment}"'


@require_safe
def errand(request: HttpRequest, errand: int) -> HttpResponse:
    """How far an errand is: a fragment that asks again by itself until it is done, a page without scripts."""
    found = get_or_404(request, Errand, errand)
    if not request.headers.get("HX-Request"):
        return render(request, "syncjobs/errand.html", {"errand": found})
    return _fragment(request, errand)


@condition(etag_func=_state)
def _fragment(request: HttpRequest, errand: int) -> HttpResponse:
    found = Errand.objects.get(pk=errand)
    answer = render(request, "syncjobs/errand.html#progress", {"errand": found})
    if found.verb != Errand.Verb.COUNT_FILTER and found.status not in OPEN_STATUSES:
        answer["HX-Refresh"] = "true"
    return answer

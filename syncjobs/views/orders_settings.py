"""Settings of orders of one shop connection."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrator.accounts import audit
from integrator.accounts.access import Role
from syncjobs import checks, queue
from syncjobs.checks import CheckRow
from syncjobs.forms_orders import OrderTermsForm
from syncjobs.orders import acting, resting
from syncjobs.orders.terms import words_of
from syncjobs.views.orders_door import terms_of, with_orders
from syncjobs.views.orders_exposure import exposure_shown
from syncjobs.views.people import person
from syncjobs.wizard import scope
from wapro.models import WaproConnection


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, shop: int) -> HttpResponse:
    """Show and save them. Orders that wait are decided again by the new ones."""
    role = Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER
    connection = with_orders(request, shop, role)
    terms, erp = terms_of(connection), getattr(connection.client, "erp", None)
    form = OrderTermsForm(request.POST if request.method == "POST" else None, instance=terms, erp=erp)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            scope.save_order_times(connection, form.times())
            acting.decide_anew(connection, since=form.moved_start())
            if form.changed_data:
                audit.record(
                    person(request),
                    "orders.settings",
                    connection.name,
                    client=connection.client,
                    data={"fields": [name for name in form.changed_data if not name.startswith("state_")]},
                )
            queue.nudge(connection)
        messages.success(request, _("Saved. Orders that wait are decided again."))
        return redirect("orders_settings", shop=connection.pk)
    context = {
        "connection": connection,
        "terms": terms,
        "form": form,
        "erp": erp,
        "states_off": any(terms.back_states.values()) and resting.is_off(terms, "statuses"),
        "no_states": not words_of(terms).states,
        "exposure": exposure_shown(connection, terms),
        "documents": _documents(erp),
    }
    return render(request, "syncjobs/orders_settings.html", context, status=422 if form.is_bound else 200)


def _documents(erp: WaproConnection | None) -> CheckRow | None:
    """What the last test of WAPRO found about making documents by procedure; None before it was asked."""
    found = [check for check in (erp.checks if erp is not None else []) if check["name"] == "order_documents"]
    return checks.row_of(found[0], erp) if found else None

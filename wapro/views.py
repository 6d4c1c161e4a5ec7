"""Pages of an ERP connection. They save settings and show results; the database is only ever opened by a worker."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from integrator.accounts import audit
from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from integrator.accounts.models import Client, User
from wapro.forms import ErpForm
from wapro.models import WaproConnection

SWITCHES = ("write_cards", "write_import_files", "create_directly")


@require_safe
def erp(request: HttpRequest, erp: int) -> HttpResponse:
    """Health and the checks of the last test."""
    connection = get_or_404(request, WaproConnection, erp)
    context = {"erp": connection, "tab": "checks", "wanted": request.GET.get("show", "")}
    return render(request, "wapro/erp.html", context)


@sensitive_post_parameters()
def erp_add(request: HttpRequest, client: int) -> HttpResponse:
    """A client has one ERP connection: a second visit leads to it."""
    owner = get_or_404(request, Client, client, Role.IMPLEMENTER)
    there = WaproConnection.objects.filter(client=owner).first()
    if there is not None:
        return redirect("erp_edit", erp=there.pk)
    user = cast(User, request.user)
    form = ErpForm(request.POST or None, client=owner, user_name=str(user))
    if request.method == "POST" and form.is_valid():
        connection = form.save()
        audit.record(user, "erp.add", connection.name, client=owner)
        messages.success(request, _("The connection is saved. Test its settings now."))
        return redirect("erp", erp=connection.pk)
    return render(request, "wapro/erp_form.html", {"form": form, "client": owner})


@sensitive_post_parameters()
def erp_edit(request: HttpRequest, erp: int) -> HttpResponse:
    connection = get_or_404(request, WaproConnection, erp, Role.IMPLEMENTER)
    user = cast(User, request.user)
    if request.method == "POST":
        confirmed_lately(request)
    form = ErpForm(request.POST or None, instance=connection, client=connection.client, user_name=str(user))
    if request.method == "POST" and form.is_valid():
        form.save()
        switched = {name: getattr(connection, name) for name in SWITCHES if name in form.changed_data}
        if switched:
            audit.record(user, "erp.writes", connection.name, client=connection.client, data=switched)
        fields = [name for name in form.changed_data if name not in SWITCHES and "password" not in name]
        if len(form.changed_data) > len(switched):
            data = {"fields": fields or ["login"]}
            audit.record(user, "erp.change", connection.name, client=connection.client, data=data)
        messages.success(request, _("Saved. Test the settings again to be sure."))
        return redirect("erp", erp=connection.pk)
    return render(request, "wapro/erp_form.html", {"form": form, "erp": connection, "tab": "settings"})

"""The page of faults of a simulated shop. It exists for connections that lead to one, and for nobody else."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from integrator.accounts import audit
from integrator.accounts.access import Role, get_or_404
from integrator.accounts.forms import Tabler
from integrator.accounts.models import User
from shops.laboratory import FAULTS, Laboratory, NotSimulated
from shops.models import ShopConnection

STATUSES = (500, 502, 503, 504)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class FaultForm(Tabler, forms.Form):
    """One fault: what, for which calls, how often."""

    kind = forms.ChoiceField(label=gettext_lazy("What goes wrong"), choices=[*FAULTS.items()])
    times = forms.IntegerField(label=gettext_lazy("How many calls"), min_value=1, max_value=100_000, initial=1)
    skip = forms.IntegerField(
        label=gettext_lazy("After so many calls that go well"), min_value=0, max_value=100_000, initial=0
    )
    method = forms.ChoiceField(
        label=gettext_lazy("Method"),
        choices=[("", gettext_lazy("any")), *((one, one) for one in METHODS)],
        required=False,
    )
    resource = forms.CharField(
        label=gettext_lazy("Resource"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("As its address begins, for example products. Empty: any."),
    )
    seconds = forms.FloatField(
        label=gettext_lazy("Seconds"),
        min_value=-86_400,
        max_value=86_400,
        initial=1,
        help_text=gettext_lazy("Of a late answer, of a word how long to wait, of a clock that is wrong (minus: slow)."),
    )
    status = forms.TypedChoiceField(
        label=gettext_lazy("Status of an error"),
        choices=[(one, str(one)) for one in STATUSES],
        coerce=int,
        initial=STATUSES[0],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == "delay" and (given.get("seconds") or 0) > 60:
            self.add_error("seconds", _("A late answer comes after at most 60 seconds here."))
        if given.get("kind") in ("delay", "too_many") and (given.get("seconds") or 0) < 0:
            self.add_error("seconds", _("Only a clock can be off by less than nothing."))
        return given

    def options(self) -> dict[str, Any]:
        """As the simulated shop takes them."""
        given = self.cleaned_data
        return {
            "times": given["times"],
            "skip": given["skip"],
            "method": given["method"] or None,
            "resource": given["resource"].strip() or None,
            "seconds": given["seconds"],
            "status": given["status"],
        }


@require_http_methods(["GET", "HEAD", "POST"])
def shop_faults(request: HttpRequest, shop: int) -> HttpResponse:
    """Switch faults on, see what happened, clear all. 404 unless a simulated shop answers at the address."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    try:
        laboratory = Laboratory(connection.address)
        held = laboratory.held()
        form = FaultForm(request.POST if request.POST.get("do") == "add" else None)
        if request.method == "POST" and _acted(request, connection, laboratory, form):
            return redirect("shop_faults", shop=connection.pk)
    except NotSimulated:
        raise Http404 from None
    context = {
        "form": form,
        "shop": connection,
        "tab": "faults",
        "held": held,
        "active": [(FAULTS.get(one["kind"], one["kind"]), one) for one in held.active],
        "happened": [(FAULTS.get(kind, kind), times) for kind, times in sorted(held.happened.items())],
        "latest": [(FAULTS.get(one.kind, one.kind), one) for one in held.latest],
    }
    return render(request, "shops/faults.html", context, status=422 if form.errors else 200)


def _acted(request: HttpRequest, connection: ShopConnection, laboratory: Laboratory, form: FaultForm) -> bool:
    """Whether something was done. Written down before it is done: the shop keeps no record of who."""
    user, client = cast(User, request.user), connection.client
    if request.POST.get("do") == "clear":
        audit.record(user, "shop.faults_off", connection.name, client=client)
        laboratory.clear()
        messages.success(request, _("All faults are off."))
        return True
    if not form.is_valid():
        return False
    kind = form.cleaned_data["kind"]
    data = {"fault": kind, **form.options()}
    audit.record(user, "shop.faults_on", connection.name, client=client, data=data)
    laboratory.switch_on(kind, form.options())
    messages.success(request, _("The fault is on."))
    return True

"""What is kept of one buyer at a client: shown, handed over as a file, taken away. For requests by the GDPR."""

import json
from typing import Any

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from integrator.accounts import audit
from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from integrator.accounts.forms import Tabler
from integrator.accounts.models import Client
from syncjobs.models.orders import ShopOrder
from syncjobs.orders import forgetting
from syncjobs.orders.arriving import order_in
from syncjobs.orders.personal import Wanted
from syncjobs.retention import terms
from syncjobs.views.people import person


class WantedForm(Tabler, forms.Form):
    """At least one mark. They go in the body of the request only: addresses of pages end up in logs."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(
        label=gettext_lazy("Phone"), required=False, max_length=40, help_text=gettext_lazy("at least nine digits")
    )
    tax_number = forms.CharField(label=gettext_lazy("Tax number (NIP)"), required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and Wanted(**given).nobody:
            raise forms.ValidationError(_("Give an e-mail, a phone number of at least nine digits, or a tax number."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def client_buyers(request: HttpRequest, client: int) -> HttpResponse:
    """Look a buyer up; export or take away what is kept."""
    found = get_or_404(request, Client, client, Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER)
    if request.method != "POST":
        return _page(request, found, WantedForm())
    form = WantedForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    wanted = Wanted(**form.cleaned_data)
    if request.POST.get("do") == "export":
        confirmed_lately(request)
        return _file(request, found, list(forgetting.of_person(found, wanted)))
    if request.POST.get("do") == "forget":
        confirmed_lately(request)
        return _forget(request, found, wanted)
    rows = list(forgetting.of_person(found, wanted))
    over = [row for row in rows if row.done_at is not None]
    return _page(request, found, form, looked=True, rows=rows, over=len(over))


def _page(request: HttpRequest, client: Client, form: WantedForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"client": client, "form": form, "days": terms().buyers, **more}
    return render(request, "syncjobs/buyers.html", context, status=status)


def _forget(request: HttpRequest, client: Client, wanted: Wanted) -> HttpResponse:
    gone, left = forgetting.forget_person(client, wanted, person(request))
    said = ngettext(
        "The buyer's data were taken out of %(n)d order.", "The buyer's data were taken out of %(n)d orders.", gone
    )
    messages.success(request, said % {"n": gone})
    if left:
        said = ngettext(
            "%(n)d order is still open and keeps them until it is finished: %(which)s. Come back then.",
            "%(n)d orders are still open and keep them until they are finished: %(which)s. Come back then.",
            len(left),
        )
        messages.warning(request, said % {"n": len(left), "which": ", ".join(map(str, left[:20]))})
    return redirect("client_buyers", client=client.pk)


def _file(request: HttpRequest, client: Client, rows: list[ShopOrder]) -> HttpResponse:
    """All that is kept, as JSON: machine-readable, as article 20 of the GDPR asks for."""
    audit.record(person(request), "orders.hand_over", client.name, client=client, data={"orders": len(rows)})
    told = [
        {
            "shop": row.connection.name,
            "number_in_wapro": row.erp_number,
            "seen_at": row.seen_at.isoformat(),
            "order": msgspec.to_builtins(order_in(row), str_keys=True),
            "events": [
                {"at": event.at.isoformat(), "what": event.verb, "details": event.data} for event in row.events.all()
            ],
        }
        for row in rows
    ]
    answer = HttpResponse(json.dumps(told, ensure_ascii=False, indent=2), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="buyer.json"'
    return answer

"""The form of the addresses of pages that people open from here."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.accounts.forms import Tabler
from shops.forms import Section
from shops.models import ShopConnection
from shops.page_addresses import ELSEWHERE, LONGEST, PAGES, wrong_with

LABELS = {
    "product_panel": gettext_lazy("Product in the shop's panel"),
    "product_shop": gettext_lazy("Product in the shop, as buyers see it"),
    "order_panel": gettext_lazy("Order in the shop's panel"),
}
WRONG = {
    "https": gettext_lazy("The address has to begin with https://."),
    "host": gettext_lazy("This is not on the shop's host. Correct it, or tick that the pages are on another one."),
    "braces": gettext_lazy("A brace is left open or has no partner."),
    "placeholder": gettext_lazy("Only {id} and {code} are known here."),
    "none": gettext_lazy("Without {id} or {code} it would open the same page for everything."),
}


class PagesForm(Tabler, forms.Form):
    """One address template for each sort of page. Empty: what the platform knows by itself, or no link."""

    def __init__(self, data: Any, connection: ShopConnection) -> None:
        super().__init__(data, auto_id="page_%s")
        self.connection = connection
        stored = connection.page_addresses or {}
        for page in PAGES:
            self.fields[page] = forms.CharField(
                label=LABELS[page], required=False, max_length=LONGEST, initial=stored.get(page, "")
            )
            self.fields[page].widget.attrs |= {"spellcheck": "false", "autocomplete": "off", "inputmode": "url"}
        self.fields[ELSEWHERE] = forms.BooleanField(
            label=_("These pages are on another host than the shop"),
            required=False,
            initial=bool(stored.get(ELSEWHERE)),
        )
        self.dress()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for page in PAGES:
            template = str(data.get(page) or "").strip()
            wrong = (
                wrong_with(template, page, self.connection.address, elsewhere=bool(data.get(ELSEWHERE)))
                if template
                else ""
            )
            if wrong:
                self.add_error(page, ValidationError(WRONG[wrong]))
        return data

    def save(self) -> None:
        kept = {page: text for page in PAGES if (text := self.cleaned_data[page].strip())}
        elsewhere = {ELSEWHERE: True} if self.cleaned_data[ELSEWHERE] else {}
        self.connection.page_addresses = {**kept, **elsewhere} if kept else None
        self.connection.save(update_fields=["page_addresses"])

    @property
    def section(self) -> Section:
        hint = _(
            "Open the page of one product or order, copy its address, and write {id} for the shop's number and {code} "
            "for the product's code or the order's number."
        )
        return Section("pages", _("Addresses of pages"), hint, [self[name] for name in self.fields])

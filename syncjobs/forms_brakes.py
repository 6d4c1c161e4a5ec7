"""The form of a connection's limits: what plans, days and orders may do unasked."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.accounts.forms import Tabler
from integrator.canonical.records import plain_number
from shops.forms import Section
from syncjobs.engine.guard import Limits

LABELS: Mapping[str, Any] = {
    "writes": gettext_lazy("writes of one plan without asking, at most"),
    "deletes": gettext_lazy("deletions without asking, at most"),
    "share_changed": gettext_lazy("changed elements without asking, at most (%)"),
    "share_zeroed": gettext_lazy("stock down to zero without asking, at most (%)"),
    "share_deactivated": gettext_lazy("hidden elements without asking, at most (%)"),
    "share_prices": gettext_lazy("products whose price changes without asking, at most (%)"),
    "price_jumps": gettext_lazy("leaps of a price without asking, at most"),
    "price_jump_percent": gettext_lazy("a price leaps when it moves by more than (%)"),
    "small": gettext_lazy("shares do not count up to so many changes"),
    "writes_day": gettext_lazy("writes in a day without asking, at most"),
    "deletes_day": gettext_lazy("deletions in a day without asking, at most"),
    "share_changed_day": gettext_lazy("changed elements in a day without asking, at most (%)"),
    "share_zeroed_day": gettext_lazy("stock down to zero in a day without asking, at most (%)"),
    "share_deactivated_day": gettext_lazy("hidden elements in a day without asking, at most (%)"),
    "share_prices_day": gettext_lazy("products whose price changes in a day without asking, at most (%)"),
    "orders_day": gettext_lazy("new orders written to WAPRO in a day without asking, at most"),
    "two_people": gettext_lazy("a plan that the brake holds needs the word of two people"),
}
PLAN = ("writes", "deletes", "share_changed", "share_prices", "price_jumps", "price_jump_percent", "share_zeroed")
PLAN_REST = ("share_deactivated", "small")
DAY = ("writes_day", "deletes_day", "share_changed_day", "share_prices_day", "share_zeroed_day")
DAY_REST = ("share_deactivated_day",)
MOST = 10_000_000


class LimitsForm(Tabler, forms.Form):
    """Every limit, filled in with what holds now. What is left as usual is not stored, so that it follows what we
    recommend later."""

    def __init__(self, *args: Any, stored: dict[str, object], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored
        now, usual = Limits.of(stored), Limits()
        for one in fields(Limits):
            self.fields[one.name] = _field(one.name, getattr(now, one.name), getattr(usual, one.name))
        self.dress()

    @property
    def sections(self) -> list[Section]:
        shares = _("Shares are percents of the linked elements.")
        day = _("Counted from midnight in Poland, or from the moment a person last let a held plan go on.")
        orders = _("All others are still received, promised and decided, and wait to be written.")
        people = _("Whoever asked for the run may be one of the two. Without it the number typed is enough.")
        return [
            Section("plan", _("One plan"), shares, [self[name] for name in (*PLAN, *PLAN_REST)]),
            Section("day", _("One day"), day, [self[name] for name in (*DAY, *DAY_REST)]),
            Section("orders", _("Orders"), orders, [self["orders_day"]]),
            Section("people", _("Confirmation"), people, [self["two_people"]]),
        ]

    def overrides(self) -> dict[str, Any]:
        """As `ShopConnection.limits` keeps them: only what differs from the usual."""
        usual = Limits()
        found = {}
        for name, value in self.cleaned_data.items():
            if value != getattr(usual, name):
                found[name] = plain_number(value) if isinstance(value, Decimal) else value
        return found


def _field(name: str, now: Any, usual: Any) -> forms.Field:
    label = str(LABELS[name])
    if isinstance(now, bool):
        return forms.BooleanField(label=label, required=False, initial=now)
    shown = plain_number(usual) if isinstance(usual, Decimal) else usual
    help_text = _("Usual: %(value)s") % {"value": number_format(shown, force_grouping=True)}
    if isinstance(now, Decimal):
        number = Decimal(plain_number(now))
        return forms.DecimalField(
            label=label, initial=number, min_value=0, max_value=1000, decimal_places=1, help_text=help_text
        )
    return forms.IntegerField(label=label, initial=now, min_value=0, max_value=MOST, help_text=help_text)

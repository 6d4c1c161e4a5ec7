"""The forms of orders: whether and how orders of one shop go into WAPRO, what the shop is told, which document is asked
for."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from integrator.accounts.forms import Tabler
from integrator.canonical.orders import Stage
from shops.forms import Section
from syncjobs.forms_times import FlowTimes
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import keys, resting
from syncjobs.orders.contractors import Private
from syncjobs.orders.policy import Again, DocumentRule, WhenUnpaid
from syncjobs.orders.progress import default_states
from syncjobs.orders.terms import words_of
from syncjobs.wizard.flows import BACK, Flow
from syncjobs.wizard.scope import order_states
from wapro.models import WaproConnection

WHEN_UNPAID = {
    WhenUnpaid.ALERT: gettext_lazy("tell a person"),
    WhenUnpaid.CANCEL: gettext_lazy("leave the order out of WAPRO"),
}
AGAIN = {
    Again.NO: gettext_lazy("never"),
    Again.IF_DELETED: gettext_lazy("when it was deleted in WAPRO"),
    Again.YES: gettext_lazy("when it was deleted in WAPRO; by hand also when it was cancelled there"),
}
PRIVATE = {
    Private.RETAIL: gettext_lazy("the contractor of retail sales"),
    Private.ONE_OFF: gettext_lazy("a one-off contractor for each order"),
    Private.WAIT: gettext_lazy("wait for a person"),
}
TOLD = {
    Stage.OPEN: gettext_lazy("state in the shop once the order is in WAPRO"),
    Stage.SENT: gettext_lazy("state in the shop once it is realised"),
    Stage.CANCELLED: gettext_lazy("state in the shop once it is cancelled in WAPRO"),
}
DOCUMENT_FORMS = {
    "invoice": pgettext_lazy("rule", "invoice"),
    "receipt": pgettext_lazy("rule", "receipt"),
    "issue": pgettext_lazy("rule", "goods issue (WZ), neither invoice nor receipt"),
}
"""What a rule can say."""
_ANY_YES_NO = {"": None, "yes": True, "no": False}
DAY_AND_TIME = "%Y-%m-%dT%H:%M"


class OrderTermsForm(Tabler, FlowTimes, forms.ModelForm):
    """`save` writes only what the form shows: a worker moves the rest of the row meanwhile. What it says of times is
    `times()`."""

    interval_minutes = forms.IntegerField(
        label=gettext_lazy("look for new orders every (minutes)"), min_value=1, max_value=1440
    )
    look_back_days = forms.IntegerField(label=gettext_lazy("look back (days)"), min_value=1, max_value=365)
    payment_days = forms.IntegerField(label=gettext_lazy("await a payment for (days)"), min_value=1, max_value=365)
    when_unpaid = forms.ChoiceField(
        label=gettext_lazy("after that"), choices=[(str(one), label) for one, label in WHEN_UNPAID.items()]
    )
    again = forms.ChoiceField(
        label=gettext_lazy("import again"), choices=[(str(one), label) for one, label in AGAIN.items()]
    )
    private = forms.ChoiceField(
        label=gettext_lazy("private buyers"), choices=[(str(one), label) for one, label in PRIVATE.items()]
    )

    class Meta:
        model = OrderTerms
        fields = [
            "enabled",
            "back_enabled",
            "interval_minutes",
            "prefix",
            "warehouse",
            "reserve",
            "go_live",
            "look_back_days",
            "payment_days",
            "when_unpaid",
            "again",
            "private",
            "tell_tracking",
            "tell_payments",
            "tell_documents",
            "notify",
        ]
        help_texts = {
            "prefix": gettext_lazy(
                "Four capitals or digits. Every order is found again in WAPRO by prefix and number, so it stays as it "
                "is from the first order on."
            ),
            "go_live": gettext_lazy("Orders placed before are left alone."),
            "notify": gettext_lazy("Where the platform lets us choose."),
        }
        widgets = {"go_live": forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DAY_AND_TIME)}

    def __init__(self, *args: Any, erp: WaproConnection | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.erp = erp
        self.frozen = self._frozen()
        self.taken = self._taken()
        if self.frozen:
            self.fields["prefix"].disabled = True
        elif not self.instance.prefix:
            self.initial["prefix"] = keys.suggested_prefix(self.instance.connection.name, self.taken)
        self._offer_warehouses()
        self._offer_states()
        self.offer_times(order_states(self.instance), interval_of=BACK)
        for name, field in self.fields.items():
            field.label = capfirst(field.label)
            field.needed = name in ("prefix", "warehouse", "go_live")  # type: ignore[attr-defined]
        self.dress()
        self.fields["prefix"].widget.attrs.update({"spellcheck": "false", "autocomplete": "off"})

    def _frozen(self) -> bool:
        """Whether WAPRO may know an order by this prefix already."""
        orders = ShopOrder.objects.filter(connection=self.instance.connection)
        return bool(self.instance.prefix) and orders.exclude(erp_number="").exists()

    def _taken(self) -> set[str]:
        """Prefixes of other shops whose orders go into the same database."""
        others = OrderTerms.objects.exclude(connection=self.instance.connection).exclude(prefix="")
        mine = others.filter(connection__client=self.instance.connection.client_id)
        found = set(mine.values_list("prefix", flat=True))
        if self.erp is not None and self.erp.database_id:
            same = others.filter(connection__client__erp__database_id=self.erp.database_id)
            found |= set(same.values_list("prefix", flat=True))
        return found

    def _offer_warehouses(self) -> None:
        rows = (self.erp.facts if self.erp is not None else {}).get("warehouses") or []
        if not rows:
            self.fields["warehouse"].help_text = _("Number of the warehouse. Test the WAPRO connection to see names.")
            return
        choices = [("", _("none")), *((row["key"], row["name"]) for row in rows)]
        kept = self.instance.warehouse
        if kept and kept not in {key for key, _name in choices}:
            choices.append((kept, kept))
        self.fields["warehouse"] = forms.ChoiceField(
            label=self.fields["warehouse"].label, choices=choices, required=False
        )

    def _offer_states(self) -> None:
        words = words_of(self.instance)
        proposed = self.instance.back_states or {str(k): v for k, v in default_states(words).items()}
        choices = [("", _("leave it as it is")), *((entry.key, entry.name) for entry in words.states)]
        for stage, label in TOLD.items():
            self.fields[f"state_{stage}"] = forms.ChoiceField(
                label=label, choices=choices, required=False, initial=proposed.get(str(stage), "")
            )

    def clean_prefix(self) -> str:
        prefix = str(self.cleaned_data["prefix"] or "").strip().upper()
        if self.frozen:
            return self.instance.prefix
        if prefix and not keys.valid_prefix(prefix):
            raise ValidationError(_("Four capitals A to Z or digits."))
        if prefix in self.taken:
            raise ValidationError(_("Another shop's orders have this prefix in the same WAPRO database."))
        return prefix

    def clean_warehouse(self) -> str:
        warehouse = str(self.cleaned_data["warehouse"] or "").strip()
        if warehouse and not warehouse.isdecimal():
            raise ValidationError(_("A warehouse is given by its number."))
        return warehouse

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_times()
        if not data.get("enabled"):
            return data
        if self.erp is None:
            self.add_error("enabled", _("The client has no WAPRO connection yet."))
        for name, text in {
            "prefix": _("Orders need a prefix before they are imported."),
            "warehouse": _("Orders need a warehouse before they are imported."),
            "go_live": _("Say from which day on orders are imported."),
        }.items():
            if name not in self.errors and not data.get(name):
                self.add_error(name, text)
        return data

    def save(self, commit: bool = True) -> OrderTerms:
        terms: OrderTerms = super().save(commit=False)
        terms.back_states = {str(stage): self.cleaned_data[f"state_{stage}"] for stage in TOLD}
        fields = [*self.Meta.fields, "back_states"]
        if self._states_moved():
            resting.turn(terms, Flow.STATUSES, on=True)
            fields.append("rests")
        if terms.pk is None:
            terms.save()
        else:
            terms.save(update_fields=fields)
        return terms

    def _states_moved(self) -> bool:
        """Whoever chooses a state wants it told."""
        return any(f"state_{stage}" in self.changed_data for stage in TOLD)

    def moved_start(self) -> datetime | None:
        """The go-live, when orders that were too old before may count now."""
        moved = {"go_live", "look_back_days"} & set(self.changed_data)
        return self.cleaned_data.get("go_live") if moved else None

    @property
    def sections(self) -> list[Section]:
        into = ["enabled", "interval_minutes", "go_live", "look_back_days", "again"]
        placed = ["prefix", "warehouse", "reserve", "private"]
        unpaid = ["payment_days", "when_unpaid"]
        back = ["back_enabled", *(f"state_{stage}" for stage in TOLD)]
        told = ["tell_tracking", "tell_documents", "tell_payments", "notify"]
        hint = _("An order goes in only when everything it needs is mapped and its total is equal to the grosz.")
        return [
            Section("in", _("Import"), hint, [self[name] for name in into]),
            Section("erp", _("In WAPRO"), "", [self[name] for name in placed]),
            Section("pay", _("Payment"), _("For orders that wait to be paid first."), [self[name] for name in unpaid]),
            Section("back", _("Way back"), _("Nothing is told twice."), [self[name] for name in (*back, *told)]),
        ]


class DocumentRuleForm(Tabler, forms.Form):
    """One more rule."""

    tax_number = forms.ChoiceField(
        label=gettext_lazy("Tax number"),
        required=False,
        choices=[("", gettext_lazy("with or without")), ("yes", gettext_lazy("given")), ("no", gettext_lazy("none"))],
    )
    wanted = forms.ChoiceField(
        label=gettext_lazy("The buyer's wish"),
        required=False,
        choices=[
            ("", gettext_lazy("any")),
            ("yes", gettext_lazy("asks for an invoice")),
            ("no", gettext_lazy("asks for no invoice")),
        ],
    )
    countries = forms.CharField(label=gettext_lazy("Countries"), required=False, max_length=200)
    form = forms.ChoiceField(label=gettext_lazy("Document"), choices=list(DOCUMENT_FORMS.items()))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="rule_%s")
        for name in ("tax_number", "wanted", "form"):
            self.fields[name].needed = True  # type: ignore[attr-defined]
        self.dress()
        self.fields["countries"].widget.attrs.update({"placeholder": "DE, CZ", "autocomplete": "off"})

    def clean_countries(self) -> frozenset[str]:
        codes = self.cleaned_data["countries"].upper().replace(",", " ").split()
        for code in codes:
            if len(code) != 2 or not code.isascii() or not code.isalpha():
                raise ValidationError(_("%(code)s is no code of a country: two letters, such as DE.") % {"code": code})
        return frozenset(codes)

    def rule(self) -> DocumentRule:
        data = self.cleaned_data
        return DocumentRule(
            form=data["form"],
            tax_number=_ANY_YES_NO[data["tax_number"]],
            wanted=_ANY_YES_NO[data["wanted"]],
            countries=data["countries"],
        )

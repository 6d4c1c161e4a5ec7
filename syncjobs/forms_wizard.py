"""Forms of the set-up wizard. Each carries a digest of what its page showed, so that nobody overwrites unseen what
somebody else has saved meanwhile."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.accounts.forms import Tabler
from syncjobs.engine.policy import Owner
from syncjobs.forms_times import FlowTimes
from syncjobs.wizard import words
from syncjobs.wizard.flows import FlowState
from syncjobs.wizard.ruling import MIXED, Group

ENVIRONMENTS = (
    ("copy", gettext_lazy("a copy of the WAPRO database and a test shop")),
    ("copy_db", gettext_lazy("a copy of the WAPRO database, the real shop")),
    ("real", gettext_lazy("none: the trial runs on the real data")),
)
AFTER_DOCUMENT = (
    ("person", gettext_lazy("a person decides each time")),
    ("client", gettext_lazy("the client's bookkeeping makes the correction in WAPRO")),
)


class PartForm(Tabler, forms.Form):
    """One part of the wizard, its present values in `initial`."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, present: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(present))
        self.present = dict(present)

    @property
    def digest(self) -> str:
        """Of what is stored now."""
        told = json.dumps(self.present, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @property
    def is_stale(self) -> bool:
        """Whether something else is stored now than the page that was sent had shown."""
        return self.is_bound and str(self.data.get("seen", "")) != self.digest

    def newer(self) -> list[tuple[str, str]]:
        """Label and present value of each field that was sent with another one."""
        found = []
        for field in self.visible_fields():
            now, typed = self.present.get(field.name), field.value()
            if _plain(now) != _plain(typed):
                found.append((str(field.label), _told(field.field, now)))
        return found


def _plain(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "on" if value is True else str(value).removesuffix(":00") if str(value).count(":") == 2 else str(value)


def _told(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    choices = dict(getattr(field, "choices", ()))
    return str(choices.get(value, value if value not in (None, "") else "–"))


class ScopeForm(FlowTimes, PartForm):
    """Which flows are agreed on, how often each runs and when it is silent."""

    def __init__(self, data: Any, states: Sequence[FlowState]) -> None:
        super().__init__(data, _scope([state for state in states if state.offered]))
        for state in states:
            if state.offered:
                label = str(words.FLOWS[state.flow][0])
                self.fields[f"{state.flow}-on"] = forms.BooleanField(label=label, required=False)
        self.offer_times(states)
        self.dress()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_times()
        return data

    def chosen(self) -> list[FlowState]:
        return [replace(state, wanted=self.cleaned_data[f"{state.flow}-on"]) for state in self.times()]


def _scope(states: Sequence[FlowState]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for state in states:
        values = {"on": state.wanted, "every": state.interval, "from": state.quiet_from, "to": state.quiet_to}
        found |= {f"{state.flow}-{end}": value for end, value in values.items()}
    return found


class OwnersForm(PartForm):
    """Who rules each group of fields."""

    def __init__(self, data: Any, groups: Sequence[Group]) -> None:
        super().__init__(data, {group.name: group.present for group in groups})
        self.groups = groups
        for group in groups:
            offered = [str(owner) for owner in group.owners] + [MIXED] * (group.present == MIXED)
            self.fields[group.name] = forms.ChoiceField(
                label=words.GROUPS[group.name],
                choices=[(owner, words.OWNERS[owner]) for owner in offered],
                widget=forms.RadioSelect,
            )
        self.dress()

    def changed(self) -> list[tuple[Group, Owner]]:
        return [
            (group, Owner(self.cleaned_data[group.name]))
            for group in self.groups
            if self.cleaned_data[group.name] not in (MIXED, group.present)
        ]


class AnswersForm(PartForm):
    """Answers that only the agreement needs."""

    answers: tuple[str, ...] = ()

    def kept(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.answers}


def _text(label: Any, help_text: Any = "", rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=1500, widget=forms.Textarea(attrs={"rows": rows})
    )


class AccessForm(AnswersForm):
    answers = ("environment", "administrator", "samples")

    environment = forms.ChoiceField(
        label=gettext_lazy("Test environment"), choices=[("", "–"), *ENVIRONMENTS], required=False
    )
    administrator = forms.CharField(
        label=gettext_lazy("Who gives access to the database and the shop"), max_length=200, required=False
    )
    samples = forms.BooleanField(
        label=gettext_lazy("There are sample orders and test products to try with"), required=False
    )

    def __init__(self, data: Any, present: Mapping[str, Any]) -> None:
        super().__init__(data, {name: present.get(name, "") for name in self.answers})
        self.dress()


class ProcessForm(AnswersForm):
    answers = ("decider", "after_document", "exceptions")

    decider = forms.CharField(label=gettext_lazy("Who decides when an order is held"), max_length=200, required=False)
    after_document = forms.ChoiceField(
        label=gettext_lazy("A buyer cancels after the document was made"),
        choices=[("", "–"), *AFTER_DOCUMENT],
        required=False,
    )
    exceptions = _text(
        gettext_lazy("Exceptions that were agreed on"),
        gettext_lazy("One a line: payments, kinds of goods, countries that are treated in another way."),
    )

    def __init__(self, data: Any, present: Mapping[str, Any]) -> None:
        super().__init__(data, {name: present.get(name, "") for name in self.answers})
        self.dress()


class PartiesForm(AnswersForm):
    answers = ("for_firm", "for_client", "not_done")

    for_firm = forms.CharField(label=gettext_lazy("Signs for the integrator"), max_length=120, required=False)
    for_client = forms.CharField(label=gettext_lazy("Signs for the client"), max_length=120, required=False)
    not_done = _text(
        gettext_lazy("What else is not done"),
        gettext_lazy("One a line. What was left out of the scope is named anyway."),
    )

    def __init__(self, data: Any, present: Mapping[str, Any]) -> None:
        super().__init__(data, {name: present.get(name, "") for name in self.answers})
        self.dress()

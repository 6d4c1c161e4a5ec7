"""Forms of the set-up wizard. Each carries a digest of what its page showed, so that nobody overwrites unseen what
somebody else has saved meanwhile."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.accounts.forms import Tabler
from syncjobs.engine.policy import Owner
from syncjobs.wizard import words
from syncjobs.wizard.flows import BACK, Flow, FlowState
from syncjobs.wizard.ruling import MIXED, Group

LONGEST = 10080
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


class ScopeForm(PartForm):
    """Which flows are agreed on, how often each runs and when it is silent."""

    def __init__(self, data: Any, states: Sequence[FlowState]) -> None:
        self.states = [state for state in states if state.offered]
        super().__init__(data, _scope(self.states))
        for state in self.states:
            name = str(words.FLOWS[state.flow][0])
            self.fields[f"{state.flow}-on"] = forms.BooleanField(label=name, required=False)
            self.fields[f"{state.flow}-every"] = forms.IntegerField(
                label=_("%(flow)s: every so many minutes") % {"flow": name},
                min_value=0 if state.flow in BACK else 1,
                max_value=1440 if state.flow is Flow.ORDERS else LONGEST,
            )
            for end, label in (("from", _("%(flow)s: quiet from")), ("to", _("%(flow)s: quiet to"))):
                self.fields[f"{state.flow}-{end}"] = forms.TimeField(
                    label=label % {"flow": name},
                    required=False,
                    widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                )
        self.dress()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for state in self.states:
            begin, end = data.get(f"{state.flow}-from"), data.get(f"{state.flow}-to")
            if f"{state.flow}-to" not in self.errors and (begin is None) != (end is None):
                self.add_error(f"{state.flow}-to", _("Give both ends of the quiet hours, or neither."))
        return data

    def chosen(self) -> list[FlowState]:
        data = self.cleaned_data
        return [
            replace(
                state,
                wanted=data[f"{state.flow}-on"],
                interval=data[f"{state.flow}-every"],
                quiet_from=data[f"{state.flow}-from"],
                quiet_to=data[f"{state.flow}-to"],
            )
            for state in self.states
        ]

    def rows(self) -> Iterator[dict[str, Any]]:
        for state in self.states:
            name, way, question = words.FLOWS[state.flow]
            fields = {end: self[f"{state.flow}-{end}"] for end in ("on", "every", "from", "to")}
            yield {"state": state, "name": name, "way": way, "question": question, "back": state.flow in BACK} | {
                "fields": fields,
                "errors": [error for field in fields.values() for error in field.errors],
            }


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

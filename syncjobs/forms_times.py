"""The part of a form that says how often flows run and when they are silent; and what quiet hours must be like."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from syncjobs.wizard import words
from syncjobs.wizard.flows import BACK, Flow, FlowState

LONGEST = 10080


def check_ends(form: forms.BaseForm, begin: str, end: str) -> None:
    """Quiet hours have two ends or none: say so at the missing one of these two fields."""
    data = form.cleaned_data
    if begin in form.errors or end in form.errors or (data.get(begin) is None) == (data.get(end) is None):
        return
    form.add_error(end if data.get(end) is None else begin, _("Give both ends of the quiet hours, or neither."))


class FlowTimes(forms.Form):
    """Mixed into forms: call `offer_times` when fields are made and `check_times` when they are cleaned."""

    offered: Sequence[FlowState] = ()

    def offer_times(self, states: Sequence[FlowState], interval_of: Sequence[Flow] = tuple(Flow)) -> None:
        """Fields of the offered flows. `interval_of`: those whose interval is asked for here too."""
        self.offered = [state for state in states if state.offered]
        for state in self.offered:
            name = str(words.FLOWS[state.flow][0])
            if state.flow in interval_of:
                self.fields[f"{state.flow}-every"] = forms.IntegerField(
                    label=_("%(flow)s: every so many minutes") % {"flow": name},
                    min_value=0 if state.flow in BACK else 1,
                    max_value=1440 if state.flow is Flow.ORDERS else LONGEST,
                    initial=state.interval,
                )
            for end, label, at in (
                ("from", _("%(flow)s: quiet from"), state.quiet_from),
                ("to", _("%(flow)s: quiet to"), state.quiet_to),
            ):
                self.fields[f"{state.flow}-{end}"] = forms.TimeField(
                    label=label % {"flow": name},
                    required=False,
                    widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                    initial=at,
                )

    def check_times(self) -> None:
        for state in self.offered:
            check_ends(self, f"{state.flow}-from", f"{state.flow}-to")

    def times(self) -> list[FlowState]:
        """The flows with the times that were chosen."""
        data = self.cleaned_data
        return [
            replace(
                state,
                interval=data.get(f"{state.flow}-every", state.interval),
                quiet_from=data[f"{state.flow}-from"],
                quiet_to=data[f"{state.flow}-to"],
            )
            for state in self.offered
        ]

    def rows(self) -> Iterator[dict[str, Any]]:
        """For the page: each flow with its words, its fields by end, and what is wrong with them."""
        for state in self.offered:
            name, way, question = words.FLOWS[state.flow]
            names = {end: f"{state.flow}-{end}" for end in ("on", "every", "from", "to")}
            fields = {end: self[name] for end, name in names.items() if name in self.fields}
            yield {"state": state, "name": name, "way": way, "question": question, "back": state.flow in BACK} | {
                "fields": fields,
                "errors": [error for field in fields.values() for error in field.errors],
            }

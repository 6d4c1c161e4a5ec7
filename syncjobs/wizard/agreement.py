"""The content of the scope agreement: what the answers come to on one page. Texts are lazy and told in Polish."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from syncjobs.wizard import words
from syncjobs.wizard.flows import BACK, Flow, FlowState
from syncjobs.wizard.ruling import Group
from syncjobs.wizard.stages import Criterion, StageState


@dataclass(frozen=True, slots=True)
class ScopeLine:
    name: str
    way: str
    often: str
    quiet: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The agreement, part by part."""

    scope: tuple[ScopeLine, ...]
    owners: tuple[tuple[str, str], ...]
    stages: tuple[tuple[str, str], ...]
    """Name and what opens it."""
    process: tuple[str, ...]
    exceptions: tuple[str, ...]
    not_done: tuple[str, ...]


def sheet_of(
    states: Sequence[FlowState],
    groups: Sequence[Group],
    stages: Sequence[StageState],
    answers: Mapping[str, Any],
    environments: Mapping[str, Any],
    after_document: Mapping[str, Any],
) -> Sheet:
    """Ask it inside `translation.override("pl")`: the agreement is Polish whatever the panel's language."""
    wanted = [state for state in states if state.wanted]
    process, access = answers.get("process", {}), answers.get("access", {})
    told = []
    if access.get("environment"):
        told.append(_("Test environment: %(what)s.") % {"what": environments[access["environment"]]})
    if process.get("decider"):
        told.append(_("Held orders are decided by: %(who)s.") % {"who": process["decider"]})
    if process.get("after_document"):
        told.append(
            _("When a buyer cancels after the document was made: %(what)s.")
            % {"what": after_document[process["after_document"]]}
        )
    return Sheet(
        scope=tuple(_line(state) for state in wanted),
        owners=tuple((str(words.GROUPS[one.name]), str(words.OWNERS[one.present])) for one in groups),
        stages=tuple((str(words.STAGES[one.stage]), _opens(one)) for one in stages if one.flows),
        process=tuple(told),
        exceptions=_lines(process.get("exceptions", "")),
        not_done=(*_left_out(states), *_never(wanted), *_lines(answers.get("parties", {}).get("not_done", ""))),
    )


def _line(state: FlowState) -> ScopeLine:
    name, way, _question = words.FLOWS[state.flow]
    quiet = ""
    if state.quiet_from is not None and state.quiet_to is not None:
        quiet = f"{state.quiet_from:%H:%M}–{state.quiet_to:%H:%M}"
    return ScopeLine(str(name), str(way), often(state.interval), quiet)


def often(minutes: int) -> str:
    if minutes == 0:
        return _("at once")
    if minutes % 1440 == 0:
        return ngettext("every day", "every %(n)s days", minutes // 1440) % {"n": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("every hour", "every %(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("every minute", "every %(n)s minutes", minutes) % {"n": minutes}


def _opens(state: StageState) -> str:
    return "; ".join(f"{words.CRITERIA[one.name]}: {_bound(one)}" for one in state.criteria)


def _bound(one: Criterion) -> str:
    if one.most:
        return _("at most %(n)s") % {"n": one.wanted} if one.wanted else _("none")
    return _("at least %(n)s") % {"n": one.wanted}


def _left_out(states: Sequence[FlowState]) -> list[str]:
    names = [str(words.FLOWS[state.flow][0]).lower() for state in states if not state.wanted]
    return [_("Not carried over: %(flows)s.") % {"flows": ", ".join(names)}] if names else []


def _never(wanted: Collection[FlowState]) -> list[str]:
    flows = {state.flow for state in wanted}
    told = []
    if Flow.ORDERS in flows:
        told.append(_("Sale documents are not made automatically; people make them in WAPRO from the order."))
        told.append(
            _("An order that the buyer changes after it went into WAPRO is not edited there: a person is told.")
        )
    if flows & {Flow.STOCK, Flow.PRICES, Flow.PRODUCTS}:
        told.append(_("Nothing is deleted from the shop unless a person confirms how many."))
    if flows & set(BACK):
        told.append(_("Orders placed before go-live are told nothing."))
    return told


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in str(text).splitlines() if line.strip())

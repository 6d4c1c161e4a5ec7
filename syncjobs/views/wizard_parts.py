"""The parts of the set-up wizard: for each its form, how it is kept, and what its page shows besides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst

from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import options as keeping
from syncjobs.explain import explain
from syncjobs.fields import field_label, shown
from syncjobs.forms import offer_of, preset_of
from syncjobs.forms_wizard import AccessForm, OwnersForm, PartForm, PartiesForm, ProcessForm, ScopeForm
from syncjobs.models import Change, Errand, OrderTerms, Run, ShopSetup, SyncOptions
from syncjobs.models.choices import OPEN_STATUSES, Side, Status
from syncjobs.setup import Setup
from syncjobs.views.orders_door import terms_of
from syncjobs.views.orders_ready import Point, points
from syncjobs.views.trial_orders import tried_orders
from syncjobs.views.undo import facts as undo_facts
from syncjobs.wizard import scope, trial, words
from syncjobs.wizard.flows import OF_ORDERS, STAGES, Flow
from syncjobs.wizard.measuring import measure
from syncjobs.wizard.ruling import Group, groups, ruled
from syncjobs.wizard.stages import StageState, stage_states


@dataclass
class Here:
    """What every part works on."""

    request: HttpRequest
    connection: ShopConnection
    setup: Setup
    wizard: ShopSetup
    answers: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.answers = self.wizard.answers


@dataclass(frozen=True, slots=True)
class Part:
    form: Callable[[Here, Any], PartForm | None]
    save: Callable[[Here, Any, User], None] | None
    context: Callable[[Here], dict[str, Any]]


def owner_groups(setup: Setup) -> list[Group]:
    """The groups of fields that somebody may rule here, as they are ruled now."""
    offered = {kind: offer_of(setup, kind).owners for kind in setup.kinds}
    return groups(offered, {kind: option.owners for kind, option in setup.options.items()})


def stages_of(here: Here) -> list[StageState]:
    """The stages with what is measured now."""
    states = scope.flow_states(here.connection, here.wizard)
    wanted = {state.flow for state in states if state.wanted}
    missing = sum(1 for point in needed(here) if not point.done) if Flow.ORDERS in wanted else 0
    if not wanted & set(OF_ORDERS):
        missing = 0
    # What somebody switched on elsewhere is open too.
    running = {state.flow for state in states if state.on}
    open_anyway = [str(s) for s, flows in STAGES.items() if wanted & set(flows) and wanted & set(flows) <= running]
    opened = [*here.wizard.opened, *open_anyway]
    return stage_states(wanted, opened, measure(here.connection, here.setup.erp_connection, missing))


def needed(here: Here) -> list[Point]:
    """What orders need before they go into WAPRO; the switch is the stage's own."""
    if not scope.takes_orders(here.connection):
        return []
    terms = terms_of(here.connection)
    found = points(here.connection, terms)
    return found if terms.enabled else found[:-1]


def _scope_form(here: Here, data: Any) -> PartForm:
    return ScopeForm(data, scope.flow_states(here.connection, here.wizard))


def _save_scope(here: Here, form: Any, user: User) -> None:
    scope.save_scope(here.connection, here.wizard, form.chosen(), user)


def _owners_form(here: Here, data: Any) -> PartForm:
    return OwnersForm(data, owner_groups(here.setup))


def _save_owners(here: Here, form: Any, user: User) -> None:
    """As the page of options does it: each kind's owners, with the preset that tells the truth about them."""
    offered = {kind: offer_of(here.setup, kind).owners for kind in here.setup.kinds}
    changed: dict[Kind, dict[str, str]] = {}
    for group, owner in form.changed():
        for kind, owners in ruled(group, owner, offered).items():
            changed.setdefault(kind, {}).update(owners)
    for kind, owners in changed.items():
        option = SyncOptions.objects.get(connection=here.connection, kind=kind)
        option.owners = {**option.owners, **owners}
        option.linked = str(preset_of(option.owners, ""))
        keeping.save_options(option, user)


def _answers_form(name: str, made: Callable[[Any, Mapping[str, Any]], PartForm]) -> Callable[[Here, Any], PartForm]:
    return lambda here, data: made(data, here.answers.get(name, {}))


def _save_answers(name: str) -> Callable[[Here, Any, User], None]:
    def save(here: Here, form: Any, user: User) -> None:
        here.wizard.answers = {**here.wizard.answers, name: form.kept()}

    return save


def last_errand(connection: ShopConnection, verb: str) -> Errand | None:
    return Errand.objects.filter(shop=connection, verb=verb).order_by("-id").first()


def _access(here: Here) -> dict[str, Any]:
    errand = last_errand(here.connection, Errand.Verb.CHECK_DATA)
    result = errand.result if errand is not None and errand.status == Status.SUCCEEDED else None
    found: dict[str, Any] = {"erp": here.setup.erp_connection, "errand": errand, "result": result}
    if result:
        found["checked_at"] = parse_datetime(result["at"])
        found["problems"] = [
            (explain(row, side="shop", connection=here.connection), row["count"], row["examples"])
            for row in result["problems"]
        ]
        found["twice"] = [(name, one) for name, one in result["twice"].items() if one["count"]]
    return found


def _process(here: Here) -> dict[str, Any]:
    terms = OrderTerms.objects.filter(connection=here.connection).first()
    return {"points": needed(here), "terms": terms, "takes_orders": scope.takes_orders(here.connection)}


def _stages(here: Here) -> dict[str, Any]:
    rows = [
        {
            "state": state,
            "name": words.STAGES[state.stage],
            "flows": [words.FLOWS[flow][0] for flow in state.flows],
            "criteria": [(words.CRITERIA[one.name], one) for one in state.criteria],
            "before": words.STAGES[state.before] if state.before else "",
        }
        for state in stages_of(here)
    ]
    return {"rows": rows}


def _trial(here: Here) -> dict[str, Any]:
    typed = here.request.GET.get("q", "")
    kept = here.wizard.trial or {}
    run = Run.objects.filter(pk=kept.get("run") or 0, connection=here.connection).first()
    tried = last_errand(here.connection, Errand.Verb.TRY_ORDERS)
    listed = last_errand(here.connection, Errand.Verb.RECENT_ORDERS)
    return {
        "q": typed,
        "found": trial.products(here.connection, here.setup, typed),
        "run": run,
        "run_open": run is not None and run.status in OPEN_STATUSES,
        "rows": _before_after(here, kept, run) if run is not None else [],
        "changes": Change.objects.filter(step__run=run).order_by("pk")[:50] if run is not None else [],
        "takes_orders": scope.takes_orders(here.connection),
        "listed": listed,
        "tried": tried,
        "orders": tried_orders(tried),
        "erp": here.setup.erp_connection,
    } | ({} if run is None or run.status in OPEN_STATUSES else undo_facts(run, list(run.steps.all())))


def _before_after(here: Here, kept: Mapping[str, Any], run: Run) -> list[dict[str, Any]]:
    after = trial.after(here.setup, run, kept["products"])
    return [
        {
            "key": key,
            "fields": [
                {
                    "label": capfirst(field_label(name)),
                    **{
                        side: tuple(shown(name, moment[key][side].get(name)) for moment in (kept["before"], after))
                        for side in Side.values
                    },
                }
                for name in trial.FIELDS
            ],
        }
        for key in kept["products"]
    ]


def _finish(here: Here) -> dict[str, Any]:
    previews = Run.objects.filter(connection=here.connection, mode=Run.Mode.PREVIEW).order_by("-id")
    return {"preview": previews.first()}


def _nothing(here: Here) -> dict[str, Any]:
    return {}


PARTS: dict[str, Part] = {
    "scope": Part(_scope_form, _save_scope, _nothing),
    "owners": Part(_owners_form, _save_owners, _nothing),
    "access": Part(_answers_form("access", AccessForm), _save_answers("access"), _access),
    "process": Part(_answers_form("process", ProcessForm), _save_answers("process"), _process),
    "stages": Part(lambda here, data: None, None, _stages),
    "trial": Part(lambda here, data: None, None, _trial),
    "finish": Part(_answers_form("parties", PartiesForm), _save_answers("parties"), _finish),
}


def is_done(name: str, wizard: ShopSetup) -> bool:
    """Whether a part was gone through: saved, or for parts without answers what they are for was done."""
    if name == "stages":
        return bool(wizard.opened)
    return bool(wizard.trial) if name == "trial" else name in wizard.done

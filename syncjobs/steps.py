"""One step of a run, phase by phase: gates, a) fetch, b) link, plan, guard, c) update, d) create and delete, verify."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from integrator.canonical.capabilities import Can
from integrator.canonical.errors import PlanRefused, Transient
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import problem
from shops.registry import platform
from shops.sessions import shop_capabilities
from syncjobs import apply, brakes, finishing, linking, planning, proposing, queue, snapshots, stops, verifying
from syncjobs.engine.order import closed_by
from syncjobs.engine.variants import look_alikes
from syncjobs.fetching import NEVER, fetch_pages, latest_good, open_issues, problem_data, start_fetch
from syncjobs.models import Change, Conflict, Fetch, Link, Run, Step
from syncjobs.models.choices import OPEN_STATUSES, Action, ChangeStatus, LinkState, Phase, Side, Status
from syncjobs.orders import at_once
from syncjobs.setup import Setup
from syncjobs.slices import Slice
from syncjobs.undoing import parting
from syncjobs.undoing.planning import parts as undo_parts

UPDATES = (Action.UPDATE_SHOP, Action.UPDATE_ERP, Action.DEACTIVATE_SHOP)
CREATES_AND_DELETES = (Action.CREATE_SHOP, Action.CREATE_ERP, Action.DELETE_SHOP)
OVERLAP = timedelta(minutes=5)
"""An incremental fetch looks this far behind the start of the last one."""
LEARNT_FOR = timedelta(hours=1)
"""A shop may turn its prices from gross to net on any day."""
ERP_ATTEMPT = timedelta(seconds=20)
FEW_LOOK_ALIKES = 6
"""Fewer new cards than this that look like variants are no reason to stop."""


def work_on(setup: Setup, step: Step, work: Slice) -> None:
    """One unit of work in the phase that the step is in. Raises IntegrationError."""
    _PHASES[Phase(step.phase)](setup, step, work)


def enter(step: Step, phase: Phase) -> None:
    step.phase, step.cursor, step.part, step.not_before = phase, 0, "", None
    step.save(update_fields=["phase", "cursor", "part", "not_before", "counts", "erp_fetch", "shop_fetch", "attempts"])


def _gates(setup: Setup, step: Step, work: Slice) -> None:
    kind = Kind(step.kind)
    work.recognise(setup.connection, step.run.started_at or step.run.created_at)
    if _learns(setup):
        # The next unit of work of this step takes the setup anew, by what was learnt.
        work.learn(setup.connection)
        if shop_capabilities(setup.connection).unlearnt:
            raise Transient(Code.NOT_LEARNT)
        return
    if kind not in setup.kinds:
        finishing.finish(step, Status.SUCCEEDED, [problem_data(problem(Code.NOT_OFFERED, kind=kind))])
        return
    if step.run.undoes_id:
        # It reads just what the run wrote, and whatever waits for other kinds was written already.
        enter(step, Phase.PLAN)
        return
    closed = closed_by(kind, finishing.ended_well(setup.connection), setup.kinds)
    if closed:
        problems = [problem_data(problem(Code.GATE_CLOSED, kind=needed), "person") for needed in closed]
        finishing.finish(step, Status.BLOCKED, problems)
        return
    apply.recover(step)
    enter(step, Phase.FETCH_ERP)


def _learns(setup: Setup) -> bool:
    """Whether the shop is to be asked what it can do: never asked, or asked too long ago."""
    if not platform(setup.connection.platform).learns:
        return False
    learnt_at = setup.connection.learnt_at
    return setup.shop.unlearnt or learnt_at is None or timezone.now() - learnt_at > LEARNT_FOR


def _fetch_erp(setup: Setup, step: Step, work: Slice) -> None:
    """The ERP is an actor of its own: ask for its snapshot and wait, holding no lease."""
    kind = Kind(step.kind)
    needed = (kind, *setup.shop.of(kind).create_needs)
    oldest = step.run.created_at
    if step.run.trigger in (Run.Trigger.SCHEDULE, Run.Trigger.WEBHOOK):
        oldest -= timedelta(seconds=setup.erp_connection.snapshot_max_age)
    elif step.run.trigger == Run.Trigger.ORDER:
        # What was bought since is known from the order: nothing is waited for.
        oldest = NEVER
    missing = []
    for one in needed:
        fetch = latest_good(setup.erp_connection, one, oldest)
        if fetch is None:
            missing.append(one)
        elif one is kind:
            step.erp_fetch = fetch
    if not missing:
        step.counts["erp_fetched"] = step.erp_fetch.received if step.erp_fetch else 0
        enter(step, Phase.FETCH_SHOP)
        return
    for one in missing:
        _refuse_failed(setup, one, oldest)
    # Before the ERP is asked: it may answer at once, and what wakes this step must not be overwritten.
    step.not_before = timezone.now() + ERP_ATTEMPT
    step.save(update_fields=["not_before"])
    for one in missing:
        start_fetch(setup.erp_connection, one, [one])
    queue.nudge(setup.erp_connection)


def _refuse_failed(setup: Setup, kind: Kind, oldest: datetime) -> None:
    """The ERP could not be read for this run: that is an error of step a, said with the ERP's own reason."""
    last = Fetch.objects.filter(erp=setup.erp_connection, kind=kind, created_at__gte=oldest).order_by("-id").first()
    if last is not None and last.status == Status.FAILED and last.problem:
        raise PlanRefused(last.problem["code"], turn=last.problem.get("turn") or None, **last.problem["params"])


def _fetch_shop(setup: Setup, step: Step, work: Slice) -> None:
    kind = Kind(step.kind)
    if step.shop_fetch is None:
        step.shop_fetch = _shared_fetch(setup, step) or start_fetch(
            setup.connection, kind, setup.shop.of(kind).delivers, _since(setup, kind)
        )
        step.save(update_fields=["shop_fetch"])
    fetch = step.shop_fetch
    while fetch.status in OPEN_STATUSES and not work.over:
        sent = fetch.requests
        fetch_pages(fetch, setup.connection, work.shop(setup.connection), work.hold, lambda: work.over)
        step.counts["requests"] = step.counts.get("requests", 0) + fetch.requests - sent
        step.counts["shop_fetched"] = fetch.received
        step.attempts = 0
        step.save(update_fields=["counts", "attempts"])
    if fetch.status == Status.FAILED and fetch.problem:
        raise PlanRefused(fetch.problem["code"], **fetch.problem["params"])
    if fetch.status == Status.SUCCEEDED:
        _after_fetch(setup, step, fetch)


def _after_fetch(setup: Setup, step: Step, fetch: Fetch) -> None:
    """Rule 1: steps b-d run only if a ended with no error on either side."""
    kind = Kind(step.kind)
    if kind is Kind.STOCK and step.run.trigger != Run.Trigger.ORDER:
        at_once.look_for_orders(setup.connection)
    if fetch.kind != kind:
        step.counts["shop_fetched"] = snapshots.present(setup.connection, kind).count()
    issues = [
        issue.problem | {"side": str(side)}
        for side, source in ((Side.ERP, step.erp_fetch), (Side.SHOP, fetch))
        for issue in open_issues(source, setup.connection, kind)
    ]
    if issues:
        step.counts["unreadable"] = len(issues)
        finishing.finish(step, Status.FAILED, issues[:20])
        return
    enter(step, Phase.LINK)


def _shared_fetch(setup: Setup, step: Step) -> Fetch | None:
    """A fetch of this very run that brought this kind along (a shop's product list holds prices and stock)."""
    if step.run.started_at is None:
        return None
    return latest_good(setup.connection, Kind(step.kind), step.run.started_at)


def _since(setup: Setup, kind: Kind) -> datetime | None:
    """From when on an incremental fetch looks; None: everything (the option, or no marker, or never fetched whole)."""
    options = setup.options.get(kind)
    if options is None or options.fetch_all or Can.INCREMENTAL not in setup.shop.of(kind).can:
        return None
    whole = Fetch.objects.filter(shop=setup.connection, kind=kind, status=Status.SUCCEEDED, keys__isnull=True)
    last = whole.order_by("-id").first()
    return last.started_at - OVERLAP if last is not None and last.started_at is not None else None


def _link(setup: Setup, step: Step, work: Slice) -> None:
    kind = Kind(step.kind)
    if kind in PRODUCT_STATE_KINDS:
        links = Link.objects.filter(connection=setup.connection, kind=Kind.PRODUCT, state=LinkState.LINKED)
        step.counts["linked"] = links.count()
    else:
        found = linking.link_kind(setup, kind, work.hold)
        step.counts |= found.counts | {"newly_linked": found.newly}
    enter(step, Phase.PLAN)


def _plan(setup: Setup, step: Step, work: Slice) -> None:
    rules = setup.rules(Kind(step.kind))
    parts: dict[str, Callable[[], bool]] = {
        "update": lambda: planning.plan_updates(setup, step, rules, work.hold),
        "gone": lambda: proposing.plan_gone(setup, step, rules, work.hold),
        "export": lambda: proposing.plan_exports(setup, step, rules, work.hold),
        "import": lambda: proposing.plan_imports(setup, step, rules, work.hold),
        "delete": lambda: proposing.plan_deletes(setup, step, rules, work.hold),
    }
    # Hints bring single elements: what is new or gone on the other side is told only by a polling of the whole.
    if step.run.undoes_id:
        parts = undo_parts(setup, step, work)
    elif rules.kind in PRODUCT_STATE_KINDS or step.run.trigger in Run.SINGLE:
        parts = {"update": parts["update"]}
    elif step.selection is not None and "links" in step.selection:
        parts = {"update": parts["update"], "export": parts["export"]}
    names = list(parts)
    place = names.index(step.part) if step.part in parts else 0
    while not work.over:
        if parts[names[place]]():
            continue
        place += 1
        if place == len(names):
            _seal(step)
            return
        step.part, step.cursor = names[place], 0
        step.save(update_fields=["part", "cursor"])


def _seal(step: Step) -> None:
    """The plan is whole: from here on it is carried out, approved or dropped, never added to."""
    changes = Change.objects.filter(step=step)
    step.counts["planned"] = changes.filter(status=ChangeStatus.PLANNED).count()
    step.counts["blocked"] = changes.filter(status=ChangeStatus.BLOCKED).count()
    step.counts["handed_over"] = changes.filter(status=ChangeStatus.HANDED_OVER).count()
    step.counts["conflicts"] = Conflict.objects.filter(
        connection=step.connection_id, kind=step.kind, status=Conflict.Status.OPEN
    ).count()
    step.counts["asked"] = step.counts.get("requests", 0)
    step.sealed_at = timezone.now()
    step.save(update_fields=["sealed_at"])
    enter(step, Phase.GUARD)


def _guard(setup: Setup, step: Step, work: Slice) -> None:
    """Nothing to write: done. Preview, writing switched off or stopped: the plan is shown. Else the brake and the first
    approval decide whether a person is asked."""
    planned = Change.objects.filter(step=step, status=ChangeStatus.PLANNED)
    if not step.counts.get("planned"):
        finishing.finish(step, Status.SUCCEEDED)
        return
    warnings = _warnings(setup, step)
    if step.run.mode == Run.Mode.PREVIEW:
        finishing.finish(step, Status.SUCCEEDED, warnings)
        return
    if not setup.connection.writes_enabled:
        disabled = problem_data(problem(Code.WRITE_DISABLED), "person")
        finishing.finish(step, Status.SUCCEEDED, [disabled, *warnings])
        return
    stop = stops.standing(setup.connection)
    if stop is not None:
        finishing.finish(step, Status.SUCCEEDED, [problem_data(stops.told(stop), "person"), *warnings])
        return
    if step.approved_at is None:
        now = timezone.now()
        held_by = brakes.objections_to(setup, step, now)
        step.braked_at = now if held_by else None
        reasons = [problem_data(found, "person") for found in held_by] + warnings
        options = setup.options.get(Kind(step.kind))
        if step.run.undoes_id:
            reasons.insert(0, problem_data(problem(Code.UNDO_ASKED, run=step.run.undoes_id), "person"))
        elif options is None or options.approved_at is None:
            reasons.append(problem_data(problem(Code.APPROVAL_NEEDED, count=planned.count()), "person"))
        if reasons:
            finishing.wait(step, reasons)
            return
    enter(step, Phase.UPDATE)


def _warnings(setup: Setup, step: Step) -> list[dict[str, Any]]:
    """Many new products look like variants and no rule joins them: a shop full of single sizes is hard to undo."""
    kind = Kind(step.kind)
    if kind is not Kind.PRODUCT or setup.erp_connection.group_rule or not setup.shop.of(kind).creates_variants:
        return []
    created = Change.objects.filter(step=step, status=ChangeStatus.PLANNED, action=Action.CREATE_SHOP)
    families = look_alikes(created.values_list("code", "label").iterator(chunk_size=snapshots.CHUNK))
    count = sum(len(codes) for codes in families)
    if count < FEW_LOOK_ALIKES:
        return []
    examples = "; ".join(", ".join(codes[:3]) for codes in families[:2])
    return [problem_data(problem(Code.NO_GROUPING_RULE, count=count, examples=examples), "person")]


def _write(actions: tuple[Action, ...], following: Phase) -> Callable[[Setup, Step, Slice], None]:
    def phase(setup: Setup, step: Step, work: Slice) -> None:
        if not setup.connection.writes_enabled:
            raise PlanRefused(Code.WRITE_DISABLED)
        apply.recover(step)
        while not work.over:
            if step.run.cancel_requested or Run.objects.filter(pk=step.run_id, cancel_requested=True).exists():
                finishing.cancel(step)
                return
            if verifying.resolve_unknown(setup, step, work, actions):
                continue
            if _stopped(setup, step):
                return
            if apply.apply_batch(setup, step, work, actions) or parting.batch(setup, step, work):
                continue
            later = apply.waiting(step, actions)
            if later is None:
                enter(step, following)
            else:
                step.not_before = later.not_before
                step.save(update_fields=["not_before"])
            return

    return phase


def _stopped(setup: Setup, step: Step) -> bool:
    """Whether writing was stopped since this plan was made: then what is left of it is dropped, once nothing of it is
    in doubt any more."""
    if stops.since(setup.connection, step.sealed_at) is None:
        return False
    doubtful = Change.objects.filter(step=step, status=ChangeStatus.UNKNOWN).order_by("not_before").first()
    if doubtful is None:
        finishing.cancel(step, problem(Code.STOPPED_BEFORE))
    else:
        step.not_before = doubtful.not_before
        step.save(update_fields=["not_before"])
    return True


def _verify(setup: Setup, step: Step, work: Slice) -> None:
    while not work.over:
        if not verifying.verify_batch(setup, step, work):
            finishing.conclude(step)
            return


_PHASES: dict[Phase, Callable[[Setup, Step, Slice], None]] = {
    Phase.GATES: _gates,
    Phase.FETCH_ERP: _fetch_erp,
    Phase.FETCH_SHOP: _fetch_shop,
    Phase.LINK: _link,
    Phase.PLAN: _plan,
    Phase.GUARD: _guard,
    Phase.UPDATE: _write(UPDATES, Phase.CREATE),
    Phase.CREATE: _write(CREATES_AND_DELETES, Phase.VERIFY),
    Phase.VERIFY: _verify,
}

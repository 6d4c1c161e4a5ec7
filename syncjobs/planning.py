"""From candidates to a sealed plan: changes of linked elements, chunk by chunk."""

import dataclasses
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from integrator.canonical.records import Problem
from integrator.leases import LeaseHold
from syncjobs import evidence, rivals, snapshots, states
from syncjobs.engine.guard import is_price_jump
from syncjobs.engine.plan import FieldChange, FieldConflict, PairPlan, Rules, plan_pair
from syncjobs.engine.policy import Owner
from syncjobs.fetching import problem_data
from syncjobs.models import Change, Conflict, KindState, Run, Step
from syncjobs.models.choices import Action, ChangeStatus
from syncjobs.pairing import Loaded, candidates, load, offer_for, promised_to_buyers
from syncjobs.setup import Setup

MARGIN = timedelta(hours=1)
"""A step may plan from what was fetched a while before it began."""


def plan_updates(setup: Setup, step: Step, rules: Rules, hold: LeaseHold) -> bool:
    """Plan the next chunk of linked elements. False when there are no more. Raises PlanRefused for missing settings."""
    kind = Kind(step.kind)
    if not rules.policy.updates:
        return _look_at_evidence(setup, step, hold)
    only = step.shop_fetch.keys if step.run.trigger == Run.Trigger.ORDER and step.shop_fetch is not None else None
    found_links = candidates(setup, kind, step.cursor, only)
    if step.selection is not None and "links" in step.selection:
        found_links = found_links.filter(erp_key__in=step.selection["links"])
    links = list(found_links[: snapshots.CHUNK])
    if not links:
        return False
    promised = promised_to_buyers(setup, {link.erp_key for link in links}) if kind is Kind.STOCK else {}
    loaded = load(setup, kind, links, offer_for(setup, kind, promised))
    with transaction.atomic():
        hold.check()
        changes: list[Change] = []
        kept: list[KindState] = []
        found: list[tuple[Loaded, list[FieldConflict]]] = []
        plans = _plans(step, loaded, rules)
        for item in loaded:
            state = states.current(setup, item.state, item.link, kind)
            changes += _plan_one(setup, step, rules, item, state, plans.get(item.link.pk), found)
            if item.link.erp_key in promised:
                # What is offered hangs on more than the stock: planned in every run until nothing is promised.
                state.erp_fp = ""
            kept.append(state)
        Change.objects.bulk_create(changes)
        states.save(kept)
        evidence.note(kind, loaded)
        _save_conflicts(found)
        step.cursor = links[-1].pk
        step.save(update_fields=["cursor"])
    return True


def _look_at_evidence(setup: Setup, step: Step, hold: LeaseHold) -> bool:
    """Nothing of this kind is written, so its links are not planned; what changed since the last plan is looked at all
    the same, as far as a link rests on it. False when there is no more."""
    kind = Kind(step.kind)
    earlier = Step.objects.filter(connection=setup.connection, kind=kind, sealed_at__isnull=False, pk__lt=step.pk)
    began = earlier.order_by("-pk").values_list("started_at", flat=True).first()
    if kind in PRODUCT_STATE_KINDS or began is None:
        return False
    with transaction.atomic():
        hold.check()
        last = evidence.sweep(setup, kind, began - MARGIN, step.cursor)
        step.cursor = last or step.cursor
        step.save(update_fields=["cursor"])
    return last is not None


def _plans(step: Step, loaded: Iterable[Loaded], rules: Rules) -> dict[int, PairPlan]:
    """By link. Fields that something else overwrites again and again become conflicts instead of writes."""
    plans = {}
    planned = []
    for item in loaded:
        if item.pair is not None and not item.problems:
            plans[item.link.pk] = plan_pair(item.pair, rules)
            planned.append((item, plans[item.link.pk]))
    contested = rivals.contested(step, planned)
    for item, _plan in planned:
        names = contested.get(item.link.pk)
        if names and item.pair is not None:
            pair = dataclasses.replace(item.pair, contested={**item.pair.contested, **names})
            plans[item.link.pk] = plan_pair(pair, rules)
    return plans


def _plan_one(
    setup: Setup,
    step: Step,
    rules: Rules,
    item: Loaded,
    state: KindState,
    plan: PairPlan | None,
    found: list[tuple[Loaded, list[FieldConflict]]],
) -> list[Change]:
    state.erp_fp, state.shop_fp = item.erp_item.fingerprint, item.shop_item.fingerprint
    if plan is None:
        state.open = True
        return [_blocked(step, item, [], item.problems[0])]
    states.settle(state, plan.settled_erp, plan.settled_shop)
    state.drifted = plan.drifted
    state.open = not plan.quiet
    found.append((item, plan.conflicts))
    return list(_changes(setup, step, rules, item, plan))


def _changes(setup: Setup, step: Step, rules: Rules, item: Loaded, plan: PairPlan) -> Iterable[Change]:
    if plan.to_shop:
        yield _change(setup, step, rules, item, Action.UPDATE_SHOP, plan.to_shop)
    if plan.to_erp:
        yield _change(setup, step, rules, item, Action.UPDATE_ERP, plan.to_erp)
    by_code: dict[str, tuple[Problem, list[FieldChange]]] = {}
    for change, problem in plan.blocked:
        by_code.setdefault(f"{problem.code}{change.name}", (problem, []))[1].append(change)
    for problem, fields in by_code.values():
        yield _blocked(step, item, fields, problem)


def fields_data(fields: Iterable[FieldChange]) -> list[dict[str, Any]]:
    return [{"name": change.name, "old": change.old, "new": change.new} for change in fields]


def _about(step: Step, item: Loaded) -> dict[str, Any]:
    named = item.erp_item
    return {
        "step": step,
        "connection_id": step.connection_id,
        "kind": step.kind,
        "link": item.link,
        "erp_key": item.link.erp_key,
        "shop_key": item.link.shop_key,
        "code": (named.code if step.kind != Kind.IMAGE else "") or item.shop_item.code or item.link.erp_key,
        "label": named.label or item.shop_item.label,
        "erp_fp": item.erp_item.fingerprint,
        "shop_fp": item.shop_item.fingerprint,
    }


def _change(setup: Setup, step: Step, rules: Rules, item: Loaded, action: Action, fields: list[FieldChange]) -> Change:
    assert item.pair is not None
    source = item.pair.erp if action is Action.UPDATE_SHOP else item.pair.shop
    careful = any(
        rules.policy.owner(change.name) is Owner.ASK or change.name in item.pair.decisions for change in fields
    )
    return Change(
        **_about(step, item),
        action=action,
        fields=fields_data(fields),
        extra={"source": {change.name: source[change.name] for change in fields}, "look_first": careful},
        risk=risk_of(setup, step, fields),
    )


def risk_of(setup: Setup, step: Step, fields: list[FieldChange]) -> str:
    """Why a person should look at an update first; empty: no need. See `Change.risk`."""
    for change in fields:
        if change.name == "quantity" and change.new == "0" and change.old != "0":
            return "zero"
        if change.name == "price" and is_price_jump(
            Decimal(str(change.old or 0)), Decimal(str(change.new or 0)), setup.limits().price_jump_percent
        ):
            return "price_jump"
    return ""


def _blocked(step: Step, item: Loaded, fields: list[FieldChange], problem: Problem) -> Change:
    return Change(
        **_about(step, item),
        action=Action.UPDATE_SHOP,
        status=ChangeStatus.BLOCKED,
        fields=fields_data(fields),
        problem=problem_data(problem),
        done_at=timezone.now(),
    )


def _save_conflicts(found: Iterable[tuple[Loaded, list[FieldConflict]]]) -> None:
    """Open new conflicts, refresh those whose values moved, close those that are no more. A decision whose values moved
    is void: the conflict opens again with the fresh ones."""
    new, moved, closed = [], [], []
    for item, conflicts in found:
        now = {conflict.name: conflict for conflict in conflicts}
        for name, conflict in now.items():
            known = item.conflicts.get(name)
            if known is None:
                new.append(_conflict(item, conflict))
            elif (known.erp, known.shop) != (conflict.erp, conflict.shop):
                if known.erp != conflict.erp:
                    known.erp_at = item.erp_item.updated_at
                if known.shop != conflict.shop:
                    known.shop_at = item.shop_item.updated_at
                known.erp, known.shop, known.status = conflict.erp, conflict.shop, Conflict.Status.OPEN
                known.base_erp, known.base_shop = conflict.base_erp, conflict.base_shop
                known.version += 1
                moved.append(known)
        closed += [
            known.pk
            for name, known in item.conflicts.items()
            if name not in now and known.status == Conflict.Status.OPEN
        ]
    Conflict.objects.bulk_create(new)
    fresh = ["erp", "shop", "erp_at", "shop_at", "base_erp", "base_shop", "status", "version"]
    Conflict.objects.bulk_update(moved, fresh, batch_size=50)
    Conflict.objects.filter(pk__in=closed).update(status=Conflict.Status.CLOSED)


def _conflict(item: Loaded, conflict: FieldConflict) -> Conflict:
    return Conflict(
        connection_id=item.link.connection_id,
        link=item.link,
        kind=item.erp_item.kind,
        field=conflict.name,
        base_erp=conflict.base_erp,
        base_shop=conflict.base_shop,
        erp=conflict.erp,
        shop=conflict.shop,
        erp_at=item.erp_item.updated_at,
        shop_at=item.shop_item.updated_at,
        rounds=conflict.rounds,
    )

"""Whoever else writes the same fields, found in the stored history of changes: our value, another, ours again.

Only a pair is looked at whose ERP value stands as we last wrote it while the shop shows something else (or the other
way round), so a quiet night costs nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Max
from django.utils import timezone

from integrator.canonical.kinds import Kind
from syncjobs.engine.plan import FieldChange, PairPlan
from syncjobs.engine.rivals import ENOUGH, Write, rounds
from syncjobs.models import Change, Conflict, Rival, Step
from syncjobs.models.choices import Action, ChangeStatus, Side
from syncjobs.pairing import Loaded

LOOKS_BACK = timedelta(days=30)
Found = dict[int, dict[str, int]]
"""Link -> field -> rounds."""
SIDES = {Action.UPDATE_SHOP: Side.SHOP, Action.UPDATE_ERP: Side.ERP}


def contested(step: Step, planned: Iterable[tuple[Loaded, PairPlan]]) -> Found:
    """Fields about to be written that something else has overwritten so often that we stop. Stock is told of and
    written all the same: holding it back would sell what is not there."""
    kind = Kind(step.kind)
    asked = {item.link.erp_key: (item, suspects) for item, plan in planned if (suspects := _suspects(item, plan))}
    if not asked:
        return {}
    history = _history(step, list(asked))
    found: Found = {}
    seen: dict[tuple[str, Side], list[int]] = defaultdict(list)
    for key, (item, suspects) in asked.items():
        for action, change in suspects:
            writes = [*history.get((key, action, change.name), []), Write(old=change.old, new=change.new)]
            count = rounds(writes, only_raised=kind is Kind.STOCK)
            if count >= ENOUGH:
                seen[change.name, SIDES[action]].append(count)
                if kind is not Kind.STOCK:
                    found.setdefault(item.link.pk, {})[change.name] = count
    for (name, side), counts in seen.items():
        _note(step, name, side, counts)
    return found


def _suspects(item: Loaded, plan: PairPlan) -> list[tuple[Action, FieldChange]]:
    """Planned writes that only put back what we had written: the side that rules has not moved."""
    if item.pair is None:
        return []
    pair = item.pair
    to_shop = [
        one for one in plan.to_shop if one.name in pair.erp_seen and pair.erp_seen[one.name] == pair.erp[one.name]
    ]
    to_erp = [
        one for one in plan.to_erp if one.name in pair.shop_seen and pair.shop_seen[one.name] == pair.shop[one.name]
    ]
    found = [(Action.UPDATE_SHOP, one) for one in to_shop] + [(Action.UPDATE_ERP, one) for one in to_erp]
    return [(action, one) for action, one in found if one.name not in pair.decisions]


def _history(step: Step, keys: list[str]) -> dict[tuple[str, Action, str], list[Write]]:
    """What we wrote to these elements lately, field by field, oldest first, since a person last decided about it."""
    rows = Change.objects.filter(
        connection=step.connection_id,
        kind=step.kind,
        erp_key__in=keys,
        action__in=list(SIDES),
        status=ChangeStatus.APPLIED,
        done_at__gte=timezone.now() - LOOKS_BACK,
    ).order_by("id")
    decided = _decided(step, keys)
    found: dict[tuple[str, Action, str], list[Write]] = defaultdict(list)
    for key, action, fields, extra, done_at in rows.values_list("erp_key", "action", "fields", "extra", "done_at"):
        for one in fields:
            moment = decided.get((key, one["name"]))
            if moment is None or (done_at is not None and done_at > moment):
                write = Write(old=one["old"], new=one["new"], by_person=bool(extra.get("look_first")))
                found[key, Action(action), one["name"]].append(write)
    return found


def _decided(step: Step, keys: list[str]) -> dict[tuple[str, str], datetime]:
    rows = Conflict.objects.filter(
        connection=step.connection_id, kind=step.kind, link__erp_key__in=keys, rounds__gt=0, decided_at__isnull=False
    )
    last = rows.values_list("link__erp_key", "field").annotate(last=Max("decided_at")).order_by()
    return {(key, name): at for key, name, at in last}


def _note(step: Step, name: str, side: Side, counts: list[int]) -> None:
    """For people. Several chunks of one run add up."""
    now = timezone.now()
    rival, made = Rival.objects.get_or_create(
        connection_id=step.connection_id,
        kind=step.kind,
        field=name,
        side=side,
        defaults={"since": now, "last_at": now, "elements": len(counts), "rounds": max(counts), "run": step.run_id},
    )
    if made:
        return
    more = F("elements") + len(counts) if rival.run == step.run_id else len(counts)
    most = max(rival.rounds, *counts) if rival.run == step.run_id else max(counts)
    Rival.objects.filter(pk=rival.pk).update(elements=more, rounds=most, run=step.run_id, last_at=now)

"""When the next stage may open: criteria with the numbers that were measured. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from syncjobs.wizard.flows import STAGES, Flow, Stage

ORDERS_PLACED = 5
LINKED_PERCENT = 95
GOOD_RUNS = 3
PARCELS_TOLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was counted. `orders_missing`: points that orders still need; `good_runs`: the latest whole runs of stock in
    a row that ended well."""

    sides_tested: int = 0
    orders_missing: int = 0
    orders_placed: int = 0
    orders_held: int = 0
    linked_percent: int = 0
    settings_missing: int = 0
    good_runs: int = 0
    stock_failed: int = 0
    parcels_told: int = 0
    not_told: int = 0


@dataclass(frozen=True, slots=True)
class Criterion:
    """`name` is a field of `Measured`; it is met at `wanted` or above, or with `most` at `wanted` or below."""

    name: str
    value: int
    wanted: int
    most: bool = False

    @property
    def met(self) -> bool:
        return self.value <= self.wanted if self.most else self.value >= self.wanted


@dataclass(frozen=True, slots=True)
class StageState:
    stage: Stage
    flows: tuple[Flow, ...]
    """Of the stage, as far as they were agreed on."""
    opened: bool
    before: Stage | None
    """The stage that has to be open first, None: none, or it is."""
    criteria: tuple[Criterion, ...]

    @property
    def may_open(self) -> bool:
        return bool(self.flows) and not self.opened and self.before is None and all(one.met for one in self.criteria)


def stage_states(wanted: Collection[Flow], opened: Collection[str], measured: Measured) -> list[StageState]:
    """Every stage in order. One without an agreed flow is passed over: what it would have measured is not asked."""
    found: list[StageState] = []
    earlier: list[StageState] = []
    for stage, flows in STAGES.items():
        agreed = tuple(flow for flow in flows if flow in wanted)
        last = earlier[-1] if earlier else None
        before = last.stage if last is not None and not last.opened else None
        criteria = _criteria(stage, {one.stage for one in earlier}, wanted, measured) if agreed else ()
        state = StageState(stage, agreed, stage in opened, before, criteria)
        found.append(state)
        if agreed:
            earlier.append(state)
    return found


def _criteria(
    stage: Stage, earlier: Collection[Stage], wanted: Collection[Flow], measured: Measured
) -> tuple[Criterion, ...]:
    def least(name: str, number: int) -> Criterion:
        return Criterion(name, _of(measured, name), number)

    def none(name: str) -> Criterion:
        return Criterion(name, _of(measured, name), 0, most=True)

    found = [least("sides_tested", 2)]
    if stage is Stage.ORDERS:
        found.append(none("orders_missing"))
    elif stage is Stage.STOCK:
        found += [none("settings_missing"), least("linked_percent", LINKED_PERCENT)]
    elif Flow.ORDERS not in wanted:
        found.append(none("orders_missing"))
    if stage is not Stage.ORDERS and Stage.ORDERS in earlier:
        found += [least("orders_placed", ORDERS_PLACED), none("orders_held")]
    if stage in (Stage.SHIPMENTS, Stage.DOCUMENTS) and Flow.STOCK in wanted:
        found += [least("good_runs", GOOD_RUNS), none("stock_failed")]
    if stage is Stage.DOCUMENTS and Stage.SHIPMENTS in earlier:
        found += [least("parcels_told", PARCELS_TOLD)] if Flow.SHIPMENTS in wanted else []
        found.append(none("not_told"))
    return tuple(found)


def _of(measured: Measured, name: str) -> int:
    value: Any = getattr(measured, name)
    return int(value)

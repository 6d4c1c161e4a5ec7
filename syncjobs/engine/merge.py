"""Deciding one field of a linked element from what both sides hold now and held when they were last settled."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from integrator.canonical.records import FieldValue
from syncjobs.engine.policy import FirstAgreement, Owner


class Never(Enum):
    """A field that was never settled (None is a value that may have been)."""

    SETTLED = "never settled"


Seen = FieldValue | Never


class Verdict(StrEnum):
    NOTHING = "nothing"
    SETTLE = "settle"
    DRIFTED = "drifted"
    """Settled before and unmoved since, though the two differ: a side keeps something else than it was sent."""
    TO_SHOP = "to_shop"
    TO_ERP = "to_erp"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldState:
    """One field of one pair. `equal`: the same under projection in the direction that counts."""

    equal: bool
    erp_moved: bool
    shop_moved: bool
    settled: bool
    to_shop: bool
    """Can be written in the shop."""
    to_erp: bool


def decide(owner: Owner, state: FieldState, first: FirstAgreement) -> Verdict:
    """The decision table, first row that fits. Where the losing side cannot be written the difference is settled."""
    if owner is Owner.IGNORE:
        return Verdict.NOTHING
    if state.equal:
        return Verdict.SETTLE
    if state.settled and not state.erp_moved and not state.shop_moved:
        return Verdict.DRIFTED
    if not state.settled:
        return _first(first, state)
    if owner is Owner.ERP:
        return _towards_shop(state)
    if owner is Owner.SHOP:
        return _towards_erp(state)
    if state.erp_moved and state.shop_moved:
        return Verdict.CONFLICT
    return _towards_shop(state) if state.erp_moved else _towards_erp(state)


def _first(first: FirstAgreement, state: FieldState) -> Verdict:
    if first is FirstAgreement.ASK:
        return Verdict.CONFLICT
    return _towards_shop(state) if first is FirstAgreement.ERP else _towards_erp(state)


def _towards_shop(state: FieldState) -> Verdict:
    return Verdict.TO_SHOP if state.to_shop else Verdict.SETTLE


def _towards_erp(state: FieldState) -> Verdict:
    return Verdict.TO_ERP if state.to_erp else Verdict.SETTLE

"""Stages open one after the other, each on what was measured of the one before."""

from syncjobs.wizard.flows import Flow, Stage
from syncjobs.wizard.stages import Measured, stage_states

ALL = tuple(Flow)
WELL = Measured(sides_tested=2, orders_placed=5, linked_percent=95, good_runs=3, parcels_told=3)


def by_stage(*opened: str, wanted: tuple[Flow, ...] = ALL, measured: Measured = WELL) -> dict[Stage, bool]:
    return {state.stage: state.may_open for state in stage_states(wanted, opened, measured)}


def test_they_open_in_order_however_good_the_numbers() -> None:
    assert by_stage() == {Stage.ORDERS: True, Stage.STOCK: False, Stage.SHIPMENTS: False, Stage.DOCUMENTS: False}
    assert by_stage("orders")[Stage.STOCK]
    assert by_stage("orders", "stock", "shipments")[Stage.DOCUMENTS]


def test_one_number_too_low_keeps_the_next_stage_closed() -> None:
    for worse in (
        {"sides_tested": 1},
        {"linked_percent": 94},
        {"orders_placed": 4},
        {"orders_held": 1},
        {"settings_missing": 1},
    ):
        measured = Measured(**{"sides_tested": 2, "linked_percent": 95, "orders_placed": 5, **worse})
        assert not by_stage("orders", measured=measured)[Stage.STOCK], worse


def test_a_stage_that_nobody_agreed_on_is_passed_over_and_not_measured() -> None:
    found = stage_states((Flow.STOCK, Flow.DOCUMENTS), ["stock"], Measured(sides_tested=2, good_runs=3))
    states = {state.stage: state for state in found}
    assert not states[Stage.ORDERS].flows
    assert states[Stage.DOCUMENTS].may_open
    assert "orders_placed" not in {one.name for one in states[Stage.DOCUMENTS].criteria}


def test_what_is_open_does_not_open_again() -> None:
    assert not by_stage("orders")[Stage.ORDERS]

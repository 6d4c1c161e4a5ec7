"""Schedules are what they say: the same for a seed, readable, and striking at just the calls they name."""

from random import Random

import pytest

from shops.simulation.faults import Faults
from tests.faults.schedule import MEMORY_WORDS, SHOP_WORDS, Schedule, Strike, arm, differences, schedule

pytestmark = pytest.mark.one_database


def test_a_seed_is_one_schedule_and_all_words_are_used() -> None:
    assert schedule(7) == schedule(7)
    used = {strike.word for seed in range(200) for strike in schedule(seed).strikes}
    assert used == set(SHOP_WORDS)
    assert set(MEMORY_WORDS) - set(SHOP_WORDS) == {"killed"}
    assert all(0 < len({one.call for one in plan.strikes}) == len(plan.strikes) for plan in map(schedule, range(200)))


def test_a_schedule_can_be_read() -> None:
    plan = Schedule(7, (Strike(3, "drop"), Strike(9, "error", status=503), Strike(12, "skew", seconds=-300)))
    assert str(plan) == "seed 7: call 3 drop, call 9 error 503, call 12 skew -300 s"


@pytest.mark.parametrize("seed", range(5))
def test_a_simulated_shop_is_struck_at_the_calls_that_are_named(seed: int) -> None:
    plan, faults, chance = schedule(seed), Faults(), Random(seed)
    arm(faults, plan)
    struck = {}
    for call in range(1, 101):
        fault = faults.take(chance.choice(("GET", "POST")), chance.choice(("products", "bulk")))
        if fault:
            struck[call] = fault.kind
    assert struck == {strike.call: strike.word for strike in plan.strikes}


def test_what_differs_is_told_by_its_place() -> None:
    expected = {"products": {"A": {"stock": "7"}, "B": {"stock": "1"}}, "links": ["A", "B"]}
    found = {"products": {"A": {"stock": "5"}, "C": {"stock": "1"}}, "links": ["A", "B"]}
    assert differences(expected, expected) == []
    assert differences(expected, found) == [
        "products / A / stock: '5', not '7'",
        "products / B: missing",
        "products / C: too much ({'stock': '1'})",
    ]

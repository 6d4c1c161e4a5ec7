"""The brake: which plans wait for a person, and that small ones are left alone."""

from decimal import Decimal

import pytest

from integrator.canonical.problems import Code
from syncjobs.engine.guard import Limits, PlanCounts, incomplete_side, is_price_jump, objections

USUAL = Limits()


def codes(limits: Limits = USUAL, **counts: int) -> list[str]:
    return [problem.code for problem in objections(PlanCounts(**counts), limits)]


@pytest.mark.parametrize(
    ("count", "at_limit", "code"),
    [
        ("updates", 600, Code.SHARE_TOO_LARGE),
        ("zeroed", 200, Code.TOO_MANY_ZEROS),
        ("deactivations", 50, Code.TOO_MANY_HIDDEN),
    ],
)
def test_a_share_of_the_linked_elements(count, at_limit, code):
    assert codes(linked=1000, **{count: at_limit}) == []
    assert codes(linked=1000, **{count: at_limit + 1}) == [code]


@pytest.mark.parametrize("count", ["updates", "zeroed", "deactivations"])
def test_small_plans_are_no_disaster(count):
    assert codes(linked=20, **{count: 20}) == []
    assert codes(linked=21, **{count: 21}) != []
    assert codes(Limits(small=0), linked=3, **{count: 3}) != []


def test_every_delete_waits_unless_the_limit_was_raised():
    assert codes(linked=1000, deletes=1) == [Code.TOO_MANY_DELETES]
    assert codes(Limits(deletes=3), linked=1000, deletes=3) == []
    assert codes(Limits(deletes=3), linked=1000, deletes=4) == [Code.TOO_MANY_DELETES]


def test_every_price_jump_waits_unless_the_limit_was_raised():
    assert codes(price_jumps=1) == [Code.PRICE_JUMP]
    assert codes(Limits(price_jumps=1), price_jumps=1) == []


def test_creates_alone_are_never_braked():
    assert codes(creates=5000) == []


def test_all_objections_are_told_at_once():
    found = codes(linked=100, updates=100, deletes=2, zeroed=50, price_jumps=1, deactivations=30)
    assert len(found) == len(set(found)) == 5


def test_a_shop_that_grew_from_nothing_waits_too():
    assert codes(linked=0, updates=21) == [Code.SHARE_TOO_LARGE]


def test_the_reason_holds_the_figures_a_person_needs():
    (found,) = objections(PlanCounts(linked=1000, zeroed=300), USUAL)
    assert found.as_dict() == {"count": "300", "total": "1000", "limit": "20%"}


def test_limits_come_from_the_connection_s_settings():
    limits = Limits.of({"deletes": "5", "share_changed": 30, "price_jump_percent": "12.5", "unheard": 1})
    assert (limits.deletes, limits.share_changed, limits.price_jump_percent) == (5, Decimal(30), Decimal("12.5"))
    assert limits.share_zeroed == USUAL.share_zeroed


@pytest.mark.parametrize(
    ("old", "new", "jump"),
    [("100", "150", False), ("100", "150.01", True), ("100", "50", False), ("100", "49.99", True), ("0", "900", False)],
)
def test_a_price_jumps_in_both_directions(old, new, jump):
    assert is_price_jump(Decimal(old), Decimal(new), Decimal(50)) is jump


@pytest.mark.parametrize(
    ("known", "received", "code"),
    [
        (2, 0, None),
        (3, 0, Code.FETCH_INCOMPLETE),
        (9, 0, Code.FETCH_INCOMPLETE),
        (9, 1, None),
        (10, 0, Code.SIDE_EMPTY),
        (10, 4, Code.FETCH_INCOMPLETE),
        (10, 5, Code.FETCH_INCOMPLETE),
        (10, 6, None),
        (0, 0, None),
        (10, 40, None),
    ],
)
def test_of_a_side_that_shows_half_or_nothing_nothing_is_concluded(known, received, code):
    found = incomplete_side(known, received)
    assert (found.code if found else None) == code

"""Somebody else who writes the same field: told from a person's one edit, from sales, from a price that moves."""

import pytest

from syncjobs.engine.rivals import Write, rounds


def writes(*pairs: tuple[object, object]) -> list[Write]:
    return [Write(old=old, new=new) for old, new in pairs]


@pytest.mark.parametrize(
    ("history", "count"),
    [
        ([], 0),
        (writes(("9", "12")), 0),
        (writes(("9", "12"), ("10", "12")), 1),
        (writes(("9", "12"), ("10", "12.00"), ("10", "12"), ("11", "12")), 3),
        (writes(("9", "12"), ("10", "12"), ("12", "13"), ("10", "13")), 1),
        (writes(("9", "12"), ("12", "12")), 0),
        (writes(("a", "b"), ("a", "b"), ("c", "b")), 2),
    ],
)
def test_our_value_another_value_our_value(history, count):
    assert rounds(history) == count


def test_what_a_person_decided_begins_anew():
    history = writes(("9", "12"), ("10", "12"), ("10", "12"))
    history[1] = Write(old="10", new="12", by_person=True)
    assert rounds(history) == 0


def test_a_shop_sells_from_its_stock():
    assert rounds(writes((9, 5), (4, 5), (3, 5)), only_raised=True) == 0
    assert rounds(writes((9, 5), (7, 5), (8, 5)), only_raised=True) == 2

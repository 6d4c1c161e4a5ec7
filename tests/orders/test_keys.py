"""Numbers that are found again for ever, and never by another shop."""

from uuid import UUID

import pytest

from syncjobs.orders.keys import LENGTH, KeyTooLong, next_number, order_number, suggested_prefix, valid_prefix


def test_a_number_is_the_prefix_and_the_shops_own_id():
    assert order_number("SKLP", "10234") == "SKLP-10234"


def test_two_shops_that_issue_the_same_number_do_not_meet():
    assert order_number("SKL1", "77") != order_number("SKL2", "77")


def test_a_uuid_fits_whole_and_stays_one_of_a_kind():
    made = [order_number("ALGR", str(UUID(int=number))) for number in (1, 2, 2**127)]
    assert len(set(made)) == 3
    assert all(len(one) <= LENGTH for one in made)


@pytest.mark.parametrize("key", ["", "x" * 26, "12 34", "ą1"])
def test_an_id_that_cannot_be_kept_whole_is_refused_not_cut(key):
    with pytest.raises(KeyTooLong):
        order_number("SKLP", key)


@pytest.mark.parametrize("prefix", ["", "SKL", "sklp", "SKLEP", "SK-P"])
def test_a_prefix_is_four_capitals_and_digits(prefix):
    assert not valid_prefix(prefix)
    with pytest.raises(ValueError, match="no prefix"):
        order_number(prefix, "1")


def test_a_suggested_prefix_is_free():
    taken: set[str] = set()
    for _ in range(30):
        one = suggested_prefix("Sklep Łąka", taken)
        assert valid_prefix(one)
        assert one not in taken
        taken.add(one)


def test_an_order_imported_once_more_gets_a_number_that_no_other_order_has():
    assert next_number("SKLP-12") == "SKLP-12/2"
    assert next_number("SKLP-12/2") == "SKLP-12/3"
    with pytest.raises(KeyTooLong):
        next_number(order_number("SKLP", "x" * 25))

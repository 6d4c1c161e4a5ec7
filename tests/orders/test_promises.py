"""What is promised to buyers and does not show yet in the stock that was read."""

from datetime import timedelta
from decimal import Decimal

from syncjobs.orders.availability import Promise, Reading, promised, read_anew
from tests.orders.make import NOW

BEFORE, SEEN, AFTER = NOW - timedelta(minutes=20), NOW - timedelta(minutes=10), NOW


def promise(quantity: str = "5", *readings: Reading, **more: object) -> Promise:
    return Promise(product="A", quantity=Decimal(quantity), readings=readings, **more)  # type: ignore[arg-type]


def reading(at=SEEN, reserved: str = "0", issued: str = "0") -> Reading:
    return Reading(at=at, reserved=Decimal(reserved), issued=Decimal(issued))


def still(one: Promise, as_of=AFTER, *, counts_reserved: bool = True) -> Decimal:
    return one.open(as_of, counts_reserved=counts_reserved)


def test_what_is_promised_is_not_offered_twice():
    """Reserved goods count as covered only in a stock that was read after the reservation."""
    taken = [
        promise("3"),
        promise("5", reading(reserved="4", issued="1")),
        Promise(product="B", quantity=Decimal(9), readings=(reading(reserved="2"),)),
    ]
    assert promised(taken, SEEN - timedelta(minutes=1)) == {"A": 8, "B": 9}
    assert promised(taken, SEEN) == {"A": 3, "B": 7}
    assert promised(taken, SEEN, counts_reserved=False) == {"A": 7, "B": 9}
    assert promised(taken) == {"A": 8, "B": 9}, "no stock was read yet: nothing of it shows"


def test_a_later_reading_does_not_make_an_earlier_one_forgotten():
    """Reserved before the stock was read, partly issued after: the stock shows the reservation all the same."""
    one = promise("5", reading(BEFORE, reserved="5"), reading(AFTER, reserved="3", issued="2"))
    assert still(one, SEEN) == 0
    assert still(one, AFTER) == 0
    assert still(one, SEEN, counts_reserved=False) == 5
    assert still(one, AFTER, counts_reserved=False) == 3


def test_a_reservation_that_was_taken_back_may_be_missing_from_the_stock_already():
    one = promise("5", reading(BEFORE, reserved="5"), reading(AFTER))
    assert still(one, SEEN) == 5
    assert still(one, AFTER) == 5


def test_a_promise_that_ended_counts_until_a_stock_is_read_after_its_end():
    one = promise("5", reading(SEEN, issued="5"), ended_at=SEEN)
    assert still(one, BEFORE) == 5
    assert still(one, SEEN) == 0
    closed_short = promise("5", reading(SEEN, issued="2"), ended_at=SEEN)
    assert still(closed_short, SEEN) == 0, "WAPRO says that the order is realised: the rest will not be issued"


def test_what_is_let_go_comes_back_at_once_except_what_was_issued():
    whole = promise("5", reading(BEFORE, reserved="5"), ended_at=AFTER, let_go=True)
    assert still(whole, BEFORE - timedelta(minutes=1)) == 0
    part = promise(
        "5", reading(BEFORE, reserved="5"), reading(AFTER, reserved="3", issued="2"), ended_at=AFTER, let_go=True
    )
    assert still(part, SEEN) == 2, "two pieces have left, and the stock was read before"
    assert still(part, AFTER) == 0
    assert still(promise("5", ended_at=AFTER, let_go=True), SEEN) == 0


def test_readings_that_say_the_same_are_one_and_only_the_last_are_kept():
    found = ()
    for number, held in enumerate(["0", "2", "2", "3", "3", "4", "5", "1"]):
        found = read_anew(found, reading(NOW + timedelta(minutes=number), reserved=held))
    assert [int(one.reserved) for one in found] == [3, 4, 5, 1]
    assert still(promise("5", *found), NOW + timedelta(minutes=2)) == 5, "as old a stock counts as showing nothing"

"""How long a piece that was bought in one shop is still on offer in the others."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from syncjobs.orders.exposure import Exposure, Purchase, most_bought, spans
from tests.orders.make import NOW


def seconds(*values: float) -> list[timedelta]:
    return [timedelta(seconds=value) for value in values]


def bought(product: str, minute: float, pieces: str = "1") -> Purchase:
    return Purchase(product=product, at=NOW + timedelta(minutes=minute), pieces=Decimal(pieces))


def test_what_was_measured_is_told_by_its_middle_and_its_longest():
    found = spans(seconds(30, 100, 20, 400))
    assert found is not None
    assert (found.count, found.usual, found.most) == (4, timedelta(seconds=65), timedelta(seconds=400))
    assert spans([]) is None
    early = spans(seconds(-3))
    assert early is not None
    assert early.most == timedelta(0), "the shop's clock is ahead of ours"


def test_before_anything_was_measured_the_settings_speak():
    plain = Exposure(interval=timedelta(minutes=2))
    assert (plain.usual, plain.most, plain.window) == (timedelta(minutes=2), None, timedelta(minutes=2))
    written = Exposure(interval=timedelta(minutes=2), written=spans(seconds(10)))
    assert (written.usual, written.most) == (timedelta(seconds=130), None)


def test_both_legs_of_the_way_are_added():
    found = Exposure(interval=timedelta(minutes=2), noticed=spans(seconds(50, 70, 290)), written=spans(seconds(6, 8)))
    assert found.usual == timedelta(seconds=77)
    assert found.most == timedelta(seconds=298)
    assert found.window == found.most, "it took longer than the settings promise"
    quick = Exposure(interval=timedelta(minutes=10), noticed=spans(seconds(5)), written=spans(seconds(5)))
    assert quick.window == timedelta(seconds=605), "webhooks may fail: a buffer covers the polling"


def test_the_most_that_was_bought_of_one_product_within_the_window():
    sold = [bought("A", 0), bought("A", 2), bought("B", 1, "3"), bought("A", 4, "2"), bought("A", 30)]
    assert most_bought(sold, timedelta(minutes=3)) == 3
    assert most_bought(sold, timedelta(minutes=1)) == 3, "three of B at once"
    assert most_bought(sold, timedelta(hours=1)) == 5
    assert most_bought([], timedelta(minutes=3)) == 0


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 60), st.integers(1, 5)), max_size=30), st.integers(0, 20)
)
def test_a_buffer_of_that_many_covers_every_window(sales: list[tuple[str, int, int]], minutes: int) -> None:
    window = timedelta(minutes=minutes)
    most = most_bought([bought(product, minute, str(pieces)) for product, minute, pieces in sales], window)
    for product, begin, _ in sales:
        within = [n for other, minute, n in sales if other == product and begin <= minute <= begin + minutes]
        assert sum(within) <= most

"""What writing a plan will cost: by batches and limit before anything was written, by the past afterwards."""

import pytest

from integrator.canonical.capabilities import Capabilities, KindCapabilities
from integrator.canonical.kinds import Kind
from integrator.throttle import Rate
from syncjobs.estimates import CREATE, IN_ERP, REMOVE, UPDATE, Past, Terms, estimate

SHOP = Capabilities(label="x", batch_size=25, kinds={Kind.IMAGE: KindCapabilities(batch=1)})
ERP = Capabilities(label="w", batch_size=20, kinds={})


@pytest.mark.parametrize(
    ("kind", "writes", "requests"),
    [
        (Kind.PRICE, {UPDATE: 100}, 5),
        (Kind.PRODUCT, {UPDATE: 100}, 6),
        (Kind.PRODUCT, {UPDATE: 26, CREATE: 1, REMOVE: 3}, 5),
        (Kind.IMAGE, {CREATE: 60}, 62),
        (Kind.PRODUCT, {IN_ERP: 41}, 4),
        (Kind.PRODUCT, {REMOVE: 10}, 1),
        (Kind.STOCK, {}, 0),
    ],
)
def test_calls_are_full_batches_and_reading_back(kind: Kind, writes: dict[str, int], requests: int) -> None:
    assert estimate(kind, writes, Terms(shop=SHOP, erp=ERP)).requests == requests


def test_a_shop_never_called_is_assumed_to_be_slow_rather_than_fast() -> None:
    found = estimate(Kind.PRICE, {UPDATE: 100}, Terms(shop=SHOP))
    assert (found.seconds, found.measured) == (2.5, False)


def test_reading_tells_how_fast_the_shop_answers_until_something_was_written() -> None:
    read = Terms(shop=SHOP, reading=2.0)
    assert estimate(Kind.PRICE, {UPDATE: 100}, read).seconds == 10
    wrote = Terms(shop=SHOP, reading=2.0, past=[Past(Kind.STOCK, {UPDATE: 50}, 3, 3.0)])
    found = estimate(Kind.PRICE, {UPDATE: 100}, wrote)
    assert (found.seconds, found.measured) == (5.0, True)


def test_the_limit_of_the_shop_is_waited_for() -> None:
    found = estimate(Kind.IMAGE, {CREATE: 108}, Terms(shop=SHOP, reading=0.01, rate=Rate(burst=10, per_second=2)))
    assert found.requests == 111
    assert (found.seconds, found.limited) == (50.5, True)


def test_a_kind_that_took_more_calls_than_declared_will_do_so_again() -> None:
    past = [Past(Kind.PRODUCT, {CREATE: 25}, 8, 8.0)]
    assert estimate(Kind.PRODUCT, {CREATE: 50}, Terms(shop=SHOP, past=past)).requests == 12
    assert estimate(Kind.STOCK, {UPDATE: 50}, Terms(shop=SHOP, past=past)).requests == 3


def test_one_odd_run_is_no_rule() -> None:
    past = [Past(Kind.PRODUCT, {UPDATE: 1}, 100_000, 1.0)]
    assert estimate(Kind.PRODUCT, {UPDATE: 1}, Terms(shop=SHOP, past=past)).requests == 80

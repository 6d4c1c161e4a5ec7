"""What a simulated shop can do to us, on every platform: lists doubled, backwards and old, refusals, a wrong clock.
Whatever comes, a connector reads what is there, or says that it could not."""

from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from integrator.canonical.errors import RateLimited, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key
from integrator.canonical.side import Scope
from shops.connectors.prestashop.simulator.stand import PrestaStand
from shops.connectors.shoper.simulator.stand import ShoperStand
from shops.connectors.woocommerce.simulator.stand import WooStand
from shops.simulation.faults import LISTED
from tests.connectors.wire import all_pages, wired

pytestmark = pytest.mark.one_database


@pytest.fixture(params=[ShoperStand, WooStand, PrestaStand], ids=lambda kind: kind.__name__)
def stand(request: pytest.FixtureRequest) -> Any:
    made = wired(request.param())
    made.fill(60)
    return made


def keys(stand: Any) -> set[Key]:
    pages = all_pages(stand.open(), Kind.PRODUCT)
    return {item.key for page in pages for item in page.items if item.kind is Kind.PRODUCT}


def test_lists_doubled_and_backwards_lose_nothing(stand: Any) -> None:
    true = keys(stand)
    for fault in set(LISTED) - {"short_page"}:
        for skip in range(3):
            stand.shop.faults.add(fault, skip=skip)
            with suppress(Transient):  # saying that the list cannot be believed is as good
                assert keys(stand) == true
            stand.shop.faults.clear()
    assert stand.shop.faults.happened.keys() >= {"doubled", "shuffled"}


def test_a_short_list_brings_nothing_that_is_not_there(stand: Any) -> None:
    """That something is missing only a second fetch can tell; see F10."""
    true = keys(stand)
    stand.shop.faults.add("short_page", times=3)
    assert keys(stand) < true


def test_an_answer_of_some_moments_ago_comes_once(stand: Any) -> None:
    side = stand.open()
    stand.shop.faults.add("stale", skip=50)
    before = side.fetch(Kind.PRODUCT, Scope(), None)
    made = stand.add_product()
    stand.shop.faults.active[0].skip, stand.shop.faults.active[0].times = 0, 50
    assert side.fetch(Kind.PRODUCT, Scope(), None) == before
    stand.shop.faults.clear()
    assert made in keys(stand)


def test_a_refusal_with_and_without_a_word_how_long(stand: Any) -> None:
    side = stand.open()
    stand.shop.faults.add("too_many", seconds=7)
    with pytest.raises(RateLimited) as told:
        side.fetch(stand.light or Kind.PRODUCT, Scope(), None)
    assert told.value.retry_after == 7
    stand.clock.now += 7
    stand.shop.faults.add("too_many_unsaid")
    with pytest.raises(RateLimited) as untold:
        side.fetch(stand.light or Kind.PRODUCT, Scope(), None)
    assert 0 < untold.value.retry_after <= 120
    sent = len(stand.wire.requests)
    with pytest.raises(RateLimited):
        side.fetch(stand.light or Kind.PRODUCT, Scope(), None)
    assert len(stand.wire.requests) == sent


def test_a_clock_that_is_wrong_shows_in_dates_and_is_right_again(stand: Any) -> None:
    stand.shop.faults.add("skew", seconds=-300)
    before = stand.shop.state.clock()
    seen: list[httpx.Response] = []
    passing = stand.wire._pass
    stand.wire._pass = lambda request: seen.append(passing(request)) or seen[-1]
    keys(stand)
    assert stand.shop.state.clock() <= before - 295
    shown = parsedate_to_datetime(seen[-1].headers["date"]).timestamp()
    assert abs(shown - stand.shop.state.clock()) <= 2
    stand.shop.faults.clear()
    assert stand.shop.state.clock() >= before

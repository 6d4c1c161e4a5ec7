"""The leaky bucket on a clock that only the test moves."""

from typing import Any

import httpx
import pytest

from integrator.answers import retry_after
from integrator.api_client import ApiClient, Rate, Reported, Throttle
from integrator.canonical.errors import RateLimited


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def client(clock: Clock, throttle: Throttle, handler: Any = None, **options: Any) -> ApiClient:
    handler = handler or (lambda request: httpx.Response(200, text="1"))
    return ApiClient(
        "https://shop.example",
        transport=httpx.MockTransport(handler),
        clock=clock,
        sleep=clock.sleep,
        throttle=throttle,
        **options,
    )


def test_a_burst_goes_at_once_and_then_one_call_per_token() -> None:
    clock = Clock()
    api = client(clock, Throttle(Rate(burst=3, per_second=2)))
    for _ in range(3):
        api.get("/x")
    assert clock.slept == []
    for _ in range(4):
        api.get("/x")
    assert clock.slept == pytest.approx([0.5] * 4)


def test_the_shop_is_believed_about_its_bucket() -> None:
    """Another program fills the same bucket: we wait although we called only once."""
    clock = Clock()
    api = client(
        clock,
        Throttle(Rate(burst=100, per_second=50)),
        rate_reader=lambda headers: Reported(rate=Rate(burst=10, per_second=4), level=10),
    )
    api.get("/x")
    api.get("/x")
    assert clock.slept == pytest.approx([0.25])


def test_no_sleep_is_longer_than_the_next_token() -> None:
    clock = Clock()
    throttle = Throttle(Rate(burst=10, per_second=2))
    throttle.learn(Reported(rate=Rate(burst=10, per_second=2), level=14), clock.now)
    with pytest.raises(RateLimited) as caught:
        client(clock, throttle, lambda request: pytest.fail("was sent")).get("/x")
    assert caught.value.retry_after == pytest.approx(2.5)
    assert clock.slept == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "1e999"}, 5),
        ({"Retry-After": "Tue, 14 Nov 2023 22:13:29 GMT"}, 9),
        ({}, 5),
        ({"Retry-After": "99999999"}, 3600),
    ],
)
def test_a_refusal_is_obeyed(headers: dict[str, str], seconds: float) -> None:
    clock = Clock()
    calls: list[float] = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(clock.now)
        return httpx.Response(429, headers=headers) if len(calls) == 1 else httpx.Response(200, text="1")

    api = client(clock, Throttle(Rate(burst=10, per_second=2)), handler)
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            api.get("/x")
    assert len(calls) == 1, "nothing is sent before the shop allows it"
    assert caught.value.retry_after == pytest.approx(seconds)
    clock.now += seconds
    assert api.get("/x").json == 1


def test_the_level_lives_on_in_the_next_slice() -> None:
    clock = Clock()
    throttle = Throttle(Rate(burst=5, per_second=1))
    api = client(clock, throttle)
    for _ in range(5):
        api.get("/x")
    next_slice = client(clock, Throttle.restore(throttle.state(), Rate(burst=50, per_second=50)))
    next_slice.get("/x")
    assert clock.slept == pytest.approx([1.0])


def test_a_refusal_lives_on_in_the_next_slice() -> None:
    clock = Clock()
    throttle = Throttle(Rate(burst=5, per_second=1))
    throttle.close(30, clock.now)
    with pytest.raises(RateLimited):
        client(clock, Throttle.restore(throttle.state(), None)).get("/x")


@pytest.mark.parametrize("state", [{}, {"level": "much"}, {"burst": "3"}, {"level": None}])
def test_an_unreadable_level_starts_empty(state: dict[str, Any]) -> None:
    clock = Clock()
    client(clock, Throttle.restore(state, Rate(burst=1, per_second=1))).get("/x")
    assert clock.slept == []


def test_a_refusal_that_names_no_time_is_none() -> None:
    """A header may hold any sign of Latin-1, some of which are digits that are no number."""
    assert [retry_after({"retry-after": value}, 0.0) for value in ("²", "1e9", "-1", "inf", "soon", "")] == [None] * 6

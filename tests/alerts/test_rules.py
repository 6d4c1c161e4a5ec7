"""Which matter becomes an alert, and when it is told: over midnight, over the change of the clock, again, no more."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from syncjobs.alerts.rules import (
    AGAIN_AFTER,
    CALM,
    MORE_AFTER,
    RETRIES,
    SORTS,
    Event,
    Noticed,
    Terms,
    Told,
    compare,
    digest_day,
    event_of,
    is_quiet,
    next_try,
)
from syncjobs.alerts.signing import signature, verified
from syncjobs.quiet import quiet_until

pytestmark = pytest.mark.one_database
WARSAW = "Europe/Warsaw"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ZONES = st.sampled_from([WARSAW, "UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"])
MOMENTS = st.integers(0, 4 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
CLOCKS = st.integers(0, 24 * 60 - 1).map(lambda minutes: time(minutes // 60, minutes % 60))


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine proves the same, only later."""


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(WARSAW))  # type: ignore[misc,arg-type]


def quiet(start: time | None, end: time | None, zone: str = WARSAW) -> Terms:
    return Terms(quiet_from=start, quiet_to=end, zone=zone)


@UNHURRIED
@given(CLOCKS, CLOCKS, ZONES, MOMENTS)
def test_a_moment_is_quiet_or_its_opposite_is(start: time, end: time, zone: str, now: datetime) -> None:
    if start == end:
        assert not is_quiet(quiet(start, end, zone), now)
    else:
        assert is_quiet(quiet(start, end, zone), now) != is_quiet(quiet(end, start, zone), now)


@UNHURRIED
@given(CLOCKS, CLOCKS, ZONES, MOMENTS)
def test_no_quiet_time_lasts_longer_than_the_longest_day(start: time, end: time, zone: str, now: datetime) -> None:
    terms = quiet(start, end, zone)
    # A loud time that the change of the clock can swallow proves nothing.
    loud = (start.hour * 60 + start.minute - end.hour * 60 - end.minute) % 1440
    if loud >= 61:
        assert any(not is_quiet(terms, now + timedelta(minutes=later)) for later in range(0, 26 * 60, 30))


@UNHURRIED
@given(CLOCKS, CLOCKS, ZONES, MOMENTS)
def test_what_the_clock_on_the_wall_shows_decides(start: time, end: time, zone: str, now: datetime) -> None:
    here = now.astimezone(ZoneInfo(zone))
    days = [here + timedelta(days=days) for days in (-1, 1)]
    # The nights in which the clock is moved have tests of their own.
    assume(all(day.utcoffset() == here.utcoffset() for day in days))
    clock = here.time()
    inside = start <= clock < end if start < end else start != end and not end <= clock < start
    assert is_quiet(quiet(start, end, zone), now) == inside


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (local(2026, 11, 25, 21, 59), False),
        (local(2026, 11, 25, 22, 0), True),
        (local(2026, 11, 26, 0, 0), True),
        (local(2026, 11, 26, 6, 59), True),
        (local(2026, 11, 26, 7, 0), False),
    ],
)
def test_quiet_hours_go_over_midnight(at: datetime, expected: bool) -> None:
    assert is_quiet(quiet(time(22), time(7)), at) is expected


def test_quiet_hours_end_by_the_clock_also_when_it_was_changed_in_between() -> None:
    terms = quiet(time(22), time(7))
    spring, autumn = datetime(2026, 3, 29, 5, 0, tzinfo=UTC), datetime(2026, 10, 25, 6, 0, tzinfo=UTC)
    assert (is_quiet(terms, spring - timedelta(minutes=1)), is_quiet(terms, spring)) == (True, False)
    assert (is_quiet(terms, autumn - timedelta(minutes=1)), is_quiet(terms, autumn)) == (True, False)


def test_the_hour_that_autumn_brings_twice_is_quiet_for_people_as_it_is_for_flows() -> None:
    first, again = (datetime(2026, 10, 25, hour, 15, tzinfo=UTC) for hour in (0, 1))  # 02:15 by the clock, both
    for start, end, expected in ((time(22), time(2, 30), (True, False)), (time(2, 30), time(7), (False, True))):
        assert tuple(is_quiet(quiet(start, end), at) for at in (first, again)) == expected
        assert tuple(quiet_until(at, start, end) is not None for at in (first, again)) == expected


def test_half_of_quiet_hours_is_none() -> None:
    assert not is_quiet(quiet(time(22), None), NOW)
    assert not is_quiet(quiet(None, time(7)), NOW)


def failed(**more: object) -> Noticed:
    return Noticed(**{"sort": "failed", "opened_at": NOW, **more})  # type: ignore[arg-type]


def told(**more: object) -> Told:
    return Told(**{"opening": NOW, "at": NOW, **more})  # type: ignore[arg-type]


def test_a_new_alert_is_told_and_then_not_again() -> None:
    assert event_of(failed(), None, Terms(), NOW) is Event.OPENED
    assert event_of(failed(), told(), Terms(), NOW + timedelta(hours=2)) is None


def test_what_nobody_asked_for_is_not_told() -> None:
    assert event_of(failed(), None, Terms(sorts=frozenset({"down"})), NOW) is None


def test_what_stands_is_told_once_a_day_unless_a_digest_says_it() -> None:
    later = NOW + AGAIN_AFTER
    assert event_of(failed(), told(), Terms(), later) is Event.AGAIN
    assert event_of(failed(), told(), Terms(digest_hour=7), later) is None


def test_more_orders_are_told_but_not_every_minute() -> None:
    more = Noticed(sort="orders", opened_at=NOW, count=3)
    assert event_of(more, told(count=1), Terms(), NOW + MORE_AFTER) is Event.MORE
    assert event_of(more, told(count=1), Terms(), NOW + MORE_AFTER - timedelta(seconds=1)) is None
    assert event_of(more, told(count=3), Terms(), NOW + MORE_AFTER) is None
    assert event_of(failed(count=3), told(count=1), Terms(), NOW + MORE_AFTER) is None


def test_that_it_is_over_is_told_once_and_only_to_whom_it_was_told() -> None:
    over = failed(resolved=True)
    assert event_of(over, told(), Terms(), NOW) is Event.RESOLVED
    assert event_of(over, told(resolved=True), Terms(), NOW) is None
    assert event_of(over, None, Terms(), NOW) is None
    assert event_of(over, told(opening=NOW - timedelta(hours=5)), Terms(), NOW) is None


def test_what_comes_and_goes_is_not_told_every_minute() -> None:
    back = failed(opened_at=NOW + timedelta(minutes=5))
    assert event_of(back, told(resolved=True), Terms(), NOW + timedelta(minutes=5)) is None
    assert event_of(back, told(resolved=True), Terms(), NOW + CALM) is Event.OPENED


def test_quiet_hours_hold_back_and_let_through_what_is_urgent() -> None:
    night = {"quiet_from": time(22), "quiet_to": time(7), "zone": "UTC"}
    at = NOW.replace(hour=23)
    down = Noticed(sort="down", opened_at=NOW)
    held, urgent = Terms(urgent=frozenset(), **night), Terms(urgent=frozenset({"down"}), **night)  # type: ignore[arg-type]
    assert event_of(down, None, held, at) is None
    assert event_of(down, None, urgent, at) is Event.OPENED
    assert event_of(down, None, held, NOW.replace(hour=7) + timedelta(days=1)) is Event.OPENED
    over = Noticed(sort="down", opened_at=NOW, resolved=True)
    assert event_of(over, told(), urgent, at) is None, "good news waits for the morning"


@UNHURRIED
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.booleans()),
    st.sets(st.sampled_from("abcdefgh")),
    st.sampled_from(SORTS),
)
def test_two_looks_differ_by_what_is_new_and_what_is_gone(known: dict[str, bool], seen: set[str], sort: str) -> None:
    found = compare(known, seen)
    assert set(found.opened) | set(found.standing) == seen
    assert set(found.opened).isdisjoint(found.standing)
    assert all(known[key] for key in found.standing + found.gone)
    assert set(found.gone).isdisjoint(seen)


@UNHURRIED
@given(st.integers(0, 23), ZONES, MOMENTS)
def test_a_digest_is_due_once_a_day_from_its_hour_on(hour: int, zone: str, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(zone)).date()
    day = digest_day(hour, zone, today - timedelta(days=1), now)
    assert (day is not None) == (now.astimezone(ZoneInfo(zone)).hour >= hour)
    assert digest_day(hour, zone, today, now) is None


def test_a_digest_at_an_hour_that_the_clock_skips_or_repeats_comes_once() -> None:
    night = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    for start, expected in (
        (night, date(2026, 3, 29)),
        (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), date(2026, 10, 25)),
    ):
        last: date | None = expected - timedelta(days=1)
        days = []
        for minute in range(0, 8 * 60, 10):
            day = digest_day(2, WARSAW, last, start + timedelta(minutes=minute))
            if day is not None:
                days.append(day)
                last = day
        assert days == [expected]


def test_retries_end() -> None:
    assert next_try(1, NOW) == NOW + RETRIES[0]
    assert next_try(len(RETRIES), NOW) == NOW + RETRIES[-1]
    assert next_try(len(RETRIES) + 1, NOW) is None


@UNHURRIED
@given(st.text(min_size=1), st.binary(), st.integers(0, 2**33))
def test_a_signature_holds_for_its_body_secret_and_time_alone(secret: str, body: bytes, at: int) -> None:
    header = signature(secret, body, at)
    assert verified(header, secret, body, at)
    assert not verified(header, secret, body + b" ", at)
    assert not verified(header, secret + "x", body, at)
    assert not verified(header, secret, body, at + 301)
    assert not verified("", secret, body, at)

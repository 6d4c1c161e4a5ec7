"""Quiet hours: over midnight, and in the two nights in which Poland moves its clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.quiet import quiet_until

WARSAW = ZoneInfo("Europe/Warsaw")


def at(day: str, clock: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=WARSAW, fold=fold)


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("05:59", True), ("06:00", False)],
)
def test_hours_may_pass_midnight(clock: str, quiet: bool) -> None:
    found = quiet_until(at("2026-11-25", clock), time(22), time(6))
    assert (found is not None) is quiet
    if found is not None:
        assert found.strftime("%H:%M") == "06:00"


def test_the_clock_on_the_wall_counts_whatever_zone_the_moment_is_told_in() -> None:
    moment = datetime(2026, 7, 1, 20, 30, tzinfo=UTC)
    assert quiet_until(moment, time(22), time(23)) == at("2026-07-01", "23:00")
    assert quiet_until(moment, time(20), time(21)) is None


def test_in_spring_the_night_is_an_hour_shorter_and_ends_by_the_clock() -> None:
    ends = quiet_until(at("2026-03-28", "22:00"), time(22), time(6))
    assert ends is not None
    assert ends.timestamp() - at("2026-03-28", "22:00").timestamp() == 7 * 3600


def test_hours_that_spring_leaves_out_are_kept_an_hour_later() -> None:
    assert quiet_until(at("2026-03-29", "03:10"), time(2), time(2, 45)) is not None
    assert quiet_until(at("2026-03-29", "03:50"), time(2), time(2, 45)) is None


def test_in_autumn_the_hour_that_comes_twice_is_quiet_once() -> None:
    assert quiet_until(at("2026-10-25", "02:15"), time(22), time(2, 30)) is not None
    assert quiet_until(at("2026-10-25", "02:15", fold=1), time(22), time(2, 30)) is None


@pytest.mark.parametrize("ends", [(None, time(6)), (time(22), None), (time(6), time(6))])
def test_without_two_different_ends_there_are_no_quiet_hours(ends: tuple[time | None, time | None]) -> None:
    assert quiet_until(at("2026-11-25", "06:00"), *ends) is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
)
def test_they_always_end_within_a_day_and_are_over_then(now: datetime, begin: time, end: time) -> None:
    ends = quiet_until(now, begin, end)
    if ends is not None:
        assert timedelta(0) < ends - now <= timedelta(hours=25)
        assert quiet_until(ends, begin, end) is None or begin == end

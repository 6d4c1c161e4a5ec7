"""Days as WAPRO Mag keeps them: whole days since 1800-12-28 (the Clarion calendar). 0 and NULL mean no date."""

from datetime import date, timedelta

_ORIGIN = date(1800, 12, 28)
_LAST = (date.max - _ORIGIN).days


def to_day(value: date) -> int:
    return (value - _ORIGIN).days


def from_day(day: int | None) -> date | None:
    """None too for a day after the year 9999, as a damaged column may hold it."""
    return _ORIGIN + timedelta(days=day) if day and 0 < day <= _LAST else None

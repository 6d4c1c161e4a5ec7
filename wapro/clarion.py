"""Days as WAPRO Mag keeps them: whole days since 1800-12-28 (the Clarion calendar). 0 and NULL mean no date."""

from datetime import date, timedelta

_ORIGIN = date(1800, 12, 28)


def to_day(value: date) -> int:
    return (value - _ORIGIN).days


def from_day(day: int | None) -> date | None:
    return _ORIGIN + timedelta(days=day) if day and day > 0 else None

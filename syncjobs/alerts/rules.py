"""Which matter becomes an alert, and when whom to tell. Pure: the time is an argument."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from syncjobs.quiet import quiet_until

SORTS = ("down", "failed", "orders", "plan", "blocked", "webhooks", "queue", "conflicts")
"""Sorts of matters that may be told at once, most urgent first. The others wait for people who come by themselves."""
DEFAULT_SORTS = ("down", "failed", "orders", "plan", "blocked", "webhooks", "queue")
MAY_BE_URGENT = ("down", "failed", "orders", "queue")
"""Sorts that may be let through quiet hours."""
DEFAULT_URGENT = ("down",)
GROWING = ("orders", "conflicts")
"""Sorts that are told again when there are more of them: each is another thing to do."""
CALM = timedelta(minutes=15)
"""The same matter that comes back sooner is not told anew before: something that comes and goes fills no mailbox."""
MORE_AFTER = timedelta(hours=1)
AGAIN_AFTER = timedelta(days=1)
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""Waits between tries to deliver; after the last one it is given up and said on the page."""


class Event(StrEnum):
    """What is told about an alert."""

    OPENED = "opened"
    MORE = "more"
    AGAIN = "again"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What somebody wants to be told, and when. A quiet time that begins when it ends is none."""

    sorts: frozenset[str] = frozenset(DEFAULT_SORTS)
    urgent: frozenset[str] = frozenset(DEFAULT_URGENT)
    quiet_from: time | None = None
    quiet_to: time | None = None
    zone: str = "Europe/Warsaw"
    digest_hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """An alert as it stands."""

    sort: str
    opened_at: datetime
    count: int = 1
    resolved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one receiver was last told of an alert."""

    opening: datetime
    """`opened_at` of the alert that was told of."""
    at: datetime
    count: int = 1
    resolved: bool = False


@dataclass(slots=True)
class Difference:
    """What changed between two looks, by key."""

    opened: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def compare(known: Mapping[str, bool], seen: Iterable[str]) -> Difference:
    """`known` says of each alert that is remembered whether it is open. What is open and not seen is gone."""
    found = Difference()
    present = set(seen)
    for key in sorted(present):
        (found.standing if known.get(key) else found.opened).append(key)
    found.gone = sorted(key for key, is_open in known.items() if is_open and key not in present)
    return found


def is_quiet(terms: Terms, now: datetime) -> bool:
    """Whether it is a quiet time where the receiver is. The end itself is not quiet any more."""
    return quiet_until(now, terms.quiet_from, terms.quiet_to, ZoneInfo(terms.zone)) is not None


def event_of(alert: Noticed, told: Told | None, terms: Terms, now: datetime) -> Event | None:
    """What is to be told of an alert now, None for nothing. What quiet hours hold back comes up again after them."""
    if alert.sort not in terms.sorts:
        return None
    event = _resolution(alert, told) if alert.resolved else _news(alert, told, terms, now)
    if event is None or not is_quiet(terms, now):
        return event
    return event if alert.sort in terms.urgent and event is not Event.RESOLVED else None


def _resolution(alert: Noticed, told: Told | None) -> Event | None:
    """Only of what was told it is said that it is over."""
    if told is None or told.resolved or told.opening != alert.opened_at:
        return None
    return Event.RESOLVED


def _news(alert: Noticed, told: Told | None, terms: Terms, now: datetime) -> Event | None:
    if told is None:
        return Event.OPENED
    if told.opening != alert.opened_at:
        return Event.OPENED if now - told.at >= CALM else None
    if alert.sort in GROWING and alert.count > told.count and now - told.at >= MORE_AFTER:
        return Event.MORE
    if terms.digest_hour is None and now - told.at >= AGAIN_AFTER:
        return Event.AGAIN
    return None


def digest_day(hour: int, zone: str, last: date | None, now: datetime) -> date | None:
    """The day whose digest is due: once a day, from the chosen hour on. A skipped hour is the next one."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if local.hour >= hour and (last is None or last < local.date()) else None


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When a delivery that failed `attempts` times is tried again; None: it is given up."""
    return now + RETRIES[attempts - 1] if 0 < attempts <= len(RETRIES) else None

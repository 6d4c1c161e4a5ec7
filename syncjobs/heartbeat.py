"""Whether the scheduler lives: each of its rounds leaves a sign that every page can show."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

KEY = "scheduler_seen_at"
SILENT = timedelta(seconds=60)
"""Four rounds without a sign."""


def beat() -> None:
    cache.set(KEY, timezone.now(), None)


def last_beat() -> datetime | None:
    """Time of the last round, None where no sign was ever left."""
    seen: datetime | None = cache.get(KEY)
    return seen


def lives(seen: datetime | None) -> bool:
    return seen is not None and timezone.now() - seen < SILENT

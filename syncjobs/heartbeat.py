"""Whether the scheduler lives: each of its rounds leaves a sign that every page can show."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from integrator import shared_cache

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


def is_lost(seen: datetime | None) -> bool:
    """Whether what is asked for now will have to wait: the server of messages and signs does not answer, or the
    scheduler has fallen silent. Where no sign was ever left, nothing is claimed."""
    return shared_cache.is_away() or (seen is not None and not lives(seen))

"""Counts over the changes of steps, kept while nothing can have moved them.

A first synchronisation has a million changes; counting them anew for every page would take seconds. A worker says in
`worked_at` that it has been at a step, a person's decision moves its state: between the two a count stays what it was.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar

from django.core.cache import cache

from syncjobs.models import Step

LARGE = 5000
"""Changes from which on counting takes longer than looking into the cache."""
HOUR = 3600

Row = TypeVar("Row", bound=tuple[object, ...])


def kept(steps: Sequence[Step], name: str, ask: Callable[[], Sequence[Row]]) -> list[Row]:
    """The rows that `ask` counts. Few changes are always counted anew; `planned` says how many there can be."""
    if sum(int(step.counts.get("planned", 0)) for step in steps) < LARGE:
        return list(ask())
    signs = [(step.pk, step.status, step.phase, step.worked_at, step.finished_at, step.approved_at) for step in steps]
    key = f"tally:{name}:{sha256(repr(signs).encode()).hexdigest()[:32]}"
    found: list[Row] | None = cache.get(key)
    if found is None:
        found = list(ask())
        cache.set(key, found, HOUR)
    return found

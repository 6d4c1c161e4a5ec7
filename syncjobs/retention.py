"""How long rows of history are kept, and what is over.

`manage.py prune` and the periodic task take away what is older than an installation keeps. What is old is decided here,
by pure functions; `retention_rows` finds the rows and takes them away, a bounded number to a transaction.

Never taken away, however old: what is open or waits (runs, steps, fetches, errands, deliveries of webhooks, deeds under
way), conflicts and decisions about them, links, marks, orders and their timeline, the record of decisions, deeds that
can still be taken back, and of every sort of steps and fetches the newest of each connection, by which gates, estimates
and pages judge.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

KEPT_NEWEST = 20
"""Of each sort of steps and fetches so many are kept whatever their age. Gates look at the newest, the stages of the
set-up at three, a fetch that serves a run is looked for among twenty."""

Group = TypeVar("Group")


@dataclass(frozen=True, slots=True)
class Terms:
    """Days that rows are kept after they were over. 0: for ever."""

    changes: int
    """Rows of plans with what became of them, and deeds that cannot be taken back any more."""
    runs: int
    """Runs, their steps with all counts, and the fetches they used with what could not be read."""
    raw: int
    """Requests and answers as they were sent, of changes and of orders, and excerpts of unreadable elements."""
    receipts: int
    """Which keys came with which page of a fetch. A fetch that finds none reads its pages in full, once."""
    events: int
    """Deliveries of webhooks and errands (test settings, count a filter) that are done."""
    buyers: int
    """Who bought: names, addresses, e-mails of orders that are over. The orders stay."""
    elements: int
    """What is known of elements that are gone and have no link."""

    def problem(self) -> str:
        """What cannot be meant so, as a sentence; empty when all is well."""
        for name in (one.name for one in fields(self)):
            if getattr(self, name) < 0:
                given = f"{variable(name)}={getattr(self, name)}"
                return f"{given} is below zero. Give a number of days, or 0 to keep them for ever."
        if self.runs and (not self.changes or self.runs < self.changes):
            return (
                f"{variable('runs')}={self.runs} is shorter than {variable('changes')}={self.changes}"
                f"{' (for ever)' if not self.changes else ''}: a run would go before its changes. "
                f"Raise it to at least the same, or set it to 0 to keep runs for ever."
            )
        return ""

    def before(self, name: str, now: datetime) -> datetime | None:
        """Rows that were over before this moment may go. None: they are kept for ever."""
        days = getattr(self, name)
        return now - timedelta(days=days) if days else None


def variable(name: str) -> str:
    """The environment's name of one term."""
    return f"INTEGRATOR_KEEP_{name.upper()}_DAYS"


def terms() -> Terms:
    """The installation's. Raises ImproperlyConfigured when they contradict each other."""
    found = Terms(**settings.KEEP_DAYS)
    if found.problem():
        raise ImproperlyConfigured(found.problem())
    return found


def beyond(rows: Iterable[tuple[int, Group]], floors: Mapping[Group, int]) -> list[int]:
    """Of (id, group) those that are older than the newest which are kept of their group: below its floor. A group
    without a floor has too few for that, and keeps all."""
    return [pk for pk, group in rows if pk < floors.get(group, 0)]


def whole(parents: Mapping[int, Collection[int]], children: Collection[int], held: Collection[int]) -> list[int]:
    """Parents all of whose children may go and that nothing else holds."""
    gone = set(children)
    return [pk for pk, own in parents.items() if pk not in held and gone.issuperset(own)]


class Sort(Protocol):
    """Rows of one sort. `term`: which of `Terms` decides about it; None: the rows say themselves when they are over."""

    @property
    def name(self) -> str: ...

    @property
    def term(self) -> str | None: ...

    def count(self, before: datetime) -> int:
        """How many rows would go."""

    def take(self, before: datetime) -> Iterable[int]:
        """Take them away: each turn is one short transaction, and yields how many went in it."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What became of one sort. `rows`: taken away, or that would be; `before` None: they are kept for ever."""

    name: str
    before: datetime | None
    rows: int
    finished: bool = True


def prune(
    sorts: Iterable[Sort],
    *,
    now: datetime | None = None,
    dry_run: bool = False,
    over: Callable[[], bool] = lambda: False,
) -> list[Pruned]:
    """Take away what is over, sort by sort in the given order, until `over` says that the time is up. No lease is
    held: everything touched has ended, and two at once take away the same rows once."""
    now, kept = now or timezone.now(), terms()
    found = []
    for sort in sorts:
        before = kept.before(sort.term, now) if sort.term else now
        if before is None:
            found.append(Pruned(sort.name, None, 0))
        elif dry_run:
            found.append(Pruned(sort.name, before, sort.count(before)))
        else:
            found.append(_taken(sort, before, over))
            if not found[-1].finished:
                break
    return found


def _taken(sort: Sort, before: datetime, over: Callable[[], bool]) -> Pruned:
    if over():
        return Pruned(sort.name, before, 0, finished=False)
    rows = 0
    for count in sort.take(before):
        rows += count
        if over():
            return Pruned(sort.name, before, rows, finished=False)
    return Pruned(sort.name, before, rows)

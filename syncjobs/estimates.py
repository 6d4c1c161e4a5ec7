"""What writing a plan will cost, in calls of the shop and seconds, said before anything is written. Pure: capabilities,
the limit and what earlier runs took are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from integrator.canonical.capabilities import Capabilities
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from integrator.throttle import Rate

UPDATE, CREATE, REMOVE, IN_ERP = "update", "create", "remove", "in_erp"
"""Sorts of writes that go into calls of their own."""
READ_BACK = 50
"""Written elements that are read back by one call."""
ASSUMED_SECONDS = 0.5
"""A call of a shop that was never called before."""
LEAST, MOST = 0.5, 40.0
"""Bounds of what is learnt from the past: one odd run is no rule."""


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier step wrote, and what its writing took."""

    kind: str
    writes: Mapping[str, int]
    requests: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What calls cost on a connection: how many rows go into one, how many are let through, how long they took."""

    shop: Capabilities
    erp: Capabilities | None = None
    rate: Rate | None = None
    past: Sequence[Past] = ()
    reading: float | None = None
    """Seconds per call of the latest fetches: better than nothing where nothing was written yet."""


@dataclass(frozen=True, slots=True)
class Estimate:
    requests: int
    seconds: float
    measured: bool
    """By what earlier writes on this connection took."""
    batch: int
    """Rows in one call."""
    limited: bool
    """The shop's limit is what it will wait for."""
    per_second: float | None
    """Calls that the shop lets through, where it is known."""


def estimate(kind: Kind, writes: Mapping[str, int], terms: Terms) -> Estimate:
    """Calls and seconds that these writes of one kind will take, reading back included."""
    requests = ceil(least_requests(kind, writes, terms) * _learnt(kind, terms))
    seconds = requests * seconds_per_request(terms)
    floor = max(0.0, requests - terms.rate.burst) / terms.rate.per_second if terms.rate else 0.0
    return Estimate(
        requests=requests,
        seconds=max(seconds, floor),
        measured=any(one.requests for one in terms.past),
        batch=terms.shop.batch_of(kind),
        limited=floor > seconds,
        per_second=terms.rate.per_second if terms.rate else None,
    )


def least_requests(kind: Kind, writes: Mapping[str, int], terms: Terms) -> int:
    """Calls by what the platform declares: full batches, then reading back (of prices and stock just one sample)."""
    batch = terms.shop.batch_of(kind)
    calls = sum(ceil(writes.get(sort, 0) / batch) for sort in (UPDATE, CREATE, REMOVE))
    in_erp = writes.get(IN_ERP, 0)
    calls += ceil(in_erp / (terms.erp.batch_of(kind) if terms.erp else 1))
    written = writes.get(UPDATE, 0) + writes.get(CREATE, 0) + in_erp
    return calls + (min(written, 1) if kind in PRODUCT_STATE_KINDS else ceil(written / READ_BACK))


def seconds_per_request(terms: Terms) -> float:
    requests = sum(one.requests for one in terms.past)
    if requests:
        return sum(one.seconds for one in terms.past) / requests
    return ASSUMED_SECONDS if terms.reading is None else terms.reading


def _learnt(kind: Kind, terms: Terms) -> float:
    """How many calls were really needed where one was expected: some shops take a product only in several calls."""
    mine = [one for one in terms.past if one.kind == kind]
    expected = sum(least_requests(kind, one.writes, terms) for one in mine)
    really = sum(one.requests for one in mine)
    return min(MOST, max(LEAST, really / expected)) if expected and really else 1.0

"""When orders rest: quiet hours of their import, interval and quiet hours of what the shop is told of them.

All that is new of an order goes to the shop in one message. It is held back whole while one of its parts rests: nothing
is lost, and the shop is not written to twice.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from syncjobs.models.orders import OrderTerms
from syncjobs.quiet import quiet_until

PARTS = {"statuses": "state", "payments": "paid", "shipments": "parcels", "documents": "documents"}
"""Flow of the way back -> what of `OrderUpdate` it is."""


def until(terms: OrderTerms, now: datetime) -> datetime | None:
    """When the quiet hours of the import are over, None outside of them."""
    return quiet_until(now, terms.quiet_from, terms.quiet_to)


def is_off(terms: OrderTerms, flow: str) -> bool:
    """Whether a flow that is set up says nothing until it is turned on."""
    return bool(terms.rests.get(str(flow), {}).get("off"))


def turn(terms: OrderTerms, flow: str, *, on: bool) -> None:
    """Let a flow speak or not, whatever else is set of it. Not saved."""
    chosen = {name: one for name, one in terms.rests.get(str(flow), {}).items() if name != "off"}
    terms.rests = {**terms.rests, str(flow): chosen if on else {**chosen, "off": True}}


def resting(terms: OrderTerms, now: datetime) -> frozenset[str]:
    """Flows of the way back that say nothing just now."""
    return frozenset(flow for flow in PARTS if _rests(terms.rests.get(flow, {}), now))


def _rests(chosen: Mapping[str, Any], now: datetime) -> bool:
    begin, end = chosen.get("quiet") or (None, None)
    if begin and end and quiet_until(now, time.fromisoformat(begin), time.fromisoformat(end)) is not None:
        return True
    after = str(chosen.get("next_at") or "")
    return bool(after) and datetime.fromisoformat(after) > now


def flows_in(update: Mapping[str, Any] | None) -> frozenset[str]:
    """Flows that a stored update belongs to."""
    return frozenset(flow for flow, name in PARTS.items() if (update or {}).get(name) not in (None, "", [], ()))


def told(terms: OrderTerms, flows: frozenset[str], now: datetime) -> dict[str, Any]:
    """`rests` once everything there was of these flows is told: each is silent until its interval has passed."""
    return {
        flow: {**chosen, "next_at": (now + timedelta(minutes=int(chosen["interval"]))).isoformat()}
        if flow in flows and chosen.get("interval")
        else chosen
        for flow, chosen in terms.rests.items()
    }

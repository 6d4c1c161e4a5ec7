"""Webhooks of the simulated shop: what it accepts when one is registered, and the deliveries it would send."""

import hashlib
from dataclasses import dataclass
from typing import Any

from shops.connectors.shoper.simulator.errors import Findings
from shops.connectors.shoper.simulator.rows import render
from shops.connectors.shoper.simulator.store import Store
from shops.connectors.shoper.simulator.validation import flag, whole
from shops.connectors.shoper.simulator.writes import Body, Writes
from shops.simulation.http import dumps
from shops.simulation.tables import Row

RESOURCE = "webhooks"
EVENTS = frozenset(
    f"{name}.{event}"
    for name, events in {
        "order": "create edit paid status delete",
        "client": "create edit delete",
        "product": "create edit delete",
        "category": "create edit delete",
        "parcel": "create dispatch delete send",
        "specialoffer": "create edit delete",
        "subscriber": "create edit delete",
    }.items()
    for event in events.split()
)
_OBJECTS = {"product": "products", "category": "categories", "order": "orders", "parcel": "parcels"}
LICENCE = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True)
class Delivery:
    """One POST as the shop sends it: address, headers, raw body."""

    url: str
    headers: dict[str, str]
    body: bytes


def create_hook(writes: Writes, body: Body) -> int:
    findings = Findings()
    for name in ("url", "events", "format"):
        if body.get(name) in (None, "", []):
            findings.required(name)
    row: Row = {"url": "", "secret": "", "active": "0", "format": "0", "events": []}
    row |= _given(findings, body)
    findings.raise_if_any()
    return writes.state.tables[RESOURCE].insert(row)


def update_hook(writes: Writes, hook: int, body: Body) -> None:
    findings = Findings()
    changes = _given(findings, body)
    findings.raise_if_any()
    with writes.state.tables[RESOURCE].editing(hook) as row:
        row.update(changes)


def _given(findings: Findings, body: Body) -> Row:
    """The fields of a write as they are kept; an event that Shoper does not know is refused."""
    found: Row = {name: str(body[name] or "") for name in ("url", "secret") if name in body}
    if "active" in body:
        found["active"] = flag(body["active"])
    if "format" in body:
        found["format"] = str(whole(body["format"]) or 0)
    if "events" in body:
        events = body["events"] if isinstance(body["events"], list) else []
        for name in events:
            if name not in EVENTS:
                findings.field("events", f"Nieznane zdarzenie '{name}'")
        found["events"] = [str(name) for name in events]
    return found


def deliveries(state: Store, event: str, row_id: int, *, gone: Row | None = None) -> list[Delivery]:
    """What every active webhook of this event sends about an object; `gone`: the last that was known of one that is
    not there any more."""
    hooks = state.tables[RESOURCE].rows.items()
    listening = [hook for hook, row in hooks if row["active"] == "1" and event in row["events"]]
    if not listening:
        return []
    shown = gone if gone is not None else render(state, _OBJECTS[event.partition(".")[0]], row_id)
    return [signed(state, hook, event, dumps(shown).encode()) for hook in listening]


def tell(state: Store, event: str, row_id: int, *, gone: Row | None = None) -> None:
    """Has the shop send this: it waits in `state.outbox` until whoever plays the shop posts it. The body shows the
    object as it is now."""
    state.outbox.extend(deliveries(state, event, row_id, gone=gone))


def signed(state: Store, hook: int, event: str, body: bytes) -> Delivery:
    """One delivery with the signature of this webhook."""
    row = state.tables[RESOURCE].get(hook)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Shop Webhook Sender {state.application_version}",
        "X-Shop-Domain": state.address.partition("://")[2],
        "X-Shop-License": LICENCE,
        "X-Shop-Version": state.application_version,
        "X-Webhook-Id": str(hook),
        "X-Webhook-Name": event,
        "X-Webhook-SHA1": signature(str(hook), row["secret"], body),
    }
    return Delivery(row["url"], headers, body)


def signature(hook: str, secret: str, body: bytes) -> str:
    return hashlib.sha1(f"{hook}:{secret}:".encode() + body, usedforsecurity=False).hexdigest()


def as_json(delivery: Delivery) -> dict[str, Any]:
    return {"url": delivery.url, "headers": delivery.headers, "body": delivery.body.decode()}

"""Shoper's webhooks: one of them sends any number of events; each delivery is tried once, for three seconds.

The body of a delivery is the whole object without a wrapper, the event stands in `X-Webhook-Name`. Whether
`product.edit` comes for changed stock, and whether it comes for pictures, is documented nowhere. An order comes
without its lines.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from integrator.canonical.coerce import flag, key
from integrator.canonical.errors import Gone, MappingError, OutcomeUnknown, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from shops.connectors.base import gettext_noop
from shops.connectors.hooks import ORDER, Delivery, Headers, HookState, Subject, Topic, WebhookScheme
from shops.connectors.shoper.rest import ROOT, Rest, Row, new_id

RESOURCE = "webhooks"
_KEYS: dict[Subject, str] = {Kind.PRODUCT: "product_id", Kind.CATEGORY: "category_id", ORDER: "order_id"}
_EVENTS = ("create", "edit", "delete")
_ORDER_EVENTS = ("create", "edit", "paid", "status", "delete")
TOPICS = tuple(
    Topic(name=f"{subject}.{event}", subject=subject)
    for subject in _KEYS
    for event in (_ORDER_EVENTS if subject == ORDER else _EVENTS)
)
REMARK = gettext_noop(
    "Shoper tries each delivery once and does not promise one for changed stock or pictures: polling finds those."
)


def verify(headers: Headers, body: bytes, secret: str) -> bool:
    """SHA-1 over id, secret and body, not an HMAC: so the vendor's documentation and six public clients say."""
    prefix = f"{headers.get('x-webhook-id', '')}:{secret}:"
    expected = hashlib.sha1(prefix.encode() + body, usedforsecurity=False).hexdigest()
    return hmac.compare_digest(expected.encode(), headers.get("x-webhook-sha1", "").strip().lower().encode())


def read(headers: Headers, body: bytes) -> Delivery:
    """Which product, category or order an event is about."""
    topic = headers.get("x-webhook-name", "")
    known = {one.name: one.subject for one in TOPICS}
    subject = known.get(topic)
    return Delivery(topic=topic, subject=subject, keys=_named(body, subject), shop=headers.get("x-shop-domain", ""))


def _named(body: bytes, subject: Subject | None) -> tuple[Key, ...]:
    if subject is None:
        return ()
    try:
        raw = json.loads(body)
        return (key(raw, _KEYS[subject]),) if isinstance(raw, Mapping) else ()
    except (ValueError, RecursionError, MappingError):
        return ()


WEBHOOKS = WebhookScheme(topics=TOPICS, verify=verify, read=read, remark=REMARK)


class ShoperHooks:
    """`hooks.Hooks` of one shop: all topics of an address in one webhook."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def listed(self) -> list[HookState]:
        return [_state(row) for row in self._rest.rows(RESOURCE)]

    def register(self, topics: Sequence[str], url: str, secret: str) -> None:
        self._rest.api.redact.add(secret)
        body = {"url": url, "events": list(topics), "format": 0, "active": 1, "secret": secret}
        ours = sorted((int(one.id) for one in self.listed() if one.url == url), reverse=True)
        if not ours:
            answer = self._rest.api.request("POST", ROOT + RESOURCE, body=body)
            if new_id(answer.json) is None:
                raise OutcomeUnknown(path=answer.path, excerpt=answer.excerpt)
            return
        first, *doubles = ours
        self._rest.api.request("PUT", f"{ROOT}{RESOURCE}/{first}", body=body)
        for double in doubles:
            self.remove(str(double))

    def activate(self, hook: str) -> None:
        self._rest.api.request("PUT", f"{ROOT}{RESOURCE}/{hook}", body={"active": 1})

    def remove(self, hook: str) -> None:
        try:
            self._rest.api.request("DELETE", f"{ROOT}{RESOURCE}/{hook}")
        except Gone:
            return


def _state(row: Row) -> HookState:
    """`events` may come as an object by number, as PHP writes lists with gaps."""
    events: Any = row.get("events") or []
    try:
        number = key(row, "webhook_id")
        int(number)
        active = flag(row, "active")
    except (MappingError, ValueError):
        raise Transient(Code.UNEXPECTED_ANSWER, path=RESOURCE, excerpt=str(sorted(row))[:100]) from None
    names = events.values() if isinstance(events, Mapping) else events
    return HookState(id=number, topics=tuple(str(name) for name in names), url=str(row.get("url") or ""), active=active)

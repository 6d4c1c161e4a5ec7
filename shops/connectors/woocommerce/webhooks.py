"""WooCommerce's webhooks: one for each topic, sent by WordPress's cron, without a second try.

The body is the whole object as of the delivery; a deleted one is `{"id": n}`, one that is gone by then an error object.
More than five deliveries in a row that were not answered well, and the shop switches the webhook off. What is deleted
for good, past the trash, is told by none.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from integrator.canonical.coerce import key, optional_key, text
from integrator.canonical.errors import Gone, MappingError, OutcomeUnknown, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from shops.connectors.base import gettext_noop
from shops.connectors.hooks import ORDER, Delivery, Headers, HookState, Subject, Topic, WebhookScheme
from shops.connectors.woocommerce.rest import Rest, Row, row_id

PATH = "webhooks"
_SUBJECTS: tuple[Subject, ...] = (Kind.PRODUCT, ORDER)
_EVENTS = ("created", "updated", "deleted", "restored")
TOPICS = tuple(Topic(name=f"{subject}.{event}", subject=subject) for subject in _SUBJECTS for event in _EVENTS)
REMARK = gettext_noop(
    "WooCommerce sends when WordPress's cron runs, once each, and tells nothing of categories or of what is deleted "
    "past the trash: polling finds those."
)
_PING = re.compile(rb"webhook_id=\d+")


def verify(headers: Headers, body: bytes, secret: str) -> bool:
    expected = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    return hmac.compare_digest(expected, headers.get("x-wc-webhook-signature", "").strip().encode())


def read(headers: Headers, body: bytes) -> Delivery:
    """Which product or order a delivery is about. A variation comes as a product of its own type, with its parent's
    id."""
    if "x-wc-webhook-topic" not in headers and _PING.fullmatch(body.strip()):
        return Delivery(ping=True)
    topic = headers.get("x-wc-webhook-topic", "")
    known = {one.name: one.subject for one in TOPICS}
    subject = known.get(topic)
    # The delivery's id is made of the webhook and the second: all that changed in one run of the cron shares it.
    told = headers.get("x-wc-webhook-delivery-id", "")
    return Delivery(
        id=f"{told}:{hashlib.sha256(body).hexdigest()[:16]}" if told else "",
        topic=topic,
        subject=subject,
        keys=_named(body) if subject is not None else (),
        shop=headers.get("x-wc-webhook-source", ""),
    )


def _named(body: bytes) -> tuple[Key, ...]:
    try:
        raw = json.loads(body)
        if not isinstance(raw, Mapping):
            return ()
        own = key(raw, "id")
        if text(raw, "type", "") != "variation":
            return (own,)
        parent = optional_key(raw, "parent_id")
    except (ValueError, RecursionError, MappingError):
        return ()
    return (f"{parent}:{own}",) if parent else ()


WEBHOOKS = WebhookScheme(topics=TOPICS, verify=verify, read=read, remark=REMARK)


class WooHooks:
    """`hooks.Hooks` of one shop."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def listed(self) -> list[HookState]:
        return [_state(row) for row in self._rest.rows(PATH)]

    def register(self, topics: Sequence[str], url: str, secret: str) -> None:
        """The secret is never answered, so that of a webhook that is there already is written anew. All of a kind go
        in one call: each new one makes the shop send a ping."""
        self._rest.api.redact.add(secret)
        found = sorted((one for one in self.listed() if one.url == url), key=lambda one: int(one.id))
        new: list[tuple[str, Any]] = []
        renewed: list[tuple[str, Any]] = []
        doubles: list[str] = []
        for topic in topics:
            ours = [one.id for one in found if topic in one.topics]
            body = {"topic": topic, "delivery_url": url, "secret": secret, "status": "active"}
            if ours:
                renewed.append((topic, {"id": int(ours[0]), **body}))
                doubles += ours[1:]
            else:
                new.append((topic, {"name": f"Integrator {topic}", **body}))
        self._batch("create", new)
        self._batch("update", renewed)
        for double in doubles:
            self.remove(double)

    def _batch(self, action: str, rows: Sequence[tuple[str, Any]]) -> None:
        """Raises the first refusal, after all that the shop took are done."""
        for out in self._rest.batch(PATH, action, rows):
            if out.error is not None:
                raise out.error
            if row_id(out.row) is None:
                raise OutcomeUnknown(path=PATH, excerpt=str(out.row)[:100])

    def activate(self, hook: str) -> None:
        self._rest.send("PUT", f"{PATH}/{hook}", {"status": "active"})

    def remove(self, hook: str) -> None:
        try:
            self._rest.send("DELETE", f"{PATH}/{hook}", params={"force": "true"})
        except Gone:
            return


def _state(row: Row) -> HookState:
    """How many deliveries failed is not answered."""
    number = row_id(row)
    if number is None:
        raise Transient(Code.UNEXPECTED_ANSWER, path=PATH, excerpt=str(sorted(row))[:100])
    return HookState(
        id=str(number),
        topics=(str(row.get("topic") or ""),),
        url=str(row.get("delivery_url") or ""),
        active=row.get("status") == "active",
    )

"""Webhooks: what may be registered, and the requests that the shop sends."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from shops.connectors.woocommerce.simulator import lists, php, schema
from shops.connectors.woocommerce.simulator.dates import shown
from shops.connectors.woocommerce.simulator.errors import error
from shops.connectors.woocommerce.simulator.resources import Body, Resource
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.simulation.http import Refused, Request, dumps
from shops.simulation.tables import Row

EVENTS: dict[str, tuple[str, ...]] = dict.fromkeys(
    ("product", "order", "coupon"), ("created", "updated", "deleted", "restored")
)
EVENTS["customer"] = ("created", "updated", "deleted")
MOST_FAILURES = 5
PING = "ping"


@dataclass(frozen=True)
class Delivery:
    """One POST of a webhook, as it goes over the line."""

    webhook_id: int
    url: str
    headers: Mapping[str, str]
    body: bytes


class Webhooks(Resource):
    """The secret can be written and is never answered."""

    name = path = "webhooks"
    schema = schema.WEBHOOK
    required = ("topic", "delivery_url")

    def find(self, request: Request) -> Sequence[int]:
        status = lists.chosen(request, "status", ("all", "active", "paused", "disabled"), "all")
        found = [one for one in self.state.webhooks if status in ("all", self.state.webhooks.get(one)["status"])]
        by_id = sorted(found, reverse=lists.chosen(request, "order", ("asc", "desc"), "desc") == "desc")
        include = lists.ids(request, "include")
        return [one for one in by_id if not include or one in include]

    def row(self, key: int) -> Row:
        row = self.state.webhooks.get(key)
        resource, _, event = row["topic"].partition(".")
        answer: Row = {"id": key, "name": row["name"], "status": row["status"], "topic": row["topic"]}
        answer |= {"resource": resource, "event": event, "hooks": [f"woocommerce_{event}_{resource}"]}
        answer |= {"delivery_url": row["delivery_url"]}
        for ours, theirs in (("created", "date_created"), ("modified", "date_modified")):
            answer[theirs] = shown(row[ours], self.state.zone)
            answer[f"{theirs}_gmt"] = shown(row[ours], UTC)
        return answer

    def check(self, key: int, status: int) -> None:
        if key not in self.state.webhooks:
            raise error("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", status)

    def create(self, body: Body) -> int:
        """A new webhook sends its ping before anything else, also to a target that does not answer."""
        now = self.state.now()
        row: Row = {"name": "", "status": "active", "secret": hashlib.sha1(str(now).encode()).hexdigest()}
        row |= {"topic": "", "delivery_url": "", "failures": 0, "created": now, "modified": now}
        row |= self._given(body)
        for name in ("topic", "delivery_url"):
            if not row[name]:
                raise _invalid_topic() if name == "topic" else _invalid_address()
        row["name"] = row["name"] or f"Webhook created on {shown(now, self.state.zone)}"
        webhook_id = self.state.webhooks.insert(row)
        self.state.queue[webhook_id, PING, webhook_id] = PING
        return webhook_id

    def update(self, key: int, body: Body) -> None:
        self.check(key, 400)
        with self.state.webhooks.editing(key) as row:
            row |= {**self._given(body), "modified": self.state.now()}
            if body.get("status") == "active":
                row["failures"] = 0

    def _given(self, body: Body) -> Row:
        fields: Row = {name: php.text(body[name]) for name in ("name", "topic", "delivery_url") if body.get(name)}
        if body.get("secret"):
            fields["secret"] = php.text(body["secret"])
        if body.get("status") in ("active", "paused", "disabled"):
            fields["status"] = body["status"]
        resource, _, event = fields.get("topic", "product.created").partition(".")
        if event not in EVENTS.get(resource, ()) and resource != "action":
            raise _invalid_topic()
        if not fields.get("delivery_url", "https://").startswith(("http://", "https://")):
            raise _invalid_address()
        return fields

    def remove(self, key: int) -> None:
        self.state.webhooks.remove(key)
        for waiting in [one for one in self.state.queue if one[0] == key]:
            del self.state.queue[waiting]


def _invalid_topic() -> Refused:
    message = "Webhook topic must be valid."
    return error("woocommerce_rest_shop_webhook_invalid_topic", message)


def _invalid_address() -> Refused:
    message = "Webhook delivery URL must be a valid URL starting with http:// or https://."
    return error("woocommerce_rest_shop_webhook_invalid_delivery_url", message)


def due(state: ShopState, objects: Mapping[str, Resource]) -> list[Delivery]:
    """Takes all waiting deliveries from the queue. The body shows the object as it is now, at delivery.

    `objects`: the resources by the first word of a topic.
    """
    waiting = list(state.queue.items())
    state.queue.clear()
    return [_made(state, objects, *key, topic) for key, topic in waiting if key[0] in state.webhooks]


def _made(state: ShopState, objects: Mapping[str, Resource], hook: int, kind: str, row_id: int, topic: str) -> Delivery:
    row = state.webhooks.get(hook)
    agent = f"WooCommerce/{state.features.version} Hookshot (WordPress/{state.environment.get('wp_version', '6.9.7')})"
    if topic == PING:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": agent}
        return Delivery(hook, row["delivery_url"], headers, f"webhook_id={hook}".encode())
    content: Any = {"id": row_id}
    if not topic.endswith(".deleted"):
        try:
            objects[kind].check(row_id, 404)
            content = objects[kind].shown(row_id)
        except Refused as gone:
            content = gone.body
    body = dumps(content).encode()
    resource, _, event = topic.partition(".")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": agent,
        "X-WC-Webhook-Source": f"{state.address}/",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-Signature": signature(row["secret"], body),
        "X-WC-Webhook-ID": str(hook),
        "X-WC-Webhook-Delivery-ID": delivery_id(hook, state.now()),
    }
    return Delivery(hook, row["delivery_url"], headers, body)


def delivery_id(hook: int, second: int) -> str:
    """Of a webhook and a second, as WooCommerce makes it: deliveries about several objects in one second share it."""
    return hashlib.md5(f"{hook}{second}".encode()).hexdigest()


def signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def answered(state: ShopState, delivery: Delivery, status: int) -> None:
    """What a target's answer does: 2xx and 301, 302 are success; after more than five failures the webhook is off."""
    if delivery.webhook_id not in state.webhooks:
        return
    with state.webhooks.editing(delivery.webhook_id) as row:
        row["failures"] = 0 if 200 <= status < 300 or status in (301, 302) else row["failures"] + 1
        if row["failures"] > MOST_FAILURES:
            row["status"] = "disabled"

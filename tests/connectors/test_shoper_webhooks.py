"""Shoper's webhooks: registered, found again after a lost answer, and deliveries that are believed or not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Rejected
from integrator.canonical.kinds import Kind
from shops.connectors.base import ShopAccess
from shops.connectors.hooks import ORDER, Hooks
from shops.connectors.shoper.connector import PLATFORM
from shops.connectors.shoper.simulator import STATIC_TOKEN, ShoperSimulator
from shops.connectors.shoper.webhooks import TOPICS, WEBHOOKS, ShoperHooks
from tests.connectors.shoper_shop import Talk
from tests.connectors.wire import Wire

URL = "https://panel.example/hooks/abc/"
SECRET = "tajemnica-7"
NAMES = [topic.name for topic in TOPICS]
SAMPLE = Path(__file__).resolve().parents[3] / "shared/reference/shoper_samples/webhook_delivery.json"


@pytest.fixture
def shop() -> ShoperSimulator:
    return ShoperSimulator(limited=False)


@pytest.fixture
def wire(shop: ShoperSimulator) -> Wire:
    return Wire(shop)


@pytest.fixture
def hooks(wire: Wire) -> Iterator[Hooks]:
    access = ShopAccess(address="https://shop.example", credentials={"token": STATIC_TOKEN}, transport=wire)
    side = PLATFORM.open(access)
    yield side.hooks
    access.close()


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_one_webhook_sends_every_topic_to_the_address(hooks: Hooks) -> None:
    hooks.register(NAMES, URL, SECRET)
    (found,) = hooks.listed()
    assert (found.url, set(found.topics), found.active) == (URL, set(NAMES), True)


def test_registering_again_renews_the_webhook_instead_of_doubling_it(hooks: Hooks, shop: ShoperSimulator) -> None:
    hooks.register(NAMES, URL, "stara-tajemnica")
    (first,) = hooks.listed()
    Talk(shop).put(f"webhooks/{first.id}", {"active": 0, "events": ["order.create"]})
    hooks.register(NAMES, URL, SECRET)
    (found,) = hooks.listed()
    assert (found.id, set(found.topics), found.active) == (first.id, set(NAMES), True)
    category = shop.state.add_category("Ogród")
    (delivery,) = shop.deliveries("category.edit", category)
    assert WEBHOOKS.verify(lower(delivery.headers), delivery.body, SECRET)


def test_a_lost_answer_leaves_one_webhook(hooks: Hooks, wire: Wire) -> None:
    wire.lose_answers("POST")
    with pytest.raises(OutcomeUnknown):
        hooks.register(NAMES, URL, SECRET)
    hooks.register(NAMES, URL, SECRET)
    assert len(hooks.listed()) == 1


def test_webhooks_of_others_are_left_alone(hooks: Hooks, shop: ShoperSimulator) -> None:
    other = {"url": "https://inny.example/", "events": ["order.create"], "format": 0, "active": 1, "secret": "x"}
    Talk(shop).post("webhooks", other)
    hooks.register(NAMES, URL, SECRET)
    ours = next(one for one in hooks.listed() if one.url == URL)
    hooks.remove(ours.id)
    hooks.remove(ours.id)
    assert [(one.url, one.topics, one.active) for one in hooks.listed()] == [(other["url"], ("order.create",), True)]


def test_one_that_the_shop_switched_off_is_switched_on(hooks: Hooks, shop: ShoperSimulator) -> None:
    hooks.register(NAMES, URL, SECRET)
    (found,) = hooks.listed()
    Talk(shop).put(f"webhooks/{found.id}", {"active": 0})
    assert shop.deliveries("category.edit", shop.state.add_category("Dom")) == []
    hooks.activate(found.id)
    assert hooks.listed()[0].active


def test_a_right_that_is_missing_is_said(hooks: Hooks, shop: ShoperSimulator) -> None:
    for account in shop.access.static_tokens.values():
        account.rights = {"products": "delete"}
    with pytest.raises(IntegrationError):
        hooks.listed()


def test_the_shop_refuses_events_that_it_does_not_know(hooks: Hooks) -> None:
    with pytest.raises(Rejected):
        hooks.register(["product.updated"], URL, SECRET)
    assert hooks.listed() == []


def test_the_secret_stands_in_no_error(wire: Wire, hooks: Hooks) -> None:
    wire.answer(400, text=json.dumps({"error": "invalid_request", "error_description": f"zły {SECRET}"}), times=9)
    with pytest.raises(IntegrationError) as caught:
        hooks.register(NAMES, URL, SECRET)
    assert SECRET not in f"{caught.value!r} {caught.value.problem}"


def test_a_delivery_hints_at_the_product_or_category(hooks: Hooks, shop: ShoperSimulator) -> None:
    hooks.register(NAMES, URL, SECRET)
    category = shop.state.add_category("Ogród")
    product = shop.state.add_product("TAC-1", "Taczka żółta", category=category)
    for event, row_id, kind in (("product.edit", product, Kind.PRODUCT), ("category.create", category, Kind.CATEGORY)):
        (delivery,) = shop.deliveries(event, row_id)
        assert delivery.url == URL
        headers = lower(delivery.headers)
        assert WEBHOOKS.verify(headers, delivery.body, SECRET)
        read = WEBHOOKS.read(headers, delivery.body)
        assert (read.topic, read.subject, read.keys, read.ping) == (event, kind, (str(row_id),), False)


@pytest.mark.parametrize("spoil", ["body", "secret", "id", "signature", "none"])
def test_a_forged_delivery_is_not_believed(hooks: Hooks, shop: ShoperSimulator, spoil: str) -> None:
    hooks.register(NAMES, URL, SECRET)
    (delivery,) = shop.deliveries("category.edit", shop.state.add_category("Ogród"))
    headers, body, secret = lower(delivery.headers), delivery.body, SECRET
    assert WEBHOOKS.verify(headers, body, secret)
    if spoil == "body":
        body += b" "
    elif spoil == "secret":
        secret = "inna"
    elif spoil == "id":
        headers["x-webhook-id"] = "99"
    elif spoil == "signature":
        headers["x-webhook-sha1"] = "ż" * 40
    else:
        del headers["x-webhook-sha1"]
    assert not WEBHOOKS.verify(headers, body, secret)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"product_id": null}', b'{"product_id": {}}', b'"17"'])
def test_a_body_that_says_nothing_hints_at_nothing(body: bytes) -> None:
    assert WEBHOOKS.read({"x-webhook-name": "product.edit"}, body).keys == ()


def test_what_happens_to_an_order_is_told_at_once(hooks: Hooks, shop: ShoperSimulator) -> None:
    """Also what moves no date in the shop, and what the API itself writes."""
    hooks.register(NAMES, URL, SECRET)
    state = shop.state
    order = state.place_order([{"product": state.add_product("TAC-1", "Taczka żółta", "10.00", 5), "amount": 2}])
    state.pay_order(order)
    state.edit_order(order, notes_priv="Dzwonić po 16")
    Talk(shop).put(f"orders/{order}", {"status_id": 3})
    state.remove_order(order)
    sent = shop.deliver()
    assert [lower(one.headers)["x-webhook-name"] for one in sent] == [
        "order.create",
        "order.paid",
        "order.edit",
        "order.status",
        "order.delete",
    ]
    for one in sent:
        headers = lower(one.headers)
        assert WEBHOOKS.verify(headers, one.body, SECRET)
        read = WEBHOOKS.read(headers, one.body)
        assert (read.subject, read.keys) == (ORDER, (str(order),))
    assert shop.deliver() == []


def test_an_order_comes_as_the_api_shows_it(hooks: Hooks, shop: ShoperSimulator) -> None:
    hooks.register(NAMES, URL, SECRET)
    product = shop.state.add_product("TAC-1", "Taczka żółta", "10.00", 5)
    order = shop.state.place_order([{"product": product}])
    (one,) = shop.deliver()
    assert json.loads(one.body) == Talk(shop).get(f"orders/{order}")


def test_a_client_hints_at_nothing_that_is_synchronised() -> None:
    read = WEBHOOKS.read({"x-webhook-name": "client.create"}, b'{"user_id": "501"}')
    assert (read.topic, read.subject, read.keys) == ("client.create", None, ())


@pytest.mark.skipif(not SAMPLE.exists(), reason="no sample of a delivery here")
def test_the_sampled_delivery_is_believed() -> None:
    request = json.loads(SAMPLE.read_text())["request"]
    headers = lower(request["headers"])
    body = request["raw_body"].encode()
    assert WEBHOOKS.verify(headers, body, "s3cret")
    read = WEBHOOKS.read(headers, body)
    assert (read.subject, read.keys) == (ORDER, ("501",))


def test_the_order_of_calls_is_looking_before_writing(hooks: Hooks, wire: Wire) -> None:
    hooks.register(NAMES, URL, SECRET)
    hooks.register(NAMES, URL, SECRET)
    assert [line.split("/")[0].strip() for line in wire.sent] == ["GET", "POST", "GET", "PUT"]


def test_connectors_offer_them(hooks: Hooks) -> None:
    assert PLATFORM.webhooks is WEBHOOKS
    assert isinstance(hooks, ShoperHooks)

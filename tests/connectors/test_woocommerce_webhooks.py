"""WooCommerce's webhooks: one for each topic, renewed instead of doubled, and deliveries that are believed or not."""

import json
from collections.abc import Iterator

import pytest

from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Rejected
from integrator.canonical.kinds import Kind
from shops.connectors.base import ShopAccess
from shops.connectors.hooks import ORDER, Hooks
from shops.connectors.woocommerce.connector import PLATFORM
from shops.connectors.woocommerce.simulator import CONSUMER_KEY, CONSUMER_SECRET, Delivery, WooSimulator
from shops.connectors.woocommerce.webhooks import TOPICS, WEBHOOKS
from tests.connectors.wire import Wire
from tests.connectors.woocommerce_shop import Talk

URL = "https://panel.example/hooks/abc/"
SECRET = "tajemnica-7"
NAMES = [topic.name for topic in TOPICS]


@pytest.fixture
def shop() -> WooSimulator:
    return WooSimulator()


@pytest.fixture
def wire(shop: WooSimulator) -> Wire:
    return Wire(shop)


@pytest.fixture
def hooks(wire: Wire) -> Iterator[Hooks]:
    credentials = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}
    access = ShopAccess(address="https://shop.example", credentials=credentials, transport=wire)
    yield PLATFORM.open(access).hooks
    access.close()


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def told(shop: WooSimulator, product: int, **changes: object) -> Delivery:
    """The delivery about one change of a product; pings and what else waited are let go."""
    shop.deliver()
    assert Talk(shop).send("PUT", f"products/{product}", changes).status == 200
    (one,) = [one for one in shop.deliver() if lower(one.headers).get("x-wc-webhook-topic") == "product.updated"]
    return one


def test_each_topic_gets_a_webhook_that_sends_here(hooks: Hooks) -> None:
    hooks.register(NAMES, URL, SECRET)
    found = hooks.listed()
    assert sorted(topic for one in found for topic in one.topics) == sorted(NAMES)
    assert {(one.url, one.active) for one in found} == {(URL, True)}


def test_all_topics_are_registered_by_one_write(hooks: Hooks, wire: Wire) -> None:
    for _ in range(2):
        before = len(wire.requests)
        hooks.register(NAMES, URL, SECRET)
        writes = [one for one in wire.sent[before:] if not one.startswith("GET")]
        assert writes == ["POST /wp-json/wc/v3/webhooks/batch"]


def test_registering_again_renews_secret_and_state(hooks: Hooks, shop: WooSimulator) -> None:
    hooks.register(NAMES, URL, "stara-tajemnica")
    before = {one.id for one in hooks.listed()}
    for one in before:
        Talk(shop).send("PUT", f"webhooks/{one}", {"status": "disabled"})
    hooks.register(NAMES, URL, SECRET)
    assert {(one.id, one.active) for one in hooks.listed()} == {(one, True) for one in before}
    one = told(shop, shop.state.add_product("KUB-1", "Kubek żółty"), name="Kubek biały")
    assert WEBHOOKS.verify(lower(dict(one.headers)), one.body, SECRET)


def test_a_lost_answer_leaves_one_webhook_for_each_topic(hooks: Hooks, wire: Wire) -> None:
    wire.lose_answers("POST")
    with pytest.raises(OutcomeUnknown):
        hooks.register(NAMES, URL, SECRET)
    hooks.register(NAMES, URL, SECRET)
    assert sorted(topic for one in hooks.listed() for topic in one.topics) == sorted(NAMES)


def test_doubles_are_removed_and_webhooks_of_others_left_alone(hooks: Hooks, shop: WooSimulator) -> None:
    hooks.register(NAMES, URL, SECRET)
    double = {"topic": "product.updated", "delivery_url": URL, "secret": "x"}
    assert Talk(shop).send("POST", "webhooks", double).status == 201
    other = {"topic": "order.created", "delivery_url": "https://inny.example/", "secret": "x"}
    assert Talk(shop).send("POST", "webhooks", other).status == 201
    hooks.register(NAMES, URL, SECRET)
    assert len([one for one in hooks.listed() if one.url == URL]) == len(NAMES)
    for one in hooks.listed():
        if one.url == URL:
            hooks.remove(one.id)
            hooks.remove(one.id)
    assert [one.url for one in hooks.listed()] == ["https://inny.example/"]


def test_one_that_the_shop_switched_off_is_switched_on(hooks: Hooks, shop: WooSimulator) -> None:
    """The shop does so by itself after more than five deliveries that were not answered well."""
    hooks.register(["product.updated"], URL, SECRET)
    product = shop.state.add_product("KUB-1", "Kubek żółty")
    for number in range(6):
        shop.delivered(told(shop, product, name=f"Kubek {number}"), 500)
    (asleep,) = hooks.listed()
    assert not asleep.active
    hooks.activate(asleep.id)
    assert hooks.listed()[0].active
    assert told(shop, product, name="Kubek biały")


def test_the_shop_refuses_topics_that_it_does_not_know(hooks: Hooks) -> None:
    with pytest.raises(Rejected):
        hooks.register(["product.edit"], URL, SECRET)
    assert hooks.listed() == []


def test_the_secret_stands_in_no_error(wire: Wire, hooks: Hooks) -> None:
    wire.answer(400, text=f'{{"code": "zly", "message": "zły {SECRET}", "data": {{"status": 400}}}}', times=9)
    with pytest.raises(IntegrationError) as caught:
        hooks.register(NAMES, URL, SECRET)
    assert SECRET not in f"{caught.value!r} {caught.value.problem}"


def test_the_ping_of_a_new_webhook_is_a_ping(hooks: Hooks, shop: WooSimulator) -> None:
    hooks.register(NAMES, URL, SECRET)
    pings = shop.deliver()
    assert len(pings) == len(NAMES)
    for one in pings:
        headers = lower(dict(one.headers))
        assert WEBHOOKS.read(headers, one.body).ping
        assert not WEBHOOKS.verify(headers, one.body, SECRET)


def test_a_delivery_hints_at_the_product(hooks: Hooks, shop: WooSimulator) -> None:
    hooks.register(NAMES, URL, SECRET)
    product = shop.state.add_product("KUB-1", "Kubek żółty")
    one = told(shop, product, name="Kubek biały")
    headers = lower(dict(one.headers))
    assert WEBHOOKS.verify(headers, one.body, SECRET)
    read = WEBHOOKS.read(headers, one.body)
    assert (read.subject, read.keys, read.ping) == (Kind.PRODUCT, (str(product),), False)
    assert read.id


def test_what_happens_to_an_order_is_told(hooks: Hooks, shop: WooSimulator) -> None:
    hooks.register(NAMES, URL, SECRET)
    shop.deliver()
    product = shop.state.add_product("KUB-1", "Kubek żółty", "10.00", 5)
    order = shop.state.place_order({product: 2})
    told = {}
    shop.state.pay_order(order)
    for one in shop.deliver():
        headers = lower(dict(one.headers))
        assert WEBHOOKS.verify(headers, one.body, SECRET)
        told[headers["x-wc-webhook-topic"]] = (WEBHOOKS.read(headers, one.body), one.body)
    for topic in ("order.created", "order.updated"):
        read, body = told[topic]
        assert (read.subject, read.keys) == (ORDER, (str(order),))
        assert json.loads(body) == Talk(shop).send("GET", f"orders/{order}").body
    assert Talk(shop).send("DELETE", f"orders/{order}").status == 200
    (one,) = [one for one in shop.deliver() if lower(dict(one.headers))["x-wc-webhook-topic"] == "order.deleted"]
    assert one.body == b'{"id":%d}' % order
    read = WEBHOOKS.read(lower(dict(one.headers)), one.body)
    assert (read.subject, read.keys) == (ORDER, (str(order),))


def test_a_variation_hints_at_itself_below_its_parent(hooks: Hooks, shop: WooSimulator) -> None:
    hooks.register(NAMES, URL, SECRET)
    colour = shop.state.add_attribute("Kolor", ["Czarny"])
    variations = [{"sku": "KUB-1-C", "option": "Czarny", "stock": 2}]
    parent = shop.state.add_product("KUB-1", "Kubek", attribute=colour, variations=variations)
    (variation,) = [row["id"] for row in Talk(shop).send("GET", f"products/{parent}/variations").body]
    shop.deliver()
    assert Talk(shop).send("PUT", f"products/{parent}/variations/{variation}", {"regular_price": "9.99"}).status == 200
    read = {key for one in shop.deliver() for key in WEBHOOKS.read(lower(dict(one.headers)), one.body).keys}
    assert f"{parent}:{variation}" in read


def test_a_trashed_product_is_named_and_one_that_is_gone_is_not(hooks: Hooks, shop: WooSimulator) -> None:
    hooks.register(NAMES, URL, SECRET)
    trashed, gone = (shop.state.add_product(f"KUB-{n}", f"Kubek {n}") for n in (1, 2))
    shop.deliver()
    Talk(shop).send("DELETE", f"products/{trashed}")
    (one,) = shop.deliver()
    assert WEBHOOKS.read(lower(dict(one.headers)), one.body).keys == (str(trashed),)
    Talk(shop).send("PUT", f"products/{gone}", {"name": "Kubek, ostatnia sztuka"})
    Talk(shop).send("DELETE", f"products/{gone}", force="true")
    (one,) = shop.deliver()
    headers = lower(dict(one.headers))
    assert WEBHOOKS.verify(headers, one.body, SECRET)
    assert WEBHOOKS.read(headers, one.body).keys == ()


@pytest.mark.parametrize("spoil", ["body", "secret", "signature", "none"])
def test_a_forged_delivery_is_not_believed(hooks: Hooks, shop: WooSimulator, spoil: str) -> None:
    hooks.register(NAMES, URL, SECRET)
    one = told(shop, shop.state.add_product("KUB-1", "Kubek"), name="Kubek biały")
    headers, body, secret = lower(dict(one.headers)), one.body, SECRET
    if spoil == "body":
        body += b" "
    elif spoil == "secret":
        secret = "inna"
    elif spoil == "signature":
        headers["x-wc-webhook-signature"] = "ż="
    else:
        del headers["x-wc-webhook-signature"]
    assert not WEBHOOKS.verify(headers, body, secret)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"id": null}', b'{"id": 7, "type": "variation"}', b'"17"'])
def test_a_body_that_says_nothing_hints_at_nothing(body: bytes) -> None:
    read = WEBHOOKS.read({"x-wc-webhook-topic": "product.updated"}, body)
    assert (read.keys, read.ping) == ((), False)


def test_something_that_looks_like_a_ping_but_names_a_topic_is_none() -> None:
    assert not WEBHOOKS.read({"x-wc-webhook-topic": "product.updated"}, b"webhook_id=7").ping


def test_products_changed_in_one_second_are_deliveries_of_their_own(hooks: Hooks, shop: WooSimulator) -> None:
    """The shop gives them one id: it is made of the webhook and the second."""
    hooks.register(NAMES, URL, SECRET)
    products = [shop.state.add_product(f"KUB-{number}", f"Kubek {number}") for number in (1, 2, 3)]
    shop.deliver()
    batch = {"update": [{"id": product, "name": "Inny"} for product in products]}
    assert Talk(shop).send("POST", "products/batch", batch).status == 200
    sent = [one for one in shop.deliver() if lower(one.headers).get("x-wc-webhook-topic") == "product.updated"]
    assert len(sent) == 3
    assert len({WEBHOOKS.read(lower(one.headers), one.body).id for one in sent}) == 3

"""Every simulated shop sells through its control address, in one shape."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from integrator.canonical.orders import Order, Stage
from shops.connectors.base import Connector
from shops.connectors.prestashop.simulator.order_stand import PrestaOrderStand
from shops.connectors.shoper.simulator.order_stand import ShoperOrderStand
from shops.connectors.woocommerce.simulator.stand import WooStand
from shops.simulation.server import serve
from shops.simulation.stand import OrderStand
from tests.connectors.wire import wired

STANDS: tuple[type[OrderStand], ...] = (ShoperOrderStand, WooStand, PrestaOrderStand)


class Counter:
    """Somebody who buys at a shop, and the order as its connector reads it."""

    def __init__(self, stand: OrderStand, address: str) -> None:
        self.stand = stand
        self.address = address

    def ask(self, method: str, what: str, given: Any = None) -> Any:
        body = None if given is None else json.dumps(given).encode()
        with urlopen(Request(f"{self.address}/_control/{what}", data=body, method=method)) as answer:
            return json.load(answer)

    def sell(self, **given: Any) -> list[str]:
        ids: list[str] = self.ask("POST", "sell", given)["ids"]
        return ids

    def read(self, key: str) -> Order:
        side = self.stand.open()
        assert isinstance(side, Connector)
        assert side.orders is not None
        (order,) = side.orders.read([key]).orders
        return order


@pytest.fixture(params=STANDS, ids=lambda one: one.__name__)
def counter(request: pytest.FixtureRequest) -> Iterator[Counter]:
    stand = wired(request.param())
    stand.fill(6)
    with serve(stand.shop) as server:
        yield Counter(stand, server.url)


def test_what_is_asked_for_is_bought(counter: Counter) -> None:
    bought = {line.product for line in counter.read(counter.stand.place_order(lines=2)).lines}
    pieces = {product: place for place, product in enumerate(sorted(bought), start=2)}
    firm = {"company": "Firma Ś.A.", "tax_number": "PL5260001246", "email": "biuro@firma.example", "city": "Łódź"}
    first, second = counter.sell(pieces=pieces, payment="cod", count=2, buyer=firm)
    assert first != second
    order = counter.read(first)
    assert {line.product: line.quantity for line in order.lines} == pieces
    assert order.payment.kind.value == "cod"
    assert not order.payment.paid
    billing = order.buyer.billing
    assert (billing.company, billing.city, billing.tax_number) == ("Firma Ś.A.", "Łódź", "PL5260001246")
    assert order.buyer.email == "biuro@firma.example"


@pytest.mark.parametrize(
    ("terms", "kind", "paid"),
    [
        ({"payment": "transfer"}, "transfer", False),
        ({"payment": "transfer", "paid": True}, "transfer", True),
        ({"payment": "online"}, "online", True),
        ({"payment": "online", "paid": False}, "online", False),
    ],
)
def test_money_comes_at_once_or_later(counter: Counter, terms: dict[str, Any], kind: str, paid: bool) -> None:
    product = counter.read(counter.stand.place_order()).lines[0].product
    (key,) = counter.sell(pieces={product: 1}, **terms)
    order = counter.read(key)
    assert (order.payment.kind.value, order.payment.paid) == (kind, paid)
    counter.ask("POST", "order", {"id": key, "do": "pay"})
    assert counter.read(key).payment.paid


def test_orders_are_cancelled_and_moved(counter: Counter) -> None:
    product = counter.read(counter.stand.place_order()).lines[0].product
    cancelled, moved = counter.sell(pieces={product: 1}, count=2)
    counter.ask("POST", "order", {"id": cancelled, "do": "cancel"})
    counter.ask("POST", "order", {"id": moved, "do": "move", "state": counter.stand.sent_state})
    assert counter.read(cancelled).stage is Stage.CANCELLED
    assert counter.read(moved).state == counter.stand.sent_state


def test_a_new_product_is_on_sale_at_once(counter: Counter) -> None:
    key = counter.ask("POST", "product", {"code": "NOWY-1", "name": "Nowość", "price": "10.00", "quantity": 5})["key"]
    (order,) = counter.sell(pieces={key: 2})
    (line,) = counter.read(order).lines
    assert (line.product, line.code, line.quantity) == (key, "NOWY-1", 2)


def test_the_shop_shows_what_it_holds(counter: Counter) -> None:
    key = counter.stand.place_order()
    order = counter.read(key)
    held = {one["id"]: one for one in counter.ask("GET", "orders")["orders"]}
    assert held[key]["state"] == order.state
    assert Decimal(held[key]["total"]) == order.total
    assert (held[key]["paid"], held[key]["tracking"]) == (False, [])


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("sell", {"pieces": {}}),
        ("sell", {"pieces": {"1": 1}, "payment": "barter"}),
        ("order", {"id": "1", "do": "explode"}),
    ],
)
def test_nonsense_is_refused(counter: Counter, what: str, given: dict[str, Any]) -> None:
    with pytest.raises(HTTPError) as refused:
        counter.ask("POST", what, given)
    refused.value.close()
    assert refused.value.code == 400

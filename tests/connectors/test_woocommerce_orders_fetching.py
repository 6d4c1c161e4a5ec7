"""Fetching and reading WooCommerce's orders: complete whatever happens, and what is asked of the shop."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integrator.canonical.errors import Rejected, Transient
from integrator.canonical.orders import Order, Orders, PaymentKind, Stage
from shops.connectors.woocommerce.connector import WooConnector
from shops.connectors.woocommerce.orders import WooOrders
from shops.connectors.woocommerce.simulator.stand import WooStand
from tests.connectors.order_conformance import orders_of, pages
from tests.connectors.wire import wired


@pytest.fixture
def stand() -> WooStand:
    made = wired(WooStand())
    made.fill(3)
    return made


def began(stand: WooStand) -> datetime:
    return datetime.fromtimestamp(stand.clock.now, UTC)


def asked(stand: WooStand, path: str = "/wp-json/wc/v3/orders") -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(str(one.url)).query) for one in stand.wire.requests if one.url.path == path]


def arrived(orders: Orders, since: datetime) -> list[Order]:
    return [one for page in pages(orders, since) for one in page.orders]


@pytest.mark.parametrize("version", ["9.0.2", "10.5.0"])
@pytest.mark.parametrize("busy", [99, 100, 250])
def test_more_orders_than_a_page_in_one_second_are_all_read(version: str, busy: int) -> None:
    """A plugin that changes the state of many orders at once."""
    stand = type("Versioned", (WooStand,), {"version": version})()
    stand = wired(stand)
    since = began(stand)
    keys = [stand.place_order() for _ in range(30)]
    stand.clock.now += 5
    keys += [stand.place_order() for _ in range(busy)]
    stand.clock.now += 5
    keys += [stand.place_order() for _ in range(30)]
    found = arrived(orders_of(stand), since)
    assert sorted(one.key for one in found) == sorted(keys)
    changes = [one.changed_at for one in found if one.changed_at is not None]
    assert changes == sorted(changes)


def test_an_order_that_changes_while_it_is_read_comes_again(stand: WooStand) -> None:
    since = began(stand)
    keys = []
    for _ in range(150):
        stand.clock.now += 1
        keys.append(stand.place_order())
    orders = orders_of(stand)
    page = orders.fetch(since, None)
    stand.clock.now += 60
    stand.edit_order(keys[0])
    rest = orders.fetch(since, page.next_cursor)
    assert keys[0] in {one.key for one in page.orders}
    assert [one.key for one in rest.orders if one.note] == [keys[0]]


def test_times_go_without_an_offset_and_take_the_second_in(stand: WooStand) -> None:
    """With a `Z` the flag shifts twice, and an hour of orders is missed in Poland."""
    list(pages(orders_of(stand), datetime(2026, 11, 22, 2, 8, 3, 500_000, UTC)))
    (query,) = asked(stand)
    assert query["modified_after"] == ["2026-11-22T02:08:02"]
    assert query["dates_are_gmt"] == ["true"]
    assert (query["orderby"], query["order"], query["dp"]) == (["modified"], ["asc"], ["6"])


def test_100_orders_take_one_request(stand: WooStand) -> None:
    since = began(stand)
    for _ in range(99):
        stand.place_order(lines=2)
    orders = orders_of(stand)
    so_far = len(stand.wire.sent)
    assert len(arrived(orders, since)) == 99
    assert len(stand.wire.sent) - so_far == 1


def test_a_list_that_is_not_sorted_is_not_believed(stand: WooStand) -> None:
    since = began(stand)
    keys = []
    for _ in range(101):
        stand.clock.now += 1
        keys.append(stand.place_order())
    orders = orders_of(stand)
    stand.shop.faults.break_record("orders", int(keys[50]), {"date_modified_gmt": "2020-01-01T00:00:00"})
    with pytest.raises(Transient):
        list(pages(orders, since - timedelta(days=1)))


def test_play_money_is_marked(stand: WooStand) -> None:
    product = int(stand.simple_ids()[0])
    key = str(stand.shop.state.place_order({product: 1}, meta={"_wcpay_mode": "test"}))
    (found,) = orders_of(stand).read([key]).orders
    assert found.is_test


def test_an_order_of_a_state_whose_plugin_is_gone_is_not_gone(stand: WooStand) -> None:
    stand.shop.state.order_statuses["wyslane"] = "Wysłane"
    keys = [stand.place_order() for _ in range(4)]
    stand.shop.state.set_order_status(int(keys[1]), "wyslane")
    stand.shop.state.order_statuses.clear()
    stand.shop.state.set_order_status(int(keys[2]), "trash")
    stand.shop.state.orders.remove(int(keys[3]))
    found = orders_of(stand).read(keys)
    assert [(one.key, one.stage) for one in found.orders] == [
        (keys[0], Stage.AWAITING_PAYMENT),
        (keys[1], Stage.UNKNOWN),
    ]
    assert found.gone == (keys[2], keys[3])


def test_250_orders_are_read_in_three_requests(stand: WooStand) -> None:
    keys = [stand.place_order() for _ in range(250)]
    orders = orders_of(stand)
    so_far = len(stand.wire.sent)
    assert len(orders.read(keys).orders) == 250
    assert len(stand.wire.sent) - so_far == 3


def test_the_shops_words_are_its_own(stand: WooStand) -> None:
    stand.shop.state.order_statuses["wyslane"] = "Wysłane"
    words = orders_of(stand).words()
    assert {one.key: one.stage for one in words.states} == {
        "pending": Stage.AWAITING_PAYMENT,
        "on-hold": Stage.AWAITING_PAYMENT,
        "failed": Stage.AWAITING_PAYMENT,
        "processing": Stage.OPEN,
        "completed": Stage.DONE,
        "cancelled": Stage.CANCELLED,
        "refunded": Stage.RETURNED,
        "wyslane": Stage.UNKNOWN,
    }
    assert [(one.key, one.name, one.kind) for one in words.payments] == [
        ("bacs", "Przelew bankowy", PaymentKind.TRANSFER),
        ("cod", "Za pobraniem", PaymentKind.COD),
        ("przelewy24", "Szybkie płatności", PaymentKind.ONLINE),
    ]
    assert [(one.key, one.name) for one in words.deliveries] == [
        ("flat_rate:1", "Kurier DPD"),
        ("flat_rate:2", "Paczkomat InPost"),
        ("local_pickup:3", "Odbiór osobisty"),
    ]


@pytest.mark.parametrize("answer", ['{"code": "x"}', '["on-hold"]', "{}"])
def test_words_that_are_none_are_not_believed(stand: WooStand, answer: str) -> None:
    orders = orders_of(stand)
    stand.wire.answer(200, text=answer)
    with pytest.raises(Transient):
        orders.words()


def test_a_key_that_may_not_see_orders_is_told(stand: WooStand) -> None:
    orders = orders_of(stand)
    body = {"code": "woocommerce_rest_cannot_view", "message": "Nie", "data": {"status": 403}}
    stand.wire.answer(403, text=json.dumps(body))
    with pytest.raises(Rejected) as caught:
        orders.fetch(began(stand), None)
    assert caught.value.problem.code == "right_missing"


@pytest.mark.parametrize(
    ("hpos", "address"),
    [(True, "/wp-admin/admin.php?page=wc-orders&action=edit&id=17"), (None, "/wp-admin/post.php?post=17&action=edit")],
)
def test_orders_open_where_the_panel_keeps_them(stand: WooStand, hpos: Any, address: str) -> None:
    side = stand.open()
    stand.facts["shop"] = {**stand.facts["shop"], "hpos": hpos}
    assert isinstance(side, WooConnector)
    assert isinstance(side.orders, WooOrders)
    assert side.orders.admin_url("17").endswith(address)

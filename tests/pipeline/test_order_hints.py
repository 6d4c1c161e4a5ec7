"""Orders that webhooks tell of: from the buyer's click into WAPRO while the next polling is hours away."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from integrator.canonical.orders import OrdersRead
from integrator.canonical.problems import Code
from shops.connectors.shoper.orders import ShoperOrders
from shops.connectors.shoper.simulator.hooks import deliveries
from shops.connectors.woocommerce.orders import WooOrders
from syncjobs import errands, inbox, runner
from syncjobs.models import Errand, InboxEvent, OrderEvent, OrderTerms, Run, ShopOrder, WebhookSetup
from syncjobs.models.choices import Status as ErrandStatus
from tests.deliveries import post
from tests.pipeline.selling import Shop, ShoperShop, selling
from wapro.sample.procedures.accountant import Accountant

pytestmark = pytest.mark.one_database

Reason, Status = InboxEvent.Reason, ShopOrder.Status


class Told:
    """A shop that sells and tells of it; nobody asks it anything for hours."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        shop.work()
        assert self.turn_on().status == ErrandStatus.SUCCEEDED
        self.deliver()
        OrderTerms.objects.update(next_at=timezone.now() + timedelta(hours=6))

    def turn_on(self) -> Errand:
        errand = errands.request(Errand.Verb.WEBHOOKS_ON, shop=self.shop.lab.shop_connection)
        self.shop.work()
        errand.refresh_from_db()
        return errand

    def deliver(self) -> list[Any]:
        """The shop posts what it has to tell; the deliveries."""
        sent = list(self.shop.simulator.deliver())
        assert {post(one) for one in sent} <= {200}
        return sent

    def heard(self) -> None:
        """The shop tells, and what it told of is done."""
        self.deliver()
        self.shop.work()

    def reasons(self) -> set[str]:
        """What became of the hints at orders."""
        assert not InboxEvent.objects.filter(kind=inbox.ORDER, status=InboxEvent.Status.WAITING).exists()
        return set(InboxEvent.objects.filter(kind=inbox.ORDER).values_list("reason", flat=True))

    @property
    def state(self) -> Any:
        return self.shop.simulator.state


@pytest.fixture(params=[Shop, ShoperShop], ids=["woocommerce", "shoper"])
def told(
    request: pytest.FixtureRequest, sample_company: bytes, tmp_path: Path, transactional_db: None, settings: Any
) -> Iterator[Told]:
    settings.INTEGRATOR_PUBLIC_URL, settings.STATIC_ROOT = "https://panel.example", tmp_path
    cache.clear()
    company = tmp_path / "wapro.sqlite3"
    company.write_bytes(sample_company)
    with selling(company, request.param) as shop:
        yield Told(shop)


def test_an_order_is_in_wapro_long_before_the_next_polling(told: Told) -> None:
    due = OrderTerms.objects.get().next_at
    key = told.shop.sell()
    told.heard()
    assert told.shop.order(key).status == Status.PLACED
    assert told.shop.in_wapro() == 1
    assert told.reasons() == {Reason.CHANGED}
    assert OrderTerms.objects.get().next_at == due, "the shop was asked for nothing else"
    assert not Run.objects.exists()


def test_a_payment_is_heard_of(told: Told) -> None:
    key = told.shop.awaits_a_transfer()
    told.heard()
    assert told.shop.order(key).reasons[0]["code"] == Code.PAYMENT_AWAITED
    told.state.pay_order(key)
    told.heard()
    assert told.shop.order(key).status == Status.PLACED


def test_a_cancellation_is_heard_of_and_carried_out(told: Told) -> None:
    key = told.shop.sell()
    told.heard()
    told.state.cancel_order(key)
    told.heard()
    assert told.shop.order(key).status == Status.CANCELLED


def test_a_deleted_order_is_over(told: Told) -> None:
    key = told.shop.awaits_a_transfer()
    told.heard()
    with told.shop.simulator.lock:
        _delete(told, key)
    told.heard()
    assert told.shop.order(key).status == Status.IGNORED
    assert Reason.GONE in told.reasons()


def _delete(told: Told, key: int) -> None:
    if isinstance(told.shop, ShoperShop):
        told.state.remove_order(key)
    else:
        told.state.set_order_status(key, "trash")


def test_the_same_delivery_again_is_one_hint(told: Told) -> None:
    told.shop.sell()
    (first, *_) = told.deliver()
    kept = InboxEvent.objects.count()
    assert [post(first), post(first)] == [200, 200]
    told.shop.work()
    assert post(first) == 200
    told.shop.work()
    assert InboxEvent.objects.count() == kept
    assert told.shop.in_wapro() == 1


@pytest.mark.failure_mode("F5")
def test_what_we_tell_the_shop_ourselves_is_nothing_new(told: Told) -> None:
    key = told.shop.awaits_a_transfer()
    told.state.pay_order(key)
    told.heard()
    with told.shop.accountant() as alias:
        Accountant(alias).realise(int(told.shop.order(key).erp_key))
    told.shop.later()
    assert OrderEvent.objects.filter(verb="told").exists()
    InboxEvent.objects.all().delete()
    happened = OrderEvent.objects.count()
    assert told.deliver(), "the shop tells of our own write"
    told.shop.work()
    assert told.reasons() == {Reason.SAME}
    assert OrderEvent.objects.count() == happened
    assert not told.shop.order(key).to_decide


@pytest.mark.parametrize("told", [ShoperShop], ids=["shoper"], indirect=True)
def test_what_moves_no_date_in_the_shop_is_heard_of_too(told: Told) -> None:
    """A polling does not see it: Shoper dates nothing but the state."""
    key = told.shop.awaits_a_transfer()
    told.heard()
    told.state.edit_order(key, billing_address={"city": "Sopot"})
    told.heard()
    assert told.shop.order(key).record["buyer"]["billing"]["city"] == "Sopot"
    assert "edited" in told.shop.order(key).events.values_list("verb", flat=True)


def test_nobody_takes_orders(told: Told) -> None:
    OrderTerms.objects.update(enabled=False, back_enabled=False)
    told.shop.sell()
    told.heard()
    assert told.reasons() == {Reason.FLOW_OFF}
    assert not ShopOrder.objects.exists()


@pytest.mark.parametrize("told", [ShoperShop], ids=["shoper"], indirect=True)
def test_an_order_that_the_shop_does_not_know_is_gone(told: Told) -> None:
    for one in deliveries(told.state, "order.create", 0, gone={"order_id": "999999", "status_id": "1"}):
        assert post(one) == 200
    told.shop.work()
    assert told.reasons() == {Reason.GONE}
    assert not ShopOrder.objects.exists()


@pytest.mark.parametrize("told", [Shop], ids=["woocommerce"], indirect=True)
def test_an_order_deleted_for_good_before_it_was_read_is_gone(told: Told) -> None:
    key = told.shop.sell()
    told.deliver()
    told.state.orders.remove(key)
    told.shop.work()
    assert told.reasons() == {Reason.GONE}
    assert not ShopOrder.objects.exists()


def test_a_lane_that_was_put_off_is_left_alone_until_then(told: Told) -> None:
    OrderTerms.objects.update(not_before=timezone.now() + timedelta(minutes=20))
    key = told.shop.sell()
    told.heard()
    assert InboxEvent.objects.filter(status=InboxEvent.Status.WAITING).exists()
    assert not ShopOrder.objects.exists()
    told.shop.later(21)
    assert told.shop.order(key).status == Status.PLACED
    assert told.reasons() == {Reason.CHANGED}


def test_a_shop_that_is_away_for_a_moment_is_asked_again(told: Told) -> None:
    key = told.shop.sell()
    told.deliver()
    told.shop.simulator.faults.add("error", status=503, times=2)
    told.shop.work()
    assert told.shop.simulator.faults.happened["error"] == 2
    assert told.shop.order(key).status == Status.PLACED
    assert told.reasons() == {Reason.CHANGED}


def test_a_hint_that_cannot_be_read_is_left_to_the_polling_which_comes_at_once(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    for orders in (WooOrders, ShoperOrders):
        monkeypatch.setattr(orders, "read", lambda *_: 1 / 0)
    key = told.shop.sell()
    told.heard()
    assert told.reasons() == {Reason.UNREAD}
    told.shop.later(10)
    assert told.shop.order(key).status == Status.PLACED


@pytest.mark.failure_mode("F12")
def test_a_flood_is_read_in_parts_and_everything_else_has_its_turn(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    for orders in (WooOrders, ShoperOrders):
        monkeypatch.setattr(orders, "read", _noting(orders.read, asked))
    for _ in range(60):
        told.shop.sell({told.shop.products[0]: 1})
    told.heard()
    assert told.shop.in_wapro() == 60
    assert len(asked) > 1
    assert max(asked) <= inbox.MOST_KEYS
    assert told.reasons() == {Reason.CHANGED}


def _noting(read: Any, asked: list[int]) -> Any:
    def noted(self: Any, keys: Sequence[str]) -> OrdersRead:
        asked.append(len(keys))
        found: OrdersRead = read(self, keys)
        return found

    return noted


def test_a_flushed_broker_loses_no_order(told: Told, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncjobs.queue._send", lambda *message: None)
    key = told.shop.sell()
    told.deliver()
    told.shop.lab.clock.shift(timedelta(seconds=settings.SILENT_SECONDS + 1))
    assert told.shop.lab.shop_connection in runner.silent(timezone.now())
    told.shop.work()
    assert told.shop.order(key).status == Status.PLACED


def test_orders_that_are_switched_on_later_are_missing_until_the_webhooks_are_turned_on_again(told: Told) -> None:
    OrderTerms.objects.update(enabled=False, back_enabled=False)
    told.turn_on()
    assert not any(topic.startswith("order.") for topic in _asked_for())
    OrderTerms.objects.update(enabled=True)
    errands.request(Errand.Verb.WEBHOOKS_LOOK, shop=told.shop.lab.shop_connection)
    told.shop.work()
    assert {topic.partition(".")[0] for topic in WebhookSetup.objects.get().missing} == {"order"}
    told.turn_on()
    assert WebhookSetup.objects.get().missing == []
    assert any(topic.startswith("order.") for topic in _asked_for())


def _asked_for() -> set[str]:
    return {topic for hook in WebhookSetup.objects.get().held for topic in hook["topics"]}

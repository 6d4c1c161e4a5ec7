"""Orders under bad luck: lost answers, edits on the way, a side that is away, one order that nobody can cope with."""

from datetime import timedelta

import pytest

from integrator.canonical.errors import Locked, OutcomeUnknown, Rejected, Transient
from integrator.canonical.problems import Code
from shops.models import ShopConnection
from syncjobs.models import OrderTerms, ShopOrder
from syncjobs.orders import acting, deciding, promises
from tests.pipeline.selling import GOODS, Shop
from wapro.models import WaproConnection
from wapro.orders.erp import ErpOrders
from wapro.sample.procedures.accountant import Accountant

Status = ShopOrder.Status


def test_an_order_edited_on_its_way_into_wapro_shows_the_difference(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost, and meanwhile the buyer changes the order: what was written is what was decided."""
    real, lost = ErpOrders.place, [True]

    def place(self, order):
        placed = real(self, order)
        if lost:
            lost.clear()
            shop.simulator.state.edit_order(key, {shop.products[0]: 5})
            raise OutcomeUnknown(detail="the line broke")
        return placed

    monkeypatch.setattr(ErpOrders, "place", place)
    key = shop.sell({shop.products[0]: 2})
    shop.later()
    shop.later()
    order = shop.order(key)
    assert (order.status, order.alert, shop.in_wapro()) == (Status.PLACED, True, 1)
    assert {one["field"].partition(":")[0] for one in order.edited} >= {"line", "total"}


def test_an_order_edited_before_it_was_sent_goes_in_as_it_is_now(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    WaproConnection.objects.update(write_orders=False)
    key = shop.sell({shop.products[0]: 2})
    shop.later()
    assert shop.order(key).status == Status.INTENDED
    shop.simulator.state.edit_order(key, {shop.products[0]: 5})
    shop.later(10)
    WaproConnection.objects.update(write_orders=True)
    shop.later(30)
    order = shop.order(key)
    assert (order.status, order.edited) == (Status.PLACED, [])
    assert (
        shop.counted(
            "SELECT SUM(ZAMOWIONO) FROM POZYCJA_ZAMOWIENIA WHERE ID_ARTYKULU IN (SELECT ID_ARTYKULU "
            f"FROM ARTYKUL WHERE INDEKS_KATALOGOWY = '{GOODS[0]}')"
        )
        == 5
    )


@pytest.mark.failure_mode("F2")
def test_an_order_that_could_not_be_read_goes_in_once_it_can(shop: Shop) -> None:
    key = shop.sell()
    shop.simulator.faults.break_record("orders", key, {"total": "?"})
    shop.later()
    assert (shop.order(key).status, shop.order(key).record) == (Status.HELD, {})
    shop.simulator.faults.clear()
    shop.later(90)
    assert shop.order(key).status == Status.PLACED


def test_an_unreadable_order_that_a_person_left_alone_stays_so_when_it_can_be_read(shop: Shop) -> None:
    key = shop.sell()
    shop.simulator.faults.break_record("orders", key, {"total": "?"})
    shop.later()
    acting.act(shop.order(key).pk, "leave", shop.lab.user, "Zamówienie próbne")
    shop.simulator.faults.clear()
    shop.simulator.state.set_order_status(key, "on-hold")
    shop.later(90)
    assert (shop.order(key).status, shop.in_wapro()) == (Status.IGNORED, 0)
    assert shop.order(key).record


def test_while_wapro_is_away_the_shop_is_still_asked_and_its_goods_are_promised(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self, *_):
        raise Transient(Code.CONNECTION_LOST)

    shop.sell()
    with monkeypatch.context() as patched:
        patched.setattr(ErpOrders, "place", away)
        shop.later()
        second = shop.sell({shop.products[1]: 1})
        shop.later()
        assert shop.order(second).status == Status.INTENDED
        assert promises.open_of(shop.lab.erp_connection, [GOODS[1]], as_of=None, counts_reserved=True) == {GOODS[1]: 1}
        shop.terms.refresh_from_db()
        assert (shop.terms.erp_problem["side"], shop.terms.problem) == ("erp", None)
    shop.later(60)
    assert shop.in_wapro() == 2
    shop.terms.refresh_from_db()
    assert shop.terms.erp_problem is None


def test_a_card_that_somebody_edits_holds_one_order_and_no_other(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ErpOrders.place

    def place(self, order):
        if order.lines[0].card == GOODS[0]:
            raise Locked(Code.CARD_BEING_EDITED, value=GOODS[0])
        return real(self, order)

    monkeypatch.setattr(ErpOrders, "place", place)
    edited, other = shop.sell({shop.products[0]: 1}), shop.sell({shop.products[1]: 1})
    shop.later()
    assert (shop.order(edited).status, shop.order(other).status) == (Status.INTENDED, Status.PLACED)
    shop.terms.refresh_from_db()
    assert shop.terms.erp_problem is None


@pytest.mark.failure_mode("F12")
def test_an_order_that_we_cannot_cope_with_keeps_no_other_from_its_turn(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = deciding.draft

    def draft(order, *args, **more):
        return 1 / 0 if order.lines[0].quantity == 7 else real(order, *args, **more)

    monkeypatch.setattr(deciding, "draft", draft)
    strange, other = shop.sell({shop.products[0]: 7}), shop.sell({shop.products[1]: 1})
    shop.later()
    assert (shop.order(strange).status, shop.order(strange).reasons[0]["code"]) == (Status.HELD, Code.INTERNAL)
    assert shop.order(other).status == Status.PLACED


def test_an_order_that_is_refused_after_its_answer_was_lost_is_found(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = ErpOrders.place, []

    def place(self, order):
        calls.append(order)
        if len(calls) == 1:
            real(self, order)
            raise OutcomeUnknown(detail="the line broke")
        raise Rejected(Code.CARD_BLOCKED, name="Łopata", value=GOODS[0])

    monkeypatch.setattr(ErpOrders, "place", place)
    key = shop.sell()
    shop.later()
    shop.later()
    assert (shop.order(key).status, shop.in_wapro()) == (Status.PLACED, 1)


def test_an_order_that_vanishes_from_the_shop_with_its_answer_lost_is_found_in_wapro(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, lost = ErpOrders.place, [True]

    def place(self, order):
        placed = real(self, order)
        if lost:
            lost.clear()
            shop.simulator.state.orders.remove(key)
            raise OutcomeUnknown(detail="the line broke")
        return placed

    monkeypatch.setattr(ErpOrders, "place", place)
    key = shop.sell()
    shop.later()
    shop.later(90)
    order = shop.order(key)
    assert (order.status, order.alert, order.edited[0]["field"]) == (Status.PLACED, True, "deleted")
    shop.later(300)
    assert order.events.filter(verb="deleted").count() == 1


def test_an_order_that_waited_longer_than_the_look_back_still_goes_in_when_it_is_paid(shop: Shop) -> None:
    OrderTerms.objects.update(look_back_days=3)
    key = shop.sell({shop.products[0]: 1}, payment="bacs")
    shop.later()
    shop.later(5 * 24 * 60)
    assert shop.order(key).status == Status.WAITING
    shop.simulator.state.pay_order(key)
    shop.later()
    assert shop.order(key).status == Status.PLACED


def test_a_shop_that_is_only_read_is_told_nothing(shop: Shop) -> None:
    key = shop.sell()
    shop.later()
    ShopConnection.objects.update(writes_enabled=False)
    with shop.accountant() as alias:
        Accountant(alias).realise(int(shop.order(key).erp_key))
    before = shop.simulator.stats.as_json()["writes"]
    shop.later()
    assert shop.simulator.stats.as_json()["writes"] == before
    ShopConnection.objects.update(writes_enabled=True)
    shop.later()
    assert shop.simulator.stats.as_json()["writes"] > before


def test_the_first_look_goes_as_far_back_as_the_settings_say(shop: Shop) -> None:
    key = shop.sell()
    shop.lab.clock.shift(timedelta(days=20))
    OrderTerms.objects.update(look_back_days=30)
    shop.work()
    assert shop.order(key).status == Status.PLACED


def test_the_table_cancels_an_order_in_wapro_and_keeps_one(shop: Shop) -> None:
    OrderTerms.objects.update(choices={"cod|on-hold": "cancel", "cod|cancelled": "wait"})
    called_off, kept = shop.sell(), shop.sell()
    shop.later()
    shop.simulator.state.set_order_status(called_off, "on-hold")
    shop.simulator.state.cancel_order(kept)
    shop.later()
    assert (shop.order(called_off).status, shop.order(kept).status) == (Status.CANCELLED, Status.PLACED)

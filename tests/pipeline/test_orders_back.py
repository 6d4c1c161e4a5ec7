"""The way back of orders: what the shop is told of them, how long they are followed, and what ends in a task."""

import json
from decimal import Decimal

import pytest
from django.db import connections

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from integrator.canonical.side import Result
from shops.connectors.woocommerce.orders import WooOrders
from syncjobs.models import OrderPromise, OrderTerms, ShopOrder
from syncjobs.orders import acting
from tests.pipeline.selling import Shop
from wapro.orders.erp import open_orders
from wapro.orders.forms import STATUS
from wapro.sample.procedures.accountant import Accountant, Realised
from wapro.sample.procedures.faults import Fault, FaultKind, plant

pytestmark = pytest.mark.one_database

Status = ShopOrder.Status
DAY = 24 * 60


def placed(shop: Shop) -> int:
    """An order that is in WAPRO, and of which the shop knows that it is being prepared."""
    key = shop.sell()
    shop.later()
    shop.later()
    assert shop.order(key).status == Status.PLACED
    return key


def realised(shop: Shop, key: int, **more: object) -> Realised:
    with shop.accountant() as alias:
        return Accountant(alias).realise(int(shop.order(key).erp_key), **more)  # type: ignore[arg-type]


def ship(shop: Shop, key: int, number: str) -> None:
    with shop.accountant() as alias:
        Accountant(alias).ship(int(shop.order(key).erp_key), number)


def in_shop(shop: Shop, key: int) -> str:
    """All that the shop has of the order, its notes included."""
    return json.dumps(shop.simulator.state.orders.get(key), default=str)


def told_parcels(shop: Shop, key: int) -> list[str]:
    told = shop.order(key).events.filter(side="shop", verb="told")
    return [number for event in told for number in event.data["parcels"]]


def test_a_parcel_that_comes_after_the_goods_were_issued_is_told(shop: Shop) -> None:
    key = placed(shop)
    issued = realised(shop, key, document=None)
    shop.later()
    shop.later()
    assert issued.issue_number in shop.order(key).told["documents"]
    ship(shop, key, "PACZKA-9")
    shop.later()
    assert told_parcels(shop, key) == ["PACZKA-9"]
    assert shop.order(key).status == Status.PLACED, "its invoice is still to come"


def test_an_order_that_never_gets_a_parcel_is_looked_at_seldom_and_then_no_more(shop: Shop) -> None:
    key = placed(shop)
    realised(shop, key, document="receipt")
    shop.later()
    shop.later(2 * DAY)
    looked = shop.order(key).checked_at
    shop.later(30)
    assert shop.order(key).checked_at == looked
    shop.later(31)
    assert shop.order(key).checked_at > looked
    assert shop.order(key).status == Status.PLACED
    shop.later(12 * DAY)
    assert shop.order(key).status == Status.DONE


def test_a_number_that_ksef_gives_later_is_told(shop: Shop) -> None:
    key = placed(shop)
    made = realised(shop, key)
    ship(shop, key, "P1")
    shop.later()
    assert made.document_number in in_shop(shop, key)
    with shop.accountant() as alias:
        Accountant(alias).send_to_ksef(made.document, "KSEF-1")
    shop.later()
    shop.later()
    order = shop.order(key)
    assert in_shop(shop, key).count("KSEF-1") == 1
    assert order.events.filter(side="erp", verb="document", data__ksef="KSEF-1").exists()
    assert (order.told["documents"][made.document_number], order.status) == ("KSEF-1", Status.DONE)


def test_a_paid_part_does_not_make_the_order_paid(shop: Shop) -> None:
    # No state is told: WooCommerce takes an order for paid by its state alone.
    OrderTerms.objects.update(tell_payments=True, back_states={}, choices={"bacs|on-hold": "reserve"})
    key = shop.sell({shop.products[0]: 2, shop.products[1]: 1}, payment="bacs")
    shop.later()
    order = shop.order(key)
    with shop.accountant() as alias:
        person = Accountant(alias)
        first, *_ = person.lines(int(order.erp_key))
        part = person.realise(int(order.erp_key), quantities={first: Decimal(1)})
        person.pay(part.document)
    shop.later()
    shop.later()
    assert not shop.order(key).paid
    with shop.accountant() as alias:
        person = Accountant(alias)
        rest = person.realise(int(order.erp_key))
        person.pay(rest.document)
    shop.later()
    assert shop.order(key).paid
    assert shop.simulator.state.orders.get(key)["paid"]


def test_another_order_under_our_key_is_neither_told_of_nor_cancelled(shop: Shop) -> None:
    """As after the database of WAPRO was restored from a copy."""
    key = placed(shop)
    order = shop.order(key)
    with shop.accountant() as alias, connections[alias].cursor() as cursor:
        cursor.execute("UPDATE ZAMOWIENIE SET NR_ZAMOWIENIA_KLIENTA = 'INNE-1'")
    ship(shop, key, "OBCA-PACZKA")
    shop.later()
    shop.later()
    found = shop.order(key)
    assert (found.status, found.alert, found.erp_key) == (Status.HELD, True, "")
    assert [one["code"] for one in found.reasons] == [Code.ORDER_NOT_OURS]
    assert found.reasons[0]["params"]["found"] == "INNE-1"
    assert told_parcels(shop, key) == []
    shop.simulator.state.cancel_order(key)
    shop.later()
    with open_orders(shop.lab.erp_connection) as orders:
        assert not orders.read([order.erp_key])[0].cancelled
    assert found.events.filter(verb="another").count() == 1
    OrderTerms.objects.update(again="if_deleted")
    shop.simulator.state.edit_order(key, {shop.products[0]: 4})
    shop.later()
    assert shop.order(key).status == Status.HELD, "only a person can tell what became of it"


def test_what_the_shop_refuses_is_not_sent_for_ever_and_goes_out_when_a_person_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = placed(shop)
    sent = []

    def refused(self, rows, known):
        sent.append(rows)
        return [Result(token=row.key, error=Rejected(Code.REJECTED, field="tracking")) for row in rows]

    monkeypatch.setattr(WooOrders, "update", refused)
    ship(shop, key, "PP-1")
    for _ in range(20):
        shop.later()
    order = shop.order(key)
    assert len(sent) == 1
    assert (order.alert, order.reasons[0]["code"]) == (True, Code.REJECTED)
    monkeypatch.undo()
    acting.act(order.pk, "retry", shop.lab.user)
    shop.later()
    order = shop.order(key)
    assert told_parcels(shop, key) == ["PP-1"]
    assert (order.alert, "refused" in order.told) == (False, False)
    assert Code.REJECTED not in [one["code"] for one in order.reasons]


def test_an_order_that_the_shop_has_deleted_is_told_of_no_more(shop: Shop) -> None:
    key = placed(shop)
    shop.simulator.state.set_order_status(key, "trash")
    ship(shop, key, "PP-1")
    for _ in range(20):
        shop.later()
    order = shop.order(key)
    assert (order.alert, order.untold, order.edited[0]["field"]) == (True, None, "deleted")
    assert order.events.filter(verb="deleted").count() == 1
    assert order.events.filter(verb="not_told").count() <= 1
    acting.act(order.pk, "seen", shop.lab.user)
    shop.later(90)
    assert not shop.order(key).alert
    realised(shop, key)
    shop.later()
    assert shop.order(key).status == Status.DONE


def test_an_order_that_cannot_be_read_any_more_is_tried_a_few_times(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = placed(shop)
    shop.simulator.state.edit_order(key, currency=None)
    monkeypatch.setattr(
        WooOrders,
        "update",
        lambda self, rows, known: [Result(token=one.key, error=Rejected(Code.STALE)) for one in rows],
    )
    ship(shop, key, "PP-1")
    for _ in range(60):
        shop.later()
    order = shop.order(key)
    assert (order.alert, order.untold) == (True, None)
    told = order.events.filter(verb="not_told")
    assert 1 < told.count() <= 6
    assert {event.data["reasons"][0]["code"] for event in told} == {Code.STALE, order.reasons[0]["code"]}
    assert order.reasons[0]["code"] != Code.STALE


def test_an_order_cancelled_from_the_panel_is_cancelled_in_the_shop_too(shop: Shop) -> None:
    key = placed(shop)
    acting.act(shop.order(key).pk, "cancel", shop.lab.user, "Klient zrezygnował")
    shop.later()
    shop.later()
    assert shop.order(key).status == Status.CANCELLED
    assert shop.simulator.state.orders.get(key)["status"] == "cancelled"
    assert shop.order(key).events.filter(side="shop", verb="told", data__state="cancelled").count() == 1
    shop.simulator.state.set_order_status(key, "processing")
    for _ in range(3):
        shop.later(30)
    assert shop.simulator.state.orders.get(key)["status"] == "processing", "the shop is told once"


@pytest.mark.parametrize("by", ["panel", "shop"])
def test_goods_that_stay_reserved_after_a_cancellation_are_a_matter_for_a_person(shop: Shop, by: str) -> None:
    """Whether the procedure of WAPRO frees them is not known, so it is looked at."""
    key = placed(shop)
    order = shop.order(key)
    with shop.accountant() as alias:
        plant(alias, Fault(STATUS, FaultKind.KEEPS))
    if by == "panel":
        acting.act(order.pk, "cancel", shop.lab.user, "Klient zrezygnował")
    else:
        shop.simulator.state.cancel_order(key)
    shop.later()
    order.refresh_from_db()
    assert (order.status, order.alert) == (Status.CANCELLED, True)
    assert [one["code"] for one in order.reasons] == [Code.ORDER_STILL_RESERVED]
    assert "LOP00007" in order.reasons[0]["params"]["examples"]
    assert not OrderPromise.objects.filter(order=order, ended_at=None).exists()


def test_a_state_that_people_have_explained_counts_on_the_way_back(shop: Shop) -> None:
    """Of a state that nobody has, the shop is left as it is."""
    shop.simulator.state.order_statuses["sent-by-courier"] = "Wysłane kurierem"
    OrderTerms.objects.update(stages={"sent-by-courier": "sent"})
    key = shop.sell()
    shop.simulator.state.set_order_status(key, "sent-by-courier")
    OrderTerms.objects.update(choices={"cod|sent-by-courier": "reserve"})
    shop.later()
    shop.later()
    assert shop.order(key).status == Status.PLACED
    assert shop.simulator.state.orders.get(key)["status"] == "sent-by-courier"
    ship(shop, key, "P1")
    shop.later()
    assert told_parcels(shop, key) == ["P1"]
    assert shop.simulator.state.orders.get(key)["status"] == "sent-by-courier"

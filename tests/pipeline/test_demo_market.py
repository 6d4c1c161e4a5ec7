"""The demo sells while one watches: what its buyers and its warehouse do goes through the whole pipeline."""

from collections import Counter as Count
from random import Random

import pytest

from integrator.canonical.kinds import Kind
from syncjobs import runs
from syncjobs.demo.trade.counter import Counter
from syncjobs.demo.trade.goods import on_sale
from syncjobs.demo.trade.market import LEAST, Market, Stall, trade
from syncjobs.engine.policy import Criterion
from syncjobs.models import OrderEvent, OrderTerms, ShopOrder, SyncOptions
from tests.pipeline.selling import GOODS, Shop
from wapro.sample.articles import MAIN

pytestmark = pytest.mark.one_database

Status = ShopOrder.Status
FORMS = {"bacs": "przelew", "cod": "pobranie", "przelewy24": "płatność internetowa"}


def test_nobody_buys_before_anything_is_linked(shop: Shop) -> None:
    market = Market([Stall.of(shop.lab.shop_connection)], Random(1))
    assert [market.moment() for _ in range(3)] == [[], [], []]


def test_orders_arrive_are_paid_cancelled_and_sent(shop: Shop) -> None:
    SyncOptions.objects.filter(kind=Kind.PRODUCT).update(criterion=Criterion.CODE)
    OrderTerms.objects.update(payments={key: {"form": form} for key, form in FORMS.items()})
    runs.start_run(shop.lab.shop_connection)
    shop.work()
    erp = shop.lab.erp_connection
    assert {one.article for one in on_sale(shop.lab.shop_connection, erp, MAIN, LEAST)} == set(GOODS)
    stall = Stall.of(shop.lab.shop_connection)
    market = Market([stall], Random(3))
    told: list[str] = []
    for _ in range(16):
        told += market.moment()
        shop.later(2)
    orders = Count(ShopOrder.objects.values_list("status", flat=True))
    assert sum(orders.values()) == 16
    assert set(orders) <= {Status.PLACED, Status.DONE, Status.WAITING, Status.CANCELLED}, told
    assert orders[Status.DONE] >= 3
    assert orders[Status.CANCELLED] >= 1
    verbs = Count(OrderEvent.objects.values_list("verb", flat=True))
    assert min(verbs[one] for one in ("placed", "paid", "realised", "parcel", "told")) >= 1
    assert not ShopOrder.objects.filter(alert=True).exists()
    passed_over(market, stall)


def passed_over(market: Market, stall: Stall) -> None:
    """A shop that does not answer ends nothing."""
    stall.counter = Counter("http://127.0.0.1:9")
    moments, told = iter(range(2)), list[str]()
    with pytest.raises(StopIteration):
        trade(market, told.append, lambda: next(moments) and None)
    assert len(told) == 2
    assert all(one.startswith("not now: ") for one in told)

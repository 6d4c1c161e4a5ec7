"""What the money and the texts of an order come to in WAPRO, from the shop's checkout on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrator.canonical.problems import Code
from syncjobs.models import OrderTerms, ShopOrder
from tests.pipeline.selling import Shop

pytestmark = pytest.mark.one_database

Status = ShopOrder.Status


def codes(order: ShopOrder) -> list[str]:
    return [one["code"] for one in order.reasons]


def refund(shop: Shop, key: int, amount: str) -> None:
    given = {"id": 9001, "reason": "Uszkodzony", "total": f"-{amount}"}
    shop.simulator.state.edit_order(key, refunds=[given])


def test_an_order_of_which_something_was_given_back_is_not_imported_whole(shop: Shop) -> None:
    key = shop.sell({shop.products[0]: 2})
    refund(shop, key, "24.60")
    shop.later()
    assert (shop.order(key).status, codes(shop.order(key))) == (Status.HELD, [Code.ORDER_REFUNDED])
    assert shop.in_wapro() == 0


def test_what_is_given_back_after_the_import_shows_as_a_difference(shop: Shop) -> None:
    key = shop.sell({shop.products[0]: 2})
    shop.later()
    assert (shop.order(key).status, shop.order(key).edited) == (Status.PLACED, [])
    refund(shop, key, "24.60")
    shop.later()
    assert shop.order(key).edited == [{"field": "refunded", "before": "", "now": "24.6"}]


def test_what_the_buyer_typed_with_a_line_stands_on_the_line_in_wapro(shop: Shop) -> None:
    key = shop.sell({shop.products[0]: 1})
    with shop.simulator.state.orders.editing(key) as row:
        row["lines"][0]["meta_data"] += [{"id": 9001, "key": "Grawer", "value": "Dla Ani, 25 lat"}]
    shop.later()
    assert shop.order(key).status == Status.PLACED
    assert shop.counted("SELECT COUNT(*) FROM POZYCJA_ZAMOWIENIA WHERE OPIS = 'Grawer: Dla Ani, 25 lat'") == 1


def test_a_rate_of_long_ago_holds_the_order_until_a_newer_one_is_entered(shop: Shop) -> None:
    day = timezone.localdate()
    old = {"EUR": {"value": "4.30", "day": (day - timedelta(days=9)).isoformat()}}
    OrderTerms.objects.update(rates=old)
    key = shop.sell()
    shop.simulator.state.edit_order(key, currency="EUR")
    shop.later()
    assert codes(shop.order(key)) == [Code.RATE_OLD]
    OrderTerms.objects.update(rates={"EUR": {"value": "4.25", "day": day.isoformat()}})
    ShopOrder.objects.update(to_decide=True)
    shop.later()
    assert shop.order(key).status == Status.PLACED

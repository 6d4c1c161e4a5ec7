"""F11: an order of the hour that comes twice, and of the one that is left out, arrives exactly once."""

from datetime import datetime, timedelta

import pytest

from syncjobs.models import OrderTerms, ShopOrder
from tests.pipeline.selling import PrestaShop, Shop, ShoperShop

pytestmark = pytest.mark.one_database
NIGHTS = ("2027-03-28T00:15:00+00:00", "2027-10-30T23:45:00+00:00")
"""The clocks of Warsaw go forward at 01:00 UTC, and back at 01:00 UTC of the day after the second."""


@pytest.mark.failure_mode("F11")
@pytest.mark.parametrize("shop", [Shop, ShoperShop, PrestaShop], indirect=True, ids=lambda kind: kind.platform)
def test_orders_of_both_nights_arrive_once(shop: Shop) -> None:
    bought = []
    for night in map(datetime.fromisoformat, NIGHTS):
        shop.lab.clock.move_to(night)
        OrderTerms.objects.update(go_live=night - timedelta(hours=1))
        for _ in range(5):
            bought.append(str(shop.sell()))
            shop.later(30)
    shop.later(60)
    assert sorted(ShopOrder.objects.values_list("shop_key", flat=True)) == sorted(bought)
    assert set(ShopOrder.objects.values_list("status", flat=True)) == {"placed"}
    assert shop.in_wapro() == len(bought)

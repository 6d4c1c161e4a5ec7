"""F2: whatever the shop's clock says, and however many orders share a second, none is passed over, none comes twice."""

import pytest

from syncjobs.models import ShopOrder
from tests.pipeline.selling import PrestaShop, Shop, ShoperShop

pytestmark = pytest.mark.one_database


@pytest.mark.failure_mode("F2")
@pytest.mark.parametrize("shop", [Shop, ShoperShop, PrestaShop], indirect=True, ids=lambda kind: kind.platform)
def test_a_clock_that_jumps_five_minutes_either_way_loses_no_order(shop: Shop) -> None:
    bought = [shop.sell(), shop.sell()]
    shop.later()
    for wrong in (-300, 300, -300):
        shop.simulator.faults.add("skew", seconds=wrong)
        shop.later(1)
        bought += [shop.sell(), shop.sell()]
        shop.later(1)
    shop.simulator.faults.clear()
    bought.append(shop.sell())
    shop.later()
    shop.later()
    assert set(ShopOrder.objects.values_list("shop_key", "status")) == {(str(key), "placed") for key in bought}
    assert shop.in_wapro() == len(bought)

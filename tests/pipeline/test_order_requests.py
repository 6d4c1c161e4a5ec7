"""What orders cost their shop: requests from the moment they are placed until the shop knows what became of them.

Everything that the shop is asked for in that time counts, but for a polling that finds nothing new: those come by the
clock, however many orders there are.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from syncjobs.models import OrderTerms, ShopOrder
from tests.pipeline.selling import PrestaShop, Shop, ShoperShop, selling
from wapro.sample.procedures.accountant import Accountant

pytestmark = pytest.mark.one_database

MORE = ("SEK00002", "LOP00002", "LOP00005", "NOZ00002", "NOZ00005")
"""With the three that the shop sells anyway: eight lines to an order."""
MANY = 25
AVERAGE, ALONE = 3, 8
"""Requests that an order may cost among many, and alone."""
Status = ShopOrder.Status


@pytest.fixture(params=[ShoperShop, Shop, PrestaShop], ids=["shoper", "woocommerce", "prestashop"])
def counted(
    request: pytest.FixtureRequest, sample_company: bytes, tmp_path: Path, transactional_db: None
) -> Iterator[Shop]:
    """A shop with eight articles whose orders have been looked for before, so that its words are known."""
    company = tmp_path / "wapro.sqlite3"
    company.write_bytes(sample_company)
    with selling(company, request.param) as shop:
        shop.products += [shop.linked(code) for code in MORE]
        shop.work()
        yield shop


def test_an_order_cancelled_before_it_was_to_be_told_stays_cancelled(counted: Shop) -> None:
    """Nobody reads it again before; the shop's state shows when it is told."""
    key = counted.sell()
    counted.later()
    order = counted.order(key)
    with counted.accountant() as alias:
        Accountant(alias).ship(int(order.erp_key), "PACZKA-1")
    OrderTerms.objects.update(next_at=timezone.now() + timedelta(hours=1))
    counted.simulator.state.cancel_order(key)
    counted.later()
    order.refresh_from_db()
    assert order.untold is not None
    counted.later()
    order.refresh_from_db()
    assert (order.state, order.status) == (counted.states["cancelled"], Status.CANCELLED)


@pytest.mark.parametrize(("orders", "most"), [(MANY, AVERAGE * MANY), (1, ALONE)], ids=["many", "alone"])
def test_an_order_costs_few_requests_the_way_back_included(counted: Shop, orders: int, most: int) -> None:
    counted.simulator.stats.reset()
    counted.later()
    idle = counted.simulator.stats.as_json()["total"]
    assert idle == 2, "one look, and once in five minutes who the shop is"
    keys = [counted.sell(dict.fromkeys(counted.products, 1)) for _ in range(orders)]
    counted.later()
    placed = [counted.order(key) for key in keys]
    assert {order.status for order in placed} == {Status.PLACED}
    with counted.accountant() as alias:
        person = Accountant(alias)
        for number, order in enumerate(placed):
            person.realise(int(order.erp_key))
            person.ship(int(order.erp_key), f"PACZKA-{number}")
    counted.later()
    asked: dict[str, Any] = counted.simulator.stats.as_json()
    for number, key in enumerate(keys):
        order = counted.order(key)
        assert order.untold is None
        told = order.events.filter(verb="told").last().data
        assert (told["state"], told["parcels"]) == (counted.states["sent"], [f"PACZKA-{number}"])
        assert len(told["documents"]) == 2
    assert asked["total"] - 2 * idle <= most, asked["requests"]

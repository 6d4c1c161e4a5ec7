"""Orders that a Shoper shop has put together: only one of them is goods."""

from pathlib import Path

import pytest

from integrator.canonical.problems import Code
from syncjobs.models import ShopOrder
from syncjobs.orders import acting
from tests.pipeline.selling import ShoperShop, selling

pytestmark = pytest.mark.one_database

Status = ShopOrder.Status


def test_of_orders_that_were_put_together_the_one_that_a_person_wants_goes_in(
    sample_company: bytes, tmp_path: Path, transactional_db: None
) -> None:
    company = tmp_path / "wapro.sqlite3"
    company.write_bytes(sample_company)
    with selling(company, ShoperShop) as shop:
        whole = shop.sell()
        part = shop.sell(parent_order_id=str(whole))
        shop.simulator.state.edit_order(whole, children=[str(part)])
        shop.later()
        for key in (whole, part):
            assert shop.order(key).status == Status.HELD
            assert [one["code"] for one in shop.order(key).reasons] == [Code.ORDER_MERGED]
        acting.act(shop.order(whole).pk, "overrule", shop.lab.user, "To ono jest wysyłane")
        acting.act(shop.order(part).pk, "leave", shop.lab.user, "Połączone")
        shop.later()
        assert [shop.order(key).status for key in (whole, part)] == [Status.PLACED, Status.IGNORED]

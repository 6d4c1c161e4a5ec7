"""A backlog of orders that takes long to fetch and to write: the newest order does not wait, and none is lost."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shops.connectors.shoper.order_reading import OrderReading
from syncjobs.models import OrderTerms, ShopOrder
from tests.pipeline.selling import ShoperShop, selling

pytestmark = pytest.mark.one_database

PAGES = 6
A_PAGE = timedelta(seconds=40)
"""What a page takes in this shop."""
MOST = timedelta(minutes=3)


@pytest.fixture
def slow(sample_company: bytes, tmp_path: Path, transactional_db: None) -> Iterator[ShoperShop]:
    company = tmp_path / "wapro.sqlite3"
    company.write_bytes(sample_company)
    with selling(company, ShoperShop) as shop:
        assert isinstance(shop, ShoperShop)
        yield shop


@pytest.mark.failure_mode("F12")
def test_the_newest_order_waits_neither_for_the_fetch_nor_for_the_orders_before_it(
    slow: ShoperShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    backlog = [slow.sell() for _ in range(50 * PAGES)]
    slow.lab.clock.shift(timedelta(minutes=1))
    real = OrderReading.fetch
    newest = [(slow.sell(), timezone.now())]

    def fetch(self: OrderReading, *given: Any) -> Any:
        """Every page takes its time, and somebody orders after the first; somebody else did right before."""
        page = real(self, *given)
        if page.next_cursor is not None:
            slow.lab.clock.shift(A_PAGE)
        if len(newest) == 1:
            slow.lab.clock.shift(timedelta(seconds=1))
            newest.append((slow.sell(), timezone.now()))
        return page

    monkeypatch.setattr(OrderReading, "fetch", fetch)
    slow.work()
    rows = ShopOrder.objects.filter(shop_key__in=backlog)
    last_page = max(rows.values_list("seen_at", flat=True))
    for key, sold_at in newest:
        order = slow.order(key)
        assert order.placed_in_erp_at is not None
        assert order.placed_in_erp_at - sold_at < MOST
        assert order.placed_in_erp_at < last_page
    assert OrderTerms.objects.get().fetch_began_at is None
    assert rows.filter(erp_key__gt="").count() == len(backlog)
    assert slow.counted("SELECT COUNT(*) FROM ZAMOWIENIE WHERE NR_ZAMOWIENIA_KLIENTA LIKE 'WOOA-%'") == len(backlog) + 2


def test_orders_that_lie_in_wapro_as_they_did_are_looked_at_in_one_go(slow: ShoperShop) -> None:
    keys = [slow.sell() for _ in range(30)]
    slow.later()
    slow.later()
    before = slow.order(keys[0]).checked_at
    with CaptureQueriesContext(connection) as asked:
        slow.later()
    saved = [one["sql"] for one in asked.captured_queries if one["sql"].startswith('UPDATE "syncjobs_shoporder"')]
    assert len(saved) == 1
    moments = {slow.order(key).checked_at for key in keys}
    assert len(moments) == 1
    assert before not in moments

"""Every query that reads orders, contractors and words as T-SQL, without a server. See test_tsql."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.wapro.order_stand import OrderStand, order
from tests.wapro.test_tsql import compiled, kept, sql_server
from wapro.orders.draft import NewContractor
from wapro.orders.erp import ErpOrders

__all__ = ["compiled", "sql_server"]


@pytest.fixture
def worked(stand: OrderStand) -> OrderStand:
    """An order that people have worked on, so that every query has something to ask for."""
    made = stand.place(order())
    with stand.accountant() as accountant:
        accountant.realise(int(made.key), on_lines=False)
        accountant.invoice_advance(int(made.key), Decimal(50))
    stand.connection.create_contractors = True
    stand.connection.experimental_tested_on = date(2026, 11, 1)
    return stand


ASKING: dict[str, Callable[[ErpOrders], Any]] = {
    "orders_find": lambda orders: orders.find("AB12-1"),
    "orders_read": lambda orders: orders.read(["1", "2"]),
    "orders_left_behind": lambda orders: orders.left_behind(),
    "orders_check": lambda orders: orders.check(order("AB12-2", delivery_form=1, carrier=1)),
    "orders_by_tax_number": lambda orders: orders.contractors_by_tax_number("PL 5261040567"),
    "orders_by_email": lambda orders: orders.contractors_by_email("klient1@example.com"),
    "orders_create_contractor": lambda orders: orders.create_contractor(NewContractor(name="Kos", email="k@e.pl")),
    "orders_words": lambda orders: orders.words(),
}


@pytest.mark.parametrize("name", ASKING)
def test_what_is_asked(name: str, worked: OrderStand, compiled: list[str]) -> None:
    with worked.orders() as opened:
        ASKING[name](opened)
    assert compiled
    kept(name, compiled)


def test_the_number_is_compared_as_varchar(worked: OrderStand, compiled: list[str]) -> None:
    with worked.orders() as opened:
        opened.find("AB12-1")
    (sql,) = compiled
    assert "[NR_ZAMOWIENIA_KLIENTA] = CAST(%s AS varchar(30))" in sql

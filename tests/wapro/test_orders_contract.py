"""What orders must do wherever the database lives: on the sample company, and on a server that WAPRO_TEST_DSN names.

On a server it runs the T-SQL stand-ins of `wapro/sample/sqlserver`, which are ours: that the vendor's procedures do the
same is proved by nobody but them.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from tests.proofs import not_proved
from tests.wapro.order_stand import GOODS, SERVICE, OrderStand, line, order
from tests.wapro.test_contract import DSN, connection_of
from wapro.orders.draft import Progress
from wapro.orders.erp import ErpOrders, open_orders
from wapro.sample.fixed import INTEGRATOR_USER_ID

Opener = Callable[[], AbstractContextManager[ErpOrders]]


class OrderContract:
    """Subclasses give `opener`, which opens the orders for writing."""

    @pytest.fixture
    def opener(self) -> Opener:
        raise NotImplementedError

    @pytest.fixture
    def orders(self, opener: Opener) -> Iterator[ErpOrders]:
        with opener() as opened:
            yield opened

    @pytest.fixture
    def number(self) -> str:
        return f"TEST-{uuid4().hex[:20]}"

    def read(self, orders: ErpOrders, key: str) -> Progress:
        (found,) = orders.read([key])
        return found

    def test_placed_once_and_found_after(self, opener: Opener, number: str) -> None:
        with opener() as first:
            made = first.place(order(number, delivery_form=2, carrier=1))
        with opener() as second:
            again = second.place(order(number, delivery_form=2, carrier=1))
            assert second.find(number) == (made.key,)
        assert again == replace(made, found=True)
        assert made.number.startswith("ZO ")
        assert (made.net, made.gross) == (Decimal("212.20"), Decimal("261.00"))
        assert [(one.card, one.ordered, one.done) for one in made.lines] == [(GOODS[0], 2, 0), (SERVICE, 1, 0)]

    def test_another_content_under_the_number_is_refused(self, orders: ErpOrders, number: str) -> None:
        orders.place(order(number))
        with pytest.raises(Rejected) as caught:
            orders.place(order(number, line(GOODS[0], "3")))
        assert caught.value.problem.code == Code.ORDER_NUMBER_TAKEN

    def test_a_total_that_differs_keeps_nothing(self, orders: ErpOrders, number: str) -> None:
        with pytest.raises(Rejected) as caught:
            orders.place(order(number, expected_gross=Decimal("261.01")))
        assert caught.value.problem.code == Code.ORDER_TOTAL_DIFFERS
        assert orders.find(number) == ()
        assert orders.place(order(number)).found is False

    def test_what_a_procedure_refuses_keeps_nothing(self, orders: ErpOrders, number: str) -> None:
        with pytest.raises(Rejected) as caught:
            orders.place(order(number, line(GOODS[0]), line(GOODS[1], vat_code="22")))
        assert caught.value.problem.code == Code.ORDER_REFUSED
        assert caught.value.problem.as_dict()["line"] == "2"
        assert orders.find(number) == ()
        assert orders.left_behind() == []

    def test_150_lines(self, orders: ErpOrders, number: str) -> None:
        made = orders.place(order(number, *(line(GOODS[at % 12], "0.5", "10.01") for at in range(150)), reserve=False))
        assert len(made.lines) == 150
        assert made.gross == Decimal("751.50")

    def test_cancelled_once_and_nothing_is_held(self, orders: ErpOrders, number: str) -> None:
        made = orders.place(order(number))
        orders.cancel(made.key, number)
        orders.cancel(made.key, number)
        found = self.read(orders, made.key)
        assert found.cancelled
        assert [one.reserved for one in found.lines] == [0, 0]

    def test_an_order_of_another_number_is_not_cancelled(self, orders: ErpOrders, number: str) -> None:
        made = orders.place(order(number))
        with pytest.raises(Rejected) as caught:
            orders.cancel(made.key, f"{number[:-1]}x")
        assert caught.value.problem.code == Code.ORDER_NOT_OURS
        assert not self.read(orders, made.key).cancelled

    def test_what_was_never_there_is_gone(self, orders: ErpOrders) -> None:
        assert self.read(orders, "999999999").gone


class TestOnSqlite(OrderContract):
    @pytest.fixture
    def opener(self, stand: OrderStand) -> Opener:
        return stand.orders


@pytest.mark.mssql
@pytest.mark.allow_hosts([urlsplit(DSN).hostname or "localhost"])
class TestOnSqlServer(OrderContract):
    @pytest.fixture
    def opener(self, db: None, settings: pytest.FixtureRequest) -> Opener:
        settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True  # type: ignore[attr-defined]
        connection = connection_of(DSN)
        connection.leading_warehouse = "1"
        connection.write_orders = True
        connection.order_user = str(INTEGRATOR_USER_ID)
        return lambda: open_orders(connection, write=True)


def test_without_a_server_it_is_said_what_is_not_proved() -> None:
    if not DSN:
        not_proved("that a SQL Server takes the batch of an order (WAPRO_TEST_DSN is not set)")
    not_proved("that the vendor's own procedures take orders as our stand-ins do (needs a WAPRO Mag database)")

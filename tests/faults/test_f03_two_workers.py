"""F3: schedule, button and webhook come at once. One worker writes; one that outlived its lease saves nothing more."""

from collections.abc import Callable

import pytest

from integrator.canonical.kinds import Kind
from syncjobs import erp_actor, runner, runs
from syncjobs.engine.policy import Owner
from syncjobs.models import Change, Run
from syncjobs.models.choices import ChangeStatus, Status
from tests.pipeline.lab import Lab
from tests.pipeline.memory import add_product, fill_erp

WORKERS = 16


@pytest.fixture
def busy(lab: Lab) -> Lab:
    """Two products with prices to be written and four to be made."""
    assert lab.erp is not None
    assert lab.shop is not None
    fill_erp(lab.erp, 6)
    for number in (0, 1):
        code, name = f"TOW{number:04d}", f"Łopata nr {number}"
        add_product(lab.shop, str(100 + number), code, name, price="1.00", stock="7")
    lab.options(Kind.PRODUCT, export_unlinked=True, approved_at=lab.user.date_joined)
    lab.own(Kind.PRICE, Owner.ERP, "price")
    return lab


def meanwhile(lab: Lab, act: Callable[[], None]) -> None:
    """At every call to the shop, before it is made, the others act; they do not call themselves."""
    assert lab.shop is not None
    inside = False

    def fault(call: str, kind: Kind) -> None:
        nonlocal inside
        if not inside:
            inside = True
            act()
            inside = False

    lab.shop.fault = fault


def assert_each_once(lab: Lab, run: Run) -> None:
    assert lab.shop is not None
    codes = sorted(row.code for row in lab.shop.rows[Kind.PRODUCT].values())  # type: ignore[attr-defined]
    assert codes == [f"TOW{number:04d}" for number in range(6)]
    assert len(lab.links()) == 6
    assert {row.price for row in lab.shop.rows[Kind.PRICE].values()} == {
        lab.erp.rows[Kind.PRICE]["TOW0000"].entries[0].gross
    }  # type: ignore
    assert not Change.objects.filter(status__in=[ChangeStatus.SENT, ChangeStatus.UNKNOWN]).exists()
    assert run.status == Status.SUCCEEDED


@pytest.mark.failure_mode("F3")
def test_sixteen_workers_at_one_connection_write_once(busy: Lab) -> None:
    tried: list[float | None] = []

    def others() -> None:
        if not tried:
            runs.start_run(busy.shop_connection, user=busy.user)
        tried.extend(runner.advance_shop(busy.shop_connection.pk) for _ in range(WORKERS - 1))

    meanwhile(busy, others)
    busy.run()
    assert_each_once(busy, busy.run())
    assert set(tried) == {None}, "the lease was held, so nobody else did anything"
    created = sum(rows for call, kind, rows in busy.shop.writes() if call == "create" and kind is Kind.PRODUCT)  # type: ignore[union-attr]
    assert created == 4


@pytest.mark.failure_mode("F3")
def test_a_worker_that_slept_longer_than_its_lease_saves_nothing_more(busy: Lab) -> None:
    """At one call after the other the first worker falls asleep, and another takes the connection over."""
    calls = 0

    def asleep() -> None:
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            busy.clock.shift(120)
            erp_actor.advance_erp(busy.erp_connection.pk)
            runner.advance_shop(busy.shop_connection.pk)

    meanwhile(busy, asleep)
    for _ in range(3):
        busy.run()
        busy.clock.shift(120)
    busy.shop.fault = lambda call, kind: None  # type: ignore[union-attr]
    assert_each_once(busy, busy.run())
    assert calls >= 6

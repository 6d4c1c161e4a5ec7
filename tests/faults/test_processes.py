"""Two real workers on a real broker and PostgreSQL, killed at every step: at the moment that the database shows, for a
worker that stands before a locked table does so in the middle of that step."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend
from django.utils import timezone
from environ import Env

from integrator.canonical.kinds import Kind
from integrator.leases import LEASE
from integrator.local.postgres import NoPostgres
from syncjobs.models import Change, ShopOrder
from syncjobs.models.choices import ChangeStatus, Status
from tests import services
from tests.faults.broker import broker_of_our_own, sending_to
from tests.faults.house import House, house_in, new_database, table_closed, until
from tests.faults.schedule import differences
from tests.faults.world import World, world
from tests.proofs import not_proved

pytestmark = [pytest.mark.processes, pytest.mark.one_database]
PATIENCE = 150.0
REFERENCES = (Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY)
GOODS = (Kind.PRODUCT, Kind.PRICE, Kind.STOCK)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: object) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    try:
        database = new_database(services.postgres_url())
    except NoPostgres as error:
        not_proved(f"workers killed at every step on PostgreSQL ({error})")
        pytest.skip(str(error))
    with ExitStack() as opened:
        broker = opened.enter_context(broker_of_our_own(folder))
        opened.enter_context(django_db_blocker.unblock())  # type: ignore[attr-defined]
        opened.enter_context(panel_database(database))
        opened.enter_context(sending_to(broker.url))
        made = opened.enter_context(house_in(folder, broker, database))
        made.schedule()
        made.hire("w1")
        made.hire("w2")
        call_command("migrate", verbosity=0)
        yield made


@contextmanager
def panel_database(address: str) -> Iterator[None]:
    """This process is the panel: its database is the one that the workers have."""
    ours = connections["default"]
    settings = connections.configure_settings({"default": Env.db_url_config(address)})["default"]
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = ours


class Reaper:
    """Kills the worker that stands before a locked table, and hires another."""

    def __init__(self, house: House, one: World) -> None:
        self.house, self.one = house, one
        self.number = 2

    def strike(self, table: str, opened: ExitStack) -> None:
        """`opened` holds the lock of `table`, by `close`."""
        waiting = opened.enter_context(table_closed(self.house.database, table))
        until(lambda: bool(waiting()), PATIENCE, f"a worker before {table}")
        self._kill(waiting())
        opened.close()

    def _kill(self, name: str) -> None:
        self.house.kill(name)
        for actor in (self.one.connection, self.one.erp):
            rows = type(actor)._default_manager.filter(pk=actor.pk, lease_until__isnull=False)
            left = rows.values_list("lease_until", flat=True).first()
            if left is not None:
                assert left - timezone.now() <= LEASE, "the job comes back within the lease"
                rows.update(lease_until=timezone.now() - timedelta(seconds=1))  # as if it had run out by now
        self.number += 1
        self.house.hire(f"w{self.number}")


def settled(one: World, *kinds: Kind) -> None:
    run = one.synchronise(*kinds)
    until(one.idle, PATIENCE, f"{one.connection.name} at rest")
    run.refresh_from_db()
    assert run.status == Status.SUCCEEDED, [(step.kind, step.problems) for step in run.steps.all()]


def sold(one: World) -> None:
    one.buy("SIM-000002", (2, "cod"))


def placed(one: World) -> bool:
    rows = ShopOrder.objects.filter(connection=one.connection)
    if not rows.filter(status=ShopOrder.Status.PLACED).exists():
        one.hurry()
        return False
    return True


def test_workers_killed_at_every_step_end_where_others_end(house: House, tmp_path: Path) -> None:
    with (
        world("shoper", tmp_path, "twin", cards=9, products=5) as twin,
        world("shoper", tmp_path, "real", cards=9, products=5) as real,
    ):
        settled(twin, *REFERENCES)
        settled(real, *REFERENCES)
        settled(twin, *GOODS)
        reaper = Reaper(house, real)
        killed_in_a_run(house, reaper, real)
        sold(twin)
        sold(real)
        killed_with_an_order(house, reaper, real)
        until(lambda: placed(real) and placed(twin), PATIENCE, "orders in WAPRO")
        for one in (twin, real):
            settled(one)
        assert differences(twin.standing(), real.standing()) == []
        assert {row["times"] for row in real.products().values()} == {1}
        open_ones = (ChangeStatus.PLANNED, ChangeStatus.SENT, ChangeStatus.UNKNOWN)
        assert not Change.objects.filter(connection=real.connection, status__in=open_ones).exists()
    assert house.killed == 5


def killed_in_a_run(house: House, reaper: Reaper, one: World) -> None:
    """With a page fetched and not stored; with a plan half written; with creates done and no answer kept."""
    with ExitStack() as fetch, ExitStack() as plan, ExitStack() as apply:
        run = one.synchronise(*GOODS)
        reaper.strike("syncjobs_fetchedpage", fetch)
        reaper.strike("syncjobs_change", plan)
        with redis.Redis.from_url(house.broker.url) as server:
            server.flushall()
        reaper.strike("syncjobs_link", apply)
    until(one.idle, PATIENCE, "the run goes on")
    run.refresh_from_db()
    assert run.status == Status.SUCCEEDED, [(step.kind, step.problems) for step in run.steps.all()]


def killed_with_an_order(house: House, reaper: Reaper, one: World) -> None:
    """With an order read and not kept; with one written to WAPRO and that not kept."""
    with ExitStack() as seen, ExitStack() as told:
        one.hurry()
        reaper.strike("syncjobs_shoporder", seen)
        with closing(sqlite3.connect(one.company, timeout=30, isolation_level=None)) as company:
            company.execute("BEGIN IMMEDIATE")
            rows = ShopOrder.objects.filter(connection=one.connection, placing_began_at__isnull=False)
            until(lambda: rows.exists(), PATIENCE, "an order goes into WAPRO")
            company.execute("ROLLBACK")
        reaper.strike("syncjobs_orderevent", told)

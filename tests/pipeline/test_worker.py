"""Real processes: a worker and the scheduler on a real broker. Messages may be lost and workers killed; runs still end,
and nothing is done twice."""

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
import redis
from django.core.management import call_command
from django.db import connections
from django.db.models import QuerySet
from django.db.utils import load_backend
from django.utils import timezone

from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from integrator.local.broker import NoBroker, broker_program, broker_url
from integrator.local.processes import Program, Supervisor, free_port
from shops.connectors.shoper.simulator import STATIC_TOKEN, ShoperSimulator, serve
from shops.models import ShopConnection
from shops.simulation.http import Answer, Request
from syncjobs import runs
from syncjobs.models import Link, Run, Step, SyncOptions
from syncjobs.models.choices import OPEN_STATUSES, Status
from syncjobs.options import ensure_options
from tests.faults.broker import sending_to
from tests.pipeline.lab import client
from tests.proofs import not_proved
from wapro.models import WaproConnection
from wapro.sample import generated
from wapro.sample.articles import INTERNET, MAIN
from wapro.sample.sqlite import build

pytestmark = [pytest.mark.processes, pytest.mark.one_database]

ARTICLES = 60
PATIENCE = 120.0
ROOT = Path(__file__).resolve().parents[2]


class Door(ShoperSimulator):
    """A shop that can be made to stop with an answer in its hand: the work is done, and nobody knows it yet."""

    def __init__(self) -> None:
        super().__init__(limited=False)
        self.reached, self.open = threading.Event(), threading.Event()
        self.stops_at = 0
        self.creates = 0

    def handle(self, request: Request) -> Answer:
        answer = super().handle(request)
        if request.path.endswith("/bulk") and b'/rest/products","method":"POST"' in request.body:
            self.creates += 1
            if self.creates == self.stops_at:
                self.reached.set()
                self.open.wait(PATIENCE)
        return answer


@dataclass
class House:
    """One installation: its folder, its broker, and the environment of its programs."""

    folder: Path
    broker: str
    sample: Path

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": f"sqlite:///{self.folder / 'panel.sqlite3'}",
            "INTEGRATOR_DATA": str(self.folder),
            "REDIS_URL": self.broker,
            "TICK_SECONDS": "1",
            "SILENT_SECONDS": "2",
            "PYTHONPATH": str(ROOT),
        }

    def program(self, name: str, *arguments: str) -> Program:
        command = [sys.executable, "-m", "celery", "-A", "integrator", *arguments, "--loglevel", "INFO"]
        return Program(name=name, command=command, environment=self.environment(), grace=10)

    @contextmanager
    def worker(self, name: str = "worker") -> Iterator[tuple[Supervisor, int]]:
        log = self.folder / name / f"{name}.log"
        arguments = ("worker", "--concurrency", "2", "--without-mingle", "--without-gossip", "--hostname", f"{name}@%h")
        program = self.program(name, *arguments)
        ready = Program(
            name=name,
            command=program.command,
            environment=program.environment,
            grace=10,
            ready=lambda: " ready." in log.read_text(encoding="utf-8", errors="replace"),
        )
        with Supervisor(log.parent) as supervisor:
            yield supervisor, supervisor.start(ready)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: object) -> Iterator[House]:
    """A broker of our own (it will be emptied), the panel's database in a file, the scheduler running."""
    folder = tmp_path_factory.mktemp("house")
    port = free_port()
    try:
        broker = broker_program(port, folder)
    except NoBroker:
        not_proved("workers and scheduler on a real broker (install a Redis or Valkey server)")
        pytest.skip("no message broker")
    made = House(folder, broker_url(port), folder / "wapro.sqlite3")
    build(made.sample, generated(ARTICLES))
    with Supervisor(folder / "log") as supervisor, django_db_blocker.unblock(), panel_database(folder):  # type: ignore[attr-defined]
        supervisor.start(broker)
        call_command("migrate", verbosity=0)
        supervisor.start(made.program("beat", "beat", "--schedule", str(folder / "beat")))
        with sending_to(made.broker):
            yield made


@contextmanager
def panel_database(folder: Path) -> Iterator[None]:
    """This process is the panel: its database is the file that the workers open too."""
    ours = connections["default"]
    options = {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"}
    entry = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "panel.sqlite3"), "OPTIONS": options}
    settings = connections.configure_settings({"default": entry})["default"]
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = ours


@pytest.fixture
def shop(house: House) -> Iterator[tuple[Door, ShopConnection]]:
    """A client with an empty shop; everything it may do has been approved."""
    door = Door()
    _, made = client(f"Firma {ShopConnection.objects.count()}")
    with serve(door) as server:
        WaproConnection.objects.create(
            client=made, engine="sample", server=str(house.sample), leading_warehouse=str(MAIN), group_rule="POLE1",
            option_fields=[{"field": "POLE2", "name": "Kolor"}, {"field": "POLE3", "name": "Rozmiar"}],
        )  # fmt: skip
        connection = ShopConnection.objects.create(
            client=made, name="Sklep", platform="shoper", address=server.url, credentials={"token": STATIC_TOKEN},
            is_leading=True, writes_enabled=True, price_type=str(INTERNET), warehouses=[str(MAIN)],
            default_category=str(door.state.add_category("Wszystko")),
        )  # fmt: skip
        ensure_options(connection)
        options = SyncOptions.objects.filter(connection=connection)
        options.update(approved_at=timezone.now())
        options.filter(kind__in=[Kind.UNIT, Kind.PRODUCER, Kind.PRODUCT]).update(export_unlinked=True)
        try:
            yield door, connection
        finally:
            door.open.set()


def finished(run: Run) -> bool:
    return not Run.objects.filter(pk=run.pk, status__in=OPEN_STATUSES).exists()


def until(supervisor: Supervisor, what: Callable[[], bool]) -> None:
    """Look again and again until it is so; a worker that dies meanwhile, or none in time, fails the test."""
    deadline = monotonic() + PATIENCE
    supervisor.watch(lambda: what() or monotonic() > deadline)
    assert what(), "not in time"


def start(connection: ShopConnection) -> Run:
    return runs.start_run(connection, kinds=[k for k in Kind if k not in (Kind.IMAGE, Kind.GROUP)])


def links_of(connection: ShopConnection) -> QuerySet[Link]:
    return Link.objects.filter(connection=connection, kind=Kind.PRODUCT)


def assert_whole(door: Door, connection: ShopConnection, run: Run) -> None:
    """Every article stands in the shop once and is linked to what stands there."""
    run.refresh_from_db()
    assert {
        step.kind: (step.status, step.problems) for step in run.steps.all() if step.status != Status.SUCCEEDED
    } == {}
    state = door.state
    codes = Counter(
        state.stocks.get(one)["code"]
        for product in state.products
        for one in state.stock_ids(product)[1:] or state.stock_ids(product)
    )
    assert [code for code, times in codes.items() if times > 1] == []
    assert set(links_of(connection).values_list("erp_key", flat=True)) == set(codes)
    assert len(codes) == ARTICLES
    producers = Counter(row["name"] for row in state.tables["producers"].rows.values())
    assert max(producers.values()) == 1


def test_a_run_started_by_the_panel_is_carried_out_by_the_worker(
    house: House, shop: tuple[Door, ShopConnection]
) -> None:
    door, connection = shop
    with house.worker() as (supervisor, _):
        run = start(connection)
        until(supervisor, lambda: finished(run))
    assert_whole(door, connection, run)


@pytest.mark.failure_mode("Broker empty")
def test_an_emptied_broker_costs_a_moment_and_no_work(house: House, shop: tuple[Door, ShopConnection]) -> None:
    """In the middle of a run a plan is approved while no worker runs, and the message about it is lost: the scheduler
    finds the silent connection."""
    door, connection = shop
    SyncOptions.objects.filter(connection=connection, kind=Kind.PRODUCT).update(approved_at=None)
    with house.worker() as (supervisor, _):
        run = start(connection)
        until(supervisor, lambda: Step.objects.filter(run=run, kind=Kind.PRODUCT, status=Status.WAITING).exists())
    step = Step.objects.get(run=run, kind=Kind.PRODUCT)
    assert runs.approve_step(step, User.objects.get(memberships__firm=connection.client.firm))
    broker = redis.Redis.from_url(house.broker)
    assert b"advance_shop" in b"".join(broker.lrange("celery", 0, -1))
    broker.flushall()
    with house.worker() as (supervisor, _):
        until(supervisor, lambda: finished(run))
    assert_whole(door, connection, run)


@pytest.mark.failure_mode("F1")
def test_a_killed_worker_leaves_nothing_half_done_or_doubled(house: House, shop: tuple[Door, ShopConnection]) -> None:
    """It dies with a batch of creates sent and done and its answer on the way; another one takes over."""
    door, connection = shop
    door.stops_at = 2
    with house.worker("first") as (supervisor, process):
        run = start(connection)
        until(supervisor, door.reached.is_set)
        os.killpg(process, signal.SIGKILL)
    door.open.set()
    held = ShopConnection.objects.get(pk=connection.pk)
    assert held.lease_until is not None
    assert not finished(run)
    assert len(door.state.products) > links_of(connection).count(), "products were made that nobody heard of"
    with house.worker("second") as (supervisor, _):
        # Nobody touches the connection while the dead worker's lease lasts; then it is over, as if the time had passed.
        assert ShopConnection.objects.get(pk=connection.pk).lease_number == held.lease_number
        past = timezone.now() - timedelta(seconds=1)
        ShopConnection.objects.filter(pk=connection.pk).update(lease_until=past)
        WaproConnection.objects.filter(client=connection.client).update(lease_until=None)
        until(supervisor, lambda: finished(run))
    assert_whole(door, connection, run)

"""Whose turn it is, counted on a frozen clock: time passes only by calls, a second each.

One worker takes messages from a real queue in memory, one after the other, as Celery does.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from queue import Empty
from typing import Any

import pytest
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.celery import app
from shops.connectors.woocommerce.simulator import CONSUMER_KEY, CONSUMER_SECRET, ShopState, WooSimulator, serve
from shops.models import ShopConnection
from shops.sessions import open_shop
from syncjobs import queue, runs
from syncjobs.demo.order_terms import ensure_terms
from syncjobs.models import OrderTerms, ShopOrder, SyncOptions
from syncjobs.options import ensure_options
from syncjobs.slices import SLICE
from tests.pipeline.lab import Lab, client, memory_lab
from tests.pipeline.memory import fill_erp
from wapro.models import WaproConnection

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(transaction=True)]
MOMENT = 0.001
"""Seconds between two messages."""
BUSY = 3
"""Connections with more work than fits into the test."""
NUDGES = 4
"""So often each of them is nudged, as impatient people and webhooks do."""


@pytest.fixture
def lab(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    with memory_lab(monkeypatch) as made:
        yield made


class OneWorker:
    """Takes messages from the queue in memory; one whose time has not come waits beside it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.later: list[Any] = []
        self.slices: list[tuple[str, datetime, datetime]] = []
        """Connection, begin and end."""
        self.dropped = 0
        self.queue = app.connection_for_read().SimpleQueue("celery")
        self.queue.clear()

    def next(self) -> bool:
        """The next message that is due. False where none is."""
        self.lab.clock.shift(MOMENT)
        while True:
            try:
                self.later.append(self.queue.get(block=False))
            except Empty:
                break
        now = timezone.now()
        message = next((one for one in self.later if _due(one) <= now), None)
        if message is None:
            return False
        self.later.remove(message)
        message.ack()
        self._carry_out(message)
        return True

    def _carry_out(self, message: Any) -> None:
        task, (pk,) = app.tasks[message.headers["task"]], message.payload[0]
        before = self._number(task.name, pk)
        began = timezone.now()
        stamp = {queue.SENT: message.headers[queue.SENT]}
        task.apply((pk,), headers=stamp, throw=True)
        if self._number(task.name, pk) == before:
            self.dropped += 1
        elif task.name.endswith("advance_shop"):
            self.slices.append((ShopConnection.objects.get(pk=pk).name, began, timezone.now()))

    @staticmethod
    def _number(task: str, pk: int) -> int:
        actor: Any = ShopConnection if task.endswith("advance_shop") else WaproConnection
        return int(actor.objects.values_list("lease_number", flat=True).get(pk=pk))


def _due(message: Any) -> datetime:
    eta = message.headers.get("eta")
    return datetime.fromisoformat(eta) if eta else datetime.min.replace(tzinfo=UTC)


@contextmanager
def market_stall(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ShopConnection, WooSimulator]]:
    """A client whose shop, over HTTP, takes orders; everybody else's shops are in memory."""
    _, made = client("Zamówienia")
    simulator = WooSimulator(ShopState())
    in_memory: Callable[..., AbstractContextManager[Any]] = lambda: _opened(lab.shop)  # noqa: E731
    with serve(simulator) as server:
        WaproConnection.objects.create(client=made, engine="sample", server="memory")
        connection = ShopConnection.objects.create(
            client=made, name="orders", platform="woocommerce", address=server.url, is_leading=True,
            credentials={"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}, writes_enabled=True,
        )  # fmt: skip
        ensure_options(connection)
        ensure_terms(connection)
        OrderTerms.objects.update(go_live=timezone.now() - timedelta(days=1))
        monkeypatch.setattr(
            "syncjobs.slices.open_shop",
            lambda one, hold=None: open_shop(one, hold) if one.pk == connection.pk else in_memory(),
        )
        yield connection, simulator


@contextmanager
def _opened(side: Any) -> Iterator[Any]:
    yield side


def busy(number: int) -> ShopConnection:
    _, made = client(f"Zajęty {number}")
    WaproConnection.objects.create(client=made, engine="sample", server="memory")
    connection = ShopConnection.objects.create(
        client=made, name=f"busy {number}", platform="shoper", address="https://shop.example", is_leading=True,
        writes_enabled=True, price_type="1", warehouses=["1"],
    )  # fmt: skip
    ensure_options(connection)
    SyncOptions.objects.filter(connection=connection).update(approved_at=timezone.now(), export_unlinked=True)
    return connection


def test_an_order_waits_for_one_slice_of_each_other_connection_at_most(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lab.shop is not None
    fill_erp(lab.erp, 120)  # type: ignore[arg-type]
    lab.shop.fault = lab.erp.fault = lambda call, kind: lab.clock.shift(1)  # type: ignore[union-attr]
    worker = OneWorker(lab)
    with market_stall(lab, monkeypatch) as (orders, simulator):
        others = [busy(number) for number in range(BUSY)]
        for other in others:
            runs.start_run(other, kinds=[Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY, Kind.PRODUCT])
            for _ in range(NUDGES):
                queue.nudge(other)
                lab.clock.shift(MOMENT)
        queue.nudge(orders)
        product = simulator.state.add_product("LOP00007", "Łopata", "24.60", 50)
        while {name for name, began, end in worker.slices if end - began > SLICE / 2} != {one.name for one in others}:
            assert worker.next()
        simulator.state.place_order({product: 1}, payment="cod")
        came = timezone.now()
        OrderTerms.objects.update(next_at=came)
        queue.nudge(orders)
        place = len(worker.slices)
        while not ShopOrder.objects.filter(connection=orders).exists():
            assert worker.next()
    between = [name for name, _, _ in worker.slices[place:-1]]
    assert worker.slices[-1][0] == "orders"
    assert len(between) == len(set(between)), f"somebody had two turns: {between}"
    longest = max(end - began for _, began, end in worker.slices)
    assert longest <= SLICE, f"a slice took {longest}"
    assert worker.slices[-1][1] - came <= BUSY * SLICE
    assert worker.dropped >= BUSY * (NUDGES - 1)

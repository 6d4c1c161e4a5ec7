"""A broker of a test's own that can be stopped and started again, and this process as the panel that sends to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integrator.celery import app
from integrator.local.broker import NoBroker, broker_program, broker_url, find_server
from integrator.local.processes import Supervisor, free_port
from tests.proofs import not_proved


class Broker:
    """One address; the server behind it comes and goes. What it held is lost with it."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = broker_url(self.port)
        self._supervisor = Supervisor(folder / "broker")

    @property
    def up(self) -> bool:
        return bool(self._supervisor._running)

    def start(self) -> None:
        (self.folder / "broker").mkdir(parents=True, exist_ok=True)
        self._supervisor.start(broker_program(self.port, self.folder))

    def stop(self) -> None:
        self._supervisor.stop()


@contextmanager
def broker_of_our_own(folder: Path) -> Iterator[Broker]:
    """A running broker; the test is skipped, and that said, where no server program is."""
    try:
        find_server()
    except NoBroker:
        not_proved("workers and scheduler on a real broker (install a Redis or Valkey server)")
        pytest.skip("no message broker")
    broker = Broker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


@contextmanager
def sending_to(broker: str) -> Iterator[None]:
    """Messages of this process go to the broker, as the panel's do."""
    before = app.conf.broker_url
    _connect(broker)
    try:
        yield
    finally:
        _connect(before)


def _connect(broker: str) -> None:
    app.close()
    app.__dict__.pop("amqp", None)  # keeps producers of the broker before, which close() forgets
    app.conf.broker_url = broker

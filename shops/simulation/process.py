"""A simulator as a process of its own: serves until it is told to stop, keeps its shop in a file."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from shops.simulation import persistence
from shops.simulation.server import SimulatorServer

Shop_co = TypeVar("Shop_co", covariant=True)
SAVE_EVERY = 2.0
"""Seconds between looks whether something is to be saved."""


class Kept(Protocol):
    """A shop as a WSGI application that can be kept in a file."""

    lock: Any
    on_save: Callable[[], None] | None
    """Set by a process that keeps the shop in a file; `/_control/save` calls it."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any: ...

    def version(self) -> object:
        """Another one after every change of what the shop holds."""

    def dump(self) -> dict[str, Any]: ...


class Generated(Protocol[Shop_co]):
    """A class of shops: a new one, or one with so many products."""

    def __call__(self) -> Shop_co: ...

    def generated(self, products: int, /) -> Shop_co: ...


def first_state(
    path: Path | None, products: int, shops: Generated[Shop_co], read: Callable[[Path], Shop_co]
) -> Shop_co:
    """The saved shop if there is one, else a generated one of so many products, else a new one."""
    if path is not None and path.exists():
        return read(path)
    return shops.generated(products) if products else shops()


class Keeper:
    """Saves the shop to a file when it has changed."""

    def __init__(self, simulator: Kept, path: Path) -> None:
        self.simulator = simulator
        self.path = path
        self._saved = simulator.version()

    def save(self, *, always: bool = False) -> None:
        with self.simulator.lock:
            if always or self.simulator.version() != self._saved:
                persistence.write(self.simulator.dump(), self.path)
                self._saved = self.simulator.version()


def run(
    simulator: Kept,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    state_file: Path | None = None,
    ready: Callable[[str], None] = print,
) -> None:
    """Serves until SIGTERM or SIGINT; `ready` is told the address. Must run in the main thread."""
    keeper = Keeper(simulator, state_file) if state_file else None
    simulator.on_save = (lambda: keeper.save(always=True)) if keeper else None
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server = SimulatorServer(simulator, host, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    ready(server.url)
    while not stopping.wait(SAVE_EVERY):
        if keeper:
            keeper.save()
    server.close()
    thread.join()
    if keeper:
        keeper.save()

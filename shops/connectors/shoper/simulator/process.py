"""The simulator as a process of its own: loads its shop, serves until it is told to stop, keeps the shop in a file."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path

from shops.connectors.shoper.simulator import persistence
from shops.connectors.shoper.simulator.app import ShoperSimulator
from shops.connectors.shoper.simulator.server import SimulatorServer
from shops.connectors.shoper.simulator.state import ShopState

SAVE_EVERY = 2.0
"""Seconds between looks whether something is to be saved."""


class Keeper:
    """Saves the shop to a file when it has changed."""

    def __init__(self, simulator: ShoperSimulator, path: Path) -> None:
        self.simulator = simulator
        self.path = path
        self._saved = self._version()

    def _version(self) -> tuple[int, int]:
        state = self.simulator.state
        return id(state), sum(table.version for table in state.tables.values())

    def save(self, *, always: bool = False) -> None:
        with self.simulator.lock:
            if always or self._version() != self._saved:
                persistence.save(self.simulator.state, self.path)
                self._saved = self._version()


def first_state(path: Path | None, products: int) -> ShopState:
    """The saved shop if there is one, else a generated one of so many products, else a new one."""
    if path is not None and path.exists():
        return persistence.read(path)
    return ShopState.generated(products) if products else ShopState()


def run(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    products: int = 0,
    limited: bool = True,
    state_file: Path | None = None,
    ready: Callable[[str], None] = print,
) -> None:
    """Serves until SIGTERM or SIGINT; `ready` is told the address. Must run in the main thread."""
    simulator = ShoperSimulator(first_state(state_file, products), limited=limited)
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

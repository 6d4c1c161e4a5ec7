"""The simulated shop as a process of its own: loads its shop, serves until it is told to stop."""

from collections.abc import Callable
from pathlib import Path

from shops.connectors.woocommerce.simulator import persistence
from shops.connectors.woocommerce.simulator.app import WooSimulator
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.simulation import process


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
    """Serves until SIGTERM or SIGINT; `ready` is told the address. Must run in the main thread. `limited` changes
    nothing: WooCommerce has no rate limit."""
    simulator = WooSimulator(first_state(state_file, products))
    process.run(simulator, host=host, port=port, state_file=state_file, ready=ready)

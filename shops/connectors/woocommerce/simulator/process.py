"""The simulated shop as a process of its own, for `manage.py simulator woocommerce`."""

from pathlib import Path

from shops.connectors.woocommerce.simulator import persistence
from shops.connectors.woocommerce.simulator.app import WooSimulator
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.simulation.process import first_state


def simulator(*, products: int, limited: bool, state_file: Path | None) -> WooSimulator:
    """The shop that `manage.py simulator` serves. There is no rate limit that `limited` could switch off."""
    state = first_state(state_file, products, ShopState, persistence.read)
    return WooSimulator(state)

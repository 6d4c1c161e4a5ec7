"""The simulated shop as a process of its own, for `manage.py simulator prestashop`."""

from pathlib import Path

from shops.connectors.prestashop.simulator import persistence
from shops.connectors.prestashop.simulator.app import PrestaSimulator
from shops.connectors.prestashop.simulator.state import ShopState
from shops.simulation.process import first_state


def simulator(*, products: int, limited: bool, state_file: Path | None) -> PrestaSimulator:
    """The shop that `manage.py simulator` serves. There is no rate limit that `limited` could switch off."""
    state = first_state(state_file, products, ShopState, persistence.read)
    return PrestaSimulator(state)

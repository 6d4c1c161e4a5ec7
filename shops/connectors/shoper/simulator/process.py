"""The simulated shop as a process of its own, for `manage.py simulator shoper`."""

from pathlib import Path

from shops.connectors.shoper.simulator import persistence
from shops.connectors.shoper.simulator.app import ShoperSimulator
from shops.connectors.shoper.simulator.state import ShopState
from shops.simulation.process import first_state


def simulator(*, products: int, limited: bool, state_file: Path | None) -> ShoperSimulator:
    """The shop that `manage.py simulator` serves."""
    state = first_state(state_file, products, ShopState, persistence.read)
    return ShoperSimulator(state, limited=limited)

"""A small in-memory shop that follows Shoper's admin REST API, for tests, the demo, benchmarks and fault trials.

It keeps to the API with its limits and oddities: pages of at most 50 (more silently gives 10), 404 for an unknown
filter key, loose types, hidden new products, sanitised HTML, a leaky bucket. It imports no Django.
"""

from shops.connectors.shoper.simulator.access import LOGIN, PASSWORD, STATIC_TOKEN, Account
from shops.connectors.shoper.simulator.app import ShoperSimulator
from shops.connectors.shoper.simulator.state import ShopState
from shops.connectors.shoper.simulator.writes import Quirks
from shops.simulation.faults import Dropped, Fault, Faults
from shops.simulation.server import SimulatorServer, serve

__all__ = [
    "LOGIN",
    "PASSWORD",
    "STATIC_TOKEN",
    "Account",
    "Dropped",
    "Fault",
    "Faults",
    "Quirks",
    "ShopState",
    "ShoperSimulator",
    "SimulatorServer",
    "serve",
]

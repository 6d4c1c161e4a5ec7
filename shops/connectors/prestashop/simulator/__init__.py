"""A small in-memory shop that follows PrestaShop's Webservice, for tests, the demo, benchmarks and fault trials.

It keeps to the API with its limits and oddities: writes in XML alone, PUT that empties what it does not name, languages
lost when one is left out, lists that are the whole truth, bodies of several entities that stop half-way, empty lists
as `[]`. It behaves like 8.1.2, 9.1.4 or 1.7.8.8. It imports no Django.
"""

from shops.connectors.prestashop.simulator.access import API_KEY, Account
from shops.connectors.prestashop.simulator.app import PrestaSimulator
from shops.connectors.prestashop.simulator.state import ShopState
from shops.simulation.faults import Dropped, Fault, Faults
from shops.simulation.server import SimulatorServer, serve

__all__ = [
    "API_KEY",
    "Account",
    "Dropped",
    "Fault",
    "Faults",
    "PrestaSimulator",
    "ShopState",
    "SimulatorServer",
    "serve",
]

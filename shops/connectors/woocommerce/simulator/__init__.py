"""A small in-memory shop that follows WooCommerce's REST API (wc/v3) and WordPress's media library, for tests, the
demo, benchmarks and fault trials.

It keeps to the API with its limits and oddities: batches that check nothing, permanent batch deletes, silently ignored
ids, prices as texts, dates that shift twice, versions that lack routes. It imports no Django.
"""

from shops.connectors.woocommerce.simulator.access import APPLICATION_PASSWORD, CONSUMER_KEY, CONSUMER_SECRET, USER, Key
from shops.connectors.woocommerce.simulator.app import WooSimulator
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.connectors.woocommerce.simulator.webhooks import Delivery
from shops.simulation.faults import Dropped, Fault, Faults
from shops.simulation.server import SimulatorServer, serve

__all__ = [
    "APPLICATION_PASSWORD",
    "CONSUMER_KEY",
    "CONSUMER_SECRET",
    "USER",
    "Delivery",
    "Dropped",
    "Fault",
    "Faults",
    "Key",
    "ShopState",
    "SimulatorServer",
    "WooSimulator",
    "serve",
]

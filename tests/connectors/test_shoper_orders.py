"""Orders of Shoper against its simulator: the suite that every connector passes."""

from shops.connectors.shoper.simulator.order_stand import ShoperOrderStand
from tests.connectors.order_conformance import OrderConformance


class TestShoperOrders(OrderConformance):
    stand_type = ShoperOrderStand

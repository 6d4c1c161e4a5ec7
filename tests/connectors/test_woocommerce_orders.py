"""Orders of WooCommerce against its simulator: the suite that every connector with orders passes."""

from shops.connectors.woocommerce.simulator.orders import FULFILLMENTS, TRACKING_PLUGIN
from shops.connectors.woocommerce.simulator.stand import WooStand
from tests.connectors.order_conformance import OrderConformance


class TestWooCommerceOrders(OrderConformance):
    stand_type = WooStand


class TestOlderWooCommerceOrders(OrderConformance):
    class Stand9(WooStand):
        version = "9.0.2"

    stand_type = Stand9


class TestOrdersWithTheTrackingPlugin(OrderConformance):
    class PluginStand(WooStand):
        settings = {"order_tracking": "plugin"}

        def __init__(self) -> None:
            super().__init__()
            self.shop.state.plugins.append(TRACKING_PLUGIN)

    stand_type = PluginStand


class TestOrdersWithNotes(OrderConformance):
    class NoteStand(WooStand):
        settings = {"order_documents": ""}

    stand_type = NoteStand


class TestOrdersWithFulfilments(OrderConformance):
    class FulfilmentStand(WooStand):
        settings = {"order_tracking": "fulfillments"}

        def __init__(self) -> None:
            super().__init__()
            self.shop.state.plugins.append(FULFILLMENTS)

    stand_type = FulfilmentStand

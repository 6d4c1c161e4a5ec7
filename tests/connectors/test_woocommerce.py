"""WooCommerce against its simulator: the suite that every connector passes."""

from shops.connectors.woocommerce.simulator.stand import WooStand
from tests.connectors.conformance import Conformance


class TestWooCommerce(Conformance):
    stand_type = WooStand


class TestOlderWooCommerce(Conformance):
    class Stand9(WooStand):
        version = "9.0.2"

    stand_type = Stand9


class TestWithoutUnits(Conformance):
    class PlainStand(WooStand):
        settings = {"unit": "", "producer": "attribute"}

    stand_type = PlainStand

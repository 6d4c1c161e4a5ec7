"""PrestaShop's orders against its simulator: the suite that the orders of every connector pass, on each line of
versions."""

from shops.connectors.prestashop.simulator.order_stand import PrestaOrderStand
from tests.connectors.order_conformance import OrderConformance


class OldStand(PrestaOrderStand):
    version = "1.7.8.8"


class NewNetStand(PrestaOrderStand):
    version = "9.1.4"
    settings = {"prices": "net"}


class TestPrestaShop17(OrderConformance):
    stand_type = OldStand


class TestPrestaShop8(OrderConformance):
    stand_type = PrestaOrderStand


class TestPrestaShop9(OrderConformance):
    stand_type = NewNetStand

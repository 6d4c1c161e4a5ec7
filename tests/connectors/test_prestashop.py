"""PrestaShop against its simulator: the suite that every connector passes, on each line of versions."""

from shops.connectors.prestashop.simulator.stand import PrestaStand
from tests.connectors.conformance import Conformance


class OldStand(PrestaStand):
    version = "1.7.8.8"


class DatedStand(PrestaStand):
    settings = {"edit_date_trusted": True}


class NewNetStand(PrestaStand):
    version = "9.1.4"
    settings = {"prices": "net"}


class TestPrestaShop17(Conformance):
    stand_type = OldStand


class TestPrestaShop8(Conformance):
    stand_type = DatedStand


class TestPrestaShop9(Conformance):
    stand_type = NewNetStand

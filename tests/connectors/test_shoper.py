"""Shoper against its simulator: the suite that every connector passes."""

from shops.connectors.shoper.simulator.stand import ShoperStand
from tests.connectors.conformance import Conformance


class TestShoper(Conformance):
    stand_type = ShoperStand


class DatedStand(ShoperStand):
    settings = {"edit_date_trusted": True}


class TestShoperWithTrustedDates(Conformance):
    stand_type = DatedStand

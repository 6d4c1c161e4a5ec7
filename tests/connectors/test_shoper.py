"""Shoper against its simulator: the suite that every connector passes."""

from tests.connectors.conformance import Conformance
from tests.connectors.shoper_stand import ShoperStand


class TestShoper(Conformance):
    stand_type = ShoperStand


class DatedStand(ShoperStand):
    settings = {"edit_date_trusted": True}


class TestShoperWithTrustedDates(Conformance):
    stand_type = DatedStand

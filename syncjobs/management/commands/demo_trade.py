"""`manage.py demo_trade`: the demo's shops sell while somebody watches. Started by `manage.py demo`."""

import time
from random import Random
from typing import Any

from django.core.management.base import BaseCommand

from shops.models import ShopConnection
from syncjobs.demo.storefronts import STOREFRONTS
from syncjobs.demo.trade.market import Market, Stall, trade

PAUSE = (20.0, 40.0)
"""Seconds between two moments."""


class Command(BaseCommand):
    help = "Buy, pay, cancel in the demo's shops and send from the company's warehouse, every half a minute, for ever."

    def handle(self, *args: Any, **options: Any) -> None:
        chance = Random()
        connections = [ShopConnection.objects.get(client__name=one.client, name=one.name) for one in STOREFRONTS]
        market = Market([Stall.of(one) for one in connections], chance)
        trade(market, self._say, lambda: time.sleep(chance.uniform(*PAUSE)))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

"""`manage.py demo_trade`: the demo's shops sell while somebody watches. Started by `manage.py demo`."""

import time
from random import Random
from typing import Any
from urllib.error import URLError

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from integrator.canonical.errors import IntegrationError
from shops.models import ShopConnection
from syncjobs.demo.storefronts import STOREFRONTS
from syncjobs.demo.trade.counter import NotSold
from syncjobs.demo.trade.market import Market, Stall

PAUSE = (20.0, 40.0)
"""Seconds between two moments."""


class Command(BaseCommand):
    help = "Buy, pay, cancel in the demo's shops and send from the company's warehouse, every half a minute, for ever."

    def handle(self, *args: Any, **options: Any) -> None:
        chance = Random()
        connections = [ShopConnection.objects.get(client__name=one.client, name=one.name) for one in STOREFRONTS]
        market = Market([Stall.of(one) for one in connections], chance)
        while True:
            time.sleep(chance.uniform(*PAUSE))
            try:
                told = market.moment()
            except (NotSold, URLError, TimeoutError, DatabaseError, IntegrationError) as error:
                told = [f"not now: {error}"]
            for one in told:
                self.stdout.write(one)
            self.stdout.flush()

"""A day in the demo's shops: somebody buys, somebody pays, somebody changes their mind, the warehouse sends."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.error import URLError

from django.db import DatabaseError

from integrator.canonical.errors import IntegrationError
from shops.models import ShopConnection
from syncjobs.demo.trade.buyers import somebody
from syncjobs.demo.trade.counter import Counter, NotSold
from syncjobs.demo.trade.goods import on_sale
from syncjobs.demo.trade.warehouse import Warehouse
from wapro.models import WaproConnection
from wapro.sample.articles import MAIN

LEAST = 10
"""Pieces that must be there of what is bought."""
_PAYMENTS = ("cod", "cod", "transfer", "transfer", "online", "online", "online")
_PAID_ONE_IN, _CANCELLED_ONE_IN = 2, 10
_AT_HAND = 2
"""Orders that the warehouse leaves lying, so that one can look at them."""


@dataclass(slots=True)
class Stall:
    """One shop of the demo with those who stand before and behind it."""

    connection: ShopConnection
    erp: WaproConnection
    counter: Counter
    warehouse: Warehouse
    awaited: deque[str] = field(default_factory=deque)
    """Orders whose transfer is on its way."""
    last: str = ""

    @classmethod
    def of(cls, connection: ShopConnection) -> "Stall":
        erp = WaproConnection.objects.get(client=connection.client_id)
        return cls(connection, erp, Counter(connection.address), Warehouse(erp))


def trade(market: "Market", say: Callable[[str], None], rest: Callable[[], None]) -> None:
    """For ever. A shop that does not answer and a company's database that is busy are left for the next moment."""
    while True:
        rest()
        try:
            for told in market.moment():
                say(told)
        except (NotSold, URLError, TimeoutError, DatabaseError, IntegrationError) as error:
            say(f"not now: {error}")


class Market:
    """`moment` is what happens between two looks of whoever watches; it gives what happened, for a log."""

    def __init__(self, stalls: Sequence[Stall], chance: Random) -> None:
        self._stalls = deque(stalls)
        self._chance = chance

    def moment(self) -> list[str]:
        """In the next shop that sells. Nothing happens before the first synchronisation has linked something."""
        stall = self._stalls[0]
        self._stalls.rotate(-1)
        told = [*self._changed(stall), *self._sold(stall), *self._sent(stall)]
        return [f"{stall.connection.name}: {one}" for one in told]

    def _sold(self, stall: Stall) -> list[str]:
        goods = on_sale(stall.connection, stall.erp, MAIN, LEAST)
        if not goods:
            return []
        chosen = self._chance.sample(goods, min(self._chance.randint(1, 4), len(goods)))
        payment = self._chance.choice(_PAYMENTS)
        pieces = {one: self._chance.choice((1, 1, 1, 2, 2, 3)) for one in chosen}
        stall.last = stall.counter.sell(pieces, payment, buyer=somebody(self._chance))
        if payment == "transfer":
            stall.awaited.append(stall.last)
        return [f"order {stall.last} of {len(pieces)} lines, {payment}"]

    def _changed(self, stall: Stall) -> list[str]:
        """A transfer arrives; or the last buyer rings and cancels."""
        if stall.last and self._chance.randrange(_CANCELLED_ONE_IN) == 0:
            order, stall.last = stall.last, ""
            if order in stall.awaited:
                stall.awaited.remove(order)
            stall.counter.cancel(order)
            return [f"order {order} is cancelled"]
        if stall.awaited and self._chance.randrange(_PAID_ONE_IN) == 0:
            order = stall.awaited.popleft()
            stall.counter.pay(order)
            return [f"order {order} is paid"]
        return []

    def _sent(self, stall: Stall) -> list[str]:
        """What was packed leaves; of what waits one order is packed."""
        told = []
        for order in stall.warehouse.packed():
            number = f"{self._chance.randrange(10**10):010d}"
            stall.warehouse.ship(order, number)
            told.append(f"the warehouse sent {order} as {number}")
        waiting = stall.warehouse.waiting()
        if len(waiting) > _AT_HAND:
            stall.warehouse.realise(waiting[0])
            told.append(f"the warehouse packed {waiting[0]}")
        return told

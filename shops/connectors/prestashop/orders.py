"""The orders of one PrestaShop.

`order_reading.py` fetches, with what belongs to orders from `order_around.py` and `order_dictionaries.py`;
`order_writing.py` tells the shop, by `order_sending.py`. The others are pure: `order_mapping.py`, `order_amounts.py`,
`order_charges.py`, `order_terms.py`, `order_news.py`.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from integrator.canonical.orders import Known, Order, OrderPage, OrdersRead, OrderUpdate, OrderWords, unseen
from integrator.canonical.records import Key
from integrator.canonical.side import Result
from shops.connectors.base import ShopAccess
from shops.connectors.prestashop.facts import Facts
from shops.connectors.prestashop.order_dictionaries import Dictionaries
from shops.connectors.prestashop.order_reading import OrderReading
from shops.connectors.prestashop.order_writing import OrderWriting
from shops.connectors.prestashop.rest import Rest

NEEDED: Mapping[str, tuple[str, ...]] = {
    "orders": ("get", "patch"),
    "order_details": ("get",),
    "order_states": ("get",),
    "order_histories": ("post",),
    "order_carriers": ("get", "post", "patch"),
    "order_payments": ("get", "post"),
    "order_cart_rules": ("get",),
    "messages": ("get",),
    "customers": ("get",),
    "addresses": ("get",),
    "carriers": ("get",),
    "countries": ("get",),
    "currencies": ("get",),
    "configurations": ("get",),
    "taxes": ("get",),
}
"""Rights that the work with orders needs; `patch` stands for PUT where PATCH does not exist."""


class PrestaOrders:
    """`canonical.orders.Orders` of one session. Carts are another resource, and there is no mark for test orders."""

    def __init__(self, rest: Rest, facts: Facts, access: ShopAccess) -> None:
        dictionaries = Dictionaries(rest, facts, access.facts)
        gross = access.settings.get("prices") != "net"
        clock = access.clock or time.time
        self._reading = OrderReading(rest, facts, dictionaries, gross=gross, clock=clock)
        self._writing = OrderWriting(self._reading, dictionaries)

    def fetch(self, since: datetime, cursor: str | None, known: Known = unseen) -> OrderPage:
        return self._reading.fetch(since, cursor, known)

    def read(self, keys: Sequence[Key]) -> OrdersRead:
        return self._reading.read(keys)

    def words(self) -> OrderWords:
        return self._reading.words()

    def update(self, rows: Sequence[OrderUpdate], known: Mapping[Key, Order]) -> list[Result]:
        return self._writing.update(rows, known)

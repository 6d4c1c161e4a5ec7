"""The orders of a Shoper shop: reading in `order_reading`, telling in `order_writing`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from integrator.canonical.orders import Known, Order, OrderPage, OrdersRead, OrderUpdate, OrderWords, unseen
from integrator.canonical.records import Key
from integrator.canonical.side import Result
from shops.connectors.shoper.facts import Facts
from shops.connectors.shoper.order_reading import OrderReading
from shops.connectors.shoper.order_words import Words
from shops.connectors.shoper.order_writing import OrderWriting
from shops.connectors.shoper.rest import Rest


class ShoperOrders:
    """`integrator.canonical.orders.Orders`. Shoper knows no orders for trial, and no carts in its lists of orders."""

    def __init__(self, rest: Rest, facts: Facts, settings: Mapping[str, Any]) -> None:
        self._words = Words(rest, facts)
        self._reading = OrderReading(rest, facts, self._words, settings)
        self._writing = OrderWriting(rest)

    def fetch(self, since: datetime, cursor: str | None, known: Known = unseen) -> OrderPage:
        """By the date of the state, which a new order has too. Other changes (payment, addresses, lines) move no date
        in Shoper: they are found when open orders are read again."""
        return self._reading.fetch(since, cursor, known)

    def read(self, keys: Sequence[Key]) -> OrdersRead:
        return self._reading.read(keys)

    def words(self) -> OrderWords:
        return self._words.read()

    def update(self, rows: Sequence[OrderUpdate], known: Mapping[Key, Order]) -> list[Result]:
        """Whether Shoper writes to the buyer about another state is set at the state; `notify` changes nothing."""
        return self._writing.update(rows, known)

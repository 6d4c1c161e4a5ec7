"""The counter of one simulated shop, seen from the buyers' side: `/_control` of its simulator."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError

from syncjobs.demo.checker.http import ask
from syncjobs.demo.trade.goods import Goods

_JSON = {"Content-Type": "application/json"}


class NotSold(RuntimeError):
    """The shop refused, in its words."""


class Counter:
    """Raises URLError when nobody answers, NotSold for a refusal."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")

    def sell(
        self,
        pieces: Mapping[Goods, int],
        payment: str,
        *,
        paid: bool | None = None,
        buyer: Mapping[str, str] | None = None,
        delivery: str = "",
    ) -> str:
        """The order's key. `payment`: cod, transfer, online. `paid` None: as such payments are."""
        given: dict[str, Any] = {"pieces": {goods.key: amount for goods, amount in pieces.items()}, "payment": payment}
        given |= {"buyer": dict(buyer or {}), "delivery": delivery} | ({} if paid is None else {"paid": paid})
        (order,) = self._told("sell", given)["ids"]
        return str(order)

    def pay(self, order: str) -> None:
        self._told("order", {"id": order, "do": "pay"})

    def cancel(self, order: str) -> None:
        """The shop's people cancel it."""
        self._told("order", {"id": order, "do": "cancel"})

    def put_on_sale(self, code: str, name: str, price: str, quantity: int) -> Goods:
        """A product that the company knows nothing of."""
        key = self._told("product", {"code": code, "name": name, "price": price, "quantity": quantity})["key"]
        return Goods(key=key, article=code)

    def _told(self, what: str, given: dict[str, Any]) -> dict[str, Any]:
        url, body = f"{self.address}/_control/{what}", json.dumps(given).encode()
        try:
            answer: dict[str, Any] = json.loads(ask("POST", url, _JSON, body))
        except HTTPError as refused:
            with refused:
                raise NotSold(f"{what} {given}: {refused.read().decode()}") from refused
        return answer

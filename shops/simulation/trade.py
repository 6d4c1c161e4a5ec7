"""Trade at a simulated shop in one shape for all platforms: people buy, pay and cancel through `/_control`.

POST sell: {"pieces": {product key: quantity}, "payment": "cod", "transfer" or "online", "paid", "count", "delivery",
"buyer"} answers {"ids"}. POST order: {"id", "do": "pay", "cancel" or "move", "state" for the last}. GET orders answers
{"orders": [Held]}. POST product: {"code", "name", "price", "quantity"} answers {"key"}.
Keys are those of canonical orders: `12` or `12:34` of a product, the shop's own of states, deliveries and orders.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol, TypedDict

PAYMENTS = ("cod", "transfer", "online")


@dataclass(frozen=True, kw_only=True)
class Sale:
    pieces: Mapping[str, Decimal]
    payment: Literal["cod", "transfer", "online"] = "transfer"
    paid: bool = False
    """Whether the money is there at once."""
    delivery: str = ""
    """Empty: what the shop's buyers usually take."""
    buyer: Mapping[str, str] = field(default_factory=dict)
    """Instead of the usual one's: first_name, last_name, company, tax_number, email, phone, street, postcode, city."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Sale":
        """From JSON. What is bought online is paid unless it says otherwise. Raises ValueError."""
        payment = given.get("payment", "transfer")
        if payment not in PAYMENTS or not given.get("pieces"):
            raise ValueError("a sale takes pieces and one of the payments " + ", ".join(PAYMENTS))
        return cls(
            pieces={str(key): Decimal(str(quantity)) for key, quantity in given["pieces"].items()},
            payment=payment,
            paid=bool(given.get("paid", payment == "online")),
            delivery=str(given.get("delivery", "")),
            buyer=dict(given.get("buyer") or {}),
        )


class Held(TypedDict):
    """An order as the shop holds it."""

    id: str
    state: str
    total: str
    """Gross, two decimals."""
    paid: bool
    tracking: list[str]


class Trade(Protocol):
    def sell(self, sale: Sale) -> str:
        """Gives the order's key. Raises ValueError or KeyError for what the shop does not have."""

    def pay(self, order: str) -> None: ...

    def cancel(self, order: str) -> None: ...

    def move(self, order: str, state: str) -> None:
        """Another state, as the shop's people give it."""

    def held(self) -> list[Held]: ...

    def add_product(self, code: str, name: str, price: str, quantity: int) -> str:
        """A simple product that the shop's people put on sale; gives its key. The price is in the shop's own basis."""


def actions(trade: Trade) -> dict[tuple[str, str], Callable[[dict[str, Any]], Any]]:
    """What the control address answers."""

    def sell(given: dict[str, Any]) -> dict[str, list[str]]:
        sale = Sale.of(given)
        return {"ids": [trade.sell(sale) for _ in range(int(given.get("count", 1)))]}

    def order(given: dict[str, Any]) -> None:
        deeds: dict[str, Callable[[str], None]] = {
            "pay": trade.pay,
            "cancel": trade.cancel,
            "move": lambda key: trade.move(key, str(given["state"])),
        }
        if given.get("do") not in deeds:
            raise ValueError("an order takes one of the deeds " + ", ".join(deeds))
        deeds[given["do"]](str(given["id"]))

    return {
        ("POST", "sell"): sell,
        ("POST", "order"): order,
        ("GET", "orders"): lambda _: {"orders": trade.held()},
        ("POST", "product"): lambda given: {"key": trade.add_product(**given)},
    }


def split_key(key: str) -> tuple[int, int]:
    """Product and variant (0: none) of a product's key. Raises ValueError."""
    product, _, variant = key.partition(":")
    return int(product), int(variant or 0)

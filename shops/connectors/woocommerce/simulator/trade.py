"""How one buys, pays and cancels at a simulated WooCommerce in the words that all platforms share."""

from typing import TYPE_CHECKING

from shops.connectors.woocommerce.simulator.order_rows import money
from shops.connectors.woocommerce.simulator.orders import TRACKING_META
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.simulation.trade import Held, Sale, split_key

if TYPE_CHECKING:
    from shops.connectors.woocommerce.simulator.app import WooSimulator

_PAYMENTS = {"cod": "cod", "transfer": "bacs", "online": "przelewy24"}
_BUYER = {
    "first_name": "first_name",
    "last_name": "last_name",
    "company": "company",
    "street": "address_1",
    "postcode": "postcode",
    "city": "city",
    "email": "email",
    "phone": "phone",
}
_TAX_NUMBER = "_billing_nip"
"""Where a plugin of the checkout keeps it."""


class WooTrade:
    def __init__(self, shop: "WooSimulator") -> None:
        self._shop = shop

    @property
    def _state(self) -> ShopState:
        return self._shop.state

    def sell(self, sale: Sale) -> str:
        pieces = {}
        for key, amount in sale.pieces.items():
            product, variation = split_key(key)
            pieces[variation or product] = int(amount)
        tax_number = sale.buyer.get("tax_number")
        order = self._state.place_order(
            pieces,
            payment=_PAYMENTS[sale.payment],
            buyer={theirs: sale.buyer[ours] for ours, theirs in _BUYER.items() if ours in sale.buyer},
            meta={_TAX_NUMBER: tax_number} if tax_number else {},
            delivery=sale.delivery or "flat_rate:1",
        )
        if sale.paid:
            self._state.pay_order(order)
        return str(order)

    def pay(self, order: str) -> None:
        self._state.pay_order(int(order))

    def cancel(self, order: str) -> None:
        self._state.cancel_order(int(order))

    def move(self, order: str, state: str) -> None:
        self._state.set_order_status(int(order), state)

    def add_product(self, code: str, name: str, price: str, quantity: int) -> str:
        return str(self._state.add_product(code, name, price, quantity))

    def held(self) -> list[Held]:
        return [self._held(one) for one in self._state.orders]

    def _held(self, order: int) -> Held:
        row = self._state.orders.get(order)
        kept = [one["value"] for one in row["meta_data"] if one["key"] == TRACKING_META]
        return Held(
            id=str(order),
            state=row["status"],
            total=money(row["total"], 2),
            paid=row["paid"] is not None,
            tracking=[str(one["tracking_number"]) for items in kept for one in items],
        )

"""How one buys, pays and cancels at a simulated Shoper shop in the words that all platforms share."""

from decimal import Decimal
from typing import TYPE_CHECKING

from shops.connectors.shoper.simulator import selling
from shops.connectors.shoper.simulator.order_rows import parcel_ids
from shops.connectors.shoper.simulator.rows import money
from shops.connectors.shoper.simulator.state import ShopState
from shops.simulation.trade import Held, Sale, split_key

if TYPE_CHECKING:
    from shops.connectors.shoper.simulator.app import ShoperSimulator

_PAYMENTS = {"cod": selling.COD, "transfer": selling.TRANSFER, "online": selling.ONLINE}
_BUYER = {
    "first_name": "firstname",
    "last_name": "lastname",
    "company": "company",
    "tax_number": "tax_identification_number",
    "street": "street1",
    "postcode": "postcode",
    "city": "city",
    "phone": "phone",
}


class ShoperTrade:
    def __init__(self, shop: "ShoperSimulator") -> None:
        self._shop = shop

    @property
    def _state(self) -> ShopState:
        return self._shop.state

    def sell(self, sale: Sale) -> str:
        lines = []
        for key, amount in sale.pieces.items():
            product, variant = split_key(key)
            lines.append({"product": product, "variant": variant or None, "amount": amount})
        email = sale.buyer.get("email")
        order = self._state.place_order(
            lines,
            payment=_PAYMENTS[sale.payment],
            shipping=int(sale.delivery or selling.COURIER),
            buyer={theirs: sale.buyer[ours] for ours, theirs in _BUYER.items() if ours in sale.buyer},
            **({"email": email} if email else {}),
        )
        if sale.paid:
            self._state.pay_order(order)
        return str(order)

    def pay(self, order: str) -> None:
        self._state.pay_order(int(order))

    def cancel(self, order: str) -> None:
        self._state.cancel_order(int(order))

    def move(self, order: str, state: str) -> None:
        self._state.move_order(int(order), int(state))

    def add_product(self, code: str, name: str, price: str, quantity: int) -> str:
        unit = next(iter(self._state.tables["units"]))
        return str(self._state.add_product(code, name, price, quantity, unit=unit))

    def held(self) -> list[Held]:
        return [self._held(one) for one in self._state.orders]

    def _held(self, order: int) -> Held:
        row = self._state.orders.get(order)
        parcels = [self._state.parcels.get(one) for one in parcel_ids(self._state, order)]
        return Held(
            id=str(order),
            state=row["status_id"],
            total=money(row["sum"]),
            paid=Decimal(row["paid"]) >= Decimal(row["sum"]),
            tracking=[one.strip() for row in parcels for one in row["shipping_code"].split(",") if one.strip()],
        )

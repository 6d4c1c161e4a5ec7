"""How one buys, pays and cancels at a simulated PrestaShop in the words that all platforms share."""

from decimal import Decimal
from typing import TYPE_CHECKING

from shops.connectors.prestashop.simulator import order_states
from shops.connectors.prestashop.simulator.selling import Basket, Buyer
from shops.connectors.prestashop.simulator.state import ShopState
from shops.simulation.trade import Held, Sale, split_key

if TYPE_CHECKING:
    from shops.connectors.prestashop.simulator.app import PrestaSimulator

_PAYMENTS = {"cod": "ps_cashondelivery", "transfer": "ps_wirepayment", "online": "przelewy24"}
_GROSZ = Decimal("0.01")


class PrestaTrade:
    def __init__(self, shop: "PrestaSimulator") -> None:
        self._shop = shop

    @property
    def _state(self) -> ShopState:
        return self._shop.state

    def sell(self, sale: Sale) -> str:
        state = self._state
        awaited = state.setting("PS_OS_BANKWIRE") if sale.payment == "online" and not sale.paid else None
        order = state.place_order(
            Basket(
                pieces={split_key(key): int(amount) for key, amount in sale.pieces.items()},
                buyer=Buyer(**sale.buyer),  # type: ignore[arg-type]
                payment=_PAYMENTS[sale.payment],
                carrier=self._carrier(sale.delivery),
                state=int(awaited or 0),
            )
        )
        if sale.paid and not self._paid(order):
            state.pay_order(order)
        return str(order)

    def _carrier(self, key: str) -> int:
        """The row that a carrier has now, by what stays when it is edited."""
        table = self._state.tables["carriers"]
        rows = [table.get(one) for one in table]
        found = [one["id"] for one in rows if str(one["id_reference"]) == (key or "1") and one["deleted"] != "1"]
        if not found:
            raise ValueError(f"unknown carrier {key}")
        return int(found[-1])

    def pay(self, order: str) -> None:
        self._state.pay_order(int(order))

    def cancel(self, order: str) -> None:
        self._state.cancel_order(int(order))

    def move(self, order: str, state: str) -> None:
        order_states.enter(self._state, int(order), int(state))

    def add_product(self, code: str, name: str, price: str, quantity: int) -> str:
        return str(self._state.add_product(code, name, price, quantity))

    def held(self) -> list[Held]:
        return [self._held(one) for one in self._state.tables["orders"]]

    def _paid(self, order: int) -> bool:
        row = self._state.tables["orders"].get(order)
        return Decimal(row["total_paid_real"]) >= Decimal(row["total_paid_tax_incl"])

    def _held(self, order: int) -> Held:
        row = self._state.tables["orders"].get(order)
        table = self._state.tables["order_carriers"]
        numbers = [table.get(one)["tracking_number"] for one in table.index("id_order").of(order)]
        return Held(
            id=str(order),
            state=str(row["current_state"]),
            total=str(Decimal(row["total_paid_tax_incl"]).quantize(_GROSZ)),
            paid=self._paid(order),
            tracking=[one for one in numbers if one],
        )

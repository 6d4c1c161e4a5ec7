"""The Shoper simulator as a stand of the suite of orders."""

import json
from random import Random
from typing import Any

from integrator.canonical.records import Key
from shops.connectors.shoper.simulator.order_rows import parcel_ids
from shops.connectors.shoper.simulator.rows import money
from shops.connectors.shoper.simulator.stand import ShoperStand
from shops.simulation.stand import OrderStand

_BEING_DONE = (2, 4, 6)
"""States of orders that somebody works on."""


class ShoperOrderStand(ShoperStand, OrderStand):
    sent_state = "7"

    def place_order(self, lines: int = 1) -> Key:
        state = self.shop.state
        products = [int(one) for one in self.product_ids()][:lines]
        return str(state.place_order([self._bought(one, 2) for one in products]))

    def _bought(self, product: int, amount: Any, **more: Any) -> dict[str, Any]:
        """The product, or its first variant where it has any."""
        _, *variants = self.shop.state.stock_ids(product)
        return {"product": product, "variant": variants[0] if variants else None, "amount": amount, **more}

    def random_order(self, chance: Random) -> Key:
        state = self.shop.state
        state.discounts = chance.choice(("line", "unit", "price"))
        products = [int(one) for one in self.product_ids()]
        lines = []
        for product in chance.sample(products, chance.randint(1, 8)):
            with state.products.editing(product) as row:
                row["tax_id"] = str(chance.randint(1, 6))
            amount = chance.choice((1, 2, 3, 7, "0.375", "12.5"))
            lines.append(self._bought(product, amount, price=money(chance.randint(1, 99999) / 100)))
        discount = chance.choice((0, 0, 5, "12.5", "33.33"))
        key = state.place_order(
            lines,
            payment=chance.randint(1, 4),
            shipping=chance.randint(1, 3),
            shipping_cost=chance.choice(("0", "9.99", "15", "18.45")),
            shipping_tax=chance.randint(1, 6),
            discount=discount,
        )
        if not discount and chance.random() < 0.3:
            self.take_off(key, chance.randint(1, 300))
        return str(key)

    def take_off(self, key: int, groszes: int) -> None:
        """A code of a fixed amount, which no line shows."""
        with self.shop.state.orders.editing(key) as row:
            row["promo_code"] = "WIOSNA"
            row["sum"] = money(max(float(row["shipping_cost"]) + 0.01, float(row["sum"]) - groszes / 100))

    def pay_order(self, key: Key) -> None:
        self.shop.state.pay_order(int(key))

    def cancel_order(self, key: Key) -> None:
        self.shop.state.cancel_order(int(key))

    def edit_order(self, key: Key) -> None:
        """Another state, which is all that Shoper dates."""
        present = int(self.shop.state.orders.get(int(key))["status_id"])
        place = _BEING_DONE.index(present) + 1 if present in _BEING_DONE else 0
        self.shop.state.move_order(int(key), _BEING_DONE[place % len(_BEING_DONE)])

    def remove_order(self, key: Key) -> None:
        self.shop.state.remove_order(int(key))

    def spoil_order(self, key: Key) -> None:
        self.shop.faults.break_record("orders", int(key), {"sum": "sto złotych"})

    def order_stored(self, key: Key) -> str:
        state = self.shop.state
        rows = [state.orders.get(int(key)), *(state.parcels.get(one) for one in parcel_ids(state, int(key)))]
        return json.dumps(rows, ensure_ascii=False)

    def writes(self, request: Any) -> bool:
        """A bulk is a POST of whatever stands in it."""
        if not request.url.path.endswith("/bulk"):
            return super().writes(request)
        return any(one["method"] != "GET" for one in json.loads(request.content))

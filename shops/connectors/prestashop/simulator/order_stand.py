"""The PrestaShop simulator as a stand of the suite of orders."""

from decimal import Decimal
from random import Random

from integrator.canonical.records import Key
from shops.connectors.prestashop.simulator.order_money import Voucher
from shops.connectors.prestashop.simulator.selling import Basket, Buyer
from shops.connectors.prestashop.simulator.stand import PrestaStand
from shops.simulation.stand import OrderStand

_TABLES = ("order_histories", "order_carriers")


class PrestaOrderStand(PrestaStand, OrderStand):
    """A shop of version 8.1.2 that sells."""

    sent_state = "4"

    def place_order(self, lines: int = 1) -> Key:
        found = [one for one in self.state.products if one != self.owner]
        pieces = {self.sellable(product): 1 + place % 3 for place, product in enumerate(found[:lines])}
        company = Buyer(company="Zażółć Sp. z o.o.", tax_number="PL5260001246")
        return str(self.state.place_order(Basket(pieces=pieces, buyer=company)))

    def sellable(self, product: int) -> tuple[int, int]:
        """The product, or the first of its combinations."""
        return product, next(iter(self.state.owned("combinations", product)), 0)

    def random_order(self, chance: Random) -> Key:
        self.state.set_setting("PS_ROUND_TYPE", str(chance.choice([1, 2, 3])))
        self.state.set_setting("PS_PRICE_ROUND_MODE", str(chance.choice([2, 2, 2, 0, 1, 3, 4, 5])))
        pieces = {}
        for _ in range(chance.randint(1, 6)):
            price = Decimal(chance.randint(1, 50_000_000)) / 1_000_000
            group = chance.choice([1, 1, 1, 2, 3, 4])
            product = self.state.add_product("LOS", "Losowy", price, 100, id_tax_rules_group=group)
            pieces[product, 0] = chance.choice([1, 1, 2, 3, 7, 40, 333])
        basket = Basket(
            pieces=pieces,
            delivery=Buyer(street="ul. Inna 3") if chance.random() < 0.3 else None,
            payment=chance.choice(["ps_wirepayment", "ps_cashondelivery", "przelewy24"]),
            carrier=chance.choice([1, 2, 3]),
            vouchers=[self._voucher(chance, [one for one, _ in pieces]) for _ in range(chance.choice([0, 0, 1, 2]))],
            wrapping=Decimal(chance.choice(["0", "0", "4.0650", "1.11"])),
        )
        return str(self.state.place_order(basket))

    def _voucher(self, chance: Random, products: list[int]) -> Voucher:
        kind = chance.choice(["percent", "amount", "product", "free"])
        if kind == "free":
            return Voucher(name="Darmowa dostawa", free_shipping=True)
        product = chance.choice(products) if kind == "product" else 0
        if kind == "amount":
            return Voucher(name="Rabat", amount=Decimal(chance.randint(1, 3000)) / 100)
        return Voucher(name="Kupon", percent=Decimal(chance.randint(1, 40)), product=product)

    def pay_order(self, key: Key) -> None:
        self.state.pay_order(int(key))

    def cancel_order(self, key: Key) -> None:
        self.state.cancel_order(int(key))

    def edit_order(self, key: Key) -> None:
        self.state.edit_order(int(key), quantity=5)

    def remove_order(self, key: Key) -> None:
        self.state.remove_order(int(key))

    def spoil_order(self, key: Key) -> None:
        self.shop.faults.break_record("orders", int(key), {"total_paid_tax_incl": "dużo"})

    def order_stored(self, key: Key) -> str:
        row = self.state.tables["orders"].get(int(key))
        names = ("current_state", "note", "total_paid_real", "date_upd", "invoice_number", "delivery_number")
        kept = [f"{name}: {row[name]}" for name in names]
        for name in _TABLES:
            table = self.state.tables[name]
            kept += [f"{name}: {table.get(one)}" for one in table.index("id_order").of(int(key))]
        payments = self.state.tables["order_payments"]
        paid = [payments.get(one) for one in payments if payments.get(one)["order_reference"] == row["reference"]]
        return "\n".join([*kept, *(f"payment: {one['amount']} {one['transaction_id']}" for one in paid)])

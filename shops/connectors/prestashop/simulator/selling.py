"""The shop sells: an order with everything that PrestaShop makes beside it, and the stock it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shops.connectors.prestashop.simulator import order_money, order_states
from shops.connectors.prestashop.simulator.order_money import NOTHING, Sum, Voucher, rounded, total_of
from shops.connectors.prestashop.simulator.store import Store
from shops.simulation.tables import Row

POLAND = 14
MODULES = {
    "ps_wirepayment": ("Przelew bankowy", "PS_OS_BANKWIRE"),
    "ps_checkpayment": ("Czek", "PS_OS_CHEQUE"),
    "ps_cashondelivery": ("Płatność przy odbiorze", "PS_OS_COD_VALIDATION"),
    "przelewy24": ("Przelewy24", "PS_OS_PAYMENT"),
}
"""What a payment module calls itself, and the setting that names the state its orders begin in."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, kw_only=True)
class Buyer:
    first_name: str = "Łucja"
    last_name: str = "Żółć"
    email: str = "lucja@zolc.example"
    company: str = ""
    tax_number: str = ""
    street: str = "ul. Źródlana 7"
    flat: str = ""
    postcode: str = "30-001"
    city: str = "Kraków"
    country: int = POLAND
    phone: str = "+48 600 700 800"
    other: str = ""
    guest: bool = True


@dataclass(frozen=True, kw_only=True)
class Basket:
    """What is bought: pieces by (product, combination or 0)."""

    pieces: Mapping[tuple[int, int], int]
    buyer: Buyer = field(default_factory=Buyer)
    delivery: Buyer | None = None
    payment: str = "ps_wirepayment"
    state: int = 0
    """0: the one that the payment module begins with."""
    carrier: int = 1
    vouchers: Sequence[Voucher] = ()
    wrapping: Decimal = Decimal(0)
    """Net price of gift wrapping."""
    note: str = ""
    transaction: str = ""
    currency: int = 1


def place(store: Store, basket: Basket) -> int:
    """Adds an order as the checkout does; returns its id."""
    customer = _customer(store, basket.buyer)
    invoice = _address(store, basket.buyer, customer)
    delivery = _address(store, basket.delivery, customer) if basket.delivery else invoice
    now = store.now_text()
    order_id = store.tables["orders"].next_id
    name, begins = MODULES.get(basket.payment, (basket.payment, "PS_OS_PAYMENT"))
    row: Row = {
        "id_address_delivery": delivery, "id_address_invoice": invoice, "id_cart": order_id,
        "id_currency": basket.currency, "id_lang": store.default_language, "id_customer": customer,
        "id_carrier": basket.carrier, "module": basket.payment, "payment": name, "date_add": now, "date_upd": now,
        "id_shop": 1, "id_shop_group": 1, "conversion_rate": "1.000000", "reference": reference(order_id),
        "round_mode": int(store.setting("PS_PRICE_ROUND_MODE") or 2),
        "round_type": int(store.setting("PS_ROUND_TYPE") or 2), "gift": str(int(bool(basket.wrapping))),
        "wrapping_net": str(basket.wrapping), "vouchers": [_kept(one) for one in basket.vouchers],
    }  # fmt: skip
    store.insert("orders", row, order_id)
    for (product, combination), quantity in basket.pieces.items():
        _detail(store, order_id, product, combination, quantity)
    reckon(store, order_id)
    carried = {"id_order": order_id, "id_carrier": basket.carrier, "date_add": now}
    store.insert("order_carriers", carried)
    if basket.note:
        said = {"id_order": order_id, "id_customer": customer, "message": basket.note, "date_add": now}
        store.insert("messages", said)
    state = basket.state or int(store.setting(begins) or 1)
    if store.tables["order_states"].get(state)["logable"] == "1":
        whole = Decimal(store.tables["orders"].get(order_id)["total_paid_tax_incl"])
        order_states.pay(store, order_id, whole, basket.transaction)
    order_states.enter(store, order_id, state)
    return order_id


def reference(order_id: int) -> str:
    """Nine letters that tell orders apart."""
    letters, left = "", order_id * 7_919 + 1_000_003
    for _ in range(9):
        left, place = divmod(left, 26)
        letters += _LETTERS[place]
    return letters


def _customer(store: Store, buyer: Buyer) -> int:
    table = store.tables["customers"]
    if not buyer.guest:
        for row_id in table.index("email").of(buyer.email.casefold()):
            return int(row_id)
    now = store.now_text()
    row: Row = {"email": buyer.email, "firstname": buyer.first_name, "lastname": buyer.last_name, "active": "1"}
    row |= {"is_guest": str(int(buyer.guest)), "company": buyer.company, "id_lang": 1, "id_default_group": 3}
    return store.insert("customers", row | {"passwd": "$2y$10$x", "secure_key": "0" * 32, "date_add": now})


def _address(store: Store, buyer: Buyer, customer: int) -> int:
    now = store.now_text()
    row = {
        "id_customer": customer, "id_country": buyer.country, "alias": "Mój adres", "company": buyer.company,
        "lastname": buyer.last_name, "firstname": buyer.first_name, "vat_number": buyer.tax_number,
        "address1": buyer.street, "address2": buyer.flat, "postcode": buyer.postcode, "city": buyer.city,
        "other": buyer.other, "phone_mobile": buyer.phone, "date_add": now, "date_upd": now,
    }  # fmt: skip
    return store.insert("addresses", row)


def tax_of(store: Store, group: int, country: int) -> tuple[int, Decimal]:
    """The id and the percent of the tax that a group of rules adds in a country; 0 and 0 for none."""
    if store.setting("PS_TAX") == "0":
        return 0, Decimal(0)
    for rule in store.tables["tax_rules"].index("id_tax_rules_group").of(group):
        row = store.tables["tax_rules"].get(rule)
        if row["id_country"] == country and row["id_tax"]:
            return row["id_tax"], Decimal(store.tables["taxes"].get(row["id_tax"])["rate"])
    return 0, Decimal(0)


def country_of(store: Store, order_id: int) -> int:
    address = store.tables["orders"].get(order_id)["id_address_delivery"]
    return int(store.tables["addresses"].get(address)["id_country"])


def _detail(store: Store, order_id: int, product_id: int, combination: int, quantity: int) -> None:
    product = store.products.get(product_id)
    own = store.combinations.get(combination) if combination else product
    group = product["id_tax_rules_group"]
    tax, percent = tax_of(store, group, country_of(store, order_id))
    net = Decimal(product["price"]) + (Decimal(own["price"]) if combination else Decimal(0))
    unit = order_money.unit_price(net, percent)
    name = store.product_name(product_id)
    row: dict[str, Any] = {
        "id_order": order_id, "product_id": product_id, "product_attribute_id": combination,
        "product_name": f"{name} (wariant {combination})" if combination else name, "product_quantity": quantity,
        "product_reference": own["reference"] or product["reference"], "product_price": f"{net:.6f}",
        "product_ean13": own["ean13"], "id_tax_rules_group": group, "id_shop": 1, "taxes": [tax] if tax else [],
        "unit_price_tax_incl": f"{unit.gross:.6f}", "unit_price_tax_excl": f"{unit.net:.6f}",
    }  # fmt: skip
    store.insert("order_details", row)
    store.move_quantity(product_id, combination, -quantity)


def reckon(store: Store, order_id: int) -> None:
    """Works out all amounts of an order from its details, as the checkout and the panel do."""
    order = store.tables["orders"].get(order_id)
    kind, mode = order["round_type"], order["round_mode"]
    details = [store.tables["order_details"].get(one) for one in details_of(store, order_id)]
    rows = [
        order_money.Row(
            product=one["product_id"],
            unit=Sum(net=Decimal(one["unit_price_tax_excl"]), gross=Decimal(one["unit_price_tax_incl"])),
            quantity=one["product_quantity"],
        )
        for one in details
    ]
    totals = [order_money.line_total(row, kind, mode) for row in rows]
    for detail, total in zip(details, totals, strict=True):
        with store.tables["order_details"].editing(int(detail["id"])) as kept:
            kept["total_price_tax_incl"], kept["total_price_tax_excl"] = f"{total.gross:.6f}", f"{total.net:.6f}"
    _totals(store, order_id, rows, totals, mode)


def _totals(store: Store, order_id: int, rows: list[order_money.Row], totals: list[Sum], mode: int) -> None:
    order = store.tables["orders"].get(order_id)
    carrier = store.tables["carriers"].get(order["id_carrier"])
    percent = tax_of(store, carrier["id_tax_rules_group"], country_of(store, order_id))[1]

    def to_grosz(one: Sum) -> Sum:
        return one.each(lambda value: rounded(value, mode))

    goods = to_grosz(total_of(totals))
    shipping = to_grosz(order_money.unit_price(Decimal(carrier.get("price", "0")), percent))
    wrapping_tax = tax_of(store, 1, country_of(store, order_id))[1]
    wrapping = to_grosz(order_money.unit_price(Decimal(order.get("wrapping_net", "0")), wrapping_tax))
    vouchers = [_voucher(one) for one in order.get("vouchers", ())]
    off = order_money.vouchers_off(rows, totals, shipping, vouchers)
    _keep_vouchers(store, order_id, off)
    discounts = to_grosz(total_of(one for _, one in off)) if off else NOTHING
    paid = goods + shipping + wrapping - discounts
    amounts = {"products": goods, "shipping": shipping, "wrapping": wrapping, "discounts": discounts, "paid": paid}
    with store.tables["orders"].editing(order_id) as kept:
        for name, one in amounts.items():
            kept[f"total_{name}"] = f"{one.net if name == 'products' else one.gross:.6f}"
            kept[f"total_{name}_tax_incl"], kept[f"total_{name}_tax_excl"] = f"{one.gross:.6f}", f"{one.net:.6f}"
        kept["total_products_wt"], kept["carrier_tax_rate"] = f"{goods.gross:.6f}", f"{percent:.3f}"


def _kept(one: Voucher) -> list[Any]:
    return [one.name, str(one.percent), str(one.amount), one.product, one.free_shipping]


def _voucher(kept: Sequence[Any]) -> Voucher:
    name, percent, amount, product, free = kept
    return Voucher(
        name=name, percent=Decimal(percent), amount=Decimal(amount), product=int(product), free_shipping=bool(free)
    )


def _keep_vouchers(store: Store, order_id: int, off: Sequence[tuple[Voucher, Sum]]) -> None:
    table = store.tables["order_cart_rules"]
    for old in list(table.index("id_order").of(order_id)):
        table.remove(old)
    for number, (voucher, one) in enumerate(off, start=1):
        row = {"id_order": order_id, "id_cart_rule": number, "name": voucher.name, "value": f"{one.gross:.6f}"}
        row |= {"value_tax_excl": f"{one.net:.6f}", "free_shipping": str(int(voucher.free_shipping))}
        store.insert("order_cart_rules", row)


def details_of(store: Store, order_id: int) -> list[int]:
    return list(store.tables["order_details"].index("id_order").of(order_id))


def change_quantity(store: Store, order_id: int, place: int, quantity: int) -> None:
    """An employee changes the pieces of one line in the panel: stock follows, amounts are worked out anew."""
    detail = details_of(store, order_id)[place]
    with store.tables["order_details"].editing(detail) as row:
        moved = row["product_quantity"] - quantity
        row["product_quantity"] = quantity
        store.move_quantity(row["product_id"], row["product_attribute_id"], moved)
    reckon(store, order_id)
    with store.tables["orders"].editing(order_id) as order:
        order["date_upd"] = store.now_text()

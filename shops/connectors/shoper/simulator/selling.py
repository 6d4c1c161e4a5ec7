"""What the shop sells: orders as buyers make them, and as its people change them in the panel."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shops.connectors.shoper.simulator import hooks
from shops.connectors.shoper.simulator.order_rows import ADDRESS, LINE, ORDER, line_ids, parcel_ids
from shops.connectors.shoper.simulator.rows import money, quantity, render
from shops.connectors.shoper.simulator.store import Store
from shops.simulation.tables import Row

CASH, COD, TRANSFER, ONLINE = 1, 2, 3, 4
"""Ids of payments in a new shop."""
IN_PERSON, LOCKER, COURIER = 1, 2, 3
"""Ids of shippings in a new shop."""
NEW, CANCELLED = 1, 8
NOT_COMPLETED = "4"
"""The type of states of orders that will never be done: cancelled, rejected, returned."""
BUYER: Mapping[str, Any] = {
    "firstname": "Żaneta",
    "lastname": "Łącka",
    "street1": "Świętojańska 7/3",
    "city": "Gdynia",
    "postcode": "81-368",
    "phone": "+48600100200",
}
_GROSZ = Decimal("0.01")


def place(
    state: Store,
    lines: Iterable[Mapping[str, Any]],
    *,
    email: str = "zaneta@kupujaca.example",
    buyer: Mapping[str, Any] | None = None,
    delivery: Mapping[str, Any] | None = None,
    payment: int = TRANSFER,
    shipping: int = COURIER,
    shipping_cost: Any = None,
    shipping_tax: int = 1,
    discount: Any = 0,
    **fields: Any,
) -> int:
    """Somebody buys. `lines` are keyword sets of `_line`; `discount` is the percent of a code, shown on every line;
    `fields` are further fields of the order as the API shows them. Takes the goods from stock where the shop does so
    on buying. Gives the order's id."""
    order_id = state.orders.next_id
    now = state.now_text()
    cost = shipping_cost if shipping_cost is not None else state.tables["shippings"].get(shipping)["cost"]
    tax = state.tables["taxes"].get(shipping_tax)
    billing = {**ADDRESS, "order_id": str(order_id), "address_id": str(2 * order_id - 1), **BUYER, **(buyer or {})}
    row = {**ORDER, "date": now, "status_date": now, "confirm_date": now, "email": email}
    row |= {"payment_id": str(payment), "shipping_id": str(shipping), "shipping_cost": money(cost)}
    row |= {"shipping_tax_id": str(shipping_tax), "shipping_tax_name": tax["name"], "shipping_tax_value": tax["value"]}
    row |= {"discount_code": quantity(discount), "currency_id": state.config.get("default_currency_id") or "1"}
    row["delivery_address"] = {**billing, "address_id": str(2 * order_id), **(delivery or {})}
    row["billing_address"] = billing
    state.orders.insert({**row, **fields, "_taken": False}, order_id)
    for line in lines:
        state.lines.insert(_line(state, discount=discount, **line) | {"order_id": str(order_id)})
    total(state, order_id)
    if state.config.get("shopping_update_stock_on_buy") in ("1", 1, True):
        take(state, order_id)
    hooks.tell(state, "order.create", order_id)
    return order_id


def _line(
    state: Store,
    *,
    product: int,
    variant: int | None = None,
    amount: Any = 1,
    price: Any = None,
    discount: Any = 0,
    **fields: Any,
) -> Row:
    """A line of this many pieces; `variant` is a stock row. Without a price it has the effective one of the shop."""
    shared = state.products.get(product)
    stock_id = variant or state.stock_ids(product)[0]
    stock = state.stocks.get(stock_id)
    tax = state.tables["taxes"].get(int(shared["tax_id"]))
    unit = state.tables["units"].get(int(shared["unit_id"]))
    full = Decimal(str(price if price is not None else stock["comp_price"]))
    percent = Decimal(str(discount))
    shown = full if state.discounts != "price" else _grosz(full * (100 - percent) / 100)
    row = {**LINE, "product_id": str(product), "stock_id": str(stock_id), "price": money(shown)}
    row |= {"discount_perc": f"{percent:.4f}", "quantity": quantity(amount), "code": stock["code"], "ean": stock["ean"]}
    row |= {"name": shared["translations"]["pl_PL"]["name"], "tax": tax["name"], "tax_value": tax["value"]}
    row |= {"unit": unit["translations"]["pl_PL"]["name"], "unit_fp": unit["floating_point"]}
    return {**row, "option": _options(state, stock), "weight": stock["comp_weight"], **fields}


def _options(state: Store, stock: Row) -> str:
    """`Kolor: Czerwony; Rozmiar: S`, empty for what has no variants."""
    found = []
    for option, value in (stock["options"] or {}).items():
        name = state.tables["options"].get(int(option))["translations"]["pl_PL"]["name"]
        text = state.tables["option-values"].get(int(value))["translations"]["pl_PL"]["value"]
        found.append(f"{name}: {text}")
    return "; ".join(found)


def _grosz(value: Decimal) -> Decimal:
    return value.quantize(_GROSZ, rounding=ROUND_HALF_UP)


def line_total(state: Store, line: Row) -> Decimal:
    """Gross, after the discount. Where Shoper rounds, and whether `price` has the discount in it, nobody documents:
    `state.discounts` says which shop this is."""
    price, amount = Decimal(line["price"]), Decimal(line["quantity"])
    share = (100 - Decimal(line["discount_perc"])) / 100
    if state.discounts == "price":
        return _grosz(price * amount)
    if state.discounts == "unit":
        return _grosz(_grosz(price * share) * amount)
    return _grosz(price * share * amount)


def total(state: Store, order_id: int) -> None:
    """Sets the order's `sum`: its lines and what the delivery costs."""
    goods = sum((line_total(state, state.lines.get(one)) for one in line_ids(state, order_id)), Decimal(0))
    with state.orders.editing(order_id) as row:
        row["sum"] = money(goods + Decimal(row["shipping_cost"]))


def take(state: Store, order_id: int) -> None:
    _move(state, order_id, taken=True)


def give_back(state: Store, order_id: int) -> None:
    _move(state, order_id, taken=False)


def _move(state: Store, order_id: int, *, taken: bool) -> None:
    """Goods of the order out of stock or back into it, once. Fewer than nothing may be left."""
    with state.orders.editing(order_id) as row:
        if row["_taken"] is taken:
            return
        row["_taken"] = taken
    for line in (state.lines.get(one) for one in line_ids(state, order_id)):
        stock_id = int(line["stock_id"])
        if stock_id not in state.stocks:
            continue
        amount = Decimal(line["quantity"]) * (1 if taken else -1)
        with state.changing_stock(stock_id) as stock:
            stock["stock"] = quantity(Decimal(stock["stock"]) - amount)
            stock["sold"] = quantity(Decimal(stock["sold"]) + amount)


def set_status(state: Store, order_id: int, status_id: int) -> None:
    """Moves an order to another state. One that will never be done gives its goods back."""
    over = state.tables["statuses"].get(status_id)["type"] == NOT_COMPLETED
    with state.orders.editing(order_id) as row:
        if row["status_id"] == str(status_id):
            return
        row["status_id"], row["status_date"] = str(status_id), state.now_text()
    if over:
        give_back(state, order_id)
    elif state.config.get("shopping_update_stock_on_buy") in ("1", 1, True):
        take(state, order_id)
    hooks.tell(state, "order.status", order_id)


def pay(state: Store, order_id: int, amount: Any = None) -> None:
    """Money has come: the whole sum, or this much in all. The state follows where the shop is set so."""
    with state.orders.editing(order_id) as row:
        row["paid"] = money(row["sum"] if amount is None else amount)
        whole = Decimal(row["paid"]) >= Decimal(row["sum"])
    hooks.tell(state, "order.paid" if whole else "order.edit", order_id)
    following = str(state.config.get("shopping_change_status_payment_made_id") or "")
    if whole and following.isdigit():
        set_status(state, order_id, int(following))


def edit(state: Store, order_id: int, amounts: Mapping[int, Any] | None = None, **fields: Any) -> None:
    """An administrator changes fields of an order, or how many pieces of a line (id -> amount) it has. None of it moves
    a date: only another state does."""
    taken = state.orders.get(order_id)["_taken"]
    give_back(state, order_id)
    for line_id, amount in (amounts or {}).items():
        with state.lines.editing(line_id) as line:
            line["quantity"] = quantity(amount)
    with state.orders.editing(order_id) as row:
        for name, value in fields.items():
            row[name] = {**row[name], **value} if name.endswith("_address") else value
    total(state, order_id)
    if taken:
        take(state, order_id)
    hooks.tell(state, "order.edit", order_id)


def remove(state: Store, order_id: int) -> None:
    """Deletes an order with its lines and parcels; the goods come back into stock. Raises `KeyError`."""
    give_back(state, order_id)
    shown = render(state, "orders", order_id)
    for line_id in line_ids(state, order_id):
        state.lines.remove(line_id)
    for parcel_id in parcel_ids(state, order_id):
        state.parcels.remove(parcel_id)
    state.orders.remove(order_id)
    hooks.tell(state, "order.delete", order_id, gone=shown)

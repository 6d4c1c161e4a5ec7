"""States of orders in the simulated shop: what entering one does to stock, payments and numbers."""

from decimal import Decimal

from shops.connectors.prestashop.simulator.store import Store
from shops.simulation.tables import Row

STATES = (
    ("Oczekiwanie na płatność czekiem", "cheque", "", "PS_OS_CHEQUE"),
    ("Płatność zaakceptowana", "payment", "logable paid invoice", "PS_OS_PAYMENT"),
    ("Przygotowanie w toku", "preparation", "logable paid invoice delivery", "PS_OS_PREPARATION"),
    ("Wysłane", "shipped", "logable paid invoice delivery shipped", "PS_OS_SHIPPING"),
    ("Dostarczone", "", "logable paid invoice delivery shipped", "PS_OS_DELIVERED"),
    ("Anulowane", "order_canceled", "", "PS_OS_CANCELED"),
    ("Zwrot", "refund", "invoice", "PS_OS_REFUND"),
    ("Błąd płatności", "payment_error", "", "PS_OS_ERROR"),
    ("Oczekiwanie na dostawę (zapłacone)", "outofstock", "paid invoice", "PS_OS_OUTOFSTOCK_PAID"),
    ("Oczekiwanie na przelew", "bankwire", "", "PS_OS_BANKWIRE"),
    ("Zdalna płatność przyjęta", "payment", "logable paid invoice", "PS_OS_WS_PAYMENT"),
    ("Oczekiwanie na dostawę (niezapłacone)", "outofstock", "", "PS_OS_OUTOFSTOCK_UNPAID"),
    ("Oczekiwanie na potwierdzenie pobrania", "cashondelivery", "", "PS_OS_COD_VALIDATION"),
)
"""Name, mail template, flags and the setting that holds its id, in the order of their ids from 1 on."""
FLAGS = ("logable", "paid", "invoice", "delivery", "shipped")


def rows() -> list[Row]:
    return [
        {"name": name, "template": template, "send_email": str(int(bool(template))), "unremovable": "1",
         "color": "#3498D8", **{flag: str(int(flag in flags.split())) for flag in FLAGS}}
        for name, template, flags, _ in STATES
    ]  # fmt: skip


def settings() -> dict[str, str]:
    return {setting: str(place) for place, (_, _, _, setting) in enumerate(STATES, start=1)}


def enter(store: Store, order_id: int, state: int) -> int:
    """An order enters a state, with a row of its history, whether it is in it already or not; returns the row's id."""
    with store.tables["orders"].editing(order_id) as row:
        move(store, row, state)
    history = {"id_order_state": state, "id_order": order_id, "date_add": store.now_text()}
    return store.insert("order_histories", history)


def move(store: Store, order: Row, state: int) -> None:
    """Changes the given row of an order, and what belongs to it, as a new state does. Stock comes back when an order is
    cancelled or its payment fails, and goes again when it becomes a sale after all."""
    states = store.tables["order_states"]
    new = states.get(state)
    old = states.get(order["current_state"]) if order["current_state"] in states else None
    lost = {int(store.setting("PS_OS_ERROR") or 0), int(store.setting("PS_OS_CANCELED") or 0)}
    if old is not None:
        was_lost = order["current_state"] in lost
        if new["logable"] == "1" and old["logable"] == "0" and was_lost:
            _stock(store, order, -1)
        elif new["logable"] == "0" and state in lost and not was_lost:
            _stock(store, order, 1)
    order["current_state"], order["valid"] = state, new["logable"]
    now = store.now_text()
    if new["invoice"] == "1" and not order["invoice_number"]:
        order["invoice_number"], order["invoice_date"] = _next(store, "invoice_number"), now
    if new["delivery"] == "1" and not order["delivery_number"]:
        order["delivery_number"], order["delivery_date"] = _next(store, "delivery_number"), now
    if new["paid"] == "1" and order["invoice_number"]:
        rest = Decimal(order["total_paid_tax_incl"]) - Decimal(order["total_paid_real"])
        if rest > 0:
            _payment(store, order, rest, "")
    order["date_upd"] = now


def _next(store: Store, name: str) -> int:
    table = store.tables["orders"]
    return 1 + max((table.get(one)[name] for one in table), default=0)


def _stock(store: Store, order: Row, sign: int) -> None:
    details = store.tables["order_details"]
    for one in details.index("id_order").of(int(order["id"])):
        row = details.get(one)
        store.move_quantity(row["product_id"], row["product_attribute_id"], sign * row["product_quantity"])


def pay(store: Store, order_id: int, amount: Decimal, transaction: str = "") -> None:
    """A payment module reports money: a payment, and the order's own sum of them."""
    with store.tables["orders"].editing(order_id) as row:
        _payment(store, row, amount, transaction)


def _payment(store: Store, order: Row, amount: Decimal, transaction: str) -> None:
    payment = {"order_reference": order["reference"], "id_currency": order["id_currency"], "amount": f"{amount:.6f}"}
    payment |= {"payment_method": order["payment"], "transaction_id": transaction, "conversion_rate": "1.000000"}
    store.insert("order_payments", payment | {"date_add": store.now_text()})
    order["total_paid_real"] = f"{Decimal(order['total_paid_real']) + amount:.6f}"

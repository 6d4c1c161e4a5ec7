"""What happens to an order of the simulated shop: its states, its stock, its dates and its notes."""

from collections.abc import Mapping
from typing import Any

from shops.connectors.woocommerce.simulator.product_writes import derived_status
from shops.connectors.woocommerce.simulator.store import Store
from shops.simulation.tables import Row

TRASH = "trash"
REDUCING = ("processing", "on-hold", "completed")
RESTORING = ("cancelled", "pending")
PAYABLE = ("pending", "failed")


def next_id(state: Store) -> int:
    """Of a line, a note or a field: all of them come from one sequence here."""
    state.next_meta += 1
    return state.next_meta - 1


def meta(state: Store, key: str, value: Any) -> Row:
    return {"id": next_id(state), "key": key, "value": value}


def enter(state: Store, order_id: int, status: str, *, new: bool = False) -> None:
    """Puts an order into a state; one that the shop does not have is silently `pending`. Stock follows: it goes when a
    state says that the order counts, and comes back when it is cancelled or waits again."""
    status = status.removeprefix("wc-")
    if status not in (*state.statuses(), TRASH):
        status = "pending"
    with state.orders.editing(order_id) as row:
        before = row["status"]
        row["status"] = status
        if status != before:
            _date(state, row)
            _move_stock(state, row)
            if not new:
                names = state.statuses()
                text = f"Order status changed from {names.get(before, before)} to {names.get(status, status)}."
                row["notes"] = [*row["notes"], note(state, text)]
    touch(state, order_id, "order.created" if new else "order.deleted" if status == TRASH else "order.updated")


def _date(state: Store, row: Row) -> None:
    """An order counts as paid when it is first processed. One paid on delivery is paid when it is completed."""
    paying = ("completed",) if row["payment_method"] == "cod" else ("processing", "completed")
    if row["status"] in paying and row["paid"] is None:
        row["paid"] = state.now()
    if row["status"] == "completed" and row["completed"] is None:
        row["completed"] = state.now()


def _move_stock(state: Store, row: Row) -> None:
    if row["status"] in REDUCING and not row["stock_reduced"]:
        row["stock_reduced"] = True
        for line in row["lines"]:
            take(state, line, line["quantity"])
            number = str(line["quantity"])
            shown = {"display_key": "_reduced_stock", "display_value": number}
            line["meta_data"] = [*line["meta_data"], {**meta(state, "_reduced_stock", number), **shown}]
    elif row["status"] in RESTORING and row["stock_reduced"]:
        row["stock_reduced"] = False
        for line in row["lines"]:
            take(state, line, -line["quantity"])
            line["meta_data"] = [one for one in line["meta_data"] if one["key"] != "_reduced_stock"]


def take(state: Store, line: Mapping[str, Any], pieces: int) -> None:
    """Takes pieces of a line's product from stock, whatever is there, and dates the product."""
    product_id = line["variation_id"] or line["product_id"]
    if product_id not in state.products:
        return
    row = state.products.get(product_id)
    if row["type"] == "variation" and not row["manage_stock"]:
        product_id = row["parent_id"]
        row = state.products.get(product_id)
    if row["manage_stock"]:
        left = (row["stock_quantity"] or 0) - pieces
        with state.products.editing(product_id) as changed:
            changed["stock_quantity"] = left
            changed["stock_status"] = derived_status(changed)
        state.touch(product_id)


def touch(state: Store, order_id: int, topic: str = "order.updated") -> None:
    """What any save does, also one that changes nothing."""
    with state.orders.editing(order_id) as row:
        row["modified"] = state.now()
    state.emit(topic, order_id)


def payment_complete(state: Store, order_id: int, transaction: str = "") -> None:
    """What a gateway calls. An order that does not wait for a payment is left alone."""
    row = state.orders.get(order_id)
    if row["status"] not in (*PAYABLE, "on-hold"):
        return
    if transaction:
        with state.orders.editing(order_id) as changed:
            changed["transaction_id"] = transaction
    enter(state, order_id, "completed" if row["payment_method"] == "cod" else "processing")


def note(state: Store, text: str, *, customer: bool = False, author: str = "WooCommerce") -> Row:
    return {"id": next_id(state), "author": author, "created": state.now(), "note": text, "customer_note": customer}


def set_meta(state: Store, rows: list[Row], given: Any) -> list[Row]:
    """Fields after some were given: by id, else by name, where one value stays. null deletes."""
    kept = [dict(one) for one in rows]
    for one in given if isinstance(given, list) else []:
        if not isinstance(one, Mapping) or not one.get("key"):
            continue
        same = [row for row in kept if (row["id"] == one["id"] if one.get("id") else row["key"] == one["key"])]
        kept = [row for row in kept if row not in same[1:]]
        if one.get("value") is None:
            kept = [row for row in kept if row not in same]
        elif same:
            same[0] |= {"key": str(one["key"]), "value": one["value"]}
        else:
            kept.append(meta(state, str(one["key"]), one["value"]))
    return kept

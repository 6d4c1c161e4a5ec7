"""What the API may change of orders, and parcels, which carry the tracking numbers."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from shops.connectors.shoper.simulator import hooks, selling
from shops.connectors.shoper.simulator.errors import Findings, Refused, invalid
from shops.connectors.shoper.simulator.order_rows import PARCEL, line_ids, parcel_ids, parcel_product
from shops.connectors.shoper.simulator.rows import money
from shops.connectors.shoper.simulator.store import Store
from shops.connectors.shoper.simulator.validation import flag, number, whole
from shops.connectors.shoper.simulator.writes import Body, Writes
from shops.simulation.tables import Row

_TEXTS = ("notes", "notes_priv", "notes_pub", "email", "pickup_point")
_REFERENCES = {"payment_id": "payments", "shipping_id": "shippings", "currency_id": "currencies"}


def update_order(writes: Writes, order_id: int, body: Body) -> None:
    """Changes what is given. Another state moves `status_date` and gives goods back or takes them again."""
    state, findings = writes.state, Findings()
    changes: Row = {name: str(body[name] or "") for name in _TEXTS if name in body}
    for name, resource in _REFERENCES.items():
        if name in body:
            changes[name] = _reference(state, findings, name, resource, body[name])
    status = _reference(state, findings, "status_id", "statuses", body["status_id"]) if "status_id" in body else None
    for name in ("paid", "shipping_cost"):
        if name in body and (found := number(findings, name, body[name])) is not None:
            changes[name] = money(found)
    findings.raise_if_any()
    paid = changes.pop("paid", None)
    with state.orders.editing(order_id) as row:
        row.update(changes)
    if "shipping_cost" in changes:
        selling.total(state, order_id)
    if changes:
        hooks.tell(state, "order.edit", order_id)
    if paid is not None:
        selling.pay(state, order_id, paid)
    if status is not None:
        selling.set_status(state, order_id, int(status))


def _reference(state: Store, findings: Findings, name: str, resource: str, value: Any) -> str:
    if whole(value) not in state.tables[resource]:
        findings.text(f"{name} '{value}' does not exist")
    return str(value)


def create_parcel(writes: Writes, body: Body) -> int:
    """Packs what is named in `products`, else everything that is in no parcel yet. Marking it sent moves the order's
    state."""
    state, findings = writes.state, Findings()
    order_id = whole(body.get("order_id"))
    if order_id not in state.orders:
        findings.text(f"Order '{body.get('order_id')}' does not exist")
    if whole(body.get("shipping_id")) not in state.tables["shippings"]:
        findings.required("shipping_id")
    findings.raise_if_any()
    assert order_id is not None
    contents = list(_contents(state, order_id, body.get("products")))
    if not contents:
        raise invalid("All products has been already sent")
    order = state.orders.get(order_id)
    row = {**PARCEL, "order_id": str(order_id), "shipping_id": str(body["shipping_id"]), "products": contents}
    row |= {"shipping_code": str(body.get("shipping_code") or ""), "order_date": order["date"]}
    parcel_id = state.parcels.insert(row)
    if _sent(writes, body):
        send(state, parcel_id)
    else:
        _follow(state, order_id, "create")
    return parcel_id


def _contents(state: Store, order_id: int, given: Any) -> Iterator[Row]:
    """Raises 400 for more than is left."""
    left = _unpacked(state, order_id)
    if not given:
        yield from (parcel_product(state.lines.get(line), amount) for line, amount in left.items() if amount > 0)
        return
    for one in given:
        line, amount = whole(one.get("order_product_id")), Decimal(str(one.get("quantity", 0)))
        if line is None or not 0 < amount <= left.get(line, Decimal(0)):
            raise invalid("All products has been already sent")
        yield parcel_product(state.lines.get(line), amount)


def _unpacked(state: Store, order_id: int) -> dict[int, Decimal]:
    left = {one: Decimal(state.lines.get(one)["quantity"]) for one in line_ids(state, order_id)}
    for parcel in parcel_ids(state, order_id):
        for product in state.parcels.get(parcel)["products"]:
            left[int(product["_line"])] -= Decimal(product["quantity"])
    return left


def update_parcel(writes: Writes, parcel_id: int, body: Body) -> None:
    """Once sent, nothing but the number may change."""
    state = writes.state
    present = state.parcels.get(parcel_id)
    if present["sent"] == "1" and set(body) - {"shipping_code", "sent", "send"}:
        raise Refused(400, "parcel_cannot_modify", "Przesyłka została już wysłana")
    with state.parcels.editing(parcel_id) as row:
        row.update({name: str(body[name] or "") for name in ("shipping_code", "notes") if name in body})
    if present["sent"] != "1" and _sent(writes, body):
        send(state, parcel_id)


def _sent(writes: Writes, body: Body) -> bool:
    """The documentation writes `send`, clients write `sent`; the switch says which of them this shop hears."""
    return flag(body.get(writes.quirks.parcel_sent_key)) == "1"


def send(state: Store, parcel_id: int) -> None:
    with state.parcels.editing(parcel_id) as row:
        row["sent"], row["send_date"] = "1", state.now_text()
    _follow(state, int(row["order_id"]), "send")


def _follow(state: Store, order_id: int, event: str) -> None:
    """The state that the shop is set to give to an order whose parcel was made or sent."""
    following = str(state.config.get(f"shopping_parcel_{event}_status_id") or "")
    if following.isdigit():
        selling.set_status(state, order_id, int(following))

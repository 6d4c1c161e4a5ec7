"""Orders at the API, with their notes and fulfilments, and the parcels of the plugin Shipment Tracking.

Of an order its state, payment, notes, addresses and fields can be changed; lines are not written here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shops.connectors.woocommerce.simulator import lists, order_flow, order_rows, php, queries, schema
from shops.connectors.woocommerce.simulator.errors import error, invalid_id, missing_params
from shops.connectors.woocommerce.simulator.resources import Body, Resource
from shops.connectors.woocommerce.simulator.schema import check, read_body
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.simulation.http import Answer, Request, dumps
from shops.simulation.tables import Row

if TYPE_CHECKING:
    from shops.connectors.woocommerce.simulator.api import Api

TRACKING_PLUGIN = "shipment-tracking"
FULFILLMENTS = "fulfillments"
TRACKING_META = "_wc_shipment_tracking_items"


def order_statuses(state: ShopState) -> list[Row]:
    return [{"slug": slug, "name": name} for slug, name in state.statuses().items()]


class Orders(Resource):
    name = path = "orders"
    methods = ("list", "get", "update", "delete", "batch")

    def __init__(self, api: "Api") -> None:
        super().__init__(api)
        self.schema = {**schema.ORDER, "status": schema.Is("string", tuple(self.state.statuses()))}
        self._places = 2

    def list(self, request: Request) -> Answer:
        found = self.find(request)
        return lists.page(self.state, request, found, self.shown, totals_past_the_end=False)

    def asked(self, request: Request) -> None:
        """How many decimals amounts are shown with."""
        self._places = lists.whole(request, "dp", 2, 0)

    def find(self, request: Request) -> Sequence[int]:
        allowed = ("any", "trash", *self.state.statuses())
        for status in lists.texts(request, "status"):
            lists.chosen(Request("GET", "", {"status": [status]}), "status", allowed, "any")
        return queries.orders(self.state, request)

    def check(self, key: int, status: int) -> None:
        if key not in self.state.orders:
            raise invalid_id("shop_order", status)

    def check_update(self, key: int) -> None:
        self.check(key, 400)

    def row(self, key: int) -> Row:
        return order_rows.order(self.state, key, self._places)

    def create(self, body: Body) -> int:
        raise error("simulator_sells", "Orders of this shop are placed by its buyers.")

    def update(self, key: int, body: Body) -> None:
        """Any call dates the order. `set_paid` does something only where a payment is waited for."""
        self.check(key, 400)
        with self.state.orders.editing(key) as row:
            for name in ("customer_note", "transaction_id", "payment_method", "payment_method_title"):
                if name in body:
                    row[name] = php.text(body[name])
            for name in ("billing", "shipping"):
                if isinstance(body.get(name), Mapping):
                    row[name] = {**row[name], **{part: php.text(value) for part, value in body[name].items()}}
            row["meta_data"] = order_flow.set_meta(self.state, row["meta_data"], body.get("meta_data"))
        if body.get("status"):
            order_flow.enter(self.state, key, php.text(body["status"]))
        order_flow.touch(self.state, key)
        if body.get("set_paid") is True and self.state.orders.get(key)["status"] in order_flow.PAYABLE:
            order_flow.payment_complete(self.state, key, php.text(body.get("transaction_id")))

    def delete(self, key: int, *, force: bool) -> Row:
        self.check(key, 404)
        shown = self.written(key)
        if force:
            self.state.orders.remove(key)
        elif self.state.orders.get(key)["status"] == order_flow.TRASH:
            raise error("woocommerce_rest_already_trashed", "The order has already been deleted.", 410)
        else:
            order_flow.enter(self.state, key, order_flow.TRASH)
        return shown


class OfOrder(Resource):
    """What belongs to one order and is kept with it."""

    kept = ""

    def __init__(self, api: "Api", order_id: int) -> None:
        super().__init__(api)
        self.order_id = order_id
        self.path = f"orders/{order_id}/{self.name.partition('/')[2]}"
        Orders(api).check(order_id, 404)

    @property
    def rows(self) -> list[Row]:
        found: list[Row] = self.state.orders.get(self.order_id)[self.kept]
        return found

    def find(self, request: Request) -> Sequence[int]:
        return [one["id"] for one in self.rows]

    def one(self, key: int) -> Row:
        return next(one for one in self.rows if one["id"] == key)

    def check(self, key: int, status: int) -> None:
        if all(one["id"] != key for one in self.rows):
            raise error("woocommerce_rest_invalid_id", "Invalid resource ID.", status)

    def add(self, row: Row) -> int:
        with self.state.orders.editing(self.order_id) as order:
            order[self.kept] = [*order[self.kept], row]
        return int(row["id"])


class Notes(OfOrder):
    """They do not date the order. A note to the customer is sent by e-mail; the last ones come first."""

    name = "orders/notes"
    kept = "notes"
    schema = {"note": schema.STRING, "customer_note": schema.BOOLEAN}
    required = ("note",)
    methods = ("list", "get", "create")

    def list(self, request: Request) -> Answer:
        kind = lists.chosen(request, "type", ("any", "customer", "internal"), "any")
        found = [one for one in reversed(self.rows) if kind == "any" or one["customer_note"] is (kind == "customer")]
        rows = [dumps(lists.only(self.shown(one["id"]), request)) for one in found]
        return lists.everything(self.state, rows)

    def row(self, key: int) -> Row:
        return order_rows.note(self.state, self.one(key))

    def create(self, body: Body) -> int:
        customer = php.boolean(body.get("customer_note"))
        return self.add(order_flow.note(self.state, php.safe_html(body["note"]), customer=customer))


class Fulfillments(OfOrder):
    """Behind a feature that is off by default (since 10.1). Fields without an `id` are dropped at creation."""

    name = "orders/fulfillments"
    kept = "fulfillments"
    methods = ("list", "get", "create", "update")

    def row(self, key: int) -> Row:
        return {**self.one(key), "entity_type": "WC_Order", "entity_id": str(self.order_id), "date_deleted": None}

    def shown(self, key: int) -> Row:
        return self.row(key)

    def list(self, request: Request) -> Answer:
        return Answer.of([self.row(one["id"]) for one in self.rows])

    def create(self, body: Body) -> int:
        if not isinstance(body.get("meta_data"), list):
            raise missing_params(["meta_data"])
        given = [one for one in body["meta_data"] if isinstance(one, Mapping) and one.get("id") is not None]
        row: Row = {"id": order_flow.next_id(self.state), "status": php.text(body.get("status") or "unfulfilled")}
        row |= {"is_fulfilled": php.boolean(body.get("is_fulfilled")), "date_updated": self.state.now()}
        row["meta_data"] = [order_flow.meta(self.state, str(one["key"]), one.get("value")) for one in given]
        self._whole(row)
        return self.add(row)

    def update(self, key: int, body: Body) -> None:
        """Fields that are not sent again are deleted."""
        self.check(key, 404)
        changed = {**self.one(key), "date_updated": self.state.now()}
        if isinstance(given := body.get("meta_data"), list):
            names = {one.get("key") for one in given}
            kept = [one for one in changed["meta_data"] if one["key"] in names]
            changed["meta_data"] = order_flow.set_meta(self.state, kept, given)
        self._whole(changed)
        with self.state.orders.editing(self.order_id) as order:
            order[self.kept] = [changed if one["id"] == key else one for one in order[self.kept]]

    def _whole(self, row: Row) -> None:
        items = next((one["value"] for one in row["meta_data"] if one["key"] == "_items"), None)
        if not items:
            raise error(0, "The fulfillment should contain at least one item.")  # type: ignore[arg-type]


def shipment_trackings(api: "Api", request: Request, order_id: int) -> Answer:
    """`wc-shipment-tracking/v3/orders/{id}/shipment-trackings`: kept as one field of the order."""
    Orders(api).check(order_id, 404)
    state = api.state
    rows = state.orders.get(order_id)["meta_data"]
    items: list[Row] = next((one["value"] for one in rows if one["key"] == TRACKING_META), [])
    if request.method == "GET":
        return Answer.of([_tracking(one) for one in items])
    body = read_body(request)
    check({"tracking_number": schema.STRING, "tracking_provider": schema.STRING}, body)
    if "tracking_number" not in body:
        raise missing_params(["tracking_number"])
    names = ("tracking_provider", "custom_tracking_provider", "custom_tracking_link", "tracking_number")
    item: Row = {name: php.cleaned(body.get(name)) for name in names}
    item |= {"date_shipped": state.now(), "tracking_id": hashlib.md5(f"{order_id}{len(items)}".encode()).hexdigest()}
    with state.orders.editing(order_id) as order:
        given = [{"key": TRACKING_META, "value": [*items, item]}]
        order["meta_data"] = order_flow.set_meta(state, order["meta_data"], given)
    order_flow.touch(state, order_id)
    return Answer.of(_tracking(item), 201)


def _tracking(item: Mapping[str, Any]) -> Row:
    return {
        "tracking_id": item.get("tracking_id", ""),
        "tracking_provider": item.get("custom_tracking_provider") or item.get("tracking_provider", ""),
        "tracking_link": item.get("custom_tracking_link", ""),
        "tracking_number": item.get("tracking_number", ""),
        "date_shipped": str(item.get("date_shipped", ""))[:10],
    }

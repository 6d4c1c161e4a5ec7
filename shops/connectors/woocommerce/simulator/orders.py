"""Orders, as far as somebody reads them and their stock moves. Money of lines is net, the order's total is gross."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shops.connectors.woocommerce.simulator import lists, queries
from shops.connectors.woocommerce.simulator.dates import shown
from shops.connectors.woocommerce.simulator.errors import invalid_id
from shops.connectors.woocommerce.simulator.product_rows import price_of
from shops.connectors.woocommerce.simulator.product_writes import derived_status
from shops.connectors.woocommerce.simulator.resources import Resource
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.simulation.http import Answer, Request
from shops.simulation.tables import Row

STATUSES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}
REDUCING = ("processing", "on-hold", "completed")
_ADDRESS = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country")
_CENT = Decimal("0.01")


def order_statuses() -> list[Row]:
    return [{"slug": slug, "name": name} for slug, name in STATUSES.items()]


def place(state: ShopState, pieces: Mapping[int, int], status: str) -> int:
    """Adds an order; a reducing status takes the stock, whatever is there, and dates the products."""
    now = state.now()
    lines = [_line(state, number, one, quantity) for number, (one, quantity) in enumerate(pieces.items(), start=1)]
    order_id = state.insert_post(state.orders, {"status": status, "created": now, "modified": now, "lines": lines})
    if status in REDUCING:
        for one, quantity in pieces.items():
            _take(state, one, quantity)
    state.emit("order.created", order_id)
    return order_id


def _take(state: ShopState, product_id: int, quantity: int) -> None:
    row = state.products.get(product_id)
    if row["type"] == "variation" and not row["manage_stock"]:
        product_id = row["parent_id"]
        row = state.products.get(product_id)
    if row["manage_stock"]:
        left = (row["stock_quantity"] or 0) - quantity
        changed = {**row, "stock_quantity": left}
        state.change(product_id, stock_quantity=left, stock_status=derived_status(changed))


def _line(state: ShopState, number: int, product_id: int, quantity: int) -> Row:
    row = state.products.get(product_id)
    tax_class = row["tax_class"] or "standard"
    rates = [one for one in state.taxes if state.taxes.get(one)["class"] == tax_class]
    percent = Decimal(state.taxes.get(rates[0])["rate"]) if rates else Decimal(0)
    unit = Decimal(price_of(state, product_id, row)[0] or 0)
    if state.setting("tax/woocommerce_prices_include_tax") == "yes":
        unit = unit * 100 / (100 + percent)
    net = (unit * quantity).quantize(_CENT, ROUND_HALF_UP)
    tax = (unit * quantity * percent / 100).quantize(_CENT, ROUND_HALF_UP)
    taxes = [{"id": rates[0], "total": str(tax), "subtotal": str(tax)}] if rates else []
    is_variation = row["type"] == "variation"
    line = {
        "id": number,
        "name": row["name"],
        "product_id": row["parent_id"] if is_variation else product_id,
        "variation_id": product_id if is_variation else 0,
        "quantity": quantity,
        "tax_class": row["tax_class"],
        "subtotal": str(net),
        "subtotal_tax": str(tax),
        "total": str(net),
        "total_tax": str(tax),
        "taxes": taxes,
        "meta_data": [],
        "sku": row["sku"],
        "price": float(round(unit, 6)),
        "image": {"id": "", "src": ""},
        "parent_name": row["name"] if is_variation else None,
    }
    return line | ({"global_unique_id": row["global_unique_id"]} if state.features.all_variations else {})


class Orders(Resource):
    name = path = "orders"
    methods = ("list", "get")

    def list(self, request: Request) -> Answer:
        found = self.find(request)
        return lists.page(self.state, request, found, self.shown, totals_past_the_end=False)

    def find(self, request: Request) -> Sequence[int]:
        for status in lists.texts(request, "status"):
            lists.chosen(Request("GET", "", {"status": [status]}), "status", ("any", "trash", *STATUSES), "any")
        return queries.orders(self.state, request)

    def check(self, key: int, status: int) -> None:
        if key not in self.state.orders:
            raise invalid_id("shop_order", status)

    def row(self, key: int) -> Row:
        row, zone = self.state.orders.get(key), self.state.zone
        tax = sum((Decimal(line["total_tax"]) for line in row["lines"]), Decimal(0))
        net = sum((Decimal(line["total"]) for line in row["lines"]), Decimal(0))
        zero: dict[str, Any] = dict.fromkeys(
            ("discount_total", "discount_tax", "shipping_total", "shipping_tax"), "0.00"
        )
        lists_: dict[str, Any] = {name: [] for name in ("meta_data", "tax_lines", "shipping_lines", "fee_lines")}
        empty = dict.fromkeys(_ADDRESS, "")
        return {
            "id": key,
            "parent_id": 0,
            "status": row["status"],
            "version": self.state.features.version,
            "currency": self.state.setting("general/woocommerce_currency"),
            "currency_symbol": "zł",
            "prices_include_tax": self.state.setting("tax/woocommerce_prices_include_tax") == "yes",
            "date_created": shown(row["created"], zone),
            "date_created_gmt": shown(row["created"], UTC),
            "date_modified": shown(row["modified"], zone),
            "date_modified_gmt": shown(row["modified"], UTC),
            "date_completed": None,
            "date_completed_gmt": None,
            "date_paid": None,
            "date_paid_gmt": None,
            **zero,
            "cart_tax": str(tax),
            "total": f"{net + tax:.2f}",
            "total_tax": str(tax),
            "customer_id": 0,
            "order_key": f"wc_order_{key}",
            "number": str(key),
            "customer_note": "",
            "cart_hash": "",
            "billing": {**empty, "email": "", "phone": ""},
            "shipping": {**empty, "phone": ""},
            "payment_method": "bacs",
            "payment_method_title": "Przelew",
            "transaction_id": "",
            "customer_ip_address": "",
            "customer_user_agent": "",
            "created_via": "checkout",
            "line_items": row["lines"],
            **lists_,
            "coupon_lines": [],
            "refunds": [],
            "payment_url": f"{self.state.address}/checkout/order-pay/{key}/",
            "is_editable": False,
            "needs_payment": False,
            "needs_processing": row["status"] == "processing",
        }

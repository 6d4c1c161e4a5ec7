"""How orders are answered: money as text with the asked number of decimals."""

from datetime import UTC
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shops.connectors.woocommerce.simulator.dates import shown
from shops.connectors.woocommerce.simulator.store import Store
from shops.simulation.tables import Row

_MONEY = (
    "subtotal",
    "subtotal_tax",
    "total",
    "total_tax",
    "tax_total",
    "shipping_tax_total",
    "discount",
    "discount_tax",
)
_DATES = {"created": "date_created", "modified": "date_modified", "completed": "date_completed", "paid": "date_paid"}
_KEPT = ("status", "currency", "prices_include_tax", "customer_id", "billing", "shipping", "payment_method")
_KEPT_TOO = ("payment_method_title", "transaction_id", "created_via", "customer_note", "meta_data", "refunds")


def money(value: Any, places: int) -> str:
    return str(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def order(state: Store, order_id: int, places: int = 2) -> Row:
    """An order as `orders` answers it. Single taxes are not rounded."""
    row = state.orders.get(order_id)
    answer: Row = {"id": order_id, "parent_id": 0, **{name: row[name] for name in (*_KEPT, *_KEPT_TOO)}}
    for ours, theirs in _DATES.items():
        answer[theirs], answer[f"{theirs}_gmt"] = shown(row[ours], state.zone), shown(row[ours], UTC)
    lines = [_line(one, places) for one in row["lines"]]
    discount = {
        name: sum((Decimal(one[f"subtotal{end}"]) - Decimal(one[f"total{end}"]) for one in row["lines"]), Decimal(0))
        for name, end in (("discount_total", ""), ("discount_tax", "_tax"))
    }
    whole_tax = Decimal(row["cart_tax"]) + Decimal(row["shipping_tax"])
    sums = {**discount, **{name: row[name] for name in ("shipping_total", "shipping_tax", "cart_tax", "total")}}
    answer |= {name: money(value, places) for name, value in sums.items()} | {"total_tax": money(whole_tax, places)}
    return answer | {
        "version": state.features.version,
        "currency_symbol": "zł" if row["currency"] == "PLN" else row["currency"],
        "order_key": f"wc_order_{order_id}",
        "number": row["number"] or str(order_id),
        "cart_hash": "",
        "customer_ip_address": "",
        "customer_user_agent": "",
        "line_items": lines,
        **{name: [_rounded(one, places) for one in row[name]] for name in ("tax_lines", "shipping_lines")},
        **{name: [_rounded(one, places) for one in row[name]] for name in ("fee_lines", "coupon_lines")},
        "payment_url": f"{state.address}/checkout/order-pay/{order_id}/?pay_for_order=true&key=wc_order_{order_id}",
        "is_editable": row["status"] in ("pending", "on-hold", "auto-draft"),
        "needs_payment": row["status"] in ("pending", "failed"),
        "needs_processing": True,
    }


def _rounded(row: Row, places: int) -> Row:
    return {name: money(value, places) if name in _MONEY else value for name, value in row.items()}


def _line(row: Row, places: int) -> Row:
    each = Decimal(row["total"]) / max(row["quantity"], 1)
    return {**_rounded(row, places), "price": float(round(each, 6))}


def note(state: Store, row: Row) -> Row:
    dates = {"date_created": shown(row["created"], state.zone), "date_created_gmt": shown(row["created"], UTC)}
    return {
        "id": row["id"],
        "author": row["author"],
        **dates,
        "note": row["note"],
        "customer_note": row["customer_note"],
    }

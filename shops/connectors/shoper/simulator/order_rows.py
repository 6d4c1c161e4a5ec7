"""Orders, their lines and parcels as the API shows them. What begins with `_` is the shop's own and not shown."""

from decimal import Decimal
from typing import TYPE_CHECKING

from shops.connectors.shoper.simulator.rows import ZERO_DATE, quantity
from shops.simulation.tables import Row

if TYPE_CHECKING:
    from shops.connectors.shoper.simulator.store import Store

ORDER: Row = {
    "user_id": None, "date": ZERO_DATE, "status_date": ZERO_DATE, "confirm_date": ZERO_DATE, "delivery_date": None,
    "status_id": "1", "sum": "0.00", "payment_id": "1", "user_order": "1", "shipping_id": "1", "shipping_cost": "0.00",
    "email": "", "delivery_code": "", "code": "", "confirm": "1", "notes": "", "notes_priv": "", "notes_pub": "",
    "currency_id": "1", "currency_rate": "1", "paid": "0.00", "ip_address": "203.0.113.5", "discount_client": "0",
    "discount_group": "0", "discount_levels": "0", "discount_code": "0", "code_id": None, "lang_id": "1",
    "origin": "0", "parent_order_id": None, "registered": "0", "delivery_email": None, "promo_code": "",
    "additional_fields": [], "properties": [], "tags": [], "payment_url": "", "children": [], "loyalty_cost": 0,
    "loyalty_score": 0, "vat_eu": False, "shipping_tax_name": "23%", "shipping_tax_value": "23",
    "shipping_tax_id": "1",
}  # fmt: skip
ADDRESS: Row = {
    "address_id": "0", "order_id": "0", "type": "1", "firstname": "", "lastname": "", "company": "", "pesel": "",
    "city": "", "postcode": "", "street1": "", "street2": "", "state": "", "country": "Polska", "phone": "",
    "country_code": "PL", "tax_identification_number": "",
}  # fmt: skip
LINE: Row = {
    "order_id": "0", "product_id": "0", "stock_id": "0", "price": "0.00", "discount_perc": "0.0000", "quantity": "1",
    "delivery_time": "1", "name": "", "code": "", "pkwiu": "", "tax": "23%", "tax_value": "23", "unit": "szt.",
    "option": "", "unit_fp": "0", "weight": "0", "type": "0", "loyalty": None, "delivery_time_hours": "24",
    "is_digital": 0, "text_options": [], "file_options": [], "warehouse_code": "", "ean": "", "images": None,
}  # fmt: skip
PARCEL: Row = {
    "order_id": "0", "shipping_id": "0", "shipping_code": "", "sent": "0", "send_date": None, "order_date": ZERO_DATE,
    "delivery_date": None, "weight": "0", "cod": "0", "cod_cost": "0.00", "insurance": "0", "insurance_cost": "0.00",
    "notes": "", "online": "0", "products": [],
}  # fmt: skip


def render_order(state: "Store", order_id: int, row: Row) -> Row:
    """The row with what the shop works out: whether it is paid, how many pieces and parcels it has. Two addresses of
    one order both say `type` 1, as on a live shop."""
    total, paid = Decimal(row["sum"]), Decimal(row["paid"])
    shown = {name: value for name, value in row.items() if not name.startswith("_")}
    payments = state.tables["payments"]
    payment_id = int(row["payment_id"])
    lines = [state.lines.get(one) for one in line_ids(state, order_id)]
    shown |= {
        "order_url": f"{state.address}/pl/panel/order/{order_id}",
        "is_cash_on_delivery": payment_id in payments and payments.get(payment_id)["name"] == "cod",
        "is_paid": paid >= total,
        "is_overpayment": paid > total,
        "is_underpayment": paid < total,
        "total_parcels": len(parcel_ids(state, order_id)),
        "total_products": float(sum(Decimal(line["quantity"]) for line in lines)),
    }
    whole = shown["total_products"]
    shown["total_products"] = int(whole) if whole == int(whole) else whole
    return shown


def line_ids(state: "Store", order_id: int) -> list[int]:
    return list(state.lines.index("order_id").of(order_id))


def parcel_ids(state: "Store", order_id: int) -> list[int]:
    return list(state.parcels.index("order_id").of(order_id))


def parcel_product(line: Row, amount: Decimal) -> Row:
    return {"product_id": line["product_id"], "quantity": quantity(amount), "name": line["name"], "_line": line["id"]}


def render_parcel(row: Row) -> Row:
    contents = [{name: value for name, value in one.items() if name != "_line"} for one in row["products"]]
    return {**row, "products": contents}

"""What a single POST or PUT is checked against before anything is done. Batches are not checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shops.connectors.woocommerce.simulator.errors import error, invalid_params
from shops.simulation.http import Request

Problem = tuple[str, str, Any]


@dataclass(frozen=True)
class Is:
    """A JSON type of WordPress: string, integer, boolean, array, object, any, date-time; perhaps one of some words."""

    type: str
    among: tuple[str, ...] = ()
    items: "Is | None" = None
    fields: Mapping[str, "Is"] = field(default_factory=dict)


STRING, INTEGER, BOOLEAN, ANY, NUMBER = Is("string"), Is("integer"), Is("boolean"), Is("any"), Is("number")
_IDS = Is("array", items=Is("object", fields={"id": INTEGER}))
_STATUSES = ("draft", "pending", "private", "publish", "future", "auto-draft", "trash")
_IMAGE = Is("object", fields={"id": INTEGER, "src": STRING, "name": STRING, "alt": STRING})
_ATTRIBUTE = {"id": INTEGER, "name": STRING, "position": INTEGER, "visible": BOOLEAN, "variation": BOOLEAN}

_BOTH: dict[str, Is] = {
    **dict.fromkeys(("description", "sku", "global_unique_id", "regular_price", "sale_price", "weight"), STRING),
    **dict.fromkeys(("date_on_sale_from", "date_on_sale_from_gmt", "date_on_sale_to", "date_on_sale_to_gmt"), ANY),
    **dict.fromkeys(("tax_class", "shipping_class"), STRING),
    **dict.fromkeys(("virtual", "downloadable", "manage_stock"), BOOLEAN),
    **dict.fromkeys(("stock_quantity", "low_stock_amount", "menu_order"), INTEGER),
    "status": Is("string", _STATUSES),
    "tax_status": Is("string", ("taxable", "shipping", "none")),
    "stock_status": Is("string", ("instock", "outofstock", "onbackorder")),
    "backorders": Is("string", ("no", "notify", "yes")),
    "dimensions": Is("object", fields={"length": STRING, "width": STRING, "height": STRING}),
    "meta_data": Is("array", items=Is("object", fields={"id": INTEGER, "key": STRING})),
}
PRODUCT: dict[str, Is] = {
    **_BOTH,
    **dict.fromkeys(("name", "slug", "short_description", "purchase_note", "external_url", "button_text"), STRING),
    **dict.fromkeys(("featured", "sold_individually", "reviews_allowed"), BOOLEAN),
    **dict.fromkeys(("categories", "tags", "brands"), _IDS),
    **dict.fromkeys(("upsell_ids", "cross_sell_ids", "grouped_products"), Is("array", items=INTEGER)),
    "type": Is("string", ("simple", "grouped", "external", "variable")),
    "catalog_visibility": Is("string", ("visible", "catalog", "search", "hidden")),
    "parent_id": INTEGER,
    "images": Is("array", items=_IMAGE),
    "attributes": Is("array", items=Is("object", fields={**_ATTRIBUTE, "options": Is("array", items=STRING)})),
    "default_attributes": Is("array", items=Is("object", fields={"id": INTEGER, "name": STRING, "option": STRING})),
}
VARIATION: dict[str, Is] = {
    **_BOTH,
    "image": _IMAGE,
    "attributes": Is("array", items=Is("object", fields={"id": INTEGER, "name": STRING, "option": STRING})),
}
TERM: dict[str, Is] = {
    **dict.fromkeys(("name", "slug", "description"), STRING),
    "parent": INTEGER,
    "menu_order": INTEGER,
    "display": Is("string", ("default", "products", "subcategories", "both")),
    "image": _IMAGE,
}
ATTRIBUTE: dict[str, Is] = {
    **dict.fromkeys(("name", "slug"), STRING),
    "type": Is("string", ("select",)),
    "order_by": Is("string", ("menu_order", "name", "name_num", "id")),
    "has_archives": BOOLEAN,
}
TAX: dict[str, Is] = {
    **dict.fromkeys(("country", "state", "postcode", "city", "rate", "name", "class"), STRING),
    **dict.fromkeys(("priority", "order"), INTEGER),
    **dict.fromkeys(("compound", "shipping"), BOOLEAN),
}
_ADDRESS = Is("object", fields=dict.fromkeys(("first_name", "last_name", "company", "address_1", "city"), STRING))
ORDER: dict[str, Is] = {
    **dict.fromkeys(("customer_note", "transaction_id", "payment_method", "payment_method_title"), STRING),
    "set_paid": BOOLEAN,
    "billing": _ADDRESS,
    "shipping": _ADDRESS,
    "meta_data": Is("array", items=Is("object", fields={"id": INTEGER, "key": STRING})),
}
WEBHOOK: dict[str, Is] = {
    **dict.fromkeys(("name", "topic", "secret", "delivery_url"), STRING),
    "status": Is("string", ("active", "paused", "disabled")),
}


def check(schema: Mapping[str, Is], body: Mapping[str, Any]) -> None:
    """Raises 400 `rest_invalid_param` that names every wrong field. null passes at the top, unknown fields always."""
    problems = {
        name: problem
        for name, value in body.items()
        if name in schema and value is not None and (problem := _problem(name, value, schema[name]))
    }
    if problems:
        raise invalid_params(problems)


def _problem(path: str, value: Any, wanted: Is) -> Problem | None:
    if not _fits(value, wanted.type):
        return "rest_invalid_type", f"{path} is not of type {wanted.type}.", {"param": path}
    if wanted.among and value not in wanted.among:
        return "rest_not_in_enum", f"{path} is not one of {', '.join(wanted.among[:-1])}, and {wanted.among[-1]}.", None
    inner = []
    if wanted.items and isinstance(value, list):
        inner = [_problem(f"{path}[{place}]", one, wanted.items) for place, one in enumerate(value)]
    if isinstance(value, dict):
        inner = [_problem(f"{path}[{name}]", value[name], one) for name, one in wanted.fields.items() if name in value]
    return next((one for one in inner if one), None)


def _fits(value: Any, kind: str) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return value in (True, False, "true", "false", "1", "0", "")
    if kind in ("integer", "number"):
        return not isinstance(value, bool) and _is_number(value, whole=kind == "integer")
    if kind == "array":
        return isinstance(value, list)
    return kind != "object" or isinstance(value, dict) or value in ([], "")


def _is_number(value: Any, *, whole: bool) -> bool:
    if not isinstance(value, int | float | str):
        return False
    try:
        found = float(value)
    except ValueError:
        return False
    return not whole or found.is_integer()


def read_body(request: Request) -> dict[str, Any]:
    """The JSON object of a request, {} without one. Raises 400 for text that is no JSON."""
    if not request.body:
        return {}
    try:
        found = json.loads(request.body)
    except ValueError:
        details: dict[str, Any] = {"json_error_code": 4, "json_error_message": "Syntax error"}
        raise error("rest_invalid_json", "Invalid JSON body passed.", **details) from None
    return found if isinstance(found, dict) else {}

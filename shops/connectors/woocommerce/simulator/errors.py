"""Refusals in WordPress's shape: a code, a message, data with the status."""

from collections.abc import Mapping
from typing import Any

from shops.simulation.http import Refused


def error(code: str, message: str, status: int = 400, **data: Any) -> Refused:
    return Refused(status, {"code": code, "message": message, "data": {"status": status, **data}})


def no_route() -> Refused:
    return error("rest_no_route", "No route was found matching the URL and request method.", 404)


def invalid_params(problems: Mapping[str, tuple[str, str, Any]]) -> Refused:
    """`problems`: parameter -> (code of the detail, message, data of the detail)."""
    return error(
        "rest_invalid_param",
        f"Invalid parameter(s): {', '.join(problems)}",
        params={name: message for name, (_, message, _) in problems.items()},
        details={
            name: {"code": code, "message": message, "data": data} for name, (code, message, data) in problems.items()
        },
    )


def missing_params(names: list[str]) -> Refused:
    return error("rest_missing_callback_param", f"Missing parameter(s): {', '.join(names)}", params=names)


def invalid_id(what: str, status: int) -> Refused:
    """`what`: product, product_variation, shop_order, shop_webhook."""
    return error(f"woocommerce_rest_{what}_invalid_id", "Invalid ID.", status)


def no_trash() -> Refused:
    return error("woocommerce_rest_trash_not_supported", "Resource does not support trashing.", 501)

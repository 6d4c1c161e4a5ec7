"""What became of an order in the shop after it went into WAPRO: edited, cancelled, or nothing that matters. Pure.

Nothing here edits an order in WAPRO: a difference is shown and waits for a person; only a cancellation that no goods
have followed yet is carried out.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from integrator.canonical.orders import Order
from integrator.canonical.records import plain_number

Content = Mapping[str, Any]
"""What of an order an import depends on, as plain JSON."""


class AfterCancel(StrEnum):
    """What follows when the shop cancels an order that is in WAPRO."""

    CANCEL = "cancel"
    TASK = "task"
    """Goods or documents followed: a person decides."""
    NOTHING = "nothing"
    """It is cancelled there too, or gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    field: str
    """`total`, `delivery`, `line:<key>` ..."""
    before: str
    now: str


def content(order: Order) -> dict[str, Any]:
    """Lines, charges, total, addresses, payment and delivery, and what was given back. Not the state nor what was paid:
    these move by design."""
    billing, delivery = order.buyer.billing, order.buyer.delivery or order.buyer.billing
    pickup = order.delivery.pickup
    return {
        "total": plain_number(order.total),
        "currency": order.currency,
        "payment": order.payment.type,
        "delivery": order.delivery.method,
        "pickup": pickup.code if pickup else "",
        "billing": _address(billing),
        "address": _address(delivery),
        "lines": {line.key: f"{line.code or line.name} × {plain_number(line.quantity)}" for line in order.lines},
        "charges": sorted(f"{one.kind}: {plain_number(_first(one.gross, one.net))}" for one in order.charges),
        **({"refunded": plain_number(order.refunded)} if order.refunded else {}),
    }


def _address(address: Any) -> str:
    names = ("company", "first_name", "last_name", "street", "postcode", "city", "country", "tax_number")
    return ", ".join(value for name in names if (value := getattr(address, name)))


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def digest(found: Content) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def differences(before: Content, now: Content) -> list[Difference]:
    """Where an order is no longer what was imported, field by field and line by line."""
    found = []
    for name in before.keys() | now.keys():
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += [
                Difference(field=f"line:{key}", before=str(old.get(key, "")), now=str(new.get(key, "")))
                for key in old.keys() | new.keys()
                if old.get(key) != new.get(key)
            ]
        else:
            found.append(Difference(field=name, before=_shown(old), now=_shown(new)))
    return sorted(found, key=lambda one: one.field)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def after_cancel(called_off: bool, *, gone: bool, cancelled: bool, realised: str, documents: int) -> AfterCancel | None:
    """None: it is not to be cancelled. `realised`: `no`, `partly` or `fully`."""
    if not called_off:
        return None
    if gone or cancelled:
        return AfterCancel.NOTHING
    if realised != "no" or documents:
        return AfterCancel.TASK
    return AfterCancel.CANCEL

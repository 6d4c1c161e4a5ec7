"""What of an order is about a person, and what is left when that is taken away. Pure.

Left are goods, amounts, rates, states and times, which say nothing of anybody, and the country, which taxes depend on.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from integrator.canonical.orders import Address, Buyer, Order

_KEPT_OF_EVENTS = frozenset(
    {"total", "payment", "before", "now", "fields", "choice", "how", "number", "kind", "ksef", "state", "documents",
     "gross", "found"}
)  # fmt: skip
"""Parameters of events that never name a buyer; reasons may quote what he typed, exchanges hold all of it."""
_DIGITS = re.compile(r"\D")
_LETTERS = re.compile(r"[^0-9A-Z]")
_PHONE_DIGITS = 9
"""Of a Polish number, without the prefix that one shop keeps and another does not."""


def without_buyer(order: Order) -> Order:
    """The order with nothing in it about whom it was for."""
    return replace(
        order,
        buyer=Buyer(billing=Address(country=order.buyer.billing.country), wants_invoice=order.buyer.wants_invoice),
        note="",
        lines=tuple(replace(line, note="") for line in order.lines),
        payment=replace(order.payment, reference=""),
        delivery=replace(order.delivery, pickup=None),
        parcels=(),
    )


def event_without_buyer(data: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of an event that may stay. Of reasons only policy's own one does: it is about payment and state."""
    kept = {name: value for name, value in data.items() if name in _KEPT_OF_EVENTS}
    if "reasons" in data:
        kept["reasons"] = []
    if "reason" in data:
        kept["reason"] = data["reason"] if "choice" in data else ""
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whom a person asks about: any of these that is given must be theirs."""

    email: str = ""
    phone: str = ""
    tax_number: str = ""

    @property
    def nobody(self) -> bool:
        return not (self.email.strip() or _phone(self.phone) or _tax_number(self.tax_number))

    def is_of(self, order: Order) -> bool:
        """Whether one of the given marks is the buyer's, however it was typed."""
        buyer = order.buyer
        addresses = [buyer.billing, *([buyer.delivery] if buyer.delivery else [])]
        email, phone, number = self.email.strip().casefold(), _phone(self.phone), _tax_number(self.tax_number)
        return (
            (bool(email) and buyer.email.strip().casefold() == email)
            or (bool(phone) and phone in {_phone(text) for text in (buyer.phone, *(one.phone for one in addresses))})
            or (bool(number) and number in {_tax_number(one.tax_number) for one in addresses})
        )


def _phone(text: str) -> str:
    digits = _DIGITS.sub("", text)
    return digits[-_PHONE_DIGITS:] if len(digits) >= _PHONE_DIGITS else ""


def _tax_number(text: str) -> str:
    plain = _LETTERS.sub("", text.upper())
    return plain.removeprefix("PL") if plain.removeprefix("PL").isdigit() else plain

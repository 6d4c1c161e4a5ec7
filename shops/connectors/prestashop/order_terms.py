"""What PrestaShop's own states and payment modules mean. Pure: by flags, settings and well-known names, never a guess.

The settings PS_OS_* hold the ids of the states that PrestaShop itself works with. A state that a person or a module
made has flags, and the template of the mail it sends, which is usually one of PrestaShop's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrator.canonical import coerce
from integrator.canonical.orders import PaymentKind, Stage
from shops.connectors.prestashop import mapping

Row = Mapping[str, Any]
OWN_STATES = {
    "PS_OS_CANCELED": Stage.CANCELLED,
    "PS_OS_REFUND": Stage.RETURNED,
    "PS_OS_DELIVERED": Stage.DONE,
    "PS_OS_SHIPPING": Stage.SENT,
    "PS_OS_PREPARATION": Stage.OPEN,
    "PS_OS_PAYMENT": Stage.NEW,
    "PS_OS_WS_PAYMENT": Stage.NEW,
    "PS_OS_OUTOFSTOCK_PAID": Stage.NEW,
    "PS_OS_COD_VALIDATION": Stage.NEW,
    "PS_OS_CHEQUE": Stage.AWAITING_PAYMENT,
    "PS_OS_BANKWIRE": Stage.AWAITING_PAYMENT,
    "PS_OS_OUTOFSTOCK_UNPAID": Stage.AWAITING_PAYMENT,
    "PS_OS_ERROR": Stage.AWAITING_PAYMENT,
}
"""A payment that failed is still awaited: such an order can be paid later, and then its stock goes again."""
PAID_STATE = "PS_OS_PAYMENT"
_TEMPLATES = {
    "order_canceled": Stage.CANCELLED,
    "refund": Stage.RETURNED,
    "shipped": Stage.SENT,
    "preparation": Stage.OPEN,
    "cheque": Stage.AWAITING_PAYMENT,
    "bankwire": Stage.AWAITING_PAYMENT,
    "payment_error": Stage.AWAITING_PAYMENT,
    "cashondelivery": Stage.NEW,
}
_MODULES = {
    PaymentKind.COD: ("ps_cashondelivery", "cashondelivery", "cashondeliveryfee", "cashondeliverywithfee", "codfee",
                      "codwfeeplus", "cashondeliveryplus"),
    PaymentKind.TRANSFER: ("ps_wirepayment", "bankwire"),
    PaymentKind.ONLINE: ("przelewy24", "payu", "openpayu", "tpay", "paynow", "imoje", "dotpay", "autopay",
                         "bluepayment", "hotpay", "cashbill", "paypal", "ps_checkout", "stripe_official", "stripe",
                         "mollie", "klarnapayments", "klarnapaymentsofficial", "adyenofficial", "paypo", "blik",
                         "revolutpayment", "comfino"),
}  # fmt: skip
_KINDS = {module: kind for kind, modules in _MODULES.items() for module in modules}
SEVERAL_WAYS = frozenset({"universalpay", "custompaymentmethod"})
"""Modules that hold several ways to pay which a shop owner made: these are told apart by their name as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    name: str
    stage: Stage
    paid: bool
    """Entering it marks an order as paid."""
    deleted: bool = False


def state(raw: Row, own: Mapping[str, str], language: str) -> State:
    """`own`: id of a state -> the setting that holds it."""
    return State(
        name=first_text(raw, "name", language) or f"#{coerce.key(raw, 'id')}",
        stage=stage_of(raw, own.get(coerce.key(raw, "id"), "")),
        paid=coerce.flag(raw, "paid"),
        deleted=coerce.flag(raw, "deleted"),
    )


def stage_of(raw: Row, setting: str) -> Stage:
    """By what PrestaShop uses the state for, its mail, or its flags; UNKNOWN where nothing tells.

    A state that only says "paid" is NEW: nothing was done yet. Cancelled orders and those whose payment a module awaits
    have no flags at all, so a state without any is unknown.
    """
    if setting in OWN_STATES:
        return OWN_STATES[setting]
    template = next((one for one in mapping.texts(raw, "template", "").values() if one in _TEMPLATES), "")
    if template in ("order_canceled", "refund"):
        return _TEMPLATES[template]
    if coerce.flag(raw, "shipped"):
        return Stage.SENT
    if coerce.flag(raw, "delivery"):
        return Stage.OPEN
    if template:
        return _TEMPLATES[template]
    return Stage.NEW if coerce.flag(raw, "paid") else Stage.UNKNOWN


def payment_key(module: str, name: str) -> str:
    """Modules have names that never change; what buyers are shown depends on their language."""
    return f"{module}:{name}" if module in SEVERAL_WAYS and name else module


def payment_kind(module: str) -> PaymentKind:
    return _KINDS.get(module.lower(), PaymentKind.UNKNOWN)


def first_text(raw: Row, name: str, language: str) -> str:
    """The text in this language, else in any."""
    found = mapping.texts(raw, name, language)
    return mapping.clean(found.get(language) or next((one for one in found.values() if one), ""))

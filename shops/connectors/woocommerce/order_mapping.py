"""WooCommerce's orders as canonical ones. Pure. `order` raises MappingError for a row that cannot be read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from integrator.canonical import coerce
from integrator.canonical.errors import MappingError
from integrator.canonical.orders import (
    Address,
    Buyer,
    Charge,
    ChargeKind,
    Delivery,
    Order,
    OrderLine,
    Parcel,
    Payment,
    PaymentKind,
    PickupPoint,
    Stage,
)
from integrator.canonical.problems import Code
from integrator.canonical.rounding import to_places
from integrator.canonical.text import clean, fold, fold_html
from shops.connectors.woocommerce import order_amounts
from shops.connectors.woocommerce.order_amounts import Row, Sum, rows

UTC = ZoneInfo("UTC")
NONE = "none"
"""Key of the payment or delivery of an order that has none: nothing was to be paid, or nothing to be sent."""
CARTS = ("checkout-draft", "auto-draft")
"""What a buyer, or a person in the panel, began and never ordered."""
TRACKING = "_wc_shipment_tracking_items"
"""Field of the order that the plugins Shipment Tracking and Advanced Shipment Tracking keep parcels in."""
STAGES = {
    "pending": Stage.AWAITING_PAYMENT,
    "on-hold": Stage.AWAITING_PAYMENT,
    "failed": Stage.AWAITING_PAYMENT,
    "processing": Stage.OPEN,
    "completed": Stage.DONE,
    "cancelled": Stage.CANCELLED,
    "refunded": Stage.RETURNED,
}
"""After a failed payment the buyer may pay again: the shop shows the button. Other states are made by plugins."""
_ONLINE = (
    "przelewy24", "p24", "payu", "tpay", "imoje", "bluemedia", "autopay", "pay_by_paynow_pl", "paynow", "dotpay",
    "hotpay", "cashbill", "blik", "paypo", "stripe", "woocommerce_payments", "ppcp", "ppec_paypal", "paypal", "mollie",
    "klarna", "kco", "adyen", "revolut",
)  # fmt: skip
"""Names of gateways of well-known plugins begin so."""
_DEFERRED = ("invoice", "igfw_invoice_gateway")
_TRIED = {"_wcpay_mode": "test", "_ppcp_paypal_payment_mode": "sandbox"}
"""Fields in which WooPayments and PayPal say that no money moved."""
_YES = ("1", "yes", "tak", "true", "on", "y", "t")
_NO = ("0", "no", "nie", "false", "off", "n", "", "paragon", "receipt")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOptions:
    """The settings of a connection that decide where an order keeps what WooCommerce itself has no place for. Names of
    fields may hold `*`; the first that is filled in counts."""

    tax_number: tuple[str, ...] = (
        "_billing_nip", "billing_nip", "nip", "_billing_vat", "_billing_vat_number", "vat_number", "_vat_number",
        "_wc_billing/*nip*", "_wc_other/*nip*",
    )  # fmt: skip
    invoice: tuple[str, ...] = ("_billing_faktura", "billing_faktura", "_wc_other/*faktur*")
    pickup: tuple[str, ...] = ("_parcel_machine_id",)
    pickup_name: tuple[str, ...] = ("_parcel_machine_desc",)
    tracking: str = "meta"
    """`meta`, `plugin` or `fulfillments`."""
    documents: str = "erp_documents"
    """Field of the order; empty: a note."""


def stage_of(status: str) -> Stage:
    return STAGES.get(status, Stage.UNKNOWN)


def payment_kind(gateway: str) -> PaymentKind:
    """By the gateway's own name alone: the title is whatever the shop's owner wrote."""
    name = gateway.lower()
    if name == "bacs":
        return PaymentKind.TRANSFER
    if name == "cod" or name.startswith("cod_"):
        return PaymentKind.COD
    if name in _DEFERRED:
        return PaymentKind.DEFERRED
    return PaymentKind.ONLINE if name.startswith(_ONLINE) else PaymentKind.UNKNOWN


def plain(raw: Row, name: str) -> str:
    return clean(unescape(coerce.text(raw, name, "")))


def fields(raw: Row) -> dict[str, Any]:
    """The free fields of an order or line by name; of several of one name the last."""
    return {one["key"]: one.get("value") for one in rows(raw, "meta_data") if isinstance(one.get("key"), str)}


def is_cart(raw: Row) -> bool:
    return raw.get("status") in CARTS


def moment(raw: Row, name: str) -> datetime:
    found = coerce.moment(raw, name, UTC)
    if found is None:
        raise MappingError(name, raw.get(name), code=Code.FIELD_MISSING)
    return found


def order(raw: Row, options: OrderOptions, home: str) -> Order:
    """`home`: the shop's country, two letters."""
    kept = fields(raw)
    buyer = _buyer(raw, kept, options)
    to = buyer.delivery or buyer.billing
    status = coerce.text(raw, "status")
    lines, charges = _money(raw, home, to.country or buyer.billing.country)
    return Order(
        key=coerce.key(raw, "id"),
        number=plain(raw, "number") or coerce.key(raw, "id"),
        placed_at=moment(raw, "date_created_gmt"),
        changed_at=moment(raw, "date_modified_gmt"),
        state=status,
        stage=stage_of(status),
        currency=coerce.text(raw, "currency"),
        basis="gross" if coerce.flag(raw, "prices_include_tax") else "net",
        lines=lines,
        charges=charges,
        total=to_places(coerce.decimal(raw, "total"), 2),
        tax_total=to_places(coerce.decimal(raw, "total_tax"), 2),
        refunded=_refunded(raw),
        buyer=buyer,
        payment=_payment(raw),
        delivery=_delivery(raw, kept, options),
        note=plain(raw, "customer_note"),
        is_test=any(kept.get(name) == value for name, value in _TRIED.items()),
        parcels=parcels(kept),
    )


# money


def _money(raw: Row, home: str, destination: str) -> tuple[tuple[OrderLine, ...], tuple[Charge, ...]]:
    known = order_amounts.rates(raw, home, destination)
    items = rows(raw, "line_items")
    sums = [order_amounts.line_sum(one, known) for one in items]
    others = list(_charges(raw, known))
    every = [*sums, *(part for _, _, part in others)]
    gross = order_amounts.settled_by_rate(every, to_places(coerce.decimal(raw, "total"), 2))
    lines = tuple(_line(row, part, paid) for row, part, paid in zip(items, sums, gross, strict=False))
    charges = tuple(
        order_amounts.charge(kind, name, part, paid)
        for (kind, name, part), paid in zip(others, gross[len(items) :], strict=True)
    )
    return lines, charges


def _refunded(raw: Row) -> Decimal:
    """Refunds have negative totals; of which lines they are an order does not tell."""
    return to_places(abs(sum((coerce.decimal(one, "total") for one in rows(raw, "refunds")), Decimal(0))), 2)


def _charges(raw: Row, known: order_amounts.Rates) -> Iterator[tuple[ChargeKind, str, Sum]]:
    for row in rows(raw, "shipping_lines"):
        for part in order_amounts.charge_sums(row, known):
            yield ChargeKind.SHIPPING, plain(row, "method_title"), part
    for row in rows(raw, "fee_lines"):
        for part in order_amounts.charge_sums(row, known):
            yield order_amounts.fee_kind(plain(row, "name"), part.net), plain(row, "name"), part


def _line(row: Row, part: Sum, gross: Decimal) -> OrderLine:
    product, variation = coerce.optional_key(row, "product_id"), coerce.optional_key(row, "variation_id")
    return OrderLine(
        key=coerce.key(row, "id"),
        product=f"{product}:{variation}" if product and variation else product or "",
        code=plain(row, "sku"),
        ean=plain(row, "global_unique_id"),
        name=plain(row, "name"),
        quantity=coerce.decimal(row, "quantity"),
        net=to_places(part.net, 2),
        gross=gross,
        tax=part.tax,
        percent=part.percent,
        note="\n".join(_said(row)),
    )


def _said(row: Row) -> Iterator[str]:
    """What the buyer chose or typed with the line: fields whose names do not begin with an underscore are shown."""
    for one in rows(row, "meta_data"):
        name = one.get("display_key") or one.get("key")
        value = one.get("display_value", one.get("value"))
        if isinstance(name, str) and isinstance(value, str) and not str(one.get("key")).startswith("_"):
            yield f"{clean(unescape(name))}: {fold_html(value)}"


# buyer


def _buyer(raw: Row, kept: Mapping[str, Any], options: OrderOptions) -> Buyer:
    billing = coerce.mapping(raw, "billing")
    to = _address(coerce.mapping(raw, "shipping"))
    invoiced = _address(billing, tax_number=first(kept, options.tax_number))
    same = _where(to) in ((), _where(invoiced))
    return Buyer(
        email=plain(billing, "email"),
        phone=invoiced.phone,
        billing=invoiced,
        delivery=None if same else to,
        wants_invoice=_wish(kept, options.invoice),
        account=coerce.optional_key(raw, "customer_id") or "",
    )


def _address(raw: Row, tax_number: str = "") -> Address:
    return Address(
        first_name=plain(raw, "first_name"),
        last_name=plain(raw, "last_name"),
        company=plain(raw, "company"),
        tax_number=tax_number,
        street=" ".join(part for part in (plain(raw, "address_1"), plain(raw, "address_2")) if part),
        postcode=plain(raw, "postcode"),
        city=plain(raw, "city"),
        country=plain(raw, "country").upper(),
        phone=plain(raw, "phone"),
    )


def _where(one: Address) -> tuple[str, ...]:
    """Who and where, without the phone; nothing for an address that only holds a country."""
    found = (one.first_name, one.last_name, one.company, one.street, one.postcode, one.city)
    return (*found, one.country) if any(found) else ()


def first(kept: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of these fields that is filled in, as text."""
    for found in _matching(kept, names):
        value = kept[found]
        if isinstance(value, str | int) and not isinstance(value, bool) and clean(str(value)):
            return clean(unescape(str(value)))
    return ""


def _matching(kept: Mapping[str, Any], names: Sequence[str]) -> Iterator[str]:
    for wanted in names:
        if wanted in kept:
            yield wanted
        elif "*" in wanted:
            yield from (one for one in kept if fnmatchcase(one.lower(), wanted.lower()))


def _wish(kept: Mapping[str, Any], names: Sequence[str]) -> bool | None:
    """Whether an invoice is wanted; None where no such field is there, or it says something else."""
    for found in _matching(kept, names):
        value = kept[found]
        if isinstance(value, bool):
            return value
        said = fold(str(value if value is not None else ""))
        if said in _YES or "faktur" in said or "invoice" in said:
            return True
        if said in _NO:
            return False
    return None


# payment and delivery


def _payment(raw: Row) -> Payment:
    """WooCommerce tells when an order was paid, not how much came."""
    gateway = plain(raw, "payment_method")
    return Payment(
        type=gateway or NONE,
        name=plain(raw, "payment_method_title"),
        kind=payment_kind(gateway),
        paid=coerce.moment(raw, "date_paid_gmt", UTC) is not None,
        reference=plain(raw, "transaction_id"),
    )


def method_key(method: str, instance: str) -> str:
    """As WooCommerce names a method of a zone: `flat_rate:3`. Orders made by other programs have no instance."""
    return f"{method}:{instance}" if instance not in ("", "0") else method


def _delivery(raw: Row, kept: Mapping[str, Any], options: OrderOptions) -> Delivery:
    """The first of several parcels' methods counts. Plugins keep the pick-up point with the order or with the
    method."""
    lines = rows(raw, "shipping_lines")
    if not lines:
        return Delivery(method=NONE)
    told = {**{name: value for one in reversed(lines) for name, value in fields(one).items()}, **kept}
    code = first(told, options.pickup)
    return Delivery(
        method=method_key(plain(lines[0], "method_id"), plain(lines[0], "instance_id")) or NONE,
        name=plain(lines[0], "method_title"),
        pickup=PickupPoint(code=code, name=first(told, options.pickup_name)) if code else None,
    )


def parcel_rows(kept: Mapping[str, Any]) -> list[Row]:
    """The parcels as the order's field holds them. Raises MappingError for something else there."""
    return rows(kept, TRACKING)


def parcels(kept: Mapping[str, Any]) -> tuple[Parcel, ...]:
    return tuple(
        Parcel(
            number=plain(one, "tracking_number"),
            carrier=plain(one, "custom_tracking_provider") or plain(one, "tracking_provider"),
            url=plain(one, "custom_tracking_link"),
        )
        for one in parcel_rows(kept)
        if plain(one, "tracking_number")
    )

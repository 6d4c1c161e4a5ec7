"""Shoper's orders as canonical ones. Pure. Raises MappingError for an order that cannot be read.

Amounts are gross, in the order's currency. `sum` is what the buyer pays: the lines and the delivery, which holds the
fee for cash on delivery too. Whether `price` of a line has its discount in it is documented nowhere: the sum decides.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
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
    DeliveryEntry,
    Moved,
    Order,
    OrderLine,
    Parcel,
    Payment,
    PaymentEntry,
    PaymentKind,
    PickupPoint,
    Stage,
)
from integrator.canonical.records import Key
from integrator.canonical.rounding import to_places
from integrator.canonical.text import clean, fold
from shops.connectors.shoper.rest import Row

_ENGINES = {
    PaymentKind.COD: ("cod", "cash"),
    PaymentKind.TRANSFER: ("transfer", "banktransfer", "wire"),
    PaymentKind.ONLINE: (
        *("onlinePayment", "platnosci.pl", "payu", "dotpay.shoper", "dotpay", "przelewy24.pl", "przelewy24"),
        *("paypal", "mraty", "zagiel", "tpay", "blik", "paypo", "autopay", "stripe", "imoje", "paynow"),
    ),
}
"""Names of payment engines. Instalments are paid to the shop at once, by the bank; cash when goods are fetched."""
_KINDS = {engine.lower(): kind for kind, engines in _ENGINES.items() for engine in engines}
_NEW, _OPEN, _CLOSED, _NOT_COMPLETED = "1", "2", "3", "4"
"""Types of states."""
_BETWEEN_NUMBERS = re.compile(r"[,;|\n]")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What reading an order takes besides its own rows."""

    zone: ZoneInfo
    currency: Callable[[str], str] = field(default=lambda currency_id: "PLN")
    """Empty for one that is not known."""
    stage: Callable[[Key], Stage]
    payment: Callable[[Key], PaymentEntry]
    delivery: Callable[[Key], DeliveryEntry]
    variants: Mapping[str, bool] = field(default_factory=dict)
    """Stock rows by id: whether they are variants. What is missing is in the shop no more."""
    confirmation: bool = False
    """Whether the buyer must confirm an order before it counts."""
    invoice_field: str = ""
    """Id of the additional field by which buyers ask for an invoice."""


def payment_kind(engine: str) -> PaymentKind:
    return _KINDS.get(engine.strip().lower(), PaymentKind.UNKNOWN)


def stage(key: Key, states: Mapping[Key, tuple[str, str]], config: Mapping[str, Any]) -> Stage:
    """By type and by which state the shop gives to sent parcels. Three states that every new shop has say more than
    their type does; merchants may have renamed them, then the type alone counts."""
    name, kind = states.get(key, ("", ""))
    plain = fold(name)
    if kind == _NEW:
        return Stage.NEW
    if kind == _OPEN:
        return Stage.AWAITING_PAYMENT if plain.startswith("oczekiwanie na plat") else Stage.OPEN
    if kind == _CLOSED:
        sent = config.get("sent_state", "")
        known = states.get(sent, ("", ""))[1] == _CLOSED
        return Stage.SENT if key == sent or not known else Stage.DONE
    if kind == _NOT_COMPLETED:
        return Stage.RETURNED if plain.startswith("zwroc") else Stage.CANCELLED
    return Stage.UNKNOWN


def is_option_line(row: Row) -> bool:
    """Whether the line names options: then it may be of a variant, which its stock row tells."""
    return bool(coerce.text(row, "option", "")) and coerce.optional_key(row, "stock_id") is not None


def order(raw: Row, lines: Sequence[Row], parcels: Iterable[Row], view: View) -> Order:
    key = coerce.key(raw, "order_id")
    placed = coerce.moment(raw, "date", view.zone)
    if placed is None:
        raise MappingError("date", raw.get("date"))
    currency = view.currency(coerce.text(raw, "currency_id", ""))
    if not currency:
        raise MappingError("currency_id", raw.get("currency_id"))
    total = coerce.decimal(raw, "sum")
    delivery = _delivery(raw, view)
    shipping = _shipping(raw, delivery.name)
    goods = _lines(lines, total - sum((one.gross or 0 for one in shipping), Decimal(0)), view)
    return Order(
        key=key,
        number=key,
        placed_at=placed,
        changed_at=coerce.moment(raw, "status_date", view.zone),
        state=coerce.key(raw, "status_id"),
        stage=_stage(raw, view),
        currency=currency,
        basis="gross",
        lines=goods,
        charges=(*shipping, *_discounts(raw, goods, shipping, total)),
        total=total,
        buyer=_buyer(raw, view),
        payment=_payment(raw, total, view),
        delivery=delivery,
        note=coerce.text(raw, "notes", ""),
        parcels=tuple(_parcels(parcels)),
        merged=tuple(_merged(raw)),
    )


def _stage(raw: Row, view: View) -> Stage:
    """An order that the buyer has not confirmed where the shop asks for that may never become one: it waits to be
    looked at."""
    if view.confirmation and not coerce.flag(raw, "confirm", default=True):
        return Stage.UNKNOWN
    return view.stage(coerce.key(raw, "status_id"))


# amounts


def _shipping(raw: Row, name: str) -> tuple[Charge, ...]:
    cost = coerce.decimal(raw, "shipping_cost", Decimal(0))
    if not cost:
        return ()
    percent = _percent(raw, "shipping_tax_value")
    tax = coerce.text(raw, "shipping_tax_name", "")
    return (Charge(kind=ChargeKind.SHIPPING, name=name, gross=cost, tax=tax, percent=percent),)


def _percent(raw: Row, name: str) -> Decimal | None:
    return None if raw.get(name) in (None, "") else coerce.decimal(raw, name)


def _lines(rows: Sequence[Row], goods: Decimal, view: View) -> tuple[OrderLine, ...]:
    amounts = line_amounts(rows, goods)
    return tuple(_line(row, amount, view) for row, amount in zip(rows, amounts, strict=True))


def line_amounts(rows: Sequence[Row], goods: Decimal) -> list[Decimal]:
    """Gross amounts of whole lines after their discounts: of three readings of the row the one that gives `goods`.

    Where none does, the discounted line rounded to the grosz; the difference then shows, and holds the order.
    """
    found = []
    for reading in (_line_rounded, _discount_within, _piece_rounded):
        amounts = [to_places(reading(*_figures(row)), 2) for row in rows]
        if sum(amounts) == goods:
            return amounts
        found.append(amounts)
    return found[0]


def _figures(row: Row) -> tuple[Decimal, Decimal, Decimal]:
    """Price of a piece, quantity, and what share of the price is left by the discount."""
    percent = coerce.decimal(row, "discount_perc", Decimal(0))
    return coerce.decimal(row, "price"), coerce.decimal(row, "quantity"), (_HUNDRED - percent) / _HUNDRED


def _line_rounded(price: Decimal, quantity: Decimal, share: Decimal) -> Decimal:
    return price * quantity * share


def _piece_rounded(price: Decimal, quantity: Decimal, share: Decimal) -> Decimal:
    return to_places(price * share, 2) * quantity


def _discount_within(price: Decimal, quantity: Decimal, share: Decimal) -> Decimal:
    return price * quantity


def _line(row: Row, gross: Decimal, view: View) -> OrderLine:
    return OrderLine(
        key=coerce.key(row, "id"),
        product=_product(row, view),
        code=coerce.text(row, "code", ""),
        ean=coerce.text(row, "ean", ""),
        name=coerce.text(row, "name", "") or coerce.text(row, "code", ""),
        quantity=coerce.decimal(row, "quantity"),
        unit=coerce.text(row, "unit", ""),
        gross=gross,
        tax=coerce.text(row, "tax", ""),
        percent=_percent(row, "tax_value"),
        note="\n".join(_said(row)),
    )


def _said(row: Row) -> Iterable[str]:
    """The options of the line, and what the buyer typed or sent in with it. In which shape those come is documented
    nowhere: whatever can be read of them is kept."""
    yield from filter(None, [coerce.text(row, "option", "")])
    for name in ("text_options", "file_options"):
        found = row.get(name)
        for one in found.values() if isinstance(found, Mapping) else found if isinstance(found, list) else [found]:
            yield from filter(None, [_typed(one)])


def _typed(one: Any) -> str:
    if not isinstance(one, Mapping):
        return clean(str(one)) if isinstance(one, str | int | Decimal) and not isinstance(one, bool) else ""
    plain = {name: clean(str(value)) for name, value in one.items() if isinstance(value, str | int | Decimal)}
    texts = {name: value for name, value in plain.items() if value and name != "id" and not name.endswith("_id")}
    title = texts.pop("name", "")
    return ": ".join(filter(None, [title, ", ".join(texts.values())]))


def _merged(raw: Row) -> Iterable[Key]:
    """Orders that this one was put together from, or into: how Shoper does that is documented nowhere."""
    parent = coerce.optional_key(raw, "parent_order_id")
    children = raw.get("children")
    found = children.values() if isinstance(children, Mapping) else children if isinstance(children, list) else []
    named = [one.get("order_id", "?") if isinstance(one, Mapping) else one for one in found]
    yield from filter(None, [parent, *(str(one) for one in named if one not in (None, "", 0, "0"))])


def _product(row: Row, view: View) -> Key:
    """Key of the product or variant. A free line has none; one of a variant that was deleted has none any more."""
    product = coerce.optional_key(row, "product_id")
    if product is None:
        return ""
    if not is_option_line(row):
        return product
    stock = coerce.key(row, "stock_id")
    variant = view.variants.get(stock)
    if variant is None:
        return ""
    return f"{product}:{stock}" if variant else product


def _discounts(raw: Row, lines: Sequence[OrderLine], shipping: Sequence[Charge], total: Decimal) -> list[Charge]:
    """What the order's own discounts take off the sum beyond the lines, by VAT rate in proportion.

    Only where the order names a discount: any other difference is left for people to see.
    """
    charged = [one.gross or Decimal(0) for one in lines] + [one.gross or Decimal(0) for one in shipping]
    missing = sum(charged, Decimal(0)) - total
    percents = [coerce.decimal(raw, f"discount_{name}", Decimal(0)) for name in ("client", "group", "levels", "code")]
    if missing <= 0 or not (any(percents) or coerce.text(raw, "promo_code", "")):
        return []
    rates: dict[tuple[str, Decimal | None], Decimal] = {}
    for line in lines:
        rates[line.tax, line.percent] = rates.get((line.tax, line.percent), Decimal(0)) + (line.gross or 0)
    whole, left, found = sum(rates.values(), Decimal(0)), missing, []
    for number, ((tax, percent), amount) in enumerate(rates.items(), start=1):
        share = left if number == len(rates) or not whole else to_places(missing * amount / whole, 2)
        left -= share
        name = coerce.text(raw, "promo_code", "")
        found.append(Charge(kind=ChargeKind.DISCOUNT, name=name, gross=-share, tax=tax, percent=percent))
    return [one for one in found if one.gross]


# who, how


def _buyer(raw: Row, view: View) -> Buyer:
    billing = _address(coerce.mapping(raw, "billing_address"))
    delivery = _address(coerce.mapping(raw, "delivery_address"))
    registered = coerce.flag(raw, "registered")
    return Buyer(
        email=coerce.text(raw, "email", ""),
        phone=billing.phone or delivery.phone,
        billing=billing if billing != Address() else delivery,
        delivery=None if delivery in (billing, Address()) else delivery,
        wants_invoice=_wants_invoice(raw, view.invoice_field),
        account=(coerce.optional_key(raw, "user_id") or "") if registered else "",
    )


def _address(raw: Row) -> Address:
    streets = (coerce.text(raw, "street1", ""), coerce.text(raw, "street2", ""))
    return Address(
        first_name=coerce.text(raw, "firstname", ""),
        last_name=coerce.text(raw, "lastname", ""),
        company=coerce.text(raw, "company", ""),
        tax_number=coerce.text(raw, "tax_identification_number", ""),
        street=" ".join(filter(None, streets)),
        postcode=coerce.text(raw, "postcode", ""),
        city=coerce.text(raw, "city", ""),
        country=coerce.text(raw, "country_code", "").upper(),
        phone=coerce.text(raw, "phone", ""),
    )


def _wants_invoice(raw: Row, field_id: str) -> bool | None:
    if not field_id:
        return None
    given = raw.get("additional_fields")
    for one in given.values() if isinstance(given, Mapping) else given or ():
        if isinstance(one, Mapping) and str(one.get("field_id")) == field_id:
            return str(one.get("value") or "").strip().lower() not in ("", "0", "nie", "false")
    return False


def moved(raw: Row, view: View) -> Moved:
    """What may have changed of an order whose lines, parcels and addresses are as they were."""
    payment = _payment(raw, coerce.decimal(raw, "sum"), view)
    return Moved(
        key=coerce.key(raw, "order_id"),
        state=coerce.key(raw, "status_id"),
        stage=_stage(raw, view),
        changed_at=coerce.moment(raw, "status_date", view.zone),
        paid=payment.paid,
        amount=payment.amount,
    )


def _payment(raw: Row, total: Decimal, view: View) -> Payment:
    entry = view.payment(coerce.optional_key(raw, "payment_id") or "")
    amount = coerce.decimal(raw, "paid", Decimal(0))
    kind = entry.kind
    if kind is PaymentKind.UNKNOWN and coerce.flag(raw, "is_cash_on_delivery"):
        kind = PaymentKind.COD
    paid = coerce.flag(raw, "is_paid") if raw.get("is_paid") is not None else amount >= total
    return Payment(type=entry.key, name=entry.name, kind=kind, paid=paid, amount=amount)


def _delivery(raw: Row, view: View) -> Delivery:
    entry = view.delivery(coerce.optional_key(raw, "shipping_id") or "")
    return Delivery(method=entry.key, name=entry.name, pickup=_pickup(raw))


def _pickup(raw: Row) -> PickupPoint | None:
    """The code of the point; of what else the shop tells of it only a name is read, its shape is documented nowhere."""
    code = raw.get("pickup_point")
    if not isinstance(code, str | int) or isinstance(code, bool) or str(code).strip() in ("", "0"):
        return None
    about = raw.get("pickup_point_data")
    name = about.get("name") if isinstance(about, Mapping) else about
    return PickupPoint(code=str(code).strip(), name=name.strip() if isinstance(name, str) else "")


def numbers(row: Row) -> list[str]:
    """Tracking numbers of one parcel: a parcel that holds all goods carries every number of the shipment."""
    return split(coerce.text(row, "shipping_code", ""))


def split(code: str) -> list[str]:
    """Numbers that stand together; a blank may be part of one."""
    return [number for part in _BETWEEN_NUMBERS.split(code) if (number := part.strip())]


def _parcels(rows: Iterable[Row]) -> Iterable[Parcel]:
    for row in rows:
        for number in numbers(row):
            yield Parcel(number=number)

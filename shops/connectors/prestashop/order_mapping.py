"""PrestaShop's rows as orders. Pure. `order` raises MappingError for a value that cannot be read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from integrator.canonical import coerce
from integrator.canonical.errors import MappingError
from integrator.canonical.orders import (
    Address,
    Buyer,
    Delivery,
    Moved,
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
from integrator.canonical.text import fold
from shops.connectors.prestashop import order_amounts as amounts
from shops.connectors.prestashop.mapping import Group, Row, associated, tax_code
from shops.connectors.prestashop.order_amounts import ZERO, Money, Part
from shops.connectors.prestashop.order_charges import charges
from shops.connectors.prestashop.order_terms import State, payment_key, payment_kind

_LOCKER = re.compile(r"\b[A-Z]{3}\d{2,3}[A-Z]{0,4}\b")
"""Code of an InPost machine: KRA01A, WAW117M, POZ08BAPP."""
_LOCKERS = ("paczkomat", "inpost", "locker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    key: str
    """What stays the same when the carrier is edited (its id does not)."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The shop's dictionaries, by id."""

    zone: ZoneInfo
    basis: Literal["net", "gross"]
    states: Mapping[str, State]
    carriers: Mapping[str, Carrier]
    countries: Mapping[str, str]
    currencies: Mapping[str, str]
    groups: Mapping[str, Group]

    @property
    def rates(self) -> set[Decimal]:
        return {one.percent for one in self.groups.values() if one.percent is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Rows that belong to orders of one call."""

    addresses: Mapping[str, Row] = field(default_factory=dict)
    customers: Mapping[str, Row] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    """What buyers wrote, by order."""
    transactions: Mapping[str, str] = field(default_factory=dict)
    """By reference of the order."""
    rules: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Vouchers, by order."""
    carried: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Parcels (order_carriers), by order."""
    details: Mapping[str, Row] = field(default_factory=dict)
    """Lines as the shop keeps them, by id, of orders that are `unclear` without."""
    taxes: Mapping[str, Decimal] = field(default_factory=dict)
    """Percents by id of the tax, of those details."""


def unclear(raw: Row) -> bool:
    """Whether lines alone do not tell an order's amounts or VAT rates: what is not taxed (for one of several reasons),
    two prices that are of no rate (changed by hand, ecotax), lines that do not add up."""
    rows = associated(raw, "order_rows")
    if not amounts.add_up([amounts.exact(raw, row) for row in rows], amounts.goods(raw)):
        return True
    return not all(_percent(row) for row in rows)


def paid_by_module(raw: Row) -> bool:
    """Whether a payment may have the number of a transaction."""
    kind = payment_kind(coerce.text(raw, "module", ""))
    waits = kind in (PaymentKind.COD, PaymentKind.TRANSFER)
    return not waits and coerce.decimal(raw, "total_paid_real", ZERO) > 0


def order(raw: Row, around: Around, terms: Terms) -> Order:
    key = coerce.key(raw, "id")
    state = coerce.key(raw, "current_state")
    if state == "0":
        raise MappingError("current_state", state, code=Code.FIELD_MISSING)
    carrier = _carrier(raw, terms)
    total = to_places(coerce.decimal(raw, "total_paid_tax_incl"), 2)
    rows = associated(raw, "order_rows")
    parts = _parts(raw, rows, around, terms)
    return Order(
        key=key,
        number=coerce.text(raw, "reference", "") or key,
        placed_at=_moment(raw, "date_add", terms.zone),
        changed_at=coerce.moment(raw, "date_upd", terms.zone),
        state=state,
        stage=terms.states[state].stage if state in terms.states else Stage.UNKNOWN,
        currency=_currency(raw, terms),
        basis=terms.basis,
        lines=tuple(_line(row, part) for row, part in zip(rows, parts, strict=True)),
        charges=charges(raw, around.rules.get(key, ()), parts, terms.rates, carrier.name),
        total=total,
        tax_total=total - to_places(coerce.decimal(raw, "total_paid_tax_excl"), 2),
        refunded=_refunded(rows, around),
        buyer=_buyer(raw, around, terms),
        payment=_payment(raw, total, around, terms.states.get(state)),
        delivery=Delivery(method=carrier.key, name=carrier.name, pickup=_pickup(raw, carrier, around)),
        note=around.notes.get(key, ""),
        parcels=tuple(_parcels(raw, around.carried.get(key, ()), terms)),
    )


def _moment(raw: Row, name: str, zone: ZoneInfo) -> datetime:
    found = coerce.moment(raw, name, zone)
    if found is None:
        raise MappingError(name, raw.get(name), code=Code.FIELD_MISSING)
    return found


def _currency(raw: Row, terms: Terms) -> str:
    key = coerce.key(raw, "id_currency")
    if key not in terms.currencies:
        raise MappingError("id_currency", key)
    return terms.currencies[key]


def _carrier(raw: Row, terms: Terms) -> Carrier:
    """Virtual goods need no carrier (0); one whose row is gone is known by its id alone."""
    key = coerce.optional_key(raw, "id_carrier")
    if key is None:
        return Carrier(key="0", name="")
    return terms.carriers.get(key) or Carrier(key=f"#{key}", name=f"#{key}")


# goods


def _percent(row: Row) -> Decimal | None:
    return amounts.percent_of(coerce.decimal(row, "unit_price_tax_excl"), coerce.decimal(row, "unit_price_tax_incl"))


def _parts(raw: Row, rows: Sequence[Row], around: Around, terms: Terms) -> list[Part]:
    """Amount and rate of each line. The shop's own details count where they were asked for."""
    whole = amounts.goods(raw)
    details = [around.details.get(coerce.key(row, "id")) for row in rows]
    lines = [amounts.exact(raw, row) for row in rows]
    if not amounts.add_up(lines, whole):
        lines = [
            line if detail is None else amounts.detailed(detail) for line, detail in zip(lines, details, strict=True)
        ]
    money = amounts.settled(lines, whole)
    return [_rated(one, row, detail, around, terms) for one, row, detail in zip(money, rows, details, strict=True)]


def _rated(money: Money, row: Row, detail: Row | None, around: Around, terms: Terms) -> Part:
    percent, code = _percent(row), ""
    if detail is not None and not percent:
        percent, code = _detailed_rate(row, detail, around, terms)
    return Part(money=money, percent=percent, tax=amounts.rate_name(percent, code))


def _detailed_rate(row: Row, detail: Row, around: Around, terms: Terms) -> tuple[Decimal | None, str]:
    """The tax that the shop put on the line, and of an untaxed one what its group of rules is called."""
    taxes = [around.taxes.get(one) for one in _ids(detail, "taxes")]
    percents = [one for one in taxes if one is not None]
    if len(taxes) == len(percents) == 1:
        percent: Decimal | None = percents[0]
    elif not taxes and coerce.decimal(row, "unit_price_tax_excl") == coerce.decimal(row, "unit_price_tax_incl"):
        percent = ZERO
    else:
        percent = None
    group = terms.groups.get(coerce.optional_key(detail, "id_tax_rules_group") or "")
    untaxed = group is not None and not group.unclear and group.percent == 0
    return percent, tax_code(group) if untaxed and group is not None else ""


def _ids(raw: Row, name: str) -> list[str]:
    return [coerce.key(one, "id") for one in associated(raw, name)]


def _line(row: Row, part: Part) -> OrderLine:
    product = coerce.optional_key(row, "product_id") or ""
    combination = coerce.optional_key(row, "product_attribute_id")
    return OrderLine(
        key=coerce.key(row, "id"),
        product=f"{product}:{combination}" if product and combination else product,
        code=coerce.text(row, "product_reference", ""),
        ean=coerce.text(row, "product_ean13", ""),
        name=coerce.text(row, "product_name", ""),
        quantity=coerce.decimal(row, "product_quantity"),
        net=part.money.net,
        gross=part.money.gross,
        tax=part.tax,
        percent=part.percent,
    )


def _refunded(rows: Sequence[Row], around: Around) -> Decimal:
    """What was given back, by the pieces that the shop's details name; only where those were asked for."""
    given = ZERO
    for row in rows:
        detail = around.details.get(coerce.key(row, "id"), {})
        pieces = [coerce.decimal(detail, f"product_quantity_{name}", ZERO) for name in ("refunded", "return")]
        given += max(pieces) * coerce.decimal(row, "unit_price_tax_incl")
    return to_places(given, 2)


# people


def _buyer(raw: Row, around: Around, terms: Terms) -> Buyer:
    customer = around.customers.get(str(raw.get("id_customer")), {})
    invoice, delivery = str(raw.get("id_address_invoice")), str(raw.get("id_address_delivery"))
    billing = _address(around.addresses.get(invoice, {}), terms)
    account = coerce.optional_key(raw, "id_customer")
    return Buyer(
        email=coerce.text(customer, "email", ""),
        phone=billing.phone,
        billing=billing,
        delivery=None if delivery == invoice else _address(around.addresses.get(delivery, {}), terms),
        account="" if account is None or coerce.flag(customer, "is_guest") else account,
    )


def _address(raw: Row, terms: Terms) -> Address:
    """The tax number of a company stands in `vat_number`; where a country wants an identification number, in `dni`."""
    company = coerce.text(raw, "company", "")
    street = (coerce.text(raw, "address1", ""), coerce.text(raw, "address2", ""))
    return Address(
        first_name=coerce.text(raw, "firstname", ""),
        last_name=coerce.text(raw, "lastname", ""),
        company=company,
        tax_number=coerce.text(raw, "vat_number", "") or (coerce.text(raw, "dni", "") if company else ""),
        street=" ".join(part for part in street if part),
        postcode=coerce.text(raw, "postcode", ""),
        city=coerce.text(raw, "city", ""),
        country=terms.countries.get(str(raw.get("id_country")), ""),
        phone=coerce.text(raw, "phone_mobile", "") or coerce.text(raw, "phone", ""),
    )


def _pickup(raw: Row, carrier: Carrier, around: Around) -> PickupPoint | None:
    """PrestaShop has no place for pick-up points. Modules for parcel lockers keep them to themselves; some write the
    code into the delivery address, and there it is found if it is the only one."""
    name = fold(carrier.name)
    if not any(word in name for word in _LOCKERS):
        return None
    address = around.addresses.get(str(raw.get("id_address_delivery")), {})
    texts = [coerce.text(address, one, "") for one in ("other", "address2", "company", "alias", "address1")]
    codes = {code for text in texts for code in _LOCKER.findall(text)}
    return PickupPoint(code=codes.pop()) if len(codes) == 1 else None


def moved(raw: Row, terms: Terms) -> Moved:
    """What may have changed of an order whose lines, parcels and addresses are as they were."""
    state = coerce.key(raw, "current_state")
    total = to_places(coerce.decimal(raw, "total_paid_tax_incl"), 2)
    payment = _payment(raw, total, Around(), terms.states.get(state))
    return Moved(
        key=coerce.key(raw, "id"),
        state=state,
        stage=terms.states[state].stage if state in terms.states else Stage.UNKNOWN,
        changed_at=coerce.moment(raw, "date_upd", terms.zone),
        paid=payment.paid,
        amount=payment.amount,
    )


def _payment(raw: Row, total: Decimal, around: Around, state: State | None) -> Payment:
    module, name = coerce.text(raw, "module", ""), coerce.text(raw, "payment", "")
    amount = to_places(coerce.decimal(raw, "total_paid_real", ZERO), 2)
    return Payment(
        type=payment_key(module, name) or name,
        name=name or module,
        kind=payment_kind(module),
        paid=(state is not None and state.paid) or amount >= total,
        amount=amount,
        reference=around.transactions.get(coerce.text(raw, "reference", ""), ""),
    )


def _parcels(raw: Row, carried: Sequence[Row], terms: Terms) -> list[Parcel]:
    """An order without rows of carriers keeps one number itself."""
    found: dict[str, Parcel] = {}
    for row in carried:
        number = coerce.text(row, "tracking_number", "")
        carrier = terms.carriers.get(str(row.get("id_carrier")))
        if number:
            found[number] = Parcel(number=number, carrier=carrier.name if carrier else "")
    own = coerce.text(raw, "shipping_number", "")
    if own and not found:
        found[own] = Parcel(number=own)
    return list(found.values())

"""A shop's order as WAPRO takes it, or every reason why it waits. Pure.

Whole or not at all: an order with one unknown line, one unmapped charge or a total that differs by a grosz is not
written. All reasons are collected, so that a person mends them in one go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from integrator.canonical.orders import ChargeKind, Order, OrderLine
from integrator.canonical.problems import Code
from integrator.canonical.records import Key, Problem, plain_number, problem
from syncjobs.orders.keys import KeyTooLong, order_number
from syncjobs.orders.totals import Amount, Priced, Proof, prove
from wapro.orders.draft import DocumentForm, WaproLine, WaproOrder

SPREAD = "*"
"""Instead of a service card: a discount is taken off the lines of its VAT rate."""
CODE_PAGE = "cp1250"
"""What WAPRO's texts can hold."""
TEXTS = {"person": 101, "notes": 1000, "info": 1000}
"""Characters of OSOBA_ZAMAWIAJACA, UWAGI and INFORMACJE_DODATKOWE."""
LINE_TEXT = 500
"""Characters of OPIS of a line."""
MOST_LINES = 500
SHOP_NUMBER, TRANSACTION = "nr w sklepie:", "transakcja:"
"""In the texts of WAPRO, which is Polish."""
RATE_DAYS = 7
"""A rate that was good longer before the day of the order says nothing about that day any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vat:
    code: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMap:
    form: str
    """Name of WAPRO's form of payment."""
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryMap:
    form: int | None = None
    carrier: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one unit of a foreign currency is worth in zloty, and on which day that was so."""

    value: Decimal
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMap:
    """What a connection says about orders. A thing that is missing here keeps the orders that need it."""

    prefix: str
    warehouse: int | None
    payments: Mapping[Key, PaymentMap] = field(default_factory=dict)
    deliveries: Mapping[Key, DeliveryMap] = field(default_factory=dict)
    charges: Mapping[tuple[ChargeKind, str], Key] = field(default_factory=dict)
    """(kind of charge, VAT code) -> service card, or SPREAD for a discount."""
    taxes: Mapping[str, Vat] = field(default_factory=dict)
    """The rate as the shop names it -> WAPRO's."""
    rates: Mapping[str, Rate] = field(default_factory=dict)
    """By currency; zloty needs none."""
    reserve: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What is known of an ERP product that a line may mean."""

    key: Key
    unit: str
    """The unit the shop sells it in."""
    factor: Decimal = Decimal(1)
    blocked: bool = False
    here: bool = True
    """Whether it has a card in the warehouse of the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What the lines of an order may be: by link, else by code where exactly one product has it."""

    by_shop_key: Mapping[Key, Goods] = field(default_factory=dict)
    by_code: Mapping[str, Sequence[Goods]] = field(default_factory=dict)
    """Code, folded to lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`order` to be placed, or None and the problems. `proof` is shown either way, `remarks` say what was adapted."""

    order: WaproOrder | None
    problems: tuple[Problem, ...] = ()
    proof: Proof | None = None
    remarks: tuple[Problem, ...] = ()


def draft(
    order: Order,
    mapping: OrderMap,
    catalogue: Catalogue,
    *,
    contractor: Key,
    form: DocumentForm,
    reserve: bool,
    placed: date,
    today: date,
    overruled: bool = False,
) -> Draft:
    """`placed` and `today` are days in Poland. `overruled`: a person wants it in whatever the policy says."""
    problems = [*_unmapped(order, mapping), *_unsafe(order, mapping, placed, overruled)]
    goods, unknown = _goods(order, catalogue, mapping.warehouse)
    problems += unknown
    amounts, unpriced = _amounts(order, mapping)
    problems += unpriced
    proof = prove(amounts, order.total, order.basis, order.tax_total) if amounts and not unpriced else None
    if proof is not None:
        problems += proof.problems
    if problems or proof is None:
        return Draft(order=None, problems=tuple(problems), proof=proof)
    texts, remarks = _texts(order)
    notes, cut = _line_texts(order)
    made = WaproOrder(
        number=order_number(mapping.prefix, order.key),
        placed=placed,
        due=today,
        warehouse=mapping.warehouse or 0,
        basis=proof.basis,
        contractor=contractor,
        payment_form=mapping.payments[order.payment.type].form,
        payment_days=mapping.payments[order.payment.type].days,
        document=form,
        reserve=reserve and mapping.reserve,
        delivery_form=mapping.deliveries[order.delivery.method].form,
        carrier=mapping.deliveries[order.delivery.method].carrier,
        notes=texts["notes"],
        info=texts["info"],
        person=texts["person"],
        paid_online=order.payment.paid,
        lines=tuple(_line(line, goods, reserve and mapping.reserve, notes.get(line.id, "")) for line in proof.lines),
        expected_gross=proof.gross,
        **_currency(order, mapping),  # type: ignore[arg-type]
    )
    return Draft(order=made, proof=proof, remarks=(*remarks, *cut))


def _unmapped(order: Order, mapping: OrderMap) -> list[Problem]:
    found = []
    if mapping.warehouse is None:
        found.append(problem(Code.SETTING_MISSING, setting="order_warehouse"))
    if order.payment.type not in mapping.payments:
        found.append(problem(Code.PAYMENT_UNMAPPED, name=order.payment.name or order.payment.type))
    if order.delivery.method not in mapping.deliveries:
        found.append(problem(Code.DELIVERY_UNMAPPED, name=order.delivery.name or order.delivery.method))
    if order.currency not in ("", "PLN") and order.currency not in mapping.rates:
        found.append(problem(Code.CURRENCY_UNMAPPED, currency=order.currency))
    if not order.lines:
        found.append(problem(Code.ORDER_EMPTY))
    if len(order.lines) > MOST_LINES:
        found.append(problem(Code.ORDER_TOO_LONG, count=len(order.lines), limit=MOST_LINES))
    try:
        order_number(mapping.prefix, order.key)
    except KeyTooLong:
        found.append(problem(Code.ORDER_KEY_TOO_LONG, key=order.key))
    except ValueError:
        found.append(problem(Code.SETTING_MISSING, setting="order_prefix"))
    return found


def _unsafe(order: Order, mapping: OrderMap, placed: date, overruled: bool) -> Iterable[Problem]:
    """Orders that could be written and would be wrong."""
    rate = mapping.rates.get(order.currency)
    if rate is not None and placed - rate.day > timedelta(days=RATE_DAYS):
        yield problem(Code.RATE_OLD, currency=order.currency, day=rate.day.isoformat(), days=RATE_DAYS)
    if order.refunded:
        yield problem(Code.ORDER_REFUNDED, value=plain_number(order.refunded), currency=order.currency)
    if order.merged and not overruled:
        yield problem(Code.ORDER_MERGED, value=", ".join(order.merged))


def _goods(order: Order, catalogue: Catalogue, warehouse: int | None) -> tuple[dict[str, Goods], list[Problem]]:
    found: dict[str, Goods] = {}
    problems = []
    for line in order.lines:
        one = meant(line, catalogue)
        if isinstance(one, Problem):
            problems.append(one)
            continue
        if one.blocked:
            problems.append(problem(Code.CARD_BLOCKED, card=one.key, warehouse=warehouse))
        elif not one.here:
            problems.append(problem(Code.CARD_NOT_IN_WAREHOUSE, card=one.key, warehouse=warehouse))
        found[_line_id(line)] = one
    return found, problems


def meant(line: OrderLine, catalogue: Catalogue) -> Goods | Problem:
    """What a line stands for in the ERP: what its product is linked with, else the one that has its code."""
    linked = catalogue.by_shop_key.get(line.product) if line.product else None
    if linked is not None:
        return linked
    same = catalogue.by_code.get(line.code.strip().casefold(), ()) if line.code.strip() else ()
    if len(same) == 1:
        return same[0]
    if len(same) > 1:
        return problem(Code.ARTICLE_AMBIGUOUS, name=line.name, value=line.code, count=len(same))
    return problem(Code.ARTICLE_UNKNOWN, name=line.name, value=line.code)


def _line_id(line: OrderLine) -> str:
    return f"line:{line.key}"


def _amounts(order: Order, mapping: OrderMap) -> tuple[list[Amount], list[Problem]]:
    amounts: list[Amount] = []
    problems: list[Problem] = []
    for line in order.lines:
        vat = mapping.taxes.get(line.tax)
        if vat is None:
            problems.append(problem(Code.TAX_UNMAPPED, name=line.name, value=line.tax or plain_percent(line.percent)))
            continue
        amounts.append(_amount(_line_id(line), line.name or line.code, line.quantity, line.net, line.gross, vat))
    for number, charge in enumerate(order.charges):
        vat = mapping.taxes.get(charge.tax)
        label = charge.name or str(charge.kind)
        if vat is None:
            problems.append(problem(Code.TAX_UNMAPPED, name=label, value=charge.tax or plain_percent(charge.percent)))
            continue
        if not charge.gross and not charge.net:
            continue
        card = mapping.charges.get((charge.kind, vat.code))
        if card is None:
            problems.append(problem(Code.CHARGE_UNMAPPED, name=label, kind=charge.kind, value=vat.code))
            continue
        spread = card == SPREAD
        id_ = f"charge:{number}:{card}"
        amounts.append(_amount(id_, label, Decimal(1), charge.net, charge.gross, vat, spread=spread))
    return amounts, problems


def _amount(
    id_: str, label: str, quantity: Decimal, net: Decimal | None, gross: Decimal | None, vat: Vat, spread: bool = False
) -> Amount:
    return Amount(
        id=id_, label=label, quantity=quantity, net=net, gross=gross, rate=vat.code, percent=vat.percent, spread=spread
    )


def plain_percent(percent: Decimal | None) -> str:
    return "" if percent is None else f"{plain_number(percent)}%"


def _line(line: Priced, goods: Mapping[str, Goods], reserve: bool, note: str) -> WaproLine:
    one = goods.get(line.id)
    card = one.key if one is not None else line.id.split(":", 2)[2]
    return WaproLine(
        card=card,
        vat_code=line.rate,
        quantity=line.quantity,
        unit=one.unit if one is not None else "",
        factor=one.factor if one is not None else Decimal(1),
        net=line.net,
        gross=line.gross,
        note=note,
        reserve=line.quantity if reserve and one is not None else Decimal(0),
    )


def _currency(order: Order, mapping: OrderMap) -> dict[str, object]:
    if order.currency in ("", "PLN"):
        return {}
    rate = mapping.rates[order.currency]
    return {"currency": order.currency, "rate": rate.value, "rate_day": rate.day}


def _person(order: Order) -> str:
    billing = order.buyer.billing
    return f"{billing.first_name} {billing.last_name}".strip()


def _texts(order: Order) -> tuple[dict[str, str], list[Problem]]:
    """Who ordered, notes and further information: WAPRO has no columns for delivery addresses and pick-up points of an
    order. What does not fit is said."""
    remarks: list[Problem] = []
    kept = {}
    given = {"person": _person(order), "notes": order.note, "info": delivery_text(order)}
    for field_, limit in TEXTS.items():
        kept[field_], cut = _kept(given[field_], limit, field=field_)
        remarks += cut
    return kept, remarks


def _line_texts(order: Order) -> tuple[dict[str, str], list[Problem]]:
    """What the buyer chose and typed with each line (an engraving, say), for OPIS of the line."""
    kept, remarks = {}, []
    for line in order.lines:
        kept[_line_id(line)], cut = _kept(line.note, LINE_TEXT, field="line_note", name=line.name or line.code)
        remarks += cut
    return kept, remarks


def _kept(text: str, limit: int, **about: str) -> tuple[str, list[Problem]]:
    """What a column of WAPRO takes of a text, and what that leaves out."""
    remarks = []
    plain, lost = _encodable(text)
    if lost:
        remarks.append(problem(Code.CHARACTERS_DROPPED, value=lost, **about))
    if len(plain) > limit:
        remarks.append(problem(Code.TEXT_SHORTENED, limit=limit, length=len(plain), **about))
        plain = plain[: limit - 1].rstrip() + "…"
    return plain, remarks


def delivery_text(order: Order) -> str:
    """Where the goods go, line by line, as a person packs them, and what the order is found by in the shop and at the
    payment's operator."""
    to = order.buyer.delivery or order.buyer.billing
    pickup = order.delivery.pickup
    lines = [
        f"{order.delivery.name}" + (f": {pickup.code} {pickup.name}".rstrip() if pickup else ""),
        " ".join(part for part in (to.company, to.first_name, to.last_name) if part),
        to.street,
        f"{to.postcode} {to.city}".strip(),
        to.country if to.country not in ("", "PL") else "",
        " ".join(part for part in (to.phone or order.buyer.phone, order.buyer.email) if part),
        ", ".join(
            f"{word} {value}"
            for word, value in ((SHOP_NUMBER, order.number), (TRANSACTION, order.payment.reference))
            if value and value != order.key
        ),
    ]
    return "\n".join(line for line in lines if line)


def _encodable(text: str) -> tuple[str, str]:
    """The text as the code page can hold it, and the characters that it cannot."""
    lost = "".join(dict.fromkeys(one for one in text if not _fits(one)))
    return "".join(one for one in text if _fits(one)), lost


def _fits(character: str) -> bool:
    try:
        character.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True

"""An order with everything looked up, checked against the columns it goes into. Pure.

Nothing is cut and nothing rounded here: a text that is too long, a character the code page lacks, a price with five
decimals are refused by the name of the field, because the server would cut or round them without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.rounding import to_places
from wapro.clarion import to_day
from wapro.orders.draft import WaproLine, WaproOrder
from wapro.texts import fitting

CALENDAR = date(1801, 1, 1)
MOST_LINES = 1000
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFound:
    """The card of one product in the order's warehouse, with the unit it is sold in."""

    id: int
    unit: str
    factor: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the ERP says about where and as whom an order is written."""

    company: int
    user: int
    order_type: int
    """ID_TYPU of the signature ZO."""
    marks_paid: bool = True
    """Whether the database has OPLACONE_INTERNETOWO."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyLine:
    card_id: int
    card: Key
    values: Mapping[str, Any]
    """By variable, without the @."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyOrder:
    order: WaproOrder
    values: Mapping[str, Any]
    """By variable, without the @."""
    lines: tuple[ReadyLine, ...]

    @property
    def number(self) -> str:
        return str(self.values["numer_klienta"])


HEADER_TYPES: Mapping[str, str] = {
    "numer_klienta": "varchar(30)",
    "firma": "numeric(18,0)",
    "magazyn": "numeric(18,0)",
    "kontrahent": "numeric(18,0)",
    "uzytkownik": "numeric(18,0)",
    "typ": "numeric(18,0)",
    "data": "int",
    "realizacja": "int",
    "wg_cen": "char(6)",
    "rezerwuj": "tinyint",
    "waluta": "varchar(3)",
    "kurs": "decimal(14,8)",
    "data_kursu": "int",
    "dok_wal": "tinyint",
    "uwagi": "varchar(1000)",
    "informacje": "varchar(1000)",
    "osoba": "varchar(101)",
    "forma_platnosci": "varchar(50)",
    "dni": "int",
    "dokument": "tinyint",
    "operator": "numeric(18,0)",
    "dostawa": "numeric(18,0)",
    "internet": "tinyint",
    "oplacone": "tinyint",
    "oczekiwane_netto": "decimal(14,4)",
    "oczekiwane_brutto": "decimal(14,4)",
}
"""Variables of the whole order with their types: those of the columns they end in."""
LINE_TYPES: Mapping[str, str] = {
    "artykul": "numeric(18,0)",
    "kod_vat": "varchar(3)",
    "zamowiono": "decimal(16,6)",
    "do_rezerwacji": "decimal(16,6)",
    "netto": "decimal(14,4)",
    "brutto": "decimal(14,4)",
    "netto_wal": "decimal(14,4)",
    "brutto_wal": "decimal(14,4)",
    "przelicznik": "decimal(16,6)",
    "jednostka": "varchar(10)",
    "opis": "varchar(500)",
}
ANY_NET = Decimal(-1)
"""Stands for "no net total is expected": no parameter of the batch is ever NULL, each would cost a round trip."""


def ready(order: WaproOrder, place: Place, cards: Mapping[Key, CardFound]) -> ReadyOrder:
    """Raises Rejected: TOO_LONG and REJECTED by `wapro.texts.fitting`, REQUIRED_EMPTY, ORDER_VALUE_INVALID."""
    if not order.lines:
        raise Rejected(Code.REQUIRED_EMPTY, field="lines", system="WAPRO Mag")
    if len(order.lines) > MOST_LINES:
        raise invalid("lines", len(order.lines))
    rate = number("rate", order.rate, 14, 8) if order.foreign else Decimal(1)
    if rate <= 0 or (order.foreign and order.rate_day is None):
        raise invalid("rate", order.rate)
    lines = tuple(_line(line, cards[line.card], position, order, rate) for position, line in enumerate(order.lines, 1))
    return ReadyOrder(order=order, values=_header(order, place, rate), lines=lines)


def _header(order: WaproOrder, place: Place, rate: Decimal) -> dict[str, Any]:
    net = ANY_NET if order.expected_net is None else number("expected_net", order.expected_net, 14, 2)
    return {
        "numer_klienta": text("number", order.number, 30, required=True),
        "firma": place.company,
        "magazyn": order.warehouse,
        "kontrahent": key("contractor", order.contractor),
        "uzytkownik": place.user,
        "typ": place.order_type,
        "data": day("placed", order.placed),
        "realizacja": day("due", order.due),
        "wg_cen": order.basis,
        "rezerwuj": int(order.reserve),
        "waluta": text("currency", order.currency if order.foreign else "", 3),
        "kurs": rate,
        "data_kursu": day("rate_day", order.rate_day) if order.foreign and order.rate_day else 0,
        "dok_wal": int(order.foreign),
        "uwagi": text("notes", order.notes, 1000),
        "informacje": text("info", order.info, 1000),
        "osoba": text("person", order.person, 101),
        "forma_platnosci": text("payment_form", order.payment_form, 50, required=True),
        "dni": order.payment_days,
        "dokument": {"invoice": 1, "receipt": 2, "issue": 0}[order.document],
        "operator": order.carrier or 0,
        "dostawa": order.delivery_form or 0,
        "internet": int(order.internet),
        "oplacone": int(order.paid_online and place.marks_paid),
        "oczekiwane_netto": net,
        "oczekiwane_brutto": number("expected_gross", order.expected_gross, 14, 2),
    }


def _line(line: WaproLine, card: CardFound, position: int, order: WaproOrder, rate: Decimal) -> ReadyLine:
    quantity = number("quantity", line.quantity, 16, 6, position)
    reserve = number("reserve", line.reserve if order.reserve else _ZERO, 16, 6, position)
    factor = number("factor", line.factor if line.unit else card.factor, 16, 6, position)
    net, gross = (number(name, getattr(line, name), 14, 4, position) for name in ("net", "gross"))
    if quantity <= 0:
        raise invalid("quantity", line.quantity, position)
    if not 0 <= reserve <= quantity:
        raise invalid("reserve", line.reserve, position)
    if factor <= 0:
        raise invalid("factor", line.factor, position)
    # A discount may stand on a line of its own; amounts of two signs are nobody's price.
    if net * gross < 0:
        raise invalid("gross", line.gross, position)
    return ReadyLine(
        card_id=card.id,
        card=line.card,
        values={
            "artykul": card.id,
            "kod_vat": text("vat_code", line.vat_code, 3, position, required=True),
            "zamowiono": quantity,
            "do_rezerwacji": reserve,
            "netto": to_places(net * rate, 4) if order.foreign else net,
            "brutto": to_places(gross * rate, 4) if order.foreign else gross,
            "netto_wal": net if order.foreign else _ZERO,
            "brutto_wal": gross if order.foreign else _ZERO,
            "przelicznik": factor,
            "jednostka": text("unit", line.unit or card.unit, 10, position, required=True),
            "opis": text("note", line.note, 500, position),
        },
    )


def invalid(field: str, value: object, line: int | None = None) -> Rejected:
    where: dict[str, Any] = {} if line is None else {"line": line}
    return Rejected(Code.ORDER_VALUE_INVALID, field=field, value=str(value), system="WAPRO Mag", **where)


def text(field: str, value: str, limit: int, line: int | None = None, *, required: bool = False) -> str:
    fitted = fitting(field if line is None else f"{field} ({line})", value, limit)
    if required and not fitted:
        where: dict[str, Any] = {} if line is None else {"line": line}
        raise Rejected(Code.REQUIRED_EMPTY, field=field, system="WAPRO Mag", **where)
    return fitted


def number(field: str, value: Decimal, digits: int, places: int, line: int | None = None) -> Decimal:
    """The value with just so many places. Raises Rejected when the column would round it or has no room for it."""
    if not value.is_finite() or abs(value) >= Decimal(10) ** (digits - places):
        raise invalid(field, value, line)
    kept = to_places(value, places)
    if kept != value:
        raise invalid(field, value, line)
    return kept


def day(field: str, value: date) -> int:
    if value < CALENDAR:
        raise invalid(field, value)
    return to_day(value)


def key(field: str, value: Key) -> int:
    """Raises Rejected for a key that cannot be one of WAPRO's."""
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 10**18):
        raise Rejected(Code.ERP_VALUE_UNKNOWN, field=field, value=value, system="WAPRO Mag")
    return int(value)

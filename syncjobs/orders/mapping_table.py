"""What the page of orders' mappings shows and takes: the shop's own words in rows, WAPRO's to choose from. Pure.

A suggestion stands in its field and counts nothing before a person has saved the page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from integrator.canonical.orders import ChargeKind, OrderWords, PaymentKind
from integrator.canonical.records import plain_number
from syncjobs.orders import suggest
from syncjobs.orders.draft import SPREAD
from wapro.orders.draft import ErpWords, Word

NONE = "-"
"""Chosen on purpose: mapped, and without a form of delivery."""
GROUPS = ("payments", "deliveries", "taxes", "charges", "rates")
Problems = dict[str, str]
"""By the name of the field: `unknown`, `number`, `day`, `both`, `no_percent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One field of a row. `options`: (value, label) pairs of a choice."""

    name: str
    column: str
    value: str
    kind: Literal["choice", "number", "amount", "day"] = "choice"
    options: tuple[tuple[str, str], ...] = ()
    suggested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`key` as the terms store it; `count`: how many recent orders used it."""

    key: str
    label: str
    count: int = 0
    mapped: bool = False
    picks: tuple[Pick, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The mappings as the terms hold them, with what recent orders used."""

    payments: Mapping[str, Any] = field(default_factory=dict)
    deliveries: Mapping[str, Any] = field(default_factory=dict)
    taxes: Mapping[str, Any] = field(default_factory=dict)
    charges: Mapping[str, Any] = field(default_factory=dict)
    rates: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    warehouse: int | None = None


def rows_of(stored: Stored, shop: OrderWords, erp: ErpWords) -> dict[str, list[Row]]:
    taxes = list(_tax_rows(stored, erp))
    return {
        "payments": list(_payment_rows(stored, shop, erp)),
        "deliveries": list(_delivery_rows(stored, shop, erp)),
        "taxes": taxes,
        "charges": list(_charge_rows(stored, erp, {row.key: row.picks[0].value for row in taxes})),
        "rates": list(_rate_rows(stored)),
    }


def _payment_rows(stored: Stored, shop: OrderWords, erp: ErpWords) -> Iterable[Row]:
    forms = {word.key: word for word in erp.payment_forms}
    entries = {entry.key: entry for entry in shop.payments}
    for key in _keys(entries, stored.payments):
        entry = entries.get(key)
        kept = stored.payments.get(key, {})
        value, days = str(kept.get("form", "")), str(kept.get("days", ""))
        guess = None
        if not value:
            name, kind = (entry.name, entry.kind) if entry else (key, PaymentKind.UNKNOWN)
            guess = suggest.payment_form(name, kind, erp.payment_forms)
        if guess is not None:
            value, days = guess.key, str(forms[guess.key].days)
        yield Row(
            key=key,
            label=entry.name if entry else key,
            count=_count(stored, "payments", key),
            mapped=bool(kept.get("form")),
            picks=(
                _choice(f"payments|form|{key}", "form", value, erp.payment_forms, guess is not None),
                Pick(name=f"payments|days|{key}", column="days", value=days or "0", kind="number"),
            ),
        )


def _delivery_rows(stored: Stored, shop: OrderWords, erp: ErpWords) -> Iterable[Row]:
    entries = {entry.key: entry for entry in shop.deliveries}
    for key in _keys(entries, stored.deliveries):
        label = entries[key].name if key in entries else key
        kept = stored.deliveries.get(key)
        form, carrier = _kept_delivery(kept)
        guessed = False
        if kept is None:
            forms, brings = suggest.delivery(label, erp.delivery_forms, erp.carriers)
            form, carrier = forms.key if forms else "", brings.key if forms and brings else ""
            guessed = bool(form)
        yield Row(
            key=key,
            label=label,
            count=_count(stored, "deliveries", key),
            mapped=kept is not None,
            picks=(
                _choice(f"deliveries|form|{key}", "form", form, erp.delivery_forms, guessed, none=True),
                _choice(f"deliveries|carrier|{key}", "carrier", carrier, erp.carriers, guessed and bool(carrier)),
            ),
        )


def _kept_delivery(kept: Any) -> tuple[str, str]:
    if kept is None:
        return "", ""
    form, carrier = kept.get("form"), kept.get("carrier")
    return NONE if form in (None, "") else str(form), "" if carrier is None else str(carrier)


def _tax_rows(stored: Stored, erp: ErpWords) -> Iterable[Row]:
    seen = stored.seen.get("taxes", {})
    for key in _keys(seen, stored.taxes):
        kept = stored.taxes.get(key, {})
        percent = _decimal(str(seen.get(key, {}).get("percent", "")))
        value = str(kept.get("code", ""))
        guess = None if value else suggest.vat_code(key, percent, erp.vat_codes)
        label = key or (f"{plain_number(percent)}%" if percent is not None else "–")
        name = f"taxes|code|{key}"
        yield Row(
            key=key,
            label=label,
            count=_count(stored, "taxes", key),
            mapped=bool(value),
            picks=(_choice(name, "code", guess.key if guess else value, erp.vat_codes, guess is not None),),
        )


def _charge_rows(stored: Stored, erp: ErpWords, codes: Mapping[str, str]) -> Iterable[Row]:
    """One per kind of charge and WAPRO's VAT code. A charge whose rate is not mapped yet has no row."""
    wanted: dict[str, tuple[str, int]] = dict.fromkeys(stored.charges, ("", 0))
    for key, one in stored.seen.get("charges", {}).items():
        kind, _bar, tax = key.partition("|")
        code = codes.get(tax, "")
        if code:
            name, count = wanted.get(f"{kind}|{code}", ("", 0))
            wanted[f"{kind}|{code}"] = (name or str(one.get("name", "")), count + int(one.get("count", 0)))
    for key, (name, count) in sorted(wanted.items()):
        kind, _bar, code = key.partition("|")
        kept = str(stored.charges.get(key, "") or "")
        guess = "" if kept else suggest.charge_card(ChargeKind(kind), code, erp.service_cards, stored.warehouse)
        cards = [card for card in erp.service_cards if card.vat_code == code]
        pick = _choice(f"charges|card|{key}", "card", kept or guess, cards, bool(guess), spread=kind == "discount")
        yield Row(
            key=key, label=f"{code} · {name}".rstrip(" ·"), kind=kind, count=count, mapped=bool(kept), picks=(pick,)
        )


def _rate_rows(stored: Stored) -> Iterable[Row]:
    seen = stored.seen.get("currencies", {})
    for key in _keys(seen, stored.rates):
        if key in ("", "PLN"):
            continue
        kept = stored.rates.get(key, {})
        yield Row(
            key=key,
            label=key,
            count=_count(stored, "currencies", key),
            mapped=bool(kept),
            picks=(
                Pick(name=f"rates|value|{key}", column="value", value=str(kept.get("value", "")), kind="amount"),
                Pick(name=f"rates|day|{key}", column="day", value=str(kept.get("day", "")), kind="day"),
            ),
        )


def _keys(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))


def _count(stored: Stored, group: str, key: str) -> int:
    return int(stored.seen.get(group, {}).get(key, {}).get("count", 0))


def _choice(
    name: str,
    column: str,
    value: str,
    words: Sequence[Word],
    suggested: bool,
    *,
    none: bool = False,
    spread: bool = False,
) -> Pick:
    """What is stored stays among the options even where WAPRO no longer lists it."""
    options = [(word.key, word.name or word.key) for word in words if word.active or word.key == value]
    special = [(NONE, "")] * none + [(SPREAD, "")] * spread
    if value and value not in {key for key, _label in (*options, *special)}:
        options.append((value, value))
    return Pick(name=name, column=column, value=value, options=(*special, *options), suggested=suggested)


def taken(rows: Mapping[str, Sequence[Row]], erp: ErpWords, posted: Mapping[str, str]) -> tuple[Stored, Problems]:
    """What a person posted for these rows as the terms store it. Nothing is to be saved while there are problems."""
    groups: dict[str, dict[str, Any]] = {name: {} for name in GROUPS}
    problems: Problems = {}
    percents = {word.key: word.percent for word in erp.vat_codes}
    for group in GROUPS:
        for row in rows[group]:
            values = {pick.column: posted.get(pick.name, "").strip() for pick in row.picks}
            for pick in row.picks:
                offered = {value for value, _label in pick.options}
                if pick.kind == "choice" and values[pick.column] and values[pick.column] not in offered:
                    problems[pick.name] = "unknown"
            if not any(pick.name in problems for pick in row.picks):
                _take(groups[group], group, row, values, percents, problems)
    found = Stored(
        payments=groups["payments"],
        deliveries=groups["deliveries"],
        taxes=groups["taxes"],
        charges=groups["charges"],
        rates=groups["rates"],
    )
    return found, problems


def _take(
    into: dict[str, Any],
    group: str,
    row: Row,
    values: Mapping[str, str],
    percents: Mapping[str, Decimal | None],
    problems: Problems,
) -> None:
    first = row.picks[0].name
    if group == "payments" and values["form"]:
        if not (values["days"] or "0").isdecimal() or int(values["days"] or 0) > 365:
            problems[row.picks[1].name] = "number"
            return
        into[row.key] = {"form": values["form"], "days": int(values["days"] or 0)}
    elif group == "deliveries" and values["form"]:
        form = None if values["form"] == NONE else int(values["form"])
        into[row.key] = {"form": form, "carrier": int(values["carrier"]) if values["carrier"] else None}
    elif group == "taxes" and values["code"]:
        percent = percents.get(values["code"])
        if percent is None:
            problems[first] = "no_percent"
            return
        into[row.key] = {"code": values["code"], "percent": plain_number(percent)}
    elif group == "charges" and values["card"]:
        into[row.key] = values["card"]
    elif group == "rates" and (values["value"] or values["day"]):
        _take_rate(into, row, values, problems)


def _take_rate(into: dict[str, Any], row: Row, values: Mapping[str, str], problems: Problems) -> None:
    value = _decimal(values["value"].replace(",", "."))
    if value is None or not Decimal(0) < value < Decimal(10000):
        problems[row.picks[0].name] = "number"
        return
    try:
        day = date.fromisoformat(values["day"])
    except ValueError:
        problems[row.picks[1].name] = "day"
        return
    into[row.key] = {"value": plain_number(value), "day": day.isoformat()}


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None

"""The money of an order: lines and charges that add up to its total, each with its VAT rate by a lasting name. Pure.

WooCommerce keeps net amounts and taxes with more digits than it shows and rounds either each line or the whole order.
Amounts are therefore read with six decimals and brought to the grosz here, so that they give the order's total.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import unescape
from typing import Any

from integrator.canonical import coerce
from integrator.canonical.errors import MappingError
from integrator.canonical.orders import Charge, ChargeKind
from integrator.canonical.records import plain_number
from integrator.canonical.rounding import to_places
from integrator.canonical.text import clean, fold

Row = Mapping[str, Any]
DECIMALS = 6
"""Asked for with `dp`: with two, the lines of a shop that rounds at the subtotal do not add up."""
GROSZ = Decimal("0.01")
UNTAXED = "no VAT"
"""Name of the rate of what no tax was reckoned for: exempt, sold abroad, or a shop that reckons none."""
_COD = ("pobran", "cash on delivery", "cod fee")
_PACKING = ("pakow", "packing", "gift wrap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    percent: Decimal | None
    """None: the shop kept no figure with the order."""
    label: str = ""
    country: str = ""
    compound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The VAT rates of one order by id."""

    by_id: Mapping[str, Rate] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    """Rate id -> tax class, as the order's own lines tell."""
    home: str = ""
    """The shop's country."""
    destination: str = ""

    def name(self, ids: Sequence[str], tax_class: str | None) -> str:
        """`23%`; abroad `19% DE`. Several classes of 0 % mean different things (0, exempt), so those keep their class,
        and what is not taxed at all keeps class and country."""
        if not ids:
            abroad = self.destination if self.destination not in ("", self.home) else ""
            return " ".join(part for part in (UNTAXED, tax_class, abroad) if part)
        return " + ".join(self._name(one, tax_class) for one in ids)

    def _name(self, one: str, tax_class: str | None) -> str:
        rate = self.by_id.get(one)
        if rate is None or rate.percent is None:
            return (rate.label if rate else "") or f"rate {one}"
        abroad = rate.country if rate.country not in ("", self.home) else ""
        if rate.percent:
            return f"{plain_number(rate.percent)}% {abroad}".strip()
        own = rate.label if tax_class is None else tax_class or "standard"
        return " ".join(part for part in ("0%", self.classes.get(one, own), abroad) if part)

    def percent(self, ids: Sequence[str]) -> Decimal | None:
        found = [self.by_id[one] for one in ids if one in self.by_id]
        if len(found) < len(ids) or any(one.percent is None or (one.compound and len(ids) > 1) for one in found):
            return None
        return sum((one.percent for one in found if one.percent is not None), Decimal(0))


def rates(raw: Row, home: str, destination: str) -> Rates:
    by_id = {}
    for row in rows(raw, "tax_lines"):
        percent = None if row.get("rate_percent") is None else coerce.decimal(row, "rate_percent")
        by_id[coerce.key(row, "rate_id")] = Rate(
            percent=percent,
            label=clean(unescape(coerce.text(row, "label", ""))),
            country=_country(coerce.text(row, "rate_code", "")),
            compound=coerce.flag(row, "compound"),
        )
    classes = {}
    for row in rows(raw, "line_items"):
        used = taxes(row)
        if len(used) == 1:
            classes[next(iter(used))] = coerce.text(row, "tax_class", "") or "standard"
    return Rates(by_id=by_id, classes=classes, home=home, destination=destination)


def _country(code: str) -> str:
    """`PL-VAT 23%-1` begins with the country of the rate, or with nothing where it is for all."""
    head = code.partition("-")[0].upper()
    return head if len(head) == 2 and head.isalpha() else ""


def rows(raw: Row, name: str) -> list[Row]:
    """A list of objects. Raises MappingError for anything else."""
    value = raw.get(name)
    if value in (None, False, ""):
        return []
    if isinstance(value, Mapping):  # PHP sends a list with gaps as an object
        value = list(value.values())
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise MappingError(name, value)
    return value


def taxes(row: Row) -> dict[str, Decimal]:
    """Unrounded taxes of a line by rate id. Rates of the order that do not touch the line are there with an empty
    text."""
    return {
        coerce.key(one, "id"): coerce.decimal(one, "total")
        for one in rows(row, "taxes")
        if one.get("total") not in (None, "")
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """One amount as the shop keeps it, of one rate."""

    net: Decimal
    gross: Decimal
    tax: str
    percent: Decimal | None


def line_sum(row: Row, known: Rates) -> Sum:
    """After all discounts: coupons are taken off the lines."""
    net, tax = coerce.decimal(row, "total"), coerce.decimal(row, "total_tax", Decimal(0))
    ids = list(taxes(row))
    name = known.name(ids, coerce.text(row, "tax_class", ""))
    return Sum(net=net, gross=net + tax, tax=name, percent=known.percent(ids))


def charge_sums(row: Row, known: Rates) -> list[Sum]:
    """Of a fee or delivery. A negative fee has the taxes of all goods in proportion and comes apart by rate; nothing
    is left of what costs nothing."""
    net, tax = coerce.decimal(row, "total"), coerce.decimal(row, "total_tax", Decimal(0))
    if not net and not tax:
        return []
    found = taxes(row)
    tax_class = row.get("tax_class")
    of_class = tax_class if isinstance(tax_class, str) and len(found) < 2 else None
    parts = _apart(net, found, known) if len(found) > 1 else None
    if parts is None:
        ids = list(found)
        return [Sum(net=net, gross=net + tax, tax=known.name(ids, of_class), percent=known.percent(ids))]
    return [
        Sum(
            net=part,
            gross=part + found.get(one, Decimal(0)),
            tax=known.name([one] if one else [], None),
            percent=known.percent([one] if one else []),
        )
        for one, part in parts.items()
    ]


def _apart(net: Decimal, found: Mapping[str, Decimal], known: Rates) -> dict[str, Decimal] | None:
    """Net by rate, from the taxes; what no tax came of belongs to the rate of 0 %, or to none. None where the taxes
    all lie on the whole amount, as in countries with two taxes."""
    parts: dict[str, Decimal] = {}
    free = ""
    for one, tax in found.items():
        percent = known.percent([one])
        if percent is None:
            return None
        if percent:
            parts[one] = tax * 100 / percent
        else:
            free = one
    left = net - sum(parts.values(), Decimal(0))
    if abs(left) > GROSZ * len(found) and (left < 0) != (net < 0):
        return None
    if free or abs(left) > GROSZ * len(found):
        parts[free] = left
    return {one: part for one, part in parts.items() if to_places(part, 2)}


def settled(exact: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Gross amounts to the grosz that add up to the total, the last groszes where rounding took most. A difference that
    rounding cannot make (a voucher of some plugin) is left for people to see."""
    found = [to_places(one, 2) for one in exact]
    missing = total - sum(found, Decimal(0))
    step = GROSZ if missing > 0 else -GROSZ
    if not missing or abs(missing) > GROSZ * (len(exact) + 1) / 2 or missing % GROSZ:
        return found
    places = [one for one in range(len(exact)) if exact[one]]
    places.sort(key=lambda one: (exact[one] - found[one]) * step, reverse=True)
    for one in places[: int(missing / step)]:
        found[one] += step
    return found


def settled_by_rate(sums: Sequence[Sum], total: Decimal) -> list[Decimal]:
    """Gross amounts that add up to the total, and within it to what the shop rounds for each rate where that is so: a
    shop that rounds at the subtotal rounds the tax of each rate once."""
    places: dict[str, list[int]] = {}
    for place, one in enumerate(sums):
        places.setdefault(one.tax, []).append(place)
    exact = [[sums[place].gross for place in mine] for mine in places.values()]
    wholes = settled([sum(parts, Decimal(0)) for parts in exact], total)
    found = [Decimal(0)] * len(sums)
    for mine, parts, whole in zip(places.values(), exact, wholes, strict=True):
        for place, gross in zip(mine, settled(parts, whole), strict=True):
            found[place] = gross
    return found if sum(found, Decimal(0)) == total else settled([one.gross for one in sums], total)


def charge(kind: ChargeKind, name: str, part: Sum, gross: Decimal) -> Charge:
    return Charge(kind=kind, name=name, net=to_places(part.net, 2), gross=gross, tax=part.tax, percent=part.percent)


def fee_kind(name: str, net: Decimal) -> ChargeKind:
    """By sign and by words that are used for nothing else."""
    words = fold(name)
    if net < 0:
        return ChargeKind.DISCOUNT
    if _any(_COD, words):
        return ChargeKind.COD
    return ChargeKind.PACKING if _any(_PACKING, words) else ChargeKind.OTHER


def _any(parts: Iterable[str], words: str) -> bool:
    return any(part in words for part in parts)

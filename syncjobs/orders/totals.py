"""Money to the grosz: the amounts of a shop's order as WAPRO will compute them, and the proof that both are one. Pure.

WAPRO multiplies quantity by unit price, rounds each line to the grosz, adds the lines up per VAT rate and takes the
tax of each sum. A unit price that does not multiply back to the amount of its line would move the total, so a line is
split in two where no price of four decimals fits: 10.00 for 3 pieces becomes 2 for 3.33 and 1 for 3.34.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from integrator.canonical.problems import Code
from integrator.canonical.records import Problem, plain_number, problem
from integrator.canonical.rounding import to_places

GROSZ = Decimal("0.01")
PRICE_PLACES = 4
Basis = Literal["Netto", "Brutto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One line or charge of the shop's order. At least one of `net` and `gross` is there, for the whole line."""

    id: str
    """The shop's key of the line, or the kind of the charge."""
    label: str
    quantity: Decimal
    net: Decimal | None
    gross: Decimal | None
    rate: str
    """WAPRO's code of the VAT rate."""
    percent: Decimal
    spread: bool = False
    """A discount on the whole order: taken off the other amounts of its rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A line as WAPRO gets it: `quantity` pieces at these unit prices."""

    id: str
    label: str
    quantity: Decimal
    net: Decimal
    gross: Decimal
    rate: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RateProof:
    """One VAT rate on both sides: what the shop charges for it and what WAPRO will come to."""

    rate: str
    percent: Decimal
    shop_gross: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal

    @property
    def difference(self) -> Decimal:
        return self.gross - self.shop_gross


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`lines` are what WAPRO gets. With problems nothing may be written."""

    basis: Basis
    lines: tuple[Priced, ...]
    rates: tuple[RateProof, ...]
    shop_total: Decimal
    problems: tuple[Problem, ...] = ()

    @property
    def net(self) -> Decimal:
        return sum((rate.net for rate in self.rates), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return sum((rate.gross for rate in self.rates), Decimal(0))

    @property
    def holds(self) -> bool:
        return not self.problems


def prove(amounts: Sequence[Amount], total: Decimal, basis: Literal["net", "gross"]) -> Proof:
    """The lines for WAPRO and the equation per rate. A shop that calculates from net prices is followed where WAPRO
    then comes to its total; else the gross amounts count, because they are what the buyer pays."""
    found = [problem_found for amount in amounts for problem_found in _unusable(amount)]
    if found:
        return Proof(basis="Brutto", lines=(), rates=(), shop_total=total, problems=tuple(found))
    spread = spread_discounts(amounts)
    if basis == "net" and all(amount.net is not None for amount in spread):
        proof = _proof(spread, total, "Netto")
        if proof.holds:
            return proof
    return _proof(spread, total, "Brutto")


def _unusable(amount: Amount) -> Iterable[Problem]:
    if amount.quantity <= 0:
        yield problem(Code.QUANTITY_NOT_POSITIVE, name=amount.label, value=plain_number(amount.quantity))
    if amount.net is None and amount.gross is None:
        yield problem(Code.AMOUNT_MISSING, name=amount.label)


def gross_amount(amount: Amount) -> Decimal:
    """What the buyer pays for the line, to the grosz."""
    if amount.gross is not None:
        return to_places(amount.gross, 2)
    assert amount.net is not None
    return to_places(amount.net * (100 + amount.percent) / 100, 2)


def net_amount(amount: Amount) -> Decimal:
    if amount.net is not None:
        return to_places(amount.net, 2)
    assert amount.gross is not None
    return to_places(amount.gross * 100 / (100 + amount.percent), 2)


def spread_discounts(amounts: Sequence[Amount]) -> list[Amount]:
    """Takes discounts on the whole order off the other amounts of the same rate, in proportion and to the grosz: the
    last groszes go to the largest remainders."""
    kept = [amount for amount in amounts if not amount.spread]
    for discount in (amount for amount in amounts if amount.spread):
        members = [i for i, amount in enumerate(kept) if amount.rate == discount.rate] or list(range(len(kept)))
        for part, gross in zip(
            members, _shares(gross_amount(discount), [gross_amount(kept[i]) for i in members]), strict=True
        ):
            kept[part] = replace(kept[part], gross=gross_amount(kept[part]) + gross, net=None)
    return kept


def _shares(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    whole = sum(weights, Decimal(0))
    if not whole:
        return [Decimal(0)] * len(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [(share / GROSZ).to_integral_value(rounding=ROUND_FLOOR) * GROSZ for share in exact]
    missing = int((total - sum(parts, Decimal(0))) / GROSZ)
    order = sorted(range(len(parts)), key=lambda i: (exact[i] - parts[i], weights[i]), reverse=True)
    for place in order[:missing]:
        parts[place] += GROSZ
    return parts


def _proof(amounts: Sequence[Amount], total: Decimal, basis: Basis) -> Proof:
    lines = tuple(line for amount in amounts for line in priced(amount, basis))
    rates = tuple(_rates(amounts, lines, basis))
    proof = Proof(basis=basis, lines=lines, rates=rates, shop_total=total)
    return replace(proof, problems=tuple(_differences(amounts, proof)))


def priced(amount: Amount, basis: Basis) -> list[Priced]:
    """One line for WAPRO, or two whose amounts add up to the grosz where one price cannot."""
    value = gross_amount(amount) if basis == "Brutto" else net_amount(amount)
    quantity = amount.quantity
    unit = to_places(value / quantity, PRICE_PLACES)
    if to_places(quantity * unit, 2) == value and (
        quantity * unit == value or quantity != quantity.to_integral_value()
    ):
        return [_line(amount, quantity, unit, basis)]
    if quantity != quantity.to_integral_value():
        return [_line(amount, quantity, unit, basis)]
    low = (value / quantity / GROSZ).to_integral_value(rounding=ROUND_FLOOR) * GROSZ
    dearer = int((value - low * quantity) / GROSZ)
    parts = [(quantity - dearer, low), (Decimal(dearer), low + GROSZ)]
    return [_line(amount, pieces, price, basis) for pieces, price in parts if pieces]


def _line(amount: Amount, quantity: Decimal, unit: Decimal, basis: Basis) -> Priced:
    if basis == "Brutto":
        net, gross = to_places(unit * 100 / (100 + amount.percent), PRICE_PLACES), unit
    else:
        net, gross = unit, to_places(unit * (100 + amount.percent) / 100, PRICE_PLACES)
    return Priced(
        id=amount.id,
        label=amount.label,
        quantity=quantity,
        net=net,
        gross=gross,
        rate=amount.rate,
        percent=amount.percent,
    )


def _rates(amounts: Sequence[Amount], lines: Sequence[Priced], basis: Basis) -> Iterable[RateProof]:
    percents = {amount.rate: amount.percent for amount in amounts}
    for rate, percent in percents.items():
        shop = sum((gross_amount(amount) for amount in amounts if amount.rate == rate), Decimal(0))
        mine = [line for line in lines if line.rate == rate]
        if basis == "Brutto":
            gross = sum((to_places(line.quantity * line.gross, 2) for line in mine), Decimal(0))
            net = to_places(gross * 100 / (100 + percent), 2)
        else:
            net = sum((to_places(line.quantity * line.net, 2) for line in mine), Decimal(0))
            gross = to_places(net * (100 + percent) / 100, 2)
        yield RateProof(rate=rate, percent=percent, shop_gross=shop, net=net, tax=gross - net, gross=gross)


def _differences(amounts: Sequence[Amount], proof: Proof) -> Iterable[Problem]:
    """What keeps the order: a line that no price fits, named, or a total that its own lines do not add up to."""
    for amount in amounts:
        wanted = gross_amount(amount) if proof.basis == "Brutto" else net_amount(amount)
        came = sum(
            (
                to_places(line.quantity * (line.gross if proof.basis == "Brutto" else line.net), 2)
                for line in proof.lines
                if line.id == amount.id
            ),
            Decimal(0),
        )
        if came != wanted:
            yield problem(Code.LINE_DIFFERS, name=amount.label, shop=plain_number(wanted), erp=plain_number(came))
    if proof.gross != proof.shop_total:
        yield problem(
            Code.TOTAL_DIFFERS,
            shop=plain_number(proof.shop_total),
            erp=plain_number(proof.gross),
            difference=plain_number(proof.gross - proof.shop_total),
        )

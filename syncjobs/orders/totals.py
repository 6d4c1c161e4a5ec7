"""Money to the grosz: the amounts of a shop's order as WAPRO will compute them, and the proof that both are one. Pure.

WAPRO multiplies quantity by unit price, rounds each line to the grosz, adds the lines up per VAT rate and takes the
tax of each sum. A unit price that does not multiply back to the amount of its line would move the total, so a line is
split in two where no price of four decimals fits: 10.00 for 3 pieces becomes 2 for 3.33 and 1 for 3.34.

What the buyer pays is equal to the grosz: each line, each VAT rate, the total. The VAT within it is not, and need not
be: a shop rounds the tax of every piece or line where WAPRO takes that of the sum. It may differ by what such rounding
makes, which tells a rounded grosz from a wrong rate.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
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
    shop_tax: Decimal
    """As the shop reckons it; of what it reckons no tax for, what the rate makes of it."""
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


def prove(
    amounts: Sequence[Amount], total: Decimal, basis: Literal["net", "gross"], tax_total: Decimal | None = None
) -> Proof:
    """The lines for WAPRO and the equation per rate. A shop that calculates from net prices is followed where WAPRO
    then comes to its amounts of every rate; else the gross amounts count, because they are what the buyer pays.
    `tax_total`: the VAT of the whole order, where the shop tells."""
    found = [problem_found for amount in amounts for problem_found in _unusable(amount)]
    found = found or list(_unspreadable(amounts))
    if found:
        return Proof(basis="Brutto", lines=(), rates=(), shop_total=total, problems=tuple(found))
    parts = spread_discounts(amounts)
    if basis == "net" and all(amount.net is not None for amount in parts):
        proof = _proof(amounts, parts, total, tax_total, "Netto")
        if proof.holds:
            return proof
    return _proof(amounts, parts, total, tax_total, "Brutto")


def _unusable(amount: Amount) -> Iterable[Problem]:
    if amount.quantity <= 0:
        yield problem(Code.QUANTITY_NOT_POSITIVE, name=amount.label, value=plain_number(amount.quantity))
    if amount.net is None and amount.gross is None:
        yield problem(Code.AMOUNT_MISSING, name=amount.label)


def _unspreadable(amounts: Sequence[Amount]) -> Iterable[Problem]:
    """Discounts that the lines of their rate cannot bear: VAT of one rate is never taken off goods of another."""
    left: dict[str, Decimal] = {}
    for amount in amounts:
        if not amount.spread:
            left[amount.rate] = left.get(amount.rate, Decimal(0)) + gross_amount(amount)
    for discount in (amount for amount in amounts if amount.spread):
        goods = left.get(discount.rate, Decimal(0))
        left[discount.rate] = goods + gross_amount(discount)
        if left[discount.rate] < 0:
            yield problem(
                Code.DISCOUNT_TOO_LARGE,
                name=discount.label,
                rate=discount.rate,
                value=plain_number(-gross_amount(discount)),
                goods=plain_number(max(goods, Decimal(0))),
            )


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


def tax_amount(amount: Amount) -> Decimal:
    """The VAT in it as the shop reckons it. Where the shop tells one amount only, or reckons no tax at all (prices
    without VAT, mapped to a rate by a person), what the rate makes of it."""
    gross = gross_amount(amount)
    if amount.net is None or amount.gross is None or _untaxed(amount):
        return gross - to_places(gross * 100 / (100 + amount.percent), 2)
    return gross - net_amount(amount)


def _untaxed(amount: Amount) -> bool:
    return amount.net is not None and amount.gross is not None and net_amount(amount) == gross_amount(amount)


def _leeway(amount: Amount) -> Decimal:
    """How far two ways of rounding may be apart in the VAT of it: shops round net and gross of every piece."""
    return GROSZ * (max(amount.quantity.to_integral_value(rounding=ROUND_CEILING), Decimal(1)) + 1)


def spread_discounts(amounts: Sequence[Amount]) -> list[Amount]:
    """Takes discounts on the whole order off the other amounts of the same rate, in proportion and to the grosz: the
    last groszes go to the largest remainders."""
    kept = [amount for amount in amounts if not amount.spread]
    for discount in (amount for amount in amounts if amount.spread):
        members = [i for i, amount in enumerate(kept) if amount.rate == discount.rate]
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


def _proof(
    amounts: Sequence[Amount], parts: Sequence[Amount], total: Decimal, tax_total: Decimal | None, basis: Basis
) -> Proof:
    """`parts`: the amounts with discounts taken off them, which become lines."""
    lines = tuple(line for part in parts for line in priced(part, basis))
    rates = tuple(_rates(amounts, lines, basis))
    proof = Proof(basis=basis, lines=lines, rates=rates, shop_total=total)
    wrong = [part for part in parts if _comes_to(part, proof) != _wanted(part, basis)]
    found = [*_wrong_lines(wrong, proof), *_wrong_rates(amounts, {part.rate for part in wrong}, proof)]
    if proof.gross != total:
        found.append(_differs(Code.TOTAL_DIFFERS, total, proof.gross))
    if not found and tax_total is not None:
        found += _wrong_tax(amounts, tax_total, proof)
    return replace(proof, problems=tuple(found))


def priced(amount: Amount, basis: Basis) -> list[Priced]:
    """One line for WAPRO, or two whose amounts add up to the grosz where one price cannot."""
    value = _wanted(amount, basis)
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
        charged = [amount for amount in amounts if amount.rate == rate]
        mine = [line for line in lines if line.rate == rate]
        if basis == "Brutto":
            gross = sum((to_places(line.quantity * line.gross, 2) for line in mine), Decimal(0))
            net = to_places(gross * 100 / (100 + percent), 2)
        else:
            net = sum((to_places(line.quantity * line.net, 2) for line in mine), Decimal(0))
            gross = to_places(net * (100 + percent) / 100, 2)
        yield RateProof(
            rate=rate,
            percent=percent,
            shop_gross=sum(map(gross_amount, charged), Decimal(0)),
            shop_tax=sum(map(tax_amount, charged), Decimal(0)),
            net=net,
            tax=gross - net,
            gross=gross,
        )


def _wanted(amount: Amount, basis: Basis) -> Decimal:
    return gross_amount(amount) if basis == "Brutto" else net_amount(amount)


def _comes_to(amount: Amount, proof: Proof) -> Decimal:
    """The amount as WAPRO multiplies it from the lines that it became."""
    mine = [line for line in proof.lines if line.id == amount.id]
    return sum(
        (to_places(line.quantity * (line.gross if proof.basis == "Brutto" else line.net), 2) for line in mine),
        Decimal(0),
    )


def _wrong_lines(wrong: Iterable[Amount], proof: Proof) -> Iterable[Problem]:
    for part in wrong:
        shop, erp = plain_number(_wanted(part, proof.basis)), plain_number(_comes_to(part, proof))
        yield problem(Code.LINE_DIFFERS, name=part.label, shop=shop, erp=erp)


def _wrong_rates(amounts: Sequence[Amount], named: Collection[str], proof: Proof) -> Iterable[Problem]:
    """Rates that come to another amount, or whose VAT is another than rounding makes. `named`: those of lines that are
    named already."""
    for rate in proof.rates:
        leeway = sum((_leeway(amount) for amount in amounts if amount.rate == rate.rate), Decimal(0))
        if rate.difference and rate.rate not in named:
            yield _differs(Code.RATE_DIFFERS, rate.shop_gross, rate.gross, rate=rate.rate)
        elif abs(rate.tax - rate.shop_tax) > leeway:
            yield _differs(Code.TAX_DIFFERS, rate.shop_tax, rate.tax, rate=rate.rate)


def _wrong_tax(amounts: Sequence[Amount], tax_total: Decimal, proof: Proof) -> Iterable[Problem]:
    """The shop's own sum of VAT against that of its lines: one of them is of something else."""
    erp = proof.gross - proof.net - sum((tax_amount(amount) for amount in amounts if _untaxed(amount)), Decimal(0))
    if abs(erp - tax_total) > sum(map(_leeway, amounts), Decimal(0)):
        yield _differs(Code.TAX_DIFFERS, tax_total, erp)


def _differs(code: Code, shop: Decimal, erp: Decimal, **about: str) -> Problem:
    return problem(code, shop=plain_number(shop), erp=plain_number(erp), difference=plain_number(erp - shop), **about)

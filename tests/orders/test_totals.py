"""Money to the grosz: what WAPRO multiplies and rounds comes to what the buyer pays, over 10 000 random orders."""

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrator.canonical.problems import Code
from integrator.canonical.rounding import to_places
from syncjobs.orders.totals import Amount, Proof, prove

RATES = {"23": Decimal(23), "8": Decimal(8), "5": Decimal(5), "0": Decimal(0)}
money = st.integers(min_value=1, max_value=500_000).map(lambda grosze: Decimal(grosze) / 100)
rates = st.sampled_from(sorted(RATES))


def amount(number: int, gross: Decimal | None, rate: str, quantity: Decimal, net: Decimal | None = None) -> Amount:
    return Amount(
        id=str(number),
        label=f"Towar {number}",
        quantity=quantity,
        net=net,
        gross=gross,
        rate=rate,
        percent=RATES[rate],
    )


def as_wapro_adds_up(proof: Proof) -> dict[str, Decimal]:
    """Lines rounded to the grosz, summed per rate, the tax of each sum: independent of the proof's own arithmetic."""
    found = {}
    for rate, percent in RATES.items():
        mine = [one for one in proof.lines if one.rate == rate]
        if proof.basis == "Brutto":
            found[rate] = sum((to_places(one.quantity * one.gross, 2) for one in mine), Decimal(0))
        else:
            net = sum((to_places(one.quantity * one.net, 2) for one in mine), Decimal(0))
            found[rate] = to_places(net * (100 + percent) / 100, 2)
    return {rate: gross for rate, gross in found.items() if gross}


def charged(amounts: list[Amount]) -> dict[str, Decimal]:
    """What the buyer pays per rate."""
    found: dict[str, Decimal] = {}
    for one in amounts:
        assert one.gross is not None
        found[one.rate] = found.get(one.rate, Decimal(0)) + one.gross
    return {rate: gross for rate, gross in found.items() if gross}


Line = tuple[Decimal, str, int]


def check_gross(lines: list[Line], discount: int) -> None:
    amounts = [amount(number, gross, rate, Decimal(pieces)) for number, (gross, rate, pieces) in enumerate(lines)]
    total = sum((one.gross or Decimal(0) for one in amounts), Decimal(0))
    off = to_places(sum((g for g, rate, _ in lines if rate == lines[0][1]), Decimal(0)) * discount / 100, 2)
    if off:
        amounts.append(replace(amount(99, -off, lines[0][1], Decimal(1)), spread=True))
    proof = prove(amounts, total - off, "gross")
    assert proof.problems == ()
    assert as_wapro_adds_up(proof) == charged(amounts)
    assert proof.gross == total - off
    assert all(-int(line.gross.as_tuple().exponent) <= 4 and line.quantity > 0 for line in proof.lines)
    sent: dict[str, Decimal] = {}
    for line in proof.lines:
        sent[line.id] = sent.get(line.id, Decimal(0)) + line.quantity
    assert sent == {one.id: one.quantity for one in amounts if not one.spread}


@pytest.mark.failure_mode("F11")
def test_ten_thousand_orders_with_gross_prices_come_to_the_same_total() -> None:
    chance = random.Random(20261125)
    for _ in range(10_000):
        lines = [
            (Decimal(chance.randint(1, 500_000)) / 100, chance.choice(sorted(RATES)), chance.randint(1, 2_000))
            for _ in range(chance.randint(1, 9))
        ]
        check_gross(lines, chance.choice([0, 0, 5, 10, 33, 60]))


@settings(max_examples=100, deadline=None)
@given(
    lines=st.lists(st.tuples(money, rates, st.integers(min_value=1, max_value=2_000)), min_size=1, max_size=9),
    discount=st.integers(min_value=0, max_value=60),
)
def test_any_order_with_gross_prices_comes_to_the_same_total(lines: list[Line], discount: int) -> None:
    check_gross(lines, discount)


Net = list[tuple[Decimal, str, int]]
"""Lines: net unit price, rate, pieces."""


def rounded_per_line(lines: Net) -> list[Amount]:
    return [
        amount(n, to_places(net * pieces * (100 + RATES[rate]) / 100, 2), rate, Decimal(pieces), net=net * pieces)
        for n, (net, rate, pieces) in enumerate(lines)
    ]


def rounded_per_piece(lines: Net) -> list[Amount]:
    return [
        amount(n, to_places(net * (100 + RATES[rate]) / 100, 2) * pieces, rate, Decimal(pieces), net=net * pieces)
        for n, (net, rate, pieces) in enumerate(lines)
    ]


def rounded_per_total(lines: Net) -> list[Amount]:
    """The shop adds up and rounds each rate once; its last line bears the grosz."""
    amounts = rounded_per_line(lines)
    for rate, percent in RATES.items():
        mine = [n for n, one in enumerate(amounts) if one.rate == rate]
        net = sum((amounts[n].net or Decimal(0) for n in mine), Decimal(0))
        missing = to_places(net * (100 + percent) / 100, 2) - sum(amounts[n].gross or Decimal(0) for n in mine)
        if mine:
            last = amounts[mine[-1]]
            amounts[mine[-1]] = replace(last, gross=(last.gross or Decimal(0)) + missing)
    return amounts


WAYS = (rounded_per_line, rounded_per_piece, rounded_per_total)


def check_net(amounts: list[Amount], discount: int) -> None:
    """A discount is one sum on a service card, or taken off the lines."""
    if discount:
        first = amounts[0]
        off = to_places((first.net or Decimal(0)) * discount / 100, 2)
        gross = to_places(off * (100 + first.percent) / 100, 2)
        amounts.append(replace(amount(99, -gross, first.rate, Decimal(1), net=-off), spread=bool(discount % 2)))
    total = sum((one.gross or Decimal(0) for one in amounts), Decimal(0))
    tax = total - sum((one.net or Decimal(0) for one in amounts), Decimal(0))
    proof = prove(amounts, total, "net", tax)
    assert proof.problems == ()
    assert {one.difference for one in proof.rates} == {0}
    assert as_wapro_adds_up(proof) == charged(amounts)


@pytest.mark.failure_mode("F11")
def test_ten_thousand_orders_with_net_prices_come_to_the_same_amount_in_every_rate() -> None:
    """However the shop rounds: each piece, each line, or what it adds up to."""
    chance = random.Random(20261126)
    for _ in range(10_000):
        lines = [
            (Decimal(chance.randint(1, 99_999)) / 100, chance.choice(sorted(RATES)), chance.choice([1, 2, 3, 7, 144]))
            for _ in range(chance.randint(1, 6))
        ]
        check_net(chance.choice(WAYS)(lines), chance.choice([0, 0, 5, 10, 33, 60]))


@settings(max_examples=100, deadline=None)
@given(
    lines=st.lists(st.tuples(money, rates, st.integers(min_value=1, max_value=500)), min_size=1, max_size=6),
    way=st.sampled_from(WAYS),
    discount=st.integers(min_value=0, max_value=60),
)
def test_any_order_with_net_prices_comes_to_the_same_amount_in_every_rate(lines: Net, way: Any, discount: int) -> None:
    check_net(way(lines), discount)


CANCELLING = [(147, "23"), (455, "23"), (455, "8"), (931, "8")]
"""Groszes net and rate."""


def test_groszes_that_cancel_out_between_rates_are_no_equality() -> None:
    """From net prices both rates would miss by a grosz and the total would not: then gross prices are taken."""
    amounts = rounded_per_line([(Decimal(net) / 100, rate, 1) for net, rate in CANCELLING])
    from_net = {rate: sum((one.net or Decimal(0) for one in amounts if one.rate == rate), Decimal(0)) for rate in RATES}
    reckoned = {rate: to_places(net * (100 + RATES[rate]) / 100, 2) for rate, net in from_net.items() if net}
    assert sum(reckoned.values()) == sum(charged(amounts).values())
    assert reckoned != charged(amounts)
    proof = prove(amounts, sum(reckoned.values(), Decimal(0)), "net")
    assert (proof.holds, proof.basis) == (True, "Brutto")
    assert as_wapro_adds_up(proof) == charged(amounts)


def test_a_rate_that_is_mapped_to_another_one_holds_the_order() -> None:
    """What the buyer pays would be the same, and the VAT in it would not."""
    wrong = amount(1, Decimal("123.00"), "8", Decimal(1), net=Decimal("100.00"))
    (problem,) = prove([wrong], Decimal("123.00"), "gross").problems
    assert problem.code == Code.TAX_DIFFERS
    assert problem.as_dict() == {"rate": "8", "shop": "23", "erp": "9.11", "difference": "-13.89"}


def test_a_shop_that_reckons_no_tax_leaves_it_to_the_rate_that_was_chosen() -> None:
    one = amount(1, Decimal("123.00"), "23", Decimal(1), net=Decimal("123.00"))
    assert prove([one], Decimal("123.00"), "gross", Decimal(0)).holds


def test_the_shops_own_sum_of_vat_counts_too() -> None:
    one = amount(1, Decimal("123.00"), "23", Decimal(1))
    assert prove([one], Decimal("123.00"), "gross", Decimal("23.00")).holds
    assert prove([one], Decimal("123.00"), "gross", Decimal("22.99")).holds, "rounding makes a grosz"
    (problem,) = prove([one], Decimal("123.00"), "gross", Decimal("9.11")).problems
    assert (problem.code, problem.as_dict()["difference"]) == (Code.TAX_DIFFERS, "13.89")


@pytest.mark.parametrize(("off", "rate", "goods"), [("10.00", "23", "0"), ("100.01", "8", "100")])
def test_a_discount_is_taken_off_goods_of_its_own_rate_alone(off: str, rate: str, goods: str) -> None:
    amounts = [
        amount(1, Decimal("100.00"), "8", Decimal(1)),
        amount(2, Decimal("500.00"), "5", Decimal(1)),
        replace(amount(3, -Decimal(off), rate, Decimal(1)), spread=True),
    ]
    (problem,) = prove(amounts, Decimal("600.00") - Decimal(off), "gross").problems
    assert problem.code == Code.DISCOUNT_TOO_LARGE
    assert [problem.as_dict()[name] for name in ("name", "rate", "goods")] == ["Towar 3", rate, goods]


def test_ten_for_three_is_two_prices() -> None:
    proof = prove([amount(1, Decimal("10.00"), "23", Decimal(3))], Decimal("10.00"), "gross")
    assert [(str(one.quantity), str(one.gross)) for one in proof.lines] == [("2", "3.33"), ("1", "3.34")]


def test_a_total_that_its_lines_do_not_add_up_to_holds_the_order() -> None:
    proof = prove([amount(1, Decimal("10.00"), "23", Decimal(1))], Decimal("10.01"), "gross")
    assert [(one.code, one.as_dict()["difference"]) for one in proof.problems] == [(Code.TOTAL_DIFFERS, "-0.01")]


def test_a_weighed_line_that_no_price_fits_is_named() -> None:
    """0.00 for a thousand kilograms and a half of a grosz: there is no such price of four decimals."""
    heavy = amount(1, Decimal("100.03"), "23", Decimal("12345.678"))
    (problem,) = [one for one in prove([heavy], Decimal("100.03"), "gross").problems if one.code == Code.LINE_DIFFERS]
    assert problem.as_dict()["name"] == "Towar 1"


def test_quantities_below_one_and_lines_without_an_amount_are_refused() -> None:
    bad = [
        amount(1, Decimal(5), "23", Decimal(0)),
        amount(2, None, "23", Decimal(1)),
        amount(3, Decimal(5), "8", Decimal(-1)),
    ]
    codes = [one.code for one in prove(bad, Decimal(10), "gross").problems]
    assert codes == [Code.QUANTITY_NOT_POSITIVE, Code.AMOUNT_MISSING, Code.QUANTITY_NOT_POSITIVE]

"""Money to the grosz: what WAPRO multiplies and rounds comes to what the buyer pays, over 10 000 random orders."""

import random
from dataclasses import replace
from decimal import Decimal

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


def as_wapro_adds_up(proof: Proof) -> Decimal:
    """Lines rounded to the grosz, summed per rate, the tax of each sum: independent of the proof's own arithmetic."""
    total = Decimal(0)
    for rate, percent in RATES.items():
        mine = [one for one in proof.lines if one.rate == rate]
        if proof.basis == "Brutto":
            total += sum((to_places(one.quantity * one.gross, 2) for one in mine), Decimal(0))
        else:
            net = sum((to_places(one.quantity * one.net, 2) for one in mine), Decimal(0))
            total += to_places(net * (100 + percent) / 100, 2)
    return total


Line = tuple[Decimal, str, int]


def check_gross(lines: list[Line], discount: int) -> None:
    amounts = [amount(number, gross, rate, Decimal(pieces)) for number, (gross, rate, pieces) in enumerate(lines)]
    total = sum((one.gross or Decimal(0) for one in amounts), Decimal(0))
    off = to_places(sum((g for g, rate, _ in lines if rate == lines[0][1]), Decimal(0)) * discount / 100, 2)
    if off:
        amounts.append(replace(amount(99, -off, lines[0][1], Decimal(1)), spread=True))
    proof = prove(amounts, total - off, "gross")
    assert proof.problems == ()
    assert as_wapro_adds_up(proof) == total - off == proof.gross
    assert all(-int(line.gross.as_tuple().exponent) <= 4 and line.quantity > 0 for line in proof.lines)
    sent: dict[str, Decimal] = {}
    for line in proof.lines:
        sent[line.id] = sent.get(line.id, Decimal(0)) + line.quantity
    assert sent == {one.id: one.quantity for one in amounts if not one.spread}


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


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(st.tuples(money, rates, st.integers(min_value=1, max_value=500)), min_size=1, max_size=6))
def test_a_shop_with_net_prices_is_followed_or_its_gross_amounts_are(lines: list[tuple[Decimal, str, int]]) -> None:
    """Whether the shop rounds the tax per line or per order, the buyer's total is what WAPRO comes to."""
    amounts = []
    for number, (net, rate, pieces) in enumerate(lines):
        gross = to_places(net * (100 + RATES[rate]) / 100, 2)
        amounts.append(amount(number, gross, rate, Decimal(pieces), net=net))
    per_line = sum((one.gross or Decimal(0) for one in amounts), Decimal(0))
    proof = prove(amounts, per_line, "net")
    assert proof.problems == ()
    assert as_wapro_adds_up(proof) == per_line


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

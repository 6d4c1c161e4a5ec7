"""Which fields of a pair differ, by how much, and in which bar of the picture that counts."""

from decimal import Decimal

import pytest

from integrator.canonical.capabilities import Can, FieldSpec, KindCapabilities
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from syncjobs.discrepancies.comparing import PRICE_BARS, STOCK_BARS, UNKNOWN, above, bar_of, differences, percent_above
from syncjobs.engine.plan import Pair, References, Rules, plan_pair
from syncjobs.engine.policy import Owner, Policy

READS = KindCapabilities(can=Can.READ)


def rules(kind: Kind, owners: dict[str, Owner] | None = None, **fields: FieldSpec) -> Rules:
    shop = KindCapabilities(can=Can.READ | Can.UPDATE, fields=fields)
    units = References(to_shop={Kind.UNIT: {"1": "5"}}, to_erp={Kind.UNIT: {"5": "1"}})
    return Rules(kind=kind, policy=Policy(owners=owners or {}), erp=READS, shop=shop, references=units)


def test_a_price_that_the_shop_rounds_is_the_same() -> None:
    priced = rules(Kind.PRICE, price=FieldSpec(decimals=2))
    assert differences(Pair(erp={"price": "10.0049"}, shop={"price": "10"}), priced) == []
    (found,) = differences(Pair(erp={"price": "10.006"}, shop={"price": "10"}), priced)
    assert (found.expected, found.shown) == ("10.01", "10")


def test_stock_is_compared_although_nobody_rules_it_and_as_the_shop_can_hold_it() -> None:
    whole = rules(Kind.STOCK, quantity=FieldSpec(whole=True))
    assert differences(Pair(erp={"quantity": "7.9"}, shop={"quantity": "7"}), whole) == []
    (found,) = differences(Pair(erp={"quantity": "7.9"}, shop={"quantity": "8"}), whole)
    assert (found.expected, found.shown, found.owner) == ("7", "8", Owner.IGNORE)


def test_a_report_finds_what_a_plan_would_write() -> None:
    owners = dict.fromkeys(("name", "unit", "ean"), Owner.ERP)
    named = rules(Kind.PRODUCT, owners, name=FieldSpec(max_length=5, overlong="cut"), unit=FieldSpec(), ean=FieldSpec())
    pair = Pair(
        erp={"name": "Grabie duże", "unit": "1", "ean": "5901234123457"}, shop={"name": "Grabi", "unit": "6", "ean": ""}
    )
    assert {one.name for one in differences(pair, named)} == {change.name for change in plan_pair(pair, named).to_shop}
    assert {one.name for one in differences(pair, named)} == {"unit", "ean"}


def test_descriptions_are_left_out_unless_somebody_rules_them() -> None:
    pair = Pair(erp={"description": "a"}, shop={"description": "b"})
    assert differences(pair, rules(Kind.PRODUCT, description=FieldSpec())) == []
    ruled = rules(Kind.PRODUCT, {"description": Owner.ERP}, description=FieldSpec())
    assert [one.name for one in differences(pair, ruled)] == ["description"]


def test_a_field_of_the_parent_is_not_asked_of_a_variant() -> None:
    on_parent = rules(Kind.PRODUCT, name=FieldSpec(variant=False))
    assert differences(Pair(erp={"name": "a"}, shop={"name": "b"}, variant=True), on_parent) == []


def test_what_has_no_partner_in_the_shop_is_told_with_the_reason() -> None:
    (found,) = differences(Pair(erp={"unit": "9"}, shop={"unit": "5"}), rules(Kind.PRODUCT, unit=FieldSpec()))
    assert found.expected is None
    assert found.problem is not None
    assert found.problem.code == Code.REFERENCE_UNLINKED


@pytest.mark.parametrize(
    ("amount", "bar"),
    [("-250", "less_100"), ("-100", "less_100"), ("-99", "less_10"), ("-10", "less_10"), ("-9.5", "less_0"),
     ("0.5", "more_0"), ("9", "more_0"), ("10", "more_10"), ("99", "more_10"), ("100", "more_100")],
)  # fmt: skip
def test_each_stock_difference_has_its_bar(amount: str, bar: str) -> None:
    assert bar_of(Decimal(amount), STOCK_BARS) == bar


@pytest.mark.parametrize(
    ("percent", "bar"),
    [("-50", "lower_50"), ("-5.1", "lower_5"), ("-0.1", "lower_0"), ("5", "higher_5"), ("900", "higher_50")],
)
def test_each_price_difference_has_its_bar(percent: str, bar: str) -> None:
    assert bar_of(Decimal(percent), PRICE_BARS) == bar


def test_what_cannot_be_subtracted_has_no_amount() -> None:
    assert above(None, "3") is None
    assert above("many", "3") is None
    assert percent_above("0", above("0", "3")) is None
    assert percent_above("50", above("50", "60")) == Decimal("20.0")
    assert bar_of(None, PRICE_BARS) == UNKNOWN

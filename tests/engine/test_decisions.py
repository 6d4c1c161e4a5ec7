"""The decision table, row by row, and what plans say about values that cannot be written."""

import pytest

from integrator.canonical.capabilities import Can, FieldSpec, KindCapabilities
from integrator.canonical.errors import PlanRefused
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from syncjobs.engine.merge import FieldState, Verdict, decide
from syncjobs.engine.order import closed_by
from syncjobs.engine.plan import Pair, References, Rules, plan_creation_in_shop, plan_pair
from syncjobs.engine.policy import FirstAgreement, Linked, Owner, Policy, offered_owners, preset_owners

SHOP = KindCapabilities(
    can=Can.READ | Can.CREATE | Can.UPDATE,
    fields={
        "name": FieldSpec(max_length=10, required=True),
        "ean": FieldSpec(),
        "category": FieldSpec(required=True),
        "producer": FieldSpec(variant=False),
        "price": FieldSpec(decimals=2),
    },
)
ERP = KindCapabilities(can=Can.READ)


def state(**facts) -> FieldState:
    base = {
        "equal": False,
        "erp_moved": False,
        "shop_moved": False,
        "settled": True,
        "to_shop": True,
        "to_erp": True,
    }
    return FieldState(**(base | facts))


@pytest.mark.parametrize(
    ("owner", "facts", "first", "verdict"),
    [
        (Owner.IGNORE, {}, "erp", Verdict.NOTHING),
        (Owner.ERP, {"equal": True}, "erp", Verdict.SETTLE),
        (Owner.ASK, {}, "erp", Verdict.DRIFTED),
        (Owner.ERP, {}, "erp", Verdict.DRIFTED),
        (Owner.ASK, {"settled": False}, "erp", Verdict.TO_SHOP),
        (Owner.ASK, {"settled": False}, "shop", Verdict.TO_ERP),
        (Owner.ASK, {"settled": False}, "ask", Verdict.CONFLICT),
        (Owner.ERP, {"shop_moved": True}, "erp", Verdict.TO_SHOP),
        (Owner.SHOP, {"erp_moved": True}, "erp", Verdict.TO_ERP),
        (Owner.SHOP, {"erp_moved": True, "to_erp": False}, "erp", Verdict.SETTLE),
        (Owner.ASK, {"erp_moved": True}, "erp", Verdict.TO_SHOP),
        (Owner.ASK, {"shop_moved": True}, "erp", Verdict.TO_ERP),
        (Owner.ASK, {"shop_moved": True, "to_erp": False}, "erp", Verdict.SETTLE),
        (Owner.ASK, {"erp_moved": True, "shop_moved": True}, "erp", Verdict.CONFLICT),
    ],
)
def test_the_table(owner, facts, first, verdict):
    assert decide(owner, state(**facts), FirstAgreement(first)) is verdict


NO_LINKS = References()


def rules(owners=None, references=NO_LINKS) -> Rules:
    policy = Policy(owners=owners or dict.fromkeys(SHOP.fields, Owner.ERP))
    return Rules(kind=Kind.PRODUCT, policy=policy, erp=ERP, shop=SHOP, references=references)


def test_an_unmapped_category_blocks_its_field_and_the_rest_goes_on():
    plan = plan_pair(Pair(erp={"category": "1:7", "name": "Grabie"}, shop={"category": "3", "name": "Graby"}), rules())
    assert [(change.name, change.new) for change in plan.to_shop] == [("name", "Grabie")]
    ((change, problem),) = plan.blocked
    assert (change.name, problem.code) == ("category", Code.REFERENCE_UNLINKED)


def test_references_are_compared_in_the_shop_s_terms():
    references = References(to_shop={Kind.CATEGORY: {"1:7": "3", "2:9": "3"}})
    for key in ("1:7", "2:9"):
        plan = plan_pair(Pair(erp={"category": key}, shop={"category": "3"}), rules(references=references))
        assert plan.quiet
        assert plan.settled_erp == {"category": key}


def test_a_price_is_rounded_before_it_is_compared():
    assert plan_pair(Pair(erp={"price": "12.345"}, shop={"price": "12.35"}), rules()).quiet
    (change,) = plan_pair(Pair(erp={"price": "12.344"}, shop={"price": "12.35"}), rules()).to_shop
    assert change.new == "12.34"


def test_what_belongs_to_the_parent_is_not_written_on_a_variant():
    pair = Pair(erp={"producer": "5"}, shop={"producer": None}, variant=True)
    assert plan_pair(pair, rules(references=References(to_shop={Kind.PRODUCER: {"5": "8"}}))).quiet


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"name": "Sekator teleskopowy", "category": "1"}, Code.TOO_LONG),
        ({"name": "", "category": "1"}, Code.REQUIRED_EMPTY),
        ({"name": "Grabie", "category": "2"}, Code.REFERENCE_UNLINKED),
        ({"name": "Grabie", "category": "1", "ean": "5901234123458"}, Code.EAN_INVALID),
    ],
)
def test_a_creation_that_the_shop_would_refuse_waits_with_the_reason(record, code):
    creation = plan_creation_in_shop(record, rules(references=References(to_shop={Kind.CATEGORY: {"1": "3"}})))
    assert [problem.code for problem in creation.problems] == [code]


def test_a_default_category_takes_the_unmapped_ones():
    creation = plan_creation_in_shop(
        {"name": "Grabie", "category": "2"}, rules(references=References(default_category="9"))
    )
    assert creation.fields["category"] == "9"
    assert creation.problems == []


def test_import_and_delete_together_are_refused():
    with pytest.raises(PlanRefused):
        Policy(import_unlinked=True, delete_unlinked=True)


def test_only_what_both_sides_can_write_may_ask():
    assert offered_owners("name", ERP, SHOP) == (Owner.IGNORE, Owner.ERP)
    assert Owner.ASK in offered_owners("name", SHOP, SHOP)


def test_a_preset_takes_the_safe_fields_first():
    owners = preset_owners(Linked.SHOP, Kind.PRODUCT, ERP, SHOP)
    assert owners["ean"] is Owner.ERP
    assert owners["name"] is Owner.IGNORE


def test_gates():
    offered = (Kind.UNIT, Kind.PRODUCER, Kind.PRODUCT, Kind.IMAGE)
    assert closed_by(Kind.PRODUCT, {Kind.UNIT: True, Kind.PRODUCER: False}, offered) == (Kind.PRODUCER,)
    assert closed_by(Kind.PRODUCT, {Kind.UNIT: True, Kind.PRODUCER: True}, offered) == ()
    assert closed_by(Kind.IMAGE, {}, offered) == (Kind.PRODUCT,)
    assert closed_by(Kind.STOCK, {}, offered) == ()

"""What must hold for every history of a linked pair, whatever either side does to what it is sent."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from integrator.canonical.capabilities import Can, FieldSpec, KindCapabilities
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields
from syncjobs.engine.plan import Decision, Pair, PairPlan, Rules, plan_pair
from syncjobs.engine.policy import FirstAgreement, Owner, Policy

NAMES = ("name", "description")
TEXTS = st.sampled_from(["", "Młotek", "młotek", "Młotek ślusarski 500 g", "<b>Młotek</b>", "x" * 12])
REWRITES = st.sampled_from(["keep", "upper", "cut", "constant"])


def rewritten(how: str, value: str) -> str:
    """What a side keeps of what it is sent, undeclared."""
    return {"keep": value, "upper": value.upper(), "cut": value[:5], "constant": "as it pleases"}[how]


@dataclass
class World:
    """Two sides, their undeclared habits and what was settled between them."""

    erp: Fields
    shop: Fields
    habit_erp: str
    habit_shop: str
    erp_seen: Fields = field(default_factory=dict)
    shop_seen: Fields = field(default_factory=dict)

    def pair(self, decisions: dict[str, Decision] | None = None) -> Pair:
        return Pair(
            erp=dict(self.erp),
            shop=dict(self.shop),
            erp_seen=dict(self.erp_seen),
            shop_seen=dict(self.shop_seen),
            decisions=decisions or {},
        )

    def apply(self, plan: PairPlan) -> None:
        """Write and verify: what the destination really kept is what is settled."""
        self.erp_seen |= plan.settled_erp
        self.shop_seen |= plan.settled_shop
        for change in plan.to_shop:
            self.shop[change.name] = rewritten(self.habit_shop, str(change.new or ""))
        for change in plan.to_erp:
            self.erp[change.name] = rewritten(self.habit_erp, str(change.new or ""))
        for change in (*plan.to_shop, *plan.to_erp):
            self.erp_seen[change.name] = self.erp[change.name]
            self.shop_seen[change.name] = self.shop[change.name]


def rules(owners: dict[str, Owner], first: FirstAgreement, limit: int | None = None) -> Rules:
    specs = {"name": FieldSpec(max_length=limit, overlong="cut"), "description": FieldSpec(html=True)}
    can = KindCapabilities(can=Can.READ | Can.UPDATE, fields=specs)
    return Rules(
        kind=Kind.PRODUCT,
        policy=Policy(owners=owners, first_agreement=first),
        erp=KindCapabilities(can=Can.READ | Can.UPDATE, fields={name: FieldSpec() for name in NAMES}),
        shop=can,
    )


owners = st.fixed_dictionaries({name: st.sampled_from(Owner) for name in NAMES})
records = st.fixed_dictionaries(dict.fromkeys(NAMES, TEXTS))
worlds = st.builds(World, erp=records, shop=records, habit_erp=REWRITES, habit_shop=REWRITES)
edits = st.lists(st.tuples(st.sampled_from(["erp", "shop"]), st.sampled_from(NAMES), TEXTS), max_size=6)


@settings(max_examples=400)
@given(worlds, owners, st.sampled_from(FirstAgreement), st.sampled_from([None, 5, 8]), edits)
def test_a_second_plan_holds_nothing_but_the_same_conflicts(world, owners, first, limit, history):
    agreed = rules(owners, first, limit)
    for side, name, value in [("erp", "name", world.erp["name"]), *history]:
        getattr(world, side)[name] = value
        one = plan_pair(world.pair(), agreed)
        world.apply(one)
        two = plan_pair(world.pair(), agreed)
        assert (two.to_shop, two.to_erp) == ([], [])
        assert [c.name for c in two.conflicts] == [c.name for c in one.conflicts]


@settings(max_examples=300)
@given(worlds, owners, st.sampled_from(FirstAgreement))
def test_applying_a_plan_twice_equals_once(world, owners, first):
    plan = plan_pair(world.pair(), rules(owners, first))
    world.apply(plan)
    erp, shop = dict(world.erp), dict(world.shop)
    world.apply(plan)
    if world.habit_erp in ("keep", "constant") and world.habit_shop in ("keep", "constant"):
        assert (world.erp, world.shop) == (erp, shop)


@settings(max_examples=300)
@given(records, TEXTS, st.sampled_from(NAMES), st.sampled_from(["erp", "shop"]))
def test_an_edit_on_one_side_never_asks_and_reaches_the_other(record, value, name, side):
    agreed = rules(dict.fromkeys(NAMES, Owner.ASK), FirstAgreement.ASK)
    world = World(erp=dict(record), shop=dict(record), habit_erp="keep", habit_shop="keep")
    world.apply(plan_pair(world.pair(), agreed))
    getattr(world, side)[name] = value
    plan = plan_pair(world.pair(), agreed)
    world.apply(plan)
    assert plan.conflicts == []
    assert world.erp[name] == world.shop[name] or name == "description"


@settings(max_examples=300)
@given(records, TEXTS, st.sampled_from(NAMES))
def test_the_same_edit_on_both_sides_never_asks(record, value, name):
    agreed = rules(dict.fromkeys(NAMES, Owner.ASK), FirstAgreement.ASK)
    world = World(erp=dict(record), shop=dict(record), habit_erp="keep", habit_shop="keep")
    world.apply(plan_pair(world.pair(), agreed))
    world.erp[name] = world.shop[name] = value
    plan = plan_pair(world.pair(), agreed)
    assert plan.conflicts == []
    assert plan.to_shop == plan.to_erp == []


@settings(max_examples=300)
@given(worlds, st.sampled_from(["erp", "shop", "ignore", "value"]), TEXTS)
def test_a_decision_ends_the_conflict_and_only_for_the_values_it_was_made_on(world, word, typed):
    agreed = rules(dict.fromkeys(NAMES, Owner.ASK), FirstAgreement.ASK)
    world.habit_erp = world.habit_shop = "keep"
    for conflict in plan_pair(world.pair(), agreed).conflicts:
        decision = Decision(owner=word, erp=conflict.erp, shop=conflict.shop, value=typed)
        stale = Decision(owner=word, erp=f"{conflict.erp}!", shop=conflict.shop, value=typed)
        assert any(c.name == conflict.name for c in plan_pair(world.pair({conflict.name: stale}), agreed).conflicts)
        world.apply(plan_pair(world.pair({conflict.name: decision}), agreed))
        after = plan_pair(world.pair(), agreed)
        assert all(c.name != conflict.name for c in after.conflicts)

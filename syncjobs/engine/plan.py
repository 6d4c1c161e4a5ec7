"""From pairs, options and capabilities to what is to be written. Pure, chunk by chunk."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrator.canonical.capabilities import Can, FieldSpec, KindCapabilities
from integrator.canonical.kinds import REFERENCE_FIELDS, Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, FieldValue, Key, Problem, problem
from syncjobs.engine.merge import FieldState, Verdict, decide
from syncjobs.engine.policy import Owner, Policy, owned_fields, writable
from syncjobs.engine.projection import Projected, project, same


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """Keys of units, tax rates, producers and categories carried from one side to the other through the links."""

    to_shop: Mapping[Kind, Mapping[Key, Key]] = field(default_factory=dict)
    to_erp: Mapping[Kind, Mapping[Key, Key]] = field(default_factory=dict)
    default_category: Key = ""
    """Shop category of products whose own has no partner, empty: they wait."""

    def in_shop(self, name: str, value: FieldValue) -> Projected:
        return _carried(name, value, self.to_shop, self.default_category if name == "category" else "")

    def in_erp(self, name: str, value: FieldValue) -> Projected:
        return _carried(name, value, self.to_erp, "")


def _carried(name: str, value: FieldValue, maps: Mapping[Kind, Mapping[Key, Key]], default: Key) -> Projected:
    kind = REFERENCE_FIELDS.get(name)
    if kind is None or not value:
        return Projected(value=value or default if name == "category" and default else value)
    partner = maps.get(kind, {}).get(str(value)) or default
    if not partner:
        return Projected(problem=problem(Code.REFERENCE_UNLINKED, field=name, kind=kind, key=value))
    return Projected(value=partner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that planning one kind depends on, besides the elements."""

    kind: Kind
    policy: Policy
    erp: KindCapabilities
    shop: KindCapabilities
    references: References = References()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's word on one conflict: a one-off owner, valid for exactly the two values it was made on."""

    owner: str
    """`erp`, `shop`, `value` or `ignore`."""
    erp: FieldValue
    shop: FieldValue
    value: FieldValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A linked element: both sides as they are, in their own terms, and as they were when last settled."""

    erp: Fields
    shop: Fields
    erp_seen: Fields = field(default_factory=dict)
    shop_seen: Fields = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    contested: Mapping[str, int] = field(default_factory=dict)
    """Fields that something else overwrites again and again, how often: they are not written, a person decides."""
    variant: bool = False
    held: frozenset[str] = frozenset()
    """Fields that nothing is planned for: an undo has set them back, and nobody released them yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field to write, in the destination's terms."""

    name: str
    old: FieldValue
    new: FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConflict:
    name: str
    base_erp: FieldValue
    base_shop: FieldValue
    erp: FieldValue
    shop: FieldValue
    rounds: int = 0


@dataclass(slots=True, kw_only=True)
class PairPlan:
    to_shop: list[FieldChange] = field(default_factory=list)
    to_erp: list[FieldChange] = field(default_factory=list)
    blocked: list[tuple[FieldChange, Problem]] = field(default_factory=list)
    conflicts: list[FieldConflict] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    settled_erp: Fields = field(default_factory=dict)
    """Fields that agree now, as each side holds them: to be remembered at once."""
    settled_shop: Fields = field(default_factory=dict)

    @property
    def quiet(self) -> bool:
        """Nothing is left to do about this pair."""
        return not (self.to_shop or self.to_erp or self.blocked or self.conflicts)


def plan_pair(pair: Pair, rules: Rules) -> PairPlan:
    """What to write for one linked element, field by field."""
    plan = PairPlan()
    for name in owned_fields(rules.erp, rules.shop):
        owner = rules.policy.owner(name)
        if owner is Owner.IGNORE or name in pair.held or name not in pair.erp or name not in pair.shop:
            continue
        if pair.variant and not on_variant(name, rules):
            continue
        _plan_field(name, owner, pair, rules, plan)
    return plan


def on_variant(name: str, rules: Rules) -> bool:
    """Whether a variant of the shop has this field of its own."""
    spec = rules.shop.fields.get(name)
    return spec is None or spec.variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One field of both sides: what each value becomes on the other, and whether that is what the other holds."""

    forward: Projected
    """WAPRO's value as the shop would keep it."""
    backward: Projected
    equal: bool
    """The same in the direction that counts for its owner, in either where it has none."""


def compare_field(name: str, owner: Owner, pair: Pair, rules: Rules) -> Compared:
    """Compare one field that both sides have: the comparison of plans, which reports use as well."""
    erp, shop = pair.erp[name], pair.shop[name]
    forward, backward = _forward(name, erp, rules), _backward(name, shop, rules)
    spec = rules.shop.fields.get(name)
    equal_there = forward.problem is None and same(name, forward.value, shop, spec)
    equal_here = backward.problem is None and same(name, backward.value, erp, rules.erp.fields.get(name) or spec)
    equal = {Owner.ERP: equal_there, Owner.SHOP: equal_here}.get(owner, equal_there or equal_here)
    return Compared(forward=forward, backward=backward, equal=equal)


def _plan_field(name: str, owner: Owner, pair: Pair, rules: Rules, plan: PairPlan) -> None:
    erp, shop = pair.erp[name], pair.shop[name]
    compared = compare_field(name, owner, pair, rules)
    forward, backward = compared.forward, compared.backward
    state = FieldState(
        equal=compared.equal,
        erp_moved=name not in pair.erp_seen or not same(name, pair.erp_seen[name], erp),
        shop_moved=name not in pair.shop_seen or not same(name, pair.shop_seen[name], shop),
        settled=name in pair.erp_seen and name in pair.shop_seen,
        to_shop=writable(name, rules.shop),
        to_erp=writable(name, rules.erp),
    )
    decision = pair.decisions.get(name)
    if decision is not None and not state.equal and _valid(name, decision, erp, shop):
        _apply_decision(name, decision, pair, rules, state, plan)
        return
    verdict = decide(owner, state, rules.policy.first_agreement)
    if verdict in (Verdict.TO_SHOP, Verdict.TO_ERP) and name in pair.contested:
        verdict = Verdict.CONFLICT
    if verdict is Verdict.SETTLE:
        plan.settled_erp[name], plan.settled_shop[name] = erp, shop
    elif verdict is Verdict.DRIFTED:
        plan.drifted.append(name)
    elif verdict is Verdict.TO_SHOP:
        _write(plan.to_shop, name, shop, forward, plan)
    elif verdict is Verdict.TO_ERP:
        _write(plan.to_erp, name, erp, backward, plan)
    elif verdict is Verdict.CONFLICT:
        plan.conflicts.append(
            FieldConflict(
                name=name,
                base_erp=pair.erp_seen.get(name),
                base_shop=pair.shop_seen.get(name),
                erp=erp,
                shop=shop,
                rounds=pair.contested.get(name, 0),
            )
        )


def _forward(name: str, value: FieldValue, rules: Rules) -> Projected:
    carried = rules.references.in_shop(name, value)
    spec = rules.shop.fields.get(name)
    return carried if carried.problem or spec is None else project(name, carried.value, spec)


def _backward(name: str, value: FieldValue, rules: Rules) -> Projected:
    carried = rules.references.in_erp(name, value)
    spec = rules.erp.fields.get(name)
    return carried if carried.problem or spec is None else project(name, carried.value, spec)


def _valid(name: str, decision: Decision, erp: FieldValue, shop: FieldValue) -> bool:
    return same(name, decision.erp, erp) and same(name, decision.shop, shop)


def _apply_decision(name: str, decision: Decision, pair: Pair, rules: Rules, state: FieldState, plan: PairPlan) -> None:
    erp, shop = pair.erp[name], pair.shop[name]
    if decision.owner == "value":
        if state.to_shop:
            _write(plan.to_shop, name, shop, _typed(name, decision.value, rules.shop.fields[name]), plan)
        if state.to_erp:
            _write(plan.to_erp, name, erp, _typed(name, decision.value, rules.erp.fields[name]), plan)
    elif decision.owner == "erp" and state.to_shop:
        _write(plan.to_shop, name, shop, _forward(name, erp, rules), plan)
    elif decision.owner == "shop" and state.to_erp:
        _write(plan.to_erp, name, erp, _backward(name, shop, rules), plan)
    else:
        plan.settled_erp[name], plan.settled_shop[name] = erp, shop


def _typed(name: str, value: FieldValue, spec: FieldSpec) -> Projected:
    return project(name, value, spec)


def _write(changes: list[FieldChange], name: str, old: FieldValue, new: Projected, plan: PairPlan) -> None:
    change = FieldChange(name=name, old=old, new=new.value)
    if new.problem is not None:
        plan.blocked.append((change, new.problem))
    elif old != new.value:
        changes.append(change)


@dataclass(slots=True, kw_only=True)
class Creation:
    """One element to create, in the destination's terms; with problems it waits."""

    fields: Fields = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def plan_creation_in_shop(
    record: Fields, rules: Rules, *, extra: Fields | None = None, extra_specs: Mapping[str, FieldSpec] | None = None
) -> Creation:
    """Fields of a new shop element. `extra`: fields of other kinds that the platform's create must carry (price,
    quantity), with the specs of those kinds."""
    creation = Creation()
    if Can.CREATE not in rules.shop.can:
        creation.problems.append(problem(Code.CANNOT_CREATE, kind=rules.kind))
        return creation
    for name, spec in rules.shop.fields.items():
        if spec.create and name in record:
            _add(creation, name, _forward(name, record[name], rules))
    for name, value in (extra or {}).items():
        _add(creation, name, project(name, value, (extra_specs or {}).get(name, FieldSpec())))
    return creation


def plan_creation_in_erp(record: Fields, rules: Rules) -> Creation:
    """Fields of a new ERP element from a shop's. Only where the ERP side can create or hand over."""
    creation = Creation()
    if not rules.erp.can & (Can.CREATE | Can.HAND_OVER):
        creation.problems.append(problem(Code.CANNOT_CREATE, kind=rules.kind))
        return creation
    for name, spec in rules.erp.fields.items():
        if spec.create and name in record:
            _add(creation, name, _backward(name, record[name], rules))
    return creation


def _add(creation: Creation, name: str, projected: Projected) -> None:
    if projected.problem is not None:
        creation.problems.append(projected.problem)
    else:
        creation.fields[name] = projected.value

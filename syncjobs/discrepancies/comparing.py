"""The deciding part of the report: which fields of a pair differ, by how much, and in which bar that counts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from integrator.canonical.kinds import PRODUCT_STATE_KINDS
from integrator.canonical.records import FieldValue, Problem
from syncjobs.engine.plan import Pair, Rules, compare_field, on_variant
from syncjobs.engine.policy import Owner, owned_fields

LONG_TEXTS = frozenset({"description", "short_description"})
"""Nearly every shop has its own: reported only where somebody rules them."""
UNKNOWN = "unknown"
"""The bar of what cannot be compared by amount."""

Bars = Sequence[tuple[str, Decimal | None]]
"""Bars of a distribution from left to right: name, and where the bar ends (the last one: nowhere)."""
STOCK_BARS: Bars = (
    ("less_100", Decimal(-100)),
    ("less_10", Decimal(-10)),
    ("less_0", Decimal(0)),
    ("more_0", Decimal(10)),
    ("more_10", Decimal(100)),
    ("more_100", None),
)
"""Pieces that the shop shows more than it should."""
PRICE_BARS: Bars = (
    ("lower_50", Decimal(-50)),
    ("lower_20", Decimal(-20)),
    ("lower_5", Decimal(-5)),
    ("lower_0", Decimal(0)),
    ("higher_0", Decimal(5)),
    ("higher_5", Decimal(20)),
    ("higher_20", Decimal(50)),
    ("higher_50", None),
)
"""Percent of the right price that the shop's is above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that differs. `expected`: what the shop should show, in its own terms; None with a `problem` that says
    why that cannot be told."""

    name: str
    expected: FieldValue
    shown: FieldValue
    owner: Owner
    problem: Problem | None = None


def compared_fields(pair: Pair, rules: Rules) -> list[str]:
    """Fields of a pair that a report looks at: those that a side can write and both have."""
    names = [name for name in owned_fields(rules.erp, rules.shop) if name in rules.shop.fields]
    return [
        name
        for name in names
        if name in pair.erp
        and name in pair.shop
        and (not pair.variant or on_variant(name, rules))
        and (name not in LONG_TEXTS or rules.policy.owner(name) is not Owner.IGNORE)
    ]


def differences(pair: Pair, rules: Rules) -> list[Difference]:
    """Fields whose values are not one value. For price and stock WAPRO's counts, unless the shop rules them."""
    found = []
    for name in compared_fields(pair, rules):
        owner = rules.policy.owner(name)
        by = Owner.ERP if rules.kind in PRODUCT_STATE_KINDS and owner is not Owner.SHOP else owner
        compared = compare_field(name, by, pair, rules)
        if compared.equal:
            continue
        forward = compared.forward
        expected = forward.value if forward.problem is None else None
        found.append(
            Difference(name=name, expected=expected, shown=pair.shop[name], owner=owner, problem=forward.problem)
        )
    return found


def above(expected: FieldValue, shown: FieldValue) -> Decimal | None:
    """How much more the shop shows than it should, None where one of the two is no amount."""
    if expected is None or shown is None:
        return None
    try:
        return Decimal(str(shown)) - Decimal(str(expected))
    except InvalidOperation:
        return None


def percent_above(expected: FieldValue, difference: Decimal | None) -> Decimal | None:
    """The difference in percent of what is expected, None where there is nothing to be a percent of."""
    whole = None if difference is None else Decimal(str(expected))
    return (difference * 100 / whole).quantize(Decimal("0.1")) if difference is not None and whole else None


def bar_of(amount: Decimal | None, bars: Bars) -> str:
    """The bar that an amount belongs to. A bound belongs to the outer bar: -10 is "less_10", +10 is "more_10"."""
    if amount is None:
        return UNKNOWN
    for name, end in bars:
        if end is None or amount < end or (amount == end and end < 0):
            return name
    return UNKNOWN

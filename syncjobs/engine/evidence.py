"""What speaks for a link, then and now. Pure: a link turns yellow by what this says, and for no other reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from integrator.canonical.kinds import Kind
from integrator.canonical.text import fold, fold_unit
from syncjobs.engine.policy import Criterion
from syncjobs.engine.suggest import ENOUGH

STRONG = ("code", "ean")
"""Grounds that must not be lost. A name may drift while a code holds: shops word names in their own way."""

BY_STRENGTH = (*STRONG, "name", "similar_name")


@dataclass(frozen=True, slots=True)
class Marks:
    """What one side calls an element."""

    code: str = ""
    name: str = ""
    ean: str = ""

    def get(self, ground: str) -> str:
        return self.name if "name" in ground else self.ean if ground == "ean" else self.code


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that spoke for the link: `code`, `ean`, `name` or `similar_name`."""

    name: str
    was: tuple[str, str] | None
    """WAPRO's and the shop's value when the link was made, None where nobody wrote them down."""
    now: tuple[str, str]
    holds: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    grounds: tuple[Ground, ...] = ()
    missing: tuple[str, ...] = ()
    """Sides (`erp`, `shop`) on which the element is not there any more."""

    @property
    def lost(self) -> tuple[Ground, ...]:
        return tuple(ground for ground in self.grounds if not ground.holds)

    @property
    def gone(self) -> bool:
        """An element is gone, a code or EAN agrees no longer, or nothing that spoke for the link does any more."""
        if self.missing or any(ground.name in STRONG for ground in self.lost):
            return True
        return bool(self.grounds) and len(self.lost) == len(self.grounds)


def judge(kind: Kind, evidence: Mapping[str, Any], erp: Marks | None, shop: Marks | None) -> Verdict:
    """Hold what a link was made on against what both sides show now; None: the element is not there."""
    missing = tuple(side for side, marks in (("erp", erp), ("shop", shop)) if marks is None)
    if erp is None or shop is None:
        return Verdict(missing=missing)
    was = _was(evidence)
    seen = Marks(*evidence["seen"]) if evidence.get("seen") else None
    # Made by a criterion: WAPRO showed the same.
    then = was or ((seen, seen) if seen else None)
    return Verdict(
        grounds=tuple(
            Ground(
                name,
                (then[0].get(name), then[1].get(name)) if then else None,
                (erp.get(name), shop.get(name)),
                agrees(kind, name, erp, shop),
            )
            for name in _grounds(kind, evidence, was)
        )
    )


def agrees(kind: Kind, ground: str, erp: Marks, shop: Marks) -> bool:
    """Whether a ground holds between these two. What is empty agrees with nothing."""
    left, right = erp.get(ground), shop.get(ground)
    if not left or not right:
        return False
    if ground == "ean":
        return left == right
    if ground == "similar_name":
        return fuzz.token_sort_ratio(fold(left), fold(right)) >= ENOUGH
    if kind is Kind.UNIT:
        return fold_unit(left) == fold_unit(right)
    if ground == "code":
        return left.casefold().strip() == right.casefold().strip()
    return fold(left) == fold(right) or _cut(fold(left), fold(right))


def strongest(kind: Kind, evidence: Mapping[str, Any]) -> str:
    """The best of what spoke for a link when it was made: `code`, `ean`, `name`, `similar_name`; empty where it rests
    on a person's word, or on our having made the element."""
    grounds = _grounds(kind, evidence, _was(evidence))
    return next((name for name in BY_STRENGTH if name in grounds), "")


def _cut(left: str, right: str) -> bool:
    """Shops cut long names: the beginning counts."""
    short, long = sorted((left, right), key=len)
    return len(short) >= 50 and long.startswith(short)


def _was(evidence: Mapping[str, Any]) -> tuple[Marks, Marks] | None:
    erp, shop = evidence.get("erp"), evidence.get("shop")
    return (Marks(*erp), Marks(*shop)) if erp and shop else None


def _grounds(kind: Kind, evidence: Mapping[str, Any], was: tuple[Marks, Marks] | None) -> tuple[str, ...]:
    """What spoke for the link when it was made."""
    if was is not None:
        found = tuple(name for name in ("code", "ean", "name") if agrees(kind, name, *was))
        return found or (("similar_name",) if agrees(kind, "similar_name", *was) else ())
    criterion, level = evidence.get("criterion"), evidence.get("level", 0)
    if criterion is None:
        return ()
    if kind is Kind.PRODUCT:
        return {Criterion.CODE: ("code",), Criterion.EAN: ("ean",)}.get(criterion, ("code", "name"))
    if kind is Kind.IMAGE:
        return ("code",) if level == 0 else ()
    return ("code",) if kind in (Kind.UNIT, Kind.TAX_RATE) and level == 0 else ("name",)

"""Suggestions for people: likely partners with a score and what speaks for them. Never links by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from integrator.canonical.records import Key
from integrator.canonical.text import fold


@dataclass(frozen=True, slots=True)
class Offered:
    """An unlinked element as suggestions look at it."""

    key: Key
    code: str = ""
    name: str = ""
    ean: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    key: Key
    code: str
    label: str
    ean: str
    score: int
    """0..100."""
    evidence: tuple[str, ...]
    """`code`, `ean`, `name` (equal), `similar_name`."""


NAME_POINTS, EAN_POINTS, CODE_POINTS = 75, 76, 80
"""Most that the likest name alone can bring; what an equal EAN or code brings at once, so that it is never crowded out
by names that only look alike."""
BESIDE = 0.15
"""What a point of likeness of the name adds beside an equal code or EAN."""
ENOUGH = 55
"""A name alone must be at least this similar to be worth showing."""


def suggest(wanted: Offered, others: Sequence[Offered], limit: int = 3) -> list[Suggestion]:
    """Best partners for one element among those of the other side, best first."""
    folded = [fold(other.name) for other in others]
    similar = {
        index: score
        for _, score, index in process.extract(
            fold(wanted.name), folded, scorer=fuzz.token_sort_ratio, limit=limit * 3, score_cutoff=ENOUGH
        )
    }
    for index, other in enumerate(others):
        if _same_code(wanted, other) or _same_ean(wanted, other):
            similar.setdefault(index, fuzz.token_sort_ratio(fold(wanted.name), folded[index]))
    scored = [_scored(wanted, others[index], score) for index, score in similar.items()]
    return sorted(scored, key=lambda s: (-s.score, s.code))[:limit]


def _scored(wanted: Offered, other: Offered, name_score: float) -> Suggestion:
    evidence = []
    points = name_score * NAME_POINTS / 100
    if _same_code(wanted, other):
        evidence.append("code")
        points = CODE_POINTS + name_score * BESIDE
    if _same_ean(wanted, other):
        evidence.append("ean")
        points = max(points, EAN_POINTS + name_score * BESIDE) + (10 if "code" in evidence else 0)
    if name_score >= 99.9:
        evidence.append("name")
    elif name_score >= ENOUGH:
        evidence.append("similar_name")
    return Suggestion(other.key, other.code, other.name, other.ean, min(100, round(points)), tuple(evidence))


def _same_code(left: Offered, right: Offered) -> bool:
    return bool(left.code) and left.code.casefold() == right.code.casefold()


def _same_ean(left: Offered, right: Offered) -> bool:
    return bool(left.ean) and left.ean == right.ean

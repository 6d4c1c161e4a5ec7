"""Suggestions for people: likely partners with a score and what speaks for them. Never links by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
SURE = 90
"""Score from which a suggestion counts as sure and may be accepted in bulk. An equal code or EAN is among what speaks
for it: a name alone never comes that far."""
ENOUGH = 55
"""A name alone must be at least this similar to be worth showing."""


def suggest(wanted: Offered, others: Sequence[Offered], limit: int = 3) -> list[Suggestion]:
    """Best partners for one element among those of the other side, best first."""
    return suggest_each([wanted], others, limit)[wanted.key]


def suggest_each(wanted: Sequence[Offered], others: Sequence[Offered], limit: int = 3) -> dict[Key, list[Suggestion]]:
    """The same for a page of elements. The other side is prepared once: names folded, words sorted, codes and EANs
    looked up instead of compared one by one (50 elements against 5 000 take a tenth of a second)."""
    names = [_words(other.name) for other in others]
    by_code, by_ean = _index(others, lambda o: o.code.casefold()), _index(others, lambda o: o.ean)
    return {one.key: _best(one, others, names, by_code, by_ean, limit) for one in wanted}


def sure_pairs(erp: Sequence[Offered], shop: Sequence[Offered]) -> dict[Key, Suggestion]:
    """ERP key -> its sure partner, where either has no other that is as sure: between two nothing is guessed."""
    by_code, by_ean = _index(shop, lambda o: o.code.casefold()), _index(shop, lambda o: o.ean)
    names = [_words(other.name) for other in shop]
    found: dict[Key, list[Suggestion]] = {}
    wanted_by: dict[Key, int] = {}
    for one in erp:
        equal = {*(by_code.get(one.code.casefold(), ()) if one.code else ())}
        equal |= {*(by_ean.get(one.ean, ()) if one.ean else ())}
        name = _words(one.name)
        scored = [_scored(one, shop[index], fuzz.ratio(name, names[index])) for index in sorted(equal)]
        found[one.key] = [suggestion for suggestion in scored if suggestion.score >= SURE]
        for suggestion in found[one.key]:
            wanted_by[suggestion.key] = wanted_by.get(suggestion.key, 0) + 1
    return {key: sure[0] for key, sure in found.items() if len(sure) == 1 and wanted_by[sure[0].key] == 1}


@lru_cache(maxsize=20_000)
def _words(name: str) -> str:
    """A name for comparison whatever the order of its words."""
    return " ".join(sorted(fold(name).split()))


def _index(others: Sequence[Offered], value: Callable[[Offered], str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, other in enumerate(others):
        found.setdefault(value(other), []).append(index)
    return found


def _best(
    wanted: Offered,
    others: Sequence[Offered],
    names: Sequence[str],
    by_code: Mapping[str, list[int]],
    by_ean: Mapping[str, list[int]],
    limit: int,
) -> list[Suggestion]:
    name = _words(wanted.name)
    likest = process.extract(name, names, scorer=fuzz.ratio, limit=limit * 3, score_cutoff=ENOUGH)
    similar = {index: score for _, score, index in likest}
    equal = [*(by_code.get(wanted.code.casefold(), ()) if wanted.code else ())]
    equal += by_ean.get(wanted.ean, ()) if wanted.ean else ()
    for index in equal:
        similar.setdefault(index, fuzz.ratio(name, names[index]))
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

"""Step b: which unlinked element of one side is which of the other, by the chosen criterion. Nothing is guessed."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from integrator.canonical.records import Category, Key, Producer, TaxRate, Unit
from integrator.canonical.text import fold, fold_unit
from syncjobs.engine.policy import Criterion


@dataclass(frozen=True, slots=True)
class Candidate:
    """An element that looks for its partner. `marks`: what it is recognised by, strongest first; empty: none."""

    key: Key
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pairing:
    erp: Key
    shop: Key
    primary: bool
    level: int
    """Which of the criterion's marks agreed, 0 the strongest."""


@dataclass(slots=True)
class Matching:
    pairs: list[Pairing] = field(default_factory=list)
    ambiguous_erp: dict[Key, tuple[Key, ...]] = field(default_factory=dict)
    """ERP key -> shop keys that it could be."""
    ambiguous_shop: dict[Key, tuple[Key, ...]] = field(default_factory=dict)


def match(
    erp: Iterable[Candidate],
    shop: Iterable[Candidate],
    *,
    many_to_one: bool = False,
    taken: Collection[Key] = (),
) -> Matching:
    """Pairs with exactly one candidate; several make all of them ambiguous.

    `many_to_one` (units, tax rates, producers, categories): several ERP elements may lead to one shop element; the
    first is the way back, unless the shop element is in `taken` (has one already).
    """
    result = Matching()
    open_erp, open_shop = list(erp), list(shop)
    has_way_back = set(taken)
    levels = max((len(c.marks) for c in (*open_erp, *open_shop)), default=0)
    for level in range(levels):
        by_mark = _group(open_shop, level)
        for mark, left in _group(open_erp, level).items():
            right = by_mark.get(mark)
            if right is None:
                continue
            if len(right) == 1 and (many_to_one or len(left) == 1):
                for key in left:
                    result.pairs.append(Pairing(key, right[0], right[0] not in has_way_back, level))
                    has_way_back.add(right[0])
            else:
                _ambiguous(result, left, right, many_to_one)
        done_erp = {pair.erp for pair in result.pairs} | set(result.ambiguous_erp)
        done_shop = set(result.ambiguous_shop) | (set() if many_to_one else {pair.shop for pair in result.pairs})
        open_erp = [c for c in open_erp if c.key not in done_erp]
        open_shop = [c for c in open_shop if c.key not in done_shop]
    return result


def _group(candidates: Iterable[Candidate], level: int) -> dict[str, list[Key]]:
    groups: dict[str, list[Key]] = defaultdict(list)
    for candidate in candidates:
        if level < len(candidate.marks) and candidate.marks[level]:
            groups[candidate.marks[level]].append(candidate.key)
    return groups


def _ambiguous(result: Matching, left: list[Key], right: list[Key], many_to_one: bool) -> None:
    for key in left:
        result.ambiguous_erp[key] = tuple(right)
    if not many_to_one:
        for key in right:
            result.ambiguous_shop[key] = tuple(left)


def product_marks(criterion: Criterion, code: str, name: str, ean: str, name_limit: int | None) -> tuple[str, ...]:
    """What a product is recognised by. `name_limit`: where the shop cuts names; longer ones are cut before folding."""
    if criterion is Criterion.EAN:
        return (ean,)
    folded = code.casefold().strip()
    if criterion is Criterion.CODE or not folded:
        return (folded,)
    return (f"{folded}\n{fold(name[:name_limit] if name_limit else name)}",)


def reference_marks(record: Unit | TaxRate | Producer | Category) -> tuple[str, ...]:
    """Units: abbreviation, then name. Tax rates: code, then name, never the percent (three rates may be 0)."""
    if isinstance(record, Unit):
        return (fold_unit(record.symbol), fold_unit(record.name))
    if isinstance(record, TaxRate):
        return (fold(record.code), fold(record.name))
    if isinstance(record, Producer):
        return (fold(record.name),)
    return ("\n".join(fold(part) for part in record.path),)


def image_marks(owner: Key, digest: str, position: int) -> tuple[str, ...]:
    """Content first, then place, both within one product. `owner` is the shop's image owner on both sides."""
    return (f"{owner}\n{digest}" if digest else "", f"{owner}\n{position}")

"""What a shop should show against what it shows, field by field, and what was there before against what is now."""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR
from html import unescape
from re import sub
from typing import Any

from syncjobs.demo.checker.sample import Offered
from syncjobs.demo.checker.sold import Json, Path, Reader, Sold


def plain(text: str) -> str:
    """Letters and digits alone: how two spellings of one name are told to be one."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(sign for sign in decomposed if sign.isalnum())


def words(text: str) -> str:
    """A description as it is read: no tags, entities as characters, single blanks."""
    return " ".join(unescape(sub(r"<[^>]*>", " ", text)).split())


Same = Callable[[Offered, Sold], bool]
SAME: dict[str, Same] = {
    "name": lambda mine, theirs: mine.name == theirs.name,
    "description": lambda mine, theirs: words(mine.description) == words(theirs.description),
    "ean": lambda mine, theirs: mine.ean == theirs.ean,
    "unit": lambda mine, theirs: plain(mine.unit) == plain(theirs.unit),
    "tax_rate": lambda mine, theirs: plain(theirs.tax) in (plain(mine.tax), plain(mine.tax_name)),
    "producer": lambda mine, theirs: plain(mine.producer) == plain(theirs.producer),
    "category": lambda mine, theirs: list(map(plain, mine.category)) == list(map(plain, theirs.category)),
    "weight": lambda mine, theirs: mine.weight == theirs.weight,
    "price": lambda mine, theirs: mine.price is None or mine.price == theirs.price,
    "quantity": lambda mine, theirs: mine.quantity == theirs.quantity,
    "pictures": lambda mine, theirs: [content for _, content in mine.pictures] == theirs.pictures,
}


def sells(departments: list[Path], article: Offered) -> bool:
    """Whether an article belongs to one of the categories that a shop sells; no categories: it sells everything."""
    return not departments or any(article.category[: len(one)] == one for one in departments)


@dataclass(slots=True)
class Comparison:
    articles: int = 0
    fields: int = 0
    different: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    """All that the shop sells."""
    right: dict[str, str] = field(default_factory=dict)
    """Articles of which nothing differs, with a digest of the shop's rows."""


def compared(articles: list[Offered], shop: Reader, excused: Mapping[str, list[str]]) -> Comparison:
    """`excused`: article -> fields that may differ, `*` for all."""
    by_code: dict[str, list[Sold]] = {}
    for one in shop.sold():
        by_code.setdefault(one.code, []).append(one)
    done = Comparison(codes=set(by_code))
    for mine in articles:
        may_differ = excused.get(mine.index, ())
        if "*" in may_differ:
            continue
        found = by_code.get(mine.index, [])
        if len(found) != 1:
            done.missing.append(f"{mine.index}: the shop has {len(found)}")
            continue
        if shop.whole:
            mine.quantity = mine.quantity.to_integral_value(ROUND_FLOOR)
        done.articles += 1
        # Of a product with variants only what a variant has of its own; its pictures are those of the first variant.
        names = shop.variant_fields if found[0].variant else shop.fields
        names = tuple(name for name in names if name not in may_differ)
        done.fields += len(names)
        different = [_told(name, mine, found[0]) for name in names if not SAME[name](mine, found[0])]
        if not different:
            done.right[mine.index] = digest(found[0].rows)
        done.different += different
    return done


def _told(name: str, mine: Offered, theirs: Sold) -> str:
    return f"{mine.index}.{name}: {_shown(mine, name)} is {_shown(theirs, name)} in the shop"


def _shown(side: Offered | Sold, name: str) -> str:
    value = getattr(side, {"tax_rate": "tax"}.get(name, name))
    return f"{len(value)} pictures" if name == "pictures" else repr(value)


def touched(before: Mapping[str, Json], after: Mapping[str, Json], gone: list[str]) -> Iterator[str]:
    """What the synchronisation had to leave alone and did not. Lists may have grown; rows of the codes that had to go
    may be missing."""
    for name, row in before.items():
        if name not in after:
            if name.rpartition(":")[2] not in gone:
                yield f"{name} is not there any more"
            continue
        for key, value in row.items():
            if not _left_alone(value, after[name].get(key)):
                yield f"{name}.{key}: {value!r:.120} became {after[name].get(key)!r:.120}"


def rewritten(before: Mapping[str, str], after: Comparison) -> Iterator[str]:
    """What was right before anything was synchronised and was written to all the same."""
    yield from (f"{code} was written to without need" for code, rows in before.items() if after.right.get(code) != rows)


def _left_alone(before: Any, after: Any) -> bool:
    if isinstance(before, list) and isinstance(after, list):
        return all(one in after for one in before)
    return bool(before == after)


def digest(rows: Any) -> str:
    """One value that changes with anything in the shop."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()

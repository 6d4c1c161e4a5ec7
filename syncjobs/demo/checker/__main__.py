"""`python -m syncjobs.demo.checker`: compares every owned field of every article. A question as JSON on standard input,
the answer as JSON on standard output.

The question: `sample` (path), `terms`, `shop` (address, user, password), `fields` and `variant_fields` (what must be
equal), `except` (article -> fields that may differ, `*` for all), `gone` (codes that the shop must not have any more).
"""

import hashlib
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from html import unescape
from re import sub
from typing import Any

from syncjobs.demo.checker.sample import Offered, Terms, offered
from syncjobs.demo.checker.shop import Shop, Sold, everything, sold

_SHOWN = 20


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


def compare(question: dict[str, Any], shown: int = _SHOWN) -> dict[str, Any]:
    """How many articles and fields were compared, what differs, what is missing, what should be gone and is not; of
    each at most `shown` one by one."""
    terms = Terms(**{**question["terms"], "today": date.fromisoformat(question["terms"]["today"])})
    shop = Shop(**question["shop"])
    by_code: dict[str, list[Sold]] = {}
    for one in sold(shop):
        by_code.setdefault(one.code, []).append(one)
    excused: dict[str, list[str]] = question["except"]
    compared = fields = 0
    different, missing = [], []
    for mine in offered(question["sample"], terms).values():
        if "*" in excused.get(mine.index, ()):
            continue
        found = by_code.get(mine.index, [])
        if len(found) != 1:
            missing.append(f"{mine.index}: the shop has {len(found)}")
            continue
        compared += 1
        for name in _names(question, mine, found[0]):
            if name in excused.get(mine.index, ()):
                continue
            fields += 1
            if not SAME[name](mine, found[0]):
                different.append(f"{mine.index}.{name}: {_shown(mine, name)} is {_shown(found[0], name)} in the shop")
    left = [code for code in question["gone"] if code in by_code]
    return {
        "articles": compared,
        "fields": fields,
        "differences": len(different) + len(missing) + len(left),
        "different": different[:shown],
        "missing": missing[:shown],
        "not_gone": left,
        "shop": digest(everything(shop)),
        "writes": shop.writes(),
    }


def _names(question: dict[str, Any], mine: Offered, theirs: Sold) -> Iterable[str]:
    """Of a product with variants only what a variant has of its own; its pictures are those of the first variant."""
    if not theirs.variant:
        return question["fields"]
    return question["variant_fields"]


def _shown(side: Offered | Sold, name: str) -> str:
    value = getattr(side, {"tax_rate": "tax"}.get(name, name))
    return f"{len(value)} pictures" if name == "pictures" else repr(value)


def digest(rows: Any) -> str:
    """One value that changes with anything in the shop."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    json.dump(compare(json.load(sys.stdin)), sys.stdout, ensure_ascii=False)

"""Receipts of fetched pages, and what they save: a page that looks as it did last time is not taken apart again."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from pathlib import Path

from integrator import canonical
from integrator.canonical.fingerprint import digest
from integrator.canonical.records import Key
from integrator.canonical.side import ElementError, Keyed, LatePage, Page, Side
from syncjobs import snapshots
from syncjobs.models import Fetch, FetchedPage

AnyPage = Page | LatePage


@dataclass(slots=True)
class Harvest:
    """What pages hold that has to be looked at, with a receipt for each of them."""

    receipts: list[FetchedPage] = field(default_factory=list)
    items: list[Keyed] = field(default_factory=list)
    prints: snapshots.Prints = field(default_factory=dict)
    errors: list[ElementError] = field(default_factory=list)


def reap(fetch: Fetch, source: snapshots.Owner, side: Side, pages: list[AnyPage]) -> Harvest:
    """Records of the pages that differ from the last fetch; the others only get their receipt. Calls the side where a
    record needs something that is not known yet, so no transaction may be open."""
    harvest = Harvest()
    digests = _digests(fetch, side, pages)
    same = _unchanged(fetch, source, digests)
    for number, (page, now) in enumerate(zip(pages, digests, strict=True), start=fetch.pages):
        known = same.get(number)
        if known is not None:
            harvest.receipts.append(
                FetchedPage(fetch=fetch, number=number, keys=known.keys, digest=now, kept=known.kept)
            )
            continue
        keys: dict[str, list[Key]] = defaultdict(list)
        for item in page.items:
            keys[item.kind].append(item.key)
        prints = snapshots.prints_of(page.items)
        # A page with an error is taken apart every time: the error belongs to each fetch that met it.
        mark = "" if page.errors else now
        kept = _kept(keys, prints) if mark else ""
        harvest.receipts.append(FetchedPage(fetch=fetch, number=number, keys=keys, digest=mark, kept=kept))
        harvest.items += page.items
        harvest.errors += page.errors
        harvest.prints |= prints
    return harvest


def _digests(fetch: Fetch, side: Side, pages: list[AnyPage]) -> list[str]:
    """Of each page what it was made from, empty where the side cannot tell."""
    found = []
    cursor = fetch.cursor
    for page in pages:
        own = page.digest if isinstance(page, LatePage) else ""
        found.append(digest(code_digest(type(side).__module__), cursor, own) if own else "")
        cursor = page.next_cursor
    return found


def _unchanged(fetch: Fetch, source: snapshots.Owner, digests: list[str]) -> dict[int, FetchedPage]:
    """By number: the last fetch's receipt of a page that came again just so, if the snapshot still holds what it
    brought. Whatever wrote to the snapshot meanwhile, for whatever reason, makes the page be taken apart."""
    numbered = {number: now for number, now in enumerate(digests, start=fetch.pages) if now}
    if not numbered:
        return {}
    earlier = FetchedPage.objects.filter(
        fetch__erp=fetch.erp_id, fetch__shop=fetch.shop_id, fetch__kind=fetch.kind, number__in=list(numbered)
    ).exclude(fetch=fetch)
    alike = [one for one in earlier.order_by("fetch_id") if one.digest == numbered[one.number]]
    keys: dict[str, list[Key]] = defaultdict(list)
    for receipt in alike:
        for kind, of_kind in receipt.keys.items():
            keys[kind] += of_kind
    now = snapshots.held(source, keys)
    return {receipt.number: receipt for receipt in alike if receipt.kept == _kept(receipt.keys, now)}


def _kept(keys: Mapping[str, Iterable[Key]], prints: snapshots.Prints) -> str:
    found = blake2b(digest_size=16)
    for kind in sorted(keys):
        found.update("\n".join([prints.get((kind, key), "") for key in keys[kind]]).encode())
    return found.hexdigest()


@cache
def code_digest(module: str) -> str:
    """Of the code that makes records for a side: other code may read the same page in another way."""
    own = Path(str(sys.modules[module].__file__)).parent
    folders = [own, own.parent, Path(str(canonical.__file__)).parent]
    found = blake2b(digest_size=16)
    for path in (path for folder in folders for path in sorted(folder.glob("*.py"))):
        found.update(path.read_bytes())
    return found.hexdigest()

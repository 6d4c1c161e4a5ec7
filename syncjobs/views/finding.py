"""Searching snapshots of a million rows: codes and EANs by their beginning, by an index, names only after them."""

from django.db.models import Q, QuerySet

from integrator.canonical.records import Key
from integrator.canonical.text import fold
from syncjobs.models import SnapshotItem

MOST = 200
"""Elements that a search goes on with. Whoever gets so many says more."""
_LAST = "\U0010ffff"


def keys_of(items: QuerySet[SnapshotItem], words: str) -> tuple[list[Key], bool]:
    """Keys of elements of one side and kind that answer to the words, and whether there may be more."""
    spellings = {words, words.upper(), words.lower()}
    begins = Q(key=words) | Q(ean=words)
    for spelling in spellings:
        begins |= Q(code__gte=spelling, code__lt=spelling + _LAST)
    found = list(items.filter(begins).values_list("key", flat=True)[: MOST + 1])
    if len(found) <= MOST and not (found and any(letter.isdigit() for letter in words)):
        # No code begins like this, or a word of a name may be meant: only now every name is looked at.
        named = items.filter(search__contains=fold(words)).values_list("key", flat=True)[: MOST + 1]
        found = list(dict.fromkeys([*found, *named]))
    return found[:MOST], len(found) > MOST

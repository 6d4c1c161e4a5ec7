"""Cards that look like variants of one product, for a warning where no grouping rule joins them."""

import re
from collections import defaultdict
from collections.abc import Iterable

from integrator.canonical.text import fold

_BEFORE_LAST_PART = re.compile(r"(.+)[-_/. ][^-_/. ]+")
_LONGEST_DIFFERENCE = 2
"""Words at the end of a name that tell variants apart: a colour and a size."""


def look_alikes(cards: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Codes of (code, name) that seem to be variants, one list per product, the largest first: equal codes but for
    their last part, and names that begin alike and differ in their last two words at most."""
    families: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, name in cards:
        stem = _BEFORE_LAST_PART.fullmatch(code.strip())
        words = fold(name).split()
        shared = words[: max(2, len(words) - _LONGEST_DIFFERENCE)]
        if stem and len(words) > len(shared):
            families[stem[1].casefold(), " ".join(shared)].append(code)
    found = [codes for codes in families.values() if len(codes) > 1]
    return sorted(found, key=lambda codes: (-len(codes), codes[0]))

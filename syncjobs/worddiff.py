"""Which words of a text changed. Pure: two texts in, marked pieces out."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\s+|\w+|[^\w\s]", re.UNICODE)
_LONGEST = 4000
"""Longer texts (in characters) are compared by lines: a word diff of two books helps nobody."""

_MOST_PAIRS = 2_000_000
"""Four pages of prose have a tenth of that; a hundred thousand equal lines would be compared for hours."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`mark` is `same`, `old` (struck out), `new` or `skip` (an unchanged stretch left out; `text` is its length)."""

    mark: str
    text: str


def word_diff(old: str, new: str, *, context: int = 60) -> list[Piece]:
    """The new text with what was added and what was removed, word by word.

    Unchanged stretches longer than twice `context` characters become one `skip` piece. Texts with little in common are
    shown as one `old` and one `new` piece: single surviving words between them would only confuse.
    """
    if old == new:
        return [Piece("same", new)] if new else []
    if not old or not new:
        return [piece for piece in (Piece("old", old), Piece("new", new)) if piece.text]
    a, b = _split(old), _split(new)
    if _pairs(a, b) > _MOST_PAIRS:
        return [Piece("old", old), Piece("new", new)]
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if _kept(matcher, a, b) < 0.3:
        return [Piece("old", old), Piece("new", new)]
    return list(_shortened(_pieces(matcher, a, b), context))


def _split(text: str) -> list[str]:
    return _WORD.findall(text) if len(text) <= _LONGEST else text.splitlines(keepends=True)


def _pairs(a: list[str], b: list[str]) -> int:
    """Of equal words, one of each text: what comparing takes time for."""
    there = Counter(b)
    return sum(count * there[word] for word, count in Counter(a).items())


def _kept(matcher: SequenceMatcher[str], a: list[str], b: list[str]) -> float:
    same = sum(
        len(a[i].strip()) for block in matcher.get_matching_blocks() for i in range(block.a, block.a + block.size)
    )
    longer = max(sum(len(w.strip()) for w in a), sum(len(w.strip()) for w in b))
    return same / longer if longer else 1.0


def _pieces(matcher: SequenceMatcher[str], a: list[str], b: list[str]) -> list[Piece]:
    """Runs of equal, old and new words. A lone space between two changes belongs to them: marks do not fall apart."""
    pieces: list[Piece] = []
    old = new = ""

    def flush() -> None:
        nonlocal old, new
        pieces.extend(piece for piece in (Piece("old", old), Piece("new", new)) if piece.text)
        old = new = ""

    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag != "equal":
            old += "".join(a[a1:a2])
            new += "".join(b[b1:b2])
            continue
        text = "".join(b[b1:b2])
        if text.isspace() and old and new and b2 < len(b):
            old, new = old + text, new + text
            continue
        flush()
        pieces.append(Piece("same", text))
    flush()
    return pieces


def _shortened(pieces: list[Piece], context: int) -> Iterator[Piece]:
    for number, piece in enumerate(pieces):
        before, after = number > 0, number < len(pieces) - 1
        keep = context * (before + after)
        if piece.mark != "same" or len(piece.text) <= keep + context:
            yield piece
            continue
        if before:
            yield Piece("same", _head(piece.text, context))
        head = _head(piece.text, context) if before else ""
        tail = _tail(piece.text, context) if after else ""
        yield Piece("skip", str(len(piece.text) - len(head) - len(tail)))
        if after:
            yield Piece("same", tail)


def _head(text: str, length: int) -> str:
    cut = text.rfind(" ", 0, length)
    return text[: cut if cut > 0 else length]


def _tail(text: str, length: int) -> str:
    cut = text.find(" ", len(text) - length)
    return text[cut if cut >= 0 else len(text) - length :]

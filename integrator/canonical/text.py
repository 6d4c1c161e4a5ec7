"""Text rules: cleaning what systems send, folding for comparison and search, codes and bar codes."""

import re
import unicodedata
from html import unescape

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Halves of a pair of surrogates too: JSON may hold one alone, no database does."""
_SPACE = re.compile(r"\s+")
_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(r"<(script|style|iframe)\b", re.IGNORECASE)
_ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "iframe")}
_STROKES = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae"})


def clean(text: str) -> str:
    """NFC without control characters (PostgreSQL refuses NUL, shops refuse the rest), outer spaces removed."""
    return _CONTROL.sub("", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """For comparing and searching: lower case, no diacritics, no ł, single spaces. `Żarówka E27` -> `zarowka e27`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_STROKES))
    return _SPACE.sub(" ", "".join(c for c in decomposed if not unicodedata.combining(c))).strip()


def fold_unit(symbol: str) -> str:
    """Units are the same without dots and case: `Szt.` and `szt`."""
    return fold(symbol).replace(".", "").replace(" ", "")


def fold_html(text: str) -> str:
    """HTML as the words a reader sees: sides rewrite tags and throw scripts out, but keep the words. Takes time in
    proportion to the text, however it was made to take more."""
    return _SPACE.sub(" ", unescape(_TAG.sub(" ", _without_unseen(text)))).strip()


def _without_unseen(text: str) -> str:
    """A tag that is never closed is looked for once: the text after it would be searched again for each such tag."""
    parts: list[str] = []
    unclosed: set[str] = set()
    at = 0
    for opening in _UNSEEN.finditer(text):
        name = opening[1].lower()
        if opening.start() < at or name in unclosed:
            continue
        closing = _ENDS[name].search(text, opening.end())
        if closing is None:
            unclosed.add(name)
            continue
        parts.append(text[at : opening.start()])
        at = closing.end()
    return " ".join((*parts, text[at:]))


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def ean_valid(code: str) -> bool:
    """Whether a GTIN-8/12/13/14 has the right check digit."""
    if not code.isdigit() or not code.isascii() or len(code) not in (8, 12, 13, 14):
        return False
    weighted = sum(int(c) * (3 if i % 2 == 0 else 1) for i, c in enumerate(reversed(code[:-1])))
    return (10 - weighted % 10) % 10 == int(code[-1])

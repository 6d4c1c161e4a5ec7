"""How MySQL compares values: numbers by what a text begins with, texts without case and accents."""

import unicodedata
from typing import Any


def number(value: Any) -> float:
    """What MySQL makes of a value compared with a number: the number it begins with, else 0."""
    if isinstance(value, int | float):
        return value
    text = str(value or "").strip()
    length = len(text)
    while length:
        try:
            return float(text[:length])
        except ValueError:
            length -= 1
    return 0


def folded(value: Any) -> str:
    """A text as the collation compares it: without case, accents and spaces at the end."""
    text = unicodedata.normalize("NFKD", str(value or "")).casefold().rstrip(" ")
    return text if text.isascii() else "".join(c for c in text if not unicodedata.combining(c))

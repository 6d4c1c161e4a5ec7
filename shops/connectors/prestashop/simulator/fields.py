"""Fields of resources, written as tables: one line each with name, kind, format and marks.

Kinds: `int`, `bool` ("0"/"1"), `money` (6 decimals), `rate` (3 decimals), `text`, `texts` (one per language),
`moment` (date and time), `day`, `none`. Marks: `required` (`required=9`: only before 9), `readonly` (writing it is
error 93), `dynamic` (computed, cannot be filtered), `max=64`, `>products` (links to that resource), `since=8`,
`until=9` (gone from that version on).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ZERO_MOMENT = "0000-00-00 00:00:00"
_EMPTY: dict[str, Any] = {
    "int": 0, "bool": "0", "money": "0.000000", "rate": "0.000", "text": "", "texts": {}, "moment": ZERO_MOMENT,
    "day": "0000-00-00", "none": None,
}  # fmt: skip
NUMBERS = frozenset({"int", "bool", "money", "rate"})
"""Kinds that compare as numbers."""


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    format: str = ""
    required: int = 0
    """The major version before which a write must have the field; 0: never."""
    readonly: bool = False
    dynamic: bool = False
    size: int = 0
    link: str = ""
    since: int = 0
    until: int = 99

    @property
    def empty(self) -> Any:
        """What the database holds when nothing was said."""
        return {} if self.kind == "texts" else _EMPTY[self.kind]

    def stored(self, text: str) -> Any:
        """A sent text, found valid, as the database keeps it."""
        if self.kind == "int":
            return int(Decimal(text)) if text.strip() else 0
        if self.kind == "bool":
            return "1" if text.strip() not in ("", "0") else "0"
        if self.kind in ("money", "rate"):
            return f"{Decimal(text or 0):.{6 if self.kind == 'money' else 3}f}"
        return text or self.empty


def table(text: str) -> tuple[Field, ...]:
    """The fields of a table as the module's docstring describes it."""
    return tuple(_field(line.split()) for line in text.strip().splitlines())


def _field(words: list[str]) -> Field:
    name, kind, *rest = words
    marks: dict[str, Any] = {}
    for word in rest:
        if word == "required":
            marks[word] = 99
        elif word in ("readonly", "dynamic"):
            marks[word] = True
        elif word.startswith(">"):
            marks["link"] = word[1:]
        elif "=" in word:
            key, _, value = word.partition("=")
            marks["size" if key == "max" else key] = int(value)
        else:
            marks["format"] = word
    return Field(name, kind, **marks)

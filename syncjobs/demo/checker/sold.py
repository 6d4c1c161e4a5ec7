"""What a shop sells, as every reader gives it, whatever the platform."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

Json = dict[str, Any]
Path = tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Sold:
    """One sellable row of the shop: a simple product or one variant."""

    code: str
    name: str
    description: str
    ean: str
    price: Decimal
    """Gross, without promotions, to the grosz."""
    quantity: Decimal
    weight: Decimal
    """Kilograms."""
    unit: str = ""
    tax: str
    producer: str
    category: Path
    variant: bool
    pictures: list[bytes] = field(default_factory=list)
    rows: list[Json] = field(default_factory=list, repr=False)
    """As the shop gave it: of a simple product all, of a variant only what is its own."""


@dataclass(slots=True, kw_only=True)
class Bought:
    """One order of the shop."""

    key: str
    total: Decimal
    """Gross, to the grosz."""
    state: str
    pieces: dict[str, Decimal]
    """By the code of the product or variant."""
    tracking: list[str]
    rows: list[Json] = field(default_factory=list, repr=False)
    """As the shop gave it, with all that belongs to it."""


def pieces_of(lines: Iterable[tuple[str, Any]]) -> dict[str, Decimal]:
    """Codes with pieces, each code once."""
    found: dict[str, Decimal] = {}
    for code, amount in lines:
        found[code] = found.get(code, Decimal(0)) + Decimal(str(amount))
    return found


class Reader(Protocol):
    """One shop. What was read once is not read again. Raises URLError when nobody answers, HTTPError for a refusal."""

    fields: tuple[str, ...]
    """What this platform can show of a simple product."""
    variant_fields: tuple[str, ...]
    whole: bool
    """Whether it sells whole pieces alone."""

    def sold(self) -> list[Sold]:
        """Everything the shop sells. A product that has variants is not sold itself, its variants are."""

    def bought(self) -> list[Bought]:
        """Every order of the shop."""

    def everything(self) -> Mapping[str, list[Json]]:
        """All that a synchronisation could write to: the same twice when nothing was written in between."""

    def kept(self) -> dict[str, Json]:
        """What no synchronisation may touch, by a name of each row. Rows may come and lists may grow."""

    def writes(self) -> int:
        """How many writing requests the shop's simulator has seen since it started."""

    def name_producer(self, name: str) -> None:
        """Give the producer without a name this one, as somebody in the shop's panel would."""

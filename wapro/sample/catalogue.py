"""What the company sells, as families: one noun in a few kinds and sizes by a few makers gives up to ten articles."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

Path = tuple[str, ...]
"""Names from the root of the category tree to the category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    prefix: str
    """Three letters that begin the catalogue index."""
    noun: str
    place: Path
    makers: tuple[str, ...]
    kinds: tuple[str, ...]
    sizes: tuple[str, ...]
    low: int
    """Retail price, gross złoty, of the smallest article per stock unit; `high` is that of the biggest."""
    high: int
    weight: tuple[int, int] = (100, 1000)
    """Grams of the smallest and the biggest one, per stock unit."""
    unit: str = "szt."
    vat: str = "23"
    coded: bool = True
    """Whether its articles carry bar codes: loose goods do not."""
    use: str = ""
    """A sentence on what it is good for."""

    def items(self) -> Iterator[tuple[str, str, str]]:
        """Kind, maker and size of each article."""
        pairs = list(product(self.kinds, self.sizes))[:10]
        for number, (kind, size) in enumerate(pairs):
            yield kind, self.makers[number % len(self.makers)], size


def family(
    prefix: str, noun: str, place: str, makers: str, kinds: str, sizes: str, price: tuple[int, int], **more: object
) -> Family:
    """A Family from texts with `|` between the parts; `place` has `/` between the levels."""
    return Family(
        prefix=prefix,
        noun=noun,
        place=tuple(place.split("/")),
        makers=tuple(makers.split("|")),
        kinds=tuple(kinds.split("|")),
        sizes=tuple(sizes.split("|")),
        low=price[0],
        high=price[1],
        **more,  # type: ignore[arg-type]
    )

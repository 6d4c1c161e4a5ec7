"""The same kind of company in any size, for measuring."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random

from wapro.sample.articles import INTERNET, MAIN, RETAIL, SHOP, WHOLESALE, Article, Picture, Stock
from wapro.sample.categories import FAMILIES
from wapro.sample.codes import with_check_digit
from wapro.sample.company import Company
from wapro.sample.fixed import database_guid, fixed_rows
from wapro.sample.pictures import tiny_png
from wapro.sample.pricing import net_of, rounded
from wapro.sample.variants import COLOUR_FIELD, GROUP_FIELD, MODELS, SIZE_FIELD

_IN_GROUPS, _GROUP_SIZE = 3, 4
"""Of every forty articles twelve, three groups of four, are variants."""
_BLOCK = 40
_COLOURS = ("Czarny", "Biały", "Zielony", "Granatowy")


def generated(articles: int, today: date | None = None) -> Company:
    """A company of that many articles: 30 % in groups of four variants, two tiny pictures each, one in ten with a
    second card in MAG2. Articles are made as they are read, so a hundred thousand need no memory."""
    day = today or date.today()  # noqa: DTZ011 - see company()
    fixed = fixed_rows()
    fixed["WAPRODB"] = [{"WAPRODB_ID": database_guid(f"{articles} articles")}]
    return Company(today=day, articles=_Generated(articles), fixed=fixed)


@dataclass(frozen=True, slots=True)
class _Generated(Mapping[str, Article]):
    """Articles made anew each time they are read."""

    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[str]:
        return (_index(number) for number in range(self.count))

    def __getitem__(self, index: str) -> Article:
        number = _number(index)
        if not 0 <= number < self.count:
            raise KeyError(index)
        return _article(number)

    def values(self) -> Iterator[Article]:  # type: ignore[override]
        return (_article(number) for number in range(self.count))


def _index(number: int) -> str:
    """`GEN0000041` for a simple article, `G0000040-02` for the second variant of the group that begins at 40."""
    if _is_variant(number):
        place = number % _BLOCK % _GROUP_SIZE
        return f"G{number - place:07d}-{place + 1:02d}"
    return f"GEN{number:07d}"


def _number(index: str) -> int:
    if index.startswith("GEN"):
        return int(index[3:])
    first, _, place = index.removeprefix("G").partition("-")
    return int(first) + int(place) - 1


def _is_variant(number: int) -> bool:
    return number % _BLOCK < _IN_GROUPS * _GROUP_SIZE


def _article(number: int) -> Article:
    random = Random(number)
    vat = "8" if number % 7 == 0 else "23"
    retail = net_of(Decimal(random.randrange(300, 60000)) / 100, vat)
    stocks = {MAIN: Stock(on_hand=Decimal(random.randrange(0, 200)), reserved=Decimal(random.randrange(0, 3)))}
    if number % 10 == 0:
        stocks[SHOP] = Stock(on_hand=Decimal(random.randrange(0, 20)))
    made = Article(
        index=_index(number),
        name="",
        vat=vat,
        prices={
            RETAIL: retail,
            WHOLESALE: rounded(retail * Decimal("0.8")),
            INTERNET: rounded(retail * Decimal("0.95")),
        },
        purchase_net=rounded(retail * Decimal("0.6")),
        ean=with_check_digit(f"59099{number:07d}"),
        weight=Decimal(random.randrange(50, 9000)).scaleb(-3),
        stocks=stocks,
        pictures=_pictures(number),
    )
    return _as_variant(made, number) if _is_variant(number) else _as_simple(made, number)


def _as_simple(made: Article, number: int) -> Article:
    family = FAMILIES[number % len(FAMILIES)]
    kind, size = family.kinds[number % len(family.kinds)], family.sizes[number % len(family.sizes)]
    maker = family.makers[number % len(family.makers)]
    return replace(
        made,
        name=f"{family.noun} {kind} {maker} {size} nr {number}",
        maker=maker,
        place=family.place,
        description=f"{family.noun} {kind}, {size}. {family.use}",
    )


def _as_variant(made: Article, number: int) -> Article:
    place = number % _BLOCK % _GROUP_SIZE
    first = number - place
    model = list(MODELS.values())[first // _GROUP_SIZE % len(MODELS)]
    colour, size = _COLOURS[place], f"rozmiar {place % 2 + 1}"
    return replace(
        made,
        name=f"{model.name} {model.maker} nr {first} {colour.lower()} {size}",
        maker=model.maker,
        place=model.place,
        description=f"{model.name} w czterech kolorach.",
        fields={GROUP_FIELD: f"G{first:07d}", COLOUR_FIELD: colour, SIZE_FIELD: size},
    )


def _pictures(number: int) -> tuple[Picture, ...]:
    return tuple(
        Picture(name=f"{number}_{place + 1}.png", content=tiny_png(number * 2 + place), main=place == 0)
        for place in range(2)
    )

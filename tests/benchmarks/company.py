"""A company whose cards are the very elements of a generated shop, so that a first synchronisation links them all."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from integrator.canonical.kinds import Kind
from shops.connectors.pagination import chunks
from tests.benchmarks.shops import SIZES, Sellable
from wapro.sample import Company
from wapro.sample import generated as company
from wapro.sample.articles import INTERNET, MAIN, Article, Picture
from wapro.sample.codes import with_check_digit
from wapro.sample.pictures import tiny_png
from wapro.sample.sqlite import build
from wapro.sample.variants import GROUP_FIELD, SIZE_FIELD

_VAT = Decimal("1.23")
_FIRST_BY_INDEX = SIZES.index(min(SIZES)) + 1
CHANGED_OF = 101
"""One product of so many is changed by `change_one_percent`: a prime, so that simple ones and variants are among them.
"""


@dataclass(frozen=True, slots=True)
class Matching(Mapping[str, Article]):
    """One article per sellable of the shop, made as it is read.

    Reserved quantities, second cards and wholesale prices are those of `wapro.sample.generated`; what the shop shows
    too (code, name, EAN, price, weight, pictures) is the shop's.
    """

    sellables: Callable[[], Iterator[Sellable]]
    base: Mapping[str, Article]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        return (one.code for one in self.sellables())

    def __getitem__(self, index: str) -> Article:
        return next(article for article in self.values() if article.index == index)

    def values(self) -> Iterator[Article]:  # type: ignore[override]
        for one, base in zip(self.sellables(), self.base.values(), strict=False):
            yield _article(base, one)


def _article(base: Article, one: Sellable) -> Article:
    stock = base.stocks[MAIN]
    return replace(
        base,
        index=one.code,
        name=one.name,
        description=one.description,
        ean=one.ean,
        maker=one.maker,
        vat="23",
        # Four decimals: with two, one gross price in five could not be had from a net one.
        prices=base.prices | {INTERNET: (one.gross / _VAT).quantize(Decimal("0.0001"))},
        stocks=base.stocks | {MAIN: replace(stock, on_hand=one.quantity + stock.reserved)},
        weight=one.weight,
        fields={GROUP_FIELD: f"G{one.product:07d}", SIZE_FIELD: SIZES[one.variant - 1]} if one.variant else {},
        pictures=_pictures(one),
    )


def _pictures(one: Sellable) -> tuple[Picture, ...]:
    """Those of a product; of one with variants the card whose index comes first has them."""
    if one.variant not in (0, _FIRST_BY_INDEX):
        return ()
    return tuple(
        Picture(name=name, content=tiny_png(one.product * 8 + place), main=place == 1)
        for place, name in enumerate(one.pictures, start=1)
    )


def write(path: Path, sellables: Callable[[], Iterator[Sellable]]) -> int:
    """Write the company that matches a shop of these sellables into a SQLite file; how many articles it has."""
    articles = sum(1 for _ in sellables())
    base = company(articles)
    build(path, Company(today=base.today, articles=Matching(sellables, base.articles), fixed=base.fixed))
    return articles


_NAME = "UPDATE ARTYKUL SET NAZWA = NAZWA || ' N', NAZWA_CALA = NAZWA_CALA || ' N' WHERE "
_STOCK = "UPDATE ARTYKUL SET STAN = STAN + 5 WHERE "
_PRICE = (
    "UPDATE CENA_ARTYKULU SET CENA_NETTO = ROUND((CENA_BRUTTO + 1) / 1.23, 4), CENA_BRUTTO = CENA_BRUTTO + 1 "
    f"WHERE ID_CENY = {INTERNET} AND ID_ARTYKULU IN (SELECT ID_ARTYKULU FROM ARTYKUL WHERE "
)


def change_one_percent(path: Path) -> int:
    """Give 1 % of the products other names, prices and stock, as a day's work in the program would; cards changed."""
    chosen = f"CAST(SUBSTR(INDEKS_KATALOGOWY, 5, 6) AS INTEGER) % {CHANGED_OF} = 50"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_NAME + chosen)
        database.execute(_PRICE + chosen + ")")
        return database.execute(_STOCK + chosen).rowcount


def change(path: Path, kind: Kind, changed: Iterable[Sellable]) -> None:
    """Give these cards another quantity, price, or text: a name, and where the name is the parent's, an EAN."""
    changed = list(changed)
    update = {Kind.STOCK: _STOCK + "{}", Kind.PRICE: _PRICE + "{})", Kind.PRODUCT: _NAME + "{}"}[kind]
    with closing(sqlite3.connect(path)) as database, database:
        if kind is Kind.PRODUCT:
            eans = [(_other_ean(one), one.code) for one in changed if one.variant]
            database.executemany("UPDATE ARTYKUL SET KOD_KRESKOWY = ? WHERE INDEKS_KATALOGOWY = ?", eans)
            changed = [one for one in changed if not one.variant]
        for part in chunks([one.code for one in changed], 500):
            database.execute(update.format(f"INDEKS_KATALOGOWY IN ({', '.join('?' * len(part))})"), part)


def _other_ean(one: Sellable) -> str:
    return with_check_digit(f"591{one.product:08d}{one.variant}")

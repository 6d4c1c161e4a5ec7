"""A company whose cards are the very elements of a generated shop, so that a first synchronisation links them all."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from shops.connectors.shoper.simulator import generated as shop
from shops.connectors.shoper.simulator.generated import Generated
from wapro.sample import Company
from wapro.sample import generated as company
from wapro.sample.articles import INTERNET, MAIN, Article, Picture
from wapro.sample.pictures import tiny_png
from wapro.sample.sqlite import build
from wapro.sample.variants import GROUP_FIELD, SIZE_FIELD

_VAT = Decimal("1.23")
_SIZES = ("S", "M", "L")
_FIRST_BY_INDEX = _SIZES.index(min(_SIZES)) + 1
CHANGED_OF = 101
"""One product of so many is changed by `change`: 1 %, and a prime, so that simple ones and variants are among them."""


@dataclass(frozen=True, slots=True)
class Matching(Mapping[str, Article]):
    """One article per sellable row of the shop, made as it is read: 0.7 N simple ones and 3 x 0.3 N variants.

    Stock quantities, second cards and wholesale prices are those of `wapro.sample.generated`; what the shop shows too
    (code, name, EAN, price, weight, pictures) is the shop's.
    """

    recipe: Generated
    base: Mapping[str, Article]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        return (shop.code(product, variant) for product, variant, _ in self._sellables())

    def __getitem__(self, index: str) -> Article:
        return next(article for article in self.values() if article.index == index)

    def values(self) -> Iterator[Article]:  # type: ignore[override]
        for sellable, base in zip(self._sellables(), self.base.values(), strict=False):
            yield self._article(base, *sellable)

    def _sellables(self) -> Iterator[tuple[int, int, int]]:
        """Product, which of its variants (0: simple), stock row."""
        for product in range(1, self.recipe.products + 1):
            first, *variants = self.recipe.stock_ids(product)
            yield from (
                ((product, place, row) for place, row in enumerate(variants, start=1))
                if variants
                else ((product, 0, first),)
            )

    def _article(self, base: Article, product: int, variant: int, stock_row: int) -> Article:
        name = shop.name(product)
        gross = Decimal(shop.price(product))
        stock = base.stocks[MAIN]
        on_hand = Decimal(shop.quantity(stock_row)) + stock.reserved
        fields = {GROUP_FIELD: f"G{product:07d}", SIZE_FIELD: _SIZES[variant - 1]} if variant else {}
        return replace(
            base,
            index=shop.code(product, variant),
            name=name,
            description=f"{name}, opis towaru numer {product}.",
            ean=shop.ean(stock_row),
            maker=f"Producent {product % shop.PRODUCERS + 1}",
            vat="23",
            # Four decimals: with two, one gross price in five could not be had from a net one.
            prices=base.prices | {INTERNET: (gross / _VAT).quantize(Decimal("0.0001"))},
            stocks=base.stocks | {MAIN: replace(stock, on_hand=on_hand)},
            weight=Decimal(1),
            fields=fields,
            pictures=self._pictures(product) if variant in (0, _FIRST_BY_INDEX) else (),
        )

    def _pictures(self, product: int) -> tuple[Picture, ...]:
        """Those of a product; of one with variants the card whose index comes first has them."""
        name = shop.name(product)
        return tuple(
            Picture(name=f"{name} {place}", content=tiny_png(gfx), main=place == 1)
            for place, gfx in enumerate(self.recipe.image_ids(product), start=1)
        )


def write(path: Path, products: int) -> int:
    """Write the company that matches a shop of so many products into a SQLite file; how many articles it has."""
    recipe = Generated(products)
    variants = sum(recipe.has_variants(product) for product in range(1, products + 1))
    articles = products - variants + shop.VARIANTS * variants
    base = company(articles)
    build(path, Company(today=base.today, articles=Matching(recipe, base.articles), fixed=base.fixed))
    return articles


def change(path: Path) -> int:
    """Give 1 % of the products other names, prices and stock, as a day's work in the program would; cards changed."""
    with closing(sqlite3.connect(path)) as database, database:
        chosen = "CAST(SUBSTR(INDEKS_KATALOGOWY, 5, 6) AS INTEGER) % ? = 50"
        cards = database.execute(
            "UPDATE ARTYKUL SET NAZWA = NAZWA || ' N', NAZWA_CALA = NAZWA_CALA || ' N', STAN = STAN + 5 "
            f"WHERE {chosen}",
            (CHANGED_OF,),
        ).rowcount
        database.execute(
            "UPDATE CENA_ARTYKULU SET CENA_NETTO = ROUND((CENA_BRUTTO + 1) / 1.23, 4), CENA_BRUTTO = CENA_BRUTTO + 1 "
            f"WHERE ID_CENY = ? AND ID_ARTYKULU IN (SELECT ID_ARTYKULU FROM ARTYKUL WHERE {chosen})",
            (INTERNET, CHANGED_OF),
        )
    return cards

"""Ordinary articles: every family of the catalogue spelled out with prices, stock, bar codes and pictures."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from wapro.sample.articles import INTERNET, MAIN, RETAIL, SHOP, WHOLESALE, Article, CardUnit, Picture, Stock
from wapro.sample.catalogue import Family
from wapro.sample.categories import FAMILIES
from wapro.sample.codes import ean13
from wapro.sample.pictures import jpeg, png
from wapro.sample.pricing import gross_of, net_of, rounded, shelf_price

FIRST_PRICES = date(2025, 1, 2)
"""Purchase prices were last changed some days after this."""
_FRACTIONS = {"kg": Decimal("0.001"), "mb": Decimal("0.01"), "m2": Decimal("0.1"), "szt.": Decimal(1)}
_MARKERS = ("", "", "", "", "", "", "NOWOŚĆ", "HIT")
_FLATS = {"Ogród": "Ogród", "Dom": "Dom", "Narzędzia": "Narzędzia"}


def ordinary_articles() -> Iterator[Article]:
    for family in FAMILIES:
        for number, item in enumerate(family.items(), start=1):
            yield ordinary_article(family, number, item)


def ordinary_article(family: Family, number: int, item: tuple[str, str, str]) -> Article:
    """One article of a family from kind, maker and size; weight follows the size, the price also the kind."""
    kind, maker, size = item
    big, fine = _place(family.sizes, size), _place(family.kinds, kind)
    index = f"{family.prefix}{number:05d}"
    random = Random(f"article {index}")
    retail = _retail(family, big * Decimal("0.7") + fine * Decimal("0.3"), random)
    coded = family.coded and random.random() > 0.04
    name = f"{family.noun} {kind} {maker} {size}"
    carton = _carton(family, number, random)
    return Article(
        index=index,
        trade_index=f"{maker[:3].upper()}-{family.prefix}{number}",
        name=name,
        description=f"{family.noun} {kind}, {size}. Producent: {maker}.\r\n{family.use}",
        unit=family.unit,
        vat=family.vat,
        ean=ean13(family.prefix, number) if coded else "",
        maker=maker,
        place=family.place,
        flat=_FLATS.get(family.place[0], "Towary"),
        prices=price_list(retail, family.vat, random),
        purchase_net=rounded(retail * Decimal(random.randrange(48, 68)) / 100),
        weight=_weight(family, big),
        sizes=_sizes(random),
        stocks=_stocks(family.unit, random),
        web_shop=random.random() > 0.08,
        external=random.random() > 0.05,
        auctions=random.random() < 0.3,
        marker=_MARKERS[random.randrange(len(_MARKERS))],
        units=(carton,) if carton else (),
        purchase_unit=carton.symbol if carton else "",
    )


def _place(names: tuple[str, ...], name: str) -> Decimal:
    """0 for the first of them, 1 for the last."""
    return Decimal(names.index(name)) / max(1, len(names) - 1)


def price_list(retail: Decimal, vat: str, random: Random) -> dict[int, Decimal]:
    wholesale = rounded(retail * Decimal(random.randrange(74, 88)) / 100)
    cheaper = gross_of(retail, vat) * Decimal(random.randrange(90, 99)) / 100
    internet = shelf_price(cheaper - 1, vat) if retail > 20 else retail
    return {RETAIL: retail, WHOLESALE: max(wholesale, Decimal("0.01")), INTERNET: internet}


def _retail(family: Family, share: Decimal, random: Random) -> Decimal:
    about = family.low + (family.high - family.low) * share * Decimal(random.randrange(85, 101)) / 100
    if family.high < 5:
        return net_of(about + Decimal(random.randrange(0, 100)) / 100, family.vat)
    return shelf_price(about, family.vat)


def _weight(family: Family, share: Decimal) -> Decimal:
    low, high = family.weight
    grams = (low + (high - low) * share).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return grams.scaleb(-3)


def _sizes(random: Random) -> tuple[int, int, int] | None:
    if random.random() < 0.4:
        return None
    return random.randrange(2, 90), random.randrange(2, 60), random.randrange(1, 40)


def _stocks(unit: str, random: Random) -> dict[int, Stock]:
    stocks = {MAIN: _stock(unit, 120, random)}
    if random.random() < 0.45:
        stocks[SHOP] = _stock(unit, 30, random)
    return stocks


def _stock(unit: str, most: int, random: Random) -> Stock:
    """One in eight is sold out, one in five partly reserved, one in twelve held by an open document."""
    step = _FRACTIONS[unit]
    if random.random() < 0.12:
        return Stock(from_suppliers=Decimal(random.randrange(0, 3) * 10))
    on_hand = (Decimal(random.randrange(1, most * 1000)) / 1000).quantize(step, rounding=ROUND_HALF_UP) + 1
    reserved = (on_hand / random.randrange(3, 9)).quantize(step) if random.random() < 0.2 else Decimal(0)
    in_edit = min(Decimal(1), on_hand - reserved) if random.random() < 0.08 else Decimal(0)
    return Stock(
        on_hand=on_hand,
        reserved=reserved,
        in_edit=in_edit,
        for_customers=reserved,
        from_suppliers=Decimal(random.randrange(0, 5) * 5) if random.random() < 0.25 else Decimal(0),
    )


def _carton(family: Family, number: int, random: Random) -> CardUnit | None:
    """One in nine articles is bought by the carton, which has a bar code of its own."""
    if family.unit != "szt." or not family.coded or random.random() > 0.11:
        return None
    size = random.choice((6, 10, 12, 20, 24))
    code = ean13(family.prefix, 5000 + number)
    return CardUnit(symbol="kart.", name=f"karton {size} szt.", factor=Decimal(size), code=code)


def with_pictures(article: Article) -> Article:
    """Up to three pictures, the first one the main picture; one in eight articles has none."""
    random = Random(f"pictures {article.index}")
    count = random.choices((0, 1, 2, 3), weights=(12, 58, 20, 10))[0]
    if article.kind == "Usługa" or article.unfinished:
        return article
    pictures = []
    for number in range(1, count + 1):
        seed = f"{article.index} {number}"
        grey = random.random() < 0.1
        name = f"{article.index}{'' if number == 1 else f'_{number}'}.{'jpg' if grey else 'png'}"
        pictures.append(Picture(name=name, content=jpeg(seed) if grey else png(seed), main=number == 1))
    return replace(article, pictures=tuple(pictures))

"""Cards that are one article in colours and sizes: the company has no other way to say so than its free fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from random import Random

from wapro.sample import peculiar
from wapro.sample.articles import INTERNET, MAIN, RETAIL, SHOP, WHOLESALE, Article, Stock
from wapro.sample.catalogue import Path
from wapro.sample.categories import CLOTHES, HOSES, SHOES
from wapro.sample.codes import ean13
from wapro.sample.pricing import rounded, shelf_price

GROUP_FIELD, COLOUR_FIELD, SIZE_FIELD = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    maker: str
    place: Path
    flat: str
    price: int
    """Retail, gross złoty; each further size costs a tenth more."""
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    grams: int

    def options(self) -> Iterator[tuple[str, str]]:
        yield from product(self.colours or ("",), self.sizes or ("",))


def _model(name: str, maker: str, place: Path, flat: str, price: int, colours: str, sizes: str, grams: int) -> Model:
    parts = [tuple(part for part in text.split("|") if part) for text in (colours, sizes)]
    return Model(name, maker, place, flat, price, parts[0], parts[1], grams)


_GLOVES = ("Narzędzia", "Odzież robocza i BHP", "Rękawice")
_POTS = ("Ogród", "Doniczki i skrzynki")
_TEXTILES = ("Dom", "Tekstylia")
_FURNITURE = ("Ogród", "Meble ogrodowe")

MODELS: dict[str, Model] = dict(
    zip(
        peculiar.VARIANT_GROUPS,
        (
            _model("Kurtka robocza ocieplana", "Dłoniak", CLOTHES, "Narzędzia", 189, "granatowa|czarna", "M|L", 1250),
            _model("Spodnie robocze ogrodniczki", "Dłoniak", CLOTHES, "Narzędzia", 119, "szare|czarne", "50|54", 780),
            _model("Bluza polarowa", "Dłoniak", CLOTHES, "Narzędzia", 89, "zielona|grafitowa", "L|XL", 430),
            _model("Koszulka robocza", "Dłoniak", CLOTHES, "Narzędzia", 34, "biała|pomarańczowa", "M|XL", 180),
            _model("Kamizelka ostrzegawcza", "Dłoniak", CLOTHES, "Narzędzia", 14, "żółta|pomarańczowa", "L|XXL", 130),
            _model("Kalosze ogrodowe", "Szyszka", SHOES, "Narzędzia", 59, "zielone|granatowe", "38|42", 1400),
            _model("Trzewiki robocze S3", "Twardziel", SHOES, "Narzędzia", 229, "", "41|42|43|44", 1500),
            _model("Fartuch ogrodnika", "Zielnik", CLOTHES, "Ogród", 49, "zielony|beżowy|brązowy|granatowy", "", 260),
            _model("Czapka zimowa", "Szyszka", CLOTHES, "Narzędzia", 24, "czarna|szara|zielona|pomarańczowa", "", 90),
            _model("Rękawice ogrodnicze", "Dłoniak", _GLOVES, "Ogród", 12, "zielone|różowe", "S|M", 70),
            _model("Doniczka Roma", "Garncarz", _POTS, "Ogród", 39, "biała|antracytowa", "20 cm|30 cm", 1900),
            _model("Obrus lniany", "Manufaktura Lnu", _TEXTILES, "Dom", 119, "naturalny|szary", "120x160|140x220", 520),
            _model("Koc piknikowy", "Bławat", _TEXTILES, "Dom", 69, "czerwony|niebieski", "130x170|150x200", 840),
            _model("Wąż spiralny", "Hydroflor", HOSES, "Ogród", 44, "zielony|pomarańczowy", "7,5 m|15 m", 620),
            _model("Parasol ogrodowy", "Olchowy", _FURNITURE, "Ogród", 249, "kremowy|zielony", "2,5 m|3 m", 5400),
        ),
        strict=True,
    )
)


def variants_of(code: str, model: Model) -> Iterator[Article]:
    """The cards of one group: `code`-01 and so on, four in the order of colours and sizes."""
    random = Random(f"variants {code}")
    for number, (colour, size) in enumerate(model.options(), start=1):
        step = model.sizes.index(size) if size else 0
        retail = shelf_price(Decimal(model.price) * (10 + step) / 10, "23")
        stocks = {MAIN: Stock(on_hand=Decimal(random.randrange(0, 60)), reserved=Decimal(0))}
        if random.random() < 0.5:
            stocks[SHOP] = Stock(on_hand=Decimal(random.randrange(0, 15)))
        options = {COLOUR_FIELD: colour.capitalize(), SIZE_FIELD: size}
        yield Article(
            index=f"{code}-{number:02d}",
            name=" ".join(part for part in (model.name, model.maker, colour, size) if part),
            maker=model.maker,
            place=model.place,
            flat=model.flat,
            prices={
                RETAIL: retail,
                WHOLESALE: rounded(retail * Decimal("0.82")),
                INTERNET: shelf_price(retail * Decimal("1.17"), "23"),
            },
            purchase_net=rounded(retail * Decimal("0.55")),
            ean=ean13(code[:3], int(code[3:]) * 100 + number),
            weight=Decimal(model.grams * (10 + step) // 10).scaleb(-3),
            stocks=stocks,
            fields={GROUP_FIELD: code} | {place: value for place, value in options.items() if value},
            description=f"{model.name}. Do wyboru: {', '.join((*model.colours, *model.sizes))}.",
        )


def variant_articles() -> list[Article]:
    return [article for code, model in MODELS.items() for article in variants_of(code, model)]

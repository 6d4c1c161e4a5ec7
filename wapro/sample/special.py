"""Articles made for their peculiarity: sale units, services, sets, odd VAT rates, odd names, unfinished cards."""

from decimal import Decimal

from wapro.sample import peculiar
from wapro.sample.articles import (
    GOODS,
    INTERNET,
    MAIN,
    RETAIL,
    SERVICE,
    SET,
    SHOP,
    WHOLESALE,
    Article,
    CardUnit,
    Stock,
)
from wapro.sample.categories import HOSES, SETS, VOUCHERS
from wapro.sample.codes import ean13
from wapro.sample.pricing import net_of, rounded, shelf_price

_FIX = ("Narzędzia", "Mocowania")
_SALE_UNITS: tuple[tuple[str, str, str, tuple[str, str, str], tuple[str, ...], str], ...] = (
    # name, maker, stock unit, (sale unit, its name, its size in stock units), category, retail price of a stock unit
    ("Śruba stolarska M8x50 ocynk", "Śrubmar", "szt.", ("opak.", "opakowanie 100", "100"), (*_FIX, "Śruby"), "0.49"),
    ("Kołek rozporowy Uno 6x35", "Śrubmar", "szt.", ("opak.", "opakowanie 50", "50"), (*_FIX, "Kołki"), "0.19"),
    ("Wkręt farmerski 4,8x35 RAL 8017", "Śrubmar", "szt.", ("pud.", "pudełko 250", "250"), (*_FIX, "Śruby"), "0.16"),
    ("Gwoździe budowlane 3,5x90", "Śrubmar", "kg", ("wor.", "worek 25 kg", "25"), (*_FIX, "Gwoździe"), "8.49"),
    ("Nasiona rzeżuchy luzem", "Tęczar", "kg", ("100g", "sto gramów", "0.1"), ("Ogród", "Nasiona i cebulki",
     "Warzywa"), "59.90"),
    ('Wąż techniczny zbrojony 3/4"', "Hydroflor", "mb", ("rol.", "rolka 25 m", "25"), HOSES, "6.49"),
    ("Lina polipropylenowa 8 mm żółta", "Śrubmar", "mb", ("krąg", "krąg 100 m", "100"), (*_FIX, "Liny i łańcuchy"),
     "1.19"),
    ("Agrowłóknina ściółkująca P50 czarna", "Gródek", "m2", ("rol.", "rolka 1,6x100 m", "160"),
     ("Ogród", "Narzędzia ogrodnicze", "Akcesoria"), "1.29"),
    ("Żarówka LED E14 świecowa 6 W", "Świetlan", "szt.", ("kpl.", "komplet 4 szt.", "4"), ("Dom", "Oświetlenie",
     "Żarówki"), "9.99"),
    ("Słoik twist 0,9 l z zakrętką", "Garncarz", "szt.", ("zgrz.", "zgrzewka 6 szt.", "6"),
     ("Dom", "Kuchnia", "Przechowywanie"), "3.49"),
)  # fmt: skip
_SERVICES: tuple[tuple[str, str, str], ...] = (
    ("Przesyłka kurierska", "23", "18.99"),
    ("Przesyłka kurierska (towary 8%)", "8", "18.99"),
    ("Przesyłka kurierska (towary 5%)", "5", "18.99"),
    ("Opłata za pobranie", "23", "5.00"),
    ("Pakowanie na prezent", "23", "9.90"),
    ("Ubezpieczenie przesyłki", "zw", "3.50"),
    ("Transport międzynarodowy", "0", "120.00"),
    ("Ostrzenie noży i sekatorów", "23", "15.00"),
    ("Montaż altany ogrodowej", "8", "950.00"),
)
_SETS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Zestaw małego ogrodnika", "109.00", (("SEK00001", "1"), ("GRA00003", "1"), ("KON00001", "1"))),
    ("Zestaw do podlewania balkonu", "79.00", (("ZLA00001", "2"), ("ZRA00001", "1"), ("WAZ00002", "1"))),
    ("Zestaw majsterkowicza 4 el.", "149.00", (("MLO00002", "1"), ("WKR00001", "2"), ("SZP00002", "1"))),
    ("Kosz upominkowy z pasieki", "119.00", (("MIO00003", "2"), ("SWI00002", "1"), ("HER00002", "3"))),
    ("Zestaw na trawnik 100 m2", "99.00", (("TRL00001", "2.5"), ("NAW00002", "1"))),
)
_UNTAXED: tuple[tuple[str, str], ...] = (
    ("Bon podarunkowy 50 zł", "50.00"),
    ("Bon podarunkowy 100 zł", "100.00"),
    ("Bon podarunkowy 200 zł", "200.00"),
    ("Warsztaty florystyczne, bilet", "120.00"),
    ("Kurs cięcia drzew owocowych, bilet", "180.00"),
    ("Paleta EUR używana, wywóz do UE", "32.00"),
    ("Skrzyniopaleta używana, wywóz do UE", "89.00"),
)
_ODD: tuple[str, ...] = (
    "Szpachla &amp; paca Młotan 2 w 1",
    "Podkładki  filcowe samoprzylepne mix",
    "Zestaw narzędzi precyzyjnych Młotan CrMo wkrętaki i bity w etui z zamkiem 33 szt.",
)


def special_articles() -> list[Article]:
    return [*_sale_units(), *_services(), *_sets(), *_untaxed(), *_odd_names(), *_unfinished()]


def _prices(gross: str, vat: str) -> dict[int, Decimal]:
    """All three types from the retail price; a price below one złoty is only rounded, not made to end nicely."""
    about = Decimal(gross)
    retail = net_of(about, vat) if about < 1 else shelf_price(about, vat)
    return {
        RETAIL: retail,
        WHOLESALE: rounded(retail * Decimal("0.8")),
        INTERNET: rounded(retail * Decimal("0.95")),
    }


def _sale_units() -> list[Article]:
    made = []
    for number, (index, line) in enumerate(zip(peculiar.SALE_UNIT_CARDS, _SALE_UNITS, strict=True), start=1):
        name, maker, unit, (symbol, unit_name, factor), place, gross = line
        vat = "8" if unit_name == "sto gramów" else "23"
        prices = _prices(gross, vat)
        size = CardUnit(symbol=symbol, name=unit_name, factor=Decimal(factor), code=ean13("JSO", number))
        stock = Stock(on_hand=Decimal(factor) * (7 + number) + Decimal(number), reserved=Decimal(number % 3))
        made.append(
            Article(
                index=index,
                name=name,
                maker=maker,
                unit=unit,
                vat=vat,
                place=place,
                flat="Ogród" if place[0] == "Ogród" else "Narzędzia" if place[0] == "Narzędzia" else "Dom",
                prices=prices,
                purchase_net=rounded(prices[RETAIL] * Decimal("0.6")),
                ean=ean13("JSP", number),
                units=(size,),
                sale_unit=symbol,
                stocks={MAIN: stock} | ({SHOP: Stock(on_hand=Decimal(number * 3))} if number % 2 else {}),
                description=f"Sprzedawane jako {unit_name}. Cena w cenniku za {unit}",
            )
        )
    return made


def _services() -> list[Article]:
    return [
        Article(
            index=index,
            name=name,
            kind=SERVICE,
            vat=vat,
            flat="Usługi",
            prices=_prices(gross, vat),
            stocks={MAIN: Stock(), SHOP: Stock()},
            web_shop=False,
            external=False,
        )
        for index, (name, vat, gross) in zip(peculiar.SERVICES, _SERVICES, strict=True)
    ]


def _sets() -> list[Article]:
    return [
        Article(
            index=index,
            name=name,
            kind=SET,
            place=SETS,
            flat="Zestawy",
            prices=_prices(gross, "23"),
            ean=ean13("ZST", number),
            stocks={MAIN: Stock(on_hand=Decimal(number * 2))},
            components=tuple((part, Decimal(quantity)) for part, quantity in parts),
            description="Zestaw w jednym kartonie: " + ", ".join(part for part, _ in parts),
        )
        for number, (index, (name, gross, parts)) in enumerate(zip(peculiar.SETS, _SETS, strict=True), start=1)
    ]


def _untaxed() -> list[Article]:
    pairs = [(vat, index) for vat, indexes in peculiar.VAT_GOODS.items() for index in indexes]
    return [
        Article(
            index=index,
            name=name,
            kind=GOODS,
            vat=vat,
            place=("Narzędzia", "Przechowywanie") if vat == "0" else VOUCHERS,
            prices=dict.fromkeys((RETAIL, WHOLESALE, INTERNET), Decimal(gross)),
            ean=ean13(index[:3], int(index[3:])),
            stocks={MAIN: Stock(on_hand=Decimal(40))} | ({SHOP: Stock(on_hand=Decimal(12))} if vat == "np" else {}),
        )
        for (vat, index), (name, gross) in zip(pairs, _UNTAXED, strict=True)
    ]


def _odd_names() -> list[Article]:
    return [
        Article(
            index=index,
            name=name,
            maker="Młotan",
            place=("Narzędzia", "Narzędzia ręczne", "Wkrętaki"),
            flat="Narzędzia",
            prices=_prices(f"{14 + number * 9}.99", "23"),
            ean=ean13("ODD", number),
            stocks={MAIN: Stock(on_hand=Decimal(5 * number))},
        )
        for number, (index, name) in enumerate(zip(peculiar.ODD_NAMES, _ODD, strict=True), start=1)
    ]


def _unfinished() -> list[Article]:
    return [
        Article(
            index=index,
            card_id=int(index.strip("()")),
            name=f"nowy artykuł {index}",
            prices={},
            stocks={MAIN: Stock()},
            unfinished=True,
            web_shop=number == 1,
            external=False,
            editor=3000002 if number == 2 else 0,
        )
        for number, index in enumerate(peculiar.UNFINISHED, start=1)
    ]

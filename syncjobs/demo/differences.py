"""The one table of what differs between the sample companies and the demo's shops, and how each difference must end.

`seed` plants what stands here, `verdict` looks how it ended. What is not named here is the same on both sides. Most
rows hold in one or two shops: they sell different things, and some outcomes follow from what a platform can do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from integrator.canonical.kinds import Kind
from syncjobs.demo.storefronts import PRESTASHOP, SHOPER, WOOCOMMERCE
from wapro.sample import peculiar


class Outcome(StrEnum):
    """How a difference ends after the first synchronisation."""

    LINKED = "linked"
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    AMBIGUOUS = "ambiguous"
    CONFLICT = "conflict"
    BLOCKED = "blocked"
    FAILED = "failed"


class Planted(StrEnum):
    """What was done, and on which side."""

    NOT_IN_SHOP = "the shop does not have it"
    ONLY_IN_SHOP = "only the shop has it, no card has its code"
    TWICE_IN_SHOP = "the shop has two with this code"
    SPELLED_OTHERWISE = "the shop writes the name in another way"
    SHOP_DIFFERS = "the shop holds another value"
    NO_PICTURES_IN_SHOP = "the shop has no pictures of it"
    NO_PICTURE_AT_ALL = "the file in WAPRO is no picture"
    NO_PRICE = "WAPRO has no price of the chosen type"
    CARD = "the sample company's card is like that"
    UNREADABLE = "the shop's row cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    kind: Kind
    element: str
    """Catalogue index of an article, code of a shop's product, name of a unit or producer, path of a category."""
    planted: Planted
    outcome: Outcome
    field: str = ""
    shop: str = ""
    """What the shop holds in the field (or instead of the name)."""
    on: tuple[str, ...]
    """Platforms of the shops for which the row holds."""

    @property
    def id(self) -> str:
        return ":".join(part for part in (self.kind, self.element, self.field) if part)


_ALL = (SHOPER, WOOCOMMERCE, PRESTASHOP)


def _rows(
    on: str | tuple[str, ...], kind: Kind, planted: Planted, outcome: Outcome, elements: str, field: str = ""
) -> tuple[Difference, ...]:
    """One row per word of `elements`; `code=value` says what the shop holds instead."""
    where = (on,) if isinstance(on, str) else on
    rows = []
    for element in elements.split("|"):
        name, _, shop = element.strip().partition("=")
        rows.append(
            Difference(
                kind=kind, element=name.strip(), planted=planted, outcome=outcome, field=field, shop=shop, on=where
            )
        )
    return tuple(rows)


_S, _W, _P = SHOPER, WOOCOMMERCE, PRESTASHOP
_SW, _SP, _WP = (_S, _W), (_S, _P), (_W, _P)


def _differing(on: str | tuple[str, ...], field: str, elements: str) -> tuple[Difference, ...]:
    """Products of which the shop holds another value in a field."""
    return _rows(on, Kind.PRODUCT, Planted.SHOP_DIFFERS, Outcome.UPDATED, elements, field)


_UNITS = (  # PrestaShop has no units
    *_rows(_SW, Kind.UNIT, Planted.SPELLED_OTHERWISE, Outcome.LINKED, "szt.=Szt|mb=MB.|opak.=Opak"),
    *_rows(_SW, Kind.UNIT, Planted.NOT_IN_SHOP, Outcome.CREATED, "m2|pud.|wor.|rol.|100g|krąg|kpl.|zgrz.|kart."),
)
_PRODUCERS = (
    *_rows(
        _ALL,
        Kind.PRODUCER,
        Planted.SPELLED_OTHERWISE,
        Outcome.LINKED,
        "Łąkosz=LĄKOSZ|Świetlan=świetlan|Jaśmin Dom=Jasmin  Dom",
    ),
    *_rows(_ALL, Kind.PRODUCER, Planted.NOT_IN_SHOP, Outcome.CREATED, "Ptasiek|Krzesiwo|Zahrada Říha|Ręczna Robota"),
)
BROKEN_PRODUCER = Difference(
    kind=Kind.PRODUCER,
    element="Oficyna Rolna",
    planted=Planted.UNREADABLE,
    outcome=Outcome.LINKED,
    field="name",
    on=_ALL,
)
"""Closes the gate of products until somebody gives the shop's row its name back."""
_CATEGORIES = (  # Shoper makes none from outside
    *_rows(
        _WP,
        Kind.CATEGORY,
        Planted.NOT_IN_SHOP,
        Outcome.CREATED,
        "Dom / Sprzątanie|Dom / Sprzątanie / Akcesoria|Narzędzia / Mocowania / Śruby|Wyprzedaż / Sezon",
    ),
    *_rows(
        _WP,
        Kind.CATEGORY,
        Planted.SPELLED_OTHERWISE,
        Outcome.LINKED,
        "Książki i upominki=Ksiazki i Upominki|Ogród=OGRÓD|Zwierzęta i ptaki=Zwierzęta  i Ptaki",
    ),
)

_NEW = (
    *_rows(
        _S,
        Kind.PRODUCT,
        Planted.NOT_IN_SHOP,
        Outcome.CREATED,
        "LOP00001|WID00004|PIO00005|OPR00002|KLU00004|TAR00005|" + "|".join(peculiar.VARIANT_GROUPS["FAT01"]),
    ),
    *_rows(_SP, Kind.PRODUCT, Planted.NOT_IN_SHOP, Outcome.CREATED, "KON00004|GRL00008"),
    *_rows(
        _SW,
        Kind.PRODUCT,
        Planted.NOT_IN_SHOP,
        Outcome.CREATED,
        "NKU00004|SLO00002|ZAR00009|POS00005|" + "|".join(peculiar.VARIANT_GROUPS["KOC01"]),
    ),
    *_rows(
        _P,
        Kind.PRODUCT,
        Planted.NOT_IN_SHOP,
        Outcome.CREATED,
        "WAR00006|KAR00003|" + "|".join(peculiar.VARIANT_GROUPS["PAR01"]),
    ),
)
_CHANGED = (
    *_differing(_S, "name", "SEK00001=Sekator Zielnik 18|MLO00004=młotek ciesielski 300g"),
    *_differing(_SW, "name", "GAR00003=Garnek stalowy Garncarz 24cm PROMOCJA"),
    *_differing(_W, "name", "MOP00003=Mop & wiadro Świetlan|PAT00005=patelnia zeliwna 28"),
    *_differing(_P, "name", "MEB00003=Krzesło składane OKAZJA|SKR00005=skrzynka balkonowa|KON00006=Konewka ocynk 10l"),
    *_differing(_S, "ean", "NOZ00002=|KUR01-02="),
    *_differing(_SP, "ean", "BEC00001="),
    *_differing(_SW, "ean", "SZC00002="),
    *_differing(_W, "ean", "DES00005=|OBR01-02="),
    *_differing(_P, "ean", "GRL00003=|DCR01-02="),
    *_differing(_S, "weight", "LOP00008=0"),
    *_differing(_SP, "weight", "WAZ00002=9.9|MEB00004=0.4"),
    *_differing(_W, "weight", "LAM00003=0|POS00003=9.9|OBR01-04=0.4"),
    *_differing(_P, "weight", "STO00003=0|DCR01-04=0.4"),
    *_differing(_SP, "tax_rate", "ZRA00005=8|ZLA00004=5|BEC00008=8"),
    *_differing(_W, "tax_rate", "KSI00003=8|HER00004=23|ZAR00002=8"),
    *_differing(_SP, "producer", "SKR00003=Garncarz|BUD00002="),
    *_differing(_SW, "producer", "GAR00009=Gródek"),
    *_differing(_W, "producer", "LAM00004=|SWI00005=Garncarz"),
    *_differing(_P, "producer", "CEB00005=Łąkosz"),
    *_differing(_SW, "unit", "DES00004=kg|WOR00003=kg|REC00003=kg"),
    *_differing(_W, "category", "LAM00009=Dom/Kuchnia/Spiżarnia|MIO00008=Dom/Kuchnia/Przechowywanie"),
    # Its only card hangs in the tree of the second warehouse, whose category the shop gets just before.
    *_rows(_W, Kind.PRODUCT, Planted.CARD, Outcome.UPDATED, "RKG00009=Dom/Porządki/Akcesoria", "category"),
    *_differing(
        _P, "category", "GRI00005=Ogród/Meble ogrodowe|DON00008=Ogród/Grill|KWI00009=Ogród/Nasiona i cebulki/Warzywa"
    ),
    *_rows(_ALL, Kind.PRODUCT, Planted.ONLY_IN_SHOP, Outcome.DELETED, "OUTLET-01|OUTLET-02|OUTLET-03|PROBKA-7"),
    *_rows(_S, Kind.PRODUCT, Planted.TWICE_IN_SHOP, Outcome.AMBIGUOUS, "SZP00009|MIA00009|POZ00007"),
    *_rows(_W, Kind.PRODUCT, Planted.TWICE_IN_SHOP, Outcome.AMBIGUOUS, "PLY00006|LAM00007|KSI00002"),
    *_rows(_P, Kind.PRODUCT, Planted.TWICE_IN_SHOP, Outcome.AMBIGUOUS, "ZRA00007|DON00005|GRI00004"),
)
_WAITING = (
    *_rows(_S, Kind.PRODUCT, Planted.CARD, Outcome.BLOCKED, "|".join(peculiar.INVALID_EANS), "ean"),
    *_rows(_W, Kind.PRODUCT, Planted.CARD, Outcome.BLOCKED, "POJ00002|MOP00004", "ean"),
    *_rows(
        _S,
        Kind.PRODUCT,
        Planted.CARD,
        Outcome.BLOCKED,
        "|".join(index for rows in peculiar.DISAGREEING.values() for index in rows),
    ),
    *_rows(_W, Kind.PRODUCT, Planted.CARD, Outcome.BLOCKED, "HER00001|WOR00002|GAR00002"),
    *_rows(_S, Kind.PRODUCT, Planted.CARD, Outcome.BLOCKED, "RKG00009=Dom/Porządki/Akcesoria", "category"),
    *_rows(_ALL, Kind.PRODUCT, Planted.NOT_IN_SHOP, Outcome.BLOCKED, "|".join(peculiar.VAT_GOODS["np"]), "tax_rate"),
    # WooCommerce has a class for 0 %, which is another thing than exempt.
    *_rows(_W, Kind.PRODUCT, Planted.NOT_IN_SHOP, Outcome.BLOCKED, "|".join(peculiar.VAT_GOODS["zw"]), "tax_rate"),
    *_rows(_S, Kind.PRODUCT, Planted.NOT_IN_SHOP, Outcome.BLOCKED, "|".join(peculiar.WITHOUT_CATEGORY), "category"),
    *_rows(_S, Kind.PRODUCT, Planted.NO_PRICE, Outcome.BLOCKED, "WIE00008|WKA00007|SZL00007", "price"),
    *_rows(_W, Kind.PRODUCT, Planted.NO_PRICE, Outcome.BLOCKED, "MIO00006|LAM00006|SWI00006", "price"),
    *_rows(_P, Kind.PRODUCT, Planted.NO_PRICE, Outcome.BLOCKED, "KAR00005|MEB00006|WAR00010", "price"),
)
_PRICES = (
    *_rows(
        _S,
        Kind.PRICE,
        Planted.SHOP_DIFFERS,
        Outcome.CONFLICT,
        "FAR00002=89.00|LAK00005=104.50|REK00001=6.49|OKU00002=24.99",
        "price",
    ),
    *_rows(
        _W,
        Kind.PRICE,
        Planted.SHOP_DIFFERS,
        Outcome.CONFLICT,
        "REC00006=89.00|SLO00009=7.50|LAM00002=139.01|OBR01-03=99.99",
        "price",
    ),
    *_rows(
        _P,
        Kind.PRICE,
        Planted.SHOP_DIFFERS,
        Outcome.CONFLICT,
        "KON00003=49.99|DON00007=35.01|GRL00006=999.00|DCR01-03=33.33",
        "price",
    ),
    *_rows(_S, Kind.PRICE, Planted.NO_PRICE, Outcome.BLOCKED, "SRU00006|WKD00006|WIR00005", "price"),
    *_rows(_W, Kind.PRICE, Planted.NO_PRICE, Outcome.BLOCKED, "RKG00003|TAS00002|PAT00006", "price"),
    *_rows(_P, Kind.PRICE, Planted.NO_PRICE, Outcome.BLOCKED, "STO00007|KON00005|WAZ00008", "price"),
)
_STOCK = (
    *_rows(_S, Kind.STOCK, Planted.SHOP_DIFFERS, Outcome.UPDATED, "KUR01-01=1", "quantity"),
    *_rows(_SP, Kind.STOCK, Planted.SHOP_DIFFERS, Outcome.UPDATED, "STO00006=3", "quantity"),
    *_rows(_SW, Kind.STOCK, Planted.SHOP_DIFFERS, Outcome.UPDATED, "MOP00002=0|PLY00002=999|RKG00007=12", "quantity"),
    *_rows(_W, Kind.STOCK, Planted.SHOP_DIFFERS, Outcome.UPDATED, "OBR01-01=1|KAB00001=114", "quantity"),
    *_rows(_P, Kind.STOCK, Planted.SHOP_DIFFERS, Outcome.UPDATED, "KWI00005=0|WAZ00009=7|DCR01-01=1", "quantity"),
)
_IMAGES = (
    *_rows(
        _S, Kind.IMAGE, Planted.NO_PICTURES_IN_SHOP, Outcome.CREATED, "MLO00001|KLU00003|LOP00007|WKR00004|SKN00009"
    ),
    *_rows(_W, Kind.IMAGE, Planted.NO_PICTURES_IN_SHOP, Outcome.CREATED, "NKU00006|SZC00009|KSI00009"),
    *_rows(_P, Kind.IMAGE, Planted.NO_PICTURES_IN_SHOP, Outcome.CREATED, "WAZ00007|MEB00005|BUD00003"),
    *_rows(_S, Kind.IMAGE, Planted.NO_PICTURE_AT_ALL, Outcome.FAILED, "WKR00002"),
    *_rows(_SW, Kind.IMAGE, Planted.NO_PICTURE_AT_ALL, Outcome.FAILED, "POJ00004|DES00002"),
    *_rows(_W, Kind.IMAGE, Planted.NO_PICTURE_AT_ALL, Outcome.FAILED, "KSI00001"),
    *_rows(_P, Kind.IMAGE, Planted.NO_PICTURE_AT_ALL, Outcome.FAILED, "ZLA00005|KON00007|GRI00001"),
)

DIFFERENCES: tuple[Difference, ...] = (
    *_UNITS,
    *_PRODUCERS,
    BROKEN_PRODUCER,
    *_CATEGORIES,
    *_NEW,
    *_CHANGED,
    *_WAITING,
    *_PRICES,
    *_STOCK,
    *_IMAGES,
)
LEAST = 3
"""Each outcome must be planted at least so often in each shop: one case could be right by chance."""
UNMAPPED_TAX = "np"
"""No shop has such a rate, and none can be made there from outside."""


def differences(platforms: str | Iterable[str]) -> Iterator[Difference]:
    """Rows that hold for the shops of these platforms."""
    wanted = {platforms} if isinstance(platforms, str) else set(platforms)
    return (row for row in DIFFERENCES if wanted & set(row.on))


def planted(platforms: str | Iterable[str], kind: Kind, how: Planted, field: str = "") -> dict[str, Difference]:
    """Rows of these shops by element."""
    return {
        row.element: row
        for row in differences(platforms)
        if row.kind is kind and row.planted is how and (not field or row.field == field)
    }

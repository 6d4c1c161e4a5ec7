"""The one table of what differs between the sample company and the demo's shop, and how each difference must end.

`seed` plants what stands here, `verdict` looks how it ended. What is not named here is the same on both sides.
"""

from dataclasses import dataclass
from enum import StrEnum

from integrator.canonical.kinds import Kind
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
    """Catalogue index of an article, code of a shop's product, name of a unit or producer."""
    planted: Planted
    outcome: Outcome
    field: str = ""
    shop: str = ""
    """What the shop holds in the field (or instead of the name)."""

    @property
    def id(self) -> str:
        return ":".join(part for part in (self.kind, self.element, self.field) if part)


def _rows(kind: Kind, planted: Planted, outcome: Outcome, elements: str, field: str = "") -> tuple[Difference, ...]:
    """One row per word of `elements`; `code=value` says what the shop holds instead."""
    rows = []
    for element in elements.split("|"):
        name, _, shop = element.strip().partition("=")
        rows.append(
            Difference(kind=kind, element=name.strip(), planted=planted, outcome=outcome, field=field, shop=shop)
        )
    return tuple(rows)


_UNITS = (
    *_rows(Kind.UNIT, Planted.SPELLED_OTHERWISE, Outcome.LINKED, "szt.=Szt|mb=MB.|opak.=Opak"),
    *_rows(Kind.UNIT, Planted.NOT_IN_SHOP, Outcome.CREATED, "m2|pud.|wor.|rol.|100g|krąg|kpl.|zgrz.|kart."),
)
_PRODUCERS = (
    *_rows(
        Kind.PRODUCER,
        Planted.SPELLED_OTHERWISE,
        Outcome.LINKED,
        "Łąkosz=LĄKOSZ|Świetlan=świetlan|Jaśmin Dom=Jasmin  Dom",
    ),
    *_rows(Kind.PRODUCER, Planted.NOT_IN_SHOP, Outcome.CREATED, "Ptasiek|Krzesiwo|Zahrada Říha|Ręczna Robota"),
)
BROKEN_PRODUCER = Difference(
    kind=Kind.PRODUCER, element="Oficyna Rolna", planted=Planted.UNREADABLE, outcome=Outcome.LINKED, field="name"
)
"""Closes the gate of products until somebody gives the shop's row its name back."""

_PRODUCTS = (
    *_rows(
        Kind.PRODUCT,
        Planted.NOT_IN_SHOP,
        Outcome.CREATED,
        "LOP00001|WID00004|PIO00005|OPR00002|KON00004|GRL00008|NKU00004|SLO00002|ZAR00009|POS00005|KLU00004|TAR00005|"
        + "|".join((*peculiar.VARIANT_GROUPS["FAT01"], *peculiar.VARIANT_GROUPS["KOC01"])),
    ),
    *_rows(
        Kind.PRODUCT,
        Planted.SHOP_DIFFERS,
        Outcome.UPDATED,
        "SEK00001=Sekator Zielnik 18|GAR00003=Garnek stalowy Garncarz 24cm PROMOCJA|MLO00004=młotek ciesielski 300g",
        "name",
    ),
    *_rows(Kind.PRODUCT, Planted.SHOP_DIFFERS, Outcome.UPDATED, "NOZ00002=|BEC00001=|SZC00002=|KUR01-02=", "ean"),
    *_rows(Kind.PRODUCT, Planted.SHOP_DIFFERS, Outcome.UPDATED, "LOP00008=0|WAZ00002=9.9|MEB00004=0.4", "weight"),
    *_rows(Kind.PRODUCT, Planted.SHOP_DIFFERS, Outcome.UPDATED, "ZRA00005=8|ZLA00004=5|BEC00008=8", "tax_rate"),
    *_rows(
        Kind.PRODUCT, Planted.SHOP_DIFFERS, Outcome.UPDATED, "SKR00003=Garncarz|BUD00002=|GAR00009=Gródek", "producer"
    ),
    *_rows(Kind.PRODUCT, Planted.SHOP_DIFFERS, Outcome.UPDATED, "DES00004=kg|WOR00003=kg|REC00003=kg", "unit"),
    *_rows(Kind.PRODUCT, Planted.ONLY_IN_SHOP, Outcome.DELETED, "OUTLET-01|OUTLET-02|OUTLET-03|PROBKA-7"),
    *_rows(Kind.PRODUCT, Planted.TWICE_IN_SHOP, Outcome.AMBIGUOUS, "SZP00009|MIA00009|POZ00007"),
    *_rows(Kind.PRODUCT, Planted.CARD, Outcome.BLOCKED, "|".join(peculiar.INVALID_EANS), "ean"),
    *_rows(
        Kind.PRODUCT, Planted.CARD, Outcome.BLOCKED, "|".join(i for rows in peculiar.DISAGREEING.values() for i in rows)
    ),
    *_rows(Kind.PRODUCT, Planted.CARD, Outcome.BLOCKED, "RKG00009", "category"),
    *_rows(Kind.PRODUCT, Planted.NOT_IN_SHOP, Outcome.BLOCKED, "|".join(peculiar.VAT_GOODS["np"]), "tax_rate"),
    *_rows(Kind.PRODUCT, Planted.NOT_IN_SHOP, Outcome.BLOCKED, "|".join(peculiar.WITHOUT_CATEGORY), "category"),
    *_rows(Kind.PRODUCT, Planted.NO_PRICE, Outcome.BLOCKED, "WIE00008|WKA00007|SZL00007", "price"),
)
_PRICES = (
    *_rows(
        Kind.PRICE,
        Planted.SHOP_DIFFERS,
        Outcome.CONFLICT,
        "FAR00002=89.00|LAK00005=104.50|REK00001=6.49|OKU00002=24.99",
        "price",
    ),
    *_rows(Kind.PRICE, Planted.NO_PRICE, Outcome.BLOCKED, "SRU00006|WKD00006|WIR00005", "price"),
)
_STOCK = _rows(
    Kind.STOCK,
    Planted.SHOP_DIFFERS,
    Outcome.UPDATED,
    "STO00006=3|MOP00002=0|PLY00002=999|RKG00007=12|KUR01-01=1",
    "quantity",
)
_IMAGES = (
    *_rows(Kind.IMAGE, Planted.NO_PICTURES_IN_SHOP, Outcome.CREATED, "MLO00001|KLU00003|LOP00007|WKR00004|SKN00009"),
    *_rows(Kind.IMAGE, Planted.NO_PICTURE_AT_ALL, Outcome.FAILED, "POJ00004|DES00002|WKR00002"),
)

DIFFERENCES: tuple[Difference, ...] = (
    *_UNITS,
    *_PRODUCERS,
    BROKEN_PRODUCER,
    *_PRODUCTS,
    *_PRICES,
    *_STOCK,
    *_IMAGES,
)
LEAST = 3
"""Each outcome must be planted at least so often: one case could be right by chance."""
UNMAPPED_TAX = "np"
"""The shop has no such rate, and none can be made there from outside."""


def planted(kind: Kind, how: Planted, field: str = "") -> dict[str, Difference]:
    """Rows of the table by element."""
    return {
        row.element: row
        for row in DIFFERENCES
        if row.kind is kind and row.planted is how and (not field or row.field == field)
    }

"""The peculiarities of the sample company by name: demo and tests refer to these instead of to indexes in quotes.

Every value is a catalogue index (INDEKS_KATALOGOWY) or holds such. What is said here is planted by `special.py`
(articles made for the purpose) and `planting.py` (ordinary articles bent).
"""

SALE_UNIT_CARDS: tuple[str, ...] = (
    "JSP00001",
    "JSP00002",
    "JSP00003",
    "JSP00004",
    "JSP00005",
    "JSP00006",
    "JSP00007",
    "JSP00008",
    "JSP00009",
    "JSP00010",
)
"""Sold in another unit than they are stored in: by the package, sack, roll; the fifth by a tenth of its stock unit."""

VARIANT_GROUPS: dict[str, tuple[str, ...]] = {
    code: tuple(f"{code}-{number:02d}" for number in range(1, 5))
    for code in (
        "KUR01",
        "SPO01",
        "BLU01",
        "KOS01",
        "KAM01",
        "KLG01",
        "TRZ01",
        "FAT01",
        "CZA01",
        "RBL01",
        "DCR01",
        "OBR01",
        "KOC01",
        "WAO01",
        "PAR01",
    )
}
"""Four cards each that are one article in colours and sizes. POLE1 holds the code of the group, POLE2 the colour
(`Kolor`), POLE3 the size (`Rozmiar`); the index begins with the code and a hyphen, which no other index has."""
SIZES_ONLY, COLOURS_ONLY = ("TRZ01",), ("FAT01", "CZA01")
"""Groups told apart by one option only; the other field is empty on all their cards."""

SERVICES: tuple[str, ...] = tuple(f"USL{number:03d}" for number in range(1, 10))
"""Services: deliveries per VAT rate, cash on delivery, packing, insurance, sharpening. Not for the web shop."""
SETS: tuple[str, ...] = tuple(f"ZST{number:04d}" for number in range(1, 6))
"""Sets, made of other cards by DEFINICJA_PRODUKTU."""

UNFINISHED: tuple[str, ...] = ("(9901)", "(9902)", "(9903)", "(9904)")
"""Cards somebody began and never saved: FLAGA_STANU 1, named "nowy artykuł (id)"."""
BLOCKED: tuple[str, ...] = (
    "SEK00003",
    "GRL00007",
    "PAT00009",
    "LAM00005",
    "MLO00008",
    "WIE00002",
    "FAR00006",
    "REC00004",
)
"""Blocked on all their cards."""
BLOCKED_IN_SHOP: tuple[str, ...] = ("KLU00002", "DON00004")
"""Blocked in MAG2 only."""
EDITED: tuple[str, ...] = ("SZL00002", "ZRA00003")
"""Open on somebody's screen (SEMAFOR): not to be written now."""

DUPLICATE_EANS: tuple[tuple[str, str], ...] = (
    ("GRA00001", "GRA00002"),
    ("NKU00003", "DES00003"),
    ("WKR00005", "SZP00001"),
)
"""Two different articles with one bar code."""
INVALID_EANS: tuple[str, ...] = ("POJ00002", "MOP00004", "TAR00007")
"""The check digit of their bar code is wrong."""
SHORT_EANS: tuple[str, ...] = ("WAR00001", "KWI00002", "CEB00003")
"""Eight digits."""
WITHOUT_EAN: tuple[str, ...] = ("SIE00001", "KON00002", "SWI00003", "OKU00001")
"""No bar code; loose goods have none either."""

DISAGREEING: dict[str, tuple[str, ...]] = {
    "vat": ("HER00001", "NWL00002"),
    "unit": ("SRU00003", "WOR00002"),
    "ean": ("GAR00002", "KOL00004", "MIA00003"),
}
"""The cards of one index say different things in MAG1 and MAG2, by what they disagree about."""
OTHER_PRICE_IN_SHOP: tuple[str, ...] = ("PED00002", "REK00003", "SLO00001", "ZLA00002")
"""Dearer in MAG2, which is no mistake."""

PROMOTIONS_NOW: tuple[str, ...] = (
    "WAZ00001",
    "WAZ00004",
    "STO00001",
    "PLY00001",
    "PLY00003",
    "POS00002",
    "SKN00001",
    "SKN00005",
    "LAK00001",
    "BUD00001",
    "SZC00001",
    "SZC00009",
)
"""On promotion today; the first began today, the second ends today."""
PROMOTIONS_PAST: tuple[str, ...] = ("WID00001", "WID00002", "NAW00001", "NAW00006", "KAR00001", "GRI00001")
PROMOTIONS_FUTURE: tuple[str, ...] = ("MEB00001", "MEB00002", "OPR00001", "POZ00001", "ZAR00001")
"""The first begins tomorrow."""

VAT_GOODS: dict[str, tuple[str, ...]] = {
    "np": ("BON00001", "BON00002", "BON00003"),
    "zw": ("BIL00001", "BIL00002"),
    "0": ("PAL00001", "PAL00002"),
}
"""Goods on which no VAT is paid, each for another reason."""
ODD_NAMES: tuple[str, ...] = ("ODD00001", "ODD00002", "ODD00003")
"""An HTML entity, two blanks in a row, and the longest name there can be: both name columns full."""
TEXT_ONLY_PRODUCERS: tuple[str, ...] = (*VARIANT_GROUPS["OBR01"], "KSI00005", "KSI00006", "SWI00001", "DES00001")
"""Their producer is a text on the card and no contractor."""
WITHOUT_CATEGORY: tuple[str, ...] = ("TAS00005", "PIO00009", "OCH00008")
"""In no category of the tree."""
GRAMS: tuple[str, ...] = ("MIO00001", "MIO00002", "HER00003")
"""Their weight is given in grams (JED_WAGI)."""
NOT_IN_WEB_SHOP: tuple[str, ...] = ("BEC00009", "LOP00009", "WKD00009", "GWO00002", "KOR00003")
"""Goods kept out of the web shop (DOSTEPNY_W_SKLEPIE_INTER 0), together with services and some others."""
ONLY_IN_SHOP: tuple[str, ...] = ("LAN00001", "LAN00002", "WKA00009", "RKG00009", "STO00009")
"""Their only card is in MAG2."""
OVERSOLD: tuple[str, ...] = ("ZIE00001", "TRA00002")
"""More is reserved than there is: what is available is below zero."""
EURO_PRICES: tuple[str, ...] = ("KLU00007", "NOZ00003", "GRL00001")
"""A second wholesale price, in euro, stands beside the one in złoty."""

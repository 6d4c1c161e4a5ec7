"""New elements handed over to a person: the program's own import file for items and prices, a work list for the rest.

The layout of the import file follows a native export of 2022 (database version 26.87): a header, a module, and per
table its columns (texts first), a mask that tells texts, the number of rows and one value a line; `brak` stands for
nothing. That the module for items is called ARTYKULY, and that the program matches rows by index, is our reading: read
the file in on a copy of the database first. What does not fit the program's columns belongs on the work list, with the
reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain
from textwrap import wrap
from uuid import uuid4

from django.utils.translation import gettext

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, Key, Problem, plain_number
from integrator.spreadsheets import csv_blocks
from wapro.texts import CODE_PAGE, fitting
from wapro.writer import NAME_LENGTH, split_name

NOTHING = "brak"
_MARKUP = str.maketrans({"<": "‹", ">": "›"})
"""The format has no escape for its own brackets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice:
    """A price in PLN in a price type of the program, by its id and name."""

    price_type: int
    name: str
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item to be made, in the program's words: unit by id and symbol, tax by its code, producer by name."""

    code: str
    name: str
    unit_id: int
    unit: str
    tax_code: str
    description: str = ""
    ean: str = ""
    producer: str = ""
    weight: Decimal | None = None
    """Kilograms."""
    prices: tuple[NewPrice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One line of the work list: what is to be made by hand, and why not otherwise."""

    kind: str
    code: str
    name: str
    fields: Fields = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The database the file is for, as its header names it."""

    database: str
    version: str
    warehouse: int
    company: int
    made_at: datetime


def item_of(fields: Fields, names: Mapping[str, Mapping[Key, str]], prices: Sequence[NewPrice] = ()) -> NewItem:
    """The item of a change that waits for a person. `names`: under `unit` and `producer`, what each key is called.

    Raises Rejected(REQUIRED_EMPTY) for an item without code, unit or tax rate: it belongs on the work list.
    """

    def text(name: str) -> str:
        value = fields.get(name)
        return value if isinstance(value, str) else ""

    for name in ("code", "unit", "tax_rate"):
        if not text(name) or (name == "unit" and not text(name).isdigit()):
            raise Rejected(Code.REQUIRED_EMPTY, field=name, system="WAPRO Mag")
    return NewItem(
        code=text("code"),
        name=text("name"),
        unit_id=int(text("unit")),
        unit=names.get("unit", {}).get(text("unit"), ""),
        tax_code=text("tax_rate"),
        description=text("description"),
        ean=text("ean"),
        producer=names.get("producer", {}).get(text("producer"), ""),
        weight=Decimal(text("weight")) if text("weight") else None,
        prices=tuple(prices),
    )


def unfit(item: NewItem) -> Problem | None:
    """Why the item cannot be in the import file, None when it can."""
    try:
        _article(item, 1, 0)
    except Rejected as error:
        return error.problem
    return None


def import_file(items: Sequence[NewItem], origin: Origin) -> bytes:
    """The import file, in the program's code page. Raises Rejected for an item that does not fit (see `unfit`)."""
    units = {item.unit_id: item.unit for item in items}
    types = {price.price_type: price.name for item in items for price in item.prices}
    tables = [
        _table("CENA", [_price_type(number, name, origin) for number, name in sorted(types.items())]),
        _table("JEDNOSTKA", [_unit(number, symbol, origin) for number, symbol in sorted(units.items())]),
        _table("ARTYKUL", [_article(item, number, origin.warehouse) for number, item in enumerate(items, start=1)]),
        _table("CENA_ARTYKULU", _prices(items)),
    ]
    moment = origin.made_at
    head = [
        "<ED>EKSPORT DANYCH Z PROGRAMU WAPRO Mag",
        "",
        f"<HG>: Eksport danych z bazy danych: {_plain(origin.database)}",
        f"Wersja bazy danych: {_plain(origin.version)}",
        "Dane eksportowane z modulu ARTYKULY",
        f"Eksport wykonano dnia: {moment:%d/%m/%Y} o godz. {moment:%H:%M} </HG>",
        "",
        "<HM><ARTYKULY>: EKSPORT ARTYKULOW",
        "",
    ]
    tail = ["</HM>", "", "</ED>KONIEC EKSPORTU DANYCH Z PROGRAMU WAPRO Mag", ""]
    return "\r\n".join([*head, *(line for table in tables for line in table), *tail]).encode(CODE_PAGE, "replace")


Row = Mapping[str, str | int | Decimal | None]


def _table(name: str, rows: Sequence[Row]) -> list[str]:
    lines = [f"<HT><{name}>: TABELA {name}", ""]
    if rows:
        columns = sorted(rows[0], key=lambda column: not _is_text(rows, column))
        lines += wrap("<HA> " + ", ".join(columns) + " </HA>", 76, break_long_words=False, break_on_hyphens=False)
        lines.append("<LT>" + "".join("1" if _is_text(rows, column) else "0" for column in columns) + "</LT>")
        lines.append(f"<LR>{len(rows)}</LR>")
        for row in rows:
            lines += ["<SL>", *(f"<DT>{_value(row[column])}</DT>" for column in columns), "</EL>"]
    else:
        lines.append("<LR>0</LR>")
    return [*lines, "</HT>", ""]


def _is_text(rows: Sequence[Row], column: str) -> bool:
    return any(isinstance(row[column], str) for row in rows)


def _value(value: str | int | Decimal | None) -> str:
    if value is None or value == "":
        return NOTHING
    return _plain(value) if isinstance(value, str) else str(value)


def _plain(text: str) -> str:
    return text.translate(_MARKUP)


def _price_type(number: int, name: str, origin: Origin) -> Row:
    return {"NAZWA": fitting("price_type", name, 50), "ID_CENY": number, "ID_FIRMY": origin.company}


def _unit(number: int, symbol: str, origin: Origin) -> Row:
    return {
        "NAZWA": fitting("unit", symbol, 20),
        "SKROT": fitting("unit", symbol, 10),
        "ID_JEDNOSTKI": number,
        "ID_ARTYKULU": None,
        "ID_FIRMY": origin.company,
        "PRZELICZNIK": Decimal("1.000000"),
    }


def _article(item: NewItem, number: int, warehouse: int) -> Row:
    name = fitting("name", item.name, NAME_LENGTH)
    first, second = split_name(name)
    code = fitting("code", item.code, 20)
    return {
        "OPIS": fitting("description", item.description, 1000),
        "VAT_ZAKUPU": fitting("tax_rate", item.tax_code, 3),
        "VAT_SPRZEDAZY": fitting("tax_rate", item.tax_code, 3),
        "PRODUCENT": fitting("producer", item.producer, 50),
        "JED_WAGI": "kg",
        "NAZWA": first,
        "NAZWA_ORYG": name,
        "NAZWA2": second,
        "INDEKS_KATALOGOWY": code,
        "INDEKS_HANDLOWY": code,
        "RODZAJ": "Towar",
        "KOD_KRESKOWY": fitting("ean", item.ean, 20),
        "NAZWA_CALA": name,
        "ID_ARTYKULU": number,
        "ID_MAGAZYNU": warehouse,
        "ID_CENY_DOM": item.prices[0].price_type if item.prices else None,
        "ID_JEDNOSTKI": item.unit_id,
        "ID_JEDNOSTKI_ZAK": item.unit_id,
        "ID_JEDNOSTKI_SPRZ": item.unit_id,
        "WAGA": None if item.weight is None else item.weight.quantize(Decimal("0.001")),
        "DOSTEPNY_W_SKLEPIE_INTER": 1,
        "GUID_ARTYKUL": str(uuid4()).upper(),
    }


def _prices(items: Sequence[NewItem]) -> list[Row]:
    rows: list[Row] = []
    for number, item in enumerate(items, start=1):
        for price in item.prices:
            rows.append(
                {
                    "ID_CENA_ARTYKULU": len(rows) + 1,
                    "ID_ARTYKULU": number,
                    "ID_CENY": price.price_type,
                    "CENA_NETTO": price.net.quantize(Decimal("0.0001")),
                    "CENA_BRUTTO": price.gross.quantize(Decimal("0.0001")),
                    "PRZELICZNIK_WAL": Decimal("1.00000000"),
                }
            )
    return rows


def work_list(rows: Iterable[WorkRow]) -> bytes:
    """A CSV in the reader's language."""
    kept = list(rows)
    names = sorted({name for row in kept for name in row.fields} - {"code", "name", "symbol"})
    heading = [gettext("kind"), gettext("code"), gettext("name"), *names, gettext("reason")]
    lines = ([row.kind, row.code, row.name, *(_shown(row.fields.get(n)) for n in names), row.reason] for row in kept)
    return b"".join(csv_blocks(chain([heading], lines)))


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " > ".join(map(str, value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return plain_number(value) if isinstance(value, Decimal) else str(value if value is not None else "")

"""A report as a file: CSV that a Polish Excel opens as it is, or a workbook.

A hundred thousand rows take no more memory than a thousand: rows are read piece by piece, CSV leaves with each piece,
and the workbook grows in a temporary file.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import xlsxwriter
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from integrator.canonical.records import plain_number
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.discrepancies.wording import facet_label, remark, title
from syncjobs.fields import NUMBERS, field_label, references_of, shown
from syncjobs.models import Discrepancy
from syncjobs.models.choices import Side
from syncjobs.models.discrepancies import Section

Cell = str | Decimal
ROWS_AT_ONCE = 1000
BLOCK = 64 * 1024
SHEET_ROWS = 1_048_575
"""Most rows of a worksheet below its heading."""
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n]")
_WIDTHS = (24, 26, 20, 44, 16, 20, 14, 18, 18, 18, 12, 12, 60)


def heading() -> list[str]:
    return [
        _("section"),
        _("group"),
        _("code"),
        _("name"),
        _("EAN"),
        _("key in WAPRO"),
        _("key in the shop"),
        _("field"),
        _("should be"),
        _("shop shows"),
        _("difference"),
        _("percent"),
        _("remark"),
    ]


def in_pieces(query: QuerySet[Discrepancy]) -> Iterator[list[Discrepancy]]:
    """Stored rows in the order of the page, by keyset: a long download holds no cursor open in the database."""
    for section in Section.values:
        rows = query.filter(section=section).order_by("-weight", "pk")
        after = None
        while part := list(
            (rows if after is None else rows.filter(after_place(after.weight, after.pk)))[:ROWS_AT_ONCE]
        ):
            yield part
            after = part[-1]


def after_place(weight: Decimal, pk: int) -> Q:
    """Rows behind a place in the order of the page."""
    return Q(weight__lt=weight) | Q(weight=weight, pk__gt=pk)


def cells(rows: Sequence[Discrepancy], connection: ShopConnection) -> Iterator[list[Cell]]:
    """The columns of some rows. References of all of them are looked up at once."""
    wanted = [
        (str(Side.SHOP), row.field, value)
        for row in rows
        if row.section == Section.FIELD
        for value in (row.expected, row.shown)
    ]
    known = references_of(None, connection.pk, wanted)
    for row in rows:
        yield [
            title(row.section),
            facet_label(row.section, row.facet),
            row.code,
            row.label,
            row.ean,
            row.erp_key,
            row.shop_key,
            field_label(row.field) if row.field else "",
            _value(row, row.expected, known),
            _value(row, row.shown, known),
            _number(row.detail.get("difference")),
            _number(row.detail.get("percent")),
            remark(row, connection),
        ]


def _value(row: Discrepancy, value: Any, known: dict[tuple[str, str, str], str]) -> Cell:
    if row.field in NUMBERS:
        return _number(value)
    return shown(row.field, value, str(Side.SHOP), known)


def _number(value: Any) -> Cell:
    try:
        return Decimal(str(value)) if value not in (None, "") else ""
    except InvalidOperation:
        return str(value)


class _Echo:
    """A file that gives back what is written to it, so that `csv` writes one line at a time."""

    def write(self, line: str) -> str:
        return line


def csv_lines(pieces: Iterable[Sequence[Discrepancy]], connection: ShopConnection) -> Iterator[bytes]:
    """UTF-8 with its mark, semicolons, decimal commas. A text that a spreadsheet would run gets an apostrophe."""
    table = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")
    yield b"\xef\xbb\xbf" + str(table.writerow(heading())).encode()
    for part in pieces:
        lines = [str(table.writerow([_text(cell) for cell in row])) for row in cells(part, connection)]
        yield "".join(lines).encode()


def _text(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return plain_number(cell).replace(".", ",")
    return "'" + cell if _FORMULA.match(cell) else cell


def write_xlsx(
    out: Path | BinaryIO, pieces: Iterable[Sequence[Discrepancy]], connection: ShopConnection, made_at: datetime
) -> None:
    """One worksheet per section. Texts are stored as texts, whatever they begin with: nothing in them is run."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    name = str(out) if isinstance(out, Path) else out
    with xlsxwriter.Workbook(name, options) as book:
        book.set_properties(
            {"title": f"{_('Discrepancies')}: {connection.name}", "created": made_at.replace(tzinfo=None)}
        )
        bold = book.add_format({"bold": True, "bottom": 1})
        sheets = _Sheets(book, bold)
        for part in pieces:
            for row in cells(part, connection):
                sheets.add(row)
        if not sheets.count:
            sheets.begin(str(_("Discrepancies")))


def xlsx_blocks(
    pieces: Iterable[Sequence[Discrepancy]], connection: ShopConnection, made_at: datetime
) -> Iterator[bytes]:
    """The workbook in blocks. It is complete only with its last byte, so it is made in a temporary file first."""
    with TemporaryFile(suffix=".xlsx") as file:
        write_xlsx(file, pieces, connection, made_at)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


class _Sheets:
    """The worksheet that is being filled; a new one with every section, and where one is full."""

    def __init__(self, book: Any, bold: Any) -> None:
        self._book, self._bold = book, bold
        self._sheet: Any = None
        self._section = ""
        self._row = 0
        self.count = 0

    def begin(self, name: str) -> None:
        self.count += 1
        self._sheet = self._book.add_worksheet(f"{self.count} {name}"[:31].replace("/", "-"))
        self._sheet.freeze_panes(1, 0)
        for column, width in enumerate(_WIDTHS):
            self._sheet.set_column(column, column, width)
        for column, word in enumerate(heading()):
            self._sheet.write_string(0, column, word, self._bold)
        self._row = 0

    def add(self, row: Sequence[Cell]) -> None:
        if row[0] != self._section or self._row >= SHEET_ROWS:
            self._section = str(row[0])
            self.begin(self._section)
        self._row += 1
        for column, cell in enumerate(row):
            if isinstance(cell, Decimal):
                self._sheet.write_number(self._row, column, float(cell))
            elif cell:
                self._sheet.write_string(self._row, column, cell)


def chunked(rows: Iterable[Discrepancy]) -> Iterator[list[Discrepancy]]:
    """Rows that were computed just now, as exports take them."""
    return snapshots.chunks(rows, ROWS_AT_ONCE)

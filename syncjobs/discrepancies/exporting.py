"""A report as a file: its columns, read from the stored rows piece by piece."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from integrator import spreadsheets
from integrator.spreadsheets import Cell
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.discrepancies.wording import facet_label, remark, title
from syncjobs.fields import NUMBERS, field_label, references_of, shown
from syncjobs.models import Discrepancy
from syncjobs.models.choices import Side
from syncjobs.models.discrepancies import Section

ROWS_AT_ONCE = 1000
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


def csv_lines(pieces: Iterable[Sequence[Discrepancy]], connection: ShopConnection) -> Iterator[bytes]:
    rows = (row for part in pieces for row in cells(part, connection))
    return spreadsheets.csv_blocks(chain([heading()], rows))


def write_xlsx(
    out: Path | BinaryIO, pieces: Iterable[Sequence[Discrepancy]], connection: ShopConnection, made_at: datetime
) -> None:
    """One worksheet per section."""
    with spreadsheets.workbook(str(out) if isinstance(out, Path) else out) as book:
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
    return spreadsheets.in_blocks(lambda file: write_xlsx(file, pieces, connection, made_at))


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
        self._sheet = spreadsheets.headed_sheet(self._book, f"{self.count} {name}", heading(), _WIDTHS, self._bold)
        self._row = 0

    def add(self, row: Sequence[Cell]) -> None:
        if row[0] != self._section or self._row >= spreadsheets.SHEET_ROWS:
            self._section = str(row[0])
            self.begin(self._section)
        self._row += 1
        spreadsheets.write_row(self._sheet, self._row, row)


def chunked(rows: Iterable[Discrepancy]) -> Iterator[list[Discrepancy]]:
    """Rows that were computed just now, as exports take them."""
    return snapshots.chunks(rows, ROWS_AT_ONCE)

"""Files that spreadsheets open: CSV as Polish offices have it, and workbooks. Nothing in a cell is ever run, and a
hundred thousand rows take no more memory than a thousand."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import xlsxwriter
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language, override

from integrator.canonical.records import plain_number

Cell = str | Decimal
BLOCK = 64 * 1024
SHEET_ROWS = 1_048_575
"""Most rows of a worksheet below its heading."""
TEXT_LENGTH = 32_000
"""A cell of a worksheet takes 32 767 characters."""
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n]")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")


def csv_blocks(rows: Iterable[Iterable[Cell]]) -> Iterator[bytes]:
    """UTF-8 with its mark, semicolons, decimal commas. A text that a spreadsheet would run gets an apostrophe."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write("\ufeff")
    for row in rows:
        table.writerow(map(_text, row))
        if out.tell() >= BLOCK:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _text(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return plain_number(cell).replace(".", ",")
    return "'" + cell if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def workbook(out: str | BinaryIO) -> Any:
    """A workbook that keeps one row in memory and stores texts as texts, whatever they begin with."""
    return xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})


def headed_sheet(book: Any, name: str, heading: Sequence[str], widths: Sequence[int], bold: Any) -> Any:
    """A worksheet whose first row stays in sight. A name is cut to what the format takes."""
    sheet = book.add_worksheet(name[:31].replace("/", "-"))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    for column, word in enumerate(heading):
        sheet.write_string(0, column, word, bold)
    return sheet


def write_row(sheet: Any, number: int, row: Iterable[Cell]) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, Decimal):
            sheet.write_number(number, column, float(cell))
        elif cell:
            sheet.write_string(number, column, cell[:TEXT_LENGTH])


def in_blocks(fill: Callable[[BinaryIO], None]) -> Iterator[bytes]:
    """What `fill` writes. A workbook is complete only with its last byte, so it is made in a temporary file first."""
    with TemporaryFile(suffix=".xlsx") as file:
        fill(file)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def download(blocks: Iterator[bytes], name: str, extension: str) -> StreamingHttpResponse:
    """The file as an answer, in the reader's language and time zone."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{extension}"'}
    return StreamingHttpResponse(_as_read_now(blocks), content_type=TYPES[extension], headers=headers)


def _as_read_now(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """A stream is made after the middleware has left the reader's language and time zone."""
    language, zone = get_language() or "pl", ZoneInfo(timezone.get_current_timezone_name())

    def told() -> Iterator[bytes]:
        while True:
            with override(language), timezone.override(zone):
                block = next(blocks, None)
            if block is None:
                return
            yield block

    return told()

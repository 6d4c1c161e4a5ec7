"""The record of decisions as a file: what the filter leaves in, in the reader's words."""

import csv
import re
from collections.abc import Iterator
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

import xlsxwriter
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrator.accounts import audit
from integrator.accounts.access import get_or_404
from integrator.accounts.audit_pages import chosen, wanted
from integrator.accounts.models import AuditEntry, Client, Firm
from syncjobs import decisions

FORMULA = re.compile(r"\s*[=+\-@\t\r]")
"""What a spreadsheet would run instead of showing."""
CHUNK = 500
BLOCK = 64 * 1024
MOST_IN_XLSX = 1_000_000
"""Rows that one worksheet takes, with a little room."""


@require_safe
def firm_export(request: HttpRequest, firm: int) -> StreamingHttpResponse:
    """Decisions of the firm that the filter leaves in, as CSV or XLSX."""
    found = get_or_404(request, Firm, firm)
    return _file(request, chosen(AuditEntry.objects.filter(firm=found), wanted(request)), found.name)


@require_safe
def client_export(request: HttpRequest, client: int) -> StreamingHttpResponse:
    """Decisions about the client that the filter leaves in, as CSV or XLSX."""
    found = get_or_404(request, Client, client)
    return _file(request, chosen(AuditEntry.objects.filter(client=found), wanted(request)), found.name)


def _file(request: HttpRequest, entries: QuerySet[AuditEntry], name: str) -> StreamingHttpResponse:
    if request.GET.get("format") == "xlsx":
        blocks, extension = _xlsx(_rows(entries[:MOST_IN_XLSX])), "xlsx"
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    else:
        blocks, extension, kind = _csv(_rows(entries)), "csv", "text/csv; charset=utf-8"
    title = f"{slugify(name) or 'decisions'}-{slugify(_('Decisions'))}-{timezone.localdate():%Y-%m-%d}.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{title}"'}
    language, zone = translation.get_language() or "pl", timezone.get_current_timezone_name()
    return StreamingHttpResponse(_as_read_by(language, zone, blocks), content_type=kind, headers=headers)


def _as_read_by(language: str, zone: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """A stream is made after the middleware has left the reader's language and time zone."""
    while True:
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            block = next(blocks, None)
        if block is None:
            return
        yield block


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    yield [_("When"), _("Who"), _("E-mail"), _("What"), _("About"), _("Client"), _("Details")]
    for entry in entries.iterator(chunk_size=CHUNK):
        yield [
            date_format(timezone.localtime(entry.at), "Y-m-d H:i:s"),
            str(entry.user or ""),
            entry.user.email if entry.user else "",
            capfirst(audit.words(entry.verb)),
            decisions.subject(entry),
            entry.client.name if entry.client else _("the whole firm"),
            decisions.details(entry.data),
        ]


class _Echo:
    """What `csv` writes comes back to whoever asked it to write."""

    def write(self, text: str) -> str:
        return text


def _csv(rows: Iterator[list[str]]) -> Iterator[bytes]:
    """UTF-8 with its mark and semicolons, as spreadsheets of Polish offices open it."""
    table = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")
    yield b"\xef\xbb\xbf"
    for row in rows:
        safe = ["'" + cell if FORMULA.match(cell) else cell for cell in row]
        yield str(table.writerow(safe)).encode()


def _xlsx(rows: Iterator[list[str]]) -> Iterator[bytes]:
    """Complete only with its last byte, so it is made in a temporary file first. Texts are stored as texts."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with TemporaryFile(suffix=".xlsx") as file:
        with xlsxwriter.Workbook(file, options) as book:
            sheet = book.add_worksheet(_("Decisions")[:31])
            bold = book.add_format({"bold": True, "bottom": 1})
            for column, width in enumerate((19, 22, 28, 34, 44, 26, 70)):
                sheet.set_column(column, column, width)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell[:32_000], bold if number == 0 else None)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block

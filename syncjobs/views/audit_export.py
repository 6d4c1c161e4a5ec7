"""The record of decisions as a file: what the filter leaves in, in the reader's words."""

from collections.abc import Iterator
from typing import BinaryIO

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrator import spreadsheets
from integrator.accounts import audit
from integrator.accounts.access import get_or_404
from integrator.accounts.audit_pages import chosen, wanted
from integrator.accounts.confirming import confirmed_lately
from integrator.accounts.models import AuditEntry, Client, Firm
from syncjobs import decisions

CHUNK = 500
WIDTHS = (19, 22, 28, 34, 44, 26, 70)


@require_safe
def firm_export(request: HttpRequest, firm: int) -> StreamingHttpResponse:
    """Decisions of the firm that the filter leaves in, as CSV or XLSX."""
    found = get_or_404(request, Firm, firm)
    confirmed_lately(request)
    return _file(request, chosen(AuditEntry.objects.filter(firm=found), wanted(request)), found.name)


@require_safe
def client_export(request: HttpRequest, client: int) -> StreamingHttpResponse:
    """Decisions about the client that the filter leaves in, as CSV or XLSX."""
    found = get_or_404(request, Client, client)
    confirmed_lately(request)
    return _file(request, chosen(AuditEntry.objects.filter(client=found), wanted(request)), found.name)


def _file(request: HttpRequest, entries: QuerySet[AuditEntry], name: str) -> StreamingHttpResponse:
    title = f"{slugify(name) or 'decisions'}-{slugify(_('Decisions'))}-{timezone.localdate():%Y-%m-%d}"
    if request.GET.get("format") == "xlsx":
        return spreadsheets.download(spreadsheets.in_blocks(lambda out: _workbook(out, entries)), title, "xlsx")
    return spreadsheets.download(spreadsheets.csv_blocks(_table(entries)), title, "csv")


def _table(entries: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    yield _heading()
    yield from _rows(entries)


def _heading() -> list[str]:
    return [_("When"), _("Who"), _("E-mail"), _("What"), _("About"), _("Client"), _("Details")]


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    for entry in entries.iterator(chunk_size=CHUNK):
        yield [
            date_format(timezone.localtime(entry.at), "Y-m-d H:i:s"),
            str(entry.user or ""),
            entry.user.email if entry.user else "",
            capfirst(audit.words(entry.verb)),
            decisions.subject(entry),
            entry.client.name if entry.client else _("the whole firm"),
            decisions.details(entry),
        ]


def _workbook(out: BinaryIO, entries: QuerySet[AuditEntry]) -> None:
    with spreadsheets.workbook(out) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet = spreadsheets.headed_sheet(book, _("Decisions"), _heading(), WIDTHS, bold)
        for number, row in enumerate(_rows(entries[: spreadsheets.SHEET_ROWS]), start=1):
            spreadsheets.write_row(sheet, number, row)

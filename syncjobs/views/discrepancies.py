"""The discrepancy report of a shop connection: counts, rows, how old they are, files. Written to neither side."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from integrator import spreadsheets
from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, REFERENCE_KINDS, Kind
from shops.models import ShopConnection
from syncjobs import runs
from syncjobs.discrepancies import exporting, reading, storing
from syncjobs.discrepancies.wording import facet_label, in_order, remark, title
from syncjobs.explain import explain
from syncjobs.fields import References, references_of
from syncjobs.models import Discrepancy, DiscrepancyReport, Run
from syncjobs.models.choices import Side
from syncjobs.models.discrepancies import Section
from syncjobs.views import lists
from syncjobs.views.people import person
from syncjobs.views.replacing import ask_first

COMPARED = (*REFERENCE_KINDS, Kind.PRODUCT, *PRODUCT_STATE_KINDS)
"""What "fetch and compare" fetches: products are linked only after what they refer to."""


@require_GET
def discrepancies(request: HttpRequest, shop: int) -> HttpResponse:
    """One section of the newest report, the largest difference first."""
    connection = get_or_404(request, ShopConnection, shop)
    erp = getattr(connection.client, "erp", None)
    report, age = reading.latest(connection), reading.age_of(connection, erp)
    context: dict[str, Any] = {
        "connection": connection,
        "erp": erp,
        "report": report,
        "age": age,
        "linked": reading.linking_has_run(connection),
        "making": _making(connection),
        "newer": report is not None and age.newer_than(report.started_at),
    }
    if report is not None:
        context |= _section(request, connection, report)
    return render(request, "syncjobs/discrepancies.html", context)


def _section(request: HttpRequest, connection: ShopConnection, report: DiscrepancyReport) -> dict[str, Any]:
    totals = {name: int(report.counts.get(name, {}).get("total", 0)) for name in Section.values}
    first = next((name for name in Section.values if totals[name]), str(Section.STOCK))
    section = lists.chosen(request, "section", Section.values, first)
    facets = report.counts.get(section, {}).get("facets", {})
    only, words = lists.chosen(request, "only", list(facets), ""), lists.text(request, "q")
    page = page_of(reading.rows_of(report, section, only, words), lists.text(request, "after"))
    gap = report.gaps.get(section)
    return {
        "section": section,
        "title": title(section),
        "figures": [(name, title(name), totals[name], name in report.gaps) for name in Section.values],
        "total": totals[section],
        "all": sum(totals.values()),
        "compared": report.counts.get(section, {}).get("compared", 0),
        "facets": in_order(section, facets),
        "only": only,
        "q": words,
        "page": page,
        "rows": [_shown(row, connection) for row in page.rows],
        "references": _references(connection, page.rows),
        "gap": explain(gap, connection=connection) if gap else None,
    }


def page_of(query: QuerySet[Discrepancy], after: str) -> lists.ListPage[Discrepancy]:
    """Fifty rows, the largest difference first. A place reads `weight_id`."""
    size, _sep, last = after.partition("_")
    place = _place(size, last)
    rows = query if place is None else query.filter(place)
    found = list(rows.order_by("-weight", "pk")[: lists.PAGE + 1])
    end = found[lists.PAGE - 1] if len(found) > lists.PAGE else None
    return lists.ListPage(found[: lists.PAGE], f"{end.weight}_{end.pk}" if end else "", place is None)


def _place(size: str, last: str) -> Q | None:
    """The condition of a place, None where the address holds none (or nonsense)."""
    if not (last.isascii() and last.isdigit() and len(last) < 19 and len(size) < 20):
        return None
    try:
        weight = Decimal(size)
    except InvalidOperation:
        return None
    return exporting.after_place(weight, int(last)) if weight.is_finite() and abs(weight) < 10**13 else None


def _shown(row: Discrepancy, connection: ShopConnection) -> dict[str, Any]:
    side, key = (Side.ERP, row.erp_key) if row.erp_key else (Side.SHOP, row.shop_key)
    difference = _decimal(row.detail.get("difference"))
    kind = row.detail.get("kind", str(Kind.PRODUCT))
    return {
        "row": row,
        "kind": kind,
        "ambiguous": row.facet.rpartition(":")[2] == "ambiguous",
        "url": reverse("element", kwargs={"shop": connection.pk, "kind": kind, "side": side, "key": key}),
        "difference": difference,
        "percent": _decimal(row.detail.get("percent")),
        "more": difference is not None and difference > 0,
        "where": capfirst(facet_label(row.section, row.facet)),
        "remark": remark(row, connection),
    }


def _decimal(value: str | None) -> Decimal | None:
    return Decimal(value) if value else None


def _references(connection: ShopConnection, rows: list[Discrepancy]) -> References:
    wanted = [(str(Side.SHOP), row.field, value) for row in rows for value in (row.expected, row.shown)]
    return references_of(None, connection.pk, wanted) if any(row.section == Section.FIELD for row in rows) else {}


def _making(connection: ShopConnection) -> dict[str, Any] | None:
    """The comparison that is under way, or the last one where it failed."""
    report = reading.under_way(connection)
    if report is None:
        return None
    return {
        "report": report,
        "share": report.done / report.total if report.total else 0.0,
        "fetching": report.after_run if report.after_run is not None and not report.after_run.finished_at else None,
        "told": explain(report.problem, connection=connection) if report.problem else None,
    }


@require_GET
def progress(request: HttpRequest, shop: int) -> HttpResponse:
    """How far the comparison is, as a fragment that asks for itself again; at its end the page is loaded anew."""
    connection = get_or_404(request, ShopConnection, shop)
    making = _making(connection)
    answer = render(request, "syncjobs/discrepancies.html#progress", {"connection": connection, "making": making})
    if making is None or not making["report"].open:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def compare(request: HttpRequest, shop: int) -> HttpResponse:
    """Fetch both sides in a preview and compare them then; or compare what is known already."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    if request.POST.get("do") == "again":
        storing.ask(connection)
        return redirect("discrepancies", shop=connection.pk)
    asked = ask_first(request, connection, COMPARED, reverse("discrepancies", kwargs={"shop": connection.pk}))
    if asked is not None:
        return asked
    try:
        run = runs.start_run(connection, kinds=COMPARED, mode=Run.Mode.PREVIEW, user=person(request), once=True)
    except IntegrationError as refused:
        told = explain(refused.problem, connection=connection, turn=refused.turn)
        messages.error(request, f"{told.sentence} {told.todo}")
        return redirect("discrepancies", shop=connection.pk)
    storing.ask(connection, after=run)
    messages.success(request, _("Both sides are being fetched and are compared then. Nothing is written."))
    return redirect("discrepancies", shop=connection.pk)


def _wanted(request: HttpRequest, connection: ShopConnection) -> tuple[QuerySet[Discrepancy], str]:
    """The rows that the address asks for, and the beginning of the file's name."""
    report = reading.latest(connection)
    section = lists.chosen(request, "section", Section.values, "")
    name = f"{slugify(connection.name) or 'shop'}-{section or 'discrepancies'}"
    if report is None or report.finished_at is None:
        return Discrepancy.objects.none(), name
    query = reading.rows_of(report, section, lists.text(request, "only", 40), lists.text(request, "q"))
    return query, f"{name}-{timezone.localtime(report.finished_at):%Y-%m-%d}"


@require_GET
def as_csv(request: HttpRequest, shop: int) -> StreamingHttpResponse:
    """The rows of the page, all of them, as a spreadsheet opens them."""
    connection = get_or_404(request, ShopConnection, shop)
    confirmed_lately(request)
    query, name = _wanted(request, connection)
    return spreadsheets.download(exporting.csv_lines(exporting.in_pieces(query), connection), name, "csv")


@require_GET
def as_xlsx(request: HttpRequest, shop: int) -> StreamingHttpResponse:
    """The same as a workbook, one sheet per section."""
    connection = get_or_404(request, ShopConnection, shop)
    confirmed_lately(request)
    query, name = _wanted(request, connection)
    blocks = exporting.xlsx_blocks(exporting.in_pieces(query), connection, timezone.now())
    return spreadsheets.download(blocks, name, "xlsx")

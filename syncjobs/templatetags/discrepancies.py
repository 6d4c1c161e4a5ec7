"""The pictures of the discrepancy report, and what the client's page says of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from shops.models import ShopConnection
from syncjobs.discrepancies import reading
from syncjobs.discrepancies.wording import title
from syncjobs.models import DiscrepancyReport

register = template.Library()

register.filter("section_title", title)


@register.simple_tag
def span_bar(count: int, facets: Sequence[tuple[str, str, int]], facet: str) -> SafeString:
    """One bar of a distribution, as long as its share of the longest. The number beside it says the same."""
    longest = max((n for _name, _label, n in facets), default=0)
    width = max(round(1000 * count / longest), 4) if longest and count else 0
    tone = "more" if facet.startswith(("more", "higher")) else "less" if facet.startswith(("less", "lower")) else "none"
    return format_html(
        '<svg class="db" height="10" width="100%" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="db-bg" width="1000" height="10"></rect><rect class="db-{}" width="{}" height="10"></rect></svg>',
        tone,
        width,
    )


@register.filter
def signed(value: Decimal | None, places: int | None = None) -> str:
    """A difference with its sign: +12, −3,50."""
    if value is None:
        return ""
    amount = number_format(abs(value.normalize()), decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{amount}"


@register.simple_tag
def discrepancies_of(connections: Sequence[ShopConnection]) -> list[dict[str, Any]]:
    """How many discrepancies each shop's newest report holds, by section: context of `_discrepancies_of.html`."""
    reports = reading.latest_of(connections)
    return [_held(connection, reports.get(connection.pk)) for connection in connections]


def _held(connection: ShopConnection, report: DiscrepancyReport | None) -> dict[str, Any]:
    counts = report.counts if report is not None else {}
    rows = [(name, of_section["total"]) for name, of_section in counts.items() if of_section["total"]]
    return {"connection": connection, "report": report, "rows": rows}

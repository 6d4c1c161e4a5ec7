"""What a report says in the reader's words: sections, bars, facets, and what is to know about one row."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.canonical.kinds import SYNC_KINDS, Kind
from shops.models import ShopConnection
from syncjobs.discrepancies.comparing import PRICE_BARS, STOCK_BARS, UNKNOWN
from syncjobs.explain import explain
from syncjobs.fields import field_label, kind_label, written
from syncjobs.models import Discrepancy
from syncjobs.models.discrepancies import Section

TITLES: Mapping[Section, str | Promise] = {
    Section.STOCK: gettext_lazy("Stock that differs"),
    Section.PRICE: gettext_lazy("Prices that differ"),
    Section.DUPLICATE: gettext_lazy("Duplicates"),
    Section.MISSING: gettext_lazy("Missing on one side"),
    Section.FIELD: gettext_lazy("Other fields that differ"),
}
_SPANS: Mapping[str, str] = {
    "less_100": "≤ −100",
    "less_10": "−100 … −10",
    "less_0": "−10 … 0",
    "more_0": "0 … +10",
    "more_10": "+10 … +100",
    "more_100": "≥ +100",
    "lower_50": "≤ −50 %",
    "lower_20": "−50 … −20 %",
    "lower_5": "−20 … −5 %",
    "lower_0": "−5 … 0 %",
    "higher_0": "0 … +5 %",
    "higher_5": "+5 … +20 %",
    "higher_20": "+20 … +50 %",
    "higher_50": "≥ +50 %",
}
_FACETS: Mapping[str, str | Promise] = {
    UNKNOWN: gettext_lazy("cannot be compared"),
    "shop": gettext_lazy("not in the shop"),
    "erp": gettext_lazy("not in WAPRO"),
    "ambiguous": gettext_lazy("several candidates"),
    "gone_shop": gettext_lazy("gone from the shop"),
    "gone_erp": gettext_lazy("gone from WAPRO"),
    "erp_code": gettext_lazy("same code in WAPRO"),
    "erp_ean": gettext_lazy("same EAN in WAPRO"),
    "shop_code": gettext_lazy("same code in the shop"),
    "shop_ean": gettext_lazy("same EAN in the shop"),
    "erp_label": gettext_lazy("same name in WAPRO"),
    "shop_label": gettext_lazy("same name in the shop"),
}
_ORDER = [*(name for name, _end in (*STOCK_BARS, *PRICE_BARS)), *_FACETS]


def title(section: str) -> str:
    return str(TITLES[Section(section)])


def facet_label(section: str, facet: str) -> str:
    """One filter of a section: a span of the picture, a field, where something is missing; of which kind, where these
    are not products."""
    kind, colon, rest = facet.partition(":")
    if colon:
        return f"{kind_label(kind)}: {facet_label(section, rest)}"
    if section == Section.FIELD:
        return field_label(facet)
    return _SPANS.get(facet) or str(_FACETS.get(facet, facet))


def in_order(section: str, facets: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Facets with their labels and counts: products first; bars from left to right, fields by how many differ."""
    names = sorted(facets, key=lambda name: (*_place(section, name), -facets[name], name))
    return [(name, facet_label(section, name), facets[name]) for name in names]


def _place(section: str, facet: str) -> tuple[int, int]:
    kind, _colon, name = facet.rpartition(":")
    of_kind = SYNC_KINDS.index(Kind(kind)) + 1 if kind else 0
    if section == Section.FIELD:
        return of_kind, 0
    return of_kind, _ORDER.index(name) if name in _ORDER else len(_ORDER)


def remark(row: Discrepancy, connection: ShopConnection | None = None) -> str:
    """What else is to know about a row, in words; often nothing."""
    detail: Mapping[str, Any] = row.detail
    if row.section == Section.DUPLICATE:
        return f"{detail.get('value', '')} ×{detail.get('alike', 0)}"
    said = []
    if "problem" in detail:
        said.append(explain(detail["problem"], connection=connection).sentence)
    if "promised" in detail:
        said.append(_("promised to buyers: %(n)s") % {"n": written(detail["promised"])})
    if row.section == Section.FIELD and detail.get("owner") == "ignore":
        said.append(_("nobody rules this field"))
    return "; ".join(said)

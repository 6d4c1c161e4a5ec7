"""What is missing before orders of a shop can go into WAPRO, each point with the place where it is mended."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from integrator.canonical.orders import PaymentKind, Stage
from shops.models import ShopConnection
from syncjobs.models.orders import OrderTerms
from syncjobs.navigation import address
from syncjobs.orders.contractors import Private
from syncjobs.orders.dictionaries import erp_words_of
from syncjobs.orders.mapping_table import GROUPS, Row, rows_of
from syncjobs.orders.terms import words_of
from syncjobs.views.orders_mapping import TITLES, label_of, stored_of
from wapro.models import WaproConnection

NAMED = 4
"""Names listed of what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing that orders need. `detail` says what is missing of it."""

    done: bool
    title: str
    detail: str = ""
    url: str = ""


def points(connection: ShopConnection, terms: OrderTerms) -> list[Point]:
    """Everything that orders need, in the sequence in which it is set up. Of an import that is on, only what is
    missing: words that no order has used yet are no trouble then."""
    erp: WaproConnection | None = getattr(connection.client, "erp", None)
    found = [
        _settings(connection, terms),
        _erp(terms, erp),
        *_mapped(connection, terms),
        _classified(connection, terms),
    ]
    if terms.enabled:
        return [point for point in found if not point.done]
    return [*found, _switch(connection)]


def _settings(connection: ShopConnection, terms: OrderTerms) -> Point:
    missing = [
        name
        for name, value in (
            (_("prefix of the numbers"), terms.prefix),
            (_("warehouse"), terms.warehouse),
            (_("go-live"), terms.go_live),
        )
        if not value
    ]
    return Point(
        done=not missing,
        title=_("Prefix, warehouse and go-live are chosen"),
        detail=_missing(missing),
        url=address("orders_settings", shop=connection.pk),
    )


def _erp(terms: OrderTerms, erp: WaproConnection | None) -> Point:
    title = _("The WAPRO connection takes orders")
    if erp is None:
        return Point(done=False, title=title, detail=_("The client has no WAPRO connection yet."))
    missing = [
        name
        for name, value in (
            (_("writing orders is switched off"), erp.write_orders),
            (_("no WAPRO user is chosen that orders are written as"), erp.order_user),
            (
                _("no contractor of retail sales is chosen"),
                erp.retail_contractor or terms.private != str(Private.RETAIL),
            ),
        )
        if not value
    ]
    url = address("erp_edit", erp=erp.pk)
    return Point(done=not missing, title=title, detail=capfirst(", ".join(missing)), url=url)


def _mapped(connection: ShopConnection, terms: OrderTerms) -> list[Point]:
    url = address("orders_mapping", shop=connection.pk)
    rows = rows_of(stored_of(terms), words_of(terms), erp_words_of(terms))
    if not any(rows.values()):
        detail = _("Nothing is known of payments and deliveries yet: read the dictionaries.")
        return [Point(done=False, title=_("Payments, deliveries and VAT rates are mapped"), detail=detail, url=url)]
    found = []
    for group in GROUPS:
        if rows[group]:
            missing = [label_of(row) for row in rows[group] if not row.mapped and _matters(row, terms)]
            title = _("Mapped: %(what)s") % {"what": TITLES[group][0]}
            found.append(Point(done=not missing, title=title, detail=_missing(missing), url=f"{url}#t-{group}"))
    return found


def _matters(row: Row, terms: OrderTerms) -> bool:
    return bool(row.count) or not terms.enabled


def _classified(connection: ShopConnection, terms: OrderTerms) -> Point:
    words = words_of(terms)
    unknown = [
        entry.name
        for entry in words.payments
        if PaymentKind(terms.payment_kinds.get(entry.key, entry.kind)) is PaymentKind.UNKNOWN
        and (entry.key in terms.seen.get("payments", {}) or not terms.enabled)
    ]
    unknown += [
        entry.name
        for entry in words.states
        if Stage(terms.stages.get(entry.key, entry.stage)) is Stage.UNKNOWN
        and (entry.key in terms.seen.get("states", {}) or not terms.enabled)
    ]
    return Point(
        done=not unknown,
        title=_("It is known what each payment and state means"),
        detail=_missing(unknown),
        url=address("orders_policy", shop=connection.pk),
    )


def _switch(connection: ShopConnection) -> Point:
    url = address("orders_settings", shop=connection.pk)
    return Point(done=False, title=_("The import is switched on"), detail=_("The last step."), url=url)


def _missing(names: list[str]) -> str:
    """What is missing, the first few by name."""
    if not names:
        return ""
    shown = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        shown = _("%(names)s and %(n)s more") % {"names": shown, "n": len(names) - NAMED}
    return _("Missing: %(names)s.") % {"names": shown}

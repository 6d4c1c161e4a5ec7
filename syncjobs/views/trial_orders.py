"""Orders that a trial took through the import: what WAPRO held of them before and holds now, and what stays there."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrator.canonical.records import plain_number
from syncjobs.explain import explain
from syncjobs.fields import money, written
from syncjobs.models import Errand, OrderEvent, ShopOrder
from wapro.orders.draft import Progress


@dataclass(frozen=True, slots=True)
class Tried:
    """One order: in words what stood in WAPRO before, what stands there now, and what cannot be taken back."""

    order: ShopOrder
    before: str
    after: str
    stays: str


def tried_orders(errand: Errand | None) -> list[Tried]:
    """The orders of the latest trial. Two queries."""
    if errand is None:
        return []
    orders = list(
        ShopOrder.objects.filter(pk__in=errand.result.get("orders", ()), connection=errand.shop_id).select_related(
            "connection"
        )
    )
    made = OrderEvent.objects.filter(order__in=orders, verb="contractor", at__gte=errand.created_at)
    contractors = set(made.values_list("order", flat=True))
    return [_tried(order, errand, new_buyer=order.pk in contractors) for order in orders]


def _tried(order: ShopOrder, errand: Errand, *, new_buyer: bool) -> Tried:
    progress = msgspec.convert(order.progress, Progress) if order.progress else None
    fresh = order.placed_in_erp_at is not None and order.placed_in_erp_at >= errand.created_at
    before = _("Not in WAPRO.") if fresh or not order.in_erp else _("In WAPRO already.")
    return Tried(order, before, _after(order, progress), _stays(order, progress, new_buyer=new_buyer))


def _after(order: ShopOrder, progress: Progress | None) -> str:
    if not order.in_erp:
        reasons = " ".join(explain(one, connection=order.connection).sentence for one in order.reasons[:2])
        return " ".join([_("Not in WAPRO."), reasons]).strip()
    words = [_("Order %(number)s.") % {"number": order.erp_document or order.erp_number}]
    if progress is not None and progress.lines:
        lines, gross = len(progress.lines), money(progress.gross)
        text = ngettext("%(count)s line, %(gross)s gross.", "%(count)s lines, %(gross)s gross.", lines)
        words.append(text % {"count": lines, "gross": gross})
        reserved = _sum(line.reserved for line in progress.lines)
        words.append(_("Reserved: %(reserved)s.") % {"reserved": reserved} if reserved else _("Nothing is reserved."))
    if order.contractor:
        words.append(_("Contractor %(key)s.") % {"key": order.contractor})
    return " ".join(words)


def _sum(values: Iterable[Decimal]) -> str:
    total = sum(values, Decimal(0))
    return written(plain_number(total)) if total else ""


def _stays(order: ShopOrder, progress: Progress | None, *, new_buyer: bool) -> str:
    if not order.in_erp:
        return _("Nothing was written, so there is nothing to take back.")
    documents = ", ".join(one.number for one in progress.documents) if progress is not None else ""
    if documents:
        text = _("It has the document %(numbers)s: only people correct that, in WAPRO.") % {"numbers": documents}
    elif order.status in (ShopOrder.Status.CANCELLED, ShopOrder.Status.CANCELLING):
        text = _("Cancelled; the cancelled order stays in WAPRO.")
    else:
        text = _("Cancel it on its page; the cancelled order and its number stay in WAPRO.")
    return " ".join([text, _("The contractor that was made for it stays too.")]) if new_buyer else text

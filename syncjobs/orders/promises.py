"""Promises in the database: made when an order is seen, covered as WAPRO reserves or issues, ended with it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.canonical.orders import Order, Stage
from integrator.canonical.records import Key
from syncjobs import queue, snapshots
from syncjobs.models import KindState, Link
from syncjobs.models.choices import LinkState
from syncjobs.models.orders import OrderPromise, OrderTerms, ShopOrder
from syncjobs.orders.availability import Promise, promised
from wapro.models import WaproConnection
from wapro.orders.draft import Progress

ZERO = Decimal(0)


def promise(terms: OrderTerms, row: ShopOrder, order: Order) -> None:
    """Take the goods of an order off every shop of the client, from the moment it is seen. Repeatable: a promise is the
    order's own, whatever was stored before."""
    if row.done_at is not None or order.is_test:
        return
    if order.stage in (Stage.CANCELLED, Stage.RETURNED):
        end(row)
        return
    if terms.go_live is None or order.placed_at < terms.go_live:
        return
    erp = WaproConnection.objects.filter(client=terms.connection.client_id).first()
    if erp is None:
        return
    wanted = _wanted(terms, erp, order)
    known = {one.product: one for one in OrderPromise.objects.filter(order=row)}
    for product, quantity in wanted.items():
        one = known.get(product)
        if one is None:
            OrderPromise.objects.create(order=row, erp=erp, product=product, quantity=quantity)
        elif one.quantity != quantity and one.ended_at is None:
            OrderPromise.objects.filter(pk=one.pk).update(quantity=quantity)
        else:
            continue
        _plan_again(erp, [product])
    dropped = [one.product for one in known.values() if one.product not in wanted and one.ended_at is None]
    if dropped:
        OrderPromise.objects.filter(order=row, product__in=dropped).update(ended_at=timezone.now())
        _plan_again(erp, dropped)


def _wanted(terms: OrderTerms, erp: WaproConnection, order: Order) -> dict[Key, Decimal]:
    """Stock units by ERP product. Lines that are linked with nothing promise nothing: nothing of them is offered."""
    keys = {line.product for line in order.lines if line.product}
    links = Link.objects.filter(
        connection=terms.connection, kind=Kind.PRODUCT, state=LinkState.LINKED, shop_key__in=keys
    )
    product_of = dict(links.values_list("shop_key", "erp_key"))
    stock = snapshots.load(erp, Kind.STOCK, list(product_of.values()))
    wanted: dict[Key, Decimal] = {}
    for line in order.lines:
        product = product_of.get(line.product)
        if product is not None and line.quantity > 0:
            item = stock.get(product)
            factor = Decimal(str(item.record.get("sale_factor", 1))) if item is not None else Decimal(1)
            wanted[product] = wanted.get(product, ZERO) + line.quantity * factor
    return wanted


def cover(row: ShopOrder, progress: Progress) -> None:
    """What WAPRO holds of the goods itself by now. A promise ends when all of it is issued or the order realised."""
    now = timezone.now()
    for one in OrderPromise.objects.filter(order=row, ended_at=None).select_related("erp"):
        lines = [line for line in progress.lines if line.card == one.product]
        reserved = min(sum((max(line.reserved, ZERO) for line in lines), ZERO), one.quantity)
        issued = min(sum((max(line.done * line.factor, ZERO) for line in lines), ZERO), one.quantity)
        over = issued >= one.quantity or progress.realised == "fully"
        if (reserved, issued) != (one.reserved, one.issued) or over:
            OrderPromise.objects.filter(pk=one.pk).update(
                reserved=reserved, issued=issued, covered_at=now, ended_at=now if over else None
            )
            _plan_again(one.erp, [one.product])


def end(row: ShopOrder) -> None:
    """The order is over or cancelled: its goods come back."""
    for one in OrderPromise.objects.filter(order=row, ended_at=None).select_related("erp"):
        OrderPromise.objects.filter(pk=one.pk).update(ended_at=timezone.now(), let_go=True)
        _plan_again(one.erp, [one.product])


def open_of(
    erp: WaproConnection, products: Iterable[Key] | None, *, as_of: datetime | None, counts_reserved: bool
) -> dict[Key, Decimal]:
    """Stock units that are promised and do not show yet in the stock that was read at `as_of`, by product.

    `counts_reserved`: whether the stock formula takes reservations off. Without it only issued goods count as covered.
    """
    rows = OrderPromise.objects.filter(erp=erp, let_go=False)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=as_of)) if as_of is not None else rows
    if products is not None:
        rows = rows.filter(product__in=list(products))
    names = ("product", "quantity", "reserved", "issued", "covered_at")
    found = (Promise(**row) for row in rows.values(*names).iterator())
    return promised(found, as_of, counts_reserved=counts_reserved)


def _plan_again(erp: WaproConnection, products: list[Key]) -> None:
    """The stock of these products is planned anew on every shop of the client; their stock lane is nudged at once."""
    links = Link.objects.filter(connection__client=erp.client_id, kind=Kind.PRODUCT, erp_key__in=products)
    KindState.objects.filter(link__in=links, kind=Kind.STOCK).update(open=True)
    for connection in {link.connection for link in links.select_related("connection")}:
        queue.nudge(connection)

"""Promises in the database: made when an order is seen, covered as WAPRO reserves or issues, ended with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.canonical.orders import Order
from integrator.canonical.records import Key
from shops.models import ShopConnection
from syncjobs import queue, snapshots
from syncjobs.models import Change, DueOffer, KindState, Link, SyncOptions
from syncjobs.models.choices import LinkState
from syncjobs.models.orders import OrderPromise, OrderTerms, ShopOrder
from syncjobs.orders.availability import Promise, Reading, promised, read_anew
from syncjobs.orders.catalogue import catalogue_for
from syncjobs.orders.draft import Goods, meant
from syncjobs.orders.policy import called_off
from syncjobs.orders.terms import rules_of
from wapro.models import WaproConnection
from wapro.orders.draft import Progress

ZERO = Decimal(0)
CLOCKS = timedelta(minutes=2)
"""So far a shop's clock may be from ours."""
Status = ShopOrder.Status
_RECKONED = ("product", "quantity", "reserved", "issued", "covered_at", "earlier", "ended_at", "let_go")
_WRITTEN = ["quantity", "reserved", "issued", "covered_at", "earlier", "ended_at", "let_go"]


def promise(terms: OrderTerms, row: ShopOrder, order: Order) -> None:
    """As `promise_all`, of one order."""
    promise_all(terms, [(row, order)])


def promise_all(terms: OrderTerms, orders: Iterable[tuple[ShopOrder, Order]]) -> None:
    """Take the goods of orders off every shop of the client, from the moment they are seen. Repeatable: a promise is
    the order's own, whatever was stored before. Orders that nobody brings into WAPRO (the import is off, or they are
    older than the go-live) promise nothing: nothing would ever end it. Inside a transaction."""
    rules = rules_of(terms)
    alive = [(row, order) for row, order in orders if row.done_at is None and not order.is_test]
    over = {row.pk for row, order in alive if called_off(order, rules)}
    # What is in WAPRO is over when it was cancelled there: goods that were issued by then do not come back.
    end_all([row for row, _ in alive if row.pk in over and not row.may_be_in_erp])
    taken = [(row, order) for row, order in alive if row.pk not in over and _is_ours(terms, order)]
    erp = WaproConnection.objects.filter(client=terms.connection.client_id).first() if taken else None
    if erp is None:
        return
    known: dict[int, dict[Key, OrderPromise]] = defaultdict(dict)
    for one in OrderPromise.objects.filter(order__in=[row.pk for row, _ in taken]):
        known[one.order_id][one.product] = one
    wanted = _wanted(terms, erp, taken)
    written: list[OrderPromise] = []
    for row, _ in taken:
        written += _begun(row, erp, wanted[row.pk], known[row.pk])
        written += _dropped(row, wanted[row.pk], known[row.pk])
    _write(written)
    since = min(order.placed_at for _, order in taken)
    _offer_anew(erp, {one.product for one in written}, seller=terms, since=since)


def _is_ours(terms: OrderTerms, order: Order) -> bool:
    return terms.enabled and terms.go_live is not None and order.placed_at >= terms.go_live


def _wanted(
    terms: OrderTerms, erp: WaproConnection, orders: Sequence[tuple[ShopOrder, Order]]
) -> dict[int, dict[Key, Decimal]]:
    """By order, stock units by ERP product: the same products that the order would be written with. A line that is
    none of these promises nothing."""
    catalogue = catalogue_for(terms, erp, [order for _, order in orders])
    pieces: dict[int, dict[Key, Decimal]] = {}
    for row, order in orders:
        own: dict[Key, Decimal] = {}
        for line in order.lines:
            goods = meant(line, catalogue)
            if isinstance(goods, Goods) and line.quantity > 0:
                own[goods.key] = own.get(goods.key, ZERO) + line.quantity
        pieces[row.pk] = own
    known = factors(erp, {product for own in pieces.values() for product in own})
    return {
        pk: {product: quantity * known.get(product, Decimal(1)) for product, quantity in own.items()}
        for pk, own in pieces.items()
    }


def factors(erp: WaproConnection, products: Iterable[Key]) -> dict[Key, Decimal]:
    """Stock units in one unit that is sold."""
    found: dict[Key, Decimal] = {}
    for part in snapshots.chunks(products):
        rows = snapshots.present(erp, Kind.STOCK).filter(key__in=part).values_list("key", "record")
        found |= {key: Decimal(str(record.get("sale_factor", 1))) for key, record in rows}
    return found


def _begun(
    row: ShopOrder, erp: WaproConnection, wanted: Mapping[Key, Decimal], known: Mapping[Key, OrderPromise]
) -> Iterable[OrderPromise]:
    """Promises that are new, of another quantity, or back again after they were let go."""
    for product, quantity in wanted.items():
        one = known.get(product)
        if one is None or one.let_go:
            yield OrderPromise(order=row, erp=erp, product=product, quantity=quantity)
        elif one.ended_at is None and one.quantity != quantity:
            one.quantity = quantity
            yield one


def _dropped(
    row: ShopOrder, wanted: Mapping[Key, Decimal], known: Mapping[Key, OrderPromise]
) -> Iterable[OrderPromise]:
    """Promises of what the buyer has taken off the order. What was written into WAPRO stays promised until it is
    changed there, also when its product is linked with another by now."""
    draft = (row.draft or {}) if row.may_be_in_erp else {}
    held = {line["card"] for line in draft.get("order", {}).get("lines", ())}
    for product, one in known.items():
        if product not in wanted and product not in held and one.ended_at is None:
            one.ended_at, one.let_go = timezone.now(), True
            yield one


def _write(rows: Sequence[OrderPromise]) -> None:
    for part in snapshots.chunks(rows):
        for one in part:
            one.pk = None
        OrderPromise.objects.bulk_create(
            part, update_conflicts=True, unique_fields=["order", "product"], update_fields=_WRITTEN
        )


def cover(row: ShopOrder, progress: Progress) -> None:
    """What WAPRO holds of the goods itself by now. A promise ends when all of it is issued or the order realised.

    More that is held changes no offer: it shows with the next stock that is read, where it is taken off as well. Less
    (somebody deleted the order, or took its reservation) may show already.
    """
    now, written, fallen = timezone.now(), [], set()
    for one in OrderPromise.objects.filter(order=row, ended_at=None).select_related("erp"):
        lines = [line for line in progress.lines if line.card == one.product]
        reserved = min(sum((max(line.reserved, ZERO) for line in lines), ZERO), one.quantity)
        issued = min(sum((max(line.done * line.factor, ZERO) for line in lines), ZERO), one.quantity)
        less = reserved + issued < one.reserved + one.issued
        moved = _read(one, Reading(at=now, reserved=reserved, issued=issued))
        if issued >= one.quantity or progress.realised == "fully":
            one.ended_at = now
        elif less:
            fallen.add(one.product)
        if moved or one.ended_at is not None:
            written.append(one)
    _write(written)
    if fallen:
        _offer_anew(written[0].erp, fallen)


def _read(one: OrderPromise, found: Reading) -> bool:
    """Keep a reading with those before it. False when it says nothing new."""
    before = _readings(one)
    now = read_anew(before, found)
    if now == before:
        return False
    one.earlier = [[at.at.isoformat(), str(at.reserved), str(at.issued)] for at in now[:-1]]
    one.reserved, one.issued, one.covered_at = found.reserved, found.issued, found.at
    return True


def _readings(one: OrderPromise) -> tuple[Reading, ...]:
    if one.covered_at is None:
        return ()
    before = (
        Reading(at=datetime.fromisoformat(at), reserved=Decimal(reserved), issued=Decimal(issued))
        for at, reserved, issued in one.earlier
    )
    return (*before, Reading(at=one.covered_at, reserved=one.reserved, issued=one.issued))


def end(row: ShopOrder) -> None:
    """The order is over or cancelled: its goods come back, except what was issued."""
    end_all([row])


def end_all(rows: Collection[ShopOrder]) -> None:
    """As `end`, of several orders of one client."""
    found = list(OrderPromise.objects.filter(order__in=[row.pk for row in rows], ended_at=None).select_related("erp"))
    if not found:
        return
    OrderPromise.objects.filter(pk__in=[one.pk for one in found]).update(ended_at=timezone.now(), let_go=True)
    _offer_anew(found[0].erp, {one.product for one in found})


def open_of(
    erp: WaproConnection, products: Collection[Key] | None, *, as_of: datetime | None, counts_reserved: bool
) -> dict[Key, Decimal]:
    """Stock units that are promised and do not show yet in the stock that was read at `as_of`, by product.

    `counts_reserved`: whether the stock formula takes reservations off. Without it only issued goods count as covered.
    """
    rows = OrderPromise.objects.filter(erp=erp).exclude(let_go=True, issued=0)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=as_of)) if as_of is not None else rows.filter(ended_at=None)
    parts = [rows] if products is None else [rows.filter(product__in=part) for part in snapshots.chunks(products)]
    found = (_promise(one) for part in parts for one in part.only(*_RECKONED).iterator())
    return promised(found, as_of, counts_reserved=counts_reserved)


def _promise(one: OrderPromise) -> Promise:
    return Promise(
        product=one.product,
        quantity=one.quantity,
        readings=_readings(one),
        ended_at=one.ended_at,
        let_go=one.let_go,
    )


def _offer_anew(
    erp: WaproConnection, products: Iterable[Key], seller: OrderTerms | None = None, since: datetime | None = None
) -> None:
    """The stock of these products is planned anew on every shop of the client, and written at once where that flow
    runs. The shop that sold took the goods off by itself when the buyer ordered (`since`), unless its stock was written
    after that: then what it took off is lost."""
    due: set[tuple[int, Key]] = set()
    for part in snapshots.chunks(sorted(set(products))):
        links = Link.objects.filter(connection__client=erp.client_id, kind=Kind.PRODUCT, erp_key__in=part)
        KindState.objects.filter(link__in=links, kind=Kind.STOCK, open=False).update(open=True)
        flows = SyncOptions.objects.filter(kind=Kind.STOCK, enabled=True, approved_at__isnull=False)
        links = links.filter(state=LinkState.LINKED, connection__in=flows.values("connection"))
        found = set(links.values_list("connection", "erp_key"))
        if seller is not None and since is not None:
            found -= {(seller.connection_id, key) for key in _taken_off(seller, part, since)}
        due |= found
    DueOffer.objects.bulk_create([DueOffer(connection_id=pk, product=key) for pk, key in sorted(due)], batch_size=500)
    for connection in ShopConnection.objects.filter(pk__in={pk for pk, _ in due}):
        queue.nudge(connection)


def _taken_off(seller: OrderTerms, products: Collection[Key], since: datetime) -> set[Key]:
    """Products of which the shop that sold still shows what it took off itself."""
    written = Change.objects.filter(connection=seller.connection_id, kind=Kind.STOCK, erp_key__in=products)
    return set(products) - set(written.filter(sent_at__gte=since - CLOCKS).values_list("erp_key", flat=True))

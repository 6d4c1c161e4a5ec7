"""Taking buyers' personal data away: when they are older than they are kept, when somebody asks for it, and when WAPRO
has anonymised the contractor. The order stays, with its goods, amounts and states; it cannot be gone on with."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrator.accounts import audit
from integrator.accounts.models import Client, User
from syncjobs.models.orders import OrderEvent, OrderTerms, ShopOrder
from syncjobs.orders.arriving import order_in
from syncjobs.orders.changes import content, digest
from syncjobs.orders.personal import Wanted, event_without_buyer, without_buyer
from syncjobs.slices import Slice
from syncjobs.snapshots import chunks
from wapro.models import WaproConnection

Status = ShopOrder.Status
LOOK_EVERY = timedelta(days=1)
"""How often WAPRO is asked whom it has anonymised."""
BATCH = 100
OVER = Q(status__in=[Status.DONE, Status.CANCELLED, Status.IGNORED], done_at__isnull=False, forgotten_at__isnull=True)
"""Orders that need nobody's data any more. One that is on its way does: goods are sent to that address."""


def forget(orders: Iterable[int]) -> int:
    """Take the buyer away from those of these orders that are over. How many."""
    count = 0
    for part in chunks(list(orders), BATCH):
        with transaction.atomic():
            rows = list(ShopOrder.objects.select_for_update().filter(OVER, pk__in=part))
            for row in rows:
                _forget(row)
            ShopOrder.objects.bulk_update(rows, _FIELDS)
            events = list(OrderEvent.objects.filter(order__in=rows))
            for event in events:
                event.data = event_without_buyer(event.data)
            OrderEvent.objects.bulk_update(events, ["data"])
        count += len(rows)
    return count


_FIELDS = [
    "record", "digest", "imported", "edited", "buyer", "contractor", "draft", "reasons", "overruled", "progress",
    "untold", "told", "alert", "to_decide", "version", "forgotten_at",
]  # fmt: skip


def _forget(row: ShopOrder) -> None:
    if row.record:
        order = without_buyer(order_in(row))
        row.record, row.digest = msgspec.to_builtins(order), digest(content(order))
        row.imported = content(order) if row.imported is not None else None
    row.buyer = row.contractor = ""
    row.edited, row.reasons, row.draft, row.untold = [], [], None, None
    row.overruled = {"leave": True} if row.left_alone else None
    # Numbers of parcels lead to an address.
    row.progress = {name: value for name, value in row.progress.items() if name not in ("tracking", "carrier")}
    row.told = {name: value for name, value in row.told.items() if name == "documents"}
    row.alert = row.to_decide = False
    row.version += 1
    row.forgotten_at = timezone.now()


def old(before: datetime) -> "QuerySet[ShopOrder]":
    """Orders that were over before that moment and still know their buyer."""
    return ShopOrder.objects.filter(OVER, done_at__lt=before)


def of_person(client: Client, wanted: Wanted) -> Iterator[ShopOrder]:
    """All orders of a client's shops that belong to whoever asks, open ones too, oldest first."""
    rows = ShopOrder.objects.filter(connection__client=client, forgotten_at__isnull=True).exclude(record={})
    for row in rows.select_related("connection").order_by("placed_at", "pk").iterator(chunk_size=500):
        if wanted.is_of(order_in(row)):
            yield row


def forget_person(client: Client, wanted: Wanted, user: User | None = None) -> tuple[int, list[ShopOrder]]:
    """Take away what is kept of a person: how many orders, and those that are not over and keep it until they are."""
    found = list(of_person(client, wanted))
    gone = forget(row.pk for row in found)
    left = list(ShopOrder.objects.filter(pk__in=[row.pk for row in found], forgotten_at__isnull=True))
    # Who it was about is just what must not be written down.
    audit.record(user, "orders.forget", client.name, client=client, data={"orders": gone, "open": len(left)})
    return gone, left


def is_due(terms: OrderTerms, now: datetime) -> bool:
    return terms.anonymised_at is None or terms.anonymised_at < now - LOOK_EVERY


def look(terms: OrderTerms, erp: WaproConnection, work: Slice) -> None:
    """Forget buyers whose contractor WAPRO has anonymised since."""
    orders = work.orders(erp)
    rows = ShopOrder.objects.filter(OVER, connection=terms.connection).exclude(contractor="")
    shared = {orders.retail, orders.one_off}
    keys = sorted(set(rows.values_list("contractor", flat=True)) - shared)
    for part in chunks(keys):
        gone = orders.anonymised(part)
        if gone:
            forget(rows.filter(contractor__in=gone).values_list("pk", flat=True))
    terms.anonymised_at = timezone.now()
    with transaction.atomic():
        work.hold.check()
        terms.save(update_fields=["anonymised_at"])

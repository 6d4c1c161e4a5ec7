"""The exposure of one shop: what its settings say and what the last days showed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef
from django.utils import timezone

from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs.models import Link, OrderPromise, OrderTerms, Run, ShopOrder, Step, SyncOptions
from syncjobs.models.choices import LinkState, Status
from syncjobs.orders.exposure import Exposure, Purchase, Spans, most_bought, spans
from syncjobs.orders.promises import factors
from wapro.models import WaproConnection

DAYS = 7
MOST_MEASURED = 5000
"""Of the orders of these days so many are looked at, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the page of a shop's orders says about selling a piece twice."""

    days: int
    exposure: Exposure
    others: list[ShopConnection]
    """The client's shops that sell linked products too and whose stock is written by itself."""
    adrift: list[ShopConnection]
    """Those whose stock is not: they go on offering until somebody runs it."""
    pieces: Decimal
    """Of one product, bought here within such a time at most."""

    @property
    def thin(self) -> list[ShopConnection]:
        """Shops whose buffer would not have covered that."""
        return [one for one in self.others if one.stock_buffer < self.pieces]


def measure(connection: ShopConnection, terms: OrderTerms) -> Measured:
    now = timezone.now()
    since = now - timedelta(days=DAYS)
    others = _others(connection)
    flows = SyncOptions.objects.filter(kind=Kind.STOCK, enabled=True, approved_at__isnull=False, connection__in=others)
    follow = set(flows.values_list("connection", flat=True))
    following = [one for one in others if one.pk in follow and one.writes_enabled and not one.paused]
    exposure = Exposure(
        interval=timedelta(minutes=terms.interval_minutes),
        noticed=_noticed(connection, since),
        written=_written(following, since),
    )
    return Measured(
        days=DAYS,
        exposure=exposure,
        others=following,
        adrift=[one for one in others if one not in following],
        pieces=most_bought(_purchases(connection, since), exposure.window),
    )


def _others(connection: ShopConnection) -> list[ShopConnection]:
    linked = Link.objects.filter(connection=OuterRef("pk"), kind=Kind.PRODUCT, state=LinkState.LINKED)
    rows = ShopConnection.objects.filter(Exists(linked), client=connection.client_id).exclude(pk=connection.pk)
    return list(rows.order_by("name", "pk"))


def _noticed(connection: ShopConnection, since: datetime) -> Spans | None:
    """Orders that were placed before anybody looked say nothing about how soon they are noticed."""
    rows = ShopOrder.objects.filter(connection=connection)
    first = rows.order_by("seen_at").values_list("seen_at", flat=True).first()
    if first is None:
        return None
    latest = rows.filter(placed_at__gte=max(first, since)).order_by("-placed_at")[:MOST_MEASURED]
    return spans(seen - placed for placed, seen in latest.values_list("placed_at", "seen_at"))


def _written(connections: list[ShopConnection], since: datetime) -> Spans | None:
    steps = Step.objects.filter(
        connection__in=connections, run__trigger=Run.Trigger.ORDER, status=Status.SUCCEEDED, finished_at__gte=since
    )
    found = steps.filter(counts__updated__gt=0).values_list("run__created_at", "finished_at", "counts__waited")
    return spans(
        end - begin + timedelta(seconds=waited or 0) for begin, end, waited in found.iterator() if end is not None
    )


def _purchases(connection: ShopConnection, since: datetime) -> list[Purchase]:
    erp = WaproConnection.objects.filter(client=connection.client_id).first()
    rows = OrderPromise.objects.filter(order__connection=connection, order__placed_at__gte=since)
    found = list(rows.values_list("product", "order__placed_at", "quantity"))
    known = factors(erp, {product for product, _, _ in found}) if erp is not None else {}
    return [
        Purchase(product=product, at=at, pieces=quantity / known.get(product, Decimal(1)))
        for product, at, quantity in found
    ]

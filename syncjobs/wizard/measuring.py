"""What the stages are measured by, counted when somebody looks. A fixed number of queries."""

from django.db.models import Q

from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import tallies
from syncjobs.models import OrderEvent, Run, ShopOrder, Step, Unlinked
from syncjobs.models.choices import Status
from syncjobs.wizard.stages import GOOD_RUNS, PARCELS_TOLD, Measured
from wapro.models import WaproConnection

COUNTED = 500
"""Orders looked at: more are not needed to know that there are a few."""


def measure(connection: ShopConnection, erp: WaproConnection, orders_missing: int) -> Measured:
    """`orders_missing`: points that orders still need, as their page counts them."""
    orders = ShopOrder.objects.filter(connection=connection)
    good, failed = _stock_runs(connection)
    return Measured(
        sides_tested=sum(1 for side in (connection, erp) if side.healthy),
        orders_missing=orders_missing,
        orders_placed=orders.exclude(erp_key="")[:COUNTED].count(),
        orders_held=orders.filter(Q(status=ShopOrder.Status.HELD)).count(),
        linked_percent=linked_percent(connection),
        settings_missing=sum(1 for value in (connection.price_type, connection.warehouses) if not value),
        good_runs=good,
        stock_failed=failed,
        parcels_told=_parcels(connection),
        not_told=ShopOrder.objects.filter(pk__in=_latest(connection), told__has_key="trouble").count(),
    )


def linked_percent(connection: ShopConnection) -> int:
    """Of the shop's products, those that are linked, rounded down; ignored ones do not count."""
    linked = tallies.pairs_of(connection, Kind.PRODUCT)
    alone = Unlinked.objects.filter(connection=connection, kind=Kind.PRODUCT, side="shop")
    others = alone.exclude(state=Unlinked.State.IGNORED).count()
    return 100 * linked // (linked + others) if linked + others else 0


def _stock_runs(connection: ShopConnection) -> tuple[int, int]:
    """How many of the latest whole runs of stock ended well in a row, and what failed in the latest."""
    steps = Step.objects.filter(connection=connection, kind=Kind.STOCK, finished_at__isnull=False)
    whole = steps.filter(selection=None, run__mode=Run.Mode.APPLY).exclude(run__trigger__in=Run.SINGLE)
    latest = list(whole.order_by("-id")[:GOOD_RUNS])
    good = 0
    for step in latest:
        if step.status != Status.SUCCEEDED:
            break
        good += 1
    return good, int(latest[0].counts.get("failed", 0)) if latest else 0


def _latest(connection: ShopConnection) -> list[int]:
    return list(
        ShopOrder.objects.filter(connection=connection).order_by("-placed_at").values_list("pk", flat=True)[:COUNTED]
    )


def _parcels(connection: ShopConnection) -> int:
    """Orders whose shop was told a tracking number, as far as it takes to know."""
    told = OrderEvent.objects.filter(order__in=_latest(connection), side="shop", verb="told")
    orders = {order for order, data in told.values_list("order", "data") if data.get("parcels")}
    return min(len(orders), PARCELS_TOLD * 10)

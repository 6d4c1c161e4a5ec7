"""What a worker does for the wizard: check the client's data, list recent orders, try a few of them."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrator.canonical.errors import PlanRefused
from integrator.canonical.problems import Code, Turn
from shops.models import ShopConnection
from syncjobs.models import Errand, OrderTerms, ShopOrder
from syncjobs.orders import arriving, deciding, following, placing
from syncjobs.slices import Slice
from syncjobs.wizard.data_check import check_data
from wapro.models import WaproConnection

VERBS = (Errand.Verb.CHECK_DATA, Errand.Verb.RECENT_ORDERS, Errand.Verb.TRY_ORDERS)
LOOK_BACK = timedelta(days=30)
LISTED = 50
MOST_ORDERS = 3


def carry_out(verb: str, connection: ShopConnection, params: dict[str, Any], work: Slice) -> dict[str, Any]:
    """One of VERBS. Raises IntegrationError."""
    if verb == Errand.Verb.CHECK_DATA:
        return check_data(connection)
    if verb == Errand.Verb.RECENT_ORDERS:
        return recent_orders(connection, work)
    return try_orders(connection, list(params["keys"])[:MOST_ORDERS], work)


def recent_orders(connection: ShopConnection, work: Slice) -> dict[str, Any]:
    """Orders to pick from, none of them kept. Buyers are not named: nothing was agreed on yet."""
    page = arriving.orders_of(work, connection).fetch(timezone.now() - LOOK_BACK, None)
    orders = sorted(page.orders, key=lambda order: order.placed_at, reverse=True)[:LISTED]
    rows = [
        {
            "key": order.key,
            "number": order.number,
            "placed_at": order.placed_at.isoformat(),
            "total": str(order.total),
            "currency": order.currency,
        }
        for order in orders
    ]
    return {"orders": rows}


def try_orders(connection: ShopConnection, keys: list[str], work: Slice) -> dict[str, Any]:
    """Take these orders through all an import does, whether or not the import is switched on: read, decided by the
    policy, written into WAPRO, read back. Raises PlanRefused before anything is read where settings are missing."""
    erp = WaproConnection.objects.filter(client=connection.client_id).first()
    terms = OrderTerms.objects.select_related("connection", "connection__client").filter(connection=connection).first()
    for name, value in (
        ("erp", erp),
        ("order_prefix", terms and terms.prefix),
        ("order_warehouse", terms and terms.warehouse),
    ):
        if not value:
            raise PlanRefused(Code.SETTING_MISSING, turn=Turn.CONNECTION, setting=name)
    assert erp is not None and terms is not None  # noqa: PT018
    read = arriving.orders_of(work, connection).read(keys)
    with transaction.atomic():
        work.hold.check()
        arriving.take(terms, keys, read)
    rows = ShopOrder.objects.filter(connection=connection, shop_key__in=keys)
    deciding.decide_rows(terms, erp, list(rows.filter(to_decide=True)), work)
    placing.carry_out_all(erp, list(rows.filter(status=ShopOrder.Status.INTENDED)), work)
    placed = list(rows.filter(status=ShopOrder.Status.PLACED))
    if placed:
        following.follow(terms, erp, placed, work)
    return {"orders": list(rows.values_list("pk", flat=True))}

"""Orders whose articles nobody knew, or knew as others, once products were linked."""

from django.db import transaction
from django.db.models import F, Q

from integrator.canonical.problems import Code
from shops.models import ShopConnection
from syncjobs import queue, snapshots
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import promises
from syncjobs.orders.arriving import order_in

_NOT_THERE = (ShopOrder.Status.WAITING, ShopOrder.Status.HELD)
_WAITS_FOR_A_LINK = (Code.ARTICLE_UNKNOWN, Code.ARTICLE_AMBIGUOUS)


def look_again(connection: ShopConnection) -> int:
    """Promise the goods of open orders that are known by now, and decide anew what was held for want of a link. How
    many orders that are."""
    terms = OrderTerms.objects.select_related("connection").filter(connection=connection).first()
    if terms is None:
        return 0
    told = Q()
    for code in _WAITS_FOR_A_LINK:
        told |= Q(reasons__icontains=f'"{code}"')
    waiting = ShopOrder.objects.filter(connection=connection, status__in=_NOT_THERE, erp_key="").exclude(record={})
    with transaction.atomic():
        for part in snapshots.chunks(waiting.values_list("pk", flat=True)):
            rows = ShopOrder.objects.select_for_update().filter(pk__in=part)
            promises.promise_all(terms, [(row, order_in(row)) for row in rows])
        held = waiting.filter(told, status=ShopOrder.Status.HELD)
        count = held.update(to_decide=True, version=F("version") + 1)
        if count:
            queue.nudge(connection)
    return count

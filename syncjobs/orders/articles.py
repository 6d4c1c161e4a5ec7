"""Orders that are held because nobody knew an article of theirs, once products were linked."""

from django.db import transaction
from django.db.models import F, Q

from integrator.canonical.problems import Code
from shops.models import ShopConnection
from syncjobs import queue
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import promises
from syncjobs.orders.arriving import order_in

_WAITS_FOR_A_LINK = (Code.ARTICLE_UNKNOWN, Code.ARTICLE_AMBIGUOUS)


def look_again(connection: ShopConnection) -> int:
    """Decide these orders of the connection anew, and promise the goods that are known by now. How many orders."""
    terms = OrderTerms.objects.select_related("connection").filter(connection=connection).first()
    if terms is None:
        return 0
    told = Q()
    for code in _WAITS_FOR_A_LINK:
        told |= Q(reasons__icontains=f'"{code}"')
    rows = ShopOrder.objects.filter(told, connection=connection, status=ShopOrder.Status.HELD, erp_key="")
    found = list(rows.exclude(record={}))
    with transaction.atomic():
        for row in found:
            promises.promise(terms, row, order_in(row))
        ShopOrder.objects.filter(pk__in=[row.pk for row in found]).update(to_decide=True, version=F("version") + 1)
        if found:
            queue.nudge(connection)
    return len(found)

"""How many orders of a connection may go into WAPRO in a day. Orders are received, promised and decided beyond it, and
wait to be written until midnight or until a person lets them go on: a mistake in the look-back must not fill WAPRO."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Count, F, Q
from django.utils import timezone

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.problems import Code
from integrator.canonical.records import Problem, problem
from syncjobs import queue
from syncjobs.brakes import midnight
from syncjobs.engine.guard import Limits
from syncjobs.models.orders import OrderTerms, ShopOrder


def left_today(terms: OrderTerms, now: datetime) -> int:
    """How many more may be written; never negative."""
    return max(0, Limits.of(terms.connection.limits).orders_day - written_today(terms, now))


def written_today(terms: OrderTerms, now: datetime) -> int:
    """Since midnight in Poland, or since a person last let them go on."""
    return _written([terms.connection_id], now).get(terms.connection_id, 0)


def _written(connections: Collection[int], now: datetime) -> dict[int, int]:
    let_go = "connection__order_terms__let_go_at"
    counted = Q(**{f"{let_go}__isnull": True}) | Q(placed_in_erp_at__gte=F(let_go))
    rows = ShopOrder.objects.filter(counted, connection__in=connections, placed_in_erp_at__gte=midnight(now))
    return dict(rows.order_by().values_list("connection").annotate(n=Count("pk")))


def waiting(terms: OrderTerms) -> int:
    """Orders that are decided and not begun."""
    return _waiting([terms.connection_id]).get(terms.connection_id, 0)


def _waiting(connections: Collection[int]) -> dict[int, int]:
    rows = ShopOrder.objects.filter(connection__in=connections, status=ShopOrder.Status.INTENDED)
    rows = rows.filter(placing_began_at__isnull=True)
    return dict(rows.order_by().values_list("connection").annotate(n=Count("pk")))


def objection(terms: OrderTerms, now: datetime) -> Problem | None:
    """Why orders wait although they are decided; None while there is room, or none waits."""
    return next((found for _terms, found in held([terms.connection_id], now)), None)


def held(connections: Iterable[int], now: datetime) -> list[tuple[OrderTerms, Problem]]:
    """Of these connections, those whose orders are held by the limit of the day. As many queries for many."""
    asked = _waiting(list(connections))
    rows = list(OrderTerms.objects.filter(enabled=True, connection__in=asked).select_related("connection"))
    written = _written([terms.connection_id for terms in rows], now) if rows else {}
    found = []
    for terms in rows:
        count, limit = written.get(terms.connection_id, 0), Limits.of(terms.connection.limits).orders_day
        if count >= limit:
            found.append((terms, problem(Code.ORDERS_OF_DAY, count=count, limit=limit)))
    return found


def let_go(terms: OrderTerms, user: User) -> None:
    """The day counts anew from now on."""
    now = timezone.now()
    OrderTerms.objects.filter(pk=terms.pk).update(let_go_at=now)
    connection = terms.connection
    data = {"written": written_today(terms, now), "waiting": waiting(terms)}
    record(user, "orders.let_go", str(connection), client=connection.client, data=data)
    queue.nudge(connection)

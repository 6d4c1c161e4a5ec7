"""How many orders of a connection may go into WAPRO in a day. Orders are received, promised and decided beyond it, and
wait to be written until midnight or until a person lets them go on: a mistake in the look-back must not fill WAPRO."""

from collections.abc import Iterable
from datetime import datetime

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
    begin = midnight(now)
    if terms.let_go_at is not None and terms.let_go_at > begin:
        begin = terms.let_go_at
    return ShopOrder.objects.filter(connection=terms.connection_id, placed_in_erp_at__gte=begin).count()


def waiting(terms: OrderTerms) -> int:
    """Orders that are decided and not begun."""
    rows = ShopOrder.objects.filter(connection=terms.connection_id, status=ShopOrder.Status.INTENDED)
    return rows.filter(placing_began_at__isnull=True).count()


def objection(terms: OrderTerms, now: datetime) -> Problem | None:
    """Why orders wait although they are decided; None while there is room, or none waits."""
    if not terms.enabled or not waiting(terms):
        return None
    limit, written = Limits.of(terms.connection.limits).orders_day, written_today(terms, now)
    return problem(Code.ORDERS_OF_DAY, count=written, limit=limit) if written >= limit else None


def held(connections: Iterable[int], now: datetime) -> list[tuple[OrderTerms, Problem]]:
    """Of these connections, those whose orders are held by the limit of the day."""
    intended = ShopOrder.objects.filter(status=ShopOrder.Status.INTENDED, connection__in=list(connections))
    rows = OrderTerms.objects.filter(enabled=True, connection__in=intended.values("connection"))
    found = [(terms, objection(terms, now)) for terms in rows.select_related("connection")]
    return [(terms, one) for terms, one in found if one is not None]


def let_go(terms: OrderTerms, user: User) -> None:
    """The day counts anew from now on."""
    now = timezone.now()
    OrderTerms.objects.filter(pk=terms.pk).update(let_go_at=now)
    connection = terms.connection
    data = {"written": written_today(terms, now), "waiting": waiting(terms)}
    record(user, "orders.let_go", str(connection), client=connection.client, data=data)
    queue.nudge(connection)

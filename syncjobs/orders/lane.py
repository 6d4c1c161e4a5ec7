"""The lane of orders of one connection: one unit of work after the other, the most urgent first."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrator.canonical.errors import AuthFailed, IntegrationError, RateLimited, Transient
from shops import logins
from shops.models import ShopConnection
from syncjobs import recognition, stops
from syncjobs.fetching import error_data, retry_delay
from syncjobs.models.choices import Side
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import arriving, deciding, following, forgetting, hinted, placing, resting
from syncjobs.slices import Slice, contained
from wapro.models import WaproConnection

BACK_OFF = timedelta(minutes=5)
Unit = Callable[[], None]


def attend(connection: ShopConnection, work: Slice) -> bool:
    """One unit of work on orders. False when nothing is due, or what is due was put off."""
    terms = OrderTerms.objects.select_related("connection", "connection__client").filter(connection=connection).first()
    now = timezone.now()
    if terms is None or not (terms.enabled or terms.back_enabled):
        hinted.unwanted(connection)
        return False
    erp = WaproConnection.objects.filter(client=connection.client_id).first()
    side, unit = _next(terms, erp, work, now, stopped=stops.standing(terms.connection) is not None)
    if unit is None:
        return False
    work.after_shop = side == "shop"
    with contained(f"orders of connection {connection.pk}", lambda error: _put_off(terms, side, error, work)):
        unit()
        if side == "erp" and terms.erp_problem is not None:
            OrderTerms.objects.filter(pk=terms.pk).update(erp_attempts=0, erp_not_before=None, erp_problem=None)
    connection.problem = terms.connection.problem
    return True


def _next(
    terms: OrderTerms, erp: WaproConnection | None, work: Slice, now: datetime, *, stopped: bool
) -> tuple[str, Unit | None]:
    """What is due with the shop, else with WAPRO. While many pages are fetched they take turns, lest the newest orders
    wait for the end of it. `stopped`: orders are received and decided, and nothing is written anywhere."""
    asked: dict[str, Callable[[], Unit | None]] = {}
    if _awake(terms.not_before, now) and not logins.refused(terms.connection):
        asked["shop"] = lambda: _of_shop(terms, work, now, stopped=stopped)
    if erp is not None and _awake(terms.erp_not_before, now):
        asked["erp"] = lambda: _of_erp(terms, erp, work, now, stopped=stopped)
    first = "erp" if work.after_shop and arriving.is_long(terms, now) else "shop"
    for side in sorted(asked, key=lambda one: one != first):
        unit = asked[side]()
        if unit is not None:
            return side, unit
    return first, None


def _awake(not_before: datetime | None, now: datetime) -> bool:
    return not_before is None or not_before <= now


def _of_shop(terms: OrderTerms, work: Slice, now: datetime, *, stopped: bool) -> Unit | None:
    """What is due with the shop. It goes before WAPRO's work: what was just ordered must be seen, and promised, however
    many orders wait to be written. In quiet hours nothing comes in; what there is to tell has hours of its own."""
    quiet = resting.until(terms, now) is not None
    hints = [] if quiet else hinted.next_hints(terms.connection, now)
    if hints:
        return lambda: hinted.attend(terms, hints, work)
    if arriving.is_due(terms, now):
        if terms.words_at is None or terms.words_at < now - arriving.WORDS_EVERY:
            return lambda: arriving.learn_words(terms, work)
        return lambda: arriving.fetch_page(terms, work)
    # What a read-only connection would be told waits until it may be written to.
    if terms.back_enabled and terms.connection.writes_enabled and not stopped:
        untold = following.next_to_tell(terms, now)
        if untold:
            return lambda: following.tell(terms, untold, work)
    stale = [] if quiet else arriving.next_to_sweep(terms, now)
    if stale:
        return lambda: arriving.reread(terms, stale, work)
    return None


def _of_erp(terms: OrderTerms, erp: WaproConnection, work: Slice, now: datetime, *, stopped: bool) -> Unit | None:
    """What is due with WAPRO. The newest order goes all its way first, before older ones are even decided."""
    if terms.enabled and resting.until(terms, now) is None:
        rows = deciding.next_rows(terms, now)
        intents = [] if stopped else placing.next_intents(terms, now)
        if intents and not (rows and rows[0].placed_at > intents[0].placed_at):
            return lambda: placing.carry_out_all(erp, intents, work)
        if rows:
            return lambda: deciding.decide_rows(terms, erp, rows, work)
    placed = following.next_to_follow(terms, now)
    if placed:
        return lambda: following.follow(terms, erp, placed, work)
    if forgetting.is_due(terms, now):
        return lambda: forgetting.look(terms, erp, work)
    return None


def _put_off(terms: OrderTerms, side: str, error: IntegrationError, work: Slice) -> None:
    """What concerns all orders of the connection stops one side of the lane for a while and is shown; the other side,
    stock and prices go on."""
    prefix = "erp_" if side == "erp" else ""
    attempts = getattr(terms, f"{prefix}attempts") + (not isinstance(error, RateLimited))
    delay = retry_delay(error, max(attempts, 1)) if isinstance(error, Transient) else BACK_OFF
    values = {
        f"{prefix}attempts": attempts,
        f"{prefix}problem": error_data(error) | {"side": side},
        f"{prefix}not_before": timezone.now() + delay,
    }
    with transaction.atomic():
        work.hold.check()
        OrderTerms.objects.filter(pk=terms.pk).update(**values)
        if side == "shop" and isinstance(error, AuthFailed):
            problem = logins.told(error, error_data(error, side))
            ShopConnection.objects.filter(pk=terms.connection_id).update(healthy=False, problem=problem)
            terms.connection.problem = problem
        if side == "erp" and error.problem.code in recognition.ANOTHER:
            erps = WaproConnection.objects.filter(client=terms.connection.client_id)
            erps.update(healthy=False, problem=error_data(error, Side.ERP))


def due(now: datetime) -> QuerySet[OrderTerms, int]:
    """Keys of connections whose lane has something to do by now."""
    on = OrderTerms.objects.filter(Q(enabled=True) | Q(back_enabled=True))
    on = on.filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
    return on.filter(Q(next_at__isnull=True) | Q(next_at__lte=now)).values_list("connection", flat=True)


def seconds_to_next(connection: ShopConnection, now: datetime) -> float | None:
    """When the lane wants to be looked at again, None when it is off."""
    terms = OrderTerms.objects.filter(connection=connection).first()
    if terms is None or not (terms.enabled or terms.back_enabled):
        return None
    if logins.refused(connection):
        return None
    shop = [terms.next_at or now]
    hints = hinted.due_at(connection)
    if hints is not None:
        shop.append(hints)
    moments = [max(min(shop), terms.not_before or now, resting.until(terms, now) or now)]
    erp = [now] if terms.erp_not_before is not None and terms.erp_not_before > now else []
    later = ShopOrder.objects.filter(connection=connection, not_before__gt=now).order_by("not_before").first()
    if later is not None and later.not_before is not None:
        erp.append(later.not_before)
    open_ones = Q(status=ShopOrder.Status.PLACED) | Q(untold__isnull=False)
    if ShopOrder.objects.filter(open_ones, connection=connection).exists():
        erp.append(now + following.LOOK_EVERY)
    if erp:
        moments.append(max(min(erp), terms.erp_not_before or now))
    return max((min(moments) - now).total_seconds(), 0.5)

"""The lane of orders of one connection: one unit of work after the other, the most urgent first."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrator.canonical.errors import IntegrationError, RateLimited, Transient
from integrator.leases import LeaseLost
from shops.models import ShopConnection
from syncjobs.fetching import error_data, retry_delay, unexpected
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import arriving, deciding, following, hinted, placing
from syncjobs.slices import Slice
from wapro.models import WaproConnection

log = logging.getLogger(__name__)

BACK_OFF = timedelta(minutes=5)


def attend(connection: ShopConnection, work: Slice) -> bool:
    """One unit of work on orders. False when nothing is due, or the lane was put off."""
    terms = OrderTerms.objects.select_related("connection", "connection__client").filter(connection=connection).first()
    now = timezone.now()
    if terms is None or not (terms.enabled or terms.back_enabled):
        hinted.unwanted(connection)
        return False
    if terms.not_before is not None and terms.not_before > now:
        return False
    erp = WaproConnection.objects.filter(client=connection.client_id).first()
    unit = _next(terms, erp, work, now)
    if unit is None:
        return False
    try:
        unit()
    except IntegrationError as error:
        _put_off(terms, error, work)
        return False
    except (LeaseLost, DatabaseError):
        raise
    except Exception as error:
        # Orders that cannot go on must not take stock and prices with them.
        log.exception("orders of connection %s: %s", connection.pk, type(error).__name__)
        _put_off(terms, unexpected(error), work)
        return False
    return True


def _next(terms: OrderTerms, erp: WaproConnection | None, work: Slice, now: datetime) -> Callable[[], None] | None:
    hints = hinted.next_hints(terms.connection, now)
    if hints:
        return lambda: hinted.attend(terms, hints, work)
    if erp is not None and terms.enabled:
        rows = deciding.next_rows(terms, now)
        if rows:
            return lambda: deciding.decide_rows(terms, erp, rows, work)
        intent = placing.next_intent(terms, now)
        if intent is not None:
            return lambda: placing.carry_out(erp, intent, work)
    if terms.back_enabled:
        untold = following.next_to_tell(terms, now)
        if untold:
            return lambda: following.tell(terms, untold, work)
    if arriving.is_due(terms, now):
        if terms.words_at is None or terms.words_at < now - arriving.WORDS_EVERY:
            return lambda: arriving.learn_words(terms, work)
        return lambda: arriving.fetch_page(terms, work)
    if erp is not None:
        placed = following.next_to_follow(terms, now)
        if placed:
            return lambda: following.follow(terms, erp, placed, work)
    stale = ShopOrder.objects.filter(
        connection=terms.connection, status__in=arriving.OPEN, read_at__lt=now - arriving.SWEEP_EVERY
    )
    if stale.exists():
        return lambda: _swept(terms, work)
    return None


def _swept(terms: OrderTerms, work: Slice) -> None:
    arriving.sweep(terms, work)


def _put_off(terms: OrderTerms, error: IntegrationError, work: Slice) -> None:
    """What concerns all orders of the connection stops the lane for a while and is shown; stock and prices go on."""
    terms.attempts += 0 if isinstance(error, RateLimited) else 1
    delay = retry_delay(error, max(terms.attempts, 1)) if isinstance(error, Transient) else BACK_OFF
    side = str(work.talking_to) if work.talking_to else "shop"
    terms.problem = error_data(error) | {"side": side}
    terms.not_before = timezone.now() + delay
    with transaction.atomic():
        work.hold.check()
        terms.save(update_fields=["attempts", "problem", "not_before"])


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
    moments = [terms.next_at or now]
    hints = hinted.due_at(connection)
    if hints is not None:
        moments.append(hints)
    later = ShopOrder.objects.filter(connection=connection, not_before__gt=now).order_by("not_before").first()
    if later is not None and later.not_before is not None:
        moments.append(later.not_before)
    if ShopOrder.objects.filter(connection=connection, status=ShopOrder.Status.PLACED).exists():
        moments.append(now + following.LOOK_EVERY)
    soonest = max(min(moments), terms.not_before or now)
    return max((soonest - now).total_seconds(), 0.5)

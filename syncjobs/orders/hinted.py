"""Orders that webhooks hint at: they are read at the lane's next turn, before the shop is asked what is new."""

from collections import defaultdict
from datetime import datetime

from django.db import DatabaseError, transaction
from django.utils import timezone

from integrator.canonical.errors import RateLimited, Transient
from integrator.canonical.orders import OrdersRead
from integrator.leases import LeaseLost
from shops.models import ShopConnection
from syncjobs import inbox
from syncjobs.inbox import Reason, Status
from syncjobs.models.inbox import InboxEvent
from syncjobs.models.orders import OrderTerms
from syncjobs.orders import arriving
from syncjobs.slices import Slice

MOST_ATTEMPTS = 6


def due_at(connection: ShopConnection) -> datetime | None:
    """When the hints that wait have been gathered long enough; None when none wait."""
    events = inbox.waiting(connection, orders=True)
    return events[0].received_at + inbox.GATHER if events else None


def next_hints(connection: ShopConnection, now: datetime) -> list[InboxEvent]:
    """Hints to look at now, as many as one reading takes: the rest of a flood waits for the next turn."""
    events = inbox.waiting(connection, orders=True)
    if not events or events[0].received_at + inbox.GATHER > now:
        return []
    return inbox.one_reading(events)


def attend(terms: OrderTerms, events: list[InboxEvent], work: Slice) -> None:
    """Read the orders that these hints name and keep them as any others. Each hint ends with its reason; an order that
    is as it was last seen starts nothing, so what we write ourselves, which shops tell of too, does not echo.

    Raises whatever reading raises, which stops the lane for a while. Then the hints are tried again; what does not pass
    is let go, lest it keep the polling that finds these orders anyway from its turn."""
    keys = list(dict.fromkeys(key for event in events for key in event.keys))
    try:
        read = arriving.orders_of(work, terms.connection).read(keys)
        with transaction.atomic():
            work.hold.check()
            moved = arriving.take(terms, keys, read)
            _close(events, read, moved)
    except (LeaseLost, DatabaseError):
        raise
    except Exception as error:
        passes = isinstance(error, RateLimited) or (isinstance(error, Transient) and terms.attempts + 1 < MOST_ATTEMPTS)
        if not passes:
            _let_go(terms, events, work)
        raise


def _close(events: list[InboxEvent], read: OrdersRead, moved: set[str]) -> None:
    outcomes: dict[str, list[InboxEvent]] = defaultdict(list)
    for event in events:
        outcomes[_outcome(set(event.keys), read, moved)].append(event)
    for reason, of_reason in outcomes.items():
        inbox.close(of_reason, Status.DONE, reason)


def _outcome(keys: set[str], read: OrdersRead, moved: set[str]) -> str:
    """What the shop did not answer for is no order yet: a cart."""
    if keys & moved:
        return Reason.CHANGED
    if keys & {error.key for error in read.errors}:
        return Reason.BROKEN
    if keys & set(read.gone):
        return Reason.GONE
    return Reason.SAME if keys & {order.key for order in read.orders} else Reason.OTHER


def _let_go(terms: OrderTerms, events: list[InboxEvent], work: Slice) -> None:
    """These orders are left to the polling, which comes as soon as the lane goes on."""
    with transaction.atomic():
        work.hold.check()
        inbox.close(events, Status.IGNORED, Reason.UNREAD)
        OrderTerms.objects.filter(pk=terms.pk).update(next_at=timezone.now())


def unwanted(connection: ShopConnection) -> None:
    """Nobody takes orders of this connection: what is hinted at is not looked at."""
    rows = InboxEvent.objects.filter(connection=connection, status=Status.WAITING, kind=inbox.ORDER)
    rows.update(status=Status.IGNORED, reason=Reason.FLOW_OFF, done_at=timezone.now())

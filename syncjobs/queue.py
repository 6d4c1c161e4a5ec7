"""Nudges. The database is the truth; a message only tells a worker to look at a connection.

Where no message can be sent nothing fails: what is to be done is stored, and the scheduler finds it (`schedule.tick`).

However often somebody nudges, a connection has one place in the queue: each slice sends the message of the next one
itself, so a message that was sent before a slice began is of no use after it (`answered`). Else every nudge would stay
in the queue for ever, and a busy connection would have many turns where others have one.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from integrator.leases import Leased
from shops.models import ShopConnection
from wapro.models import WaproConnection

log = logging.getLogger(__name__)
PAUSE = 5.0
"""Seconds for which a broker that took no message is left alone."""
_silent_until = 0.0
SENT = "integrator_sent"
"""Header of a message: seconds since the epoch."""


def nudge(actor: ShopConnection | WaproConnection, seconds: float = 0) -> None:
    """Have a worker look at the connection, after the transaction that is open now."""
    transaction.on_commit(partial(_send, type(actor), actor.pk, seconds))


def missed(actor: type[Leased], pk: int, looked_at: datetime) -> bool:
    """Whether somebody nudged after work was last looked for: that message may have met a lease still held, and nobody
    else will do what it was about."""
    return actor._default_manager.filter(pk=pk, nudged_at__gte=looked_at).exists()


def answered(actor: type[Leased], pk: int, sent: datetime | None) -> bool:
    """Whether a slice began after this message was sent. One that died since is found by `silent`."""
    return sent is not None and actor._default_manager.filter(pk=pk, worked_from__gt=sent).exists()


def sent_at(headers: Mapping[str, Any]) -> datetime | None:
    """When the message with these headers was sent, None for one of an older version of the program."""
    stamp = headers.get(SENT)
    return None if stamp is None else datetime.fromtimestamp(float(stamp), UTC)


def _send(actor: type[Leased], pk: int, seconds: float) -> None:
    from syncjobs import tasks  # tasks import the runner, which nudges

    task = tasks.advance_shop if actor is ShopConnection else tasks.advance_erp
    # Noted before it is sent: a worker that holds the lease now must see it at the end of its slice.
    now = timezone.now()
    actor._default_manager.filter(pk=pk).update(nudged_at=now)
    # In a header: workers of an older version know no second argument.
    headers = {SENT: now.timestamp()}
    if not _put(partial(task.apply_async, (pk,), countdown=seconds or None, headers=headers)):
        actor._default_manager.filter(pk=pk).update(nudged_at=None)


def _put(send: Callable[[], object]) -> bool:
    """Whether the broker took the message. One that did not answer is not asked again for a moment, for each try may
    take its time-out."""
    global _silent_until
    if monotonic() < _silent_until:
        return False
    try:
        send()
    except (OperationalError, RedisError) as error:
        log.warning("the broker took no message: %s", type(error).__name__)
        _silent_until = monotonic() + PAUSE
        return False
    return True

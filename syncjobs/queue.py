"""Nudges. The database is the truth; a message only tells a worker to look at a connection."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from integrator.leases import Leased
from shops.models import ShopConnection
from wapro.models import WaproConnection


def nudge(actor: ShopConnection | WaproConnection, seconds: float = 0) -> None:
    """Have a worker look at the connection, after the transaction that is open now."""
    transaction.on_commit(partial(_send, type(actor), actor.pk, seconds))


def missed(actor: type[Leased], pk: int, looked_at: datetime) -> bool:
    """Whether somebody nudged after work was last looked for: that message may have met a lease still held, and nobody
    else will do what it was about."""
    return actor._default_manager.filter(pk=pk, nudged_at__gte=looked_at).exists()


def _send(actor: type[Leased], pk: int, seconds: float) -> None:
    from syncjobs import tasks  # tasks import the runner, which nudges

    task = tasks.advance_shop if actor is ShopConnection else tasks.advance_erp
    actor._default_manager.filter(pk=pk).update(nudged_at=timezone.now())
    task.apply_async((pk,), countdown=seconds or None)

"""Celery tasks: they carry no data and decide nothing."""

from collections.abc import Callable
from typing import Any

from celery import shared_task

from shops import publishing
from shops.models import ShopConnection
from syncjobs import erp_actor, heartbeat, queue, runner, schedule
from syncjobs.alerts import telling
from wapro.models import WaproConnection


@shared_task(bind=True)
def advance_shop(self: Any, pk: int) -> None:
    _advance(self, ShopConnection, pk, runner.advance_shop)


@shared_task(bind=True)
def advance_erp(self: Any, pk: int) -> None:
    _advance(self, WaproConnection, pk, erp_actor.advance_erp)


def _advance(
    task: Any,
    actor: type[ShopConnection] | type[WaproConnection],
    pk: int,
    one_slice: Callable[[int], float | None],
) -> None:
    if queue.answered(actor, pk, queue.sent_at(task.request.headers or {})):
        return
    seconds = one_slice(pk)
    if seconds is not None:
        queue.nudge(actor(pk=pk), seconds)


@shared_task
def tick() -> None:
    schedule.tick()
    publishing.forget_expired()
    heartbeat.beat()


@shared_task
def tell() -> None:
    telling.tell()


@shared_task
def prune() -> None:
    schedule.prune()

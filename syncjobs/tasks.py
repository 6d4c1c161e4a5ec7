"""Celery tasks: they carry no data and decide nothing."""

from celery import shared_task

from shops import publishing
from shops.models import ShopConnection
from syncjobs import erp_actor, heartbeat, queue, runner, schedule
from syncjobs.alerts import telling
from wapro.models import WaproConnection


@shared_task
def advance_shop(pk: int) -> None:
    seconds = runner.advance_shop(pk)
    if seconds is not None:
        queue.nudge(ShopConnection(pk=pk), seconds)


@shared_task
def advance_erp(pk: int) -> None:
    seconds = erp_actor.advance_erp(pk)
    if seconds is not None:
        queue.nudge(WaproConnection(pk=pk), seconds)


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

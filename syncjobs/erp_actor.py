"""The actor of an ERP connection: it only fetches, once per client, for whichever shop asks."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from integrator.canonical.errors import AuthFailed, IntegrationError, Transient, Unreachable
from integrator.canonical.side import Introduces
from integrator.leases import LeaseLost
from syncjobs import errands, queue, stops
from syncjobs.fetching import error_data, fail, fetch_pages, unexpected
from syncjobs.models import Errand, Fetch, Step
from syncjobs.models.choices import OPEN_STATUSES, Phase, Side, Status
from syncjobs.slices import Slice, one_slice
from wapro.models import WaproConnection

log = logging.getLogger(__name__)

MOST_FAILURES = 3


def advance_erp(pk: int) -> float | None:
    """One slice. Seconds until the next is worth while, None when nothing is left or the lease is held."""
    return one_slice(WaproConnection, pk, lambda work: _work(_connections().get(pk=pk), work))


def _connections() -> QuerySet[WaproConnection]:
    return WaproConnection.objects.select_related("client")


def _work(connection: WaproConnection, work: Slice) -> float | None:
    # As with a shop: a person waits for these, and a test that passes ends the rest.
    errands.run_erp(connection, work)
    connection.refresh_from_db(fields=["back_off_until"])
    now = timezone.now()
    if connection.back_off_until is not None and connection.back_off_until > now:
        return (connection.back_off_until - now).total_seconds()
    while not work.over:
        work.look()
        errands.run_erp(connection, work)
        if stops.reading_of_erp(connection) is not None:
            return None
        fetch = Fetch.objects.filter(erp=connection, status__in=OPEN_STATUSES).order_by("id").first()
        if fetch is None:
            return None
        if not _fetch(connection, fetch, work):
            return 5
    return 0


def _fetch(connection: WaproConnection, fetch: Fetch, work: Slice) -> bool:
    """Pages of one fetch until it ends or the slice does. False: leave the ERP alone for a moment."""
    try:
        side = work.erp(connection)
        while fetch.status in OPEN_STATUSES and not work.over:
            fetch_pages(fetch, connection, side, work.hold, lambda: work.over)
    except IntegrationError as error:
        return _failed(connection, fetch, work, error)
    except (LeaseLost, DatabaseError):
        raise
    except Exception as error:
        log.exception("fetch %s: %s", fetch.pk, type(error).__name__)
        return _failed(connection, fetch, work, unexpected(error))
    if not connection.database_id and isinstance(side, Introduces):
        # Never tested: what it says of itself at the first success is what it is compared with from now on.
        connection.database_id = side.identity().get("database", "")[:40]
        WaproConnection.objects.filter(pk=connection.pk, database_id="").update(database_id=connection.database_id)
    if connection.transport_failures or connection.healthy is False:
        WaproConnection.objects.filter(pk=connection.pk).update(transport_failures=0, healthy=True, problem=None)
        connection.transport_failures, connection.healthy = 0, True
    if fetch.status not in OPEN_STATUSES:
        wake(connection)
    return True


def _failed(connection: WaproConnection, fetch: Fetch, work: Slice, error: IntegrationError) -> bool:
    """Passing trouble is tried a few times, then the fetch fails and those who wait are told."""
    work.hold.check()
    connection.transport_failures += 1
    connection.save(update_fields=["transport_failures"])
    if isinstance(error, Transient) and connection.transport_failures < MOST_FAILURES:
        connection.back_off(timezone.now(), 5)
        return False
    fail(fetch, error)
    if isinstance(error, AuthFailed | Unreachable | Transient):
        WaproConnection.objects.filter(pk=connection.pk).update(
            healthy=False, problem=error_data(error, Side.ERP), transport_failures=0
        )
        connection.transport_failures = 0
    wake(connection)
    return True


def wake(connection: WaproConnection) -> None:
    """Steps that waited for this ERP go on now."""
    steps = Step.objects.filter(
        connection__client=connection.client_id, phase=Phase.FETCH_ERP, status__in=[Status.QUEUED, Status.RUNNING]
    )
    steps.update(not_before=None)
    seen = set()
    for step in steps.select_related("connection"):
        if step.connection_id not in seen:
            seen.add(step.connection_id)
            queue.nudge(step.connection)


def silent() -> list[WaproConnection]:
    """ERP connections with work that nobody has looked at for a while."""
    now = timezone.now()
    old = now - timedelta(seconds=settings.SILENT_SECONDS)
    waiting = set(Fetch.objects.filter(erp__isnull=False, status__in=OPEN_STATUSES).values_list("erp", flat=True))
    waiting |= set(Errand.objects.filter(erp__isnull=False, status=Status.QUEUED).values_list("erp", flat=True))
    return [
        connection
        for connection in WaproConnection.objects.filter(pk__in=waiting)
        if (connection.nudged_at is None or connection.nudged_at < old)
        and (connection.lease_until is None or connection.lease_until <= now)
    ]

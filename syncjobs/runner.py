"""The actor of a shop connection: one slice after the other, each under the lease, until nothing is left to do."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from integrator.canonical.errors import AuthFailed, IntegrationError, RateLimited, Transient, Unreachable
from integrator.canonical.kinds import LANES, PRODUCT_STATE_KINDS, Kind, Lane
from integrator.canonical.problems import Code
from shops import logins
from shops.models import ShopConnection
from syncjobs import deeds, errands, finishing, hinted, inbox, steps, stops, tallies, webhooks
from syncjobs.discrepancies import storing
from syncjobs.engine.order import dependents
from syncjobs.fetching import error_data, retry_delay
from syncjobs.models import Deed, DiscrepancyReport, Errand, InboxEvent, Run, Step
from syncjobs.models.choices import OPEN_STATUSES, Phase, Side, Status
from syncjobs.orders import at_once, lane
from syncjobs.setup import setup_of
from syncjobs.slices import Slice, contained, one_slice
from syncjobs.undoing import starting as undoing

LANE_ORDER = {lane: place for place, lane in enumerate(Lane)}
MOST_STEP_ATTEMPTS = 6
BACK_OFF_AFTER = 3
EVERY_FIFTH = 5
"""Every fifth slice goes to the step that has waited longest, so that no lane starves."""


def advance_shop(pk: int) -> float | None:
    """One slice. Seconds until the next is worth while (0: at once), None when nothing is left or the lease is held."""
    connections = ShopConnection.objects.select_related("client")
    return one_slice(ShopConnection, pk, lambda work: _work(connections.get(pk=pk), work))


def _work(connection: ShopConnection, work: Slice) -> float | None:
    # A person waits for these, and a test that passes ends the rest.
    errands.run_shop(connection, work)
    connection.refresh_from_db(fields=["back_off_until"])
    now = timezone.now()
    if connection.back_off_until is not None and connection.back_off_until > now:
        return (connection.back_off_until - now).total_seconds()
    deeds.attend(connection, work)
    stop = stops.standing(connection)
    if connection.paused or connection.client.paused or (stop is not None and stop.reads):
        return 0 if storing.attend(connection, work) else None  # comparing asks no other system
    while not work.over:
        work.look()
        errands.run_shop(connection, work)
        deeds.attend(connection, work)
        stop = stops.standing(connection)
        if stop is not None and stop.reads:
            return None
        if stop is None:
            hinted.attend(connection, work)
            at_once.attend(connection, work)
        compared = storing.attend(connection, work)
        if _orders_first(connection, work) and lane.attend(connection, work):
            continue
        step = _next_step(connection, work)
        if step is None:
            if lane.attend(connection, work) or compared:
                continue
            soonest = _soonest(_seconds_to_next(connection), lane.seconds_to_next(connection, timezone.now()))
            # What waits for the release of a stop looks as if it were due.
            return soonest if soonest is None or stop is None else max(soonest, stops.LOOK_AGAIN)
        if step.run.trigger == Run.Trigger.SCHEDULE and stop is None:
            webhooks.look_if_due(connection, work)
        if work.hold.after_death and not _outlived(step, work):
            continue
        _advance(connection, step, work)
        connection.refresh_from_db(fields=["back_off_until", "paused"])
        if connection.paused or (connection.back_off_until is not None and connection.back_off_until > timezone.now()):
            break
    return 0


def _outlived(step: Step, work: Slice) -> bool:
    """Count that the worker before this one died in the middle of something, most likely of this step. One that kills
    its workers again and again is given up, for a person to see; everything else goes on."""
    work.hold.after_death = False
    step.attempts += 1
    with transaction.atomic():
        work.hold.check()
        if step.attempts >= MOST_STEP_ATTEMPTS:
            finishing.fail(step, error_data(IntegrationError(Code.INTERNAL, detail="SIGKILL")))
            return False
        step.save(update_fields=["attempts"])
    return True


def _orders_first(connection: ShopConnection, work: Slice) -> bool:
    """Orders go before steps, but for stock that was just sold elsewhere. Every fifth slice begins with the step that
    waited longest, so that a backlog of orders starves nothing, unless it is stock that waits for them to be seen."""
    now = timezone.now()
    if at_once.goes_first(connection, now):
        return False
    return bool(work.hold.number % EVERY_FIFTH) or at_once.orders_awaited(connection, now)


def _soonest(*moments: float | None) -> float | None:
    return min((one for one in moments if one is not None), default=None)


def _open_steps(connection: ShopConnection) -> list[Step]:
    return list(
        Step.objects.filter(connection=connection, status__in=[Status.QUEUED, Status.RUNNING])
        .select_related("run", "erp_fetch", "shop_fetch")
        .order_by("run_id", "position")
    )


def _next_step(connection: ShopConnection, work: Slice) -> Step | None:
    """The ready step of the most urgent lane; runs that were asked to stop are stopped on the way."""
    now = timezone.now()
    open_steps = _open_steps(connection)
    siblings: dict[int, list[Step]] = {}
    for step in Step.objects.filter(run__in={s.run_id for s in open_steps}):
        siblings.setdefault(step.run_id, []).append(step)
    ready = []
    for step in open_steps:
        if step.run.cancel_requested:
            finishing.cancel(step)
        elif _is_ready(step, siblings[step.run_id], now):
            ready.append(step)
    if work.hold.number % EVERY_FIFTH == 0:
        ready.sort(key=lambda s: (s.worked_at or s.run.created_at, s.pk))
    else:
        ready.sort(key=lambda s: (LANE_ORDER[LANES[Kind(s.kind)]], s.run_id, s.position))
    # What was just bought elsewhere goes before everything: each minute it may be sold once more.
    ready.sort(key=lambda s: s.run.trigger != Run.Trigger.ORDER)
    return next((step for step in ready if step.status == Status.RUNNING or _start(step)), None)


def _is_ready(step: Step, siblings: list[Step], now: datetime) -> bool:
    if step.not_before is not None and step.not_before > now:
        return False
    if step.run.undoes_id:
        return undoing.is_its_turn(step, siblings)
    kind = Kind(step.kind)
    for other in siblings:
        other_kind = Kind(other.kind)
        if kind in dependents(other_kind) and other.status in OPEN_STATUSES:
            return False
        # Prices and stock need the links of products, not their writes: a plan that waits for approval holds no stock.
        if (
            kind in PRODUCT_STATE_KINDS
            and other_kind is Kind.PRODUCT
            and other.status in (Status.QUEUED, Status.RUNNING)
        ):
            return False
    return True


def _start(step: Step) -> bool:
    """At most one started step per kind and connection: the constraint decides, whoever asks."""
    now = timezone.now()
    try:
        with transaction.atomic():
            started = Step.objects.filter(pk=step.pk, status=Status.QUEUED).update(
                status=Status.RUNNING, started_at=step.started_at or now
            )
    except IntegrityError:
        return False
    if started:
        step.status, step.started_at = Status.RUNNING, step.started_at or now
        Run.objects.filter(pk=step.run_id, status__in=[Status.QUEUED, Status.WAITING]).update(status=Status.RUNNING)
        Run.objects.filter(pk=step.run_id, started_at__isnull=True).update(started_at=now)
    return bool(started)


def _seconds_to_next(connection: ShopConnection) -> float | None:
    now = timezone.now()
    waiting = (
        Step.objects.filter(connection=connection, status__in=[Status.QUEUED, Status.RUNNING], not_before__gt=now)
        .order_by("not_before")
        .values_list("not_before", flat=True)
        .first()
    )
    step = None if waiting is None else max((waiting - now).total_seconds(), 0.5)
    if logins.refused(connection):
        return step
    return _soonest(step, inbox.seconds_to_next(connection, now), at_once.seconds_to_next(connection, now))


def _advance(connection: ShopConnection, step: Step, work: Slice) -> None:
    """One unit of work of a step: a page, a chunk, a batch. Every outcome is written down."""
    if logins.refused(connection) and step.run.trigger != Run.Trigger.PERSON:
        with transaction.atomic():
            work.hold.check()
            _stop_run(step, connection.problem or {})
        return
    put_down = partial(_hinder, connection, step, work)
    with bound_contextvars(run=step.run_id, step=step.pk, kind=step.kind), contained(f"step {step.pk}", put_down):
        steps.work_on(setup_of(connection), step, work)
        if work.talking_to == Side.SHOP and logins.refused(connection):
            logins.accept(connection)
        if connection.transport_failures:
            ShopConnection.objects.filter(pk=connection.pk).update(transport_failures=0)
            connection.transport_failures = 0
    step.worked_at = now = timezone.now()
    Step.objects.filter(pk=step.pk).update(worked_at=now)
    tallies.keep(step)
    Run.objects.filter(pk=step.run_id).update(heartbeat_at=now)


def _hinder(connection: ShopConnection, step: Step, work: Slice, error: IntegrationError) -> None:
    if isinstance(error, Transient):
        _put_off(connection, step, work, error)
    else:
        _give_up(connection, step, work, error)


def _put_off(connection: ShopConnection, step: Step, work: Slice, error: Transient) -> None:
    """Later. Three transport failures in a row leave the other system alone for a while; being asked to slow down is
    no failure."""
    with transaction.atomic():
        work.hold.check()
        if not isinstance(error, RateLimited):
            step.attempts += 1
            failures = connection.transport_failures + 1
            ShopConnection.objects.filter(pk=connection.pk).update(transport_failures=failures)
            connection.transport_failures = failures
            if failures >= BACK_OFF_AFTER:
                connection.back_off(timezone.now(), 60)
        data = error_data(error, _side(step, work))
        step.problems = [data]
        if step.attempts >= MOST_STEP_ATTEMPTS:
            finishing.fail(step, data)
            return
        step.not_before = timezone.now() + retry_delay(error, step.attempts)
        step.save(update_fields=["attempts", "problems", "not_before"])


def _give_up(connection: ShopConnection, step: Step, work: Slice, error: IntegrationError) -> None:
    with transaction.atomic():
        work.hold.check()
        side = _side(step, work)
        data = error_data(error, side)
        if isinstance(error, AuthFailed | Unreachable) and side == Side.SHOP:
            connection.problem = logins.told(error, data)
            ShopConnection.objects.filter(pk=connection.pk).update(healthy=False, problem=connection.problem)
        finishing.fail(step, data)
        if side == Side.SHOP and (isinstance(error, AuthFailed) or error.problem.code == Code.SHOP_CHANGED):
            _stop_run(step, data)


def _stop_run(step: Step, found: dict[str, Any]) -> None:
    """A refused login is not tried again by every other step: a shop may lock the account for that. Nor is a shop asked
    by every step that is another one than before."""
    for other in Step.objects.filter(run=step.run_id, status__in=[Status.QUEUED, Status.RUNNING]):
        finishing.fail(other, found)


def _side(step: Step, work: Slice) -> Side:
    """Where an error of this step comes from."""
    if step.phase in (Phase.FETCH_ERP, Phase.FETCH_SHOP):
        return Side.ERP if step.phase == Phase.FETCH_ERP else Side.SHOP
    return work.talking_to or Side.SHOP


def silent(now: datetime) -> list[ShopConnection]:
    """Connections with work that nobody has looked at for a while: their message was lost or their worker died."""
    quiet = Q(nudged_at__isnull=True) | Q(nudged_at__lt=now - timedelta(seconds=settings.SILENT_SECONDS))
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    awake = Q(back_off_until__isnull=True) | Q(back_off_until__lte=now)
    work = Q(pk__in=Step.objects.filter(status__in=[Status.QUEUED, Status.RUNNING]).values("connection"))
    asked = Q(pk__in=Errand.objects.filter(status=Status.QUEUED, shop__isnull=False).values("shop"))
    told = Q(pk__in=InboxEvent.objects.filter(status=InboxEvent.Status.WAITING).values("connection"))
    compare = Q(pk__in=DiscrepancyReport.objects.filter(status__in=storing.WAITING).values("connection"))
    orders = Q(pk__in=lane.due(now)) | Q(pk__in=at_once.due(now).values("connection"))
    done = Q(pk__in=Deed.objects.filter(status__in=deeds.UNDER_WAY).values("connection"))
    return list(ShopConnection.objects.filter(quiet, free, awake, work | asked | told | compare | orders | done))

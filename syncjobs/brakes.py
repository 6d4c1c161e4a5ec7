"""What a plan and its day come to, held against the limits of the connection. The database is the truth: what was
written today is counted from the stored changes."""

from datetime import datetime, time

from django.db.models import Count, Max, Q, QuerySet

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Problem
from shops.models import ShopConnection
from syncjobs.engine.guard import PlanCounts, objections
from syncjobs.models import Change, Run, Step
from syncjobs.models.choices import Action, ChangeStatus
from syncjobs.quiet import POLAND
from syncjobs.setup import Setup

UPDATES = Q(action__in=[Action.UPDATE_SHOP, Action.UPDATE_ERP])
CREATES = Q(action__in=[Action.CREATE_SHOP, Action.CREATE_ERP])
WRITTEN = (ChangeStatus.APPLIED, ChangeStatus.DRIFTED)


def midnight(now: datetime) -> datetime:
    """When the day began by the clock on the wall in Poland, where the clients are."""
    return datetime.combine(now.astimezone(POLAND).date(), time.min, POLAND)


def objections_to(setup: Setup, step: Step, now: datetime) -> tuple[Problem, ...]:
    """Why the sealed plan of this step must wait. A run of what was just bought elsewhere is held by its own size only:
    it is as large as the orders are, and every minute it waits a buyer may order what is sold."""
    alone = step.run.trigger == Run.Trigger.ORDER
    return objections(counts_of(step), setup.limits(), None if alone else day_of(step, now))


def counts_of(step: Step) -> PlanCounts:
    planned = Change.objects.filter(step=step, status=ChangeStatus.PLANNED)
    found = planned.aggregate(
        updates=Count("pk", filter=UPDATES),
        creates=Count("pk", filter=CREATES),
        deletes=Count("pk", filter=Q(action=Action.DELETE_SHOP)),
        deactivations=Count("pk", filter=Q(action=Action.DEACTIVATE_SHOP)),
        zeroed=Count("pk", filter=Q(risk="zero")),
        price_jumps=Count("pk", filter=Q(risk="price_jump")),
    )
    return PlanCounts(linked=step.counts.get("linked", 0), prices=_prices(step, found), **found)


def _prices(step: Step, found: dict[str, int]) -> int:
    return found["updates"] if step.kind == Kind.PRICE else 0


def day_of(step: Step, now: datetime) -> PlanCounts:
    """Writes and deletions of all kinds; elements of the step's own kind, each once, however often it was written."""
    written = written_since(step.connection, begin_of_count(step.connection, now))
    planned = Q(step=step, status=ChangeStatus.PLANNED)
    every = Change.objects.filter(planned | Q(pk__in=written.values("pk")))
    mine = Q(kind=step.kind)
    found = every.aggregate(
        writes=Count("pk"),
        deletes=Count("pk", filter=Q(action=Action.DELETE_SHOP)),
        updates=Count("link", distinct=True, filter=mine & UPDATES),
        deactivations=Count("link", distinct=True, filter=mine & Q(action=Action.DEACTIVATE_SHOP)),
        zeroed=Count("link", distinct=True, filter=mine & Q(risk="zero")),
    )
    return PlanCounts(linked=step.counts.get("linked", 0), prices=_prices(step, found), **found)


def begin_of_count(connection: ShopConnection, now: datetime) -> datetime:
    """Midnight, or when a person last let a held plan go on."""
    held = Step.objects.filter(connection=connection, braked_at__isnull=False, approved_at__gte=midnight(now))
    last: datetime | None = held.aggregate(last=Max("approved_at"))["last"]
    return last or midnight(now)


def written_since(connection: ShopConnection, moment: datetime) -> QuerySet[Change]:
    """What went out unasked since then: a held plan that a person let go on is that person's own."""
    lately = Q(finished_at__isnull=True) | Q(finished_at__gte=moment)
    steps = Step.objects.filter(lately, connection=connection).exclude(
        braked_at__isnull=False, approved_at__isnull=False
    )
    return Change.objects.filter(step__in=steps, status__in=WRITTEN, done_at__gte=moment)

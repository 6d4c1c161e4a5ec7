"""The installation in numbers, for Prometheus. All of them are read from the database when asked, so that every process
answers alike and a restart loses nothing. Clients and shops are named by number only."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from integrator.canonical.kinds import LANES, Kind
from shops.models import ShopConnection
from syncjobs import dead_letters, heartbeat
from syncjobs.health import flows
from syncjobs.models import AlertDelivery, DueOffer, Errand, InboxEvent, OrderTerms, ShopOrder, Step
from syncjobs.models.choices import Status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def page() -> bytes:
    """All metrics in the text format of Prometheus. About two dozen queries, whatever the number of clients."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Installation())
    return generate_latest(registry)


class _Installation(Collector):
    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        yield from (_queue(now), _lag(now), _heartbeat(now), _leases(now), _dead_letters(), *_connections(now))


def _queue(now: datetime) -> Metric:
    """Work that could be done now: whoever is behind shows here first."""
    family = GaugeMetricFamily(
        "integrator_queue_age_seconds",
        "Age of the oldest work that is due and not begun or not gone on with.",
        labels=["work"],
    )
    for work, since in oldest(now).items():
        family.add_metric([work], 0.0 if since is None else max(0.0, (now - since).total_seconds()))
    return family


def oldest(now: datetime) -> dict[str, datetime | None]:
    """By sort of work: since when its oldest piece waits for a worker, None where none does."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    awake = Q(connection__paused=False, connection__client__paused=False)
    steps = Step.objects.filter(due, awake, status__in=[Status.QUEUED, Status.RUNNING])
    hints = InboxEvent.objects.filter(awake, status=InboxEvent.Status.WAITING)
    terms = OrderTerms.objects.filter(due, awake, Q(enabled=True) | Q(back_enabled=True), next_at__lte=now)
    return {
        "step": steps.aggregate(at=Min(Greatest("run__created_at", Coalesce("worked_at", "run__created_at"))))["at"],
        "orders": terms.aggregate(at=Min("next_at"))["at"],
        "hint": hints.aggregate(at=Min("received_at"))["at"],
        "errand": Errand.objects.filter(status=Status.QUEUED).aggregate(at=Min("created_at"))["at"],
        "offer": DueOffer.objects.filter(due, awake).aggregate(at=Min("since"))["at"],
        "alert": AlertDelivery.objects.filter(due, status=AlertDelivery.Status.WAITING).aggregate(at=Min("created_at"))[
            "at"
        ],
    }


def _lag(now: datetime) -> Metric:
    family = GaugeMetricFamily(
        "integrator_lag_seconds", "Since the last success of a flow that is switched on.", labels=["shop", "lane"]
    )
    for shop, lanes in flows(list(ShopConnection.objects.values_list("pk", flat=True))).items():
        for flow in lanes:
            if flow.enabled and flow.last_success is not None:
                family.add_metric([str(shop), str(flow.lane)], (now - flow.last_success).total_seconds())
    return family


def _heartbeat(now: datetime) -> Metric:
    """No sample where no sign was ever left: an alert on absence tells that apart from a late one."""
    seen = heartbeat.last_beat()
    family = GaugeMetricFamily("integrator_scheduler_silence_seconds", "Since the scheduler last gave a sign.")
    if seen is not None:
        family.add_metric([], (now - seen).total_seconds())
    return family


def _leases(now: datetime) -> Metric:
    held = ShopConnection.objects.filter(lease_until__gt=now).count()
    return GaugeMetricFamily("integrator_shops_at_work", "Shop connections that a worker holds now.", value=held)


def _dead_letters() -> Metric:
    family = GaugeMetricFamily(
        "integrator_dead_letters", "Work that was given up and waits for a person.", labels=["work"]
    )
    for work, number in dead_letters.counts().items():
        family.add_metric([work], number)
    return family


def _connections(now: datetime) -> Iterable[Metric]:
    refused = CounterMetricFamily(
        "integrator_throttled", "Calls that a shop refused as too many (429).", labels=["shop"]
    )
    resting = GaugeMetricFamily(
        "integrator_backing_off", "1 while a shop is left alone after failed calls.", labels=["shop"]
    )
    for pk, throttle, until in ShopConnection.objects.values_list("pk", "throttle", "back_off_until"):
        refused.add_metric([str(pk)], int(throttle.get("refusals", 0)))
        resting.add_metric([str(pk)], float(until is not None and until > now))
    return [refused, resting, _open_steps(), _orders()]


def _open_steps() -> Metric:
    family = GaugeMetricFamily("integrator_steps", "Steps of runs that are not over.", labels=["lane", "status"])
    found: dict[tuple[str, str], int] = {}
    open_ones = Step.objects.filter(status__in=[Status.QUEUED, Status.RUNNING, Status.WAITING])
    for kind, status, number in open_ones.values_list("kind", "status").annotate(Count("pk")):
        key = (str(LANES[Kind(kind)]), str(status))
        found[key] = found.get(key, 0) + number
    for (lane, status), number in sorted(found.items()):
        family.add_metric([lane, status], number)
    return family


def _orders() -> Metric:
    family = GaugeMetricFamily("integrator_orders", "Orders that are not finished, by state.", labels=["status"])
    over = [ShopOrder.Status.DONE, ShopOrder.Status.CANCELLED, ShopOrder.Status.IGNORED]
    numbers = dict(ShopOrder.objects.exclude(status__in=over).values_list("status").annotate(Count("pk")))
    for status in ShopOrder.Status:
        if status not in over:
            family.add_metric([str(status)], numbers.get(status, 0))
    return family

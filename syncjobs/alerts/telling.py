"""One round: look, write down what is to be told, send it, forget what is old."""

from datetime import datetime, timedelta

from django.utils import timezone

from syncjobs.alerts.delivering import deliver
from syncjobs.alerts.digest import plan_digests
from syncjobs.alerts.noticing import look
from syncjobs.alerts.planning import plan
from syncjobs.models import Alert, AlertChannel, AlertDelivery, AlertSubscription

KEPT = timedelta(days=30)
PRUNED = 500
"""Rows taken away in one round."""


def tell(now: datetime | None = None, *, from_outside: bool = False) -> None:
    """Tell everybody who wants to be told. Nothing is looked at where nobody does. Two rounds at once do no harm."""
    now = now or timezone.now()
    if AlertSubscription.objects.exists() or AlertChannel.objects.filter(active=True).exists():
        look(now, from_outside=from_outside)
        plan_digests(now)
        plan(now)
    deliver(now)
    forget(now)


def forget(now: datetime) -> None:
    """Take away deliveries, and alerts that are over, after thirty days."""
    before = now - KEPT
    old = AlertDelivery.objects.filter(created_at__lt=before).order_by("created_at").values("pk")[:PRUNED]
    AlertDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    over = Alert.objects.filter(resolved_at__lt=before).values_list("pk", flat=True)[:PRUNED]
    Alert.objects.filter(pk__in=list(over)).delete()

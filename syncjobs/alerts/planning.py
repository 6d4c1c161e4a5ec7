"""Who is told of which alert now: the delivery and the note that it was told are written in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from integrator.accounts.access import clients_of, firms_of
from syncjobs.alerts.rules import SORTS, Event, Noticed, Told, event_of
from syncjobs.models import Alert, AlertChannel, AlertDelivery, AlertNotice, AlertSubscription

MOST = 50
"""Alerts told in one delivery; the others come with the next look."""
BACKLOG = 20
"""Deliveries that may wait for one receiver. Above that nothing is added: it is told once the way is open again."""
OVER_FOR = timedelta(days=2)
"""How long it may still be said that something is over."""


def plan(now: datetime) -> int:
    """Write down whatever is to be told now. The number of deliveries."""
    standing = Q(resolved_at=None) | Q(resolved_at__gte=now - OVER_FOR)
    active = Q(client=None) | Q(client__paused=False)
    alerts = list(Alert.objects.filter(standing, active).select_related("client"))
    if not alerts:
        return 0
    planned = 0
    for channel in AlertChannel.objects.filter(active=True):
        heard = [a for a in alerts if a.firm_id == channel.firm_id and channel.client_id in (None, a.client_id)]
        planned += _tell({"channel": channel}, channel.firm_id, heard, channel.language, now)
    if settings.EMAIL_READY:
        wanted = AlertSubscription.objects.filter(at_once=True, user__is_active=True)
        for subscription in wanted.select_related("user").prefetch_related("muted"):
            for firm, heard in _heard(subscription, alerts).items():
                planned += _tell({"subscription": subscription}, firm, heard, subscription.user.language, now)
    return planned


def audible(subscription: AlertSubscription) -> tuple[set[int], set[int]]:
    """Clients and whole firms of which the person may hear at this moment, without those the person muted."""
    user = subscription.user
    muted = {client.pk for client in subscription.muted.all()}
    clients = set(clients_of(user).values_list("pk", flat=True)) - muted
    return clients, {firm.pk for firm in firms_of(user)}


def _heard(subscription: AlertSubscription, alerts: Sequence[Alert]) -> dict[int, list[Alert]]:
    clients, firms = audible(subscription)
    heard: dict[int, list[Alert]] = defaultdict(list)
    for alert in alerts:
        if alert.client_id in clients or (alert.client_id is None and alert.firm_id in firms):
            heard[alert.firm_id].append(alert)
    return heard


def _tell(who: dict[str, Any], firm: int, alerts: Sequence[Alert], language: str, now: datetime) -> int:
    """`who` is {"channel": ...} or {"subscription": ...}."""
    receiver = next(iter(who.values()))
    if not _chosen(who, alerts, now):
        return 0
    with transaction.atomic():
        # Two looks at the same time would both tell: the second waits here and then finds it told.
        type(receiver)._default_manager.select_for_update().get(pk=receiver.pk)
        open_ones = (AlertDelivery.Status.WAITING, AlertDelivery.Status.SENDING)
        if AlertDelivery.objects.filter(status__in=open_ones, **who).count() >= BACKLOG:
            return 0
        chosen = _chosen(who, alerts, now)
        if not chosen:
            return 0
        items = [item_of(alert, event, language) for alert, event in chosen]
        delivery = AlertDelivery.objects.create(firm_id=firm, items=items, **who)
        delivery.clients.set({alert.client_id for alert, _event in chosen if alert.client_id is not None})
        for alert, event in chosen:
            told = {
                "opening": alert.opened_at,
                "told_at": now,
                "count": alert.count,
                "resolved": event is Event.RESOLVED,
            }
            AlertNotice.objects.update_or_create(alert=alert, defaults=told, **who)
    return 1


def _chosen(who: dict[str, Any], alerts: Sequence[Alert], now: datetime) -> list[tuple[Alert, Event]]:
    terms = next(iter(who.values())).terms
    told = {row.alert_id: row for row in AlertNotice.objects.filter(alert__in=[a.pk for a in alerts], **who)}
    found = [(alert, event_of(_noticed(alert), _told(told.get(alert.pk)), terms, now)) for alert in alerts]
    events = [(alert, event) for alert, event in found if event is not None]
    events.sort(key=lambda pair: (SORTS.index(pair[0].sort), pair[0].since or pair[0].opened_at))
    return events[:MOST]


def _noticed(alert: Alert) -> Noticed:
    return Noticed(
        sort=alert.sort, opened_at=alert.opened_at, count=alert.count, resolved=alert.resolved_at is not None
    )


def _told(notice: AlertNotice | None) -> Told | None:
    if notice is None:
        return None
    return Told(opening=notice.opening, at=notice.told_at, count=notice.count, resolved=notice.resolved)


def item_of(alert: Alert, event: Event, language: str) -> dict[str, Any]:
    """What is told of an alert, as a delivery keeps it."""
    client = alert.client
    return {
        "event": str(event),
        "sort": alert.sort,
        "key": alert.key,
        "client": client.pk if client is not None else None,
        "client_name": client.name if client is not None else "",
        "url": alert.url,
        "since": alert.since.isoformat() if alert.since else None,
        "count": alert.count,
        **alert.texts.get(language, next(iter(alert.texts.values()), {})),
    }

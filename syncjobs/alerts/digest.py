"""One mail a day with everything that waits, for each person over all the clients that the person may see."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from integrator.accounts.access import memberships_of
from integrator.accounts.models import Client
from syncjobs.alerts.noticing import key_of, matters_of, texts_of
from syncjobs.alerts.planning import audible
from syncjobs.alerts.rules import digest_day
from syncjobs.attention import URGENCY, Matter
from syncjobs.models import AlertDelivery, AlertSubscription


def plan_digests(now: datetime) -> int:
    """Write down the digests that are due. The number of mails."""
    if not settings.EMAIL_READY:
        return 0
    wanted = AlertSubscription.objects.filter(digest=True, user__is_active=True)
    planned = 0
    for subscription in wanted.select_related("user").prefetch_related("muted"):
        day = digest_day(subscription.digest_hour, subscription.zone, subscription.last_digest_on, now)
        if day is None:
            continue
        mails = _mails(subscription)
        with transaction.atomic():
            earlier = Q(last_digest_on=None) | Q(last_digest_on__lt=day)
            # Whoever moves the day on writes the mails: two looks at once make one digest.
            if AlertSubscription.objects.filter(earlier, pk=subscription.pk).update(last_digest_on=day):
                planned += _write(subscription, mails)
    return planned


def _mails(subscription: AlertSubscription) -> dict[int, list[dict[str, Any]]]:
    """Items by firm. A firm without any is there all the same where the person wants to hear that all is quiet."""
    allowed, _firms = audible(subscription)
    clients = {c.pk: c for c in Client.objects.filter(pk__in=allowed, paused=False).order_by("name", "id")}
    mails: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if subscription.all_quiet:
        mails.update({member.firm_id: [] for member in memberships_of(subscription.user)})
    with translation.override(subscription.user.language), timezone.override(subscription.zone):
        found = matters_of(clients.values())
    for pk, client in clients.items():
        mails[client.firm_id] += [_item(client, matter) for matter in found.get(pk, [])]
    return {firm: items for firm, items in mails.items() if items or subscription.all_quiet}


def _item(client: Client, matter: Matter) -> dict[str, Any]:
    return {
        "event": "waits",
        "sort": matter.sort,
        "key": key_of(client.pk, matter),
        "client": client.pk,
        "client_name": client.name,
        "url": matter.url,
        "since": matter.since.isoformat() if matter.since else None,
        "count": matter.count,
        **texts_of(matter),
    }


def _write(subscription: AlertSubscription, mails: dict[int, list[dict[str, Any]]]) -> int:
    for firm, items in mails.items():
        items.sort(key=lambda item: URGENCY.index(item["sort"]))
        delivery = AlertDelivery.objects.create(
            firm_id=firm, subscription=subscription, what=AlertDelivery.What.DIGEST, items=items
        )
        delivery.clients.set({item["client"] for item in items})
    return len(mails)


def begin_tomorrow(subscription: AlertSubscription, now: datetime) -> None:
    """After the hour was chosen anew: an hour of today that is over already means tomorrow."""
    day = digest_day(subscription.digest_hour, subscription.zone, None, now)
    subscription.last_digest_on = day

"""The look around: what needs a person by now, compared with what was known, in every language that people read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from integrator.accounts.models import Client, Firm
from integrator.redaction import shorten
from shops.models import ShopConnection
from syncjobs import attention, health, heartbeat
from syncjobs.alerts.rules import SORTS, compare
from syncjobs.attention import Matter
from syncjobs.models import Alert
from wapro.models import WaproConnection

SILENT = timedelta(minutes=5)
"""A queue without a sign for so long is told of: a restart takes less."""
LONGEST = 500
QUEUE = "queue"
Key = tuple[int, str]
"""Firm and key of an alert."""


@dataclass(slots=True)
class Seen:
    """A matter as it stands now."""

    client: Client | None
    sort: str
    texts: dict[str, dict[str, str]]
    url: str = ""
    since: datetime | None = None
    count: int = 1


def matters_of(clients: Iterable[Client]) -> dict[int, list[Matter]]:
    """What needs a person at each client, in the present language: what their home pages show."""
    pks = [client.pk for client in clients]
    shops = list(ShopConnection.objects.filter(client__in=pks).order_by("-is_leading", "id"))
    erps = WaproConnection.objects.filter(client__in=pks)
    return attention.matters(shops, erps, health.latest_steps([shop.pk for shop in shops]))


def texts_of(matter: Matter) -> dict[str, str]:
    """The sentences of a matter, word for word."""
    return {
        "place": place_of(matter.side),
        "title": matter.title,
        "detail": shorten(matter.detail, LONGEST),
        "action": matter.action,
    }


def place_of(side: Any) -> str:
    return side.name if isinstance(side, ShopConnection) else "WAPRO"


def key_of(client: int, matter: Matter) -> str:
    """The same for the same matter, whatever the language, the run or the count."""
    side = matter.side.pk if isinstance(matter.side, ShopConnection) else "erp"
    return f"{matter.sort}:{client}:{side}:{matter.about}"


def look(now: datetime, *, from_outside: bool = False) -> None:
    """Notice what is new, what changed and what is over. `from_outside`: this is no worker, so whether the workers live
    can be judged. Clients that are paused are left as they were."""
    clients = {client.pk: client for client in Client.objects.filter(paused=False).select_related("firm")}
    seen: dict[Key, Seen] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for pk, matters in matters_of(clients.values()).items():
                for matter in matters:
                    if matter.sort in SORTS:
                        _add(seen, clients[pk], matter, language)
    _add_queue(seen, now, from_outside=from_outside)
    with transaction.atomic():
        _store(seen, list(clients), now)


def _add(seen: dict[Key, Seen], client: Client, matter: Matter, language: str) -> None:
    key = client.firm_id, key_of(client.pk, matter)
    row = seen.setdefault(key, Seen(client, matter.sort, {}, matter.url, matter.since, matter.count))
    row.texts[language] = texts_of(matter)


def _add_queue(seen: dict[Key, Seen], now: datetime, *, from_outside: bool) -> None:
    """A worker that looks is itself a sign of life, so only somebody else may begin to say that there is none."""
    last = heartbeat.last_beat()
    if last is None or now - last < SILENT:
        return
    firms = Firm.objects.all()
    if not from_outside:
        open_ones = Alert.objects.filter(key=QUEUE, resolved_at=None)
        firms = firms.filter(pk__in=open_ones.values("firm"))
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = {
                "place": "Integrator",
                "title": _("The queue is silent: nothing is synchronised"),
                "detail": _("Worker and scheduler give no sign. Whoever runs the server has to start them again."),
                "action": _("Look at the clients"),
            }
    for firm in firms:
        seen[firm.pk, QUEUE] = Seen(None, QUEUE, texts, attention.address("firm_home", firm=firm.pk), last)


def _store(seen: dict[Key, Seen], clients: list[int], now: datetime) -> None:
    # Two looks at the same time would both open what is new: the second waits here and finds it opened.
    list(Firm.objects.select_for_update(no_key=True).order_by("id").values_list("pk"))
    known: dict[Key, Alert] = {}
    for alert in Alert.objects.order_by("id"):
        if alert.client_id is None or alert.client_id in clients:
            known[alert.firm_id, alert.key] = alert
    by_name = {f"{firm} {key}": (firm, key) for firm, key in [*known, *seen]}
    found = compare(
        {f"{firm} {key}": alert.resolved_at is None for (firm, key), alert in known.items()},
        [f"{firm} {key}" for firm, key in seen],
    )
    for name in found.opened:
        key = by_name[name]
        _open(key, seen[key], known.get(key), now)
    for name in found.standing:
        _refresh(known[by_name[name]], seen[by_name[name]])
    gone = [known[by_name[name]].pk for name in found.gone]
    Alert.objects.filter(pk__in=gone).update(resolved_at=now)


def _fields(row: Seen) -> dict[str, Any]:
    return {
        "client_id": row.client.pk if row.client is not None else None,
        "sort": row.sort,
        "texts": row.texts,
        "url": row.url[:200],
        "since": row.since,
        "count": row.count,
    }


def _open(key: Key, row: Seen, before: Alert | None, now: datetime) -> None:
    fields = _fields(row) | {"opened_at": now, "resolved_at": None}
    if before is None:
        Alert.objects.create(firm_id=key[0], key=key[1], **fields)
    else:
        Alert.objects.filter(pk=before.pk).update(**fields)


def _refresh(alert: Alert, row: Seen) -> None:
    changed = {name: value for name, value in _fields(row).items() if getattr(alert, name) != value}
    if changed:
        Alert.objects.filter(pk=alert.pk).update(**changed)

"""What is told, as an e-mail and as the body of a webhook."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrator.accounts.models import Firm, User
from integrator.public_address import public_url
from syncjobs.alerts.rules import Event
from syncjobs.models import AlertDelivery
from syncjobs.navigation import address

Item = dict[str, Any]
WORDS = {
    Event.OPENED: gettext_lazy("New"),
    Event.MORE: gettext_lazy("More of it"),
    Event.AGAIN: gettext_lazy("Still so"),
    Event.RESOLVED: gettext_lazy("Over"),
    "waits": gettext_lazy("Waits"),
}
"""What is told of an alert, in a word."""
SORT_WORDS = {
    "down": gettext_lazy("a connection does not work (access data no longer valid, no answer)"),
    "failed": gettext_lazy("a run failed, or not everything went through"),
    "orders": gettext_lazy("orders wait for a person or stand still"),
    "plan": gettext_lazy("a plan waits for approval"),
    "blocked": gettext_lazy("a kind is blocked: something else has to be mended first"),
    "webhooks": gettext_lazy("webhooks of the shop do not come"),
    "queue": gettext_lazy("the queue is silent (people of the whole firm only)"),
    "conflicts": gettext_lazy("fields changed on both sides"),
}
"""What each sort of alert is, for the forms."""

MOST = 200
"""Matters that a mail names; of the others it says how many they are and where."""


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str
    html: str


@dataclass(slots=True)
class Group:
    """One client's part of a mail."""

    name: str
    url: str | None
    rows: list[Item] = field(default_factory=list)


def mail(delivery: AlertDelivery, items: Sequence[Item], user: User) -> Mail:
    """The mail in the reader's language and time zone. `items`: what of the delivery the reader may hear of now."""
    with translation.override(user.language), timezone.override(user.time_zone):
        firm = delivery.firm
        context = {
            "heading": heading(delivery, items),
            "firm": firm,
            "groups": _groups(items[:MOST]),
            "more": max(len(items) - MOST, 0),
            "settings_url": public_url(address("alerts_mine")),
            "home_url": public_url(address("home")),
            "digest": delivery.what == AlertDelivery.What.DIGEST,
            "test": delivery.what == AlertDelivery.What.TEST,
            "user": user,
        }
        return Mail(
            subject=" ".join(subject(delivery, items).split()),
            text=render_to_string("alerts/mail.txt", context).strip() + "\n",
            html=render_to_string("alerts/mail.html", context),
        )


def subject(delivery: AlertDelivery, items: Sequence[Item]) -> str:
    """Whose it is comes first: client and firm, or the firm alone where several clients are concerned."""
    names = sorted({item["client_name"] for item in items if item["client_name"]})
    whose = f"{names[0]} ({delivery.firm.name})" if len(names) == 1 else delivery.firm.name
    return f"{whose}: {heading(delivery, items)}"


def heading(delivery: AlertDelivery, items: Sequence[Item]) -> str:
    """All of it in one line."""
    if delivery.what == AlertDelivery.What.TEST:
        return _("this is a test, alerts will look like this")
    if not items:
        return _("all is quiet, nothing waits")
    if len(items) == 1:
        title = str(items[0]["title"])
        return _("over: %(title)s") % {"title": title} if items[0]["event"] == Event.RESOLVED else title
    standing = sum(1 for item in items if item["event"] != Event.RESOLVED)
    if not standing:
        return ngettext("%(count)s matter is over", "%(count)s matters are over", len(items)) % {"count": len(items)}
    text = ngettext("%(count)s matter waits for a person", "%(count)s matters wait for a person", standing)
    return text % {"count": standing}


def _groups(items: Sequence[Item]) -> list[Group]:
    groups: dict[int | None, Group] = {}
    for item in items:
        pk = item["client"]
        if pk not in groups:
            home = address("client_home", client=pk) if pk is not None else address("home")
            groups[pk] = Group(item["client_name"] or "Integrator", public_url(home))
        groups[pk].rows.append(row_of(item))
    return list(groups.values())


def row_of(item: Item) -> Item:
    """An item with what a page or mail needs to show it."""
    event = item["event"]
    since = parse_datetime(item["since"]) if item.get("since") else None
    return item | {
        "word": str(WORDS.get(event, event)),
        "at": since,
        "link": public_url(item["url"]) if item.get("url") else None,
        "over": event == Event.RESOLVED,
    }


def body(delivery: AlertDelivery, firm: Firm) -> bytes:
    """The JSON of a webhook: the same bytes at every try."""
    told = {
        "id": str(delivery.key),
        "event": str(delivery.what),
        "created_at": _utc(delivery.created_at),
        "firm": {"id": firm.pk, "name": firm.name},
        "alerts": [_told(item) for item in delivery.items],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _told(item: Item) -> Item:
    client = {"id": item["client"], "name": item["client_name"]} if item["client"] is not None else None
    same = {name: item.get(name) for name in ("event", "sort", "key", "place", "title", "detail", "since", "count")}
    return same | {"client": client, "url": public_url(item["url"]) if item.get("url") else None}


def _utc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")

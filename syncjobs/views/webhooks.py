"""The one door without a login, where shops deliver their webhooks, and the page that says how they are."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from integrator.accounts import audit
from integrator.accounts.access import Role, get_or_404
from integrator.public_address import public_host, public_url
from shops.connectors.hooks import ORDER, Subject
from shops.models import ShopConnection
from syncjobs import errands, inbox, webhooks
from syncjobs.models import Errand, InboxEvent, ShopOrder, SnapshotItem, WebhookSetup
from syncjobs.models.choices import OPEN_STATUSES, KindName
from syncjobs.views.people import person

LARGEST = 1024 * 1024
"""Bytes of a delivery. A product with a long description is a tenth of that."""
SHOWN = 50
_NAMED = ("shop_key", "shop_number")
STATUSES = {
    inbox.Received.KEPT: 200,
    inbox.Received.KNOWN: 200,
    inbox.Received.PING: 200,
    # Anything else than success makes shops switch their webhooks off; what is not kept is found by polling.
    inbox.Received.UNKEPT: 200,
    inbox.Received.FORGED: 401,
    inbox.Received.TOO_MANY: 429,
}
LOOKS = {
    InboxEvent.Reason.CHANGED: ("ok", "refresh"),
    InboxEvent.Reason.SAME: ("off", "equal"),
    InboxEvent.Reason.GONE: ("off", "trash"),
    InboxEvent.Reason.UNREAD: ("part", "circle-half-2"),
    InboxEvent.Reason.BROKEN: ("part", "circle-half-2"),
}
"""Colour and icon of what became of a hint; the others were not looked at."""
ORDER_WORDS = {
    InboxEvent.Reason.CHANGED: gettext_lazy("the order is new or has changed: it goes on its way"),
    InboxEvent.Reason.GONE: gettext_lazy("the order is not in the shop any more"),
    InboxEvent.Reason.BROKEN: gettext_lazy("the order cannot be read; it is held with the reason"),
    InboxEvent.Reason.OTHER: gettext_lazy("nothing was ordered yet"),
}
"""What became of a hint at an order, where elements fare otherwise."""


@csrf_exempt
@login_not_required
@require_POST
def deliver(request: HttpRequest, token: str) -> HttpResponse:
    """A delivery of a shop. Its signature is its login; the answer says nothing."""
    known = WebhookSetup.objects.select_related("connection")
    setup = known.defer("connection__credentials", "connection__token").filter(token=token).first()
    if setup is None:
        return HttpResponse(status=404)
    if _length(request) > LARGEST:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return HttpResponse(status=STATUSES[inbox.receive(setup, headers, request.body)])


def _length(request: HttpRequest) -> int:
    """Bytes that are announced; no more than these are read."""
    announced = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(announced) if announced.isdecimal() and len(announced) < 20 else LARGEST + 1


@require_safe
def page(request: HttpRequest, shop: int) -> HttpResponse:
    """How the webhooks of a connection are, and what came through them."""
    connection = get_or_404(request, ShopConnection, shop)
    scheme, setup = webhooks.scheme_of(connection), webhooks.setup_for(connection)
    now = timezone.now()
    recent = InboxEvent.objects.filter(connection=connection, received_at__gte=now - timedelta(hours=24))
    events = InboxEvent.objects.filter(connection=connection).select_related("run").order_by("-received_at", "-id")
    rows = _rows(connection, list(events[:SHOWN]))
    topics = _topics(connection, setup) if setup and setup.on else []
    context = {
        "shop": connection,
        "tab": "webhooks",
        "scheme": scheme,
        "remark": _(scheme.remark) if scheme and scheme.remark else "",
        "setup": setup,
        "topics": topics,
        "missing": any(not topic["hook"] for topic in topics),
        "reachable": bool(public_host()),
        "moved": setup is not None and setup.on and not setup.url.startswith(_base()),
        "revived": setup is not None and setup.revived_at and now - setup.revived_at < webhooks.SHOWN_FOR,
        "rows": rows,
        "last": rows[0]["event"].received_at if rows else None,
        "counts": _counts(recent.values_list("status", "reason")),
        "errand": _under_way(connection),
        "failed": _last_failed(connection),
    }
    return render(request, "syncjobs/webhooks.html", context)


def _base() -> str:
    return public_url("/") or "-"


def _topics(connection: ShopConnection, setup: WebhookSetup) -> list[dict[str, Any]]:
    """Each topic that is asked for, with how the shop last showed it."""
    scheme = webhooks.scheme_of(connection)
    held = {topic: hook for hook in setup.held for topic in hook["topics"]}
    return [
        {"name": topic.name, "about": _about(topic.subject), "hook": held.get(topic.name)}
        for topic in (webhooks.topics_of(connection, scheme) if scheme else ())
    ]


def _about(subject: Subject) -> str:
    return _("orders") if subject == ORDER else str(KindName(subject).label)


def _rows(connection: ShopConnection, events: list[InboxEvent]) -> list[dict[str, Any]]:
    """What came, each with what became of it. Only what is known has a page to lead to."""
    keys = {key for event in events for key in event.keys}
    found = SnapshotItem.objects.filter(shop=connection, key__in=keys).values_list("kind", "key", "label")
    known = {
        (kind, key): (reverse("element", args=[connection.pk, kind, "shop", key]), label) for kind, key, label in found
    }
    orders = ShopOrder.objects.filter(connection=connection, shop_key__in=keys)
    known |= {(ORDER, row.shop_key): (reverse("order", args=[row.pk]), str(row)) for row in orders.only(*_NAMED)}
    return [_look(event) | {"keys": [(key, known.get((event.kind, key))) for key in event.keys]} for event in events]


def _look(event: InboxEvent) -> dict[str, Any]:
    if event.status == InboxEvent.Status.WAITING:
        tone, icon, word = "wait", "clock", _("waits to be looked at")
    else:
        tone, icon = LOOKS.get(InboxEvent.Reason(event.reason), ("off", "minus"))
        words = ORDER_WORDS if event.kind == ORDER else {}
        word = str(words.get(InboxEvent.Reason(event.reason), InboxEvent.Reason(event.reason).label))
    return {"event": event, "tone": tone, "icon": icon, "word": word}


def _counts(rows: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Of the last day: all, those that started a run, those that said nothing new."""
    found = Counter(reason or status for status, reason in rows)
    return {
        "all": found.total(),
        "changed": found[InboxEvent.Reason.CHANGED],
        "same": found[InboxEvent.Reason.SAME],
        "waiting": found[InboxEvent.Status.WAITING],
    }


def _under_way(connection: ShopConnection) -> Errand | None:
    return connection.errands.filter(verb__in=webhooks.VERBS, status__in=OPEN_STATUSES).order_by("-id").first()


def _last_failed(connection: ShopConnection) -> Errand | None:
    """The last attempt, if it did not work."""
    last = connection.errands.filter(verb__in=webhooks.VERBS).exclude(status__in=OPEN_STATUSES).order_by("-id").first()
    return last if last is not None and last.result.get("problem") else None


@require_POST
def switch(request: HttpRequest, shop: int) -> HttpResponse:
    """Have a worker turn the webhooks on or off in the shop, or ask the shop how they are."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    if webhooks.scheme_of(connection) is None:
        raise Http404
    wanted = request.POST.get("turn", "")
    verbs = {
        "on": Errand.Verb.WEBHOOKS_ON,
        "off": Errand.Verb.WEBHOOKS_OFF,
        "look": Errand.Verb.WEBHOOKS_LOOK,
    }
    if wanted == "on" and not public_host():
        messages.error(request, _("Shops cannot reach this panel: its public address is not set."))
    elif wanted in verbs and _under_way(connection) is None:
        errands.request(verbs[wanted], shop=connection, user=person(request))
        if wanted != "look":
            audit.record(person(request), f"shop.webhooks_{wanted}", connection.name, client=connection.client)
    return redirect("webhooks", shop=connection.pk)

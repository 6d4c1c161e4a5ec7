"""The home of a client's owner: is my shop right? In plain words, and with nothing to press that only others may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from integrator.accounts.access import Place, Role
from integrator.accounts.models import Client
from integrator.canonical.kinds import Kind, Lane
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs import attention, health, tallies
from syncjobs.health import Flow
from syncjobs.models import Unlinked
from syncjobs.models.choices import Status
from syncjobs.models.orders import NEEDS_A_LOOK, ShopOrder
from syncjobs.words import in_words
from wapro.models import WaproConnection

IN_WAPRO = (ShopOrder.Status.PLACED, ShopOrder.Status.DONE)
SHOWN = (Lane.ORDERS, Lane.STOCK, Lane.PRICES, Lane.CATALOGUE)


@dataclass(frozen=True, slots=True)
class Line:
    """One answer about the shop: colour, icon, what it is about, one sentence."""

    tone: str
    icon: str
    title: str
    sentence: str


def is_owner(place: Place) -> bool:
    """Somebody who only looks, and only at this client."""
    return place.role == Role.VIEWER and not place.of_firm


def home(request: HttpRequest, client: Client) -> HttpResponse:
    """The answers shop by shop. A fixed number of queries for one shop."""
    now = timezone.now()
    shops = list(ShopConnection.objects.filter(client=client).order_by("-is_leading", "id"))
    for shop in shops:
        shop.client = client
    erps = list(WaproConnection.objects.filter(client=client))
    pks = [shop.pk for shop in shops]
    steps = health.latest_steps(pks)
    flows = health.flows(pks, steps=steps)
    matters = attention.matters(shops, erps, steps).get(client.pk, [])
    known = [flow for of_shop in flows.values() for flow in of_shop if flow.enabled]
    context = {
        "client": client,
        "shops": [_shop(shop, flows[shop.pk], now) for shop in shops],
        "set_up": bool(shops and erps),
        "waiting": len(matters),
        "trouble": _trouble(client, known, matters, now),
        "since": max((flow.last_success for flow in known if flow.last_success), default=None),
        "days": health.together(health.thirty_days(pks, now).values()),
    }
    return render(request, "syncjobs/owner_home.html", context)


def _trouble(client: Client, flows: Iterable[Flow], matters: Iterable[Any], now: datetime) -> bool:
    """Whether the shop may show something wrong, not only that somebody has work to do."""
    return client.paused or any(matter.tone == "fail" for matter in matters) or any(flow.late(now) for flow in flows)


def _shop(shop: ShopConnection, flows: list[Flow], now: datetime) -> dict[str, Any]:
    by_lane = {flow.lane: flow for flow in flows}
    lines = [_line(by_lane[lane], now) for lane in SHOWN if lane in by_lane and lane is not Lane.ORDERS]
    platform = platforms().get(shop.platform)
    orders = _orders(shop, now) if platform is not None and platform.orders else None
    linked = tallies.pairs_of(shop, Kind.PRODUCT)
    alone = Unlinked.objects.filter(connection=shop, kind=Kind.PRODUCT).exclude(state=Unlinked.State.IGNORED).count()
    return {"shop": shop, "lines": lines, "orders": orders, "linked": linked, "alone": alone}


def _line(flow: Flow, now: datetime) -> Line:
    title = flow.name
    worst = flow.worst
    if flow.last_success is None:
        return Line("off", "circle-dashed", title, _("Not switched on yet."))
    when = {"time": in_words(flow.last_success, now)}
    if not flow.enabled:
        return Line("off", "circle-dashed", title, _("Only when somebody starts it. Last right: %(time)s.") % when)
    if worst is not None and worst.status in (Status.FAILED, Status.BLOCKED):
        return Line("fail", "circle-x", title, _("Last right: %(time)s. Since then it does not work.") % when)
    if flow.late(now):
        return Line("part", "clock", title, _("Late. Last right: %(time)s.") % when)
    if worst is not None and worst.status == Status.WAITING:
        return Line("wait", "hourglass", title, _("Waits for a person to approve. Last right: %(time)s.") % when)
    if worst is not None and worst.status == Status.PARTLY:
        return Line(
            "part", "circle-half-2", title, _("Right but for single products. Last looked at: %(time)s.") % when
        )
    return Line("ok", "circle-check", title, _("In the shop as in WAPRO. Last looked at: %(time)s.") % when)


def _orders(shop: ShopConnection, now: datetime) -> dict[str, int]:
    """Today's orders and all that wait for a person."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = ShopOrder.objects.filter(connection=shop, placed_at__gte=midnight)
    counts = today.aggregate(came=Count("pk"), placed=Count("pk", filter=Q(status__in=IN_WAPRO)))
    return {**counts, "look": ShopOrder.objects.filter(connection=shop).filter(NEEDS_A_LOOK).count()}

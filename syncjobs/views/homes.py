"""Where people land: the firm's clients, and one client."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrator.accounts.access import clients_of, firms_of, get_or_404, place_of, role_for
from integrator.accounts.models import RANK, AuditEntry, Client, Firm, Role, User
from integrator.canonical.kinds import Lane
from integrator.canonical.text import fold
from shops.models import ShopConnection
from syncjobs import attention, health
from syncjobs.attention import Matter
from syncjobs.health import Day, Flow
from syncjobs.models import Step
from syncjobs.models.choices import Status
from syncjobs.views import owner
from syncjobs.words import in_words
from wapro.models import WaproConnection

DECISIONS = 5
SHOWN_LANES = (Lane.ORDERS, Lane.STOCK, Lane.PRICES, Lane.CATALOGUE)
NEED = ("fail", "wait", "part", "run", "setup", "ok", "off")
"""Tones of clients in the order of their need."""


@dataclass(slots=True)
class Row:
    """One client on the firm's page."""

    client: Client
    shops: list[ShopConnection] = field(default_factory=list)
    erp: WaproConnection | None = None
    matters: list[Matter] = field(default_factory=list)
    lanes: list[Flow | None] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    running: bool = False
    last_run: datetime | None = None
    last_success: datetime | None = None
    tone: str = "off"
    icon: str = "circle-dashed"
    word: str = ""
    role: str = Role.VIEWER
    """The reader's role at the client."""

    @property
    def implements(self) -> bool:
        return RANK[Role(self.role)] >= RANK[Role.IMPLEMENTER]

    @property
    def testing(self) -> bool:
        """Every connection is a test one."""
        return bool(self.shops) and all(shop.environment == "test" for shop in self.shops)

    @property
    def waits(self) -> list[tuple[Matter, int]]:
        """The two most urgent things, each said once, and how many of the matters it stands for."""
        alike: dict[str, list[Matter]] = {}
        for matter in self.matters:
            alike.setdefault(matter.brief, []).append(matter)
        return [(same[0], len(same)) for same in list(alike.values())[:2]]

    @property
    def waits_more(self) -> int:
        return len(self.matters) - sum(number for _matter, number in self.waits)

    @property
    def need(self) -> tuple[int, float, str]:
        since = min((m.since.timestamp() for m in self.matters if m.since), default=0.0)
        return NEED.index(self.tone), since, self.client.name

    @property
    def group(self) -> str:
        """The filter the row belongs to."""
        groups = {"fail": "attention", "wait": "attention", "part": "attention", "ok": "quiet", "off": "off"}
        return groups.get(self.tone, "setup")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The firm's page for its people, the client's for those of one client, a choice for those of several."""
    user = cast(User, request.user)
    firms = firms_of(user)
    if len(firms) == 1:
        return redirect("firm_home", firm=firms[0].pk)
    clients = clients_of(user)
    only = list(clients[:2])
    if not firms and len(only) == 1:
        return redirect("client_home", client=only[0].pk)
    context = _table(request, clients) | {"firm": None, "firms": firms}
    return render(request, "syncjobs/firm_home.html", context)


@require_safe
def firm_home(request: HttpRequest, firm: int) -> HttpResponse:
    """Every client of the firm: health, what waits, the last thirty days; those in need first."""
    found = get_or_404(request, Firm, firm)
    context = _table(request, found.clients.all()) | {"firm": found}
    return render(request, "syncjobs/firm_home.html", context)


def _table(request: HttpRequest, clients: QuerySet[Client]) -> dict[str, Any]:
    now = timezone.now()
    rows = client_rows(list(clients), now)
    for row in rows:
        row.role = role_for(cast(User, request.user), row.client) or Role.VIEWER
        row.matters = attention.for_role(row.matters, row.role)
    counts = {name: sum(1 for row in rows if row.group == name) for name in ("attention", "setup", "quiet", "off")}
    wanted, words = request.GET.get("show", ""), fold(request.GET.get("q", ""))
    shown = [
        row for row in rows if (not wanted or row.group == wanted) and (not words or words in fold(_searched(row)))
    ]
    shops = [shop for row in rows for shop in row.shops]
    lates = [(flow, row) for row in rows for flow in row.lanes if flow and flow.enabled and flow.last_success]
    oldest = min(lates, key=lambda pair: cast(datetime, pair[0].last_success), default=None)
    return {
        "rows": shown,
        "counts": counts,
        "total": len(rows),
        "shop_count": len(shops),
        "wanted": wanted,
        "q": request.GET.get("q", ""),
        "now": now,
        "today": health.written_since([shop.pk for shop in shops], _midnight(now)),
        "oldest": oldest,
        "decisions": sum(m.count for row in rows for m in row.matters if m.tone == "wait"),
        "decision_since": min(
            (m.since for row in rows for m in row.matters if m.tone == "wait" and m.since), default=None
        ),
    }


def _searched(row: Row) -> str:
    return " ".join([row.client.name, *(shop.address for shop in row.shops), *(shop.name for shop in row.shops)])


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def client_rows(clients: Sequence[Client], now: datetime) -> list[Row]:
    """One row per client, those in need first. A fixed number of queries."""
    rows = {client.pk: Row(client) for client in clients}
    shops = list(ShopConnection.objects.filter(client__in=rows).order_by("-is_leading", "id"))
    for shop in shops:
        rows[shop.client_id].shops.append(shop)
    for erp in WaproConnection.objects.filter(client__in=rows):
        rows[erp.client_id].erp = erp
    steps = health.latest_steps([shop.pk for shop in shops])
    found = attention.matters(shops, [row.erp for row in rows.values() if row.erp], steps)
    lanes = health.flows([shop.pk for shop in shops], steps=steps)
    strips = health.thirty_days([shop.pk for shop in shops], now)
    for row in rows.values():
        row.matters = found.get(row.client.pk, [])
        row.lanes = [_slowest(row.shops, lanes, lane) for lane in SHOWN_LANES]
        row.days = health.together([strips[shop.pk] for shop in row.shops])
        _judge(row, [step for step in steps if any(step.connection_id == shop.pk for shop in row.shops)], lanes)
    return sorted(rows.values(), key=lambda row: row.need)


def _slowest(shops: list[ShopConnection], lanes: dict[int, list[Flow]], lane: Lane) -> Flow | None:
    """The client's lane is as late as its latest shop."""
    found = [flow for shop in shops for flow in lanes[shop.pk] if flow.lane == lane and flow.last_success]
    return min(found, key=lambda flow: cast(datetime, flow.last_success), default=None)


def _last_success(flows: Iterable[Flow]) -> datetime | None:
    """Of runs: orders are looked for every few minutes, which says nothing about elements."""
    return max(
        (flow.last_success for flow in flows if flow.last_success and flow.lane is not Lane.ORDERS), default=None
    )


def _judge(row: Row, steps: list[Step], lanes: dict[int, list[Flow]]) -> None:
    """Tone, icon and word of a client's state."""
    row.last_success = _last_success(flow for shop in row.shops for flow in lanes[shop.pk])
    row.last_run = max((step.run.created_at for step in steps), default=None)
    row.running = any(step.status == Status.RUNNING for step in steps)
    sorts = {matter.sort for matter in row.matters}
    if row.client.paused:
        look = ("off", "player-pause", _("Paused"))
    elif "down" in sorts:
        look = ("fail", "circle-x", _("No connection"))
    elif any(matter.tone == "fail" for matter in row.matters):
        look = ("fail", "circle-x", _("Error"))
    elif "plan" in sorts:
        look = ("wait", "hourglass", _("Waits for approval"))
    elif any(matter.tone == "part" for matter in row.matters):
        look = ("part", "circle-half-2", _("Partly"))
    elif sorts - {"setup", "blocked"}:
        look = ("wait", "hourglass", _("Waits for a decision"))
    elif not row.shops or row.erp is None or "setup" in sorts or row.last_success is None:
        look = ("setup", "circle-dashed", _("In set-up"))
    elif row.running:
        look = ("run", "loader-2", _("Running"))
    else:
        look = (
            "ok",
            "circle-check",
            _("In step since %(time)s") % {"time": in_words(row.last_success, timezone.now())},
        )
    row.tone, row.icon, row.word = look


@require_safe
def client_home(request: HttpRequest, client: int) -> HttpResponse:
    """One client: what needs a person, how each flow does, the last thirty days, what was decided lately."""
    found = get_or_404(request, Client, client)
    if owner.is_owner(place_of(request)):
        return owner.home(request, found)
    now = timezone.now()
    shops = list(ShopConnection.objects.filter(client=found).order_by("-is_leading", "id"))
    for shop in shops:
        shop.client = found
    erp = WaproConnection.objects.filter(client=found).first()
    pks = [shop.pk for shop in shops]
    steps = health.latest_steps(pks)
    lanes = health.flows(pks, steps=steps)
    health.add_sparks(lanes, now)
    days = health.together(health.thirty_days(pks, now).values())
    matters = attention.matters(shops, [erp] if erp else [], steps).get(found.pk, [])
    context = {
        "client": found,
        "erp": erp,
        "shops": shops,
        "single": shops[0] if len(shops) == 1 else None,
        "matters": attention.for_role(matters, getattr(request, "place").role),  # noqa: B009
        "waiting": [step for step in steps if step.status == Status.WAITING],
        "lanes": [(shop, lanes[shop.pk]) for shop in shops],
        "last_success": _last_success(flow for found_lanes in lanes.values() for flow in found_lanes),
        "running": [step for step in steps if step.status == Status.RUNNING],
        "days": days,
        "hours_back": health.HOURS,
        "today": health.written_since(pks, _midnight(now)),
        "decisions": AuditEntry.objects.filter(client=found).select_related("user")[:DECISIONS],
        "now": now,
    }
    return render(request, "syncjobs/client_home.html", context)

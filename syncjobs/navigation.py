"""What the sidebar shows for where a request stands. A fixed number of small queries, whatever the client's size."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from integrator.accounts.access import Place, Role, clients_of, firms_of
from integrator.accounts.models import Client
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs import heartbeat
from syncjobs.models import Conflict, Step, Unlinked
from syncjobs.models.choices import Status
from syncjobs.models.orders import NEEDS_A_LOOK, ShopOrder
from wapro.models import WaproConnection

HOME = "layout-dashboard"
"""Icon of the pages above all others, which are the present one only when they are it exactly."""
Line = tuple[str, str, str, int | None, str]
"""Label, address, icon, count and tone of an item."""
SWITCHER = 12
"""Clients named in the switcher; the rest are on the firm's page."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the navigation."""

    label: str
    url: str
    icon: str = ""
    count: int | None = None
    tone: str = ""
    current: bool = False
    side: Any = None
    note: str = ""


def address(name: str, **params: Any) -> str:
    """The address of a page, empty while no such page exists."""
    try:
        return reverse(name, kwargs=params or None)
    except NoReverseMatch:
        return ""


def shop_of(place: Place | None) -> ShopConnection | None:
    """The shop connection that the page is about, if it is about one."""
    target: Any = None if place is None else place.target
    for candidate in (target, getattr(target, "connection", None), getattr(target, "shop", None)):
        if isinstance(candidate, ShopConnection):
            return candidate
    return None


def sidebar(request: HttpRequest) -> dict[str, Any]:
    """Context of `parts/sidebar.html`."""
    place: Place | None = getattr(request, "place", None)
    user: Any = request.user
    client = place.client if place else None
    firms = firms_of(user)
    firm = place.firm if place else (firms[0] if firms else None)
    clients = list(clients_of(user)[: SWITCHER + 1])
    context = {
        "client": client,
        "firm": firm,
        "firms": firms,
        "of_firm": firm in firms,
        "clients": clients[:SWITCHER],
        "more_clients": len(clients) > SWITCHER,
        "client_count": clients_of(user).count() if len(clients) > SWITCHER else len(clients),
        "groups": [],
        **queue(),
    }
    here = request.path
    if client is not None and place is not None:
        only_looks = place.role == Role.VIEWER and not place.of_firm
        groups = owner_groups if only_looks else client_groups
        context["groups"] = groups(client, shop_of(place), here)
    elif firm is not None and firm in firms:
        context["groups"] = [("", firm_items(firm.pk, here, int(str(context["client_count"]))))]
    return context


def firm_items(firm: int, here: str, clients: int) -> list[Item]:
    rows = [
        (_("Clients"), "firm_home", "layout-dashboard", clients),
        (_("People and roles"), "firm_people", "users", None),
        (_("Decisions"), "firm_audit", "notebook", None),
        (_("Alerts"), "firm_alerts", "bell", None),
        (_("Stop all writing"), "firm_stop", "hand-stop", None),
    ]
    return _items([(label, address(name, firm=firm), icon, count, "") for label, name, icon, count in rows], here)


def client_groups(client: Client, shop: ShopConnection | None, here: str) -> list[tuple[str, list[Item]]]:
    """The client's pages, those of one shop (the one the page is about, else the leading or first one), connections."""
    shops = list(ShopConnection.objects.filter(client=client).order_by("-is_leading", "id"))
    erp = WaproConnection.objects.filter(client=client).first()
    shop = shop or (shops[0] if shops else None)
    overview = _items([(_("Overview"), address("client_home", client=client.pk), "layout-dashboard", None, "")], here)
    groups = [("", overview)]
    if shop is not None:
        items = shop_items(shop, here)
        groups.append((shop.name if len(shops) > 1 else "", items))
    groups.append((_("Connections"), connection_items(client, erp, shops, here)))
    access: list[Line] = [
        (_("People and roles"), address("client_people", client=client.pk), "users", None, ""),
        (_("Decisions"), address("client_audit", client=client.pk), "notebook", None, ""),
        (_("Alerts"), address("client_alerts", client=client.pk), "bell", None, ""),
        (_("Given up"), address("client_dead", client=client.pk), "circle-x", None, ""),
        (_("Stop all writing"), address("client_stop", client=client.pk), "hand-stop", None, ""),
        (_("Buyers' data"), address("client_buyers", client=client.pk), "user-circle", None, ""),
    ]
    groups.append((_("Client"), _items(access, here)))
    return [(title, items) for title, items in groups if items]


def owner_groups(client: Client, shop: ShopConnection | None, here: str) -> list[tuple[str, list[Item]]]:
    """What a client's owner reads: no page that is only there to do something."""
    shops = list(ShopConnection.objects.filter(client=client).order_by("-is_leading", "id"))
    rows: list[Line] = [(_("Overview"), address("client_home", client=client.pk), HOME, None, "")]
    for one in shops:
        known = platforms().get(one.platform)
        name = f" · {one.name}" if len(shops) > 1 else ""
        if known is not None and known.orders:
            rows.append((_("Orders") + name, address("orders", shop=one.pk), "shopping-cart", None, ""))
        rows.append((_("Products") + name, address("links", shop=one.pk, kind="product"), "box", None, ""))
    rows.append((_("Decisions"), address("client_audit", client=client.pk), "notebook", None, ""))
    return [("", _items(rows, here))]


def shop_items(shop: ShopConnection, here: str) -> list[Item]:
    waiting = Unlinked.objects.filter(connection=shop).exclude(state=Unlinked.State.IGNORED).count()
    conflicts = Conflict.objects.filter(connection=shop, status=Conflict.Status.OPEN).count()
    plans = Step.objects.filter(connection=shop, status=Status.WAITING).count()
    rows = [
        (_("Unlinked"), "unlinked", "unlink", waiting, "w"),
        (_("Conflicts"), "conflicts", "arrows-diff", conflicts, "w"),
        (_("Runs"), "runs", "history", plans, "w"),
        (_("Options of synchronisation"), "options", "adjustments-horizontal", None, ""),
        (_("Mappings"), "mapping", "route", None, ""),
        (_("Set-up"), "setup", "list-check", None, ""),
    ]
    lines: list[Line] = [(label, address(name, shop=shop.pk), icon, n, tone) for label, name, icon, n, tone in rows]
    links = address("links", shop=shop.pk, kind="product")
    lines.insert(2, (_("Links"), links, "link", None, ""))
    lines.insert(3, (_("Discrepancies"), address("discrepancies", shop=shop.pk), "equal-not", None, ""))
    known = platforms().get(shop.platform)
    if known is not None and known.orders:
        looks = ShopOrder.objects.filter(connection=shop).filter(NEEDS_A_LOOK).count()
        lines.insert(0, (_("Orders"), address("orders", shop=shop.pk), "shopping-cart", looks, "w"))
    return _items(lines, here)


def connection_items(client: Client, erp: WaproConnection | None, shops: list[ShopConnection], here: str) -> list[Item]:
    items = []
    if erp is not None:
        url = address("erp", erp=erp.pk)
        items.append(_connection_item(erp.name, url, here, "erp", erp.checks, erp.environment))
    for shop in shops:
        url = address("shop", shop=shop.pk)
        items.append(_connection_item(shop.name, url, here, shop, shop.checks, shop.environment))
    return items


def _connection_item(name: str, url: str, here: str, side: Any, checks: list[dict[str, Any]], env: str) -> Item:
    failed = sum(1 for check in checks if check.get("verdict") == "failed")
    note = _("test") if env == "test" and not failed else ""
    own = (url, f"{url}settings/", f"{url}access/")
    return Item(name, url, count=failed or None, tone="f", current=here in own, side=side, note=note)


def _items(rows: list[Line], here: str) -> list[Item]:
    known = [row for row in rows if row[1]]
    return [
        Item(
            label,
            url,
            icon,
            count or None,
            tone if count else "",
            here == url or (icon != HOME and here.startswith(url)),
        )
        for label, url, icon, count, tone in known
    ]


def queue() -> dict[str, Any]:
    """Whether the scheduler gives signs of life. Nothing is claimed where no sign was ever left."""
    seen = heartbeat.last_beat()
    return {"queue_seen": seen, "queue_alive": heartbeat.lives(seen), "queue_lost": heartbeat.is_lost(seen)}

"""What brakes have a person do: a stop that stands, orders beyond the limit of the day, whoever else writes a field."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrator.accounts.models import Client, Role
from shops.models import ShopConnection
from syncjobs import stops
from syncjobs.explain import explain
from syncjobs.fields import field_label
from syncjobs.matters import Matter
from syncjobs.models import Conflict, Rival, Stop
from syncjobs.models.choices import KindName, Side
from syncjobs.navigation import address
from syncjobs.orders import brake

SHOWN_FOR = timedelta(days=2)
"""So long after a rival was last seen it is told of: a kind may run once a day."""


def stopped(shops: Sequence[ShopConnection]) -> list[tuple[int, Matter]]:
    """Stops that stand, by client: one that a firm has pressed is told at each of its clients."""
    clients = {shop.client_id for shop in shops}
    if not clients:
        return []
    mine = Q(client__in=clients) | Q(client=None, firm__in=Client.objects.filter(pk__in=clients).values("firm"))
    standing = list(
        Stop.objects.filter(mine, released_at=None).select_related("by", "client", "connection").order_by("id")
    )
    if not standing:
        return []
    firms = dict(Client.objects.filter(pk__in=clients).values_list("pk", "firm_id"))
    found = []
    for stop in standing:
        at = [stop.client_id] if stop.client_id is not None else [pk for pk in clients if firms[pk] == stop.firm_id]
        found += [(pk, _stop(stop, pk)) for pk in at]
    return found


def _stop(stop: Stop, client: int) -> Matter:
    if stop.connection is not None:
        title = _("%(name)s: all writing is stopped") % {"name": stop.connection.name}
        url = address("shop_stop", shop=stop.connection_id)
    else:
        title = _("All writing is stopped") if stop.client_id else _("All writing of the firm is stopped")
        url = address("client_stop", client=client)
    # What a firm noted as its reason may be about another client.
    why = f": {stop.reason}" if stop.reason and stop.client_id is not None else ""
    return Matter(
        sort="down",
        tone="block",
        icon="hand-stop",
        word=_("Stopped"),
        title=title,
        detail=_("Pressed by %(who)s%(why)s. Orders are received and wait.") % {"who": stops.who(stop), "why": why},
        side=stop.connection if stop.connection is not None else "erp",
        since=stop.at,
        url=url,
        action=_("See the stop"),
        brief=_("writing is stopped"),
        about=f"stop-{'firm' if stop.client_id is None else 'here'}",
    )


def noticed(shops: Mapping[int, ShopConnection]) -> list[tuple[Matter, ShopConnection]]:
    """Orders held by the limit of the day, and rivals seen lately."""
    now = timezone.now()
    found = []
    for terms, objection in brake.held(shops, now):
        shop = shops[terms.connection_id]
        told = explain(objection, connection=shop)
        found.append((_orders(shop, told.sentence), shop))
    rivals = list(Rival.objects.filter(connection__in=list(shops)).order_by("id"))
    held = _contested(shops) if rivals else {}
    for rival in rivals:
        count = held.get((rival.connection_id, rival.kind, rival.field), 0)
        if count or rival.last_at >= now - SHOWN_FOR:
            shop = shops[rival.connection_id]
            found.append((_rival(rival, shop, count or rival.elements), shop))
    return found


def _contested(shops: Mapping[int, ShopConnection]) -> dict[tuple[int, str, str], int]:
    """Fields that wait for a person because something else overwrites them: how many by shop, kind and field."""
    rows = Conflict.objects.filter(connection__in=list(shops), status=Conflict.Status.OPEN, rounds__gt=0)
    counted = rows.values_list("connection", "kind", "field").annotate(n=Count("id")).order_by()
    return {(pk, kind, field): count for pk, kind, field, count in counted}


def _orders(shop: ShopConnection, told: str) -> Matter:
    return Matter(
        sort="orders",
        tone="wait",
        icon="alert-triangle",
        word=_("Brake"),
        title=_("%(name)s: more orders than the limit of a day") % {"name": shop.name},
        detail=told,
        side=shop,
        url=address("limits", shop=shop.pk),
        action=_("Let them go on"),
        brief=_("limit of orders"),
        about="limit",
    )


def _rival(rival: Rival, shop: ShopConnection, elements: int) -> Matter:
    where = shop.name if rival.side == Side.SHOP else "WAPRO"
    label = field_label(rival.field)
    names = {"field": label, "where": where, "count": elements, "times": rival.rounds}
    counted = ngettext(
        "%(count)s element; our value was overwritten up to %(times)s times in a row.",
        "%(count)s elements; our values were overwritten up to %(times)s times in a row.",
        elements,
    )
    if rival.kind == KindName.STOCK:
        rest = _("Stock is still written, lest what is sold out be sold; find who else writes it.")
    else:
        rest = _("These fields are not written any more until you decide. The system does not tell who it is.")
    return Matter(
        sort="failed",
        tone="wait",
        icon="arrows-diff",
        word=_("Rival"),
        title=_("%(field)s is written in %(where)s by something else too") % {**names, "field": capfirst(label)},
        detail=f"{counted % names} {rest}",
        side=shop,
        since=rival.since,
        url=f"{address('conflicts', shop=shop.pk)}?kind={rival.kind}",
        action=_("Look at them"),
        count=max(elements, 1),
        brief=_("somebody else writes %(field)s") % names,
        about=f"rival-{rival.kind}-{rival.field}-{rival.side}",
        acts=Role.OPERATOR,
    )

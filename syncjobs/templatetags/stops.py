"""The banner of every page of a client whose writing is stopped."""

from typing import Any

from django import template
from django.db.models import Model
from django.template.context import RequestContext

from integrator.accounts.access import Place
from shops.models import ShopConnection
from syncjobs import stops

register = template.Library()


def _shop_of(target: Model) -> int | None:
    """The shop that a page is about, by its own row or by one of its rows."""
    if isinstance(target, ShopConnection):
        return target.pk
    found: int | None = getattr(target, "connection_id", None)
    return found


@register.inclusion_tag("parts/stops.html", takes_context=True)
def stop_banner(context: RequestContext) -> dict[str, Any]:
    """Every stop that concerns what the page is about; nothing where no tenant is concerned."""
    place: Place | None = getattr(context.get("request"), "place", None)
    found = [] if place is None else stops.seen_from(place.firm, place.client)
    # The page of a stop says it in full itself, and a page of one shop is not concerned by the stop of another.
    shop = _shop_of(place.target) if place is not None else None
    found = [
        one
        for one in found
        if one != context.get("here") and (shop is None or one.connection_id is None or one.connection_id == shop)
    ]
    of_firm = place is not None and place.of_firm
    # What a firm noted as its reason may be about another client.
    rows = [(one, stops.who(one), one.reason if one.client_id is not None or of_firm else "") for one in found]
    return {"stops": rows, "place": place}

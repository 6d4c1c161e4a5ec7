"""The banner of every page of a client whose writing is stopped."""

from typing import Any

from django import template
from django.template.context import RequestContext

from integrator.accounts.access import Place
from syncjobs import stops

register = template.Library()


@register.inclusion_tag("parts/stops.html", takes_context=True)
def stop_banner(context: RequestContext) -> dict[str, Any]:
    """Every stop that concerns what the page is about; nothing where no tenant is concerned."""
    place: Place | None = getattr(context.get("request"), "place", None)
    found = [] if place is None else stops.seen_from(place.firm, place.client)
    # The page of a stop says it in full itself.
    found = [one for one in found if one != context.get("here")]
    of_firm = place is not None and place.of_firm
    # What a firm noted as its reason may be about another client.
    rows = [(one, stops.who(one), one.reason if one.client_id is not None or of_firm else "") for one in found]
    return {"stops": rows, "place": place}

"""What the pages of orders say about a piece being sold twice."""

from typing import Any

from shops.models import ShopConnection
from syncjobs.models.orders import OrderTerms
from syncjobs.orders.measuring import measure
from syncjobs.views.orders_words import quantity


def exposure_shown(connection: ShopConnection, terms: OrderTerms) -> dict[str, Any]:
    """Context of `syncjobs/orders_exposure.html`."""
    found = measure(connection, terms)
    return {
        "measured": found,
        "times": found.exposure,
        "pieces": quantity(found.pieces) if found.pieces else "",
        "thin": [(one, quantity(one.stock_buffer)) for one in found.thin],
    }

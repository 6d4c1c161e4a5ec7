"""The timeline of an order: what happened, on which side, with the exact call where there was one."""

from typing import Any

from django.utils import timezone

from integrator.accounts.models import User
from integrator.canonical.side import Exchange
from syncjobs.models.orders import OrderEvent, ShopOrder

Side = OrderEvent.Side


def note(
    order: ShopOrder,
    side: str,
    verb: str,
    *,
    exchange: Exchange | None = None,
    user: User | None = None,
    **data: Any,
) -> OrderEvent:
    """Not saved yet when the order is not: `save` with the order, in one transaction."""
    if exchange is not None:
        data["exchange"] = {"request": exchange.request[:4000], "answer": exchange.answer[:4000]}
    return OrderEvent(order=order, at=timezone.now(), side=side, verb=verb, data=data, user=user)

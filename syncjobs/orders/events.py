"""The timeline of an order: what happened, on which side, with the exact call where there was one."""

from typing import Any

from django.utils import timezone

from integrator.accounts.models import User
from integrator.canonical.side import Exchange
from syncjobs.models.orders import OrderEvent, ShopOrder

Side = OrderEvent.Side
MOST = 4000
"""Characters of a request or an answer that are kept."""


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
        data["exchange"] = {"request": _short(exchange.request), "answer": _short(exchange.answer)}
    return OrderEvent(order=order, at=timezone.now(), side=side, verb=verb, data=data, user=user)


def _short(text: str) -> str:
    """What is left out is said: an order of many lines takes many calls."""
    return text if len(text) <= MOST else f"{text[:MOST]}… (+{len(text) - MOST})"

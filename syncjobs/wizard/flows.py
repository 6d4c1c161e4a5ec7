"""What can flow between a shop and WAPRO, each with its own switch, and the stages in which it is switched on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from integrator.canonical.kinds import REFERENCE_KINDS, Kind


class Flow(StrEnum):
    ORDERS = "orders"
    STOCK = "stock"
    PRICES = "prices"
    PRODUCTS = "products"
    SHIPMENTS = "shipments"
    STATUSES = "statuses"
    PAYMENTS = "payments"
    DOCUMENTS = "documents"


class Stage(StrEnum):
    """In the order they open."""

    ORDERS = "orders"
    STOCK = "stock"
    SHIPMENTS = "shipments"
    DOCUMENTS = "documents"


KINDS: Mapping[Flow, tuple[Kind, ...]] = {
    Flow.STOCK: (Kind.STOCK,),
    Flow.PRICES: (Kind.PRICE,),
    Flow.PRODUCTS: (*REFERENCE_KINDS, Kind.PRODUCT, Kind.IMAGE),
}
"""Kinds of elements that a flow runs."""
BACK = (Flow.SHIPMENTS, Flow.STATUSES, Flow.PAYMENTS, Flow.DOCUMENTS)
"""What the shop is told of its orders."""
OF_ORDERS = (Flow.ORDERS, *BACK)
STAGES: Mapping[Stage, tuple[Flow, ...]] = {
    Stage.ORDERS: (Flow.ORDERS,),
    Stage.STOCK: (Flow.STOCK, Flow.PRICES, Flow.PRODUCTS),
    Stage.SHIPMENTS: (Flow.SHIPMENTS, Flow.STATUSES, Flow.PAYMENTS),
    Stage.DOCUMENTS: (Flow.DOCUMENTS,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowState:
    """One flow as it is set. `wanted`: agreed on; `on`: it runs by itself; `interval` in minutes, 0 for at once."""

    flow: Flow
    offered: bool = True
    wanted: bool = False
    on: bool = False
    interval: int = 60
    quiet_from: time | None = None
    quiet_to: time | None = None


def stage_of(flow: Flow) -> Stage:
    return next(stage for stage, flows in STAGES.items() if flow in flows)

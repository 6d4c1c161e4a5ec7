"""Kinds of elements, the order in which they depend on each other, and the lane each travels in."""

from enum import StrEnum


class Kind(StrEnum):
    UNIT = "unit"
    TAX_RATE = "tax_rate"
    PRODUCER = "producer"
    CATEGORY = "category"
    PRODUCT = "product"
    GROUP = "group"
    """A shop's parent of variants. Read and shown, never matched to an ERP card."""
    IMAGE = "image"
    PRICE = "price"
    STOCK = "stock"


class Lane(StrEnum):
    """Queues of work of one connection, most urgent first. A slow lane never delays a fast one by more than a slice."""

    INTERACTIVE = "interactive"
    ORDERS = "orders"
    STOCK = "stock"
    PRICES = "prices"
    CATALOGUE = "catalogue"
    IMAGES = "images"


REFERENCE_KINDS = (Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY)
"""Kinds that products point to. Many ERP elements of these may lead to one shop element."""

SYNC_KINDS = (*REFERENCE_KINDS, Kind.PRODUCT, Kind.STOCK, Kind.PRICE, Kind.IMAGE)
"""Kinds with options and steps of their own, in the order a run goes through them."""

PRODUCT_STATE_KINDS = (Kind.PRICE, Kind.STOCK)
"""Kinds that use the product's link: they have settings, lane and settled state of their own, but no b) and no d)."""

REFERENCE_FIELDS = {
    "unit": Kind.UNIT,
    "tax_rate": Kind.TAX_RATE,
    "producer": Kind.PRODUCER,
    "category": Kind.CATEGORY,
}
"""Product fields that hold a key of another kind on the same side."""

GATES: dict[Kind, tuple[Kind, ...]] = {
    Kind.PRODUCT: REFERENCE_KINDS,
    Kind.IMAGE: (Kind.PRODUCT,),
}
"""Kinds whose latest run must have ended with no error before b-d of the key may run (product rules 2 and 3)."""

LANES: dict[Kind, Lane] = {
    Kind.STOCK: Lane.STOCK,
    Kind.PRICE: Lane.PRICES,
    Kind.IMAGE: Lane.IMAGES,
    **dict.fromkeys((*REFERENCE_KINDS, Kind.PRODUCT, Kind.GROUP), Lane.CATALOGUE),
}

"""What a new shop sells with: states of orders, gateways, methods of delivery within zones."""

from collections.abc import Iterator

from shops.simulation.tables import Row

STATUSES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}
GATEWAYS: list[Row] = [
    {"id": "bacs", "title": "Przelew bankowy", "enabled": True, "method_title": "Direct bank transfer"},
    {"id": "cheque", "title": "Czek", "enabled": False, "method_title": "Check payments"},
    {"id": "cod", "title": "Za pobraniem", "enabled": True, "method_title": "Cash on delivery"},
    {"id": "przelewy24", "title": "Szybkie płatności", "enabled": True, "method_title": "Przelewy24"},
]
ZONES: list[Row] = [
    {"id": 0, "name": "Locations not covered by your other zones", "order": 0, "methods": []},
    {
        "id": 1,
        "name": "Polska",
        "order": 0,
        "methods": [
            {"instance_id": 1, "method_id": "flat_rate", "title": "Kurier DPD", "cost": "12.195122"},
            {"instance_id": 2, "method_id": "flat_rate", "title": "Paczkomat InPost", "cost": "9.99"},
            {"instance_id": 3, "method_id": "local_pickup", "title": "Odbiór osobisty", "cost": "0"},
        ],
    },
]
"""Costs are net."""


def methods(zones: list[Row]) -> Iterator[tuple[int, Row]]:
    """Each method with the zone it belongs to; `key` is what orders name it by."""
    for zone in zones:
        for one in zone["methods"]:
            yield zone["id"], {**one, "key": f"{one['method_id']}:{one['instance_id']}"}

"""Facts about one element for those who look closer: what was read, its cards in WAPRO, the orders that hold it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Sum

from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs.models import OrderPromise, SnapshotItem
from syncjobs.models.choices import Side

MOST_PROMISES = 20
TABLES = {
    Kind.PRODUCT: ("ARTYKUL", "ID_ARTYKULU", "INDEKS_KATALOGOWY", "GUID_ARTYKUL"),
}
"""Where WAPRO keeps a kind: table, and the columns of the aliases `id`, `index`, `guid`."""


@dataclass(frozen=True, slots=True)
class Promises:
    """Orders that hold stock of a product, the newest first, and what all of them come to."""

    rows: list[OrderPromise]
    count: int
    quantity: Any

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def promises_of(connection: ShopConnection, product: str) -> Promises | None:
    """None without a WAPRO connection: nothing can be promised there."""
    erp = getattr(connection.client, "erp", None)
    if erp is None:
        return None
    held = OrderPromise.objects.filter(erp=erp, ended_at=None, product=product)
    sums = held.aggregate(n=Count("pk"), sum=Sum(F("quantity") - F("issued")))
    rows = held.select_related("order__connection").order_by("-pk")[:MOST_PROMISES]
    return Promises(list(rows) if sums["n"] else [], sums["n"], sums["sum"] or 0)


def raw(items: Mapping[tuple[str, str], SnapshotItem]) -> list[tuple[str, str, str]]:
    """(side, kind, record) as each side was read, before fields are compared: keys, all prices, all warehouses."""
    return [
        (side, kind, json.dumps(item.record, ensure_ascii=False, indent=2, sort_keys=True))
        for (side, kind), item in sorted(items.items())
    ]


def cards(item: SnapshotItem | None) -> list[tuple[str, str]]:
    """Table, columns and values that find the element's cards in WAPRO: (column, value)."""
    if item is None or item.side != Side.ERP or Kind(item.kind) not in TABLES:
        return []
    table, *columns = TABLES[Kind(item.kind)]
    named = dict(zip(("id", "index", "guid"), columns, strict=True))
    found = []
    for alias in item.record.get("aliases", ()):
        name, _colon, value = alias.partition(":")
        if name in named and value:
            found.append((f"{table}.{named[name]}", value))
    return found

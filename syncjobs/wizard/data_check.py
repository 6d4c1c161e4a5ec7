"""The client's own data before the first write: what is missing for the shop, and what is there twice. Everything is
taken from the last fetch; nothing is asked and nothing is written."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Problem, Product
from shops.models import ShopConnection
from syncjobs import proposing, snapshots
from syncjobs.fetching import problem_data
from syncjobs.models import SnapshotItem
from syncjobs.setup import Setup, setup_of

EXAMPLES = 5
MOST = 50
"""Values that are there twice of which one is named."""


def check_data(connection: ShopConnection) -> dict[str, Any]:
    """Raises PlanRefused where a setting is missing without which nothing can be planned."""
    setup = setup_of(connection)
    found = _shortcomings(setup)
    found["twice"] = {
        "erp_code": _twice(snapshots.present(setup.erp_connection, Kind.PRODUCT), "code"),
        "erp_ean": _twice(snapshots.present(setup.erp_connection, Kind.PRODUCT), "ean"),
        "shop_code": _twice(snapshots.present(connection, Kind.PRODUCT), "code"),
        "shop_ean": _twice(snapshots.present(connection, Kind.PRODUCT), "ean"),
    }
    return found | {"at": timezone.now().isoformat()}


def _shortcomings(setup: Setup) -> dict[str, Any]:
    rules, lets_in = setup.rules(Kind.PRODUCT), setup.item_filter()
    rows: dict[str, dict[str, Any]] = {}
    checked = short = 0
    for chunk in _chunks(setup):
        mine = [item for item in chunk if _takes_part(item, lets_in)]
        for item, problems in proposing.shortcomings(setup, rules, mine):
            checked += 1
            short += bool(problems)
            for problem in problems:
                _count(rows, item, problem)
    worst = sorted(rows.values(), key=lambda row: -int(row["count"]))
    return {"checked": checked, "short": short, "problems": worst}


def _chunks(setup: Setup) -> Iterable[list[SnapshotItem]]:
    after = 0
    while True:
        rows = snapshots.present(setup.erp_connection, Kind.PRODUCT).filter(pk__gt=after).order_by("pk")
        chunk = list(rows[: snapshots.CHUNK])
        if not chunk:
            return
        after = chunk[-1].pk
        yield chunk


def _takes_part(item: SnapshotItem, lets_in: Any) -> bool:
    record = snapshots.record_of(item)
    return isinstance(record, Product) and bool(lets_in.lets_in(record))


def _count(rows: dict[str, dict[str, Any]], item: SnapshotItem, problem: Problem) -> None:
    data = problem_data(problem)
    name = f"{data['code']} {data['params'].get('field', '')}"
    row = rows.setdefault(name, {**data, "count": 0, "examples": []})
    row["count"] += 1
    if len(row["examples"]) < EXAMPLES:
        row["examples"].append([item.key, item.code or item.key, item.label])


def _twice(items: Any, name: str) -> dict[str, Any]:
    """Values that several elements of one side have."""
    rows = items.exclude(**{name: ""}).values(name).annotate(n=Count("pk")).filter(n__gt=1).order_by(name)
    values = list(rows.values_list(name, flat=True)[: MOST + 1])
    return {"count": len(values), "examples": values[:EXAMPLES], "more": len(values) > MOST}

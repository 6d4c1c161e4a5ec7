# ruff: noqa: E402 (settings are named before anything of the project is imported)
"""`python -m tests.benchmarks`: the table on screen, all figures in a JSON file."""

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")

from tests.benchmarks import stand

os.environ.update(stand.environment())

import django

django.setup()

from tests.benchmarks import changes, company, orders, orders_table, panel, planner, table
from tests.benchmarks.shops import SHOPS

SIZES = (1_000, 10_000, 100_000)
PLANNED_PAIRS = 100_000
PARTS = ("planner", "sync", "changes", "orders", "panel")


def measure(products: int, database: str, profiles: Path | None) -> dict[str, Any]:
    """Floor, first synchronisation, floor, one without changes, floor again, one after 1 % has changed; on Shoper."""
    shop = SHOPS["shoper"]
    with TemporaryDirectory(prefix="bench-") as temporary, stand.running_shop(shop.platform, products) as address:
        folder = Path(temporary)
        with stand.database(database, folder) as panel:
            given = stand.environment(DATABASE_URL=panel)
            one = stand.Stand(shop.platform, products, folder, address, given, profiles)
            cards = company.write(one.company, partial(shop.sellables, products))
            one.prepare()
            found: dict[str, Any] = {"products": products, "articles": cards, "load_before": os.getloadavg()[0]}
            found["first"] = one.sync("first")
            before = one.floor()
            found["no_change"] = one.sync("no-change")
            found["floors"] = [before, one.floor()]
            found["cards_changed"] = company.change_one_percent(one.company)
            found["one_percent"] = one.sync("one-percent")
            return found | {"load_after": os.getloadavg()[0]} | table.compared(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--products", type=int, nargs="+", default=SIZES, help="sizes to measure; changes: the first")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure; else all")
    parser.add_argument("--platforms", nargs="+", choices=list(SHOPS), default=list(SHOPS), help="of changes, orders")
    parser.add_argument("--changed", type=int, default=0, help="elements that change; else half as many as products")
    parser.add_argument("--orders", type=int, default=500, help="orders that are placed at once; 0: none")
    parser.add_argument("--minutes", type=float, default=4, help="during which orders come at a rate; 0: none")
    parser.add_argument("--hourly", type=int, default=1000, help="orders an hour then")
    parser.add_argument("--backlog", type=int, default=0, help="so many at once instead, and newest ones meanwhile")
    parser.add_argument("--links", type=int, default=100_000, help="of the panel's database; the aim is at 1000000")
    parser.add_argument("--changes", type=int, default=500_000, help="of the panel's database; the aim is at 5000000")
    parser.add_argument("--requests", type=int, default=30, help="of each page of the panel")
    parser.add_argument(
        "--seeded", default="", help="address of a database that seed_load filled before; else a new one"
    )
    parser.add_argument("--json", type=Path, default=Path("var/benchmarks.json"), help="file of all figures")
    parser.add_argument("--database", default="", help="address of a PostgreSQL server's database; else SQLite")
    parser.add_argument("--profile", type=Path, help="folder for profiles; profiling slows everything down")
    return parser.parse_args()


def main() -> None:
    given = _arguments()
    if given.profile:
        given.profile.mkdir(parents=True, exist_ok=True)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "database": "PostgreSQL" if given.database else "SQLite",
        "changes": [],
        "orders": [],
        "sizes": [],
    }

    def tell(text: str) -> None:
        given.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
        print(text, flush=True)

    if "planner" in given.parts:
        result["planner"] = planner.measure(PLANNED_PAIRS)
        tell(table.planner(result["planner"]))
    if "changes" in given.parts:
        products = given.products[0]
        for name in given.platforms:
            changed = given.changed or products // 2
            result["changes"].append(changes.measure(name, products, changed, given.database, given.profile))
            tell(table.changes(result["changes"][-1]))
    for name in given.platforms if "orders" in given.parts else ():
        if given.backlog:
            result["orders"].append(orders.measure_flood(name, given.backlog, given.profile))
            tell(orders_table.flood(result["orders"][-1]))
        else:
            rate = (given.orders, given.minutes, given.hourly)
            result["orders"].append(orders.measure(name, *rate, given.profile))
            tell(orders_table.platform(result["orders"][-1]))
    if "panel" in given.parts:
        of = (given.links, given.changes, given.requests, given.database, given.seeded)
        result["panel"] = panel.measure(*of)
        tell(panel.told(result["panel"]))
    for products in given.products if "sync" in given.parts else ():
        result["sizes"].append(measure(products, given.database, given.profile))
        tell(table.size(result["sizes"][-1]))
    print(f"All figures: {given.json}")


if __name__ == "__main__":
    main()

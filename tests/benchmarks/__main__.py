# ruff: noqa: E402 (settings are named before anything of the project is imported)
"""`python -m tests.benchmarks`: the table on screen, all figures in a JSON file."""

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")

from tests.benchmarks import stand

os.environ.update(stand.environment())

import django

django.setup()

from tests.benchmarks import company, planner, table

SIZES = (1_000, 10_000, 100_000)
PLANNED_PAIRS = 100_000


def measure(products: int, database: str, profiles: Path | None) -> dict[str, Any]:
    """Floor, first synchronisation, floor, one without changes, floor again, one after 1 % has changed."""
    with TemporaryDirectory(prefix="bench-") as temporary, stand.running_shop(products) as shop:
        folder = Path(temporary)
        with stand.database(database, folder) as address:
            one = stand.Stand(products, folder, shop, stand.environment(DATABASE_URL=address), profiles)
            cards = company.write(one.company, products)
            one.prepare()
            found: dict[str, Any] = {"products": products, "articles": cards, "load_before": os.getloadavg()[0]}
            found["first"] = one.sync("first")
            before = one.floor()
            found["no_change"] = one.sync("no-change")
            found["floors"] = [before, one.floor()]
            found["cards_changed"] = company.change(one.company)
            found["one_percent"] = one.sync("one-percent")
            return found | {"load_after": os.getloadavg()[0]} | table.compared(found)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--products", type=int, nargs="+", default=SIZES, help="sizes to measure")
    parser.add_argument("--json", type=Path, default=Path("var/benchmarks.json"), help="file of all figures")
    parser.add_argument("--database", default="", help="address of a PostgreSQL server's database; else SQLite")
    parser.add_argument("--profile", type=Path, help="folder for profiles; profiling slows everything down")
    given = parser.parse_args()
    if given.profile:
        given.profile.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "database": "PostgreSQL" if given.database else "SQLite",
        "planner": planner.measure(PLANNED_PAIRS),
        "sizes": [],
    }
    print(table.planner(result["planner"]), flush=True)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    for products in given.products:
        result["sizes"].append(measure(products, given.database, given.profile))
        given.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
        print(table.size(result["sizes"][-1]), flush=True)
    print(f"All figures: {given.json}")


if __name__ == "__main__":
    main()

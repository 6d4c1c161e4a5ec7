"""How fast pages are with many rows: the panel in a process of its own, on a database that `seed_load` filled."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from tests.benchmarks import stand, table

AIM_MS, AIM_BYTES = 200, 150 * 1024
_HEAD = ("page", "p50 ms", "p95 ms", "x floor", "CPU p50", "CPU p95", "queries", "database ms", "KB sent")


def measure(links: int, changes: int, times: int, database: str, seeded: str, only: str = "") -> dict[str, Any]:
    """Fill a database of its own, or take the one that `seeded` names, and ask every page."""
    with TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        if seeded:
            return _asked(seeded, folder, times, only)
        with stand.database(database, folder) as address:
            began = monotonic()
            given = stand.environment(DATABASE_URL=address, INTEGRATOR_DATA=str(folder))
            _run(given, "manage.py", "migrate", "-v0")
            _run(given, "manage.py", "seed_load", "--links", str(links), "--changes", str(changes))
            seeding = monotonic() - began
            return _asked(address, folder, times, only) | {"seeding_seconds": seeding}


def _asked(address: str, folder: Path, times: int, only: str) -> dict[str, Any]:
    given = stand.environment(DATABASE_URL=address, INTEGRATOR_DATA=str(folder))
    _run(given, "manage.py", "collectstatic", "--noinput", "-v0")
    before = os.getloadavg()[0]
    told = _run(given, "-m", "tests.benchmarks.panel_worker", "--requests", str(times), "--only", only)
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    found["load"] = [before, os.getloadavg()[0]]
    return found


def _run(given: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=stand.ROOT, env=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def told(found: dict[str, Any]) -> str:
    """A row per page, slowest last, and which miss the aim."""
    floor = found["floor"]
    rows = sorted((row for row in found["rows"] if row["status"] == 200), key=lambda row: row["p95_ms"])
    odd = [
        f"{row['page']} ({row['status'] or 'no object'})" for row in found["rows"] if row["status"] not in (200, 405)
    ]
    slow = [row["page"] for row in rows if row["p95_ms"] > AIM_MS]
    heavy = [row["page"] for row in rows if row["bytes"] > AIM_BYTES]
    body = [_HEAD, _row({"page": "login (floor)"} | floor, floor), *(_row(row, floor) for row in rows)]
    counted = ", ".join(f"{count:,} {name}" for name, count in found["sizes"].items())
    return "\n".join([
        "",
        f"Panel on {counted}; load {found['load'][0]:.1f} to {found['load'][1]:.1f}",
        *table.lines(body),
        f"No page of their own: {', '.join(odd)}" if odd else "",
        f"Slower than {AIM_MS} ms at p95: {', '.join(slow) or 'none'}.",
        f"Heavier than 150 KB: {', '.join(heavy) or 'none'}.",
    ])  # fmt: skip


def _row(row: dict[str, Any], floor: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["page"],
        f"{row['p50_ms']:.0f}",
        f"{row['p95_ms']:.0f}",
        f"{row['p50_ms'] / floor['p50_ms']:.1f}",
        f"{row['cpu_p50_ms']:.0f}",
        f"{row['cpu_p95_ms']:.0f}",
        f"{row['queries']}",
        f"{row['database_ms']:.0f}",
        f"{row['bytes'] / 1024:.1f}",
    )

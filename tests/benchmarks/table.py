"""Ratios, and the figures as a person reads them."""

from typing import Any

AIM_RATIO, AIM_MB, AIM_EXTRA = 1.5, 300, 0.02
_ROWS = (("first", "first"), ("no_change", "no change"), ("one_percent", "1 % changed"))
_KINDS = {"stock": "stock", "price": "price", "product": "text"}
_COSTS = ("reads", "more reads", "writes", "fewest", "ratio", "writes/item", "reads/item", "seconds", "peak MB")
_HEAD = ("", "seconds", "our CPU", "shop CPU", "requests", "writes", "ERP queries", "peak MB", "changes", "run")


def compared(found: dict[str, Any]) -> dict[str, Any]:
    """The no-change synchronisation against the mean of the floors measured before and after it."""
    floors, quiet = found["floors"], found["no_change"]
    seconds = sum(floor["shop"]["seconds"] + floor["erp"]["seconds"] for floor in floors) / len(floors)
    pages = floors[0]["shop"]["pages"]
    floor_cpu = sum(f["shop"]["cpu"] + f["erp"]["cpu"] + f["simulator_cpu"] for f in floors) / len(floors)
    return {
        "floor_seconds": seconds,
        "cpu_ratio": (quiet["cpu"] + quiet["shop"]["cpu_seconds"]) / floor_cpu,
        "ratio": quiet["seconds"] / seconds,
        "extra_requests": quiet["shop"]["total"] / pages - 1,
        "pages_a_second": pages / (sum(floor["shop"]["seconds"] for floor in floors) / len(floors)),
        "aim_met": {
            "seconds": quiet["seconds"] <= AIM_RATIO * seconds,
            "memory": quiet["peak_mb"] <= AIM_MB,
            "writes": not quiet["shop"]["writes"],
            "requests": quiet["shop"]["total"] <= pages * (1 + AIM_EXTRA),
        },
    }


def planner(found: dict[str, Any]) -> str:
    return f"Planner alone: {found['pairs']:,} pairs in {found['seconds']:.1f} s of CPU ({found['pairs_a_second']:,}/s)"


def size(found: dict[str, Any]) -> str:
    """One size: a row per synchronisation, the floor under the second, and how it stands to the aim."""
    rows = [_HEAD, *(_row(label, found[name]) for name, label in _ROWS)]
    rows[3:3] = [_floor(found["floors"])]
    body = lines(rows)
    met = found["aim_met"]
    missed = ", ".join(name for name, held in met.items() if not held)
    return "\n".join([
        "",
        f"{found['products']:,} products, {found['articles']:,} articles; the shop serves "
        f"{found['pages_a_second']:.0f} pages/s; load {found['load_before']:.1f} to {found['load_after']:.1f}",
        *body,
        f"No change: {found['ratio']:.2f} x the floor's {found['floor_seconds']:.2f} s "
        f"(by CPU, the shop's included: {found['cpu_ratio']:.2f} x), "
        f"{found['extra_requests']:+.1%} requests. Aim {'missed: ' + missed if missed else 'met'}.",
    ])  # fmt: skip


def changes(found: dict[str, Any]) -> str:
    """One platform: what each kind of change costs, and the run of all kinds that finds nothing to do."""
    rows = [("", "changed", *_COSTS), *(_changed(row) for row in found["rows"]), _nothing(found["no_change"])]
    return "\n".join([
        "",
        f"{found['label']}, {found['products']:,} products, {found['articles']:,} articles; "
        f"load {found['load_before']:.1f} to {found['load_after']:.1f}",
        *lines(rows),
    ])  # fmt: skip


def _changed(row: dict[str, Any]) -> tuple[str, ...]:
    run = row["run"]
    late = "" if row["updated"] == row["changed"] else f" ({row['updated']:,} written, {run['status']})"
    return (
        f"{_KINDS[row['kind']]} of {'variants' if row['variants'] else 'simple ones'}{late}",
        f"{row['changed']:,}",
        f"{row['reads']:,}",
        f"{row['more_reads']:,}",
        f"{row['writes']:,}",
        f"{row['fewest']:,}",
        f"{row['ratio']:.2f}",
        f"{row['writes_per_changed']:.3f}",
        f"{row['reads_per_changed']:.3f}",
        f"{run['seconds']:.2f}",
        f"{run['peak_mb']:.0f}",
    )


def _nothing(run: dict[str, Any]) -> tuple[str, ...]:
    reads = run["shop"]["total"] - run["shop"]["writes"]
    figures = ("0", f"{reads:,}", "0", f"{run['shop']['writes']:,}", "0", "", "", "")
    return ("no change, all kinds", *figures, f"{run['seconds']:.2f}", f"{run['peak_mb']:.0f}")


def lines(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(_aligned(row, widths)).rstrip() for row in rows]


def _aligned(row: tuple[str, ...], widths: list[int]) -> list[str]:
    """The first column is words, the others are figures."""
    return [
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _row(label: str, sync: dict[str, Any]) -> tuple[str, ...]:
    shop = sync["shop"]
    return (
        label,
        f"{sync['seconds']:.2f}",
        f"{sync['cpu']:.2f}",
        f"{shop['cpu_seconds']:.2f}",
        f"{shop['total']:,}",
        f"{shop['writes']:,}",
        f"{sync['queries_to_erp']:,}",
        f"{sync['peak_mb']:.0f}",
        f"{sync['changes']:,}",
        sync["status"],
    )


def _floor(floors: list[dict[str, Any]]) -> tuple[str, ...]:
    def mean(*path: str) -> float:
        return sum(float(floor[path[0]][path[1]]) for floor in floors) / len(floors)

    return (
        "  its floor",
        f"{mean('shop', 'seconds') + mean('erp', 'seconds'):.2f}",
        f"{mean('shop', 'cpu') + mean('erp', 'cpu'):.2f}",
        f"{sum(floor['simulator_cpu'] for floor in floors) / len(floors):.2f}",
        f"{floors[0]['shop']['pages']:,}",
        "0",
        "",
        "",
        "",
        "",
    )

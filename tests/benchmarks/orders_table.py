"""The figures of orders as a person reads them."""

from typing import Any

from tests.benchmarks.table import lines

NEWEST_WITHIN = 180
"""Seconds after which the newest order has to be in WAPRO, whatever waits besides."""
_HEAD = ("", "orders", "seconds", "orders/min", "our CPU", "requests", "an order", "fewest", "ratio", "peak MB")


def platform(found: dict[str, Any]) -> str:
    """One platform: a backlog there and back, and the wait of orders that come at a rate."""
    told = [
        "",
        f"Orders of {found['label']}, all limits on; load {found['load_before']:.1f} to {found['load_after']:.1f}",
    ]
    if backlog := found.get("backlog"):
        told += [*lines([_HEAD, *_backlog(backlog)]), _whole(backlog["whole"])]
    if rate := found.get("rate"):
        told.append(
            f"{rate['an_hour']:,} an hour, {rate['orders']:,} orders, the shop looked at every "
            f"{found['interval_minutes']} min: in WAPRO {_spread(rate['waits'])} after they were placed, "
            f"{_spread(rate['after_seen'])} after they were seen; {rate['requests'] / rate['orders']:.2f} requests an "
            f"order. {_whole(rate['whole'])}"
        )
    return "\n".join(told)


def flood(found: dict[str, Any]) -> str:
    """A big backlog, and the orders that were placed while it drained."""
    waits = found["newest_waits"]
    met = "met" if waits["longest"] <= NEWEST_WITHIN and not _faults(found["whole"]) else "missed"
    return "\n".join([
        "",
        f"{found['orders']:,} orders of {found['label']} at once: all seen after {found['fetched_seconds']:.0f} s, "
        f"all in WAPRO after {found['seconds']:.0f} s ({found['orders'] / found['seconds'] * 60:.0f} a minute), "
        f"peak {found['worker']['peak_mb']:.0f} MB; load {found['load_before']:.1f} to {found['load_after']:.1f}",
        f"{found['newest']} more, one after the other meanwhile: in WAPRO {_spread(waits)} after they were placed, the "
        f"longest wait {waits['longest']:.0f} s. {_whole(found['whole'])} Aim of {NEWEST_WITHIN} s {met}.",
    ])  # fmt: skip


def _backlog(found: dict[str, Any]) -> list[tuple[str, ...]]:
    there, back, count = found["in"], found["back"], found["orders"]
    both = {"seconds": there["seconds"] + back["seconds"], "cpu": there["cpu"] + back["cpu"]}
    both["peak_mb"] = max(there["peak_mb"], back["peak_mb"])
    requests_back = found["requests"] - found["requests_in"]
    ratio = (f"{found['fewest']:,}", f"{found['requests'] / found['fewest']:.2f}")
    return [
        _row("into WAPRO", count, there, found["a_minute_in"], found["requests_in"], ("", "")),
        _row("way back", count, back, found["a_minute_back"], requests_back, ("", "")),
        _row("both", count, both, found["a_minute"], found["requests"], ratio),
    ]


def _row(
    label: str, count: int, work: dict[str, Any], a_minute: float, requests: int, ratio: tuple[str, str]
) -> tuple[str, ...]:
    return (
        label,
        f"{count:,}",
        f"{work['seconds']:.1f}",
        f"{a_minute:,.0f}",
        f"{work['cpu']:.1f}",
        f"{requests:,}",
        f"{requests / count:.3f}",
        *ratio,
        f"{work['peak_mb']:.0f}",
    )


def _spread(waits: dict[str, float]) -> str:
    return f"{waits['median']:.1f} s (p95 {waits['p95']:.1f})"


def _whole(found: dict[str, Any]) -> str:
    faults = _faults(found)
    if not faults:
        return f"All {found['sold']:,} are in WAPRO once."
    return f"Of {found['sold']:,} orders {', '.join(faults)}."


def _faults(found: dict[str, Any]) -> list[str]:
    return [f"{found[name]:,} {name}" for name in ("lost", "doubled") if found[name]]

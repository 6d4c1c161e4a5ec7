"""Orders of one platform with every limit of its simulated shop on: what a backlog costs, how long a new order takes.

A backlog is sold at once and drained by one worker, the way back included. Then orders come one by one at a rate an
hour. On demand a big backlog shows what becomes of the newest order while it drains.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks import stand
from tests.benchmarks.shops import SHOPS

LINES = 8
BASKETS = 25
"""A backlog has so many different ones."""
_MODULE = "tests.benchmarks.orders_worker"
NEWEST_EVERY = 20.0
"""Seconds between the orders that are placed while a big backlog drains."""
TAIL = 300
"""Seconds that the last orders of a rate may take."""


@dataclass
class Market(stand.Stand):
    """Buyers at the shop, and when they bought."""

    keys: list[str] = field(default_factory=list)
    sold: dict[str, float] = field(default_factory=dict)
    chance: Random = field(default_factory=partial(Random, 7))

    def open(self) -> int:
        """Minutes between two looks for orders."""
        given = ["--platform", self.platform, "--shop", self.shop, "--company", str(self.company)]
        found = self.told("prepare", *given)
        self.keys = found["keys"]
        return int(found["interval_minutes"])

    def told(self, verb: str, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._run(_MODULE, verb, *arguments))
        return found

    def work(self, goal: str, name: str, seconds: float = 3600) -> dict[str, Any]:
        """One worker until all that was sold is there."""
        return self.told("work", *self._work(goal, name, seconds), "--at-once")

    def _work(self, goal: str, name: str, seconds: float) -> list[str]:
        given = ["--goal", goal, "--orders", str(len(self.sold)), "--seconds", str(seconds)]
        if self.profiles:
            given += ["--profile", str(self.profiles / f"orders-{self.platform}-{name}.prof")]
        return given

    def sell(self, count: int) -> list[str]:
        """The same basket so many times."""
        pieces = {key: self.chance.randint(1, 3) for key in self.chance.sample(self.keys, LINES)}
        ids: list[str] = self.control("POST", "sell", {"pieces": pieces, "payment": "cod", "count": count})["ids"]
        self.sold |= dict.fromkeys(ids, time.time())
        return ids

    def sell_many(self, count: int) -> None:
        for part in range(BASKETS):
            share = count * (part + 1) // BASKETS - count * part // BASKETS
            if share:
                self.sell(share)

    def at_work(self, goal: str, name: str, orders: int, seconds: float) -> subprocess.Popen[str]:
        """A worker beside us, for so many orders."""
        given = self._work(goal, name, seconds)
        given[given.index("--orders") + 1] = str(orders)
        return subprocess.Popen(
            [sys.executable, "-m", _MODULE, "work", *given],
            cwd=stand.ROOT, env=self.environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip


def measure(platform: str, backlog: int, minutes: float, an_hour: int, profiles: Path | None) -> dict[str, Any]:
    """The backlog there and back, then the rate, on one shop."""
    with TemporaryDirectory(prefix="bench-") as temporary, _opened(platform, Path(temporary), profiles) as market:
        found: dict[str, Any] = {
            "platform": platform,
            "label": SHOPS[platform].label,
            "load_before": os.getloadavg()[0],
        }
        found["interval_minutes"] = market.open()
        if backlog:
            found["backlog"] = _backlog(market, backlog)
        if minutes:
            found["rate"] = _rate(market, minutes, an_hour)
        return found | {"load_after": os.getloadavg()[0]}


def measure_flood(platform: str, backlog: int, profiles: Path | None) -> dict[str, Any]:
    """So many orders at once; one more every now and then, which must not wait for them."""
    with TemporaryDirectory(prefix="bench-") as temporary, _opened(platform, Path(temporary), profiles) as market:
        found: dict[str, Any] = {
            "platform": platform,
            "label": SHOPS[platform].label,
            "load_before": os.getloadavg()[0],
        }
        found["interval_minutes"] = market.open()
        market.sell_many(backlog)
        flood = set(market.sold)
        worker = market.at_work("in", "flood", backlog, 24 * 3600)
        newest: list[str] = []
        while worker.poll() is None:
            newest += market.sell(1)
            _wait(worker, NEWEST_EVERY)
        told = json.loads(worker.communicate()[0])
        last = market.work("in", "flood-last")
        report = market.told("report")
        waits = [report["orders"][key]["placed"] - market.sold[key] for key in newest]
        return found | {
            "orders": backlog,
            "newest": len(newest),
            "newest_waits": spread(waits),
            "fetched_seconds": max(report["orders"][key]["seen"] for key in flood) - told["began_at"],
            "seconds": max(report["orders"][key]["placed"] for key in flood) - told["began_at"],
            "worker": told,
            "worker_after": last,
            "whole": _whole(market, report),
            "shop": market.control("GET", "stats"),
            "load_after": os.getloadavg()[0],
        }


def _backlog(market: Market, count: int) -> dict[str, Any]:
    """There and back; what people do in between is not measured."""
    market.sell_many(count)
    market.control("POST", "reset_stats")
    there = market.work("in", "in")
    after_there = market.control("GET", "stats")["total"]
    market.told("realise")
    back = market.work("back", "back")
    stats = market.control("GET", "stats")
    report = market.told("report")
    placed = [one["placed"] for one in report["orders"].values() if one["placed"]]
    seconds_in = max(placed, default=0) - there["began_at"]
    seconds_back = max(report["told"].values(), default=0) - back["began_at"]
    return {
        "orders": count,
        "in": there | {"seconds": seconds_in},
        "back": back | {"seconds": seconds_back},
        "a_minute_in": len(placed) / seconds_in * 60,
        "a_minute_back": len(report["told"]) / seconds_back * 60,
        "a_minute": len(report["told"]) / (seconds_in + seconds_back) * 60,
        "requests_in": after_there,
        "requests": stats["total"],
        "requests_an_order": stats["total"] / count,
        "fewest": fewest(market.platform, count),
        "shop": stats,
        "whole": _whole(market, report),
    }


def _rate(market: Market, minutes: float, an_hour: int) -> dict[str, Any]:
    """Orders come one by one in real time. Asking for new ones is what most of the wait is."""
    before = set(market.sold)
    count = round(an_hour * minutes / 60)
    market.control("POST", "reset_stats")
    worker = market.at_work("in", "rate", len(before) + count, minutes * 60 + TAIL)
    began = time.monotonic()
    for number in range(count):
        _wait(worker, max(began + number * 3600 / an_hour - time.monotonic(), 0))
        market.sell(1)
    told = json.loads(worker.communicate()[0])
    report = market.told("report")
    rows = {key: one for key, one in report["orders"].items() if key not in before and one["placed"]}
    return {
        "orders": count,
        "an_hour": an_hour,
        "waits": spread([one["placed"] - market.sold[key] for key, one in rows.items()]),
        "after_seen": spread([one["placed"] - one["seen"] for one in rows.values()]),
        "requests": market.control("GET", "stats")["total"],
        "worker": told,
        "whole": _whole(market, report),
    }


def _whole(market: Market, report: dict[str, Any]) -> dict[str, Any]:
    """Whether every order that was sold is in WAPRO once."""
    return {
        "sold": len(market.sold),
        "in_wapro": report["in_wapro"],
        "doubled": report["in_wapro"] - report["numbers"],
        "lost": len(market.sold.keys() - {key for key, one in report["orders"].items() if one["placed"]}),
        "held": report["held"],
    }


def fewest(platform: str, orders: int) -> int:
    """Requests that the API needs at least for so many orders: reading each with its lines, telling that it is being
    prepared (where the shop's own first state does not say so) and that it is sent, with parcel and documents.

    Shoper: lists of 50 and calls of 25, both at once; WooCommerce: 100 orders to a list and to a batch; PrestaShop sets
    no bound, so 50 as the connector asks for, which cheap hosts answer in time.
    """
    if platform == "shoper":
        return -(-orders // 1250) + -(-orders * LINES // 1250) + -(-orders // 25) + -(-2 * orders // 25)
    if platform == "woocommerce":
        return 2 * -(-orders // 100)
    return 7 * -(-orders // 50)


def spread(waits: list[float]) -> dict[str, float]:
    """Median, p95 and the longest, in seconds."""
    if not waits:
        return {"median": 0.0, "p95": 0.0, "longest": 0.0}
    found = sorted(waits)
    at = [found[min(int(len(found) * share), len(found) - 1)] for share in (0.5, 0.95)]
    return {"median": at[0], "p95": at[1], "longest": found[-1]}


@contextmanager
def _opened(platform: str, folder: Path, profiles: Path | None) -> Iterator[Market]:
    with stand.running_shop(platform, limited=True) as address, stand.database("", folder) as panel:
        given = stand.environment(DATABASE_URL=panel)
        yield Market(platform, 0, folder, address, given, profiles)


def _wait(worker: subprocess.Popen[str], seconds: float) -> None:
    try:
        worker.wait(seconds)
    except subprocess.TimeoutExpired:
        return

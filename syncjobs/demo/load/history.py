"""What ran at one connection: a first synchronisation of everything, runs by the hour for a year, the last worries."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from integrator.canonical.kinds import SYNC_KINDS
from syncjobs.demo.load.elements import Lot, Row
from syncjobs.demo.load.goods import code_of, mixed, name_of
from syncjobs.demo.load.writer import fill, next_id
from syncjobs.models import Change, ElementIssue, Fetch, Run, Step

RUN = ("id", "connection_id", "mode", "trigger", "status", "created_at", "started_at", "finished_at", "heartbeat_at")
STEP = (
    "id",
    "run_id",
    "connection_id",
    "kind",
    "position",
    "status",
    "phase",
    "counts",
    "sealed_at",
    "problems",
    "started_at",
    "finished_at",
    "worked_at",
)
CHANGE = (
    "step_id",
    "connection_id",
    "kind",
    "action",
    "status",
    "link_id",
    "erp_key",
    "shop_key",
    "code",
    "label",
    "fields",
    "risk",
    "problem",
    "turn",
    "exchange",
    "sent_at",
    "done_at",
)
MOST_RUNS = 8760
"""One an hour for a year."""
EVERY = timedelta(hours=1)
PLACES = {str(kind): place for place, kind in enumerate(SYNC_KINDS)}
REFUSED = json.dumps({"code": "rejected", "params": {"message": "422: invalid value"}})


class Ledger:
    """Ids and sizes of a connection's runs, decided before any row is made: changes point to steps, steps to runs."""

    def __init__(self, lot: Lot, changes: int) -> None:
        self.lot = lot
        self.runs = max(12, min(MOST_RUNS, changes // 60))
        self.first = changes * 2 // 5
        """Changes of the first synchronisation, the oldest and largest run."""
        self.plan = min(20_000, changes // 20)
        """Of the plan that waits, and of the run under way."""
        self.each = max(1, (changes - self.first - 2 * self.plan) // max(1, self.runs - 3))
        self.run_id, self.step_id = next_id(Run), next_id(Step)
        self.steps = list(self._steps())

    def _steps(self) -> Iterator[tuple[int, int, str, int, str]]:
        """(id, place of the run, kind, changes, status)"""
        pk = self.step_id
        for place in range(self.runs):
            kinds = self._kinds(place)
            for kind in kinds:
                yield pk, place, kind, self._changes(place, kind), self._status(place, kind)
                pk += 1

    def _kinds(self, place: int) -> list[str]:
        if place == self.runs - 1:
            return ["stock"]
        if place in (0, self.runs - 2) or place % 24 == 3:
            return [str(kind) for kind in SYNC_KINDS if kind != "group"]
        return ["price", "stock"] if place % 4 == 0 else ["stock"]

    def _changes(self, place: int, kind: str) -> int:
        if place == 0:
            return {"product": self.first // 2, "price": self.first // 4, "stock": self.first // 4}.get(kind, 0)
        if place >= self.runs - 2:
            return self.plan if kind == ("product" if place == self.runs - 2 else "stock") else 0
        return self.each if kind == "stock" else 0

    def _status(self, place: int, kind: str) -> str:
        if place == self.runs - 1:
            return "running"
        if place == self.runs - 2:
            return {"product": "waiting", "image": "blocked", "price": "failed"}.get(kind, "succeeded")
        return "partly" if kind == "stock" and place % 17 == 0 else "failed" if place % 97 == 0 else "succeeded"

    def at(self, place: int) -> datetime:
        return self.lot.now - EVERY * (self.runs - place) + timedelta(minutes=5)


def write(lot: Lot, changes: int) -> None:
    ledger = Ledger(lot, changes)
    fill(Run, RUN, _runs(ledger))
    fill(Step, STEP, _steps(ledger))
    fill(Change, CHANGE, _changes(ledger))
    _unreadable(ledger)


def _runs(ledger: Ledger) -> Iterator[Row]:
    worst: dict[int, str] = {}
    for _pk, place, _kind, _count, status in ledger.steps:
        if status in ("running", "waiting") or worst.get(place) in (None, "succeeded"):
            worst[place] = status
    for place in range(ledger.runs):
        status = "running" if worst[place] == "waiting" else worst[place]
        at, ended = ledger.at(place), ledger.at(place) + timedelta(minutes=2)
        over = None if status == "running" else ended
        trigger = "person" if place % 40 == 0 else "schedule"
        yield ledger.run_id + place, ledger.lot.shop.pk, "apply", trigger, status, at, at, over, ended


def _steps(ledger: Ledger) -> Iterator[Row]:
    lot = ledger.lot
    for pk, place, kind, count, status in ledger.steps:
        at, ended = ledger.at(place), ledger.at(place) + timedelta(minutes=1)
        failed = count // 50 if status in ("partly", "failed") else 0
        counts = {
            "erp_fetched": lot.products,
            "shop_fetched": lot.products,
            "linked": lot.products,
            "planned": count,
            "updated": 0 if status in ("waiting", "running") else count - failed,
            "failed": failed,
            "requests": count // 25,
            "unlinked_erp": lot.alone,
            "unlinked_shop": lot.alone,
        }
        phase = {"waiting": "guard", "running": "update", "blocked": "gates"}.get(status, "done")
        over = None if status in ("waiting", "running") else ended
        sealed = ended if count else None
        problems = [{"code": "rejected", "params": {"message": "503"}}] if status == "failed" else []
        told = (json.dumps(counts), sealed, json.dumps(problems), at, over, ended)
        yield pk, ledger.run_id + place, lot.shop.pk, kind, PLACES[kind], status, phase, *told


def _changes(ledger: Ledger) -> Iterator[Row]:
    lot, begin = ledger.lot, 0
    for pk, place, kind, count, status in ledger.steps:
        at = ledger.at(place)
        for n in range(count):
            yield pk, lot.shop.pk, kind, *_change(lot, kind, n + begin, status, at)
        begin += count


def _change(lot: Lot, kind: str, n: int, status: str, at: datetime) -> Row:
    place = mixed(n) % max(1, lot.products)
    number = lot.first + place
    fate, risk, problem, turn, sent = _fate(n, status)
    done: datetime | None = at + timedelta(milliseconds=20 * (n % 5000)) if fate not in ("planned", "sent") else None
    if kind == "product":
        name = name_of(number)[0]
        fields = json.dumps([{"name": "name", "old": f"{name} (stary)", "new": name}])
    elif kind == "price":
        fields = f'[{{"name": "price", "old": "{n % 900}.99", "new": "{n % 901}.49"}}]'
    else:
        fields = f'[{{"name": "quantity", "old": "{n % 300}", "new": "{n % 299}"}}]'
    exchange = f'{{"request": "PUT /products/{number}", "answer": "200"}}' if sent else None
    who = (lot.link_id + place, code_of(number), str(number), code_of(number), name_of(number)[0])
    return ("update_shop", fate, *who, fields, risk, problem, turn, exchange, done if sent else None, done)


def _fate(n: int, status: str) -> tuple[str, str, str | None, str, bool]:
    """Status, risk, problem, whose turn, whether it was sent."""
    if status == "waiting" or (status == "running" and n % 3 == 0):
        blocked = n % 40 == 0
        risk = "" if n % 100 else ("price_jump", "zero")[n % 200 // 100]
        told: tuple[str, str, str | None, str, bool] = ("planned", risk, None, "", False)
        return ("blocked", "", REFUSED, "person", False) if blocked else told
    if status in ("partly", "failed") and n % 50 == 0:
        return "failed", "", REFUSED, "person", True
    return ("drifted" if n % 700 == 0 else "applied"), "", None, "", True


def _unreadable(ledger: Ledger) -> None:
    """The step that failed last could not read some elements."""
    step = next(row for row in reversed(ledger.steps) if row[4] in ("failed", "waiting"))
    lot = ledger.lot
    values: dict[str, Any] = {"status": "succeeded", "received": lot.products, "issues": 200, "created_at": lot.now}
    fetch = Fetch.objects.create(shop=lot.shop, kind=step[2], delivers=[step[2]], **values)
    problem = {"code": "rejected", "params": {"message": "name is missing"}}
    ElementIssue.objects.bulk_create(
        ElementIssue(fetch=fetch, kind=step[2], key=str(lot.first + n), label=f"#{n}", problem=problem)
        for n in range(200)
    )
    Step.objects.filter(pk=step[0]).update(shop_fetch=fetch, had_errors=True)

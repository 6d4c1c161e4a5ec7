"""A long soak: rounds of edits and orders while shops, workers, broker and database fail, each followed by a quiet
period after which the world with faults must stand as its twin without any."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any

import psycopg
import redis
from django.db import close_old_connections
from django.utils import timezone

from shops.models import ShopConnection
from syncjobs.models import Change, Run, Step
from syncjobs.models.choices import OPEN_STATUSES, Action, ChangeStatus, Status
from tests.faults.house import House, until
from tests.faults.schedule import arm, differences, schedule
from tests.faults.world import PLATFORMS, Edit, World, some_edits, world

CARDS, PRODUCTS = 24, 20
PATIENCE = 300.0
"""Seconds that anything may take in a quiet period, on a machine that does other things too."""
MORTAL, STEADY = "mortal", "steady"
"""Two workers. Only the first is killed, so that the second shows whether memory grows."""
OPEN_CHANGES = (ChangeStatus.PLANNED, ChangeStatus.SENT, ChangeStatus.UNKNOWN)
Say = Callable[[str], None]


@dataclass
class Pair:
    """A world with faults and its twin, which sees the same edits and orders and only works in quiet periods."""

    real: World
    twin: World
    open_orders: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.real.platform


@dataclass
class Report:
    seed: int
    rounds: int = 0
    injected: "Counter[str]" = field(default_factory=Counter)
    done: "Counter[str]" = field(default_factory=Counter)
    """What people did."""
    findings: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    """kB of the steady worker after each round."""
    seconds: float = 0.0

    def text(self) -> str:
        grew = "not measured"
        if self.memory:
            first, last, most = (kb // 1024 for kb in (self.memory[0], self.memory[-1], max(self.memory)))
            grew = f"{first} MB after the first round, {last} MB after the last, at most {most} MB"
        lines = [
            f"seed {self.seed}, {self.rounds} rounds in {self.seconds / 60:.1f} minutes",
            f"injected {sum(self.injected.values())}: {_counts(self.injected)}",
            f"people did {sum(self.done.values())}: {_counts(self.done)}",
            f"memory of the steady worker: {grew}",
            f"found {len(self.findings)}",
            *(f"  - {one}" for one in self.findings),
        ]
        return "\n".join(lines)


def _counts(counted: "Counter[str]") -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counted.items())) or "nothing"


class Soak:
    def __init__(self, house: House, seed: int, say: Say) -> None:
        self.house, self.say = house, say
        self.report = Report(seed)
        self.pairs: list[Pair] = []

    def run(self, minutes: float, folder: Path, platforms: Sequence[str] = PLATFORMS, *, first: int = 1) -> Report:
        """Rounds until the time is over. A platform in which something was found takes no part any more: what differs
        once would differ in each round."""
        started = monotonic()
        with ExitStack() as open_ones:
            for platform in platforms:
                made = [
                    open_ones.enter_context(
                        world(platform, folder, f"{platform}-{name}", cards=CARDS, products=PRODUCTS)
                    )
                    for name in ("real", "twin")
                ]
                self.pairs.append(Pair(*made))
            self.house.schedule()
            self.house.hire(STEADY)
            self.house.hire(MORTAL)
            self._settle([])
            number = first
            while monotonic() - started < minutes * 60 and self.pairs:
                self._round(number)
                number += 1
                self.report.seconds = monotonic() - started
        return self.report

    def _round(self, number: int) -> None:
        chance = Random(f"{self.report.seed}/{number}")
        edits: list[tuple[Pair, Edit]] = []
        for place, pair in enumerate(self.pairs):
            linked = sorted(set(pair.real.linked()) & set(pair.twin.linked()))
            pair.twin.connection.__class__.objects.filter(pk=pair.twin.connection.pk).update(paused=True)
            edits += [(pair, edit) for edit in some_edits(chance, linked, number, pair.open_orders)]
            plan = schedule(self.report.seed * 10_000 + number * 10 + place, calls=40, most=14)
            arm(pair.real.shop.faults, plan)
        chance.shuffle(edits)
        # Who cancels must have bought, and what is done to one card twice keeps its order in both worlds.
        self._chaos(chance, edits)
        self._calm()
        self._settle(edits)
        self.report.rounds += 1
        if number % 2 == 0:
            self._send()
        memory = self._memory()
        self.report.memory.append(memory)
        told = f"steady worker {memory // 1024} MB, {len(self.report.findings)} found"
        self.say(f"round {number}: {len(edits)} edits, {told}")

    # Chaos.

    def _chaos(self, chance: Random, edits: Sequence[tuple[Pair, Edit]]) -> None:
        struck: Sequence[Callable[[Random], None]] = (self._kill, self._flush, self._cut_database, self._broker_away)
        for pair in self.pairs:
            pair.real.synchronise()
        for pair, edit in edits:
            pair.real.do(edit)
            self.report.done[edit.verb] += 1
            if chance.random() < 0.25:
                chance.choice(self.pairs).real.synchronise()
            if chance.random() < 0.22:
                chance.choices(struck, weights=(6, 3, 2, 1))[0](chance)
            sleep(chance.uniform(0.05, 0.8))

    def _kill(self, chance: Random) -> None:
        """The worker with its children, its child alone, or the parent alone, whose child ends what it began."""
        supervisor, process = self.house.workers[MORTAL]
        how = chance.choice(("worker", "worker", "child", "parent"))
        children = _children(process)
        if how == "child" and children:
            os.kill(children[0], signal.SIGKILL)
        elif how == "parent":
            os.kill(process, signal.SIGKILL)
            supervisor.stop()
            self.house.workers.pop(MORTAL)
        else:
            self.house.kill(MORTAL)
        self.report.injected[f"killed {how}"] += 1
        if MORTAL not in self.house.workers:
            self.house.hire(MORTAL)
        self._let_leases_run_out()

    def _let_leases_run_out(self) -> None:
        """As if the minute and a half had passed for which a dead worker holds what it was at. Where the holder lives,
        two are at one connection: the number of the lease decides who may save."""
        for pair in self.pairs:
            for actor in (pair.real.connection, pair.real.erp):
                type(actor)._default_manager.filter(pk=actor.pk, lease_until__isnull=False).update(
                    lease_until=timezone.now()
                )

    def _flush(self, chance: Random) -> None:
        with redis.Redis.from_url(self.house.broker.url) as server:
            server.flushall()
        self.report.injected["broker flushed"] += 1

    def _broker_away(self, chance: Random) -> None:
        self.house.broker.stop()
        sleep(chance.uniform(0.5, 3))
        self.house.broker.start()
        self.report.injected["broker away"] += 1

    def _cut_database(self, chance: Random) -> None:
        """Every connection of the workers to the database is cut."""
        with psycopg.connect(self.house.database, autocommit=True) as line:
            line.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name IN (%s, %s)",
                [MORTAL, STEADY],
            )
        self.report.injected["database cut"] += 1

    def _calm(self) -> None:
        self._let_leases_run_out()
        for pair in self.pairs:
            faults = pair.real.shop.faults
            self.report.injected.update({f"shop {word}": times for word, times in faults.happened.items()})
            faults.happened.clear()
            faults.clear()
            ShopConnection.objects.filter(pk=pair.twin.connection.pk).update(paused=False)

    # Quiet.

    def _settle(self, edits: Sequence[tuple[Pair, Edit]]) -> None:
        bought = {pair.name: len(pair.twin.orders) for pair in self.pairs}
        for pair, edit in edits:
            pair.twin.do(edit)
        for pair in list(self.pairs):
            before = len(self.report.findings)
            try:
                self._come_to_rest(pair)
                self._compare(pair)
            except TimeoutError as late:
                self.found(pair, f"does not come to rest: {late}; {self._left(pair)}")
            if len(self.report.findings) > before:
                self.pairs.remove(pair)
            pair.open_orders = list(range(bought[pair.name], len(pair.real.orders)))

    def _come_to_rest(self, pair: Pair) -> None:
        """Up to three runs of each: one that was under way may have failed by what happened, as it should."""
        for one in (pair.real, pair.twin):
            self._idle(one)
            for _ in range(3):
                run = one.synchronise()
                self._idle(one)
                run.refresh_from_db()
                if run.status == Status.SUCCEEDED:
                    break
            else:
                self.found(pair, f"{one.connection.name}: run {run.pk} ends {run.status}: {_problems(run)}")
        if pair.real.orders:
            until(lambda: self._orders_settled(pair), PATIENCE, "orders as in the twin")

    def _idle(self, one: World) -> None:
        def rests() -> bool:
            close_old_connections()
            self.house.check()
            one.hurry()
            sleep(0.3)
            return one.idle()

        until(rests, PATIENCE, f"{one.connection.name} idle")

    def _orders_settled(self, pair: Pair) -> bool:
        for one in (pair.real, pair.twin):
            one.hurry()
        sleep(0.5)
        here, there = ((w.order_states(), w.company_state()) for w in (pair.real, pair.twin))
        return here == there and "missing" not in here[0].values()

    def _compare(self, pair: Pair) -> None:
        """After orders have moved stock both are synchronised once more; after that nothing may be written at all."""
        for one in (pair.real, pair.twin):
            one.synchronise()
            self._idle(one)
        expected, found = pair.twin.standing(), pair.real.standing()
        for text in differences(expected, found):
            self.found(pair, text)
        for name, row in found["products"].items():
            if row["times"] != 1:
                self.found(pair, f"{name} stands in the shop {row['times']} times")
        changes = Change.objects.filter(connection=pair.real.connection)
        deleted = changes.filter(action__in=[Action.DELETE_SHOP, Action.DEACTIVATE_SHOP]).count()
        zeroed = changes.filter(risk="zero").count()
        left = changes.filter(status__in=OPEN_CHANGES, step__status__in=OPEN_STATUSES).count()
        if deleted or zeroed or left:
            self.found(pair, f"{deleted} deletes, {zeroed} set to zero, {left} changes left open")
        self._quiet_run(pair)

    def _quiet_run(self, pair: Pair) -> None:
        run = pair.real.synchronise()
        self._idle(pair.real)
        planned = list(Change.objects.filter(step__run=run))
        if planned:
            told = f"{planned[0].kind} {planned[0].code} {planned[0].problem} {planned[0].fields}"
            self.found(pair, f"a run with nothing to do plans {len(planned)} changes, e.g. {told}")

    def _send(self) -> None:
        """The warehouse sends what was ordered; that the shops are told of it is part of the next round."""
        for pair in self.pairs:
            pair.real.send_all()
            pair.twin.send_all()
            pair.open_orders = []

    def found(self, pair: Pair, text: str) -> None:
        self.report.findings.append(f"round {self.report.rounds + 1}, {pair.name}: {text}")
        self.say(self.report.findings[-1])

    def _left(self, pair: Pair) -> str:
        told = []
        for one in (pair.real, pair.twin):
            steps = Step.objects.filter(connection=one.connection, status__in=OPEN_STATUSES)
            told += [f"{one.connection.name} {s.kind} {s.status} {s.phase} {s.problems}" for s in steps]
        orders = differences(
            {"orders": pair.twin.order_states(), "wapro": pair.twin.company_state()},
            {"orders": pair.real.order_states(), "wapro": pair.real.company_state()},
        )
        return "; ".join(told + orders)

    def _memory(self) -> int:
        _, process = self.house.workers[STEADY]
        return sum(_resident(one) for one in (process, *_children(process)))


def _problems(run: Run) -> list[Any]:
    return [(step.kind, step.status, step.problems) for step in run.steps.exclude(status=Status.SUCCEEDED)]


def _children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]


def _resident(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def say(text: str) -> None:
    sys.stdout.write(f"{timezone.now():%H:%M:%S} {text}\n")
    sys.stdout.flush()

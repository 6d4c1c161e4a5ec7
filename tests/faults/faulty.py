"""A side in memory to which a schedule happens: what simulated shops do over HTTP, for thousands of cheap histories.

The side behind it stays the truth; the proxy counts calls and spoils the one that the schedule names.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

import pytest

from integrator.canonical.errors import IntegrationError, OutcomeUnknown, RateLimited, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.leases import LeaseHold
from shops.simulation.faults import LISTED
from tests.faults.schedule import Schedule, Strike
from tests.pipeline.lab import Lab
from tests.pipeline.memory import MemorySide
from tests.pipeline.test_death import Killed

READS = ("fetch", "read", "find")
WRITES = ("create", "update", "delete", "deactivate")


class Faulty:
    """Stands where the side stood. `plan` may be changed in the middle; `struck` is what happened."""

    def __init__(self, side: MemorySide, clock: Any, plan: Schedule | None = None) -> None:
        self.side, self.clock = side, clock
        self.plan, self.calls = plan, 0
        self.struck: list[Strike] = []
        self.died = False
        self._answers: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        made = getattr(self.side, name)
        if name not in READS + WRITES:
            return made
        return lambda kind, *args: self._called(name, made, kind, args)

    def _called(self, name: str, call: Any, kind: Kind, args: Sequence[Any]) -> Any:
        self.calls += 1
        strike = self.plan.at(self.calls) if self.plan else None
        if strike is None:
            return self._truly(name, call, kind, args)
        self.struck.append(strike)
        self._before(strike, name)
        if strike.word == "stale" and name in READS:
            return self._answers.get(f"{name} {kind} {args}") or self._truly(name, call, kind, args)
        answer = self._truly(name, call, kind, args)
        return self._spoiled(strike.word, name, answer)

    def _truly(self, name: str, call: Any, kind: Kind, args: Sequence[Any]) -> Any:
        answer = call(kind, *args)
        if name in READS:
            self._answers[f"{name} {kind} {args}"] = answer
        return answer

    def _before(self, strike: Strike, name: str) -> None:
        """What keeps the call from being made."""
        if strike.word == "killed":
            self.died = True
            raise Killed
        if strike.word == "delay":
            self.clock.shift(strike.seconds)
        if strike.word in ("too_many", "too_many_unsaid"):
            raise RateLimited(strike.seconds or 10)
        if strike.word in ("error", "reset", "html"):
            raise _lost(name)

    def _spoiled(self, word: str, name: str, answer: Any) -> Any:
        """What becomes of the answer after the work was done."""
        if word in ("drop", "gateway", "truncated"):
            raise _lost(name)
        if name == "fetch" and word == "empty":
            return dataclasses.replace(answer, items=(), next_cursor=None, total=None)
        if name == "fetch" and word in LISTED:
            kinds = list(dict.fromkeys(item.kind for item in answer.items))
            listed = [LISTED[word]([item for item in answer.items if item.kind is kind]) for kind in kinds]
            return dataclasses.replace(answer, items=tuple(chain.from_iterable(listed)))
        return answer


def _lost(name: str) -> IntegrationError:
    """Nobody knows whether a write was done whose answer did not come."""
    return OutcomeUnknown(path=name) if name in WRITES else Transient(Code.CONNECTION_LOST, host="memory", port=0)


@contextmanager
def put_between(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Faulty, Faulty]]:
    """ERP and shop of a laboratory in memory, with a proxy in front of each. A worker that was killed releases no
    lease."""
    assert lab.erp is not None
    assert lab.shop is not None
    erp, shop = Faulty(lab.erp, lab.clock), Faulty(lab.shop, lab.clock)

    @contextmanager
    def opened(side: Faulty) -> Iterator[Faulty]:
        yield side

    def released(hold: LeaseHold) -> None:
        if erp.died or shop.died:
            erp.died = shop.died = False
        else:
            release(hold)

    release = LeaseHold.release
    with monkeypatch.context() as patched:
        patched.setattr("syncjobs.slices.open_shop", lambda connection, hold=None: opened(shop))
        patched.setattr("syncjobs.slices.open_erp", lambda connection, **more: opened(erp))
        patched.setattr(LeaseHold, "release", released)
        yield erp, shop

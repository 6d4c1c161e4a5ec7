"""Seeded schedules of faults, and the comparison of how a world with faults ended and one without.

Pure: no Django, no clock, no I/O; the same seed is the same schedule for ever. For tests and for a long soak alike:

    plan = schedule(seed, words=SHOP_WORDS, calls=80)    what happens at which call of a simulated shop
    print(plan)                                          "seed 7: call 3 drop, call 9 error 503, ..."
    arm(simulator.faults, plan)                          the same process
    for fault in plan.as_faults(): ...                   another one: each is the JSON body of POST /_control/faults
    differences(expected, found)                         [] or what differs, a sentence each

Calls are counted from 1 from the moment of arming, whatever method and address. Strikes of one schedule never share a
call. Nothing that needs a person to mend it (a revoked token, a redirect) is among the words: a world must come to rest
by itself after any schedule. `MEMORY_WORDS` are those of sides in memory (`tests.faults.faulty.Faulty`), among them
`killed`: the worker dies at that call as with SIGKILL.

The number of seeds that `make test` tries is `FAULT_SEEDS` (environment), the first of them `FAULT_FIRST_SEED`.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

SHOP_WORDS = (
    "drop",
    "reset",
    "delay",
    "too_many",
    "too_many_unsaid",
    "error",
    "gateway",
    "html",
    "truncated",
    "short_page",
    "doubled",
    "shuffled",
    "stale",
    "skew",
)
"""Kinds of `shops.simulation.faults.Fault` that pass by themselves."""
MEMORY_WORDS = (
    "drop",
    "reset",
    "delay",
    "too_many",
    "error",
    "truncated",
    "short_page",
    "doubled",
    "shuffled",
    "stale",
    "killed",
)
STATUSES = (500, 502, 503, 504)
SKEWS = (-300, -7, 7, 300)
"""Seconds that the shop's clock is wrong by."""


@dataclass(frozen=True)
class Strike:
    """One fault at one call. `seconds`: of a delay, of a Retry-After, of a wrong clock; `status` of an error."""

    call: int
    word: str
    seconds: float = 0
    status: int = 500

    def __str__(self) -> str:
        more = {"error": f" {self.status}", "delay": f" {self.seconds:g} s", "too_many": f" {self.seconds:g} s"}
        return f"call {self.call} {self.word}{more.get(self.word, '')}" + (
            f" {self.seconds:+g} s" if self.word == "skew" else ""
        )


@dataclass(frozen=True)
class Schedule:
    seed: int
    strikes: tuple[Strike, ...]
    """By rising call, no two at one."""

    def __str__(self) -> str:
        return f"seed {self.seed}: {', '.join(map(str, self.strikes)) or 'nothing happens'}"

    def at(self, call: int) -> Strike | None:
        """What hits the call of this number (the first is 1)."""
        return next((strike for strike in self.strikes if strike.call == call), None)

    def as_faults(self) -> list[dict[str, Any]]:
        """Arguments of `Faults.add`, one after the other; also JSON bodies for `/_control/faults`."""
        # A fault that strikes is not counted down by the ones behind it, so each has to pass fewer.
        return [
            {
                "kind": strike.word,
                "skip": strike.call - 1 - before,
                "seconds": strike.seconds,
                "status": strike.status,
            }
            for before, strike in enumerate(self.strikes)
        ]


class Armable(Protocol):
    """`shops.simulation.faults.Faults`."""

    def add(self, kind: str, **options: Any) -> None: ...


def schedule(seed: int, *, words: Sequence[str] = SHOP_WORDS, calls: int = 80, most: int = 8) -> Schedule:
    """Up to `most` faults (at least one) within the first `calls` calls, from these words."""
    chance = Random(seed)
    struck = sorted(chance.sample(range(1, calls + 1), chance.randint(1, min(most, calls))))
    return Schedule(seed, tuple(_strike(call, chance.choice(list(words)), chance) for call in struck))


def _strike(call: int, word: str, chance: Random) -> Strike:
    seconds = {
        "delay": chance.choice((0.2, 1.0, 2.0)),
        "too_many": float(chance.choice((1, 2, 5))),
        "skew": float(chance.choice(SKEWS)),
    }
    return Strike(call, word, seconds.get(word, 0.0), chance.choice(STATUSES))


def arm(faults: Armable, plan: Schedule) -> None:
    """Switches the schedule on in a simulated shop; its first call is the next one."""
    for fault in plan.as_faults():
        faults.add(**fault)


def differences(expected: Mapping[str, Any], found: Mapping[str, Any], *, place: str = "") -> list[str]:
    """Each value that is not as it would be without faults, with its place: "products / TOW0001 / stock: 5, not 7"."""
    told: list[str] = []
    for name in sorted({*expected, *found}, key=str):
        here = f"{place} / {name}" if place else str(name)
        if name not in found:
            told.append(f"{here}: missing")
        elif name not in expected:
            told.append(f"{here}: too much ({found[name]!r})")
        elif isinstance(expected[name], Mapping) and isinstance(found[name], Mapping):
            told += differences(expected[name], found[name], place=here)
        elif expected[name] != found[name]:
            told.append(f"{here}: {found[name]!r}, not {expected[name]!r}")
    return told


def seeds(few: int) -> range:
    """Seeds to try: `few` of them, or as many as FAULT_SEEDS says, from FAULT_FIRST_SEED (0) on."""
    first = int(os.environ.get("FAULT_FIRST_SEED", "0"))
    return range(first, first + int(os.environ.get("FAULT_SEEDS", few)))

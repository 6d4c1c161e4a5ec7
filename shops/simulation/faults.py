"""Faults that can be switched on while the shop runs: lost answers, delays, errors, garbage, broken records."""

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from shops.simulation.tables import Row

Listed = Callable[[list[Any]], list[Any]]
"""What a fault makes of the rows of a list."""
LISTED: dict[str, Listed] = {
    "short_page": lambda rows: rows[: len(rows) // 2],
    "doubled": lambda rows: [row for row in rows for _ in range(2)],
    "shuffled": lambda rows: rows[::-1],
}
KINDS = frozenset(
    {"drop", "reset", "delay", "too_many", "too_many_unsaid", "error", "gateway", "html", "truncated", *LISTED}
    | {"stale", "skew", "revoke", "redirect"}
)
REMEMBERED = 50
"""Strikes that can be looked at afterwards."""


class Dropped(ConnectionResetError):
    """The connection ends unanswered. The server of `serve` closes the socket; called as plain WSGI this escapes."""


@dataclass
class Fault:
    """One fault for requests of a method and resource (None: any), after `skip` that pass and for `times` in all.

    Kinds: `drop` (does the work, sends no answer), `reset` (does nothing, sends no answer), `delay` (`seconds`),
    `too_many` (429; `seconds` is its Retry-After, 0: none), `too_many_unsaid` (429 without it), `error` (`status`),
    `gateway` (does the work, and a gateway in front says 504), `html` (a page with 200), `truncated` (half of the
    JSON), `short_page` (a list without its last rows), `doubled` (each row of a list twice), `shuffled` (a list
    backwards), `stale` (a read is answered as it was answered last; reads are remembered while such a fault is on),
    `skew` (from now on the shop's clock is wrong by `seconds`, either way), `revoke` (tokens become invalid first),
    `redirect` (301 elsewhere).
    """

    kind: str
    times: int = 1
    method: str | None = None
    resource: str | None = None
    skip: int = 0
    seconds: float = 1.0
    status: int = 500

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}, one of {', '.join(sorted(KINDS))}")

    def matches(self, method: str, resource: str) -> bool:
        return self.method in (None, method) and self.resource in (None, resource)


@dataclass
class Faults:
    """The faults that are switched on."""

    active: list[Fault] = field(default_factory=list)
    broken: dict[tuple[str, int], Row] = field(default_factory=dict)
    locked: set[tuple[str, int]] = field(default_factory=set)
    """Objects open in the panel: PUT and DELETE answer 409."""
    shop_locked: bool = False
    """The whole shop answers 503."""
    unpaid: bool = False
    """The whole shop answers 402."""
    skew: float = 0.0
    """Seconds by which the shop's clock is wrong."""
    happened: "Counter[str]" = field(default_factory=Counter)
    latest: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """What struck, the newest last: kind, method, resource, at (seconds since the epoch)."""

    def add(self, kind: str, **options: Any) -> None:
        """Switches a fault on; `options` are the fields of `Fault`. Raises `ValueError` for an unknown kind."""
        self.active.append(Fault(kind, **options))

    def break_record(self, resource: str, row_id: int, changes: Row | None = None) -> None:
        """Makes one object arrive malformed in every answer: `changes` replace its fields (default: texts are gone)."""
        self.broken[resource, row_id] = {"translations": None, "stock": "?"} if changes is None else changes

    def clear(self) -> None:
        self.active.clear()
        self.broken.clear()
        self.locked.clear()
        self.shop_locked = self.unpaid = False
        self.skew = 0.0

    def remembering(self) -> bool:
        """Whether answers are wanted again later."""
        return any(fault.kind == "stale" for fault in self.active)

    def take(self, method: str, resource: str) -> Fault | None:
        """The fault that hits this request; used-up ones leave."""
        for fault in self.active:
            if not fault.matches(method, resource):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.active.remove(fault)
            self.happened[fault.kind] += 1
            self.latest.append({"kind": fault.kind, "method": method, "resource": resource, "at": int(time.time())})
            return fault
        return None

    def spoiled(self, resource: str, row_id: int, row: Row) -> Row:
        changes = self.broken.get((resource, row_id))
        return row if changes is None else {**row, **changes}

    def as_json(self) -> dict[str, Any]:
        return {
            "active": [asdict(fault) for fault in self.active],
            "broken": [list(key) for key in self.broken],
            "locked": [list(key) for key in self.locked],
            "shop_locked": self.shop_locked,
            "unpaid": self.unpaid,
            "skew": self.skew,
            "happened": dict(self.happened),
            "latest": list(self.latest),
        }

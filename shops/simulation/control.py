"""The control address `/_control` of a simulated shop, reachable from loopback only.

Every shop has GET stats, faults, state; POST reset_stats, faults, break_record, state, save; DELETE faults. One that
sells has the addresses of `shops.simulation.trade` too, and a platform adds switches of its own. It answers JSON and is
no part of the shop's API.
"""

import ipaddress
from collections.abc import Callable
from typing import Any, Protocol

from shops.simulation import trade
from shops.simulation.faults import Faults
from shops.simulation.http import Answer, Refused, Request
from shops.simulation.stats import Stats

Action = Callable[[dict[str, Any]], Any]
"""From the JSON object that was sent to what is answered (None: `{"ok": true}`)."""


class Controlled(Protocol):
    lock: Any
    faults: Faults
    stats: Stats
    on_save: Callable[[], None] | None

    def dump(self) -> dict[str, Any]: ...

    def load(self, data: dict[str, Any]) -> None: ...


class Control:
    def __init__(self, simulator: Controlled, sells: trade.Trade | None = None) -> None:
        self.simulator = simulator
        self.actions: dict[tuple[str, str], Action] = {
            ("GET", "stats"): lambda _: simulator.stats.as_json(),
            ("POST", "reset_stats"): lambda _: simulator.stats.reset(),
            ("GET", "faults"): lambda _: simulator.faults.as_json(),
            ("POST", "faults"): lambda given: simulator.faults.add(**given),
            ("DELETE", "faults"): lambda _: simulator.faults.clear(),
            ("POST", "break_record"): self._break_record,
            ("GET", "state"): lambda _: simulator.dump(),
            ("POST", "state"): simulator.load,
            ("POST", "save"): self._save,
            **(trade.actions(sells) if sells is not None else {}),
        }

    def answer(self, request: Request) -> Answer:
        if not _is_loopback(request.remote):
            return Answer.of({"error": "forbidden"}, 403)
        action = self.actions.get((request.method, request.path.removeprefix("/_control").strip("/")))
        if action is None:
            return Answer.of({"error": "unknown control address"}, 404)
        try:
            given = request.json_object() if request.body else {}
            with self.simulator.lock:
                return Answer.of(action(given) or {"ok": True})
        except Refused as refused:
            return Answer.refusal(refused)
        except (TypeError, ValueError, KeyError) as problem:
            return Answer.of({"error": str(problem)}, 400)

    def _break_record(self, given: dict[str, Any]) -> None:
        self.simulator.faults.break_record(given["resource"], int(given["id"]), given.get("changes"))

    def _save(self, _: dict[str, Any]) -> None:
        if self.simulator.on_save is None:
            raise ValueError("this shop is kept in no file")
        self.simulator.on_save()


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False

"""The control address `/_control`, reachable from loopback only: counters, faults, switches, saving and loading.

GET stats, faults, state; POST reset_stats, faults, break_record, lock, shop, quirks, revoke, state, rights, save;
DELETE faults. It answers JSON and is no part of the shop's API.
"""

import dataclasses
import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shops.connectors.shoper.simulator.errors import Refused
from shops.connectors.shoper.simulator.http import Answer, Request

if TYPE_CHECKING:
    from shops.connectors.shoper.simulator.app import ShoperSimulator


class Control:
    def __init__(self, simulator: "ShoperSimulator") -> None:
        self.simulator = simulator
        self._actions: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "stats"): lambda _: simulator.stats.as_json(),
            ("POST", "reset_stats"): lambda _: simulator.stats.reset(),
            ("GET", "faults"): lambda _: simulator.faults.as_json(),
            ("POST", "faults"): lambda given: simulator.faults.add(**given),
            ("DELETE", "faults"): lambda _: simulator.faults.clear(),
            ("POST", "break_record"): self._break_record,
            ("POST", "lock"): self._lock,
            ("POST", "shop"): self._shop,
            ("POST", "quirks"): self._quirks,
            ("POST", "revoke"): lambda _: simulator.access.revoke(),
            ("POST", "rights"): self._rights,
            ("GET", "state"): lambda _: self._dump(),
            ("POST", "state"): self._load,
            ("POST", "save"): self._save,
        }

    def answer(self, request: Request) -> Answer:
        if not _is_loopback(request.remote):
            return Answer.of({"error": "forbidden"}, 403)
        action = self._actions.get((request.method, request.path.removeprefix("/_control").strip("/")))
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

    def _lock(self, given: dict[str, Any]) -> None:
        """Opens an object in the panel, or closes it with `"locked": false`."""
        key = (given["resource"], int(given["id"]))
        locked = self.simulator.faults.locked
        if given.get("locked", True):
            locked.add(key)
        else:
            locked.discard(key)

    def _shop(self, given: dict[str, Any]) -> None:
        self.simulator.faults.shop_locked = bool(given.get("locked", False))
        self.simulator.faults.unpaid = bool(given.get("unpaid", False))

    def _quirks(self, given: dict[str, Any]) -> dict[str, Any]:
        quirks = self.simulator.quirks
        known = {field.name for field in dataclasses.fields(quirks)}
        if unknown := set(given) - known:
            raise ValueError(f"unknown switches: {', '.join(sorted(unknown))}")
        for name, value in given.items():
            setattr(quirks, name, value)
        return dataclasses.asdict(quirks)

    def _rights(self, given: dict[str, Any]) -> None:
        """Sets the rights of an account: {"login", "rights": {area: level} or null}."""
        access = self.simulator.access
        accounts = [*access.accounts.values(), *access.static_tokens.values()]
        chosen = [account for account in accounts if account.login == given["login"]]
        if not chosen:
            raise ValueError("unknown login")
        for account in chosen:
            account.rights = given["rights"]

    def _dump(self) -> dict[str, Any]:
        from shops.connectors.shoper.simulator.persistence import dump

        return dump(self.simulator.state)

    def _load(self, given: dict[str, Any]) -> None:
        from shops.connectors.shoper.simulator.persistence import restore

        self.simulator.replace_state(restore(given, clock=self.simulator.state.clock))

    def _save(self, _: dict[str, Any]) -> None:
        if self.simulator.on_save is None:
            raise ValueError("this shop is kept in no file")
        self.simulator.on_save()


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False

"""The switches of a Shoper shop besides those of every shop: POST lock, shop, quirks, revoke, rights, deliveries."""

import dataclasses
from typing import TYPE_CHECKING, Any

from shops.connectors.shoper.simulator import hooks
from shops.connectors.shoper.simulator.trade import ShoperTrade
from shops.simulation import control

if TYPE_CHECKING:
    from shops.connectors.shoper.simulator.app import ShoperSimulator


class Control(control.Control):
    def __init__(self, simulator: "ShoperSimulator") -> None:
        super().__init__(simulator, ShoperTrade(simulator))
        self.shop = simulator
        self.actions |= {
            ("POST", "lock"): self._lock,
            ("POST", "shop"): self._shop,
            ("POST", "quirks"): self._quirks,
            ("POST", "revoke"): lambda _: simulator.access.revoke(),
            ("POST", "rights"): self._rights,
            ("POST", "deliveries"): self._deliveries,
        }

    def _lock(self, given: dict[str, Any]) -> None:
        """Opens an object in the panel, or closes it with `"locked": false`."""
        key = (given["resource"], int(given["id"]))
        locked = self.shop.faults.locked
        if given.get("locked", True):
            locked.add(key)
        else:
            locked.discard(key)

    def _shop(self, given: dict[str, Any]) -> None:
        self.shop.faults.shop_locked = bool(given.get("locked", False))
        self.shop.faults.unpaid = bool(given.get("unpaid", False))

    def _quirks(self, given: dict[str, Any]) -> dict[str, Any]:
        quirks = self.shop.quirks
        known = {field.name for field in dataclasses.fields(quirks)}
        if unknown := set(given) - known:
            raise ValueError(f"unknown switches: {', '.join(sorted(unknown))}")
        for name, value in given.items():
            setattr(quirks, name, value)
        return dataclasses.asdict(quirks)

    def _deliveries(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """What the webhooks send about an object, to be posted by the caller: {"event", "id"}. Without these, what they
        have sent by themselves about orders."""
        made = self.shop.deliveries(given["event"], int(given["id"])) if given else self.shop.deliver()
        return [hooks.as_json(one) for one in made]

    def _rights(self, given: dict[str, Any]) -> None:
        """Sets the rights of an account: {"login", "rights": {area: level} or null}."""
        access = self.shop.access
        accounts = [*access.accounts.values(), *access.static_tokens.values()]
        chosen = [account for account in accounts if account.login == given["login"]]
        if not chosen:
            raise ValueError("unknown login")
        for account in chosen:
            account.rights = given["rights"]

"""The control address `/_control` of the simulated PrestaShop: what every shop has, and switches of its own.

POST switches: {"enabled", "full_rows"}; hosting: fields of `Hosting`; rights: {"key", "rights": {resource: [methods]}};
revoke: {"key"}.
"""

import dataclasses
from typing import TYPE_CHECKING, Any

from shops.connectors.prestashop.simulator.access import API_KEY
from shops.connectors.prestashop.simulator.trade import PrestaTrade
from shops.simulation.control import Control as Base

if TYPE_CHECKING:
    from shops.connectors.prestashop.simulator.app import PrestaSimulator


class Control(Base):
    def __init__(self, simulator: "PrestaSimulator") -> None:
        super().__init__(simulator, PrestaTrade(simulator))
        self._shop = simulator
        self.actions |= {
            ("POST", "switches"): self._switches,
            ("POST", "hosting"): self._hosting,
            ("POST", "rights"): self._rights,
            ("POST", "revoke"): self._revoke,
        }

    def _break_record(self, given: dict[str, Any]) -> None:
        changes = given.get("changes", {"price": "?"})
        self._shop.faults.break_record(given["resource"], int(given["id"]), changes)

    def _switches(self, given: dict[str, Any]) -> None:
        if unknown := set(given) - {"enabled", "full_rows"}:
            raise ValueError(f"unknown switches: {', '.join(sorted(unknown))}")
        self._shop.access.enabled = bool(given.get("enabled", self._shop.access.enabled))
        self._shop.api.full_rows = int(given.get("full_rows", self._shop.api.full_rows))

    def _hosting(self, given: dict[str, Any]) -> None:
        blocked = tuple(given.get("blocked", ()))
        self._shop.hosting = dataclasses.replace(self._shop.hosting, **{**given, "blocked": blocked})

    def _rights(self, given: dict[str, Any]) -> None:
        account = self._shop.access.accounts[given.get("key", API_KEY)]
        account.rights = {name: set(methods) for name, methods in given["rights"].items()}

    def _revoke(self, given: dict[str, Any]) -> None:
        self._shop.access.accounts[given.get("key", API_KEY)].active = False

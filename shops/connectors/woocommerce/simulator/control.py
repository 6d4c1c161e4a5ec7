"""The switches of a WooCommerce shop besides those of every shop: POST revoke, restore_keys, tls, deliveries."""

from typing import TYPE_CHECKING, Any

from shops.connectors.woocommerce.simulator.trade import WooTrade
from shops.simulation import control

if TYPE_CHECKING:
    from shops.connectors.woocommerce.simulator.app import WooSimulator

_UNREADABLE = {"name": None, "manage_stock": "?", "regular_price": {"brutto": "?"}}
"""What a plugin can make of a product."""


class Control(control.Control):
    def __init__(self, simulator: "WooSimulator") -> None:
        super().__init__(simulator, WooTrade(simulator))
        self.shop = simulator
        self.actions |= {
            ("POST", "break_record"): self._break,
            ("POST", "revoke"): lambda _: simulator.access.revoke(),
            ("POST", "restore_keys"): lambda _: simulator.access.restore(),
            ("POST", "tls"): self._tls,
            ("POST", "deliveries"): self._deliveries,
        }

    def _break(self, given: dict[str, Any]) -> None:
        changes = given.get("changes", _UNREADABLE)
        self.shop.faults.break_record(given["resource"], int(given["id"]), changes)

    def _tls(self, given: dict[str, Any]) -> None:
        self.shop.access.tls = bool(given["on"])

    def _deliveries(self, _: dict[str, Any]) -> dict[str, Any]:
        """What the webhooks send now, to be posted by the caller; the queue is empty then."""
        made = self.shop.deliver()
        rows = [{"url": one.url, "headers": dict(one.headers), "body": one.body.decode()} for one in made]
        return {"deliveries": rows}

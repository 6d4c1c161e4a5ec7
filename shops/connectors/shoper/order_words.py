"""What the shop calls its states, payments and deliveries: asked once a day, and again when a word is not known."""

from collections.abc import Callable, Mapping
from typing import Any

from integrator.canonical.orders import DeliveryEntry, OrderWords, PaymentEntry, StateEntry
from integrator.canonical.records import Key
from shops.connectors.shoper import order_mapping
from shops.connectors.shoper.facts import Facts
from shops.connectors.shoper.mapping import translation
from shops.connectors.shoper.rest import Rest, Row

Entries = Mapping[str, Any]


class Words:
    def __init__(self, rest: Rest, facts: Facts) -> None:
        self._rest = rest
        self._facts = facts

    def read(self) -> OrderWords:
        """All of them as they are now."""
        for name in ("statuses", "payments", "shippings"):
            self._facts.drop(name)
        states = self.states()
        return OrderWords(
            states=tuple(StateEntry(key=key, name=states[key][0], stage=self.stage(key)) for key in states),
            payments=tuple(self.payment(key) for key in self._entries("payments")),
            deliveries=tuple(self.delivery(key) for key in self._entries("shippings")),
        )

    def states(self) -> Mapping[Key, tuple[str, str]]:
        """Name and type of each state."""
        return {key: (name, kind) for key, (name, kind) in self._entries("statuses").items()}

    def stage(self, key: Key) -> order_mapping.Stage:
        self._known("statuses", key)
        return order_mapping.stage(key, self.states(), self._facts.config)

    def payment(self, key: Key) -> PaymentEntry:
        """By its key alone when the shop has it no longer."""
        title, engine = self._known("payments", key) or ("", "")
        return PaymentEntry(key=key, name=title, kind=order_mapping.payment_kind(engine))

    def delivery(self, key: Key) -> DeliveryEntry:
        return DeliveryEntry(key=key, name=self._known("shippings", key) or "")

    def _known(self, name: str, key: Key) -> Any:
        found = self._entries(name)
        if key and key not in found and self._facts.older_than(name, 60):
            self._facts.drop(name)
            found = self._entries(name)
        return found.get(key)

    def _entries(self, name: str) -> Entries:
        return self._facts.fresh(name, lambda: self._ask(name))

    def _ask(self, name: str) -> dict[str, Any]:
        key, entry = {
            "statuses": ("status_id", self._status),
            "payments": ("payment_id", self._payment),
            "shippings": ("shipping_id", self._shipping),
        }[name]
        entry_of: Callable[[Row], Any] = entry
        return {str(row.get(key)): entry_of(row) for row in self._rest.rows(name)}

    def _text(self, row: Row, name: str) -> str:
        return str(translation(row, self._facts.language).get(name) or row.get("name") or "").strip()

    def _status(self, row: Row) -> list[str]:
        return [self._text(row, "name"), str(row.get("type", ""))]

    def _payment(self, row: Row) -> list[str]:
        return [self._text(row, "title"), str(row.get("name") or "")]

    def _shipping(self, row: Row) -> str:
        return self._text(row, "name")

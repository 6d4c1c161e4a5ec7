"""Which cards are one element: WAPRO keeps one card per warehouse, and the identity key joins them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Min, QuerySet

from integrator.canonical.records import Key
from wapro.models import WaproConnection
from wapro.tables import Article

COLUMNS = {
    WaproConnection.IdentityKey.INDEX: "INDEKS_KATALOGOWY",
    WaproConnection.IdentityKey.GUID: "GUID_ARTYKUL",
    WaproConnection.IdentityKey.ID: "ID_ARTYKULU",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Identity values of one page: greater than `after`, at most `upto`; None means no bound."""

    after: str | int | None
    upto: str | int | None
    more: bool


class Identity:
    """The identity key of a connection, on an open alias."""

    def __init__(self, connection: WaproConnection, alias: str) -> None:
        self.name = WaproConnection.IdentityKey(connection.identity_key)
        self.column = COLUMNS[self.name]
        self._alias = alias
        leading = connection.leading_warehouse.strip()
        self.leading = int(leading) if leading.isdigit() else None
        self._only: int | None = None
        """The one warehouse whose cards count when the id of the card is the key."""

    def cards(self) -> QuerySet[Article]:
        """Cards that have an identity at all."""
        cards = Article.objects.using(self._alias)
        if self.name is WaproConnection.IdentityKey.GUID:
            return cards.filter(guid__isnull=False)
        if self.name is WaproConnection.IdentityKey.ID:
            return cards.filter(warehouse=self._warehouse())
        return cards

    def _warehouse(self) -> int:
        if self._only is None:
            lowest = self.leading
            if lowest is None:
                lowest = Article.objects.using(self._alias).aggregate(lowest=Min("warehouse"))["lowest"]
            self._only = lowest or 0
        return self._only

    def without(self) -> QuerySet[Article]:
        """Cards that can belong to no element because their identity is not filled in."""
        if self.name is WaproConnection.IdentityKey.GUID:
            return Article.objects.using(self._alias).filter(guid__isnull=True)
        return Article.objects.using(self._alias).none()

    def value(self, key: Key) -> str | int | None:
        """The column's value of a key, None when the key cannot be one."""
        if self.name is not WaproConnection.IdentityKey.ID:
            return key
        return int(key) if key.isdigit() else None

    def key(self, card: Any) -> Key:
        return str(getattr(card, self.name)).strip()

    def fold(self, key: Key) -> str:
        """Cards whose folded keys are equal are one element: the server compares without regard to case."""
        return key.strip().casefold()

    def span(self, cursor: str | None, size: int) -> Span:
        """The next `size` identities after the cursor: one query, whatever the number of cards."""
        after = None if cursor is None else self.value(cursor)
        cards = self.cards() if after is None else self.cards().filter(**{f"{self.name}__gt": after})
        values = list(cards.order_by(self.name).values_list(self.name, flat=True).distinct()[: size + 1])
        more = len(values) > size
        return Span(after, values[size - 1] if more else None, more)

    def within(self, span: Span) -> QuerySet[Article]:
        cards = self.cards()
        if span.after is not None:
            cards = cards.filter(**{f"{self.name}__gt": span.after})
        if span.upto is not None:
            cards = cards.filter(**{f"{self.name}__lte": span.upto})
        return cards

    def having(self, keys: Iterable[Key]) -> QuerySet[Article]:
        values = [value for value in map(self.value, keys) if value is not None]
        return self.cards().filter(**{f"{self.name}__in": values})

    def groups(self, cards: Iterable[Any]) -> list[list[Any]]:
        """Cards by element, the leading one first. Cards still being made count only where an element has no other."""
        found: dict[str, list[Any]] = {}
        for card in cards:
            found.setdefault(self.fold(self.key(card)), []).append(card)
        return [self.ordered(group) for group in found.values()]

    def ordered(self, group: list[Any]) -> list[Any]:
        if len(group) == 1:
            return group
        saved = [card for card in group if not card.state]
        return sorted(saved or group, key=self.rank)

    def rank(self, card: Any) -> tuple[bool, int, int]:
        """The smallest is the leading card: the chosen warehouse's, else the lowest warehouse's, else the lowest id."""
        return (self.leading is None or card.warehouse != self.leading, card.warehouse or 0, card.id)

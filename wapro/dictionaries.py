"""The small tables that cards point to: units, VAT rates, category trees, producers. Read whole, once per session."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from django.db.models import Min, Q, QuerySet

from integrator.canonical.errors import MappingError
from integrator.canonical.records import Category, Key, Producer, TaxRate, Unit
from integrator.canonical.text import clean, fold, fold_unit
from wapro import tables
from wapro.tables import Article, CategoryNode, Contractor, VatRate

NONE = (None, 0)
"""WAPRO writes "points to nothing" as NULL or as 0."""


class HasUnits(Protocol):
    """A row of cards, as far as its units go."""

    @property
    def unit(self) -> int | None: ...

    @property
    def sale_unit(self) -> int | None: ...


@dataclass(slots=True)
class UnitRow:
    id: int
    article: int | None
    symbol: str
    name: str
    factor: Decimal | None
    fractional: int | None
    folded: str = field(init=False)
    """The symbol without case and dots."""

    def __post_init__(self) -> None:
        self.folded = fold_unit(self.symbol or "")

    @property
    def record(self) -> Unit:
        return Unit(symbol=clean(self.symbol), name=clean(self.name), fractional=bool(self.fractional))


_UNIT = ("id", "article", "symbol", "name", "factor", "fractional")
_OF_COMPANY = Q(article__isnull=True) | Q(article=0)


class Units:
    """Units of the company are elements. A further unit of one card (`op.` of 12) stands for the company's unit with
    the same symbol; where there is none, all card units of that symbol are one element, named by the lowest id."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._rows: dict[int, UnitRow] = {}
        self._key: dict[str, int] = {}
        """Folded symbol -> id of the unit that stands for it."""
        for row in self._load(tables.Unit.objects.using(alias).filter(_OF_COMPANY).order_by("id")):
            self._key.setdefault(row.folded, row.id)
        own = tables.Unit.objects.using(alias).exclude(_OF_COMPANY).values("symbol").annotate(lowest=Min("id"))
        lonely = {row["lowest"] for row in own.order_by("symbol") if fold_unit(row["symbol"] or "") not in self._key}
        if lonely:
            for row in self._load(tables.Unit.objects.using(alias).filter(pk__in=lonely).order_by("id")):
                self._key.setdefault(row.folded, row.id)

    def _load(self, rows: QuerySet[tables.Unit]) -> list[UnitRow]:
        loaded = [UnitRow(*row) for row in rows.values_list(*_UNIT)]
        self._rows.update((row.id, row) for row in loaded)
        return loaded

    def elements(self) -> dict[Key, Unit]:
        rows = (row for row in self._rows.values() if row.article in NONE or self._key.get(row.folded) == row.id)
        return {str(row.id): row.record for row in sorted(rows, key=lambda row: row.id)}

    def prepare(self, cards: Sequence["HasUnits"], source: QuerySet[Article]) -> None:
        """Have the units that these cards (the rows of `source`) use: at most one query."""
        used = {unit for card in cards for unit in (card.unit, card.sale_unit)} - self._rows.keys() - set(NONE)
        if used:
            unordered = source.order_by()
            self._load(
                tables.Unit.objects.using(self._alias).filter(
                    Q(pk__in=unordered.values("unit")) | Q(pk__in=unordered.values("sale_unit"))
                )
            )

    def told(self, cards: Sequence["HasUnits"]) -> list[object]:
        """Everything said here about the units of these cards, which are prepared."""
        used = self._rows.keys() & {unit for card in cards for unit in (card.unit, card.sale_unit)}
        rows = [self._rows[unit] for unit in sorted(used)]
        return [
            (row.id, row.article, row.symbol, row.factor, row.fractional, self._key.get(row.folded)) for row in rows
        ]

    def row(self, unit: int | None) -> UnitRow | None:
        return None if unit in NONE else self._rows.get(unit)

    def key(self, unit: int | None) -> Key | None:
        """Key of the element a card's unit belongs to. A dangling id stays a key, so that it shows up as unlinked."""
        if unit in NONE:
            return None
        row = self._rows.get(unit)
        if row is None or row.article in NONE:
            return str(unit)
        return str(self._key.get(row.folded, unit))

    def sold_in(self, card: "HasUnits") -> int | None:
        return card.unit if card.sale_unit in NONE else card.sale_unit

    def stock_symbol(self, card: "HasUnits") -> str:
        row = self.row(card.unit)
        return row.folded if row else ""

    def sale_factor(self, card: "HasUnits") -> Decimal:
        """Stock units in one sale unit. Raises MappingError when the sale unit or its factor makes no sense."""
        if card.sale_unit in NONE or card.sale_unit == card.unit:
            return Decimal(1)
        row = self.row(card.sale_unit)
        if row is None:
            raise MappingError("ID_JEDNOSTKI_SPRZ", card.sale_unit)
        if row.factor is None or row.factor <= 0:
            raise MappingError("PRZELICZNIK", row.factor)
        return row.factor

    def fractional(self, card: "HasUnits") -> bool:
        row = self.row(self.sold_in(card))
        return bool(row and row.fractional)


class VatRates:
    def __init__(self, alias: str) -> None:
        rows = VatRate.objects.using(alias).order_by("code").values_list("code", "name", "percent")
        self._rates = {
            code.casefold(): TaxRate(code=clean(code), name=clean(name or ""), percent=percent)
            for code, name, percent in rows
        }

    def elements(self) -> dict[Key, TaxRate]:
        return {rate.code: rate for rate in self._rates.values()}

    def get(self, code: str | None) -> TaxRate | None:
        return self._rates.get((code or "").strip().casefold())


@dataclass(slots=True)
class Node:
    id: int
    company: int
    warehouse: int
    name: str
    code: str
    level: int | None
    parent: "Node | None" = None

    @property
    def key(self) -> Key:
        return f"{self.warehouse}:{self.id}"

    @property
    def path(self) -> tuple[str, ...]:
        above = self.parent.path if self.parent else ()
        return (*above, self.name)


class CategoryTrees:
    """The category tree of every warehouse. The table has no parent column: a node's code begins with its parent's, and
    where levels are filled in the parent is exactly one level up (so `1` is no parent of `10`)."""

    def __init__(self, alias: str) -> None:
        columns = ("id", "company", "warehouse", "name", "code", "level")
        rows = CategoryNode.objects.using(alias).order_by("warehouse", "id").values_list(*columns)
        self._nodes = [
            Node(pk, company, warehouse, clean(name), (code or "").strip(), level)
            for pk, company, warehouse, name, code, level in rows
        ]
        self._by_key = {node.key: node for node in self._nodes}
        self._by_id: dict[int, list[Node]] = defaultdict(list)
        for node in self._nodes:
            self._by_id[node.id].append(node)
        self._find_parents()

    def _find_parents(self) -> None:
        trees: dict[tuple[int, int], dict[str, Node]] = defaultdict(dict)
        for node in self._nodes:
            if node.code:
                trees[node.company, node.warehouse].setdefault(node.code, node)
        for node in self._nodes:
            node.parent = _parent(node, trees[node.company, node.warehouse])

    def elements(self) -> dict[Key, Category]:
        return {
            node.key: Category(path=node.path, parent=node.parent.key if node.parent else None) for node in self._nodes
        }

    def of_card(self, warehouse: int | None, node_id: int | None) -> Node | None:
        """The node a card points to. A warehouse may use another one's tree, so a lone match by id counts too."""
        if node_id in NONE:
            return None
        own = self._by_key.get(f"{warehouse}:{node_id}")
        if own is not None:
            return own
        same_id = self._by_id.get(node_id, [])
        return same_id[0] if len(same_id) == 1 else None


def _parent(node: Node, tree: dict[str, Node]) -> Node | None:
    for length in range(len(node.code) - 1, 0, -1):
        found = tree.get(node.code[:length])
        if found is not None and (node.level is None or found.level is None or found.level == node.level - 1):
            return found
    return None


TEXT = "text:"
"""Prefix of the key of a producer that is only a text on cards."""


def producer_key(contractor: int | None, text: str | None) -> Key | None:
    if contractor not in NONE:
        return str(contractor)
    folded = fold(text or "")
    return TEXT + folded if folded else None


def producing_contractors(alias: str) -> QuerySet[Contractor]:
    """Contractors that cards name as producers."""
    cards = Article.objects.using(alias).filter(producer__gt=0)
    return Contractor.objects.using(alias).filter(pk__in=cards.values("producer"))


def producers_as_text(alias: str) -> dict[Key, Producer]:
    """Producers of cards that name no contractor; names that differ only in case, accents or spaces are one."""
    cards = Article.objects.using(alias).filter(Q(producer__isnull=True) | Q(producer=0))
    names = cards.exclude(producer_name="").order_by("producer_name").values_list("producer_name", flat=True)
    found: dict[Key, Producer] = {}
    for name in names.distinct():
        key = producer_key(None, name)
        if key is not None:
            found.setdefault(key, Producer(name=clean(name)))
    return found


def contractor_record(name: str | None, full_name: str | None) -> Producer:
    return Producer(name=clean(name or "") or clean(full_name or ""))

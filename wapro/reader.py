"""Reads elements out of WAPRO Mag: pages in the order of the identity key, with a fixed number of queries per page.

The same queries run on SQL Server and on the SQLite file of a sample company. Nothing is kept beyond a page but the
small tables that cards point to.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from django.db.models import QuerySet

from integrator.canonical.errors import Gone, MappingError
from integrator.canonical.fingerprint import digest
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Key, Record, problem
from integrator.canonical.side import ElementError, Found, Keyed, LatePage, NewElement, Page, ReadBack
from integrator.canonical.text import fold_unit
from wapro import dictionaries
from wapro.amounts import PriceCard, PriceRow, StockCard, price_list, stocks
from wapro.cards import Books, Card, Grouping, full_name, product
from wapro.dictionaries import CategoryTrees, Units, VatRates
from wapro.errors import canonical_errors
from wapro.identity import Identity
from wapro.models import WaproConnection
from wapro.pictures import INDEXES_PER_PAGE, Pictures
from wapro.tables import Article, ArticlePrice, Barcode

PAGE_SIZE = 500
"""Elements per page; also the longest list of values in a query (SQL Server takes 2100)."""

AnyCard = TypeVar("AnyCard", Card, PriceCard, StockCard)
Groups = Sequence[Sequence[AnyCard]]
Made = tuple[list[Keyed], list[ElementError]]
Gathered = tuple[list[object], Callable[[], Made]]
"""What was read of a page, and what makes its records."""


class Reader:
    """One connection on an open alias. `today` decides which promotions run."""

    def __init__(self, connection: WaproConnection, alias: str, today: date, page_size: int = PAGE_SIZE) -> None:
        self.alias = alias
        self.identity = Identity(connection, alias)
        self._today = today
        self._size = page_size
        self._grouping = Grouping.of(connection)
        self._pictures = Pictures(alias, self.identity)

    @cached_property
    def units(self) -> Units:
        return Units(self.alias)

    @cached_property
    def vat(self) -> VatRates:
        return VatRates(self.alias)

    @cached_property
    def trees(self) -> CategoryTrees:
        return CategoryTrees(self.alias)

    @cached_property
    def _surroundings(self) -> str:
        """Digest of all that records are made with besides the rows of a page."""
        small = (list(self.vat.elements().items()), list(self.trees.elements().items()))
        return digest(small, self._grouping, str(self.identity.name), self.identity.leading, self._today.isoformat())

    def forget(self) -> None:
        """Read the small tables again: something was written."""
        for name in ("units", "vat", "trees", "_surroundings"):
            self.__dict__.pop(name, None)

    def fetch(self, kind: Kind, cursor: str | None) -> Page | LatePage:
        """The page after the cursor. Raises Transient, Unreachable or AuthFailed for the page as a whole."""
        with canonical_errors():
            if kind is Kind.IMAGE:
                return self._picture_page(cursor)
            if kind is Kind.PRODUCER:
                return self._producer_page(cursor)
            if kind in self._dictionaries:
                return self._dictionary_page(kind, cursor)
            return self._card_page(kind, cursor)

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        """The present state of these elements, `PAGE_SIZE` at a time."""
        items: list[Keyed] = []
        errors: list[ElementError] = []
        with canonical_errors():
            for chunk in _chunks(keys, self._size):
                found, broken = self._read_chunk(kind, chunk)
                items += found
                errors += broken
        answered = {item.key for item in items} | {error.key for error in errors}
        return ReadBack(
            items=tuple(items), errors=tuple(errors), gone=tuple(key for key in keys if key not in answered)
        )

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> dict[str, Found]:
        """By token: products that have the code, units that have the symbol. Other kinds are never found."""
        with canonical_errors():
            if kind is Kind.UNIT:
                return {
                    row.token: Found(keys=self._units_called(str(row.fields.get("symbol") or ""))) for row in wanted
                }
            if kind is not Kind.PRODUCT:
                return {row.token: Found() for row in wanted}
            codes = {row.token: str(row.fields.get("code") or "").strip() for row in wanted}
            found: dict[str, set[Key]] = {}
            for chunk in _chunks(sorted(set(codes.values()) - {""}), self._size):
                for card in self.identity.cards().filter(index__in=chunk).only("id", "index", "guid").order_by("id"):
                    found.setdefault(card.index.strip().casefold(), set()).add(self.identity.key(card))
            return {token: Found(keys=tuple(sorted(found.get(code.casefold(), ())))) for token, code in codes.items()}

    def _units_called(self, symbol: str) -> tuple[Key, ...]:
        wanted = fold_unit(symbol)
        units = self.units.elements().items()
        return tuple(key for key, unit in units if wanted and fold_unit(unit.symbol) == wanted)

    def content(self, key: Key) -> bytes:
        """Bytes of a picture. Raises Gone."""
        with canonical_errors():
            found = (
                self._pictures.all().filter(pk=int(key)).values_list("content", flat=True).first()
                if key.isdigit()
                else None
            )
        if not found:
            raise Gone(kind=Kind.IMAGE, key=key)
        return bytes(found)

    def _read_chunk(self, kind: Kind, keys: list[Key]) -> tuple[list[Keyed], list[ElementError]]:
        if kind is Kind.IMAGE:
            items, errors = self._pictures.records(self._pictures.beside([int(key) for key in keys if key.isdigit()]))
            return [item for item in items if item.key in keys], [error for error in errors if error.key in keys]
        if kind is Kind.PRODUCER:
            return _keyed(kind, self._producers(keys), keys), []
        if kind in self._dictionaries:
            return _keyed(kind, self._dictionaries[kind](), keys), []
        asked = {self.identity.fold(key): key for key in keys}
        items, errors = self._records(kind, self.identity.having(keys))
        return (
            [Keyed(key=asked.get(self.identity.fold(i.key), i.key), record=i.record, kind=i.kind) for i in items],
            errors,
        )

    # dictionaries

    @property
    def _dictionaries(self) -> Mapping[Kind, Callable[[], Mapping[Key, Record]]]:
        return {
            Kind.UNIT: lambda: self.units.elements(),
            Kind.TAX_RATE: lambda: self.vat.elements(),
            Kind.CATEGORY: lambda: self.trees.elements(),
        }

    def _dictionary_page(self, kind: Kind, cursor: str | None) -> Page:
        elements = self._dictionaries[kind]()
        after = None if cursor is None else _natural(cursor)
        keys = [key for key in sorted(elements, key=_natural) if after is None or _natural(key) > after]
        items = tuple(_keyed(kind, elements, keys[: self._size]))
        more = len(keys) > self._size
        return Page(items=items, next_cursor=items[-1].key if more else None, total=len(elements))

    def _producer_page(self, cursor: str | None) -> Page:
        """Contractors by id; on the last page, those that are only a text on cards."""
        contractors = dictionaries.producing_contractors(self.alias).filter(pk__gt=int(cursor or 0)).order_by("id")
        rows = list(contractors.values_list("id", "name", "full_name")[: self._size + 1])
        found: dict[Key, Record] = {
            str(pk): dictionaries.contractor_record(name, full) for pk, name, full in rows[: self._size]
        }
        if len(rows) > self._size:
            return Page(items=tuple(_keyed(Kind.PRODUCER, found, found)), next_cursor=str(rows[self._size - 1][0]))
        found |= dictionaries.producers_as_text(self.alias)
        return Page(items=tuple(_keyed(Kind.PRODUCER, found, found)))

    def _producers(self, keys: Iterable[Key]) -> Mapping[Key, Record]:
        ids = [int(key) for key in keys if key.isdigit()]
        rows = dictionaries.producing_contractors(self.alias).filter(pk__in=ids).order_by("id")
        found: dict[Key, Record] = {
            str(pk): dictionaries.contractor_record(name, full)
            for pk, name, full in rows.values_list("id", "name", "full_name")
        }
        if any(key.startswith(dictionaries.TEXT) for key in keys):
            found |= dictionaries.producers_as_text(self.alias)
        return found

    # cards

    def _card_page(self, kind: Kind, cursor: str | None) -> LatePage:
        span = self.identity.span(cursor, self._size)
        parts, make = self._gathered(kind, self.identity.within(span))
        total, nameless = None, []
        if cursor is None:
            total = self.identity.cards().values(self.identity.name).distinct().count()
            nameless = self._without_identity(kind)

        def made() -> Made:
            items, errors = make()
            return items, [*errors, *nameless]

        return LatePage(
            digest=digest(self._surroundings, parts, len(nameless)),
            make=made,
            next_cursor=str(span.upto) if span.more else None,
            total=total,
        )

    def _records(self, kind: Kind, source: QuerySet[Article]) -> Made:
        return self._gathered(kind, source)[1]()

    def _gathered(self, kind: Kind, source: QuerySet[Article]) -> Gathered:
        """The values of these cards and what belongs to them as read, and what makes records of them."""
        if kind is Kind.PRODUCT:
            return self._products(source)
        if kind is Kind.PRICE:
            return self._prices(source)
        if kind is Kind.STOCK:
            return self._stocks(source)
        raise KeyError(f"WAPRO Mag has no elements of the kind {kind}")

    def _cards(self, row: type[AnyCard], source: QuerySet[Article]) -> tuple[list[object], list[list[AnyCard]]]:
        columns = [field.name for field in fields(row)]
        values = list(source.order_by(self.identity.name).values_list(*columns))
        cards = [row(*of_card) for of_card in values]
        self.units.prepare(cards, source)
        return [values, self.units.told(cards)], self.identity.groups(cards)

    def _products(self, source: QuerySet[Article]) -> Gathered:
        parts, groups = self._cards(Card, source)
        books = Books(self.units, self.vat, self.trees, self._grouping)
        eans = self._eans([group[0].id for group in groups if not group[0].ean])
        return [*parts, eans], lambda: self._each(Kind.PRODUCT, groups, lambda group: product(group, books, eans))

    def _prices(self, source: QuerySet[Article]) -> Gathered:
        parts, groups = self._cards(PriceCard, source)
        leads = [group[0].id for group in groups]
        rows: dict[int, list[PriceRow]] = {}
        for chunk in _chunks(leads, PAGE_SIZE):
            read = (
                ArticlePrice.objects.using(self.alias).filter(article__in=chunk).order_by("article", "price_type", "id")
            )
            found = list(read.values_list("article", "price_type", "currency", "net", "gross"))
            parts.append(found)
            for values in found:
                rows.setdefault(values[0], []).append(PriceRow(*values))

        def make(group: Sequence[PriceCard]) -> Record:
            return price_list(group[0], rows.get(group[0].id, ()), self.units, self.vat, self._today)

        return parts, lambda: self._each(Kind.PRICE, groups, make)

    def _stocks(self, source: QuerySet[Article]) -> Gathered:
        parts, groups = self._cards(StockCard, source)
        return parts, lambda: self._each(Kind.STOCK, groups, lambda group: stocks(group, self.units))

    def _eans(self, cards: list[int]) -> dict[int, str]:
        """Bar codes kept in their own table, for cards without one: the oldest that stands for one stock unit. The code
        of a carton is not the code of what is in it."""
        found: dict[int, str] = {}
        for chunk in _chunks(cards, PAGE_SIZE):
            read = Barcode.objects.using(self.alias).filter(article__in=chunk).order_by("article", "id")
            for card, code, unit, quantity in read.values_list("article", "code", "unit", "quantity"):
                if code.strip() and unit in dictionaries.NONE and quantity in (None, 1):
                    found.setdefault(card, code.strip())
        return found

    def _each(
        self, kind: Kind, groups: Groups[AnyCard], make: Callable[[Sequence[AnyCard]], Record]
    ) -> tuple[list[Keyed], list[ElementError]]:
        """A record per element; one that cannot be made is an error of its own and stops nothing."""
        items: list[Keyed] = []
        errors: list[ElementError] = []
        for group in groups:
            key = self.identity.key(group[0])
            if not key:
                errors += (self._nameless(kind, card) for card in group if not card.state)
                continue
            try:
                items.append(Keyed(key=key, record=make(group), kind=kind))
            except MappingError as error:
                errors.append(_broken(kind, key, group[0], error))
        return items, errors

    def _without_identity(self, kind: Kind) -> list[ElementError]:
        cards = self.identity.without().order_by("id").values_list(*(field.name for field in fields(Card)))
        return [self._nameless(kind, Card(*row)) for row in cards[: self._size] if not Card(*row).state]

    def _nameless(self, kind: Kind, card: Any) -> ElementError:
        return ElementError(
            key=f"id:{card.id}",
            kind=kind,
            problem=problem(Code.FIELD_MISSING, field=self.identity.column),
            excerpt=f"ID_ARTYKULU={card.id}",
            label=_label(card),
        )

    # pictures

    def _picture_page(self, cursor: str | None) -> LatePage:
        indexes = self._pictures.next_indexes(cursor, INDEXES_PER_PAGE)
        upto = indexes[INDEXES_PER_PAGE - 1] if len(indexes) > INDEXES_PER_PAGE else None
        parts, make = self._pictures.gathered(self._pictures.between(cursor, upto))
        return LatePage(digest=digest(parts), make=make, next_cursor=upto)


def _broken(kind: Kind, key: Key, card: Any, error: MappingError) -> ElementError:
    return ElementError(key=key, kind=kind, problem=error.problem, excerpt=f"ID_ARTYKULU={card.id}", label=_label(card))


def _label(card: Any) -> str:
    name = full_name(card) if isinstance(card, Card) else ""
    return " ".join(part for part in (card.index.strip(), name) if part)


def _keyed(kind: Kind, elements: Mapping[Key, Record], keys: Iterable[Key]) -> list[Keyed]:
    return [Keyed(key=key, record=elements[key], kind=kind) for key in keys if key in elements]


def _natural(key: Key) -> list[tuple[int, int, str]]:
    """Order of keys: their numbers by size, other parts by text."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in key.split(":")]


T = TypeVar("T")


def _chunks(values: Iterable[T], size: int) -> Iterable[list[T]]:
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk

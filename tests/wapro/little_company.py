"""A WAPRO database of a few rows, made in the test itself, in a SQLite file."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connections

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key
from integrator.canonical.side import ElementError, Keyed, Page
from wapro import tables
from wapro.database import open_database
from wapro.models import WaproConnection
from wapro.reader import Reader
from wapro.side import WaproSide, open_erp

TODAY = date(2026, 11, 24)


class LittleCompany:
    """Warehouses 1 and 2, pieces and kilograms, VAT 23, 8 and exempt. `card()` adds an item card, `add()` any row."""

    def __init__(self, path: Path, **settings: Any) -> None:
        path.touch()
        saved = {"read_user": "r", "read_password": "r", "write_user": "w", "write_password": "w"}
        self.connection = WaproConnection(
            **({"pk": 1, "engine": "sample", "server": str(path), "credentials": saved} | settings)
        )
        self._last = 0
        with self._open() as alias, connections[alias].schema_editor() as editor:
            for table in tables.TABLES:
                editor.create_model(table)
        self.add(tables.Company, id=1, name="Firma")
        for number in (1, 2):
            self.add(tables.Warehouse, id=number, name=f"Magazyn {number}", symbol=f"M{number}", company=1)
        self.add(tables.Unit, id=1, symbol="szt.", name="sztuka", factor=1, fractional=0)
        self.add(tables.Unit, id=2, symbol="kg", name="kilogram", factor=1, fractional=1)
        for code, percent in (("23 ", 23), ("8  ", 8), ("zw ", 0)):
            self.add(tables.VatRate, code=code, name=code.strip(), percent=percent)

    @contextmanager
    def _open(self) -> Iterator[str]:
        with open_database(self.connection, write=True) as alias:
            yield alias

    def add(self, table: type[tables.Table], **values: Any) -> Any:
        with self._open() as alias:
            return table.objects.using(alias).create(**values)

    def card(self, index: str, **values: Any) -> int:
        """An item card, by default in warehouse 1, sold in pieces at 23 %; gives its id."""
        self._last += 1
        plain = {
            "id": self._last,
            "index": index,
            "warehouse": 1,
            "name": f"Towar {index}"[:40],
            "kind": "Towar",
            "unit": 1,
            "sale_vat": "23 ",
            "web_shop": 1,
            "on_hand": 0,
            "guid": f"00000000-0000-0000-0000-{self._last:012d}",
        }
        return int(self.add(tables.Article, **(plain | values)).id)

    def change(self, card: int, **values: Any) -> None:
        with self._open() as alias:
            assert tables.Article.objects.using(alias).filter(pk=card).update(**values) == 1

    def stored(self, card: int) -> dict[str, Any]:
        with self._open() as alias:
            return dict(tables.Article.objects.using(alias).values().get(pk=card))

    def delete(self, card: int) -> None:
        with self._open() as alias:
            tables.Article.objects.using(alias).filter(pk=card).delete()

    @contextmanager
    def reader(self, *, today: date = TODAY, page_size: int = 500) -> Iterator[Reader]:
        with open_database(self.connection) as alias:
            yield Reader(self.connection, alias, today, page_size)

    @contextmanager
    def side(self, *, write: bool = False) -> Iterator[WaproSide]:
        with open_erp(self.connection, today=TODAY, write=write) as side:
            yield side

    def pages(self, kind: Kind, **options: Any) -> list[Page]:
        """All pages, each read in a session of its own, as workers do."""
        found: list[Page] = []
        while not found or found[-1].next_cursor is not None:
            with self.reader(**options) as reader:
                found.append(reader.fetch(kind, found[-1].next_cursor if found else None))
        return found

    def records(self, kind: Kind, **options: Any) -> dict[Key, Any]:
        items: list[Keyed] = [item for page in self.pages(kind, **options) for item in page.items]
        assert len({item.key for item in items}) == len(items)
        return {item.key: item.record for item in items}

    def errors(self, kind: Kind, **options: Any) -> list[ElementError]:
        return [error for page in self.pages(kind, **options) for error in page.errors]

    def product(self, key: Key = "A") -> Any:
        return self.records(Kind.PRODUCT)[key]

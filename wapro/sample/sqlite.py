"""The company as a SQLite file, read through the models of `wapro.tables` as a real database is.

Tables the models know are created through them, with just the columns they have; the others (orders, payment forms ...)
with all of theirs. Codes are not padded with blanks: SQL Server ignores those when it compares, SQLite would not.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.models import Model

from wapro.sample.company import Company, company
from wapro.sample.schema import Column, Row, Table
from wapro.sample.tables import TABLES
from wapro.tables import TABLES as MODELS

_MODELS: dict[str, type[Model]] = {model._meta.db_table: model for model in MODELS}
VIEW = """CREATE VIEW "WIDOK_ARTYKUL" AS
SELECT a."ID_ARTYKULU" AS "IdArtykulu", a."ID_MAGAZYNU" AS "idMagazynu", a."INDEKS_KATALOGOWY" AS "NrKatalogowy",
    a."NAZWA" AS "Nazwa1", a."NAZWA2" AS "Nazwa2", a."PRODUCENT" AS "Producent",
    j."SKROT" AS "JednostkaSprzedazy", a."STAN" - a."ILOSC_EDYTOWANA" - a."ZAREZERWOWANO" AS "IloscDostepna"
FROM "ARTYKUL" AS a
LEFT JOIN "JEDNOSTKA" AS j ON j."ID_JEDNOSTKI" = COALESCE(NULLIF(a."ID_JEDNOSTKI_SPRZ", 0), a."ID_JEDNOSTKI")"""
"""What the program offers to reports, as far as it is compared with our own formula."""


def build(path: Path | str, sample: Company | None = None) -> None:
    """Write the company into a new SQLite file; the sample company of today if none is given.

    FileExistsError when there is a file: nobody's database is overwritten. The file appears when it is complete.
    """
    target = Path(path)
    if target.exists():
        raise FileExistsError(f"{target} exists")
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f"{target.name}.{uuid4().hex}.part")
    try:
        with closing(sqlite3.connect(half, isolation_level=None)) as database:
            # Nobody else knows the file yet, and a half-written one is thrown away: no journal is needed.
            database.execute("PRAGMA journal_mode=OFF")
            database.execute("PRAGMA synchronous=OFF")
            database.execute("BEGIN")
            for statement in _table_statements():
                database.execute(statement)
            _fill(database, (sample or company()).chunks())
            for statement in _index_statements():
                database.execute(statement)
            database.execute("COMMIT")
        half.rename(target)
    finally:
        half.unlink(missing_ok=True)


def _table_statements() -> Iterator[str]:
    """CREATE TABLE as Django makes it for the models, on a connection that is never opened."""
    entry = connections.configure_settings({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
    editor = DatabaseWrapper(entry["default"], "sample").schema_editor(collect_sql=True)
    for table in TABLES.values():
        model = _MODELS.get(table.name)
        if model is None:
            yield _create_statement(table)
        else:
            yield editor.table_sql(model)[0]
    yield VIEW


def _create_statement(table: Table) -> str:
    columns = [f'"{column.name}" {_sqlite_type(column)}' for column in table.columns.values()]
    key = ", ".join(f'"{name}"' for name in table.key)
    return f'CREATE TABLE "{table.name}" ({", ".join(columns)}, PRIMARY KEY ({key}))'


def _sqlite_type(column: Column) -> str:
    plain = {"numeric(18,0)": "bigint", "uniqueidentifier": "char(36)", "varbinary(max)": "BLOB"}
    default = column.plain_default()
    parts = [plain.get(column.type, column.type)]
    if column.required:
        parts.append("NOT NULL")
    if default is not None:
        parts.append(f"DEFAULT '{default}'" if isinstance(default, str) else f"DEFAULT {default}")
    return " ".join(parts)


def columns_of(table: Table) -> list[Column]:
    """The columns the SQLite table has: those of its model, or all of them."""
    model = _MODELS.get(table.name)
    if model is None:
        return list(table.columns.values())
    return [table.columns[str(field.column)] for field in model._meta.concrete_fields]


def _fill(database: sqlite3.Connection, chunks: Iterable[tuple[str, list[Row]]]) -> None:
    statements: dict[str, tuple[str, Callable[[Row], tuple[Any, ...]]]] = {}
    for name, rows in chunks:
        if name not in statements:
            columns = columns_of(TABLES[name])
            names = ", ".join(f'"{column.name}"' for column in columns)
            marks = ", ".join("?" for _ in columns)
            statements[name] = f'INSERT INTO "{name}" ({names}) VALUES ({marks})', _values(columns)
        statement, values = statements[name]
        database.executemany(statement, map(values, rows))


def _values(columns: list[Column]) -> Callable[[Row], tuple[Any, ...]]:
    defaults = [(column.name, column.plain_default()) for column in columns]

    def values(row: Row) -> tuple[Any, ...]:
        return tuple(
            str(value) if type(value) is Decimal else value
            for value in (row.get(name, default) for name, default in defaults)
        )

    return values


def _index_statements() -> Iterator[str]:
    """Those of the program, made when the rows are in: keeping them up row by row takes much longer."""
    for table in TABLES.values():
        there = {column.name for column in columns_of(table)}
        for kind, groups in (("UNIQUE INDEX", table.unique), ("INDEX", table.indexes)):
            for group in groups:
                if there.issuperset(group):
                    listed = ", ".join(f'"{name}"' for name in group)
                    yield f'CREATE {kind} "{table.name}_{"_".join(group)}" ON "{table.name}" ({listed})'

"""A session on the file, as far as procedures see one: rows, a transaction, and errors that carry a number."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connections

Row = dict[str, Any]
RAISED = 50000
"""Number of an error that a procedure raises with a text of its own."""


class ServerError(Exception):
    """What a server would have raised inside the batch."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.message = message


class Session:
    def __init__(self, alias: str) -> None:
        self._opened = connections[alias]
        self._opened.ensure_connection()

    @property
    def depth(self) -> int:
        """@@TRANCOUNT, which never is more than one here."""
        return int(self._opened.connection is not None and self._opened.connection.in_transaction)

    def begin(self) -> None:
        """Waits for other writers as the application lock does: the whole file is one lock."""
        self.run("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.run("COMMIT")

    def rollback(self) -> None:
        if self.depth:
            self.run("ROLLBACK")

    def lose(self) -> None:
        """The connection dies: what was not committed is gone."""
        self.rollback()
        self._opened.close()

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        with self._opened.cursor() as cursor:
            cursor.execute(sql, [_plain(value) for value in values])
            return int(cursor.rowcount)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._opened.cursor() as cursor:
            cursor.execute(sql, [_plain(value) for value in values])
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def first(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def columns(self, table: str) -> list[str]:
        return [str(row["name"]) for row in self.rows(f'PRAGMA table_info("{table}")')]

    def next_key(self, table: str, column: str) -> int:
        found = self.first(f'SELECT COALESCE(MAX("{column}"), 0) + 1 AS "next" FROM "{table}"')
        return int(found["next"]) if found else 1

    def insert(self, table: str, row: Row) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(["%s"] * len(row))
        self.run(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))

    def update(self, table: str, key: tuple[str, Any], row: Row) -> int:
        columns = ", ".join(f'"{name}" = %s' for name in row)
        return self.run(f'UPDATE "{table}" SET {columns} WHERE "{key[0]}" = %s', [*row.values(), key[1]])

    def refuse(self, message: str) -> None:
        """What the vendor's procedures do with bad input: they end their caller's transaction, then raise."""
        self.rollback()
        raise ServerError(RAISED, message)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def decimal(value: Any, places: int = 6) -> Decimal:
    """A number of SQLite, which keeps them as binary fractions, as the server's decimal."""
    return round(Decimal(str(value or 0)), places)

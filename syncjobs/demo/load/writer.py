"""Rows into tables as fast as the database takes them: COPY on PostgreSQL, many rows to a statement elsewhere."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from itertools import islice
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

BATCH = 20_000


def next_id(model: type[models.Model]) -> int:
    """The id that the next row of a table gets."""
    highest: int | None = model._default_manager.aggregate(top=models.Max("pk"))["top"]
    return (highest or 0) + 1


@contextmanager
def light(tables: Sequence[type[models.Model]]) -> Iterator[None]:
    """While rows come in: no secondary indexes (they are built afterwards, at once) and no checks of foreign keys."""
    dropped = _indexes([model._meta.db_table for model in tables])
    with connection.cursor() as cursor:
        _relax(cursor, True)
        for name, _sql in dropped:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            _build(cursor)
            for _name, sql in dropped:
                cursor.execute(sql)
            _relax(cursor, False)
            _settle(cursor, tables)


def _indexes(tables: Sequence[str]) -> list[tuple[str, str]]:
    """(name, statement that makes it) of every index that no constraint stands on."""
    if connection.vendor == "postgresql":
        sql = (
            "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = ANY(%s) AND i.schemaname = "
            "current_schema() AND NOT EXISTS (SELECT 1 FROM pg_constraint c JOIN pg_class k ON k.oid = c.conindid "
            "WHERE k.relname = i.indexname)"
        )
        given: list[Any] = [list(tables)]
    else:
        marks = ", ".join(["%s"] * len(tables))
        sql = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})"
        given = list(tables)
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _relax(cursor: Any, on: bool) -> None:
    if connection.vendor == "sqlite":
        cursor.execute(f"PRAGMA foreign_keys={'OFF' if on else 'ON'}")
        return
    cursor.execute(f"SET synchronous_commit TO {'off' if on else 'on'}")
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone()[0]:  # nobody else may leave the checks out; then they cost their time
        cursor.execute(f"SET session_replication_role TO {'replica' if on else 'origin'}")


def _build(cursor: Any) -> None:
    if connection.vendor == "postgresql":
        cursor.execute("SET maintenance_work_mem TO '512MB'")


def _settle(cursor: Any, tables: Sequence[type[models.Model]]) -> None:
    """Ids go on after the last row, and the planner knows what there is."""
    if connection.vendor == "sqlite":
        cursor.execute("ANALYZE")
        return
    for model in tables:
        table, key = model._meta.db_table, model._meta.pk
        column = key.column if key is not None else "id"
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, %s), (SELECT max({column}) FROM {table}))", [table, column]
        )
        cursor.execute(f"VACUUM (ANALYZE) {table}")


def fill(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Append rows that give the named columns as the database holds them (JSON as text, moments with a zone); every
    other column gets the default of its field. How many they were."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    rest = [field for column, field in fields.items() if column not in names and not field.primary_key]
    constant = tuple(_plain(field) for field in rest)
    columns = [*names, *(str(field.column) for field in rest)]
    table = connection.ops.quote_name(model._meta.db_table)
    listed = ", ".join(connection.ops.quote_name(column) for column in columns)
    if connection.vendor == "postgresql":
        return _copy(f"COPY {table} ({listed}) FROM STDIN", constant, rows)
    moments = [place for place, name in enumerate(names) if isinstance(fields[name], models.DateTimeField)]
    marks = ", ".join(["%s"] * len(columns))
    return _insert(f"INSERT INTO {table} ({listed}) VALUES ({marks})", constant, moments, rows)


def _plain(field: "models.Field[Any, Any]") -> Any:
    """The default of a field as a driver takes it."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        now = timezone.now()
        return now if connection.vendor == "postgresql" else _naive(now)
    if isinstance(field, models.JSONField):
        return None if field.null else json.dumps(field.get_default())
    return field.get_db_prep_save(field.get_default(), connection)


def _naive(moment: Any) -> Any:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ") if moment is not None else None


def _copy(sql: str, constant: tuple[Any, ...], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with connection.cursor() as cursor, cursor.copy(sql) as target:
        for row in rows:
            target.write_row((*row, *constant))
            count += 1
    return count


def _insert(sql: str, constant: tuple[Any, ...], moments: Sequence[int], rows: Iterable[Sequence[Any]]) -> int:
    count, source = 0, iter(rows)
    with connection.cursor() as cursor:
        while part := list(islice(source, BATCH)):
            made = []
            for row in part:
                values = [*row, *constant]
                for place in moments:
                    values[place] = _naive(values[place])
                made.append(values)
            with transaction.atomic():
                cursor.executemany(sql, made)
            count += len(made)
    return count

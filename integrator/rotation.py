"""Writing stored secrets anew with the newest key, so that older ones can be retired."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from integrator.crypto import EncryptedJSONField, box

BATCH = 200
"""Rows that are locked at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What became of the rows of one encrypted column."""

    column: str
    """`shops_shopconnection.credentials`"""
    newest: int = 0
    """Written with the newest key before."""
    renewed: int = 0
    unreadable: int = 0
    """No key reads them: the one that they were written with is gone."""


def encrypted_fields() -> list[tuple[type[models.Model], EncryptedJSONField]]:
    """Every encrypted column of every table."""
    return [
        (model, field)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedJSONField)
    ]


def rotate(*, write: bool = True) -> Iterator[Counted]:
    """Renew every secret that was not written with the first key of FIELD_ENCRYPTION_KEYS; without `write` only count.

    May be stopped at any time and run again, and beside a panel at work: each batch is a short transaction, and a row
    that somebody else changed meanwhile is left to them, since they wrote it with the newest key.
    """
    newest = Fernet(settings.FIELD_ENCRYPTION_KEYS[0])
    for model, field in encrypted_fields():
        total = [0, 0, 0]
        for rows in _batches(model, field):
            for place, found in enumerate(_renew(model, field, rows, newest, write)):
                total[place] += found
        name = f"{model._meta.db_table}.{field.column}"
        yield Counted(column=name, newest=total[0], renewed=total[1], unreadable=total[2])


def _batches(model: type[models.Model], field: EncryptedJSONField) -> Iterator[list[tuple[Any, str]]]:
    """(key, stored text) of all rows, by key. The field itself would decrypt them."""
    quote = connection.ops.quote_name
    table, key, column = quote(model._meta.db_table), quote(_key_column(model)), quote(str(field.column))
    last: Any = None
    while True:
        where, values = (f"WHERE {key} > %s", [last]) if last is not None else ("", [])
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {key}, {column} FROM {table} {where} ORDER BY {key} LIMIT {BATCH}", values)
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield [(row[0], row[1]) for row in rows if row[1] is not None]


def _renew(
    model: type[models.Model], field: EncryptedJSONField, rows: list[tuple[Any, str]], newest: Fernet, write: bool
) -> tuple[int, int, int]:
    fresh, changed, unreadable = 0, [], 0
    for key, stored in rows:
        if _reads(newest, stored):
            fresh += 1
            continue
        try:
            changed.append((box().rotate(stored.encode()).decode(), key, stored))
        except InvalidToken:
            unreadable += 1
    if write and changed:
        quote = connection.ops.quote_name
        table, key_name, column = quote(model._meta.db_table), quote(_key_column(model)), quote(str(field.column))
        with transaction.atomic(), connection.cursor() as cursor:
            # Only where it still is what was read: whoever saved since then used the newest key.
            cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE {key_name} = %s AND {column} = %s", changed)
    return fresh, len(changed), unreadable


def _key_column(model: type[models.Model]) -> str:
    key = model._meta.pk
    assert key is not None
    return str(key.column)


def _reads(key: Fernet, stored: str) -> bool:
    try:
        key.decrypt(stored.encode())
    except InvalidToken:
        return False
    return True

"""Whether this is the database that was there before: its own identity, and whether its numbers went back.

A database restored from a backup keeps its WAPRODB_ID, but its highest keys are lower than they were: WAPRO gives keys
by counting on, so orders, documents and cards that we know are missing there, and their numbers are given once more.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connections

from integrator.canonical.errors import Unreachable
from integrator.canonical.problems import Code
from wapro.checks.server import database_identity
from wapro.errors import canonical_errors
from wapro.models import WaproConnection

CARDS = {"ARTYKUL": "ID_ARTYKULU", "KONTRAHENT": "ID_KONTRAHENTA"}
ORDERS = {
    "ZAMOWIENIE": "ID_ZAMOWIENIA",
    "DOKUMENT_HANDLOWY": "ID_DOKUMENTU_HANDLOWEGO",
    "DOKUMENT_MAGAZYNOWY": "ID_DOK_MAGAZYNOWEGO",
}
A_FEW = 20
"""Somebody may have deleted the newest rows of one table; not so many, and not in two tables between two looks."""


def went_back(kept: Mapping[str, int], found: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Tables whose highest key fell, from what to what; empty where that may be a deletion by hand. Pure."""
    fell = {table: (kept[table], now) for table, now in found.items() if table in kept and now < kept[table]}
    many = any(before - now > A_FEW for before, now in fell.values())
    return fell if many or len(fell) > 1 else {}


def refuse_another(connection: WaproConnection, alias: str, tables: Mapping[str, str]) -> None:
    """Another company's database has other cards under the same keys, and one restored from a backup lacks what we know
    of: nothing is read from it, let alone written, until a person says that it is meant. `tables`: of which the highest
    keys are looked at, by their key columns. Raises Unreachable; a database that was never tested is not compared."""
    if not connection.database_id:
        return
    with canonical_errors():
        found = database_identity(alias)
        seen = _highest(alias, tables)
    if found != connection.database_id.casefold():
        raise Unreachable(Code.DATABASE_CHANGED, stored=connection.database_id, found=found)
    kept: dict[str, Any] = connection.highest or {}
    before = {**kept, **kept.get("back", {})}
    fell = went_back({table: before[table] for table in seen if table in before}, seen)
    left = {table: high for table, high in kept.get("back", {}).items() if seen.get(table, -1) < high}
    if fell or left:
        # Kept until somebody confirms it or the right database is back: half of a restored one may look like before.
        back = left | {table: high for table, (high, _now) in fell.items()}
        _keep(connection, {**kept, "back": back})
        told = ", ".join(f"{table} {high} → {seen.get(table, '…')}" for table, high in sorted(back.items()))
        raise Unreachable(Code.DATABASE_WENT_BACK, what=told)
    _keep(connection, {name: high for name, high in {**kept, **seen}.items() if name != "back"})


def _highest(alias: str, tables: Mapping[str, str]) -> dict[str, int]:
    if not tables:
        return {}
    asked = ", ".join(f"(SELECT MAX({key}) FROM {table})" for table, key in tables.items())
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        row = cursor.fetchone()
    return {table: int(high or 0) for table, high in zip(tables, row, strict=True)}


def _keep(connection: WaproConnection, highest: dict[str, Any]) -> None:
    if highest != connection.highest:
        connection.highest = highest
        WaproConnection.objects.filter(pk=connection.pk).update(highest=highest)

"""The panel's own database, backed up and put back with the tools that docs/production.md names."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.proofs import not_proved


def back_up(folder: Path) -> Path:
    path = folder / "backup"
    if connection.vendor == "sqlite":
        with sqlite3.connect(path) as copy:
            _raw().backup(copy)
        copy.close()
    else:
        _postgresql("pg_dump", "--format=custom", f"--file={path}")
    return path


def restore(path: Path) -> None:
    if connection.vendor == "sqlite":
        with sqlite3.connect(path) as copy:
            copy.backup(_raw())
        copy.close()
    else:
        _postgresql(
            "pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={_settings()['NAME']}", path
        )
    connection.close()


def _raw() -> sqlite3.Connection:
    connection.ensure_connection()
    raw: sqlite3.Connection = connection.connection
    return raw


def _settings() -> dict[str, Any]:
    return connection.settings_dict


def _postgresql(program: str, *more: object) -> None:
    if shutil.which(program) is None:
        not_proved(f"backup and restore on PostgreSQL ({program} is not there)")
        pytest.skip(f"{program} is not there")
    known = _settings()
    reached = {
        "PGHOST": known["HOST"],
        "PGPORT": known["PORT"],
        "PGUSER": known["USER"],
        "PGPASSWORD": known["PASSWORD"],
    }
    environment = os.environ | {"PGDATABASE": known["NAME"]} | {name: str(v) for name, v in reached.items() if v}
    subprocess.run([program, *map(str, more)], check=True, env=environment, capture_output=True)

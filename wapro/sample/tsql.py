"""The company as T-SQL for a real SQL Server: `python -m wapro.sample.tsql` writes the generated scripts anew.

The scripts lie in `sqlserver/`; the others there (database, procedures, view, day, roles) are written by hand. The
company is that of `DAY`; `50_today.sql` moves its promotions to the day on which the script runs.
"""

import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from wapro.sample.company import company
from wapro.sample.schema import Row, Table
from wapro.sample.tables import TABLES

DAY = date(2026, 11, 24)
"""The day the committed scripts are written for."""
FOLDER = Path(__file__).parent / "sqlserver"
DATABASE = "WAPRO_SAMPLE"
_ROWS_A_STATEMENT = 50
_PICTURES = "ARTYKUL_BLOB"
_HEAD = f"-- {{what}}\n-- Generated: python -m wapro.sample.tsql\nUSE {DATABASE};\nGO\nSET NOCOUNT ON;\nGO\n"


def scripts() -> dict[str, str]:
    """Text of each generated script by file name."""
    rows = company(DAY).tables()
    pictures = {_PICTURES: rows.pop(_PICTURES)}
    return {
        "10_tables.sql": _head("Tables and indexes of the sample company") + "".join(map(_create, TABLES.values())),
        "40_company.sql": _head("Rows of the sample company") + _inserts(rows),
        "41_pictures.sql": _head("Pictures of the sample company") + _inserts(pictures),
    }


def _head(what: str) -> str:
    return _HEAD.format(what=what)


def _create(table: Table) -> str:
    lines = [
        f"    [{column.name}] {column.type} {'NOT NULL' if column.required else 'NULL'}"
        + (f" DEFAULT ({column.default})" if column.default is not None else "")
        for column in table.columns.values()
    ]
    lines.append(f"    CONSTRAINT [PK_{table.name}] PRIMARY KEY ({_names(table.key)})")
    made = [f"CREATE TABLE dbo.[{table.name}] (\n" + ",\n".join(lines) + "\n);"]
    for kind, groups in (("UNIQUE INDEX", table.unique), ("INDEX", table.indexes)):
        for group in groups:
            made.append(f"CREATE {kind} [{table.name}_{'_'.join(group)}] ON dbo.[{table.name}] ({_names(group)});")
    return "\n".join(made) + "\nGO\n"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"[{name}]" for name in names)


def _inserts(tables: dict[str, list[Row]]) -> str:
    return "".join(statement + "\nGO\n" for name, rows in tables.items() for statement in _statements(name, rows))


def _statements(name: str, rows: list[Row]) -> Iterator[str]:
    """INSERT with many rows each. Columns that a row does not name get their default from the server."""
    for first in range(0, len(rows), _ROWS_A_STATEMENT):
        some = rows[first : first + _ROWS_A_STATEMENT]
        values = ",\n".join(f"({', '.join(map(literal, row.values()))})" for row in some)
        yield f"INSERT INTO dbo.[{name}] ({_names(tuple(some[0]))}) VALUES\n{values};"


def literal(value: Any) -> str:
    """A value as T-SQL has it. Line ends are written as NCHAR: the script means the same however it was copied."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"0x{value.hex().upper()}"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"no literal for {type(value).__name__}")
    parts = "N'" + value.replace("'", "''") + "'"
    return parts.replace("\r\n", "' + NCHAR(13) + NCHAR(10) + N'")


def main(folder: Path = FOLDER) -> None:
    for name, text in scripts().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)

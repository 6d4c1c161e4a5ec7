"""The sample company as T-SQL: current, parsed by two parsers, and the same rows as the SQLite file.

That a SQL Server takes the scripts is not proved here.
"""

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp

from wapro.procedures import KNOWN, Parameter, Signature, compare
from wapro.sample import company
from wapro.sample.sqlite import build, columns_of
from wapro.sample.tables import TABLES
from wapro.sample.tsql import DAY, FOLDER, literal, scripts

SCRIPTS = sorted(FOLDER.glob("*.sql"))
ROWS = ("40_company.sql", "41_pictures.sql")
_STRING = re.compile(r"N'((?:[^']|'')*)'")


def batches(text: str) -> list[str]:
    return [batch for batch in re.split(r"^GO$", text, flags=re.M) if batch.strip()]


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter(config=FluffConfig(overrides={"dialect": "tsql"}))


def test_generated_scripts_are_current() -> None:
    for name, text in scripts().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run python -m wapro.sample.tsql"


def test_every_script_has_its_turn_and_names_its_database() -> None:
    assert len({path.name[:2] for path in SCRIPTS}) == len(SCRIPTS) == 9
    for path in SCRIPTS[1:]:
        assert "USE WAPRO_SAMPLE;" in path.read_text(encoding="utf-8"), path.name
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in SCRIPTS:
        assert path.name in readme


def _sample_of(path: Path) -> Iterator[str]:
    """All batches; of the scripts full of rows each statement with its first two rows."""
    for batch in batches(path.read_text(encoding="utf-8")):
        lines = batch.strip().split("\n")
        if path.name in ROWS and batch.lstrip().startswith("INSERT"):
            yield "\n".join(lines[:3]).rstrip(",;") + ";"
        else:
            yield batch


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_parses_in_both_parsers(path: Path, linter: Linter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="sqlglot")
    statements = list(_sample_of(path))
    # Statements sqlglot has no grammar for become a Command: only such as are known may.
    for batch in statements:
        for statement in sqlglot.parse(batch, dialect="tsql"):
            if isinstance(statement, exp.Command):
                assert re.match(r"(GRANT|CREATE ROLE)\b", statement.sql(dialect="tsql")), statement
    joined = "\nGO\n".join(dict.fromkeys(statements) if path.name in ROWS else statements) + "\nGO\n"
    violations = [(error.line_no, error.desc()) for error in linter.parse_string(_shortened(joined)).violations]
    assert violations == []


def _shortened(text: str) -> str:
    """Pictures and the third statement of a table on say nothing new to a parser."""
    text = re.sub(r"0x([0-9A-F]{16})[0-9A-F]*", r"0x\1", text)
    seen: dict[str, int] = {}
    kept = []
    for batch in batches(text):
        table = re.match(r"\s*INSERT INTO (\S+)", batch)
        if table:
            seen[table[1]] = seen.get(table[1], 0) + 1
        if not table or seen[table[1]] <= 2:
            kept.append(batch)
    return "GO".join(kept) + "GO\n"


def test_rows_are_those_of_the_sqlite_file(tmp_path: Path) -> None:
    build(tmp_path / "wapro.sqlite3", company(DAY))
    with closing(sqlite3.connect(":memory:")) as told, closing(sqlite3.connect(tmp_path / "wapro.sqlite3")) as built:
        for table in TABLES.values():
            told.execute(_same_table(built, table.name))
        for name in ROWS:
            for batch in batches((FOLDER / name).read_text(encoding="utf-8")):
                if batch.lstrip().startswith("INSERT"):
                    told.execute(_as_sqlite(batch))
        for table in TABLES.values():
            columns = ", ".join(f'"{column.name}"' for column in columns_of(table))
            query = f'SELECT {columns} FROM "{table.name}" ORDER BY {len(table.key)}, 1'
            assert told.execute(query).fetchall() == built.execute(query).fetchall(), table.name


def _same_table(built: sqlite3.Connection, name: str) -> str:
    """The table with every column SQL Server's has, those of the file with their affinity and default."""
    there = {row[1]: (row[2], row[4]) for row in built.execute(f'PRAGMA table_info("{name}")')}
    parts = []
    for column in TABLES[name].columns.values():
        kind, default = there.get(column.name, (column.type.replace("(max)", ""), None))
        value = default if default is not None else _default(column.plain_default())
        parts.append(f'"{column.name}" {kind}' + (f" DEFAULT {value}" if value else ""))
    return f'CREATE TABLE "{name}" ({", ".join(parts)})'


def _default(value: Any) -> str:
    return "" if value is None else repr(value)


def _as_sqlite(statement: str) -> str:
    """An INSERT of ours in SQLite's words. Strings are set aside first, so that nothing inside them is touched."""
    strings: list[str] = []

    def aside(found: re.Match[str]) -> str:
        strings.append(f"'{found[1]}'")
        return f"\x00{len(strings) - 1}\x00"

    text = _STRING.sub(aside, statement)
    text = text.replace("dbo.", "").replace("NCHAR(", "char(").replace(" + ", " || ")
    text = re.sub(r"\b0x([0-9A-F]*)", r"x'\1'", text)
    return re.sub(r"\x00(\d+)\x00", lambda found: strings[int(found[1])], text)


def test_the_day_of_the_rows_is_the_day_the_shift_starts_from() -> None:
    assert f"'{DAY:%Y%m%d}'" in (FOLDER / "50_today.sql").read_text(encoding="utf-8")


def test_procedures_have_the_parameter_lists_we_know() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    found = {}
    for name, listed in re.findall(r"CREATE PROCEDURE dbo\.(\w+)\n(.*?)\nAS\n", text, flags=re.S):
        lines = [line.strip() for line in listed.splitlines()]
        found[name] = Signature(
            name, tuple(Parameter(line.split()[0][1:], line.rstrip(",").endswith("OUTPUT")) for line in lines)
        )
    assert compare(KNOWN, found) == []


def test_what_the_order_calls_return_is_said_even_when_they_fail() -> None:
    """Bad input rolls the caller's transaction back, raises and returns 1, in every procedure that refuses."""
    for name in ("20_order_lines.sql", "21_order_approval.sql"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        refusals = re.findall(r"RAISERROR\(@blad, 16, 1\);\s*(.*)", text)
        assert refusals
        assert set(refusals) == {"RETURN (1);"}
        rollbacks = text.count("IF @@TRANCOUNT > 0\n            ROLLBACK TRANSACTION;")
        assert rollbacks == len(refusals)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (17, "17"),
        ("", "N''"),
        ("O'Neil", "N'O''Neil'"),
        ("a\r\nb", "N'a' + NCHAR(13) + NCHAR(10) + N'b'"),
        (b"\x00\xff", "0x00FF"),
    ],
)
def test_literals(value: Any, text: str) -> None:
    assert literal(value) == text


def test_a_value_without_literal_is_refused() -> None:
    with pytest.raises(TypeError):
        literal(1.5)

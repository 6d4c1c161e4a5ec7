"""The statements of docs/sql-server-rights.md: T-SQL, and neither more nor less than the code uses."""

import re
from pathlib import Path

import sqlglot
from sqlglot import exp

from wapro.orders.forms import PROCEDURES
from wapro.orders.tables import ORDER_TABLES
from wapro.tables import TABLES

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "sql-server-rights.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sql\n(.*?)```", DOCUMENT, flags=re.DOTALL)
GRANT = re.compile(r"GRANT (\w+) ON dbo\.(\w+) TO (\w+);")


def granted(role: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for right, name, to in GRANT.findall("\n".join(BLOCKS)):
        if to == role:
            found.setdefault(right, set()).add(name)
    return found


def test_every_statement_is_read() -> None:
    for line in "".join(BLOCKS).splitlines():
        (statement,) = sqlglot.parse(line, dialect="tsql")
        assert statement is not None
        known = r"(GRANT|CREATE ROLE|CREATE LOGIN|CREATE USER|ALTER ROLE)\b"
        assert not isinstance(statement, exp.Command) or re.match(known, line), line


def test_the_reader_reads_what_is_read_and_writes_nothing() -> None:
    tables = {str(model._meta.db_table) for model in (*TABLES, *ORDER_TABLES)}
    rights = granted("integrator_read")
    assert set(rights) == {"SELECT"}
    assert rights["SELECT"] == tables | named_in_sql() | {"WIDOK_ARTYKUL"}


def named_in_sql() -> set[str]:
    """Tables of statements that are written out, without those that are only filled."""
    sources = [
        path.read_text(encoding="utf-8") for path in (ROOT / "wapro").rglob("*.py") if "sample" not in path.parts
    ]
    return set(re.findall(r"(?:FROM|JOIN) dbo\.([A-Z_]+)", "\n".join(sources)))


def test_the_writer_may_what_the_checks_ask_for() -> None:
    assert granted("integrator_write") == {
        "UPDATE": {"ARTYKUL", "ZAMOWIENIE"},
        "INSERT": {"ARTYKUL", "JEDNOSTKA", "CENA_ARTYKULU", "DOSTAWA", "KONTRAHENT"},
        "EXECUTE": set(PROCEDURES),
    }

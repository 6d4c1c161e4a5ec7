"""Every query of the reader and the writer as T-SQL, without a server.

Real work is done on a company in SQLite; each ORM query it makes is compiled once more by the SQL Server backend,
compared with the text kept beside this file and parsed by two T-SQL parsers. `UPDATE_GOLDEN=1` writes that text anew.
What only a server can prove (execution, locks, types) is not proved here.
"""

import os
import re
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlfluff
import sqlglot
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models.sql.compiler import SQLCompiler
from django.db.utils import load_backend

from integrator.canonical.kinds import Kind
from integrator.canonical.side import NewElement, Patch, Scope
from tests.wapro.driver import need_driver
from tests.wapro.little_company import LittleCompany
from wapro import tables
from wapro.creation import NEXT_KEY
from wapro.database import settings_of
from wapro.models import WaproConnection
from wapro.writer import LOCK_BATCH

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def sql_server() -> Any:
    """A connection object of the SQL Server backend that is never opened."""
    saved: Any = {"read_user": "r", "read_password": "r"}
    entry = settings_of(WaproConnection(pk=1, server="nowhere.invalid", database="WAPRO", credentials=saved))
    need_driver()
    wrapper = load_backend("mssql").DatabaseWrapper(entry, "golden")
    # Both are looked up on a connection otherwise.
    wrapper.__dict__ |= {"sql_server_version": 2019, "to_azure_sql_db": False}
    return wrapper


@pytest.fixture
def compiled(sql_server: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Statements the code under test makes, as T-SQL with their parameters."""
    found: list[str] = []
    execute = SQLCompiler.execute_sql

    def record(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.using.startswith("erp-"):
            # A query that can find nothing is never sent.
            with suppress(EmptyResultSet):
                found.append(as_t_sql(self.query, self.using, sql_server))
        return execute(self, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "execute_sql", record)
    return found


def as_t_sql(query: Any, alias: str, sql_server: Any) -> str:
    """The query as it would go to a server behind the same alias, its parameters below it."""
    used = connections[alias]
    sql_server.alias = alias
    connections[alias] = sql_server
    try:
        sql, params = query.clone().get_compiler(using=alias).as_sql()
    finally:
        connections[alias] = used
    return re.sub(r"\s+", " ", sql).strip() + "\n-- " + repr(tuple(params))


@pytest.fixture
def full(company: LittleCompany) -> LittleCompany:
    """Cards that make the reader ask everything it can ask."""
    for number in range(1, 4):
        company.add(tables.Unit, id=100 + number, symbol="op", name="op", article=number, factor=2)
        company.card(f"A{number}", sale_unit=100 + number, ean="", producer=7, weight=Decimal(1), weight_unit="kg")
        company.card(f"B{number}", producer_name="Tekst", warehouse=2)
        company.add(tables.Picture, id=number, index=f"A{number}", name="p", content=b"x")
    company.add(tables.Contractor, id=7, name="Stalmax")
    return company


def kept(name: str, statements: list[str]) -> None:
    """The statements are those of the golden file, in their order; repeated ones are kept once."""
    text = "\n\n".join(dict.fromkeys(statements)) + "\n"
    file = GOLDEN / f"{name}.sql"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text
    for statement in dict.fromkeys(statements):
        parses(statement.partition("\n-- ")[0])


def parses(sql: str) -> None:
    """Both parsers take it as T-SQL: each accepts some things the other refuses."""
    numbers = iter(range(10**6))
    named = re.sub(r"%s", lambda _: f"@p{next(numbers)}", sql)
    assert sqlglot.parse(named, read="tsql")
    sqlfluff.parse(named, dialect="tsql")


READS: dict[str, tuple[str, tuple[Any, ...]]] = {
    **{f"fetch_{kind}": ("fetch", (kind, Scope(), None)) for kind in Kind if kind != Kind.GROUP},
    "fetch_product_next": ("fetch", (Kind.PRODUCT, Scope(), "A1")),
    "fetch_image_next": ("fetch", (Kind.IMAGE, Scope(), "A1")),
    "fetch_producer_next": ("fetch", (Kind.PRODUCER, Scope(), "7")),
    "read_product": ("read", (Kind.PRODUCT, ["A1", "B1"])),
    "read_image": ("read", (Kind.IMAGE, ["1", "2"])),
    "read_producer": ("read", (Kind.PRODUCER, ["7", "text:tekst"])),
    "content": ("content", (Kind.IMAGE, "1")),
    "find_product": ("find", (Kind.PRODUCT, [NewElement(token="1", fields={"code": "A1"})])),
}


@pytest.mark.parametrize("name", READS)
def test_what_the_reader_asks(name: str, full: LittleCompany, compiled: list[str]) -> None:
    with full.side() as side:
        method, arguments = READS[name]
        getattr(side, method)(*arguments)
    assert compiled
    kept(name, compiled)


@pytest.mark.parametrize("identity", ["guid", "id"])
def test_what_the_reader_asks_under_another_identity(
    identity: str, full: LittleCompany, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    full.connection.identity_key = identity
    with full.side() as side:
        key = side.fetch(Kind.STOCK, Scope(), None).items[0].key
        side.fetch(Kind.STOCK, Scope(), key)
        side.read(Kind.STOCK, [key])
    kept(f"identity_{identity}", compiled)


def test_a_page_is_cut_by_the_server_and_keys_are_compared_as_varchar(full: LittleCompany, compiled: list[str]) -> None:
    with full.side() as side:
        side.fetch(Kind.PRODUCT, Scope(), "A1")
    pages = [sql for sql in compiled if "DISTINCT TOP 501" in sql]
    assert len(pages) == 1
    assert "> CAST(%s AS varchar(20))" in pages[0]
    assert not any("LIMIT" in sql for sql in compiled)


def test_the_digest_of_a_picture_is_taken_by_the_server(full: LittleCompany, compiled: list[str]) -> None:
    with full.side() as side:
        side.fetch(Kind.IMAGE, Scope(), None)
    (sql,) = [sql for sql in compiled if "HASHBYTES" in sql]
    assert "DATALENGTH" in sql
    assert sql.count("[ZDJECIE]") == 2


def test_a_change_is_written_only_where_the_old_values_stand(full: LittleCompany, compiled: list[str]) -> None:
    full.connection.write_cards = True
    with full.side(write=True) as side:
        (result,) = side.update(Kind.PRODUCT, [Patch(key="A1", fields={"name": "Nowa", "weight": "2"})])
    assert result.ok
    updates = [sql for sql in compiled if "UPDATE [" in sql]
    assert len(updates) == 1
    where = updates[0].partition(" WHERE ")[2]
    for column in ("[SEMAFOR]", "[FLAGA_STANU]", "[NAZWA]", "[NAZWA2] IS NULL", "[NAZWA_CALA] IS NULL", "[WAGA]"):
        assert column in where
    assert not re.search(r"\[(STAN|ZAREZERWOWANO|ILOSC_EDYTOWANA)\] =", updates[0])
    kept("update_product", compiled)


@pytest.mark.parametrize("batch", [LOCK_BATCH, NEXT_KEY.format(column="ID_ARTYKULU", table="ARTYKUL")])
def test_hand_written_batches_are_t_sql(batch: str) -> None:
    parses(batch)

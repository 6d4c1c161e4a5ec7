"""The contract of the ERP's side on the sample company in SQLite, and on a SQL Server that WAPRO_TEST_DSN names.

`WAPRO_TEST_DSN=mssql://user:password@host[:port]/database?encryption=trust` names a database loaded by
`wapro/sample/sqlserver/load.sh`. Its promotions are moved to the day of loading: load it on the day of the test.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.wapro.contract import ErpContract, Opener
from wapro.models import WaproConnection
from wapro.sample import Company, company
from wapro.sample.sqlite import build
from wapro.side import WaproSide, open_erp

DSN = os.environ.get("WAPRO_TEST_DSN", "")
DAY = date(2026, 11, 25)


def connection_of(dsn: str) -> WaproConnection:
    """The connection a DSN names. The same login reads and writes: it is a test database."""
    parts = urlsplit(dsn)
    if parts.scheme != "mssql" or not parts.hostname or not parts.path.strip("/"):
        raise ValueError("WAPRO_TEST_DSN: mssql://user:password@host[:port]/database?encryption=verify|trust|off")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    saved: Any = {
        f"{role}_{part}": value
        for role in ("read", "write")
        for part, value in (("user", user), ("password", password))
    }
    return WaproConnection(
        pk=1,
        server=f"{parts.hostname},{parts.port}" if parts.port else parts.hostname,
        database=parts.path.strip("/"),
        encryption=parse_qs(parts.query).get("encryption", ["verify"])[0],
        credentials=saved,
    )


def opener_of(connection: WaproConnection, today: date) -> Opener:
    @contextmanager
    def opened(*, write: bool = False, **settings: Any) -> Iterator[WaproSide]:
        values = {"leading_warehouse": "1", "identity_key": "index", "group_rule": "", "write_cards": False} | settings
        for name, value in values.items():
            setattr(connection, name, value)
        with open_erp(connection, today=today, write=write) as side:
            yield side

    return opened


sample_of = cache(company)


@pytest.fixture(autouse=True)
def remote_calls_allowed(db: None, settings: Any) -> None:
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    path = tmp_path_factory.mktemp("contract") / "wapro.sqlite3"
    with django_db_blocker.unblock():
        build(path, sample_of(DAY))
    return path


class TestOnSqlite(ErpContract):
    @pytest.fixture
    def sample(self) -> Company:
        return sample_of(DAY)

    @pytest.fixture
    def opener(self, built: Path, tmp_path: Path) -> Opener:
        path = tmp_path / "wapro.sqlite3"
        shutil.copy(built, path)
        return opener_of(WaproConnection(pk=1, engine="sample", server=str(path)), DAY)


@pytest.mark.mssql
@pytest.mark.allow_hosts([urlsplit(DSN).hostname or "localhost"])
class TestOnSqlServer(ErpContract):
    @pytest.fixture
    def sample(self) -> Company:
        return sample_of(date.today())  # noqa: DTZ011 - the script moved the promotions to this day

    @pytest.fixture
    def opener(self) -> Opener:
        return opener_of(connection_of(DSN), date.today())  # noqa: DTZ011


def test_a_dsn_names_a_connection() -> None:
    found = connection_of("mssql://tester:p%40ss%2Fword@10.0.0.5:14330/WAPRO_SAMPLE?encryption=trust")
    assert (found.server, found.database, found.encryption) == ("10.0.0.5,14330", "WAPRO_SAMPLE", "trust")
    assert found.credentials == {
        "read_user": "tester",
        "read_password": "p@ss/word",
        "write_user": "tester",
        "write_password": "p@ss/word",
    }
    assert connection_of("mssql://u:p@erp/W").encryption == "verify"


@pytest.mark.parametrize("dsn", ["", "erp", "postgres://u:p@erp/W", "mssql://u:p@erp"])
def test_a_dsn_that_names_none_says_how_it_should_look(dsn: str) -> None:
    with pytest.raises(ValueError, match="mssql://user:password@host"):
        connection_of(dsn)

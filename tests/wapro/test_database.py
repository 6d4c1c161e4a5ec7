"""The alias of an ERP connection: exact settings, what an unreachable server is told apart by, and leaving no trace."""

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.utils import OperationalError
from django.utils.connection import ConnectionDoesNotExist

from integrator.canonical.errors import AuthFailed, IntegrationError, Locked, OutcomeUnknown, Transient, Unreachable
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.side import Scope
from wapro import database
from wapro.database import Server, alias_of, open_database, reach, settings_of
from wapro.errors import opening_error, statement_error
from wapro.models import WaproConnection
from wapro.side import open_erp

SECRET = "p;ass{word}="


def erp(**given: Any) -> WaproConnection:
    saved = {"read_user": "reader", "read_password": SECRET, "write_user": "writer", "write_password": "w" + SECRET}
    return WaproConnection(**({"pk": 7, "server": "erp.lan", "database": "WAPRO", "credentials": saved} | given))


@pytest.fixture
def sample(tmp_path: Path) -> WaproConnection:
    path = tmp_path / "firma ąę.sqlite3"
    with sqlite3.connect(path) as opened:
        opened.execute("CREATE TABLE MAGAZYN (ID_MAGAZYNU bigint)")
        opened.execute("INSERT INTO MAGAZYN VALUES (1)")
    opened.close()
    return erp(engine="sample", server=str(path))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


def code_of(error: pytest.ExceptionInfo[IntegrationError]) -> str:
    return error.value.problem.code


def test_the_settings_of_a_server_are_exactly_these() -> None:
    assert settings_of(erp(server=" erp.lan , 14330 ", encryption="trust")) == {
        "ENGINE": "mssql",
        "NAME": "WAPRO",
        "HOST": "erp.lan",
        "PORT": "14330",
        "USER": "reader",
        "PASSWORD": SECRET,
        "ATOMIC_REQUESTS": False,
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
        "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None},
        "OPTIONS": {
            "python_driver": "mssql_python",
            "connection_timeout": 5,
            "connection_retries": 0,
            "query_timeout": 60,
            "isolation_level": "READ UNCOMMITTED",
            "extra_params": "Encrypt=yes;TrustServerCertificate=yes",
        },
    }


def test_writing_uses_the_other_login_and_reads_only_what_is_committed() -> None:
    entry = settings_of(erp(), write=True)
    assert (entry["USER"], entry["PASSWORD"]) == ("writer", "w" + SECRET)
    assert entry["OPTIONS"]["isolation_level"] == "READ COMMITTED"


@pytest.mark.parametrize(
    ("encryption", "expected"),
    [("verify", "Encrypt=yes;TrustServerCertificate=no"), ("off", "Encrypt=no;TrustServerCertificate=yes")],
)
def test_the_certificate_is_checked_unless_somebody_chose_otherwise(encryption: str, expected: str) -> None:
    assert settings_of(erp(encryption=encryption))["OPTIONS"]["extra_params"] == expected


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("erp.lan", "erp.lan", ""),
        ("10.0.0.5,1433", "10.0.0.5", "1433"),
        ("SRV01\\WAPRO", "SRV01\\WAPRO", ""),
        ("SRV01\\WAPRO,14330", "SRV01", "14330"),
        ("tcp:erp.lan,14330", "erp.lan", "14330"),
    ],
)
def test_every_way_of_writing_a_server(typed: str, host: str, port: str) -> None:
    entry = settings_of(erp(server=typed))
    assert (entry["HOST"], entry["PORT"]) == (host, port)


@pytest.mark.parametrize("typed", ["", "  ", ",1433", "erp.lan,port", "erp.lan,0", "erp.lan,70000"])
def test_an_address_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(Unreachable) as error:
        settings_of(erp(server=typed))
    assert code_of(error) == Code.NAME_UNKNOWN


def test_a_login_that_was_never_saved_is_named() -> None:
    with pytest.raises(AuthFailed) as error:
        settings_of(erp(credentials={"read_user": "reader", "read_password": "x"}), write=True)
    assert code_of(error) == Code.SECRET_MISSING
    assert error.value.problem.as_dict()["resource"] == "write"


def test_the_alias_changes_with_any_setting_and_tells_no_secret() -> None:
    one, other = settings_of(erp()), settings_of(erp(credentials={"read_user": "reader", "read_password": "new"}))
    assert alias_of(erp(), one) != alias_of(erp(), other)
    assert alias_of(erp(), one).startswith("erp-7-")
    assert SECRET not in alias_of(erp(), one)


@pytest.mark.django_db
def test_a_sample_company_opens_for_reading_only(sample: WaproConnection, settings: Any) -> None:
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    with open_database(sample) as alias, connections[alias].cursor() as cursor:
        cursor.execute("SELECT ID_MAGAZYNU, wapro_sha256(X'41') FROM MAGAZYN")
        assert cursor.fetchall() == [(1, "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd")]
        with pytest.raises(OperationalError) as error:
            cursor.execute("INSERT INTO MAGAZYN VALUES (2)")
    assert code_of_statement(error.value) == Code.RIGHT_MISSING
    with open_database(sample, write=True) as alias, connections[alias].cursor() as cursor:
        cursor.execute("INSERT INTO MAGAZYN VALUES (2)")
        cursor.execute("SELECT count(*) FROM MAGAZYN")
        assert cursor.fetchone() == (2,)


def code_of_statement(error: Any, write: bool = False) -> str:
    return statement_error(error, write=write).problem.code


@pytest.mark.django_db
def test_nothing_of_the_connection_is_left_behind(sample: WaproConnection, settings: Any) -> None:
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    with open_database(sample) as outer:
        with open_database(sample) as inner:
            assert inner == outer
        with connections[outer].cursor() as cursor:
            cursor.execute("SELECT 1")
        raw = connections[outer].connection
    with pytest.raises(ConnectionDoesNotExist):
        connections[outer]
    with pytest.raises(sqlite3.ProgrammingError):
        raw.execute("SELECT 1")


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_said_so(sample: WaproConnection, settings: Any) -> None:
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    sample.server += ".gone"
    with pytest.raises(Unreachable) as error, open_database(sample):
        pass
    assert code_of(error) == Code.DATABASE_MISSING


@pytest.mark.django_db(transaction=True)
def test_an_open_transaction_of_the_panel_is_refused(sample: WaproConnection) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"), open_database(sample):
        pass
    with open_erp(sample, today=date(2026, 11, 24)) as side:
        with pytest.raises(RuntimeError, match="transaction"), transaction.atomic():
            side.fetch(Kind.UNIT, Scope(), None)
        assert side.requests_sent == 0


@pytest.mark.django_db
def test_the_missing_system_library_says_what_to_install(
    sample: WaproConnection, settings: Any, monkeypatch: pytest.MonkeyPatch, listener: socket.socket
) -> None:
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    # A backend whose import fails as the real one does on a machine without the library.
    real = database.settings_of
    monkeypatch.setattr(
        database, "settings_of", lambda *given: real(*given) | {"ENGINE": "tests.wapro.backend_without_library"}
    )
    with pytest.raises(Unreachable) as error, open_database(sample):
        pass
    assert code_of(error) == Code.DRIVER_MISSING
    assert "libodbc2" in error.value.problem.as_dict()["install"]


def test_the_driver_is_not_loaded_before_a_server_is_called() -> None:
    script = (
        "import django, sys; django.setup(); import wapro.side, wapro.probe; "
        "print([name for name in ('mssql', 'pyodbc', 'mssql_python') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_refused_port_and_an_unknown_name_are_told_apart(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    reach(Server.parse(f"127.0.0.1,{port}"))
    listener.close()
    with pytest.raises(Unreachable) as error:
        reach(Server.parse(f"127.0.0.1,{port}"))
    assert code_of(error) == Code.PORT_REFUSED
    assert error.value.problem.as_dict() == {"host": "127.0.0.1", "port": str(port)}
    with pytest.raises(Unreachable) as error:
        reach(Server.parse("no host..invalid"))
    assert code_of(error) == Code.NAME_UNKNOWN


class _DriverError(Exception):
    """As mssql-python raises: a fixed phrase per SQLSTATE, then the server's text."""

    def __init__(self, phrase: str, text: str) -> None:
        super().__init__(f"Driver Error: {phrase}; DDBC Error: {text}")
        self.driver_error = phrase


def wrapped(phrase: str, text: str = "", kind: type[Any] = OperationalError) -> Any:
    cause = _DriverError(phrase, text)
    error = kind(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("phrase", "text", "code", "kind"),
    [
        ("Invalid authorization specification", f"Login failed, {SECRET}", Code.LOGIN_FAILED, AuthFailed),
        ("Server rejected the connection", "no such database", Code.DATABASE_MISSING, Unreachable),
        ("Specified driver could not be loaded", "", Code.DRIVER_MISSING, Unreachable),
        ("Connection timeout expired", "", Code.SILENT, Unreachable),
        ("Client unable to establish connection", "SSL Provider: self-signed", Code.TLS_FAILED, Unreachable),
        ("Client unable to establish connection", "TCP Provider: Timeout error [258].", Code.SILENT, Unreachable),
        ("Client unable to establish connection", "TCP Provider: 0x68", Code.UNREACHABLE, Unreachable),
    ],
)
def test_what_kept_a_server_from_opening(phrase: str, text: str, code: Code, kind: type[IntegrationError]) -> None:
    error = opening_error(wrapped(phrase, text), settings_of(erp()))
    assert (error.problem.code, type(error)) == (code, kind)
    assert SECRET not in str(error) + repr(error)


@pytest.mark.parametrize(
    ("phrase", "reading", "writing"),
    [
        ("Timeout expired", Transient, Locked),
        ("Serialization failure", Transient, Locked),
        ("Communication link failure", Transient, OutcomeUnknown),
        ("Column not found", Unreachable, Unreachable),
    ],
)
def test_a_failed_statement_says_what_to_do_next(phrase: str, reading: type, writing: type) -> None:
    assert type(statement_error(wrapped(phrase))) is reading
    assert type(statement_error(wrapped(phrase), write=True)) is writing


def test_a_locked_sample_database_is_somebody_elses_lock(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    with sqlite3.connect(path) as holder:
        holder.execute("CREATE TABLE t (a)")
        holder.commit()
        holder.execute("BEGIN IMMEDIATE")
        other = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.OperationalError) as caught:
            other.execute("INSERT INTO t VALUES (1)")
        other.close()
    holder.close()
    error = OperationalError(str(caught.value))
    error.__cause__ = caught.value
    assert isinstance(statement_error(error, write=True), Locked)

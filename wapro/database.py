"""A Django alias for one ERP connection, opened for a piece of work and closed after it.

SQL Server is reached through mssql-django with the mssql-python driver; a sample company is a SQLite file, opened for
reading only unless writing is asked for. The SQL Server backend needs system libraries, so nothing imports it before a
real connection is opened.

Nothing here may keep a user of WAPRO Mag waiting: reads take no row locks (READ UNCOMMITTED), no statement waits longer
than `LOCK_MILLISECONDS` for somebody else's lock, and in a deadlock we are the one who gives way.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DjangoDatabaseError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend
from django.utils.connection import ConnectionDoesNotExist

from integrator.canonical.errors import AuthFailed, Unreachable
from integrator.canonical.problems import Code
from wapro.errors import driver_missing, opening_error
from wapro.models import WaproConnection

CONNECT_SECONDS = 5
REACH_SECONDS = 3
QUERY_SECONDS = 60
LOCK_MILLISECONDS = 3000
SQL_SERVER_PORT = 1433

_SQL_SERVER = "mssql"
_ENCRYPTION = {
    WaproConnection.Encryption.VERIFY: "Encrypt=yes;TrustServerCertificate=no",
    WaproConnection.Encryption.TRUST: "Encrypt=yes;TrustServerCertificate=yes",
    # A server that insists on encryption gets it all the same; the driver would then check the certificate.
    WaproConnection.Encryption.OFF: "Encrypt=no;TrustServerCertificate=yes",
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where a SQL Server listens: `host`, `host,port` or `host\\instance`, whose port the SQL Browser tells."""

    host: str
    port: int | None = None
    instance: str = ""

    @classmethod
    def parse(cls, text: str) -> "Server":
        """Raises Unreachable(NAME_UNKNOWN) for an empty host or a port that is no number."""
        name, _, port = text.strip().removeprefix("tcp:").partition(",")
        host, _, instance = name.strip().partition("\\")
        port = port.strip()
        if not host.strip() or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
            raise Unreachable(Code.NAME_UNKNOWN, host=text.strip())
        return cls(host.strip(), int(port) if port else None, instance.strip())

    @property
    def name(self) -> str:
        return f"{self.host}\\{self.instance}" if self.instance and self.port is None else self.host


def reach(server: Server) -> None:
    """Resolve the name and knock at the port: the driver's own message tells neither apart.

    The port of a named instance is not known here, so only its name is resolved. Raises Unreachable with NAME_UNKNOWN,
    PORT_REFUSED or UNREACHABLE.
    """
    port = server.port or SQL_SERVER_PORT
    where: dict[str, Any] = {"host": server.host, "port": "" if server.instance and server.port is None else port}
    try:
        socket.getaddrinfo(server.host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise Unreachable(Code.NAME_UNKNOWN, **where) from error
    if server.instance and server.port is None:
        return
    try:
        socket.create_connection((server.host, port), timeout=REACH_SECONDS).close()
    except ConnectionRefusedError as error:
        raise Unreachable(Code.PORT_REFUSED, **where) from error
    except TimeoutError as error:
        raise Unreachable(Code.UNREACHABLE, reason=f"no answer in {REACH_SECONDS} s", **where) from error
    except OSError as error:
        raise Unreachable(Code.UNREACHABLE, reason=error.strerror or "", **where) from error


def settings_of(connection: WaproConnection, write: bool = False) -> dict[str, Any]:
    """The entry of DATABASES for this connection, with the read or the write login.

    Raises AuthFailed(SECRET_MISSING) when that login was never saved, Unreachable for an unreadable address.
    """
    if connection.engine == WaproConnection.Engine.SAMPLE:
        return _sample_settings(connection.server, write)
    server = Server.parse(connection.server)
    role = "write" if write else "read"
    saved = cast("dict[str, str]", connection.credentials)
    user, password = (str(saved.get(f"{role}_{part}") or "") for part in ("user", "password"))
    if not user or not password:
        raise AuthFailed(Code.SECRET_MISSING, user=user, resource=role)
    return _complete(
        ENGINE=_SQL_SERVER,
        NAME=connection.database,
        HOST=server.name,
        PORT=str(server.port or ""),
        USER=user,
        PASSWORD=password,
        OPTIONS={
            "python_driver": "mssql_python",
            "connection_timeout": CONNECT_SECONDS,
            # The backend would repeat five times, five seconds apart, when the text of an error happens to hold one of
            # its numbers (a database named DB4060).
            "connection_retries": 0,
            "query_timeout": QUERY_SECONDS,
            "isolation_level": "READ COMMITTED" if write else "READ UNCOMMITTED",
            "extra_params": _ENCRYPTION[WaproConnection.Encryption(connection.encryption)],
        },
    )


def _sample_settings(path: str, write: bool) -> dict[str, Any]:
    mode = "rw" if write else "ro"
    return _complete(
        ENGINE="django.db.backends.sqlite3",
        NAME=f"file:{quote(str(Path(path).resolve()))}?mode={mode}",
        OPTIONS={
            "uri": True,
            "timeout": LOCK_MILLISECONDS / 1000,
            # A writer takes its turn at once, so that what it reads before it writes cannot change in between.
            "transaction_mode": "IMMEDIATE" if write else None,
        },
    )


def _complete(**given: Any) -> dict[str, Any]:
    return {
        "ATOMIC_REQUESTS": False,
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
        "USER": "",
        "PASSWORD": "",
        "HOST": "",
        "PORT": "",
        "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None},
    } | given


def alias_of(connection: WaproConnection, entry: dict[str, Any]) -> str:
    """`erp-<pk>-<digest of the settings>`: changed settings are another alias, never an old connection reused."""
    text = json.dumps(entry, sort_keys=True, default=str)
    return f"erp-{connection.pk}-{blake2b(text.encode(), digest_size=6).hexdigest()}"


def refuse_open_transaction() -> None:
    """Raises RuntimeError while a transaction of the panel is open: its locks would last as long as the ERP takes."""
    if connections["default"].in_atomic_block and not settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION:
        raise RuntimeError("the ERP must not be called while a transaction of the panel is open")


@contextmanager
def open_database(connection: WaproConnection, write: bool = False) -> Iterator[str]:
    """The alias of an open connection, for `using(alias)` in this thread; closed and forgotten at the end.

    Raises Unreachable, AuthFailed or Transient when it cannot be opened, RuntimeError inside a transaction.
    """
    refuse_open_transaction()
    entry = settings_of(connection, write)
    alias = alias_of(connection, entry)
    if _is_open(alias):
        yield alias
        return
    if entry["ENGINE"] == _SQL_SERVER:
        reach(Server.parse(connection.server))
    elif not Path(connection.server).is_file():
        raise Unreachable(Code.DATABASE_MISSING, database=connection.server)
    opened = _wrapper(alias, entry)
    try:
        _connect(opened)
        connections[alias] = opened
        yield alias
    finally:
        if _is_open(alias):
            del connections[alias]
        opened.close()


def _is_open(alias: str) -> bool:
    try:
        connections[alias]
    except ConnectionDoesNotExist:
        return False
    return True


def _wrapper(alias: str, entry: dict[str, Any]) -> BaseDatabaseWrapper:
    try:
        backend = load_backend(entry["ENGINE"])
    except ImproperlyConfigured as error:
        raise driver_missing(str(error)) from error
    return backend.DatabaseWrapper(entry, alias)


def _connect(opened: BaseDatabaseWrapper) -> None:
    entry = opened.settings_dict
    try:
        opened.ensure_connection()
        if entry["ENGINE"] == _SQL_SERVER:
            with opened.cursor() as cursor:
                cursor.execute(f"SET LOCK_TIMEOUT {LOCK_MILLISECONDS}; SET DEADLOCK_PRIORITY LOW")
        else:
            opened.connection.create_function("wapro_sha256", 1, _sha256, deterministic=True)
    except DjangoDatabaseError as error:
        raise opening_error(error, entry) from error


def revive(alias: str) -> None:
    """Open a connection that was closed after it broke, with all that a fresh one gets: Django itself would connect
    again without our lock timeout. Raises what `open_database` does."""
    opened = connections[alias]
    if opened.connection is None:
        _connect(opened)


def _sha256(content: bytes | None) -> str | None:
    return None if content is None else sha256(content).hexdigest()

"""Errors of the database as errors of the canonical model.

The mssql-python driver gives neither numbers nor SQLSTATE, only a fixed phrase per SQLSTATE (`driver_error`); SQLite
gives the name of its error code. Together with Django's exception class and the moment (opening, reading, writing) that
is enough, and nothing depends on the language of the server's messages. No secret is ever in a message.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from django.db import Error as DjangoDatabaseError

from integrator.canonical.errors import (
    AuthFailed,
    IntegrationError,
    Locked,
    OutcomeUnknown,
    Rejected,
    Transient,
    Unreachable,
)
from integrator.canonical.problems import Code, Turn

SYSTEM_PACKAGES = "libodbc2 libltdl7 libkrb5-3 libgssapi-krb5-2 libssl3"
"""What the SQL Server driver needs on Debian and Ubuntu (there `libssl3t64` from 24.04 on)."""

_NO_TABLE = ("Base table or view not found", "Column not found", "Invalid catalog name", "Invalid schema name")
_NO_RIGHT = ("Syntax error or access violation",)
_NO_LOGIN = ("Invalid authorization specification",)
_NO_DATABASE = ("Server rejected the connection", "Syntax error or access violation", "Invalid catalog name")
_NO_DRIVER = (
    "Specified driver could not be loaded",
    "Data source name not found and no default driver specified",
    "Connection operation failed",
)
_WAITED = ("Timeout expired", "Connection timeout expired")
_DEADLOCK = ("Serialization failure",)
_LOST = (
    "Communication link failure",
    "Connection not open",
    "Connection failure during transaction",
    "Client unable to establish connection",
    "Statement completion unknown",
)


def driver_missing(detail: str) -> Unreachable:
    return Unreachable(
        Code.DRIVER_MISSING, install=f"apt-get install -y --no-install-recommends {SYSTEM_PACKAGES}", detail=detail
    )


def opening_error(error: DjangoDatabaseError, entry: dict[str, Any]) -> IntegrationError:
    """Why a connection could not be opened though its port answers."""
    phrase, detail = _phrase(error), _without_secret(error, entry["PASSWORD"])
    where = {"host": entry["HOST"], "port": entry["PORT"], "detail": detail}
    where["reason"] = _own_words(error, entry["PASSWORD"])
    if phrase in _NO_LOGIN:
        return AuthFailed(Code.LOGIN_FAILED, user=entry["USER"], detail=detail)
    if phrase in _NO_DRIVER:
        return driver_missing(detail)
    if phrase in _NO_DATABASE or _sqlite_name(error) == "SQLITE_CANTOPEN":
        return Unreachable(Code.DATABASE_MISSING, database=entry["NAME"], detail=detail)
    if _sqlite_name(error):
        return sqlite_error(error, write=False)
    if isinstance(error, NotSupportedError):
        return Unreachable(Code.VERSION_UNSUPPORTED, version=detail)
    if "ssl" in detail.casefold() or "certificate" in detail.casefold():
        return Unreachable(Code.TLS_FAILED, **where)
    if phrase in _WAITED or "timeout error" in detail.casefold():
        return Unreachable(Code.SILENT, **where)
    return Unreachable(Code.UNREACHABLE, **where)


def statement_error(error: DjangoDatabaseError, *, write: bool = False) -> IntegrationError:
    """What a failed statement means: of a read, or of a write whose outcome may be unknown."""
    if _sqlite_name(error):
        return sqlite_error(error, write=write)
    phrase, detail = _phrase(error), str(error)
    if phrase in _WAITED or phrase in _DEADLOCK:
        return Locked(detail=detail) if write else Transient(Code.DEADLINE, turn=Turn.ERP_OUTAGE, detail=detail)
    if phrase in _LOST or isinstance(error, InterfaceError):
        if write:
            return OutcomeUnknown(turn=Turn.ERP_OUTAGE, detail=detail)
        return Transient(Code.CONNECTION_LOST, turn=Turn.ERP_OUTAGE, detail=detail)
    if phrase in _NO_TABLE:
        return Unreachable(Code.NOT_WAPRO, detail=detail)
    if phrase in _NO_RIGHT and isinstance(error, ProgrammingError):
        return AuthFailed(Code.RIGHT_MISSING, detail=detail)
    if isinstance(error, IntegrityError | DataError):
        return Rejected(message=detail)
    return Transient(Code.SERVER_ERROR, turn=Turn.ERP_OUTAGE, detail=detail)


def sqlite_error(error: DjangoDatabaseError, *, write: bool) -> IntegrationError:
    name, detail = _sqlite_name(error), str(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Locked(detail=detail) if write else Transient(Code.DEADLINE, turn=Turn.ERP_OUTAGE, detail=detail)
    if name.startswith("SQLITE_READONLY"):
        return AuthFailed(Code.RIGHT_MISSING, detail=detail)
    if name.startswith("SQLITE_CONSTRAINT"):
        return Rejected(message=detail)
    if name in ("SQLITE_ERROR", "SQLITE_NOTADB") and isinstance(error, OperationalError | DjangoDatabaseError):
        return Unreachable(Code.NOT_WAPRO, detail=detail)
    return Transient(Code.SERVER_ERROR, turn=Turn.ERP_OUTAGE, detail=detail)


@contextmanager
def canonical_errors(*, write: bool = False) -> Iterator[None]:
    """Database errors inside become IntegrationErrors."""
    try:
        yield
    except DjangoDatabaseError as error:
        raise statement_error(error, write=write) from error


def _phrase(error: DjangoDatabaseError) -> str:
    return str(getattr(error.__cause__, "driver_error", ""))


def _sqlite_name(error: DjangoDatabaseError) -> str:
    return str(getattr(error.__cause__, "sqlite_errorname", ""))


def _own_words(error: DjangoDatabaseError, password: str) -> str:
    """What the driver says itself, without its own frame ("Driver Error: ...; DDBC Error: [Microsoft]...")."""
    text = str(getattr(error.__cause__, "ddbc_error", "") or error).removeprefix("[Microsoft]").strip().rstrip(".")
    return text.replace(password, "***") if password else text


def _without_secret(error: DjangoDatabaseError, password: str) -> str:
    return str(error).replace(password, "***") if password else str(error)

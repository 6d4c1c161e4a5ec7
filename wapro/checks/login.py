"""Checks of the way in: encryption, the two logins, the database.

The driver makes the handshake, logs in and opens the database in one step and says why it failed in words that depend
on the server's language. So one attempt is made, what it tells by its kind is taken, and the question "wrong password
or wrong database?" is settled by opening the server's own database with the same login.
"""

import copy
from typing import cast

from integrator.canonical.errors import IntegrationError
from integrator.canonical.preflight import Check, failed, passed, warned
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import problem
from wapro.checks.look import Look, left_out
from wapro.database import open_database, settings_of

HAS_ACCESS_SQL = "SELECT HAS_DBACCESS(%s)"
_AFTER_HANDSHAKE = (Code.LOGIN_FAILED, Code.DATABASE_MISSING)


def encryption(look: Look) -> Check:
    """Also makes the one attempt to log in, whose outcome the next checks tell."""
    connection, host = look.connection, look.server.host
    choice = connection.Encryption(connection.encryption)
    if choice is not connection.Encryption.OFF and look.greeting and not look.greeting.encrypts:
        return failed("encryption", problem(Code.ENCRYPTION_REFUSED, host=host), Turn.ERP_SETTINGS)
    try:
        look.alias = look.stack.enter_context(open_database(connection))
    except IntegrationError as error:
        look.refusal = error
        if error.problem.code == Code.SECRET_MISSING:
            return left_out("encryption", problem(Code.SECRET_MISSING, name="read_password"))
        if error.problem.code not in _AFTER_HANDSHAKE:
            return _handshake_failed(look, error)
    if choice is connection.Encryption.OFF:
        return warned("encryption", problem(Code.UNENCRYPTED, host=host), Turn.CONNECTION, str(choice))
    return passed("encryption", str(choice))


def _handshake_failed(look: Look, error: IntegrationError) -> Check:
    code, params = error.problem.code, error.problem.as_dict()
    if code == Code.TLS_FAILED:
        reason = _plain(params.get("detail", ""))
        return failed("encryption", problem(code, host=look.server.host, reason=reason), Turn.CONNECTION)
    if code == Code.UNREACHABLE:
        reason = _plain(params.get("detail", "")) or params.get("reason", "")
        return failed("encryption", problem(code, host=look.server.host, reason=reason), error.turn)
    return failed("encryption", error.problem, error.turn)


def _plain(detail: str) -> str:
    """What a driver's message says: of `...[Microsoft]SSL Provider: [error:0A000086:...:self-signed]` the end."""
    text = detail.rpartition("DDBC Error: ")[2].removeprefix("[Microsoft]").strip()
    if text.startswith("SSL Provider: ["):
        text = text.removeprefix("SSL Provider: [").rstrip("]")
        return ": ".join(part for part in text.split(":")[-2:] if part.strip())
    return text


def login(look: Look) -> Check:
    if look.sample:
        return left_out("login", Code.SAMPLE_COMPANY)
    if look.refusal is None:
        return passed("login", look.read_user)
    code, params = look.refusal.problem.code, look.refusal.problem.as_dict()
    if code == Code.SECRET_MISSING:
        return failed("login", problem(code, name="read_password", role="read"), Turn.CONNECTION)
    if _opens_master(look):
        return passed("login", look.read_user)
    reason = _from_server(params.get("detail", ""))
    return failed("login", problem(Code.LOGIN_FAILED, user=look.read_user, reason=reason), Turn.CONNECTION)


def _opens_master(look: Look) -> bool:
    other = copy.copy(look.connection)
    other.database = "master"
    try:
        look.master = look.stack.enter_context(open_database(other))
    except IntegrationError:
        return False
    return True


def _from_server(detail: str) -> str:
    """What the server itself said, in its own language."""
    return detail.rpartition("[SQL Server]")[2].strip().rstrip(".")


def database(look: Look) -> Check:
    """Needs the login. Opens the sample company's file, which has no login."""
    connection = look.connection
    if look.sample:
        return _open_sample(look)
    if look.refusal is None:
        return passed("database", connection.database)
    ((access,),) = look.query(HAS_ACCESS_SQL, [connection.database], alias=look.master)
    if access == 0:
        found = problem(Code.RIGHT_MISSING, user=look.read_user, right="CONNECT", resource=connection.database)
        return failed("database", found, Turn.ERP_SETTINGS)
    return failed("database", problem(Code.DATABASE_MISSING, database=connection.database), Turn.CONNECTION)


def _open_sample(look: Look) -> Check:
    try:
        look.alias = look.stack.enter_context(open_database(look.connection))
    except IntegrationError as error:
        return failed("database", error.problem, error.turn)
    return passed("database", look.connection.server)


def write_login(look: Look) -> Check:
    """Tried where a way of writing is switched on, or where its password was given."""
    connection = look.connection
    wanted = connection.write_cards or connection.create_directly or connection.write_orders
    saved = cast("dict[str, str]", connection.credentials)
    if not wanted and not saved.get("write_password"):
        return left_out("write_login", Code.WRITE_DISABLED)
    try:
        look.writer = look.stack.enter_context(open_database(connection, write=True))
    except IntegrationError as error:
        return _write_login_failed(error)
    return passed("write_login", str(settings_of(connection, write=True)["USER"]) or connection.server)


def _write_login_failed(error: IntegrationError) -> Check:
    code, params = error.problem.code, error.problem.as_dict()
    if code == Code.SECRET_MISSING:
        return failed("write_login", problem(code, name="write_password", role="write"), Turn.CONNECTION)
    if code == Code.LOGIN_FAILED:
        reason = _from_server(params.get("detail", ""))
        return failed("write_login", problem(code, user=params.get("user", ""), reason=reason), Turn.CONNECTION)
    return failed("write_login", error.problem, error.turn)

"""Checks up to the server's greeting: driver, name, port, and whether it is a SQL Server that answers."""

import importlib
import subprocess
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from integrator.canonical.errors import Unreachable
from integrator.canonical.preflight import Check, failed, passed
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import problem
from wapro.checks import front_door
from wapro.checks.look import Look
from wapro.database import SQL_SERVER_PORT, Server
from wapro.errors import driver_missing

_LOAD = "import ctypes, sys; ctypes.CDLL(sys.argv[1])"


def driver(look: Look) -> Check:
    """The Python packages are wheels, but they need libraries of the system."""
    try:
        importlib.import_module("mssql.base")
        version = importlib.import_module("mssql_python").__version__
    except (ImproperlyConfigured, ImportError) as error:
        return _no_driver(str(error))
    refusal = _native_refusal()
    return _no_driver(refusal) if refusal else passed("driver", f"mssql-python {version}")


def _no_driver(detail: str) -> Check:
    missing = driver_missing(detail)
    return failed("driver", missing.problem, Turn.US)


def _native_refusal() -> str:
    """Why Microsoft's driver library cannot be loaded, empty when it can. Loaded in a process of its own: a library
    that fails half-way would stay in this one."""
    if not sys.platform.startswith("linux"):
        return ""
    package = importlib.import_module("mssql_python_odbc")
    libraries = sorted(Path(package.get_libs_dir()).glob("linux/*/*/lib/libmsodbcsql*"))
    refusals = []
    for library in libraries:
        tried = subprocess.run(
            [sys.executable, "-c", _LOAD, str(library)], capture_output=True, text=True, timeout=20, check=False
        )
        if not tried.returncode:
            return ""
        refusals.append(tried.stderr.strip().rpartition("OSError: ")[2].splitlines()[-1:])
    return next((lines[0] for lines in refusals if lines), "")


def name(look: Look) -> Check:
    try:
        look.server = Server.parse(look.connection.server)
    except Unreachable:
        return failed("name", problem(Code.SERVER_ADDRESS_INVALID, value=look.connection.server), Turn.CONNECTION)
    try:
        look.ips = front_door.addresses(look.server.host, look.network_seconds)
    except OSError as error:
        reason = str(error) if isinstance(error, TimeoutError) else (error.strerror or str(error))
        return failed("name", problem(Code.NAME_UNKNOWN, host=look.server.host, reason=reason), Turn.CONNECTION)
    return passed("name", ", ".join(look.ips))


def port(look: Look) -> Check:
    server = look.server
    if server.instance and server.port is None:
        refusal = _find_instance(look)
        if refusal is not None:
            return refusal
    else:
        look.port = server.port or SQL_SERVER_PORT
    where = {"host": server.host, "port": look.port}
    try:
        look.ip = front_door.knock(look.ips, look.port, look.network_seconds)
    except ConnectionRefusedError:
        return failed("port", problem(Code.PORT_REFUSED, **where), Turn.CONNECTION)
    except OSError as error:
        reason = "timeout" if isinstance(error, TimeoutError) else (error.strerror or str(error))
        return failed("port", problem(Code.UNREACHABLE, **where, reason=reason), Turn.CONNECTION)
    return passed("port", f"{look.ip}:{look.port}")


def _find_instance(look: Look) -> Check | None:
    """Ask SQL Browser for the port of the named instance. None when it is known now."""
    wanted, where = look.server.instance, {"host": look.server.host, "instance": look.server.instance}
    known = None
    for ip in look.ips:
        try:
            known = front_door.browse(ip, look.network_seconds)
        except (OSError, front_door.NotSqlServer):
            continue
        break
    if known is None:
        return failed("port", problem(Code.BROWSER_SILENT, **where), Turn.ERP_SETTINGS)
    named = [instance for instance in known if instance.name.casefold() == wanted.casefold()]
    if not named:
        others = ", ".join(instance.name for instance in known)
        return failed("port", problem(Code.INSTANCE_UNKNOWN, **where, known=others), Turn.CONNECTION)
    if named[0].port is None:
        return failed("port", problem(Code.INSTANCE_WITHOUT_TCP, **where), Turn.ERP_SETTINGS)
    look.port = named[0].port
    return None


def answer(look: Look) -> Check:
    where = {"host": look.server.host, "port": look.port}
    encrypted = look.connection.encryption != look.connection.Encryption.OFF
    try:
        look.greeting = front_door.greet(look.ip, look.port, look.network_seconds, encrypted=encrypted)
    except TimeoutError:
        return failed("answer", problem(Code.SILENT, **where), Turn.ERP_OUTAGE)
    except front_door.NotSqlServer:
        return failed("answer", problem(Code.NOT_SQL_SERVER, **where), Turn.CONNECTION)
    except OSError:
        return failed("answer", problem(Code.CONNECTION_LOST, **where), Turn.ERP_OUTAGE)
    return passed("answer", ".".join(str(part) for part in look.greeting.version))

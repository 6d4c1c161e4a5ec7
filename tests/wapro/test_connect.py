"""A server that cannot be reached, told apart by the real driver and a stand-in for a server's front door."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from integrator.canonical.preflight import Check, Verdict
from integrator.canonical.problems import Code
from syncjobs.explain import explain
from tests.wapro import tds_server
from tests.wapro.driver import need_driver
from tests.wapro.tds_server import NOT_SUPPORTED, FrontDoor, listening
from wapro.checks import front_door
from wapro.models import WaproConnection
from wapro.probe import probe

TODAY = date(2026, 11, 25)
SECRET = "s3cret-pass;word"
BEFORE_LOGIN = ("driver", "name", "port", "answer", "encryption", "login", "database")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return tds_server.self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def allowed(db: None, settings: Any) -> None:
    need_driver()
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True


def to(server: str | int, encryption: str = "verify", **given: Any) -> WaproConnection:
    saved: Any = {"read_user": "reader", "read_password": SECRET}
    address = server if isinstance(server, str) else f"127.0.0.1,{server}"
    values = {"pk": 1, "server": address, "database": "WAPRO", "credentials": saved, "encryption": encryption}
    return WaproConnection(**(values | given))


def checks(connection: WaproConnection, seconds: float = 12.0) -> dict[str, Check]:
    """All checks, within the time a person would wait, with no secret in any of them."""
    begun = time.monotonic()
    done = {check.name: check for check in probe(connection, today=TODAY)}
    assert time.monotonic() - begun < seconds
    assert SECRET not in repr(done)
    return done


def expect(found: dict[str, Check], broken: str, code: Code) -> Check:
    """What comes before `broken` passed, `broken` failed with `code`, what comes after it was skipped."""
    position = BEFORE_LOGIN.index(broken)
    assert {found[name].verdict for name in BEFORE_LOGIN[:position]} <= {Verdict.PASSED, Verdict.WARNING}
    check = found[broken]
    assert (check.verdict, code_of(check)) == (Verdict.FAILED, code), check
    assert {found[name].verdict for name in BEFORE_LOGIN[position + 1 :]} <= {Verdict.SKIPPED}
    assert {found[name].verdict for name in ("wapro", "tables", "cards", "rights")} == {Verdict.SKIPPED}
    return check


def code_of(check: Check) -> str:
    return check.problem.code if check.problem else ""


def params(check: Check) -> dict[str, str]:
    assert check.problem is not None
    return check.problem.as_dict()


def sentence(check: Check) -> str:
    assert check.problem is not None
    with translation.override("en"):
        return str(explain(check.problem, side="erp"))


def test_a_refused_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    check = expect(checks(to(port), 3), "port", Code.PORT_REFUSED)
    assert sentence(check) == f"127.0.0.1 refused the connection on port {port}."


def test_an_unknown_name() -> None:
    check = expect(checks(to("no-such-server.invalid,1433"), 5), "name", Code.NAME_UNKNOWN)
    assert "no-such-server.invalid" in sentence(check)


@pytest.mark.parametrize("typed", ["", "erp,none", "erp,99999", "\\WAPRO"])
def test_an_address_that_is_none(typed: str) -> None:
    expect(checks(to(typed), 3), "name", Code.SERVER_ADDRESS_INVALID)


def test_a_server_that_accepts_and_never_answers() -> None:
    with listening(tds_server.silent) as port:
        check = expect(checks(to(port), 8), "answer", Code.SILENT)
    assert "did not answer" in sentence(check)


def test_a_server_that_drops_at_once() -> None:
    with listening(tds_server.dropping) as port:
        expect(checks(to(port), 3), "answer", Code.CONNECTION_LOST)


def test_another_program_on_the_port() -> None:
    with listening(tds_server.garbage) as port:
        check = expect(checks(to(port), 3), "answer", Code.NOT_SQL_SERVER)
    assert f"port {port}" in sentence(check)


def test_a_certificate_that_nobody_vouches_for(certificate: ssl.SSLContext) -> None:
    door = FrontDoor(context=certificate)
    with listening(door) as port:
        check = expect(checks(to(port, "verify")), "encryption", Code.TLS_FAILED)
    assert "self-signed" in sentence(check)
    assert door.logins == []


def test_any_certificate_will_do_when_somebody_chose_so(certificate: ssl.SSLContext) -> None:
    door = FrontDoor(context=certificate)
    with listening(door) as port:
        found = checks(to(port, "trust"))
    check = expect(found, "login", Code.LOGIN_FAILED)
    assert (found["encryption"].verdict, found["encryption"].found) == (Verdict.PASSED, "trust")
    assert "reader" in sentence(check)
    assert door.logins


@pytest.mark.parametrize("encryption", ["verify", "trust"])
def test_a_server_without_encryption_is_not_reached_in_the_clear(encryption: str) -> None:
    door = FrontDoor(encryption=NOT_SUPPORTED)
    with listening(door) as port:
        expect(checks(to(port, encryption), 3), "encryption", Code.ENCRYPTION_REFUSED)
    assert door.logins == []


def test_no_encryption_is_a_choice_with_a_warning() -> None:
    with listening(FrontDoor(encryption=NOT_SUPPORTED)) as port:
        found = checks(to(port, "off"))
    expect(found, "login", Code.LOGIN_FAILED)
    assert (found["encryption"].verdict, code_of(found["encryption"])) == (Verdict.WARNING, Code.UNENCRYPTED)


def test_a_server_that_insists_on_encryption_is_reached_though_none_was_asked_for(certificate: ssl.SSLContext) -> None:
    with listening(FrontDoor(context=certificate, encryption=tds_server.REQUIRED)) as port:
        expect(checks(to(port, "off")), "login", Code.LOGIN_FAILED)


@pytest.mark.parametrize(
    "refusal",
    [
        (18456, "Login failed for user 'reader'."),
        (18456, "Logowanie użytkownika „reader” nie powiodło się."),
        (18470, "Login failed for user 'reader'. Reason: The account is disabled."),
        (4060, 'Cannot open database "WAPRO" requested by the login. The login failed.'),
    ],
)
def test_a_refused_login_in_any_language_shows_the_servers_own_words(
    certificate: ssl.SSLContext, refusal: tuple[int, str]
) -> None:
    """The stand-in refuses its own database too, so the login is at fault whatever the message is."""
    door = FrontDoor(context=certificate, error=refusal)
    with listening(door) as port:
        check = expect(checks(to(port, "trust")), "login", Code.LOGIN_FAILED)
    assert refusal[1].rstrip(".") in sentence(check)
    assert len(door.logins) == 2


def test_a_password_that_was_never_saved() -> None:
    with listening(FrontDoor()) as port:
        found = checks(to(port, credentials={}), 3)
    assert (found["login"].verdict, code_of(found["login"])) == (Verdict.FAILED, Code.SECRET_MISSING)
    assert found["encryption"].verdict is Verdict.SKIPPED


@pytest.mark.parametrize(
    ("version", "verdict", "shown"),
    [
        ((12, 0, 6024), Verdict.FAILED, "SQL Server 2014"),
        ((16, 0, 4085), Verdict.PASSED, "SQL Server 2022 (16.0.4085)"),
    ],
)
def test_the_version_is_known_even_when_the_login_fails(
    certificate: ssl.SSLContext, version: tuple[int, int, int], verdict: Verdict, shown: str
) -> None:
    with listening(FrontDoor(context=certificate, version=version)) as port:
        found = checks(to(port, "trust"))
    assert (found["login"].verdict, found["version"].verdict) == (Verdict.FAILED, verdict)
    assert shown in found["version"].found


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backend is imported anew on a machine where its C library cannot be."""
    import sys

    for name in [name for name in sys.modules if name == "mssql.base"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    found = {check.name: check for check in probe(to("no-such-server.invalid,1433"), today=TODAY)}
    check = found["driver"]
    assert (check.verdict, code_of(check)) == (Verdict.FAILED, Code.DRIVER_MISSING)
    assert "libodbc2" in params(check)["install"]
    assert found["name"].verdict is Verdict.FAILED


# SQL Browser


@contextmanager
def browser(answer: bytes | None) -> Iterator[tuple[int, list[bytes]]]:
    """A SQL Browser on this machine that always answers the same, or never."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(10)

        def serve() -> None:
            while True:
                try:
                    question, sender = line.recvfrom(1024)
                except OSError:
                    return
                asked.append(question)
                if question == b"stop":
                    return
                if answer is not None:
                    line.sendto(answer, sender)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = line.getsockname()[1]
        yield port, asked
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"stop", ("127.0.0.1", port))
        thread.join(timeout=5)


def described(text: str) -> bytes:
    return b"\x05" + len(text).to_bytes(2, "little") + text.encode("cp1250")


TWO = described(
    "ServerName;ERP;InstanceName;SQLEXPRESS;IsClustered;No;Version;15.0.2000.5;np;\\\\ERP\\pipe\\sql\\query;;"
    "ServerName;ERP;InstanceName;WAPRO;IsClustered;No;Version;16.0.1000.6;tcp;49680;np;\\\\ERP\\pipe\\x;;"
)


def test_the_port_of_a_named_instance_comes_from_sql_browser() -> None:
    with browser(TWO) as (port, asked):
        found = front_door.browse("127.0.0.1", 2, port)
    assert [(one.name, one.port) for one in found] == [("SQLEXPRESS", None), ("WAPRO", 49680)]
    assert asked[0] == b"\x03"


def test_a_silent_browser_is_given_up_in_time() -> None:
    begun = time.monotonic()
    with browser(None) as (port, asked), pytest.raises(TimeoutError):
        front_door.browse("127.0.0.1", 1, port)
    assert time.monotonic() - begun < 3
    assert asked.count(b"\x03") == 2


def test_a_browser_that_talks_nonsense_is_none() -> None:
    with browser(b"HTTP/1.1 400") as (port, _), pytest.raises(front_door.NotSqlServer):
        front_door.browse("127.0.0.1", 1, port)


@pytest.mark.parametrize(
    ("answer", "instance", "code"),
    [
        (TWO, "WAPROMAG", Code.INSTANCE_UNKNOWN),
        (TWO, "sqlexpress", Code.INSTANCE_WITHOUT_TCP),
        (b"nonsense", "WAPRO", Code.BROWSER_SILENT),
        (TWO, "wapro", Code.PORT_REFUSED),
    ],
)
def test_what_can_be_wrong_with_a_named_instance(
    answer: bytes, instance: str, code: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    with browser(answer) as (port, _):
        monkeypatch.setattr(front_door, "BROWSER_PORT", port)
        check = expect(checks(to(f"127.0.0.1\\{instance}"), 5), "port", code)
    assert params(check)["host"] == "127.0.0.1"
    if code == Code.INSTANCE_UNKNOWN:
        assert "SQLEXPRESS, WAPRO" in sentence(check)


def test_a_machine_without_sql_browser() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    with pytest.raises(OSError, match=r"refused|timed out"):
        front_door.browse("127.0.0.1", 1, port)


def test_a_greeting_cut_short_or_lying_about_its_length_is_not_sql_server() -> None:
    good = tds_server.prelogin_answer((16, 0, 1000), tds_server.ON)
    for spoilt in (good[:12], good[:8], b"\x04\x01\xff\xff" + good[4:], good[:8] + b"\x00\x00\xff\xff\xff\xff" * 3):

        def answer(client: socket.socket, spoilt: bytes = spoilt) -> None:
            client.recv(4096)
            client.sendall(spoilt)

        with listening(answer) as port, pytest.raises((front_door.NotSqlServer, ConnectionError, TimeoutError)):
            front_door.greet("127.0.0.1", port, 1, encrypted=True)


def test_the_greeting_tells_version_and_encryption() -> None:
    for encryption, encrypts in ((tds_server.ON, True), (tds_server.REQUIRED, True), (NOT_SUPPORTED, False)):
        with listening(FrontDoor(version=(15, 0, 2000), encryption=encryption)) as port:
            greeting = front_door.greet("127.0.0.1", port, 2, encrypted=True)
        assert (greeting.version, greeting.encrypts) == ((15, 0, 2000), encrypts)

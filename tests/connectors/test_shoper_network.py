"""Shoper over real sockets: what a person sees for each way in which a shop cannot be reached."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Transient, Unreachable
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Verdict
from integrator.canonical.problems import Code
from integrator.canonical.side import NewElement, Scope, Side
from integrator.network import Resolver, system_resolver
from shops.connectors.base import NetworkPolicy, ShopAccess
from shops.connectors.shoper.connector import PLATFORM
from shops.connectors.shoper.simulator import LOGIN, PASSWORD, ShoperSimulator, serve

Open = Callable[..., Side]


@pytest.fixture
def shop() -> ShoperSimulator:
    return ShoperSimulator(limited=False)


@pytest.fixture
def address(shop: ShoperSimulator) -> Iterator[str]:
    with serve(shop) as server:
        yield server.url


@pytest.fixture
def open_side() -> Iterator[Open]:
    opened: list[ShopAccess] = []

    def open_one(address: str, resolve: Resolver = system_resolver) -> Side:
        policy = NetworkPolicy(allow_private=True, resolve=resolve)
        credentials = {"user": LOGIN, "password": PASSWORD}
        opened.append(ShopAccess(address=address, credentials=credentials, network=policy))
        return PLATFORM.open(opened[-1])

    yield open_one
    for access in opened:
        access.close()


def test_everything_is_reached(open_side: Open, address: str) -> None:
    checks = {check.name: check for check in open_side(address).probe()}
    assert {check.verdict for check in checks.values()} == {Verdict.PASSED}
    assert checks["name"].found == "127.0.0.1"


def unknown(host: str, port: int) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def hanging_up() -> str:
    """The address of a server that answers a greeting in TLS with the end of the connection, once."""
    listener = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(10)

    threading.Thread(target=hang_up, daemon=True).start()
    return f"https://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("case", "failing", "code"),
    [
        ("unknown name", "name", Code.NAME_UNKNOWN),
        ("refused port", "port", Code.PORT_REFUSED),
        ("no tls", "tls", Code.TLS_FAILED),
        ("html", "answer", Code.NOT_JSON),
        ("redirect", "answer", Code.REDIRECTED),
        ("reset", "answer", Code.CONNECTION_LOST),
    ],
)
def test_the_check_that_fails_says_why_and_the_later_ones_are_skipped(
    open_side: Open, shop: ShoperSimulator, address: str, case: str, failing: str, code: Code
) -> None:
    if case in ("html", "redirect", "reset"):
        shop.faults.add(case, times=9)
    if case == "refused port":
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"http://127.0.0.1:{free.getsockname()[1]}"
    if case == "no tls":
        address = hanging_up()
    side = open_side(address, resolve=unknown) if case == "unknown name" else open_side(address)
    checks = list(side.probe())
    names = [check.name for check in checks]
    failed = [check for check in checks if check.verdict is Verdict.FAILED]
    assert [check.name for check in failed] == [failing]
    assert failed[0].problem is not None
    assert failed[0].problem.code == code
    assert {c.verdict for c in checks[: names.index(failing)]} <= {Verdict.PASSED}
    assert {c.verdict for c in checks[names.index(failing) + 1 :]} == {Verdict.SKIPPED}


def test_a_connection_that_breaks_once_is_no_trouble_for_reading(
    open_side: Open, shop: ShoperSimulator, address: str
) -> None:
    side = open_side(address)
    side.fetch(Kind.UNIT, Scope(), None)
    shop.faults.add("reset", method="GET")
    assert side.fetch(Kind.UNIT, Scope(), None).items


@pytest.mark.parametrize(
    ("fault", "error", "made"),
    [("drop", OutcomeUnknown, 1), ("reset", OutcomeUnknown, 0), ("error", Transient, 0), ("redirect", Unreachable, 0)],
)
def test_a_write_is_never_sent_twice(
    open_side: Open, shop: ShoperSimulator, address: str, fault: str, error: type[IntegrationError], made: int
) -> None:
    side = open_side(address)
    list(side.probe())
    before = len(shop.state.tables["producers"])
    shop.faults.add(fault, method="POST", resource="bulk")
    with pytest.raises(error):
        side.create(Kind.PRODUCER, [NewElement(token="a", fields={"name": "Nowy"})])
    assert len(shop.state.tables["producers"]) == before + made
    assert shop.stats.requests["POST bulk"] == 2, "one of the preflight, one of the write"

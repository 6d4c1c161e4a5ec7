"""ApiClient over real sockets on loopback: deadlines, the guard of addresses, certificates."""

import ast
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrator.api_client import ApiClient, NetworkPolicy
from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Transient, Unreachable
from integrator.canonical.problems import Code

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
LOOPBACK = NetworkPolicy(allow_private=True)
Talk = Callable[[socket.socket, threading.Event], None]


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(4096)
        if not part:
            break
        received += part
    return received


@contextmanager
def server(talk: Talk, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on loopback that speaks by `talk`; gives its port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=_serve, args=(listener, talk, tls, over), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            listener.close()
            thread.join(5)


def _serve(listener: socket.socket, talk: Talk, tls: ssl.SSLContext | None, over: threading.Event) -> None:
    while not over.is_set():
        try:
            plain, _ = listener.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        plain.settimeout(5)
        with plain:
            try:
                connection = tls.wrap_socket(plain, server_side=True) if tls else plain
                talk(connection, over)
                connection.close()
            except OSError:
                continue


def answer_ok(connection: socket.socket, over: threading.Event) -> None:
    read_request(connection)
    connection.sendall(OK)


def drip(whole: bytes) -> Talk:
    """One byte each 30 ms: every single read is quick, the answer never ends."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        for byte in whole:
            connection.sendall(bytes([byte]))
            if over.wait(0.03):
                return

    return talk


def silent(connection: socket.socket, over: threading.Event) -> None:
    over.wait(5)


@pytest.mark.parametrize(
    "talk",
    [
        drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 500),
        lambda connection, over: (
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
            drip(b"y" * 500)(connection, over),
        )[1],
        silent,
    ],
    ids=["headers", "body", "nothing"],
)
@pytest.mark.parametrize(("method", "error"), [("GET", Transient), ("POST", OutcomeUnknown)])
def test_the_deadline_is_for_the_whole_call(talk: Talk, method: str, error: type[IntegrationError]) -> None:
    with server(talk) as port, ApiClient(f"http://127.0.0.1:{port}", network=LOOPBACK) as api:
        started = time.monotonic()
        with pytest.raises(error):
            api.request(method, "/x", deadline=0.3)
        assert time.monotonic() - started < 1.5


def test_a_refused_port_and_an_unknown_name_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        ApiClient(f"http://127.0.0.1:{port}", network=LOOPBACK).get("/x")
    assert caught.value.problem.code == Code.PORT_REFUSED
    assert caught.value.problem.as_dict() == {"host": "127.0.0.1", "port": str(port)}

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Unreachable) as caught:
        ApiClient("https://shop.example", network=NetworkPolicy(resolve=unknown)).get("/x")
    assert caught.value.problem.code == Code.NAME_UNKNOWN


def test_a_name_server_that_is_down_is_tried_again_later() -> None:
    def down(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with pytest.raises(Transient) as caught:
        ApiClient("https://shop.example", network=NetworkPolicy(resolve=down)).get("/x")
    assert caught.value.problem.code == Code.NAME_UNKNOWN


def test_a_connection_closed_without_an_answer() -> None:
    def hang_up(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)

    with server(hang_up) as port, ApiClient(f"http://127.0.0.1:{port}", network=LOOPBACK) as api:
        with pytest.raises(Transient) as caught:
            api.get("/x")
        assert caught.value.problem.code == Code.CONNECTION_LOST
        with pytest.raises(OutcomeUnknown):
            api.request("POST", "/x", body={})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "100.64.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1",
        "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.5", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_a_shop_is_never_inside_our_own_network(address: str) -> None:
    """A name may lead to several addresses: one forbidden one is enough to refuse all."""
    network = NetworkPolicy(resolve=lambda host, port: ["93.184.216.34", address])
    with pytest.raises(Unreachable) as caught:
        ApiClient("https://shop.example", network=network).get("/x")
    assert caught.value.problem.code == Code.ADDRESS_NOT_ALLOWED


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "0.0.0.0"])
def test_metadata_services_are_refused_even_where_private_addresses_are_allowed(address: str) -> None:
    assert not LOOPBACK.allows(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.168.1.1"])
def test_private_addresses_are_for_demo_and_tests(address: str) -> None:
    assert LOOPBACK.allows(address)
    assert not NetworkPolicy().allows(address)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1.", "localhost", "[::1]", "[::ffff:127.0.0.1]",
     "[::ffff:7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "0", "3232235521", "１２７.0.0.1"],
)  # fmt: skip
def test_no_way_of_writing_an_address_leads_inside(host: str) -> None:
    """By the system's own resolver: it takes numbers for addresses, in several ways of writing them."""
    with pytest.raises(Unreachable) as caught:
        ApiClient(f"https://{host}").get("/x")
    assert caught.value.problem.code in (Code.ADDRESS_NOT_ALLOWED, Code.NAME_UNKNOWN)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("192.168.7.9", True), ("::ffff:192.168.7.9", True), ("192.168.8.9", False), ("127.0.0.1", False),
     ("fd12:3456:789a::1", True), ("fd12:3456:789b::1", False), ("169.254.169.254", False), ("93.184.216.34", True)],
)  # fmt: skip
def test_an_administrator_allows_networks_one_by_one(address: str, allowed: bool) -> None:
    named = ("192.168.7.0/24", "fd12:3456:789a::/48", "169.254.0.0/16")
    network = NetworkPolicy(networks=tuple(ip_network(one) for one in named))
    assert network.allows(address) is allowed


def test_credentials_do_not_travel_in_the_clear_into_an_allowed_network() -> None:
    network = NetworkPolicy(networks=(ip_network("192.168.7.0/24"),))
    with pytest.raises(Unreachable) as caught:
        ApiClient("http://192.168.7.9", network=network).get("/x")
    assert caught.value.problem.code == Code.ADDRESS_NOT_ALLOWED


def test_a_redirect_takes_no_credentials_along() -> None:
    """Neither to another host nor to another address of the same: the second server hears nothing."""
    heard: list[bytes] = []

    def listen(connection: socket.socket, over: threading.Event) -> None:
        heard.append(read_request(connection))

    with server(listen) as there:

        def redirect(connection: socket.socket, over: threading.Event) -> None:
            read_request(connection)
            connection.sendall(
                b"HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:%d/?key=s3cret-key\r\nContent-Length: 0\r\n\r\n" % there
            )

        with (
            server(redirect) as port,
            ApiClient(f"http://127.0.0.1:{port}", network=LOOPBACK) as api,
            pytest.raises(Unreachable) as caught,
        ):
            api.request("POST", "/x", body={}, headers={"Authorization": "Bearer s3cret-token"})
        assert caught.value.problem.code == Code.REDIRECTED
        assert "s3cret" not in str(caught.value)
    assert heard == []


def test_the_address_that_was_judged_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: a public address when it is judged, ours when it would be looked up again."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    network = NetworkPolicy(resolve=lambda host, port: next(answers))
    called = refusing(monkeypatch, "93.184.216.34")
    with pytest.raises(Unreachable) as caught:
        ApiClient("https://shop.example", network=network).get("/x")
    assert called == ["93.184.216.34"]
    assert caught.value.problem.code == Code.PORT_REFUSED


def test_the_next_address_is_tried_when_the_first_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    called = refusing(monkeypatch, "127.0.0.9")
    network = NetworkPolicy(allow_private=True, resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"])
    with server(answer_ok) as port, ApiClient(f"http://shop.example:{port}", network=network) as api:
        assert api.get("/x").json == {}
    assert called == ["127.0.0.9", "127.0.0.1"]


def refusing(monkeypatch: pytest.MonkeyPatch, refused: str) -> list[str]:
    """Lets one address refuse connections; gives the list of addresses that get called."""
    connect = socket.create_connection
    called: list[str] = []

    def create(address: tuple[str, int], *args: object, **kwargs: object) -> socket.socket:
        called.append(address[0])
        if address[0] == refused:
            raise ConnectionRefusedError
        return connect(address, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "create_connection", create)
    return called


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for shop.example, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "shop.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_the_certificate_is_checked_against_the_name(certificate: Path) -> None:
    """Although the address that is called is a number, and only the shop's own certificate will do."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    network = NetworkPolicy(allow_private=True, resolve=lambda host, port: ["127.0.0.1"])
    with server(answer_ok, serving) as port:
        with ApiClient(f"https://shop.example:{port}", network=network, tls=trusting) as api:
            assert api.get("/x").json == {}
        for name, tls in (("other.example", trusting), ("shop.example", None)):
            with ApiClient(f"https://{name}:{port}", network=network, tls=tls) as api:
                with pytest.raises(Unreachable) as caught:
                    api.get("/x")
                assert caught.value.problem.code == Code.TLS_FAILED
                assert caught.value.problem.as_dict()["host"] == name


def test_every_client_of_the_product_is_told_which_addresses_it_may_call() -> None:
    """Alerts as much as shops: whoever makes a client without a policy would call what its settings forbid."""
    calls = []
    for folder in ("integrator", "shops", "wapro", "syncjobs"):
        for path in (Path(__file__).parents[2] / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ApiClient":
                    calls.append((path.name, {keyword.arg for keyword in node.keywords}))
    assert len(calls) >= 2
    assert [name for name, given in calls if "network" not in given] == []

"""A stand-in for the front door of a SQL Server: PRELOGIN, TLS inside TDS, and the answer to a login.

It runs no SQL. It exists so that the real driver meets a real certificate, a real refusal, a real silence.
"""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PRELOGIN, LOGIN, ANSWER = 0x12, 0x10, 0x04
PACKET_SIZE = 4096
OFF, ON, NOT_SUPPORTED, REQUIRED = 0x00, 0x01, 0x02, 0x03
Handler = Callable[[socket.socket], None]


@contextmanager
def listening(handler: Handler) -> Iterator[int]:
    """A listener on this machine; `handler` gets every connection. Yields the port."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve(client: socket.socket) -> None:
        with client:
            client.settimeout(10)
            try:
                handler(client)
            except OSError:
                return

    def accept() -> None:
        while not stop.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        stop.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(timeout=5)


def silent(client: socket.socket) -> None:
    """Accept and never answer: wait until the other side gives up."""
    while client.recv(4096):
        pass


def dropping(client: socket.socket) -> None:
    """Close at once."""


def garbage(client: socket.socket) -> None:
    """Answer as some other program would."""
    client.recv(4096)
    client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def packet(kind: int, payload: bytes) -> bytes:
    """The payload in as many packets of the usual size as it takes; the last one is marked."""
    parts = [payload[start : start + PACKET_SIZE - 8] for start in range(0, len(payload), PACKET_SIZE - 8)]
    return b"".join(
        struct.pack(">BBHHBB", kind, int(number == len(parts)), len(part) + 8, 0, number % 256, 0) + part
        for number, part in enumerate(parts, start=1)
    )


def prelogin_answer(version: tuple[int, int, int], encryption: int) -> bytes:
    """VERSION and ENCRYPTION options, the two a client needs."""
    major, minor, build = version
    table = struct.pack(">BHHBHHB", 0x00, 11, 6, 0x01, 17, 1, 0xFF)
    return packet(ANSWER, table + struct.pack(">BBHH", major, minor, build, 0) + bytes([encryption]))


def _text(text: str, width: str) -> bytes:
    return struct.pack(width, len(text)) + text.encode("utf-16-le")


def error_answer(number: int, message: str) -> bytes:
    """An ERROR token of class 14 and the DONE token that ends the answer."""
    body = struct.pack("<iBB", number, 1, 14) + _text(message, "<H") + _text("SQL01", "<B") + _text("", "<B")
    body += struct.pack("<i", 1)
    done = struct.pack("<BHHQ", 0xFD, 0x0002, 0, 0)
    return packet(ANSWER, struct.pack("<BH", 0xAA, len(body)) + body + done)


class FrontDoor:
    """Answers PRELOGIN with `version` and `encryption`, makes the TLS handshake, refuses the login with `error`."""

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        version: tuple[int, int, int] = (16, 0, 1000),
        encryption: int = ON,
        error: tuple[int, str] = (18456, "Login failed for user 'reader'."),
    ) -> None:
        self.context = context
        self.version = version
        self.encryption = encryption
        self.error = error
        self.logins: list[bytes] = []

    def __call__(self, client: socket.socket) -> None:
        if not self._read(client.recv):
            return
        client.sendall(prelogin_answer(self.version, self.encryption))
        if self.context is None:
            self._login(client.recv, client.sendall)
            return
        tls = _Tls(self.context, client)
        if tls.handshake():
            self._login(tls.recv, tls.sendall)

    def _login(self, recv: Callable[[int], bytes], send: Callable[[bytes], Any]) -> None:
        login = self._read(recv)
        if login:
            self.logins.append(login)
            send(error_answer(*self.error))

    @staticmethod
    def _read(recv: Callable[[int], bytes]) -> bytes:
        """The payload of one packet, empty when the other side has gone."""
        return read_packet(recv)


def read_packet(recv: Callable[[int], bytes]) -> bytes:
    head = _exactly(recv, 8)
    return _exactly(recv, struct.unpack(">H", head[2:4])[0] - 8) if head else b""


def _exactly(recv: Callable[[int], bytes], size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = recv(size - len(data))
        if not part:
            return b""
        data += part
    return data


class _Tls:
    """TLS whose handshake travels inside PRELOGIN packets and whose later records travel bare."""

    def __init__(self, context: ssl.SSLContext, client: socket.socket) -> None:
        self.client = client
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def handshake(self) -> bool:
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush(wrapped=True)
                payload = read_packet(self.client.recv)
                if not payload:
                    return False
                self.incoming.write(payload)
            except ssl.SSLError:
                return False
            else:
                self._flush(wrapped=True)
                return True

    def _flush(self, *, wrapped: bool) -> None:
        data = self.outgoing.read()
        if data:
            self.client.sendall(packet(PRELOGIN, data) if wrapped else data)

    def recv(self, size: int) -> bytes:
        while True:
            try:
                return self.tls.read(size)
            except ssl.SSLWantReadError:
                data = self.client.recv(4096)
                if not data:
                    return b""
                self.incoming.write(data)
            except ssl.SSLError:
                return b""

    def sendall(self, data: bytes) -> None:
        self.tls.write(data)
        self._flush(wrapped=False)


def self_signed(folder: Path) -> ssl.SSLContext:
    """What an untouched server has: a certificate signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SSL_Self_Signed_Fallback")])
    now = datetime.now(tz=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(path)
    return context

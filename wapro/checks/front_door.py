"""The front door of a SQL Server, without a driver: the name, the port of a named instance, the greeting.

The driver says the same words for a refused port, an unknown name and a silent server, and waits for its whole time-out
before it says them. Three small questions over plain sockets tell them apart in the time of a round trip.
"""

import socket
import struct
import threading
import time
from dataclasses import dataclass

BROWSER_PORT = 1434
_BROWSER_TRIES = 2
_PRELOGIN, _ANSWER = 0x12, 0x04
_VERSION_OPTION, _ENCRYPTION_OPTION, _END = 0x00, 0x01, 0xFF
_ENCRYPT_OFF, _ENCRYPT_ON, _ENCRYPT_REQUIRED = 0x00, 0x01, 0x03
_LONGEST_GREETING = 4096


class NotSqlServer(Exception):
    """Something answers on the port, but not in the language of SQL Server."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a SQL Server tells before anyone logs in. `encrypts`: it agreed to encrypt the whole connection."""

    version: tuple[int, int, int]
    encrypts: bool


def addresses(host: str, seconds: float) -> list[str]:
    """Addresses of a name. Raises OSError when it has none, TimeoutError when the name server is silent.

    The system's look-up cannot be told a time-out, so it runs in a thread that is left behind if need be.
    """
    answer: list[list[str] | OSError] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answer.append(list(dict.fromkeys(str(row[4][0]) for row in rows)))
        except UnicodeError as error:
            answer.append(OSError(f"not a host name: {error}"))
        except OSError as error:
            answer.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if not answer:
        raise TimeoutError(f"no answer from the name server in {seconds:.0f} s")
    if isinstance(answer[0], OSError):
        raise answer[0]
    return answer[0]


def knock(ips: list[str], port: int, seconds: float) -> str:
    """The first address that takes a connection on `port`. Raises the OSError of the last one tried."""
    end = time.monotonic() + seconds
    failure: OSError = TimeoutError("timed out")
    for ip in ips:
        left = end - time.monotonic()
        if left <= 0:
            break
        try:
            socket.create_connection((ip, port), timeout=left).close()
        except OSError as error:
            failure = error
        else:
            return ip
    raise failure


def greet(ip: str, port: int, seconds: float, *, encrypted: bool) -> Greeting:
    """Say PRELOGIN and read the answer. Raises TimeoutError (silent), ConnectionError (dropped), NotSqlServer."""
    end = time.monotonic() + seconds
    with socket.create_connection((ip, port), timeout=seconds) as line:
        line.sendall(_prelogin(_ENCRYPT_ON if encrypted else _ENCRYPT_OFF))
        return _read_greeting(_read_packet(line, end))


def _prelogin(encryption: int) -> bytes:
    table = struct.pack(">BHHBHHB", _VERSION_OPTION, 11, 6, _ENCRYPTION_OPTION, 17, 1, _END) + bytes(6)
    payload = table + bytes([encryption])
    return struct.pack(">BBHHBB", _PRELOGIN, 1, len(payload) + 8, 0, 1, 0) + payload


def _read_packet(line: socket.socket, end: float) -> bytes:
    head = _read(line, 8, end)
    length = struct.unpack(">H", head[2:4])[0]
    if head[0] != _ANSWER or not 8 < length <= _LONGEST_GREETING:
        raise NotSqlServer
    return _read(line, length - 8, end)


def _read(line: socket.socket, size: int, end: float) -> bytes:
    data = b""
    while len(data) < size:
        line.settimeout(max(end - time.monotonic(), 0.001))
        part = line.recv(size - len(data))
        if not part:
            if data:
                raise NotSqlServer
            raise ConnectionResetError("closed without an answer")
        data += part
    return data


def _read_greeting(payload: bytes) -> Greeting:
    options: dict[int, bytes] = {}
    position = 0
    while position < len(payload) and payload[position] != _END:
        if position + 5 > len(payload):
            raise NotSqlServer
        kind, offset, length = struct.unpack(">BHH", payload[position : position + 5])
        options[kind] = payload[offset : offset + length]
        position += 5
    version, encryption = options.get(_VERSION_OPTION, b""), options.get(_ENCRYPTION_OPTION, b"")
    if len(version) < 6 or len(encryption) != 1:
        raise NotSqlServer
    major, minor, build = struct.unpack(">BBH", version[:4])
    return Greeting((major, minor, build), encryption[0] in (_ENCRYPT_ON, _ENCRYPT_REQUIRED))


@dataclass(frozen=True, slots=True)
class Instance:
    name: str
    port: int | None
    """None when the instance listens on no TCP port."""


def browse(ip: str, seconds: float, port: int | None = None) -> list[Instance]:
    """The instances that SQL Browser knows on a machine. Raises TimeoutError when it does not answer (it is switched
    off, or a firewall drops UDP 1434), OSError when the machine refuses."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.connect((ip, port or BROWSER_PORT))
        line.settimeout(seconds / _BROWSER_TRIES)
        for attempt in range(1, _BROWSER_TRIES + 1):
            line.send(b"\x03")
            try:
                return _read_instances(line.recv(65535))
            except TimeoutError:
                if attempt == _BROWSER_TRIES:
                    raise
    raise AssertionError("unreachable")


def _read_instances(answer: bytes) -> list[Instance]:
    """`ServerName;HOST;InstanceName;SQLEXPRESS;...;tcp;49680;;` once per instance, after a head of three bytes."""
    if len(answer) < 3 or answer[0] != 0x05:
        raise NotSqlServer
    found: list[Instance] = []
    for text in answer[3:].decode("cp1250", errors="replace").split(";;"):
        words = text.split(";")
        pairs = {name.casefold(): value for name, value in zip(words[::2], words[1::2], strict=False)}
        if pairs.get("instancename"):
            number = pairs.get("tcp", "")
            found.append(Instance(pairs["instancename"], int(number) if number.isdigit() else None))
    return found

"""A stand-in SQL Server that logs everyone in and answers queries from a list: for what is decided on the answers.

It understands no SQL: the first pattern found in a statement gives the rows. Types are those of the values.
"""

import re
import ssl
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.wapro.tds_server import ANSWER, ON, FrontDoor, error_answer, packet, read_packet

Rows = Sequence[Sequence[Any]]
_COLLATION = bytes.fromhex("1504d00000")
_DONE = struct.pack("<BHHQ", 0xFD, 0x0000, 0, 0)


class Refused(Exception):
    """Raised by an answer: the statement fails with this number and message."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number, self.message = number, message


class AnsweringServer(FrontDoor):
    """`answers`: pattern -> rows, or a function of the statement's text that gives them (or raises Refused). `refuse`
    looks at the login (user and database are readable in it) and gives the error for those not let in."""

    def __init__(
        self,
        answers: Mapping[str, Rows | Callable[[str], Rows]],
        *,
        context: ssl.SSLContext,
        refuse: Callable[[bytes], tuple[int, str] | None] = lambda login: None,
        version: tuple[int, int, int] = (16, 0, 4085),
    ) -> None:
        super().__init__(context=context, version=version, encryption=ON)
        self.answers = answers
        self.refuse = refuse
        self.asked: list[str] = []

    def _login(self, recv: Callable[[int], bytes], send: Callable[[bytes], Any]) -> None:
        login = read_packet(recv)
        if not login:
            return
        self.logins.append(login)
        refusal = self.refuse(login)
        if refusal is not None:
            send(error_answer(*refusal))
            return
        send(packet(ANSWER, _logged_in() + _DONE))
        while request := _request(recv):
            kind, payload = request
            send(packet(ANSWER, self._answer(kind, payload)))

    def _answer(self, kind: int, payload: bytes) -> bytes:
        text = _texts(payload)
        self.asked.append(text)
        for pattern, answer in self.answers.items():
            if re.search(pattern, text):
                try:
                    rows = answer(text) if callable(answer) else answer
                except Refused as refused:
                    return error_answer(refused.number, refused.message)[8:]
                return _result(rows)
        return _DONE


def _request(recv: Callable[[int], bytes]) -> tuple[int, bytes] | None:
    """Kind and payload of a whole request, however many packets it takes. None when the client has gone."""
    payload = b""
    while True:
        head = b""
        while len(head) < 8:
            part = recv(8 - len(head))
            if not part:
                return None
            head += part
        body, size = b"", struct.unpack(">H", head[2:4])[0] - 8
        while len(body) < size:
            part = recv(size - len(body))
            if not part:
                return None
            body += part
        payload += body
        if head[1] & 1:
            return head[0], payload


def _texts(payload: bytes) -> str:
    """The Unicode texts in a request: a batch is one; a call has its statement and its text parameters."""
    even = payload[: len(payload) // 2 * 2].decode("utf-16-le", errors="replace")
    odd = payload[1 : 1 + (len(payload) - 1) // 2 * 2].decode("utf-16-le", errors="replace")
    return re.sub(r"[^\x20-\x7e\n]+", " ", even + " " + odd)


def _word(text: str) -> bytes:
    return struct.pack("<B", len(text)) + text.encode("utf-16-le")


def _token(kind: int, body: bytes) -> bytes:
    return struct.pack("<BH", kind, len(body)) + body


def _logged_in() -> bytes:
    """Database, collation and packet size, then the acknowledgement (TDS 7.4)."""
    changes = _token(0xE3, b"\x01" + _word("WAPRO") + _word("master"))
    changes += _token(0xE3, b"\x07\x05" + _COLLATION + b"\x00")
    changes += _token(0xE3, b"\x04" + _word("4096") + _word("4096"))
    return changes + _token(0xAD, b"\x01\x74\x00\x00\x04" + _word("Microsoft SQL Server") + bytes([16, 0, 0x0F, 0xF5]))


def _result(rows: Rows) -> bytes:
    """COLMETADATA by the values of the first row that has any, ROW per row, DONE with the count."""
    if not rows:
        return _metadata([["x"]]) + struct.pack("<BHHQ", 0xFD, 0x0010, 0xC1, 0)
    body = b"".join(b"\xd1" + b"".join(map(_value, row, _samples(rows))) for row in rows)
    return _metadata(rows) + body + struct.pack("<BHHQ", 0xFD, 0x0010, 0xC1, len(rows))


def _samples(rows: Rows) -> list[Any]:
    return [next((value for value in column if value is not None), "") for column in zip(*rows, strict=True)]


def _metadata(rows: Rows) -> bytes:
    columns = b""
    for number, sample in enumerate(_samples(rows)):
        columns += struct.pack("<IH", 0, 0x0001) + _type(sample) + _word(f"c{number}")
    return struct.pack("<BH", 0x81, len(_samples(rows))) + columns


def _type(sample: Any) -> bytes:
    if isinstance(sample, datetime):
        return b"\x6f\x08"
    if isinstance(sample, int):
        return b"\x26\x04"
    return b"\xe7" + struct.pack("<H", 8000) + _COLLATION


def _value(value: Any, sample: Any) -> bytes:
    if isinstance(sample, datetime):
        if value is None:
            return b"\x00"
        since = value - datetime(1900, 1, 1)  # noqa: DTZ001 - SQL Server's datetime has no zone
        return b"\x08" + struct.pack("<iI", since.days, since.seconds * 300)
    if isinstance(sample, int):
        return b"\x00" if value is None else b"\x04" + struct.pack("<i", int(value))
    if value is None:
        return b"\xff\xff"
    text = str(value).encode("utf-16-le")
    return struct.pack("<H", len(text)) + text

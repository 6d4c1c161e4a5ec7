"""Answers made to fill memory or to take for ever, from a real server: refused while they are still small."""

import base64
import gzip
import json
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal

import pytest

from integrator.answers import Answer
from integrator.api_client import ApiClient
from integrator.canonical import coerce
from integrator.canonical.errors import MappingError, OutcomeUnknown, Rejected, Transient
from integrator.canonical.problems import Code
from integrator.unpacking import PIECE, NotUnpacked, unpacked
from shops.connectors.notices import excerpt_of
from shops.connectors.prestashop.documents import Unreadable, decoded, errors_in, parsed
from shops.connectors.shoper import webhooks as shoper
from shops.connectors.woocommerce import webhooks as woocommerce
from tests.unit.test_api_client_network import LOOPBACK, Talk, read_request, server

LIMIT = 1024 * 1024
MEGABYTES = 100
BLOCK = b"\0" * LIMIT
BROTLI_BOMB = base64.b64decode("W////9//AACABwCE")


def packed(window: int) -> bytes:
    """A hundred megabytes in a hundred kilobytes."""
    box = zlib.compressobj(9, zlib.DEFLATED, window)
    return b"".join([box.compress(BLOCK) for _ in range(MEGABYTES)]) + box.flush()


def sending(head: bytes, parts: Callable[[], Iterator[bytes]]) -> Talk:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + head + b"\r\n")
        for part in parts():
            connection.sendall(part)

    return talk


@contextmanager
def bounded(megabytes: float, seconds: float = 5.0) -> Iterator[None]:
    """No more than so much memory at any time, and no more time than that."""
    tracemalloc.start()
    started = time.monotonic()
    try:
        yield
        taken, (_now, peak) = time.monotonic() - started, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < megabytes * LIMIT, f"{peak / LIMIT:.1f} MB"
    assert taken < seconds, f"{taken:.1f} s"


@pytest.mark.parametrize("kind", ["plain", "chunked", "gzip", "deflate", "raw deflate"])
def test_an_answer_of_a_hundred_megabytes_is_refused_at_its_limit(kind: str) -> None:
    windows = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS, "raw deflate": -zlib.MAX_WBITS}
    head = f"Content-Encoding: {kind.split()[-1]}\r\n".encode() if kind in windows else b""
    bomb = packed(windows[kind]) if kind in windows else b""
    if kind == "chunked":
        head, chunk = b"Transfer-Encoding: chunked\r\n", b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK)
        talk = sending(head, lambda: (chunk for _ in range(MEGABYTES)))
    elif kind == "plain":
        talk = sending(b"Content-Length: %d\r\n" % (MEGABYTES * LIMIT), lambda: (BLOCK for _ in range(MEGABYTES)))
    else:
        talk = sending(head + b"Content-Length: %d\r\n" % len(bomb), lambda: iter((bomb,)))
    with server(talk) as port, ApiClient(f"http://127.0.0.1:{port}", network=LOOPBACK, max_bytes=LIMIT) as api:
        with bounded(6), pytest.raises(Rejected) as caught:
            api.get("/x")
        assert caught.value.problem.code == Code.TOO_LARGE


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip"])
def test_what_was_packed_as_nobody_asked_is_no_answer(encoding: str) -> None:
    """Brotli packs a gigabyte into a kilobyte. We say what we read; whoever sends something else is not unpacked."""
    body = BROTLI_BOMB + b"\0" * 40
    head = b"Content-Encoding: %b\r\nContent-Length: %d\r\n" % (encoding.encode(), len(body))
    talk = sending(head, lambda: iter((body,)))
    with server(talk) as port, ApiClient(f"http://127.0.0.1:{port}", network=LOOPBACK) as api:
        with bounded(4), pytest.raises(Transient):
            api.get("/x")
        with pytest.raises(OutcomeUnknown):
            api.request("POST", "/x", body={})


def test_what_is_packed_is_read() -> None:
    body = b'{"price": 12.30}' * 10_000
    for name, content in {"gzip": gzip.compress(body), "deflate": zlib.compress(body), "": body}.items():
        assert b"".join(unpacked([content[:7], content[7:]], name)) == body
        assert all(len(part) <= PIECE for part in unpacked([content], name) if name)
    raw = zlib.compress(body)[2:-4]
    assert b"".join(unpacked([raw], "deflate")) == body
    with pytest.raises(NotUnpacked):
        list(unpacked([gzip.compress(body)[:-20]], "gzip"))


@pytest.mark.parametrize("levels", [600, 10_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_json_of_ten_thousand_levels_is_no_answer(levels: int, opening: str, closing: str) -> None:
    """What is not refused as it is read can still be shown and stored: no level brings anything down."""
    body = (opening * levels + "1" + closing * levels).encode()
    with bounded(8):
        answer = Answer(method="GET", path="/x", status=200, headers={}, content=body)
        with suppress(Transient):
            assert isinstance(excerpt_of(answer.json), str)
        with suppress(Unreadable):
            decoded(body)
        shoper.read({"x-webhook-name": "product.edit"}, body)
        woocommerce.read({"x-wc-webhook-topic": "product.updated"}, body)


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
BOMBS = {
    "laughs": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><prestashop>&l9;</prestashop>',
    "files": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><prestashop>&f;</prestashop>',
    "quadratic": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>'
    f"<prestashop>{'&a;' * 20_000}</prestashop>",
    "undeclared": '<?xml version="1.0"?><prestashop>&a;</prestashop>',
    "utf-16": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><prestashop>&a;</prestashop>',
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_xml_with_entities_of_its_own_is_no_document(name: str) -> None:
    for encoding in ("utf-8", "utf-16") if name == "utf-16" else ("utf-8",):
        with bounded(8), pytest.raises(Unreadable):
            parsed(BOMBS[name].encode(encoding))


def test_xml_of_a_hundred_thousand_levels_does_no_harm() -> None:
    body = b'<?xml version="1.0"?><prestashop>' + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</prestashop>"
    with bounded(60):
        assert errors_in(body) == []
        del body


def test_a_number_of_a_gigabyte_is_no_number() -> None:
    """Written out, which `1e999999999` of a shop would be, it fills the memory; made whole, it takes for ever."""
    raw = json.loads('{"a": 1e999999999, "c": 1e-999999999, "d": 0e999999999}', parse_float=Decimal)
    for name in raw:
        for read in (coerce.decimal, coerce.key):
            with bounded(1, 1.0), pytest.raises(MappingError):
                read(raw, name)
        with bounded(1, 1.0), pytest.raises(MappingError):
            coerce.decimal({name: str(raw[name])}, name)

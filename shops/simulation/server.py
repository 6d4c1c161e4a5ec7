"""A small threaded HTTP/1.1 server for the simulator: keep-alive, and it can end a connection unanswered."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from shops.simulation.faults import Dropped

_LONGEST_LINE = 65_536


class _Connection(socketserver.StreamRequestHandler):
    """Reads requests of one connection, one after the other, and calls the application for each."""

    disable_nagle_algorithm = True
    wbufsize = -1
    server: "SimulatorServer"

    def handle(self) -> None:
        try:
            while self._serve_one():
                pass
        except (Dropped, ConnectionError, TimeoutError):
            return

    def _serve_one(self) -> bool:
        line = self.rfile.readline(_LONGEST_LINE).decode("latin-1").strip()
        if not line:
            return False
        method, _, rest = line.partition(" ")
        target, _, protocol = rest.rpartition(" ")
        headers = self._headers()
        environ = self._environ(method, target, headers, self._body(headers))
        started: list[Any] = []
        chunks = self.server.application(environ, lambda status, sent: started.extend((status, sent)))
        keep = protocol == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        status, sent = started
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in sent)]
        lines.append("Connection: keep-alive" if keep else "Connection: close")
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + b"".join(chunks))
        self.wfile.flush()
        return keep

    def _headers(self) -> dict[str, str]:
        headers = {}
        while line := self.rfile.readline(_LONGEST_LINE).decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return headers

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.rfile.readline(_LONGEST_LINE).split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline(_LONGEST_LINE)
            self.rfile.readline(_LONGEST_LINE)
            return b"".join(parts)
        length = int(headers.get("content-length") or 0)
        return self.rfile.read(length) if length else b""

    def _environ(self, method: str, target: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        path, _, query = target.partition("?")
        return {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": headers.get("content-type", ""),
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.input": BytesIO(body),
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }


Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
"""A simulator as WSGI calls it."""


class SimulatorServer(socketserver.ThreadingTCPServer):
    """Serves one simulator. `url` is its address; `close` ends all connections at once."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, application: Application, host: str, port: int) -> None:
        self.application = application
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((host, port), _Connection)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        with self._guard:
            still_open = list(self._open)
        for connection in still_open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


@contextmanager
def serve(simulator: Application, host: str = "127.0.0.1", port: int = 0) -> Iterator[SimulatorServer]:
    """Runs the simulator in a thread while the block lasts; `with serve(simulator) as server: server.url`."""
    server = SimulatorServer(simulator, host, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()

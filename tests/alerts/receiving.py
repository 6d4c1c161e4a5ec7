"""The other ends of alerts: a mail server and an HTTP server on loopback that keep what comes and answer as told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass
class Mailbox:
    port: int = 0
    refusal: str = ""
    """What the server says instead of taking the message."""
    to: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        return [cast(EmailMessage, message_from_bytes(one, policy=policy.default)) for one in self.raw]

    def text(self, index: int = -1) -> str:
        part = self.mails[index].get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    def html(self, index: int = -1) -> str:
        part = self.mails[index].get_body(("html",))
        assert part is not None
        return str(part.get_content())


class _Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: Mailbox = cast(Any, self.server).box
        self._say("220 mailbox")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
            if word == "DATA":
                self._say("354 go on")
                content = self._message()
                if not box.refusal:
                    box.to += to
                    box.raw.append(content)
                self._say(box.refusal or "250 kept")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 mailbox")

    def _message(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A server that speaks as much of SMTP as a sender needs."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.daemon_threads = True
        box = Mailbox(port=server.server_address[1])
        cast(Any, server).box = box
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Listener:
    url: str = ""
    status: int = 200
    answer: bytes = b"thank you"
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        listener: Listener = cast(Any, self.server).listener
        listener.headers.append({name.lower(): value for name, value in self.headers.items()})
        listener.paths.append(self.path)
        listener.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(listener.status)
        self.send_header("Content-Length", str(len(listener.answer)))
        self.end_headers()
        self.wfile.write(listener.answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test looks at what came."""


@contextmanager
def listener() -> Iterator[Listener]:
    """A server that takes whatever is posted to it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hook) as server:
        found = Listener(url=f"http://127.0.0.1:{server.server_address[1]}")
        cast(Any, server).listener = found
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()

"""Requests and answers of the simulator, between WSGI and the parts that do the work."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from shops.connectors.shoper.simulator.errors import Refused, invalid

Headers = list[tuple[str, str]]


dumps = json.JSONEncoder(separators=(",", ":")).encode


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""
    authorization: str = field(default="", repr=False)
    remote: str = "127.0.0.1"

    @classmethod
    def from_environ(cls, environ: dict[str, Any]) -> "Request":
        length = int(environ.get("CONTENT_LENGTH") or 0)
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
        return cls(
            method=environ["REQUEST_METHOD"].upper(),
            path=path,
            query=parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True),
            body=environ["wsgi.input"].read(length) if length else b"",
            authorization=environ.get("HTTP_AUTHORIZATION", ""),
            remote=environ.get("REMOTE_ADDR") or "127.0.0.1",
        )

    def first(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def json(self) -> Any:
        """The decoded body. Raises 400 when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise invalid("Nieprawidłowy JSON") from None

    def json_object(self) -> dict[str, Any]:
        found = self.json()
        if not isinstance(found, dict):
            raise invalid("Oczekiwano obiektu JSON")
        return found

    def basic(self) -> tuple[str, str]:
        """Login and password of the request, from the Basic header or from `client_id` and `client_secret`."""
        kind, _, text = self.authorization.partition(" ")
        if kind.lower() == "basic":
            try:
                login, _, password = base64.b64decode(text).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return "", ""
            return login, password
        return self.first("client_id"), self.first("client_secret")


@dataclass
class Answer:
    """A status, a JSON text (or other content) and headers."""

    text: str = ""
    status: int = 200
    headers: Headers = field(default_factory=list)
    content: bytes | None = None
    content_type: str = "application/json"
    rows: list[str] | None = None
    """The JSON of a list's rows, so that a fault can leave some out."""

    @classmethod
    def of(cls, value: Any, status: int = 200) -> "Answer":
        return cls(dumps(value), status)

    @classmethod
    def refusal(cls, refused: Refused) -> "Answer":
        return cls(dumps(refused.body), refused.status, list(refused.headers))

    def payload(self) -> bytes:
        return self.content if self.content is not None else self.text.encode()

    def status_line(self) -> str:
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Unknown"

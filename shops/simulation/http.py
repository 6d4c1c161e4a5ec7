"""Requests and answers of a simulated shop, between WSGI and the parts that do the work."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

Headers = list[tuple[str, str]]

dumps = json.JSONEncoder(separators=(",", ":")).encode


class Refused(Exception):
    """An answer other than success: a status, a body that becomes JSON, headers."""

    def __init__(self, status: int, body: Any, headers: Headers | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = list(headers or ())


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    """By lower-case name, `content-type` and `authorization` among them."""
    query_string: str = field(default="", repr=False)
    """As it came, undecoded."""
    remote: str = "127.0.0.1"

    @classmethod
    def from_environ(cls, environ: dict[str, Any]) -> "Request":
        length = int(environ.get("CONTENT_LENGTH") or 0)
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
        headers = {
            name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name[:5] == "HTTP_"
        }
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = environ["CONTENT_TYPE"]
        text = environ.get("QUERY_STRING", "")
        return cls(
            method=environ["REQUEST_METHOD"].upper(),
            path=path,
            query=parse_qs(text, keep_blank_values=True),
            body=environ["wsgi.input"].read(length) if length else b"",
            headers=headers,
            query_string=text,
            remote=environ.get("REMOTE_ADDR") or "127.0.0.1",
        )

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")

    def first(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def json(self) -> Any:
        """The decoded body. Raises ValueError when it is no JSON."""
        return json.loads(self.body)

    def json_object(self) -> dict[str, Any]:
        """Raises ValueError when the body is no JSON object."""
        found = self.json()
        if not isinstance(found, dict):
            raise ValueError("expected a JSON object")
        return found

    def basic(self) -> tuple[str, str]:
        """Login and password of the Basic header, two empty texts without one."""
        kind, _, text = self.authorization.partition(" ")
        if kind.lower() != "basic":
            return "", ""
        try:
            login, _, password = base64.b64decode(text).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return login, password


@dataclass
class Answer:
    """A status, a text (or other content) and headers."""

    text: str = ""
    status: int = 200
    headers: Headers = field(default_factory=list)
    content: bytes | None = None
    content_type: str = "application/json"
    rows: list[str] | None = None
    """The text of each row of a list, so that a fault can leave some out."""

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

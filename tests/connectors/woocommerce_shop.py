"""A simulated WooCommerce shop to talk to in tests: calls without sockets, decoded answers."""

import base64
import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from shops.connectors.woocommerce.simulator import (
    APPLICATION_PASSWORD,
    CONSUMER_KEY,
    CONSUMER_SECRET,
    USER,
    WooSimulator,
)


@dataclass
class Reply:
    status: int
    body: Any
    headers: dict[str, str]
    links: list[str]


def basic(login: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


KEY = basic(CONSUMER_KEY, CONSUMER_SECRET)
PERSON = basic(USER, APPLICATION_PASSWORD)


@dataclass
class Talk:
    """Sends requests with a key, as a client with all headers right would."""

    shop: WooSimulator
    authorization: str = field(default=KEY, repr=False)

    def send(self, method: str, path: str, body: Any = None, /, **query: Any) -> Reply:
        content = b"" if body is None else json.dumps(body).encode()
        return self.raw(method, path, content, urlencode(query, doseq=True))

    def raw(self, method: str, path: str, body: bytes = b"", query: str = "", **extra: str) -> Reply:
        """One request through the WSGI door; `extra` are further environ entries."""
        started: list[Any] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": (path if path.startswith("/") else f"/wp-json/wc/v3/{path}").encode().decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": self.authorization,
            "HTTP_HOST": "shop.example",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": BytesIO(body),
            **extra,
        }
        content = b"".join(self.shop(environ, lambda status, headers: started.extend((status, headers))))
        headers = dict(started[1])
        decoded: Any = content
        if content and headers["Content-Type"].startswith("application/json"):
            decoded = json.loads(content)
        links = [value for name, value in started[1] if name == "Link"]
        return Reply(int(started[0].split()[0]), decoded, headers, links)

    def get(self, path: str, /, **query: Any) -> Any:
        """The body of a GET that must succeed."""
        reply = self.send("GET", path, **query)
        assert reply.status == 200, reply
        return reply.body

    def ids(self, path: str, /, **query: Any) -> list[int]:
        return [row["id"] for row in self.get(path, **query)]

    def post(self, path: str, body: Any) -> Any:
        """What a create answered with."""
        reply = self.send("POST", path, body)
        assert reply.status == 201, reply
        return reply.body

    def put(self, path: str, body: Any) -> Any:
        reply = self.send("PUT", path, body)
        assert reply.status == 200, reply
        return reply.body

    def batch(self, path: str, **lists: Any) -> Any:
        reply = self.send("POST", f"{path}/batch", lists)
        assert reply.status == 200, reply
        return reply.body

    def refused(self, method: str, path: str, body: Any = None, /, **query: Any) -> tuple[int, str, Any]:
        """Status, code and data of a refusal."""
        reply = self.send(method, path, body, **query)
        assert reply.status >= 400, reply
        return reply.status, reply.body["code"], reply.body["data"]

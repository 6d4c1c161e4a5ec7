"""A simulated Shoper shop to talk to in tests: calls without sockets, decoded answers."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from shops.connectors.shoper.simulator import STATIC_TOKEN, ShoperSimulator
from shops.simulation.pictures import small_png


@dataclass
class Reply:
    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Talk:
    """Sends requests with a token, as a client with all headers right would."""

    shop: ShoperSimulator
    token: str = field(default=STATIC_TOKEN, repr=False)

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Reply:
        if "filters" in query and not isinstance(query["filters"], str):
            query["filters"] = json.dumps(query["filters"])
        return self.raw(method, path, b"" if body is None else json.dumps(body).encode(), urlencode(query, doseq=True))

    def raw(self, method: str, path: str, body: bytes = b"", query: str = "", **extra: str) -> Reply:
        """One request through the WSGI door; `extra` are further environ entries."""
        from io import BytesIO

        started: list[Any] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path if path.startswith("/") else f"/webapi/rest/{path}",
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": BytesIO(body),
            **extra,
        }
        content = b"".join(self.shop(environ, lambda status, headers: started.extend((status, headers))))
        headers = dict(started[1])
        decoded: Any = content
        if content and headers["Content-Type"] == "application/json":
            decoded = json.loads(content)
        return Reply(int(started[0].split()[0]), decoded, headers)

    def get(self, path: str, **query: Any) -> Any:
        """The body of a GET that must succeed."""
        reply = self.send("GET", path, **query)
        assert reply.status == 200, reply
        return reply.body

    def ids(self, resource: str, key: str, **query: Any) -> list[int]:
        return [int(row[key]) for row in self.get(resource, **query)["list"]]

    def post(self, path: str, body: Any) -> int:
        """The id that a create answered with."""
        reply = self.send("POST", path, body)
        assert reply.status == 200, reply
        assert type(reply.body) is int
        return reply.body

    def put(self, path: str, body: Any) -> None:
        reply = self.send("PUT", path, body)
        assert (reply.status, reply.body) == (200, 1)

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str, str]:
        """Status, code and text of a refusal."""
        reply = self.send(method, path, body, **query)
        assert reply.status >= 400, reply
        return reply.status, reply.body["error"], reply.body["error_description"]


def basic(login: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


def new_product(category: int, code: str = "FARBA-1", **changes: Any) -> dict[str, Any]:
    """The body of a good POST of a product."""
    body: dict[str, Any] = {
        "category_id": category,
        "code": code,
        "tax_id": 1,
        "unit_id": 1,
        "stock": {"price": 12.5, "stock": 4},
        "translations": {"pl_PL": {"name": f"Towar {code}", "active": 1}},
    }
    return body | changes


def picture(seed: int = 1) -> str:
    """A small picture as a client sends it."""
    return base64.b64encode(small_png(seed)).decode()

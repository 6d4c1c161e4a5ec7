"""A simulated PrestaShop to talk to in tests: calls without sockets, decoded answers."""

import base64
import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from shops.connectors.prestashop.simulator import API_KEY, PrestaSimulator


@dataclass
class Reply:
    status: int
    content: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def xml(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.content)

    @property
    def codes(self) -> list[int]:
        return [int(error.findtext("code") or 0) for error in self.xml.iter("error")]

    @property
    def messages(self) -> list[str]:
        return [error.findtext("message") or "" for error in self.xml.iter("error")]


@dataclass
class Talk:
    """Sends requests with the key in place, as a client with all headers right would."""

    shop: PrestaSimulator
    key: str = field(default=API_KEY, repr=False)

    def send(self, method: str, path: str, body: str | bytes = b"", *, headers: Any = None, **query: Any) -> Reply:
        """One request through the WSGI door; `filters` become `filter[..]`, `headers` are environ entries."""
        filters = query.pop("filters", {})
        parameters = {**query, **{f"filter[{name}]": value for name, value in filters.items()}}
        content = body.encode() if isinstance(body, str) else body
        started: list[Any] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path if path.startswith("/") else f"/api/{path}",
            "QUERY_STRING": urlencode(parameters),
            "CONTENT_LENGTH": str(len(content)),
            "HTTP_AUTHORIZATION": basic(self.key),
            "HTTP_HOST": "shop.example",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": BytesIO(content),
            **(headers or {}),
        }
        chunks = self.shop(environ, lambda status, sent: started.extend((status, sent)))
        return Reply(int(started[0].split()[0]), b"".join(chunks), dict(started[1]))

    def rows(self, resource: str, display: str = "full", **query: Any) -> list[dict[str, Any]]:
        """The rows of a list that must succeed, read as JSON."""
        reply = self.send("GET", resource, display=display, output_format="JSON", **query)
        assert reply.status == 200, reply
        found = reply.json
        return found[resource] if found else []

    def row(self, resource: str, row_id: int, display: str = "full") -> dict[str, Any]:
        """One row in full."""
        (found,) = self.rows(resource, display, filters={"id": f"[{row_id}]"})
        return found

    def ids(self, resource: str, **query: Any) -> list[int]:
        return [row["id"] for row in self.rows(resource, "[id]", **query)]

    def write(self, method: str, resource: str, *entities: str, **query: Any) -> Reply:
        """A write of entities given as the inside of their elements."""
        body = "".join(f"<entity>{entity}</entity>" for entity in entities)
        return self.send(method, resource, f"<prestashop>{body}</prestashop>", **query)

    def post(self, resource: str, entity: str) -> int:
        """The id of what a POST made."""
        reply = self.write("POST", resource, entity)
        assert reply.status == 201, reply
        return int(reply.xml[0].findtext("id") or 0)

    def patch(self, resource: str, row_id: int, entity: str) -> None:
        reply = self.write("PATCH", resource, f"<id>{row_id}</id>{entity}")
        assert reply.status == 200, reply

    def put(self, resource: str, row_id: int, entity: str) -> None:
        reply = self.write("PUT", resource, f"<id>{row_id}</id>{entity}")
        assert reply.status == 200, reply

    def stock(self, product_id: int) -> dict[int, int]:
        """Quantities by combination id, 0 for the product's own row, of the rows of this shop."""
        rows = self.rows("stock_availables", filters={"id_product": product_id})
        return {row["id_product_attribute"]: row["quantity"] for row in rows if row["id_shop"] == 1}


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


def basic(key: str, password: str = "") -> str:
    return "Basic " + base64.b64encode(f"{key}:{password}".encode()).decode()


def texts(name: str, **by_language: str) -> str:
    """An element with texts: `texts("name", en="Mug", pl="Kubek")`."""
    ids = {"en": 1, "pl": 2}
    inner = "".join(f'<language id="{ids[k]}"><![CDATA[{text}]]></language>' for k, text in by_language.items())
    return f"<{name}>{inner}</{name}>"


NEW_PRODUCT = (
    "<price>81.300813</price><reference>KUB-1</reference><state>1</state><active>1</active>"
    "<id_category_default>2</id_category_default>" + texts("name", en="Mug", pl="Kubek ćmielowski")
)


def multipart(content: bytes, name: str = "image") -> tuple[bytes, dict[str, str]]:
    """A multipart body of one file, and the header that goes with it."""
    head = f'--CUT\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n'
    body = f"{head}Content-Type: image/png\r\n\r\n".encode() + content + b"\r\n--CUT--\r\n"
    return body, {"CONTENT_TYPE": "multipart/form-data; boundary=CUT"}


def names(talk: Talk, product: int, field: str = "name", resource: str = "products") -> list[str]:
    return [text["value"] for text in talk.row(resource, product)[field]]


def mug(talk: Talk, **fields: Any) -> int:
    return talk.shop.state.add_product("KUB-1", {1: "Mug", 2: "Kubek"}, 5, 3, **fields)


def with_variants(talk: Talk, *quantities: int) -> tuple[int, list[int]]:
    """A product with a combination per quantity, and the ids of the combinations."""
    values = talk.shop.state.add_option("Kolor", [str(number) for number, _ in enumerate(quantities)])
    made = [
        {"reference": f"KUB-{number}", "values": [value], "stock": quantity}
        for (number, value), quantity in zip(enumerate(values.values()), quantities, strict=True)
    ]
    product = talk.shop.state.add_product("KUB", "Kubek", combinations=made)
    return product, talk.shop.state.owned("combinations", product)

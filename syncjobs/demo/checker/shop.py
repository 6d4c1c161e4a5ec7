"""The simulated shop as anybody with a login sees it: plain HTTP, page by page."""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
_LOCALE = "pl_PL"
_PAGE = 50
_PATIENCE = 20
"""Tries of one request while the shop says that too many came."""


@dataclass(slots=True, kw_only=True)
class Sold:
    """One sellable row of the shop: a simple product or one variant."""

    product_id: str
    stock_id: str
    code: str
    name: str
    description: str
    ean: str
    price: Decimal
    quantity: Decimal
    weight: Decimal
    unit: str
    tax: str
    producer: str
    category: tuple[str, ...]
    active: bool
    variant: bool
    pictures: list[bytes] = field(default_factory=list)


class Shop:
    """Reads a shop of the Shoper API. Raises URLError when nobody answers, HTTPError for a refusal."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address.rstrip("/")
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        answer = self._call("POST", "auth", {"Authorization": f"Basic {basic}"})
        self._token = str(answer["access_token"])

    def get(self, path: str) -> Any:
        return self._call("GET", path, {"Authorization": f"Bearer {self._token}"})

    def put(self, path: str, body: Json) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        return self._call("PUT", path, headers, json.dumps(body).encode())

    def rows(self, resource: str, key: str) -> Iterator[Json]:
        """All rows of a resource in the order of their ids. Tax rates are few and cannot be sorted by the shop."""
        page, pages = 1, 1
        order = {} if resource == "taxes" else {"order": f"{key} ASC"}
        while page <= pages:
            query = urllib.parse.urlencode({"limit": _PAGE, "page": page, **order})
            answer = self.get(f"{resource}?{query}")
            yield from answer["list"]
            pages, page = int(answer["pages"]), page + 1

    def writes(self) -> int:
        """How many writing requests of the API the simulator has seen since it started; logging in is none."""
        with urllib.request.urlopen(f"{self.address}/_control/stats", timeout=30) as answer:
            asked: dict[str, int] = json.load(answer)["requests"]
        return sum(
            count for name, count in asked.items() if name.split()[0] not in ("GET", "HEAD") and "auth" not in name
        )

    def picture(self, row: Json) -> bytes:
        """The bytes of a picture, from its public address."""
        url = f"{self.address}/userdata/public/gfx/{row['unic_name']}.{row['extension']}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            content: bytes = answer.read()
            return content

    def _call(self, method: str, path: str, headers: Json, body: bytes | None = None) -> Any:
        request = urllib.request.Request(
            f"{self.address}/webapi/rest/{path}", data=body, method=method, headers=headers
        )
        for _ in range(_PATIENCE):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 429:
                    raise
                time.sleep(float(error.headers.get("Retry-After") or 1))
        raise TimeoutError(f"{path}: the shop went on saying that too many requests came")


def sold(shop: Shop) -> list[Sold]:
    """Everything the shop sells. A product that has variants is not sold itself, its variants are."""
    units = {row["unit_id"]: row["translations"][_LOCALE]["name"] for row in shop.rows("units", "unit_id")}
    taxes = {row["tax_id"]: row["name"] for row in shop.rows("taxes", "tax_id")}
    producers = {row["producer_id"]: row["name"] for row in shop.rows("producers", "producer_id")}
    paths = _paths(shop)
    stocks: dict[str, list[Json]] = {}
    for row in shop.rows("product-stocks", "stock_id"):
        stocks.setdefault(str(row["product_id"]), []).append(row)
    pictures: dict[str, list[Json]] = {}
    for row in shop.rows("product-images", "gfx_id"):
        pictures.setdefault(str(row["product_id"]), []).append(row)
    found = []
    for product in shop.rows("products", "product_id"):
        key = str(product["product_id"])
        images = sorted(pictures.get(key, []), key=lambda row: int(row["order"]))
        contents = [shop.picture(row) for row in images]
        rows = stocks.get(key, [])
        variants = [row for row in rows if str(row["extended"]) == "1"]
        texts = product["translations"][_LOCALE]
        for row in variants or rows:
            found.append(
                Sold(
                    product_id=key,
                    stock_id=str(row["stock_id"]),
                    code=str(row["code"]),
                    name=str(texts["name"]),
                    description=str(texts["description"] or ""),
                    ean=str(row["ean"] or ""),
                    price=Decimal(str(row["comp_price"])),
                    quantity=Decimal(str(row["stock"])),
                    weight=Decimal(str(row["comp_weight"])),
                    unit=units.get(str(product["unit_id"]), ""),
                    tax=taxes.get(str(product["tax_id"]), ""),
                    producer=producers.get(str(product["producer_id"]), ""),
                    category=paths.get(str(product["category_id"]), ()),
                    active=str(texts["active"]) == "1",
                    variant=bool(variants),
                    pictures=contents,
                )
            )
    return found


def _paths(shop: Shop) -> dict[str, tuple[str, ...]]:
    names = {
        str(row["category_id"]): str(row["translations"][_LOCALE]["name"])
        for row in shop.rows("categories", "category_id")
    }
    paths: dict[str, tuple[str, ...]] = {}

    def walk(nodes: list[Json], above: tuple[str, ...]) -> None:
        for node in nodes:
            key = str(node["id"])
            paths[key] = (*above, names.get(key, ""))
            walk(node["children"], paths[key])

    walk(shop.get("categories-tree"), ())
    return paths


RESOURCES = {
    "units": "unit_id",
    "taxes": "tax_id",
    "producers": "producer_id",
    "categories": "category_id",
    "products": "product_id",
    "product-stocks": "stock_id",
    "product-images": "gfx_id",
    "option-groups": "group_id",
    "options": "option_id",
    "option-values": "ovalue_id",
}
"""What a synchronisation could write to, with the key of each."""


def everything(shop: Shop) -> dict[str, list[Json]]:
    """All rows of the shop as its API shows them: the same twice when nothing was written in between."""
    return {name: list(shop.rows(name, key)) for name, key in RESOURCES.items()}

"""A shop on WooCommerce as anybody with a key sees it, page by page."""

import base64
import json
import urllib.parse
from decimal import Decimal
from html import unescape
from typing import Any

from syncjobs.demo.checker.http import ask, writing
from syncjobs.demo.checker.sold import Bought, Json, Path, Sold, pieces_of

_PAGE = 100
_UNIT = "Jednostka"
_COUNTRY = "PL"
_TRACKING = "_wc_shipment_tracking_items"
"""Field of an order in which the tracking plugin keeps parcels."""
_LISTS = ("products/categories", "products/brands", "products/tags", "taxes")
_RULED = (
    *(
        "name",
        "description",
        "global_unique_id",
        "weight",
        "regular_price",
        "price",
        "price_html",
        "tax_class",
        "brands",
    ),
    *("manage_stock", "stock_quantity", "stock_status", "date_modified", "date_modified_gmt", "_links"),
)
"""Of a product: what the synchronisation rules, or the shop works out of that."""


class Shop:
    fields = (
        *("name", "description", "ean", "unit", "tax_rate", "producer", "category", "weight"),
        *("price", "quantity", "pictures"),
    )
    variant_fields = ("ean", "weight", "price", "quantity", "tax_rate", "unit", "producer", "category")
    whole = True

    def __init__(self, address: str, consumer_key: str, consumer_secret: str, **_: str) -> None:
        self.address = address.rstrip("/")
        basic = base64.b64encode(f"{consumer_key}:{consumer_secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        self._read: dict[str, list[Json]] = {}

    def rows(self, path: str, *, paged: bool = True) -> list[Json]:
        """All rows in the order of their ids."""
        if path not in self._read:
            found: list[Json] = []
            order = {"orderby": "id", "order": "asc", "per_page": _PAGE}
            while True:
                query = {**order, "page": len(found) // _PAGE + 1} if paged else {}
                part = self._call("GET", f"{path}?{urllib.parse.urlencode(query)}")
                found += part
                if not paged or len(part) < _PAGE:
                    break
            self._read[path] = found
        return self._read[path]

    def everything(self) -> dict[str, list[Json]]:
        found = {name: self.rows(name) for name in ("products", *_LISTS)}
        found["taxes/classes"] = self.rows("taxes/classes", paged=False)
        found["products/attributes"] = self.rows("products/attributes", paged=False)
        for row in found["products/attributes"]:
            path = f"products/attributes/{row['id']}/terms"
            found[path] = self.rows(path)
        for row in found["products"]:
            if row["type"] == "variable":
                found[f"products/{row['id']}/variations"] = self._variations(row)
        return found

    def _variations(self, product: Json) -> list[Json]:
        return self.rows(f"products/{product['id']}/variations")

    def kept(self) -> dict[str, Json]:
        depths = {key: len(path) for key, path in self._paths().items()}
        found = {}
        for row in self.rows("products"):
            own = _without(row, _RULED)
            deepest = _deepest(row, depths)
            own["categories"] = [one for one in row["categories"] if one["id"] != deepest]
            own["attributes"] = [_without(one, ("position",)) for one in row["attributes"] if one["name"] != _UNIT]
            own["images"] = [one["id"] for one in row["images"]]
            found[f"product:{row['id']}:{row['sku']}"] = own
            for one in self._variations(row) if row["type"] == "variable" else []:
                found[f"variation:{one['id']}:{one['sku']}"] = _without(one, _RULED)
        for name in _LISTS:
            rows = [row for row in self.rows(name) if row["name"]]
            found |= {f"{name}:{row['id']}": _without(row, ("count", "_links")) for row in rows}
        return found

    def writes(self) -> int:
        return writing(self.address)

    def name_producer(self, name: str) -> None:
        for row in self.rows("products/brands"):
            if not row["name"]:
                self._call("PUT", f"products/brands/{row['id']}", json.dumps({"name": name}).encode())

    def sold(self) -> list[Sold]:
        percents = {row["class"]: Decimal(row["rate"]) for row in self.rows("taxes") if row["country"] == _COUNTRY}
        paths = self._paths()
        depths = {key: len(path) for key, path in paths.items()}
        found = []
        for product in self.rows("products"):
            contents = [self._picture(row["src"]) for row in product["images"]]
            variants = self._variations(product) if product["type"] == "variable" else []
            units = [one["options"][0] for one in product["attributes"] if one["name"] == _UNIT]
            for row in variants or [product]:
                tax_class = product["tax_class"] if row["tax_class"] == "parent" else row["tax_class"]
                percent = percents[tax_class or "standard"]
                found.append(
                    Sold(
                        code=unescape(row["sku"]),
                        name=unescape(product["name"]),
                        description=product["description"],
                        ean=row["global_unique_id"],
                        price=Decimal(row["regular_price"] or 0),
                        quantity=Decimal(row["stock_quantity"] or 0),
                        weight=Decimal(row["weight"] or 0),
                        unit=unescape(units[0]) if units else "",
                        tax=f"{percent.normalize():f}",
                        producer=unescape(product["brands"][0]["name"]) if product["brands"] else "",
                        category=paths.get(_deepest(product, depths), ()),
                        variant=bool(variants),
                        pictures=contents,
                        rows=[_without(row, ("_links",))],
                    )
                )
        return found

    def bought(self) -> list[Bought]:
        found = []
        for row in self.rows("orders"):
            parcels = [one["value"] for one in row["meta_data"] if one["key"] == _TRACKING]
            found.append(
                Bought(
                    key=str(row["id"]),
                    total=Decimal(row["total"]),
                    state=row["status"],
                    pieces=pieces_of((unescape(line["sku"]), line["quantity"]) for line in row["line_items"]),
                    tracking=[one["tracking_number"] for some in parcels for one in some],
                    rows=[_without(row, ("_links",))],
                )
            )
        return found

    def _paths(self) -> dict[int, Path]:
        rows = {row["id"]: row for row in self.rows("products/categories")}

        def path(key: int) -> Path:
            row = rows.get(key)
            return (*path(row["parent"]), unescape(row["name"])) if row else ()

        return {key: path(key) for key in rows}

    def _picture(self, src: str) -> bytes:
        """From its public address, which names the shop as customers know it and not as it is reached here."""
        return ask("GET", self.address + urllib.parse.urlsplit(src).path, {})

    def _call(self, method: str, path: str, body: bytes | None = None) -> Any:
        return json.loads(ask(method, f"{self.address}/wp-json/wc/v3/{path}", self._headers, body))


def _deepest(product: Json, depths: dict[int, int]) -> int:
    """WooCommerce knows no main category; the ERP's are deeper than those the shop adds."""
    ids = [one["id"] for one in product["categories"]]
    return max(ids, key=lambda one: (depths.get(one, 0), -one), default=0)


def _without(row: Json, names: tuple[str, ...]) -> Json:
    return {name: value for name, value in row.items() if name not in names}

"""A shop on Shoper as anybody with a login sees it, page by page."""

import base64
import json
import urllib.parse
from decimal import Decimal
from typing import Any

from syncjobs.demo.checker.http import ask, writing
from syncjobs.demo.checker.sold import Bought, Json, Path, Sold, pieces_of

_LOCALE = "pl_PL"
_PAGE = 50
_KEYS = {
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
_ORDER_KEYS = {"orders": "order_id", "order-products": "id", "parcels": "parcel_id"}
_RULED = (
    "ean",
    "category_id",
    "categories",
    "unit_id",
    "tax_id",
    "producer_id",
    "edit_date",
    "stock",
    "translations",
    "main_image",
)
"""Of a product: what the synchronisation rules, or the shop works out of that."""


class Shop:
    fields = (
        *("name", "description", "ean", "unit", "tax_rate", "producer", "category", "weight"),
        *("price", "quantity", "pictures"),
    )
    variant_fields = ("ean", "weight", "price", "quantity", "tax_rate", "unit", "producer", "category")
    whole = False

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address.rstrip("/")
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        answer = self._call("POST", "auth", {"Authorization": f"Basic {basic}"})
        self._bearer = {"Authorization": f"Bearer {answer['access_token']}"}
        self._read: dict[str, list[Json]] = {}

    def rows(self, resource: str) -> list[Json]:
        """All rows in the order of their ids. Tax rates are few and cannot be sorted by the shop."""
        if resource not in self._read:
            found: list[Json] = []
            page, pages = 1, 1
            order = {} if resource == "taxes" else {"order": f"{(_KEYS | _ORDER_KEYS)[resource]} ASC"}
            while page <= pages:
                query = urllib.parse.urlencode({"limit": _PAGE, "page": page, **order})
                answer = self._call("GET", f"{resource}?{query}", self._bearer)
                found += answer["list"]
                pages, page = int(answer["pages"]), page + 1
            self._read[resource] = found
        return self._read[resource]

    def everything(self) -> dict[str, list[Json]]:
        return {name: self.rows(name) for name in _KEYS}

    def kept(self) -> dict[str, Json]:
        found = {f"product:{row['product_id']}:{row['code']}": _without(row, _RULED) for row in self.rows("products")}
        for row in self.rows("products"):
            others = {locale: texts for locale, texts in row["translations"].items() if locale != _LOCALE}
            own = _without(row["translations"][_LOCALE], ("name", "description", "isdefault", "permalink"))
            found[f"product:{row['product_id']}:{row['code']}"]["translations"] = {**others, _LOCALE: own}
        for row in self.rows("categories"):
            found[f"category:{row['category_id']}"] = _without(row["translations"][_LOCALE], ("items",))
        return found

    def writes(self) -> int:
        return writing(self.address, "auth")

    def name_producer(self, name: str) -> None:
        headers = {**self._bearer, "Content-Type": "application/json"}
        for row in self.rows("producers"):
            if not row["name"]:
                self._call("PUT", f"producers/{row['producer_id']}", headers, json.dumps({"name": name}).encode())

    def sold(self) -> list[Sold]:
        units = {row["unit_id"]: row["translations"][_LOCALE]["name"] for row in self.rows("units")}
        taxes = {row["tax_id"]: row["name"] for row in self.rows("taxes")}
        producers = {row["producer_id"]: row["name"] or "" for row in self.rows("producers")}
        paths = self._paths()
        stocks = self._grouped("product-stocks", "product_id")
        pictures = self._grouped("product-images", "product_id")
        found = []
        for product in self.rows("products"):
            key = str(product["product_id"])
            images = sorted(pictures.get(key, []), key=lambda row: int(row["order"]))
            contents = [self._picture(row) for row in images]
            rows = stocks.get(key, [])
            variants = [row for row in rows if str(row["extended"]) == "1"]
            texts = product["translations"][_LOCALE]
            for row in variants or rows:
                found.append(
                    Sold(
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
                        variant=bool(variants),
                        pictures=contents,
                        rows=[row] if variants else [row, product, *images],
                    )
                )
        return found

    def bought(self) -> list[Bought]:
        lines, parcels = self._grouped("order-products", "order_id"), self._grouped("parcels", "order_id")
        found = []
        for row in self.rows("orders"):
            key = str(row["order_id"])
            own, sent = lines.get(key, []), parcels.get(key, [])
            found.append(
                Bought(
                    key=key,
                    total=Decimal(str(row["sum"])),
                    state=str(row["status_id"]),
                    pieces=pieces_of((line["code"], line["quantity"]) for line in own),
                    tracking=[number for one in sent for number in _numbers(one["shipping_code"])],
                    rows=[row, *own, *sent],
                )
            )
        return found

    def _grouped(self, resource: str, by: str) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = {}
        for row in self.rows(resource):
            found.setdefault(str(row[by]), []).append(row)
        return found

    def _paths(self) -> dict[str, Path]:
        names = {str(row["category_id"]): str(row["translations"][_LOCALE]["name"]) for row in self.rows("categories")}
        paths: dict[str, Path] = {}

        def walk(nodes: list[Json], above: Path) -> None:
            for node in nodes:
                key = str(node["id"])
                paths[key] = (*above, names.get(key, ""))
                walk(node["children"], paths[key])

        walk(self._call("GET", "categories-tree", self._bearer), ())
        return paths

    def _picture(self, row: Json) -> bytes:
        """From its public address."""
        return ask("GET", f"{self.address}/userdata/public/gfx/{row['unic_name']}.{row['extension']}", {})

    def _call(self, method: str, path: str, headers: Json, body: bytes | None = None) -> Any:
        return json.loads(ask(method, f"{self.address}/webapi/rest/{path}", headers, body))


def _numbers(text: str) -> list[str]:
    """Goods are in one parcel of Shoper's at most, so what went in two boxes has both numbers in one field."""
    return [one.strip() for one in text.split(",") if one.strip()]


def _without(row: Json, names: tuple[str, ...]) -> Json:
    return {name: value for name, value in row.items() if name not in names}

"""A shop on PrestaShop as anybody with a key of its Webservice sees it: read as JSON, written as XML."""

import base64
import json
import urllib.parse
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.sax.saxutils import escape

from syncjobs.demo.checker.http import ask, writing
from syncjobs.demo.checker.sold import Bought, Json, Path, Sold, pieces_of

_PAGE = 200
_GROSZ = Decimal("0.01")
_RESOURCES = (
    *("products", "combinations", "stock_availables", "categories", "manufacturers", "specific_prices"),
    *("product_options", "product_option_values", "tax_rule_groups", "tax_rules", "taxes"),
)
"""What a synchronisation could write to, and what its prices hang on."""
_TEXTS = ("name", "description", "description_short")
_RULED = (
    *("price", "ean13", "weight", "id_manufacturer", "manufacturer_name", "id_tax_rules_group", "id_category_default"),
    *("date_upd", "quantity", "id_default_image", "position_in_category", "associations", *_TEXTS),
)
"""Of a product: what the synchronisation rules, or the shop works out of that. Other languages' texts are put back."""
_OF_COMBINATION = ("price", "ean13", "weight", "quantity", "associations")


class Shop:
    fields = (
        *("name", "description", "ean", "tax_rate", "producer", "category", "weight"),
        *("price", "quantity", "pictures"),
    )
    variant_fields = ("ean", "weight", "price", "quantity", "tax_rate", "producer", "category")
    whole = True

    def __init__(self, address: str, key: str) -> None:
        self.address = address.rstrip("/")
        self._headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
        self._read: dict[str, list[Json]] = {}
        names = {row["name"]: row["value"] for row in self.rows("configurations")}
        self._language = str(names["PS_LANG_DEFAULT"])
        self._country = str(names["PS_COUNTRY_DEFAULT"])
        self._roots = {str(names["PS_HOME_CATEGORY"]), str(names["PS_ROOT_CATEGORY"]), "0"}

    def rows(self, resource: str) -> list[Json]:
        """All rows in the order of their ids. An empty list comes without the resource's name."""
        if resource not in self._read:
            found: list[Json] = []
            while True:
                query = {
                    "display": "full",
                    "sort": "[id_ASC]",
                    "limit": f"{len(found)},{_PAGE}",
                    "output_format": "JSON",
                }
                answer = json.loads(self._call("GET", f"{resource}?{urllib.parse.urlencode(query)}"))
                part = answer[resource] if isinstance(answer, dict) else []
                found += part
                if len(part) < _PAGE:
                    break
            self._read[resource] = found
        return self._read[resource]

    def everything(self) -> dict[str, list[Json]]:
        return {name: self.rows(name) for name in _RESOURCES}

    def kept(self) -> dict[str, Json]:
        found = {}
        for row in self.rows("products"):
            own = {name: value for name, value in row.items() if name not in _RULED}
            own |= {name: self._foreign(row.get(name)) for name in _TEXTS}
            main = str(row["id_category_default"])
            own["categories"] = [key for key in _ids(row, "categories") if key != main]
            own |= {name: _ids(row, name) for name in ("images", "combinations", "product_features", "tags")}
            found[f"product:{row['id']}:{row['reference']}"] = own
        for row in self.rows("combinations"):
            own = {name: value for name, value in row.items() if name not in _OF_COMBINATION}
            found[f"combination:{row['id']}:{row['reference']}"] = own | {"values": _ids(row, "product_option_values")}
        for name in (
            "specific_prices",
            "product_options",
            "product_option_values",
            "tax_rule_groups",
            "tax_rules",
            "taxes",
        ):
            # An option lists its values, which grow.
            found |= {f"{name}:{row['id']}": _without(row, ("associations",)) for row in self.rows(name)}
        changing = ("date_upd", "nb_products_recursive", "associations", "position")
        found |= {f"category:{row['id']}": _without(row, changing) for row in self.rows("categories")}
        makers = [row for row in self.rows("manufacturers") if row["name"]]
        return found | {f"manufacturer:{row['id']}": _without(row, changing) for row in makers}

    def writes(self) -> int:
        return writing(self.address)

    def name_producer(self, name: str) -> None:
        for row in self.rows("manufacturers"):
            if not row["name"]:
                inner = f"<manufacturer><id>{row['id']}</id><name>{escape(name)}</name></manufacturer>"
                self._call("PATCH", "manufacturers", f"<prestashop>{inner}</prestashop>".encode())

    def sold(self) -> list[Sold]:
        groups, percents = self._taxes()
        makers = {str(row["id"]): str(row["name"]) for row in self.rows("manufacturers")}
        paths = self._paths()
        stocks = {
            (str(row["id_product"]), str(row["id_product_attribute"])): Decimal(str(row["quantity"]))
            for row in self.rows("stock_availables")
        }
        variants: dict[str, list[Json]] = {}
        for row in self.rows("combinations"):
            variants.setdefault(str(row["id_product"]), []).append(row)
        found = []
        for product in self.rows("products"):
            key, group = str(product["id"]), str(product["id_tax_rules_group"])
            contents = self._pictures(product)
            for row in variants.get(key) or [{}]:
                own = row or product
                net = _number(product["price"]) + _number(row.get("price"))
                gross = net * (100 + percents.get(group, Decimal(0))) / 100
                found.append(
                    Sold(
                        code=str(own["reference"]),
                        name=self._text(product["name"]),
                        description=self._text(product["description"]),
                        ean=str(own["ean13"] or ""),
                        price=gross.quantize(_GROSZ, ROUND_HALF_UP),
                        quantity=stocks[key, str(row.get("id", 0))],
                        weight=_number(product["weight"]) + _number(row.get("weight")),
                        tax=groups.get(group, ""),
                        producer=makers.get(str(product["id_manufacturer"]), ""),
                        category=paths.get(str(product["id_category_default"]), ()),
                        variant=bool(row),
                        pictures=contents,
                        rows=[_without(own, ("position_in_category",))],  # moves up when another one leaves
                    )
                )
        return found

    def bought(self) -> list[Bought]:
        parcels: dict[str, list[Json]] = {}
        for row in self.rows("order_carriers"):
            parcels.setdefault(str(row["id_order"]), []).append(row)
        found = []
        for row in self.rows("orders"):
            key = str(row["id"])
            lines = row["associations"]["order_rows"]
            sent = parcels.get(key, [])
            found.append(
                Bought(
                    key=key,
                    total=_number(row["total_paid_tax_incl"]).quantize(_GROSZ, ROUND_HALF_UP),
                    state=str(row["current_state"]),
                    pieces=pieces_of((line["product_reference"], line["product_quantity"]) for line in lines),
                    tracking=[one["tracking_number"] for one in sent if one["tracking_number"]],
                    rows=[row, *sent],
                )
            )
        return found

    def _taxes(self) -> tuple[dict[str, str], dict[str, Decimal]]:
        """By tax group: the code of the rate it stands for (0 % is for what is exempt here), and its percent."""
        rates = {str(row["id"]): _number(row["rate"]) for row in self.rows("taxes")}
        percents = {
            str(row["id_tax_rules_group"]): rates[str(row["id_tax"])]
            for row in self.rows("tax_rules")
            if str(row["id_country"]) == self._country
        }
        return {group: f"{one.normalize():f}" if one else "zw" for group, one in percents.items()}, percents

    def _paths(self) -> dict[str, Path]:
        rows = {str(row["id"]): row for row in self.rows("categories")}

        def path(key: str) -> Path:
            row = rows.get(key)
            return () if row is None or key in self._roots else (*path(str(row["id_parent"])), self._text(row["name"]))

        return {key: path(key) for key in rows}

    def _pictures(self, product: Json) -> list[bytes]:
        """The cover first, the others in the shop's order."""
        cover = str(product["id_default_image"])
        ids = sorted(_ids(product, "images"), key=lambda one: one != cover)
        return [self._call("GET", f"images/products/{product['id']}/{one}") for one in ids]

    def _text(self, texts: Any) -> str:
        if not isinstance(texts, list):
            return str(texts or "")
        return next((str(one["value"] or "") for one in texts if str(one["id"]) == self._language), "")

    def _foreign(self, texts: Any) -> dict[str, str]:
        """The same in the other languages."""
        listed = texts if isinstance(texts, list) else []
        return {str(one["id"]): str(one["value"] or "") for one in listed if str(one["id"]) != self._language}

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        return ask(method, f"{self.address}/api/{path}", self._headers, body)


def _ids(row: Json, name: str) -> list[str]:
    return [str(one["id"]) for one in (row.get("associations") or {}).get(name) or []]


def _number(value: Any) -> Decimal:
    return Decimal(str(value or 0))


def _without(row: Json, names: tuple[str, ...]) -> Json:
    return {name: value for name, value in row.items() if name not in names}

"""A shop made of recorded answers: one JSON file per request, with the keys `request`, `status` and `body`."""

import html
import json
import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shops.connectors.woocommerce.simulator.product_rows import NEW
from shops.connectors.woocommerce.simulator.store import BRAND, CATEGORY, TAG
from shops.simulation.tables import Row

if TYPE_CHECKING:
    from shops.connectors.woocommerce.simulator.state import ShopState

_UPLOADS = "/wp-content/uploads/"


def load(state: "ShopState", folder: Path) -> "ShopState":
    """Puts the recorded rows in the place of the factory's. Raises `FileNotFoundError` when the folder holds none."""
    answers = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    read: dict[str, list[Row]] = defaultdict(list)
    for one in answers:
        if one["status"] == 200 and one["request"]["method"] == "GET":
            path = urlsplit(one["request"]["path"]).path.partition("/wc/v3/")[2]
            read[path] += one["body"] if isinstance(one["body"], list) else [one["body"]]
    if not answers:
        raise FileNotFoundError(f"no recorded answers in {folder}")
    for table in ("terms", "taxes"):
        for row_id in list(state.tables[table]):
            state.tables[table].remove(row_id)
    _shop(state, read)
    for row in read.get("products", []):
        if "type" in row:
            _product(state, row)
    for path, rows in read.items():
        if re.fullmatch(r"products/\d+/variations", path):
            for row in rows:
                _product(state, {**row, "images": [row["image"]] if row["image"] else []})
    return state


def _shop(state: "ShopState", read: dict[str, list[Row]]) -> None:
    """Everything but products."""
    for row in read.get("system_status", []):
        state.environment = row["environment"]
        state.address = row["environment"]["home_url"]
    for path, rows in read.items():
        if path.startswith("settings/"):
            state.settings[path.removeprefix("settings/")] = _plain(rows[0])
    state.tax_classes = {row["slug"]: row["name"] for row in read.get("taxes/classes", []) if row["slug"] != "standard"}
    for table, path in (("taxes", "taxes"), ("attributes", "products/attributes")):
        for row in read.get(path, []):
            state.tables[table].insert(_plain(row), row["id"])
    for taxonomy, name in ((CATEGORY, "categories"), (BRAND, "brands"), (TAG, "tags")):
        for row in read.get(f"products/{name}", []):
            _term(state, taxonomy, row)
    state.default_category = next(iter(state.terms_of(CATEGORY)), 0)


def _term(state: "ShopState", taxonomy: str, row: Row) -> None:
    if row["id"] not in state.terms:
        kept: Row = {"taxonomy": taxonomy, "parent": 0, "description": "", "display": "default", "image": 0}
        fields: Row = {name: row[name] for name in ("name", "slug", "parent", "description", "display") if name in row}
        state.terms.insert({**kept, "menu_order": 0, **fields}, row["id"])


def _product(state: "ShopState", row: Row) -> None:
    kept = {name: row[name] for name in NEW.keys() & row.keys()} | row["dimensions"]
    for name in ("created", "modified"):
        kept[name] = int(datetime.fromisoformat(f"{row[f'date_{name}_gmt']}+00:00").timestamp())
    for taxonomy, name in ((CATEGORY, "categories"), (BRAND, "brands"), (TAG, "tags")):
        for term in row.get(name, []):
            _term(state, taxonomy, term)
        kept[name] = [term["id"] for term in row.get(name, [])]
    for name in ("description", "short_description"):
        kept[name] = re.sub(r"</?p>", "", row.get(name, "")).strip()
    kept["images"] = [_picture(state, one) for one in row["images"]]
    kept["attributes"] = [_attribute(state, one) for one in row["attributes"]]
    kept["manage_stock"] = row["manage_stock"] is True
    state.products.insert({**NEW, **kept}, row["id"])


def _attribute(state: "ShopState", row: Row) -> Row:
    def term(name: str) -> int | str:
        if not row["id"]:
            return name
        taxonomy = row["slug"]
        known = state.term_named(taxonomy, html.unescape(name))
        return state.insert_term(taxonomy, name) if known is None else known

    if "option" in row:
        return {"id": row["id"], "name": row["name"], "option": term(row["option"])}
    plain = {name: row[name] for name in ("id", "name", "position", "visible", "variation")}
    return {**plain, "options": [term(one) for one in row["options"]]}


def _picture(state: "ShopState", row: Row) -> int:
    created = int(datetime.fromisoformat(f"{row['date_created_gmt']}+00:00").timestamp())
    kept = {"file": row["src"].partition(_UPLOADS)[2], "title": row["name"], "alt": row["alt"], "mime": "image/jpeg"}
    return state.media.insert({**kept, "created": created, "modified": created, "parent": 0, "size": 0}, row["id"])


def _plain(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("_links", "id")} | (
        {"id": row["id"]} if isinstance(row["id"], str) else {}
    )

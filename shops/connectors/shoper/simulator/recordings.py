"""A shop made of recorded answers, one JSON file per request.

A file is named after its request: `units.json` is GET units, `products_36.json` GET products/36, and
`product-images_filters_product_id_3D_36.json` a filtered list. A list holds only the rows of its recorded page.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shops.connectors.shoper.simulator.resources import RESOURCES
from shops.simulation.tables import Row

if TYPE_CHECKING:
    from shops.connectors.shoper.simulator.state import ShopState

_COMPUTED = ("stock", "options", "main_image", "code", "ean")


def load(state: "ShopState", folder: Path) -> "ShopState":
    """Fills an unfurnished state from the files. Raises `FileNotFoundError` when the folder holds none."""
    answers = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    if not answers:
        raise FileNotFoundError(f"no recorded answers in {folder}")
    for name, answer in answers.items():
        resource, _, rest = name.partition("_")
        if name == "application-config":
            state.config = answer
            state.address = answer.get("shop_url", state.address)
        elif name == "application-version":
            state.application_version = answer["version"]
        elif name == "categories-tree":
            _plant(state, answer, 0)
        elif resource in RESOURCES:
            _add_rows(state, resource, [answer] if rest.isdigit() else answer["list"])
    _settle(state)
    return state


def _plant(state: "ShopState", branches: list[Row], parent: int) -> None:
    for place, branch in enumerate(branches, start=1):
        state.nodes[int(branch["id"])] = (parent, place)
        _plant(state, branch["children"], int(branch["id"]))


def _add_rows(state: "ShopState", resource: str, found: Any) -> None:
    for row in found.values() if isinstance(found, dict) else found:
        if resource == "products":
            _add_product(state, row)
        else:
            state.tables[resource].insert(row, int(row[RESOURCES[resource].key]))


def _add_product(state: "ShopState", row: Row) -> None:
    """Takes a product apart: its base row and its main picture have tables of their own."""
    product_id = int(row["product_id"])
    base = {**row["stock"], "options": []}
    if "special_offer" in row:
        base["special_offer"] = row["special_offer"]
    state._stock_ids[product_id] = [state.stocks.insert(base, int(base["stock_id"]))]
    state.products.insert({k: v for k, v in row.items() if k not in _COMPUTED}, product_id)
    image = row["main_image"]
    if image and int(image["gfx_id"]) not in state.images:
        state.images.insert({**image, "product_id": str(product_id), "main": 1}, int(image["gfx_id"]))


def _settle(state: "ShopState") -> None:
    """Ties stock rows and pictures to their products, whatever the order of the files was."""
    for stock_id, row in sorted(state.stocks.rows.items()):
        known = state._stock_ids.setdefault(int(row["product_id"]), [])
        if stock_id not in known:
            known.append(stock_id)
    for gfx_id, row in sorted(state.images.rows.items(), key=lambda item: int(item[1]["order"])):
        state._image_ids.setdefault(int(row["product_id"]), []).append(gfx_id)

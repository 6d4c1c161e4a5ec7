"""The state as JSON and back, so that a shop survives a restart. Generated rows are kept as their recipe alone."""

import base64
from pathlib import Path
from typing import Any

from shops.connectors.prestashop.simulator.generated import Generated
from shops.connectors.prestashop.simulator.state import ShopState
from shops.simulation.persistence import load, write

FORMAT = 1


def dump(state: ShopState) -> dict[str, Any]:
    recipe = state.recipe
    return {
        "format": FORMAT,
        "recipe": [recipe.products, recipe.variants_share, recipe.images] if recipe else None,
        "name": state.name,
        "tables": {
            name: {"next_id": table.next_id, "deleted": sorted(table.deleted), "rows": list(table.rows.items())}
            for name, table in state.tables.items()
        },
        "owned": {name: list(owned.items()) for name, owned in state._owned.items()},
        "files": [[image, base64.b64encode(content).decode()] for image, content in state.files.items()],
    }


def restore(data: dict[str, Any], **options: Any) -> ShopState:
    """The shop that `dump` described; `options` go to `ShopState`. Raises `ValueError` for another format."""
    if data.get("format") != FORMAT:
        raise ValueError(f"a saved shop of format {data.get('format')} cannot be read")
    recipe = Generated(*data["recipe"]) if data["recipe"] else None
    state = ShopState(recipe=recipe, furnished=False, **options)
    state.name = data["name"]
    for name, saved in data["tables"].items():
        table = state.tables[name]
        for row_id in saved["deleted"]:
            if row_id in table:
                table.remove(row_id)
        for row_id, row in saved["rows"]:
            table.insert(row, row_id)
        table.next_id = saved["next_id"]
    state._owned = {name: dict(owned) for name, owned in data["owned"].items()}
    state.files = {image: base64.b64decode(content) for image, content in data["files"]}
    return state


def save(state: ShopState, path: Path) -> None:
    write(dump(state), path)


def read(path: Path, **options: Any) -> ShopState:
    return restore(load(path), **options)

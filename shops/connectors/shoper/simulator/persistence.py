"""The state as JSON and back, so that a shop survives a restart. Generated rows are kept as their recipe alone."""

import base64
from pathlib import Path
from typing import Any

from shops.connectors.shoper.simulator.generated import Generated
from shops.connectors.shoper.simulator.state import ShopState
from shops.simulation.persistence import load, write

VERSION = 1


def dump(state: ShopState) -> dict[str, Any]:
    recipe = state.recipe
    return {
        "version": VERSION,
        "recipe": [recipe.products, recipe.variants_share, recipe.images] if recipe else None,
        "address": state.address,
        "application_version": state.application_version,
        "config": state.config,
        "nodes": [[category, *node] for category, node in state.nodes.items()],
        "tables": {
            name: {"next_id": table.next_id, "deleted": sorted(table.deleted), "rows": list(table.rows.items())}
            for name, table in state.tables.items()
        },
        "stock_ids": list(state._stock_ids.items()),
        "image_ids": list(state._image_ids.items()),
        "files": [[gfx_id, base64.b64encode(content).decode()] for gfx_id, content in state.files.items()],
        "remote_files": {url: base64.b64encode(content).decode() for url, content in state.remote_files.items()},
    }


def restore(data: dict[str, Any], **options: Any) -> ShopState:
    """The shop that `dump` described; `options` go to `ShopState`. Raises `ValueError` for another version."""
    if data.get("version") != VERSION:
        raise ValueError(f"a saved shop of version {data.get('version')} cannot be read")
    recipe = Generated(*data["recipe"]) if data["recipe"] else None
    state = ShopState(recipe=recipe, furnished=False, **options)
    state.address, state.application_version = data["address"], data["application_version"]
    state.config = data["config"]
    state.nodes = {category: (parent, order) for category, parent, order in data["nodes"]}
    state._stock_ids = dict(data["stock_ids"])
    state._image_ids = dict(data["image_ids"])
    for name, saved in data["tables"].items():
        table = state.tables[name]
        for row_id in saved["deleted"]:
            if row_id in table:
                table.remove(row_id)
        for row_id, row in saved["rows"]:
            table.insert(row, row_id)
        table.next_id = saved["next_id"]
    state.files = {gfx_id: base64.b64decode(content) for gfx_id, content in data["files"]}
    state.remote_files = {url: base64.b64decode(content) for url, content in data["remote_files"].items()}
    return state


def save(state: ShopState, path: Path) -> None:
    """Writes the state to a file, whole or not at all."""
    write(dump(state), path)


def read(path: Path, **options: Any) -> ShopState:
    return restore(load(path), **options)

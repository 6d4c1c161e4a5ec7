"""The state as JSON and back, so that a shop survives a restart. Computed rows are kept as their recipe alone."""

import base64
from pathlib import Path
from typing import Any

from shops.connectors.woocommerce.simulator.generated import Generated
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.simulation import persistence

VERSION = 1
_PLAIN = ("address", "timezone", "tax_classes", "settings", "environment", "default_category", "next_meta")
_SELLING = ("gateways", "zones", "order_statuses", "plugins")


def dump(state: ShopState) -> dict[str, Any]:
    recipe = state.recipe
    return {
        "version": VERSION,
        "woocommerce": state.features.version,
        "recipe": [recipe.products, recipe.variants_share, recipe.images] if recipe else None,
        **{name: getattr(state, name) for name in (*_PLAIN, *_SELLING)},
        "tables": {
            name: {"next_id": table.next_id, "deleted": sorted(table.deleted), "rows": list(table.rows.items())}
            for name, table in state.tables.items()
        },
        "files": {path: base64.b64encode(content).decode() for path, content in state.files.items()},
        "remote_files": {url: base64.b64encode(content).decode() for url, content in state.remote_files.items()},
        "orphan_skus": sorted(state.orphan_skus),
        "queue": [[*key, topic] for key, topic in state.queue.items()],
    }


def restore(data: dict[str, Any], **options: Any) -> ShopState:
    """The shop that `dump` described; `options` go to `ShopState`. Raises `ValueError` for another version."""
    if data.get("version") != VERSION:
        raise ValueError(f"a saved shop of version {data.get('version')} cannot be read")
    recipe = Generated(*data["recipe"]) if data["recipe"] else None
    state = ShopState(recipe=recipe, furnished=False, version=data["woocommerce"], **options)
    for name in _PLAIN:
        setattr(state, name, data[name])
    for name in _SELLING:  # shops that were saved before they sold have none of these
        setattr(state, name, data.get(name, getattr(state, name)))
    for name, saved in data["tables"].items():
        table = state.tables[name]
        for row_id in saved["deleted"]:
            if row_id in table:
                table.remove(row_id)
        for row_id, row in saved["rows"]:
            table.insert(row, row_id)
        table.next_id = saved["next_id"]
    state.files = {path: base64.b64decode(content) for path, content in data["files"].items()}
    state.remote_files = {url: base64.b64decode(content) for url, content in data["remote_files"].items()}
    state.orphan_skus = set(data["orphan_skus"])
    state.queue = {(hook, kind, row_id): topic for hook, kind, row_id, topic in data["queue"]}
    return state


def save(state: ShopState, path: Path) -> None:
    persistence.write(dump(state), path)


def read(path: Path, **options: Any) -> ShopState:
    return restore(persistence.load(path), **options)

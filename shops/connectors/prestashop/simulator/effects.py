"""What a write of one resource does besides storing its fields."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from shops.connectors.prestashop.simulator import order_states
from shops.connectors.prestashop.simulator.errors import Refused, crash
from shops.connectors.prestashop.simulator.generated import slug
from shops.connectors.prestashop.simulator.store import Store
from shops.connectors.prestashop.simulator.versions import Version
from shops.simulation.tables import Row

Members = list[dict[str, str]]

# before a row is stored


def _product_ready(store: Store, version: Version, row: Row, made: bool) -> None:
    row["condition"] = row["condition"] or "new"
    row["visibility"] = row["visibility"] or "both"
    row["redirect_type"] = row["redirect_type"] or "default"
    row["id_shop_default"] = row["id_shop_default"] or 1
    ratio = Decimal(row["unit_price"])
    row["unit_price_ratio"] = f"{Decimal(row['price']) / ratio:.6f}" if ratio else "0.000000"
    if made:
        row["product_type"] = row["product_type"] or version.product_type
    for language in store.languages():
        key = str(language)
        if not row["link_rewrite"].get(key):
            row["link_rewrite"] = row["link_rewrite"] | {key: slug(row["name"].get(key, ""))}


def _stock_ready(store: Store, version: Version, row: Row, made: bool) -> None:
    if row["depends_on_stock"] == "1":
        raise Refused(500, (133, "You cannot use this product in advanced stock management."))


def _category_ready(store: Store, version: Version, row: Row, made: bool) -> None:
    parents = store.categories
    above = parents.get(row["id_parent"])["level_depth"] if row["id_parent"] in parents else -1
    row["level_depth"] = above + 1
    row["id_shop_default"] = row["id_shop_default"] or 1
    if made:
        row["position"] = parents.index("id_parent").count(row["id_parent"])


def _price_ready(store: Store, version: Version, row: Row, made: bool) -> None:
    """The database holds one row per key."""
    names = (
        "id_shop", "id_cart", "id_product", "id_product_attribute", "id_currency", "id_country", "id_group",
        "id_customer", "from_quantity", "from", "to",
    )  # fmt: skip
    others = store.tables["specific_prices"].rows.items()
    same = [r for r, other in others if all(other[name] == row[name] for name in names) and r != int(row.get("id", 0))]
    if same:
        raise Refused(500, (46, "Unable to save resource")) if version.survives_sql_errors else crash()


def _history_ready(store: Store, version: Version, row: Row, made: bool) -> None:
    """A state or an order that does not exist ends PHP."""
    if row["id_order"] not in store.tables["orders"] or row["id_order_state"] not in store.tables["order_states"]:
        raise crash()


READY: dict[str, Callable[[Store, Version, Row, bool], None]] = {
    "products": _product_ready,
    "stock_availables": _stock_ready,
    "categories": _category_ready,
    "specific_prices": _price_ready,
    "order_histories": _history_ready,
}
"""Completes a row before it is stored. Raises `Refused` and `Blank`."""

# fields that are set by a method of their own


def _set_cover(store: Store, row: Row, text: str) -> None:
    for image in store.owned("images", int(row["id"])):
        with store.images.editing(image) as picture:
            picture["cover"] = str(image) == text.strip()


def _set_default_combination(store: Store, row: Row, text: str) -> None:
    row["cache_default_attribute"] = int(text or 0)
    for combination in store.owned("combinations", int(row["id"])):
        with store.combinations.editing(combination) as kept:
            kept["default_on"] = "1" if str(combination) == text.strip() else ""


def _set_position(store: Store, row: Row, text: str) -> None:
    place = int(text) if text.strip().lstrip("-").isdigit() else 0
    if place <= 0:
        told = "You cannot set 0 or a negative position, the minimum for a position is 1."
        raise Refused(500, (134, told))
    if place > store.products.index("categories").count(row["id_category_default"]):
        raise Refused(500, (135, "You cannot set a position greater than the number of products in the category."))


def _set_shipping_number(store: Store, row: Row, text: str) -> None:
    """Goes to the order's first row of carriers."""
    carried = store.tables["order_carriers"]
    first = next(iter(carried.index("id_order").of(int(row["id"]))), None)
    if first is None:
        row["own_shipping_number"] = text
        return
    with carried.editing(first) as kept:
        kept["tracking_number"] = text


def _set_state(store: Store, row: Row, text: str) -> None:
    """Another state is entered as if an employee had chosen it; the same one is none."""
    state = int(text or 0)
    if state and state != row["current_state"]:
        if state not in store.tables["order_states"]:
            raise crash()
        order_states.move(store, row, state)
        history = {"id_order_state": state, "id_order": int(row["id"]), "date_add": store.now_text()}
        store.insert("order_histories", history)


SETTERS: dict[tuple[str, str], Callable[[Store, Row, str], None]] = {
    ("products", "id_default_image"): _set_cover,
    ("products", "id_default_combination"): _set_default_combination,
    ("products", "position_in_category"): _set_position,
    ("orders", "shipping_number"): _set_shipping_number,
    ("orders", "current_state"): _set_state,
}
"""Called for a row that is there already, before anything is validated."""

# after a row is stored


def _product_stored(store: Store, row_id: int, made: bool) -> None:
    if made:
        store.ensure_stock(row_id)


def _combination_stored(store: Store, row_id: int, made: bool) -> None:
    """The stock row of the combination is there afterwards; the product's own row is not summed anew."""
    row = store.combinations.get(row_id)
    store.ensure_stock(row["id_product"], row_id)
    if row["default_on"] == "1":
        for other in store.owned("combinations", row["id_product"]):
            if other != row_id and store.combinations.get(other)["default_on"] == "1":
                with store.combinations.editing(other) as loser:
                    loser["default_on"] = ""
    store.settle_default(row["id_product"])


def _stock_stored(store: Store, row_id: int, made: bool) -> None:
    row = store.stocks.get(row_id)
    if row["id_product_attribute"]:
        store.sum_stock(row["id_product"])


def _history_stored(store: Store, row_id: int, made: bool) -> None:
    """A new row changes the order, even to the state that it is in already."""
    row = store.tables["order_histories"].get(row_id)
    if made:
        with store.tables["orders"].editing(row["id_order"]) as order:
            order_states.move(store, order, row["id_order_state"])


STORED: dict[str, Callable[[Store, int, bool], None]] = {
    "products": _product_stored,
    "combinations": _combination_stored,
    "stock_availables": _stock_stored,
    "order_histories": _history_stored,
}

# associations


def _keep_combinations(store: Store, product_id: int, members: Members) -> None:
    """The list is the whole truth: combinations that it lacks are deleted."""
    kept = {int(member.get("id") or 0) for member in members}
    for combination in store.owned("combinations", product_id):
        if combination not in kept:
            store.remove("combinations", combination)


def replace_list(store: Store, resource: str, row_id: int, name: str, members: Members) -> None:
    """Puts the sent members in the place of those that are kept."""
    if (resource, name) == ("products", "combinations"):
        _keep_combinations(store, row_id, members)
        return
    several = name in ("product_features", "product_bundle")
    new: list[Any] = [
        {key: int(value or 0) for key, value in member.items()} if several else int(member.get("id") or 0)
        for member in members
    ]
    with store.tables[resource].editing(row_id) as row:
        row[name] = new if several else list(dict.fromkeys(new))

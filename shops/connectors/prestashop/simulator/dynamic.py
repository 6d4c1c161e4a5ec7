"""Fields and lists that the shop computes when it shows an entity."""

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from shops.connectors.prestashop.simulator.generated import slug
from shops.connectors.prestashop.simulator.store import Store
from shops.simulation.tables import Row

Members = list[dict[str, Any]]


def cover_of(store: Store, product_id: int) -> int:
    """The picture that stands for the product, 0 without one."""
    images = store.owned("images", product_id)
    return next((image for image in images if store.images.get(image)["cover"]), 0)


def _manufacturer_name(store: Store, row: Row) -> Any:
    table = store.tables["manufacturers"]
    found = row["id_manufacturer"]
    return table.get(found)["name"] if found in table else False


def _position(store: Store, row: Row) -> Any:
    """From 1: the place among the products of the main category, nothing for a product that is not in it."""
    inside = store.products.index("categories").of(row["id_category_default"])
    place = bisect_left(inside, int(row["id"]))
    return place + 1 if place < len(inside) and inside[place] == int(row["id"]) else ""


def _products_below(store: Store, row: Row) -> int:
    index = store.products.index("categories")
    return len({product for category in store.below(int(row["id"])) for product in index.of(category)})


def _shipping_number(store: Store, row: Row) -> Any:
    """That of the order's first parcel; an order without carriers keeps it itself."""
    carried = store.tables["order_carriers"]
    first = next(iter(carried.index("id_order").of(int(row["id"]))), None)
    return row.get("own_shipping_number", "") if first is None else carried.get(first)["tracking_number"]


FIELDS: dict[tuple[str, str], Callable[[Store, Row], Any]] = {
    ("products", "id_default_image"): lambda store, row: cover_of(store, int(row["id"])) or None,
    ("products", "id_default_combination"): lambda store, row: row["cache_default_attribute"],
    ("products", "position_in_category"): _position,
    ("products", "manufacturer_name"): _manufacturer_name,
    ("products", "quantity"): lambda store, row: 0,
    ("products", "type"): lambda store, row: "virtual" if row["is_virtual"] == "1" else "simple",
    ("categories", "nb_products_recursive"): _products_below,
    ("manufacturers", "link_rewrite"): lambda store, row: slug(row["name"]),
    ("orders", "shipping_number"): _shipping_number,
}


def _ids(found: Any) -> Members:
    return [{"id": row_id} for row_id in found]


def _option_values(store: Store, row: Row) -> Members:
    combinations = [store.combinations.get(found) for found in store.owned("combinations", int(row["id"]))]
    return _ids(dict.fromkeys(value for found in combinations for value in found["product_option_values"]))


def _stock_rows(store: Store, row: Row) -> Members:
    """Those of this shop alone: a row that left for shop 0 is not shown."""
    rows = [store.stocks.get(found) for found in store.owned("stock_availables", int(row["id"]))]
    names = ("id", "id_product_attribute")
    return [{name: int(found[name]) for name in names} for found in rows if found["id_shop"] == 1]


def _order_rows(store: Store, row: Row) -> Members:
    """From the details of the order; of one that has none the rows that were planted with it."""
    details = store.tables["order_details"]
    found = [details.get(one) for one in details.index("id_order").of(int(row["id"]))]
    return [{**one, "id": int(one["id"])} for one in found] or list(row.get("order_rows") or [])


LISTS: dict[tuple[str, str], Callable[[Store, Row], Members]] = {
    ("products", "images"): lambda store, row: _ids(store.owned("images", int(row["id"]))),
    ("products", "combinations"): lambda store, row: _ids(store.owned("combinations", int(row["id"]))),
    ("products", "product_option_values"): _option_values,
    ("products", "stock_availables"): _stock_rows,
    ("categories", "categories"): lambda store, row: _ids(store.categories.index("id_parent").of(int(row["id"]))),
    ("categories", "products"): lambda store, row: _ids(store.products.index("categories").of(int(row["id"]))),
    ("orders", "order_rows"): _order_rows,
    ("product_options", "product_option_values"): lambda store, row: _ids(
        store.tables["product_option_values"].index("id_attribute_group").of(int(row["id"]))
    ),
}


def members(store: Store, resource: str, name: str, row: Row) -> Members:
    """The members of an association of a row, each with its fields."""
    computed = LISTS.get((resource, name))
    if computed:
        return computed(store, row)
    return [member if isinstance(member, dict) else {"id": member} for member in row.get(name) or []]

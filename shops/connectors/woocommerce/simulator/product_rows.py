"""How products and variations are kept and how they are answered."""

from datetime import UTC
from typing import Any

from shops.connectors.woocommerce.simulator import php
from shops.connectors.woocommerce.simulator.dates import shown
from shops.connectors.woocommerce.simulator.media_rows import picture, plain_picture
from shops.connectors.woocommerce.simulator.store import LIST_OF, Store, number
from shops.simulation.tables import Row

_TEXTS = ("name", "slug", "sku", "global_unique_id", "description", "short_description", "regular_price")
_MORE_TEXTS = ("sale_price", "tax_class", "weight", "length", "width", "height", "shipping_class", "purchase_note")
_LAST_TEXTS = ("external_url", "button_text", "post_password")
_NOTHING = ("date_on_sale_from", "date_on_sale_to", "stock_quantity", "low_stock_amount")
_FLAGS = ("featured", "manage_stock", "sold_individually", "virtual", "downloadable")
_TERMS_AND_IMAGES = ("categories", "tags", "brands", "images")
_LISTS = ("attributes", "default_attributes", "upsell_ids", "cross_sell_ids", "grouped_products", "meta_data")
NEW: Row = {
    **dict.fromkeys((*_TEXTS, *_MORE_TEXTS, *_LAST_TEXTS), ""),
    **dict.fromkeys(_NOTHING),
    **dict.fromkeys(_FLAGS, False),
    **dict.fromkeys(("parent_id", "menu_order", "total_sales"), 0),
    **{name: [] for name in (*_TERMS_AND_IMAGES, *_LISTS)},
    "type": "simple",
    "status": "publish",
    "catalog_visibility": "visible",
    "tax_status": "taxable",
    "stock_status": "instock",
    "backorders": "no",
    "reviews_allowed": True,
}
"""A product with nothing set. Rows share these lists: a list of a row is replaced, never changed."""
ECHOED = ("type", "status", "slug", "sku", "sale_price", "tax_status", "tax_class", "backorders", "low_stock_amount")
ECHOED_TOO = ("virtual", "downloadable", "weight", "shipping_class", "menu_order", "meta_data", "parent_id")
OF_PRODUCTS = ("name", "featured", "catalog_visibility", "sold_individually", "purchase_note", "external_url")
OF_PRODUCTS_TOO = ("button_text", "reviews_allowed", "total_sales", "post_password", *_LISTS[1:-1])


def product(store: Store, row_id: int, *, edit: bool = False) -> Row:
    """A product as `products` answers it. `edit`: in the context edit, which writes answer in; texts are raw there."""
    row = store.products.get(row_id)
    answer = _both(store, row_id, row) | {name: row[name] for name in (*OF_PRODUCTS, *OF_PRODUCTS_TOO)}
    for name in ("description", "short_description"):
        answer[name] = row[name] if edit else php.paragraphs(row[name])
    answer |= {LIST_OF[taxonomy]: _terms(store, row[LIST_OF[taxonomy]]) for taxonomy in LIST_OF}
    if not store.features.brands_on_products:
        del answer["brands"]
    pictures = (picture(store, one) for one in row["images"] if one in store.media)
    children = store.living_children(row_id) if row["type"] == "variable" else []
    answer |= {
        "images": list(pictures),
        "attributes": _chosen(store, row) if row["type"] == "variation" else _attributes(store, row),
        "variations": [
            one for _, one in sorted((store.products.get(child)["menu_order"], child) for child in children)
        ],
        "shipping_required": not row["virtual"],
        "shipping_taxable": row["tax_status"] == "taxable" and not row["virtual"],
        "average_rating": "0" if edit else "0.00",
        "rating_count": 0,
        "related_ids": [],
        "price_html": _price_html(answer["price"]),
        "has_options": row["type"] == "variable",
    }
    if edit:
        answer["permalink_template"] = f"{store.address}/product/%pagename%/"
        answer["generated_slug"] = row["slug"]
    return answer


def variation(store: Store, row_id: int) -> Row:
    """A variation as `products/{id}/variations` answers it."""
    row = store.products.get(row_id)
    answer = _both(store, row_id, row)
    for name in ("slug", "permalink_template"):
        answer.pop(name, None)
    pictures = [one for one in row["images"] if one in store.media]
    answer |= {"image": plain_picture(store, pictures[0]) if pictures else None, "attributes": _chosen(store, row)}
    answer["name"] = ", ".join(one["option"] for one in answer["attributes"])
    return answer


def _both(store: Store, row_id: int, row: Row) -> Row:
    zone = store.zone
    managed, quantity, status = stock(store, row)
    price, on_sale = price_of(store, row_id, row)
    answer: Row = {"id": row_id, **{name: row[name] for name in (*ECHOED, *ECHOED_TOO)}}
    for ours, theirs in (("created", "date_created"), ("modified", "date_modified")):
        answer[theirs] = shown(row[ours], zone)
        answer[f"{theirs}_gmt"] = shown(row[ours], UTC)
    for name in ("date_on_sale_from", "date_on_sale_to"):
        answer[name] = shown(row[name], zone)
        answer[f"{name}_gmt"] = shown(row[name], UTC)
    answer |= {
        "permalink": _permalink(store, row),
        "description": php.paragraphs(row["description"]),
        "price": price,
        "regular_price": "" if row["type"] == "variable" else row["regular_price"],
        "on_sale": on_sale,
        "purchasable": price != "" and row["status"] != "trash",
        "downloads": [],
        "download_limit": -1,
        "download_expiry": -1,
        "manage_stock": managed,
        "stock_quantity": quantity,
        "stock_status": status,
        "backorders_allowed": row["backorders"] != "no",
        "backordered": bool(managed) and (quantity or 0) < 0 and row["backorders"] == "notify",
        "dimensions": {name: row[name] for name in ("length", "width", "height")},
        "shipping_class_id": 0,
    }
    if store.features.global_unique_id:
        answer["global_unique_id"] = row["global_unique_id"]
    return answer


def price_of(store: Store, row_id: int, row: Row) -> tuple[str, bool]:
    """The effective price, and whether it is a sale's. A variable product has the lowest of its variations."""
    if row["type"] == "variable":
        found = [price_of(store, one, store.products.get(one)) for one in store.living_children(row_id)]
        priced = [(number(price), price, sale) for price, sale in found if price]
        return (min(priced)[1], any(sale for _, _, sale in priced)) if priced else ("", False)
    begins, ends, now = row["date_on_sale_from"], row["date_on_sale_to"], store.now()
    on_sale = row["sale_price"] != "" and (begins is None or begins <= now) and (ends is None or now <= ends)
    return row["sale_price"] if on_sale else row["regular_price"], on_sale


def stock(store: Store, row: Row) -> tuple[bool | str, int | None, str]:
    """Who manages the stock ("parent" for a variation that leaves it to its parent), the quantity, the status."""
    if row["type"] == "variation" and not row["manage_stock"] and row["parent_id"] in store.products:
        parent = store.products.get(row["parent_id"])
        if parent["manage_stock"]:
            return "parent", parent["stock_quantity"], parent["stock_status"]
    if row["type"] == "variable" and not row["manage_stock"]:
        children = [stock(store, store.products.get(one))[2] for one in store.living_children(int(row["id"]))]
        best = [one for one in ("instock", "onbackorder") if one in children]
        return False, None, best[0] if best else "outofstock" if children else row["stock_status"]
    return row["manage_stock"], row["stock_quantity"] if row["manage_stock"] else None, row["stock_status"]


def _permalink(store: Store, row: Row) -> str:
    if row["type"] != "variation" or row["parent_id"] not in store.products:
        return f"{store.address}/product/{row['slug']}/"
    chosen = "&".join(f"attribute_{php.slug(one['slug'])}={php.slug(one['option'])}" for one in _chosen(store, row))
    return f"{store.address}/product/{store.products.get(row['parent_id'])['slug']}/?{chosen}"


def _terms(store: Store, term_ids: list[int]) -> list[Row]:
    rows = [(one, store.terms.get(one)) for one in term_ids if one in store.terms]
    return [{"id": one, "name": row["name"], "slug": row["slug"]} for one, row in rows]


def _attributes(store: Store, row: Row) -> list[Row]:
    found = []
    for one in row["attributes"]:
        names = attribute_names(store, one)
        if names is None:
            continue
        options = one["options"]
        if one["id"]:
            terms = [store.terms.get(term) for term in options if term in store.terms]
            options = [term["name"] for term in sorted(terms, key=lambda term: (term["menu_order"], term["name"]))]
        plain = {name: one[name] for name in ("position", "visible", "variation")}
        found.append({"id": one["id"], "name": names[0], "slug": names[1], **plain, "options": options})
    return found


def _chosen(store: Store, row: Row) -> list[Row]:
    """The options of a variation; one left open ("any") is not among them."""
    found = []
    for one in row["attributes"]:
        names = attribute_names(store, one)
        if names is not None and one["option"] != "":
            option = one["option"]
            if isinstance(option, int):
                option = store.terms.get(option)["name"] if option in store.terms else ""
            found.append({"id": one["id"], "name": names[0], "slug": names[1], "option": option})
    return found


def attribute_names(store: Store, attribute: Row) -> tuple[str, str] | None:
    """Name and slug; None for a global attribute that is gone."""
    if not attribute["id"]:
        return attribute["name"], attribute["name"]
    if attribute["id"] not in store.attributes:
        return None
    row = store.attributes.get(attribute["id"])
    return row["name"], row["slug"]


def _price_html(price: Any) -> str:
    if price == "":
        return ""
    symbol = '<span class="woocommerce-Price-currencySymbol">&#122;&#322;</span>'
    figure = f"{max(number(str(price)), 0):.2f}".replace(".", ",")
    return f'<span class="woocommerce-Price-amount amount"><bdi>{symbol}{figure}</bdi></span>'

"""The rows of the shop as its API shows them: which fields there are, which are text, and which are computed."""

import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shops.simulation.tables import Row

if TYPE_CHECKING:
    from shops.connectors.shoper.simulator.store import Store

ZERO_DATE = "0000-00-00 00:00:00"

CATEGORY: Row = {
    "order": "0", "root": "0", "in_loyalty": "0", "sort_type": "0", "image_background": "", "image_thumbnail": "",
}  # fmt: skip
CATEGORY_TEXTS: Row = {
    "name": "", "description": "", "description_bottom": "", "active": "0", "pres_id": None, "isdefault": "0",
    "lang_id": "1", "seo_title": "", "seo_description": "", "seo_keywords": "", "custom_heading": "", "seo_url": "",
}  # fmt: skip
PRODUCER: Row = {"name": "", "web": "", "gfx": "", "isdefault": "0", "in_loyalty": "0", "sort_type": "0"}
PRODUCER_TEXTS: Row = {
    "description": "", "lang_id": "1", "seo_title": "", "seo_description": "", "seo_keywords": "", "seo_url": "",
}  # fmt: skip
PRODUCT: Row = {
    "producer_id": None, "group_id": None, "tax_id": "1", "add_date": ZERO_DATE, "edit_date": ZERO_DATE,
    "other_price": "0.00", "pkwiu": "", "unit_id": "1", "in_loyalty": "0", "loyalty_score": None,
    "loyalty_price": None, "bestseller": "0", "newproduct": "0", "dimension_w": "0.0000", "dimension_h": "0.0000",
    "dimension_l": "0.0000", "vol_weight": "0.0000", "currency_id": None, "gauge_id": None,
    "unit_price_calculation": "0", "type": "0", "category_id": "0", "categories": [], "is_product_of_day": False,
    "is_digital": 0, "collections": [], "promo_price": None,
}  # fmt: skip
PRODUCT_TAIL: Row = {"feeds_excludes": [], "tags": []}
SAFETY: Row = {
    "gpsr_producer_id": None, "gpsr_importer_id": None, "gpsr_responsible_id": None, "gpsr_certificates": [],
}  # fmt: skip
PRODUCT_TEXTS: Row = {
    "name": "", "short_description": "", "description": "", "active": "0", "lang_id": "1", "isdefault": "0",
    "seo_title": "", "seo_description": "", "seo_keywords": "", "order": "1", "main_page": "0",
    "main_page_order": "0", "booster": "", "seo_url": "",
}  # fmt: skip
STOCK: Row = {
    "extended": "0", "price": "0.00", "price_type": "1", "price_buying": "0.00", "price_buying_net": "0.00",
    "stock": "0", "package": "0", "warn_level": "1", "sold": "0", "weight": "0", "weight_type": "1", "active": "1",
    "default": "0", "product_id": "0", "availability_id": None, "delivery_id": "5", "gfx_id": None, "code": "",
    "ean": "", "comp_weight": "0", "comp_price": "0.00", "comp_promo_price": "0.00", "price_wholesale": "0.00",
    "comp_price_wholesale": "0.00", "comp_promo_price_wholesale": "0.00", "price_special": "0.00",
    "comp_price_special": "0.00", "comp_promo_price_special": "0.00", "price_type_wholesale": "0",
    "price_type_special": "0", "calculation_unit_id": None, "calculation_unit_ratio": "0",
    "calculated_availability_id": "5", "options": [], "historical_lowest_price": "0.00",
    "wholesale_historical_lowest_price": "0.00", "special_historical_lowest_price": "0.00",
}  # fmt: skip
IMAGE: Row = {"product_id": "0", "name": "", "unic_name": "", "order": "1", "hidden": "0", "main": 0}


def money(value: Decimal | float | str) -> str:
    return f"{Decimal(str(value)):.2f}"


def quantity(value: Decimal | float | str) -> str:
    """A stock or weight without trailing zeros: "10", "1.5"."""
    text = f"{Decimal(str(value)):.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-") or "x"


def render(state: "Store", resource: str, row_id: int) -> Row:
    """The row as GET answers it. Raises `KeyError` when there is none."""
    row = state.tables[resource].get(row_id)
    renderer = _RENDERERS.get(resource)
    return renderer(state, row_id, row) if renderer else row


def product(row: Row, base: Row, variants: Any, main_image: Any) -> Row:
    """A product as it is shown: its own row, the base stock row inside it, ids of its variants, its main picture."""
    shown = {**row, "code": base["code"], "ean": base["ean"]}
    shown["stock"] = {name: value for name, value in base.items() if name not in ("options", "special_offer")}
    shown["translations"] = row["translations"]
    shown["options"] = variants
    shown.setdefault("options_non_stock", [])
    shown.setdefault("attributes", [])
    shown.setdefault("related", [])
    shown["main_image"] = main_image
    for name, value in PRODUCT_TAIL.items():
        shown.setdefault(name, value)
    shown.setdefault("safety_information", SAFETY)
    return shown


def main_image(row: Row) -> Row:
    """A picture as it stands inside a product."""
    return {name: value for name, value in row.items() if name not in ("product_id", "main")}


def _product(state: "Store", row_id: int, row: Row) -> Row:
    base_id, *variants = state.stock_ids(row_id)
    images = [state.images.get(gfx_id) for gfx_id in state.image_ids(row_id)]
    main = next((image for image in images if image["main"]), images[0] if images else None)
    shown = main_image(main) if main else state.no_image(row_id)
    return product(row, state.stocks.get(base_id), variants, shown)


def _category(state: "Store", row_id: int, row: Row) -> Row:
    items = state.products.index("category_tree_id").count(row_id)
    texts = {
        locale: {**text, "items": items, "attribute_groups": text.get("attribute_groups", [])}
        for locale, text in row["translations"].items()
    }
    return {**row, "translations": texts}


def _option_group(state: "Store", row_id: int, row: Row) -> Row:
    products, stocks = state.totals_of_group(row_id)
    return {**row, "total_products": products, "total_stocks": stocks}


def _option_value(state: "Store", row_id: int, row: Row) -> Row:
    products, stocks = state.totals_of_value(row_id)
    return {**row, "total_products": products, "total_stocks": stocks}


def _order(state: "Store", row_id: int, row: Row) -> Row:
    from shops.connectors.shoper.simulator.order_rows import render_order

    return render_order(state, row_id, row)


def _parcel(state: "Store", row_id: int, row: Row) -> Row:
    from shops.connectors.shoper.simulator.order_rows import render_parcel

    return render_parcel(row)


_RENDERERS: dict[str, Any] = {
    "orders": _order,
    "parcels": _parcel,
    "products": _product,
    "categories": _category,
    "option-groups": _option_group,
    "option-values": _option_value,
}

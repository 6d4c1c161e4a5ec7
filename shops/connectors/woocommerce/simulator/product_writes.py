"""Creating, changing and deleting products and variations, as WooCommerce's setters do it: lenient, often silent."""

from collections.abc import Mapping
from typing import Any

from shops.connectors.woocommerce.simulator import dates, php
from shops.connectors.woocommerce.simulator.attributes import chosen_options, declared_attributes
from shops.connectors.woocommerce.simulator.errors import error, invalid_id
from shops.connectors.woocommerce.simulator.images import Images
from shops.connectors.woocommerce.simulator.product_rows import NEW, stock
from shops.connectors.woocommerce.simulator.store import BRAND, CATEGORY, TAG, Store, number
from shops.simulation.tables import Row

Body = Mapping[str, Any]

STATUSES = ("draft", "pending", "private", "publish", "future", "auto-draft", "trash")
_BACKORDERS = ("no", "notify", "yes")
_STOCK_STATUSES = ("instock", "outofstock", "onbackorder")
_SALE_DATES = ("date_on_sale_from", "date_on_sale_to")
_FLAGS = ("virtual", "downloadable")
_FLAGS_OF_PRODUCTS = ("featured", "sold_individually", "reviews_allowed")
_TEXTS = ("weight", "shipping_class")
_TEXTS_OF_PRODUCTS = ("purchase_note", "external_url", "button_text", "catalog_visibility")


class ProductWrites:
    def __init__(self, store: Store, images: Images) -> None:
        self.store = store
        self.images = images

    # the four writes

    def create(self, body: Body) -> int:
        sku = php.cleaned(body.get("sku"))
        self._refuse_taken_sku(sku)
        in_trash = sku and self.store.sku_owner(sku, trash=True) is not None
        if in_trash or sku.lower() in self.store.orphan_skus:
            message = f"The product with SKU ({sku}) you are trying to insert is already present in the lookup table"
            raise error("woocommerce_rest_product_not_created", message)
        row = self._new(php.text(body.get("name")) or "Product")
        row["type"] = body.get("type") if body.get("type") in ("variable", "grouped", "external") else "simple"
        self._set_both(row, body)
        self._set_product(row, body)
        row["categories"] = row["categories"] or self._uncategorized()
        row["slug"] = self.store.free_slug(php.slug(body.get("slug") or row["name"]) or "product")
        product_id = self.store.insert_post(self.store.products, row)
        self.store.emit("product.created", product_id)
        return product_id

    def update(self, product_id: int, body: Body) -> None:
        row = dict(self._product(product_id, 400))
        self._refuse_taken_sku(php.cleaned(body.get("sku")), but=product_id)
        if "type" in body:
            row["type"] = body["type"] if body["type"] in ("variable", "grouped", "external") else "simple"
        if "name" in body:
            row["name"] = php.escaped(body["name"])
        self._set_both(row, body)
        self._set_product(row, body)
        if body.get("slug"):
            row["slug"] = self.store.free_slug(php.slug(body["slug"]), product_id)
        self._save(product_id, row)

    def create_variation(self, parent_id: int, body: Body) -> int:
        self._parent(parent_id)
        sku = php.cleaned(body.get("sku"))
        if not (self.store.racing_variations and self._just_made(parent_id, sku)):
            self._refuse_taken_sku(sku)
        parent = self.store.products.get(parent_id)
        row = self._new(parent["name"]) | {"type": "variation", "parent_id": parent_id}
        self._set_both(row, body)
        self._set_variation(row, body, parent)
        row["slug"] = self.store.free_slug(f"{parent['slug']}-{php.slug(sku) or 'wariant'}")
        variation_id = self.store.insert_post(self.store.products, row)
        self._touch(parent_id)
        self.store.emit("product.created", variation_id)
        return variation_id

    def update_variation(self, parent_id: int, variation_id: int, body: Body) -> None:
        """Another product's variation moves to this parent, as batches do."""
        row = self.variation(variation_id, 400) | {"parent_id": self._parent(parent_id)}
        self._refuse_taken_sku(php.cleaned(body.get("sku")), but=variation_id)
        self._set_both(row, body)
        self._set_variation(row, body, self.store.products.get(parent_id))
        self._save(variation_id, row)
        self._touch(parent_id)

    def delete(self, product_id: int, *, force: bool) -> None:
        """Trashes, or deletes for good. A permanent deletion tells no webhook."""
        row = self.store.products.get(product_id)
        if force:
            self.store.remove_product(product_id)
        elif row["status"] == "trash":
            raise error("woocommerce_rest_already_trashed", "The product has already been deleted.", 410)
        else:
            self.store.trash(product_id)
        if row["type"] == "variation":
            self._touch(row["parent_id"])

    # finding

    def product(self, product_id: int, status: int) -> Row:
        """A product or variation, as `products/{id}` reads it. Raises `status` without one."""
        if product_id not in self.store.products:
            raise invalid_id("product", status)
        return self.store.products.get(product_id)

    def _product(self, product_id: int, status: int) -> Row:
        row = self.product(product_id, status)
        if row["type"] == "variation":
            message = (
                "To manipulate product variations you should use the "
                "/products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint."
            )
            raise error("woocommerce_rest_invalid_product_id", message, 404)
        return row

    def deletable(self, product_id: int) -> Row:
        return self._product(product_id, 404)

    def _parent(self, parent_id: int) -> int:
        if parent_id not in self.store.products:
            message = "Cannot set attributes due to invalid parent product."
            raise error("woocommerce_rest_product_variation_invalid_parent", message, 404)
        return parent_id

    def variation(self, variation_id: int, status: int) -> Row:
        """A variation of whatever product. Raises `status` for another id."""
        known = variation_id in self.store.products
        if not known or self.store.products.get(variation_id)["type"] != "variation":
            raise invalid_id("product_variation", status)
        return self.store.products.get(variation_id)

    def _just_made(self, parent_id: int, sku: str) -> bool:
        owner = self.store.sku_owner(sku, trash=False)
        row = self.store.products.get(owner) if owner else {}
        return bool(row) and row["parent_id"] == parent_id and row["created"] == self.store.now()

    # saving

    def _new(self, name: str) -> Row:
        now = self.store.now()
        return {**NEW, "name": php.escaped(name), "created": now, "modified": now}

    def _save(self, row_id: int, row: Row) -> None:
        """Any save is a change, even one that changes nothing."""
        with self.store.products.editing(row_id) as kept:
            kept.update({**row, "modified": self.store.now()})
        self.store.emit("product.updated", row_id)

    def _touch(self, parent_id: int) -> None:
        if parent_id in self.store.products:
            with self.store.products.editing(parent_id) as row:
                row["modified"] = self.store.now()

    def _refuse_taken_sku(self, sku: str, but: int = 0) -> None:
        owner = self.store.sku_owner(sku, trash=False, but=but) if sku else None
        if owner is None:
            return
        suffix = 1
        while self.store.sku_owner(f"{sku}-{suffix}", trash=False) is not None:
            suffix += 1
        message = "Invalid or duplicated SKU."
        raise error("product_invalid_sku", message, resource_id=owner, unique_sku=f"{sku}-{suffix}")

    # setting fields

    def _set_both(self, row: Row, body: Body) -> None:
        """What products and variations share. The row is the caller's copy until every setter has passed."""
        self._set_codes(row, body)
        if "status" in body:
            row["status"] = body["status"] if body["status"] in STATUSES else "draft"
        if "description" in body:
            row["description"] = php.safe_html(body["description"])
        for name in _TEXTS:
            if name in body:
                row[name] = php.cleaned(body[name])
        for name in _FLAGS:
            if name in body:
                row[name] = php.boolean(body[name])
        if isinstance(body.get("dimensions"), Mapping):
            given = body["dimensions"]
            row.update({name: php.text(given[name]) for name in ("length", "width", "height") if name in given})
        if "menu_order" in body:
            row["menu_order"] = php.integer(body["menu_order"])
        if body.get("tax_status") is not None:
            if body["tax_status"] not in ("taxable", "shipping", "none"):
                raise error("product_invalid_tax_status", "Invalid product tax status.")
            row["tax_status"] = body["tax_status"]
        if "tax_class" in body:
            known = body["tax_class"] in self.store.tax_classes
            inherited = row["type"] == "variation" and body["tax_class"] == "parent"
            row["tax_class"] = body["tax_class"] if known or inherited else ""
        self._set_prices(row, body)
        self._set_meta(row, body)
        self._set_stock(row, body)

    def _set_codes(self, row: Row, body: Body) -> None:
        if "sku" in body:
            row["sku"] = php.cleaned(body["sku"])
        if self.store.features.global_unique_id and "global_unique_id" in body:
            kept = "".join(one for one in php.text(body["global_unique_id"]) if one.isdigit() or one == "-")
            owner = self.store.global_id_owner(kept, int(row.get("id", 0))) if kept else None
            if owner is not None:
                message = "Invalid or duplicated GTIN, UPC, EAN or ISBN."
                raise error("product_invalid_global_unique_id", message, resource_id=owner)
            row["global_unique_id"] = kept

    def _set_prices(self, row: Row, body: Body) -> None:
        if row["type"] in ("variable", "grouped"):
            row.update({name: NEW[name] for name in ("regular_price", "sale_price", *_SALE_DATES)})
            return
        for name in ("regular_price", "sale_price"):
            if name in body:
                row[name] = php.decimal(body[name])
        for name, zone in (("", self.store.zone), ("_gmt", dates.UTC)):
            for side in _SALE_DATES:
                given = body.get(side + name)
                if given is not None:
                    row[side] = dates.read(php.text(given), zone)
        if row["sale_price"] != "" and number(row["sale_price"]) >= number(row["regular_price"]):
            row["sale_price"] = ""

    def _set_meta(self, row: Row, body: Body) -> None:
        """Merges by id or key; null deletes."""
        kept = {(one["id"], one["key"]): one for one in row["meta_data"]}
        for given in _objects(body.get("meta_data")):
            meta_id, key = php.integer(given.get("id")), php.text(given.get("key"))
            at = next((place for place in kept if meta_id == place[0] or (not meta_id and key == place[1])), None)
            if given.get("value") is None:
                kept.pop(at, None)  # type: ignore[arg-type]
            elif at is not None:
                kept[at] = {**kept[at], "value": given["value"]}
            elif key:
                kept[self.store.next_meta, key] = {"id": self.store.next_meta, "key": key, "value": given["value"]}
                self.store.next_meta += 1
        row["meta_data"] = list(kept.values())

    def _set_stock(self, row: Row, body: Body) -> None:
        """A quantity without managed stock is lost; with it the status follows from the quantity."""
        if "manage_stock" in body:
            shop_manages = self.store.setting("products/woocommerce_manage_stock") == "yes"
            row["manage_stock"] = shop_manages and php.boolean(body["manage_stock"])
        if "backorders" in body:
            row["backorders"] = body["backorders"] if body["backorders"] in _BACKORDERS else "no"
        if "low_stock_amount" in body:
            amount = body["low_stock_amount"]
            row["low_stock_amount"] = None if amount in (None, "") else php.integer(amount)
        if not row["manage_stock"]:
            row["stock_quantity"] = row["low_stock_amount"] = None
            if row["type"] == "variation":
                row["backorders"] = "no"
            if row["type"] == "variation" and stock(self.store, row)[0] == "parent":
                return
            if "stock_status" in body:
                row["stock_status"] = body["stock_status"] if body["stock_status"] in _STOCK_STATUSES else "instock"
            return
        if "stock_quantity" in body:
            row["stock_quantity"] = php.integer(body["stock_quantity"])
        elif "inventory_delta" in body:
            row["stock_quantity"] = (row["stock_quantity"] or 0) + php.integer(body["inventory_delta"])
        row["stock_quantity"] = row["stock_quantity"] or 0
        row["stock_status"] = derived_status(row)

    def _set_product(self, row: Row, body: Body) -> None:
        if "short_description" in body:
            row["short_description"] = php.safe_html(body["short_description"])
        for name in _TEXTS_OF_PRODUCTS:
            if name in body:
                row[name] = php.text(body[name])
        for name in _FLAGS_OF_PRODUCTS:
            if name in body:
                row[name] = php.boolean(body[name])
        for name, taxonomy in (("categories", CATEGORY), ("tags", TAG), ("brands", BRAND)):
            if name in body and (name != "brands" or self.store.features.brands_on_products):
                row[name] = self._known_terms(taxonomy, body[name])
        row["categories"] = row["categories"] or self._uncategorized()
        for name in ("upsell_ids", "cross_sell_ids", "grouped_products"):
            if isinstance(body.get(name), list):
                row[name] = [php.integer(one) for one in body[name]]
        if "attributes" in body:
            row["attributes"] = declared_attributes(self.store, _objects(body["attributes"]))
        if "default_attributes" in body:
            row["default_attributes"] = [dict(one) for one in _objects(body["default_attributes"])]
        if "images" in body:
            row["images"] = self.images.chosen(_objects(body["images"]))

    def _set_variation(self, row: Row, body: Body, parent: Row) -> None:
        if "attributes" in body:
            row["attributes"] = chosen_options(self.store, parent, _objects(body["attributes"]))
        if "image" in body:
            given = body["image"]
            wanted = isinstance(given, Mapping) and (given.get("id") or given.get("src"))
            row["images"] = [self.images.one(given, "variation")] if wanted else []

    def _known_terms(self, taxonomy: str, given: Any) -> list[int]:
        """Ids that do not exist are left out silently."""
        wanted = [php.integer(one.get("id")) for one in _objects(given)]
        return list(dict.fromkeys(one for one in wanted if self.store.has_term(taxonomy, one)))

    def _uncategorized(self) -> list[int]:
        return [self.store.default_category] if self.store.default_category else []


def derived_status(row: Row) -> str:
    if row["stock_quantity"] > 0:
        return "instock"
    return "outofstock" if row["backorders"] == "no" else "onbackorder"


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []

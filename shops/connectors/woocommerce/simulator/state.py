"""The simulated shop as tests, the demo and benchmarks build it: plain methods that put things into it."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from shops.connectors.woocommerce.simulator import php
from shops.connectors.woocommerce.simulator.generated import Generated
from shops.connectors.woocommerce.simulator.product_rows import NEW
from shops.connectors.woocommerce.simulator.store import BRAND, CATEGORY, TAG, Store
from shops.simulation.pictures import CONTENT_TYPES, extension_of
from shops.simulation.tables import Row


class ShopState(Store):
    """The shop's data. A new one is what a new Polish shop has: settings, tax classes, rates of 23, 8, 5 and 0 %, the
    category Uncategorized.

    Nothing that is added here is checked, so that tests can plant what the API would refuse. `furnished=False` leaves
    even the factory rows out.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] | None = None,
        version: str = "10.5.0",
        recipe: Generated | None = None,
        furnished: bool = True,
    ) -> None:
        super().__init__(clock=clock, version=version, recipe=recipe)
        if furnished:
            from shops.connectors.woocommerce.simulator.factory import furnish

            furnish(self)

    @classmethod
    def generated(cls, products: int, variants_share: float = 0.3, images: int = 1, **options: Any) -> "ShopState":
        """A shop of `products` computed products; see `generated` for the formulas."""
        from shops.connectors.woocommerce.simulator.generated import furnish

        state = cls(recipe=Generated(products, variants_share, images), **options)
        furnish(state)
        return state

    @classmethod
    def from_recordings(cls, folder: Path | str, **options: Any) -> "ShopState":
        """A shop that holds the rows of recorded answers."""
        from shops.connectors.woocommerce.simulator.recordings import load

        return load(cls(**options), Path(folder))

    def set_setting(self, name: str, value: Any) -> None:
        """Changes a setting, `group/id`. Raises KeyError for one that the shop does not have."""
        self.settings[name] = {**self.settings[name], "value": value}
        self.changes += 1

    def add_category(self, name: str, parent: int = 0, **fields: Any) -> int:
        """Adds a category below `parent` (0: a root); returns its id."""
        return self.insert_term(CATEGORY, name, parent=parent, **fields)

    def add_tag(self, name: str) -> int:
        return self.insert_term(TAG, name)

    def add_brand(self, name: str, **fields: Any) -> int:
        return self.insert_term(BRAND, name, **fields)

    def add_attribute(self, name: str, terms: Iterable[str] = ()) -> int:
        """Adds a global attribute with its terms; returns its id."""
        row = {"name": name, "slug": f"pa_{php.slug(name)}", "type": "select", "order_by": "menu_order"}
        attribute_id = self.attributes.insert({**row, "has_archives": False})
        for term in terms:
            self.add_term(attribute_id, term)
        return attribute_id

    def add_term(self, attribute_id: int, name: str) -> int:
        """Adds a term of a global attribute; returns its id."""
        return self.insert_term(self.attributes.get(attribute_id)["slug"], name)

    def add_tax_class(self, name: str) -> str:
        """Returns the slug."""
        slug = php.slug(name)
        self.tax_classes[slug] = name
        self.changes += 1
        return slug

    def add_tax_rate(self, percent: str | float, tax_class: str = "standard", *, country: str = "PL") -> int:
        """Returns the rate's id."""
        row: Row = {"country": country, "state": "", "postcode": "", "city": "", "rate": f"{float(percent):.4f}"}
        row |= {"name": f"VAT {float(percent):g}%", "priority": 1, "compound": False, "shipping": True, "order": 0}
        return self.taxes.insert({**row, "class": tax_class, "postcodes": [], "cities": []})

    def add_product(
        self,
        sku: str,
        name: str,
        price: str = "1.00",
        stock: int | None = 0,
        *,
        variations: Iterable[Mapping[str, Any]] = (),
        attribute: int = 0,
        images: Iterable[bytes] = (),
        meta: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> int:
        """Adds a product; returns its id. `stock` None: not managed. `variations` are keyword sets of `add_variation`
        over the terms of one global `attribute`; `fields` are fields of `product_rows.NEW`, term lists as ids."""
        now = self.now()
        row = {**NEW, "name": php.escaped(name), "sku": sku, "regular_price": price, "created": now, "modified": now}
        row["slug"] = self.free_slug(php.slug(name) or "produkt")
        row |= {"categories": [self.default_category] if self.default_category else [], **_stock(stock)}
        row |= {"meta_data": [self._meta(key, value) for key, value in (meta or {}).items()], **fields}
        variations = list(variations)
        if variations:
            options = list(self.terms_of(self.attributes.get(attribute)["slug"]))
            shown = {"position": 0, "visible": True, "variation": True, "options": options}
            row |= {"type": "variable", "regular_price": "", **_stock(None)}
            row["attributes"] = [{"id": attribute, "name": "", **shown}, *row["attributes"]]
        product_id = self.insert_post(self.products, row)
        for variation in variations:
            self.add_variation(product_id, **{"price": price, **variation})
        for content in images:
            self.add_image(product_id, content)
        self.emit("product.created", product_id)
        return product_id

    def add_variation(
        self, product_id: int, sku: str, option: str = "", price: str = "1.00", stock: int | None = 0, **fields: Any
    ) -> int:
        """Adds a variation; `option` is the name of a term of the parent's first attribute ("": any)."""
        now, parent = self.now(), self.products.get(product_id)
        row = {**NEW, "type": "variation", "parent_id": product_id, "name": parent["name"], "sku": sku}
        row |= {"regular_price": price, "created": now, "modified": now, **_stock(stock)}
        row["slug"] = self.free_slug(f"{parent['slug']}-{php.slug(option or sku)}")
        attribute = parent["attributes"][0]["id"] if parent["attributes"] else 0
        if option:
            term = self.term_named(self.attributes.get(attribute)["slug"], option)
            row["attributes"] = [{"id": attribute, "name": "", "option": option if term is None else term}]
        return self.insert_post(self.products, {**row, **fields})

    def _meta(self, key: str, value: Any) -> Row:
        self.next_meta += 1
        return {"id": self.next_meta - 1, "key": key, "value": value}

    def add_media(self, content: bytes, filename: str = "obraz.png", *, title: str = "", alt: str = "") -> int:
        """Puts a picture into the library; returns its id. A file name that is taken gets -1, -2 before its end."""
        stem, _, extension = php.file_name(filename).rpartition(".")
        month = self.month()
        path, number = f"{month}/{stem}.{extension}", 1
        while path in self.files:
            path, number = f"{month}/{stem}-{number}.{extension}", number + 1
        self.files[path] = content
        now = self.now()
        row = {"file": path, "title": title or path.rpartition("/")[2], "alt": alt, "parent": 0, "size": len(content)}
        row |= {"mime": CONTENT_TYPES.get(extension_of(content) or "", "image/jpeg"), "created": now, "modified": now}
        return self.insert_post(self.media, row)

    def month(self) -> str:
        """The folder of this month's uploads."""
        from shops.connectors.woocommerce.simulator.dates import shown

        return (shown(self.now(), self.zone) or "")[:7].replace("-", "/")

    def content(self, path: str) -> bytes | None:
        """The uploaded file at a path below `/wp-content/uploads/`."""
        found = self.files.get(path)
        if found is None and self.recipe and (name := path.rpartition("/")[2].partition(".")[0]).isdigit():
            known = int(name) in self.media and self.media.get(int(name))["file"] == path
            found = self.recipe.content(int(name)) if known else None
        return found

    def remove_media(self, media_id: int) -> None:
        """Deletes a picture for good; products lose it."""
        for product_id in list(self.products.index("images").of(media_id)):
            with self.products.editing(product_id) as row:
                row["images"] = [one for one in row["images"] if one != media_id]
        self.files.pop(self.media.get(media_id)["file"], None)
        self.media.remove(media_id)

    def add_image(self, product_id: int, content: bytes, filename: str = "obraz.png", alt: str = "") -> int:
        """Adds a picture as the product's (or variation's) last; returns its media id."""
        media_id = self.add_media(content, filename, alt=alt)
        with self.products.editing(product_id) as row:
            row["images"] = [*row["images"], media_id]
        return media_id

    def change(self, product_id: int, **fields: Any) -> None:
        """Changes fields of a product or variation as an administrator does; the date of change follows."""
        with self.products.editing(product_id) as row:
            row.update(fields)
        self.touch(product_id)

    def add_order(self, lines: Mapping[int, int], *, status: str = "processing") -> int:
        """Adds an order (product or variation id -> pieces) that nothing is sent for; returns its id."""
        return self.place_order(lines, status=status, delivery="")

    def place_order(self, lines: Mapping[int, int], **terms: Any) -> int:
        """Sells: adds an order as the checkout makes it (`checkout.place_order`); returns its id."""
        from shops.connectors.woocommerce.simulator.checkout import place_order

        return place_order(self, lines, **terms)

    def pay_order(self, order_id: int, transaction: str = "") -> None:
        """The buyer's payment arrives."""
        from shops.connectors.woocommerce.simulator.order_flow import payment_complete

        payment_complete(self, order_id, transaction)

    def set_order_status(self, order_id: int, status: str) -> None:
        """Puts an order into another state; `cancelled` gives its stock back, `trash` deletes it."""
        from shops.connectors.woocommerce.simulator.order_flow import enter

        enter(self, order_id, status)

    def cancel_order(self, order_id: int) -> None:
        self.set_order_status(order_id, "cancelled")

    def edit_order(self, order_id: int, pieces: Mapping[int, int] | None = None, **fields: Any) -> None:
        """Changes quantities (line id -> pieces), with new totals, and fields of an order, as a person does."""
        from shops.connectors.woocommerce.simulator.checkout import edit

        with self.orders.editing(order_id) as row:
            row.update(fields)
        edit(self, order_id, pieces or {})


def _stock(quantity: int | None) -> Row:
    if quantity is None:
        return {"manage_stock": False, "stock_quantity": None}
    status = "instock" if quantity > 0 else "outofstock"
    return {"manage_stock": True, "stock_quantity": quantity, "stock_status": status}

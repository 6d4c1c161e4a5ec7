"""The simulated shop as tests, the demo and benchmarks build it: plain methods that put things into it."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from shops.connectors.prestashop.simulator import images, order_states, selling
from shops.connectors.prestashop.simulator.factory import POLAND, furnish, furnish_generated
from shops.connectors.prestashop.simulator.generated import Generated, slug
from shops.connectors.prestashop.simulator.store import Store

Texts = str | Mapping[int, str]
"""A text for all languages, or texts by language."""


class ShopState(Store):
    """The shop's data. A new one is what a new shop has: English (1, the default) and Polish (2), zlotys, Poland and
    Germany, tax groups 1-4 of 23, 8, 5 and 0 percent, the root (1) and home (2) category, order statuses.

    Nothing that is added here is checked, so that tests can plant what the Webservice would refuse.
    """

    def __init__(
        self, *, clock: Callable[[], float] | None = None, recipe: Generated | None = None, furnished: bool = True
    ) -> None:
        super().__init__(clock=clock, recipe=recipe)
        if furnished:
            furnish(self)

    @classmethod
    def generated(cls, products: int, variants_share: float = 0.3, images: int = 1, **options: Any) -> "ShopState":
        """A shop of `products` computed products; see `generated` for the formulas."""
        state = cls(recipe=Generated(products, variants_share, images), **options)
        furnish_generated(state)
        return state

    def in_all(self, text: Texts) -> dict[str, str]:
        """A text as rows keep it: by language."""
        if isinstance(text, str):
            return {str(language): text for language in self.languages()}
        return {str(language): value for language, value in text.items()}

    def add_language(self, name: str, iso: str, locale: str) -> int:
        """Texts that are there already stay empty in it."""
        formats = {"date_format_lite": "Y-m-d", "date_format_full": "Y-m-d H:i:s", "active": "1"}
        row = {"name": name, "iso_code": iso, "locale": locale, "language_code": locale.lower()}
        return self.insert("languages", row | formats)

    def set_setting(self, name: str, value: str) -> None:
        """Changes a value of the configuration, or adds it."""
        for row_id, row in self.tables["configurations"].rows.items():
            if row["name"] == name:
                with self.tables["configurations"].editing(row_id) as kept:
                    kept["value"] = value
                return
        self.insert("configurations", {"name": name, "value": value})

    def add_tax_group(
        self, name: str, percent: str, *, country: int = POLAND, others: Mapping[int, str] | None = None
    ) -> int:
        """A tax rule group with a rate in percent for `country` and for each of `others`; returns the group's id."""
        now = self.now_text()
        group = self.insert("tax_rule_groups", {"name": name, "active": "1", "date_add": now, "date_upd": now})
        for where, rate in {**(others or {}), country: percent}.items():
            tax = self.insert("taxes", {"rate": f"{float(rate):.3f}", "active": "1", "name": self.in_all(f"{rate}%")})
            rule = {"id_tax_rules_group": group, "id_country": where, "id_tax": tax}
            self.insert("tax_rules", rule | {"zipcode_from": "0", "zipcode_to": "0"})
        return group

    def add_manufacturer(self, name: str) -> int:
        now = self.now_text()
        return self.insert("manufacturers", {"name": name, "active": "1", "date_add": now, "date_upd": now})

    def add_category(self, name: Texts, parent: int = 2, *, active: bool = True, root: bool = False) -> int:
        """Adds a category below `parent` (2: the home category); returns its id."""
        texts, now = self.in_all(name), self.now_text()
        above = self.categories.get(parent)["level_depth"] if parent in self.categories else -1
        row = {"id_parent": parent, "level_depth": above + 1, "active": str(int(active)), "id_shop_default": 1}
        row |= {"is_root_category": str(int(root)), "position": self.categories.index("id_parent").count(parent)}
        row |= {"name": texts, "link_rewrite": {key: slug(text) for key, text in texts.items()}}
        return self.insert("categories", row | {"date_add": now, "date_upd": now})

    def add_option(self, name: Texts, values: Iterable[Texts]) -> dict[str, int]:
        """Adds an option (an attribute group) with its values; returns the values' ids by their first text."""
        texts = self.in_all(name)
        option = self.insert("product_options", {"name": texts, "public_name": texts, "group_type": "select"})
        found = {}
        for place, value in enumerate(values):
            shown = self.in_all(value)
            row = {"id_attribute_group": option, "position": place, "name": shown}
            found[next(iter(shown.values()))] = self.insert("product_option_values", row)
        return found

    def add_product(
        self,
        reference: str,
        name: Texts,
        price: Any = "1.000000",
        stock: int = 0,
        *,
        category: int = 2,
        categories: Iterable[int] = (),
        combinations: Iterable[Mapping[str, Any]] = (),
        pictures: Iterable[bytes] = (),
        **fields: Any,
    ) -> int:
        """Adds a product as the back office does; returns its id. `price` is net; `combinations` are keyword sets of
        `add_combination`; `fields` are further fields as rows keep them (`id_manufacturer`, `ean13`, `active`)."""
        texts, now = self.in_all(name), self.now_text()
        combinations = list(combinations)
        row: dict[str, Any] = {
            "reference": reference, "price": f"{float(price):.6f}", "id_category_default": category,
            "categories": list(dict.fromkeys([category, *categories])), "id_tax_rules_group": 1, "id_shop_default": 1,
            "state": 1, "active": "1", "available_for_order": "1", "show_price": "1", "minimal_quantity": 1,
            "indexed": "1", "condition": "new", "visibility": "both", "additional_delivery_times": 1,
            "pack_stock_type": 3, "redirect_type": "default", "date_add": now, "date_upd": now, "name": texts,
            "product_type": "combinations" if combinations else "standard",
            "link_rewrite": {key: slug(text) for key, text in texts.items()},
        }  # fmt: skip
        for field in ("description", "description_short"):
            if field in fields:
                fields[field] = self.in_all(fields[field])
        product_id = self.insert("products", row | fields)
        self.ensure_stock(product_id, quantity=stock)
        for combination in combinations:
            self.add_combination(product_id, **combination)
        for content in pictures:
            self.add_image(product_id, content)
        return product_id

    def add_combination(
        self, product_id: int, reference: str, values: Iterable[int], *, impact: Any = 0, stock: int = 0, **fields: Any
    ) -> int:
        """Adds a variant of these option values; `impact` is net, on the product's price. Returns its id."""
        first = not self.owned("combinations", product_id)
        row = {"id_product": product_id, "reference": reference, "price": f"{float(impact):.6f}"}
        row |= {"default_on": "1" if first else "", "minimal_quantity": 1, "product_option_values": list(values)}
        combination = self.insert("combinations", row | fields)
        if first:
            with self.products.editing(product_id) as product:
                product["cache_default_attribute"] = combination
        self.set_quantity(product_id, combination, stock)
        return combination

    def add_image(self, product_id: int, content: bytes) -> int:
        """Adds a picture as the product's last one; returns its id."""
        return images.add(self, product_id, content)

    def add_order(self, rows: Iterable[Mapping[str, Any]] = (), **fields: Any) -> int:
        """Adds an order; `rows` are members of `order_rows`, `fields` are kept as they are given. Returns its id."""
        now = self.now_text()
        row = {"id_currency": 1, "id_lang": 1, "current_state": 1, "conversion_rate": "1.000000", "id_shop": 1}
        kept = {"order_rows": [dict(member) for member in rows], "date_add": now, "date_upd": now}
        return self.insert("orders", row | kept | fields)

    def add_carrier(self, name: str, price: str, tax_group: int = 1, **fields: Any) -> int:
        """Adds a carrier of a fixed net price; returns its id, which is also what its later versions refer to."""
        row = {"name": name, "price": price, "id_tax_rules_group": tax_group, "active": "1", "grade": 0}
        row |= {"delay": self.in_all("1-2 dni"), "id_reference": self.tables["carriers"].next_id}
        return self.insert("carriers", row | fields)

    def edit_carrier(self, carrier: int, **fields: Any) -> int:
        """Saves a carrier in the panel: the old row stays, marked deleted; returns the new one's id."""
        with self.tables["carriers"].editing(carrier) as old:
            old["deleted"] = "1"
        row = {name: value for name, value in old.items() if name != "id"}
        return self.insert("carriers", row | {"deleted": "0"} | fields)

    def place_order(self, basket: selling.Basket) -> int:
        """Somebody orders: stock goes, the order is in the state that its payment begins with. Returns its id."""
        return selling.place(self, basket)

    def pay_order(self, order: int, transaction: str = "") -> None:
        """A payment module reports that the order was paid."""
        row = self.tables["orders"].get(order)
        order_states.pay(self, order, Decimal(row["total_paid_tax_incl"]), transaction)
        order_states.enter(self, order, int(self.setting("PS_OS_PAYMENT")))

    def cancel_order(self, order: int) -> None:
        """An employee cancels it; its stock comes back."""
        order_states.enter(self, order, int(self.setting("PS_OS_CANCELED")))

    def edit_order(self, order: int, quantity: int, place: int = 0) -> None:
        """An employee changes the pieces of one line."""
        selling.change_quantity(self, order, place, quantity)

    def remove_order(self, order: int) -> None:
        """Raises `KeyError`."""
        self.remove("orders", order)

    def remove_product(self, product_id: int) -> None:
        """Raises `KeyError`."""
        self.remove("products", product_id)

    def touch(self, product_id: int) -> None:
        """Moves the product's `date_upd` to now, as saving it in the back office does."""
        with self.products.editing(product_id) as row:
            row["date_upd"] = self.now_text()

"""The simulated shop as tests, the demo and benchmarks build it: plain methods that put things into it."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from shops.connectors.shoper.simulator import rows, selling
from shops.connectors.shoper.simulator.generated import Generated
from shops.connectors.shoper.simulator.pricing import recompute
from shops.connectors.shoper.simulator.store import Store
from shops.simulation.pictures import extension_of

LOCALE = "pl_PL"


class ShopState(Store):
    """The shop's data. A new one is what a new shop has: units, tax rates, statuses, payments, languages, currencies.

    `clock` gives seconds since the epoch and stamps dates. `furnished=False` leaves even the factory rows out.
    Nothing that is added here is checked, so that tests can plant what the API would refuse.
    """

    def __init__(
        self, *, clock: Callable[[], float] | None = None, recipe: Generated | None = None, furnished: bool = True
    ) -> None:
        super().__init__(clock=clock, recipe=recipe)
        if furnished:
            from shops.connectors.shoper.simulator.factory import furnish

            furnish(self)

    @classmethod
    def generated(cls, products: int, variants_share: float = 0.3, images: int = 2, **options: Any) -> "ShopState":
        """A shop of `products` computed products; see `generated.Generated` for the formulas."""
        from shops.connectors.shoper.simulator.factory import furnish_generated

        state = cls(recipe=Generated(products, variants_share, images), **options)
        furnish_generated(state)
        return state

    @classmethod
    def from_recordings(cls, folder: Path | str, **options: Any) -> "ShopState":
        """A shop that holds the rows of recorded answers, one file per request as `recordings` explains."""
        from shops.connectors.shoper.simulator.recordings import load

        return load(cls(furnished=False, **options), Path(folder))

    def add_unit(self, name: str, fractional: bool = False) -> int:
        row_id = self.tables["units"].next_id
        texts = {"translation_id": str(row_id), "unit_id": str(row_id), "name": name, "lang_id": "1"}
        return self.tables["units"].insert({"floating_point": str(int(fractional)), "translations": {LOCALE: texts}})

    def add_tax(self, name: str, percent: str | int) -> int:
        return self.tables["taxes"].insert({"value": str(percent), "name": name, "class": name})

    def add_producer(self, name: str, web: str = "") -> int:
        row_id = self.tables["producers"].next_id
        texts = {"translation_id": str(row_id), "producer_id": str(row_id), **rows.PRODUCER_TEXTS}
        texts["permalink"] = f"{self.address}/{LOCALE}/producer/{rows.slug(name)}/{row_id}"
        return self.tables["producers"].insert(
            {**rows.PRODUCER, "name": name, "web": web, "translations": {LOCALE: texts}}
        )

    def add_category(self, name: str, parent: int = 0, *, active: bool = True, order: int | None = None) -> int:
        """Adds a category below `parent` (0: a root); returns its id."""
        category_id = max([self.categories.next_id - 1, *self.nodes]) + 1
        place = order if order is not None else 1 + sum(1 for above, _ in self.nodes.values() if above == parent)
        texts = {"trans_id": str(category_id), "category_id": str(category_id), **rows.CATEGORY_TEXTS}
        texts |= {"name": name, "active": str(int(active))}
        texts["permalink"] = f"{self.address}/pl/c/{rows.slug(name)}/{category_id}"
        row = {**rows.CATEGORY, "order": str(place), "root": str(int(parent == 0)), "translations": {LOCALE: texts}}
        self.nodes[category_id] = (parent, place)
        return self.categories.insert(row, category_id)

    def add_option(self, group: str, option: str, values: Iterable[str]) -> tuple[int, int, dict[str, int]]:
        """Adds an option group (or takes the one of that name) with one stock option; returns the ids of the group,
        the option and its values by text."""
        group_id = self._option_group(group)
        option_id = self.tables["options"].next_id
        texts = {"translation_id": str(option_id), "option_id": str(option_id), "lang_id": "1", "name": option}
        fixed = {"order": "1", "type": "select", "required": "1", "filters": "1", "stock": "1"}
        self.tables["options"].insert({"group_id": str(group_id), **fixed, "translations": {LOCALE: texts}})
        found = {}
        for place, value in enumerate(values, start=1):
            value_id = self.tables["option-values"].next_id
            texts = {"translation_id": str(value_id), "ovalue_id": str(value_id), "lang_id": "1", "value": value}
            plain = {"order": str(place), "change_price_type": 0, "change_price_value": 0, "percent": "0", "color": ""}
            row = {"option_id": str(option_id), **plain, "translations": {LOCALE: texts}}
            found[value] = self.tables["option-values"].insert(row)
        return group_id, option_id, found

    def _option_group(self, name: str) -> int:
        groups = self.tables["option-groups"]
        for group_id, row in groups.rows.items():
            if row["translations"][LOCALE]["name"] == name:
                return group_id
        group_id = groups.next_id
        texts = {"translation_id": str(group_id), "group_id": str(group_id), "lang_id": "1", "name": name}
        return groups.insert({"filters": "0", "translations": {LOCALE: texts}})

    def add_product(
        self,
        code: str,
        name: str,
        price: Any = "1.00",
        stock: Any = 0,
        *,
        ean: str = "",
        category: int = 0,
        categories: Iterable[int] = (),
        producer: int | None = None,
        tax: int = 1,
        unit: int = 1,
        group: int | None = None,
        weight: Any = 0,
        active: bool = True,
        short_description: str = "",
        description: str = "",
        variants: Iterable[Mapping[str, Any]] = (),
        images: Iterable[bytes] = (),
    ) -> int:
        """Adds a product; returns its id. `variants` are keyword sets of `add_variant`."""
        product_id = self.products.next_id
        now = self.now_text()
        texts = {"translation_id": str(product_id), "product_id": str(product_id), **rows.PRODUCT_TEXTS}
        texts |= {"name": name, "active": str(int(active))}
        texts |= {"short_description": short_description, "description": description}
        texts["permalink"] = f"{self.address}/pl/p/{rows.slug(name)}/{product_id}"
        row = {**rows.PRODUCT, "tax_id": str(tax), "unit_id": str(unit), "add_date": now, "edit_date": now}
        row |= {"producer_id": str(producer) if producer else None, "group_id": str(group) if group else None}
        row |= {"category_id": str(category), "categories": list(dict.fromkeys([category, *categories]))}
        row["translations"] = {LOCALE: texts}
        base = {**rows.STOCK, "code": code, "ean": ean, "price": rows.money(price), "stock": rows.quantity(stock)}
        base |= {"weight": rows.quantity(weight), "default": "1"}
        recompute(base, base)
        self.insert_product(row, base)
        for variant in variants:
            self.add_variant(product_id, **variant)
        for content in images:
            self.add_image(product_id, content)
        return product_id

    def add_variant(
        self,
        product_id: int,
        code: str,
        options: Mapping[int, int],
        *,
        price: Any = None,
        stock: Any = 0,
        ean: str = "",
        active: bool = True,
    ) -> int:
        """Adds a variant (`options`: option id -> value id; without a price it takes the product's); returns its id."""
        row = {**rows.STOCK, "extended": "1", "code": code, "ean": ean, "stock": rows.quantity(stock)}
        row |= {"price_type": "0" if price is None else "1", "price": rows.money(price or 0), "weight_type": "0"}
        row |= {"active": str(int(active)), "options": {str(o): str(v) for o, v in options.items()}}
        recompute(row, self.stocks.get(self.stock_ids(product_id)[0]))
        return self.insert_variant(product_id, row)

    def add_image(self, product_id: int, content: bytes, name: str = "") -> int:
        """Adds a picture as the product's last; returns its `gfx_id`."""
        gfx_id = self.images.next_id
        place = len(self.image_ids(product_id)) + 1
        extension = extension_of(content) or "jpg"
        name = name or f"{gfx_id}.{extension}"
        texts = {"translation_id": str(gfx_id), "gfx_id": str(gfx_id), "name": name, "description": "", "lang_id": "1"}
        row = {**rows.IMAGE, "name": name, "unic_name": str(gfx_id), "order": str(place), "main": int(place == 1)}
        return self.insert_image(product_id, {**row, "translations": {LOCALE: texts}, "extension": extension}, content)

    def place_order(self, lines: Iterable[Mapping[str, Any]], **options: Any) -> int:
        """Somebody buys: see `selling.place`. Gives the order's id."""
        return selling.place(self, lines, **options)

    def pay_order(self, order_id: int, amount: Any = None) -> None:
        selling.pay(self, order_id, amount)

    def cancel_order(self, order_id: int) -> None:
        selling.set_status(self, order_id, selling.CANCELLED)

    def move_order(self, order_id: int, status_id: int) -> None:
        """Another state, as an administrator gives it."""
        selling.set_status(self, order_id, status_id)

    def edit_order(self, order_id: int, amounts: Mapping[int, Any] | None = None, **fields: Any) -> None:
        selling.edit(self, order_id, amounts, **fields)

    def remove_order(self, order_id: int) -> None:
        selling.remove(self, order_id)

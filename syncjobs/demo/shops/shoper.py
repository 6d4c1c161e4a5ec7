"""The demo's shop on Shoper, and an empty one."""

from dataclasses import replace
from typing import Any

from shops.connectors.shoper.simulator.state import ShopState
from syncjobs.demo.checker.sample import Offered
from syncjobs.demo.differences import UNMAPPED_TAX
from syncjobs.demo.shops.shelf import LEFTOVERS, OPTION_NAMES, Shelf, common_name, options_of
from syncjobs.demo.storefronts import Path

_FACTORY_UNITS = {"kg": 2}
"""Units that a new shop has under the very name."""


def shop_with(shelf: Shelf) -> ShopState:
    return _Building(shelf).state


def empty_shop() -> ShopState:
    """A shop as it was opened, with three products to find one's way by."""
    state = ShopState()
    category = state.add_category("Pierwsza kategoria")
    for number in (1, 2, 3):
        state.add_product(f"PRZYKLAD-{number}", f"Produkt przykładowy {number}", "9.99", 1, category=category)
    return state


class _Building:
    def __init__(self, shelf: Shelf) -> None:
        self.state = ShopState()
        self._units = self._add_units(shelf)
        self._taxes = self._name_taxes()
        self._producers = {name: self.state.add_producer(written) for name, written in shelf.producers.items()}
        with self.state.tables["producers"].editing(self._producers[shelf.broken]) as row:
            row["name"] = None
        self._categories: dict[Path, int] = {(): 0}
        for path in shelf.categories:
            self._categories[path] = self.state.add_category(shelf.category_name(path), self._categories[path[:-1]])
        for article in shelf.simple:
            self._add_pictures(self.state.add_product(**self._product(article)), article)
        for code, members in shelf.groups.items():
            self._add_group(code, members)
        for code in shelf.leftovers:
            category = self._categories[LEFTOVERS]
            self.state.add_product(code, f"Resztka magazynowa {code}", "5.00", 2, category=category)

    def _add_units(self, shelf: Shelf) -> dict[str, int]:
        self.state.tables["units"].remove(1)  # "szt." comes back in another spelling
        new = {name: written for name, written in shelf.units.items() if name not in _FACTORY_UNITS}
        return _FACTORY_UNITS | {name: self.state.add_unit(text, name == "mb") for name, text in new.items()}

    def _name_taxes(self) -> dict[str, int]:
        """A new shop has all rates but under its own names; the one that stays unmapped is taken away."""
        taxes = self.state.tables["taxes"]
        named = {row["name"].rstrip("%."): key for key, row in taxes.rows.items()}
        taxes.remove(named.pop(UNMAPPED_TAX))
        return named

    def _product(self, article: Offered) -> dict[str, Any]:
        return {
            "code": article.index,
            "name": article.name,
            "price": article.price,
            "stock": article.quantity,
            "ean": article.ean,
            "weight": article.weight,
            "description": article.description,
            "unit": self._units.get(article.unit, self._units["szt."]),
            "tax": self._taxes[article.tax],
            "producer": self._producers.get(article.producer),
            "category": self._categories[article.category],
        }

    def _add_group(self, code: str, members: list[Offered]) -> None:
        options = [
            (place, self.state.add_option(code, OPTION_NAMES[place], values))
            for place, values in options_of(members).items()
        ]
        first = members[0]
        shown = self._product(replace(first, index=code, ean="", name=common_name(members)))
        product_id = self.state.add_product(**(shown | {"stock": 0}), group=options[0][1][0])
        for article in members:
            chosen = {option: values[article.options[place]] for place, (_, option, values) in options}
            stock_id = self.state.add_variant(
                product_id, article.index, chosen, price=article.price, stock=article.quantity, ean=article.ean
            )
            if article.weight != first.weight:
                with self.state.changing_stock(stock_id) as row:
                    row["weight"], row["weight_type"] = str(article.weight), "1"
        self._add_pictures(product_id, first)

    def _add_pictures(self, product_id: int, article: Offered) -> None:
        for name, content in article.pictures:
            self.state.add_image(product_id, content, name)

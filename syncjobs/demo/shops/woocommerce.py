"""The demo's shop on WooCommerce. Many products carry what is the shop's own business, which must survive: tags, a
running sale, a second category, an attribute of their own, another plugin's notes."""

from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from shops.connectors.woocommerce.simulator.state import ShopState
from syncjobs.demo.checker.sample import Offered
from syncjobs.demo.shops.shelf import LEFTOVERS, OPTION_NAMES, Shelf, common_name, options_of
from syncjobs.demo.storefronts import Path

_TAX_CLASSES = {"23": "", "8": "reduced-rate", "5": "vat-5", "0": "zero-rate"}
"""Classes that a Polish shop has; the standard one is written as nothing."""
_UNIT_ATTRIBUTE = "Jednostka"
_OWN_EVERY = 4
"""So often a product carries things that are the shop's own."""


def shop_with(shelf: Shelf) -> ShopState:
    return _Building(shelf).state


class _Building:
    def __init__(self, shelf: Shelf) -> None:
        state = self.state = ShopState()
        self._unit_attribute = state.add_attribute(_UNIT_ATTRIBUTE)
        self._units = {name: state.add_term(self._unit_attribute, text) for name, text in shelf.units.items()}
        self._options = [state.add_attribute(name) for name in OPTION_NAMES]
        self._values: list[dict[str, int]] = [{} for _ in OPTION_NAMES]
        self._brands = {name: state.add_brand(written) for name, written in shelf.producers.items()}
        with state.terms.editing(self._brands[shelf.broken]) as row:
            row["name"] = ""
        self._categories: dict[Path, int] = {(): 0}
        for path in shelf.categories:
            self._categories[path] = state.add_category(shelf.category_name(path), self._categories[path[:-1]])
        self._news, self._tag = state.add_category("Nowości"), state.add_tag("polecane")
        for place, article in enumerate(shelf.simple):
            self._add_simple(article, self._own(article) if place % _OWN_EVERY == 0 else {})
        for code, members in shelf.groups.items():
            self._add_group(code, members)
        for code in shelf.leftovers:
            state.add_product(code, f"Resztka {code}", "5.00", 2, categories=[self._categories[LEFTOVERS]])

    def _shared(self, article: Offered) -> dict[str, Any]:
        """What a product with variants has as well as a simple one."""
        unit = self._units.get(article.unit, self._units["szt."])
        brand = self._brands.get(article.producer)
        return {
            "description": article.description,
            "tax_class": _TAX_CLASSES[article.tax],
            "brands": [brand] if brand else [],
            "categories": [self._categories[article.category]],
            "attributes": [_attribute(self._unit_attribute, [unit])],
        }

    def _add_simple(self, article: Offered, own: dict[str, Any]) -> None:
        shared, meta = self._shared(article), own.pop("meta", {})
        for name in ("categories", "attributes"):
            shared[name] = [*own.pop(name, []), *shared[name]]
        product_id = self.state.add_product(
            article.index,
            article.name,
            _money(article.price),
            _pieces(article),
            meta=meta,
            **_figures(article),
            **shared,
            **own,
        )
        self._add_pictures(product_id, article)

    def _own(self, article: Offered) -> dict[str, Any]:
        assert article.price is not None
        texture = {
            "id": 0,
            "name": "Faktura",
            "position": 1,
            "visible": True,
            "variation": False,
            "options": ["gładka"],
        }
        return {
            "categories": [self._news],
            "tags": [self._tag],
            "attributes": [texture],
            "sale_price": _money(article.price * Decimal("0.5")),
            "menu_order": 7,
            "meta": {"_yoast_wpseo_title": f"{article.index} tanio", "_shelf": {"row": 3}},
        }

    def _add_group(self, code: str, members: list[Offered]) -> None:
        used = options_of(members)
        first = members[0]
        shared = self._shared(first)
        choices = []
        for place, values in used.items():
            ids = [self._value(place, value) for value in values]
            choices.append(_attribute(self._options[place], ids, variation=True))
        shared["attributes"] = [*choices, *shared["attributes"]]
        product_id = self.state.add_product(
            code, common_name(members), "", None, type="variable", tags=[self._tag], **shared
        )
        for article in members:
            chosen = [
                {"id": self._options[place], "name": "", "option": self._value(place, article.options[place])}
                for place in used
            ]
            price, pieces = _money(article.price), _pieces(article)
            own = _figures(article) | {"tax_class": "parent", "attributes": chosen}
            self.state.add_variation(product_id, article.index, "", price, pieces, **own)
        self._add_pictures(product_id, replace(first, index=code))

    def _value(self, place: int, value: str) -> int:
        """The term of an option's value: all products share one attribute."""
        known = self._values[place]
        if value not in known:
            known[value] = self.state.add_term(self._options[place], value)
        return known[value]

    def _add_pictures(self, product_id: int, article: Offered) -> None:
        for name, content in article.pictures:
            self.state.add_image(product_id, content, name, name)


def _attribute(attribute: int, terms: list[int], *, variation: bool = False) -> dict[str, Any]:
    return {
        "id": attribute,
        "name": "",
        "position": 0,
        "visible": True,
        "variation": variation,
        "options": terms,
    }


def _figures(article: Offered) -> dict[str, Any]:
    weight = f"{article.weight.normalize():f}" if article.weight else ""
    return {"global_unique_id": article.ean, "weight": weight}


def _money(price: Decimal | None) -> str:
    assert price is not None
    return f"{price.quantize(Decimal('0.01')):f}"


def _pieces(article: Offered) -> int:
    return int(article.quantity.to_integral_value(ROUND_FLOOR))

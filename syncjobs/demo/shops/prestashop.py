"""The demo's shop on PrestaShop: Polish is its own language, English beside it holds texts of the shop's own, which
must survive, as must second categories, promotions and titles for search engines."""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from shops.connectors.prestashop.simulator.state import ShopState
from syncjobs.demo.checker.sample import Offered
from syncjobs.demo.shops.shelf import LEFTOVERS, OPTION_NAMES, Shelf, common_name, options_of
from syncjobs.demo.storefronts import Path

_ENGLISH, _POLISH = 1, 2
_HOME = 2
_TAX_GROUPS = {"23": 1, "8": 2, "5": 3, "zw": 4}
_PERCENT = {"23": 23, "8": 8, "5": 5, "zw": 0}
_OWN_EVERY = 4
"""So often a product carries things that are the shop's own."""


def shop_with(shelf: Shelf) -> ShopState:
    return _Building(shelf).state


class _Building:
    def __init__(self, shelf: Shelf) -> None:
        state = self.state = ShopState()
        state.set_setting("PS_LANG_DEFAULT", str(_POLISH))
        self._makers = {name: state.add_manufacturer(written) for name, written in shelf.producers.items()}
        with state.tables["manufacturers"].editing(self._makers[shelf.broken]) as row:
            row["name"] = ""
        self._categories: dict[Path, int] = {(): _HOME}
        for path in shelf.categories:
            texts = _texts(shelf.category_name(path), f"Category {len(self._categories)}")
            self._categories[path] = state.add_category(texts, self._categories[path[:-1]])
        self._news = state.add_category(_texts("Nowości", "News"))
        self._values: list[dict[str, int]] = [{} for _ in OPTION_NAMES]
        self._add_options(list(shelf.groups.values()))
        for place, article in enumerate(shelf.simple):
            self._add_simple(article, own=place % _OWN_EVERY == 0)
        for code, members in shelf.groups.items():
            self._add_group(code, members)
        for code in shelf.leftovers:
            state.add_product(code, f"Resztka {code}", "4.065041", 2, category=self._categories[LEFTOVERS])

    def _add_options(self, groups: list[list[Offered]]) -> None:
        members = [article for group in groups for article in group]
        for place, values in options_of(members).items():
            named = self.state.add_option(
                _texts(OPTION_NAMES[place], f"Option {place + 1}"),
                [_texts(value, f"Value {number}") for number, value in enumerate(values)],
            )
            self._values[place] = dict(zip(values, named.values(), strict=True))

    def _shared(self, article: Offered) -> dict[str, Any]:
        return {
            "description": _texts(article.description, f"About {article.index}."),
            "id_tax_rules_group": _TAX_GROUPS[article.tax],
            "id_manufacturer": self._makers.get(article.producer, 0),
            "category": self._categories[article.category],
            "weight": _six(article.weight),
        }

    def _add_simple(self, article: Offered, *, own: bool) -> None:
        product_id = self.state.add_product(
            article.index,
            _texts(article.name, f"Article {article.index}"),
            _net(article),
            _pieces(article),
            ean13=article.ean,
            categories=[self._news] if own else [],
            meta_title=_texts(f"{article.index} tanio", f"{article.index} cheap"),
            pictures=[content for _, content in article.pictures],
            **self._shared(article),
        )
        if own:
            self._add_promotion(product_id)

    def _add_promotion(self, product_id: int) -> None:
        anybody = dict.fromkeys(("id_cart", "id_currency", "id_country", "id_group", "id_customer"), 0)
        always = dict.fromkeys(("from", "to"), "0000-00-00 00:00:00")
        row = {"id_shop": 1, "id_product": product_id, "id_product_attribute": 0, "price": "-1.000000"}
        row |= {"from_quantity": 1, "reduction": "0.100000", "reduction_tax": "1", "reduction_type": "percentage"}
        self.state.insert("specific_prices", row | anybody | always)

    def _add_group(self, code: str, members: list[Offered]) -> None:
        first, used = members[0], options_of(members)
        product_id = self.state.add_product(
            code,
            _texts(common_name(members), f"Article {code}"),
            _net(first),
            pictures=[content for _, content in first.pictures],
            product_type="combinations",
            **self._shared(first),
        )
        for article in members:
            self.state.add_combination(
                product_id,
                article.index,
                [self._values[place][article.options[place]] for place in used],
                impact=Decimal(_net(article)) - Decimal(_net(first)),
                stock=_pieces(article),
                ean13=article.ean,
                weight=_six(article.weight - first.weight),
            )


def _texts(polish: str, english: str) -> dict[int, str]:
    return {_POLISH: polish, _ENGLISH: english}


def _net(article: Offered) -> str:
    """As the back office works it out of a gross price: with six decimals, so that the grosz comes out right."""
    assert article.price is not None
    return _six(article.price * 100 / (100 + _PERCENT[article.tax]))


def _six(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.000001'), ROUND_HALF_UP):f}"


def _pieces(article: Offered) -> int:
    return int(article.quantity.to_integral_value(ROUND_FLOOR))

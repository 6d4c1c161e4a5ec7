"""Builds the demo's shop: what it should show by the sample company's own figures, bent by the table of differences."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from integrator.canonical.kinds import Kind
from shops.connectors.shoper.simulator.state import ShopState
from syncjobs.demo.checker.sample import Offered
from syncjobs.demo.differences import BROKEN_PRODUCER, DIFFERENCES, UNMAPPED_TAX, Outcome, Planted, planted

_FACTORY_UNITS = {"kg": 2}
"""Units that a new shop has under the very name."""
_OPTION_NAMES = ("Kolor", "Rozmiar")
_ABSENT = (Planted.NOT_IN_SHOP, Planted.NO_PRICE)


def demo_shop(articles: Iterable[Offered]) -> ShopState:
    """The shop of the first client, with every difference of the table."""
    return _Building(list(articles)).state


def empty_shop() -> ShopState:
    """The shop of the second client: as it was opened, with three products to find one's way by."""
    state = ShopState()
    category = state.add_category("Pierwsza kategoria")
    for number in (1, 2, 3):
        state.add_product(f"PRZYKLAD-{number}", f"Produkt przykładowy {number}", "9.99", 1, category=category)
    return state


class _Building:
    def __init__(self, articles: list[Offered]) -> None:
        self.state = ShopState()
        self._absent = {row.element for row in DIFFERENCES if row.kind is Kind.PRODUCT and row.planted in _ABSENT}
        self._bent = _values_by_article()
        self._twice = planted(Kind.PRODUCT, Planted.TWICE_IN_SHOP)
        self._bare = planted(Kind.IMAGE, Planted.NO_PICTURES_IN_SHOP) | planted(Kind.IMAGE, Planted.NO_PICTURE_AT_ALL)
        self._categories: dict[tuple[str, ...], int] = {}
        self._units = self._add_units(articles)
        self._taxes = self._add_taxes(articles)
        self._producers = self._add_producers(articles)
        present = [article for article in articles if article.index not in self._absent]
        self._add_simple([article for article in present if not article.group])
        self._add_groups([article for article in present if article.group])
        self._add_leftovers()

    def _add_units(self, articles: list[Offered]) -> dict[str, int]:
        absent, spelled = planted(Kind.UNIT, Planted.NOT_IN_SHOP), planted(Kind.UNIT, Planted.SPELLED_OTHERWISE)
        units = dict(_FACTORY_UNITS)
        self.state.tables["units"].remove(1)  # "szt." comes back in another spelling
        for symbol in sorted({article.unit for article in articles} | set(spelled)):
            if symbol not in absent and symbol not in units:
                units[symbol] = self.state.add_unit(
                    spelled[symbol].shop if symbol in spelled else symbol, symbol == "mb"
                )
        return units

    def _add_taxes(self, articles: list[Offered]) -> dict[str, int]:
        """A new shop has all rates but under its own names; the one that stays unmapped is taken away."""
        taxes = self.state.tables["taxes"]
        named = {row["name"].rstrip("%."): key for key, row in taxes.rows.items()}
        taxes.remove(named.pop(UNMAPPED_TAX))
        return {article.tax: named[article.tax] for article in articles if article.tax in named}

    def _add_producers(self, articles: list[Offered]) -> dict[str, int]:
        absent = planted(Kind.PRODUCER, Planted.NOT_IN_SHOP)
        spelled = planted(Kind.PRODUCER, Planted.SPELLED_OTHERWISE)
        producers = {
            name: self.state.add_producer(spelled[name].shop if name in spelled else name)
            for name in sorted({article.producer for article in articles} - {""})
            if name not in absent
        }
        with self.state.tables["producers"].editing(producers[BROKEN_PRODUCER.element]) as row:
            row["name"] = None
        return producers

    def _category(self, path: tuple[str, ...]) -> int:
        if not path:
            return 0
        if path not in self._categories:
            self._categories[path] = self.state.add_category(path[-1], self._category(path[:-1]))
        return self._categories[path]

    def _add_simple(self, articles: list[Offered]) -> None:
        for article in articles:
            for _ in range(2 if article.index in self._twice else 1):
                self.state.add_product(**self._product(article))
                self._add_pictures(self.state.products.next_id - 1, article)

    def _product(self, article: Offered) -> dict[str, Any]:
        shown = {
            "code": article.index,
            "name": article.name,
            "price": article.price if article.price is not None else Decimal("19.99"),
            "stock": article.quantity,
            "ean": article.ean,
            "weight": article.weight,
            "description": article.description,
        }
        given = self._bent.get(article.index, {})
        names = {"quantity": "stock"}
        shown |= {names.get(field, field): value for field, value in given.items() if names.get(field, field) in shown}
        producer = given.get("producer", article.producer)
        return shown | {
            "unit": self._units[given.get("unit", article.unit)]
            if article.unit in self._units
            else self._units["szt."],
            "tax": self._taxes[given.get("tax_rate", article.tax)],
            "producer": self._producers.get(producer),
            "category": self._category(_shop_path(article)),
        }

    def _add_groups(self, articles: list[Offered]) -> None:
        groups: dict[str, list[Offered]] = {}
        for article in articles:
            groups.setdefault(article.group, []).append(article)
        for code, members in groups.items():
            first = members[0]
            option_ids, values = self._options(code, members)
            shown = self._product(replace(first, index=code, ean=""))
            shown |= {"code": code, "stock": 0, "name": _common_name(members)}
            product_id = self.state.add_product(**shown, group=option_ids[0])
            for article in members:
                self._add_variant(product_id, article, shown, option_ids[1], values)
            self._add_pictures(product_id, first)

    def _options(self, code: str, members: list[Offered]) -> tuple[tuple[int, list[int]], list[dict[str, int]]]:
        group_id, ids, values = 0, [], []
        for place, name in enumerate(_OPTION_NAMES):
            used = list(dict.fromkeys(article.options[place] for article in members if article.options[place]))
            if used:
                group_id, option_id, found = self.state.add_option(code, name, used)
                ids.append(option_id)
                values.append(found)
        return (group_id, ids), values

    def _add_variant(
        self, product_id: int, article: Offered, shared: dict[str, Any], ids: list[int], values: list[dict[str, int]]
    ) -> None:
        chosen = [value for value in article.options if value]
        options = {option: found[value] for option, found, value in zip(ids, values, chosen, strict=True)}
        own = self._product(article)
        stock_id = self.state.add_variant(
            product_id, article.index, options, price=own["price"], stock=own["stock"], ean=own["ean"]
        )
        if own["weight"] != shared["weight"]:
            with self.state.changing_stock(stock_id) as row:
                row["weight"], row["weight_type"] = str(own["weight"]), "1"

    def _add_pictures(self, product_id: int, article: Offered) -> None:
        if article.index not in self._bare:
            for name, content in article.pictures:
                self.state.add_image(product_id, content, name)

    def _add_leftovers(self) -> None:
        category = self._category(("Wyprzedaż",))
        for code in planted(Kind.PRODUCT, Planted.ONLY_IN_SHOP):
            self.state.add_product(code, f"Resztka magazynowa {code}", "5.00", 2, category=category)


def _values_by_article() -> dict[str, dict[str, str]]:
    """What the shop holds instead of the company's value, by article and field."""
    bent: dict[str, dict[str, str]] = {}
    for row in DIFFERENCES:
        if row.planted is Planted.SHOP_DIFFERS:
            bent.setdefault(row.element, {})[row.field] = row.shop
        elif row.kind is Kind.PRODUCT and row.outcome is Outcome.BLOCKED and row.field == "ean":
            bent.setdefault(row.element, {})["ean"] = ""
    return bent


def _shop_path(article: Offered) -> tuple[str, ...]:
    """Where the shop shows it. It has one tree, that of the main warehouse: what hangs elsewhere in the other
    warehouse's tree stands where somebody once put it."""
    renamed = planted(Kind.PRODUCT, Planted.CARD, "category")
    return ("Dom", "Porządki", "Akcesoria") if article.index in renamed else article.category


def _common_name(members: list[Offered]) -> str:
    """The words that all names begin with."""
    words = [article.name.split() for article in members]
    shared = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    return " ".join(shared)

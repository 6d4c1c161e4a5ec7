"""What stands in a shop of the demo, whatever its platform: articles as the shop shows them, and what they refer to."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from integrator.canonical.kinds import Kind
from syncjobs.demo.checker.sample import Offered
from syncjobs.demo.differences import BROKEN_PRODUCER, Difference, Outcome, Planted, differences, planted
from syncjobs.demo.storefronts import Path, Storefront

LEFTOVERS = ("Wyprzedaż",)
"""Category of what only the shop has."""
_ABSENT = (Planted.NOT_IN_SHOP, Planted.NO_PRICE)
_PRICE_OF_THE_UNPRICED = Decimal("19.99")


@dataclass(slots=True, kw_only=True)
class Shelf:
    """Everything in terms of the company; `units`, `producers` and `spelled` say how the shop writes them."""

    simple: list[Offered]
    """What the shop has twice stands here twice."""
    groups: dict[str, list[Offered]]
    """Articles that are variants of one product, by the product's code."""
    units: dict[str, str]
    producers: dict[str, str]
    """The one whose row cannot be read is among them, see `broken`."""
    broken: str
    categories: list[Path]
    """Parents before children."""
    spelled: dict[Path, str]
    """Categories that the shop writes in another way."""
    leftovers: list[str] = field(default_factory=list)
    """Codes of products that no card has."""

    def category_name(self, path: Path) -> str:
        return self.spelled.get(path, path[-1])


def shelf_of(storefront: Storefront, articles: list[Offered]) -> Shelf:
    on = storefront.platform
    absent = {row.element for row in differences(on) if row.kind is Kind.PRODUCT and row.planted in _ABSENT}
    twice = planted(on, Kind.PRODUCT, Planted.TWICE_IN_SHOP)
    bare = planted(on, Kind.IMAGE, Planted.NO_PICTURES_IN_SHOP) | planted(on, Kind.IMAGE, Planted.NO_PICTURE_AT_ALL)
    bent = _bent_values(differences(on))
    shown = [
        _shown(article, bent.get(article.index, {}), bare=article.index in bare)
        for article in articles
        if storefront.sells(article.category) and article.index not in absent
    ]
    groups: dict[str, list[Offered]] = {}
    for article in shown:
        if article.group:
            groups.setdefault(article.group, []).append(article)
    spelled = planted(on, Kind.CATEGORY, Planted.SPELLED_OTHERWISE)
    everywhere = [_moved(article, bent.get(article.index, {})) for article in articles]
    return Shelf(
        simple=[one for one in shown if not one.group for _ in range(2 if one.index in twice else 1)],
        groups=groups,
        units=_written(on, Kind.UNIT, {article.unit for article in articles}),
        producers=_written(on, Kind.PRODUCER, {article.producer for article in articles} - {""}),
        broken=BROKEN_PRODUCER.element,
        categories=_with_parents(everywhere, {_path(one) for one in planted(on, Kind.CATEGORY, Planted.NOT_IN_SHOP)}),
        spelled={_path(element): row.shop for element, row in spelled.items()},
        leftovers=list(planted(on, Kind.PRODUCT, Planted.ONLY_IN_SHOP)),
    )


def _bent_values(rows: Iterable[Difference]) -> dict[str, dict[str, str]]:
    """What the shop holds instead of the company's value, by article and field."""
    bent: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.planted is Planted.SHOP_DIFFERS or row.shop:
            bent.setdefault(row.element, {})[row.field] = row.shop
        elif row.kind is Kind.PRODUCT and row.outcome is Outcome.BLOCKED and row.field == "ean":
            bent.setdefault(row.element, {})["ean"] = ""
    return bent


def _shown(article: Offered, given: dict[str, str], *, bare: bool) -> Offered:
    """The article as the shop shows it before anything was synchronised."""
    price = article.price if article.price is not None else _PRICE_OF_THE_UNPRICED
    changed: dict[str, Any] = {"price": price}
    changed |= {name: Decimal(given[name]) for name in ("price", "quantity", "weight") if name in given}
    changed |= {name: given[name] for name in ("name", "ean", "producer", "unit") if name in given}
    if "tax_rate" in given:
        changed["tax"] = given["tax_rate"]
    if bare:
        changed["pictures"] = []
    return replace(_moved(article, given), **changed)


def _moved(article: Offered, given: dict[str, str]) -> Offered:
    return replace(article, category=tuple(given["category"].split("/"))) if "category" in given else article


def _written(on: str, kind: Kind, used: set[str]) -> dict[str, str]:
    """How the shop writes what it has: everything that some article uses, or that the table names."""
    absent, spelled = planted(on, kind, Planted.NOT_IN_SHOP), planted(on, kind, Planted.SPELLED_OTHERWISE)
    return {
        name: spelled[name].shop if name in spelled else name
        for name in sorted(used | set(spelled))
        if name not in absent
    }


def _with_parents(articles: list[Offered], absent: set[Path]) -> list[Path]:
    """Categories of the whole company, sold here or not: somebody once took them all over into the shop's menu."""
    leaves = dict.fromkeys([*(article.category for article in articles), LEFTOVERS])
    paths = {leaf[:depth] for leaf in leaves for depth in range(1, len(leaf) + 1)}
    return sorted(paths - absent, key=lambda path: (len(path), path))


def _path(element: str) -> Path:
    return tuple(element.split(" / "))


def common_name(members: list[Offered]) -> str:
    """The words that all names begin with."""
    shared = []
    for column in zip(*(article.name.split() for article in members), strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    return " ".join(shared)


def options_of(members: list[Offered]) -> dict[int, list[str]]:
    """Values in use by the place of their option: 0 the colour, 1 the size."""
    used = {place: list(dict.fromkeys(one.options[place] for one in members if one.options[place])) for place in (0, 1)}
    return {place: values for place, values in used.items() if values}


OPTION_NAMES = ("Kolor", "Rozmiar")

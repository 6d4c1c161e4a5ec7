"""The table of differences is true: what it names exists, and each shop built from it differs in just that."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from integrator.canonical.kinds import Kind
from shops.connectors.prestashop.simulator import PrestaSimulator
from shops.connectors.shoper.simulator import ShoperSimulator
from shops.connectors.woocommerce.simulator import WooSimulator
from shops.simulation.server import serve
from syncjobs.demo.checker.__main__ import compare
from syncjobs.demo.checker.sample import Offered, Terms, offered
from syncjobs.demo.differences import DIFFERENCES, LEAST, Outcome, Planted, differences, planted
from syncjobs.demo.seed import GROUP_FIELD, LEADING, PRICE_TYPE, WAREHOUSES, plant_in_company
from syncjobs.demo.shops import demo_shop
from syncjobs.demo.storefronts import PRESTASHOP, SHOPER, STOREFRONTS, WOOCOMMERCE, Storefront
from wapro.sample import company
from wapro.sample.sqlite import build

TODAY = date(2026, 11, 25)
TERMS = Terms(leading=LEADING, warehouses=WAREHOUSES, price_type=PRICE_TYPE, group_field=GROUP_FIELD, today=TODAY)
OF_ARTICLES = (Kind.PRODUCT, Kind.PRICE, Kind.STOCK, Kind.IMAGE)
SIMULATORS: dict[str, Any] = {
    SHOPER: lambda state: ShoperSimulator(state, limited=False),
    WOOCOMMERCE: WooSimulator,
    PRESTASHOP: PrestaSimulator,
}


@pytest.fixture(scope="module")
def plain_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "plain.sqlite3"
    build(path, company(TODAY))
    return path


@pytest.fixture(scope="module", params=STOREFRONTS, ids=lambda shop: shop.platform)
def shop(request: pytest.FixtureRequest) -> Storefront:
    found: Storefront = request.param
    return found


@pytest.fixture(scope="module")
def sample(plain_sample: Path, shop: Storefront) -> Path:
    path = plain_sample.with_name(f"{shop.platform}.sqlite3")
    path.write_bytes(plain_sample.read_bytes())
    plant_in_company(path, [shop.platform])
    return path


@pytest.fixture(scope="module")
def articles(sample: Path) -> dict[str, Offered]:
    return offered(sample, TERMS)


@pytest.fixture(scope="module")
def answer(sample: Path, shop: Storefront, articles: dict[str, Offered]) -> Iterator[dict[str, Any]]:
    """What the checker says of the shop as it is built, with nothing excused."""
    with serve(SIMULATORS[shop.platform](demo_shop(shop, articles.values()))) as server:
        question = {
            "sample": str(sample),
            "terms": {**asdict(TERMS), "today": TODAY.isoformat()},
            "platform": shop.platform,
            "shop": {"address": server.url, **shop.credentials},
            "departments": shop.departments,
            "except": {},
            "gone": [row.element for row in differences(shop.platform) if row.outcome is Outcome.DELETED],
        }
        yield compare(question, shown=10_000)


def test_each_outcome_is_planted_often_enough_and_each_element_once(shop: Storefront) -> None:
    rows = list(differences(shop.platform))
    ends = Counter(row.outcome for row in rows)
    assert {one: ends[one] >= LEAST for one in Outcome} == dict.fromkeys(Outcome, True)
    assert [one for one, times in Counter(row.id for row in rows).items() if times > 1] == []


def test_every_article_of_the_table_is_one_that_the_shop_takes(shop: Storefront, articles: dict[str, Offered]) -> None:
    taken = {article.index for article in articles.values() if shop.sells(article.category)}
    rows = [row for row in differences(shop.platform) if row.kind in OF_ARTICLES]
    named = {row.element for row in rows if row.planted is not Planted.ONLY_IN_SHOP}
    assert named - taken == set()
    assert {row.element for row in rows if row.planted is Planted.ONLY_IN_SHOP} & set(articles) == set()


def test_the_categories_of_the_item_filter_are_those_the_shop_sells(
    shop: Storefront, articles: dict[str, Offered]
) -> None:
    taken = [article for article in articles.values() if shop.sells(article.category)]
    assert len(taken) > 150
    assert len({article.tax for article in taken}) >= 4
    assert bool(shop.category_keys()) is bool(shop.departments)


def test_the_shop_differs_in_what_the_table_says_and_in_nothing_else(
    shop: Storefront, answer: dict[str, Any], articles: dict[str, Offered]
) -> None:
    seen = {line.split(":")[0] for line in answer["different"]}
    wanted = {
        f"{row.element}.{row.field}"
        for row in differences(shop.platform)
        if row.kind in OF_ARTICLES and (row.planted is Planted.SHOP_DIFFERS or row.shop)
    }
    wanted |= {f"{index}.ean" for index in planted(shop.platform, Kind.PRODUCT, Planted.CARD, "ean")}
    bare = (Planted.NO_PICTURES_IN_SHOP, Planted.NO_PICTURE_AT_ALL)
    wanted |= {f"{index}.pictures" for how in bare for index in planted(shop.platform, Kind.IMAGE, how)}
    assert {one for one in seen - wanted if not _follows_from_what_is_missing(shop, one, articles)} == set()
    assert wanted - seen == set()


def _follows_from_what_is_missing(shop: Storefront, seen: str, articles: dict[str, Offered]) -> bool:
    """An article whose unit, producer or category the shop lacks must differ in it."""
    index, _, name = seen.partition(".")
    kinds = {"unit": Kind.UNIT, "producer": Kind.PRODUCER}
    if name not in kinds:
        return False
    value = getattr(articles[index], name)
    unreadable = planted(shop.platform, Kind.PRODUCER, Planted.UNREADABLE)
    return value in planted(shop.platform, kinds[name], Planted.NOT_IN_SHOP) or value in unreadable


def test_the_shop_lacks_doubles_and_keeps_what_the_table_says(shop: Storefront, answer: dict[str, Any]) -> None:
    on = shop.platform
    missing = {line.split(":")[0]: line.rsplit(" ", 1)[-1] for line in answer["missing"]}
    absent = planted(on, Kind.PRODUCT, Planted.NOT_IN_SHOP) | planted(on, Kind.PRODUCT, Planted.NO_PRICE)
    twice = planted(on, Kind.PRODUCT, Planted.TWICE_IN_SHOP)
    assert missing == dict.fromkeys(absent, "0") | dict.fromkeys(twice, "2")
    assert set(answer["not_gone"]) == set(planted(on, Kind.PRODUCT, Planted.ONLY_IN_SHOP))


def test_units_are_planted_where_there_are_units() -> None:
    assert {on for row in DIFFERENCES if row.kind is Kind.UNIT for on in row.on} == {SHOPER, WOOCOMMERCE}

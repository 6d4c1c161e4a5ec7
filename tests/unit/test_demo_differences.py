"""The table of differences is true: what it names exists, and the shop built from it differs in just that."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from integrator.canonical.kinds import Kind
from shops.connectors.shoper.simulator import LOGIN, PASSWORD, ShoperSimulator, serve
from syncjobs.demo.checker.__main__ import compare
from syncjobs.demo.checker.sample import Offered, Terms, offered
from syncjobs.demo.differences import DIFFERENCES, LEAST, Outcome, Planted, planted
from syncjobs.demo.seed import GROUP_FIELD, LEADING, PRICE_TYPE, WAREHOUSES, plant_in_company
from syncjobs.demo.shop import demo_shop
from wapro.sample import company
from wapro.sample.sqlite import build

TODAY = date(2026, 11, 25)
TERMS = Terms(leading=LEADING, warehouses=WAREHOUSES, price_type=PRICE_TYPE, group_field=GROUP_FIELD, today=TODAY)
OF_ARTICLES = (Kind.PRODUCT, Kind.PRICE, Kind.STOCK, Kind.IMAGE)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "sample.sqlite3"
    build(path, company(TODAY))
    plant_in_company(path)
    return path


@pytest.fixture(scope="module")
def articles(sample: Path) -> dict[str, Offered]:
    return offered(sample, TERMS)


@pytest.fixture(scope="module")
def answer(sample: Path, articles: dict[str, Offered]) -> Iterator[dict[str, Any]]:
    """What the checker says of the shop as it is built, with nothing excused."""
    with serve(ShoperSimulator(demo_shop(articles.values()), limited=False)) as server:
        question = {
            "sample": str(sample),
            "terms": {**asdict(TERMS), "today": TODAY.isoformat()},
            "shop": {"address": server.url, "user": LOGIN, "password": PASSWORD},
            "fields": ["name", "ean", "weight", "tax_rate", "price", "quantity", "pictures", "category"],
            "variant_fields": ["ean", "weight", "tax_rate", "price", "quantity", "category"],
            "except": {},
            "gone": [row.element for row in DIFFERENCES if row.outcome is Outcome.DELETED],
        }
        yield compare(question, shown=10_000)


def test_each_outcome_is_planted_often_enough_and_each_element_once() -> None:
    ends = Counter(row.outcome for row in DIFFERENCES)
    assert {one: ends[one] >= LEAST for one in Outcome} == dict.fromkeys(Outcome, True)
    assert [one for one, times in Counter(row.id for row in DIFFERENCES).items() if times > 1] == []


def test_every_article_of_the_table_is_one_that_the_shop_takes(articles: dict[str, Offered]) -> None:
    named = {row.element for row in DIFFERENCES if row.kind in OF_ARTICLES and row.planted is not Planted.ONLY_IN_SHOP}
    assert named - set(articles) == set()
    assert {row.element for row in DIFFERENCES if row.planted is Planted.ONLY_IN_SHOP} & set(articles) == set()


def test_the_shop_differs_in_what_the_table_says_and_in_nothing_else(answer: dict[str, Any]) -> None:
    seen = {line.split(":")[0] for line in answer["different"]}
    wanted = {
        f"{row.element}.{row.field}"
        for row in DIFFERENCES
        if row.kind in OF_ARTICLES and row.planted is Planted.SHOP_DIFFERS and row.field not in ("producer", "unit")
    }
    wanted |= {f"{index}.ean" for index in planted(Kind.PRODUCT, Planted.CARD, "ean")}
    wanted |= {f"{index}.category" for index in planted(Kind.PRODUCT, Planted.CARD, "category")}
    bare = planted(Kind.IMAGE, Planted.NO_PICTURES_IN_SHOP) | planted(Kind.IMAGE, Planted.NO_PICTURE_AT_ALL)
    wanted |= {f"{index}.pictures" for index in bare}
    assert seen == wanted


def test_the_shop_lacks_doubles_and_keeps_what_the_table_says(answer: dict[str, Any]) -> None:
    missing = {line.split(":")[0]: line.rsplit(" ", 1)[-1] for line in answer["missing"]}
    absent = planted(Kind.PRODUCT, Planted.NOT_IN_SHOP) | planted(Kind.PRODUCT, Planted.NO_PRICE)
    twice = planted(Kind.PRODUCT, Planted.TWICE_IN_SHOP)
    assert missing == dict.fromkeys(absent, "0") | dict.fromkeys(twice, "2")
    assert set(answer["not_gone"]) == set(planted(Kind.PRODUCT, Planted.ONLY_IN_SHOP))

"""The sample company against Shoper's simulator over HTTP: the whole way of the data, twice."""

import math
from decimal import Decimal

import pytest

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from syncjobs.engine.policy import Owner
from syncjobs.models.choices import ChangeStatus, Status
from tests.pipeline.shoper import shoper_lab
from wapro.sample import company, peculiar
from wapro.sample.articles import INTERNET, MAIN

pytestmark = pytest.mark.one_database


@pytest.fixture
def world(transactional_db, tmp_path):
    with shoper_lab(tmp_path) as made:
        yield made


def test_an_empty_shop_gets_the_whole_assortment_and_then_rests(world):
    lab, simulator = world
    lab.shop_connection.default_category = str(simulator.state.add_category("Wszystko"))
    lab.shop_connection.promotions = False
    lab.shop_connection.save()
    for kind in (Kind.UNIT, Kind.PRODUCER, Kind.PRODUCT, Kind.IMAGE):
        lab.options(kind, export_unlinked=True)
    for kind, fields in (
        (Kind.PRODUCT, ("name", "description", "ean", "tax_rate")),
        (Kind.PRICE, ("price",)),
        (Kind.STOCK, ("quantity",)),
        (Kind.IMAGE, ("name", "position")),
    ):
        lab.own(kind, Owner.ERP, *fields)
    first = lab.run()
    assert first.status == Status.SUCCEEDED
    held_back = {(c.code, c.problem["code"]) for c in lab.changes(first, ChangeStatus.BLOCKED)}
    disagreeing = {code for codes in peculiar.DISAGREEING.values() for code in codes}
    assert {code for code, reason in held_back if reason == Code.CARDS_DISAGREE} == disagreeing
    assert {code for code, reason in held_back if reason == Code.EAN_INVALID} == set(peculiar.INVALID_EANS)
    assert_prices_and_stock(lab, simulator)
    before = simulator.stats.as_json()["writes"]
    second = lab.run()
    assert second.status == Status.SUCCEEDED
    assert lab.changes(second, ChangeStatus.PLANNED, ChangeStatus.APPLIED, ChangeStatus.FAILED) == []
    assert simulator.stats.as_json()["writes"] == before


def assert_prices_and_stock(lab, simulator) -> None:
    """What the shop holds, row by row, against the company's own figures."""
    articles = company().articles
    links = lab.links()
    assert len(links) > 600
    groups = {code for members in peculiar.VARIANT_GROUPS.values() for code in members} & set(links)
    assert len(groups) > 50
    assert len({links[code].partition(":")[0] for code in groups}) == len(peculiar.VARIANT_GROUPS)
    plain = [code for code in links if articles[code].unit == "szt." and MAIN in articles[code].stocks]
    plain = [code for code in plain if code not in peculiar.SALE_UNIT_CARDS]
    for code in plain:
        article, (product_id, _, stock_id) = articles[code], links[code].partition(":")
        row = simulator.state.stocks.get(int(stock_id or simulator.state.stock_ids(int(product_id))[0]))
        assert row["code"] == code
        assert Decimal(row["stock"]) == max(math.floor(article.stocks[MAIN].available), 0), code
        assert Decimal(row["comp_price"]) == article.gross(INTERNET), code

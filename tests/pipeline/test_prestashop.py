"""The sample company against PrestaShop's simulator over HTTP: the whole way of the data, twice."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from shops.connectors.prestashop.simulator import API_KEY, PrestaSimulator, serve
from shops.models import ShopConnection
from syncjobs.engine.policy import Owner
from syncjobs.models.choices import ChangeStatus, Status
from syncjobs.options import ensure_options
from tests.pipeline.lab import Lab, client
from wapro.models import WaproConnection
from wapro.sample import company, peculiar
from wapro.sample.articles import INTERNET, MAIN
from wapro.sample.sqlite import build

pytestmark = pytest.mark.one_database

RATES = {"1": Decimal(23), "2": Decimal(8), "3": Decimal(5), "4": Decimal(0)}


@contextmanager
def prestashop_lab(folder: Path, version: str) -> Iterator[tuple[Lab, PrestaSimulator]]:
    """The sample company on one side, an empty PrestaShop on the other."""
    sample = folder / "wapro.sqlite3"
    build(sample)
    simulator = PrestaSimulator(version=version)
    user, made = client("Dom i Ogród")
    with serve(simulator) as server, time_machine.travel(timezone.now(), tick=True) as clock:
        erp_connection = WaproConnection.objects.create(
            client=made,
            engine="sample",
            server=str(sample),
            leading_warehouse=str(MAIN),
            group_rule="POLE1",
            option_fields=[{"field": "POLE2", "name": "Kolor"}, {"field": "POLE3", "name": "Rozmiar"}],
        )
        shop_connection = ShopConnection.objects.create(
            client=made,
            name="Sklep",
            platform="prestashop",
            address=server.url,
            credentials={"key": API_KEY},
            is_leading=True,
            writes_enabled=True,
            price_type=str(INTERNET),
            warehouses=[str(MAIN)],
        )
        ensure_options(shop_connection)
        yield Lab(user, shop_connection, erp_connection, clock), simulator


@pytest.fixture
def world(transactional_db, tmp_path):
    with prestashop_lab(tmp_path, "8.1.2") as made:
        yield made


def test_an_empty_shop_gets_the_whole_assortment_and_then_rests(world):
    lab, simulator = world
    lab.shop_connection.default_category = str(simulator.state.add_category("Wszystko"))
    lab.shop_connection.promotions = False
    lab.shop_connection.save()
    for kind in (Kind.PRODUCER, Kind.CATEGORY, Kind.PRODUCT, Kind.IMAGE):
        lab.options(kind, export_unlinked=True)
    for kind, fields in (
        (Kind.PRODUCT, ("name", "description", "ean", "tax_rate")),
        (Kind.PRICE, ("price",)),
        (Kind.STOCK, ("quantity",)),
        (Kind.IMAGE, ("position",)),
    ):
        lab.own(kind, Owner.ERP, *fields)
    first = lab.run()
    lost = [c for c in lab.changes(first, ChangeStatus.FAILED) if c.problem["code"] != Code.REJECTED]
    assert [(c.code, c.problem) for c in lost] == []
    assert_prices_and_stock(lab, simulator)
    before = written(simulator)
    second = lab.run()
    again = lab.changes(second, ChangeStatus.PLANNED, ChangeStatus.APPLIED)
    assert [(c.kind, c.code, c.action) for c in again] == []
    assert written(simulator) == before
    assert second.status in (Status.SUCCEEDED, Status.PARTLY)


def written(simulator: PrestaSimulator) -> int:
    requests = simulator.stats.requests.items()
    return sum(count for name, count in requests if not name.startswith(("GET", "HEAD")))


def assert_prices_and_stock(lab: Lab, simulator: PrestaSimulator) -> None:
    """What the shop holds, row by row, against the company's own figures."""
    articles = company().articles
    links = lab.links()
    assert len(links) > 500
    state = simulator.state
    plain = [code for code in links if articles[code].unit == "szt." and MAIN in articles[code].stocks]
    for code in (one for one in plain if one not in peculiar.SALE_UNIT_CARDS):
        article, (product_id, _, own) = articles[code], links[code].partition(":")
        product = state.products.get(int(product_id))
        net = Decimal(product["price"])
        holder = state.combinations.get(int(own)) if own else product
        if own:
            net += Decimal(holder["price"])
        assert holder["reference"] == code
        rate = RATES[str(product["id_tax_rules_group"])]
        assert round(net * (100 + rate) / 100, 2) == article.gross(INTERNET), code
        stock = state.stocks.get(state.stock_row(int(product_id), int(own or 0)))
        assert stock["quantity"] == max(math.floor(article.stocks[MAIN].available), 0), code

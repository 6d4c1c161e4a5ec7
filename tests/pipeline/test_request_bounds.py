"""How many requests a change costs: whatever else is slow, a shop's limits and hosts are met by few calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from integrator.canonical.kinds import Kind
from shops.connectors.prestashop.simulator import PrestaSimulator
from shops.connectors.prestashop.simulator import ShopState as PrestaState
from shops.connectors.shoper.simulator import ShoperSimulator
from shops.connectors.shoper.simulator import ShopState as ShoperState
from shops.connectors.woocommerce.simulator import ShopState as WooState
from shops.connectors.woocommerce.simulator import WooSimulator
from shops.models import ShopConnection
from shops.simulation.server import serve
from syncjobs.engine.policy import Owner
from syncjobs.models import Change
from syncjobs.models.choices import ChangeStatus, Status
from syncjobs.options import ensure_options
from tests.benchmarks import company
from tests.benchmarks.shops import SHOPS, Sellable
from tests.pipeline.lab import Lab, client
from wapro.models import WaproConnection
from wapro.sample.articles import INTERNET, MAIN

pytestmark = pytest.mark.one_database

CHANGED = 1000
KINDS = (Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY, Kind.PRODUCT, Kind.STOCK)


@contextmanager
def stand(folder: Path, platform: str, simulator: Any, sellables: list[Sellable]) -> Iterator[Lab]:
    """A client whose company holds just the sellables of the simulated shop. The ERP rules their stock."""
    company.write(folder / "wapro.sqlite3", lambda: iter(sellables))
    user, made = client()
    with serve(simulator) as server, time_machine.travel(timezone.now(), tick=True) as clock:
        erp = WaproConnection.objects.create(
            client=made, engine="sample", server=str(folder / "wapro.sqlite3"), leading_warehouse=str(MAIN)
        )
        connection = ShopConnection.objects.create(
            client=made,
            name="Sklep",
            platform=platform,
            address=server.url,
            credentials=dict(SHOPS[platform].credentials),
            settings=dict(SHOPS[platform].settings),
            is_leading=True,
            writes_enabled=True,
            price_type=str(INTERNET),
            warehouses=[str(MAIN)],
        )
        ensure_options(connection)
        lab = Lab(user, connection, erp, clock)
        lab.own(Kind.STOCK, Owner.ERP, "quantity")
        yield lab


@pytest.mark.parametrize(
    ("platform", "simulator", "state", "products", "variants_share", "bound"),
    [
        ("shoper", ShoperSimulator, ShoperState, 626, 0.3, 40),
        ("woocommerce", WooSimulator, WooState, 1000, 0.0, 10),
        ("prestashop", PrestaSimulator, PrestaState, 626, 0.3, 5),
    ],
)
def test_a_thousand_new_quantities_take_few_calls_and_nothing_new_takes_none(
    transactional_db: None,
    tmp_path: Path,
    platform: str,
    simulator: Any,
    state: Any,
    products: int,
    variants_share: float,
    bound: int,
) -> None:
    """Variants are among them but on WooCommerce, which takes those of one parent at a time."""
    shop = SHOPS[platform]
    sellables = [replace(one, pictures=()) for one in shop.sellables(products, variants_share)]
    options = {"limited": False} if platform == "shoper" else {}
    app = simulator(state.generated(products, variants_share, images=0), **options)
    with stand(tmp_path, platform, app, sellables) as lab:
        assert lab.run(*KINDS).status == Status.SUCCEEDED
        assert len(lab.links()) == len(sellables)

        app.stats.reset()
        quiet = lab.run(*KINDS)
        assert (quiet.status, lab.changes(quiet), app.stats.as_json()["writes"]) == (Status.SUCCEEDED, [], 0)

        company.change(tmp_path / "wapro.sqlite3", Kind.STOCK, sellables[:CHANGED])
        app.stats.reset()
        run = lab.run(Kind.STOCK)
        assert run.status == Status.SUCCEEDED
        assert len(lab.changes(run, ChangeStatus.APPLIED)) == Change.objects.filter(step__run=run).count() == CHANGED
        assert app.stats.as_json()["writes"] <= bound
        assert shop.fewest(Kind.STOCK, sellables[:CHANGED]) <= bound

        app.stats.reset()
        assert lab.changes(lab.run(Kind.STOCK)) == []
        assert app.stats.as_json()["writes"] == 0

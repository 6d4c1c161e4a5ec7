"""The sample company on one side, Shoper's simulator over real HTTP on the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import time_machine
from django.utils import timezone

from shops.connectors.shoper.simulator import STATIC_TOKEN, ShoperSimulator, ShopState, serve
from shops.models import ShopConnection
from syncjobs.options import ensure_options
from tests.pipeline.lab import Lab, client
from wapro.models import WaproConnection
from wapro.sample.articles import INTERNET, MAIN
from wapro.sample.sqlite import build


@contextmanager
def shoper_lab(folder: Path, state: ShopState | None = None) -> Iterator[tuple[Lab, ShoperSimulator]]:
    """The simulator has its rate limit switched off: the clock of the laboratory stands still."""
    company = folder / "wapro.sqlite3"
    if not company.exists():
        build(company)
    simulator = ShoperSimulator(state, limited=False)
    user, made = client("Dom i Ogród")
    with serve(simulator) as server, time_machine.travel(timezone.now(), tick=True) as clock:
        erp_connection = WaproConnection.objects.create(
            client=made,
            engine="sample",
            server=str(company),
            leading_warehouse=str(MAIN),
            group_rule="POLE1",
            option_fields=[{"field": "POLE2", "name": "Kolor"}, {"field": "POLE3", "name": "Rozmiar"}],
        )
        shop_connection = ShopConnection.objects.create(
            client=made,
            name="Sklep",
            platform="shoper",
            address=server.url,
            credentials={"token": STATIC_TOKEN},
            is_leading=True,
            writes_enabled=True,
            price_type=str(INTERNET),
            warehouses=[str(MAIN)],
        )
        ensure_options(shop_connection)
        yield Lab(user, shop_connection, erp_connection, clock), simulator

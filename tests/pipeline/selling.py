"""A client whose shop sells into the sample company, both on one clock."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import time_machine
from django.db import connections
from django.utils import timezone

from integrator.canonical.kinds import Kind
from shops.connectors.woocommerce.simulator import CONSUMER_KEY, CONSUMER_SECRET, ShopState, WooSimulator, serve
from shops.models import ShopConnection
from syncjobs import erp_actor, runner
from syncjobs.models import Link, OrderTerms, ShopOrder
from syncjobs.models.choices import LinkState
from syncjobs.options import ensure_options
from syncjobs.orders.draft import SPREAD
from tests.pipeline.lab import Lab, client
from wapro.database import open_database
from wapro.models import WaproConnection
from wapro.sample.articles import INTERNET, MAIN
from wapro.sample.fixed import INTEGRATOR_USER_ID

GOODS = ("LOP00007", "SEK00001", "GAR00003")


class Shop:
    """A client whose shop sells three articles of the sample company."""

    def __init__(self, lab: Lab, simulator: WooSimulator) -> None:
        self.lab = lab
        self.simulator = simulator
        self.products = [
            simulator.state.add_product(code, f"Towar {code}", "24.60", 50, tax_class="") for code in GOODS
        ]
        for code, product in zip(GOODS, self.products, strict=True):
            Link.objects.create(
                connection=lab.shop_connection,
                kind=Kind.PRODUCT,
                erp_key=code,
                shop_key=str(product),
                origin="rule",
                state=LinkState.LINKED,
            )
        self.terms = OrderTerms.objects.create(
            connection=lab.shop_connection,
            enabled=True,
            back_enabled=True,
            prefix="WOOA",
            warehouse=str(MAIN),
            go_live=timezone.now() - timedelta(days=1),
            payments={key: {"form": "przelew", "days": 7} for key in ("bacs", "cod")},
            deliveries={"flat_rate:1": {"form": 2, "carrier": None}, "flat_rate": {"form": 2, "carrier": None}},
            charges={"shipping|23": "USL001", "cod|23": "USL004", "other|23": "USL004", "discount|23": SPREAD},
            taxes={"23%": {"code": "23", "percent": "23"}, "standard": {"code": "23", "percent": "23"}},
            back_states={"open": "processing", "sent": "completed", "cancelled": "cancelled"},
        )

    def sell(self, pieces: dict[int, int] | None = None, **more: object) -> int:
        return self.simulator.state.place_order(pieces or {self.products[0]: 2}, **({"payment": "cod"} | more))

    def later(self, minutes: int = 5) -> None:
        """Time passes and everything that is due is done."""
        self.lab.clock.shift(timedelta(minutes=minutes))
        self.work()

    def work(self) -> None:
        for _ in range(60):
            erp = erp_actor.advance_erp(self.lab.erp_connection.pk)
            shop = runner.advance_shop(self.lab.shop_connection.pk)
            waits = [seconds for seconds in (erp, shop) if seconds is not None]
            if not waits or min(waits) > 30:
                return
            self.lab.clock.shift(timedelta(seconds=max(min(waits), 0.1)))
        raise AssertionError("orders do not come to rest")

    def order(self, key: int) -> ShopOrder:
        return ShopOrder.objects.get(connection=self.lab.shop_connection, shop_key=str(key))

    def accountant(self) -> AbstractContextManager[str]:
        """The company's database, for an `Accountant`."""
        return open_database(self.lab.erp_connection, True)

    def in_wapro(self) -> int:
        return self.counted("SELECT COUNT(*) FROM ZAMOWIENIE WHERE NR_ZAMOWIENIA_KLIENTA LIKE 'WOO%'")

    def counted(self, sql: str) -> int:
        """The number that the company's database answers."""
        with open_database(self.lab.erp_connection, False) as alias, connections[alias].cursor() as cursor:
            cursor.execute(sql)
            return int(cursor.fetchone()[0] or 0)


@contextmanager
def selling(company: Path) -> Iterator[Shop]:
    """`company`: a sample company's database of this client's own."""
    user, made = client("Dom i Ogród")
    with time_machine.travel(timezone.now(), tick=True) as clock:
        simulator = WooSimulator(ShopState())
        with serve(simulator) as server:
            erp = WaproConnection.objects.create(
                client=made,
                engine="sample",
                server=str(company),
                leading_warehouse=str(MAIN),
                write_orders=True,
                order_user=str(INTEGRATOR_USER_ID),
                retail_contractor="1",
            )
            connection = ShopConnection.objects.create(
                client=made,
                name="Sklep",
                platform="woocommerce",
                address=server.url,
                credentials={"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET},
                is_leading=True,
                writes_enabled=True,
                price_type=str(INTERNET),
                warehouses=[str(MAIN)],
            )
            ensure_options(connection)
            yield Shop(Lab(user, connection, erp, clock), simulator)

"""A client whose shop sells into the sample company, both on one clock."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.db import connections
from django.utils import timezone

from integrator.canonical.kinds import Kind
from shops.connectors.prestashop.simulator import API_KEY, PrestaSimulator
from shops.connectors.prestashop.simulator.selling import Basket
from shops.connectors.shoper.simulator import STATIC_TOKEN, ShoperSimulator
from shops.connectors.shoper.simulator.selling import COD, TRANSFER
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
    """A client whose shop, a WooCommerce, sells three articles of the sample company."""

    platform = "woocommerce"
    credentials = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}
    payments = ("bacs", "cod")
    deliveries = ("flat_rate:1", "flat_rate")
    states = {"open": "processing", "sent": "completed", "cancelled": "cancelled"}

    @staticmethod
    def made() -> Any:
        return WooSimulator(ShopState())

    def __init__(self, lab: Lab, simulator: Any) -> None:
        self.lab = lab
        self.simulator = simulator
        self.products = [self.linked(code) for code in GOODS]
        self.terms = OrderTerms.objects.create(
            connection=lab.shop_connection,
            enabled=True,
            back_enabled=True,
            prefix="WOOA",
            warehouse=str(MAIN),
            go_live=timezone.now() - timedelta(days=1),
            payments={key: {"form": "przelew", "days": 7} for key in self.payments},
            deliveries={key: {"form": 2, "carrier": None} for key in self.deliveries},
            charges={"shipping|23": "USL001", "cod|23": "USL004", "other|23": "USL004", "discount|23": SPREAD},
            taxes={"23%": {"code": "23", "percent": "23"}, "standard": {"code": "23", "percent": "23"}},
            back_states=self.states,
        )

    def linked(self, code: str) -> int:
        """An article of the company put on sale; the product."""
        product = self.add(code)
        Link.objects.create(
            connection=self.lab.shop_connection,
            kind=Kind.PRODUCT,
            erp_key=code,
            shop_key=str(product),
            origin="rule",
            state=LinkState.LINKED,
        )
        return product

    def add(self, code: str) -> int:
        return int(self.simulator.state.add_product(code, f"Towar {code}", "24.60", 50, tax_class=""))

    def sell(self, pieces: dict[int, int] | None = None, **more: object) -> int:
        return int(self.simulator.state.place_order(pieces or {self.products[0]: 2}, **({"payment": "cod"} | more)))

    def awaits_a_transfer(self) -> int:
        """An order that will be paid by transfer."""
        return self.sell(payment="bacs")

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


class ShoperShop(Shop):
    """The same with a Shoper shop."""

    platform = "shoper"
    credentials = {"token": STATIC_TOKEN}
    payments = (str(COD), str(TRANSFER))
    deliveries = ("3",)
    states = {"open": "2", "sent": "7", "cancelled": "8"}

    @staticmethod
    def made() -> Any:
        return ShoperSimulator(limited=False)

    def add(self, code: str) -> int:
        return int(self.simulator.state.add_product(code, f"Towar {code}", "24.60", 50))

    def sell(self, pieces: dict[int, int] | None = None, **more: object) -> int:
        lines = [{"product": one, "amount": amount} for one, amount in (pieces or {self.products[0]: 2}).items()]
        return int(self.simulator.state.place_order(lines, **({"payment": COD} | more)))

    def awaits_a_transfer(self) -> int:
        return self.sell(payment=TRANSFER)


class PrestaShop(Shop):
    """The same with a PrestaShop."""

    platform = "prestashop"
    credentials = {"key": API_KEY}
    payments = ("ps_wirepayment", "ps_cashondelivery")
    deliveries = ("1",)
    states = {"open": "3", "sent": "4", "cancelled": "6"}

    @staticmethod
    def made() -> Any:
        return PrestaSimulator()

    def add(self, code: str) -> int:
        return int(self.simulator.state.add_product(code, f"Towar {code}", "20.00", 50))

    def sell(self, pieces: dict[int, int] | None = None, **more: object) -> int:
        bought = {(product, 0): amount for product, amount in (pieces or {self.products[0]: 2}).items()}
        terms: Any = {"payment": "ps_cashondelivery"} | more
        return int(self.simulator.state.place_order(Basket(pieces=bought, **terms)))

    def awaits_a_transfer(self) -> int:
        return self.sell(payment="ps_wirepayment")


@contextmanager
def selling(company: Path, kind: type[Shop] = Shop) -> Iterator[Shop]:
    """`company`: a sample company's database of this client's own."""
    user, made = client("Dom i Ogród")
    with time_machine.travel(timezone.now(), tick=True) as clock:
        simulator = kind.made()
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
                platform=kind.platform,
                address=server.url,
                credentials=kind.credentials,
                is_leading=True,
                writes_enabled=True,
                price_type=str(INTERNET),
                warehouses=[str(MAIN)],
            )
            ensure_options(connection)
            yield kind(Lab(user, connection, erp, clock), simulator)

"""Two shops of one client that sell from the sample company: A takes orders, B's stock follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from integrator.canonical.kinds import Kind
from shops.connectors.woocommerce.simulator import CONSUMER_KEY, CONSUMER_SECRET, ShopState, WooSimulator, serve
from shops.models import ShopConnection
from syncjobs import erp_actor, runner, runs
from syncjobs.engine.policy import Linked, Owner
from syncjobs.models import Link, Run, SyncOptions
from syncjobs.models.choices import LinkState
from syncjobs.options import ensure_options
from tests.pipeline.selling import GOODS, Shop, selling
from wapro.sample.articles import INTERNET, MAIN


class Market:
    """The client's shop A, which takes orders, and shop B, whose stock follows the same company."""

    def __init__(self, shop: Shop, connection: ShopConnection, simulator: WooSimulator) -> None:
        self.a, self.b, self.simulator = shop, connection, simulator
        self.products = [simulator.state.add_product(code, f"Towar {code}", "25.00", 0) for code in GOODS]
        for code, product in zip(GOODS, self.products, strict=True):
            Link.objects.create(
                connection=connection,
                kind=Kind.PRODUCT,
                erp_key=code,
                shop_key=str(product),
                origin="rule",
                state=LinkState.LINKED,
            )
        for one in (shop.lab.shop_connection, connection):
            option = SyncOptions.objects.get(connection=one, kind=Kind.STOCK)
            option.owners, option.linked = {"quantity": str(Owner.ERP)}, str(Linked.SHOP)
            option.enabled, option.approved_at = True, timezone.now()
            option.interval_minutes, option.next_at = 24 * 60, timezone.now() + timedelta(days=1)
            option.save()
        for one in (shop.lab.shop_connection, connection):
            runs.start_run(one, kinds=[Kind.STOCK])
        self.work()
        self.later()

    def work(self) -> None:
        """Every actor of the client works until nothing is left for half a minute."""
        for _ in range(120):
            waits = [erp_actor.advance_erp(self.a.lab.erp_connection.pk)]
            waits += [runner.advance_shop(pk) for pk in (self.a.lab.shop_connection.pk, self.b.pk)]
            left = [seconds for seconds in waits if seconds is not None]
            if not left or min(left) > 30:
                return
            self.a.lab.clock.shift(timedelta(seconds=max(min(left), 0.1)))
        raise AssertionError("the market does not come to rest")

    def later(self, minutes: int = 5) -> None:
        self.a.lab.clock.shift(timedelta(minutes=minutes))
        self.work()

    def offered(self) -> int:
        """What B shows of the first product."""
        return int(self.simulator.state.products.get(self.products[0])["stock_quantity"])

    def offered_by_a(self) -> int:
        return int(self.a.simulator.state.products.get(self.a.products[0])["stock_quantity"])

    def in_stock(self) -> int:
        """Free pieces of the first product in the company."""
        return self.a.counted(
            "SELECT STAN - COALESCE(ILOSC_EDYTOWANA, 0) - ZAREZERWOWANO FROM ARTYKUL "
            f"WHERE INDEKS_KATALOGOWY = '{GOODS[0]}' AND ID_MAGAZYNU = {MAIN}"
        )

    def at_once(self) -> list[Run]:
        """Runs that orders asked for in B."""
        return list(Run.objects.filter(connection=self.b, trigger=Run.Trigger.ORDER).order_by("id"))

    def writes(self) -> int:
        return int(self.simulator.stats.as_json()["writes"])

    def flow(self, **changed: object) -> None:
        SyncOptions.objects.filter(connection=self.b, kind=Kind.STOCK).update(**changed)


@contextmanager
def two_shops(company: Path) -> Iterator[Market]:
    """`company`: a sample company's database of this client's own."""
    with selling(company) as shop:
        simulator = WooSimulator(ShopState())
        with serve(simulator) as server:
            connection = ShopConnection.objects.create(
                client=shop.lab.shop_connection.client,
                name="Drugi sklep",
                platform="woocommerce",
                address=server.url,
                credentials={"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET},
                writes_enabled=True,
                price_type=str(INTERNET),
                warehouses=[str(MAIN)],
            )
            ensure_options(connection)
            yield Market(shop, connection, simulator)

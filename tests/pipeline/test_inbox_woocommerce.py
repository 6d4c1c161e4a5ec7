"""WooCommerce's webhooks end to end: pings, deliveries with ids, variations, and the webhook that the shop gave up."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from shops.connectors.woocommerce.simulator import CONSUMER_KEY, CONSUMER_SECRET, WooSimulator, serve
from shops.models import ShopConnection
from syncjobs import errands
from syncjobs.engine.policy import Criterion, Owner
from syncjobs.models import Errand, Fetch, InboxEvent, Run, WebhookSetup
from syncjobs.models.choices import Status
from syncjobs.options import ensure_options
from tests.connectors.woocommerce_shop import Talk
from tests.deliveries import post
from tests.pipeline.lab import Lab, client
from tests.pipeline.world import PLAIN
from wapro.models import WaproConnection
from wapro.sample import generated
from wapro.sample.articles import INTERNET, MAIN
from wapro.sample.sqlite import build

pytestmark = pytest.mark.one_database

WATCHED = (Kind.PRODUCT, *PRODUCT_STATE_KINDS)
POLLED = (Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY, *WATCHED)
Reason = InboxEvent.Reason


class Woo:
    """The small company and a WooCommerce shop that sells one of its cards; WAPRO owns the price."""

    def __init__(self, lab: Lab, shop: WooSimulator, product: int) -> None:
        self.lab, self.shop, self.product = lab, shop, product

    def price(self) -> Decimal:
        return Decimal(Talk(self.shop).send("GET", f"products/{self.product}").body["regular_price"])

    def reprices(self) -> None:
        """The shop's owner raises the price a little."""
        changed = {"regular_price": str(self.price() + 1)}
        assert Talk(self.shop).send("PUT", f"products/{self.product}", changed).status == 200

    def cron(self, *, reached: bool = True) -> list[int]:
        """The shop's cron sends what waits; what the panel answered. Not `reached`: the panel was away."""
        answers = []
        for delivery in self.shop.deliver():
            answers.append(post(delivery) if reached else 502)
            self.shop.delivered(delivery, answers[-1])
        return answers

    def turn(self, way: str) -> Errand:
        errand = errands.request(Errand.Verb(f"webhooks_{way}"), shop=self.lab.shop_connection)
        self.lab.work()
        errand.refresh_from_db()
        return errand


@pytest.fixture
def woo(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Woo]:
    settings.INTEGRATOR_PUBLIC_URL, settings.STATIC_ROOT = "https://panel.example", tmp_path
    cache.clear()
    company = tmp_path / "wapro.sqlite3"
    build(company, generated(24))
    simulator = WooSimulator()
    product = simulator.state.add_product(PLAIN, "Taczka ogrodowa żółta", "1.00", 5)
    user, made = client("Dom i Ogród")
    with serve(simulator) as server, time_machine.travel(timezone.now(), tick=True) as clock:
        simulator.state.address = server.url
        erp = WaproConnection.objects.create(
            client=made, engine="sample", server=str(company), leading_warehouse=str(MAIN)
        )
        shop = ShopConnection.objects.create(
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
        ensure_options(shop)
        lab = Lab(user, shop, erp, clock)
        lab.own(Kind.PRICE, Owner.ERP, "price")
        lab.options(Kind.PRODUCT, criterion=str(Criterion.CODE))
        lab.run(*POLLED)
        assert lab.links() == {PLAIN: str(product)}
        for kind in WATCHED:
            lab.options(kind, enabled=True, approved_at=timezone.now())
        made_woo = Woo(lab, simulator, product)
        assert made_woo.turn("on").status == Status.SUCCEEDED
        yield made_woo


def test_a_change_in_the_shop_comes_by_itself_and_does_not_echo(woo: Woo) -> None:
    was, whole = woo.price(), Fetch.objects.filter(shop__isnull=False, keys__isnull=True)
    fetches = whole.count()
    assert set(woo.cron()) == {200}, "the pings of new webhooks"
    assert WebhookSetup.objects.get().pinged_at is not None
    woo.reprices()
    assert woo.cron() == [200]
    woo.lab.work()
    assert woo.price() == was, "WAPRO owns the price"
    assert woo.cron() == [200], "our own write is told too"
    woo.lab.work()
    assert list(InboxEvent.objects.order_by("id").values_list("reason", flat=True)) == [Reason.CHANGED, Reason.SAME]
    assert Run.objects.filter(trigger=Run.Trigger.WEBHOOK).count() == 1
    assert whole.count() == fetches


def test_webhooks_that_the_shop_gave_up_are_switched_on_again(woo: Woo) -> None:
    woo.cron()
    for _ in range(6):
        woo.reprices()
        woo.cron(reached=False)
    woo.reprices()
    assert woo.cron() == [], "the shop has switched the webhook off"
    woo.turn("look")
    assert WebhookSetup.objects.get().revived_at is not None
    was = woo.price()
    woo.reprices()
    assert woo.cron() == [200]
    woo.lab.work()
    assert woo.price() < was

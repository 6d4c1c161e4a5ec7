"""Webhooks end to end: turned on in the shop, its owner changes something, the delivery comes, the pipeline sees it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from shops.connectors.shoper.simulator import ShoperSimulator
from shops.connectors.shoper.simulator.hooks import Delivery
from syncjobs import errands, schedule
from syncjobs.models import Change, Errand, Fetch, InboxEvent, Run, WebhookSetup
from syncjobs.models.choices import ChangeStatus, Status
from tests.connectors.shoper_shop import Talk
from tests.deliveries import post
from tests.pipeline.lab import Lab
from tests.pipeline.shoper import shoper_lab
from tests.pipeline.world import PLAIN, World, opened

pytestmark = pytest.mark.one_database

WATCHED = (Kind.PRODUCT, *PRODUCT_STATE_KINDS)
Reason = InboxEvent.Reason


@pytest.fixture(autouse=True)
def _reachable(settings: Any, tmp_path: Path) -> None:
    settings.INTEGRATOR_PUBLIC_URL = "https://panel.example"
    settings.STATIC_ROOT = tmp_path
    cache.clear()


class Hooked:
    """A shop whose webhooks can be turned on and off."""

    def __init__(self, lab: Lab, shop: ShoperSimulator) -> None:
        self.lab, self.shop = lab, shop

    @property
    def setup(self) -> WebhookSetup:
        return WebhookSetup.objects.get(connection=self.lab.shop_connection)

    def turn(self, way: str) -> Errand:
        errand = errands.request(Errand.Verb(f"webhooks_{way}"), shop=self.lab.shop_connection)
        self.lab.work()
        errand.refresh_from_db()
        return errand

    def scheduled(self) -> None:
        """The scheduler's time has come for a flow."""
        self.lab.options(Kind.UNIT, enabled=True, next_at=None)
        schedule.start_due(timezone.now())
        self.lab.work()

    def rows(self) -> list[Any]:
        """The webhooks as the shop holds them."""
        return list(Talk(self.shop).get("webhooks")["list"])


@pytest.fixture
def hooked(transactional_db: None, tmp_path: Path) -> Iterator[Hooked]:
    with shoper_lab(tmp_path) as (lab, shop):
        yield Hooked(lab, shop)


class Hinting(Hooked):
    """A shop that holds everything of WAPRO; its owner changes things."""

    def __init__(self, world: World) -> None:
        super().__init__(world.lab, world.shop)

    def key(self, code: str = PLAIN) -> str:
        return self.lab.links()[code]

    def _row(self, code: str) -> int:
        product, _, variant = self.key(code).partition(":")
        return int(variant) if variant else int(self.shop.state.stock_ids(int(product))[0])

    def price(self, code: str = PLAIN) -> str:
        return str(self.shop.state.stocks.get(self._row(code))["comp_price"])

    def reprice(self, code: str = PLAIN) -> Delivery:
        """The shop's owner raises a price a little; what the shop sends then."""
        price = Decimal(self.price(code)) + 1
        with self.shop.lock, self.shop.state.changing_stock(self._row(code)) as row:
            row["price"], row["price_type"] = str(price), "1"
        return self.edited(code)

    def edited(self, code: str = PLAIN) -> Delivery:
        (delivery,) = self.shop.deliveries("product.edit", int(self.key(code).partition(":")[0]))
        return delivery


@pytest.fixture
def hinting(transactional_db: None, tmp_path: Path) -> Iterator[Hinting]:
    """Everything of WAPRO is in the shop and polled once more, the flows run by themselves, the webhooks are on."""
    with opened(tmp_path) as world:
        assert {world.run().status, world.run().status} == {Status.SUCCEEDED}
        for kind in WATCHED:
            world.lab.options(kind, enabled=True, approved_at=timezone.now())
        made = Hinting(world)
        assert made.turn("on").status == Status.SUCCEEDED
        yield made


@pytest.mark.failure_mode("F5")
def test_a_change_in_the_shop_is_seen_without_fetching_everything_and_does_not_echo(hinting: Hinting) -> None:
    was, whole = hinting.price(), Fetch.objects.filter(shop__isnull=False, keys__isnull=True)
    fetches = whole.count()
    assert post(hinting.reprice()) == 200
    hinting.lab.work()
    run = Run.objects.get(trigger=Run.Trigger.WEBHOOK)
    assert (run.status, [step.kind for step in run.steps.all()]) == (Status.SUCCEEDED, [Kind.PRICE])
    (change,) = Change.objects.filter(step__run=run)
    assert (change.code, change.status) == (PLAIN, ChangeStatus.APPLIED)
    assert hinting.price() == was, "WAPRO owns the price"
    assert whole.count() == fetches
    post(hinting.edited())
    hinting.lab.work()
    assert list(InboxEvent.objects.order_by("id").values_list("reason", "run")) == [
        (Reason.CHANGED, run.pk),
        (Reason.SAME, None),
    ]


def test_a_hint_at_a_parent_reaches_its_variants(hinting: Hinting) -> None:
    code = next(code for code, key in hinting.lab.links().items() if ":" in key)
    was = hinting.price(code)
    post(hinting.reprice(code))
    hinting.lab.work()
    assert hinting.price(code) == was
    assert [change.code for change in Change.objects.filter(step__run__trigger="webhook")] == [code]


def test_a_deleted_parent_is_gone_with_its_variants(hinting: Hinting) -> None:
    code = next(code for code, key in hinting.lab.links().items() if ":" in key)
    parent = int(hinting.key(code).partition(":")[0])
    before = hinting.shop.state.products.get(parent)
    with hinting.shop.lock:
        hinting.shop.state.remove_product(parent)
    (delivery,) = hinting.shop.deliveries("product.delete", parent, gone={**before, "stock": {}})
    post(delivery)
    hinting.lab.work()
    assert InboxEvent.objects.get().reason == Reason.GONE
    assert not Run.objects.filter(trigger=Run.Trigger.WEBHOOK).exists()


def test_turning_on_tells_the_shop_the_address_and_off_forgets_it(hooked: Hooked) -> None:
    assert hooked.turn("on").status == Status.SUCCEEDED
    (row,) = hooked.rows()
    assert row["url"] == hooked.setup.url == f"https://panel.example/hooks/{hooked.setup.token}/"
    assert hooked.setup.missing == []
    first = hooked.setup.secret
    category = hooked.shop.state.add_category("Ogród")
    (delivery,) = hooked.shop.deliveries("category.edit", category)
    assert post(delivery) == 200
    hooked.turn("off")
    assert hooked.rows() == []
    assert post(delivery) == 404
    hooked.turn("on")
    assert hooked.setup.secret != first


@pytest.mark.failure_mode("F7")
def test_a_webhook_that_the_shop_switched_off_is_found_within_a_quarter_of_an_hour(hooked: Hooked) -> None:
    hooked.turn("on")
    (row,) = hooked.rows()
    Talk(hooked.shop).put(f"webhooks/{row['webhook_id']}", {"active": 0})
    hooked.lab.clock.shift(timedelta(minutes=10))
    asked = hooked.shop.stats.requests["GET webhooks"]
    hooked.scheduled()
    assert hooked.shop.stats.requests["GET webhooks"] == asked, "a quarter of an hour is often enough"
    hooked.lab.clock.shift(timedelta(minutes=5))
    hooked.scheduled()
    assert [row["active"] for row in hooked.rows()] == ["1"]
    assert hooked.setup.revived_at is not None
    assert [hook["active"] for hook in hooked.setup.held] == [True]


def test_a_webhook_that_somebody_removed_is_not_made_anew_unasked(hooked: Hooked) -> None:
    hooked.turn("on")
    (row,) = hooked.rows()
    Talk(hooked.shop).send("DELETE", f"webhooks/{row['webhook_id']}")
    hooked.turn("look")
    assert hooked.rows() == []
    assert "product.edit" in hooked.setup.missing
    hooked.turn("on")
    assert hooked.setup.missing == []


def test_another_public_address_leaves_no_webhook_to_the_old_one(hooked: Hooked, settings: Any) -> None:
    hooked.turn("on")
    settings.INTEGRATOR_PUBLIC_URL = "https://nowy.example"
    hooked.turn("on")
    assert [row["url"] for row in hooked.rows()] == [f"https://nowy.example/hooks/{hooked.setup.token}/"]


def test_without_a_public_address_turning_on_says_why(hooked: Hooked, settings: Any) -> None:
    settings.INTEGRATOR_PUBLIC_URL = ""
    errand = hooked.turn("on")
    assert errand.status == Status.FAILED
    assert errand.result["problem"]["params"]["setting"] == "public_url"
    assert hooked.rows() == []


def test_a_shop_that_does_not_say_how_its_webhooks_are_stops_no_run(hooked: Hooked) -> None:
    hooked.turn("on")
    for account in hooked.shop.access.static_tokens.values():
        account.rights = dict.fromkeys(("units", "application-config", "application-version"), "delete")
    hooked.lab.clock.shift(timedelta(minutes=61))
    hooked.scheduled()
    assert Run.objects.get().status == Status.SUCCEEDED
    assert hooked.setup.problem["code"] == "right_missing"
    assert hooked.turn("look").status == Status.FAILED

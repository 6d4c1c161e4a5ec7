"""Where shops deliver: what is let in and what is not. And the page that says how the webhooks are."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrator.accounts.models import AuditEntry, Role
from integrator.canonical.kinds import Kind
from shops.connectors.base import Platform
from shops.connectors.hooks import ORDER
from shops.connectors.shoper.simulator import ShopState
from shops.connectors.shoper.simulator.hooks import Delivery, signed
from shops.connectors.woocommerce.simulator.webhooks import signature as woo_signature
from shops.models import ShopConnection
from shops.registry import platform
from syncjobs import inbox
from syncjobs.models import Errand, InboxEvent, OrderTerms, ShopOrder, WebhookSetup
from syncjobs.models.choices import Status
from syncjobs.views.webhooks import LARGEST
from tests.deliveries import post
from tests.web.scene import Scene, products

pytest_plugins = ["tests.web.signed_in"]
SECRET = "tajemnica-webhooków"
TOKEN = "adres-ktorego-nikt-nie-zgadnie"


@pytest.fixture
def setup(scene: Scene, settings: Any) -> WebhookSetup:
    settings.INTEGRATOR_PUBLIC_URL = "https://panel.example"
    cache.clear()
    topics = ["product.create", "product.edit", "product.delete", "category.create", "category.edit", "category.delete"]
    return WebhookSetup.objects.create(
        connection=scene.shop,
        token=TOKEN,
        secret=SECRET,
        url=f"https://panel.example/hooks/{TOKEN}/",
        held=[{"id": "6", "topics": topics, "active": True, "failures": None}],
        checked_at=timezone.now(),
    )


def delivery(secret: str = SECRET, event: str = "product.edit", **body: Any) -> Delivery:
    shop = ShopState()
    hook = {"url": f"/hooks/{TOKEN}/", "secret": secret, "active": "1", "format": "0", "events": []}
    shop.tables["webhooks"].insert(hook)
    return signed(shop, 1, event, json.dumps({"product_id": "8800", **body}).encode())


def text(panel: Client, scene: Scene) -> str:
    answer = panel.get(reverse("webhooks", args=[scene.shop.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_signed_delivery_is_taken_in(setup: WebhookSetup) -> None:
    assert post(delivery()) == 200
    event = InboxEvent.objects.get()
    assert (event.connection, event.kind, event.keys) == (setup.connection, Kind.PRODUCT, ["8800"])
    assert event.status == InboxEvent.Status.WAITING


def test_a_forged_delivery_is_counted_and_not_looked_at(setup: WebhookSetup) -> None:
    assert post(delivery("inna-tajemnica")) == 401
    assert post(delivery(), body=b'{"product_id": "1"}') == 401
    assert post(delivery(), x_webhook_sha1="") == 401
    assert InboxEvent.objects.count() == 0
    setup.refresh_from_db()
    assert setup.refused == 3
    assert setup.refused_at is not None


def test_whoever_keeps_forging_is_not_even_checked(setup: WebhookSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_REFUSED_A_MINUTE", 3)
    assert [post(delivery("zła")) for _ in range(5)] == [401, 401, 401, 429, 429]
    setup.refresh_from_db()
    assert setup.refused == 3


def test_a_flood_is_answered_and_counted_but_not_kept(setup: WebhookSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another answer than success would make the shop switch its webhooks off."""
    monkeypatch.setattr(inbox, "MOST_A_MINUTE", 3)
    assert [post(delivery(edit_date=str(number))) for number in range(5)] == [200] * 5
    assert InboxEvent.objects.count() == 3
    setup.refresh_from_db()
    assert setup.unkept == 2


@pytest.mark.parametrize("url", ["/hooks/inny-adres/", "/hooks/x/"])
def test_an_unknown_address_is_nothing(setup: WebhookSetup, url: str) -> None:
    assert post(delivery(), url=url) == 404
    assert InboxEvent.objects.count() == 0


def test_an_oversized_delivery_is_not_read(setup: WebhookSetup) -> None:
    assert post(delivery(description="x" * LARGEST)) == 413
    assert InboxEvent.objects.count() == 0


def test_reading_the_address_is_not_offered(setup: WebhookSetup) -> None:
    assert Client().get(f"/hooks/{TOKEN}/").status_code == 405


def test_the_same_delivery_again_is_one(setup: WebhookSetup) -> None:
    one = delivery()
    assert [post(one), post(one), post(one)] == [200, 200, 200]
    assert InboxEvent.objects.count() == 1


def test_a_delivery_asks_for_few_queries(setup: WebhookSetup, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(4):
        assert post(delivery()) == 200


def test_the_secret_is_at_rest_encrypted_and_on_no_page(setup: WebhookSetup, scene: Scene, panel: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select secret from syncjobs_webhooksetup")
        assert SECRET not in cursor.fetchone()[0]
    assert SECRET not in text(panel, scene)
    assert TOKEN not in text(panel, scene)


def test_the_page_says_how_the_webhooks_are(setup: WebhookSetup, scene: Scene, panel: Client) -> None:
    link = products(scene)[0]
    post(delivery(product_id=link.shop_key))
    post(delivery("zła"))
    shown = text(panel, scene)
    assert "product.edit" in shown
    assert "Taczka ogrodowa 100 l, ocynk" in shown
    assert "waits to be looked at" in shown
    assert "Polling stays the truth" in shown
    assert "Wrong signatures" in shown


def test_without_a_public_address_the_page_says_how_to_set_it(scene: Scene, panel: Client, settings: Any) -> None:
    settings.INTEGRATOR_PUBLIC_URL = ""
    shown = text(panel, scene)
    assert "Shops cannot reach this panel." in shown
    assert "INTEGRATOR_PUBLIC_URL" in shown
    panel.post(reverse("webhooks_switch", args=[scene.shop.pk]), {"turn": "on"})
    assert Errand.objects.count() == 0


def test_a_platform_without_webhooks_says_that_it_polls(
    scene: Scene, panel: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(connection: ShopConnection) -> None:
        return None

    monkeypatch.setattr("syncjobs.webhooks.scheme_of", without)
    assert "This platform has no webhooks" in text(panel, scene)
    assert panel.post(reverse("webhooks_switch", args=[scene.shop.pk]), {"turn": "on"}).status_code == 404


def test_platforms_say_whether_they_have_webhooks() -> None:
    known: Platform = platform("shoper")
    assert known.webhooks is not None


def test_turning_on_is_asked_of_a_worker_once_and_written_down(
    setup: WebhookSetup, scene: Scene, panel: Client
) -> None:
    for _ in range(2):
        answer = panel.post(reverse("webhooks_switch", args=[scene.shop.pk]), {"turn": "off"})
        assert answer["Location"] == reverse("webhooks", args=[scene.shop.pk])
    (errand,) = Errand.objects.all()
    assert (errand.verb, errand.shop, errand.requested_by) == (Errand.Verb.WEBHOOKS_OFF, scene.shop, scene.user)
    assert AuditEntry.objects.get().verb == "shop.webhooks_off"
    assert "Waits for a worker" in text(panel, scene)


def test_the_buttons_are_for_those_who_set_things_up(setup: WebhookSetup, scene: Scene, viewer: Client) -> None:
    assert reverse("webhooks_switch", args=[scene.shop.pk]) not in text(viewer, scene)
    operator = Client()
    operator.force_login(scene.member(Role.OPERATOR, "ola@merydian.example"))
    assert operator.post(reverse("webhooks_switch", args=[scene.shop.pk]), {"turn": "off"}).status_code == 403


def test_what_did_not_work_is_said(scene: Scene, panel: Client, settings: Any) -> None:
    settings.INTEGRATOR_PUBLIC_URL = "https://panel.example"
    problem = {"code": "right_missing", "params": {"resource": "webhooks"}, "turn": "shop_settings"}
    Errand.objects.create(
        shop=scene.shop, verb=Errand.Verb.WEBHOOKS_ON, status=Status.FAILED, result={"problem": problem}
    )
    assert "The last attempt did not work." in text(panel, scene)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"missing": ["product.edit"]}, "webhooks are missing in the shop"),
        ({"problem": {"code": "unreachable", "params": {}}}, "the shop does not say how its webhooks are"),
        ({"revived_at": timezone.now()}, "the shop had switched its webhooks off"),
    ],
)
def test_what_needs_a_person_stands_on_the_clients_page(
    setup: WebhookSetup, scene: Scene, panel: Client, changed: dict[str, Any], said: str
) -> None:
    home = reverse("client_home", args=[scene.client.pk])
    assert said not in panel.get(home).content.decode()
    WebhookSetup.objects.update(**changed)
    assert said in panel.get(home).content.decode()


def test_being_revived_is_told_for_a_day(setup: WebhookSetup, scene: Scene, panel: Client) -> None:
    WebhookSetup.objects.update(revived_at=timezone.now() - timedelta(hours=25))
    home = reverse("client_home", args=[scene.client.pk])
    assert "the shop had switched its webhooks off" not in panel.get(home).content.decode()


def test_the_panel_moved_and_the_shop_still_sends_to_the_old_address(
    setup: WebhookSetup, scene: Scene, panel: Client, settings: Any
) -> None:
    settings.INTEGRATOR_PUBLIC_URL = "https://nowy.example"
    assert "public address has changed" in text(panel, scene)


def test_a_run_by_a_webhook_says_so(setup: WebhookSetup, scene: Scene, panel: Client) -> None:
    run = scene.run(trigger="webhook", requested_by=None)
    scene.step(run, Kind.PRICE)
    InboxEvent.objects.create(
        connection=scene.shop,
        delivery="d",
        topic="product.edit",
        kind="product",
        keys=["1"],
        status=InboxEvent.Status.DONE,
        reason=InboxEvent.Reason.CHANGED,
        run=run,
        received_at=timezone.now(),
    )
    assert "a webhook" in panel.get(reverse("runs", args=[scene.shop.pk])).content.decode()
    assert "by a webhook" in panel.get(reverse("run", args=[run.pk])).content.decode()
    assert reverse("run", args=[run.pk]) in text(panel, scene)


def test_what_a_hint_at_an_order_came_to_is_said_in_words_of_orders(
    setup: WebhookSetup, scene: Scene, panel: Client
) -> None:
    now = timezone.now()
    terms = {"connection": scene.shop, "placed_at": now, "read_at": now}
    order = ShopOrder.objects.create(shop_key="501", shop_number="ZAM/501", **terms)
    for key, reason in (("501", InboxEvent.Reason.CHANGED), ("502", InboxEvent.Reason.GONE)):
        InboxEvent.objects.create(
            connection=scene.shop,
            delivery=key,
            topic="order.create",
            kind=ORDER,
            keys=[key],
            status=InboxEvent.Status.DONE,
            reason=reason,
            received_at=now,
        )
    shown = text(panel, scene)
    assert f'<a href="{reverse("order", args=[order.pk])}">ZAM/501</a>' in shown
    assert "the order is new or has changed" in shown
    assert "the order is not in the shop any more" in shown


def test_orders_that_were_switched_on_after_the_webhooks_are_shown_as_missing_with_a_button(
    setup: WebhookSetup, scene: Scene, panel: Client
) -> None:
    terms = OrderTerms.objects.create(connection=scene.shop)
    assert "order.create" not in text(panel, scene)
    assert "Turn on again" not in text(panel, scene)
    terms.enabled = True
    terms.save()
    shown = text(panel, scene)
    assert "order.create" in shown
    assert "orders were switched on since" in shown
    assert "Turn on again" in shown


def test_a_delivery_about_an_order_is_taken_in_without_what_it_says_of_the_buyer(setup: WebhookSetup) -> None:
    assert post(delivery(event="order.create", order_id="501", email="zaneta@kupujaca.example")) == 200
    event = InboxEvent.objects.get()
    assert (event.kind, event.keys, event.status) == (ORDER, ["501"], InboxEvent.Status.WAITING)
    assert "kupujaca" not in str(event.__dict__)


def woo_delivery(number: str, secret: str = SECRET) -> Delivery:
    """A delivery of WooCommerce, which gives each an id of its own."""
    body = b'{"id": 17, "type": "simple"}'
    headers = {
        "Content-Type": "application/json",
        "X-WC-Webhook-Topic": "product.updated",
        "X-WC-Webhook-Delivery-ID": number,
        "X-WC-Webhook-Signature": woo_signature(secret, body),
    }
    return Delivery(f"/hooks/{TOKEN}/", headers, body)


@pytest.fixture
def woo(setup: WebhookSetup) -> WebhookSetup:
    ShopConnection.objects.filter(pk=setup.connection_id).update(platform="woocommerce")
    return setup


def test_the_ping_of_a_new_webhook_is_answered_and_nothing_follows(woo: WebhookSetup) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(Delivery(f"/hooks/{TOKEN}/", headers, b"webhook_id=7")) == 200
    assert InboxEvent.objects.count() == 0
    woo.refresh_from_db()
    assert woo.pinged_at is not None
    assert woo.refused == 0


def test_a_platform_that_numbers_deliveries_is_believed_about_what_is_the_same(woo: WebhookSetup) -> None:
    """The same body under another number is another change; under the same it is the same, whenever it comes."""
    assert [post(woo_delivery("a1")), post(woo_delivery("b2")), post(woo_delivery("a1"))] == [200, 200, 200]
    InboxEvent.objects.update(status=InboxEvent.Status.DONE, received_at=timezone.now() - timedelta(days=2))
    assert post(woo_delivery("a1")) == 200
    assert InboxEvent.objects.filter(status=InboxEvent.Status.DONE).count() == 2


def test_a_forgery_in_the_name_of_woocommerce_is_refused(woo: WebhookSetup) -> None:
    assert post(woo_delivery("a1", "zła")) == 401
    assert InboxEvent.objects.count() == 0

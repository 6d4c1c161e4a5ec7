"""Pages of the brakes: the banner of a stop, limits, and letting orders go on."""

import pytest
from django.urls import reverse
from django.utils import timezone

from integrator.accounts.models import AuditEntry
from shops.models import ShopConnection
from syncjobs import stops
from syncjobs.engine.guard import Limits
from syncjobs.forms_brakes import LimitsForm
from syncjobs.models import OrderTerms, ShopOrder, Stop
from tests.web.tenants import Tenants, tenants
from tests.web.test_connections import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Tenants:
    return tenants()


def test_a_stop_is_seen_on_every_page_of_the_client_and_of_no_other(made: Tenants) -> None:
    browser = browser_of(made.people["operator"])
    browser.post(reverse("client_stop", args=[made.client.pk]), {"reason": "wrong <b>prices</b>"})
    stop = Stop.objects.get()
    for name, pk in (("client_home", made.client.pk), ("shop", made.shop.pk), ("runs", made.shop.pk)):
        page = browser.get(reverse(name, args=[pk])).content.decode()
        assert "All writing of Garden is stopped" in page
        assert "wrong &lt;b&gt;prices&lt;/b&gt;" in page
        assert str(stop.by) in page
    assert "is stopped" not in browser.get(reverse("client_home", args=[made.other.pk])).content.decode()
    viewer = browser_of(made.people["viewer"])
    assert viewer.post(reverse("client_stop", args=[made.client.pk]), {"release": "1"}).status_code == 403
    browser.post(reverse("client_stop", args=[made.client.pk]), {"release": "1"})
    assert stops.standing(made.shop) is None
    verbs = set(AuditEntry.objects.filter(client=made.client).values_list("verb", flat=True))
    assert {"stop.press", "stop.release"} <= verbs


def test_the_reason_of_the_firm_is_not_for_its_clients(made: Tenants) -> None:
    stops.press(made.firm, made.administrator, reason="burglary at Optics")
    page = browser_of(made.people["owner"]).get(reverse("client_home", args=[made.client.pk])).content.decode()
    assert "All writing of the firm is stopped" in page
    assert "Optics" not in page


def test_limits_are_kept_where_they_differ_from_the_usual(made: Tenants) -> None:
    browser, page = browser_of(made.people["implementer"]), reverse("limits", args=[made.shop.pk])
    usual = LimitsForm(stored={})
    sent = {name: field.initial for name, field in usual.fields.items() if name != "two_people"}
    browser.post(page, sent | {"orders_day": "7", "share_prices": "12.5", "two_people": "on"})
    made.shop.refresh_from_db()
    assert made.shop.limits == {"orders_day": 7, "share_prices": "12.5", "two_people": True}
    assert (Limits.of(made.shop.limits).orders_day, Limits.of(made.shop.limits).two_people) == (7, True)
    assert browser.post(page, sent | {"writes": "-1"}).status_code == 422


def test_orders_go_on_beyond_the_limit_once_their_number_is_typed(made: Tenants) -> None:
    ShopConnection.objects.filter(pk=made.shop.pk).update(limits={"orders_day": 0})
    OrderTerms.objects.create(connection=made.shop, enabled=True)
    now = timezone.now()
    ShopOrder.objects.create(
        connection=made.shop, shop_key="1", placed_at=now, read_at=now, status=ShopOrder.Status.INTENDED
    )
    browser, act = browser_of(made.people["operator"]), reverse("orders_let_go", args=[made.shop.pk])
    browser.post(act, {"typed": "2"})
    assert OrderTerms.objects.get().let_go_at is None
    browser.post(act, {"typed": "1"})
    assert OrderTerms.objects.get().let_go_at is not None
    assert AuditEntry.objects.get(verb="orders.let_go").data == {"written": 0, "waiting": 1}

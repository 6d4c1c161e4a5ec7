"""What changing a connection may not do unasked: talk to another database, send a secret to another address."""

import pytest
from django.urls import reverse
from django.utils import timezone

from integrator.accounts.models import AuditEntry
from shops.models import ShopConnection
from syncjobs.models import Link
from tests.web.tenants import Tenants, tenants
from tests.web.test_connections import SECRET, access, browser_of, erp_data, way_fields
from wapro.models import WaproConnection

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Tenants:
    return tenants()


def test_another_database_is_used_only_once_a_person_confirmed_it(made: Tenants) -> None:
    erp = WaproConnection.objects.filter(pk=made.erp.pk)
    page, browser = reverse("erp_edit", args=[made.erp.pk]), browser_of(made.administrator)
    erp.update(database_id="one", highest={"ARTYKUL": 9}, credentials={"read_user": "reader", "read_password": "x"})
    confirm = reverse("erp_identity", args=[made.erp.pk])
    browser.post(confirm, {"typed": made.erp.name})
    assert erp.get().database_id == "one"
    changed = {"code": "database_changed", "params": {"stored": "one", "found": "two"}, "turn": "connection"}
    erp.update(healthy=False, problem=changed, checked_at=timezone.now())
    browser.post(page, erp_data())
    assert erp.get().database_id == "one"
    browser.post(confirm, {"typed": "something else"})
    assert erp.get().database_id == "one"
    browser.post(confirm, {"typed": made.erp.name})
    assert (erp.get().database_id, erp.get().problem, erp.get().healthy) == ("two", None, None)
    assert erp.get().highest is None
    entry = AuditEntry.objects.get(verb="erp.database")
    assert (entry.user, entry.data) == (made.administrator, {"database": "two", "why": "database_changed"})


def test_a_secret_typed_for_one_address_is_not_sent_to_another(made: Tenants) -> None:
    user, secret = way_fields()
    name = secret.removeprefix("credential_")
    shop = ShopConnection.objects.filter(pk=made.shop.pk)
    stored = {user.removeprefix("credential_"): "api", name: SECRET}
    shop.update(address="https://shop.example", credentials=stored, token={"access_token": "t"})
    browser, page = browser_of(made.administrator), reverse("shop_access", args=[made.shop.pk])
    there = {"address": "https://elsewhere.example", user: "api"}
    assert "This way of logging in needs it." in browser.post(page, access(shop.get(), **there)).content.decode()
    assert (shop.get().address, shop.get().token) == ("https://shop.example", {"access_token": "t"})
    browser.post(page, access(shop.get(), **there, **{secret: SECRET}))
    assert (shop.get().address, shop.get().token) == ("https://elsewhere.example", {})


def test_a_password_typed_for_one_server_is_not_tried_on_another(made: Tenants) -> None:
    erp = WaproConnection.objects.filter(pk=made.erp.pk)
    erp.update(server="10.0.0.5", credentials={"read_user": "reader", "read_password": "very-secret-3"})
    browser, page = browser_of(made.administrator), reverse("erp_edit", args=[made.erp.pk])
    assert "Needed." in browser.post(page, erp_data(server="10.0.0.66")).content.decode()
    assert erp.get().server == "10.0.0.5"
    browser.post(page, erp_data(server="10.0.0.66", read_password="another-1"))
    assert (erp.get().server, erp.get().credentials["read_password"]) == ("10.0.0.66", "another-1")


def test_links_of_one_shop_are_not_carried_to_another_unasked(made: Tenants) -> None:
    user, secret = way_fields()
    Link.objects.create(connection=made.shop, kind="product", erp_key="A-1", shop_key="901", origin="rule")
    shop = ShopConnection.objects.filter(pk=made.shop.pk)
    browser, page = browser_of(made.administrator), reverse("shop_access", args=[made.shop.pk])
    there = {"address": "https://elsewhere.example", user: "api", secret: SECRET}
    assert "Is it the same shop?" in browser.post(page, access(shop.get(), **there)).content.decode()
    assert shop.get().address != "https://elsewhere.example"
    browser.post(page, access(shop.get(), **there, same_shop="on"))
    assert shop.get().address == "https://elsewhere.example"


def test_a_shop_is_disconnected_only_by_its_typed_name(made: Tenants) -> None:
    browser, page = browser_of(made.administrator), reverse("shop_remove", args=[made.shop.pk])
    browser.post(page, {"typed": "something else"})
    assert ShopConnection.objects.filter(pk=made.shop.pk).exists()
    browser.post(page, {"typed": made.shop.name})
    assert not ShopConnection.objects.filter(pk=made.shop.pk).exists()
    assert AuditEntry.objects.get(verb="shop.remove").subject == made.shop.name

"""The form of a connection: which way of logging in stands chosen, and choices that mean "nothing"."""

import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from shops.models import ShopConnection
from shops.registry import platform
from tests.web.tenants import Tenants, tenants

pytestmark = pytest.mark.django_db
KEYS = {"credential_query_key": "ck_1", "credential_query_secret": "cs_1"}


@pytest.fixture
def made() -> Tenants:
    return tenants()


def added(made: Tenants, way: str, **more: str) -> tuple[Browser, ShopConnection]:
    """A new WooCommerce shop of the other client, as the form makes it."""
    browser = Browser()
    browser.force_login(made.administrator)
    values = {"name": "Sklep", "environment": "test", "address": "https://shop.example", "login_way": way}
    values |= {f"setting_{one.name}": str(one.default) for one in platform("woocommerce").settings}
    browser.post(reverse("shop_add", args=[made.other.pk]) + "?platform=woocommerce", values | more)
    return browser, ShopConnection.objects.get(client=made.other)


def test_a_way_is_recognised_without_its_optional_credentials(made: Tenants) -> None:
    browser, shop = added(made, "query", **KEYS)
    assert shop.credentials["query_key"] == "ck_1"
    text = browser.get(reverse("shop_access", args=[shop.pk])).content.decode()
    chosen = [tag for tag in re.findall(r"<input[^>]*login_way[^>]*>", text) if "checked" in tag]
    assert len(chosen) == 1
    assert 'value="query"' in chosen[0]


def test_nowhere_is_a_choice_like_any_other(made: Tenants) -> None:
    _, shop = added(made, "query", **KEYS, setting_unit="")
    assert shop.settings["unit"] == ""

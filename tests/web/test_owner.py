"""The owner's home: is my shop right, in plain words, and nothing to press that only others may."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from syncjobs.models import SyncOptions
from syncjobs.models.choices import Status
from tests.web.tenants import Tenants
from tests.web.test_homes import made, ran

__all__ = ["made"]
pytestmark = pytest.mark.django_db


def page_of(made: Tenants) -> str:
    browser = Browser()
    browser.force_login(made.people["owner"])
    return browser.get(reverse("client_home", args=[made.client.pk])).content.decode()


def switch_on(made: Tenants, kind: str) -> None:
    SyncOptions.objects.create(
        connection=made.shop,
        kind=kind,
        enabled=True,
        criterion="code",
        interval_minutes=60,
        next_at=timezone.now() + timedelta(minutes=30),
    )


def test_a_shop_in_step_is_said_to_be_right(made: Tenants) -> None:
    switch_on(made, "stock")
    ran(made.shop, Status.SUCCEEDED, "stock", minutes=5)
    body = page_of(made)
    assert "Your shop is right" in body
    assert "In the shop as in WAPRO." in body
    assert "You have nothing to do here" in body or "Nothing waits." in body


def test_a_failure_is_said_with_when_it_was_last_right(made: Tenants) -> None:
    switch_on(made, "stock")
    ran(made.shop, Status.SUCCEEDED, "stock", minutes=50)
    ran(made.shop, Status.FAILED, "stock", minutes=5)
    body = page_of(made)
    assert "Something in your shop may not be right" in body
    assert "Since then it does not work." in body
    assert "Integrators" in body


def test_before_the_first_run_nothing_is_claimed(made: Tenants) -> None:
    assert "Your shop is being connected" in page_of(made)


def test_there_is_nothing_to_press_and_no_way_to_pages_for_others(made: Tenants) -> None:
    ran(made.shop, Status.FAILED, "product", minutes=5)
    body = page_of(made)
    main = body.split("<main")[1].split("</main>")[0]
    assert "<form" not in main
    assert "<button" not in main
    side = body.split('<nav class="side"')[1].split("</nav>")[0]
    assert reverse("options", args=[made.shop.pk]) not in side
    assert reverse("conflicts", args=[made.shop.pk]) not in side
    browser = Browser()
    browser.force_login(made.people["owner"])
    for link in set(re.findall(r'href="(/[^"#]*)"', main + side)):
        if not link.startswith("/static/"):
            assert browser.get(link, follow=True).status_code == 200, link


def test_the_owners_page_asks_few_queries(made: Tenants) -> None:
    switch_on(made, "stock")
    ran(made.shop, Status.SUCCEEDED, "stock", minutes=5)
    page_of(made)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page_of(made)
    assert len(asked) <= 48

"""Pictures lent to a shop: whoever has the address gets the bytes for an hour, nobody else gets anything."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from shops import publishing
from shops.models import LentPicture
from shops.simulation.pictures import small_png
from tests.web.tenants import tenants

PICTURE = small_png(7)


@pytest.fixture
def address(db, settings) -> str:
    settings.INTEGRATOR_PUBLIC_URL = "https://panel.example"
    publish = publishing.publisher(tenants().shop, None)
    assert publish is not None
    return publish(PICTURE, "png")


def test_a_shop_gets_the_picture_by_its_address(address):
    assert address.startswith("https://panel.example/pictures/")
    assert address.endswith(".png"), "WordPress takes no address without the ending of a picture"
    answer = Browser().get(urlsplit(address).path)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/png", PICTURE)


def test_an_address_ends_after_an_hour_and_the_bytes_are_forgotten(address):
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert Browser().get(urlsplit(address).path).status_code == 404
        publishing.forget_expired()
        assert not LentPicture.objects.exists()


@pytest.mark.parametrize("change", [lambda path: path[:-8] + "AAAA.png", lambda path: path[:-3] + "jpg"])
def test_a_guessed_address_is_nothing(address, change):
    assert Browser().get(change(urlsplit(address).path)).status_code == 404


def test_without_a_public_address_nothing_is_lent(db, settings):
    settings.INTEGRATOR_PUBLIC_URL = ""
    assert publishing.publisher(tenants().shop, None) is None

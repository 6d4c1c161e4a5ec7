"""Passkeys as a browser does them, with the virtual device that Chromium has for this."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrator.accounts.models import Passkey
from tests.web.tenants import person

pytestmark = pytest.mark.e2e
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture
def panel(transactional_db: None, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """Address of a panel without worker, in this process, with the test's own database."""
    settings.STATIC_ROOT = tmp_path
    server = LiveServer("localhost")
    settings.PASSKEY_ORIGINS = [server.url]
    cache.clear()
    yield server.url
    server.stop()


def test_a_passkey_is_made_and_signs_in_again(panel: str, page: Page) -> None:
    user = person("anna@mostek.example")
    user.set_password("correct horse battery")
    user.save()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    page.goto(f"{panel}/profile/second-factor/")
    page.fill("input[name=email]", user.email)
    page.fill("input[name=password]", "correct horse battery")
    page.click("form.door-form:not([data-passkey]) button")
    page.fill("#pk-name", "laptop")
    page.click("form[data-passkey] button")
    expect(page.locator("ul.codes > li")).to_have_count(10)
    page.goto(f"{panel}/profile/")
    page.locator("form[action='/logout/'] button").click()
    page.locator("form[data-passkey] button").click()
    page.wait_for_url(f"{panel}/")
    assert Passkey.objects.get(user=user).used_at is not None
    page.goto(f"{panel}/profile/second-factor/")
    expect(page.locator("main")).to_contain_text("laptop")
    assert wrong == []

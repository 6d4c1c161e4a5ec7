"""What every answer carries, and what changes where the panel is served over HTTPS."""

import runpy
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.test import Client as Browser
from django.urls import reverse
from pytest_django.fixtures import Settings

from shops import publishing
from shops.simulation.pictures import small_png
from tests.web.tenants import tenants

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


def test_every_answer_carries_its_headers() -> None:
    made, browser = tenants(), Browser()
    browser.force_login(made.administrator)
    for where, status in ((reverse("shop", args=[made.shop.pk]), 200), ("/nowhere/", 404), (reverse("logout"), 405)):
        answer = browser.get(where)
        policy = {part.split()[0]: part.split()[1:] for part in answer["Content-Security-Policy"].split(";")}
        assert answer.status_code == status
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & {word for words in policy.values() for word in words}
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in answer["Permissions-Policy"]
        assert "private" in answer["Cache-Control"] or "no-store" in answer["Cache-Control"]


def test_a_picture_is_served_as_what_it_is_and_nothing_in_it_runs(settings) -> None:
    """The only bytes from outside that are served: of a card in WAPRO, by their own first bytes."""
    settings.INTEGRATOR_PUBLIC_URL = "https://panel.example"
    publish = publishing.publisher(tenants().shop, None)
    assert publish is not None
    answer = Browser().get(publish(small_png(1), "png").removeprefix("https://panel.example"))
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example",
                                    "evil", "a\x00b", "/\t/evil.example", "http:///evil.example"])  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(wanted: str) -> None:
    browser = Browser()
    browser.force_login(tenants().administrator)
    for answer in (
        browser.get(reverse("login"), {"next": wanted}),
        browser.post(reverse("preferences"), {"next": wanted, "language": "en"}),
        browser.get(reverse("confirm"), {"next": wanted}),
    ):
        assert (answer.status_code, answer["Location"]) == (302, reverse("home"))


@pytest.fixture
def production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What the settings say of security where they are read as docs/production.md has them."""
    given = {
        "DEBUG": "false",
        "HTTPS": "true",
        "SECRET_KEY": "Zx9-Wm4_Qp7rTy2uIo8aSd5fGh1jKl3zXc6vBn0mQwErTyUiOpAsDfGhJk",
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "panel.example.pl",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "INTEGRATOR_ALLOW_LOOPBACK": "false",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    read = runpy.run_path(str(ROOT / "integrator" / "settings.py"))
    caches = settings.CACHES
    for name, value in read.items():
        if name.startswith(("SECURE_", "SESSION_", "CSRF_", "X_", "INTEGRATOR_", "SILENCED")) or name in {
            *given,
            "CACHES",
        }:
            setattr(settings, name, value)
    settings.CELERY_BROKER_URL = read["CELERY_BROKER_URL"]
    with monkeypatch.context() as here:
        # Tests that drive a browser leave it behind in this process, and their event loop needs it afterwards.
        here.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
        found = [one for one in run_checks(include_deployment_checks=True) if not one.is_silenced()]
    assert not found
    settings.CACHES = caches
    return settings


def test_over_https_cookies_belong_to_this_host_alone(production: Settings) -> None:
    """And a production as documented has nothing to mend (the fixture looks)."""
    host = {"headers": {"host": "panel.example.pl", "referer": "https://panel.example.pl/"}}
    plain, asked = Browser(**host).get("/login/"), Browser(**host).get("/login/", secure=True)
    told = Browser(**host).post("/preferences/", {"language": "pl", "theme": "dark"}, secure=True)
    assert (plain.status_code, plain["Location"]) == (301, "https://panel.example.pl/login/")
    assert asked["Strict-Transport-Security"] == "max-age=31536000"
    cookies = [one for answer in (asked, told) for one in answer.cookies.values()]
    assert "__Host-csrftoken" in {one.key for one in cookies}
    assert production.SESSION_COOKIE_NAME == "__Host-sessionid"
    for cookie in cookies:
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        assert cookie["samesite"] == "Lax"
    assert Browser(**host).get("/healthz").status_code != 301

"""System checks of the settings: what a person forgot before going to production."""

import pytest
from cryptography.fernet import Fernet
from django.core.checks import Error, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from integrator import celery, checks
from integrator.public_address import public_url

FERNET = Fernet.generate_key().decode()
MADE_UP = "dGVzdHMtb25seS1rZXktMzItYnl0ZXMtbG9uZy0wMTI="
STRONG = "Zx9-Wm4_Qp7rTy2uIo8aSd5fGh1jKl3zXc6vBn0mQwErTyUiOpAsDfGhJk"


@pytest.fixture
def production(settings):
    settings.DEBUG = False
    settings.HTTPS = True
    settings.SECRET_KEY = STRONG
    settings.FIELD_ENCRYPTION_KEYS = [FERNET]
    settings.ALLOWED_HOSTS = ["panel.example.pl"]
    settings.INTEGRATOR_ALLOW_LOOPBACK = False
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:6379/0"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://x"}}
    return settings


def ours(deploy=True):
    return {m.id for m in run_checks(tags=["security"], include_deployment_checks=deploy) if m.id.startswith("integ")}


def test_a_careful_production_has_nothing_to_mend(production):
    assert ours() == set()


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("SECRET_KEY", "dev-only-" + "k" * 60, "integrator.E001"),
        ("SECRET_KEY", "short", "integrator.E001"),
        ("SECRET_KEY", "a" * 80, "integrator.E001"),
        ("FIELD_ENCRYPTION_KEYS", [], "integrator.E002"),
        ("FIELD_ENCRYPTION_KEYS", [""], "integrator.E002"),
        ("FIELD_ENCRYPTION_KEYS", [FERNET, "not a key"], "integrator.E003"),
        ("FIELD_ENCRYPTION_KEYS", [FERNET, MADE_UP], "integrator.E013"),
        ("FIELD_ENCRYPTION_KEYS", ["A" * 43 + "="], "integrator.E013"),
        ("INTEGRATOR_ALLOWED_NETWORKS", ["192.168.7.0/24", "192.168.7.1/24"], "integrator.E015"),
        ("INTEGRATOR_ALLOWED_NETWORKS", ["shop.example"], "integrator.E015"),
        ("INTEGRATOR_ALLOWED_NETWORKS", ["0.0.0.0/0"], "integrator.E015"),
        ("INTEGRATOR_ALLOWED_NETWORKS", ["127.0.0.0/8"], "integrator.E015"),
        ("ALLOWED_HOSTS", ["*"], "integrator.E005"),
        ("ALLOWED_HOSTS", ["localhost"], "integrator.W002"),
        ("DEBUG", True, "integrator.E006"),
        ("INTEGRATOR_ALLOW_LOOPBACK", True, "integrator.E007"),
        ("CELERY_BROKER_URL", "memory://", "integrator.E008"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "integrator.E009"),
        ("HTTPS", False, "integrator.W001"),
        ("INTEGRATOR_PUBLIC_URL", "panel.example.pl", "integrator.E010"),
        ("INTEGRATOR_PUBLIC_URL", "https://", "integrator.E010"),
        ("INTEGRATOR_PUBLIC_URL", "https://other.example.pl", "integrator.E011"),
        ("INTEGRATOR_PUBLIC_URL", "http://panel.example.pl", "integrator.E012"),
    ],
)
def test_each_forgotten_setting_is_named(production, name, value, found):
    setattr(production, name, value)
    assert found in ours()


def test_a_public_address_that_the_panel_answers_at_is_fine(production):
    production.INTEGRATOR_PUBLIC_URL = "https://panel.example.pl/"
    assert ours() == set()


def test_the_public_address_of_a_path(settings):
    settings.INTEGRATOR_PUBLIC_URL = "https://panel.example.pl/"
    assert public_url("/hooks/abc/") == "https://panel.example.pl/hooks/abc/"
    settings.INTEGRATOR_PUBLIC_URL = ""
    assert public_url("/hooks/abc/") is None


def test_debug_is_refused_where_strangers_can_come(production):
    production.DEBUG = True
    assert "integrator.E004" in ours(deploy=False)
    production.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    assert ours(deploy=False) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTEGRATOR_ALLOW_LOOPBACK", True),
        ("SECRET_KEY", "short"),
        ("FIELD_ENCRYPTION_KEYS", [MADE_UP]),
        ("DEBUG", True),
    ],
)
def test_web_and_workers_do_not_start_with_what_must_never_run(production, name, value):
    checks.refuse_unsafe()
    setattr(production, name, value)
    with pytest.raises(ImproperlyConfigured) as refused:
        checks.refuse_unsafe()
    with pytest.raises(SystemExit):
        celery.refuse_unsafe()
    assert name in str(refused.value)
    assert MADE_UP not in str(refused.value)


def test_the_demo_may_call_this_machine_while_nobody_else_can_open_it(production):
    production.INTEGRATOR_ALLOW_LOOPBACK, production.ALLOWED_HOSTS = True, ["localhost", "127.0.0.1"]
    checks.refuse_unsafe()


def test_the_broken_key_is_counted_not_shown(production):
    production.FIELD_ENCRYPTION_KEYS = [FERNET, "almost-a-key-that-must-stay-hidden"]
    texts = [f"{m.msg} {m.hint}" for m in run_checks(tags=["security"]) if isinstance(m, Error)]
    assert any("number 2" in text for text in texts)
    assert not any("almost-a-key" in text for text in texts)


def test_the_project_starts_with_no_complaint_while_developing(settings):
    settings.DEBUG = True
    call_command("check")

"""Passkeys by a device written for the tests: registering, signing in, and everything that must not let anybody in."""

import json
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django.fixtures import Settings

from integrator.accounts.models import AuditEntry, Passkey, RecoveryCode, User
from tests.web.authenticator import PRESENT, Authenticator, text
from tests.web.tenants import Tenants, tenants

pytestmark = pytest.mark.django_db
HOST = "panel.example"


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.PASSKEY_ORIGINS, settings.ALLOWED_HOSTS = [f"https://{HOST}"], [HOST]


@pytest.fixture
def made() -> Tenants:
    return tenants()


def opened(user: User | None = None) -> Browser:
    browser = Browser(headers={"host": HOST, "accept-language": "en", "x-forwarded-proto": "https"})
    if user is not None:
        browser.force_login(User.objects.get(pk=user.pk))  # its mark of signing in changes
    return browser


def asked(browser: Browser, name: str = "passkey_ask", **more: str) -> dict[str, Any]:
    return dict(json.loads(browser.post(reverse(name), more, secure=True).content))


def registered(user: User, device: Authenticator, name: str = "laptop") -> Browser:
    browser = opened(user)
    answer = device.create(asked(browser, "passkey_new"))
    browser.post(reverse("passkey_add"), {"name": name, "passkey": answer}, secure=True)
    return browser


def signed_in(browser: Browser, answer: str) -> bool:
    browser.post(reverse("login"), {"passkey": answer}, secure=True)
    return "_auth_user_id" in browser.session


def test_a_passkey_alone_signs_its_person_in(made: Tenants) -> None:
    device, user = Authenticator(), made.people["operator"]
    browser = registered(user, device)
    registered(user, device, "")
    assert list(Passkey.objects.values_list("name", flat=True)) == ["laptop", "unknown device"]
    assert RecoveryCode.objects.filter(user=user).count() == 10
    assert "_auth_user_id" in browser.session, "whoever adds the first one stays signed in here"
    somebody = opened()
    assert 'data-passkey="/login/passkey/"' in somebody.get(reverse("login"), secure=True).content.decode()
    assert signed_in(somebody, device.get(asked(somebody)))
    assert somebody.session["_auth_user_id"] == str(user.pk)
    assert Passkey.objects.filter(sign_count=device.count).count() == 1
    verbs = set(AuditEntry.objects.filter(firm=made.firm).values_list("verb", flat=True))
    assert verbs == {"factor.passkey_add", "factor.codes"}


def test_an_answer_is_good_once_and_for_its_own_challenge_only(made: Tenants) -> None:
    device = Authenticator()
    registered(made.people["operator"], device)
    first = opened()
    answer = device.get(asked(first))
    assert not signed_in(opened(), answer), "without a challenge of this session"
    other = opened()
    asked(other)
    assert not signed_in(other, answer), "another challenge"
    assert signed_in(first, answer)
    again = opened()
    again.cookies = first.cookies
    again.post(reverse("logout"), secure=True)
    assert not signed_in(again, answer), "a second time"


@pytest.mark.parametrize(
    ("device", "changes"),
    [
        (Authenticator(origin="https://panel.example.evil"), {}),
        (Authenticator(flags=PRESENT), {}),
        (Authenticator(), {"signature": text(b"0" * 70)}),
        (Authenticator(), {"userHandle": text(b"integrator:1")}),
        (Authenticator(), {"clientDataJSON": text(b"[]")}),
        (Authenticator(), {"authenticatorData": 5}),
    ],
    ids=["another site", "holder not verified", "signature", "another person", "no client data", "not text"],
)
def test_what_proves_nothing_lets_nobody_in(made: Tenants, device: Authenticator, changes: dict[str, Any]) -> None:
    good = Authenticator()
    registered(made.people["operator"], good)
    device.keys = good.keys
    device.count = good.count
    browser = opened()
    assert not signed_in(browser, device.get(asked(browser), **changes))


NONSENSE = ("{", "[]", "{}", '{"response": {}}', "[" * 15_000, "x" * 30_000, '{"id": 5, "response": {}}')


@pytest.mark.parametrize("answer", NONSENSE)
def test_nonsense_is_refused_in_words(made: Tenants, answer: str) -> None:
    browser = opened()
    asked(browser)
    page = browser.post(reverse("login"), {"passkey": answer}, secure=True)
    assert page.status_code == 200
    assert "This passkey does not fit" in page.content.decode()
    owner = opened(made.people["operator"])
    asked(owner, "passkey_new")
    owner.post(reverse("passkey_add"), {"name": "x", "passkey": answer}, secure=True)
    assert not Passkey.objects.exists()


def test_a_copy_of_the_key_that_fell_behind_is_refused(made: Tenants) -> None:
    device = Authenticator()
    registered(made.people["operator"], device)
    browser = opened()
    assert signed_in(browser, device.get(asked(browser)))
    device.count -= 1
    late = opened()
    assert not signed_in(late, device.get(asked(late)))


def test_a_passkey_of_somebody_else_is_no_second_factor_and_is_not_removed(made: Tenants) -> None:
    device, owner, other = Authenticator(), made.people["operator"], made.people["viewer"]
    registered(owner, device)
    browser = opened(other)
    other_asked = asked(browser)
    other_asked["allowCredentials"] = []
    session = browser.session
    session["confirmed_at"] = 0
    session.save()
    page = reverse("second_factor_app")
    sealed = browser.get(page, secure=True).content.decode().split('name="confirming" value="')[1].split('"')[0]
    answer = browser.post(page, {"confirming": sealed, "passkey": device.get(other_asked)}, secure=True)
    assert answer.status_code == 422
    browser.force_login(other)
    key = Passkey.objects.get()
    browser.post(reverse("second_factor_act"), {"act": "passkey_remove", "passkey_id": key.pk}, secure=True)
    assert Passkey.objects.get() == key
    mine = opened(owner)
    mine.post(reverse("second_factor_act"), {"act": "passkey_remove", "passkey_id": key.pk}, secure=True)
    assert not Passkey.objects.exists()
    assert not RecoveryCode.objects.filter(user=owner).exists(), "codes stand in for nothing now"


def test_at_another_address_or_without_the_setting_none_are_offered(made: Tenants, settings: Settings) -> None:
    settings.PASSKEY_ORIGINS = []
    browser = opened(made.people["operator"])
    assert browser.post(reverse("passkey_new"), secure=True).status_code == 404
    assert browser.post(reverse("passkey_ask"), secure=True).status_code == 404
    assert "data-passkey" not in browser.get(reverse("second_factor"), secure=True).content.decode()
    assert "data-passkey" not in opened().get(reverse("login"), secure=True).content.decode()

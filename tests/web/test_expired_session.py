"""A session that ends in the middle of a form: nothing typed is lost, nobody else gets it, no secret travels."""

import re
from base64 import urlsafe_b64decode
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from integrator.accounts import kept_forms
from integrator.accounts.models import User
from syncjobs.models import SyncOptions
from tests.web.scene import Scene, person
from tests.web.test_options import LEAVE

pytest_plugins = ("tests.web.signed_in",)

PASSWORD = "correct horse battery"
TYPED = LEAVE | {"interval_minutes": "77"}


def run_out() -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))


def form_of(page: str) -> tuple[str, list[tuple[str, str]]]:
    """Address and hidden fields of the form in the middle of a page of the door."""
    found = re.search(r'<form method="post" action="([^"]*)" class="door-form">(.*?)</form>', page, re.DOTALL)
    assert found is not None
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', found.group(2))
    return unescape(found.group(1)), [(unescape(name), unescape(value)) for name, value in fields]


def sign_in(browser: Browser, page: str, email: str, password: str = PASSWORD) -> str:
    where, fields = form_of(page)
    answer = browser.post(where, dict(fields) | {"email": email, "password": password}, follow=True)
    return answer.content.decode()


@pytest.fixture
def url(scene: Scene) -> str:
    scene.user.set_password(PASSWORD)
    scene.user.save()
    return f"/shops/{scene.shop.pk}/options/product/"


@pytest.fixture
def browser(scene: Scene, url: str) -> Browser:
    client = Browser(headers={"accept-language": "en"})
    client.force_login(scene.user)
    return client


def test_what_was_typed_comes_back_and_is_saved_when_sent_again(scene: Scene, url: str, browser: Browser) -> None:
    run_out()
    page = browser.post(url, TYPED).content.decode()
    assert "What you typed is kept." in page
    sealed = form_of(page)[1][-1][1]
    assert "interval_minutes" not in sealed, "it is sealed"
    assert b"interval_minutes" not in urlsafe_b64decode(sealed)
    back = sign_in(browser, page, scene.user.email)
    where, fields = form_of(back)
    assert where == url
    assert {name: value for name, value in fields if name != "csrfmiddlewaretoken"} == TYPED
    assert not SyncOptions.objects.filter(connection=scene.shop, interval_minutes=77).exists()
    assert browser.post(where, dict(fields)).status_code == 302
    assert SyncOptions.objects.get(connection=scene.shop, kind="product").interval_minutes == 77


def test_a_wrong_password_first_does_not_lose_it(scene: Scene, url: str, browser: Browser) -> None:
    run_out()
    page = sign_in(browser, browser.post(url, TYPED).content.decode(), scene.user.email, "not this one at all")
    assert "do not fit" in page
    assert dict(form_of(sign_in(browser, page, scene.user.email))[1])["interval_minutes"] == "77"


def test_another_person_who_signs_in_gets_nothing_of_it(scene: Scene, url: str, browser: Browser) -> None:
    other = person("other@merydian.example", "other")
    other.set_password(PASSWORD)
    other.save()
    run_out()
    back = sign_in(browser, browser.post(url, TYPED | {"criterion": "typed-by-kurek"}).content.decode(), other.email)
    assert "typed-by-kurek" not in back
    assert "Send it again" not in back


def test_passwords_keys_and_files_do_not_travel(scene: Scene, url: str, browser: Browser) -> None:
    run_out()
    secret = "very-secret-value"
    sent = {"name": "Shop", "credential_client_secret": secret, "read_password": secret, "csrfmiddlewaretoken": secret}
    page = browser.post(
        f"/shops/{scene.shop.pk}/access/", sent | {"file": SimpleUploadedFile("a.json", secret.encode())}
    )
    kept = kept_forms.opened(dict(form_of(page.content.decode())[1])["kept"])
    assert kept is not None
    assert list(kept.fields) == [("name", "Shop")]
    assert set(kept.left_out) == {"file", "credential_client_secret", "read_password"}
    back = sign_in(browser, page.content.decode(), scene.user.email)
    assert "were not kept" in back
    assert "read_password" not in back, "fields are named as people know them"
    assert secret not in back


def test_what_is_too_large_is_said_before_anything_is_lost(scene: Scene, url: str, browser: Browser) -> None:
    large = {"criterion": "x" * (kept_forms.LARGEST + 1)}
    User.objects.filter(pk=scene.user.pk).update(password_is_temporary=True)
    chosen = browser.post(url, large)
    run_out()
    for answer, page in ((chosen, "password"), (browser.post(url, large), "login")):
        assert answer.status_code == 413
        assert "What you typed is still in your browser" in answer.content.decode()
        assert f'href="{reverse(page)}" target="_blank"' in answer.content.decode()


def test_a_one_time_password_loses_nothing_that_was_typed(scene: Scene, url: str, browser: Browser) -> None:
    User.objects.filter(pk=scene.user.pk).update(password_is_temporary=True)
    page = browser.post(url, TYPED).content.decode()
    where, fields = form_of(page)
    assert f'href="{reverse("password")}" target="_blank"' in page
    assert "<dt>Every so many minutes</dt><dd>77</dd>" in page
    assert not SyncOptions.objects.filter(connection=scene.shop, interval_minutes=77).exists()
    User.objects.filter(pk=scene.user.pk).update(password_is_temporary=False)
    assert browser.post(where, dict(fields)).status_code == 302
    assert SyncOptions.objects.get(connection=scene.shop, kind="product").interval_minutes == 77
    foreign = Browser(enforce_csrf_checks=True)
    foreign.force_login(scene.user)
    User.objects.filter(pk=scene.user.pk).update(password_is_temporary=True)
    assert foreign.post(url, TYPED).status_code == 403


def test_what_is_empty_leads_to_the_sign_in_as_ever(scene: Scene, url: str, browser: Browser) -> None:
    run_out()
    for data in ({}, {"new_password": "only this"}):
        answer = browser.post(url, data)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("login"))


def test_nobody_can_slip_a_form_of_their_own_into_the_sign_in(scene: Scene, url: str, browser: Browser) -> None:
    run_out()
    for forged in ("nonsense", "gAAAAABforged", "ł", "x" * 2_000_000):
        data = {"email": scene.user.email, "password": PASSWORD, "kept": forged, "next": url}
        answer = Browser().post(reverse("login"), data)
        assert answer.status_code == 302
        assert answer["Location"] == url


def test_a_form_from_another_site_is_not_kept(scene: Scene, url: str) -> None:
    assert Browser(enforce_csrf_checks=True).post(url, TYPED).status_code == 403


def test_markup_that_was_typed_stays_text(scene: Scene, url: str, browser: Browser) -> None:
    run_out()
    page = browser.post(url, TYPED | {"criterion": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in sign_in(browser, page, scene.user.email)


def test_a_part_of_a_page_says_that_the_session_has_ended(scene: Scene, url: str, browser: Browser) -> None:
    run_out()
    answer = browser.post(f"/shops/{scene.shop.pk}/count/", {"filter-value": "x"}, headers={"HX-Request": "true"})
    assert "Your session has ended." in answer.content.decode()

"""Signing in and out, the brake on guessing, one-time passwords, the person's own settings, headers of every page."""

import re

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse
from pytest_django.fixtures import Settings

from integrator.accounts import brake, signin
from integrator.accounts.checks import check_passkeys
from integrator.accounts.models import AuditEntry, Membership, Role, User
from tests.web.tenants import PASSWORD, Tenants, person, tenants

pytestmark = pytest.mark.django_db
WRONG = "not the password at all"


@pytest.fixture
def made() -> Tenants:
    made = tenants()
    user = made.administrator
    user.set_password(PASSWORD)
    user.save()
    return made


def try_login(browser: Browser, email: str, password: str, **more: str) -> int:
    return browser.post(reverse("login"), {"email": email, "password": password, **more}).status_code


def test_a_person_signs_in_by_e_mail_whatever_its_case_and_lands_at_the_firm(made: Tenants) -> None:
    browser = Browser()
    answer = browser.post(
        reverse("login"), {"email": made.administrator.email.upper(), "password": PASSWORD}, follow=True
    )
    assert answer.redirect_chain[-1][0] == reverse("firm_home", args=[made.firm.pk])
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("email", "password"), [("administrator@integrators.example", WRONG), ("who@x.example", WRONG)]
)
def test_a_wrong_password_and_an_unknown_person_get_the_same_words(made: Tenants, email: str, password: str) -> None:
    answer = Browser().post(reverse("login"), {"email": email, "password": password}, headers={"accept-language": "en"})
    assert "do not fit" in answer.content.decode()
    assert WRONG not in answer.content.decode()


def test_five_wrong_tries_stop_this_account_from_this_address_only(made: Tenants) -> None:
    email = made.administrator.email
    assert [try_login(Browser(), email, WRONG) for _try in range(5)] == [200] * 5
    assert try_login(Browser(), email, PASSWORD) == 429
    elsewhere = Browser(REMOTE_ADDR="10.9.9.9")
    assert try_login(elsewhere, email, PASSWORD) == 302
    assert try_login(Browser(), "somebody@else.example", WRONG) == 200


def test_a_success_forgets_the_failures_before_it(made: Tenants) -> None:
    email = made.administrator.email
    for _round in range(2):
        for _try in range(4):
            try_login(Browser(), email, WRONG)
        assert try_login(Browser(), email, PASSWORD) == 302


def test_somebody_switched_off_cannot_sign_in(made: Tenants) -> None:
    User.objects.filter(pk=made.administrator.pk).update(is_active=False)
    assert try_login(Browser(), made.administrator.email, PASSWORD) == 200


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(made: Tenants, wanted: str) -> None:
    data = {"email": made.administrator.email, "password": PASSWORD, "next": wanted}
    assert Browser().post(reverse("login"), data)["Location"] == reverse("home")
    answer = Browser().post(reverse("preferences"), {"language": "en", "next": wanted})
    assert answer["Location"] == reverse("home")


def test_signing_in_leads_back_to_the_page_that_was_asked_for(made: Tenants) -> None:
    page = reverse("shop", args=[made.shop.pk])
    browser = Browser()
    login = browser.get(page)["Location"]
    assert f'value="{page}"' in browser.get(login).content.decode()


def test_a_fragment_whose_session_ended_sends_the_whole_page_to_the_login(made: Tenants) -> None:
    answer = Browser().get(reverse("client_home", args=[made.client.pk]), headers={"hx-request": "true"}, follow=True)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == reverse("login")


def test_a_one_time_password_opens_only_the_page_that_replaces_it(made: Tenants) -> None:
    User.objects.filter(pk=made.administrator.pk).update(password_is_temporary=True)
    browser = Browser()
    assert try_login(browser, made.administrator.email, PASSWORD) == 302
    assert browser.get(reverse("client_home", args=[made.client.pk]))["Location"] == reverse("password")
    new = "a quite different one"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert browser.post(reverse("password"), data)["Location"] == reverse("home")
    assert browser.get(reverse("client_home", args=[made.client.pk])).status_code == 200


def test_the_header_switches_language_and_theme_without_scripts(made: Tenants) -> None:
    browser = Browser()
    browser.force_login(made.administrator)
    page = reverse("profile")
    assert browser.post(reverse("preferences"), {"theme": "dark", "next": page})["Location"] == page
    assert '<html lang="en" data-bs-theme="dark">' in browser.get(page).content.decode()
    browser.post(reverse("preferences"), {"language": "pl", "theme": "system", "next": page})
    assert '<html lang="pl">' in browser.get(page).content.decode()


def test_before_signing_in_the_choice_is_kept_in_cookies(made: Tenants) -> None:
    browser = Browser()
    browser.post(reverse("preferences"), {"language": "en"})
    browser.post(reverse("preferences"), {"theme": "dark"})
    assert '<html lang="en" data-bs-theme="dark">' in browser.get(reverse("login")).content.decode()


def test_the_profile_changes_name_and_time_zone(made: Tenants) -> None:
    browser = Browser()
    browser.force_login(made.administrator)
    data = {"name": "Anna", "language": "en", "theme": "light", "time_zone": "Europe/London"}
    browser.post(reverse("profile"), data)
    user = User.objects.get(pk=made.administrator.pk)
    assert (user.name, user.time_zone) == ("Anna", "Europe/London")
    browser.post(reverse("profile"), {**data, "language": "xx"})
    assert User.objects.get(pk=user.pk).language == "en"


def test_signing_out_needs_a_form_and_ends_the_session(made: Tenants) -> None:
    browser = Browser()
    browser.force_login(made.administrator)
    assert browser.get(reverse("logout")).status_code == 405
    browser.post(reverse("logout"))
    assert browser.get(reverse("profile")).status_code == 302


def test_the_policy_of_every_page_forbids_what_is_not_ours(made: Tenants) -> None:
    policy = Browser().get(reverse("login"))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", re.IGNORECASE)


@pytest.mark.parametrize(
    "name", ["client_home", "firm_home", "shop", "shop_edit", "shop_access", "erp", "erp_edit", "profile"]
)
def test_no_page_needs_what_the_policy_forbids(made: Tenants, name: str) -> None:
    known = {"client_home": made.client.pk, "firm_home": made.firm.pk, "profile": None}
    pk = known.get(name, made.erp.pk if name.startswith("erp") else made.shop.pk)
    browser = Browser()
    browser.force_login(made.administrator)
    text = browser.get(reverse(name, args=[pk] if pk else [])).content.decode()
    assert not INLINE.search(text), INLINE.search(text)


def test_a_form_without_its_token_is_refused_in_words(made: Tenants) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(made.administrator)
    answer = browser.post(reverse("profile"), {})
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()


def test_the_page_of_a_failure_needs_no_database_and_shows_no_detail(
    made: Tenants, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("inner detail")

    settings.DEBUG = False
    browser = Browser(raise_request_exception=False)
    browser.force_login(made.administrator)
    monkeypatch.setattr("integrator.accounts.views.ProfileForm", fails)
    answer = browser.get(reverse("profile"))
    assert answer.status_code == 500
    assert "inner detail" not in answer.content.decode()
    assert "<h1>" in answer.content.decode()


def test_somebody_not_signed_in_gets_pages_without_the_menu() -> None:
    answer = Browser().get("/no/such/page/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert 'class="side"' not in answer.content.decode()
    refused = Browser(enforce_csrf_checks=True).post(reverse("login"), {}, headers={"accept-language": "en"})
    assert refused.status_code == 403
    assert 'class="side"' not in refused.content.decode()


def test_an_unknown_address_gets_a_page_of_ours(made: Tenants) -> None:
    browser = Browser()
    browser.force_login(made.administrator)
    answer = browser.get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_the_first_firm_is_made_on_the_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert "start_firm" in Browser().get(reverse("login")).content.decode()
    call_command("start_firm", "Integrators", "Admin@Firm.example")
    printed = capsys.readouterr().out
    password = printed.split("one-time password: ")[1].strip()
    browser = Browser()
    assert try_login(browser, "admin@firm.example", password) == 302
    assert browser.get(reverse("home"))["Location"] == reverse("password")
    assert Membership.objects.get().role == Role.ADMINISTRATOR
    with pytest.raises(CommandError):
        call_command("start_firm", "Integrators", "other@firm.example")


def test_a_person_of_several_clients_chooses_one(made: Tenants) -> None:
    guest = person("guest@two.example", made.firm, made.client)
    Membership.objects.create(user=guest, firm=made.firm, client=made.other, role=Role.VIEWER)
    browser = Browser()
    browser.force_login(guest)
    text = browser.get(reverse("home")).content.decode()
    assert "Garden" in text
    assert "Optics" in text
    owner = Browser()
    owner.force_login(made.people["owner"])
    assert owner.get(reverse("home"))["Location"] == reverse("client_home", args=[made.client.pk])


def test_nobody_is_added_twice_and_the_last_administrator_stays(made: Tenants) -> None:
    browser = Browser()
    browser.force_login(made.administrator)
    people = reverse("firm_people", args=[made.firm.pk])
    again = browser.post(people, {"email": "operator@integrators.example", "role": "viewer"})
    assert "has access here already" in again.content.decode()
    own = Membership.objects.get(user=made.administrator)
    browser.post(reverse("membership", args=[own.pk]), {"role": "viewer"})
    browser.post(reverse("membership", args=[own.pk]), {"remove": "1"})
    own.refresh_from_db()
    assert own.role == Role.ADMINISTRATOR


def test_a_role_changes_and_access_ends_at_once(made: Tenants) -> None:
    browser = Browser()
    browser.force_login(made.administrator)
    held = Membership.objects.get(user=made.people["operator"])
    browser.post(reverse("membership", args=[held.pk]), {"role": "implementer"})
    held.refresh_from_db()
    assert held.role == Role.IMPLEMENTER
    browser.post(reverse("membership", args=[held.pk]), {"remove": "1"})
    gone = Browser()
    gone.force_login(made.people["operator"])
    assert gone.get(reverse("client_home", args=[made.client.pk])).status_code == 404
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["member.role", "member.remove"]


def test_a_client_gets_no_administrator(made: Tenants) -> None:
    browser = Browser()
    browser.force_login(made.administrator)
    people = reverse("client_people", args=[made.client.pk])
    browser.post(people, {"email": "x@client.example", "role": "administrator"})
    assert not Membership.objects.filter(user__email="x@client.example").exists()


def test_a_password_is_replaced_only_for_people_of_this_firm_alone(made: Tenants) -> None:
    browser = Browser()
    browser.force_login(made.administrator)
    held = Membership.objects.get(user=made.people["viewer"])
    page = reverse("membership", args=[held.pk])
    browser.post(page, {"password": "1"})
    assert User.objects.get(pk=held.user_id).password_is_temporary
    Membership.objects.create(user=made.people["operator"], firm=made.foreign, role=Role.VIEWER)
    before = made.people["operator"].password
    shared = Membership.objects.get(user=made.people["operator"], firm=made.firm)
    browser.post(reverse("membership", args=[shared.pk]), {"password": "1"})
    assert User.objects.get(pk=shared.user_id).password == before


def test_the_record_names_who_did_what_and_can_be_narrowed(made: Tenants) -> None:
    browser = Browser()
    browser.force_login(made.administrator)
    browser.post(reverse("client_pause", args=[made.client.pk]), {"paused": "1"})
    browser.post(reverse("client_pause", args=[made.client.pk]), {"paused": "0"})
    page = reverse("client_audit", args=[made.client.pk])
    text = browser.get(page).content.decode()
    assert "paused the client" in text
    assert "administrator" in text
    narrowed = browser.get(page, {"verb": "client.resume"}).content.decode()
    assert narrowed.count('<b class="ink">Garden</b>') == 1
    elsewhere = browser.get(reverse("client_audit", args=[made.other.pk])).content.decode()
    assert '<b class="ink">' not in elsewhere, "the verbs to choose from are there, and no row"


def signs_in_under(hasher: Argon2PasswordHasher, made: Tenants, password: str = PASSWORD) -> str:
    """What is stored after signing in with a password that was stored by this hasher."""
    user = made.administrator
    User.objects.filter(pk=user.pk).update(password=hasher.encode(password, hasher.salt()))
    assert try_login(Browser(), user.email, password) == 302
    return User.objects.get(pk=user.pk).password


def test_passwords_are_argon2_and_a_weaker_one_is_stored_anew_when_its_person_signs_in(made: Tenants) -> None:
    weak = Argon2PasswordHasher()
    weak.memory_cost, weak.time_cost = 8192, 1
    stored = signs_in_under(weak, made)
    assert stored.startswith("argon2$argon2id$")
    assert f"m={Argon2PasswordHasher.memory_cost},t={Argon2PasswordHasher.time_cost}" in stored


@pytest.mark.parametrize("chosen", ["short", "password1234", "839201746512", "administrator1", "x" * 257])
def test_a_password_that_is_easy_to_guess_or_too_long_is_refused(made: Tenants, chosen: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(chosen, made.administrator)


def test_an_unknown_person_costs_as_many_hashes_as_a_known_one(made: Tenants, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    for name in ("encode", "verify"):
        kept = getattr(Argon2PasswordHasher, name)
        monkeypatch.setattr(
            Argon2PasswordHasher, name, lambda *args, n=name, k=kept, **more: (hashed.append(n), k(*args, **more))[1]
        )
    counts = []
    for email in (made.administrator.email, "who@x.example"):
        hashed.clear()
        try_login(Browser(), email, WRONG)
        counts.append(len(hashed))
    assert counts == [1, 1]


def test_tries_are_counted_per_address_and_per_account_too(made: Tenants) -> None:
    def asks(email: str, address: str, **cookies: str) -> bool:
        request = RequestFactory(REMOTE_ADDR=address).post("/login/")
        request.COOKIES.update(cookies)
        return signin.may_try(request, email)

    assert all(asks(f"{n}@x.example", "10.0.0.1") for n in range(50))
    assert not asks("51@x.example", "10.0.0.1"), "one password on everybody"
    email = made.administrator.email
    assert all(asks(email, f"10.1.0.{n}") for n in range(50))
    assert not asks(email, "10.1.0.51"), "one account from everywhere"
    signed = signin.remember_device(HttpResponse(), made.administrator).cookies[signin.DEVICE_COOKIE].value
    assert asks(email, "10.1.0.52", device=signed), "the person's own browser is not held up by strangers"
    assert not asks(email, "10.1.0.53", device=signed[:-1] + "x")
    other = signin.remember_device(HttpResponse(), made.people["viewer"]).cookies[signin.DEVICE_COOKIE].value
    assert not asks(email, "10.1.0.54", device=other)


@pytest.mark.parametrize(
    ("proxies", "sent", "address"),
    [
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.8", "1.2.3.4"),
        (2, "x", "10.0.0.9"),
    ],
)
def test_only_what_our_proxies_saw_is_believed(settings: Settings, proxies: int, sent: str, address: str) -> None:
    settings.PROXIES = proxies
    request = RequestFactory(REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=sent).get("/")
    assert brake.address_of(request) == address


def test_signing_in_opens_a_session_under_a_new_key(made: Tenants) -> None:
    browser = Browser()
    session = browser.session
    session["planted"] = "by somebody who knows its key"
    session.save()
    planted = session.session_key
    assert try_login(browser, made.administrator.email, PASSWORD) == 302
    assert browser.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_the_settings_of_passkeys_are_checked(settings: Settings) -> None:
    settings.PASSKEY_ORIGINS = ["https://panel.example.pl", "http://localhost:8000"]
    assert [one.id for one in check_passkeys()] == ["integrator.E016"], "two sites"
    for wrong in (
        "http://panel.example.pl",
        "https://panel.example.pl/x",
        "panel.example.pl",
        "https://10.0.0.1",
        "https://u@x.pl",
    ):
        settings.PASSKEY_ORIGINS = [wrong]
        assert len(check_passkeys()) == 1, wrong
    settings.PASSKEY_ORIGINS, settings.PASSKEY_SITE = ["https://a.example.pl", "https://b.example.pl"], "example.pl"
    assert check_passkeys() == []

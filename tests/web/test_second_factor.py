"""Codes of an app, recovery codes, who has to have a second factor, losing it, and confirming dangerous steps."""

import re
import time
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrator.accounts import second_factor
from integrator.accounts.models import AuditEntry, AuthenticatorApp, Firm, Membership, RecoveryCode, Role, SignIn, User
from shops.models import ShopConnection
from tests.web.tenants import PASSWORD, Tenants, samples, tenants
from tests.web.test_access import address
from tests.web.test_connections import access, way_fields

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def made() -> Tenants:
    return tenants()


def code(secret: str = SECRET, steps: int = 0) -> str:
    totp = TOTP(second_factor.b32decode(secret), 6, SHA1(), 30)
    return totp.generate((int(time.time()) // 30 + steps) * 30).decode()


def with_app(user: User, *, password: bool = False) -> User:
    AuthenticatorApp.objects.create(user=user, secret={"secret": SECRET}, last_step=0)
    if password:
        user.set_password(PASSWORD)
        user.save()
    return user


def browser_of(user: User | None = None, *, confirmed: bool = True) -> Browser:
    browser = Browser(headers={"accept-language": "en"})
    if user is not None:
        browser.force_login(user)
        if not confirmed:
            session = browser.session
            session["confirmed_at"] = int(time.time()) - 601
            session.save()
    return browser


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return unescape(found.group(1))


def half_way(user: User) -> Browser:
    browser = browser_of()
    page = browser.post(reverse("login"), {"email": user.email, "password": PASSWORD, "next": reverse("profile")})
    assert "Second factor" in page.content.decode()
    assert browser.get(reverse("profile")).status_code == 302, "the password alone opens nothing"
    return browser


def enters(browser: Browser, typed: str) -> bool:
    answer = browser.post(reverse("second_step"), {"code": typed, "next": reverse("profile")})
    return answer.status_code == 302


# --- the app ---


def test_an_app_is_set_up_with_a_code_and_the_secret_is_encrypted(made: Tenants) -> None:
    user = made.people["operator"]
    here, there = browser_of(user), browser_of(user)
    page = here.get(reverse("second_factor_app")).content.decode()
    assert 'src="data:image/svg+xml' in page
    secret = re.findall(r'<code class="secret[^"]*">([A-Z2-7 ]+)</code>', page)[0].replace(" ", "")
    sent = {"secret": hidden(page, "secret"), "code": "000000"}
    wrong = here.post(reverse("second_factor_app"), sent).content.decode()
    assert "does not fit" in wrong
    assert secret in wrong.replace(" ", ""), "the same secret is tried again"
    stranger = browser_of(made.people["viewer"])
    stranger.post(reverse("second_factor_app"), sent | {"code": code(secret)})
    assert not AuthenticatorApp.objects.exists(), "the sealed secret is its person's only"
    done = here.post(reverse("second_factor_app"), sent | {"code": code(secret)}).content.decode()
    codes = re.findall(r"<code>([a-z2-9-]{17})</code>", done)
    assert len(set(codes)) == 10
    assert there.get(reverse("profile")).status_code == 302, "sessions opened without it end"
    assert here.get(reverse("profile")).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("select secret from accounts_authenticatorapp union select code_hash from accounts_recoverycode")
        stored = " ".join(row[0] for row in cursor.fetchall())
    assert secret not in stored
    assert not any(one in stored for one in codes)
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["factor.app_on", "factor.codes"]


def test_a_code_is_good_once_and_an_older_one_never_again(made: Tenants) -> None:
    user = with_app(made.people["operator"])
    assert second_factor.use_code(user, f" {code()[:3]} {code()[3:]} ")
    assert not second_factor.use_code(user, code()), "replayed"
    assert not second_factor.use_code(user, code(steps=-1)), "older than the last one"
    assert second_factor.use_code(user, code(steps=1)), "a clock half a minute fast"


@pytest.mark.parametrize(("at", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_half_a_minute(at: int, fits: bool) -> None:
    now = 1_700_000_010.0
    shown = TOTP(second_factor.b32decode(SECRET), 6, SHA1(), 30).generate(int(now) + at * 30).decode()
    assert (second_factor.step_of(SECRET, shown, now) is not None) is fits


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345x", "-12345", "\x00"])
def test_what_is_no_code_is_no_code(typed: str) -> None:
    assert second_factor.step_of(SECRET, typed, time.time()) is None


def test_signing_in_needs_password_and_code_and_opens_a_new_session(made: Tenants) -> None:
    user = with_app(made.people["operator"], password=True)
    browser = half_way(user)
    before = browser.session.session_key
    assert not enters(browser, "000000")
    assert enters(browser, code())
    assert browser.session.session_key != before
    assert browser.session.get_expiry_age() > 13 * 24 * 3600, "half-way it was ten minutes"
    assert browser.get(reverse("profile")).status_code == 200
    again = half_way(user)
    assert not enters(again, code()), "a code that was seen over the shoulder"


def test_codes_are_braked_per_person_wherever_they_are_typed(made: Tenants) -> None:
    user = with_app(made.people["operator"], password=True)
    browser = half_way(user)
    for _try in range(5):
        assert not enters(browser, "000000")
    elsewhere = half_way(user)
    elsewhere.defaults["REMOTE_ADDR"] = "10.9.9.9"
    answer = elsewhere.post(reverse("second_step"), {"code": code()})
    assert answer.status_code == 429
    assert "_auth_user_id" not in elsewhere.session


def test_half_way_ends_after_ten_minutes_and_with_the_password(made: Tenants) -> None:
    user = with_app(made.people["operator"], password=True)
    browser = half_way(user)
    session = browser.session
    session["half_way"] |= {"at": int(time.time()) - 601}
    session.save()
    assert "took too long" in browser.post(reverse("second_step"), {"code": code()}).content.decode()
    browser = half_way(user)
    User.objects.filter(pk=user.pk).update(password="another")
    assert not enters(browser, code())


def test_a_recovery_code_works_once_and_new_ones_replace_it(made: Tenants) -> None:
    user = with_app(made.people["operator"])
    codes = second_factor.new_recovery_codes(user)
    assert second_factor.use_code(user, codes[0].upper().replace("-", " "))
    assert not second_factor.use_code(user, codes[0])
    assert not second_factor.use_code(with_app(made.people["viewer"]), codes[1]), "of another person"
    page = browser_of(user).post(reverse("second_factor_act"), {"act": "codes"}).content.decode()
    fresh = re.findall(r"<code>([a-z2-9-]{17})</code>", page)
    assert not second_factor.use_code(user, codes[2])
    assert second_factor.use_code(user, fresh[0])


# --- who has to have one, and losing it ---


def test_a_firm_requires_one_and_people_reach_nothing_but_its_set_up(made: Tenants) -> None:
    admin, operator = browser_of(made.administrator), browser_of(made.people["operator"])
    rule = reverse("firm_second_factor", args=[made.firm.pk])
    admin.post(rule, {"second_factor": "administrators"})
    home = reverse("client_home", args=[made.client.pk])
    assert operator.get(home).status_code == 200
    for where in (home, reverse("profile"), reverse("firm_audit_export", args=[made.firm.pk])):
        assert admin.get(where)["Location"] == reverse("second_factor")
    admin.post(rule, {"second_factor": ""})
    assert Firm.objects.get(pk=made.firm.pk).second_factor == "administrators", "not even taken back"
    assert admin.get(home, headers={"hx-request": "true"})["HX-Redirect"] == reverse("second_factor")
    assert "requires a second factor" in admin.get(reverse("second_factor")).content.decode()
    with_app(made.administrator)
    assert admin.get(home).status_code == 200
    admin.post(rule, {"second_factor": "everyone"})
    assert operator.get(home).status_code == 302
    assert browser_of(made.people["owner"]).get(home).status_code == 302
    assert browser_of(made.people["stranger"]).get(reverse("home")).status_code != 404
    assert browser_of(made.people["stranger"]).get(reverse("profile")).status_code == 200, "another firm's rule"
    admin.post(rule, {"second_factor": "nonsense"})
    assert Firm.objects.get(pk=made.firm.pk).second_factor == "everyone"


def test_an_administrator_switches_off_a_lost_one(made: Tenants, settings: Settings) -> None:
    settings.EMAIL_READY = True
    user = with_app(made.people["operator"])
    second_factor.new_recovery_codes(user)
    open_one, admin = browser_of(user), browser_of(made.administrator)
    page = reverse("membership", args=[Membership.objects.get(user=user).pk])
    assert "Lost second factor" in admin.get(page).content.decode()
    admin.post(page, {"factor": "reset"})
    assert not second_factor.has(user)
    assert not RecoveryCode.objects.exists()
    assert open_one.get(reverse("profile")).status_code == 302
    entry = AuditEntry.objects.get(verb="factor.reset")
    assert (entry.user, entry.subject, entry.firm) == (made.administrator, user.email, made.firm)
    assert mail.outbox[0].to == [user.email]


def test_nobody_switches_off_the_one_of_a_person_of_two_firms_or_their_own(made: Tenants) -> None:
    user = with_app(made.people["operator"])
    Membership.objects.create(user=user, firm=made.foreign, role=Role.VIEWER)
    with_app(made.administrator)
    admin = browser_of(made.administrator)
    for one in (Membership.objects.get(user=user, firm=made.firm), Membership.objects.get(user=made.administrator)):
        admin.post(reverse("membership", args=[one.pk]), {"factor": "reset"})
        assert second_factor.has(one.user)


def test_the_server_switches_one_off_in_an_emergency(made: Tenants) -> None:
    user, said = with_app(made.administrator), StringIO()
    call_command("second_factor_off", user.email.upper(), stdout=said)
    assert not second_factor.has(user)
    assert "switched off" in said.getvalue()
    assert AuditEntry.objects.get(verb="factor.reset").user is None


# --- confirming ---


def test_a_dangerous_form_is_confirmed_and_not_lost(made: Tenants) -> None:
    user = made.people["implementer"]
    user.set_password(PASSWORD)
    user.save()
    browser, page = browser_of(user, confirmed=False), reverse("shop_access", args=[made.shop.pk])
    named, secret = way_fields()
    sent = access(made.shop, name="Renamed", **{named: "api", secret: "typed-and-secret"})
    asking = browser.post(page, sent).content.decode()
    assert "Confirm that it is you" in asking
    assert "typed-and-secret" not in asking
    assert ShopConnection.objects.get(pk=made.shop.pk).name == "Shoper"
    kept = {"confirming": hidden(asking, "confirming"), "sent": "1"}
    wrong = browser.post(page, kept | {"confirm_password": "not this one"})
    assert wrong.status_code == 422
    other = browser.post(reverse("shop_remove", args=[made.shop.pk]), kept | {"confirm_password": PASSWORD})
    assert other.status_code == 403, "a confirmation of something else"
    thief = browser_of(made.administrator, confirmed=False)
    assert thief.post(page, kept | {"confirm_password": PASSWORD}).status_code == 403
    done = browser.post(page, kept | {"confirm_password": PASSWORD})
    assert done.status_code in (200, 302)
    saved = ShopConnection.objects.get(pk=made.shop.pk)
    assert (saved.name, saved.credentials[secret.removeprefix("credential_")]) == ("Renamed", "typed-and-secret")
    assert browser.get(reverse("client_audit_export", args=[made.client.pk])).status_code == 200, "for ten minutes"


DANGEROUS = {
    "shop_access": {"name": "x"},
    "shop_remove": {"typed": "Shoper"},
    "erp_edit": {"server": "x"},
    "membership": {"role": "viewer"},
    "firm_people": {"email": "x@y.example", "role": "viewer"},
    "client_people": {"email": "x@y.example", "role": "viewer"},
    "invitation_act": {"act": "renew"},
    "firm_second_factor": {"second_factor": "everyone"},
    "second_factor_act": {"act": "app_off"},
    "second_factor_app": {"code": "1"},
    "passkey_new": {},
    "shop_identity": {"typed": "x"},
    "erp_identity": {"typed": "x"},
    "limits": {"x": "1"},
    "orders_let_go": {"typed": "x"},
    "firm_stop": {"release": "1"},
    "firm_audit_export": None,
    "client_audit_export": None,
    "configuration_compare": {"from": "x"},
    "configuration_export": None,
    "discrepancies_csv": None,
    "discrepancies_xlsx": None,
}
"""What has to be confirmed: sent with this, or fetched."""


def test_every_dangerous_step_asks(made: Tenants) -> None:
    known = samples(made)
    browser = browser_of(with_app(made.administrator), confirmed=False)
    for name, data in DANGEROUS.items():
        where = address(name, known)
        answer = browser.get(where) if data is None else browser.post(where, data)
        text = b"".join(answer) if answer.streaming else answer.content
        assert b"Confirm that it is you" in text, name
        assert "no-store" in answer["Cache-Control"], name
    assert second_factor.has(made.administrator)
    fetched = browser.get(address("configuration_export", known)).content.decode()
    sent = {"confirming": hidden(fetched, "confirming"), "confirm_code": code()}
    back = browser.post(address("configuration_export", known), sent)
    assert back["Location"] == address("configuration_export", known)
    assert browser.get(back["Location"])["Content-Disposition"].startswith("attachment")


def test_a_part_of_a_page_sends_its_whole_page_to_confirm(made: Tenants) -> None:
    made.administrator.set_password(PASSWORD)
    made.administrator.save()
    browser = browser_of(made.administrator, confirmed=False)
    here = f"http://testserver{reverse('profile')}"
    part = {"hx-request": "true", "hx-current-url": here}
    answer = browser.post(reverse("second_factor_act"), {"act": "codes"}, headers=part)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"{reverse('confirm')}?next=%2Fprofile%2F"
    asked = browser.get(answer["HX-Redirect"]).content.decode()
    proof = {"confirming": hidden(asked, "confirming"), "confirm_password": PASSWORD}
    back = browser.post(answer["HX-Redirect"], proof)
    assert browser.get(back["Location"])["Location"] == reverse("profile"), "where the part was"


# --- sessions ---


def test_sessions_are_listed_and_ended_one_by_one(made: Tenants) -> None:
    user = made.people["operator"]
    here = browser_of(user)
    phone = Browser(headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"})
    phone.force_login(user)
    phone.get(reverse("profile"))
    SignIn.objects.filter(pk=phone.session["sign_in"]).update(device="Mozilla/5.0 (iPhone) Safari", address="10.1.2.3")
    page = here.get(reverse("profile")).content.decode()
    assert "Safari, iOS" in page
    assert "10.1.2.3" in page
    pk = phone.session["sign_in"]
    browser_of(made.people["viewer"]).post(reverse("end_sessions"), {"one": pk})
    assert phone.get(reverse("profile")).status_code == 200, "nobody ends another person's"
    here.post(reverse("end_sessions"), {"one": pk})
    assert phone.get(reverse("profile")).status_code == 302
    assert here.get(reverse("profile")).status_code == 200
    assert "Safari, iOS" not in here.get(reverse("profile")).content.decode()


@pytest.mark.parametrize(("name", "ago"), [("seen_at", 8 * 3600 + 1), ("opened_at", 14 * 24 * 3600 + 1)])
def test_a_session_ends_when_it_is_left_alone_or_old(made: Tenants, name: str, ago: int) -> None:
    browser = browser_of(made.people["operator"])
    session = browser.session
    session[name] = int(time.time()) - ago
    session.save()
    assert browser.get(reverse("profile")).status_code == 302
    assert browser.get(reverse("profile")).status_code == 302, "and does not come back"


def test_only_what_a_person_does_keeps_a_session_alive(made: Tenants) -> None:
    browser = browser_of(made.people["operator"])
    session = browser.session
    session["seen_at"] = then = int(time.time()) - 300
    session.save()
    browser.get(reverse("profile"), headers={"hx-request": "true"})
    assert browser.session["seen_at"] == then
    SignIn.objects.update(seen_at=timezone.now() - timedelta(days=1))
    browser.get(reverse("profile"))
    assert browser.session["seen_at"] > then
    assert SignIn.objects.get().seen_at > timezone.now() - timedelta(minutes=1)


def test_a_changed_password_ends_all_other_sessions_and_their_lines(made: Tenants) -> None:
    user = made.people["operator"]
    user.set_password(PASSWORD)
    user.save()
    here, there = browser_of(user), browser_of(user)
    new = "quite another battery"
    sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post(reverse("password"), sent)["Location"] == reverse("home")
    assert here.get(reverse("profile")).status_code == 200
    assert there.get(reverse("profile")).status_code == 302
    assert SignIn.objects.get(user=user).key == here.session.session_key
    for _try in range(5):
        here.post(reverse("password"), {})
    assert here.post(reverse("password"), sent | {"old_password": new}).status_code == 429, "a place to guess at too"

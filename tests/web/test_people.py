"""Invitations from both ends, roles, who stays and who goes at once, the person's own sessions and time zone."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrator.accounts import audit, invitations
from integrator.accounts.models import AuditEntry, Invitation, Membership, Role, User
from tests.web.tenants import Tenants, person, tenants

pytestmark = pytest.mark.django_db
NEW = "new.one@garden.example"
JOIN = {"name": "Nowa Osoba", "password": "trzy zwykłe słowa", "language": "pl"}


@pytest.fixture
def made() -> Tenants:
    return tenants()


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def invite(made: Tenants, email: str = NEW, role: str = "viewer", name: str = "client_people") -> str:
    """The link, as the page shows it once."""
    page = reverse(name, args=[made.client.pk if name == "client_people" else made.firm.pk])
    browser = browser_of(made.administrator)
    assert browser.post(page, {"email": email, "role": role})["Location"] == page
    body = browser.get(page).content.decode()
    link = body.split('<code class="secret">')[1].split("</code>")[0]
    assert link not in browser.get(page).content.decode()
    return link.removeprefix("http://testserver")


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_somebody_new_joins_by_the_link_and_lands_at_the_client(made: Tenants) -> None:
    link, browser = invite(made), Browser()
    assert "Garden" in said(browser.get(link))
    assert Invitation.objects.get(email=NEW).token_hash not in link
    assert "at least 10" in said(browser.post(link, JOIN | {"password": "krótkie"}, headers={"accept-language": "en"}))
    answer = browser.post(link, JOIN)
    assert answer["Location"] == reverse("client_home", args=[made.client.pk])
    user = User.objects.get(email=NEW)
    assert (user.name, user.language, user.memberships.get().role) == ("Nowa Osoba", "pl", "viewer")
    assert browser.get(answer["Location"]).status_code == 200
    verbs = list(AuditEntry.objects.filter(subject=NEW).order_by("id").values_list("verb", flat=True))
    assert verbs == ["member.invite", "member.accept"]


def test_the_link_works_once_and_a_second_click_of_the_same_person_is_harmless(made: Tenants) -> None:
    link, browser = invite(made), Browser()
    browser.post(link, JOIN)
    assert browser.post(link, JOIN)["Location"] == reverse("client_home", args=[made.client.pk])
    late = Browser().get(link, headers={"accept-language": "en"})
    assert late.status_code == 410
    assert "taken up already" in said(late)
    assert Membership.objects.filter(user__email=NEW).count() == 1


def test_somebody_with_an_account_takes_it_up_by_their_own_login_only(made: Tenants) -> None:
    known = made.people["stranger"]
    link = invite(made, known.email)
    assert f"next={link}" in said(Browser().get(link))
    other = browser_of(made.people["nobody"])
    assert "Sign out, then open the link again" in said(other.get(link))
    assert other.post(link).status_code == 403
    answer = browser_of(known).post(link)
    assert answer["Location"] == reverse("client_home", args=[made.client.pk])
    assert known.memberships.get(client=made.client).role == "viewer"


def test_an_old_link_says_what_to_do_and_a_new_one_replaces_it(made: Tenants) -> None:
    link = invite(made)
    Invitation.objects.filter(email=NEW).update(expires_at=timezone.now() - timedelta(minutes=1))
    old = Browser().get(link, headers={"accept-language": "en"})
    assert old.status_code == 410
    assert "to send it again" in said(old)
    browser, pk = browser_of(made.administrator), Invitation.objects.get(email=NEW).pk
    assert "expired" in said(browser.get(reverse("firm_people", args=[made.firm.pk])))
    browser.post(reverse("invitation_act", args=[pk]), {"act": "renew"})
    fresh = browser.session["invitation_link"]["link"].removeprefix("http://testserver")
    assert Browser().get(link).status_code == 404
    assert Browser().post(fresh, JOIN).status_code == 302


def test_an_invitation_called_off_opens_nothing(made: Tenants) -> None:
    link = invite(made)
    pk = Invitation.objects.get(email=NEW).pk
    browser_of(made.administrator).post(reverse("invitation_act", args=[pk]), {"act": "revoke"})
    assert Browser().post(link, JOIN).status_code == 410
    assert not User.objects.filter(email=NEW).exists()
    assert AuditEntry.objects.filter(verb="member.uninvite").count() == 1


@pytest.mark.parametrize("who", ["stranger", "neighbour", "operator", "implementer"])
def test_nobody_else_invites_or_touches_invitations(made: Tenants, who: str) -> None:
    invite(made)
    pk = Invitation.objects.get(email=NEW).pk
    answer = browser_of(made.people[who]).post(reverse("invitation_act", args=[pk]), {"act": "revoke"})
    assert answer.status_code in (403, 404)
    page = reverse("client_people", args=[made.client.pk])
    assert browser_of(made.people[who]).post(page, {"email": "x@y.example", "role": "viewer"}).status_code in (403, 404)
    assert Invitation.objects.get().revoked_at is None


def test_a_client_has_no_administrators_and_people_are_invited_once(made: Tenants) -> None:
    page = reverse("client_people", args=[made.client.pk])
    browser = browser_of(made.administrator)
    browser.post(page, {"email": NEW, "role": "administrator"})
    assert not Invitation.objects.exists()
    body = said(browser.post(page, {"email": made.people["owner"].email, "role": "viewer"}))
    assert "has access here already" in body
    for _again in range(2):
        browser.post(page, {"email": NEW, "role": "viewer"})
    assert Invitation.objects.filter(accepted_at=None, revoked_at=None).count() == 1


def test_guessed_links_are_braked_and_forged_ones_are_not_looked_up(
    made: Tenants, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert invitations.find("guessed.signature") is None
    for _try in range(20):
        assert Browser().get(reverse("invitation", args=["guessed"])).status_code == 404
    assert Browser().get(reverse("invitation", args=["guessed"])).status_code == 429


def test_the_link_is_mailed_where_e_mail_is_set_up(made: Tenants, settings: Settings) -> None:
    settings.EMAIL_READY = True
    page = reverse("client_people", args=[made.client.pk])
    browser = browser_of(made.administrator)
    browser.post(page, {"email": NEW, "role": "viewer"})
    assert mail.outbox[0].to == [NEW]
    assert "/invitation/" in mail.outbox[0].body
    body = said(browser.get(page))
    assert "on its way to" in body
    assert 'class="secret"' not in body


def test_a_mail_server_that_fails_leaves_the_link_to_copy(made: Tenants, settings: Settings) -> None:
    settings.EMAIL_READY, settings.EMAIL_BACKEND = True, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    invite(made)
    assert Invitation.objects.get().mailed_at is None


def test_somebody_removed_loses_the_open_session_at_once(made: Tenants) -> None:
    open_one = browser_of(made.people["owner"])
    home = reverse("client_home", args=[made.client.pk])
    assert open_one.get(home).status_code == 200
    pk = Membership.objects.get(user=made.people["owner"]).pk
    browser_of(made.administrator).post(reverse("membership", args=[pk]), {"remove": "1"})
    assert open_one.get(home).status_code == 404


def test_the_last_administrator_stays(made: Tenants) -> None:
    pk = Membership.objects.get(user=made.administrator).pk
    browser = browser_of(made.administrator)
    for data in ({"remove": "1"}, {"role": "viewer"}):
        answer = browser.post(reverse("membership", args=[pk]), data, follow=True)
        assert "at least one administrator" in said(answer)
    assert Membership.objects.get(pk=pk).role == Role.ADMINISTRATOR


def test_signing_out_everywhere_else_ends_the_other_sessions_only(made: Tenants) -> None:
    here, there = browser_of(made.administrator), browser_of(made.administrator)
    answer = here.post(reverse("end_sessions"), follow=True)
    assert "signed out everywhere else" in said(answer)
    assert there.get(reverse("profile")).status_code == 302
    assert here.get(reverse("profile")).status_code == 200


@pytest.mark.parametrize(
    ("typed", "kept"), [("london", "Europe/London"), ("America/New York", "America/New_York"), ("Mars/Base", "")]
)
def test_a_time_zone_is_typed_and_checked(made: Tenants, typed: str, kept: str) -> None:
    data = {"name": "A", "language": "en", "theme": "light", "time_zone": typed}
    answer = browser_of(made.administrator).post(reverse("profile"), data)
    zone = User.objects.get(pk=made.administrator.pk).time_zone
    assert zone == (kept or "Europe/Warsaw")
    assert kept or "no such time zone" in said(answer)


def test_a_name_full_of_html_is_only_text(made: Tenants) -> None:
    User.objects.filter(pk=made.people["owner"].pk).update(name="<script>alert(1)</script>")
    body = said(browser_of(made.administrator).get(reverse("firm_people", args=[made.firm.pk])))
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert" in body


def test_the_page_of_people_asks_a_fixed_number_of_queries_and_is_searched(
    made: Tenants, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        person(f"someone{number}@garden.example", made.firm, made.client)
        invitations.invite(made.administrator, made.firm, made.client, f"guest{number}@x.example", "viewer")
    browser, page = browser_of(made.administrator), reverse("firm_people", args=[made.firm.pk])
    with django_assert_max_num_queries(20):
        browser.get(page)
    body = said(browser.get(page, {"q": "someone17"}))
    assert "someone17@" in body
    assert "someone18@" not in body
    assert "Nobody fits." in said(browser.get(page, {"q": "no such person"}))


def test_somebody_who_wants_to_be_forgotten_is_a_number_in_the_record(made: Tenants) -> None:
    leaver = made.people["operator"]
    before, browser = leaver.email, browser_of(leaver)
    audit.record(leaver, "client.change", made.client.name, client=made.client)
    audit.record(made.administrator, "member.role", before, client=made.client)
    call_command("personal_data", "--user", before.upper(), "--forget", verbosity=0)
    leaver.refresh_from_db()
    left = [leaver.is_active, leaver.name, leaver.memberships.exists(), leaver.sign_ins.exists()]
    assert not any(left), left
    assert browser.get(reverse("profile")).status_code == 302
    assert AuditEntry.objects.get(verb="client.change").user == leaver, "what one and the same person decided"
    assert set(AuditEntry.objects.filter(verb="member.role").values_list("subject", flat=True)) == {leaver.email}
    assert before not in leaver.email
    with pytest.raises(CommandError, match="last administrator"):
        call_command("personal_data", "--user", made.administrator.email, "--forget")

"""The pages of alerts: what each person sets up, webhooks with their secret shown once, tests, and what was sent."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from integrator.accounts.models import AuditEntry
from syncjobs.alerts.telling import tell
from syncjobs.models import AlertChannel, AlertDelivery, AlertSubscription
from tests.alerts.receiving import Listener, listener
from tests.alerts.test_telling import breaks, channel_of
from tests.web.tenants import Tenants, tenants

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Tenants:
    return tenants()


@pytest.fixture
def hook() -> Iterator[Listener]:
    with listener() as found:
        yield found


def signed_in(made: Tenants, who: str = "implementer") -> Browser:
    browser = Browser()
    browser.force_login(made.people[who])
    return browser


def form(url: str, **more: Any) -> dict[str, Any]:
    return {"name": "Chat", "url": url, "language": "en", "sorts": ["down"], "time_zone": "Europe/Warsaw", **more}


def test_a_secret_is_shown_once_and_signs_from_then_on(made: Tenants, hook: Listener) -> None:
    browser, where = signed_in(made), reverse("client_alerts", args=[made.client.pk])
    answer = browser.post(where, form(f"{hook.url}/hidden-part"), follow=True)
    secret = AlertChannel.objects.get().secret["secret"]
    assert secret in answer.content.decode()
    again = browser.get(where).content.decode()
    assert secret not in again
    assert "hidden-part" not in again, "receivers put keys into their addresses"
    assert AuditEntry.objects.get(verb="alerts.add").subject == "Chat"
    assert secret not in json.dumps(list(AuditEntry.objects.values_list("data", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM syncjobs_alertchannel")
        assert secret not in str(cursor.fetchall())


def test_the_test_button_sends_and_shows_the_answer(made: Tenants, hook: Listener) -> None:
    channel, _secret = channel_of(made, hook.url, made.client)
    browser, act = signed_in(made), reverse("client_alerts_act", args=[made.client.pk])
    answer = browser.post(act, {"verb": "test", "channel": channel.pk}, follow=True)
    assert "HTTP 200: thank you" in answer.content.decode()
    assert json.loads(hook.bodies[0])["event"] == "test"
    hook.status, hook.answer = 403, b"<b>no</b>"
    answer = browser.post(act, {"verb": "test", "channel": channel.pk}, follow=True)
    assert "HTTP 403: &lt;b&gt;no&lt;/b&gt;" in answer.content.decode()
    assert AlertDelivery.objects.filter(status="failed").count() == 1, "a test is tried once"


@pytest.mark.parametrize(
    "url", ["ftp://example.pl/x", "example.pl", "https://user:word@example.pl/", "https://exa mple.pl", "https://[::1"]
)
def test_an_address_that_cannot_be_called_is_refused_with_what_was_typed_kept(made: Tenants, url: str) -> None:
    answer = signed_in(made).post(reverse("firm_alerts", args=[made.firm.pk]), form(url, name="Kept name"))
    assert answer.status_code == 422
    assert "Kept name" in answer.content.decode()
    assert not AlertChannel.objects.exists()


def test_plain_http_is_refused_where_private_addresses_are(made: Tenants, settings: Any) -> None:
    settings.INTEGRATOR_ALLOW_LOOPBACK = False
    answer = signed_in(made).post(reverse("firm_alerts", args=[made.firm.pk]), form("http://example.pl/x"))
    assert answer.status_code == 422


def test_one_end_of_quiet_hours_is_not_enough(made: Tenants) -> None:
    where = reverse("firm_alerts", args=[made.firm.pk])
    answer = signed_in(made).post(where, form("https://example.pl", quiet_from="22:00"))
    assert answer.status_code == 422
    assert "both ends" in answer.content.decode()


def test_a_webhook_of_the_firm_cannot_be_touched_through_a_client(made: Tenants, hook: Listener) -> None:
    channel, _secret = channel_of(made, hook.url)
    browser = signed_in(made, "neighbour")
    act = reverse("client_alerts_act", args=[made.other.pk])
    for verb in ("test", "secret", "pause", "remove"):
        assert browser.post(act, {"verb": verb, "channel": channel.pk}).status_code == 404
    assert (
        browser.post(reverse("client_alerts", args=[made.other.pk]), form(hook.url, channel=channel.pk)).status_code
        == 404
    )
    channel.refresh_from_db()
    assert (channel.name, channel.active, channel.client) == ("Monitor", True, None)


def test_a_paused_webhook_gets_nothing_until_it_goes_on(made: Tenants, hook: Listener) -> None:
    channel, _secret = channel_of(made, hook.url)
    browser, act = signed_in(made), reverse("firm_alerts_act", args=[made.firm.pk])
    browser.post(act, {"verb": "pause", "channel": channel.pk})
    breaks(made.shop)
    tell()
    assert hook.bodies == []
    browser.post(act, {"verb": "resume", "channel": channel.pk})
    tell()
    assert len(hook.bodies) == 1


def test_what_was_given_up_can_be_sent_again_under_the_same_number(made: Tenants, hook: Listener) -> None:
    channel_of(made, hook.url, made.client)
    breaks(made.shop)
    tell()
    AlertDelivery.objects.update(status="failed")
    delivery = AlertDelivery.objects.get()
    browser, log = signed_in(made), reverse("client_alerts_log", args=[made.client.pk])
    page = browser.get(log, {"status": "failed"}).content.decode()
    assert "Shoper: the connection does not work" in page
    assert "Send again" in page
    assert "Nothing fits" in browser.get(log, {"status": "sent"}).content.decode()
    browser.post(reverse("client_alerts_act", args=[made.client.pk]), {"verb": "again", "delivery": delivery.pk})
    tell()
    assert [headers["integrator-delivery"] for headers in hook.headers] == [str(delivery.key)] * 2


def test_the_log_of_one_client_shows_of_a_mail_only_what_is_about_that_client(made: Tenants) -> None:
    subscription = AlertSubscription.objects.create(user=made.administrator)
    items = [
        {"event": "opened", "client": client.pk, "client_name": client.name, "title": f"About {client.name}", "url": ""}
        for client in (made.client, made.other)
    ]
    delivery = AlertDelivery.objects.create(firm=made.firm, subscription=subscription, items=items, status="sent")
    delivery.clients.set([made.client, made.other])
    page = signed_in(made, "neighbour").get(reverse("client_alerts_log", args=[made.other.pk])).content.decode()
    assert "About Optics" in page
    assert "About Garden" not in page
    act = reverse("client_alerts_act", args=[made.client.pk])
    foreign = AlertDelivery.objects.create(firm=made.foreign, subscription=subscription, status="sent")
    assert signed_in(made).post(act, {"verb": "again", "delivery": foreign.pk}).status_code == 404


def test_each_person_sets_up_the_own_mail_and_may_leave_a_client_out(made: Tenants) -> None:
    browser, where = signed_in(made, "owner"), reverse("alerts_mine")
    sent = {
        "at_once": "on",
        "sorts": ["down", "orders"],
        "quiet_from": "22:00",
        "quiet_to": "07:00",
        "digest_hour": "7",
    }
    assert browser.post(where, sent).status_code == 302
    stored = AlertSubscription.objects.get(user=made.people["owner"])
    assert (stored.at_once, stored.digest, stored.sorts) == (True, False, ["down", "orders"])
    browser.post(where, {"verb": "mute", "client": made.client.pk})
    assert list(stored.muted.all()) == [made.client]
    assert browser.post(where, {"verb": "mute", "client": made.other.pk}).status_code == 404
    assert browser.post(where, sent | {"muted": [made.other.pk]}).status_code == 422


def test_the_page_says_that_no_mail_server_is_set(made: Tenants, settings: Any) -> None:
    settings.EMAIL_READY = False
    browser = signed_in(made, "owner")
    assert "EMAIL_URL" in browser.get(reverse("alerts_mine")).content.decode()
    answer = browser.post(reverse("alerts_mine"), {"verb": "test"}, follow=True)
    assert "nothing can be sent" in answer.content.decode()


def test_a_test_mail_is_sent_and_said(made: Tenants, settings: Any, mailoutbox: list[Any]) -> None:
    settings.EMAIL_READY = True
    answer = signed_in(made, "owner").post(reverse("alerts_mine"), {"verb": "test"}, follow=True)
    assert "The mail server took the test" in answer.content.decode()
    assert mailoutbox[0].to == ["owner@garden.example"]

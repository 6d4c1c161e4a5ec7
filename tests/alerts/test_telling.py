"""Rounds of alerts against a real mail server and a real listener: who is told what, once, and what nobody is told."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from integrator.accounts.models import Client, Membership, Role, User
from shops.models import ShopConnection
from syncjobs import heartbeat
from syncjobs.alerts import delivering, planning, rendering
from syncjobs.alerts.channels import keep
from syncjobs.alerts.noticing import look
from syncjobs.alerts.rules import RETRIES, SORTS
from syncjobs.alerts.signing import verified
from syncjobs.alerts.telling import tell
from syncjobs.attention import URGENCY
from syncjobs.models import Alert, AlertChannel, AlertDelivery, AlertSubscription, Run, Step
from syncjobs.models.choices import Status
from tests.alerts.receiving import Listener, Mailbox, listener, mailbox
from tests.web.tenants import Tenants, shop_of, tenants

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def made() -> Tenants:
    cache.clear()
    return tenants()


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    with mailbox() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_READY = "127.0.0.1", found.port, True
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.INTEGRATOR_PUBLIC_URL = "https://panel.example"
        yield found


@pytest.fixture
def hook() -> Iterator[Listener]:
    with listener() as found:
        yield found


def breaks(shop: ShopConnection, code: str = "login_failed") -> None:
    problem = {"code": code, "params": {"status": "401"}, "side": "shop"}
    ShopConnection.objects.filter(pk=shop.pk).update(healthy=False, problem=problem, checked_at=timezone.now())


def mends(shop: ShopConnection) -> None:
    ShopConnection.objects.filter(pk=shop.pk).update(healthy=True, problem=None, checked_at=timezone.now())


def subscribe(user: User, **more: Any) -> AlertSubscription:
    return AlertSubscription.objects.create(user=user, **more)


def channel_of(made: Tenants, url: str, client: Client | None = None) -> tuple[AlertChannel, str]:
    channel = AlertChannel(firm=made.firm, client=client, name="Monitor", url=url, language="en")
    return channel, keep(channel, made.administrator)


def test_dead_credentials_reach_the_mailbox_in_the_words_of_the_screen(made: Tenants, box: Mailbox) -> None:
    subscribe(made.administrator)
    breaks(made.shop)
    tell(MORNING)
    assert box.to == ["administrator@integrators.example"]
    mail = box.mails[0]
    assert mail["Subject"] == "Garden (Integrators): Shoper: the connection does not work"
    link = f"https://panel.example/shops/{made.shop.pk}/"
    assert link in box.text()
    assert f'href="{link}"' in box.html()
    assert mail["Auto-Submitted"] == "auto-generated"
    tell(MORNING + timedelta(minutes=1))
    assert len(box.raw) == 1, "told once"
    mends(made.shop)
    tell(MORNING + timedelta(minutes=2))
    assert box.mails[1]["Subject"] == "Garden (Integrators): over: Shoper: the connection does not work"


def test_each_reads_it_in_the_own_language(made: Tenants, box: Mailbox) -> None:
    User.objects.filter(pk=made.people["operator"].pk).update(language="pl")
    subscribe(made.people["operator"])
    breaks(made.shop)
    tell(MORNING)
    assert "połączenie" in box.mails[0]["Subject"]


def test_a_person_of_one_client_never_hears_of_another(made: Tenants, box: Mailbox) -> None:
    for who in ("owner", "neighbour", "stranger", "nobody"):
        subscribe(made.people[who], digest=True, digest_hour=0)
    breaks(made.shop)
    breaks(shop_of(made.other, "Optyk"))
    tell(MORNING)
    letters = {to: (mail["Subject"], raw.decode()) for to, mail, raw in zip(box.to, box.mails, box.raw, strict=True)}
    assert set(letters) == {"owner@garden.example", "neighbour@optics.example"}
    assert "Optics" not in letters["owner@garden.example"][0] + letters["owner@garden.example"][1]
    assert "Garden" not in letters["neighbour@optics.example"][0] + letters["neighbour@optics.example"][1]


def test_nothing_is_sent_to_whom_the_access_was_taken_in_between(made: Tenants, box: Mailbox) -> None:
    owner = made.people["owner"]
    subscribe(owner)
    breaks(made.shop)
    box.refusal = "451 later"
    tell(MORNING)
    Membership.objects.filter(user=owner).delete()
    box.refusal = ""
    tell(MORNING + timedelta(days=1))
    assert box.raw == []
    assert AlertDelivery.objects.get().status == AlertDelivery.Status.DROPPED


def test_what_a_person_lost_is_left_out_of_a_mail_that_waited(made: Tenants, box: Mailbox) -> None:
    owner = made.people["owner"]
    Membership.objects.create(user=owner, firm=made.firm, client=made.other, role=Role.VIEWER)
    subscribe(owner)
    breaks(made.shop)
    breaks(shop_of(made.other, "Optyk"))
    box.refusal = "451 later"
    tell(MORNING)
    Membership.objects.filter(user=owner, client=made.other).delete()
    box.refusal = ""
    tell(MORNING + timedelta(hours=1))
    assert "Optyk" not in box.text()
    assert "Shoper" in box.text()


def test_nobody_switched_off_is_told(made: Tenants, box: Mailbox) -> None:
    subscribe(made.people["operator"], digest=True, digest_hour=0)
    User.objects.filter(pk=made.people["operator"].pk).update(is_active=False)
    breaks(made.shop)
    tell(MORNING)
    assert box.raw == []


def test_muted_and_paused_clients_are_not_told_of(made: Tenants, box: Mailbox) -> None:
    subscribe(made.administrator).muted.add(made.client)
    other = shop_of(made.other, "Optyk")
    breaks(made.shop)
    breaks(other)
    Client.objects.filter(pk=made.other.pk).update(paused=True)
    tell(MORNING)
    assert box.raw == []


def test_quiet_hours_gather_what_happens_into_one_mail_in_the_morning(made: Tenants, box: Mailbox) -> None:
    subscribe(made.administrator, quiet_from=time(22), quiet_to=time(7), urgent=[])
    night = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)  # 23:00 in Warsaw
    breaks(made.shop)
    tell(night)
    second = shop_of(made.other, "Optyk")
    breaks(second)
    tell(night + timedelta(hours=1))
    assert box.raw == []
    tell(datetime(2026, 11, 26, 6, 0, tzinfo=UTC))
    assert len(box.raw) == 1
    assert box.mails[0]["Subject"] == "Integrators: 2 matters wait for a person"
    assert box.text().index("Garden") < box.text().index("Shoper: the connection")


def test_a_digest_comes_once_a_day_with_everything_that_waits(made: Tenants, box: Mailbox) -> None:
    subscribe(made.administrator, at_once=False, digest=True, digest_hour=7)
    breaks(made.shop)
    tell(datetime(2026, 11, 25, 5, 30, tzinfo=UTC))
    assert box.raw == []
    for minute in (0, 1, 200):
        tell(datetime(2026, 11, 25, 6, 0, tzinfo=UTC) + timedelta(minutes=minute))
    assert len(box.raw) == 1
    assert "WAPRO Mag: the settings were never tested" in box.text(), "also what is never told at once"
    tell(datetime(2026, 11, 26, 6, 0, tzinfo=UTC))
    assert len(box.raw) == 2


def test_a_long_digest_says_how_many_more_there_are_and_where(
    made: Tenants, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "MOST", 1)
    subscribe(made.administrator, at_once=False, digest=True, digest_hour=0)
    breaks(made.shop)
    tell(MORNING)
    assert box.mails[0]["Subject"] == "Garden (Integrators): 2 matters wait for a person"
    assert "and 1 more matter: https://panel.example/" in box.text()


def test_all_quiet_is_said_only_to_whom_it_matters(made: Tenants, box: Mailbox) -> None:
    Client.objects.update(paused=True)
    subscribe(made.administrator, at_once=False, digest=True, digest_hour=0, all_quiet=True)
    subscribe(made.people["viewer"], at_once=False, digest=True, digest_hour=0)
    tell(MORNING)
    assert box.to == ["administrator@integrators.example"]
    assert box.mails[0]["Subject"] == "Integrators: all is quiet, nothing waits"


def test_a_mail_server_that_refuses_is_tried_again_and_then_given_up(made: Tenants, box: Mailbox) -> None:
    subscribe(made.administrator, digest=True, digest_hour=23)
    breaks(made.shop)
    box.refusal = "554 no"
    tell(MORNING)
    delivery = AlertDelivery.objects.get()
    assert (delivery.status, delivery.attempts) == ("waiting", 1)
    assert "554" in delivery.answer
    for _wait in RETRIES:
        AlertDelivery.objects.update(not_before=MORNING)
        delivering.deliver(MORNING)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("failed", 1 + len(RETRIES))


def test_a_webhook_is_signed_so_that_the_receiver_can_believe_it(made: Tenants, hook: Listener, settings: Any) -> None:
    settings.INTEGRATOR_PUBLIC_URL = "https://panel.example"
    channel, secret = channel_of(made, f"{hook.url}/in?key=klucz-odbiorcy", made.client)
    breaks(made.shop)
    tell()
    header = hook.headers[0]["integrator-signature"]
    assert verified(header, secret, hook.bodies[0], int(timezone.now().timestamp()))
    told = json.loads(hook.bodies[0])
    assert told["id"] == hook.headers[0]["integrator-delivery"]
    assert hook.paths == ["/in?key=klucz-odbiorcy"]
    alert = told["alerts"][0]
    assert (alert["event"], alert["sort"], alert["client"]["name"]) == ("opened", "down", "Garden")
    assert alert["url"] == f"https://panel.example/shops/{made.shop.pk}/"
    delivery = AlertDelivery.objects.get(channel=channel)
    assert (delivery.status, delivery.http_status, delivery.answer) == ("sent", 200, "thank you")


def test_a_webhook_of_one_client_hears_of_no_other(made: Tenants, hook: Listener) -> None:
    channel_of(made, hook.url, made.other)
    breaks(made.shop)
    tell()
    assert hook.bodies == []


def test_a_worker_that_dies_after_sending_sends_the_same_once_more(made: Tenants, hook: Listener) -> None:
    channel_of(made, hook.url)
    breaks(made.shop)
    look(MORNING)
    planning.plan(MORNING)
    delivery = delivering.claim(AlertDelivery.objects.get().pk, MORNING)
    assert delivery is not None
    delivering.send(delivery)  # and here the worker dies, before it saves how that went
    tell(MORNING + timedelta(minutes=1))
    assert len(hook.bodies) == 1, "it may still be under way"
    tell(MORNING + timedelta(minutes=6))
    assert hook.bodies[0] == hook.bodies[1]
    assert hook.headers[0]["integrator-delivery"] == hook.headers[1]["integrator-delivery"]
    tell(MORNING + timedelta(minutes=20))
    assert len(hook.bodies) == 2


def test_a_receiver_that_fails_is_asked_once_a_round_and_holds_up_nobody(made: Tenants, hook: Listener) -> None:
    channel_of(made, hook.url)
    hook.status, hook.answer = 500, b"out of order"
    breaks(made.shop)
    tell(MORNING)
    delivery = AlertDelivery.objects.get()
    assert (delivery.status, delivery.http_status, delivery.answer) == ("waiting", 500, "out of order")
    breaks(shop_of(made.other, "Optyk"))
    AlertDelivery.objects.update(not_before=None)
    with listener() as well:
        channel_of(made, well.url)
        tell(MORNING + timedelta(minutes=1))
        assert len(hook.bodies) == 2
        assert len(well.bodies) == 1


def test_nothing_is_sent_into_the_own_network(made: Tenants, hook: Listener, settings: Any) -> None:
    settings.INTEGRATOR_ALLOW_LOOPBACK = False
    channel_of(made, hook.url.replace("http://", "https://"))
    breaks(made.shop)
    tell(MORNING)
    assert hook.bodies == []
    assert AlertDelivery.objects.get().http_status is None


def test_no_secret_and_no_key_in_an_address_is_logged_or_kept(
    made: Tenants, hook: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _channel, secret = channel_of(made, f"{hook.url}/services/klucz-odbiorcy")
    hook.status, hook.answer = 400, f"bad {secret} at /services/klucz-odbiorcy".encode()
    breaks(made.shop)
    tell(MORNING)
    kept = AlertDelivery.objects.get().answer + caplog.text
    assert secret not in kept
    assert "klucz-odbiorcy" not in kept


def test_a_failed_run_is_one_alert_however_often_it_fails(made: Tenants, hook: Listener) -> None:
    channel_of(made, hook.url)
    for hour in range(3):
        run = Run.objects.create(connection=made.shop, status=Status.FAILED)
        at = MORNING + timedelta(hours=hour)
        Step.objects.create(
            run=run, connection=made.shop, kind="product", position=0, status=Status.FAILED, finished_at=at
        )
        tell(at)
    events = [
        alert["event"] for body in hook.bodies for alert in json.loads(body)["alerts"] if alert["sort"] == "failed"
    ]
    assert events == ["opened"]
    assert Alert.objects.filter(sort="failed").count() == 1


def test_a_silent_queue_is_told_from_outside_to_people_of_the_firm_only(made: Tenants, box: Mailbox) -> None:
    subscribe(made.administrator)
    subscribe(made.people["owner"])
    now = timezone.now()
    cache.set(heartbeat.KEY, now - timedelta(minutes=10), None)
    tell(now)
    assert box.raw == [], "a worker that looks is itself a sign of life"
    call_command("tell")
    assert box.to == ["administrator@integrators.example"]
    assert box.mails[0]["Subject"] == "Integrators: The queue is silent: nothing is synchronised"
    heartbeat.beat()
    tell(now + timedelta(minutes=1))
    assert "over" in box.mails[1]["Subject"]


def test_without_a_mail_server_nothing_piles_up(made: Tenants) -> None:
    subscribe(made.administrator, digest=True, digest_hour=0)
    breaks(made.shop)
    tell(MORNING)
    assert AlertDelivery.objects.count() == 0


def test_a_round_asks_as_many_questions_for_many_clients_as_for_one(
    made: Tenants, django_assert_max_num_queries: Any
) -> None:
    channel_of(made, "https://nowhere.example")
    AlertChannel.objects.update(sorts=[])
    for number in range(30):
        breaks(shop_of(Client.objects.create(firm=made.firm, name=f"Client {number}"), "Shop"))
    tell(MORNING)
    with django_assert_max_num_queries(45):
        tell(MORNING + timedelta(minutes=1))
    assert Alert.objects.filter(sort="down").count() == 30


def test_old_deliveries_and_alerts_are_forgotten(made: Tenants, hook: Listener) -> None:
    channel_of(made, hook.url)
    breaks(made.shop)
    tell(MORNING)
    mends(made.shop)
    tell(MORNING + timedelta(minutes=30))
    AlertDelivery.objects.update(created_at=MORNING - timedelta(days=40))
    tell(MORNING + timedelta(days=31, minutes=31))
    assert AlertDelivery.objects.count() == 0
    assert not Alert.objects.filter(resolved_at__isnull=False).exists()


def test_every_sort_of_alert_is_one_that_the_screen_knows() -> None:
    assert set(SORTS) - {"queue"} <= set(URGENCY)

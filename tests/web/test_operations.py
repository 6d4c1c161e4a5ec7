"""What watches the installation learns that it lives, is ready and how far behind it is, and nothing of anybody."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from structlog.contextvars import get_contextvars

from integrator.canonical.kinds import Kind
from integrator.throttle import Throttle
from shops.models import ShopConnection
from syncjobs import heartbeat
from syncjobs.dead_letters import SORTS
from syncjobs.models import Change, InboxEvent, Run, Step
from syncjobs.models.choices import Status
from syncjobs.slices import Slice, one_slice
from tests.web.tenants import shop_of, tenants

TOKEN = "a-token-for-monitoring"


def samples(page: str) -> dict[tuple[str, str], float]:
    """Value by name and the labels' values."""
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def scrape(settings: Settings) -> dict[tuple[str, str], float]:
    settings.METRICS_TOKEN = TOKEN
    answer = Browser().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return samples(answer.content.decode())


def test_a_living_process_says_so_without_asking_the_database() -> None:
    answer = Browser().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_while_database_schema_and_broker_answer(settings: Settings, broker_url: str) -> None:
    settings.REDIS_URL = broker_url
    answer = Browser().get("/readyz")
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"ready": True, "checks": {"database": True, "migrations": True, "broker": True}}


@pytest.mark.django_db
def test_a_broker_that_is_away_is_said_and_its_address_is_not(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = Browser().get("/readyz")
    assert answer.status_code == 503
    assert json.loads(answer.content)["checks"]["broker"] is False
    assert "127.0.0.1" not in answer.content.decode()
    assert "not ready: broker" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer guessed"}, {"authorization": TOKEN}])
def test_numbers_are_for_whoever_has_the_token(settings: Settings, header: dict[str, str]) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert Browser().get("/metrics", headers=header).status_code == 404


@pytest.mark.django_db
def test_without_a_token_in_the_settings_nobody_reads_numbers(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert Browser().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_what_is_behind_shows_in_the_numbers(settings: Settings) -> None:
    made = tenants()
    cache.clear()
    before = scrape(settings)
    assert ("integrator_scheduler_silence_seconds", "") not in before
    long_ago = timezone.now() - timedelta(minutes=10)
    run = Run.objects.create(connection=made.shop, trigger=Run.Trigger.SCHEDULE)
    Run.objects.filter(pk=run.pk).update(created_at=long_ago)
    Step.objects.create(run=run, connection=made.shop, kind=Kind.UNIT, position=0, status=Status.QUEUED)
    InboxEvent.objects.create(
        connection=made.shop, delivery="d", status="ignored", reason="unread", received_at=long_ago, done_at=long_ago
    )
    throttle = Throttle()
    throttle.close(30, 0.0)
    throttle.close(30, 0.0)
    made.shop.throttle = throttle.state()
    made.shop.save(update_fields=["throttle"])
    heartbeat.beat()
    after = scrape(settings)
    assert after["integrator_queue_age_seconds", "step"] >= 600
    assert after["integrator_throttled_total", str(made.shop.pk)] == 2
    given_up = {sort: after["integrator_dead_letters", sort] for sort in SORTS}
    assert given_up == {"change": 0, "order": 0, "event": 1, "errand": 0, "deed": 0}
    assert after["integrator_scheduler_silence_seconds", ""] < 60
    assert after["integrator_steps", "catalogue,queued"] == before.get(("integrator_steps", "catalogue,queued"), 0) + 1


@pytest.mark.django_db
def test_numbers_name_nobody_and_cost_the_same_for_many_shops(
    settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = tenants()
    for number in range(10):
        shop_of(made.other, f"Shop {number}", is_leading=False)
    settings.METRICS_TOKEN = TOKEN
    with django_assert_max_num_queries(24):
        page = Browser().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).content.decode()
    assert made.client.name not in page
    assert "Shop 1" not in page


@pytest.mark.django_db(transaction=True)
def test_every_line_of_a_slice_says_on_whose_connection_it_works() -> None:
    made = tenants()
    seen: list[dict[str, object]] = []

    def work_on(work: Slice) -> None:
        seen.append(get_contextvars())

    one_slice(ShopConnection, made.shop.pk, work_on)
    assert (seen[0]["actor"], seen[0]["connection"]) == ("ShopConnection", made.shop.pk)
    assert "connection" not in get_contextvars()


@pytest.mark.django_db
def test_a_support_bundle_tells_states_and_nothing_of_anybody(tmp_path: Path) -> None:
    made = tenants()
    canary = "Zażółć-gęślą"
    secret = {"code": "auth_failed", "params": {"value": canary}}
    ShopConnection.objects.filter(pk=made.shop.pk).update(
        name=canary, address=f"https://{canary}.example", credentials={"password": canary}, problem=secret
    )
    run = Run.objects.create(connection=made.shop, trigger=Run.Trigger.SCHEDULE)
    step = Step.objects.create(run=run, connection=made.shop, kind=Kind.PRODUCT, position=0, problems=[secret])
    Change.objects.create(
        step=step, connection=made.shop, kind=Kind.PRODUCT, action="update_shop", label=canary, code=canary,
        erp_key=canary, problem=secret, exchange={"request": canary},
    )  # fmt: skip
    path = tmp_path / "bundle.zip"
    call_command("support_bundle", str(path))
    with zipfile.ZipFile(path) as bundle:
        told = {name: bundle.read(name).decode() for name in bundle.namelist()}
    everything = "".join(told.values())
    for hidden in (canary, json.dumps(canary).strip('"'), made.client.name, made.administrator.email, "very-secret"):
        assert hidden not in everything
    (shop,) = (one for one in json.loads(told["shops.json"]) if one["shop"] == made.shop.pk)
    assert shop["problem"] == "auth_failed"
    assert shop["steps"][0]["why"] == {"auth_failed": 1}
    assert not [name for name, text in told.items() if '"failed"' in text and len(text) < 200], told
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("support_bundle", str(path))

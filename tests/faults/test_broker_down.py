"""No broker: pages answer, what was asked for is stored, people read that the queue does not answer, and work begins
by itself when it is back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrator import shared_cache
from syncjobs import heartbeat, queue, runner, schedule
from syncjobs.models import Deed, Run
from tests.faults.broker import Broker, broker_of_our_own, sending_to
from tests.web.scene import Scene

pytest_plugins = ("tests.web.signed_in",)
AWAY = "The queue does not answer."
Committed = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def broker(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """The panel's broker and cache, running. Its absence is noticed again at each try, without the pause between."""
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(queue, "PAUSE", 0)
    monkeypatch.setattr(queue, "_silent_until", 0.0)
    monkeypatch.setattr(shared_cache, "PAUSE", 0)
    monkeypatch.setattr(shared_cache, "_away_until", 0.0)
    with broker_of_our_own(tmp_path) as made, sending_to(made.url):
        shared = settings.CACHES["default"] | {"BACKEND": "integrator.shared_cache.SharedCache", "LOCATION": made.url}
        settings.CACHES = {"default": shared}
        yield made


def messages(broker: Broker) -> int:
    with redis.Redis.from_url(broker.url) as server:
        return int(server.llen("celery"))  # type: ignore[arg-type]


@pytest.mark.failure_mode("Broker empty")
def test_a_page_that_finds_no_broker_stores_its_run_which_begins_when_there_is_one(
    broker: Broker, scene: Scene, panel: Client, django_capture_on_commit_callbacks: Committed
) -> None:
    heartbeat.beat()
    assert AWAY not in panel.get(f"/clients/{scene.client.pk}/").content.decode()
    broker.stop()
    with django_capture_on_commit_callbacks(execute=True):
        answer = panel.post(f"/shops/{scene.shop.pk}/synchronise/", {"kind": "stock"}, follow=True)
    assert answer.status_code == 200
    assert AWAY in answer.content.decode()
    run = Run.objects.get(connection=scene.shop, status="queued")
    scene.shop.refresh_from_db()
    assert scene.shop.nudged_at is None

    broker.start()
    with django_capture_on_commit_callbacks(execute=True):
        schedule.tick()
    assert messages(broker) >= 1
    heartbeat.beat()
    assert AWAY not in panel.get(f"/runs/{run.pk}/").content.decode()


def test_every_word_of_the_cache_is_answered_without_its_server(broker: Broker) -> None:
    """Brakes go on counting, each process for itself, and count from nothing when the server is back."""
    broker.stop()
    assert cache.add("brake", 1, 60)
    assert not cache.add("brake", 1, 60)
    assert cache.incr("brake") == 2
    cache.set_many({"a": 1, "b": 2})
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}
    assert cache.touch("a")
    cache.delete("a")
    cache.delete_many(["b"])
    assert not cache.has_key("a")
    assert cache.get_or_set("d", 4) == 4
    assert shared_cache.is_away()
    broker.start()
    assert cache.get("brake") is None
    assert not shared_cache.is_away()


def test_a_long_action_whose_message_was_lost_is_found_again(scene: Scene) -> None:
    assert scene.shop not in runner.silent(timezone.now())
    Deed.objects.create(connection=scene.shop, kind="product", verb=Deed.Verb.LINK_SURE, status=Deed.Status.OPEN)
    assert scene.shop in runner.silent(timezone.now())

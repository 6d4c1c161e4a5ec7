"""History goes when it is older than the installation keeps it, and nothing else goes with it."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrator.accounts.models import AuditEntry
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Product
from syncjobs import retention_rows
from syncjobs.models import (
    Change,
    Conflict,
    Deed,
    DeedRow,
    Errand,
    Fetch,
    FetchedPage,
    InboxEvent,
    Link,
    OrderEvent,
    Run,
    ShopOrder,
    ShopSetup,
    SnapshotItem,
    Step,
)
from syncjobs.models.choices import Side, Status
from syncjobs.retention import KEPT_NEWEST, Pruned, Terms, prune, terms
from syncjobs.retention_rows import SORTS
from tests.web.scene import Scene, new_scene

TERMS = Terms(changes=100, runs=200, raw=50, receipts=30, events=14, elements=60, buyers=0)
MORE = 3
"""Old runs above those that are kept as the newest of their sort."""


@pytest.fixture
def scene(db: None, settings: Settings) -> Scene:
    settings.KEEP_DAYS = asdict(TERMS)
    return new_scene()


def ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def ran(scene: Scene, days: int, status: Status = Status.SUCCEEDED, **more: Any) -> Step:
    """A run of stock that ended so many days ago, with a change that was sent, and what it fetched."""
    ended = None if status in (Status.WAITING, Status.RUNNING) else ago(days)
    run = scene.run(status, started_at=ago(days), finished_at=ended, **more)
    fetch = Fetch.objects.create(shop=scene.shop, kind="stock", status=Status.SUCCEEDED, finished_at=ago(days))
    Fetch.objects.filter(pk=fetch.pk).update(created_at=ago(days))
    FetchedPage.objects.create(fetch=fetch, number=0, keys={})
    step = scene.step(run, Kind.STOCK, status, finished_at=ended, shop_fetch=fetch, counts={"updated": 1, "planned": 1})
    scene.change(step, exchange={"request": "PUT", "answer": "200"}, status="applied", erp_key="1", sent_at=ago(days))
    return step


def pruned(**more: Any) -> dict[str, int]:
    return {one.name: one.rows for one in prune(SORTS, **more) if one.rows}


def small_things(scene: Scene) -> None:
    """One old row of every sort that stays and of every sort that goes."""
    shop = scene.shop
    for number, status in enumerate(["done", "waiting"]):
        InboxEvent.objects.create(connection=shop, delivery=str(number), status=status, received_at=ago(20))
    for status in (Status.SUCCEEDED, Status.SUCCEEDED, Status.QUEUED):
        Errand.objects.create(shop=shop, verb="count_filter", status=status, finished_at=ago(20))
    for status, verb in (("undone", "link"), ("done", "create"), ("done", "link"), ("open", "ignore_all")):
        when = {"finished_at": ago(150), "undone_at": ago(150) if status == "undone" else None}
        deed = Deed.objects.create(connection=shop, kind="product", verb=verb, status=status, **when)
        DeedRow.objects.create(deed=deed, erp_key="1")
    scene.item(Side.ERP, Kind.PRODUCT, "gone", Product(code="G", name="Gone"))
    scene.item(Side.ERP, Kind.PRODUCT, "gone-linked", Product(code="L", name="Gone"))
    scene.item(Side.ERP, Kind.PRODUCT, "there", Product(code="T", name="There"))
    scene.link(Kind.PRODUCT, "gone-linked", "9")
    SnapshotItem.objects.filter(key__startswith="gone").update(missed=2)
    SnapshotItem.objects.update(updated_at=ago(70))
    Session.objects.create(session_key="old", session_data="", expire_date=ago(1))
    order = ShopOrder.objects.create(connection=shop, shop_key="1", placed_at=ago(300), read_at=ago(300))
    exchange = {"request": "Kowalska", "answer": ""}
    OrderEvent.objects.create(order=order, at=ago(60), side="erp", verb="placed", data={"exchange": exchange, "n": 1})
    scene.conflict(Link.objects.get(erp_key="gone-linked"), "name", "a", "b", "c")
    AuditEntry.objects.create(firm=scene.firm, verb="link.add", subject="x")


def test_what_is_over_goes_and_a_dry_run_says_so(scene: Scene) -> None:
    old = [ran(scene, 150).pk for _ in range(KEPT_NEWEST + MORE)]
    waiting, lone, fresh = ran(scene, 300, Status.WAITING), ran(scene, 300, Status.FAILED), ran(scene, 1)
    small_things(scene)
    expected = {
        "raw": KEPT_NEWEST + MORE + 2,  # of every step that has ended, and of the order
        "changes": MORE + 1,
        "receipts": KEPT_NEWEST + MORE + 2,
        "events": 1,
        "errands": 2,
        "deeds": 2,
        "elements": 1,
        "sessions": 1,
    }
    assert pruned(dry_run=True) == expected
    assert pruned() == expected
    assert pruned() == {}
    assert list(Step.objects.filter(rows_dropped_at__isnull=False).values_list("pk", flat=True)) == old[: MORE + 1]
    assert Change.objects.filter(step__in=[waiting, lone, fresh]).count() == 3
    assert set(Change.objects.exclude(exchange=None).values_list("step", flat=True)) == {waiting.pk, fresh.pk}
    assert Run.objects.count() == KEPT_NEWEST + MORE + 3
    assert set(InboxEvent.objects.values_list("status", flat=True)) == {"waiting"}
    assert Errand.objects.count() == 1
    assert set(Deed.objects.values_list("verb", flat=True)) == {"link", "ignore_all"}
    assert DeedRow.objects.count() == 2
    assert set(SnapshotItem.objects.filter(kind="product").values_list("key", flat=True)) == {"gone-linked", "there"}
    assert OrderEvent.objects.get().data == {"n": 1}
    assert Conflict.objects.count() == AuditEntry.objects.count() == 1


def test_runs_go_with_their_fetches_but_never_one_that_something_shows(scene: Scene) -> None:
    old = [ran(scene, 250) for _ in range(KEPT_NEWEST + MORE)]
    ShopSetup.objects.create(connection=scene.shop, trial={"run": old[0].run_id, "products": [], "before": {}})
    assert pruned(dry_run=True)["runs"] == MORE - 1
    assert pruned()["runs"] == MORE - 1
    kept = [old[0].run_id, *(step.run_id for step in old[MORE:])]
    assert sorted(Run.objects.values_list("pk", flat=True)) == sorted(kept)
    assert Fetch.objects.count() == len(kept)


def test_a_slice_stops_in_time_and_the_next_goes_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention_rows, "BATCH", 2)
    for _ in range(KEPT_NEWEST + MORE):
        ran(scene, 250)
    whole = pruned(dry_run=True)
    turns = count()
    found: list[list[Pruned]] = []
    while not (found and found[-1][-1].finished):
        found.append(prune(SORTS, over=lambda: next(turns) % 20 == 19))
    assert 2 < len(found) < 20
    added: dict[str, int] = {}
    for one in (one for part in found for one in part if one.rows):
        added[one.name] = added.get(one.name, 0) + one.rows
    assert added == whole


def test_pages_say_that_elements_were_removed(scene: Scene, settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    old, *_newer = [ran(scene, 150) for _ in range(KEPT_NEWEST + 1)]
    prune(SORTS)
    browser = Browser()
    browser.force_login(scene.user)
    page = browser.get(reverse("run", args=[old.run_id])).content.decode()
    assert "because it was older than history is kept here" in page
    assert reverse("plan", args=[old.pk]) not in page
    scene.item(Side.ERP, Kind.PRODUCT, "2", Product(code="R", name="Rake"))
    history = browser.get(reverse("element", args=[scene.shop.pk, "product", "erp", "2"])).content.decode()
    assert f"as far back as history is kept ({TERMS.changes} days)" in history


def test_terms_that_contradict_each_other_are_refused(settings: Settings) -> None:
    settings.KEEP_DAYS = asdict(replace(TERMS, runs=99))
    with pytest.raises(ImproperlyConfigured, match="INTEGRATOR_KEEP_RUNS_DAYS=99 is shorter"):
        terms()
    with pytest.raises(CommandError, match="Raise it to at least the same"):
        call_command("prune", "--dry-run")
    for given in (replace(TERMS, changes=0), replace(TERMS, raw=-1)):
        assert given.problem()
    assert not replace(TERMS, changes=0, runs=0).problem()
    assert replace(TERMS, runs=0).before("runs", timezone.now()) is None

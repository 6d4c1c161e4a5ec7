"""Undoing a run from its page, what a plan says of it beforehand, and what is held until somebody releases it."""

import pytest
from django.test import Client
from django.utils import timezone

from integrator.accounts.models import AuditEntry
from integrator.canonical.kinds import Kind
from syncjobs.models import Run, Step, SyncOptions, UndoHold
from syncjobs.models.choices import Action, ChangeStatus, Phase, Status
from tests.web.scene import Scene, products
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)
PRICE = {"name": "price", "old": "84.99", "new": "89.99"}
UNDO_OF_UNDO = "An undo is not undone."


@pytest.fixture
def written(scene: Scene) -> Run:
    """A run that wrote a price and made a product."""
    links = products(scene)
    run = scene.run()
    for kind, more in (
        (Kind.PRICE, {"fields": [PRICE]}),
        (Kind.PRODUCT, {"action": Action.CREATE_SHOP, "fields": [{"name": "name", "old": None, "new": "Taczka"}]}),
    ):
        step = scene.step(run, kind, counts={"planned": 1, "linked": 12})
        scene.change(step, links[0], status=ChangeStatus.APPLIED, done_at=timezone.now(), **more)
    return run


def test_a_run_is_undone_from_its_page_once_and_says_so(written: Run, panel: Client) -> None:
    assert "Undo this run" in text_of(panel.get(f"/runs/{written.pk}/").content)
    for _ in range(2):
        answer = panel.post(f"/runs/{written.pk}/undo/")
    undo = Run.objects.get(undoes=written)
    assert answer["Location"] == f"/runs/{undo.pk}/"
    assert set(undo.steps.values_list("kind", flat=True)) == {"price", "product"}
    assert AuditEntry.objects.filter(verb="run.undo").count() == 1
    words = text_of(panel.get(f"/runs/{written.pk}/").content)
    assert f"Run {undo.pk} is taking this run back" in words
    assert "Undo this run" not in words
    undo.steps.update(status=Status.SUCCEEDED, counts={"updated": 1, "blocked": 1}, finished_at=timezone.now())
    Run.objects.filter(pk=undo.pk).update(status=Status.SUCCEEDED, finished_at=timezone.now())
    words = text_of(panel.get(f"/runs/{written.pk}/").content)
    assert f"Partly undone by run {undo.pk}" in words
    assert "Undo what is left" in words
    assert "partly undone" in text_of(panel.get(f"/shops/{written.connection_id}/runs/").content)
    words = text_of(panel.get(f"/runs/{undo.pk}/").content)
    assert f"takes back run {written.pk}" in words
    assert UNDO_OF_UNDO in words
    answer = panel.post(f"/runs/{undo.pk}/undo/", follow=True)
    assert UNDO_OF_UNDO in text_of(answer.content)
    step = Step.objects.filter(run=undo).first()
    assert step is not None
    panel.post(f"/steps/{step.pk}/retry/", {"all": "1"})
    assert Run.objects.filter(undoes=written).count() == 2, "what failed of an undo is left to another one"


def test_a_plan_says_before_it_is_written_what_can_be_undone(scene: Scene, panel: Client) -> None:
    run = scene.run(Status.WAITING, finished_at=None)
    more = {"phase": Phase.GUARD, "finished_at": None, "sealed_at": timezone.now(), "counts": {"linked": 12}}
    step = scene.step(run, Kind.PRODUCT, Status.WAITING, **more)
    link = products(scene)[0]
    name = {"name": "name", "old": "Taczka", "new": "Taczka 100 l"}
    scene.change(step, link, fields=[name])
    scene.change(step, action=Action.CREATE_SHOP, erp_key="NEW-1", code="NEW-1")
    scene.change(step, action=Action.DELETE_SHOP, shop_key="70", code="DEL-0")
    words = text_of(panel.get(f"/steps/{step.pk}/plan/").content)
    assert "Can it be undone later? Partly" in words
    assert "What was made is hidden, not deleted" in words
    assert "Made again from what is known, under a new number" in words
    SyncOptions.objects.update_or_create(connection=scene.shop, kind="product", defaults={"erp_gone": "leave"})
    assert "What was made stays" in text_of(panel.get(f"/steps/{step.pk}/plan/").content)

    Run.objects.filter(pk=run.pk).update(undoes=scene.run(), trigger=Run.Trigger.UNDO)
    since = {"code": "undo_changed_since", "params": {"field": "name", "value": "Inna", "run": "7"}}
    scene.change(step, link, status=ChangeStatus.BLOCKED, fields=[name], problem=since)
    scene.change(step, link, action=Action.UNLINK)
    words = text_of(panel.get(f"/steps/{step.pk}/plan/").content)
    assert "“name” was written again by run 7 since: it is Inna now." in words
    assert "What an undo does, and what it leaves" in words
    assert "Links to break" in words


def test_what_is_held_is_shown_and_released(scene: Scene, panel: Client, written: Run) -> None:
    links = products_of(scene)
    for link in links:
        UndoHold.objects.create(
            connection=scene.shop, kind="price", side="erp", key=link.erp_key, field="price", link=link, run=written
        )
    assert "held after an undo" in text_of(panel.get(f"/clients/{scene.client.pk}/").content)
    words = text_of(panel.get(f"/shops/{scene.shop.pk}/held/?run={written.pk}").content)
    assert "Release all 12 shown" in words
    page = f"/shops/{scene.shop.pk}/elements/product/erp/{links[0].erp_key}/"
    words = text_of(panel.get(page).content)
    assert "Held after an undo" in words
    assert "no run writes it before somebody releases it" in words
    first = UndoHold.objects.get(link=links[0])
    answer = panel.post(f"/shops/{scene.shop.pk}/held/release/", {"release": "picked", "pick": first.pk, "next": page})
    assert answer["Location"] == page
    assert UndoHold.objects.count() == len(links) - 1
    panel.post(f"/shops/{scene.shop.pk}/held/release/?kind=stock", {"release": "shown"})
    assert UndoHold.objects.count() == len(links) - 1, "nothing of stock is held"
    panel.post(f"/shops/{scene.shop.pk}/held/release/?kind=price", {"release": "shown"})
    assert not UndoHold.objects.exists()
    assert AuditEntry.objects.filter(verb="hold.release").count() == 2


def products_of(scene: Scene) -> list:
    return list(scene.shop.links.filter(kind="product").order_by("pk"))

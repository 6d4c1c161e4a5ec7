"""Counts of a step with very many changes are left by its worker, and are true as long as the step has not moved."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrator.canonical.kinds import Kind
from syncjobs import runs, tallies
from syncjobs.models import Change, Deed, Step
from syncjobs.models.choices import Action, ChangeStatus, Status
from tests.web.scene import Scene, new_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(tallies, "LARGE", 3)
    return new_scene()


def planned(scene: Scene, status: Status, **more: Any) -> Step:
    """A step of products with three updates, one of them risky, and a blocked creation."""
    ended = {} if status in (Status.SUCCEEDED, Status.FAILED) else {"finished_at": None}
    values = {"counts": {"planned": 3, "blocked": 1}, "sealed_at": timezone.now()} | ended
    step = scene.step(scene.run(status), Kind.PRODUCT, status, **(values | more))
    fields = [{"name": "name", "old": "a", "new": "b"}]
    for number in range(3):
        link = scene.link(Kind.PRODUCT, f"{step.pk}-{number}", f"{step.pk}-{number}")
        scene.change(step, link, fields=fields, risk="" if number else "zero")
    scene.change(step, action=Action.CREATE_SHOP, status=ChangeStatus.BLOCKED)
    return step


def numbers(step: Step) -> dict[tuple[str, str], tuple[int, int]]:
    fresh = Step.objects.get(pk=step.pk)
    return {(row.action, row.status): (row.number, row.odd) for row in tallies.of([fresh])[step.pk]}


def queries(step: Step) -> int:
    fresh = Step.objects.get(pk=step.pk)
    with CaptureQueriesContext(connection) as asked:
        tallies.of([fresh])
        tallies.linked_of(fresh)
        tallies.fields_of(fresh)
    return len(asked)


UPDATES, BLOCKED = ("update_shop", "planned"), ("create_shop", "blocked")


def test_what_a_worker_counted_is_not_counted_for_a_page(scene: Scene) -> None:
    step = planned(scene, Status.WAITING)
    tallies.keep(step)
    assert queries(step) == 0
    assert numbers(step) == {UPDATES: (3, 1), BLOCKED: (1, 0)}
    kept = Step.objects.get(pk=step.pk)
    assert (tallies.linked_of(kept), tallies.fields_of(kept)) == (3, {"name": 3})


def test_a_decision_moves_the_counts_at_once(scene: Scene) -> None:
    step = planned(scene, Status.WAITING)
    tallies.keep(step)
    assert runs.leave_out(step, scene.user, Q(risk="zero")) == 1
    assert numbers(step)["update_shop", "declined"] == (1, 1)
    assert numbers(step)[UPDATES] == (2, 0)


def test_while_a_worker_writes_a_page_shows_what_it_counted_last(scene: Scene) -> None:
    step = planned(scene, Status.RUNNING)
    tallies.keep(step)
    Change.objects.filter(step=step, status="planned").update(status=ChangeStatus.APPLIED, done_at=timezone.now())
    Step.objects.filter(pk=step.pk).update(worked_at=timezone.now())
    assert numbers(step)[UPDATES] == (3, 1)
    step.status, step.finished_at = Status.SUCCEEDED, timezone.now()
    step.save()
    tallies.keep(step)
    assert numbers(step)["update_shop", "applied"] == (3, 1)
    assert queries(step) == 0
    rows = tallies.of([Step.objects.get(pk=step.pk)])[step.pk]
    assert {row.first is None for row in rows if row.status == "applied"} == {False}


def test_an_ended_step_that_nobody_counted_is_counted_once(scene: Scene) -> None:
    step = planned(scene, Status.FAILED)
    assert numbers(step) == {UPDATES: (3, 1), BLOCKED: (1, 0)}
    with CaptureQueriesContext(connection) as asked:
        tallies.of([Step.objects.get(pk=step.pk)])
    assert len(asked) == 1  # the step itself


def test_many_links_are_counted_anew_when_a_person_did_something(scene: Scene) -> None:
    planned(scene, Status.WAITING)
    planned(scene, Status.FAILED)
    assert tallies.links_of(scene.shop, "product") == 6
    scene.link(Kind.PRODUCT, "more", "more")
    Deed.objects.create(connection=scene.shop, kind="product", verb="link", done=1)
    assert tallies.links_of(scene.shop, "product") == 7

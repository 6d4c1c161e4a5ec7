"""A plan: read it, approve all or part of it, reject it; deleting needs the number typed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrator.accounts.models import AuditEntry, Role
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Category
from syncjobs.models import Change, Step
from syncjobs.models.choices import Action, ChangeStatus, Phase, Side, Status
from tests.web.scene import Scene, products
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)


@pytest.fixture
def step(scene: Scene) -> Step:
    """A plan that waits: updates (one with a price jump), two deletions, a creation, a blocked element."""
    run = scene.run(Status.WAITING, finished_at=None)
    problems = [{"code": "approval_needed", "params": {}}, {"code": "too_many_deletes", "params": {"count": "2"}}]
    step = scene.step(
        run,
        Kind.PRODUCT,
        Status.WAITING,
        phase=Phase.GUARD,
        finished_at=None,
        sealed_at=timezone.now(),
        problems=problems,
        counts={"linked": 12},
    )
    links = products(scene)
    name = {"name": "name", "old": "Taczka ogrodowa 100 l", "new": "Taczka ogrodowa 100 l, ocynk"}
    scene.change(step, links[0], fields=[name], label="Taczka")
    price = {"name": "price", "old": "1199.00", "new": "549.00"}
    scene.change(step, links[7], fields=[price], label="Kosiarka", risk="price_jump")
    for n in range(2):
        scene.change(step, action=Action.DELETE_SHOP, shop_key=f"70{n}", code=f"DEL-{n}", label=f"Bombki {n}")
    scene.change(step, action=Action.CREATE_SHOP, erp_key="NEW-1", code="NEW-1", label="Nowy", fields=[])
    scene.item(Side.ERP, Kind.CATEGORY, "1:22", Category(path=("Narzędzia", "Piły")))
    blocked = {"code": "reference_unlinked", "params": {"field": "category", "kind": "category", "key": "1:22"}}
    scene.change(
        step, action=Action.CREATE_SHOP, status=ChangeStatus.BLOCKED, erp_key="BLK-1", code="BLK-1", problem=blocked
    )
    return step


def _statuses(step: Step) -> dict[str, str]:
    return dict(Change.objects.filter(step=step).values_list("code", "status"))


def test_the_plan_shows_old_and_new_with_changed_words_and_the_risky_first(step: Step, panel: Client) -> None:
    body = panel.get(f"/steps/{step.pk}/plan/").content.decode()
    assert "Taczka ogrodowa 100 l<ins>, ocynk</ins>" in body
    assert "−54.2 %" in body
    assert re.findall(r"(DEL-0|KOS-EL-1600|TAC-OGR-100|NEW-1|BLK-1)</a>", body) == [
        "DEL-0",
        "KOS-EL-1600",
        "TAC-OGR-100",
        "NEW-1",
        "BLK-1",
    ]
    words = text_of(body)
    assert "The plan deletes 2 elements; deleting always waits for a person." in words
    assert "The field “category” points to “Narzędzia / Piły”, which has no partner on the other side." in words
    assert f"/shops/{step.connection_id}/mapping/category/?show=unmapped&amp;q=Pi%C5%82y" in body


def test_counts_are_the_filter(step: Step, panel: Client) -> None:
    body = panel.get(f"/steps/{step.pk}/plan/?show=delete").content.decode()
    assert "DEL-0" in body
    assert "TAC-OGR-100" not in body


def test_pages_of_the_plan_go_on_where_the_last_one_ended(scene: Scene, step: Step, panel: Client) -> None:
    for n in range(60):
        scene.change(step, erp_key=f"K{n:03}", code=f"K{n:03}", fields=[{"name": "ean", "old": "1", "new": "2"}])
    first = panel.get(f"/steps/{step.pk}/plan/").content.decode()
    following = re.search(r'rel="next" href="(\?[^"]+)"', first)
    assert following is not None
    second = panel.get(f"/steps/{step.pk}/plan/{following[1]}").content.decode()
    codes = re.findall(r">(K\d{3}|DEL-\d|NEW-1|BLK-1|TAC-OGR-100|KOS-EL-1600)</a>", first + second)
    assert len(codes) == len(set(codes)) == Change.objects.filter(step=step).count()


def test_approving_without_deletions_declines_just_those(step: Step, panel: Client) -> None:
    panel.post(f"/steps/{step.pk}/decide/", {"scope": "safe"})
    statuses = _statuses(step)
    assert statuses["DEL-0"] == statuses["DEL-1"] == ChangeStatus.DECLINED
    assert statuses["TAC-OGR-100"] == statuses["NEW-1"] == ChangeStatus.PLANNED
    step.refresh_from_db()
    assert step.status == Status.QUEUED


@pytest.mark.parametrize("typed", ["", "3", "two", "22"])
def test_deleting_is_refused_without_the_right_number(step: Step, panel: Client, typed: str) -> None:
    answer = panel.post(f"/steps/{step.pk}/decide/", {"scope": "all", "typed": typed})
    assert answer.status_code == 422
    assert "2 elements would be deleted. Type that number to confirm it." in text_of(answer.content)
    step.refresh_from_db()
    assert step.status == Status.WAITING
    assert _statuses(step)["DEL-0"] == ChangeStatus.PLANNED


def test_deleting_goes_on_with_the_number_typed(step: Step, panel: Client) -> None:
    panel.post(f"/steps/{step.pk}/decide/", {"scope": "all", "typed": " 2 "})
    step.refresh_from_db()
    assert (step.status, step.approved_by) == (Status.QUEUED, step.run.requested_by)
    assert _statuses(step)["DEL-0"] == ChangeStatus.PLANNED


def test_only_the_ticked_are_approved(step: Step, panel: Client) -> None:
    chosen = Change.objects.get(step=step, code="TAC-OGR-100")
    panel.post(f"/steps/{step.pk}/decide/", {"scope": "picked", "pick": [str(chosen.pk)]})
    statuses = _statuses(step)
    assert statuses.pop("TAC-OGR-100") == ChangeStatus.PLANNED
    assert statuses.pop("BLK-1") == ChangeStatus.BLOCKED
    assert set(statuses.values()) == {ChangeStatus.DECLINED}


def test_ticking_a_deletion_needs_its_number_too(step: Step, panel: Client) -> None:
    chosen = Change.objects.get(step=step, code="DEL-0")
    answer = panel.post(f"/steps/{step.pk}/decide/", {"scope": "picked", "pick": [str(chosen.pk)]})
    assert answer.status_code == 422
    panel.post(f"/steps/{step.pk}/decide/", {"scope": "picked", "pick": [str(chosen.pk)], "typed": "1"})
    assert _statuses(step)["DEL-0"] == ChangeStatus.PLANNED
    assert _statuses(step)["DEL-1"] == ChangeStatus.DECLINED


def test_approving_nothing_is_refused(step: Step, panel: Client) -> None:
    answer = panel.post(f"/steps/{step.pk}/decide/", {"scope": "picked"})
    assert answer.status_code == 422
    assert "Nothing is ticked" in text_of(answer.content)


def test_rejecting_writes_nothing(step: Step, panel: Client) -> None:
    answer = panel.post(f"/steps/{step.pk}/decide/", {"reject": "1"}, follow=True)
    step.refresh_from_db()
    assert step.status == Status.CANCELLED
    assert "The plan is rejected. Nothing was written." in text_of(answer.content)


def test_a_plan_that_no_longer_waits_takes_no_decision(step: Step, panel: Client) -> None:
    Step.objects.filter(pk=step.pk).update(status=Status.CANCELLED)
    answer = panel.post(f"/steps/{step.pk}/decide/", {"scope": "all", "typed": "2"}, follow=True)
    assert "This plan no longer waits for a decision." in text_of(answer.content)


def test_a_viewer_reads_the_plan_and_is_told_who_decides(step: Step, viewer: Client) -> None:
    body = viewer.get(f"/steps/{step.pk}/plan/").content.decode()
    assert "An operator or implementer decides." in text_of(body)
    assert 'name="scope"' not in body


def test_an_empty_plan_says_that_both_sides_agree(scene: Scene, panel: Client) -> None:
    step = scene.step(scene.run(), Kind.PRODUCT)
    assert "Nothing has to be written: both sides agree." in text_of(panel.get(f"/steps/{step.pk}/plan/").content)


def test_the_plan_asks_a_fixed_number_of_queries(
    scene: Scene, step: Step, panel: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(60):
        scene.change(step, erp_key=f"K{n}", code=f"K{n}", fields=[{"name": "category", "old": str(n), "new": "17"}])
    with django_assert_max_num_queries(26):
        panel.get(f"/steps/{step.pk}/plan/")


def test_a_connection_that_only_reads_says_so_on_plan_and_run(step: Step, panel: Client, scene: Scene) -> None:
    pages = [f"/steps/{step.pk}/plan/", f"/runs/{step.run_id}/"]
    assert not any("Writing is switched off." in text_of(panel.get(page).content) for page in pages)
    scene.shop.writes_enabled = False
    scene.shop.save()
    assert all("Writing is switched off." in text_of(panel.get(page).content) for page in pages)


def test_a_run_whose_rest_waits_behind_a_plan_says_that_it_waits_for_approval(
    step: Step, panel: Client, scene: Scene
) -> None:
    scene.step(step.run, Kind.IMAGE, Status.QUEUED, phase=Phase.GATES, finished_at=None)
    step.run.status = Status.RUNNING
    step.run.save()
    words = text_of(panel.get(f"/runs/{step.run_id}/").content)
    assert "Waits for approval" in words
    assert "Waits for the other system" not in words


def test_what_is_left_out_stays_so_over_pages_and_the_rest_is_approved(step: Step, panel: Client) -> None:
    chosen = Change.objects.get(step=step, code="TAC-OGR-100")
    panel.post(f"/steps/{step.pk}/decide/", {"leave": "picked", "pick": [str(chosen.pk)]})
    panel.post(f"/steps/{step.pk}/decide/?show=delete", {"leave": "shown"})
    body = text_of(panel.get(f"/steps/{step.pk}/plan/").content)
    assert "All that is not left out: 2 writes" in body
    step.refresh_from_db()
    assert (step.status, step.counts["planned"]) == (Status.WAITING, 2)
    panel.post(f"/steps/{step.pk}/decide/", {"scope": "all"})
    statuses = _statuses(step)
    assert statuses["TAC-OGR-100"] == statuses["DEL-0"] == statuses["DEL-1"] == ChangeStatus.DECLINED
    assert statuses["KOS-EL-1600"] == statuses["NEW-1"] == ChangeStatus.PLANNED


def test_what_was_left_out_is_put_back(step: Step, panel: Client) -> None:
    panel.post(f"/steps/{step.pk}/decide/?show=delete", {"leave": "shown"})
    answer = panel.post(f"/steps/{step.pk}/decide/?show=left_out", {"back": "shown"}, follow=True)
    assert "2 changes are in the plan again." in text_of(answer.content)
    assert ChangeStatus.DECLINED not in _statuses(step).values()


def test_only_what_the_filter_shows_is_approved(step: Step, panel: Client) -> None:
    page = f"/steps/{step.pk}/plan/?field=price"
    assert "Only what is shown: 1 write" in text_of(panel.get(page).content)
    panel.post(f"/steps/{step.pk}/decide/?field=price", {"scope": "shown"})
    statuses = _statuses(step)
    assert statuses.pop("KOS-EL-1600") == ChangeStatus.PLANNED
    assert statuses.pop("BLK-1") == ChangeStatus.BLOCKED
    assert set(statuses.values()) == {ChangeStatus.DECLINED}


def test_approving_what_a_filter_shows_asks_for_the_number_of_its_deletions(step: Step, panel: Client) -> None:
    answer = panel.post(f"/steps/{step.pk}/decide/?show=delete&q=DEL-0", {"scope": "shown"})
    assert answer.status_code == 422
    assert "1 element would be deleted" in text_of(answer.content)


def test_nobody_approves_more_than_was_seen(step: Step, panel: Client) -> None:
    panel.post(f"/steps/{step.pk}/decide/?show=delete", {"leave": "shown"})
    stale = panel.post(f"/steps/{step.pk}/decide/", {"scope": "all", "seen": "5"})
    assert stale.status_code == 422
    assert "Somebody changed meanwhile what is left out" in text_of(stale.content)
    assert panel.post(f"/steps/{step.pk}/decide/", {"scope": "all", "seen": "3"}).status_code == 302


def test_the_second_of_two_people_is_told_who_decided(scene: Scene, step: Step, panel: Client) -> None:
    second = Client()
    second.force_login(scene.member(Role.OPERATOR, "second@merydian.example"))
    panel.post(f"/steps/{step.pk}/decide/", {"scope": "safe"})
    for late in ({"scope": "all", "typed": "2"}, {"reject": "1"}, {"leave": "picked"}):
        answer = second.post(f"/steps/{step.pk}/decide/", late, follow=True)
        assert "This plan no longer waits for a decision. Approved by A. Kurek" in text_of(answer.content)
    assert _statuses(step)["DEL-0"] == ChangeStatus.DECLINED
    assert AuditEntry.objects.filter(verb="step.approve").count() == 1


def test_a_double_click_on_approve_is_one_approval_and_no_reproach(step: Step, panel: Client) -> None:
    panel.post(f"/steps/{step.pk}/decide/", {"scope": "safe"})
    again = panel.post(f"/steps/{step.pk}/decide/", {"scope": "safe"}, follow=True)
    assert again.redirect_chain[-1][0] == f"/runs/{step.run_id}/"
    assert "no longer waits" not in text_of(again.content)


def test_the_reason_of_a_rejection_is_kept(step: Step, panel: Client) -> None:
    panel.post(f"/steps/{step.pk}/decide/", {"reject": "1", "reason": "prices of last year"})
    assert AuditEntry.objects.get(verb="step.reject").data["reason"] == "prices of last year"


def test_the_plan_says_what_writing_will_cost_and_what_it_really_took(scene: Scene, step: Step, panel: Client) -> None:
    words = text_of(panel.get(f"/steps/{step.pk}/plan/").content)
    assert "Calls, estimated about 4" in words
    assert "Nothing was written on this connection yet" in words
    now = timezone.now()
    Change.objects.filter(step=step, code="TAC-OGR-100").update(sent_at=now - timedelta(seconds=75), status="applied")
    counts = step.counts | {"asked": 10, "requests": 16}
    Step.objects.filter(pk=step.pk).update(status=Status.SUCCEEDED, finished_at=now, counts=counts)
    for page in (f"/steps/{step.pk}/plan/", f"/runs/{step.run_id}/?kind=product"):
        words = text_of(panel.get(page).content)
        assert "Calls, really 6" in words
        assert "Time, really 1 min 15 s" in words


def test_a_plan_of_twenty_thousand_rows_is_filtered_left_out_and_approved_at_once(
    scene: Scene, step: Step, panel: Client, django_assert_max_num_queries: Any
) -> None:
    fields = [{"name": "ean", "old": "1", "new": "2"}]
    Change.objects.bulk_create(
        (
            Change(step=step, connection=scene.shop, kind="product", action="update_shop", code=f"K{n}", fields=fields)
            for n in range(20_000)
        ),
        batch_size=5000,
    )
    with django_assert_max_num_queries(26):
        shown = text_of(panel.get(f"/steps/{step.pk}/plan/?field=ean").content)
    assert "Leave out all 20,000 shown" in shown.replace("\xa0", ",")
    with django_assert_max_num_queries(22):
        panel.post(f"/steps/{step.pk}/decide/?field=ean", {"leave": "shown"})
    with django_assert_max_num_queries(30):
        panel.post(f"/steps/{step.pk}/decide/?show=update", {"scope": "shown"})
    assert Change.objects.filter(step=step, status=ChangeStatus.PLANNED).count() == 2


@pytest.mark.parametrize("nonsense", [{"leave": "everything"}, {"leave": "picked", "pick": ["²", "9" * 30, "x"]}])
def test_nonsense_leaves_nothing_out(step: Step, panel: Client, nonsense: dict[str, Any]) -> None:
    answer = panel.post(f"/steps/{step.pk}/decide/", nonsense, follow=True)
    assert "Nothing is ticked, so nothing was changed." in text_of(answer.content)
    assert ChangeStatus.DECLINED not in _statuses(step).values()

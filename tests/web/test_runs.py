"""The list of runs and one run: what people see while it goes and what they can do about what failed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from integrator.canonical.kinds import SYNC_KINDS, Kind
from syncjobs import heartbeat
from syncjobs.models import Change, ElementMark, Run, Step
from syncjobs.models.choices import ChangeStatus, Mark, Phase, Status
from syncjobs.options import ensure_options
from tests.web.scene import Scene, products

pytest_plugins = ("tests.web.signed_in",)


def text_of(html: bytes | str) -> str:
    plain = re.sub(r"<[^>]+>", " ", html.decode() if isinstance(html, bytes) else html)
    return re.sub(r"\s+", " ", plain)


def _running(scene: Scene) -> tuple[Run, Step]:
    """A run in the middle of updating prices: 8 of 12 are written."""
    now = timezone.now()
    run = scene.run(Status.RUNNING)
    scene.step(run, Kind.UNIT)
    step = scene.step(
        run,
        Kind.PRICE,
        Status.RUNNING,
        phase=Phase.UPDATE,
        finished_at=None,
        worked_at=now,
        sealed_at=now,
        counts={"erp_fetched": 12, "shop_fetched": 12, "linked": 12, "planned": 12},
    )
    for n, link in enumerate(products(scene)):
        status = ChangeStatus.APPLIED if n < 8 else ChangeStatus.PLANNED
        done = now - timedelta(seconds=16 - 2 * n) if n < 8 else None
        scene.change(
            step, link, status=status, done_at=done, fields=[{"name": "price", "old": "84.99", "new": "89.99"}]
        )
    return run, step


def test_the_list_says_of_each_run_what_it_did(scene: Scene, panel: Client) -> None:
    run = scene.run(Status.PARTLY)
    scene.step(run, Kind.STOCK, Status.PARTLY, counts={"updated": 145, "failed": 3, "planned": 148})
    waiting = scene.run(Status.WAITING, finished_at=None)
    step = scene.step(waiting, Kind.PRODUCT, Status.WAITING, counts={"planned": 5})
    body = panel.get(f"/shops/{scene.shop.pk}/runs/").content.decode()
    assert "145 updated" in text_of(body)
    assert "3 failed" in text_of(body)
    assert f"/steps/{step.pk}/plan/" in body


def test_the_list_filters_by_state_and_the_filter_is_in_the_address(scene: Scene, panel: Client) -> None:
    good, bad = scene.run(Status.SUCCEEDED), scene.run(Status.FAILED)
    body = panel.get(f"/shops/{scene.shop.pk}/runs/?status=failed").content.decode()
    assert f'href="/runs/{bad.pk}/"' in body
    assert f'href="/runs/{good.pk}/"' not in body


def test_older_runs_are_on_the_next_page(scene: Scene, panel: Client) -> None:
    made = [scene.run() for _ in range(51)]
    first = panel.get(f"/shops/{scene.shop.pk}/runs/").content.decode()
    assert f'href="/runs/{made[0].pk}/"' not in first
    following = re.search(r'rel="next" href="(\?[^"]+)"', first)
    assert following is not None
    second = panel.get(f"/shops/{scene.shop.pk}/runs/{following[1]}").content.decode()
    assert f'href="/runs/{made[0].pk}/"' in second
    assert f'href="/runs/{made[-1].pk}/"' not in second


def test_a_new_connection_is_told_to_begin_with_a_preview(scene: Scene, panel: Client) -> None:
    assert "Begin with a preview" in text_of(panel.get(f"/shops/{scene.shop.pk}/runs/").content)


def test_starting_a_preview_makes_a_run_of_the_chosen_kind_and_opens_it(scene: Scene, panel: Client) -> None:
    answer = panel.post(f"/shops/{scene.shop.pk}/synchronise/", {"mode": "preview", "kind": "unit"})
    run = Run.objects.get()
    assert answer.headers["Location"] == f"/runs/{run.pk}/"
    assert (run.mode, run.requested_by) == (Run.Mode.PREVIEW, scene.user)
    assert list(run.steps.values_list("kind", flat=True)) == ["unit"]


def test_a_running_run_shows_how_far_it_is_and_asks_for_itself_again(scene: Scene, panel: Client) -> None:
    run, _step = _running(scene)
    body = panel.get(f"/runs/{run.pk}/").content.decode()
    assert "8 of 12" in text_of(body)
    assert "0.6 a second" in text_of(body)
    assert f'hx-get="/runs/{run.pk}/live/' in body
    assert 'hx-trigger="every 2s"' in body


def test_the_live_part_costs_nothing_while_nothing_moved(scene: Scene, panel: Client) -> None:
    run, step = _running(scene)
    first = panel.get(f"/runs/{run.pk}/live/")
    again = panel.get(f"/runs/{run.pk}/live/", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    Step.objects.filter(pk=step.pk).update(worked_at=timezone.now() + timedelta(seconds=2))
    moved = panel.get(f"/runs/{run.pk}/live/", headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200


def test_a_run_that_waits_behind_the_plan_of_another_one_says_which(scene: Scene, panel: Client) -> None:
    earlier = scene.run(Status.WAITING, finished_at=None)
    plan = scene.step(earlier, Kind.UNIT, Status.WAITING, phase=Phase.GUARD, finished_at=None)
    run = scene.run(Status.RUNNING)
    scene.step(run, Kind.UNIT, Status.QUEUED, phase=Phase.GATES, started_at=None, finished_at=None, counts={})
    body = panel.get(f"/runs/{run.pk}/").content.decode()
    assert f"The plan of run {earlier.pk} (units) has to be approved or rejected first." in text_of(body)
    assert f'href="/steps/{plan.pk}/plan/"' in body


def test_polling_stops_by_itself_when_the_run_has_ended(scene: Scene, panel: Client) -> None:
    run, _step = _running(scene)
    Run.objects.filter(pk=run.pk).update(status=Status.SUCCEEDED, finished_at=timezone.now())
    answer = panel.get(f"/runs/{run.pk}/live/")
    assert "hx-trigger" not in answer.content.decode()
    assert answer.headers["HX-Trigger"] == "run-ended"


def test_a_blocked_kind_names_the_broken_element_and_where_it_is_mended(scene: Scene, panel: Client) -> None:
    run = scene.run(Status.PARTLY)
    rates = scene.step(run, Kind.TAX_RATE, Status.FAILED, phase=Phase.FETCH_SHOP)
    scene.issue(rates, "9", "NP", {"code": "field_missing", "params": {"field": "percent"}})
    scene.step(run, Kind.PRODUCT, Status.BLOCKED, phase=Phase.GATES, counts={})
    body = panel.get(f"/runs/{run.pk}/").content.decode()
    assert "Waits for tax rates" in text_of(body).replace(" :", ":")
    assert "the element came without the field “percent”" in body
    assert f'href="/runs/{run.pk}/?kind=tax_rate#unreadable"' in body


def test_a_gate_closed_by_an_earlier_run_points_to_that_run(scene: Scene, panel: Client) -> None:
    earlier = scene.run(Status.FAILED)
    rates = scene.step(earlier, Kind.TAX_RATE, Status.FAILED, phase=Phase.FETCH_SHOP)
    scene.issue(rates, "9", "NP", {"code": "field_missing", "params": {"field": "percent"}})
    run = scene.run(Status.BLOCKED)
    scene.step(run, Kind.PRODUCT, Status.BLOCKED, phase=Phase.GATES, counts={})
    assert f'href="/runs/{earlier.pk}/?kind=tax_rate' in panel.get(f"/runs/{run.pk}/").content.decode()


def test_excluding_needs_a_reason_and_keeps_it(scene: Scene, panel: Client) -> None:
    run = scene.run(Status.FAILED)
    rates = scene.step(run, Kind.TAX_RATE, Status.FAILED, phase=Phase.FETCH_SHOP)
    scene.issue(rates, "9", "NP", {"code": "field_missing", "params": {"field": "percent"}})
    shown = panel.get(f"/runs/{run.pk}/?kind=tax_rate").content.decode()
    assert f'action="/shops/{scene.shop.pk}/exclude/"' in shown
    asked = {"side": "shop", "kind": "tax_rate", "key": "9", "next": f"/runs/{run.pk}/?kind=tax_rate"}
    panel.post(f"/shops/{scene.shop.pk}/exclude/", asked)
    assert not ElementMark.objects.exists()
    answer = panel.post(f"/shops/{scene.shop.pk}/exclude/", asked | {"reason": "not used any more"})
    mark = ElementMark.objects.get()
    assert (mark.mark, mark.key, mark.reason, mark.by) == (Mark.EXCLUDED, "9", "not used any more", scene.user)
    assert answer.headers["Location"] == f"/runs/{run.pk}/?kind=tax_rate"


def test_the_way_back_after_excluding_never_leaves_the_panel(scene: Scene, panel: Client) -> None:
    asked = {"side": "shop", "kind": "unit", "key": "9", "reason": "x", "next": "https://evil.example/"}
    answer = panel.post(f"/shops/{scene.shop.pk}/exclude/", asked)
    assert answer.headers["Location"] == f"/shops/{scene.shop.pk}/runs/"


@pytest.fixture
def failed(scene: Scene) -> Step:
    """A step of which two elements failed, one is blocked and one was written."""
    run = scene.run(Status.PARTLY)
    step = scene.step(
        run, Kind.STOCK, Status.PARTLY, counts={"planned": 4, "failed": 2, "updated": 1}, sealed_at=run.created_at
    )
    links = products(scene)
    problems: list[tuple[str, Any]] = [
        ("failed", {"code": "locked", "params": {"user": "magda"}}),
        ("failed", {"code": "gone", "params": {"key": "8841"}}),
        ("blocked", {"code": "cards_disagree", "params": {"field": "unit"}}),
        ("applied", None),
    ]
    for link, (status, problem) in zip(links, problems, strict=False):
        fields = [{"name": "quantity", "old": "14", "new": "11"}]
        scene.change(step, link, status=status, problem=problem, fields=fields, label=f"Towar {link.erp_key}")
    return step


def test_what_needs_a_look_comes_first_with_its_reason_in_words(failed: Step, panel: Client) -> None:
    body = panel.get(f"/runs/{failed.run_id}/?kind=stock").content.decode()
    words = text_of(body)
    assert "Sklep Zieliński: the element is being edited by magda." in words
    assert "Cards of this product in several warehouses disagree in the field “unit of measure”." in words
    assert "SEK-TYT-21" not in words
    assert "Retry all 2 failed" in words


def test_filters_of_results_count_and_narrow(failed: Step, panel: Client) -> None:
    words = text_of(panel.get(f"/runs/{failed.run_id}/?kind=stock&show=written").content)
    assert "DON-TER-40" in words
    assert "TAC-OGR-100" not in words


def test_results_are_searched_by_code_and_by_name_whatever_the_case(failed: Step, panel: Client) -> None:
    Change.objects.filter(step=failed, code="NAW-IGL-5").update(label="Żwirek do iglaków")
    for words, found in (("waz-zbr", "WAZ-ZBR-25"), ("żwirek", "NAW-IGL-5")):
        body = text_of(panel.get(f"/runs/{failed.run_id}/", {"kind": "stock", "show": "all", "q": words}).content)
        assert found in body
        assert "TAC-OGR-100" not in body


def test_a_search_that_finds_nothing_says_so_and_offers_the_way_out(failed: Step, panel: Client) -> None:
    body = text_of(panel.get(f"/runs/{failed.run_id}/?kind=stock&q=nothing-like-it").content)
    assert "Nothing here matches “nothing-like-it”." in body
    assert "Clear the search" in body


@pytest.mark.parametrize("asked", [{"all": "1"}, {"one": "first"}, {"pick": "first"}])
def test_retrying_starts_a_run_of_that_kind(failed: Step, panel: Client, scene: Scene, asked: dict[str, str]) -> None:
    ensure_options(scene.shop)
    first = Change.objects.filter(step=failed, status="failed").order_by("pk")[0]
    answer = panel.post(
        f"/steps/{failed.pk}/retry/", {k: str(first.pk) if v == "first" else v for k, v in asked.items()}
    )
    again = Run.objects.exclude(pk=failed.run_id).get()
    assert answer.headers["Location"] == f"/runs/{again.pk}/"
    assert list(again.steps.values_list("kind", flat=True)) == ["stock"]


def test_retrying_nothing_says_what_is_missing(failed: Step, panel: Client) -> None:
    answer = panel.post(f"/steps/{failed.pk}/retry/", {}, follow=True)
    assert "Tick the elements to retry first." in text_of(answer.content)
    assert Run.objects.count() == 1


def test_stopping_marks_the_run_and_says_what_stays(scene: Scene, panel: Client) -> None:
    run, _step = _running(scene)
    answer = panel.post(f"/runs/{run.pk}/cancel/", follow=True)
    run.refresh_from_db()
    assert run.cancel_requested
    assert "What was written stays." in text_of(answer.content)
    assert "Stopping…" in text_of(answer.content)


def test_a_viewer_sees_the_run_but_no_button_that_changes_anything(scene: Scene, failed: Step, viewer: Client) -> None:
    body = viewer.get(f"/runs/{failed.run_id}/?kind=stock").content.decode()
    assert "TAC-OGR-100" in body
    assert "Retry" not in text_of(body)
    assert f"/runs/{failed.run_id}/cancel/" not in body


def test_the_page_asks_no_more_of_the_database_for_many_rows(
    scene: Scene, panel: Client, django_assert_max_num_queries: Any
) -> None:
    run, step = _running(scene)
    for n in range(60):
        scene.change(step, erp_key=f"K{n}", code=f"K{n}", fields=[{"name": "tax_rate", "old": "1", "new": "2"}])
    with django_assert_max_num_queries(32):
        panel.get(f"/runs/{run.pk}/?kind=price&show=all")
    with django_assert_max_num_queries(14):
        panel.get(f"/runs/{run.pk}/live/")


def test_a_list_of_many_runs_stays_a_few_queries(
    scene: Scene, panel: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        run = scene.run()
        for kind in SYNC_KINDS:
            scene.step(run, kind)
    with django_assert_max_num_queries(22):
        panel.get(f"/shops/{scene.shop.pk}/runs/")


def test_a_queued_run_says_when_no_worker_gives_a_sign(scene: Scene, panel: Client) -> None:
    run = scene.run(Status.QUEUED, started_at=None, finished_at=None)
    scene.step(run, Kind.UNIT, Status.QUEUED, phase=Phase.GATES, finished_at=None)
    cache.delete(heartbeat.KEY)
    silent = panel.get(f"/runs/{run.pk}/live/")
    assert "is the worker running?" in silent.content.decode()
    heartbeat.beat()
    lives = panel.get(f"/runs/{run.pk}/live/", headers={"If-None-Match": silent.headers["ETag"]})
    assert "is the worker running?" not in lives.content.decode()
    assert "It starts as soon as a worker is free." in lives.content.decode()


def test_a_run_that_would_replace_a_waiting_plan_asks_first(scene: Scene, panel: Client) -> None:
    ensure_options(scene.shop)
    waiting = scene.run(Status.WAITING, finished_at=None)
    plan = scene.step(waiting, Kind.PRICE, Status.WAITING, finished_at=None, counts={"planned": 68})
    start = f"/shops/{scene.shop.pk}/synchronise/"
    asked = panel.post(start, {"mode": "apply", "kind": "price"})
    assert asked.status_code == 200
    words = text_of(asked.content)
    assert "A new run would replace a plan that waits" in words
    assert "68 changes" in words
    assert f'href="/steps/{plan.pk}/plan/"' in asked.content.decode()
    plan.refresh_from_db()
    assert (plan.status, Run.objects.count()) == (Status.WAITING, 1)
    assert panel.post(start, {"mode": "apply", "kind": "stock"}).status_code == 302
    assert panel.post(start, {"mode": "apply", "kind": "price", "replace": str(plan.pk)}).status_code == 302
    plan.refresh_from_db()
    assert plan.status == Status.CANCELLED


def test_retrying_never_throws_a_waiting_plan_away(failed: Step, panel: Client, scene: Scene) -> None:
    waiting = scene.run(Status.WAITING, finished_at=None)
    plan = scene.step(waiting, Kind.STOCK, Status.WAITING, finished_at=None)
    answer = panel.post(f"/steps/{failed.pk}/retry/", {"all": "1"}, follow=True)
    assert "A plan of stock waits for approval." in text_of(answer.content)
    plan.refresh_from_db()
    assert plan.status == Status.WAITING


def test_each_count_of_the_pipeline_opens_just_its_elements(scene: Scene, panel: Client) -> None:
    run = scene.run()
    step = scene.step(run, Kind.PRODUCT, sealed_at=run.created_at, counts={"planned": 2, "updated": 1, "created": 1})
    scene.change(step, products(scene)[0], status=ChangeStatus.APPLIED)
    scene.change(step, action="create_shop", status=ChangeStatus.APPLIED, erp_key="N-1", code="N-1")
    body = panel.get(f"/runs/{run.pk}/").content.decode()
    for phase, inside, outside in (("update", "TAC-OGR-100", ">N-1<"), ("create", ">N-1<", "TAC-OGR-100")):
        assert f'href="/runs/{run.pk}/?kind=product&amp;show=written&amp;phase={phase}#results"' in body
        only = panel.get(f"/runs/{run.pk}/?kind=product&show=written&phase={phase}").content.decode()
        assert inside in only
        assert outside not in only
    listed = panel.get(f"/shops/{scene.shop.pk}/runs/").content.decode()
    assert f"/runs/{run.pk}/?kind=product&amp;show=written&amp;phase=create#results" in listed


def test_a_run_tells_screen_readers_how_far_it_is_in_tens(scene: Scene, panel: Client) -> None:
    run, _step = _running(scene)
    body = panel.get(f"/runs/{run.pk}/").content.decode()
    assert 'data-say="Prices: updating linked elements, 60 %"' in body
    assert '<p id="said" class="visually-hidden" role="status"></p>' in body

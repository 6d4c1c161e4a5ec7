"""Many conflicts at once, rules made of conflicts, the history of decisions and taking them back, two people."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrator.accounts.models import AuditEntry, Role
from integrator.leases import LeaseHold
from shops.models import ShopConnection
from syncjobs import conflicts as deciding
from syncjobs import errands
from syncjobs.models import Conflict, Errand, KindState, SyncOptions
from syncjobs.models.choices import ChangeStatus, Phase, Status
from syncjobs.options import ensure_options
from syncjobs.slices import Slice
from tests.web.scene import Scene, products
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)


@pytest.fixture
def made(scene: Scene) -> list[Conflict]:
    """Three names in conflict, which both sides can write."""
    type(scene.erp).objects.filter(pk=scene.erp.pk).update(write_cards=True)
    ensure_options(scene.shop)
    options = SyncOptions.objects.get(connection=scene.shop, kind="product")
    SyncOptions.objects.filter(pk=options.pk).update(owners={**options.owners, "name": "ask"})
    links = products(scene)[4:7]
    return [scene.conflict(link, "name", "Stara", f"Z WAPRO {n}", f"Ze sklepu {n}") for n, link in enumerate(links)]


def rows(page: str) -> int:
    return len(re.findall(r"<tr\b[^>]*\bdata-row[ >]", page))


def _url(scene: Scene, end: str = "") -> str:
    return f"/shops/{scene.shop.pk}/conflicts/{end}"


def _decide(scene: Scene, browser: Client, conflict: Conflict, owner: str, **more: str) -> Any:
    name = f"version-{conflict.pk}"
    data = {"conflict": str(conflict.pk), name: str(conflict.version), f"owner-{conflict.pk}": owner}
    return browser.post(_url(scene, "decide/"), data | more)


def _second(scene: Scene) -> Client:
    browser = Client()
    browser.force_login(scene.member(Role.OPERATOR, "nowak@zielinski.example"))
    return browser


def test_the_slower_of_two_people_is_told_who_decided_what(scene: Scene, made: list[Conflict], panel: Client) -> None:
    other = _second(scene)
    _decide(scene, panel, made[0], "erp")
    answer = _decide(scene, other, made[0], "shop")
    assert answer.status_code == 409
    words = text_of(answer.content)
    assert "A. Kurek has decided this meanwhile:" in words
    assert "Z WAPRO 0" in words
    made[0].refresh_from_db()
    assert (made[0].owner, made[0].decided_by) == ("erp", scene.user)


def test_a_double_click_and_going_back_after_saving_change_nothing(
    scene: Scene, made: list[Conflict], panel: Client
) -> None:
    _decide(scene, panel, made[0], "erp")
    again = _decide(scene, panel, made[0], "erp")
    assert again.status_code == 302
    assert "This was decided already." in text_of(panel.get(again.headers["Location"]).content)
    assert AuditEntry.objects.filter(verb="conflict.decide").count() == 1
    assert _decide(scene, panel, made[0], "shop").status_code == 409
    made[0].refresh_from_db()
    assert made[0].owner == "erp"


def test_it_is_said_when_a_fetch_first_noticed_each_change(scene: Scene, made: list[Conflict], panel: Client) -> None:
    now = timezone.now()
    Conflict.objects.filter(pk=made[0].pk).update(erp_at=now - timedelta(days=3), shop_at=now - timedelta(minutes=7))
    body = panel.get(_url(scene), {"at": made[0].pk}).content.decode()
    assert text_of(body.encode()).count("change noticed") == 2
    assert (now - timedelta(minutes=7)).astimezone(timezone.get_default_timezone()).strftime("%H:%M") in body


def test_a_typed_text_where_a_number_belongs_is_refused_in_words(scene: Scene, panel: Client) -> None:
    conflict = scene.conflict(products(scene)[0], "weight", "1", "2", "3")
    answer = _decide(scene, panel, conflict, "value", **{f"value-{conflict.pk}": "dwa"})
    assert "Weight takes a number" in text_of(panel.get(answer.headers["Location"]).content)
    conflict.refresh_from_db()
    assert conflict.status == "open"


def test_a_key_of_one_side_cannot_be_typed_for_both(scene: Scene, panel: Client) -> None:
    conflict = scene.conflict(products(scene)[0], "category", None, "1:10", "17")
    assert f'name="value-{conflict.pk}"' not in panel.get(_url(scene)).content.decode()
    _decide(scene, panel, conflict, "value", **{f"value-{conflict.pk}": "17"})
    conflict.refresh_from_db()
    assert conflict.status == "open"


def _many(scene: Scene, first: Conflict, count: int) -> None:
    link = first.link
    for start in range(0, count, 500):
        links = type(link).objects.bulk_create(
            type(link)(connection=scene.shop, kind="product", erp_key=f"E{n}", shop_key=f"S{n}", origin="rule")
            for n in range(start, min(start + 500, count))
        )
        Conflict.objects.bulk_create(
            Conflict(connection=scene.shop, link=one, kind="product", field="name", erp=f"E {one.pk}", shop="S")
            for one in links
        )


def test_more_than_a_thousand_alike_are_decided_at_once_in_few_queries(
    scene: Scene, made: list[Conflict], panel: Client, django_assert_max_num_queries: Any
) -> None:
    _many(scene, made[0], 1500)
    last = Conflict.objects.order_by("-pk").first()
    assert last is not None
    with django_assert_max_num_queries(60):
        _decide(scene, panel, made[0], "shop", **{f"similar-{made[0].pk}": "1", "upto": str(last.pk)})
    assert set(Conflict.objects.values_list("status", "owner")) == {("decided", "shop")}
    last.refresh_from_db()
    assert last.lost == last.erp
    assert AuditEntry.objects.get(verb="conflict.decide_many").data["count"] == 1502


def test_what_came_after_the_screen_was_drawn_is_not_decided_with_it(
    scene: Scene, made: list[Conflict], panel: Client
) -> None:
    _decide(scene, panel, made[0], "shop", **{f"similar-{made[0].pk}": "1", "upto": str(made[1].pk)})
    made[2].refresh_from_db()
    assert made[2].status == "open"


def test_very_many_go_to_a_worker_and_the_page_shows_how_far_it_is(
    scene: Scene, made: list[Conflict], panel: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "MANY", 2)
    answer = _decide(scene, panel, made[0], "erp", **{f"similar-{made[0].pk}": "1", "upto": str(made[2].pk)})
    errand = Errand.objects.get(verb="decide_alike")
    assert answer.headers["Location"] == f"/errands/{errand.pk}/"
    assert "Deciding conflicts" in text_of(panel.get(answer.headers["Location"]).content)
    hold = LeaseHold.take(ShopConnection, scene.shop.pk)
    assert hold is not None
    with Slice(hold) as work:
        errands.run_shop(scene.shop, work)
    hold.release()
    errand.refresh_from_db()
    assert (errand.status, errand.result) == (Status.SUCCEEDED, {"done": 2, "total": 2})
    assert "2 fields decided." in text_of(panel.get(f"/errands/{errand.pk}/").content)
    assert not Conflict.objects.filter(status="open").exists()


def _rule_version(scene: Scene) -> str:
    return str(SyncOptions.objects.get(connection=scene.shop, kind="product").options_version)


def test_a_rule_says_what_it_settles_changes_the_owner_and_can_be_taken_back(
    scene: Scene, made: list[Conflict], panel: Client
) -> None:
    for conflict in made:
        KindState.objects.create(link=conflict.link, connection=scene.shop, kind="product", open=False)
    page = _url(scene, "rule/product/name/")
    words = text_of(panel.get(page).content)
    assert "The rule settles 3 open conflicts." in words
    assert "Ze sklepu 0" in words
    answer = panel.post(page, {"owner": "erp", "version": _rule_version(scene)})
    options = SyncOptions.objects.get(connection=scene.shop, kind="product")
    assert options.owners["name"] == "erp"
    assert {(c.status, c.owner, c.lost) for c in Conflict.objects.all()} == {
        ("decided", "erp", f"Ze sklepu {n}") for n in range(3)
    }
    assert KindState.objects.filter(open=True).count() == 3
    assert AuditEntry.objects.get(verb="conflict.rule").data["count"] == 3
    history = text_of(panel.get(answer.headers["Location"]).content)
    assert "Rules that are not written yet" in history

    panel.post(_url(scene, "take-back/"), {"kind": "product", "field": "name"})
    options.refresh_from_db()
    assert options.owners["name"] == "ask"
    assert set(Conflict.objects.values_list("status", "owner")) == {("open", "")}
    assert AuditEntry.objects.filter(verb="conflict.unrule").exists()


def test_a_rule_made_on_options_that_somebody_changed_is_refused_with_the_fresh_ones(
    scene: Scene, made: list[Conflict], panel: Client
) -> None:
    version = _rule_version(scene)
    SyncOptions.objects.filter(connection=scene.shop, kind="product").update(options_version=9)
    answer = panel.post(_url(scene, "rule/product/name/"), {"owner": "erp", "version": version})
    assert answer.status_code == 409
    assert 'name="version" value="9"' in answer.content.decode()
    assert set(Conflict.objects.values_list("status", flat=True)) == {"open"}


def test_an_operator_decides_but_makes_no_rules(scene: Scene, made: list[Conflict]) -> None:
    browser = _second(scene)
    assert "Make it a rule" not in browser.get(_url(scene)).content.decode()
    assert browser.get(_url(scene, "rule/product/name/")).status_code == 403


def test_a_decision_is_taken_back_while_nothing_is_written(scene: Scene, made: list[Conflict], panel: Client) -> None:
    _decide(scene, panel, made[0], "erp")
    panel.post(_url(scene, "take-back/"), {"conflict": made[0].pk})
    made[0].refresh_from_db()
    assert (made[0].status, made[0].owner, made[0].version) == ("open", "", 2)
    assert AuditEntry.objects.get(verb="conflict.take_back").data["chosen"] == "erp"
    twice = panel.post(_url(scene, "take-back/"), {"conflict": made[0].pk}, follow=True)
    assert "open already" in text_of(twice.content)


def test_a_decision_in_an_open_plan_or_written_is_not_taken_back(
    scene: Scene, made: list[Conflict], panel: Client
) -> None:
    _decide(scene, panel, made[0], "erp")
    step = scene.step(scene.run(Status.WAITING), "product", Status.WAITING, phase=Phase.GUARD)  # type: ignore[arg-type]
    fields = [{"name": "name", "old": "a", "new": "b"}]
    scene.change(step, made[0].link, status=ChangeStatus.PLANNED, fields=fields)
    answer = panel.post(_url(scene, "take-back/"), {"conflict": made[0].pk}, follow=True)
    assert f"run {step.run_id} has it in its plan" in text_of(answer.content)
    Conflict.objects.filter(pk=made[0].pk).update(status="closed")
    type(step).objects.filter(pk=step.pk).update(status=Status.SUCCEEDED)
    answer = panel.post(_url(scene, "take-back/"), {"conflict": made[0].pk}, follow=True)
    assert "it is written already" in text_of(answer.content)
    made[0].refresh_from_db()
    assert made[0].owner == "erp"


def test_the_history_is_searched_and_goes_on_page_by_page(
    scene: Scene, made: list[Conflict], panel: Client, django_assert_max_num_queries: Any
) -> None:
    _many(scene, made[0], 60)
    last = Conflict.objects.order_by("-pk").first()
    assert last is not None
    _decide(scene, panel, made[0], "shop", **{f"similar-{made[0].pk}": "1", "upto": str(last.pk)})
    with django_assert_max_num_queries(30):
        body = panel.get(_url(scene), {"show": "decided"}).content.decode()
    assert rows(body) == 50
    before = body.split("before=")[1].split('"')[0]
    rest = panel.get(_url(scene), {"show": "decided", "before": before}).content.decode()
    assert rows(rest) == 13
    found = panel.get(_url(scene), {"show": "decided", "q": "SEK-TYT", "state": "waiting", "who": scene.user.pk})
    assert rows(found.content.decode()) == 1
    none = panel.get(_url(scene), {"show": "decided", "field": "ean"})
    assert "No decision matches." in text_of(none.content)

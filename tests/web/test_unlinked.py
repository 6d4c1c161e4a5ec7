"""Elements without a partner: suggestions, links, creating, ignoring, and the way back from it."""

import html
import json
import re
from typing import Any
from unittest.mock import ANY

import pytest
from django.test import Client

from integrator.canonical.kinds import Kind
from syncjobs.models import ElementMark, Link, Run, Unlinked
from syncjobs.models.choices import Mark, Origin, Side, Status
from tests.web.scene import Scene, alone
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)


@pytest.fixture
def rows(scene: Scene) -> list[Unlinked]:
    return alone(scene)


def _url(scene: Scene, kind: str = "product") -> str:
    return f"/shops/{scene.shop.pk}/unlinked/{kind}/"


def _act(scene: Scene, panel: Client, kind: str = "product", **data: Any) -> Any:
    return panel.post(f"{_url(scene, kind)}act/", data, follow=True)


def _token(side: str, key: str) -> str:
    return json.dumps([side, key])


def test_the_title_counts_both_sides(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    words = text_of(panel.get(_url(scene)).content)
    assert "Products without a partner: 4 in WAPRO, 3 in the shop" in words


def test_the_suggestion_shows_its_score_and_what_speaks_for_it(
    scene: Scene, rows: list[Unlinked], panel: Client
) -> None:
    words = text_of(panel.get(_url(scene)).content)
    assert "Suggestions for Wąż spiralny 15 m z pistoletem" in words
    assert "code equal" in words
    assert "EAN equal" in words
    assert re.search(r"\b(9\d|100) %", words)


def test_the_button_of_a_suggestion_links_and_says_so(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    body = panel.get(_url(scene)).content.decode()
    value = re.search(r'name="one" value="(link [^"]+)"', body)
    assert value is not None
    answer = _act(scene, panel, one=value[1].replace("&quot;", '"'))
    link = Link.objects.get(kind=Kind.PRODUCT)
    assert (link.erp_key, link.shop_key, link.origin) == ("WAZ-SPI-15", "9000", Origin.PERSON)
    assert "Linked. Both now count as one element." in text_of(answer.content)
    assert not Unlinked.objects.filter(key__in=["WAZ-SPI-15", "9000"]).exists()


def test_one_ticked_on_each_side_are_linked(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    _act(scene, panel, do="link_picked", pick=[_token("erp", "PLO-OGR-25"), _token("shop", "9001")])
    assert Link.objects.get(kind=Kind.PRODUCT).shop_key == "9001"


def test_several_ticked_in_wapro_take_their_suggestions(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    scene.unlinked(Side.SHOP, "9010", "KOM-TER-340", "Kompostownik termo 340 l", "5906641340025")
    picked = [_token("erp", key) for key in ("WAZ-SPI-15", "KOM-TER-340")]
    answer = _act(scene, panel, do="link_picked", pick=picked)
    links = dict(Link.objects.filter(kind=Kind.PRODUCT).values_list("erp_key", "shop_key"))
    assert links == {"WAZ-SPI-15": "9000", "KOM-TER-340": "9010"}
    assert "Linked with their suggestions: 2." in text_of(answer.content)


def test_an_unclear_choice_links_nothing_and_says_what_to_tick(
    scene: Scene, rows: list[Unlinked], panel: Client
) -> None:
    answer = _act(scene, panel, do="link_picked", pick=[_token("shop", "9001")])
    assert "Tick one element on each side" in text_of(answer.content)
    assert not Link.objects.filter(kind=Kind.PRODUCT).exists()


def test_linking_something_that_is_gone_says_why_not(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    answer = _act(scene, panel, one=f"link {json.dumps(['WAZ-SPI-15', '404'])}")
    assert "the element 404 no longer exists" in text_of(answer.content)


def test_creating_in_the_shop_plans_just_the_ticked_elements(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    _act(scene, panel, do="create", pick=[_token("erp", "PLO-OGR-25"), _token("shop", "9001")])
    step = Run.objects.get().steps.get()
    assert (step.kind, step.selection) == ("product", {"erp": ["PLO-OGR-25"]})


def test_importing_plans_just_the_ticked_elements(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    _act(scene, panel, do="import", pick=[_token("shop", "9001")])
    assert Run.objects.get().steps.get().selection == {"shop": ["9001"]}


def test_creating_asks_before_it_replaces_a_plan_that_waits(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    plan = scene.step(scene.run(Status.WAITING, finished_at=None), Kind.PRODUCT, Status.WAITING, finished_at=None)
    picked = {"do": "create", "pick": [_token("erp", "PLO-OGR-25")], "query": "show=unlinked"}
    asked = panel.post(f"{_url(scene)}act/", picked)
    assert (asked.status_code, Run.objects.count()) == (200, 1)
    assert "would replace a plan that waits" in text_of(asked.content)
    form = next(part for part in asked.content.decode().split("<form") if 'name="replace"' in part)
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    again = {name: html.unescape(value) for name, value in sent.items()}
    assert again == {"replace": str(plan.pk), **picked, "pick": picked["pick"][0]} | {"csrfmiddlewaretoken": ANY}
    assert panel.post(f"{_url(scene)}act/", again).status_code == 302
    plan.refresh_from_db()
    assert plan.status == Status.CANCELLED
    assert Run.objects.latest("pk").steps.get().selection == {"erp": ["PLO-OGR-25"]}


def test_ignoring_and_taking_part_again(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    _act(scene, panel, one=f"ignore {_token('shop', '9001')}")
    assert ElementMark.objects.get(key="9001").mark == Mark.IGNORED
    assert "Zestaw zraszaczy" not in text_of(panel.get(_url(scene)).content)
    assert "Zestaw zraszaczy" in text_of(panel.get(f"{_url(scene)}?show=ignored").content)
    answer = _act(scene, panel, do="unignore", pick=[_token("shop", "9001")])
    assert "1 element takes part again." in text_of(answer.content)
    assert "Zestaw zraszaczy" in text_of(panel.get(_url(scene)).content)


def test_ambiguous_elements_show_their_candidates_to_choose_from(
    scene: Scene, rows: list[Unlinked], panel: Client
) -> None:
    body = panel.get(f"{_url(scene)}?show=ambiguous").content.decode()
    words = text_of(body)
    assert "Candidates for Rękawice ogrodowe M" in words
    assert "Zestaw zraszaczy 3 szt." in words
    assert "Bon podarunkowy 100 zł" in words
    _act(scene, panel, one=f"link {json.dumps(['REK-M', '9002'])}")
    assert Link.objects.get(kind=Kind.PRODUCT).shop_key == "9002"


def test_each_pane_is_searched_by_itself_without_accents(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    words = text_of(panel.get(_url(scene), {"q_erp": "plotek", "q_shop": "9000000"}).content)
    assert "Płotek ogrodowy 2,5 m" in words
    assert "Donica betonowa" not in words
    assert "Nothing here matches “9000000”." in words


def test_both_panes_page_by_themselves(scene: Scene, panel: Client) -> None:
    for n in range(55):
        scene.unlinked(Side.SHOP, f"S{n}", f"CODE-{n:03}", f"Towar {n:03}")
    first = panel.get(_url(scene)).content.decode()
    following = re.search(r'rel="next" href="(\?[^"]+)"', first)
    assert following is not None
    assert "after_shop=" in following[1]
    second = panel.get(_url(scene) + following[1].replace("&amp;", "&")).content.decode()
    assert "Towar 054" in second
    assert "Towar 001" not in second


def test_everything_linked_is_said_in_words(scene: Scene, panel: Client) -> None:
    scene.item(Side.SHOP, Kind.PRODUCT, "1", _any_product())
    assert text_of(panel.get(_url(scene)).content).count("Everything has its partner.") == 2


def test_before_the_first_fetch_the_page_says_so(scene: Scene, panel: Client) -> None:
    assert "Nothing has been fetched yet." in text_of(panel.get(_url(scene)).content)


def _any_product() -> Any:
    from integrator.canonical.records import Product

    return Product(code="A", name="A")


def test_malformed_tokens_are_dropped(scene: Scene, rows: list[Unlinked], panel: Client) -> None:
    answer = _act(scene, panel, do="ignore", pick=["{", '["erp"]', '["erp", 5]', "null"])
    assert answer.status_code == 200
    assert not ElementMark.objects.exists()


def test_a_viewer_sees_the_lists_without_a_single_button(scene: Scene, rows: list[Unlinked], viewer: Client) -> None:
    body = viewer.get(_url(scene)).content.decode()
    assert "WAZ-SPI-15" in body
    assert 'name="one"' not in body
    assert 'name="do"' not in body


def test_the_page_asks_a_fixed_number_of_queries(
    scene: Scene, panel: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(50):
        scene.unlinked(Side.ERP, f"E{n}", f"CODE-{n}", f"Towar {n}")
        scene.unlinked(Side.SHOP, f"S{n}", f"CODE-{n}", f"Towar {n} w sklepie")
    with django_assert_max_num_queries(36):
        panel.get(_url(scene))

"""Conflicts: three values side by side, a choice, the same for similar ones, and no choice on values that moved."""

from typing import Any

import pytest
from django.test import Client

from syncjobs.models import Conflict
from tests.web.scene import Scene, products
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)


@pytest.fixture
def made(scene: Scene) -> list[Conflict]:
    """Three names and one weight; the first two conflicts belong to one product."""
    links = products(scene)
    base = "Sekator tytanowy 21 cm"
    return [
        scene.conflict(links[4], "name", base, "Sekator ręczny tytanowy 21 cm", f"{base} – Verdo"),
        scene.conflict(links[4], "weight", "0.24", "0.26", "0.3"),
        scene.conflict(links[5], "name", "Grabie", "Grabie 14", "Grabie – Verdo"),
        scene.conflict(links[6], "name", "Konewka", "Konewka 10 l", "Konewka – Verdo"),
    ]


def _url(scene: Scene) -> str:
    return f"/shops/{scene.shop.pk}/conflicts/"


def _decide(scene: Scene, panel: Client, conflict: Conflict, owner: str, **more: str) -> Any:
    data = {
        "conflict": str(conflict.pk),
        f"version-{conflict.pk}": str(conflict.version),
        f"owner-{conflict.pk}": owner,
    }
    return panel.post(f"{_url(scene)}decide/", data | more)


def test_each_side_is_marked_against_what_they_last_agreed_on(
    scene: Scene, made: list[Conflict], panel: Client
) -> None:
    body = panel.get(_url(scene)).content.decode()
    assert "Sekator <ins>ręczny</ins> tytanowy 21 cm" in body
    assert "Sekator tytanowy 21 cm <ins>– Verdo</ins>" in body
    assert "4 fields changed on both sides" in text_of(body)
    assert "<ins>0.26 kg</ins>" in body


@pytest.mark.parametrize(("owner", "lost"), [("erp", "Sekator tytanowy 21 cm – Verdo"), ("ignore", None)])
def test_a_choice_is_kept_with_the_value_that_lost(
    scene: Scene, made: list[Conflict], panel: Client, owner: str, lost: str | None
) -> None:
    answer = _decide(scene, panel, made[0], owner)
    made[0].refresh_from_db()
    assert (made[0].status, made[0].owner, made[0].lost) == ("decided", owner, lost)
    assert made[0].decided_by == scene.user
    assert answer.headers["Location"] == _url(scene)
    made[1].refresh_from_db()
    assert made[1].status == "open"


def test_a_typed_number_is_taken_with_a_comma(scene: Scene, made: list[Conflict], panel: Client) -> None:
    _decide(scene, panel, made[1], "value", **{f"value-{made[1].pk}": "0,28"})
    made[1].refresh_from_db()
    assert (made[1].owner, made[1].value) == ("value", "0.28")


def test_a_value_typed_without_ticking_it_is_taken(scene: Scene, made: list[Conflict], panel: Client) -> None:
    _decide(scene, panel, made[0], "", **{f"value-{made[0].pk}": "Sekator – Verdo"})
    made[0].refresh_from_db()
    assert (made[0].owner, made[0].value) == ("value", "Sekator – Verdo")


def test_the_same_side_for_all_similar_ones(scene: Scene, made: list[Conflict], panel: Client) -> None:
    answer = _decide(scene, panel, made[0], "shop", **{f"similar-{made[0].pk}": "1"})
    states = dict(Conflict.objects.values_list("pk", "owner"))
    assert [states[conflict.pk] for conflict in made] == ["shop", "", "shop", "shop"]
    assert "3 fields decided." in text_of(panel.get(answer.headers["Location"]).content)


def test_one_button_decides_the_whole_element(scene: Scene, made: list[Conflict], panel: Client) -> None:
    data = {"conflict": [str(made[0].pk), str(made[1].pk)], "whole": "erp"}
    data |= {f"version-{conflict.pk}": "1" for conflict in made}
    panel.post(f"{_url(scene)}decide/", data)
    assert list(Conflict.objects.order_by("pk").values_list("owner", flat=True)) == ["erp", "erp", "", ""]


def test_values_that_moved_meanwhile_are_shown_fresh_and_nothing_is_decided(
    scene: Scene, made: list[Conflict], panel: Client
) -> None:
    Conflict.objects.filter(pk=made[0].pk).update(version=2, shop="Sekator profesjonalny")
    answer = _decide(scene, panel, made[0], "shop")
    assert answer.status_code == 409
    assert "the values changed while this page was open" in text_of(answer.content)
    assert "<ins>profesjonalny</ins>" in answer.content.decode()
    made[0].refresh_from_db()
    assert made[0].status == "open"


def test_the_fragment_answer_to_a_stale_decision_is_the_card_alone(
    scene: Scene, made: list[Conflict], panel: Client
) -> None:
    Conflict.objects.filter(pk=made[0].pk).update(version=2)
    data = {"conflict": str(made[0].pk), f"version-{made[0].pk}": "1", f"owner-{made[0].pk}": "erp"}
    answer = panel.post(f"{_url(scene)}decide/", data, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer.content.decode().lstrip().startswith("<form")
    assert f'name="version-{made[0].pk}" value="2"' in answer.content.decode()


def test_a_conflict_settled_meanwhile_is_said_to_be(scene: Scene, made: list[Conflict], panel: Client) -> None:
    Conflict.objects.filter(pk=made[0].pk).update(status="closed")
    assert _decide(scene, panel, made[0], "erp").status_code == 409


def test_choosing_nothing_decides_nothing(scene: Scene, made: list[Conflict], panel: Client) -> None:
    answer = panel.post(f"{_url(scene)}decide/", {"conflict": str(made[0].pk)}, follow=True)
    assert "Choose a value first." in text_of(answer.content)


def test_the_list_narrows_by_field_and_by_name(scene: Scene, made: list[Conflict], panel: Client) -> None:
    words = text_of(panel.get(_url(scene), {"kind": "product", "field": "name", "q": "konewka"}).content)
    assert "Konewka ocynkowana 10 l" in words
    assert "Grabie wachlarzowe" not in words


def test_decided_ones_keep_the_overruled_value(scene: Scene, made: list[Conflict], panel: Client) -> None:
    _decide(scene, panel, made[0], "erp")
    words = text_of(panel.get(f"{_url(scene)}?show=decided").content)
    assert "Sekator tytanowy 21 cm – Verdo" in words
    assert "written by the next run" in words
    assert "A. Kurek" in words


def test_no_conflicts_is_said_in_words(scene: Scene, panel: Client) -> None:
    assert "No field changed on both sides." in text_of(panel.get(_url(scene)).content)


def test_a_viewer_sees_the_values_and_no_way_to_decide(scene: Scene, made: list[Conflict], viewer: Client) -> None:
    body = viewer.get(_url(scene)).content.decode()
    assert "ręczny" in body
    assert 'data-key="d"' not in body


def test_the_page_asks_a_fixed_number_of_queries(
    scene: Scene, made: list[Conflict], panel: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(40):
        scene.conflict(scene.product(f"K{n}", f"Towar {n}", number=100 + n), "name", "a", "b", "c")
    with django_assert_max_num_queries(30):
        panel.get(_url(scene))

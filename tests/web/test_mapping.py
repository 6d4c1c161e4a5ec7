"""Mappings: partners typed or suggested, many to one, the way back, the default category."""

from typing import Any

import pytest
from django.test import Client

from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.records import Category, Producer
from syncjobs.models import Link, SnapshotItem
from syncjobs.models.choices import Origin, Side
from tests.web.scene import Scene
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)


@pytest.fixture
def tools(scene: Scene) -> Scene:
    """Three WAPRO categories without a partner, two more in the shop."""
    for n, name in enumerate(("Sekatory", "Grabie", "Piły")):
        scene.item(Side.ERP, Kind.CATEGORY, f"1:2{n}", Category(path=("Narzędzia", name)))
    scene.item(Side.SHOP, Kind.CATEGORY, "18", Category(path=("Ogród", "Sekatory")))
    scene.item(Side.SHOP, Kind.CATEGORY, "19", Category(path=("Narzędzia", "Grabie")))
    return scene


def _url(scene: Scene, kind: str = "category") -> str:
    return f"/shops/{scene.shop.pk}/mapping/{kind}/"


def _field(key: str, kind: str = "category") -> str:
    return f"partner-{SnapshotItem.objects.get(erp__isnull=False, kind=kind, key=key).pk}"


def _links(kind: str = "category") -> dict[str, str]:
    return dict(Link.objects.filter(kind=kind).values_list("erp_key", "shop_key"))


@pytest.mark.parametrize("kind", REFERENCE_KINDS)
def test_every_reference_kind_has_its_table(scene: Scene, panel: Client, kind: Kind) -> None:
    assert panel.get(_url(scene, kind)).status_code == 200


def test_the_title_counts_what_has_no_partner(tools: Scene, panel: Client) -> None:
    assert "Categories: 3 without a partner in the shop" in text_of(panel.get(_url(tools)).content)


def test_a_partner_is_typed_by_name_whatever_case_and_accents(tools: Scene, panel: Client) -> None:
    panel.post(_url(tools), {"do": "save", _field("1:20"): "ogrod / SEKATORY"})
    assert _links()["1:20"] == "18"


def test_several_may_lead_to_one_and_one_of_them_is_the_way_back(tools: Scene, panel: Client) -> None:
    text = "Ogród / Węże i zraszacze"
    panel.post(_url(tools), {"do": "save", _field("1:20"): text, _field("1:21"): text})
    primary = dict(Link.objects.filter(kind="category", shop_key="17").values_list("erp_key", "primary"))
    assert primary == {"1:10": True, "1:20": False, "1:21": False}
    body = panel.get(_url(tools)).content.decode()
    assert "3 lead there" in text_of(body)
    chosen = Link.objects.get(kind="category", erp_key="1:20")
    panel.post(_url(tools), {"primary": str(chosen.pk)})
    primary = dict(Link.objects.filter(kind="category", shop_key="17").values_list("erp_key", "primary"))
    assert primary == {"1:10": False, "1:20": True, "1:21": False}


def test_emptying_a_partner_unlinks(tools: Scene, panel: Client) -> None:
    panel.post(_url(tools), {"do": "save", _field("1:10"): ""})
    assert "1:10" not in _links()


def test_choosing_another_partner_moves_the_link(tools: Scene, panel: Client) -> None:
    panel.post(_url(tools), {"do": "save", _field("1:10"): "Narzędzia / Grabie"})
    assert _links()["1:10"] == "19"


def test_a_name_the_shop_does_not_have_is_marked_and_the_other_rows_are_saved(tools: Scene, panel: Client) -> None:
    answer = panel.post(
        _url(tools), {"do": "save", _field("1:20"): "Nie ma takiej", _field("1:21"): "Narzędzia / Grabie"}
    )
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "The shop has nothing of that name." in body
    assert 'value="Nie ma takiej"' in body
    assert _links()["1:21"] == "19"
    assert "1:20" not in _links()


def test_names_that_repeat_in_the_shop_carry_their_key(tools: Scene, panel: Client) -> None:
    tools.item(Side.SHOP, Kind.CATEGORY, "99", Category(path=("Ogród", "Sekatory")))
    panel.post(_url(tools), {"do": "save", _field("1:20"): "Ogród / Sekatory"})
    assert "1:20" not in _links()
    panel.post(_url(tools), {"do": "save", _field("1:20"): "Ogród / Sekatory [99]"})
    assert _links()["1:20"] == "99"


def test_a_partner_that_left_the_shop_is_said_and_not_silently_unlinked(tools: Scene, panel: Client) -> None:
    SnapshotItem.objects.filter(shop=tools.shop, kind="category", key="17").update(missed=2)
    assert "The partner is no longer in the shop" in text_of(panel.get(_url(tools)).content)
    panel.post(_url(tools), {"do": "save", _field("1:10"): ""})
    assert _links()["1:10"] == "17"


def test_sure_suggestions_are_accepted_in_bulk(scene: Scene, panel: Client) -> None:
    scene.item(Side.ERP, Kind.PRODUCER, "50", Producer(name="Verdo"))
    scene.item(Side.SHOP, Kind.PRODUCER, "12", Producer(name="VERDO"))
    scene.item(Side.ERP, Kind.PRODUCER, "51", Producer(name="Zupełnie inny"))
    panel.post(_url(scene, "producer"), {"do": "accept"})
    links = Link.objects.filter(kind="producer").exclude(erp_key="40")
    assert [(link.erp_key, link.shop_key, link.origin) for link in links] == [("50", "12", Origin.SUGGESTION)]


def test_the_default_category_is_chosen_by_name_and_can_be_emptied(tools: Scene, panel: Client) -> None:
    panel.post(_url(tools), {"do": "default", "default_category": "Ogród / Sekatory"})
    tools.shop.refresh_from_db()
    assert tools.shop.default_category == "18"
    answer = panel.post(_url(tools), {"do": "default", "default_category": "nic takiego"})
    assert answer.status_code == 422
    panel.post(_url(tools), {"do": "default", "default_category": ""})
    tools.shop.refresh_from_db()
    assert tools.shop.default_category == ""


def test_filter_and_search_narrow_the_table(tools: Scene, panel: Client) -> None:
    words = text_of(panel.get(_url(tools), {"show": "unmapped", "q": "pily"}).content)
    assert "Narzędzia / Piły" in words
    assert "1 Nawadnianie" not in words


def test_before_the_first_fetch_the_page_says_so(scene: Scene, panel: Client) -> None:
    SnapshotItem.objects.filter(kind="producer").delete()
    assert "Nothing has been fetched yet." in text_of(panel.get(_url(scene, "producer")).content)


def test_a_viewer_cannot_change_a_mapping(tools: Scene, viewer: Client) -> None:
    body = viewer.get(_url(tools)).content.decode()
    assert "Save the mappings" not in body
    assert viewer.post(_url(tools), {"do": "save", _field("1:20"): "Ogród / Sekatory"}).status_code == 403
    assert "1:20" not in _links()


def test_the_page_asks_a_fixed_number_of_queries(
    tools: Scene, panel: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(60):
        tools.item(Side.ERP, Kind.CATEGORY, f"3:{n}", Category(path=("Dział", f"Grupa {n}")))
        tools.item(Side.SHOP, Kind.CATEGORY, f"5{n}", Category(path=("Dział", f"Grupa {n}")))
    with django_assert_max_num_queries(26):
        panel.get(_url(tools))

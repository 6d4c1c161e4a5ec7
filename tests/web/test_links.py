"""Links in a list: searched, filtered, yellow, checked again, broken; what was done is taken back, at any size."""

from typing import Any

import pytest
from django.test import Client

from integrator.accounts.models import AuditEntry, Role
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Product, Unit
from integrator.leases import LeaseHold
from shops.models import ShopConnection
from syncjobs import deeds
from syncjobs.models import Deed, ElementMark, KindState, Link, SnapshotItem, Unlinked
from syncjobs.models.choices import LinkState, Origin, Side
from syncjobs.slices import Slice
from tests.web.scene import Scene, alone, products
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)

CODE = "TAC-OGR-100"


@pytest.fixture
def links(scene: Scene) -> list[Link]:
    return products(scene)


def _url(scene: Scene, kind: str = "product") -> str:
    return f"/shops/{scene.shop.pk}/links/{kind}/"


def _act(scene: Scene, panel: Client, kind: str = "product", **data: Any) -> Any:
    return panel.post(f"{_url(scene, kind)}act/", data, follow=True)


def _undo(panel: Client, deed: Deed, **data: Any) -> Any:
    return panel.post(f"/actions/{deed.pk}/act/", {"do": "undo"} | data, follow=True)


def _worker(scene: Scene) -> None:
    """One slice of a worker, as the runner gives it to what people have begun."""
    hold = LeaseHold.take(ShopConnection, scene.shop.pk)
    assert hold is not None
    with Slice(hold) as work:
        deeds.attend(scene.shop, work)
    hold.release()


def _recoded(scene: Scene, key: str, code: str) -> None:
    scene.item(Side.SHOP, Kind.PRODUCT, key, Product(code=code, name="Taczka ogrodowa 100 l, ocynk"))


def _many(scene: Scene, count: int) -> None:
    """Unlinked on both sides, each with one sure partner."""
    for side in Side:
        rows, items = [], []
        for n in range(count):
            values = {"kind": "product", "key": f"{side}-{n}", "code": f"CODE-{n:05}", "label": f"Towar {n:05}"}
            values["search"] = f"code-{n:05} towar {n:05}"
            rows.append(Unlinked(connection=scene.shop, side=side, **values))
            owner = {"erp": scene.erp} if side == Side.ERP else {"shop": scene.shop}
            record = {"code": values["code"], "name": values["label"]}
            items.append(SnapshotItem(fingerprint="f", record=record, **values, **owner))
        Unlinked.objects.bulk_create(rows)
        SnapshotItem.objects.bulk_create(items)


def test_a_code_a_name_and_an_ean_find_a_link(scene: Scene, links: list[Link], panel: Client) -> None:
    for words in ("TAC-OGR", "taczka", "5907713041011", CODE.lower()):
        body = text_of(panel.get(_url(scene), {"q": words}).content)
        assert "Taczka ogrodowa 100 l" in body
        assert "Wąż zbrojony" not in body


def test_a_search_without_a_result_says_so_and_leads_back(scene: Scene, links: list[Link], panel: Client) -> None:
    body = panel.get(_url(scene), {"q": "<b>nic</b>"}).content.decode()
    assert "Nothing matches." in body
    assert f'href="{_url(scene)}">Show all' in body


def test_links_are_filtered_by_how_they_were_made(scene: Scene, links: list[Link], panel: Client) -> None:
    Link.objects.filter(erp_key=CODE).update(origin=Origin.PERSON)
    body = text_of(panel.get(_url(scene), {"origin": "person"}).content)
    assert "Taczka" in body
    assert "Wąż" not in body


def test_links_are_filtered_by_what_they_rest_on_also_among_the_yellow(
    scene: Scene, links: list[Link], panel: Client
) -> None:
    links[0].evidence = {"erp": ["A", "Taczka", ""], "shop": ["B", "Taczka", ""]}
    links[1].evidence = {}
    for link in links[:2]:
        link.evidence_gone = link is links[1]
        link.save()
    for address, inside, outside in (
        ({"by": "name"}, "Taczka", "Wąż"),
        ({"by": "none"}, "Wąż", "Taczka"),
        ({"by": "code"}, "Sekator", "Taczka"),
        ({"by": "none", "state": "yellow"}, "Wąż", "Sekator"),
    ):
        body = text_of(panel.get(_url(scene), address).content)
        assert inside in body
        assert outside not in body
    assert "Nothing matches." in text_of(panel.get(_url(scene), {"by": "code", "state": "yellow"}).content)


def test_a_changed_code_turns_a_link_yellow_when_it_is_checked(scene: Scene, links: list[Link], panel: Client) -> None:
    _recoded(scene, "8800", "TAC-NOWA")
    answer = _act(scene, panel, do="check_all")
    assert "12 links were checked. 1 has lost its evidence." in text_of(answer.content)
    assert [link.erp_key for link in Link.objects.filter(evidence_gone=True)] == [CODE]
    words = text_of(panel.get(_url(scene), {"state": "yellow"}).content)
    assert f"Code was equal; now WAPRO has {CODE}, the shop TAC-NOWA." in words
    assert "Wąż" not in words
    _recoded(scene, "8800", CODE)
    _act(scene, panel, one=f"check {links[0].pk}")
    assert not Link.objects.filter(evidence_gone=True).exists()


def test_a_link_whose_element_is_gone_is_yellow_with_the_side_named(
    scene: Scene, links: list[Link], panel: Client
) -> None:
    SnapshotItem.objects.filter(shop=scene.shop, key="8800").update(missed=2)
    Link.objects.filter(pk=links[0].pk).update(state=LinkState.SHOP_GONE)
    _act(scene, panel, do="check", pick=[links[0].pk])
    words = text_of(panel.get(_url(scene), {"state": "shop_gone"}).content)
    assert "The element is gone from the shop." in words


def test_a_broken_link_comes_back_as_it_was(scene: Scene, links: list[Link], panel: Client) -> None:
    KindState.objects.create(link=links[0], connection=scene.shop, kind="product", erp_seen={"name": "Taczka"})
    answer = _act(scene, panel, one=f"break {links[0].pk}")
    assert "The link is broken." in text_of(answer.content)
    assert "Take back" in text_of(answer.content)
    assert Unlinked.objects.filter(key__in=[CODE, "8800"]).count() == 2
    again = _undo(panel, Deed.objects.get(), next=_url(scene))
    assert "Taken back: 1 element." in text_of(again.content)
    link = Link.objects.get(erp_key=CODE)
    assert (link.origin, link.evidence) == (Origin.RULE, {"criterion": "code_and_name"})
    assert link.states.get().erp_seen == {"name": "Taczka"}
    assert not Unlinked.objects.exists()


def test_another_partner_is_looked_for_where_the_broken_one_was(scene: Scene, links: list[Link], panel: Client) -> None:
    answer = _act(scene, panel, one=f"again {links[0].pk}")
    words = text_of(answer.content)
    assert "Products without a partner: 1 in WAPRO" in words
    assert "Taczka ogrodowa" in words


def test_pressing_twice_and_a_colleague_who_was_faster_break_nothing_else(
    scene: Scene, links: list[Link], panel: Client
) -> None:
    _act(scene, panel, one=f"break {links[0].pk}")
    answer = _act(scene, panel, one=f"break {links[0].pk}")
    assert "Somebody has broken it already." in text_of(answer.content)
    answer = _act(scene, panel, do="break", pick=[links[0].pk, links[1].pk])
    assert "1 was settled by somebody else meanwhile" in text_of(answer.content)
    assert Link.objects.filter(kind="product").count() == 10


def test_what_was_taken_back_is_not_taken_back_twice(scene: Scene, links: list[Link], panel: Client) -> None:
    _act(scene, panel, one=f"break {links[0].pk}")
    deed = Deed.objects.get()
    _undo(panel, deed)
    assert "Somebody has taken this back already." in text_of(_undo(panel, deed).content)
    assert Link.objects.filter(erp_key=CODE).count() == 1


def test_a_link_is_not_restored_over_another_that_was_made_since(
    scene: Scene, links: list[Link], panel: Client
) -> None:
    _act(scene, panel, one=f"break {links[0].pk}")
    scene.unlinked(Side.SHOP, "9001", "INNY", "Inna taczka")
    scene.link(Kind.PRODUCT, CODE, "9001")
    answer = _undo(panel, Deed.objects.get())
    assert "1 had changed since and stays as it is." in text_of(answer.content)
    assert Link.objects.get(erp_key=CODE).shop_key == "9001"


def test_a_reference_link_that_was_moved_goes_back_to_its_partner(scene: Scene, panel: Client) -> None:
    scene.item(Side.SHOP, Kind.UNIT, "6", Unit(symbol="op.", name="opakowanie"))
    deed = deeds.link(scene.shop, Kind.UNIT, [("1", "6")], scene.user, Origin.PERSON)
    assert Link.objects.get(kind="unit").shop_key == "6"
    _undo(panel, deed)
    assert Link.objects.get(kind="unit").shop_key == "5"


def test_linking_ignoring_and_taking_part_are_taken_back(scene: Scene, panel: Client) -> None:
    alone(scene)
    done = deeds.link(scene.shop, Kind.PRODUCT, [("WAZ-SPI-15", "9000")], scene.user, Origin.PERSON)
    ignored = deeds.ignore(scene.shop, Kind.PRODUCT, [(Side.SHOP, "9001")], scene.user, "sezon")
    _undo(panel, done)
    _undo(panel, ignored)
    assert not Link.objects.filter(kind="product").exists()
    assert not ElementMark.objects.exists()
    assert Unlinked.objects.filter(key__in=["WAZ-SPI-15", "9000", "9001"], state="unlinked").count() == 3
    deeds.ignore(scene.shop, Kind.PRODUCT, [(Side.SHOP, "9001")], scene.user, "sezon")
    back = deeds.unignore(scene.shop, Kind.PRODUCT, [(Side.SHOP, "9001")], scene.user)
    _undo(panel, back)
    assert ElementMark.objects.get().reason == "sezon"
    words = text_of(panel.get(f"/shops/{scene.shop.pk}/actions/").content)
    assert words.count("Taken back") == 3
    assert AuditEntry.objects.filter(verb="deed.undo").count() == 3


def test_what_is_created_says_why_it_is_not_taken_back(scene: Scene, panel: Client) -> None:
    alone(scene)
    deed, _run = deeds.by_run(scene.shop, Kind.PRODUCT, Deed.Verb.CREATE, ["PLO-OGR-25"], scene.user)
    answer = _undo(panel, deed)
    assert "reject the plan while it waits" in text_of(answer.content)
    deed.refresh_from_db()
    assert deed.status == Deed.Status.DONE


def test_all_sure_suggestions_are_looked_at_and_linked_by_one_button(scene: Scene, panel: Client) -> None:
    alone(scene)
    _many(scene, 120)
    where = f"/shops/{scene.shop.pk}/unlinked/product/sure/"
    words = text_of(panel.get(where).content)
    assert "Products: 121 sure suggestions" in words
    assert "The least sure of them" in words
    assert "Towar 00000" in words, "the one with its EAN equal is surer than those without"
    answer = panel.post(where, follow=True)
    assert "Linked with their suggestions: 121." in text_of(answer.content)
    assert Link.objects.filter(kind="product", origin=Origin.SUGGESTION).count() == 121
    panel.post(where)
    assert Link.objects.filter(kind="product").count() == 121
    _undo(panel, Deed.objects.filter(verb="link_sure").earliest("pk"))
    assert not Link.objects.filter(kind="product").exists()


def test_thousands_go_to_a_worker_with_progress_and_come_back_as_a_whole(scene: Scene, panel: Client) -> None:
    _many(scene, 1200)
    where = f"/shops/{scene.shop.pk}/unlinked/product/sure/"
    answer = panel.post(where, follow=True)
    deed = Deed.objects.get()
    assert "0 of 1,200" in text_of(answer.content)
    panel.post(where)
    assert Deed.objects.count() == 1, "pressing twice begins it once"
    _worker(scene)
    deed.refresh_from_db()
    assert (deed.status, deed.done, Link.objects.filter(kind="product").count()) == ("done", 1200, 1200)
    _undo(panel, deed)
    assert "Being taken back" in text_of(panel.get(f"/actions/{deed.pk}/").content)
    _worker(scene)
    deed.refresh_from_db()
    assert (deed.status, deed.undone) == ("undone", 1200)
    assert Unlinked.objects.count() == 2400


def test_a_worker_that_died_goes_on_where_it_was(scene: Scene, panel: Client) -> None:
    _many(scene, 700)
    deed = deeds.begin(scene.shop, Kind.PRODUCT, Deed.Verb.LINK_SURE, scene.user)
    deeds._part(deed)
    assert Link.objects.filter(kind="product").count() == deeds.PART
    _worker(scene)
    deed.refresh_from_db()
    assert (deed.status, deed.done, deed.skipped) == ("done", 700, 0)


def test_all_that_a_search_finds_is_ignored_by_one_button(scene: Scene, panel: Client) -> None:
    _many(scene, 600)
    where = f"/shops/{scene.shop.pk}/unlinked/product/ignore/?side=shop&show=unlinked&q=Towar"
    assert "Products: ignore 600 elements" in text_of(panel.get(where).content)
    panel.post(where, {"reason": "stary sklep"})
    _worker(scene)
    assert ElementMark.objects.filter(side="shop", reason="stary sklep").count() == 600
    assert not Unlinked.objects.filter(side="erp", state="ignored").exists()


def test_of_several_the_rest_goes_on_when_one_was_settled_meanwhile(scene: Scene, panel: Client) -> None:
    _many(scene, 3)
    scene.link(Kind.PRODUCT, "erp-0", "shop-0")
    wanted = [(f"erp-{n}", f"shop-{n}") for n in range(3)]
    deed = deeds.link(scene.shop, Kind.PRODUCT, wanted, scene.user, Origin.SUGGESTION)
    assert (deed.done, deed.skipped) == (2, 1)
    words = text_of(panel.get(f"/shops/{scene.shop.pk}/unlinked/product/?did={deed.pk}").content)
    assert "1 was settled by somebody else meanwhile and stays as it is: Towar 00000." in words


def test_an_action_of_another_client_is_not_told(scene: Scene, panel: Client) -> None:
    deed = Deed.objects.create(connection=scene.shop, kind="product", verb="link", done=1)
    other = ShopConnection.objects.create(client=scene.client, name="Drugi", platform="shoper", address="https://b.ex")
    assert "Linked." not in text_of(panel.get(f"/shops/{other.pk}/links/product/?did={deed.pk}").content)


def test_a_viewer_sees_links_and_actions_without_a_button(
    scene: Scene, links: list[Link], viewer: Client, panel: Client
) -> None:
    _act(scene, panel, one=f"break {links[0].pk}")
    for where in (_url(scene), f"/shops/{scene.shop.pk}/actions/"):
        body = viewer.get(where).content.decode()
        assert 'name="do"' not in body
        assert 'name="one"' not in body
    assert scene.member(Role.VIEWER, "second@zielinski.example")


def test_long_lists_ask_no_more_than_short_ones(
    scene: Scene, panel: Client, django_assert_max_num_queries: Any
) -> None:
    _many(scene, 400)
    deeds.begin(scene.shop, Kind.PRODUCT, Deed.Verb.LINK_SURE, scene.user)
    for n in range(60):
        Deed.objects.create(connection=scene.shop, kind="product", verb="link", done=1, label=f"T{n}", by=scene.user)
    with django_assert_max_num_queries(26):
        body = panel.get(_url(scene)).content.decode()
    assert 'rel="next"' in body
    with django_assert_max_num_queries(28):
        panel.get(_url(scene), {"q": "Towar 0001", "origin": "suggestion"})
    with django_assert_max_num_queries(20):
        panel.get(f"/shops/{scene.shop.pk}/actions/")

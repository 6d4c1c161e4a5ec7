"""One element: both sides, who rules what, why it stands where it stands, everything that was sent."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Product
from shops.models import ShopConnection
from syncjobs.models import ElementMark, Link, OrderPromise, ShopOrder, SyncOptions, Unlinked
from syncjobs.models.choices import ChangeStatus, Mark, Side, Status
from syncjobs.options import ensure_options
from tests.web.scene import Scene, alone, products
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)

CODE = "TAC-OGR-100"


@pytest.fixture
def links(scene: Scene) -> list[Link]:
    """Linked products whose price and stock WAPRO rules and whose price differs."""
    made = products(scene)
    ensure_options(scene.shop)
    for kind, field in (("price", "price"), ("stock", "quantity"), ("product", "ean")):
        options = SyncOptions.objects.get(connection=scene.shop, kind=kind)
        options.owners |= {field: "erp"}
        options.save()
    return made


def _url(scene: Scene, key: str = CODE, side: str = "erp", kind: str = "product") -> str:
    return f"/shops/{scene.shop.pk}/elements/{kind}/{side}/{key}/"


def _act(scene: Scene, panel: Client, key: str = CODE, side: str = "erp", **data: str) -> Any:
    return panel.post(f"/shops/{scene.shop.pk}/element-act/product/{side}/{key}/", data, follow=True)


def test_both_sides_are_shown_with_what_the_next_run_will_do(scene: Scene, links: list[Link], panel: Client) -> None:
    words = text_of(panel.get(_url(scene)).content)
    assert "89.99 zł" in words
    assert "84.99 zł" in words
    assert "next run: to the shop" in words
    assert "Ogród / Węże i zraszacze" in words
    assert "left alone" in words


def test_the_same_page_opens_from_either_side(scene: Scene, links: list[Link], panel: Client) -> None:
    words = text_of(panel.get(_url(scene, key="8800", side="shop")).content)
    assert "Taczka ogrodowa 100 l, ocynk" in words
    assert CODE in words


def test_the_page_leads_to_the_element_in_the_shops_own_panel(scene: Scene, links: list[Link], panel: Client) -> None:
    body = panel.get(_url(scene)).content.decode()
    assert 'href="https://zielinski.example/admin/products/edit/id/8800"' in body


def test_prices_and_stock_are_shown_on_their_product(scene: Scene, links: list[Link], panel: Client) -> None:
    assert panel.get(_url(scene, kind="price")).headers["Location"] == _url(scene)


def test_the_history_tells_what_was_sent_what_came_back_and_whose_turn_it_is(
    scene: Scene, links: list[Link], panel: Client
) -> None:
    step = scene.step(scene.run(), Kind.STOCK)
    scene.change(
        step,
        links[0],
        status=ChangeStatus.FAILED,
        problem={"code": "locked", "params": {"user": "magda"}},
        fields=[{"name": "quantity", "old": "38", "new": "35"}],
        exchange={"request": "PUT /webapi/rest/product-stocks/8800", "answer": "409 locked"},
        done_at=timezone.now(),
    )
    words = text_of(panel.get(_url(scene)).content)
    assert "the element is being edited by magda." in words
    assert "Turn: your decision" in words
    assert "PUT /webapi/rest/product-stocks/8800" in words
    assert "409 locked" in words
    assert "Stopped here: failed" in words


def test_a_field_that_cannot_be_written_says_why(scene: Scene, links: list[Link], panel: Client) -> None:
    scene.product("BAD-EAN", "Zły kod kreskowy", "1234567890123", number=50)
    words = text_of(panel.get(_url(scene, key="BAD-EAN")).content)
    assert "The EAN 1234567890123 has a wrong check digit or length." in words


def test_an_unlinked_element_leads_to_where_its_partner_is_found(scene: Scene, panel: Client) -> None:
    alone(scene)
    row = Unlinked.objects.get(key="PLO-OGR-25")
    body = panel.get(_url(scene, key="PLO-OGR-25")).content.decode()
    assert "No partner on the other side" in body
    assert f"/shops/{scene.shop.pk}/unlinked/product/?at={row.pk}" in body


def test_breaking_a_link_unlinks_both(scene: Scene, links: list[Link], panel: Client) -> None:
    answer = _act(scene, panel, do="unlink")
    assert not Link.objects.filter(erp_key=CODE).exists()
    assert {row.side for row in Unlinked.objects.all()} == {"erp", "shop"}
    assert "The link is broken." in text_of(answer.content)


@pytest.mark.parametrize(
    ("verb", "mark"), [("ignore", Mark.IGNORED), ("freeze", Mark.FROZEN), ("exclude", Mark.EXCLUDED)]
)
def test_leaving_an_element_out_keeps_the_reason_and_can_be_taken_back(
    scene: Scene, links: list[Link], panel: Client, verb: str, mark: str
) -> None:
    answer = _act(scene, panel, do=verb, reason="sezonowy")
    kept = ElementMark.objects.get()
    assert (kept.mark, kept.reason) == (mark, "sezonowy")
    assert "sezonowy" in text_of(answer.content)
    _act(scene, panel, do="unmark")
    assert not ElementMark.objects.exists()


def test_an_element_nobody_knows_is_not_found(scene: Scene, panel: Client) -> None:
    assert panel.get(_url(scene, key="no-such-thing")).status_code == 404
    assert panel.get(_url(scene, side="moon")).status_code == 404


def test_the_list_of_pairs_is_searched_and_opened(scene: Scene, links: list[Link], panel: Client) -> None:
    body = panel.get(f"/shops/{scene.shop.pk}/elements/product/?q=waz", follow=True).content.decode()
    assert "Wąż zbrojony" in body
    assert "Taczka" not in body
    assert "Products: 12 linked pairs" in text_of(body)


def test_orders_that_hold_its_stock_are_named(scene: Scene, links: list[Link], panel: Client) -> None:
    now = timezone.now()
    order = ShopOrder.objects.create(connection=scene.shop, shop_key="1017", placed_at=now, read_at=now)
    OrderPromise.objects.create(order=order, erp=scene.erp, product=CODE, quantity=3, reserved=1)
    OrderPromise.objects.create(order=order, erp=scene.erp, product="WAZ-ZBR-25", quantity=7)
    body = panel.get(_url(scene)).content.decode()
    assert "1 order, 3 in all" in text_of(body)
    assert f'href="/orders/{order.pk}/"' in body


def test_the_cards_in_wapro_can_be_found_by_their_ids(scene: Scene, panel: Client) -> None:
    card = Product(code="A-1", name="Sekator", aliases=("id:4711", "index:A-1"))
    scene.item(Side.ERP, Kind.PRODUCT, "A-1", card)
    words = text_of(panel.get(_url(scene, key="A-1")).content)
    assert "ARTYKUL.ID_ARTYKULU 4711" in words
    assert "ARTYKUL.INDEKS_KATALOGOWY A-1" in words


def test_what_each_side_really_holds_can_be_opened(scene: Scene, links: list[Link], panel: Client) -> None:
    words = text_of(panel.get(_url(scene)).content)
    assert "As it was read" in words
    assert "&quot;price_type&quot;: &quot;A&quot;" in panel.get(_url(scene)).content.decode()


def test_a_closed_gate_is_why_nothing_was_written(scene: Scene, links: list[Link], panel: Client) -> None:
    problem = {"code": "locked", "params": {"user": "magda"}}
    scene.step(scene.run(), Kind.PRICE, Status.BLOCKED, problems=[problem])
    words = text_of(panel.get(_url(scene)).content)
    assert "Stopped at the gate: prices" in words
    assert "the element is being edited by magda." in words


def test_a_connection_that_only_reads_says_so(scene: Scene, links: list[Link], panel: Client) -> None:
    ShopConnection.objects.update(writes_enabled=False)
    assert "Nothing is written to this shop yet" in text_of(panel.get(_url(scene)).content)


def test_a_link_without_its_evidence_says_what_was_and_what_is(scene: Scene, links: list[Link], panel: Client) -> None:
    seen = [CODE, "Taczka ogrodowa 100 l, ocynk", "5907713041011"]
    Link.objects.filter(erp_key=CODE).update(evidence={"criterion": "code", "level": 0, "seen": seen})
    scene.item(Side.SHOP, Kind.PRODUCT, "8800", Product(code="TAC-NOWA", name="Taczka"))
    words = text_of(panel.get(_url(scene)).content)
    assert f"Code was {CODE}; the shop changed it to TAC-NOWA, WAPRO has {CODE}." in words
    assert "no longer true" in words


def test_a_name_full_of_html_is_shown_as_text(scene: Scene, panel: Client) -> None:
    scene.product("XSS-1", "<script>alert(1)</script> & <b>co</b>", number=61)
    for where in (_url(scene, key="XSS-1"), f"/shops/{scene.shop.pk}/links/product/"):
        body = panel.get(where).content.decode()
        assert "<script>alert" not in body
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body


def test_keys_with_slashes_and_spaces_have_a_page_too(scene: Scene, panel: Client) -> None:
    scene.product("A/B C", "Dziwny indeks", number=60)
    assert panel.get(_url(scene, key="A/B C")).status_code == 200


def test_the_page_asks_a_fixed_number_of_queries(
    scene: Scene, links: list[Link], panel: Client, django_assert_max_num_queries: Any
) -> None:
    step = scene.step(scene.run(), Kind.STOCK)
    for _ in range(30):
        scene.change(step, links[0], fields=[{"name": "quantity", "old": "1", "new": "2"}])
    with django_assert_max_num_queries(48):
        panel.get(_url(scene))
    with django_assert_max_num_queries(20):
        panel.get(f"/shops/{scene.shop.pk}/links/product/")

"""Ten rules that keep a PrestaShop whole: each breaks something in the simulated shop when a client forgets it."""

import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Unreachable
from integrator.canonical.kinds import Kind
from integrator.canonical.side import NewElement, Patch, Scope, Side
from shops.connectors.prestashop.simulator.stand import PrestaStand
from shops.simulation.pictures import small_png
from tests.connectors.prestashop_writes import VERSIONS, New, Old, errors, moved, new_product, product, references
from tests.connectors.wire import all_pages, wired


@pytest.fixture(params=[Old, PrestaStand, New], ids=VERSIONS)
def stand(request: pytest.FixtureRequest) -> PrestaStand:
    return wired(request.param())


def busy(stand: PrestaStand) -> Side:
    """A session that has made, changed and deleted one of everything."""
    side = stand.open()
    for kind in (Kind.PRODUCER, Kind.CATEGORY, Kind.PRODUCT, Kind.IMAGE):
        key = side.create(kind, [stand.new(kind, 1)])[0].key
        if kind is Kind.PRODUCT:
            for state in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK):
                assert errors(side.update(state, [Patch(key=key, fields=stand.changes(state))])) == [None]
        if kind is not Kind.CATEGORY:
            assert errors(side.delete(kind, [key])) == [None]
    return side


def bodies(stand: PrestaStand) -> list[httpx.Request]:
    return [one for one in stand.wire.requests if one.method in ("POST", "PUT", "PATCH")]


def test_1_bodies_are_xml(stand: PrestaStand) -> None:
    """JSON is answered with 500."""
    busy(stand)
    for one in bodies(stand):
        if not one.url.path.startswith("/api/images"):
            assert one.headers["content-type"].startswith("text/xml")
            assert ElementTree.fromstring(one.content).tag == "prestashop"
    assert all("JSON" not in str(one.url) for one in bodies(stand)), "as JSON only the last of several is answered"


def test_2_a_changed_field_empties_no_other(stand: PrestaStand) -> None:
    """A PUT of id and price wiped name, EAN, visibility, tax, producer and category."""
    key = stand.add_product()
    with stand.state.products.editing(int(key)) as row:
        row |= {"ean13": "5901234123457", "wholesale_price": "5.000000", "unity": "szt.", "on_sale": "1"}
        row |= {"meta_title": {"1": "Tytuł", "2": "Tytuł PL"}, "available_now": {"1": "Now", "2": "Od ręki"}}
    before = stand.stored(Kind.PRODUCT, key)
    assert errors(stand.open().update(Kind.PRICE, [Patch(key=key, fields={"price": "99.00"})])) == [None]
    assert moved(before, stand.stored(Kind.PRODUCT, key)) - {"date_upd"} == {"price"}
    assert {one.method for one in bodies(stand)} == {"PUT" if stand.version.startswith("1.7") else "PATCH"}


@pytest.mark.parametrize("field", ["name", "short_description", "description"])
def test_3_other_languages_keep_their_texts(stand: PrestaStand, field: str) -> None:
    """A language that is left out of a field becomes empty."""
    third = stand.state.add_language("Deutsch", "de", "de-DE")
    theirs = {"short_description": "description_short"}.get(field, field)
    key = stand.add_product()
    with stand.state.products.editing(int(key)) as row:
        row[theirs] = {"1": "<p>en</p>" if field != "name" else "en", "2": "pl, więcej", str(third): "größer"}
    assert errors(stand.open().update(Kind.PRODUCT, [Patch(key=key, fields={field: "nowy"})])) == [None]
    assert product(stand, key)[theirs] == {"1": "nowy", "2": "pl, więcej", str(third): "größer"}


def test_3_a_language_added_after_the_shop_was_asked_keeps_its_texts(stand: PrestaStand) -> None:
    side = stand.open()
    key = stand.add_product()
    third = str(stand.state.add_language("Deutsch", "de", "de-DE"))
    with stand.state.products.editing(int(key)) as row:
        row["name"] = {"1": "en", "2": "pl", third: "de"}
    assert errors(side.update(Kind.PRODUCT, [Patch(key=key, fields={"name": "nowy"})])) == [None]
    assert product(stand, key)["name"] == {"1": "nowy", "2": "pl", third: "de"}


def test_4_a_row_of_stock_stays_in_its_shop(stand: PrestaStand) -> None:
    """A PUT without the shop's id is 200, and the row belongs to no shop."""
    key = stand.add_product(variants=True)
    own = stand.state.owned("combinations", int(key))[0]
    rows = len(stand.state.stocks)
    side = stand.open()
    for quantity in ("3", "4"):
        patch = Patch(key=f"{key}:{own}", fields={"quantity": quantity})
        assert errors(side.update(Kind.STOCK, [patch])) == [None]
    row = stand.state.stocks.get(stand.state.stock_row(int(key), own) or 0)
    assert (int(row["id_shop"]), int(row["quantity"])) == (1, 4)
    assert len(stand.state.stocks) == rows


def test_5_no_combination_and_no_category_is_lost(stand: PrestaStand) -> None:
    """A list that is sent in part is the whole: one of three combinations deleted the other two."""
    other = stand.state.add_category("Promocje")
    key = stand.add_product(variants=True)
    simple = str(stand.state.add_product("S", "S", category=stand.category, categories=[other, stand.kitchen]))
    combinations = stand.state.owned("combinations", int(key))
    side = stand.open()
    rows = [Patch(key=f"{key}:{one}", fields={"code": f"K-{one}", "weight": "1"}) for one in combinations]
    assert errors(side.update(Kind.PRODUCT, rows)) == [None, None]
    assert errors(side.update(Kind.PRODUCT, [Patch(key=simple, fields={"ean": "5901234123457"})])) == [None]
    assert sorted(product(stand, simple)["categories"]) == sorted([stand.category, other, stand.kitchen])
    fresh = stand.state.add_category("Nowości")
    assert errors(side.update(Kind.PRODUCT, [Patch(key=simple, fields={"category": str(fresh)})])) == [None]
    kept = product(stand, simple)
    assert sorted(map(int, kept["categories"])) == sorted([stand.category, other, stand.kitchen, fresh])
    assert int(kept["id_category_default"]) == fresh
    assert stand.state.owned("combinations", int(key)) == combinations
    assert product(stand, key)["categories"] == [stand.category]


def test_6_a_redirect_is_never_followed(stand: PrestaStand) -> None:
    """A client that follows turns a PATCH into a GET of the front page: 200 and nothing written."""
    key = stand.add_product()
    side = stand.open()
    stand.shop.hosting.host = "www.sklep.example"
    before = len(stand.wire.requests)
    with pytest.raises(Unreachable) as caught:
        side.update(Kind.PRODUCT, [Patch(key=key, fields={"ean": "5901234123457"})])
    assert caught.value.problem.as_dict()["location"] == "http://www.sklep.example/"
    assert len(stand.wire.requests) == before + 1


def test_7_every_changed_element_is_named_in_its_body(stand: PrestaStand) -> None:
    """The id in the address is ignored."""
    busy(stand)
    changes = [one for one in bodies(stand) if one.method != "POST"]
    assert changes
    for one in changes:
        assert re.fullmatch(r"/api/[a-z_]+", one.url.path)
        assert all((node.findtext("id") or "").isdigit() for node in ElementTree.fromstring(one.content))


def test_8_a_new_product_is_looked_for_before_it_is_sent(stand: PrestaStand) -> None:
    """The same reference twice makes two products."""
    row = new_product(stand, "N-1")
    stand.open().create(Kind.PRODUCT, [row])
    assert stand.open().create(Kind.PRODUCT, [row])[0].ok
    assert references(stand).count("N-1") == 1
    first = next(place for place, one in enumerate(stand.wire.requests) if one.method == "POST")
    assert any("filter%5Breference%5D" in str(one.url) for one in stand.wire.requests[:first])


@pytest.mark.parametrize("kind", [Kind.PRODUCT, Kind.PRODUCER, Kind.CATEGORY, Kind.IMAGE])
def test_9_a_create_over_which_the_shop_died_is_looked_for(stand: PrestaStand, kind: Kind) -> None:
    """A crash in the middle may leave half an element, and a second try another half."""
    side = stand.open()
    wanted = stand.new(kind, 1)

    def die_after_the_work(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and not died:
            died.append(request)
            stand.wire._pass(request)
            return httpx.Response(500)
        return None

    died: list[httpx.Request] = []
    stand.wire._plans.append(die_after_the_work)
    with pytest.raises(OutcomeUnknown):
        side.create(kind, [wanted])
    assert len(stand.open().find(kind, [wanted])[wanted.token].keys) == 1


def test_10_the_shops_clock_is_read_in_the_shops_own_time(stand: PrestaStand) -> None:
    """What was changed an hour ago in Tokyo is not later than now in Warsaw."""
    stand.settings = {"edit_date_trusted": True}
    stand.state.set_setting("PS_TIMEZONE", "Asia/Tokyo")
    stand.fill(3)
    stand.clock.now += 3600
    since = datetime.fromtimestamp(stand.clock.now - 60, UTC)
    changed = stand.touch_product()
    side = stand.open()
    found = [item for page in all_pages(side, Kind.PRODUCT, Scope(since=since)) for item in page.items]
    assert {item.key for item in found} == {changed}


def test_a_plain_text_never_stands_where_languages_belong(stand: PrestaStand) -> None:
    """It is accepted and stores single letters."""
    stand.state.tables["languages"].remove(2)
    side = stand.open()
    made: Any = side.create(Kind.PRODUCT, [new_product(stand, "N-1", name="płaski")])[0]
    assert errors(side.update(Kind.PRODUCT, [Patch(key=made.key, fields={"name": "okrągły"})])) == [None]
    assert product(stand, made.key)["name"]["1"] == "okrągły"


def test_a_picture_is_a_form_and_its_answer_is_not_kept(stand: PrestaStand) -> None:
    row = NewElement(token="a", fields={"position": "1"}, owner=str(stand.owner), content=small_png(2))
    made = stand.open().create(Kind.IMAGE, [row])[0]
    assert made.exchange is not None
    assert made.exchange.answer.splitlines() == ["200", f"id {made.key.partition(':')[2]}"]
    refused = stand.open().create(
        Kind.IMAGE, [NewElement(token="b", fields={}, owner=str(stand.owner), content=b"no picture")]
    )[0]
    assert isinstance(refused.error, IntegrationError)

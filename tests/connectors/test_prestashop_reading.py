"""What a PrestaShop's shelves look like from outside, and what looking costs the shop."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from integrator.canonical.capabilities import Can
from integrator.canonical.errors import IntegrationError, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Category, Image, Price, ProductGroup, TaxRate
from integrator.canonical.side import LatePage, Scope, Side
from shops.connectors.base import Known
from shops.connectors.prestashop.simulator.stand import PrestaStand
from shops.simulation.pictures import small_png
from tests.connectors.wire import all_pages, wired


class Dated(PrestaStand):
    settings = {"edit_date_trusted": True}


class Net(PrestaStand):
    settings = {"prices": "net"}


@pytest.fixture
def stand() -> PrestaStand:
    return wired(PrestaStand())


def records(side: Side, kind: Kind, of: Kind | None = None) -> dict[str, Any]:
    found = [item for page in all_pages(side, kind) for item in page.items if item.kind is (of or kind)]
    assert len({item.key for item in found}) == len(found)
    return {item.key: item.record for item in found}


def sent(stand: PrestaStand, act: Callable[[], object]) -> list[httpx.Request]:
    before = len(stand.wire.requests)
    act()
    return list(stand.wire.requests[before:])


def query(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}


# what is there


def test_products_and_combinations_with_prices_and_stock(stand: PrestaStand) -> None:
    simple = stand.add_product()
    parent = stand.add_product(variants=True)
    first, second = stand.state.owned("combinations", int(parent))
    with stand.state.combinations.editing(second) as row:
        row["price"] = "2.500000"
    side = stand.open()
    products = records(side, Kind.PRODUCT)
    assert products.keys() == {str(stand.owner), simple, f"{parent}:{first}", f"{parent}:{second}"}
    assert products[f"{parent}:{first}"].options == (("Colour", "Czarny"),)
    assert products[f"{parent}:{first}"].group == parent
    prices = records(side, Kind.PRODUCT, Kind.PRICE)
    assert prices[simple] == Price(price=Decimal("12.30"))
    assert prices[f"{parent}:{second}"] == Price(price=Decimal("15.38"))
    stocks = records(side, Kind.PRODUCT, Kind.STOCK)
    assert {key: int(stocks[key].quantity) for key in (simple, f"{parent}:{first}")} == {
        simple: 5,
        f"{parent}:{first}": 2,
    }
    group = records(side, Kind.PRODUCT, Kind.GROUP)[parent]
    assert group.variants == (f"{parent}:{first}", f"{parent}:{second}")
    assert isinstance(group, ProductGroup)


def test_net_prices_are_read_as_they_are_stored() -> None:
    stand = wired(Net())
    key = stand.add_product()
    assert records(stand.open(), Kind.PRICE)[key] == Price(price=Decimal("10.000000"))


def test_ghosts_that_the_panel_does_not_show_are_not_there(stand: PrestaStand) -> None:
    ghost = stand.state.add_product("GHOST", "", state=0)
    seen = stand.add_product()
    for kind in (Kind.PRODUCT, Kind.PRICE):
        found = records(stand.open(), kind)
        assert seen in found
        assert str(ghost) not in found


def test_roots_stand_in_no_path(stand: PrestaStand) -> None:
    found = records(stand.open(), Kind.CATEGORY)
    assert found == {
        str(stand.kitchen): Category(path=("Kuchnia",)),
        str(stand.category): Category(path=("Kuchnia", "Mugs"), parent=str(stand.kitchen)),
    }


def test_the_texts_are_those_of_the_default_language(stand: PrestaStand) -> None:
    key = stand.add_product()
    assert records(stand.open(), Kind.PRODUCT)[key].name == "Mug 1"
    stand.state.set_setting("PS_LANG_DEFAULT", "2")
    side = stand.open()
    side.learn()
    assert records(side, Kind.PRODUCT)[key].name == "Kubek 1"


def test_tax_rates_are_groups_with_the_rate_of_the_country(stand: PrestaStand) -> None:
    found = records(stand.open(), Kind.TAX_RATE)
    assert found["1"] == TaxRate(code="23", name="PL Standard Rate (23%)", percent=Decimal("23.000"))
    assert [found[key].code for key in sorted(found)] == ["23", "8", "5", "zw"]


def test_a_tax_group_made_a_moment_ago_is_reckoned_with(stand: PrestaStand) -> None:
    """Taken for one without tax, prices of its products would be written a quarter too high."""
    side = stand.open()
    list(all_pages(side, Kind.PRICE))
    group = stand.state.add_tax_group("PL 7", "7")
    key = str(stand.state.add_product("P", "P", "100", id_tax_rules_group=group))
    assert records(side, Kind.PRICE)[key] == Price(price=Decimal("107.00"))


def test_pictures_come_with_their_places(stand: PrestaStand) -> None:
    one, two = (stand.state.add_image(stand.owner, small_png(seed)) for seed in (1, 2))
    found = records(stand.open(), Kind.IMAGE)
    owner = str(stand.owner)
    assert found == {
        f"{owner}:{one}": Image(name="", position=1, product=owner),
        f"{owner}:{two}": Image(name="", position=2, product=owner),
    }
    assert stand.open().content(Kind.IMAGE, f"{owner}:{two}") == small_png(2)


def test_a_row_of_stock_that_left_its_shop_is_not_taken_for_its_stock(stand: PrestaStand) -> None:
    key = stand.add_product()
    lost = stand.state.stock_row(int(key))
    assert lost is not None
    with stand.state.stocks.editing(lost) as row:
        row["id_shop"] = 0
    side = stand.open()
    assert key not in records(side, Kind.STOCK)
    with stand.state.stocks.editing(lost) as row:
        row["id_shop_group"] = 1
    assert key in records(side, Kind.STOCK), "stock that a group of shops shares"


# what it costs


def test_a_fetch_asks_page_by_page_and_never_product_by_product(stand: PrestaStand) -> None:
    stand.fill(250)
    side = stand.open()
    calls = sent(stand, lambda: list(all_pages(side, Kind.PRODUCT)))
    assert len(calls) <= 3 * (3 + 1), "products, combinations, stock and names of options for each of three pages"
    assert len(sent(stand, lambda: list(all_pages(side, Kind.IMAGE)))) == 2
    assert len(sent(stand, lambda: list(all_pages(side, Kind.STOCK)))) == 1
    assert len(sent(stand, lambda: list(all_pages(side, Kind.PRICE)))) == 4


def test_every_list_is_sorted_and_narrow(stand: PrestaStand) -> None:
    stand.fill(5)
    side = stand.open()
    side.learn()
    for kind in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK, Kind.IMAGE, Kind.CATEGORY, Kind.PRODUCER, Kind.TAX_RATE):
        list(all_pages(side, kind))
    lists = [query(one) for one in stand.wire.requests if not one.url.path.endswith("/api/")]
    assert {one["sort"] for one in lists} == {"[id_ASC]"}
    assert all(one["display"].startswith("[id") for one in lists)


def test_a_page_that_stayed_the_same_is_known_by_its_digest(stand: PrestaStand) -> None:
    key = stand.add_product(variants=True)

    def digest() -> str:
        page = stand.open().fetch(Kind.PRODUCT, Scope(), None)
        assert isinstance(page, LatePage)
        return page.digest

    first = digest()
    assert digest() == first
    stand.state.set_quantity(int(key), stand.state.owned("combinations", int(key))[0], 9)
    after_stock = digest()
    value = next(iter(stand.colours.values()))
    with stand.state.tables["product_option_values"].editing(value) as row:
        row["name"] = {"1": "Węglowy", "2": "Węglowy"}
    assert len({first, after_stock, digest()}) == 3


def test_a_shop_that_dies_over_a_page_is_asked_for_less_and_this_is_remembered(stand: PrestaStand) -> None:
    stand.fill(120)
    side = stand.open()
    whole = records(side, Kind.PRODUCT).keys()
    stand.shop.faults.add("error", times=2, method="GET", resource="products")
    calls = sent(stand, lambda: records(side, Kind.PRODUCT))
    limits = [query(one)["limit"] for one in calls if one.url.path.endswith("/products")]
    assert limits[:3] == ["100", "50", "25"]
    assert set(limits[3:]) == {"25"}
    again = stand.open()
    assert records(again, Kind.PRODUCT).keys() == whole
    assert query(sent(stand, lambda: again.fetch(Kind.PRODUCT, Scope(), None))[0])["limit"] == "25"


def test_a_shop_that_dies_over_every_page_is_tried_later(stand: PrestaStand) -> None:
    side = stand.open()
    stand.shop.faults.add("error", times=99, method="GET")
    with pytest.raises(Transient):
        side.fetch(Kind.PRODUCT, Scope(), None)
    assert "pages" not in stand.facts, "a shop that is down has not shown how much it can bear"


def test_a_cache_that_gives_one_page_for_ever_is_found_out(stand: PrestaStand) -> None:
    stand.fill(110)
    side = stand.open()
    first = side.fetch(Kind.PRODUCT, Scope(), None)
    page = stand.wire._pass(next(one for one in stand.wire.requests if "state" in str(one.url)))
    stand.wire.answer(200, text=page.text, headers={"Content-Type": "application/json"})
    with pytest.raises(Transient):
        side.fetch(Kind.PRODUCT, Scope(), first.next_cursor)


def test_more_combinations_than_one_page_all_arrive(stand: PrestaStand) -> None:
    values = stand.state.add_option("Numer", [str(one) for one in range(620)])
    stand.state.add_product(
        "MANY", "Śruby", combinations=[{"reference": f"S-{one}", "values": [one]} for one in values.values()]
    )
    assert len(records(stand.open(), Kind.PRODUCT)) == 621


# since when


def test_recent_only_asks_for_the_shops_own_time_and_only_of_products() -> None:
    stand = wired(Dated())
    stand.fill(3)
    side = stand.open()
    since = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    call = sent(stand, lambda: side.fetch(Kind.PRODUCT, Scope(since=since), None))[0]
    assert query(call)["date"] == "1"
    assert query(call)["filter[date_upd]"] == "[2026-07-01 12:00:00,2099-12-31 00:00:00]"
    for kind in (Kind.PRICE, Kind.STOCK, Kind.IMAGE, Kind.CATEGORY, Kind.PRODUCER, Kind.TAX_RATE):
        assert not side.capabilities.can(kind, Can.INCREMENTAL)
        calls = sent(stand, lambda kind=kind: list(all_pages(side, kind, Scope(since=since))))  # type: ignore[misc]
        assert all("date_upd" not in str(one.url) for one in calls), "8 dies of it and 9 says that nothing changed"


def test_recent_only_finds_a_change_in_the_hour_that_comes_twice() -> None:
    stand = wired(Dated())
    stand.clock.now = datetime(2026, 10, 25, 1, 10, tzinfo=UTC).timestamp()
    key = stand.add_product()
    since = datetime.fromtimestamp(stand.clock.now, UTC) - timedelta(minutes=20)
    assert key in {item.key for item in stand.open().fetch(Kind.PRODUCT, Scope(since=since), None).items}


# what the shop says of itself


def test_what_is_learnt_is_asked_for_once(stand: PrestaStand) -> None:
    side = stand.open()
    learning = sent(stand, side.learn)
    assert len(learning) <= 10
    assert len(sent(stand, lambda: stand.open().fetch(Kind.PRODUCER, Scope(), None))) == 1
    shop = stand.facts["shop"]
    assert (shop["version"], shop["language"], shop["currency"], shop["country_code"]) == ("8.1.2", "1", "PLN", "PL")
    assert (shop["zone"], sorted(shop["languages"])) == ("Europe/Warsaw", ["1", "2"])


def test_a_failed_learning_leaves_what_was_known(stand: PrestaStand) -> None:
    side = stand.open()
    before = dict(stand.facts)
    stand.shop.faults.add("error", times=9, method="GET", resource="taxes")
    with pytest.raises(IntegrationError):
        side.learn()
    assert stand.facts == before


def test_facts_of_another_address_count_for_nothing(stand: PrestaStand) -> None:
    stand.open()
    stand.facts["of"] = "https://other.example"
    assert stand.open().capabilities.unlearnt is False
    assert stand.facts["of"] == "http://127.0.0.1:9"


def test_several_shops_in_one_are_only_read(stand: PrestaStand) -> None:
    stand.state.insert("shops", {"id_shop_group": 1, "id_category": 2, "active": "1", "name": "Hurt"})
    side = stand.open()
    side.learn()
    can = side.capabilities.of(Kind.STOCK)
    assert (can.can, can.fields) == (Can.READ, {})
    assert can.remark
    assert side.capabilities.of(Kind.PRODUCT).can == Can.READ


def test_what_prestashop_does_not_have_is_not_offered(stand: PrestaStand) -> None:
    side = stand.open()
    assert side.capabilities.of(Kind.UNIT).can == Can.NOTHING
    assert not stand.platform.capabilities(Known()).fractions
    with pytest.raises(Rejected):
        side.fetch(Kind.UNIT, Scope(), None)


@pytest.mark.parametrize("version", ["1.7.8.8", "9.1.4"])
def test_a_shop_of_one_language_gives_plain_texts(version: str) -> None:
    class OneLanguage(PrestaStand):
        pass

    OneLanguage.version = version
    stand = wired(OneLanguage())
    stand.state.tables["languages"].remove(2)
    key = stand.add_product()
    side = stand.open()
    assert records(side, Kind.PRODUCT)[key].name == "Mug 1"


def test_versions_before_1_7_8_are_not_asked_for_what_they_do_not_have() -> None:
    class Older(PrestaStand):
        version = "1.7.7.2"

    stand = wired(Older())
    stand.fill(3)
    side = stand.open()
    calls = sent(stand, lambda: list(all_pages(side, Kind.PRODUCT)))
    assert "product_type" not in str(calls[0].url)
    assert "id_category_default" in str(calls[0].url)

"""Twelve ways in which WooCommerce lets a client damage a shop or miss what is there, and that this one does not."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrator.canonical.errors import OutcomeUnknown, Rejected
from integrator.canonical.fingerprint import fingerprint
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields
from integrator.canonical.side import Keyed, NewElement, Patch, Result, Scope, Side
from shops.connectors.woocommerce.simulator.stand import WooStand
from tests.connectors.wire import all_pages, wired


@pytest.fixture
def stand() -> WooStand:
    return wired(WooStand())


def bodies(stand: WooStand) -> list[Any]:
    return [json.loads(one.content) for one in stand.wire.requests if one.method == "POST"]


def row(stand: WooStand, key: str) -> Any:
    return stand.shop.state.products.get(int(key.rpartition(":")[2]))


def changed_since(side: Side, since: datetime) -> dict[str, Keyed]:
    pages = all_pages(side, Kind.PRODUCT, Scope(since=since))
    return {item.key: item for page in pages for item in page.items if item.kind is Kind.PRODUCT}


def now(stand: WooStand) -> datetime:
    return datetime.fromtimestamp(stand.clock.now, UTC)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Kind.STOCK, {"quantity": "abc"}),
        (Kind.STOCK, {"quantity": "2.5"}),
        (Kind.PRICE, {"price": "abc"}),
        (Kind.PRICE, {"price": "12,50"}),
        (Kind.PRICE, {"price": None}),
        (Kind.PRODUCT, {"ean": "ABC123"}),
        (Kind.PRODUCT, {"tax_rate": "luksusowa"}),
        (Kind.PRODUCT, {"name": ""}),
    ],
)
def test_1_a_batch_checks_nothing_so_a_bad_row_is_never_in_it(stand: WooStand, kind: Kind, fields: Fields) -> None:
    bad, good = stand.add_product(), stand.add_product()
    before = dict(row(stand, bad))
    fine: Fields = {"quantity": "3"} if kind is Kind.STOCK else {"price": "3"} if kind is Kind.PRICE else {"name": "x"}
    results = stand.open().update(kind, [Patch(key=bad, fields=fields), Patch(key=good, fields=fine)])
    assert [result.ok for result in results] == [False, True]
    assert isinstance(results[0].error, Rejected)
    assert results[0].error.field == next(iter(fields))
    assert row(stand, bad) == before
    assert [one["id"] for one in bodies(stand)[-1]["update"]] == [int(good)]


def test_2_products_go_to_the_trash_and_are_never_deleted_for_good(stand: WooStand) -> None:
    simple, parent = stand.add_product(), stand.add_product(variants=True)
    variant = stand.variants(parent)[0]
    results = stand.open().delete(Kind.PRODUCT, [simple, variant])
    assert [result.error for result in results] == [None, None]
    assert [row(stand, key)["status"] for key in (simple, variant)] == ["trash", "trash"]
    assert row(stand, parent)["status"] == "publish"
    assert not any("delete" in body for body in bodies(stand))


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "UTC", "America/New_York"])
def test_3_a_time_is_not_shifted_twice(stand: WooStand, zone: str) -> None:
    stand.shop.state.timezone = zone
    stand.fill(5)
    stand.clock.now += 7200
    side = stand.open()
    since = now(stand) - timedelta(seconds=60)
    touched = stand.touch_product()
    assert set(changed_since(side, since)) == {touched}
    asked = stand.wire.requests[-1].url.params
    assert asked["dates_are_gmt"] == "true"
    assert not asked["modified_after"].endswith("Z")
    assert "+" not in asked["modified_after"]


def test_4_a_change_in_the_very_second_is_not_lost(stand: WooStand) -> None:
    stand.fill(3)
    stand.clock.now += 7200
    touched = stand.touch_product()
    assert touched in changed_since(stand.open(), now(stand))


def test_5_our_own_writes_come_back_as_changes_and_look_the_same(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    before = side.read(Kind.PRODUCT, [key]).items[0]
    pages = [page.digest for page in all_pages(side, Kind.PRODUCT)]  # type: ignore[union-attr]
    stand.clock.now += 7200
    since = now(stand) - timedelta(seconds=60)
    assert side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "5"})])[0].ok
    again = changed_since(side, since)[key]
    assert fingerprint(again.record) == fingerprint(before.record)
    assert [page.digest for page in all_pages(side, Kind.PRODUCT)] == pages  # type: ignore[union-attr]


def variant(stand: WooStand, number: int) -> NewElement:
    fields = {**stand.new(Kind.PRODUCT, number).fields, "code": f"BLUZA-{number}"}
    colour = ["Czarny", "Biały", "Szary"][number % 3]
    return NewElement(
        token=f"erp-{number}", fields=fields, group_code="BLUZA", group_name="Bluza", options=(("Kolor", colour),)
    )


def test_6_a_variation_is_looked_for_before_it_is_made(stand: WooStand) -> None:
    side = stand.open()
    rows = [variant(stand, 0), variant(stand, 1)]
    first = side.create(Kind.PRODUCT, rows)
    again = stand.open().create(Kind.PRODUCT, [*rows, variant(stand, 2)])
    assert [one.error for one in [*first, *again]] == [None] * 5
    assert [one.key for one in again[:2]] == [one.key for one in first]
    parent = first[0].key.partition(":")[0]
    skus = [row(stand, key)["sku"] for key in stand.variants(parent)]
    assert sorted(skus) == ["BLUZA-0", "BLUZA-1", "BLUZA-2"]


def test_7_stock_is_written_as_it_should_be_and_never_as_a_difference(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    for _ in range(2):
        assert side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "9"})])[0].ok
    assert row(stand, key)["stock_quantity"] == 9
    assert "inventory_delta" not in json.dumps(bodies(stand))
    assert all(one["manage_stock"] is True for body in bodies(stand) for one in body["update"])


@pytest.mark.parametrize("name", ["category", "producer", "tax_rate", "unit"])
def test_8_what_is_not_there_is_not_referred_to(stand: WooStand, name: str) -> None:
    key = stand.add_product()
    before = dict(row(stand, key))
    side = stand.open()
    result = side.update(Kind.PRODUCT, [Patch(key=key, fields={name: "99999"})])[0]
    assert isinstance(result.error, Rejected)
    assert result.error.field == name
    new = stand.new(Kind.PRODUCT, 1)
    made = side.create(Kind.PRODUCT, [NewElement(token="t", fields={**new.fields, name: "99999"})])[0]
    assert isinstance(made.error, Rejected)
    assert made.error.field == name
    assert row(stand, key) == before
    assert not any(body.get("create") or body.get("update") for body in bodies(stand))


@pytest.mark.parametrize(("setting", "basis"), [("yes", "gross"), ("no", "net")])
def test_9_net_or_gross_is_what_the_shop_says_it_is(stand: WooStand, setting: str, basis: str) -> None:
    stand.shop.state.set_setting("tax/woocommerce_prices_include_tax", setting)
    key = stand.add_product()
    side = stand.open()
    assert side.capabilities.price_basis == basis
    assert side.update(Kind.PRICE, [Patch(key=key, fields={"price": "10"})])[0].ok
    assert row(stand, key)["regular_price"] == "10.00"


def test_9_a_setting_that_was_changed_is_noticed_within_a_day(stand: WooStand) -> None:
    assert stand.open().capabilities.price_basis == "gross"
    stand.shop.state.set_setting("tax/woocommerce_prices_include_tax", "no")
    stand.clock.now += 25 * 3600
    side = stand.open()
    side.fetch(Kind.PRICE, Scope(), None)
    assert side.capabilities.price_basis == "net"


def test_10_what_is_deleted_for_good_sends_no_word_and_is_missed_all_the_same(stand: WooStand) -> None:
    stand.fill(4)
    gone = stand.simple_ids()[0]
    stand.remove_product(gone)
    side = stand.open()
    keys = {item.key for page in all_pages(side, Kind.PRODUCT) for item in page.items}
    assert gone not in keys
    assert side.read(Kind.PRODUCT, [gone]).gone == (gone,)


def test_11_fields_are_never_chosen_on_a_batch(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    results: list[Result] = [
        *side.update(
            Kind.STOCK, [Patch(key=key, fields={"quantity": "1"}), Patch(key="99999", fields={"quantity": "1"})]
        ),
        *side.create(Kind.PRODUCT, [stand.new(Kind.PRODUCT, 1)]),
        *side.deactivate(Kind.PRODUCT, [key]),
    ]
    assert [result.ok for result in results] == [True, False, True, True]
    batches = [one for one in stand.wire.requests if one.url.path.endswith("/batch")]
    assert batches
    assert not any("_fields" in one.url.params for one in batches)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": 0, "message": "x", "data": 400}, Code.REJECTED),
        ({"code": "x", "message": None, "data": None}, Code.REJECTED),
        ({"code": "x", "message": "<b>Nie</b> &amp; tak", "data": []}, Code.REJECTED),
    ],
)
def test_12_a_refusal_of_any_shape_is_a_refusal(stand: WooStand, body: Any, code: Code) -> None:
    key = stand.add_product()
    side = stand.open()
    stand.wire.answer(400, text=json.dumps(body))
    with pytest.raises(Rejected) as caught:
        side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "1"})])
    assert caught.value.problem.code == code
    assert "<b>" not in str(caught.value)


def test_12_a_failure_that_is_told_as_a_number_leaves_open_what_was_done(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    stand.wire.answer(500, text=json.dumps({"code": "internal_server_error", "message": "/srv/www/x.php", "data": 500}))
    with pytest.raises(OutcomeUnknown) as caught:
        side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "1"})])
    assert "/srv/www" not in str(caught.value), "paths of the server are not shown"

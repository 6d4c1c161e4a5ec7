"""Writing to WooCommerce: batches, variants, attributes and categories that stay, and what fails alone."""

import json
from collections import Counter
from typing import Any

import pytest

from integrator.canonical.errors import Gone, OutcomeUnknown, RateLimited, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Price, Product, StockLevel, fields_of
from integrator.canonical.side import NewElement, Patch, Result, Side
from shops.connectors.woocommerce.simulator import ShopState, WooSimulator
from shops.connectors.woocommerce.simulator.stand import WooStand
from tests.connectors.wire import Wire, all_pages, wired


@pytest.fixture
def stand() -> WooStand:
    return wired(WooStand())


def keys(results: list[Result]) -> list[str]:
    assert [result.error for result in results] == [None] * len(results)
    return [result.key for result in results]


def row(stand: WooStand, key: str) -> Any:
    return stand.shop.state.products.get(int(key.rpartition(":")[2]))


def products(stand: WooStand) -> dict[str, Product]:
    found = [item for page in all_pages(stand.open(), Kind.PRODUCT) for item in page.items]
    return {item.key: item.record for item in found if isinstance(item.record, Product)}


def writes(stand: WooStand, before: int) -> list[str]:
    return [one for one in stand.wire.sent[before:] if not one.startswith("GET")]


def test_the_stock_of_a_thousand_products_costs_ten_requests() -> None:
    """Nothing is written or read alone where the API takes many: variations go parent by parent, all else together."""
    stand = wired(WooStand())
    stand.shop = WooSimulator(ShopState.generated(1500, clock=stand.clock), clock=stand.clock)
    stand.wire = Wire(stand.shop)
    side = stand.open()
    table = stand.shop.state.products
    simple = [str(one) for one in table if table.get(one)["type"] == "simple"][:1000]
    variants = [f"{table.get(one)['parent_id']}:{one}" for one in table if table.get(one)["type"] == "variation"][:80]
    assert len(simple) == 1000
    before = len(stand.wire.sent)
    for start in range(0, 1000, 100):
        patches = [Patch(key=key, fields={"quantity": "77"}) for key in simple[start : start + 100]]
        keys(side.update(Kind.STOCK, patches))
    assert stand.wire.sent[before:] == ["POST /wp-json/wc/v3/products/batch"] * 10
    before = len(stand.wire.sent)
    keys(side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "78"}) for key in variants]))
    parents = {key.partition(":")[0] for key in variants}
    assert Counter(stand.wire.sent[before:]) == {
        f"POST /wp-json/wc/v3/products/{parent}/variations/batch": 1 for parent in parents
    }
    assert {table.get(int(key))["stock_quantity"] for key in simple} == {77}


def test_a_hundred_new_products_cost_one_write_and_reads_for_all_at_once(stand: WooStand) -> None:
    side = stand.open()
    before = len(stand.wire.sent)
    made = keys(side.create(Kind.PRODUCT, [stand.new(Kind.PRODUCT, number) for number in range(100)]))
    assert writes(stand, before) == ["POST /wp-json/wc/v3/products/batch"]
    assert len(stand.wire.sent) - before <= 4, "categories, brands, terms of units and the batch"
    assert len(set(made)) == 100


def test_a_hundred_changed_units_and_categories_cost_one_read_more(stand: WooStand) -> None:
    side = stand.open()
    made = keys(side.create(Kind.PRODUCT, [stand.new(Kind.PRODUCT, number) for number in range(100)]))
    before = len(stand.wire.sent)
    other = str(stand.shop.state.add_category("Ogród"))
    fields = {"unit": stand.unit_key(stand.pieces), "category": other, "producer": None}
    keys(side.update(Kind.PRODUCT, [Patch(key=key, fields=fields) for key in made]))
    calls = Counter(one.rpartition("/v3/")[2] for one in stand.wire.sent[before:])
    assert calls["products/batch"] == 1
    assert calls["products"] == 1
    assert sum(calls.values()) <= 5


def test_answers_carry_price_and_stock(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    [price] = side.update(Kind.PRICE, [Patch(key=key, fields={"price": "9.995"})])
    [stock] = side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "4"})])
    assert isinstance(price.record, Price)
    assert isinstance(stock.record, StockLevel)
    assert (fields_of(price.record), fields_of(stock.record)) == ({"price": "10"}, {"quantity": "4"})
    assert row(stand, key)["regular_price"] == "10.00"


def test_a_running_sale_stays(stand: WooStand) -> None:
    key = stand.add_product()
    stand.shop.state.change(int(key), sale_price="9.00")
    side = stand.open()
    keys(side.update(Kind.PRICE, [Patch(key=key, fields={"price": "15"})]))
    assert row(stand, key)["sale_price"] == "9.00"
    assert fields_of(side.read(Kind.PRICE, [key]).items[0].record) == {"price": "15"}


# what is there already


def test_a_product_that_was_made_already_is_adopted(stand: WooStand) -> None:
    rows = [stand.new(Kind.PRODUCT, number) for number in (1, 2, 3)]
    first = keys(stand.open().create(Kind.PRODUCT, rows[:2]))
    again = keys(stand.open().create(Kind.PRODUCT, rows))
    assert again[:2] == first
    assert len(products(stand)) == 1 + 3, "and the owner of pictures"


def test_a_sku_of_a_variation_leads_to_the_variation(stand: WooStand) -> None:
    parent = stand.add_product(variants=True)
    variant = stand.variants(parent)[0]
    new = stand.new(Kind.PRODUCT, 1)
    taken = NewElement(token="t", fields={**new.fields, "code": row(stand, variant)["sku"].lower()})
    assert keys(stand.open().create(Kind.PRODUCT, [taken])) == [variant]


def test_a_product_that_only_shows_others_is_not_taken_for_one_that_is_sold(stand: WooStand) -> None:
    grouped = stand.shop.state.add_product("ZESTAW", "Zestaw", type="grouped")
    before = dict(row(stand, str(grouped)))
    side = stand.open()
    new = stand.new(Kind.PRODUCT, 1)
    new = NewElement(token="a", fields={**new.fields, "code": "ZESTAW"})
    assert side.find(Kind.PRODUCT, [new])["a"].keys == ()
    error = side.create(Kind.PRODUCT, [new])[0].error
    assert isinstance(error, Rejected)
    assert error.field == "code"
    assert row(stand, str(grouped)) == before


def test_a_sku_in_the_trash_is_a_persons_matter(stand: WooStand) -> None:
    new = stand.new(Kind.PRODUCT, 1)
    [key] = keys(stand.open().create(Kind.PRODUCT, [new]))
    keys(stand.open().delete(Kind.PRODUCT, [key]))
    [result] = stand.open().create(Kind.PRODUCT, [new])
    assert isinstance(result.error, Rejected)
    assert result.error.problem.code == Code.IN_TRASH
    assert row(stand, key)["status"] == "trash"


@pytest.mark.parametrize("sku", ["KOD,1", "kod, z przecinkiem", "A&B", "<1", "Żółć/9", "100%", "A  B"])
def test_odd_skus_are_found_exactly(stand: WooStand, sku: str) -> None:
    side = stand.open()
    fields = {**stand.new(Kind.PRODUCT, 1).fields, "code": sku}
    wanted = NewElement(token="t", fields=fields)
    near = NewElement(token="u", fields={**fields, "code": f"{sku}X", "ean": ""})
    assert side.find(Kind.PRODUCT, [wanted])["t"].keys == ()
    made = keys(side.create(Kind.PRODUCT, [wanted, near]))
    assert side.find(Kind.PRODUCT, [wanted])["t"].keys == (made[0],)
    assert products(stand)[made[0]].code == " ".join(sku.split())


def test_many_lost_creates_are_looked_for_in_one_call(stand: WooStand) -> None:
    rows = [stand.new(Kind.PRODUCT, number) for number in range(60)]
    made = keys(stand.open().create(Kind.PRODUCT, rows[:50]))
    side = stand.open()
    before = len(stand.wire.sent)
    found = side.find(Kind.PRODUCT, rows)
    assert [found[one.token].keys for one in rows] == [*((key,) for key in made), *[()] * 10]
    assert len(stand.wire.sent) - before == 1


@pytest.mark.parametrize("kind", [Kind.UNIT, Kind.PRODUCER, Kind.CATEGORY])
def test_a_term_that_exists_is_adopted(stand: WooStand, kind: Kind) -> None:
    first = keys(stand.open().create(kind, [stand.new(kind, 1)]))
    again = keys(stand.open().create(kind, [stand.new(kind, 1), stand.new(kind, 2)]))
    assert again[0] == first[0]
    assert again[1] != first[0]


def test_one_name_below_two_parents_is_two_categories(stand: WooStand) -> None:
    side = stand.open()
    root = NewElement(token="a", fields={"path": ["Nowości"]})
    below = NewElement(token="b", fields={"path": ["Kubki & dzbanki", "Nowości"]}, parent=str(stand.category))
    made = keys(side.create(Kind.CATEGORY, [root, below]))
    assert len(set(made)) == 2
    found = side.find(Kind.CATEGORY, [root, below])
    assert (found["a"].keys, found["b"].keys) == ((made[0],), (made[1],))


# where units and producers are kept


def test_the_attribute_of_units_is_made_when_the_shop_has_none() -> None:
    class Bare(WooStand):
        settings = {"unit_attribute": "Jednostka miary sprzedaży hurtowej", "producer": "attribute"}

    stand = wired(Bare())
    side = stand.open()
    units = [NewElement(token=one, fields={"symbol": one}) for one in ("szt.", "m²")]
    made = keys(side.create(Kind.UNIT, units))
    assert keys(stand.open().create(Kind.UNIT, units)) == made, "and it is not made twice"
    names = [one["name"] for one in (stand.shop.state.attributes.get(i) for i in stand.shop.state.attributes)]
    assert names.count("Jednostka miary sprzedaży hurtowej") == 1
    fields = {**stand.new(Kind.PRODUCT, 1).fields, "unit": made[1]}
    [key] = keys(side.create(Kind.PRODUCT, [NewElement(token="p", fields=fields)]))
    assert products(stand)[key].unit == made[1]


def test_units_kept_as_texts_send_nothing_of_their_own() -> None:
    class Meta(WooStand):
        settings = {"unit": "meta", "unit_meta": "jm"}

    stand = wired(Meta())
    side = stand.open()
    before = len(stand.wire.sent)
    assert keys(side.create(Kind.UNIT, [NewElement(token="u", fields={"symbol": "kg"})])) == ["kg"]
    assert len(stand.wire.sent) == before
    fields = {**stand.new(Kind.PRODUCT, 1).fields, "unit": "kg"}
    [key] = keys(side.create(Kind.PRODUCT, [NewElement(token="p", fields=fields)]))
    assert [(one["key"], one["value"]) for one in row(stand, key)["meta_data"]] == [("jm", "kg")]
    assert products(stand)[key].unit == "kg"
    keys(side.update(Kind.PRODUCT, [Patch(key=key, fields={"unit": "g"})]))
    assert products(stand)[key].unit == "g"


def test_a_version_that_forgets_brands_gets_an_attribute_instead() -> None:
    class Forgetful(WooStand):
        version = "9.7.1"

    stand = wired(Forgetful())
    brand = str(stand.shop.state.add_brand("Łucznik"))
    key, other = stand.add_product(), stand.add_product()
    side = stand.open()
    assert side.capabilities.of(Kind.PRODUCER).remark.startswith("Producers are the shop's brands")
    results = side.update(Kind.PRODUCT, [Patch(key=one, fields={"producer": brand}) for one in (key, other)])
    assert [result.error.problem.code for result in results if result.error] == [Code.NOT_KEPT] * 2
    later = stand.open()
    assert "attribute" in later.capabilities.of(Kind.PRODUCER).remark
    later.learn()
    [made] = keys(later.create(Kind.PRODUCER, [NewElement(token="x", fields={"name": "Łucznik"})]))
    keys(later.update(Kind.PRODUCT, [Patch(key=key, fields={"producer": made})]))
    assert products(stand)[key].producer == made


def test_other_categories_and_attributes_stay(stand: WooStand) -> None:
    state = stand.shop.state
    promo, garden = state.add_category("Promocje"), state.add_category("Ogród")
    key = stand.add_product()
    entry = {"id": stand.colour, "name": "", "position": 0, "visible": False, "variation": False}
    colours = list(state.terms_of("pa_kolor"))[:1]
    state.change(
        int(key), categories=[stand.category, promo], attributes=[{**entry, "options": colours}], featured=True
    )
    side = stand.open()
    fields = {"category": str(garden), "unit": stand.unit_key(stand.sets)}
    keys(side.update(Kind.PRODUCT, [Patch(key=key, fields=fields)]))
    kept = row(stand, key)
    assert set(kept["categories"]) == {promo, garden}
    assert kept["attributes"][0]["options"] == colours
    assert kept["attributes"][0]["visible"] is False
    found = products(stand)[key]
    assert (found.category, found.unit) == (str(garden), stand.unit_key(stand.sets))


def test_the_category_that_was_written_is_the_one_that_is_read(stand: WooStand) -> None:
    """A promotion deeper in the tree would hide it; what the shop holds stays, and the next plan has nothing to do."""
    state = stand.shop.state
    garden = state.add_category("Ogród")
    deep = state.add_category("Czarny piątek", parent=state.add_category("Promocje"))
    key = stand.add_product()
    state.change(int(key), categories=[stand.category, deep])
    stand.open().update(Kind.PRODUCT, [Patch(key=key, fields={"category": str(garden)})])
    assert products(stand)[key].category == str(garden)
    assert deep in row(stand, key)["categories"]


# slow shops, lost answers


def test_a_shop_that_takes_fewer_rows_gets_fewer(stand: WooStand) -> None:
    for _ in range(60):
        stand.add_product()
    every = stand.simple_ids()
    side = stand.open()
    refused = {"code": "woocommerce_rest_request_entity_too_large", "message": "x", "data": {"status": 413}}
    stand.wire.answer(413, text=json.dumps(refused))
    before = len(stand.wire.sent)
    keys(side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "6"}) for key in every]))
    assert len(writes(stand, before)) == 3
    assert {row(stand, key)["stock_quantity"] for key in every} == {6}


def test_a_batch_whose_answer_is_lost_is_smaller_next_time(stand: WooStand) -> None:
    for _ in range(60):
        stand.add_product()
    patches = [Patch(key=key, fields={"quantity": "6"}) for key in stand.simple_ids()]
    side = stand.open()
    stand.wire.lose_answers("POST")
    with pytest.raises(OutcomeUnknown):
        side.update(Kind.STOCK, patches)
    before = len(stand.wire.sent)
    keys(stand.open().update(Kind.STOCK, patches))
    assert len(writes(stand, before)) == 2
    before = len(stand.wire.sent)
    keys(stand.open().update(Kind.STOCK, patches))
    assert len(writes(stand, before)) == 1, "it was quick, so it may be larger again"


def test_a_failing_batch_forgets_nothing_that_was_done(stand: WooStand) -> None:
    simple = [stand.add_product() for _ in range(3)]
    variants = stand.variants(stand.add_product(variants=True))
    patches = [Patch(key=key, fields={"quantity": "9"}) for key in (*simple, *variants)]
    side = stand.open()
    stand.shop.faults.add("drop", method="POST", resource="products/variations/batch")
    results = side.update(Kind.STOCK, patches)
    assert [result.ok for result in results] == [True] * 3 + [False] * 2
    assert {type(result.error) for result in results[3:]} == {OutcomeUnknown}


def test_a_batch_that_fails_from_the_start_is_an_error_of_the_call(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    stand.shop.faults.add("too_many", method="POST")
    with pytest.raises(RateLimited):
        side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "9"})])


def test_each_row_has_its_own_reason(stand: WooStand) -> None:
    fine, parent = stand.add_product(), stand.add_product(variants=True)
    patches = [
        Patch(key="999999", fields={"quantity": "1"}),
        Patch(key=fine, fields={"quantity": "1"}),
        Patch(key="888888:9", fields={"quantity": "1"}),
        Patch(key=f"{parent}:777777", fields={"quantity": "1"}),
        Patch(key="?", fields={"quantity": "1"}),
    ]
    results = stand.open().update(Kind.STOCK, patches)
    assert [type(one.error) for one in results] == [Gone, type(None), Gone, Gone, Rejected]
    assert results[0].exchange is not None
    assert results[0].exchange.request.startswith("POST /wp-json/wc/v3/products/batch\n")
    assert "invalid_id" in results[0].exchange.answer


def test_a_taken_sku_or_bar_code_names_its_field(stand: WooStand) -> None:
    side = stand.open()
    one, other = keys(side.create(Kind.PRODUCT, [stand.new(Kind.PRODUCT, n) for n in (1, 2)]))
    taken = side.update(Kind.PRODUCT, [Patch(key=other, fields={"code": products(stand)[one].code})])[0]
    assert isinstance(taken.error, Rejected)
    assert taken.error.field == "code"
    taken = side.update(Kind.PRODUCT, [Patch(key=other, fields={"ean": products(stand)[one].ean})])[0]
    assert isinstance(taken.error, Rejected)
    assert taken.error.field == "ean"


def test_what_cannot_be_done_is_refused_before_anything_is_sent() -> None:
    class Plain(WooStand):
        settings = {"unit": ""}
        credentials = {name: value for name, value in WooStand.credentials.items() if name.startswith("consumer")}

    stand = wired(Plain())
    side: Side = stand.open()
    before = len(stand.wire.sent)
    for result in (
        side.create(Kind.TAX_RATE, [NewElement(token="t", fields={"code": "23"})])[0],
        side.create(Kind.UNIT, [NewElement(token="t", fields={"symbol": "kg"})])[0],
        side.create(Kind.IMAGE, [stand.new(Kind.IMAGE, 1)])[0],
        side.update(Kind.CATEGORY, [Patch(key="1", fields={"path": "x"})])[0],
        side.delete(Kind.CATEGORY, ["1"])[0],
        side.deactivate(Kind.PRODUCER, ["1"])[0],
    ):
        assert result.error is not None
        assert result.error.problem.code == Code.NOT_OFFERED
    assert len(stand.wire.sent) == before


def test_a_read_only_key_is_a_missing_right_and_no_failed_login(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    stand.shop.access.keys[stand.credentials["consumer_key"]].permissions = "read"
    with pytest.raises(Rejected) as caught:
        side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "1"})])
    assert caught.value.problem.code == Code.RIGHT_MISSING
    assert caught.value.problem.as_dict()["right"] == "write"


def test_a_shop_closed_for_maintenance_is_tried_later(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    stand.wire.answer(503, text="<html>Briefly unavailable</html>")
    with pytest.raises(Transient) as caught:
        side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "1"})])
    assert caught.value.problem.code == Code.SHOP_CLOSED
    assert not isinstance(caught.value, OutcomeUnknown)

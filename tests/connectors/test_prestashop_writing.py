"""Changes to PrestaShop: in few bodies, never half, and nothing but what is named."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from integrator.canonical.errors import Gone, OutcomeUnknown, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, fields_of
from integrator.canonical.side import NewElement, Patch, Scope
from shops.connectors.prestashop.simulator.access import API_KEY
from shops.connectors.prestashop.simulator.stand import PrestaStand
from shops.simulation.pictures import small_png
from tests.connectors.prestashop_writes import (
    VERSIONS,
    New,
    Old,
    errors,
    moved,
    new_product,
    product,
    quantity,
    references,
    stock_keys,
    writes,
)
from tests.connectors.wire import wired


@pytest.fixture(params=[Old, PrestaStand, New], ids=VERSIONS)
def stand(request: pytest.FixtureRequest) -> PrestaStand:
    return wired(request.param())


@pytest.fixture
def eight() -> PrestaStand:
    return wired(PrestaStand())


# stock


def test_a_thousand_changed_quantities_take_five_writes(stand: PrestaStand) -> None:
    stand.fill(800)
    side = stand.open()
    keys = stock_keys(side)[:1000]
    assert any(":" in key for key in keys)
    assert any(":" not in key for key in keys)
    before = len(stand.wire.requests)
    batch = side.capabilities.batch_of(Kind.STOCK)
    for start in range(0, 1000, batch):
        rows = [Patch(key=key, fields={"quantity": "77"}) for key in keys[start : start + batch]]
        assert errors(side.update(Kind.STOCK, rows)) == [None] * len(rows)
    assert len(writes(stand, before)) <= 5
    assert len(stand.wire.requests) - before <= 16
    assert {quantity(stand, key) for key in keys} == {77}


def test_only_the_quantity_of_a_row_changes(stand: PrestaStand) -> None:
    key = stand.add_product()
    row_id = stand.state.stock_row(int(key))
    assert row_id is not None
    with stand.state.stocks.editing(row_id) as row:
        row |= {"out_of_stock": 1, "location": "R-17"}
    before = dict(stand.state.stocks.get(row_id))
    assert errors(stand.open().update(Kind.STOCK, [Patch(key=key, fields={"quantity": "0"})])) == [None]
    assert dict(stand.state.stocks.get(row_id)) == before | {"quantity": 0}


def test_the_sum_of_combinations_follows(stand: PrestaStand) -> None:
    key = stand.add_product(variants=True)
    one, two = stand.state.owned("combinations", int(key))
    rows = [Patch(key=f"{key}:{own}", fields={"quantity": count}) for own, count in ((one, "7"), (two, "8"))]
    assert errors(stand.open().update(Kind.STOCK, rows)) == [None, None]
    assert quantity(stand, key) == 15


@pytest.mark.parametrize(
    ("change", "code"),
    [({"depends_on_stock": "1"}, Code.ADVANCED_STOCK_ON), ({"id_shop": 0}, Code.STOCK_ROW_LOST)],
)
def test_stock_that_cannot_be_written_says_why_and_the_rest_goes_on(
    eight: PrestaStand, change: Mapping[str, Any], code: Code
) -> None:
    bad, good = eight.add_product(), eight.add_product()
    row_id = eight.state.stock_row(int(bad))
    assert row_id is not None
    with eight.state.stocks.editing(row_id) as row:
        row |= change
    rows = [Patch(key=key, fields={"quantity": "9"}) for key in (bad, good)]
    refused, done = eight.open().update(Kind.STOCK, rows)
    assert refused.error is not None
    assert refused.error.problem.code == code
    assert done.ok
    assert quantity(eight, good) == 9
    assert eight.state.stocks.get(row_id)["quantity"] == 5


@pytest.mark.parametrize("value", ["2.5", "siedem", None, ""])
def test_a_quantity_that_is_not_whole_is_refused(eight: PrestaStand, value: Any) -> None:
    key = eight.add_product()
    result = eight.open().update(Kind.STOCK, [Patch(key=key, fields={"quantity": value})])[0]
    assert isinstance(result.error, Rejected)
    assert quantity(eight, key) == 5


def test_stock_of_a_product_that_is_gone(eight: PrestaStand) -> None:
    result = eight.open().update(Kind.STOCK, [Patch(key="9999", fields={"quantity": "1"})])[0]
    assert isinstance(result.error, Gone)


# prices


def test_a_gross_price_is_stored_net_and_comes_back(stand: PrestaStand) -> None:
    key = stand.add_product()
    side = stand.open()
    before = stand.stored(Kind.PRODUCT, key)
    assert errors(side.update(Kind.PRICE, [Patch(key=key, fields={"price": "100.00"})])) == [None]
    assert moved(before, stand.stored(Kind.PRODUCT, key)) <= {"price", "date_upd"}
    assert product(stand, key)["price"] == "81.300813"
    assert fields_of(side.read(Kind.PRICE, [key]).items[0].record) == {"price": "100"}


def test_a_combinations_price_moves_its_impact_alone(stand: PrestaStand) -> None:
    key = stand.add_product(variants=True)
    one, two = stand.state.owned("combinations", int(key))
    with stand.state.combinations.editing(one) as row:
        row |= {"wholesale_price": "4.000000", "unit_price_impact": "0.500000"}
    side = stand.open()
    assert errors(side.update(Kind.PRICE, [Patch(key=f"{key}:{one}", fields={"price": "24.60"})])) == [None]
    assert product(stand, key)["price"] == "10.000000"
    own = stand.state.combinations.get(one)
    assert (own["price"], own["wholesale_price"], own["unit_price_impact"]) == ("10.000000", "4.000000", "0.500000")
    assert stand.state.combinations.get(two)["price"] == "0.000000"
    assert fields_of(side.read(Kind.PRICE, [f"{key}:{one}"]).items[0].record) == {"price": "24.6"}


def test_prices_of_a_batch_take_one_write_for_each_of_the_two_resources(eight: PrestaStand) -> None:
    eight.fill(25)
    side = eight.open()
    keys = [item.key for item in side.fetch(Kind.PRICE, Scope(), None).items][:25]
    before = len(eight.wire.requests)
    assert errors(side.update(Kind.PRICE, [Patch(key=key, fields={"price": "9.99"}) for key in keys])) == [None] * 25
    assert sorted(writes(eight, before)) == ["PATCH combinations", "PATCH products"]


def test_promotions_and_the_purchase_price_stay(stand: PrestaStand) -> None:
    key = stand.add_product()
    rule = {"id_product": int(key), "reduction": "0.10", "reduction_type": "percentage", "price": "-1.000000"}
    promotion = stand.state.insert("specific_prices", rule)
    with stand.state.products.editing(int(key)) as row:
        row["wholesale_price"] = "5.490000"
    kept = dict(stand.state.tables["specific_prices"].get(promotion))
    stand.open().update(Kind.PRICE, [Patch(key=key, fields={"price": "7.00"})])
    assert dict(stand.state.tables["specific_prices"].get(promotion)) == kept
    assert product(stand, key)["wholesale_price"] == "5.490000"


def test_another_vat_rate_keeps_the_gross_price(stand: PrestaStand) -> None:
    key = stand.add_product()
    side = stand.open()
    assert errors(side.update(Kind.PRODUCT, [Patch(key=key, fields={"tax_rate": "2"})])) == [None]
    assert fields_of(side.read(Kind.PRICE, [key]).items[0].record) == {"price": "12.3"}
    assert product(stand, key)["id_tax_rules_group"] in (2, "2")


# one bad row


@pytest.mark.parametrize("bad", range(25))
def test_one_bad_row_of_a_batch_is_found_wherever_it_stands(eight: PrestaStand, bad: int) -> None:
    keys = [eight.add_product() for _ in range(25)]
    rows = [Patch(key=key, fields={"code": f"NOWY-{place}"}) for place, key in enumerate(keys)]
    rows[bad] = Patch(key=keys[bad], fields={"code": "A<B"})
    results = eight.open().update(Kind.PRODUCT, rows)
    assert [result.token for result in results] == keys
    assert [place for place, result in enumerate(results) if not result.ok] == [bad]
    refused = results[bad].error
    assert isinstance(refused, Rejected)
    assert refused.field == "code"
    assert "Product->reference" in refused.problem.as_dict()["message"]
    assert "A&lt;B" in (results[bad].exchange.request if results[bad].exchange else "")
    codes = [product(eight, key)["reference"] for key in keys]
    assert codes == [f"NOWY-{place}" if place != bad else f"KUB-{bad + 1:04d}" for place in range(25)]


@pytest.mark.parametrize("bad", range(25))
def test_one_bad_row_of_new_products_is_found_and_nothing_is_made_twice(eight: PrestaStand, bad: int) -> None:
    rows = [new_product(eight, f"N-{place}") for place in range(25)]
    rows[bad] = new_product(eight, f"N-{bad}", name="A<B")
    results = eight.open().create(Kind.PRODUCT, rows)
    assert [place for place, result in enumerate(results) if not result.ok] == [bad]
    assert isinstance(results[bad].error, Rejected)
    made = [code for code in references(eight) if code.startswith("N-")]
    assert sorted(made) == sorted(f"N-{place}" for place in range(25) if place != bad)
    for result in results:
        if result.ok:
            assert product(eight, result.key)["reference"] == result.token
            assert quantity(eight, result.key) == 4


def test_all_bad_rows_each_hear_their_own_reason(eight: PrestaStand) -> None:
    names = ["A<B", "dobry", "C{D", "też dobry", "E>F"]
    results = eight.open().create(
        Kind.PRODUCT, [new_product(eight, f"N-{place}", name=name) for place, name in enumerate(names)]
    )
    assert [result.ok for result in results] == [False, True, False, True, False]


def test_an_element_over_which_the_shop_dies_does_not_stop_the_others(eight: PrestaStand) -> None:
    """An empty 500 for a body that holds one product, whatever else is in it."""
    keys = [eight.add_product() for _ in range(8)]
    poison = f"<id>{keys[5]}</id>".encode()

    def die(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PATCH" and poison in request.content:
            return httpx.Response(500)
        return None

    side = eight.open()
    eight.wire._plans.append(die)
    results = side.update(Kind.PRODUCT, [Patch(key=key, fields={"ean": "5901234123457"}) for key in keys])
    assert [place for place, result in enumerate(results) if not result.ok] == [5]
    assert isinstance(results[5].error, Transient)


def test_a_shop_that_dies_over_everything_is_left_alone(eight: PrestaStand) -> None:
    keys = [eight.add_product() for _ in range(25)]
    side = eight.open()
    eight.shop.faults.add("error", times=99, method="PATCH")
    before = len(eight.wire.requests)
    with pytest.raises(Transient):
        side.update(Kind.PRODUCT, [Patch(key=key, fields={"ean": "5901234123457"}) for key in keys])
    assert len(writes(eight, before)) < 10


# deleting and hiding


def test_many_are_deleted_at_once_and_what_is_gone_is_no_error(stand: PrestaStand) -> None:
    keys = [stand.add_product() for _ in range(5)]
    parent = stand.add_product(variants=True)
    one, two = stand.state.owned("combinations", int(parent))
    side = stand.open()
    stand.remove_product(keys[2])
    before = len(stand.wire.requests)
    assert errors(side.delete(Kind.PRODUCT, [*keys, f"{parent}:{one}"])) == [None] * 6
    assert len(writes(stand, before)) == 2
    assert stand.product_ids() == [parent]
    assert stand.state.owned("combinations", int(parent)) == [two]


def test_a_product_that_others_have_become_variants_of_is_not_deleted(eight: PrestaStand) -> None:
    parent = eight.add_product(variants=True)
    refused = eight.open().delete(Kind.PRODUCT, [parent])[0].error
    assert refused is not None
    assert refused.problem.code == Code.STALE
    assert parent in eight.product_ids()


def test_a_combination_cannot_be_hidden_alone(stand: PrestaStand) -> None:
    parent, simple = stand.add_product(variants=True), stand.add_product()
    own = stand.state.owned("combinations", int(parent))[0]
    results = stand.open().deactivate(Kind.PRODUCT, [f"{parent}:{own}", simple])
    assert [result.ok for result in results] == [False, True]
    assert [str(product(stand, key)["active"]) for key in (parent, simple)] == ["1", "0"]


# categories, producers, pictures


def test_categories_are_made_below_their_parents_in_all_languages(stand: PrestaStand) -> None:
    side = stand.open()
    top = side.create(Kind.CATEGORY, [NewElement(token="a", fields={"path": ["Ogród & dom"]})])[0]
    below = side.create(
        Kind.CATEGORY, [NewElement(token="b", fields={"path": ["Ogród & dom", "Łopaty"]}, parent=top.key)]
    )
    rows = stand.state.categories
    assert rows.get(int(top.key))["id_parent"] in (2, "2")
    assert rows.get(int(below[0].key))["name"] == {"1": "Łopaty", "2": "Łopaty"}
    assert rows.get(int(below[0].key))["link_rewrite"] == {"1": "lopaty", "2": "lopaty"}
    read = side.read(Kind.CATEGORY, [below[0].key]).items[0].record
    assert fields_of(read) == {"path": ["Ogród & dom", "Łopaty"]}


def test_a_category_that_is_there_is_not_made_again(eight: PrestaStand) -> None:
    rows = [NewElement(token=one, fields={"path": ["Nowa"]}) for one in ("a", "b")]
    first, twin = eight.open().create(Kind.CATEGORY, rows)
    again = eight.open().create(Kind.CATEGORY, rows[:1])[0]
    assert first.key == twin.key == again.key


@pytest.mark.parametrize("bad", range(5))
def test_one_bad_producer_is_found_wherever_it_stands(eight: PrestaStand, bad: int) -> None:
    names = [f"Producent {place}" for place in range(5)]
    names[bad] = "A<B"
    results = eight.open().create(Kind.PRODUCER, [NewElement(token=name, fields={"name": name}) for name in names])
    assert [place for place, result in enumerate(results) if not result.ok] == [bad]
    assert len(eight.state.tables["manufacturers"]) == 5


def test_a_picture_for_the_first_place_becomes_the_cover(stand: PrestaStand) -> None:
    side = stand.open()
    stand.state.add_image(stand.owner, small_png(1))
    row = NewElement(token="a", fields={"position": "1"}, owner=str(stand.owner), content=small_png(2))
    made = side.create(Kind.IMAGE, [row])[0]
    assert made.ok
    read = side.read(Kind.IMAGE, [made.key]).items[0].record
    assert fields_of(read)["position"] == "1"
    assert made.exchange is not None
    assert "base64" not in made.exchange.request + made.exchange.answer
    assert side.content(Kind.IMAGE, made.key) == small_png(2)


def test_a_place_that_cannot_be_given_is_told_as_it_is(eight: PrestaStand) -> None:
    images = [eight.state.add_image(eight.owner, small_png(seed)) for seed in (1, 2, 3)]
    result = eight.open().update(Kind.IMAGE, [Patch(key=f"{eight.owner}:{images[2]}", fields={"position": "2"})])[0]
    assert result.ok
    assert result.record is not None
    assert fields_of(result.record)["position"] == "3"


def test_a_picture_whose_answer_was_lost_is_known_by_what_was_there_before(eight: PrestaStand) -> None:
    """A real shop keeps other bytes than it was sent."""
    before = eight.state.add_image(eight.owner, small_png(1))
    row = NewElement(token="a", fields={"position": "2"}, owner=str(eight.owner), content=small_png(2))
    eight.wire.lose_answers("POST")
    with pytest.raises(OutcomeUnknown):
        eight.open().create(Kind.IMAGE, [row])
    made = next(one for one in eight.state.owned("images", eight.owner) if one != before)
    eight.state.files[made] = small_png(99)
    assert eight.open().find(Kind.IMAGE, [row])["a"].keys == (f"{eight.owner}:{made}",)


def test_a_picture_of_a_product_that_is_gone(eight: PrestaStand) -> None:
    row = NewElement(token="a", fields={"position": "1"}, owner="9999", content=small_png(2))
    assert isinstance(eight.open().create(Kind.IMAGE, [row])[0].error, Gone)
    assert errors(eight.open().delete(Kind.IMAGE, ["9999:1"])) == [None]


# keys without rights


@pytest.mark.parametrize(
    ("kind", "fields"),
    [(Kind.PRODUCT, {"ean": "5901234123457"}), (Kind.PRODUCT, {"name": "N"}), (Kind.PRICE, {"price": "7"})],
)
def test_a_product_that_is_gone_is_told_apart_from_the_others(stand: PrestaStand, kind: Kind, fields: Fields) -> None:
    keys = [stand.add_product() for _ in range(5)]
    parent = stand.add_product(variants=True)
    own = stand.state.owned("combinations", int(parent))[0]
    side = stand.open()
    stand.remove_product(keys[3])
    stand.state.remove("combinations", own)
    rows = [Patch(key=key, fields=fields) for key in keys]
    assert [type(result.error) for result in side.update(kind, rows)] == [type(None)] * 3 + [Gone, type(None)]
    if "name" not in fields:
        assert isinstance(side.update(kind, [Patch(key=f"{parent}:{own}", fields=fields)])[0].error, Gone)


def test_a_key_without_patch_puts_whole_elements_back(eight: PrestaStand) -> None:
    """A key made under 1.7 does not get PATCH by the shop's update."""
    for methods in eight.shop.access.accounts[API_KEY].rights.values():
        methods.discard("PATCH")
    key = eight.add_product()
    side = eight.open()
    before = eight.stored(Kind.PRODUCT, key)
    assert errors(side.update(Kind.PRODUCT, [Patch(key=key, fields={"ean": "5901234123457"})])) == [None]
    assert moved(before, eight.stored(Kind.PRODUCT, key)) <= {"ean13", "date_upd"}


def test_a_missing_right_is_named(eight: PrestaStand) -> None:
    side = eight.open()
    eight.shop.access.accounts[API_KEY].rights["products"].discard("POST")
    with pytest.raises(Rejected) as caught:
        side.create(Kind.PRODUCT, [new_product(eight, "N-1")])
    told = caught.value.problem
    assert (told.code, told.as_dict()["resource"], told.as_dict()["right"]) == (Code.RIGHT_MISSING, "products", "POST")


def test_bodies_and_addresses_stay_short(eight: PrestaStand) -> None:
    eight.fill(700)
    side = eight.open()
    keys = [key for key in stock_keys(side) if ":" in key][:200]
    side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "1"}) for key in keys])
    assert max(len(str(one.url)) for one in eight.wire.requests) < 8000
    assert max(len(unquote(str(one.url))) for one in eight.wire.requests) < 6200

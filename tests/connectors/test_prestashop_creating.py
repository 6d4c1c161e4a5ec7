"""New elements in PrestaShop: complete, in few bodies, and never twice."""

from dataclasses import replace

import pytest

from integrator.canonical.errors import OutcomeUnknown, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, fields_of
from integrator.canonical.side import NewElement, Patch
from shops.connectors.prestashop import rest
from shops.connectors.prestashop.simulator.stand import PrestaStand
from tests.connectors.prestashop_writes import (
    VERSIONS,
    New,
    Old,
    errors,
    new_product,
    new_variant,
    product,
    quantity,
    references,
    writes,
)
from tests.connectors.wire import wired


@pytest.fixture(params=[Old, PrestaStand, New], ids=VERSIONS)
def stand(request: pytest.FixtureRequest) -> PrestaStand:
    return wired(request.param())


@pytest.fixture
def eight() -> PrestaStand:
    return wired(PrestaStand())


# new products


def test_new_products_are_complete_and_take_one_body(stand: PrestaStand) -> None:
    side = stand.open()
    before = len(stand.wire.requests)
    results = side.create(Kind.PRODUCT, [new_product(stand, f"N-{place}") for place in range(25)])
    assert errors(results) == [None] * 25
    change = "PUT" if stand.version.startswith("1.7") else "PATCH"
    assert writes(stand, before) == ["POST products", f"{change} stock_availables"]
    row = product(stand, results[0].key)
    assert [str(row[name]) for name in ("state", "active", "available_for_order", "minimal_quantity")] == ["1"] * 4
    assert (row["price"], row["categories"]) == ("10.000000", [stand.category])
    assert row["name"] == {"1": "Towar N-0", "2": "Towar N-0"}
    assert results[0].image_owner == results[0].key


def test_a_product_that_an_earlier_try_made_is_not_made_again(stand: PrestaStand) -> None:
    side = stand.open()
    stand.wire.lose_answers("POST")
    with pytest.raises(OutcomeUnknown):
        side.create(Kind.PRODUCT, [new_product(stand, "N-1"), new_product(stand, "N-2")])
    results = stand.open().create(Kind.PRODUCT, [new_product(stand, f"N-{place}") for place in (1, 2, 3)])
    assert errors(results) == [None] * 3
    assert [code for code in references(stand) if code.startswith("N-")] == ["N-1", "N-2", "N-3"]
    assert {quantity(stand, result.key) for result in results} == {4}


def test_a_shop_that_dies_over_new_products_is_looked_at_before_it_is_tried_again(eight: PrestaStand) -> None:
    side = eight.open()
    eight.shop.faults.add("error", method="POST", resource="products")
    with pytest.raises(OutcomeUnknown):
        side.create(Kind.PRODUCT, [new_product(eight, "N-1")])


def test_a_quantity_that_could_not_be_written_is_not_forgotten(eight: PrestaStand) -> None:
    side = eight.open()
    eight.shop.faults.add("error", times=9, method="PATCH", resource="stock_availables")
    failed = side.create(Kind.PRODUCT, [new_product(eight, "N-1")])[0]
    assert isinstance(failed.error, Transient)
    eight.shop.faults.clear()
    again = side.create(Kind.PRODUCT, [new_product(eight, "N-1")])[0]
    assert again.ok
    assert quantity(eight, again.key) == 4
    assert references(eight).count("N-1") == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"tax_rate": "99999"}, "tax_rate"), ({"producer": "99999"}, "producer"), ({"category": "99999"}, "category")],
)
def test_what_the_shop_does_not_have_is_not_pointed_to(eight: PrestaStand, fields: Fields, field: str) -> None:
    side = eight.open()
    refused = side.create(Kind.PRODUCT, [new_product(eight, "N-1", **fields)])[0].error
    assert isinstance(refused, Rejected)
    assert refused.field == field
    key = eight.add_product()
    result = side.update(Kind.PRODUCT, [Patch(key=key, fields=fields)])[0]
    assert isinstance(result.error, Rejected)
    assert "99999" not in str(product(eight, key))


@pytest.mark.parametrize("code", ["A[1]", "A|B", "[x]", "10,20", "łóż ko", "100%", "O'Neil"])
def test_codes_with_odd_characters_are_found_again(eight: PrestaStand, code: str) -> None:
    side = eight.open()
    made = side.create(Kind.PRODUCT, [new_product(eight, code)])[0]
    assert made.ok, made.error
    again = eight.open().create(Kind.PRODUCT, [new_product(eight, code), new_product(eight, "other")])
    assert again[0].key == made.key
    assert references(eight).count(code) == 1


def test_a_code_with_a_comma_is_found_where_it_is_alone_in_the_last_filter(eight: PrestaStand) -> None:
    """As many codes as fill one address, and one more: a comma alone between brackets would be a range."""
    long = [f"{number:032d}" for number in range(rest.FILTER_CHARACTERS // 35)]
    long[0] = long[0].zfill(57)
    code = "10,20"
    assert list(rest.by_length(sorted([*long, code])))[1:] == [[code]]
    made = eight.open().create(Kind.PRODUCT, [new_product(eight, code)])[0]
    wanted = [new_product(eight, one) for one in (*long, code)]
    assert eight.open().find(Kind.PRODUCT, wanted)[wanted[-1].token].keys == (made.key,)


def test_codes_that_differ_in_case_are_two(eight: PrestaStand) -> None:
    side = eight.open()
    first = side.create(Kind.PRODUCT, [new_product(eight, "abc-1")])[0]
    second = side.create(Kind.PRODUCT, [new_product(eight, "ABC-1")])[0]
    assert first.key != second.key


def test_two_rows_of_one_code_in_one_call_make_one(eight: PrestaStand) -> None:
    one, two = new_product(eight, "N-1"), new_product(eight, "N-1")
    results = eight.open().create(Kind.PRODUCT, [one, NewElement(token="zwei", fields=two.fields)])
    assert [result.ok for result in results] == [True, False]
    assert references(eight).count("N-1") == 1


# combinations


def test_new_variants_share_a_parent_and_take_one_body(stand: PrestaStand) -> None:
    side = stand.open()
    rows = [new_variant(stand, "KOSZ", size, price=price) for size, price in (("M", "12.30"), ("L", "24.60"))]
    before = len(stand.wire.requests)
    results = side.create(Kind.PRODUCT, rows)
    assert errors(results) == [None, None]
    assert len(writes(stand, before)) == 5, "one option, its two values, the product, its combinations, their stock"
    parents = {result.key.partition(":")[0] for result in results}
    assert len(parents) == 1
    parent = product(stand, parents.pop())
    assert (parent["reference"], parent["product_type"], parent["name"]["1"]) == ("KOSZ", "combinations", "Koszula")
    read = side.read(Kind.PRODUCT, [result.key for result in results])
    assert [item.record.options for item in read.items] == [  # type: ignore[union-attr]
        (("Colour", "Czarny"), ("Rozmiar", "M")),
        (("Colour", "Czarny"), ("Rozmiar", "L")),
    ]
    prices = [fields_of(item.record)["price"] for item in side.read(Kind.PRICE, [r.key for r in results]).items]
    assert prices == ["12.3", "24.6"]
    assert [quantity(stand, result.key) for result in results] == [4, 4]
    owned = stand.state.owned("combinations", int(results[0].image_owner))
    assert [bool(stand.state.combinations.get(one)["default_on"]) for one in owned] == [True, False]


def test_many_groups_cost_as_many_requests_as_one(eight: PrestaStand) -> None:
    def asked(groups: int) -> int:
        rows = [new_variant(eight, f"{groups}-{group}", size) for group in range(groups) for size in ("M", "L")]
        before = len(eight.wire.requests)
        results = eight.open().create(Kind.PRODUCT, rows)
        assert errors(results) == [None] * len(rows)
        assert len({result.key.partition(":")[0] for result in results}) == groups
        return len(eight.wire.requests) - before

    asked(2)  # makes the option and its values
    assert asked(10) == asked(1)


def test_one_bad_group_does_not_hold_up_the_others(eight: PrestaStand) -> None:
    rows = [new_variant(eight, "KOSZ", "M"), new_variant(eight, "A<B", "M"), new_variant(eight, "BLUZA", "<{}>")]
    rows += [new_variant(eight, "CZAPKA", "M", code="X<Y"), new_variant(eight, "SZAL", "M")]
    results = eight.open().create(Kind.PRODUCT, rows)
    assert [result.ok for result in results] == [True, False, False, False, True]
    assert {"KOSZ", "SZAL"} <= set(references(eight))
    assert not {"A<B", "BLUZA", "CZAPKA"} & set(references(eight))


def test_two_rows_of_the_same_options_make_one_combination(eight: PrestaStand) -> None:
    one, two = new_variant(eight, "KOSZ", "M"), new_variant(eight, "KOSZ", "M", code="INNY")
    rows = [one, replace(two, token="zwei")]
    first, second = eight.open().create(Kind.PRODUCT, rows)
    assert first.ok
    assert second.error is not None
    assert second.error.problem.code == Code.OPTIONS_TAKEN
    assert len(eight.state.owned("combinations", int(first.image_owner))) == 1


def test_a_variant_joins_the_parent_that_is_there(stand: PrestaStand) -> None:
    first = stand.open().create(Kind.PRODUCT, [new_variant(stand, "KOSZ", "M")])[0]
    options = len(stand.state.tables["product_options"])
    second, again = stand.open().create(
        Kind.PRODUCT, [new_variant(stand, "KOSZ", "L"), new_variant(stand, "KOSZ", "M")]
    )
    assert again.key == first.key
    assert second.key.partition(":")[0] == first.key.partition(":")[0]
    assert references(stand).count("KOSZ") == 1
    assert len(stand.state.tables["product_options"]) == options
    assert len(stand.state.owned("combinations", int(first.image_owner))) == 2


@pytest.mark.parametrize("bad", range(4))
def test_one_bad_variant_does_not_hold_up_the_others(eight: PrestaStand, bad: int) -> None:
    rows = [new_variant(eight, "KOSZ", size) for size in ("S", "M", "L", "XL")]
    rows[bad] = new_variant(eight, "KOSZ", ("S", "M", "L", "XL")[bad], code="A<B")
    results = eight.open().create(Kind.PRODUCT, rows)
    assert [place for place, result in enumerate(results) if not result.ok] == [bad]
    assert len(eight.state.owned("combinations", int(results[(bad + 1) % 4].image_owner))) == 3


def test_a_parent_that_got_no_combination_is_taken_back(eight: PrestaStand) -> None:
    results = eight.open().create(Kind.PRODUCT, [new_variant(eight, "KOSZ", "M", code="A<B")])
    assert isinstance(results[0].error, Rejected)
    assert "KOSZ" not in references(eight)


def test_a_product_that_is_sold_alone_is_not_turned_into_a_parent(eight: PrestaStand) -> None:
    eight.state.add_product("KOSZ", "Koszula")
    refused = eight.open().create(Kind.PRODUCT, [new_variant(eight, "KOSZ", "M")])[0].error
    assert refused is not None
    assert refused.problem.code == Code.VARIANT_NOT_ATTACHED


def test_the_same_options_under_another_code_are_not_made_again(eight: PrestaStand) -> None:
    side = eight.open()
    made = side.create(Kind.PRODUCT, [new_variant(eight, "KOSZ", "M")])[0]
    refused = side.create(Kind.PRODUCT, [new_variant(eight, "KOSZ", "M", code="INNY")])[0].error
    assert refused is not None
    assert refused.problem.code == Code.OPTIONS_TAKEN
    assert len(eight.state.owned("combinations", int(made.image_owner))) == 1


def test_what_was_made_before_the_shop_went_down_is_not_forgotten(eight: PrestaStand) -> None:
    side = eight.open()
    eight.shop.faults.add("error", times=9, method="POST", resource="combinations")
    rows = [new_variant(eight, "KOSZ", "M"), new_product(eight, "N-1"), new_variant(eight, "BLUZA", "M")]
    before = len(eight.wire.requests)
    results = side.create(Kind.PRODUCT, rows)
    assert [result.ok for result in results] == [False, True, False]
    assert isinstance(results[0].error, OutcomeUnknown)
    assert writes(eight, before).count("POST combinations") == 1, "a shop in trouble is not asked for the next group"
    assert quantity(eight, results[1].key) == 4


def test_several_groups_get_their_quantities_with_one_write(eight: PrestaStand) -> None:
    rows = [new_variant(eight, group, size) for group in ("KOSZ", "BLUZA") for size in ("M", "L")]
    before = len(eight.wire.requests)
    results = eight.open().create(Kind.PRODUCT, [*rows, new_product(eight, "N-1")])
    assert errors(results) == [None] * 5
    assert writes(eight, before).count("PATCH stock_availables") == 1
    assert {quantity(eight, result.key) for result in results} == {4}


def test_a_lost_answer_about_combinations_leaves_no_second_ones(eight: PrestaStand) -> None:
    eight.open().create(Kind.PRODUCT, [new_variant(eight, "KOSZ", "S")])
    eight.shop.faults.add("drop", method="POST", resource="combinations")
    rows = [new_variant(eight, "KOSZ", size) for size in ("M", "L")]
    with pytest.raises(OutcomeUnknown):
        eight.open().create(Kind.PRODUCT, rows)
    found = eight.open().find(Kind.PRODUCT, rows)
    assert all(len(found[row.token].keys) == 1 for row in rows)
    assert errors(eight.open().create(Kind.PRODUCT, rows)) == [None, None]
    assert len(eight.state.combinations) == 3

"""Creating variants in WooCommerce: one parent, its options, and no variation twice."""

import json
from collections import Counter
from typing import Any

import pytest

from integrator.canonical.errors import OutcomeUnknown, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Product, fields_of
from integrator.canonical.side import NewElement, Patch, Result, Side
from shops.connectors.woocommerce.simulator.stand import WooStand
from tests.connectors.wire import all_pages, wired


@pytest.fixture
def stand() -> WooStand:
    return wired(WooStand())


def variant(stand: WooStand, number: int, *options: tuple[str, str], group: str = "BLUZA") -> NewElement:
    fields = {
        **stand.new(Kind.PRODUCT, number).fields,
        "code": f"{group}-{number}",
        "price": f"{80 + number}.00",
        "quantity": str(number),
    }
    chosen = options or (("Kolor", ["Czarny", "Biały", "Różowy"][number % 3]),)
    return NewElement(
        token=f"erp-{group}-{number}",
        fields=fields,
        group_code=group,
        group_name="Bluza z kapturem",
        options=chosen,
    )


def keys(results: list[Result]) -> list[str]:
    assert [result.error for result in results] == [None] * len(results)
    return [result.key for result in results]


def products(stand: WooStand) -> dict[str, Product]:
    found = [item for page in all_pages(stand.open(), Kind.PRODUCT) for item in page.items]
    return {item.key: item.record for item in found if isinstance(item.record, Product)}


def row(stand: WooStand, key: str) -> Any:
    return stand.shop.state.products.get(int(key.rpartition(":")[2]))


def test_variants_get_a_parent_and_their_options(stand: WooStand) -> None:
    made = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 0), variant(stand, 1), variant(stand, 2)]))
    found = products(stand)
    [parent] = {key.partition(":")[0] for key in made}
    rows = [found[key] for key in made]
    assert [one.options for one in rows] == [(("Kolor", "Czarny"),), (("Kolor", "Biały"),), (("Kolor", "Różowy"),)]
    assert {one.name for one in rows} == {"Bluza z kapturem"}
    assert {one.unit for one in rows} == {stand.unit_key(stand.sets)}
    assert {one.tax_rate for one in rows} == {"reduced-rate"}
    assert all(one.active for one in rows)
    assert row(stand, parent)["attributes"][0]["id"] == stand.colour, "the shop's own attribute is used"
    assert row(stand, parent)["sku"] == "BLUZA"
    assert row(stand, made[0])["tax_class"] == "parent"


def test_options_without_an_attribute_of_the_shop_belong_to_the_product(stand: WooStand) -> None:
    rows = [variant(stand, n, ("Rozmiar", size), ("Kolor", "Biały")) for n, size in enumerate(("S & M", "L"))]
    made = keys(stand.open().create(Kind.PRODUCT, rows))
    found = products(stand)
    assert {frozenset(found[key].options) for key in made} == {
        frozenset({("Rozmiar", "S & M"), ("Kolor", "Biały")}),
        frozenset({("Rozmiar", "L"), ("Kolor", "Biały")}),
    }


def test_later_variants_join_the_parent_and_bring_their_options(stand: WooStand) -> None:
    first = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 0)]))
    parent = first[0].partition(":")[0]
    stand.shop.state.change(int(parent), name="Nazwa sklepu", description="Opis sklepu")
    later = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 2)]))
    assert later[0].partition(":")[0] == parent
    assert products(stand)[later[0]].options == (("Kolor", "Różowy"),)
    kept = row(stand, parent)
    assert (kept["name"], kept["description"]) == ("Nazwa sklepu", "Opis sklepu")


@pytest.mark.parametrize("version", ["10.5.0", "9.4.0"])
def test_the_same_options_are_not_made_a_second_time(version: str) -> None:
    class Shop(WooStand):
        pass

    Shop.version = version
    stand = wired(Shop())
    black, twin, white = ("Kolor", "Czarny"), ("kolor", "czarny"), ("Kolor", "Biały")
    first, second = stand.open().create(Kind.PRODUCT, [variant(stand, 0, black), variant(stand, 1, twin)])
    assert first.ok
    assert second.error is not None
    assert dict(second.error.problem.params)["other"] == "BLUZA-0"
    later = stand.open().create(Kind.PRODUCT, [variant(stand, 2, twin), variant(stand, 3, white)])
    assert [result.ok for result in later] == [False, True]
    assert later[0].error is not None
    assert later[0].error.problem.code == Code.OPTIONS_TAKEN
    assert len(stand.variants(first.key.partition(":")[0])) == 2


def test_many_groups_cost_one_batch_of_parents_and_one_of_variations_each(stand: WooStand) -> None:
    side = stand.open()
    rows = [variant(stand, number, group=f"G{group}") for group in range(10) for number in range(3)]
    for one in rows:
        one.fields["ean"] = ""
    before = len(stand.wire.sent)
    made = keys(side.create(Kind.PRODUCT, rows))
    calls = Counter(one.rpartition("/v3/")[2] for one in stand.wire.sent[before:])
    parents = {key.partition(":")[0] for key in made}
    assert len(parents) == 10
    assert calls["products/batch"] == 1
    assert all(calls[f"products/{parent}/variations/batch"] == 1 for parent in parents)
    assert sum(calls.values()) <= 1 + 10 + 5


@pytest.mark.parametrize("lost_post", range(1, 4))
def test_variants_with_any_answer_lost_stand_there_once(stand: WooStand, lost_post: int) -> None:
    """Whichever POST loses its answer: look, create again what is not found, and end with each variant once."""
    wanted = [variant(stand, 0), variant(stand, 1), variant(stand, 0, group="CZAPKA")]
    stand.open()
    stand.shop.faults.add("drop", method="POST", skip=lost_post - 1)
    wanted[2].fields["ean"] = ""
    waiting = {one.token: one for one in wanted}
    for _ in range(6):
        found = stand.open().find(Kind.PRODUCT, list(waiting.values())) if waiting else {}
        for token, one in found.items():
            assert len(one.keys) <= 1
            if one.keys:
                waiting.pop(token)
        if waiting:
            _try(stand.open(), list(waiting.values()), waiting)
    assert waiting == {}
    codes = sorted(one.code for one in products(stand).values() if one.code.startswith(("BLUZA", "CZAPKA")))
    assert codes == ["BLUZA-0", "BLUZA-1", "CZAPKA-0"]


def _try(side: Side, rows: list[NewElement], waiting: dict[str, NewElement]) -> None:
    try:
        results = side.create(Kind.PRODUCT, rows)
    except Transient:
        return
    for result in results:
        if result.ok:
            waiting.pop(result.token)
        else:
            assert isinstance(result.error, Transient)


def test_simple_ones_are_not_forgotten_when_variants_fail(stand: WooStand) -> None:
    rows = [stand.new(Kind.PRODUCT, 1), variant(stand, 5)]
    side = stand.open()
    stand.shop.faults.add("drop", method="POST", resource="products/batch", skip=1)
    results = side.create(Kind.PRODUCT, rows)
    assert [result.ok for result in results] == [True, False]
    assert isinstance(results[1].error, OutcomeUnknown)


def test_a_shop_in_trouble_is_not_asked_for_every_parent(stand: WooStand) -> None:
    rows = [variant(stand, number, group=f"G{number}") for number in range(5)]
    side = stand.open()
    stand.shop.faults.add("error", method="POST", resource="products/variations/batch", status=502, times=9)
    results = side.create(Kind.PRODUCT, rows)
    assert not any(result.ok for result in results)
    assert sum("variations/batch" in one for one in stand.wire.sent) == 1


def test_a_parent_whose_variants_are_all_refused_is_taken_back(stand: WooStand) -> None:
    before = set(stand.product_ids())
    bad = variant(stand, 0)
    bad.fields["ean"] = stand.new(Kind.PRODUCT, 7).fields["ean"]
    keys(stand.open().create(Kind.PRODUCT, [stand.new(Kind.PRODUCT, 7)]))
    [result] = stand.open().create(Kind.PRODUCT, [bad])
    assert isinstance(result.error, Rejected)
    assert result.error.field == "ean"
    assert len(set(stand.product_ids()) - before) == 1, "only the simple one"


def test_one_refused_variant_does_not_take_the_others_along(stand: WooStand) -> None:
    bad = variant(stand, 1)
    bad.fields["price"] = None
    results = stand.open().create(Kind.PRODUCT, [variant(stand, 0), bad, variant(stand, 2)])
    assert [result.ok for result in results] == [True, False, True]


@pytest.mark.parametrize("options", [(), (("Rozmiar", "S"),)])
def test_variants_of_one_product_need_the_same_options(stand: WooStand, options: tuple[tuple[str, str], ...]) -> None:
    odd = NewElement(token="odd", fields=variant(stand, 1).fields, group_code="BLUZA", options=options)
    results = stand.open().create(Kind.PRODUCT, [variant(stand, 0), odd, variant(stand, 2, group="INNA")])
    assert [result.ok for result in results] == [False, False, True]
    assert isinstance(results[1].error, Rejected)
    assert results[1].error.field == "options"


def test_a_simple_product_of_the_groups_code_is_no_parent(stand: WooStand) -> None:
    plain = NewElement(token="p", fields={**stand.new(Kind.PRODUCT, 9).fields, "code": "BLUZA"})
    [key] = keys(stand.open().create(Kind.PRODUCT, [plain]))
    [result] = stand.open().create(Kind.PRODUCT, [variant(stand, 0)])
    assert result.error is not None
    assert result.error.problem.code == Code.VARIANT_NOT_ATTACHED
    assert row(stand, key)["type"] == "simple"


def test_the_parents_code_is_no_code_of_a_variant(stand: WooStand) -> None:
    one = variant(stand, 0)
    one.fields["code"] = "bluza"
    before = set(stand.product_ids())
    [result] = stand.open().create(Kind.PRODUCT, [one])
    assert isinstance(result.error, Rejected)
    assert result.error.field == "code"
    assert set(stand.product_ids()) == before


def test_a_variation_is_hidden_changed_and_trashed_alone(stand: WooStand) -> None:
    made = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 0), variant(stand, 1)]))
    side = stand.open()
    keys(side.update(Kind.PRICE, [Patch(key=made[0], fields={"price": "12.34"})]))
    keys(side.update(Kind.STOCK, [Patch(key=made[0], fields={"quantity": "17"})]))
    keys(side.deactivate(Kind.PRODUCT, made[:1]))
    assert fields_of(side.read(Kind.PRICE, made[:1]).items[0].record) == {"price": "12.34"}
    assert [fields_of(i.record)["quantity"] for i in side.read(Kind.STOCK, made).items] == ["17", "1"]
    found = products(stand)
    assert [found[key].active for key in made] == [False, True]
    assert row(stand, made[0])["status"] == "private"
    keys(side.delete(Kind.PRODUCT, made[:1]))
    assert made[0] not in products(stand)
    assert made[1] in products(stand)


def test_a_variation_in_the_trash_keeps_its_sku(stand: WooStand) -> None:
    made = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 0), variant(stand, 1)]))
    keys(stand.open().delete(Kind.PRODUCT, made[:1]))
    [result] = stand.open().create(Kind.PRODUCT, [variant(stand, 0)])
    assert isinstance(result.error, Rejected)
    assert result.error.problem.code == Code.IN_TRASH


def test_a_hidden_new_variant_is_private(stand: WooStand) -> None:
    one = variant(stand, 0)
    one.fields["active"] = False
    [key] = keys(stand.open().create(Kind.PRODUCT, [one]))
    assert row(stand, key)["status"] == "private"
    created = [json.loads(r.content) for r in stand.wire.requests if r.url.path.endswith("variations/batch")]
    assert created[0]["create"][0]["manage_stock"] is True

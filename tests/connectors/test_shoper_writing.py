"""Writing to Shoper: batches, variants, pictures, and what is never touched."""

import json
from typing import Any

import pytest

from integrator.canonical.errors import Gone, Locked, OutcomeUnknown, RateLimited, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, Image, Product, fields_of
from integrator.canonical.side import NewElement, Patch, Result, Side
from shops.connectors.shoper import pictures
from shops.connectors.shoper.simulator.stand import ShoperStand, picture
from tests.connectors.wire import all_pages, wired


@pytest.fixture
def stand() -> ShoperStand:
    return wired(ShoperStand())


def variant(stand: ShoperStand, number: int, *options: tuple[str, str], group: str = "BLUZA") -> NewElement:
    fields: Fields = {
        "code": f"{group}-{number}",
        "name": "Bluza",
        "unit": "1",
        "tax_rate": "1",
        "category": str(stand.category),
        "price": f"{80 + number}.00",
        "quantity": str(number),
        "active": True,
    }
    chosen = options or (("Kolor", ["Czarny", "Biały", "Różowy"][number % 3]),)
    return NewElement(
        token=f"erp-{group}-{number}", fields=fields, group_code=group, group_name="Bluza z kapturem", options=chosen
    )


def keys(results: list[Result]) -> list[str]:
    assert [result.error for result in results] == [None] * len(results)
    return [result.key for result in results]


def products(stand: ShoperStand) -> dict[str, Product]:
    found = [item for page in all_pages(stand.open(), Kind.PRODUCT) for item in page.items]
    return {item.key: item.record for item in found if isinstance(item.record, Product)}


def test_variants_get_a_parent_and_their_options(stand: ShoperStand) -> None:
    made = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 0), variant(stand, 1), variant(stand, 2)]))
    found = products(stand)
    assert len({key.partition(":")[0] for key in made}) == 1
    rows = [found[key] for key in made]
    assert [row.options for row in rows] == [
        (("Kolor", "Czarny"),),
        (("Kolor", "Biały"),),
        (("Kolor", "Różowy"),),
    ]
    assert {row.name for row in rows} == {"Bluza z kapturem"}
    assert all(row.active for row in rows), "Shoper makes new variants inactive: they are switched on"
    parent = stand.shop.state.products.get(int(rows[0].group))
    assert parent["group_id"] == str(stand.group), "the group of options that was there is used"


def test_later_variants_join_the_parent_that_is_there(stand: ShoperStand) -> None:
    first = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 0)]))
    later = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 1)]))
    assert first[0].partition(":")[0] == later[0].partition(":")[0]
    assert sum(key.startswith(first[0].partition(":")[0] + ":") for key in products(stand)) == 2


def test_missing_groups_options_and_values_are_made_once(stand: ShoperStand) -> None:
    rows = [
        variant(stand, number, ("Rozmiar", size), ("Wzór", "Gładki"), group=group)
        for number, (group, size) in enumerate([("A", "S"), ("A", "M"), ("B", "S"), ("B", "L")])
    ]
    made = keys(stand.open().create(Kind.PRODUCT, rows))
    found = products(stand)
    assert found[made[1]].options == (("Rozmiar", "M"), ("Wzór", "Gładki"))
    tables = stand.shop.state.tables
    names = [tables["options"].get(one)["translations"]["pl_PL"]["name"] for one in tables["options"]]
    assert sorted(names) == ["Kolor", "Rozmiar", "Wzór"]
    values = [tables["option-values"].get(one)["translations"]["pl_PL"]["value"] for one in tables["option-values"]]
    assert sorted(values) == ["Biały", "Czarny", "Gładki", "L", "M", "S", "Szary"]


@pytest.mark.parametrize("lost_post", range(1, 8))
def test_variants_with_any_answer_lost_stand_there_once(stand: ShoperStand, lost_post: int) -> None:
    """Whichever POST loses its answer: look, create again what is not found, and end with two active variants."""
    wanted = [variant(stand, 0, ("Rozmiar", "S")), variant(stand, 1, ("Rozmiar", "M"))]
    stand.open().fetch(Kind.UNIT, _scope(), None)
    stand.shop.faults.add("drop", method="POST", skip=lost_post - 1)
    waiting = {row.token: row for row in wanted}
    for _ in range(6):
        found = stand.open().find(Kind.PRODUCT, list(waiting.values())) if waiting else {}
        for token, one in found.items():
            assert len(one.keys) <= 1
            if one.keys:
                waiting.pop(token)
        if waiting:
            _try(stand.open(), list(waiting.values()), waiting)
    assert waiting == {}
    rows = [row for row in products(stand).values() if row.code.startswith("BLUZA")]
    assert sorted(row.code for row in rows) == ["BLUZA-0", "BLUZA-1"]
    assert len({row.group for row in rows}) == 1
    tables = stand.shop.state.tables
    assert [len(tables[name]) for name in ("option-groups", "options", "option-values")] == [2, 2, 5]


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


def _scope() -> Any:
    from integrator.canonical.side import Scope

    return Scope()


def test_a_shop_that_attaches_no_options_is_left_as_it_was(stand: ShoperStand, monkeypatch: pytest.MonkeyPatch) -> None:
    """`group_id` is no documented field: a shop may take it without a word and keep nothing."""
    from shops.connectors.shoper.simulator import product_writes

    monkeypatch.setitem(product_writes._REFERENCES, "group_id", "units")
    monkeypatch.delitem(product_writes._REFERENCES, "group_id")
    before = set(stand.product_ids())
    results = stand.open().create(Kind.PRODUCT, [variant(stand, 0), variant(stand, 1)])
    assert [result.error.problem.code for result in results if result.error] == [Code.VARIANT_NOT_ATTACHED] * 2
    error = results[0].error
    assert error is not None
    assert error.problem.as_dict()["label"] == "Bluza z kapturem"
    assert set(stand.product_ids()) == before


def test_a_parent_whose_variants_are_all_refused_is_taken_back(stand: ShoperStand) -> None:
    bad = variant(stand, 0)
    bad.fields["ean"] = "5900000000010"
    before = set(stand.product_ids())
    results = stand.open().create(Kind.PRODUCT, [bad])
    assert isinstance(results[0].error, Rejected)
    assert set(stand.product_ids()) == before


def test_one_refused_variant_does_not_take_the_others_along(stand: ShoperStand) -> None:
    bad = variant(stand, 1)
    bad.fields["price"] = None
    results = stand.open().create(Kind.PRODUCT, [variant(stand, 0), bad, variant(stand, 2)])
    assert [result.ok for result in results] == [True, False, True]


@pytest.mark.parametrize("options", [(), (("Rozmiar", "S"),)])
def test_variants_of_one_product_need_the_same_options(
    stand: ShoperStand, options: tuple[tuple[str, str], ...]
) -> None:
    odd = NewElement(token="odd", fields=variant(stand, 1).fields, group_code="BLUZA", options=options)
    results = stand.open().create(Kind.PRODUCT, [variant(stand, 0), odd, variant(stand, 2, group="INNA")])
    assert [result.ok for result in results] == [False, False, True]
    assert isinstance(results[1].error, Rejected)
    assert results[1].error.field == "options"


def test_simple_products_and_variants_in_one_call(stand: ShoperStand) -> None:
    rows = [stand.new(Kind.PRODUCT, 1), variant(stand, 0), stand.new(Kind.PRODUCT, 2)]
    results = stand.open().create(Kind.PRODUCT, rows)
    assert [result.token for result in results] == [row.token for row in rows]
    assert [":" in key for key in keys(results)] == [False, True, False]


def test_a_variant_is_hidden_alone(stand: ShoperStand) -> None:
    made = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 0), variant(stand, 1)]))
    keys(stand.open().deactivate(Kind.PRODUCT, made[:1]))
    found = products(stand)
    assert [found[key].active for key in made] == [False, True]
    keys(stand.open().delete(Kind.PRODUCT, made[:1]))
    assert made[1] in products(stand)
    assert made[0] not in products(stand)


def test_price_and_stock_of_a_variant(stand: ShoperStand) -> None:
    made = keys(stand.open().create(Kind.PRODUCT, [variant(stand, 0), variant(stand, 1)]))
    side = stand.open()
    keys(side.update(Kind.PRICE, [Patch(key=made[0], fields={"price": "12.34"})]))
    keys(side.update(Kind.STOCK, [Patch(key=made[0], fields={"quantity": "17"})]))
    assert fields_of(side.read(Kind.PRICE, made[:1]).items[0].record) == {"price": "12.34"}
    assert [fields_of(i.record)["quantity"] for i in side.read(Kind.STOCK, made).items] == ["17", "1"]


def test_other_languages_are_left_alone(stand: ShoperStand) -> None:
    side = stand.open()
    key = keys(side.create(Kind.PRODUCT, [stand.new(Kind.PRODUCT, 1)]))[0]
    english = {"name": "New mug", "description": "<p>Long</p>", "active": "1", "lang_id": "2"}
    with stand.shop.state.products.editing(int(key)) as row:
        row["translations"] = {**row["translations"], "en_US": dict(english)}
    keys(side.update(Kind.PRODUCT, [Patch(key=key, fields=stand.changes(Kind.PRODUCT))]))
    keys(side.deactivate(Kind.PRODUCT, [key]))
    assert stand.shop.state.products.get(int(key))["translations"]["en_US"] == english


def test_a_failing_batch_forgets_nothing_that_was_done(stand: ShoperStand) -> None:
    stand.fill(70)
    every = [key for key in products(stand) if ":" not in key][:40]
    stand.shop.faults.add("drop", method="POST", resource="bulk", skip=1)
    results = stand.open().update(Kind.STOCK, [Patch(key=key, fields={"quantity": "9"}) for key in every])
    assert [result.ok for result in results] == [True] * 25 + [False] * (len(every) - 25)
    assert {type(result.error) for result in results[25:]} == {OutcomeUnknown}


def test_a_batch_that_fails_from_the_start_is_an_error_of_the_call(stand: ShoperStand) -> None:
    key = stand.add_product()
    stand.open().fetch(Kind.UNIT, _scope(), None)
    stand.shop.faults.add("too_many", method="POST")
    with pytest.raises(RateLimited):
        stand.open().update(Kind.STOCK, [Patch(key=key, fields={"quantity": "9"})])


def test_each_row_has_its_own_reason(stand: ShoperStand) -> None:
    locked, fine = stand.add_product(), stand.add_product()
    stand.shop.faults.locked.add(("products", int(locked)))
    patches = [
        Patch(key=locked, fields={"quantity": "1"}),
        Patch(key="999999", fields={"quantity": "1"}),
        Patch(key=fine, fields={"quantity": "1"}),
    ]
    results = stand.open().update(Kind.STOCK, patches)
    assert [type(result.error) for result in results] == [Locked, Gone, type(None)]
    double = stand.new(Kind.PRODUCT, 1)
    keys(stand.open().create(Kind.PRODUCT, [double]))
    again = stand.open().create(Kind.PRODUCT, [double])[0]
    assert isinstance(again.error, Rejected)
    assert again.error.field == "code"
    assert again.exchange is not None
    assert again.exchange.request.startswith("POST /webapi/rest/products\n")
    assert again.exchange.answer.startswith("400\n")


def test_what_shoper_cannot_do_is_refused_before_anything_is_sent(stand: ShoperStand) -> None:
    side = stand.open()
    for result in (
        side.create(Kind.TAX_RATE, [NewElement(token="t", fields={"code": "23"})])[0],
        side.update(Kind.TAX_RATE, [Patch(key="1", fields={"name": "x"})])[0],
        side.delete(Kind.CATEGORY, ["1"])[0],
        side.deactivate(Kind.PRODUCER, ["1"])[0],
    ):
        assert result.error is not None
        assert result.error.problem.code == Code.NOT_OFFERED
    assert stand.wire.sent == []


def test_pictures_keep_the_order_in_which_they_are_sent(stand: ShoperStand) -> None:
    rows = [
        NewElement(
            token=str(number),
            fields={"name": f"Zdjęcie {number}", "position": str(number)},
            owner=str(stand.owner),
            content=picture(number),
        )
        for number in (1, 2, 3)
    ]
    made = keys(stand.open().create(Kind.IMAGE, rows))
    read = stand.open().read(Kind.IMAGE, made)
    assert [item.record for item in read.items] == [
        Image(name=f"Zdjęcie {number}", position=number, product=str(stand.owner)) for number in (1, 2, 3)
    ]
    assert [stand.open().content(Kind.IMAGE, key) for key in made] == [picture(number) for number in (1, 2, 3)]


def test_a_shop_that_keeps_its_own_order_says_so(stand: ShoperStand) -> None:
    stand.shop.quirks.image_order_writable = False
    rows = [stand.new(Kind.IMAGE, 1), stand.new(Kind.IMAGE, 2)]
    made = keys(stand.open().create(Kind.IMAGE, rows))
    results = stand.open().update(Kind.IMAGE, [Patch(key=made[1], fields={"position": "1", "name": "Nowa"})])
    assert results[0].ok
    assert results[0].record == Image(name="Nowa", position=2, product=str(stand.owner))


def test_a_picture_that_fails_holds_up_only_itself(stand: ShoperStand) -> None:
    rows = [stand.new(Kind.IMAGE, 1), stand.new(Kind.IMAGE, 2), stand.new(Kind.IMAGE, 3)]
    rows[1] = NewElement(token="bad", fields={"name": "x"}, owner=str(stand.owner), content=b"no picture")
    empty = NewElement(token="empty", fields={"name": "Puste"}, owner=str(stand.owner), content=None)
    results = stand.open().create(Kind.IMAGE, [*rows, empty])
    assert [result.ok for result in results] == [True, False, True, False]
    missing = results[3].error
    assert missing is not None
    assert missing.problem.code == Code.PICTURE_MISSING


def test_the_bytes_of_a_picture_are_not_kept_with_the_change(stand: ShoperStand) -> None:
    result = stand.open().create(Kind.IMAGE, [stand.new(Kind.IMAGE, 1)])[0]
    assert result.exchange is not None
    assert len(result.exchange.request) < 100


def test_a_lost_upload_is_found_by_its_bytes(stand: ShoperStand) -> None:
    """Other pictures of the product have the same name, as they often have in a shop."""
    for number in (5, 6):
        stand.shop.state.add_image(stand.owner, picture(number), name="Widok 1")
    side = stand.open()
    side.fetch(Kind.UNIT, _scope(), None)
    wanted = stand.new(Kind.IMAGE, 1)
    stand.shop.faults.add("drop", method="POST", resource="product-images")
    with pytest.raises(OutcomeUnknown):
        side.create(Kind.IMAGE, [wanted])
    newest = str(stand.shop.state.images.ids[-1])
    assert stand.open().find(Kind.IMAGE, [wanted])[wanted.token].keys == (newest,)


def test_many_lost_creates_are_looked_for_in_one_call(stand: ShoperStand) -> None:
    rows = [stand.new(Kind.PRODUCT, number) for number in range(20)]
    made = keys(stand.open().create(Kind.PRODUCT, rows[:15]))
    sent = len(stand.wire.sent)
    found = stand.open().find(Kind.PRODUCT, rows)
    assert [found[row.token].keys for row in rows] == [*((key,) for key in made), *[()] * 5]
    assert stand.wire.sent[sent:] == ["POST /webapi/rest/bulk"]


def test_uploads_stop_when_the_shop_does(stand: ShoperStand) -> None:
    stand.open().fetch(Kind.UNIT, _scope(), None)
    stand.shop.faults.add("error", method="POST", resource="product-images", skip=1, status=503)
    results = stand.open().create(Kind.IMAGE, [stand.new(Kind.IMAGE, n) for n in (1, 2, 3)])
    assert [result.ok for result in results] == [True, False, False]
    assert sum("product-images" in sent for sent in stand.wire.sent if sent.startswith("POST")) == 2


def test_numbers_go_out_exact(stand: ShoperStand) -> None:
    key = stand.add_product()
    stand.open().update(Kind.PRICE, [Patch(key=key, fields={"price": "1234567.89"})])
    sent = json.loads(stand.wire.requests[-1].content)
    assert sent[0]["body"] == {"stock": {"price": 1234567.89}}
    assert b'"price":1234567.89' in stand.wire.requests[-1].content
    assert pictures.UPLOAD_SECONDS < 80, "a call must end before the lease of 90 seconds does"

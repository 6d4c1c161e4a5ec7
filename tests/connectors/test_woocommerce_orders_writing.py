"""What WooCommerce is told of its orders, where it puts it, and what becomes of it when calls go wrong."""

from typing import Any

import pytest

from integrator.canonical.errors import OutcomeUnknown, Rejected, Transient
from integrator.canonical.orders import Order, Orders, OrderUpdate, Parcel, SaleDocument
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import Result
from shops.connectors.woocommerce.order_bodies import documents_field
from shops.connectors.woocommerce.simulator.orders import FULFILLMENTS, TRACKING_PLUGIN
from shops.connectors.woocommerce.simulator.stand import WooStand
from tests.connectors.order_conformance import orders_of
from tests.connectors.wire import wired

TRACKING = "_wc_shipment_tracking_items"


def shop(**settings: str) -> WooStand:
    stand = wired(type("Set", (WooStand,), {"settings": settings})())
    stand.fill(4)
    return stand


@pytest.fixture
def stand() -> WooStand:
    return shop()


def known(orders: Orders, *keys: Key) -> dict[Key, Order]:
    return {one.key: one for one in orders.read(keys).orders}


def tell(stand: WooStand, *rows: OrderUpdate) -> list[Result]:
    orders = orders_of(stand)
    return orders.update(rows, known(orders, *(row.key for row in rows)))


def kept(stand: WooStand, key: Key) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in stand.shop.state.orders.get(int(key))["meta_data"]}


def status(stand: WooStand, key: Key) -> str:
    return str(stand.shop.state.orders.get(int(key))["status"])


def writes(stand: WooStand) -> list[str]:
    return [one for one in stand.wire.sent if not one.startswith("GET")]


def problem(result: Result) -> tuple[str, dict[str, str]]:
    assert result.error is not None
    return str(result.error.problem.code), result.error.problem.as_dict()


# states and payments


def test_a_state_the_shop_does_not_have_is_never_sent(stand: WooStand) -> None:
    """A batch would make the order `pending` and give its stock back."""
    good, bad = stand.place_order(), stand.place_order()
    results = tell(stand, OrderUpdate(key=bad, state="wyslane"), OrderUpdate(key=good, state="processing"))
    assert problem(results[0]) == ("rejected", {"field": "status", "message": "wyslane"})
    assert (results[1].ok, status(stand, good), status(stand, bad)) == (True, "processing", "on-hold")


def test_states_of_plugins_can_be_set(stand: WooStand) -> None:
    stand.shop.state.order_statuses["wyslane"] = "Wysłane"
    key = stand.place_order()
    assert tell(stand, OrderUpdate(key=key, state="wyslane"))[0].ok
    assert status(stand, key) == "wyslane"


def test_a_state_that_a_plugin_turns_into_another_is_told(stand: WooStand) -> None:
    key = stand.place_order()
    stand.shop.faults.break_record("orders", int(key), {"status": "processing"})
    (result,) = tell(stand, OrderUpdate(key=key, state="completed"))
    assert problem(result)[0] == "not_kept"


def test_an_order_that_moved_since_it_was_read_is_left(stand: WooStand) -> None:
    key = stand.place_order()
    orders = orders_of(stand)
    before = known(orders, key)
    stand.cancel_order(key)
    (result,) = orders.update([OrderUpdate(key=key, state="completed")], before)
    assert problem(result)[0] == "stale"
    assert (status(stand, key), writes(stand)) == ("cancelled", [])


def test_an_order_in_the_trash_stays_there(stand: WooStand) -> None:
    """A batch would take it out again."""
    key = stand.place_order()
    orders = orders_of(stand)
    before = known(orders, key)
    stand.remove_order(key)
    (result,) = orders.update([OrderUpdate(key=key, state="completed")], before)
    assert problem(result)[0] == "gone"
    assert status(stand, key) == "trash"


@pytest.mark.parametrize(
    ("payment", "state", "after"),
    [
        ("bacs", None, "processing"),
        ("bacs", "processing", "processing"),
        ("bacs", "completed", "completed"),
        ("przelewy24", None, "processing"),
        ("cod", "completed", "completed"),
    ],
)
def test_a_payment_goes_the_way_its_gateway_has(stand: WooStand, payment: str, state: Key | None, after: str) -> None:
    key = str(stand.shop.state.place_order({int(stand.simple_ids()[0]): 1}, payment=payment))
    (result,) = tell(stand, OrderUpdate(key=key, state=state, paid=True))
    assert result.ok
    assert (status(stand, key), known(orders_of(stand), key)[key].payment.paid) == (after, True)


def test_what_is_paid_on_delivery_cannot_be_paid_before_and_the_rest_is_told(stand: WooStand) -> None:
    key = str(stand.shop.state.place_order({int(stand.simple_ids()[0]): 1}, payment="cod"))
    (result,) = tell(stand, OrderUpdate(key=key, paid=True, parcels=(Parcel(number="1"),)))
    assert problem(result) == ("cannot_update", {"field": "paid"})
    assert [one["tracking_number"] for one in kept(stand, key)[TRACKING]] == ["1"]


# parcels


def test_parcels_of_others_keep_what_their_plugin_wrote(stand: WooStand) -> None:
    theirs = {"tracking_provider": "inpost", "tracking_number": "A", "date_shipped": 1, "status": "delivered"}
    key = str(stand.shop.state.place_order({int(stand.simple_ids()[0]): 1}, meta={TRACKING: [theirs]}))
    new = Parcel(number="B", carrier="DPD", url="https://dpd.example/B")
    assert tell(stand, OrderUpdate(key=key, parcels=(Parcel(number="A"), new)))[0].ok
    first, second = kept(stand, key)[TRACKING]
    assert first == theirs
    assert second["custom_tracking_link"] == "https://dpd.example/B"
    assert second["date_shipped"] == int(stand.clock.now)


def test_a_field_that_holds_something_else_is_left_alone(stand: WooStand) -> None:
    key, orders = stand.place_order(), orders_of(stand)
    before = known(orders, key)
    stand.shop.state.orders.get(int(key))["meta_data"] = [{"id": 1, "key": TRACKING, "value": "a:0:{}"}]
    (result,) = orders.update([OrderUpdate(key=key, parcels=(Parcel(number="1"),), state="completed")], before)
    assert problem(result)[0] == "field_unreadable"
    assert (writes(stand), status(stand, key)) == ([], "on-hold")


def test_the_buyer_is_told_a_number_once_though_the_first_call_broke_off(stand: WooStand) -> None:
    key = stand.place_order()
    row = OrderUpdate(key=key, parcels=(Parcel(number="0001", carrier="DPD", url="https://x.example/1"),), notify=True)
    orders = orders_of(stand)
    before = known(orders, key)
    stand.shop.faults.add("reset", method="POST", resource="orders/batch")
    with pytest.raises(Transient):
        orders.update([row], before)
    assert tell(stand, row)[0].ok
    notes = [one["note"] for one in stand.shop.state.orders.get(int(key))["notes"] if one["customer_note"]]
    assert notes == ["DPD 0001 https://x.example/1"]


def test_nobody_is_written_to_unless_asked(stand: WooStand) -> None:
    key = stand.place_order()
    tell(stand, OrderUpdate(key=key, parcels=(Parcel(number="0001"),)))
    assert stand.shop.state.orders.get(int(key))["notes"] == []


def test_a_plugin_that_is_not_there_is_named_and_the_state_waits_for_the_parcel() -> None:
    stand = shop(order_tracking="plugin")
    key = stand.place_order()
    row = OrderUpdate(key=key, state="completed", parcels=(Parcel(number="1"),))
    (result,) = tell(stand, row)
    assert problem(result)[0] == "module_missing"
    assert status(stand, key) == "on-hold"
    stand.shop.state.plugins.append(TRACKING_PLUGIN)
    assert tell(stand, row)[0].ok
    assert status(stand, key) == "completed"


def numbers(stand: WooStand, key: Key) -> list[str]:
    rows = stand.shop.state.orders.get(int(key))["fulfillments"]
    return [one["value"] for row in rows for one in row["meta_data"] if one["key"] == "_tracking_number"]


def test_fulfilments_take_all_pieces_once_and_further_numbers_join() -> None:
    stand = shop(order_tracking="fulfillments")
    stand.shop.state.plugins.append(FULFILLMENTS)
    key = stand.place_order(lines=2)
    tell(stand, OrderUpdate(key=key, parcels=(Parcel(number="1", carrier="inpost"),)))
    tell(stand, OrderUpdate(key=key, parcels=(Parcel(number="1"), Parcel(number="2"))))
    order = stand.shop.state.orders.get(int(key))
    (made,) = order["fulfillments"]
    fields = {one["key"]: one["value"] for one in made["meta_data"]}
    assert fields["_items"] == [{"item_id": one["id"], "qty": one["quantity"]} for one in order["lines"]]
    assert (fields["_tracking_number"], fields["_shipment_provider"]) == ("1, 2", "inpost")


def test_pieces_that_somebody_sent_before_are_not_sent_again() -> None:
    stand = shop(order_tracking="fulfillments")
    stand.shop.state.plugins.append(FULFILLMENTS)
    key = stand.place_order(lines=2)
    order = stand.shop.state.orders.get(int(key))
    sent = [{"id": 1, "key": "_items", "value": [{"item_id": order["lines"][1]["id"], "qty": 1}]}]
    order["fulfillments"] = [
        {"id": 1, "status": "fulfilled", "is_fulfilled": True, "date_updated": 0, "meta_data": sent}
    ]
    tell(stand, OrderUpdate(key=key, parcels=(Parcel(number="1"),)))
    fields = {one["key"]: one["value"] for one in order["fulfillments"][1]["meta_data"]}
    assert [one["qty"] for one in fields["_items"]] == [1, 1]


def test_a_fulfilment_whose_answer_was_lost_is_not_made_twice() -> None:
    stand = shop(order_tracking="fulfillments")
    stand.shop.state.plugins.append(FULFILLMENTS)
    key = stand.place_order()
    row = OrderUpdate(key=key, parcels=(Parcel(number="1"),))
    stand.shop.faults.add("drop", method="POST", resource="orders/fulfillments")
    (result,) = tell(stand, row)
    assert isinstance(result.error, Transient)
    assert not isinstance(result.error, OutcomeUnknown)
    assert tell(stand, row)[0].ok
    assert numbers(stand, key) == ["1"]


# documents


def invoice(number: str, ksef: str = "") -> SaleDocument:
    return SaleDocument(number=number, kind="invoice", ksef_number=ksef)


def test_numbers_of_documents_gather_in_the_chosen_field() -> None:
    stand = shop(order_documents="numery")
    key = stand.place_order()
    tell(stand, OrderUpdate(key=key, documents=(invoice("FV 1/2026"),)))
    tell(stand, OrderUpdate(key=key, documents=(invoice("WZ 7/2026"), invoice("FV 1/2026"))))
    assert kept(stand, key) == {"numery": "FV 1/2026; WZ 7/2026"}


@pytest.mark.parametrize(
    ("before", "documents", "after"),
    [
        (None, [invoice("FV 1")], "FV 1"),
        ("FV 1", [invoice("FV 1", "K-1")], "FV 1 (K-1)"),
        ("FV 1 (K-1); WZ 2", [invoice("FV 1", "K-1")], None),
        ("FV 1 (K-1)", [invoice("FV 1")], None),
        ("FV 10", [invoice("FV 1")], "FV 10; FV 1"),
    ],
)
def test_a_number_stands_once(before: str | None, documents: list[SaleDocument], after: str | None) -> None:
    found = documents_field("n", documents, {"n": before})
    assert (found["value"] if found else None) == after


def test_without_a_field_documents_become_a_note_that_is_written_once() -> None:
    stand = shop(order_documents="")
    key = stand.place_order()
    for _ in range(2):
        tell(stand, OrderUpdate(key=key, documents=(invoice("FV 1/2026", "K-1"),)))
    notes = stand.shop.state.orders.get(int(key))["notes"]
    assert [(one["note"], one["customer_note"]) for one in notes] == [("FV 1/2026 (K-1)", False)]


# many, and what goes wrong


def test_many_orders_are_told_in_one_batch(stand: WooStand) -> None:
    keys = [stand.place_order() for _ in range(60)]
    orders = orders_of(stand)
    before = known(orders, *keys)
    so_far = len(stand.wire.sent)
    rows = [OrderUpdate(key=key, state="completed", parcels=(Parcel(number=key),)) for key in keys]
    assert all(one.ok for one in orders.update(rows, before))
    assert stand.wire.sent[so_far:] == [
        "GET /wp-json/wc/v3/orders",
        "GET /wp-json/wc/v3/orders/statuses",
        "POST /wp-json/wc/v3/orders/batch",
    ]


def test_nothing_new_asks_nothing(stand: WooStand) -> None:
    key = stand.place_order()
    orders = orders_of(stand)
    before = known(orders, key)
    so_far = len(stand.wire.sent)
    (result,) = orders.update([OrderUpdate(key=key, state="on-hold")], before)
    assert (result.ok, len(stand.wire.sent)) == (True, so_far)


def test_a_lost_answer_of_a_batch_may_be_repeated(stand: WooStand) -> None:
    key, orders = stand.place_order(), orders_of(stand)
    before = known(orders, key)
    stand.wire.lose_answers("POST")
    with pytest.raises(Transient) as caught:
        orders.update([OrderUpdate(key=key, state="completed")], before)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert caught.value.problem.code == Code.OUTCOME_UNKNOWN
    so_far = len(writes(stand))
    assert tell(stand, OrderUpdate(key=key, state="completed"))[0].ok
    assert len(writes(stand)) == so_far


def test_a_key_that_may_only_read_is_told(stand: WooStand) -> None:
    key, orders = stand.place_order(), orders_of(stand)
    before = known(orders, key)
    next(iter(stand.shop.access.keys.values())).permissions = "read"
    with pytest.raises(Rejected) as caught:
        orders.update([OrderUpdate(key=key, state="completed")], before)
    assert caught.value.problem.code == Code.RIGHT_MISSING


@pytest.mark.parametrize("answer", [{"date_paid_gmt": None}, {"meta_data": []}, {"status": "on-hold"}])
def test_success_that_changed_nothing_is_no_success(stand: WooStand, answer: dict[str, Any]) -> None:
    key = stand.place_order()
    stand.shop.faults.break_record("orders", int(key), answer)
    row = OrderUpdate(key=key, state="processing", paid=True, parcels=(Parcel(number="1"),))
    assert problem(tell(stand, row)[0])[0] == "not_kept"

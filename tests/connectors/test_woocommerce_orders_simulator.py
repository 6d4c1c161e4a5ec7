"""How the simulated WooCommerce shop sells: its sums, its stock, its states, and what it does not say aloud."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shops.connectors.woocommerce.simulator import ShopState, WooSimulator
from shops.connectors.woocommerce.simulator.order_money import Coupon
from shops.connectors.woocommerce.simulator.orders import FULFILLMENTS, TRACKING_PLUGIN
from shops.simulation.stand import Clock
from tests.connectors.test_woocommerce_simulator_recordings import RECORDED, differences
from tests.connectors.woocommerce_shop import Talk


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(clock: Clock) -> ShopState:
    return ShopState(clock=clock)


@pytest.fixture
def talk(state: ShopState, clock: Clock) -> Talk:
    return Talk(WooSimulator(state, clock=clock))


def order(talk: Talk, order_id: int, **query: Any) -> Any:
    return talk.get(f"orders/{order_id}", **query)


def stock(talk: Talk, product: int) -> int:
    return int(talk.get(f"products/{product}")["stock_quantity"])


# sums


def test_a_gross_price_is_split_per_line_and_gives_itself_back(talk: Talk, state: ShopState) -> None:
    made = state.place_order({state.add_product("A", "A", "13.33", 9): 3}, delivery="")
    line = order(talk, made)["line_items"][0]
    assert (line["total"], line["total_tax"], order(talk, made)["total"]) == ("32.51", "7.48", "39.99")
    assert order(talk, made, dp=6)["line_items"][0]["total"] == "32.512195"
    assert line["taxes"][0]["total"] == "7.47780488"


def test_rounding_at_the_subtotal_leaves_lines_that_do_not_add_up(talk: Talk, state: ShopState) -> None:
    state.set_setting("tax/woocommerce_prices_include_tax", "no")
    products = [state.add_product(f"P{n}", "P", "0.33", 9) for n in range(3)]
    rounded = state.place_order(dict.fromkeys(products, 1), delivery="")
    state.set_setting("tax/woocommerce_tax_round_at_subtotal", "yes")
    whole = state.place_order(dict.fromkeys(products, 1), delivery="")
    assert order(talk, rounded)["total"] == "1.23"
    assert order(talk, whole)["total"] == "1.22"
    assert [line["total_tax"] for line in order(talk, whole)["line_items"]] == ["0.08"] * 3


def test_a_percentage_is_spread_in_whole_cents_with_the_rest_on_the_first_pieces(talk: Talk, state: ShopState) -> None:
    products = [state.add_product(f"P{n}", "P", "1.10", 9) for n in range(3)]
    coupon = Coupon("LATO", "percent", Decimal(25))
    made = order(talk, state.place_order(dict.fromkeys(products, 1), delivery="", coupon=coupon))
    paid = [Decimal(line["total"]) + Decimal(line["total_tax"]) for line in made["line_items"]]
    assert paid == [Decimal("0.82"), Decimal("0.82"), Decimal("0.83")]
    assert made["total"] == "2.47"
    assert [one["code"] for one in made["coupon_lines"]] == ["LATO"]


def test_a_fixed_discount_never_takes_more_than_there_is(talk: Talk, state: ShopState) -> None:
    made = state.place_order(
        {state.add_product("A", "A", "1.00", 9): 1, state.add_product("B", "B", "5.00", 9): 2},
        delivery="",
        coupon=Coupon("MINUS", "fixed_cart", Decimal(100)),
    )
    assert order(talk, made)["total"] == "0.00"


def test_a_variation_is_taxed_as_its_parent_where_it_says_so(talk: Talk, state: ShopState) -> None:
    parent = state.add_product("G", "G", "", None, type="variable", tax_class="reduced-rate")
    variation = state.add_variation(parent, "G-1", "", "10.80", 9, tax_class="parent")
    line = order(talk, state.place_order({variation: 1}, delivery=""))["line_items"][0]
    assert (line["tax_class"], line["total"], line["total_tax"]) == ("reduced-rate", "10.00", "0.80")


def test_delivery_and_fees_are_net_with_their_tax_on_top(talk: Talk, state: ShopState) -> None:
    product = state.add_product("A", "A", "12.30", 9)
    made = order(talk, state.place_order({product: 1}, fees=[("Pobranie", "4.065041", "")]))
    assert (made["shipping_total"], made["shipping_tax"]) == ("12.20", "2.80")
    assert (made["shipping_lines"][0]["method_id"], made["shipping_lines"][0]["instance_id"]) == ("flat_rate", "1")
    assert (made["fee_lines"][0]["total"], made["fee_lines"][0]["total_tax"]) == ("4.07", "0.93")
    assert made["total"] == "32.30"
    assert [(one["rate_percent"], one["tax_total"], one["shipping_tax_total"]) for one in made["tax_lines"]] == [
        (23, "3.23", "2.80")
    ]


def test_a_negative_fee_has_the_taxes_of_all_goods(talk: Talk, state: ShopState) -> None:
    pieces = {state.add_product("A", "A", "12.30", 9): 1, state.add_product("B", "B", "10.50", 9, tax_class="vat-5"): 1}
    fee = order(talk, state.place_order(pieces, delivery="", fees=[("Rabat", "-4.00", "")]))["fee_lines"][0]
    assert [one["total"] for one in fee["taxes"]] == ["-0.46000000", "-0.10000000"]


def test_a_buyer_abroad_pays_without_the_tax_of_home(talk: Talk, state: ShopState) -> None:
    made = state.place_order({state.add_product("A", "A", "12.30", 9): 1}, delivery="", buyer={"country": "DE"})
    assert (order(talk, made)["total"], order(talk, made)["tax_lines"]) == ("10.00", [])


def test_edited_quantities_give_new_totals(talk: Talk, state: ShopState) -> None:
    product = state.add_product("A", "A", "12.30", 9)
    made = state.place_order({product: 1}, delivery="")
    state.edit_order(made, {order(talk, made)["line_items"][0]["id"]: 3})
    assert (order(talk, made)["total"], stock(talk, product)) == ("36.90", 6)
    assert order(talk, made)["tax_lines"][0]["tax_total"] == "6.90"


# states and stock


@pytest.mark.parametrize(
    ("payment", "status", "left"), [("bacs", "on-hold", 3), ("cod", "processing", 3), ("przelewy24", "pending", 5)]
)
def test_a_gateway_says_where_a_new_order_stands(
    talk: Talk, state: ShopState, payment: str, status: str, left: int
) -> None:
    product = state.add_product("A", "A", "12.30", 5)
    made = order(talk, state.place_order({product: 2}, payment=payment))
    assert (made["status"], stock(talk, product), made["date_paid"]) == (status, left, None)


def test_stock_goes_once_and_comes_back_when_cancelled(talk: Talk, state: ShopState) -> None:
    product = state.add_product("A", "A", "12.30", 5)
    made = state.place_order({product: 2})
    for status, left in (("processing", 3), ("completed", 3), ("cancelled", 5), ("on-hold", 3), ("failed", 3)):
        talk.put(f"orders/{made}", {"status": status})
        assert stock(talk, product) == left


def test_an_order_paid_on_delivery_counts_as_paid_when_it_is_completed(talk: Talk, state: ShopState) -> None:
    made = state.place_order({state.add_product("A", "A", "1.00", 5): 1}, payment="cod")
    assert order(talk, made)["date_paid"] is None
    done = talk.put(f"orders/{made}", {"status": "completed"})
    assert done["date_paid_gmt"] == done["date_completed_gmt"]
    assert done["date_paid_gmt"]


def test_set_paid_works_only_where_a_payment_is_waited_for(talk: Talk, state: ShopState) -> None:
    product = state.add_product("A", "A", "1.00", 9)
    online, transfer = state.place_order({product: 1}, payment="przelewy24"), state.place_order({product: 1})
    assert talk.put(f"orders/{online}", {"set_paid": True, "transaction_id": "T1"})["status"] == "processing"
    assert order(talk, online)["transaction_id"] == "T1"
    assert talk.put(f"orders/{transfer}", {"set_paid": True})["date_paid"] is None


def test_an_unknown_state_is_refused_alone_and_becomes_pending_in_a_batch(talk: Talk, state: ShopState) -> None:
    product = state.add_product("A", "A", "1.00", 5)
    made = state.place_order({product: 1})
    assert talk.refused("PUT", f"orders/{made}", {"status": "wyslane"})[:2] == (400, "rest_invalid_param")
    rows = talk.batch("orders", update=[{"id": made, "status": "wyslane"}, {"id": 999, "status": "completed"}])[
        "update"
    ]
    assert (rows[0]["status"], rows[1]["error"]["code"]) == ("pending", "woocommerce_rest_shop_order_invalid_id")
    assert stock(talk, product) == 5


def test_a_deleted_order_lies_in_the_trash_until_a_state_takes_it_out(talk: Talk, state: ShopState) -> None:
    made = state.place_order({state.add_product("A", "A", "1.00", 5): 1})
    talk.send("DELETE", f"orders/{made}")
    assert (talk.ids("orders"), talk.ids("orders", status="trash")) == ([], [made])
    assert order(talk, made)["status"] == "trash"
    talk.batch("orders", update=[{"id": made, "status": "completed"}])
    assert talk.ids("orders") == [made]
    assert talk.send("DELETE", f"orders/{made}", force="true").status == 200
    assert talk.refused("GET", f"orders/{made}")[:2] == (404, "woocommerce_rest_shop_order_invalid_id")


def test_orders_in_a_state_whose_plugin_is_gone_are_in_no_list(talk: Talk, state: ShopState) -> None:
    state.order_statuses["wyslane"] = "Wysłane"
    made = state.place_order({state.add_product("A", "A", "1.00", 5): 1}, status="wyslane")
    assert talk.ids("orders", include=made) == [made]
    state.order_statuses.clear()
    assert talk.ids("orders", include=made) == []
    assert order(talk, made)["status"] == "wyslane"


# what belongs to an order


def test_a_save_dates_an_order_and_a_note_does_not(talk: Talk, state: ShopState, clock: Clock) -> None:
    made = state.place_order({state.add_product("A", "A", "1.00", 5): 1})
    placed = order(talk, made)["date_modified_gmt"]
    clock.now += 60
    assert talk.post(f"orders/{made}/notes", {"note": "FV 1/2026", "customer_note": True})["customer_note"] is True
    assert order(talk, made)["date_modified_gmt"] == placed
    talk.put(f"orders/{made}", {})
    assert order(talk, made)["date_modified_gmt"] > placed
    assert [one["note"] for one in talk.get(f"orders/{made}/notes", type="customer")] == ["FV 1/2026"]


def test_fields_merge_by_name_and_null_deletes(talk: Talk, state: ShopState) -> None:
    made = state.place_order({state.add_product("A", "A", "1.00", 5): 1}, meta={"_billing_nip": "1", "other": "x"})
    fields = [
        {"key": "_billing_nip", "value": "2"},
        {"key": "other", "value": None},
        {"key": "list", "value": [{"a": 1}]},
    ]
    found = talk.put(f"orders/{made}", {"meta_data": fields})["meta_data"]
    assert [(one["key"], one["value"]) for one in found] == [("_billing_nip", "2"), ("list", [{"a": 1}])]


def test_parcels_of_the_plugin_are_a_field_of_the_order(talk: Talk, state: ShopState) -> None:
    made = state.place_order({state.add_product("A", "A", "1.00", 5): 1})
    path = f"/wp-json/wc-shipment-tracking/v3/orders/{made}/shipment-trackings"
    body = {"tracking_provider": "DPD", "tracking_number": "0001"}
    assert talk.refused("POST", path, body)[:2] == (404, "rest_no_route")
    state.plugins.append(TRACKING_PLUGIN)
    assert talk.send("POST", path, body).status == 201
    assert [one["tracking_number"] for one in talk.get(path)] == ["0001"]
    (field,) = order(talk, made)["meta_data"]
    assert (field["key"], field["value"][0]["tracking_provider"]) == ("_wc_shipment_tracking_items", "DPD")


def test_fulfilments_drop_fields_without_an_id_and_need_items(talk: Talk, state: ShopState) -> None:
    made = state.place_order({state.add_product("A", "A", "1.00", 5): 1})
    path = f"orders/{made}/fulfillments"
    assert talk.refused("GET", path)[:2] == (404, "rest_no_route")
    state.plugins.append(FULFILLMENTS)
    items = {"key": "_items", "value": [{"item_id": 1, "qty": 1}]}
    number = {"key": "_tracking_number", "value": "0001"}
    head = {"status": "fulfilled", "is_fulfilled": True}
    assert talk.refused("POST", path, {**head, "meta_data": [items, {"id": 0, **number}]})[0] == 400
    (made_id,) = [talk.post(path, {**head, "meta_data": [{"id": 0, **items}, {"id": 0, **number}]})["id"]]
    changed = talk.put(f"{path}/{made_id}", {"meta_data": [{"id": 0, **items}]})
    assert [one["key"] for one in changed["meta_data"]] == ["_items"]


# beside a recorded order


@pytest.mark.skipif(not list(Path(RECORDED).glob("*.json")), reason="no recorded answers beside this checkout")
def test_an_order_has_the_keys_and_types_of_a_recorded_one(talk: Talk, state: ShopState) -> None:
    (real,) = json.loads((RECORDED / "orders_one.json").read_text(encoding="utf-8"))["body"]
    pieces = {
        state.add_product("A", "A", "74.03", 5, tax_class="zero-rate"): 1,
        state.add_product("B", "B", "124.58", 5): 1,
    }
    made = state.place_order(pieces, status="processing", transaction_id="")
    (ours,) = talk.get("orders", include=made)
    allowed = {"._links.email_templates: only one side", ".shipping_lines[].taxes[]"}
    assert set(differences(real, ours, loose=True)) <= allowed
    for name in ("line_items", "tax_lines", "shipping_lines", "billing", "shipping"):
        theirs, mine = (one[name][0] if isinstance(one[name], list) else one[name] for one in (real, ours))
        assert mine.keys() == theirs.keys(), name
    assert ours["line_items"][0]["meta_data"][0].keys() == real["line_items"][0]["meta_data"][0].keys()

"""Orders in the simulated Shoper shop: sums, stock, states, parcels, and what its lists of them obey."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shops.connectors.shoper.simulator import ShoperSimulator, ShopState, persistence
from shops.connectors.shoper.simulator.selling import COD, COURIER, LOCKER
from shops.simulation.stand import Clock
from tests.connectors.shoper_shop import Talk
from tests.connectors.test_shoper_simulator_recordings import differences

SAMPLES = Path(__file__).parents[3] / "shared" / "reference" / "shoper_samples"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(clock: Clock) -> ShopState:
    state = ShopState(clock=clock)
    state.add_product("FARBA-1", "Farba biała 1 l", "123.00", 10)
    state.add_product("PĘDZEL", "Pędzel", "9.99", 3)
    return state


@pytest.fixture
def talk(state: ShopState, clock: Clock) -> Talk:
    return Talk(ShoperSimulator(state, clock=clock, limited=False))


def left(talk: Talk, product: int = 1) -> str:
    return str(talk.get(f"products/{product}")["stock"]["stock"])


def test_an_order_is_its_lines_and_what_the_delivery_costs(talk: Talk, state: ShopState) -> None:
    made = state.place_order([{"product": 1, "amount": 2}, {"product": 2, "amount": 3}], shipping=COURIER)
    order = talk.get(f"orders/{made}")
    assert (order["sum"], order["shipping_cost"], order["total_products"]) == ("290.97", "15.00", 5)
    assert (order["paid"], order["is_paid"], order["is_underpayment"]) == ("0.00", False, True)
    lines = talk.get("order-products", filters={"order_id": {"IN": [str(made)]}})["list"]
    assert [(line["code"], line["price"], line["quantity"]) for line in lines] == [
        ("FARBA-1", "123.00", "2"),
        ("PĘDZEL", "9.99", "3"),
    ]


@pytest.mark.parametrize(
    ("how", "price", "total"), [("line", "9.99", "9.09"), ("unit", "9.99", "9.10"), ("price", "0.91", "9.10")]
)
def test_a_discount_is_reckoned_as_the_shop_does(
    talk: Talk, state: ShopState, how: str, price: str, total: str
) -> None:
    state.discounts = how
    made = state.place_order([{"product": 2, "amount": 10}], discount="90.9", shipping_cost=0)
    (line,) = talk.get("order-products", filters={"order_id": made})["list"]
    assert (line["price"], line["discount_perc"]) == (price, "90.9000")
    assert talk.get(f"orders/{made}")["sum"] == total


def test_goods_leave_the_stock_and_come_back(talk: Talk, state: ShopState) -> None:
    made = state.place_order([{"product": 1, "amount": 4}])
    assert left(talk) == "6"
    state.cancel_order(made)
    state.cancel_order(made)
    assert left(talk) == "10"
    talk.put(f"orders/{made}", {"status_id": 2})
    assert left(talk) == "6"
    state.edit_order(made, {1: 1})
    assert left(talk) == "9"
    assert talk.send("DELETE", f"orders/{made}").body == 1
    assert left(talk) == "10"
    assert talk.refused("GET", f"orders/{made}")[0] == 404
    assert talk.get("order-products")["count"] == "0"


def test_goods_stay_where_the_shop_does_not_take_them_on_buying(talk: Talk, state: ShopState) -> None:
    state.config["shopping_update_stock_on_buy"] = "0"
    made = state.place_order([{"product": 1, "amount": 4}])
    assert left(talk) == "10"
    state.cancel_order(made)
    assert left(talk) == "10"


def test_a_variant_is_sold_from_its_own_row(talk: Talk, state: ShopState) -> None:
    group, option, values = state.add_option("Rozmiar", "Rozmiar", ["S", "M"])
    made = state.add_product("KOSZULA", "Koszula", "50", group=group)
    variant = state.add_variant(made, "KOSZULA-S", {option: values["S"]}, stock=5, price="55")
    order = state.place_order([{"product": made, "variant": variant}])
    (line,) = talk.get("order-products", filters={"order_id": order})["list"]
    assert (line["stock_id"], line["option"], line["price"]) == (str(variant), "Rozmiar: S", "55.00")
    assert talk.get(f"product-stocks/{variant}")["stock"] == "4"


def test_only_another_state_moves_a_date(talk: Talk, state: ShopState, clock: Clock) -> None:
    made = state.place_order([{"product": 1}])
    placed = talk.get(f"orders/{made}")["status_date"]
    clock.now += 3600
    state.edit_order(made, notes="Proszę dzwonić")
    state.pay_order(made)
    assert talk.get(f"orders/{made}")["status_date"] == placed
    talk.put(f"orders/{made}", {"status_id": 2})
    assert talk.get(f"orders/{made}")["status_date"] > placed
    assert talk.ids("orders", "order_id", filters={"status_date": {">": placed}}) == [made]
    assert talk.ids("orders", "order_id", filters={"date": {">": placed}}) == []


def test_a_payment_moves_the_state_where_the_shop_is_set_so(talk: Talk, state: ShopState) -> None:
    state.config["shopping_change_status_payment_made_id"] = "2"
    made = state.place_order([{"product": 1}])
    talk.put(f"orders/{made}", {"paid": 20})
    assert talk.get(f"orders/{made}")["status_id"] == "1"
    talk.put(f"orders/{made}", {"paid": 138})
    found = talk.get(f"orders/{made}")
    assert (found["is_paid"], found["status_id"]) == (True, "2")


def test_what_an_order_does_not_know_is_refused(talk: Talk, state: ShopState) -> None:
    made = state.place_order([{"product": 1}])
    before = talk.get(f"orders/{made}")
    status, _, text = talk.refused("PUT", f"orders/{made}", {"status_id": 99, "paid": 5})
    assert (status, "status_id" in text) == (400, True)
    assert talk.get(f"orders/{made}") == before
    assert talk.refused("GET", "orders", filters={"number": 1})[0] == 404


# parcels


def test_a_sent_parcel_takes_all_goods_and_moves_the_order(talk: Talk, state: ShopState) -> None:
    made = state.place_order([{"product": 1, "amount": 2}, {"product": 2}])
    body = {"order_id": made, "shipping_id": 3, "shipping_code": "0000123", "sent": True}
    parcel = talk.get(f"parcels/{talk.post('parcels', body)}")
    assert (parcel["sent"], [one["quantity"] for one in parcel["products"]]) == ("1", ["2", "1"])
    assert parcel["send_date"]
    order = talk.get(f"orders/{made}")
    assert (order["status_id"], order["total_parcels"]) == ("7", 1)
    assert talk.refused("POST", "parcels", body)[2] == "All products has been already sent"


def test_goods_may_be_sent_in_parts(talk: Talk, state: ShopState) -> None:
    made = state.place_order([{"product": 1, "amount": 2}])
    body = {"order_id": made, "shipping_id": 3, "products": [{"order_product_id": 1, "quantity": 1}]}
    first = talk.post("parcels", body)
    assert talk.get(f"orders/{made}")["status_id"] == "4"
    second = talk.post("parcels", body)
    assert talk.refused("POST", "parcels", body)[0] == 400
    talk.put(f"parcels/{second}", {"shipping_code": "B", "sent": 1})
    assert [talk.get(f"parcels/{one}")["sent"] for one in (first, second)] == ["0", "1"]
    assert talk.refused("PUT", f"parcels/{second}", {"notes": "x"})[1] == "parcel_cannot_modify"
    talk.put(f"parcels/{second}", {"shipping_code": "C"})
    assert talk.ids("parcels", "parcel_id", filters={"shipping_code": "C"}) == [second]


def test_a_shop_may_hear_the_documented_word_alone(talk: Talk, state: ShopState) -> None:
    talk.shop.quirks.parcel_sent_key = "send"
    made = state.place_order([{"product": 1}])
    parcel = talk.post("parcels", {"order_id": made, "shipping_id": 3, "sent": 1})
    assert talk.get(f"parcels/{parcel}")["sent"] == "0"
    talk.put(f"parcels/{parcel}", {"send": 1})
    assert talk.get(f"parcels/{parcel}")["sent"] == "1"


# around it


def test_orders_outlive_a_restart(state: ShopState, clock: Clock) -> None:
    made = state.place_order([{"product": 1, "amount": 2}], payment=COD, shipping=LOCKER, pickup_point="GDY01M")
    again = persistence.restore(json.loads(json.dumps(persistence.dump(state))), clock=clock)
    assert again.orders.get(made) == state.orders.get(made)
    again.cancel_order(made)
    assert Decimal(again.stocks.get(1)["stock"]) == 10


@pytest.mark.skipif(not SAMPLES.exists(), reason="no samples beside this checkout")
@pytest.mark.parametrize(
    ("sample", "path"),
    [("orders_get", "orders/1"), ("order_products_list", "order-products"), ("parcels_get", "parcels/1")],
)
def test_shapes_are_those_of_the_samples(talk: Talk, state: ShopState, sample: str, path: str) -> None:
    made = state.place_order([{"product": 1}])
    talk.post("parcels", {"order_id": made, "shipping_id": 3, "shipping_code": "1", "sent": 1})
    real: Any = json.loads((SAMPLES / f"{sample}.json").read_text(encoding="utf-8"))["response"]["body"]
    assert differences(real, talk.get(path), loose=True) == []

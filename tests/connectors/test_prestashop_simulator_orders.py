"""The simulated PrestaShop sells: amounts, stock and states as the shop itself keeps them, and its oddities."""

from decimal import Decimal

import pytest

from shops.connectors.prestashop.simulator import PrestaSimulator, ShopState
from shops.connectors.prestashop.simulator.order_money import Voucher
from shops.connectors.prestashop.simulator.persistence import dump, restore
from shops.connectors.prestashop.simulator.selling import Basket, Buyer
from tests.connectors.prestashop_shop import Clock, Talk, mug, with_variants


@pytest.fixture
def talk() -> Talk:
    clock = Clock()
    return Talk(PrestaSimulator(ShopState(clock=clock), clock=clock))


def sell(talk: Talk, pieces: int = 2, **basket: object) -> int:
    """A mug of 5.00 net, bought to be sent for 14.63 net."""
    return talk.shop.state.place_order(Basket(pieces={(mug(talk), 0): pieces}, **basket))  # type: ignore[arg-type]


def history(talk: Talk, order: int) -> list[int]:
    rows = talk.rows("order_histories", filters={"id_order": f"[{order}]"}, sort="[id_ASC]")
    return [row["id_order_state"] for row in rows]


def enter(talk: Talk, order: int, state: int) -> None:
    talk.post("order_histories", f"<id_order>{order}</id_order><id_order_state>{state}</id_order_state>")


def test_an_order_is_reckoned_with_delivery(talk: Talk) -> None:
    row = talk.row("orders", sell(talk, 3))
    names = ("total_products", "total_products_wt", "total_shipping_tax_incl", "total_paid_tax_incl", "total_paid_real")
    assert [row[name] for name in names] == ["15.000000", "18.450000", "17.990000", "36.440000", "0.000000"]
    (line,) = row["associations"]["order_rows"]
    assert (line["product_quantity"], line["unit_price_tax_incl"]) == (3, "6.150000")
    (detail,) = talk.rows("order_details", filters={"id_order": f"[{row['id']}]"})
    (tax,) = detail["associations"]["taxes"]
    assert (detail["total_price_tax_incl"], talk.row("taxes", tax["id"])["rate"]) == ("18.450000", "23.000")


@pytest.mark.parametrize(("kind", "gross"), [("1", "30.03"), ("2", "30.02"), ("3", "30.02")])
def test_pieces_lines_or_the_total_are_rounded(talk: Talk, kind: str, gross: str) -> None:
    talk.shop.state.set_setting("PS_ROUND_TYPE", kind)
    product = talk.shop.state.add_product("A", "A", "8.135")
    order = talk.shop.state.place_order(Basket(pieces={(product, 0): 3}))
    assert talk.row("orders", order)["total_products_wt"] == f"{Decimal(gross):.6f}"


def test_vouchers_are_a_sum_beside_the_lines(talk: Talk) -> None:
    order = sell(talk, vouchers=[Voucher(percent=Decimal(10)), Voucher(name="Gratis", free_shipping=True)])
    row = talk.row("orders", order)
    assert (row["total_products_wt"], row["total_discounts_tax_incl"]) == ("12.300000", "19.220000")
    kept = talk.rows("order_cart_rules", filters={"id_order": f"[{order}]"})
    assert [(one["value"], one["free_shipping"]) for one in kept] == [("1.230000", "0"), ("17.990000", "1")]
    assert row["total_paid_tax_incl"] == "11.070000"


def test_stock_goes_with_an_order_and_comes_back_once(talk: Talk) -> None:
    product, (black, _) = with_variants(talk, 4, 6)
    order = talk.shop.state.place_order(Basket(pieces={(product, black): 3}))
    assert talk.stock(product) == {0: 7, black: 1, black + 1: 6}
    enter(talk, order, 6)
    enter(talk, order, 6)
    assert talk.stock(product)[black] == 4
    enter(talk, order, 2)
    assert talk.stock(product)[black] == 1


def test_the_same_state_twice_is_twice_in_the_history(talk: Talk) -> None:
    order = sell(talk)
    enter(talk, order, 4)
    enter(talk, order, 4)
    assert history(talk, order) == [10, 4, 4]


def test_the_same_state_as_a_field_of_the_order_is_no_news(talk: Talk) -> None:
    order = sell(talk)
    talk.patch("orders", order, "<current_state>4</current_state>")
    talk.patch("orders", order, "<current_state>4</current_state>")
    assert history(talk, order) == [10, 4]


@pytest.mark.parametrize(("order", "state"), [(1, 99), (99, 4)])
def test_a_state_or_an_order_that_does_not_exist_ends_php(talk: Talk, order: int, state: int) -> None:
    sell(talk)
    body = f"<id_order>{order}</id_order><id_order_state>{state}</id_order_state>"
    reply = talk.write("POST", "order_histories", body)
    assert (reply.status, reply.content) == (500, b"")
    assert history(talk, 1) == [10]


def test_a_paid_state_enters_what_is_missing_of_the_payment(talk: Talk) -> None:
    order = sell(talk)
    enter(talk, order, 2)
    row = talk.row("orders", order)
    paid = talk.rows("order_payments", filters={"order_reference": f"[{row['reference']}]"})
    assert [one["amount"] for one in paid] == [row["total_paid_tax_incl"]] == [row["total_paid_real"]]
    enter(talk, order, 3)
    assert len(talk.rows("order_payments")) == 1


def test_a_tracking_number_moves_no_date_of_the_order(talk: Talk) -> None:
    order = sell(talk)
    before = talk.row("orders", order)["date_upd"]
    talk.shop.state.clock.now += 60  # type: ignore[attr-defined]
    (carried,) = talk.rows("order_carriers", filters={"id_order": f"[{order}]"})
    talk.patch("order_carriers", carried["id"], "<tracking_number>620 00</tracking_number>")
    row = talk.row("orders", order)
    assert (row["shipping_number"], row["date_upd"]) == ("620 00", before)
    reply = talk.write("PATCH", "order_carriers", f"<id>{carried['id']}</id><tracking_number>1;2</tracking_number>")
    assert reply.codes == [85]


def test_the_order_takes_the_number_of_its_first_parcel(talk: Talk) -> None:
    order = sell(talk)
    talk.patch("orders", order, "<shipping_number>77</shipping_number>")
    assert [one["tracking_number"] for one in talk.rows("order_carriers")] == ["77"]


def test_an_edited_line_moves_stock_and_total(talk: Talk) -> None:
    order = sell(talk, 2)
    talk.shop.state.edit_order(order, quantity=1)
    row = talk.row("orders", order)
    assert (row["total_products_wt"], talk.stock(row["associations"]["order_rows"][0]["product_id"])) == (
        "6.150000",
        {0: 2},
    )


def test_buyers_with_an_account_are_the_same_customer(talk: Talk) -> None:
    orders = [sell(talk, buyer=Buyer(guest=False)) for _ in range(2)] + [sell(talk), sell(talk)]
    customers = [talk.row("orders", order)["id_customer"] for order in orders]
    assert len(set(customers[:2])) == 1
    assert len(set(customers)) == 3


def test_a_saved_shop_has_its_orders(talk: Talk) -> None:
    order = sell(talk, vouchers=[Voucher(percent=Decimal(10))], wrapping=Decimal("4.07"))
    again = Talk(PrestaSimulator(restore(dump(talk.shop.state), clock=talk.shop.state.clock)))
    assert again.row("orders", order) == talk.row("orders", order)
    again.shop.state.edit_order(order, quantity=5)
    assert again.row("orders", order)["total_discounts_tax_incl"] == "3.080000"

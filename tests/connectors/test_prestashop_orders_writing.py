"""Telling a PrestaShop what became of its orders: once, in few bodies, and never half without saying so."""

from collections.abc import Sequence
from typing import Any

import pytest

from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown, Rejected
from integrator.canonical.orders import OrderUpdate, Parcel, SaleDocument, Stage
from integrator.canonical.problems import Code
from integrator.canonical.side import Result
from shops.connectors.prestashop.simulator.access import API_KEY
from shops.connectors.prestashop.simulator.order_stand import PrestaOrderStand
from tests.connectors.prestashop_orders import bought, changed, one, orders_of, selling

SENT = "4"


class Old(PrestaOrderStand):
    version = "1.7.8.8"


class Older(PrestaOrderStand):
    version = "1.7.7.2"


@pytest.fixture
def stand() -> PrestaOrderStand:
    return selling()


def tell(stand: PrestaOrderStand, *rows: OrderUpdate) -> tuple[list[Result], list[str]]:
    """The results, and the writes that they took."""
    orders = orders_of(stand)
    known = {each.key: each for each in orders.read([row.key for row in rows]).orders}
    so_far = len(stand.wire.sent)
    return orders.update(rows, known), changed(stand, so_far)


def parcels(*numbers: str) -> tuple[Parcel, ...]:
    return tuple(Parcel(number=number, carrier="DPD") for number in numbers)


def sent(key: str, *numbers: str, **more: Any) -> OrderUpdate:
    return OrderUpdate(key=key, **{"state": SENT, "parcels": parcels(*(numbers or (f"T{key}",))), **more})


def rows_of(stand: PrestaOrderStand, table: str, key: str) -> list[dict[str, Any]]:
    kept = stand.state.tables[table]
    return [kept.get(row) for row in kept.index("id_order").of(int(key))]


def history(stand: PrestaOrderStand, key: str) -> list[int]:
    return [row["id_order_state"] for row in rows_of(stand, "order_histories", key)]


def numbers(stand: PrestaOrderStand, key: str) -> list[str]:
    return [row["tracking_number"] for row in rows_of(stand, "order_carriers", key)]


def errors(results: Sequence[Result]) -> list[IntegrationError | None]:
    return [result.error for result in results]


# in few bodies


def test_many_orders_take_one_body_for_each_step(stand: PrestaOrderStand) -> None:
    keys = [bought(stand) for _ in range(40)]
    documents = {key: (SaleDocument(number=f"FV {key}", kind="invoice"),) for key in keys}
    results, writes = tell(stand, *(sent(key, documents=documents[key]) for key in keys))
    assert errors(results) == [None] * 40
    assert writes == ["PATCH orders", "POST order_histories"]
    assert {one(stand, key).stage for key in keys[:3]} == {Stage.SENT}
    assert all(numbers(stand, key) == [f"T{key}"] for key in keys)
    assert stand.state.tables["orders"].get(int(keys[7]))["note"] == f"FV {keys[7]}"


def test_several_parcels_get_rows_of_their_own(stand: PrestaOrderStand) -> None:
    key, other = bought(stand), bought(stand)
    results, writes = tell(stand, sent(key, "1", "2", "3"), sent(other, "9"))
    assert errors(results) == [None, None]
    assert numbers(stand, key) == ["1", "2", "3"]
    assert {row["id_carrier"] for row in rows_of(stand, "order_carriers", key)} == {1}
    assert writes == ["PATCH order_carriers", "POST order_carriers", "PATCH orders", "POST order_histories"]
    assert sorted(parcel.number for parcel in one(stand, key).parcels) == ["1", "2", "3"]


def test_what_was_sent_can_be_read_afterwards_without_the_key(stand: PrestaOrderStand) -> None:
    (result,), _ = tell(stand, sent(key := bought(stand)))
    assert result.exchange is not None
    assert f"<id_order>{key}</id_order>" in result.exchange.request
    assert API_KEY not in result.exchange.request + result.exchange.answer


# to whom the shop writes


@pytest.mark.parametrize("notify", [True, False])
def test_the_shop_writes_to_buyers_only_if_it_may(stand: PrestaOrderStand, notify: bool) -> None:
    mail = " +mail" if notify else ""
    _, writes = tell(stand, sent(bought(stand), notify=notify))
    assert writes == ["PATCH orders", f"POST order_histories{mail}"]


def test_a_number_alone_is_mailed_about_by_its_carrier(stand: PrestaOrderStand) -> None:
    _, writes = tell(stand, OrderUpdate(key=bought(stand), parcels=parcels("77"), notify=True))
    assert writes == ["PATCH order_carriers +mail"]


def test_those_who_may_be_written_to_and_those_who_may_not_go_apart(stand: PrestaOrderStand) -> None:
    first, second = bought(stand), bought(stand)
    _, writes = tell(stand, OrderUpdate(key=first, state=SENT, notify=True), OrderUpdate(key=second, state=SENT))
    assert writes == ["POST order_histories", "POST order_histories +mail"]


# once


def test_even_what_was_read_long_ago_doubles_nothing(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    orders = orders_of(stand)
    known = {key: orders.read([key]).orders[0]}
    row = sent(key, "1", "2", documents=(SaleDocument(number="FV 1", kind="invoice"),), paid=True)
    assert errors(orders.update([row], known)) == [None]
    stored, so_far = stand.order_stored(key), len(stand.wire.sent)
    assert errors(orders.update([row], known)) == [None]
    assert errors(orders_of(stand).update([row], known)) == [None]
    assert changed(stand, so_far) == []
    assert stand.order_stored(key) == stored


def test_what_the_shop_knows_asks_it_nothing(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    tell(stand, sent(key))
    orders = orders_of(stand)
    known = {key: orders.read([key]).orders[0]}
    so_far = len(stand.wire.sent)
    assert errors(orders.update([sent(key)], known)) == [None]
    assert len(stand.wire.sent) == so_far


def test_a_lost_answer_is_looked_into(stand: PrestaOrderStand) -> None:
    """The shop had done it, so nothing is unknown."""
    keys = [bought(stand) for _ in range(3)]
    stand.wire.lose_answers("POST")
    results, writes = tell(stand, *(OrderUpdate(key=key, state=SENT) for key in keys))
    assert (errors(results), writes) == ([None] * 3, ["POST order_histories"])
    assert [history(stand, key).count(int(SENT)) for key in keys] == [1, 1, 1]


def test_a_request_that_never_arrived_is_unknown_and_not_repeated(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    stand.shop.faults.add("reset", method="POST", resource="order_histories")
    (result,), writes = tell(stand, OrderUpdate(key=key, state=SENT))
    assert (type(result.error), writes) == (OutcomeUnknown, ["POST order_histories"])
    (again,), _ = tell(stand, OrderUpdate(key=key, state=SENT))
    assert again.ok
    assert history(stand, key).count(int(SENT)) == 1


def test_an_order_removed_in_the_middle_stops_no_other_and_doubles_none(stand: PrestaOrderStand) -> None:
    keys = [bought(stand) for _ in range(5)]
    orders = orders_of(stand)
    known = {each.key: each for each in orders.read(keys).orders}
    stand.state.remove_order(int(keys[2]))
    results = orders.update([OrderUpdate(key=key, state=SENT) for key in keys], known)
    assert [type(error) for error in errors(results)] == [type(None), type(None), Gone, type(None), type(None)]
    assert [history(stand, key).count(int(SENT)) for key in (*keys[:2], *keys[3:])] == [1, 1, 1, 1]


def test_a_module_that_dies_over_every_state_is_not_asked_for_ever(stand: PrestaOrderStand) -> None:
    keys = [bought(stand) for _ in range(12)]
    stand.shop.faults.add("error", method="POST", resource="order_histories", times=99)
    results, writes = tell(stand, *(OrderUpdate(key=key, state=SENT) for key in keys))
    assert all(isinstance(error, OutcomeUnknown) for error in errors(results))
    assert len(writes) <= 5


# what is refused


def test_a_state_that_the_shop_does_not_have_is_refused_here(stand: PrestaOrderStand) -> None:
    key, other = bought(stand), bought(stand)
    results, writes = tell(stand, OrderUpdate(key=key, state="99"), OrderUpdate(key=other, state=SENT))
    assert isinstance(results[0].error, Rejected)
    assert results[0].error.field == "state"
    assert results[1].ok
    assert writes == ["POST order_histories"]
    assert history(stand, key) == [10]


@pytest.mark.parametrize("number", ["A;B", "1" * 65, "<b>", "1#2"])
def test_a_number_that_the_shop_does_not_take_holds_its_order_alone(stand: PrestaOrderStand, number: str) -> None:
    key, other = bought(stand), bought(stand)
    results, _ = tell(stand, sent(key, number), sent(other))
    assert isinstance(results[0].error, Rejected)
    assert results[0].error.field == "tracking_number"
    assert (history(stand, key), results[1].ok) == ([10], True)


def test_an_order_that_nobody_read_is_gone(stand: PrestaOrderStand) -> None:
    (result,) = orders_of(stand).update([sent("4711")], {})
    assert isinstance(result.error, Gone)


def test_a_right_that_is_missing_concerns_the_whole_call(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    (account,) = stand.shop.access.accounts.values()
    account.rights["order_histories"] = {"GET"}
    with pytest.raises(Rejected) as raised:
        tell(stand, OrderUpdate(key=key, state=SENT))
    assert raised.value.problem.code == Code.RIGHT_MISSING
    results, _ = tell(stand, sent(key))
    assert [type(error) for error in errors(results)] == [Rejected]
    assert numbers(stand, key) == [f"T{key}"]


# paid


def test_an_awaited_payment_moves_the_order_to_the_shops_state_of_it(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    tell(stand, OrderUpdate(key=key, paid=True))
    found = one(stand, key)
    assert (found.state, found.payment.paid, found.payment.amount) == ("2", True, found.total)


def test_a_state_that_pays_is_enough(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    _, writes = tell(stand, OrderUpdate(key=key, state=SENT, paid=True))
    assert writes == ["POST order_histories"]
    assert one(stand, key).payment.paid


def test_where_no_state_tells_it_the_payment_is_entered_once(stand: PrestaOrderStand) -> None:
    key = bought(stand, payment="ps_cashondelivery")
    unpaid = stand.state.insert("order_states", {"name": stand.state.in_all("W drodze"), "shipped": "1"})
    tell(stand, OrderUpdate(key=key, state=str(unpaid)))
    stand.wire.lose_answers("POST")
    results, writes = tell(stand, OrderUpdate(key=key, paid=True))
    assert (errors(results), writes) == ([None], ["POST order_payments", "PATCH orders"])
    found = one(stand, key)
    assert (found.state, found.payment.paid, found.payment.amount) == (str(unpaid), True, found.total)
    assert len(stand.state.tables["order_payments"]) == 1


# documents


def test_what_stands_in_the_note_stays(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    with stand.state.tables["orders"].editing(int(key)) as row:
        row["note"] = "Stały klient & znajomy"
    document = SaleDocument(number="FV 3/2026", kind="invoice", ksef_number="526-X")
    tell(stand, OrderUpdate(key=key, documents=(document,)))
    kept = stand.state.tables["orders"].get(int(key))["note"]
    assert kept == "Stały klient & znajomy\nFV 3/2026 (KSeF 526-X)"


def test_a_version_without_notes_says_so_when_the_rest_is_done() -> None:
    stand = selling(Older())
    key = bought(stand)
    (result,), _ = tell(stand, sent(key, documents=(SaleDocument(number="FV 1", kind="invoice"),)))
    assert result.error is not None
    assert (result.error.problem.code, history(stand, key)[-1]) == (Code.CANNOT_UPDATE, int(SENT))


# without PATCH


def test_a_version_without_patch_loses_nothing_of_an_order() -> None:
    stand = selling(Old())
    key = bought(stand, note="Uwaga")
    before = dict(stand.state.tables["orders"].get(int(key)))
    stand.clock.now += 60
    _, writes = tell(stand, OrderUpdate(key=key, documents=(SaleDocument(number="FV 1", kind="invoice"),)))
    after = stand.state.tables["orders"].get(int(key))
    assert writes == ["PUT orders"]
    assert {name for name in before if before[name] != after[name]} == {"note", "date_upd"}
    assert history(stand, key) == [10]


def test_a_carrier_row_is_put_back_with_what_delivery_cost() -> None:
    stand = selling(Old())
    key = bought(stand)
    (carried,) = rows_of(stand, "order_carriers", key)
    with stand.state.tables["order_carriers"].editing(int(carried["id"])) as row:
        row["shipping_cost_tax_incl"], row["weight"] = "17.990000", "1.250000"
    _, writes = tell(stand, OrderUpdate(key=key, parcels=parcels("55")))
    (after,) = rows_of(stand, "order_carriers", key)
    assert writes == ["PUT order_carriers"]
    assert (after["tracking_number"], after["shipping_cost_tax_incl"], after["weight"]) == (
        "55",
        "17.990000",
        "1.250000",
    )

"""Telling a Shoper shop: parcels where it has room for them, states that it moves itself, notes that people write."""

import json
from typing import Any

import httpx
import pytest

from integrator.canonical.errors import OutcomeUnknown, Rejected
from integrator.canonical.orders import OrderUpdate, Parcel, SaleDocument
from integrator.canonical.problems import Code
from integrator.canonical.side import Result
from shops.connectors.shoper.order_writing import with_documents
from shops.connectors.shoper.simulator.access import LOGIN
from shops.connectors.shoper.simulator.order_rows import parcel_ids
from shops.connectors.shoper.simulator.order_stand import ShoperOrderStand
from shops.simulation.tables import Row
from tests.connectors.order_conformance import orders_of
from tests.connectors.shoper_shop import Talk
from tests.connectors.wire import wired


@pytest.fixture
def stand() -> ShoperOrderStand:
    stand = wired(ShoperOrderStand())
    stand.fill(6)
    return stand


def tell(stand: ShoperOrderStand, *rows: OrderUpdate) -> list[Result]:
    orders = orders_of(stand)
    return orders.update(rows, {one.key: one for one in orders.read([row.key for row in rows]).orders})


def sent(key: str, *numbers: str, **more: Any) -> OrderUpdate:
    return OrderUpdate(key=key, parcels=tuple(Parcel(number=one) for one in numbers), **more)


def parcels(stand: ShoperOrderStand, key: str) -> list[Row]:
    return [stand.shop.state.parcels.get(one) for one in parcel_ids(stand.shop.state, int(key))]


def order(stand: ShoperOrderStand, key: str) -> Row:
    return stand.shop.state.orders.get(int(key))


def operations(stand: ShoperOrderStand, since: int) -> list[str]:
    """What the bulks since then wrote."""
    bulks = [json.loads(one.content) for one in stand.wire.requests[since:] if one.url.path.endswith("/bulk")]
    return [
        f"{one['method']} {one['path'].removeprefix('/webapi/rest/')}"
        for bulk in bulks
        for one in bulk
        if one["method"] != "GET"
    ]


# parcels and the states they move


def test_a_sent_parcel_moves_the_state_and_it_is_not_told_again(stand: ShoperOrderStand) -> None:
    key = stand.place_order(lines=2)
    so_far = len(stand.wire.sent)
    assert tell(stand, sent(key, "0000123", state="7"))[0].ok
    assert operations(stand, so_far) == ["POST parcels"]
    assert (order(stand, key)["status_id"], parcels(stand, key)[0]["sent"]) == ("7", "1")


@pytest.mark.parametrize("configured", ["7", ""])
def test_another_state_than_the_shops_own_is_told_afterwards(stand: ShoperOrderStand, configured: str) -> None:
    stand.shop.state.config["shopping_parcel_send_status_id"] = configured
    key = stand.place_order()
    so_far = len(stand.wire.sent)
    assert tell(stand, sent(key, "0000123", state="12"))[0].ok
    assert operations(stand, so_far) == ["POST parcels", f"PUT orders/{key}"]
    assert order(stand, key)["status_id"] == "12"


def test_a_shop_that_hears_only_the_documented_word_is_told_it(stand: ShoperOrderStand) -> None:
    stand.shop.quirks.parcel_sent_key = "send"
    key = stand.place_order()
    assert tell(stand, sent(key, "0000123", state="7"))[0].ok
    assert (parcels(stand, key)[0]["sent"], order(stand, key)["status_id"]) == ("1", "7")
    assert order(stand, key)["notes_priv"] == ""


def test_a_parcel_that_is_not_kept_as_sent_is_said(stand: ShoperOrderStand) -> None:
    stand.shop.quirks.parcel_sent_key = "dispatched"
    key = stand.place_order()
    (result,) = tell(stand, sent(key, "0000123", state="7"))
    assert isinstance(result.error, Rejected)
    assert order(stand, key)["status_id"] == "4"


def test_a_parcel_that_was_left_unsent_is_sent_the_next_time(stand: ShoperOrderStand) -> None:
    """The answer to the write was lost before anybody could see that `sent` had not been heard."""
    stand.shop.quirks.parcel_sent_key = "send"
    key = stand.place_order()
    Talk(stand.shop).post("parcels", {"order_id": key, "shipping_id": 3, "shipping_code": "A1", "sent": 1})
    assert tell(stand, sent(key, "A1", state="7"))[0].ok
    assert (parcels(stand, key)[0]["sent"], order(stand, key)["status_id"]) == ("1", "7")


def test_an_order_that_arrives_spoiled_stops_no_other(stand: ShoperOrderStand) -> None:
    keys = [stand.place_order() for _ in range(2)]
    orders = orders_of(stand)
    known = {one.key: one for one in orders.read(keys).orders}
    stand.spoil_order(keys[0])
    results = orders.update([sent(key, f"N{key}", state="7") for key in keys], known)
    assert [one.ok for one in results] == [False, True]
    assert [order(stand, key)["status_id"] for key in keys] == ["1", "7"]


def test_a_parcel_packed_in_the_panel_gets_its_number(stand: ShoperOrderStand) -> None:
    key = stand.place_order(lines=2)
    talk = Talk(stand.shop)
    first = talk.post(
        "parcels", {"order_id": key, "shipping_id": 3, "products": [{"order_product_id": 1, "quantity": 1}]}
    )
    assert tell(stand, sent(key, "A1", "B2", "C3", state="7"))[0].ok
    found = parcels(stand, key)
    assert [(one["shipping_code"], one["sent"]) for one in found] == [("A1", "1"), ("B2, C3", "1")]
    assert int(found[0]["parcel_id"]) == first
    (read,) = orders_of(stand).read([key]).orders
    assert [one.number for one in read.parcels] == ["A1", "B2", "C3"]


def test_what_is_left_after_a_part_goes_into_a_parcel_of_its_own(stand: ShoperOrderStand) -> None:
    key = stand.place_order(lines=2)
    part = {"order_id": key, "shipping_id": 3, "shipping_code": "A1", "sent": 1}
    Talk(stand.shop).post("parcels", part | {"products": [{"order_product_id": 1, "quantity": 2}]})
    assert tell(stand, sent(key, "A1", "B2"))[0].ok
    assert [one["shipping_code"] for one in parcels(stand, key)] == ["A1", "B2"]


def test_a_number_for_which_no_goods_are_left_joins_the_last_parcel(stand: ShoperOrderStand) -> None:
    key = stand.place_order()
    tell(stand, sent(key, "A1"))
    assert tell(stand, sent(key, "A1", "B2", state="12"))[0].ok
    assert [one["shipping_code"] for one in parcels(stand, key)] == ["A1, B2"]
    assert order(stand, key)["status_id"] == "12"


def test_a_number_with_blanks_or_commas_is_told_once(stand: ShoperOrderStand) -> None:
    key = stand.place_order()
    row = sent(key, "0000 12 34", "A1;B2")
    assert tell(stand, row)[0].ok
    stored, so_far = stand.order_stored(key), len(stand.wire.sent)
    assert tell(stand, row)[0].ok
    assert operations(stand, so_far) == []
    assert (stand.order_stored(key), parcels(stand, key)[0]["shipping_code"]) == (stored, "0000 12 34, A1, B2")


def test_a_lost_answer_of_a_write_is_unknown_and_looked_for(stand: ShoperOrderStand) -> None:
    key = stand.place_order()
    orders = orders_of(stand)
    (known,) = orders.read([key]).orders
    passed = stand.wire._pass

    def lose(request: Any) -> Any:
        answer = passed(request)
        if stand.writes(request):
            stand.wire._pass = passed
            raise httpx.ReadError("lost", request=request)
        return answer

    stand.wire._pass = lose
    row = sent(key, "A1", state="7", documents=(SaleDocument(number="FV 1/2026", kind="invoice"),))
    with pytest.raises(OutcomeUnknown):
        orders.update([row], {key: known})
    stored, so_far = stand.order_stored(key), len(stand.wire.sent)
    assert orders.update([row], {key: known})[0].ok
    assert operations(stand, so_far) == []
    assert stand.order_stored(key) == stored


def test_a_right_that_is_missing_is_said_of_each_order(stand: ShoperOrderStand) -> None:
    keys = [stand.place_order() for _ in range(2)]
    stand.shop.access.accounts[LOGIN].rights = {
        name: "edit" if name == "orders" else "read" for name in stand.shop.state.tables
    }
    results = tell(stand, sent(keys[0], "A1", state="7"), OrderUpdate(key=keys[1], state="2"))
    assert isinstance(results[0].error, Rejected)
    assert results[0].error.problem.code == Code.RIGHT_MISSING
    assert results[1].ok
    assert [order(stand, key)["status_id"] for key in keys] == ["1", "2"]


# the order itself


def test_states_payments_and_cancellations(stand: ShoperOrderStand) -> None:
    keys = [stand.place_order() for _ in range(3)]
    stand.shop.state.pay_order(int(keys[1]), "5")
    rows = [
        OrderUpdate(key=keys[0], state="8"),
        OrderUpdate(key=keys[1], paid=True, state="2"),
        OrderUpdate(key=keys[2], state="wysłane"),
    ]
    results = tell(stand, *rows)
    assert [one.ok for one in results] == [True, True, False]
    assert isinstance(results[2].error, Rejected)
    assert order(stand, keys[0])["status_id"] == "8"
    assert order(stand, keys[1])["paid"] == order(stand, keys[1])["sum"]
    assert order(stand, keys[2])["status_id"] == "1"


def test_an_overpayment_is_left_as_it_is(stand: ShoperOrderStand) -> None:
    key = stand.place_order()
    stand.shop.state.pay_order(int(key), "1000")
    assert tell(stand, OrderUpdate(key=key, paid=True))[0].ok
    assert order(stand, key)["paid"] == "1000.00"


def test_an_order_without_news_costs_no_request(stand: ShoperOrderStand) -> None:
    key = stand.place_order()
    orders = orders_of(stand)
    (known,) = orders.read([key]).orders
    so_far = len(stand.wire.sent)
    assert orders.update([OrderUpdate(key=key, state="1")], {key: known})[0].ok
    assert len(stand.wire.sent) == so_far


def test_25_orders_are_told_in_four_calls(stand: ShoperOrderStand) -> None:
    keys = [stand.place_order() for _ in range(25)]
    orders = orders_of(stand)
    known = {one.key: one for one in orders.read(keys).orders}
    so_far = len(stand.wire.sent)
    documents = {key: (SaleDocument(number=f"FV {key}/2026", kind="invoice"),) for key in keys}
    rows = [sent(key, f"N{key}", state="7", documents=documents[key]) for key in keys]
    assert all(one.ok for one in orders.update(rows, known))
    assert stand.wire.sent[so_far:] == ["POST /webapi/rest/bulk"] * 4


# documents


def document(number: str, ksef: str = "") -> SaleDocument:
    return SaleDocument(number=number, kind="invoice", ksef_number=ksef)


def test_what_people_wrote_in_the_note_stays(stand: ShoperOrderStand) -> None:
    key = stand.place_order()
    stand.shop.state.edit_order(int(key), notes_priv="Klient stały\r\nDzwonić rano")
    assert tell(stand, OrderUpdate(key=key, documents=(document("FV 1/2026"),)))[0].ok
    assert order(stand, key)["notes_priv"] == "Klient stały\r\nDzwonić rano\nERP: FV 1/2026"


def test_a_number_inside_another_is_not_that_number() -> None:
    note = with_documents("", [document("FV 11/2026"), document("FV 1/20261")])
    assert with_documents(note, [document("FV 1/2026")]) == f"{note}\nERP: FV 1/2026"


def test_a_number_that_somebody_wrote_there_is_not_repeated() -> None:
    note = "wystawiono FV 1/2026 (wysłana)"
    assert with_documents(note, [document("FV 1/2026")]) == note


def test_the_number_of_ksef_joins_the_document_that_it_is_of() -> None:
    note = with_documents("Uwaga", [document("FV 1/2026"), document("WZ 7")])
    later = with_documents(note, [document("FV 1/2026", "1234563218-20260102-AB"), document("WZ 7")])
    assert later == "Uwaga\nERP: FV 1/2026 (KSeF 1234563218-20260102-AB)\nERP: WZ 7"
    assert with_documents(later, [document("FV 1/2026", "1234563218-20260102-AB"), document("FV 1/2026")]) == later

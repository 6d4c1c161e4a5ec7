"""What is left of an order when its buyer is taken away, and whose an order is."""

import dataclasses
import json
from decimal import Decimal

import msgspec
import pytest

from integrator.canonical.orders import Address, Buyer, Parcel, PickupPoint
from syncjobs.orders.personal import Wanted, event_without_buyer, without_buyer
from tests.orders.make import order

CANARY = "Zażółć"


def bought() -> object:
    """An order with a canary in every text that a buyer may fill in."""
    address = Address(
        **{one.name: CANARY for one in dataclasses.fields(Address) if one.name != "country"}, country="PL"
    )
    made = order()
    return dataclasses.replace(
        made,
        buyer=Buyer(email=f"{CANARY}@example.pl", phone=CANARY, billing=address, delivery=address, account=CANARY),
        note=CANARY,
        lines=tuple(dataclasses.replace(line, note=CANARY) for line in made.lines),
        payment=dataclasses.replace(made.payment, reference=CANARY),
        delivery=dataclasses.replace(made.delivery, pickup=PickupPoint(code=CANARY, name=CANARY)),
        parcels=(Parcel(number=CANARY, url=CANARY),),
    )


def test_nothing_that_a_buyer_typed_is_left_and_the_money_is() -> None:
    before = bought()
    after = without_buyer(before)
    assert CANARY not in json.dumps(msgspec.to_builtins(after), ensure_ascii=False)
    assert (after.total, after.currency, after.state) == (before.total, before.currency, before.state)
    assert [line.quantity for line in after.lines] == [line.quantity for line in before.lines]
    assert after.buyer.billing.country == "PL", "taxes depend on it"
    assert without_buyer(after) == after


def test_reasons_and_calls_of_events_go_and_what_policy_said_stays() -> None:
    assert event_without_buyer({"exchange": {"request": CANARY}, "number": "ZO 1"}) == {"number": "ZO 1"}
    assert event_without_buyer({"reasons": [{"code": "x", "params": {"value": CANARY}}]}) == {"reasons": []}
    assert event_without_buyer({"choice": "import", "reason": {"code": "y"}}) == {
        "choice": "import",
        "reason": {"code": "y"},
    }
    assert event_without_buyer({"reason": CANARY}) == {"reason": ""}


@pytest.mark.parametrize(
    ("wanted", "whose"),
    [
        (Wanted(email=" ANNA@example.pl "), True),
        (Wanted(email="hanna@example.pl"), False),
        (Wanted(phone="+48 600-100-200"), True),
        (Wanted(phone="600100201"), False),
        (Wanted(phone="200"), False),
        (Wanted(tax_number="PL 526-10-40-567"), True),
        (Wanted(email="other@example.pl", tax_number="5261040567"), True),
        (Wanted(), False),
    ],
)
def test_a_buyer_is_known_however_it_was_typed(wanted: Wanted, whose: bool) -> None:
    billing = Address(phone="600 100 200", tax_number="526-104-05-67")
    mine = dataclasses.replace(order(), buyer=Buyer(email="anna@example.pl", billing=billing), total=Decimal(5))
    assert wanted.is_of(mine) is whose


def test_an_order_without_marks_is_nobodys() -> None:
    assert Wanted(phone="1", email="").nobody
    assert not Wanted(email="a@b.pl").is_of(dataclasses.replace(order(), buyer=Buyer()))

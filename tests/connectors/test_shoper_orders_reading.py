"""Reading Shoper's orders: whose money is whose, what is skipped never, and what the shop's answers may look like."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from integrator.canonical.errors import IntegrationError, Rejected
from integrator.canonical.orders import Address, ChargeKind, Order, PaymentKind, PickupPoint, Stage
from integrator.canonical.problems import Code
from integrator.canonical.rounding import to_places
from shops.connectors.shoper import order_paging
from shops.connectors.shoper.order_mapping import line_amounts, payment_kind
from shops.connectors.shoper.order_paging import shop_text
from shops.connectors.shoper.simulator.order_stand import ShoperOrderStand
from shops.connectors.shoper.simulator.resources import RESOURCES
from shops.connectors.shoper.simulator.selling import COD, LOCKER, ONLINE
from tests.connectors.order_conformance import orders_of, pages
from tests.connectors.wire import wired


@pytest.fixture
def stand() -> ShoperOrderStand:
    stand = wired(ShoperOrderStand())
    stand.fill(6)
    return stand


def began(stand: ShoperOrderStand) -> datetime:
    return datetime.fromtimestamp(stand.clock.now, UTC)


def one(stand: ShoperOrderStand, key: str) -> Order:
    (found,) = orders_of(stand).read([key]).orders
    return found


def fetched(stand: ShoperOrderStand, since: datetime) -> list[str]:
    return [order.key for page in pages(orders_of(stand), since) for order in page.orders]


def placed(stand: ShoperOrderStand, **terms: Any) -> str:
    product = int(stand.product_ids()[1])
    return str(stand.shop.state.place_order([{"product": product, "amount": 2}], **terms))


# what an order says


def test_buyer_delivery_and_payment(stand: ShoperOrderStand) -> None:
    company = {
        "company": "Kwiaciarnia Łączka sp. z o.o.",
        "tax_identification_number": "PL 123-456-32-18",
        "street2": "lok. 4",
    }
    key = placed(
        stand,
        email="biuro@laczka.example",
        buyer=company,
        delivery={"company": "", "firstname": "Żółwik", "city": "Łódź", "country_code": "pl"},
        payment=COD,
        shipping=LOCKER,
        pickup_point="LOD01M",
        pickup_point_data={"name": "Przy sklepie"},
        notes="Proszę o fakturę 🙂",
        user_id="7",
        registered="1",
    )
    order = one(stand, key)
    assert (order.buyer.email, order.buyer.phone, order.buyer.account) == ("biuro@laczka.example", "+48600100200", "7")
    assert order.buyer.billing == Address(
        first_name="Żaneta", last_name="Łącka", company="Kwiaciarnia Łączka sp. z o.o.", tax_number="PL 123-456-32-18",
        street="Świętojańska 7/3 lok. 4", postcode="81-368", city="Gdynia", country="PL", phone="+48600100200",
    )  # fmt: skip
    assert order.buyer.delivery is not None
    assert (order.buyer.delivery.first_name, order.buyer.delivery.city) == ("Żółwik", "Łódź")
    assert order.buyer.delivery.country == "PL"
    assert (order.payment.type, order.payment.name, order.payment.kind) == ("2", "Pobranie", PaymentKind.COD)
    assert order.delivery.pickup == PickupPoint(code="LOD01M", name="Przy sklepie")
    assert (order.delivery.name, order.note) == ("Paczkomat", "Proszę o fakturę 🙂")
    (shipping,) = order.charges
    assert (shipping.kind, shipping.gross, shipping.tax, shipping.percent) == (
        ChargeKind.SHIPPING, Decimal("15.00"), "23%", 23,
    )  # fmt: skip


def test_the_same_address_twice_is_one(stand: ShoperOrderStand) -> None:
    assert one(stand, placed(stand)).buyer.delivery is None


def test_a_guest_has_no_account(stand: ShoperOrderStand) -> None:
    assert one(stand, placed(stand, user_id="9")).buyer.account == ""


@pytest.mark.parametrize(("value", "wants"), [("1", True), ("0", False), ("", False), (None, False)])
def test_the_wish_for_an_invoice_stands_in_a_field_of_the_shop(
    stand: ShoperOrderStand, value: str | None, wants: bool
) -> None:
    fields = [] if value is None else [{"field_id": "2", "type": "2", "value": value}]
    key = placed(stand, additional_fields=fields)
    assert one(stand, key).buyer.wants_invoice is None
    stand.settings = {"invoice_field": "2"}
    assert one(stand, key).buyer.wants_invoice is wants


def test_a_part_payment_is_none(stand: ShoperOrderStand) -> None:
    key = placed(stand, payment=ONLINE)
    stand.shop.state.pay_order(int(key), "10")
    assert (one(stand, key).payment.paid, one(stand, key).payment.amount) == (False, Decimal("10.00"))
    stand.pay_order(key)
    assert one(stand, key).payment.paid


def test_variants_have_their_own_key_and_a_deleted_one_none(stand: ShoperOrderStand) -> None:
    state = stand.shop.state
    product = next(int(key) for key in stand.product_ids() if len(state.stock_ids(int(key))) > 1)
    variant = state.stock_ids(product)[1]
    key = str(state.place_order([{"product": product, "variant": variant}, {"product": 1}]))
    assert [line.product for line in one(stand, key).lines] == [f"{product}:{variant}", "1"]
    stand.facts.clear()
    state.remove_variant(variant)
    assert [line.product for line in one(stand, key).lines] == ["", "1"]


def test_what_a_line_calls_options_may_be_no_variant(stand: ShoperOrderStand) -> None:
    product = int(stand.product_ids()[1])
    key = str(stand.shop.state.place_order([{"product": product, "option": "Grawer: Ola"}]))
    (line,) = one(stand, key).lines
    assert (line.product, line.note) == (str(product), "Grawer: Ola")


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ({"text_options": [{"id": 4, "name": "Grawer", "value": "Ania"}]}, "Grawer: Ania"),
        ({"text_options": ["Ania"], "file_options": {"9": {"name": "logo.png", "size": 12}}}, "Ania\nlogo.png: 12"),
        ({"option": "Kolor: Czarny", "text_options": [{"text": "Ania", "option_id": "3"}]}, "Kolor: Czarny\nAnia"),
        ({"text_options": None, "file_options": [None, True, {}]}, ""),
    ],
)
def test_what_the_buyer_typed_with_a_line_is_kept(stand: ShoperOrderStand, typed: dict[str, Any], note: str) -> None:
    product = int(stand.product_ids()[1])
    key = str(stand.shop.state.place_order([{"product": product, "amount": 1, **typed}]))
    assert one(stand, key).lines[0].note == note


def test_orders_that_were_put_together_name_each_other(stand: ShoperOrderStand) -> None:
    parent, child = placed(stand, children=["17", {"order_id": "18"}]), placed(stand, parent_order_id="9")
    assert (one(stand, parent).merged, one(stand, child).merged) == (("17", "18"), ("9",))
    assert one(stand, placed(stand, parent_order_id="0")).merged == ()


def test_stages_follow_types_and_the_state_of_sent_parcels(stand: ShoperOrderStand) -> None:
    stages = {entry.name: entry.stage for entry in orders_of(stand).words().states}
    assert stages["złożone"] is Stage.NEW
    assert stages["w trakcie kompletowania"] is Stage.OPEN
    assert stages["oczekiwanie na płatność"] is Stage.AWAITING_PAYMENT
    assert (stages["przesyłka wysłana"], stages["dostarczone"]) == (Stage.SENT, Stage.DONE)
    assert (stages["anulowane"], stages["zwrócone"]) == (Stage.CANCELLED, Stage.RETURNED)
    stand.shop.state.config["shopping_parcel_send_status_id"] = ""
    stand.facts.clear()
    stages = {entry.name: entry.stage for entry in orders_of(stand).words().states}
    assert stages["dostarczone"] is Stage.SENT


def test_a_state_that_was_added_since_is_asked_for(stand: ShoperOrderStand) -> None:
    one(stand, placed(stand))
    row = stand.shop.state.tables["statuses"].get(2)
    stand.shop.state.tables["statuses"].insert({**row, "type": "3"}, 77)
    key = placed(stand)
    stand.shop.state.move_order(int(key), 77)
    stand.clock.now += 120
    assert one(stand, key).stage is Stage.DONE


def test_an_order_that_waits_for_its_buyer_is_looked_at_by_people(stand: ShoperOrderStand) -> None:
    key = placed(stand, confirm="0")
    assert one(stand, key).stage is Stage.NEW
    stand.shop.state.config["shopping_confirm_order"] = "1"
    stand.facts.clear()
    assert one(stand, key).stage is Stage.UNKNOWN
    stand.shop.state.edit_order(int(key), confirm="1")
    assert one(stand, key).stage is Stage.NEW


@pytest.mark.parametrize(
    ("engine", "kind"),
    [("cod", PaymentKind.COD), ("przelewy24.pl", PaymentKind.ONLINE), ("PayPal", PaymentKind.ONLINE),
     ("transfer", PaymentKind.TRANSFER), ("Allegro", PaymentKind.UNKNOWN), ("", PaymentKind.UNKNOWN)],
)  # fmt: skip
def test_only_well_known_payments_are_classified(engine: str, kind: PaymentKind) -> None:
    assert payment_kind(engine) is kind


def test_a_foreign_currency_is_named_and_an_unknown_one_guessed_by_nobody(stand: ShoperOrderStand) -> None:
    foreign, unknown = placed(stand, currency_id="3"), placed(stand, currency_id="99")
    found = orders_of(stand).read([foreign, unknown])
    assert [(order.key, order.currency) for order in found.orders] == [(foreign, "EUR")]
    assert [error.key for error in found.errors] == [unknown]
    assert found.errors[0].problem.as_dict()["field"] == "currency_id"


# money


def row(price: str, quantity: str, discount: str) -> dict[str, Any]:
    return {"price": price, "quantity": quantity, "discount_perc": discount}


def test_the_sum_says_how_a_discount_is_meant() -> None:
    rows = [row("9.95", "7", "33.33"), row("10.00", "1", "0")]
    for total in ("56.44", "56.41", "79.65"):
        assert sum(line_amounts(rows, Decimal(total))) == Decimal(total)
    assert sum(line_amounts(rows, Decimal("5.00"))) == Decimal("56.44")


def test_a_code_of_a_fixed_amount_is_spread_over_the_rates(stand: ShoperOrderStand) -> None:
    state = stand.shop.state
    keys = [int(key) for key in stand.product_ids()[1:3]]
    with state.products.editing(keys[1]) as product:
        product["tax_id"] = "2"
    order_id = state.place_order([{"product": keys[0], "price": "20"}, {"product": keys[1], "price": "10"}])
    stand.take_off(order_id, 1000)
    order = one(stand, str(order_id))
    found = {charge.tax: charge.gross for charge in order.charges if charge.kind is ChargeKind.DISCOUNT}
    assert found == {"23%": Decimal("-6.67"), "8%": Decimal("-3.33")}


def test_a_difference_that_no_discount_explains_is_left_to_be_seen(stand: ShoperOrderStand) -> None:
    key = placed(stand)
    with stand.shop.state.orders.editing(int(key)) as order:
        order["sum"] = "30.00"
    found = one(stand, key)
    assert found.total == Decimal("30.00")
    assert [charge.kind for charge in found.charges] == [ChargeKind.SHIPPING]
    assert sum(to_places(line.gross or Decimal(0), 2) for line in found.lines) == Decimal("24.60")


# pages


def test_more_orders_than_a_page_moved_in_one_second(stand: ShoperOrderStand) -> None:
    keys = [placed(stand) for _ in range(70)]
    stand.clock.now += 60
    keys += [placed(stand) for _ in range(120)]
    stand.clock.now += 60
    keys.append(placed(stand))
    assert fetched(stand, began(stand) - timedelta(hours=1)) == keys


def test_orders_whose_state_has_no_date_come_too(stand: ShoperOrderStand) -> None:
    since = began(stand)
    keys = [placed(stand, status_date="0000-00-00 00:00:00") for _ in range(60)]
    dated = placed(stand)
    assert fetched(stand, since) == [dated, *keys]


def test_a_shop_that_does_not_filter_by_the_date_of_the_state_is_read_by_the_day(
    stand: ShoperOrderStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = RESOURCES["orders"]
    monkeypatch.setitem(RESOURCES, "orders", replace(old, filters=old.filters - {"status_date"}))
    placed(stand)
    stand.clock.now += 3600
    since = began(stand)
    keys = [placed(stand) for _ in range(70)]
    assert fetched(stand, since) == keys


def doctored(stand: ShoperOrderStand, change: Callable[[dict[str, Any]], None]) -> None:
    """The shop's answers to a bulk of lists, changed on their way."""
    passed = stand.wire._pass

    def answer(request: httpx.Request) -> httpx.Response:
        found: httpx.Response = passed(request)
        if not request.url.path.endswith("/bulk"):
            return found
        body = json.loads(found.content)
        for item in body["items"]:
            if isinstance(item["body"], dict):
                change(item["body"])
        return httpx.Response(200, json=body)

    stand.wire._pass = answer


def test_a_shop_that_sorts_otherwise_is_not_believed(stand: ShoperOrderStand) -> None:
    since = began(stand)
    for _ in range(3):
        placed(stand)
        stand.clock.now += 5
    doctored(stand, lambda body: body["list"].reverse())
    with pytest.raises(Rejected) as refused:
        fetched(stand, since)
    assert refused.value.problem.code == Code.UNEXPECTED_ANSWER


def test_lines_of_other_orders_are_not_taken_for_theirs(stand: ShoperOrderStand) -> None:
    key = placed(stand)

    def stray(body: dict[str, Any]) -> None:
        for line in body["list"]:
            line["order_id"] = "999"

    doctored(stand, stray)
    with pytest.raises(IntegrationError):
        one(stand, key)


def test_orders_of_many_lines_are_read_whole(stand: ShoperOrderStand) -> None:
    product = int(stand.product_ids()[1])
    state = stand.shop.state
    keys = [str(state.place_order([{"product": product}] * count)) for count in (150, 1, 60)]
    found = {order.key: len(order.lines) for order in orders_of(stand).read(keys).orders}
    assert found == dict(zip(keys, (150, 1, 60), strict=True))


def test_a_page_of_orders_takes_two_calls(stand: ShoperOrderStand) -> None:
    orders, since = orders_of(stand), began(stand)
    orders.words()
    for _ in range(50):
        stand.place_order(lines=6)
    orders.read(["1"])
    so_far = len(stand.wire.sent)
    assert len(fetched(stand, since)) == 50
    assert stand.wire.sent[so_far:] == ["POST /webapi/rest/bulk"] * 2


def test_the_hour_that_comes_twice_is_not_skipped() -> None:
    zone = order_paging.ZoneInfo("Europe/Warsaw")
    before = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert shop_text(before, zone) == "2026-10-25 01:30:00"
    assert shop_text(before + timedelta(hours=1), zone) == "2026-10-25 02:30:00"
    assert shop_text(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), zone) == "2026-03-29 01:30:00"
    assert shop_text(datetime(2026, 7, 1, 12, tzinfo=UTC), zone) == "2026-07-01 14:00:00"

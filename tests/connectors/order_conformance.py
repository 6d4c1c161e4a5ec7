"""What the orders of every connector must do. A platform subclasses `OrderConformance` and names its stand."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import pytest

from integrator.canonical.errors import Gone, IntegrationError, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.orders import (
    ChargeKind,
    Known,
    Order,
    OrderPage,
    Orders,
    OrderUpdate,
    Parcel,
    SaleDocument,
    Seen,
    Stage,
)
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.rounding import to_places
from integrator.canonical.side import Result
from shops.connectors.base import Connector
from shops.simulation.stand import OrderStand
from syncjobs.orders.draft import Catalogue, DeliveryMap, Draft, Goods, OrderMap, PaymentMap, Rate, Vat, draft
from tests.connectors.wire import all_pages, wired


def orders_of(stand: OrderStand) -> Orders:
    side = stand.open()
    assert isinstance(side, Connector)
    assert side.orders is not None
    return side.orders


def pages(orders: Orders, since: datetime) -> Iterator[OrderPage]:
    cursor = None
    while True:
        page = orders.fetch(since, cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return


def paid_by_buyer(order: Order) -> Decimal:
    """The sum of lines and charges, each to the grosz."""
    parts = [(one.net, one.gross, one.percent) for one in order.lines]
    parts += [(one.net, one.gross, one.percent) for one in order.charges]
    found = Decimal(0)
    for net, gross, percent in parts:
        if gross is None:
            assert net is not None
            assert percent is not None
            gross = net * (100 + percent) / 100
        found += to_places(gross, 2)
    return found


def drafted(order: Order) -> Draft:
    """The order as it goes into WAPRO where everything is linked and mapped."""
    taxes = {
        one.tax: Vat(code=one.tax or "?", percent=one.percent or Decimal(0)) for one in (*order.lines, *order.charges)
    }
    mapping = OrderMap(
        prefix="SKLP",
        warehouse=1,
        payments={order.payment.type: PaymentMap(form="przelew")},
        deliveries={order.delivery.method: DeliveryMap()},
        charges={(kind, vat.code): f"{kind}" for kind in ChargeKind for vat in taxes.values()},
        taxes=taxes,
        rates={order.currency: Rate(value=Decimal("4.25"), day=order.placed_at.date())},
    )
    known = Catalogue(by_shop_key={line.product: Goods(key=line.product or "?", unit="") for line in order.lines})
    day = order.placed_at.date()
    return draft(order, mapping, known, contractor="1", form="receipt", reserve=True, placed=day, today=day)


class OrderConformance:
    stand_type: ClassVar[type[OrderStand]]

    @pytest.fixture
    def stand(self) -> OrderStand:
        stand = wired(self.stand_type())
        stand.fill(12)
        return stand

    def now(self, stand: OrderStand) -> datetime:
        return datetime.fromtimestamp(stand.clock.now, UTC)

    def read(self, orders: Orders, *keys: Key) -> dict[Key, Order]:
        found = orders.read(keys)
        assert found.errors == ()
        assert {one.key for one in found.orders} == set(keys)
        return {one.key: one for one in found.orders}

    def told(self, orders: Orders, *rows: OrderUpdate) -> list[Result]:
        """Tell the shop as the pipeline does: what was read just before goes along."""
        return orders.update(rows, {one.key: one for one in orders.read([row.key for row in rows]).orders})

    def writes(self, stand: OrderStand, since: int) -> list[str]:
        return [str(one.url) for one in stand.wire.requests[since:] if stand.writes(one)]

    # reading

    def test_an_order_arrives_whole(self, stand: OrderStand) -> None:
        began = self.now(stand)
        stand.clock.now += 60
        key = stand.place_order(lines=3)
        (order,) = [one for page in pages(orders_of(stand), began) for one in page.orders]
        assert order.key == key
        assert order.number
        assert order.placed_at.tzinfo is not None
        assert abs(order.placed_at - self.now(stand)) < timedelta(seconds=5)
        assert len(order.lines) == 3
        assert all(line.key and line.product and line.code and line.name and line.tax for line in order.lines)
        assert {line.product for line in order.lines} <= self.sold(stand)
        assert paid_by_buyer(order) == order.total > 0
        assert "@" in order.buyer.email
        assert order.buyer.billing.city
        assert order.buyer.billing.country == "PL"
        assert order.payment.type
        assert order.delivery.method
        assert not order.payment.paid
        assert order.stage is not Stage.UNKNOWN

    def sold(self, stand: OrderStand) -> set[Key]:
        return {item.key for page in all_pages(stand.open(), Kind.PRODUCT) for item in page.items}

    @pytest.mark.parametrize("seed", range(3))
    def test_lines_and_charges_add_up_to_the_total(self, stand: OrderStand, seed: int) -> None:
        chance = random.Random(seed)
        began = self.now(stand)
        keys = {stand.random_order(chance) for _ in range(60)}
        found = {one.key: one for page in pages(orders_of(stand), began) for one in page.orders}
        assert found.keys() == keys
        assert {
            key: one.total - paid_by_buyer(one) for key, one in found.items() if paid_by_buyer(one) != one.total
        } == {}

    def test_the_money_is_proven_in_every_rate(self, stand: OrderStand) -> None:
        """With each rate mapped to itself and each charge to a card of its own, nothing of the shop's way of rounding
        keeps an order from WAPRO."""
        chance, began = random.Random(7), self.now(stand)
        for _ in range(60):
            stand.random_order(chance)
        orders = [one for page in pages(orders_of(stand), began) for one in page.orders]
        assert len(orders) == 60
        for order in orders:
            made = drafted(order)
            assert made.problems == ()
            assert made.proof is not None
            assert {rate.difference for rate in made.proof.rates} == {0}

    @pytest.mark.failure_mode("F2")
    def test_all_arrive_oldest_change_first_while_others_change(self, stand: OrderStand) -> None:
        began = self.now(stand)
        keys = []
        for _ in range(130):
            stand.clock.now += 7
            keys.append(stand.place_order())
        chance, touched = random.Random(1), set()

        def stir() -> None:
            one = chance.choice(keys)
            stand.clock.now += 1
            touched.add(one)
            stand.edit_order(one)

        stand.wire.after_each(stir)
        found = list(pages(orders_of(stand), began))
        arrived = [one for page in found for one in page.orders]
        assert {one.key for one in arrived} == set(keys)
        still = [one.key for one in arrived if one.key not in touched]
        assert still == [key for key in keys if key not in touched]
        assert [error for page in found for error in page.errors] == []

    def test_a_page_can_be_fetched_again(self, stand: OrderStand) -> None:
        began = self.now(stand)
        for _ in range(130):
            stand.place_order()
        cursor = orders_of(stand).fetch(began, None).next_cursor
        assert cursor is not None
        assert len(cursor) <= 400
        assert orders_of(stand).fetch(began, cursor) == orders_of(stand).fetch(began, cursor)

    def test_only_what_was_placed_or_changed_since_arrives(self, stand: OrderStand) -> None:
        old, edited = stand.place_order(), stand.place_order()
        stand.clock.now += 7200
        since = self.now(stand)
        stand.clock.now += 60
        new = stand.place_order()
        stand.edit_order(edited)
        found = {one.key for page in pages(orders_of(stand), since) for one in page.orders}
        assert {edited, new} <= found
        assert old not in found

    @pytest.mark.failure_mode("F2")
    def test_a_change_of_the_second_itself_is_not_lost(self, stand: OrderStand) -> None:
        since = self.now(stand)
        key = stand.place_order()
        assert key in {one.key for page in pages(orders_of(stand), since) for one in page.orders}

    def test_carts_that_were_never_ordered_are_left_out(self, stand: OrderStand) -> None:
        since = self.now(stand)
        stand.leave_cart()
        key = stand.place_order()
        assert [one.key for page in pages(orders_of(stand), since) for one in page.orders] == [key]

    def test_what_stands_as_it_was_seen_costs_one_call_and_is_left_out(self, stand: OrderStand) -> None:
        since = self.now(stand)
        keys = [stand.place_order(lines=2) for _ in range(5)]
        (page,) = pages(orders_of(stand), since)
        assert page.marks.keys() == set(keys)
        orders, so_far = orders_of(stand), len(stand.wire.sent)
        again = orders.fetch(since, None, self.seen(page))
        assert (again.orders, again.moved, again.errors, again.marks) == ((), (), (), page.marks)
        assert len(stand.wire.sent) - so_far == 1

    def test_whatever_changed_since_it_was_seen_arrives(self, stand: OrderStand) -> None:
        since = self.now(stand)
        paid, cancelled, edited, told, _ = keys = [stand.place_order(lines=2) for _ in range(5)]
        (page,) = pages(orders_of(stand), since)
        before = {one.key: one for one in page.orders}
        stand.clock.now += 5
        stand.pay_order(paid)
        stand.cancel_order(cancelled)
        stand.edit_order(edited)
        self.told(orders_of(stand), self.sent(stand, told, "0000123"))
        again = orders_of(stand).fetch(since, None, self.seen(page))
        assert {one.key for one in again.orders} | {one.key for one in again.moved} == set(keys[:4])
        assert told in {one.key for one in again.orders}
        after = {one.key: one for one in again.orders} | {one.key: one.of(before[one.key]) for one in again.moved}
        assert after == self.read(orders_of(stand), *keys[:4])

    def seen(self, page: OrderPage) -> Known:
        found = {one.key: Seen(state=one.state, mark=page.marks[one.key]) for one in page.orders}
        return lambda keys: {key: found[key] for key in keys if key in found}

    def test_an_order_that_cannot_be_read_is_one_error(self, stand: OrderStand) -> None:
        since = self.now(stand)
        keys = [stand.place_order() for _ in range(5)]
        stand.spoil_order(keys[2])
        (page,) = pages(orders_of(stand), since)
        assert {one.key for one in page.orders} == {*keys} - {keys[2]}
        assert [one.key for one in page.errors] == [keys[2]]
        assert page.errors[0].excerpt
        found = orders_of(stand).read(keys)
        assert ([one.key for one in found.errors], len(found.orders), found.gone) == ([keys[2]], 4, ())

    def test_named_orders_are_read_and_gone_ones_told(self, stand: OrderStand) -> None:
        keys = [stand.place_order() for _ in range(3)]
        stand.remove_order(keys[1])
        found = orders_of(stand).read([*keys, "99999999"])
        assert {one.key for one in found.orders} == {keys[0], keys[2]}
        assert set(found.gone) == {keys[1], "99999999"}

    def test_payment_and_cancellation_are_seen(self, stand: OrderStand) -> None:
        paid, cancelled = stand.place_order(), stand.place_order()
        stand.pay_order(paid)
        stand.cancel_order(cancelled)
        found = self.read(orders_of(stand), paid, cancelled)
        assert found[paid].payment.paid
        assert not found[cancelled].payment.paid
        assert found[cancelled].stage is Stage.CANCELLED
        assert found[paid].stage not in (Stage.CANCELLED, Stage.UNKNOWN)

    def test_the_words_are_those_of_the_orders(self, stand: OrderStand) -> None:
        order = self.read(orders_of(stand), key := stand.place_order())[key]
        words = orders_of(stand).words()
        states = {one.key: one for one in words.states}
        assert states[order.state].stage is order.stage
        assert stand.sent_state in states
        assert {Stage.CANCELLED} <= {one.stage for one in words.states}
        names = [one.name for one in words.states] + [one.name for one in words.payments]
        assert all([*names, *(one.name for one in words.deliveries)])
        if words.payments:
            assert order.payment.kind is {one.key: one.kind for one in words.payments}[order.payment.type]
        if words.deliveries:
            assert order.delivery.method in {one.key for one in words.deliveries}

    # writing

    def sent(self, stand: OrderStand, key: Key, *numbers: str) -> OrderUpdate:
        return OrderUpdate(
            key=key,
            state=stand.sent_state,
            parcels=tuple(Parcel(number=one, carrier="DPD") for one in numbers),
            documents=(SaleDocument(number=f"FV {key}/2026", kind="invoice"),),
        )

    def test_what_is_told_is_there_and_is_told_once(self, stand: OrderStand) -> None:
        key = stand.place_order(lines=2)
        (result,) = self.told(orders_of(stand), self.sent(stand, key, "0000123", "0000124"))
        assert (result.token, result.error) == (key, None)
        order = self.read(orders_of(stand), key)[key]
        assert order.state == stand.sent_state
        assert {one.number for one in order.parcels} == {"0000123", "0000124"}
        stored = stand.order_stored(key)
        assert stored.count(f"FV {key}/2026") == 1
        orders, so_far = orders_of(stand), len(stand.wire.sent)
        stand.clock.now += 60
        (again,) = self.told(orders, self.sent(stand, key, "0000123", "0000124"))
        assert again.ok
        assert self.writes(stand, so_far) == []
        assert stand.order_stored(key) == stored

    def test_a_number_that_ksef_gives_later_is_told_once(self, stand: OrderStand) -> None:
        key = stand.place_order()
        number = f"FV {key}/2026"
        before = SaleDocument(number=number, kind="invoice")
        self.told(orders_of(stand), OrderUpdate(key=key, documents=(before,)))
        assert "5261040567-20261125-01" not in stand.order_stored(key)
        later = OrderUpdate(key=key, documents=(replace(before, ksef_number="5261040567-20261125-01"),))
        for _ in range(2):
            (result,) = self.told(orders_of(stand), later)
            assert result.ok
            assert stand.order_stored(key).count("5261040567-20261125-01") == 1

    def test_a_further_parcel_joins_those_that_are_there(self, stand: OrderStand) -> None:
        key = stand.place_order(lines=2)
        self.told(orders_of(stand), self.sent(stand, key, "0000123"))
        (result,) = self.told(orders_of(stand), self.sent(stand, key, "0000123", "0000777"))
        assert result.ok
        order = self.read(orders_of(stand), key)[key]
        assert sorted(one.number for one in order.parcels) == ["0000123", "0000777"]

    def test_a_payment_is_told(self, stand: OrderStand) -> None:
        key = stand.place_order()
        (result,) = self.told(orders_of(stand), OrderUpdate(key=key, paid=True))
        assert result.ok
        assert self.read(orders_of(stand), key)[key].payment.paid
        stored = stand.order_stored(key)
        self.told(orders_of(stand), OrderUpdate(key=key, paid=True))
        assert stand.order_stored(key) == stored

    def test_one_that_is_gone_stops_no_other(self, stand: OrderStand) -> None:
        keys = [stand.place_order() for _ in range(3)]
        orders = orders_of(stand)
        known = {one.key: one for one in orders.read(keys).orders}
        stand.remove_order(keys[1])
        results = orders.update([self.sent(stand, key, f"N{key}") for key in keys], known)
        assert [one.token for one in results] == keys
        assert [one.ok for one in results] == [True, False, True]
        assert isinstance(results[1].error, Gone)
        assert self.read(orders, keys[2])[keys[2]].state == stand.sent_state

    def test_one_that_somebody_moved_meanwhile_is_left_as_it_is(self, stand: OrderStand) -> None:
        keys = [stand.place_order() for _ in range(2)]
        known = self.read(orders_of(stand), *keys)
        stand.cancel_order(keys[0])
        stored = stand.order_stored(keys[0])
        results = orders_of(stand).update([self.sent(stand, key, f"N{key}") for key in keys], known)
        assert [one.ok for one in results] == [False, True]
        assert results[0].error is not None
        assert results[0].error.problem.code == Code.STALE
        assert stand.order_stored(keys[0]) == stored

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_after_a_lost_answer_telling_again_doubles_nothing(self, stand: OrderStand, method: str) -> None:
        key = stand.place_order(lines=2)
        row = self.sent(stand, key, "0000123")
        stand.wire.lose_answers(method)
        for _ in range(4):
            try:
                results = self.told(orders_of(stand), row)
            except Transient:
                continue
            if all(one.ok for one in results):
                break
        else:
            pytest.fail("the shop was never told")
        order = self.read(orders_of(stand), key)[key]
        assert (order.state, [one.number for one in order.parcels]) == (stand.sent_state, ["0000123"])
        assert stand.order_stored(key).count("0000123") == self.once(stand, "0000123")
        assert stand.order_stored(key).count(f"FV {key}/2026") == 1

    def once(self, stand: OrderStand, number: str) -> int:
        """How often the shop keeps the number of a parcel that it was told once."""
        key = stand.place_order(lines=2)
        self.told(orders_of(stand), self.sent(stand, key, number))
        return stand.order_stored(key).count(number)

    def test_a_shop_that_is_down_changes_nothing_for_good(self, stand: OrderStand) -> None:
        key = stand.place_order()
        orders = orders_of(stand)
        known = self.read(orders, key)
        stand.wire.answer(503, times=1)
        try:
            failed = [one.error for one in orders.update([self.sent(stand, key, "0000123")], known)]
        except IntegrationError as error:
            failed = [error]
        assert [isinstance(one, Transient) for one in failed] == [True]
        (result,) = self.told(orders_of(stand), self.sent(stand, key, "0000123"))
        assert result.ok

    # cost

    def test_an_order_of_eight_lines_costs_at_most_eight_requests(self, stand: OrderStand) -> None:
        assert self.cost(stand, 1) <= 8

    def test_25_orders_cost_at_most_three_requests_each(self, stand: OrderStand) -> None:
        assert self.cost(stand, 25) <= 3 * 25

    def cost(self, stand: OrderStand, count: int) -> int:
        """Requests from the order in the shop to the shop that knows what became of it."""
        orders, since = orders_of(stand), self.now(stand)
        list(pages(orders, since - timedelta(days=1)))
        orders.words()
        stand.clock.now += 3600
        since = self.now(stand)
        for _ in range(count):
            stand.place_order(lines=8)
        so_far = len(stand.wire.sent)
        keys = [one.key for page in pages(orders, since) for one in page.orders]
        assert len(keys) == count
        results = self.told(orders, *(self.sent(stand, key, f"T{key}") for key in keys))
        assert all(one.ok for one in results)
        return len(stand.wire.sent) - so_far

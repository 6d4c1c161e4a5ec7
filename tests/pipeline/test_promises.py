"""Two shops of one client sell from one stock: what is bought in one is taken off the other at once."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from integrator.canonical.errors import OutcomeUnknown, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from shops.models import ShopConnection
from syncjobs import runner, runs, schedule
from syncjobs.fetching import start_fetch
from syncjobs.models import DueOffer, Fetch, Link, OrderPromise, OrderTerms, Run, ShopOrder, Step
from syncjobs.models.choices import LinkState, Status
from syncjobs.orders import acting, at_once, promises
from syncjobs.orders.arriving import order_in
from syncjobs.orders.articles import look_again
from syncjobs.orders.measuring import measure
from tests.pipeline.market import Market
from tests.pipeline.selling import GOODS
from wapro.orders.erp import ErpOrders
from wapro.sample.procedures.accountant import Accountant

pytestmark = pytest.mark.one_database


def test_an_order_in_one_shop_lowers_the_stock_of_the_other_and_its_cancellation_raises_it(market: Market) -> None:
    before = market.offered()
    assert before == market.in_stock() > 5
    fetched = Fetch.objects.filter(keys__isnull=True, kind=Kind.STOCK).count()
    key = market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.later()
    assert market.offered() == before - 3
    assert market.offered_by_a() == before - 3, "the shop that sold took them off by itself"
    assert Fetch.objects.filter(keys__isnull=True, kind=Kind.STOCK).count() == fetched, "nothing was fetched whole"
    (run,) = market.at_once()
    assert run.status == Status.SUCCEEDED
    assert not Run.objects.filter(connection=market.a.lab.shop_connection, trigger=Run.Trigger.ORDER).exists()
    writes = market.writes()
    market.later()
    assert (market.writes(), len(market.at_once())) == (writes, 1)
    market.a.simulator.state.cancel_order(key)
    market.later()
    assert market.offered() == before
    assert market.offered_by_a() == before
    writes = market.writes()
    runs.start_run(market.b, kinds=[Kind.STOCK])
    market.work()
    assert market.writes() == writes, "the stock run that comes round finds nothing to do"


def test_an_order_that_is_reserved_and_issued_is_counted_once_at_every_moment(market: Market) -> None:
    before = market.in_stock()
    key = market.a.sell({market.a.products[0]: 3})
    market.later()
    assert market.in_stock() == before - 3, "WAPRO has reserved it"
    assert market.offered() == before - 3
    market.later(30)
    runs.start_run(market.b, kinds=[Kind.STOCK])
    market.work()
    assert market.offered() == before - 3, "the promise gave way to the reservation"
    with market.a.accountant() as alias:
        Accountant(alias).realise(int(market.a.order(key).erp_key))
    market.later(30)
    runs.start_run(market.b, kinds=[Kind.STOCK])
    market.work()
    assert market.offered() == before - 3
    assert not OrderPromise.objects.filter(ended_at=None).exists()


def test_a_reservation_that_was_in_the_stock_before_it_was_read_back_is_not_taken_off_twice_for_ever(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stock is read between reservation and read-back, and looks the same ever after."""
    before = market.in_stock()
    with monkeypatch.context() as held:
        held.setattr("syncjobs.orders.following.next_to_follow", lambda *_: [])
        market.a.sell({market.a.products[0]: 3})
        market.later()
        runs.start_run(market.b, kinds=[Kind.STOCK], user=market.a.lab.user)
        market.work()
    assert market.offered() == before - 6, "nobody can tell yet that the stock shows the order"
    market.later()
    runs.start_run(market.b, kinds=[Kind.STOCK], user=market.a.lab.user)
    market.work()
    assert market.offered() == before - 3


def test_what_the_shop_took_off_and_a_stock_run_wrote_back_is_taken_off_again(market: Market) -> None:
    """The sale comes between reading the shop's stock and writing it."""
    before = market.offered_by_a()
    connection = market.a.lab.shop_connection
    market.a.sell({market.a.products[0]: 2}, payment="bacs")
    market.a.simulator.state.change(market.a.products[0], stock_quantity=before)
    step = Step.objects.filter(connection=connection, kind=Kind.STOCK).order_by("-id")[0]
    link = Link.objects.get(connection=connection, erp_key=GOODS[0])
    step.changes.create(
        connection=connection, kind=Kind.STOCK, action="update_shop", link=link, erp_key=GOODS[0],
        status="applied", sent_at=timezone.now(),
    )  # fmt: skip
    market.later()
    assert market.offered_by_a() == before - 2


def test_a_plan_made_before_an_order_is_not_written_after_it(market: Market) -> None:
    """It waited for a person, and would offer what was sold meanwhile."""
    before = market.offered()
    market.simulator.state.change(market.products[0], stock_quantity=0)
    market.flow(approved_at=None)
    run = runs.start_run(market.b, kinds=[Kind.STOCK])
    market.work()
    step = Step.objects.get(run=run)
    assert step.status == Status.WAITING
    market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.later()
    runs.approve_step(step, market.a.lab.user)
    market.work()
    assert market.offered() == 0, "out of date: it is planned anew"
    runs.start_run(market.b, kinds=[Kind.STOCK])
    market.work()
    assert market.offered() == before - 3


def test_a_run_that_reads_the_whole_shop_steps_aside(market: Market) -> None:
    before = market.offered()
    long = runs.start_run(market.b, kinds=[Kind.STOCK])
    Step.objects.filter(run=long).update(status=Status.RUNNING, phase="fetch_shop", not_before=None)
    market.a.lab.clock.shift(timedelta(minutes=3))
    market.a.sell({market.a.products[0]: 3}, payment="bacs")
    runner.advance_shop(market.a.lab.shop_connection.pk)
    assert DueOffer.objects.filter(connection=market.b).count() == 1
    market.a.lab.clock.shift(at_once.GATHER)
    market.work()
    assert market.offered() == before - 3
    (run,) = market.at_once()
    long.refresh_from_db()
    assert (run.status, long.status) == (Status.SUCCEEDED, Status.SUCCEEDED)
    assert run.finished_at < long.finished_at


@pytest.mark.parametrize("off", ["flow", "approval", "writes", "quiet"])
def test_the_switches_of_the_shop_are_honoured(market: Market, off: str) -> None:
    before, writes = market.offered(), market.writes()
    changed = {
        "flow": {"enabled": False},
        "approval": {"approved_at": None},
        "writes": {},
        "quiet": {"quiet_from": time(0), "quiet_to": time(23, 59, 59)},
    }
    market.flow(**changed[off])
    ShopConnection.objects.filter(pk=market.b.pk).update(writes_enabled=off != "writes")
    market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.later()
    assert (market.writes(), market.at_once()) == (writes, [])
    market.flow(enabled=True, approved_at=timezone.now(), quiet_from=None, quiet_to=None)
    ShopConnection.objects.filter(pk=market.b.pk).update(writes_enabled=True)
    if off != "quiet":
        assert not DueOffer.objects.filter(connection=market.b).exists(), "nothing is kept for a switch that is off"
        runs.start_run(market.b, kinds=[Kind.STOCK])
    market.work()
    assert market.offered() == before - 3


def test_the_brake_holds_for_what_orders_ask_for_too(market: Market) -> None:
    """A plan that needs a person's word is shown, not written."""
    ShopConnection.objects.filter(pk=market.b.pk).update(limits={"small": 0, "share_changed": 1})
    before = market.offered()
    market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.later()
    (run,) = market.at_once()
    assert (run.status, market.offered()) == (Status.WAITING, before)
    runs.approve_step(Step.objects.get(run=run), market.a.lab.user)
    market.work()
    assert market.offered() == before - 3


def test_many_orders_of_a_moment_are_one_run(market: Market) -> None:
    before = market.offered()
    for _ in range(5):
        market.a.sell({market.a.products[0]: 1, market.a.products[1]: 1}, payment="bacs")
    market.later()
    assert market.offered() == before - 5
    (run,) = market.at_once()
    step = Step.objects.get(run=run)
    assert step.counts["updated"] == 2
    assert step.counts["requests"] <= 3, "read, write, verify"


def test_a_shop_that_does_not_answer_is_asked_again(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    before, left = market.offered(), [2]
    real = at_once._read

    def read(*args):
        left[0] -= 1
        if left[0] >= 0:
            raise Transient(Code.SERVER_ERROR, status=503)
        return real(*args)

    monkeypatch.setattr(at_once, "_read", read)
    market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.later()
    assert market.offered() == before - 3
    assert left == [-1]


def test_a_shop_that_stays_away_is_left_to_its_next_stock_run(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_):
        raise KeyError("a mistake of ours")

    before = market.offered()
    with monkeypatch.context() as broken:
        broken.setattr(at_once, "_read", read)
        market.a.sell({market.a.products[0]: 3}, payment="bacs")
        for _ in range(8):
            market.later(10)
    assert not DueOffer.objects.exists()
    runs.start_run(market.b, kinds=[Kind.STOCK])
    market.work()
    assert market.offered() == before - 3


def test_a_product_that_is_linked_after_it_was_sold_is_promised_from_then_on(market: Market) -> None:
    before = market.offered()
    link = Link.objects.get(connection=market.a.lab.shop_connection, erp_key=GOODS[0])
    key = link.shop_key
    market.a.simulator.state.change(market.a.products[0], sku="")
    link.delete()
    market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.later()
    assert market.offered() == before
    made = Link.objects.create(connection=market.a.lab.shop_connection, kind=Kind.PRODUCT, erp_key=GOODS[0],
                               shop_key=key, origin="person", state=LinkState.LINKED)  # fmt: skip
    look_again(made.connection)
    market.work()
    assert market.offered() == before - 3


def test_a_product_without_a_link_is_promised_when_its_code_says_what_it_is(market: Market) -> None:
    before = market.offered()
    start_fetch(market.a.lab.erp_connection, Kind.PRODUCT, [])
    market.work()
    Link.objects.filter(connection=market.a.lab.shop_connection, erp_key=GOODS[0]).delete()
    market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.later()
    assert market.offered() == before - 3


def test_an_order_whose_quantity_the_buyer_changed_promises_the_new_one(market: Market) -> None:
    before = market.offered()
    key = market.a.sell({market.a.products[0]: 3, market.a.products[1]: 1}, payment="bacs")
    market.later()
    state = market.a.simulator.state
    first, second = state.orders.get(key)["lines"]
    with state.orders.editing(key) as row:
        row["lines"] = [first]
    state.edit_order(key, {first["id"]: 5})
    market.later()
    assert market.offered() == before - 5
    other = OrderPromise.objects.get(product=GOODS[1])
    assert other.let_go, "the second line was taken off"
    with state.orders.editing(key) as row:
        row["lines"] = [*row["lines"], second]
    state.edit_order(key, {second["id"]: 2})
    market.later()
    other.refresh_from_db()
    assert (other.quantity, other.ended_at, other.let_go) == (2, None, False)


def test_an_order_that_a_person_leaves_alone_gives_its_goods_back_until_it_is_imported_anyway(market: Market) -> None:
    before = market.offered()
    key = market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.later()
    acting.act(market.a.order(key).pk, "leave", market.a.lab.user, "Sprzedane na miejscu")
    market.work()
    assert market.offered() == before
    acting.act(market.a.order(key).pk, "overrule", market.a.lab.user, "Jednak wysyłamy")
    market.work()
    assert market.offered() == before - 3


def test_orders_of_an_import_that_is_off_promise_nothing_and_do_so_when_it_is_switched_on(market: Market) -> None:
    before = market.offered()
    OrderTerms.objects.update(enabled=False)
    market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.later()
    assert (ShopOrder.objects.count(), market.offered()) == (1, before)
    OrderTerms.objects.update(enabled=True)
    market.later()
    assert market.offered() == before - 3


def test_an_order_whose_answer_was_lost_stays_promised_when_the_buyer_calls_it_off(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in WAPRO already. Once that is known, it is cancelled there, and only then do its goods come back."""
    before, real = market.in_stock(), ErpOrders.place

    def lost(self, order):
        real(self, order)
        raise OutcomeUnknown(detail="the line broke")

    with monkeypatch.context() as broken:
        broken.setattr(ErpOrders, "place", lost)
        key = market.a.sell({market.a.products[0]: 3})
        market.later()
        market.a.simulator.state.cancel_order(key)
        market.later()
        assert OrderPromise.objects.get().ended_at is None
    for _ in range(4):
        market.later(10)
    assert market.a.order(key).status == ShopOrder.Status.CANCELLED
    assert OrderPromise.objects.get().let_go
    assert market.in_stock() == market.offered() == before


def test_goods_issued_of_an_order_that_is_cancelled_afterwards_do_not_come_back(market: Market) -> None:
    """The stock that is known was read before they left."""
    before = market.offered()
    key = market.a.sell({market.a.products[0]: 3})
    market.later()
    order = market.a.order(key)
    with market.a.accountant() as alias:
        person = Accountant(alias)
        person.realise(int(order.erp_key), quantities=dict.fromkeys(person.lines(int(order.erp_key)), Decimal(2)))
        person.cancel(int(order.erp_key))
    market.later()
    assert market.a.order(key).status == ShopOrder.Status.CANCELLED
    assert market.offered() == before - 2


def test_the_schedule_finds_offers_whose_message_was_lost(market: Market, settings, monkeypatch) -> None:
    before = market.offered()
    monkeypatch.setattr("syncjobs.queue._send", lambda *message: None)
    market.a.sell({market.a.products[0]: 3}, payment="bacs")
    market.a.lab.clock.shift(timedelta(minutes=5))
    runner.advance_shop(market.a.lab.shop_connection.pk)
    market.a.lab.clock.shift(timedelta(seconds=settings.SILENT_SECONDS + 1))
    assert market.b in runner.silent(timezone.now())
    schedule.tick()
    market.work()
    assert market.offered() == before - 3


def test_promises_of_many_orders_take_as_many_queries_as_those_of_one(
    market: Market, django_assert_max_num_queries
) -> None:
    for _ in range(12):
        market.a.sell(dict.fromkeys(market.a.products, 1), payment="bacs")
    market.later()
    terms = OrderTerms.objects.select_related("connection").get()
    pairs = [(row, order_in(row)) for row in ShopOrder.objects.all()]
    OrderPromise.objects.all().delete()
    with django_assert_max_num_queries(18):
        promises.promise_all(terms, pairs)
    assert OrderPromise.objects.filter(ended_at=None).count() == 36
    with django_assert_max_num_queries(8):
        promises.promise_all(terms, pairs)


def test_the_settings_of_orders_tell_how_long_a_piece_may_be_sold_twice(
    market: Market, client, settings, tmp_path
) -> None:
    settings.STATIC_ROOT = tmp_path
    connection = market.a.lab.shop_connection
    client.force_login(market.a.lab.user)
    market.a.lab.user.language = "en"
    market.a.lab.user.save()
    url = reverse("orders_settings", args=[connection.pk])
    assert "Nothing was measured in the last 7 days" in client.get(url).content.decode()
    market.a.sell({market.a.products[0]: 4}, payment="bacs")
    market.later()
    market.a.sell({market.a.products[0]: 1}, payment="bacs")
    market.later(2)
    page = client.get(url).content.decode()
    found = measure(connection, OrderTerms.objects.get())
    assert [one.pk for one in found.others] == [market.b.pk]
    assert found.exposure.noticed.count == 1, "the first order came before anybody had looked for one"
    assert found.exposure.written.count == 2
    assert found.exposure.written.usual >= at_once.GATHER
    assert found.pieces == 4
    assert found.thin == [market.b]
    assert "The longest in the last 7 days" in page
    assert "a safety buffer of 4 in the other shops covers that" in page
    market.flow(enabled=False)
    assert measure(connection, OrderTerms.objects.get()).adrift == [market.b]


@pytest.mark.parametrize("slice_number", range(5))
def test_orders_are_looked_at_between_reading_the_stock_and_writing_it(market: Market, slice_number: int) -> None:
    """Else what a buyer took from the shop's stock a minute ago would be put back."""
    connection, before = market.a.lab.shop_connection, market.offered_by_a()
    while (ShopConnection.objects.get(pk=connection.pk).lease_number + 1) % 5 != slice_number:
        runner.advance_shop(connection.pk)
    OrderTerms.objects.update(next_at=timezone.now() + timedelta(hours=1))
    market.a.sell({market.a.products[0]: 2}, payment="bacs")
    assert market.offered_by_a() == before - 2
    runs.start_run(connection, kinds=[Kind.STOCK], trigger=Run.Trigger.SCHEDULE)
    market.work()
    assert ShopOrder.objects.count() == 1
    assert market.offered_by_a() == before - 2
    assert not Step.objects.get(run__connection=connection, run__trigger=Run.Trigger.SCHEDULE).changes.exists()

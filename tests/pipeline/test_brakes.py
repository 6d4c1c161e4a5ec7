"""Brakes in whole runs: limits of a plan and of a day, two people, the switch that stops all writing."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from integrator.accounts.models import AuditEntry, Role, User
from integrator.canonical.errors import PlanRefused
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Price, PriceEntry, PriceList
from shops.models import ShopConnection
from syncjobs import conflicts, runner, runs, schedule, stops
from syncjobs.alerts.noticing import matters_of
from syncjobs.engine.policy import Owner
from syncjobs.models import Conflict, Rival, Run, Step, Stop, SyncOptions
from syncjobs.models.choices import ChangeStatus, Phase, Side, Status
from tests.pipeline.lab import Lab
from tests.pipeline.memory import add_product

pytestmark = pytest.mark.one_database


@pytest.fixture
def prices(lab: Lab) -> Lab:
    """Ten linked products whose prices were written and approved once; limits that a small shop can break."""
    for number in range(10):
        add_product(lab.shop, str(100 + number), f"TOW{number:04d}", f"Łopata nr {number}", price="12.30", stock="7")
    lab.own(Kind.PRICE, Owner.ERP, "price")
    limit(lab, small=0, share_changed=100, share_prices=50, share_prices_day=70, share_changed_day=100)
    lab.run()
    SyncOptions.objects.filter(kind=Kind.PRICE).update(approved_at=lab.user.date_joined)
    return lab


def limit(lab: Lab, **limits: object) -> None:
    ShopConnection.objects.filter(pk=lab.shop_connection.pk).update(limits=limits)
    lab.shop_connection.refresh_from_db()


def reprice(lab: Lab, numbers: range, price: str) -> None:
    for number in numbers:
        entry = PriceEntry(price_type="1", gross=Decimal(price))
        lab.erp.rows[Kind.PRICE][f"TOW{number:04d}"] = PriceList(entries=(entry,))


def held(lab: Lab, run: Run) -> list[str]:
    step = lab.step(run, Kind.PRICE)
    return [one["code"] for one in step.problems] if step.status == Status.WAITING else []


def in_shop(lab: Lab) -> set[Decimal]:
    return {row.price for row in lab.shop.rows[Kind.PRICE].values()}


def test_a_day_is_counted_from_what_was_written_and_anew_after_a_person_let_a_plan_go_on(prices):
    reprice(prices, range(5), "13.00")
    assert prices.run(Kind.PRICE, approve=False).status == Status.SUCCEEDED
    reprice(prices, range(5, 8), "13.00")
    over = prices.run(Kind.PRICE, approve=False)
    assert held(prices, over) == [Code.PRICES_OF_DAY]
    step = prices.step(over, Kind.PRICE)
    assert step.problems[0]["params"] == {"count": "8", "total": "10", "limit": "70%"}
    assert runs.approve_step(step, prices.user)
    prices.work()
    reprice(prices, range(8, 10), "13.00")
    assert prices.run(Kind.PRICE, approve=False).status == Status.SUCCEEDED, "the day counts anew"
    prices.clock.shift(timedelta(days=1))
    reprice(prices, range(5), "14.00")
    assert prices.run(Kind.PRICE, approve=False).status == Status.SUCCEEDED, "another day"


def test_a_plan_that_breaks_its_own_limit_is_not_told_of_the_day_too(prices):
    reprice(prices, range(10), "13.00")
    assert held(prices, prices.run(Kind.PRICE, approve=False)) == [Code.TOO_MANY_PRICES]


def test_where_two_people_are_wanted_nobody_counts_twice(prices):
    limit(prices, small=0, share_changed=100, share_prices=50, two_people=True)
    second = User.objects.create_user("second@example.com", "dobre-haslo-2", name="B. Nowak")
    second.memberships.create(firm=prices.shop_connection.client.firm, role=Role.OPERATOR)
    reprice(prices, range(10), "13.00")
    step = prices.step(prices.run(Kind.PRICE, approve=False), Kind.PRICE)
    assert runs.approve_step(step, prices.user), "the word is kept"
    step.refresh_from_db()
    assert (step.status, step.problems[0]["code"]) == (Status.WAITING, Code.SECOND_PERSON)
    assert runs.approve_step(step, prices.user), "a second word of the same person changes nothing"
    prices.work()
    assert in_shop(prices) == {Decimal("12.30")}
    assert runs.approve_step(step, second)
    prices.work()
    assert in_shop(prices) == {Decimal("13.00")}


def test_a_press_on_the_switch_in_the_middle_of_writing(prices):
    """The batch under way ends, nothing more is sent, and the plan from before is not written after the release."""
    limit(prices, small=0, share_prices=100, share_prices_day=100, share_changed=100, share_changed_day=100)
    reprice(prices, range(10), "13.00")
    prices.shop.calls.clear()

    def press(call: str, kind: Kind) -> None:
        if (call, kind) == ("update", Kind.PRICE):
            stops.press(prices.shop_connection.client, prices.user, reason="wrong price type")

    prices.shop.fault = press
    run = prices.run(Kind.PRICE, approve=False)
    prices.shop.fault = lambda call, kind: None
    step = prices.step(run, Kind.PRICE)
    assert prices.shop.writes() == [("update", Kind.PRICE, 5)]
    assert (step.status, step.problems[0]["code"]) == (Status.CANCELLED, Code.STOPPED_BEFORE)
    assert Counter(one.status for one in prices.changes(run)) == {ChangeStatus.APPLIED: 5, ChangeStatus.DECLINED: 5}
    shown = prices.run(Kind.PRICE)
    assert prices.step(shown, Kind.PRICE).problems[0]["code"] == Code.STOPPED, "the plan is shown, nothing is written"
    assert stops.release(prices.shop_connection.client, prices.user)
    assert not stops.release(prices.shop_connection.client, prices.user)
    prices.work()
    assert len(prices.shop.writes()) == 1, "what was dropped stays dropped until a run plans it anew"
    prices.run(Kind.PRICE)
    assert in_shop(prices) == {Decimal("13.00")}
    assert list(AuditEntry.objects.filter(verb__startswith="stop.").values_list("verb", flat=True).order_by("id")) == [
        "stop.press",
        "stop.release",
    ]


def test_a_waiting_plan_cannot_be_approved_while_the_firm_is_stopped_and_the_schedule_rests(prices):
    reprice(prices, range(10), "13.00")
    step = prices.step(prices.run(Kind.PRICE, approve=False), Kind.PRICE)
    call_command("stop", all=True, reads=True, reason="burglary", verbosity=0)
    stop = Stop.objects.get()
    assert (stop.client, stop.reads, stops.who(stop)) == (None, True, "manage.py")
    with pytest.raises(PlanRefused):
        runs.approve_step(step, prices.user)
    SyncOptions.objects.filter(kind=Kind.PRICE).update(enabled=True)
    assert schedule.start_due(stop.at) == []
    prices.shop.calls.clear()
    fresh = runs.start_run(prices.shop_connection, kinds=[Kind.PRICE], user=prices.user)
    assert runner.advance_shop(prices.shop_connection.pk) is None
    assert prices.shop.calls == [], "nothing is read either"
    assert Step.objects.get(run=fresh).phase == Phase.GATES
    call_command("stop", all=True, release=True, verbosity=0)
    prices.work()
    assert Run.objects.get(pk=fresh.pk).status == Status.WAITING
    prices.clock.shift(timedelta(minutes=1))
    stops.press(prices.shop_connection, prices.user)
    stops.release(prices.shop_connection, prices.user)
    step = prices.step(fresh, Kind.PRICE)
    assert not runs.approve_step(step, prices.user), "what was planned before a stop is not written after it"
    step.refresh_from_db()
    assert (step.status, step.problems[0]["code"]) == (Status.CANCELLED, Code.STOPPED_BEFORE)


def test_something_else_that_writes_the_same_price_is_named_and_not_fought(prices):
    """Our price, another, ours: three times, then the field waits for a person and all others go on."""
    reprice(prices, range(2), "13.00")
    prices.run(Kind.PRICE)
    for _ in range(3):
        prices.clock.shift(timedelta(hours=1))
        prices.shop.rows[Kind.PRICE]["100"] = Price(price=Decimal("19.90"))
        assert prices.run(Kind.PRICE).status == Status.SUCCEEDED
    prices.shop.rows[Kind.PRICE]["100"] = Price(price=Decimal("19.90"))
    prices.shop.calls.clear()
    prices.run(Kind.PRICE)
    assert prices.shop.writes() == []
    conflict, rival = Conflict.objects.get(), Rival.objects.get()
    assert (conflict.rounds, conflict.erp, conflict.shop, conflict.link.shop_key) == (3, "13", "19.9", "100")
    assert (rival.field, rival.side, rival.elements, rival.rounds) == ("price", Side.SHOP, 1, 3)
    (matter,) = [one for one in matters_of([prices.shop_connection.client])[prices.shop_connection.client_id]
                 if one.about.startswith("rival")]  # fmt: skip
    assert matter.count == 1
    conflicts.decide(conflict, conflict.version, "erp", None, prices.user)
    prices.run(Kind.PRICE)
    assert in_shop(prices) == {Decimal("12.30"), Decimal("13.00")}, "a person's word is written"

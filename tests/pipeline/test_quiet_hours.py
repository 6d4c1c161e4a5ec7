"""Quiet hours hold: runs wait for their end, orders neither come in nor are they told of, and nothing is lost."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from integrator.canonical.kinds import Kind
from syncjobs import runner, schedule
from syncjobs.models import OrderTerms, Run, ShopOrder, Step
from syncjobs.models.choices import Status
from syncjobs.models.runs import PLAN_IS_KEPT
from syncjobs.orders import following, resting
from syncjobs.quiet import POLAND
from tests.pipeline.lab import Lab
from tests.pipeline.selling import Shop

pytestmark = pytest.mark.one_database
NIGHT = (time(22), time(6))


def wall(hour: int, day: int = 25) -> datetime:
    return datetime(2026, 11, day, hour, 30, tzinfo=POLAND)


def test_a_flow_waits_for_the_morning_and_starts_then(lab: Lab) -> None:
    lab.options(Kind.STOCK, enabled=True, quiet_from=NIGHT[0], quiet_to=NIGHT[1], interval_minutes=5)
    for hour, day in ((22, 25), (23, 25), (0, 26), (5, 26)):
        assert schedule.start_due(wall(hour, day)) == []
    (run,) = schedule.start_due(wall(6, 26))
    assert [step.kind for step in run.steps.all()] == [Kind.STOCK]


def test_one_quiet_flow_holds_no_other_back(lab: Lab) -> None:
    lab.options(Kind.STOCK, enabled=True)
    lab.options(Kind.PRICE, enabled=True, quiet_from=NIGHT[0], quiet_to=NIGHT[1])
    (run,) = schedule.start_due(wall(23))
    assert [step.kind for step in run.steps.all()] == [Kind.STOCK]


def test_the_schedule_leaves_a_plan_alone_that_a_person_may_be_working_on(lab: Lab) -> None:
    lab.options(Kind.STOCK, enabled=True)
    lab.options(Kind.PRICE, enabled=True)
    made = wall(12)
    run = Run.objects.create(connection=lab.shop_connection, status=Status.WAITING)
    plan = Step.objects.create(
        run=run, connection=lab.shop_connection, kind=Kind.PRICE, position=0, status=Status.WAITING, worked_at=made
    )
    for passed, kinds in ((PLAN_IS_KEPT - timedelta(minutes=1), [Kind.STOCK]), (PLAN_IS_KEPT, [Kind.PRICE])):
        (started,) = schedule.start_due(made + passed)
        assert [step.kind for step in started.steps.all()] == kinds
    plan.refresh_from_db()
    assert plan.status == Status.CANCELLED


def _rest_now(shop: Shop, minutes: int = 60) -> None:
    here = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    ends = (here + timedelta(minutes=minutes)).time().replace(second=0, microsecond=0)
    begins = (here - timedelta(minutes=5)).time().replace(second=0, microsecond=0)
    OrderTerms.objects.filter(pk=shop.terms.pk).update(quiet_from=begins, quiet_to=ends)


def test_an_order_of_the_quiet_hours_comes_in_when_they_are_over(shop: Shop) -> None:
    shop.work()
    _rest_now(shop)
    key = shop.sell()
    shop.later(10)
    assert not ShopOrder.objects.filter(shop_key=str(key)).exists()
    seconds = runner.advance_shop(shop.lab.shop_connection.pk)
    assert seconds is None or seconds > 60
    shop.later(60)
    assert shop.order(key).in_erp


def test_a_part_of_the_way_back_that_rests_is_told_later(shop: Shop) -> None:
    key = shop.sell()
    shop.work()
    row = shop.order(key)
    row.untold = {"key": str(key), "parcels": [{"number": "6200", "carrier": "InPost"}]}
    row.save()
    now = timezone.now()
    shop.terms.rests = {"shipments": {"interval": 30, "next_at": (now + timedelta(minutes=30)).isoformat()}}
    assert following.next_to_tell(shop.terms, now) == []
    assert following.next_to_tell(shop.terms, now + timedelta(minutes=31)) == [row]
    shop.terms.rests = {"documents": {"quiet": ["00:00", "23:59"]}}
    assert following.next_to_tell(shop.terms, now) == [row], "what rests is another part"


def test_a_flow_with_an_interval_is_silent_after_it_was_told(shop: Shop) -> None:
    now = timezone.now()
    shop.terms.rests = {"shipments": {"interval": 30}, "documents": {"interval": 0}}
    shop.terms.rests = resting.told(shop.terms, frozenset({"shipments", "documents"}), now)
    assert resting.resting(shop.terms, now + timedelta(minutes=29)) == {"shipments"}
    assert resting.resting(shop.terms, now + timedelta(minutes=31)) == frozenset()

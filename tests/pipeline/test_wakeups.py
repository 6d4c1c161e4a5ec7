"""The two actors wake each other by messages that are dropped where a lease is held: no wake-up may get lost by that,
for each one lost is a person who waits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.leases import LeaseHold
from shops.models import ShopConnection
from syncjobs import erp_actor, errands, fetching, runner, runs
from syncjobs.models import Errand, Step
from syncjobs.models.choices import Phase, Status
from tests.pipeline.lab import Lab
from wapro.models import WaproConnection


def nudged(actor: ShopConnection | WaproConnection) -> None:
    """What a nudge leaves behind when its message is dropped."""
    type(actor)._default_manager.filter(pk=actor.pk).update(nudged_at=timezone.now())


def test_an_erp_that_answers_at_once_does_not_leave_the_step_waiting(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker reads the ERP while the shop's step is still asking for it."""
    start = fetching.start_fetch

    def asked_and_answered(source, kind, delivers, since=None):
        fetch = start(source, kind, delivers, since)
        if isinstance(source, WaproConnection):
            erp_actor.advance_erp(source.pk)
        return fetch

    monkeypatch.setattr("syncjobs.steps.start_fetch", asked_and_answered)
    run = runs.start_run(lab.shop_connection, kinds=[Kind.UNIT], user=lab.user)
    while runner.advance_shop(lab.shop_connection.pk) == 0:
        pass
    assert lab.step(run, Kind.UNIT).status == Status.SUCCEEDED


def test_a_wake_up_that_meets_a_held_lease_is_made_good_for(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ERP is done between the last look of the shop's actor and the end of its lease."""
    run = runs.start_run(lab.shop_connection, kinds=[Kind.UNIT], user=lab.user)
    release = LeaseHold.release

    def woken_meanwhile(hold: LeaseHold) -> None:
        if hold.actor is ShopConnection:
            lab.clock.shift(timedelta(milliseconds=5))
            erp_actor.advance_erp(lab.erp_connection.pk)
            nudged(lab.shop_connection)
        release(hold)

    monkeypatch.setattr(LeaseHold, "release", woken_meanwhile)
    assert runner.advance_shop(lab.shop_connection.pk) == 0
    monkeypatch.setattr(LeaseHold, "release", release)
    lab.clock.shift(timedelta(milliseconds=5))
    assert runner.advance_shop(lab.shop_connection.pk) is None
    assert lab.step(run, Kind.UNIT).status == Status.SUCCEEDED


def test_what_is_asked_of_the_erp_while_its_lease_ends_is_not_forgotten(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = LeaseHold.release

    def asked_meanwhile(hold: LeaseHold) -> None:
        lab.clock.shift(timedelta(milliseconds=5))
        fetching.start_fetch(lab.erp_connection, Kind.UNIT, [Kind.UNIT])
        nudged(lab.erp_connection)
        release(hold)

    monkeypatch.setattr(LeaseHold, "release", asked_meanwhile)
    assert erp_actor.advance_erp(lab.erp_connection.pk) == 0


def test_an_actor_that_nobody_called_rests(lab: Lab) -> None:
    runs.start_run(lab.shop_connection, kinds=[Kind.UNIT], user=lab.user)
    waits = runner.advance_shop(lab.shop_connection.pk)
    assert waits is not None
    assert waits > 1
    assert Step.objects.get().phase == Phase.FETCH_ERP


def test_a_test_of_settings_asked_for_in_the_middle_of_a_slice_is_answered_in_it(lab: Lab) -> None:
    asked: list[Errand] = []

    def person(call: str, kind: Kind) -> None:
        if not asked:
            asked.append(errands.request(Errand.Verb.TEST_SETTINGS, shop=lab.shop_connection, user=lab.user))

    lab.shop.fault = person
    lab.run(Kind.UNIT)
    asked[0].refresh_from_db()
    assert asked[0].status == Status.SUCCEEDED

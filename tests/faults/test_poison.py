"""A step that kills its worker each time it is tried: given up after so many deaths, and the rest goes on."""

import pytest

from integrator.canonical.kinds import Kind
from integrator.leases import LeaseHold
from syncjobs import runs
from syncjobs.models import Run
from syncjobs.models.choices import OPEN_STATUSES, Status
from syncjobs.runner import MOST_STEP_ATTEMPTS
from tests.pipeline.lab import memory_lab
from tests.pipeline.test_death import Killed

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]


def test_a_step_that_kills_its_workers_is_given_up_and_the_others_end(monkeypatch: pytest.MonkeyPatch) -> None:
    dead: list[bool] = []
    """Of each death, whether the lease that it left was looked at."""

    def poison(call: str, kind: Kind) -> None:
        if call == "fetch" and kind is Kind.PRODUCT:
            dead.append(False)
            raise Killed

    def released(hold: LeaseHold) -> None:
        """Whoever is killed releases nothing."""
        if dead and not dead[-1]:
            dead[-1] = True
        else:
            release(hold)

    release = LeaseHold.release
    monkeypatch.setattr(LeaseHold, "release", released)
    with memory_lab(monkeypatch) as lab:
        assert lab.shop is not None
        lab.shop.fault = poison
        kinds = [Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY, Kind.PRODUCT]
        run = runs.start_run(lab.shop_connection, kinds=kinds, user=lab.user)
        while Run.objects.filter(pk=run.pk, status__in=OPEN_STATUSES).exists():
            assert len(dead) <= MOST_STEP_ATTEMPTS, "it goes on for ever"
            try:
                lab.work()
            except Killed:
                lab.clock.shift(120)
    ended = {step.kind: step.status for step in run.steps.all()}
    assert {kind: status for kind, status in ended.items() if status != Status.SUCCEEDED} == {"product": Status.FAILED}
    assert len(dead) == MOST_STEP_ATTEMPTS
    assert run.steps.get(kind="product").problems[0]["code"] == "internal"

"""A worker that dies anywhere costs one slice: the next one ends up where a run without a death ends."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from integrator.canonical.kinds import Kind
from integrator.leases import LeaseHold
from syncjobs import runs
from syncjobs.engine.policy import Owner
from syncjobs.models import Change, Run, Step
from syncjobs.models.choices import ChangeStatus, Status
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.memory import add_product

PRODUCTS = 4


class Killed(BaseException):
    """What SIGKILL looks like from inside: nothing after it runs."""


class Reaper:
    """Kills at the n-th moment that matters: before a call, after a write, before a result is saved."""

    def __init__(self, at: int) -> None:
        self.at, self.moments, self.dead = at, 0, False

    def moment(self, *about: object) -> None:
        self.moments += 1
        if self.moments == self.at:
            self.dead = True
            raise Killed

    @contextmanager
    def around(self, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        lab.shop.fault = lab.erp.fault = self.moment
        check, release = LeaseHold.check, LeaseHold.release
        monkeypatch.setattr(LeaseHold, "check", lambda hold: (self.moment(), check(hold))[1])
        monkeypatch.setattr(LeaseHold, "release", lambda hold: None if self.just_died() else release(hold))
        yield
        monkeypatch.setattr(LeaseHold, "check", check)
        monkeypatch.setattr(LeaseHold, "release", release)

    def just_died(self) -> bool:
        died, self.dead = self.dead, False
        return died


def lived(monkeypatch: pytest.MonkeyPatch, at: int) -> tuple[Reaper, dict]:
    """A run with creates, updates and links that dies at one moment and is taken up again."""
    with memory_lab(monkeypatch, products=PRODUCTS) as lab:
        add_product(lab.shop, "100", "TOW0000", "Łopata nr 0", price="1.00", stock="0")
        lab.options(Kind.PRODUCT, export_unlinked=True)
        lab.own(Kind.PRICE, Owner.ERP, "price")
        lab.own(Kind.STOCK, Owner.ERP, "quantity")
        reaper = Reaper(at)
        with reaper.around(lab, monkeypatch):
            run = None
            while run is None or run.status not in (Status.SUCCEEDED, Status.FAILED, Status.PARTLY):
                try:
                    run = lab.run() if run is None else _resume(lab)
                except Killed:
                    lab.clock.shift(120)
                    run = _resume(lab)
        return reaper, outcome(lab, run)


def _resume(lab: Lab) -> Run:
    lab.work()
    for step in Step.objects.filter(status=Status.WAITING):
        runs.approve_step(step, lab.user)
        lab.work()
    return Run.objects.latest("id")


def outcome(lab: Lab, run: Run) -> dict:
    shop = lab.shop.rows
    return {
        "run": run.status,
        "products": sorted((row.code, row.name) for row in shop[Kind.PRODUCT].values()),
        "prices": sorted(str(row.price) for row in shop[Kind.PRICE].values()),
        "stock": sorted(str(row.quantity) for row in shop[Kind.STOCK].values()),
        "links": sorted(lab.links()),
        "open": Change.objects.filter(
            status__in=[ChangeStatus.SENT, ChangeStatus.PLANNED, ChangeStatus.UNKNOWN]
        ).count(),
    }


@pytest.mark.django_db
@pytest.mark.failure_mode("F1")
def test_dying_at_any_moment_changes_nothing_in_the_end(monkeypatch):
    def rolled_back(at: int) -> tuple[Reaper, dict]:
        with transaction.atomic():
            result = lived(monkeypatch, at)
            transaction.set_rollback(True)
        return result

    untouched, expected = rolled_back(0)
    assert expected["run"] == Status.SUCCEEDED
    assert len(expected["products"]) == PRODUCTS
    # Half of the moments on either database: the two runs of `make test` see them all.
    first = 1 if connection.vendor == "sqlite" else 2
    for at in range(first, untouched.moments + 1, 2):
        assert rolled_back(at)[1] == expected, f"died at moment {at}"

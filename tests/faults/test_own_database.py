"""Our own database goes away in the middle, or its disk is full: nothing is taken for done, nothing is sent twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import F

from integrator.accounts.models import Firm
from integrator.canonical.kinds import Kind
from syncjobs import runs
from syncjobs.engine.policy import Owner
from syncjobs.models import Step
from syncjobs.models.choices import Status
from tests.faults.rounds import Watch, seen
from tests.faults.schedule import differences
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.memory import add_product

WRITES = ("INSERT", "UPDATE", "DELETE")


class Away:
    """From the n-th statement on the database refuses so many; `only_writes`: it can be read, as with a full disk."""

    def __init__(self, start: int, refused: int, *, only_writes: bool) -> None:
        self.start, self.left, self.only_writes, self.seen = start, refused, only_writes, 0
        self.paused = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self.paused and (not self.only_writes or sql.startswith(WRITES)):
            self.seen += 1
            if self.seen >= self.start and self.left:
                self.left -= 1
                raise OperationalError(
                    "database or disk is full" if self.only_writes else "server closed the connection"
                )
        return execute(sql, params, many, context)


@contextmanager
def worked(monkeypatch: pytest.MonkeyPatch, away: Away) -> Iterator[tuple[Lab, Watch]]:
    """A first run in which products are linked, made and priced, worked on by slices that end when they fail."""
    with memory_lab(monkeypatch, products=3) as lab:
        assert lab.erp is not None
        assert lab.shop is not None
        add_product(lab.shop, "100", "TOW0000", "Łopata nr 0", price="1.00", stock="2")
        lab.options(Kind.PRODUCT, export_unlinked=True, approved_at=lab.user.date_joined)
        lab.options(Kind.PRICE, approved_at=lab.user.date_joined)
        lab.own(Kind.PRICE, Owner.ERP, "price")
        lab.options(Kind.PRICE, approved_at=lab.user.date_joined)
        watch = Watch(lab.erp, lab.shop)
        runs.start_run(lab.shop_connection, user=lab.user)
        with connection.execute_wrapper(away):
            for _ in range(40):
                try:
                    lab.work()
                except OperationalError:
                    lab.clock.shift(120)
                    continue
                step = Step.objects.filter(status=Status.WAITING, connection=lab.shop_connection).first()
                if step is None:
                    break
                away.paused = True
                runs.approve_step(step, lab.user)
                away.paused = False
        yield lab, watch
        # The next world is another firm of the same name.
        Firm.objects.update(name=F("pk"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "only_writes",
    [
        pytest.param(False, marks=pytest.mark.failure_mode("Database away"), id="away"),
        pytest.param(True, marks=pytest.mark.failure_mode("Disk full"), id="disk full"),
    ],
)
def test_the_end_is_that_of_a_database_that_is_there(monkeypatch: pytest.MonkeyPatch, only_writes: bool) -> None:
    untouched = Away(0, 0, only_writes=only_writes)
    with worked(monkeypatch, untouched) as (lab, watch):
        expected = seen(lab)
        assert watch.wrong == []
        assert expected["under way"] == 0
    chance = Random(connection.vendor)
    for _ in range(3):
        away = Away(chance.randrange(1, untouched.seen), chance.randrange(1, 6), only_writes=only_writes)
        told = f"from statement {away.start} on, {away.left} of them"
        with worked(monkeypatch, away) as (lab, watch):
            assert differences(expected, seen(lab)) + watch.wrong == [], told

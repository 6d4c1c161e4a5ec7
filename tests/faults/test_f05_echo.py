"""F5: what we wrote comes back as an event, at once or half an hour later; somebody else's edit in between is seen."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Price
from syncjobs.engine.policy import Owner
from syncjobs.models.choices import Status
from tests.deliveries import post
from tests.faults.rounds import moves
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.memory import add_product
from tests.pipeline.test_hints import KEY, POLLED, WATCHED, Told

pytestmark = pytest.mark.one_database


@pytest.fixture
def told(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[Told]:
    settings.STATIC_ROOT = tmp_path
    cache.clear()
    with memory_lab(monkeypatch, products=2) as lab:
        assert lab.shop is not None
        for number in range(2):
            code, name = f"TOW{number:04d}", f"Łopata nr {number}"
            add_product(lab.shop, str(1001 + number), code, name, price="12.30", stock="7")
        lab.own(Kind.PRICE, Owner.ERP, "price")
        assert lab.run(*POLLED).status == Status.SUCCEEDED
        for kind in WATCHED:
            lab.options(kind, enabled=True, approved_at=timezone.now())
        yield Told(lab)


def written(lab: Lab) -> int:
    assert lab.shop is not None
    return len(lab.shop.writes())


@pytest.mark.failure_mode("F5")
def test_our_own_write_is_no_news_and_a_foreign_one_beside_it_is(told: Told) -> None:
    lab = told.lab
    moves(lab, "TOW0000", price="14.50")
    lab.run(*POLLED)
    assert told.price() == Decimal("14.50")
    before = written(lab)
    assert before == 1
    for minutes in (0, 1, 9, 20):
        lab.clock.shift(timedelta(minutes=minutes))
        assert post(told.tells()) == 200
        lab.work()
        assert written(lab) == before, f"an echo {minutes} minutes later"
    # Somebody in the shop sets the old price again within the same minute: the value we wrote before is no echo.
    told.shop.rows[Kind.PRICE][KEY] = Price(price=Decimal("12.30"))
    post(told.tells())
    lab.work()
    assert told.price() == Decimal("14.50")
    assert written(lab) == before + 1

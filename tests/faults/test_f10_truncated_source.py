"""F10: a shop or a WAPRO that shows only half of what it has, or nothing: nothing is deleted, hidden or set to zero."""

import pytest

from integrator.canonical.kinds import Kind
from syncjobs.engine.policy import Owner
from syncjobs.models.choices import Status
from tests.faults.faulty import put_between
from tests.faults.rounds import Watch
from tests.faults.schedule import Schedule, Strike
from tests.pipeline.lab import Lab
from tests.pipeline.memory import add_product, fill_erp

pytestmark = pytest.mark.one_database


def in_step(lab: Lab, cards: int) -> None:
    """In step, with everything switched on that could do harm."""
    assert lab.erp is not None
    assert lab.shop is not None
    fill_erp(lab.erp, cards)
    for number in range(cards):
        add_product(lab.shop, str(100 + number), f"TOW{number:04d}", f"Łopata nr {number}", price="12.30", stock="7")
    lab.options(Kind.PRODUCT, export_unlinked=True, approved_at=lab.user.date_joined)
    lab.own(Kind.STOCK, Owner.ERP, "quantity")
    lab.own(Kind.PRICE, Owner.ERP, "price")
    assert lab.run().status == Status.SUCCEEDED


@pytest.mark.failure_mode("F10")
@pytest.mark.parametrize(("side", "shown", "cards"), [
    *(("shop", "short_page", 10), ("shop", "empty", 4), ("shop", "garbage", 4)),
    *(("erp", "short_page", 10), ("erp", "empty", 12), ("erp", "empty", 4)),
])  # fmt: skip
def test_half_a_source_or_none_of_it_twice_running_does_no_harm(
    lab: Lab, side: str, shown: str, cards: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_step(lab, cards)
    assert lab.erp is not None
    assert lab.shop is not None
    with put_between(lab, monkeypatch) as lines:
        watch, line = Watch(lab.erp, lab.shop), lines[side == "shop"]
        word = "html" if shown == "garbage" else shown
        line.plan = Schedule(0, tuple(Strike(call, word) for call in range(1, 400)))
        runs = [lab.run(Kind.PRODUCT, Kind.STOCK, approve=False) for _ in range(2)]
        line.plan = None
        assert {strike.word for strike in line.struck} == {word}
        steps = [lab.step(run, Kind.PRODUCT) for run in runs]
        assert all(step.status == Status.FAILED and step.problems for step in steps), "that it is not trusted is said"
        assert watch.wrong == []
        assert lab.shop.writes() == []
        assert lab.run(Kind.PRODUCT, Kind.STOCK).status == Status.SUCCEEDED
        assert lab.shop.writes() == []
    assert len(lab.links()) == cards

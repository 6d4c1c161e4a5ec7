"""F6: stock goes 5, 3, 4 while answers are lost and late; two shops sell the last piece."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from integrator.canonical.kinds import Kind
from syncjobs.engine.policy import Owner
from syncjobs.models import OrderPromise
from tests.faults.faulty import put_between
from tests.faults.rounds import Watch, moves, survive
from tests.faults.schedule import Schedule, Strike
from tests.pipeline.lab import memory_lab
from tests.pipeline.market import Market
from tests.pipeline.memory import add_product

pytestmark = pytest.mark.one_database
WRITING = 2
"""In a run of stock alone the shop is called to be read, then to be written."""


@pytest.mark.failure_mode("F6")
@pytest.mark.django_db
def test_the_last_quantity_stands_whatever_becomes_of_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    for first, second in (("drop", "stale"), ("killed", "drop"), ("reset", "stale")):
        with transaction.atomic():
            assert lived_through(monkeypatch, first, second) == (Decimal(4), []), (first, second)
            transaction.set_rollback(True)


def lived_through(monkeypatch: pytest.MonkeyPatch, first: str, second: str) -> tuple[Any, list[str]]:
    """The writing of 3 meets one fault, the first call of the run that writes 4 the other; what stands in the end."""
    with memory_lab(monkeypatch, products=1) as lab, put_between(lab, monkeypatch) as (_, line):
        assert lab.erp is not None
        assert lab.shop is not None
        add_product(lab.shop, "100", "TOW0000", "Łopata nr 0", price="12.30", stock="5")
        lab.own(Kind.STOCK, Owner.ERP, "quantity")
        moves(lab, "TOW0000", stock="5")
        lab.run()
        watch = Watch(lab.erp, lab.shop)
        moves(lab, "TOW0000", stock="3")
        line.plan, line.calls = Schedule(0, (Strike(WRITING, first),)), 0
        survive(lab, Kind.STOCK)
        moves(lab, "TOW0000", stock="4")
        line.plan, line.calls = Schedule(0, (Strike(1, second),)), 0
        survive(lab, Kind.STOCK)
        assert [strike.word for strike in line.struck] == [first, second]
        return lab.shop.rows[Kind.STOCK]["100"].quantity, watch.wrong  # type: ignore[attr-defined]


@pytest.mark.failure_mode("F6")
def test_the_last_piece_is_sold_in_two_shops_at_once(market: Market) -> None:
    """Both buyers are first. Nothing is offered any more, no stock goes below zero, and what is lacking is seen."""
    pieces = market.in_stock()
    first = market.a.sell({market.a.products[0]: pieces})
    second = market.a.sell({market.a.products[0]: 1})
    market.later()
    assert market.offered() == 0
    assert market.offered_by_a() <= 0, "the shop itself took both off"
    assert market.in_stock() == 0
    held = OrderPromise.objects.filter(ended_at=None, order__shop_key__in=[str(first), str(second)])
    assert sum(one.reserved for one in held) == pieces
    assert sum(one.quantity - one.reserved for one in held) == 1, "the ledger shows that a piece is lacking, and where"

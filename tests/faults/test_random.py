"""Random schedules of faults: however the days go, they end as days on which nothing went wrong.

`FAULT_SEEDS=500 pytest tests/faults/test_random.py` tries more of them, `FAULT_FIRST_SEED=500` the next ones.
"""

import pytest
from django.db import transaction

from tests.faults.rounds import Ended, in_memory
from tests.faults.schedule import MEMORY_WORDS, Schedule, differences, schedule, seeds

ERP_WORDS = ("drop", "reset", "delay", "error", "killed")
"""A database does not answer twice, backwards, or with what was."""


def rolled_back(monkeypatch: pytest.MonkeyPatch, shop: Schedule | None, erp: Schedule | None) -> Ended:
    with transaction.atomic():
        ended = in_memory(monkeypatch, shop, erp)
        transaction.set_rollback(True)
    return ended


@pytest.mark.django_db
@pytest.mark.failure_mode("Any of them")
def test_whatever_happens_in_memory_the_days_end_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = rolled_back(monkeypatch, None, None)
    assert quiet.wrong == []
    assert set(quiet.outcome["times"].values()) == {1}
    assert quiet.outcome["under way"] == 0
    for seed in seeds(2):
        shop = schedule(seed, words=MEMORY_WORDS, calls=60)
        erp = schedule(seed + 100_000, words=ERP_WORDS, calls=40, most=3)
        ended = rolled_back(monkeypatch, shop, erp)
        told = f"shop: {shop}; WAPRO: {erp}; struck: {ended.struck}"
        assert differences(quiet.outcome, ended.outcome) + ended.wrong == [], told

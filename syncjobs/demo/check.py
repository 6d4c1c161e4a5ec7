"""The demo's own proof, for all shops at once: synchronise through the real worker, mend what closes a gate,
synchronise again, compare."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from integrator.accounts.models import User
from syncjobs import runs
from syncjobs.demo import seed
from syncjobs.demo.household import Household
from syncjobs.demo.storefronts import STOREFRONTS
from syncjobs.demo.trial import Report, Trial, states
from syncjobs.models import Run, Step
from syncjobs.models.choices import OPEN_STATUSES, Status

PATIENCE = 420.0
"""Seconds that the runs of one synchronisation may take."""
_LOOK_EVERY = 0.25
_READERS = 2
"""Shops that are compared at the same time: as many as the machine surely has cores."""


class TooSlow(RuntimeError):
    """A run did not end in time; the message says where it stood."""


def check(household: Household, say: Callable[[str], None]) -> Report:
    """The report; its `ok` says whether everything ended as it should in every shop. Raises TooSlow."""
    user = User.objects.get(email=seed.ADMINISTRATOR)
    trials = [Trial(household, shop) for shop in STOREFRONTS]
    _each(trials, Trial.remember)
    say("First synchronisation: a producer that cannot be read closes the gate of products")
    for trial, run in zip(trials, synchronise(trials, user), strict=True):
        trial.gate_was_closed(run)
    say("Mending the producer in the shops; the first synchronisation goes on")
    for trial in trials:
        trial.mend_producer()
    for trial, run in zip(trials, synchronise(trials, user), strict=True):
        trial.first_has_ended(run)
    _each(trials, Trial.compare_first)
    say("Second synchronisation: it must write nothing")
    again = synchronise(trials, user)
    _each(trials, Trial.compare_second)
    for trial, run in zip(trials, again, strict=True):
        trial.second_wrote_nothing(run)
    say("Deciding the conflicts for WAPRO; the next run writes them")
    for trial in trials:
        trial.decide_conflicts(user)
    for trial, run in zip(trials, synchronise(trials, user), strict=True):
        trial.decisions_are_written(run)
    _each(trials, Trial.compare_decided)
    reports = {trial.shop.platform: trial.report() for trial in trials}
    return {"ok": all(report["ok"] for report in reports.values()), "shops": reports}


def _each(trials: Sequence[Trial], ask: Callable[[Trial], Any]) -> None:
    """The comparing programs of several shops side by side; none of them touches the panel's database."""
    with ThreadPoolExecutor(_READERS) as pool:
        list(pool.map(ask, trials))


def synchronise(trials: Sequence[Trial], user: User) -> list[Run]:
    """One run of all kinds for each shop, carried out by the worker; plans that wait are approved. Raises TooSlow."""
    started = [runs.start_run(trial.connection, user=user) for trial in trials]
    open_runs = Run.objects.filter(pk__in=[run.pk for run in started], status__in=OPEN_STATUSES)
    deadline = time.monotonic() + PATIENCE
    while open_runs.exists():
        for step in Step.objects.filter(run__in=started, status=Status.WAITING).select_related("connection__client"):
            runs.approve_step(step, user)
        if time.monotonic() > deadline:
            where = {run.connection.name: states(run) for run in open_runs.select_related("connection")}
            raise TooSlow(f"the runs did not end in {PATIENCE:.0f} seconds: {where}")
        time.sleep(_LOOK_EVERY)
    for run in started:
        run.refresh_from_db()
    return started

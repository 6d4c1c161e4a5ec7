"""Rounds of work that the real worker does for the demo's proof, waited for; and its questions to other programs."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import runs
from syncjobs.models import Run, Step
from syncjobs.models.choices import OPEN_STATUSES, Status

PATIENCE = 420.0
"""Seconds that the runs of one synchronisation may take."""
_LOOK_EVERY = 0.25
_READERS = 2
"""Shops that are compared at the same time: as many as the machine surely has cores."""
T = TypeVar("T")


class TooSlow(RuntimeError):
    """Something did not end in time; the message says where it stood."""


def side_by_side(trials: Sequence[T], ask: Callable[[T], Any]) -> None:
    """The comparing programs of several shops at once; none of them touches the panel's database."""
    with ThreadPoolExecutor(_READERS) as pool:
        list(pool.map(ask, trials))


def synchronise(connections: Iterable[ShopConnection], user: User, kinds: Sequence[Kind] | None = None) -> list[Run]:
    """One run (of all kinds) for each shop, carried out by the worker; plans that wait are approved. Raises TooSlow."""
    started = [runs.start_run(connection, kinds=kinds, user=user) for connection in connections]
    open_runs = Run.objects.filter(pk__in=[run.pk for run in started], status__in=OPEN_STATUSES)

    def left() -> str:
        for step in Step.objects.filter(run__in=started, status=Status.WAITING).select_related("connection__client"):
            runs.approve_step(step, user)
        where = [f"{run.connection.name}: {states(run)}" for run in open_runs.select_related("connection")]
        return "; ".join(where)

    wait(left, PATIENCE)
    for run in started:
        run.refresh_from_db()
    return started


def wait(left: Callable[[], str], patience: float) -> None:
    """Until `left` finds nothing any more. Raises TooSlow."""
    deadline = time.monotonic() + patience
    while found := left():
        if time.monotonic() > deadline:
            raise TooSlow(f"not at rest after {patience:.0f} seconds: {found}")
        time.sleep(_LOOK_EVERY)


def states(run: Run) -> dict[str, str]:
    return {step.kind: step.status for step in run.steps.order_by("position")}


def asked(program: str, question: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """What a checking program says, run as a process of its own; `error` when it could not say anything."""
    done = subprocess.run(
        [sys.executable, "-m", program],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        cwd=root,
        check=False,
    )
    if done.returncode:
        return {"error": done.stderr[-2000:]}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer

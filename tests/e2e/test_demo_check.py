"""`manage.py demo --check` as anybody may run it: two synchronisations through the real worker, then comparing."""

import json
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncjobs.demo.differences import LEAST, Outcome
from tests.e2e.conftest import demo_command

COUNTED = ("linked", "ambiguous", "created", "updated", "deleted", "conflicts", "blocked", "failed")


@pytest.mark.processes
def test_every_planted_difference_ends_as_expected_and_the_second_run_writes_nothing(tmp_path: Path) -> None:
    done = subprocess.run(demo_command(tmp_path, "--check"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert all(report["planted"][one] >= LEAST for one in Outcome)
    totals = Counter[str]()
    for row in report["first"].values():
        totals.update(row)
    assert all(totals[name] >= LEAST for name in COUNTED)
    assert report["gate"]["closed"]["product"] == "blocked"
    assert report["gate"]["opened"]["product"] == "succeeded"
    assert report["checker"]["first"]["articles"] > 600
    assert report["checker"]["first"]["differences"] == report["checker"]["second"]["differences"] == 0
    assert not any(row[name] for row in report["second"].values() for name in ("created", "updated", "deleted"))
    assert report["decisions"]["left"] == 0


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path, taken_port: int) -> None:
    done = subprocess.run(
        demo_command(tmp_path, "--port", str(taken_port)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"Port {taken_port} is in use" in done.stderr
    assert f"--port {taken_port + 1}" in done.stderr


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]

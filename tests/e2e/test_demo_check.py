"""`manage.py demo --check` as anybody may run it: synchronising and selling through the real worker, then comparing."""

import json
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncjobs.demo.differences import LEAST, Outcome
from tests.e2e.conftest import demo_command

COUNTED = ("linked", "ambiguous", "created", "updated", "deleted", "conflicts", "blocked", "failed")


SHARED = "of what two shops sell"
ARTICLES = {"shoper": 600, "woocommerce": 150, "prestashop": 140}
"""At least so many are compared in each shop."""


@pytest.mark.processes
def test_every_difference_and_every_order_ends_as_expected_and_a_second_run_writes_nothing(
    tmp_path: Path,
) -> None:
    done = subprocess.run(demo_command(tmp_path, "--check"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert {name: shop["ok"] for name, shop in report["shops"].items()} == dict.fromkeys(ARTICLES, True)
    for name, shop in report["shops"].items():
        assert all(shop["planted"][one] >= LEAST for one in Outcome)
        assert all(cell["ended"] == cell["planted"] for cell in shop["ended"])
        totals = Counter[str]()
        for row in shop["first"].values():
            totals.update(row)
        assert {one for one in COUNTED if totals[one] < LEAST} == set(), name
        assert shop["gate"]["closed"]["product"] == "blocked"
        assert shop["gate"]["opened"]["product"] == "succeeded"
        assert shop["checker"]["first"]["articles"] > ARTICLES[name]
        assert [shop["checker"][when]["differences"] for when in ("first", "second", "decided")] == [0, 0, 0]
        assert not any(row[name] for row in shop["second"].values() for name in ("created", "updated", "deleted"))
        assert shop["decisions"]["left"] == 0
        orders_are_on_both_sides(shop["orders"])
    both = [shop["orders"] for shop in report["shops"].values() if shop["orders"]["sold"][-1]["what"] == SHARED]
    assert len(both) == 2
    for told in ("Sklep Zagroda, Shoper: as planned", "WooCommerce: as planned", "PrestaShop: as planned"):
        assert told in done.stderr


def orders_are_on_both_sides(orders: dict[str, Any]) -> None:
    fates = Counter(one["fate"] for one in orders["sold"])
    assert set(fates) == {"sent", "open", "cancelled", "held"}
    first, second = orders["checker"]["first"], orders["checker"]["second"]
    assert first["in_company"] == first["orders"] - fates["held"] >= 6
    assert first["parcels"] == sum(len(one["parcels"]) for one in orders["sold"]) >= 3
    assert float(first["gross"]) > 0
    assert [first["differences"], second["differences"]] == [[], []]
    assert (second["writes"], second["shop"]) == (first["writes"], first["shop"])


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

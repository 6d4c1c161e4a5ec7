"""Another shop at the same address, another database behind the same login, one restored from a backup."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from shops.models import ShopConnection
from syncjobs import recognition
from syncjobs.models.choices import Status
from tests.pipeline.shoper import shoper_lab
from wapro.models import WaproConnection
from wapro.recognition import went_back
from wapro.sample import generated
from wapro.sample.sqlite import build

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(transaction=True)]


def test_another_shop_stops_the_run_until_a_person_says_that_it_is_meant(tmp_path: Path) -> None:
    build(tmp_path / "wapro.sqlite3", generated(3))
    with shoper_lab(tmp_path) as (lab, simulator):
        shop = ShopConnection.objects.filter(pk=lab.shop_connection.pk)
        assert lab.run(Kind.UNIT).status == Status.SUCCEEDED
        assert shop.get().identity == {"kept": {"licence": "568425"}}
        simulator.state.config["license_id"] = "700001"
        before = simulator.stats.requests.total()
        run = lab.run(Kind.UNIT, Kind.PRODUCER)
        assert {step.status for step in run.steps.all()} == {Status.FAILED}
        assert lab.step(run, Kind.PRODUCER).problems[0]["code"] == Code.SHOP_CHANGED
        assert simulator.stats.requests.total() == before + 1, "who it is was asked, and nothing else"
        assert (shop.get().healthy, shop.get().problem["code"]) == (False, Code.SHOP_CHANGED)
        assert recognition.accept_shop(shop.get(), lab.user)
        assert not recognition.accept_shop(shop.get(), lab.user), "there is nothing more to accept"
        assert lab.run(Kind.UNIT).status == Status.SUCCEEDED
        assert shop.get().identity == {"kept": {"licence": "700001"}}


def test_a_database_restored_from_a_backup_stops_what_reads_and_what_writes(tmp_path: Path) -> None:
    company = tmp_path / "wapro.sqlite3"
    build(company, generated(3))
    backup = company.read_bytes()
    with shoper_lab(tmp_path) as (lab, _simulator):
        erp = WaproConnection.objects.filter(pk=lab.erp_connection.pk)
        assert lab.run(Kind.UNIT).status == Status.SUCCEEDED
        assert erp.get().database_id, "the first success keeps which database it is"
        with closing(sqlite3.connect(company)) as database, database:
            # The highest keys, moved on as new cards and contractors would.
            for table, key in (("ARTYKUL", "ID_ARTYKULU"), ("KONTRAHENT", "ID_KONTRAHENTA")):
                database.execute(f"UPDATE {table} SET {key} = {key} + 5 WHERE {key} = (SELECT MAX({key}) FROM {table})")
        assert lab.run(Kind.UNIT).status == Status.SUCCEEDED
        company.write_bytes(backup)
        run = lab.run(Kind.UNIT)
        assert run.status == Status.FAILED
        assert lab.step(run, Kind.UNIT).problems[0]["code"] == Code.DATABASE_WENT_BACK
        assert recognition.accept_database(erp.get(), lab.user)
        assert lab.run(Kind.UNIT).status == Status.SUCCEEDED


@pytest.mark.parametrize(
    ("kept", "found", "back"),
    [
        ({"A": 9, "B": 9}, {"A": 9, "B": 12}, []),
        ({"A": 9, "B": 9}, {"A": 8, "B": 9}, []),
        ({"A": 9, "B": 9}, {"A": 8, "B": 8}, ["A", "B"]),
        ({"A": 90}, {"A": 60, "B": 1}, ["A"]),
    ],
)
def test_a_row_deleted_by_hand_is_no_backup(kept: dict[str, int], found: dict[str, int], back: list[str]) -> None:
    assert sorted(went_back(kept, found)) == back

"""Bad input: systems that cannot be reached or answer nonsense. What people are told, that nothing is half-written, and
that mending it helps."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from django.utils import translation

from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Verdict
from integrator.canonical.problems import Turn
from integrator.local.processes import free_port
from shops.connectors.shoper.simulator import LOGIN, PASSWORD
from shops.connectors.shoper.simulator.resources import RESOURCES
from shops.models import ShopConnection
from syncjobs import errands
from syncjobs.explain import explain
from syncjobs.models import Errand, Step
from syncjobs.models.choices import Side, Status
from tests.pipeline.world import ARTICLES, WITHOUT_IMAGES, World, assert_all_well, said
from wapro.models import WaproConnection

pytestmark = pytest.mark.one_database

# reaching a system


def preflight(world: World, *, shop: ShopConnection | None = None, erp: WaproConnection | None = None) -> list[str]:
    """ "Test settings" as a person asks for it; what the failed checks say."""
    errands.request(Errand.Verb.TEST_SETTINGS, shop=shop, erp=erp, user=world.lab.user)
    world.lab.work()
    asked = shop or erp
    assert asked is not None
    asked.refresh_from_db()
    side = Side.SHOP if shop else Side.ERP
    failed = [check for check in asked.checks if check["verdict"] == Verdict.FAILED]
    assert asked.healthy is (not failed)
    return [f"{check['name']}: {said(check, side=side, connection=shop, turn=check['turn'])}" for check in failed]


def unreachable(world: World, **changed: Any) -> list[str]:
    """The shop connection is given other access data; a run is tried, then the settings are tested."""
    ShopConnection.objects.filter(pk=world.lab.shop_connection.pk).update(**changed)
    world.lab.shop_connection.refresh_from_db()
    before = world.writes()
    run = world.run()
    assert world.ended(run)[Kind.UNIT] == Status.FAILED
    assert world.ended(run)[Kind.PRODUCT] in (Status.BLOCKED, Status.FAILED)
    assert world.writes() == before
    world.lab.shop_connection.refresh_from_db()
    assert world.lab.shop_connection.healthy is False
    told = {text for step in run.steps.filter(status=Status.FAILED) for text in world.told(step)}
    return [*told, *preflight(world, shop=world.lab.shop_connection)]


def mended(world: World, **changed: Any) -> None:
    """The access data are put right: the test passes and the next run ends well."""
    ShopConnection.objects.filter(pk=world.lab.shop_connection.pk).update(**changed)
    world.lab.shop_connection.refresh_from_db()
    assert preflight(world, shop=world.lab.shop_connection) == []
    assert_all_well(world, world.run())


def test_a_shop_s_name_that_nobody_knows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    right = world.lab.shop_connection.address
    said_run, said_test = unreachable(world, address="https://sklep-ktorego-nie-ma.invalid")
    assert said_run.startswith("The name sklep-ktorego-nie-ma.invalid is not known in the network. Check the spelling")
    assert said_test == f"name: {said_run}"
    mended(world, address=right)


def test_a_port_where_nobody_listens(world: World) -> None:
    right, port = world.lab.shop_connection.address, free_port()
    said_run, said_test = unreachable(world, address=f"http://127.0.0.1:{port}")
    assert said_run.startswith(f"127.0.0.1 refused the connection on port {port}. Check the address and its port.")
    assert said_test == f"port: {said_run}"
    mended(world, address=right)


def test_a_wrong_password(world: World) -> None:
    said_run, said_test = unreachable(world, credentials={"user": LOGIN, "password": "literowka-w-hasle"})
    assert world.shop.stats.requests["POST auth"] == 2, "once by the run, once by the test: accounts get locked"
    assert said_run.startswith(f"Sklep refused the login of {LOGIN}: Nieprawidłowy login lub hasło. Enter the login")
    assert said_test == f"login: {said_run}"
    assert "literowka" not in said_run + repr(list(Step.objects.values_list("problems", flat=True)))
    mended(world, credentials={"user": LOGIN, "password": PASSWORD})


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("serwer-ktorego-nie-ma.invalid", "The name serwer-ktorego-nie-ma.invalid is not known in the network."),
        ("127.0.0.1,{port}", "127.0.0.1 refused the connection on port {port}."),
    ],
    ids=["name", "port"],
)
def test_a_server_of_wapro_that_is_not_there(filled: World, server: str, words: str) -> None:
    port = free_port()
    erp = filled.lab.erp_connection
    kept = {"engine": erp.engine, "server": erp.server}
    secret = {"read_user": "integrator", "read_password": "x"}
    moved = {"engine": "sqlserver", "server": server.format(port=port), "credentials": secret}
    WaproConnection.objects.filter(pk=erp.pk).update(**moved)
    shown, writes = filled.codes(), filled.writes()
    run = filled.run()
    assert set(filled.ended(run).values()) == {Status.FAILED, Status.BLOCKED}
    for step in run.steps.filter(status=Status.FAILED):
        assert filled.told(step)[0].startswith(words.format(port=port))
    erp.refresh_from_db()
    assert erp.healthy is False
    with translation.override("en"):
        assert explain(erp.problem).sentence == words.format(port=port)
    assert (filled.codes(), filled.writes()) == (shown, writes), "a silent ERP is no reason to touch the shop"
    WaproConnection.objects.filter(pk=erp.pk).update(**kept)
    assert_all_well(filled, filled.run())
    erp.refresh_from_db()
    assert (erp.healthy, erp.problem) == (True, None)


def test_a_database_that_is_not_wapro(filled: World) -> None:
    real = filled.company.rename(filled.company.with_suffix(".real"))
    with closing(sqlite3.connect(filled.company)) as database, database:
        database.execute("CREATE TABLE faktury (id INTEGER)")
    writes = filled.writes()
    run = filled.run()
    assert set(filled.ended(run).values()) == {Status.FAILED, Status.BLOCKED}
    (told,) = {text for step in run.steps.filter(status=Status.FAILED) for text in filled.told(step)}
    assert told.startswith("This is not a WAPRO Mag database. Enter the name of the company's database")
    failed = preflight(filled, erp=filled.lab.erp_connection)
    assert any(text.startswith("wapro: ") and "not a WAPRO Mag database" in text for text in failed)
    assert filled.writes() == writes
    assert len(filled.lab.links()) == ARTICLES
    real.replace(filled.company)
    assert preflight(filled, erp=filled.lab.erp_connection) == []
    assert_all_well(filled, filled.run())


# what a shop answers


def test_a_missing_right_stops_its_kind_and_what_needs_it(world: World) -> None:
    (account,) = world.shop.access.static_tokens.values()
    account.rights = {area: "delete" for area in RESOURCES if area != "producers"}
    run = world.run()
    step = world.lab.step(run, Kind.PRODUCER)
    assert world.ended(run) == {
        **dict.fromkeys(WITHOUT_IMAGES, Status.SUCCEEDED),
        Kind.PRODUCER: Status.FAILED,
        Kind.PRODUCT: Status.BLOCKED,
    }
    (told,) = world.told(step)
    assert told.startswith("The user has no right to producers. Give the user this right (producers)")
    assert step.problems[0]["turn"] == Turn.SHOP_SETTINGS
    (gate,) = world.told(world.lab.step(run, Kind.PRODUCT))
    assert gate.startswith("Waits for producers")
    (check,) = preflight(world, shop=world.lab.shop_connection)
    assert check.startswith("right:producers: The user has no right to producers.")
    account.rights = None
    assert preflight(world, shop=world.lab.shop_connection) == []
    assert_all_well(world, world.run())


def test_a_web_page_instead_of_data_is_waited_out(world: World) -> None:
    world.shop.faults.add("html", resource="producers", times=2)
    assert_all_well(world, world.run())
    assert world.shop.faults.happened["html"] == 2


@pytest.mark.failure_mode("F10")
def test_a_web_page_that_stays_is_told_and_mended_by_itself(world: World) -> None:
    world.shop.faults.add("html", method="GET", resource="producers", times=10_000)
    run = world.run()
    assert world.ended(run)[Kind.PRODUCER] == Status.FAILED
    assert world.ended(run)[Kind.STOCK] == world.ended(run)[Kind.CATEGORY] == Status.SUCCEEDED
    (told,) = world.told(world.lab.step(run, Kind.PRODUCER))
    assert told.startswith("Sklep answered with a web page instead of data: “<!DOCTYPE html>")
    assert "Przerwa techniczna" in told
    assert "Check that the address is the shop's own" in told
    world.shop.faults.clear()
    assert_all_well(world, world.run())


@pytest.mark.parametrize("fault", ["html", "truncated", "drop", "reset", "error"])
@pytest.mark.failure_mode("F1")
def test_a_broken_answer_to_a_write_loses_and_doubles_nothing(world: World, fault: str) -> None:
    """Whether the shop did the work and nobody heard of it, or did nothing: each element stands there once."""
    world.shop.faults.add(fault, method="POST", resource="bulk", times=3)
    assert_all_well(world, world.run())
    assert world.shop.faults.happened[fault] == 3
    assert len(world.codes()) == ARTICLES

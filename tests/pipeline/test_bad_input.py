"""Bad input: what a person is told, that the rest goes on, that nothing is half-written, and that mending it helps."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from integrator.canonical.kinds import REFERENCE_KINDS, SYNC_KINDS, Kind
from integrator.canonical.preflight import Verdict
from integrator.canonical.problems import Turn
from integrator.local.processes import free_port
from shops.connectors.shoper.simulator import LOGIN, PASSWORD, ShoperSimulator
from shops.connectors.shoper.simulator.resources import RESOURCES
from shops.models import ShopConnection
from syncjobs import errands, pairs, runs, snapshots
from syncjobs.engine.policy import Owner
from syncjobs.explain import explain
from syncjobs.models import Change, ElementIssue, Errand, Run, Step
from syncjobs.models.choices import ChangeStatus, Mark, Side, Status
from syncjobs.views.changes import destination
from tests.pipeline.lab import Lab
from tests.pipeline.shoper import shoper_lab
from wapro.models import WaproConnection
from wapro.sample import generated
from wapro.sample.articles import INTERNET
from wapro.sample.sqlite import build

ARTICLES = 24
PLAIN = "GEN0000012"
"""A card of the company that becomes a simple product."""
NOT_PRODUCTS = (*REFERENCE_KINDS, Kind.STOCK, Kind.PRICE)
POLISH = Path(settings.LOCALE_PATHS[0]) / "pl" / "LC_MESSAGES" / "django.mo"
WITHOUT_IMAGES = [kind for kind in SYNC_KINDS if kind is not Kind.IMAGE]


class World:
    """The whole way: the sample company's file, the pipeline, the shop over HTTP."""

    def __init__(self, lab: Lab, simulator: ShoperSimulator, company: Path) -> None:
        self.lab, self.shop, self.company = lab, simulator, company

    def wapro(self, sql: str, *values: Any) -> None:
        """Somebody changes the company's data."""
        with closing(sqlite3.connect(self.company)) as database, database:
            assert database.execute(sql, values).rowcount > 0

    def run(self, *kinds: Kind) -> Run:
        return self.lab.run(*(kinds or WITHOUT_IMAGES))

    def ended(self, run: Run) -> dict[str, str]:
        return {step.kind: step.status for step in run.steps.all()}

    def told(self, step: Step) -> list[str]:
        """What the page of the run says about a step, English first, each with what to do."""
        return [said(problem, connection=self.lab.shop_connection) for problem in step.problems]

    def change(self, run: Run, code: str) -> Change:
        return Change.objects.get(step__run=run, code=code, kind=Kind.PRODUCT)

    def codes(self) -> set[str]:
        """Codes of what the shop sells."""
        state = self.shop.state
        sold = [one for product in state.products for one in (state.stock_ids(product)[1:] or state.stock_ids(product))]
        return {state.stocks.get(one)["code"] for one in sold}

    def writes(self) -> int:
        """Calls that may have changed the shop, logins left out."""
        requests = self.shop.stats.requests
        return sum(n for name, n in requests.items() if not name.startswith(("GET", "HEAD")) and name != "POST auth")


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator[World]:
    build(tmp_path / "wapro.sqlite3", generated(ARTICLES))
    with shoper_lab(tmp_path) as (lab, simulator):
        lab.shop_connection.default_category = str(simulator.state.add_category("Wszystko"))
        lab.shop_connection.save()
        for kind in (Kind.UNIT, Kind.PRODUCER, Kind.PRODUCT, Kind.IMAGE):
            lab.options(kind, export_unlinked=True)
        lab.own(Kind.PRICE, Owner.ERP, "price")
        lab.own(Kind.STOCK, Owner.ERP, "quantity")
        yield World(lab, simulator, tmp_path / "wapro.sqlite3")


@pytest.fixture
def filled(world: World) -> World:
    """After a first run in which all went well."""
    assert world.run().status == Status.SUCCEEDED
    assert len(world.codes()) == ARTICLES
    return world


def said(problem: Any, **about: Any) -> str:
    """Sentence and what to do, in English; in Polish as much is said where the catalogue is there."""
    with translation.override("en"):
        english = explain(problem, **about)
    assert english.sentence
    assert english.todo
    assert "The other system" not in english.sentence
    if POLISH.exists():
        with translation.override("pl"):
            polish = explain(problem, **about)
        assert polish.sentence != english.sentence
        assert polish.todo != english.todo
    return f"{english.sentence} {english.todo}"


def assert_all_well(world: World, run: Run) -> None:
    """Everything of WAPRO is in the shop once, and there is nothing left to do."""
    assert {kind: status for kind, status in world.ended(run).items() if status != Status.SUCCEEDED} == {}
    assert (
        Change.objects.filter(status__in=[ChangeStatus.SENT, ChangeStatus.UNKNOWN, ChangeStatus.PLANNED]).count() == 0
    )
    sold = [world.shop.state.stocks.get(one)["code"] for one in world.shop.state.stocks]
    assert world.codes() == {str(key) for key in world.lab.links()}
    assert max(sold.count(code) for code in world.codes()) == 1
    before = world.writes()
    world.run()
    assert world.writes() == before


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
    assert said_run.startswith(f"127.0.0.1 refused the connection on port {port}. Check the port")
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
def test_a_broken_answer_to_a_write_loses_and_doubles_nothing(world: World, fault: str) -> None:
    """Whether the shop did the work and nobody heard of it, or did nothing: each element stands there once."""
    world.shop.faults.add(fault, method="POST", resource="bulk", times=3)
    assert_all_well(world, world.run())
    assert world.shop.faults.happened[fault] == 3
    assert len(world.codes()) == ARTICLES


# one element among many


def test_a_broken_record_among_good_ones(filled: World) -> None:
    lab, state = filled.lab, filled.shop.state
    producer = state.tables["producers"].ids[2]
    name = state.tables["producers"].get(producer)["name"]
    filled.shop.faults.break_record("producers", producer, {"name": ["?"]})
    with state.stocks.editing(state.stocks.ids[0]) as row:
        row["stock"] = "0"
    run = filled.run()
    assert filled.ended(run) == {
        **dict.fromkeys(WITHOUT_IMAGES, Status.SUCCEEDED),
        Kind.PRODUCER: Status.FAILED,
        Kind.PRODUCT: Status.BLOCKED,
    }
    (issue,) = ElementIssue.objects.filter(fetch=lab.step(run, Kind.PRODUCER).shop_fetch)
    assert (issue.kind, issue.key) == (Kind.PRODUCER, str(producer))
    assert f'"producer_id": "{producer}"' in issue.excerpt
    (told,) = filled.told(lab.step(run, Kind.PRODUCER))
    assert told.startswith("Sklep: the field “name” holds ['?'], which cannot be read. Correct this value")
    kept = snapshots.present(lab.shop_connection, Kind.PRODUCER)
    assert kept.filter(key=str(producer), label=name).exists(), "what was known of it before is not lost"
    assert kept.count() == len(state.tables["producers"])
    # A person excludes it by name; that alone opens the gate.
    pairs.mark(
        lab.shop_connection, Side.SHOP, Kind.PRODUCER, [str(producer)], Mark.EXCLUDED, lab.user, "do wyjaśnienia"
    )
    lab.work()
    assert filled.ended(Run.objects.latest("id"))[Kind.PRODUCT] == Status.SUCCEEDED
    # Or it is mended in the shop.
    pairs.unmark(lab.shop_connection, Side.SHOP, Kind.PRODUCER, [str(producer)], lab.user)
    filled.shop.faults.clear()
    assert_all_well(filled, filled.run())


def test_a_price_with_a_comma_in_the_shop(filled: World) -> None:
    """The other prices wait with it (they were read by the same fetch), stock does not."""
    state = filled.shop.state
    product = next(one for one in state.products if len(state.stock_ids(one)) == 1)
    stock = state.stocks.get(state.stock_ids(product)[0])
    comma = {"stock": {**stock, "price": "12,50", "comp_price": "12,50"}}
    filled.shop.faults.break_record("products", product, comma)
    filled.wapro("UPDATE ARTYKUL SET STAN = STAN + 5")
    run = filled.run()
    assert filled.ended(run) == {**dict.fromkeys(WITHOUT_IMAGES, Status.SUCCEEDED), Kind.PRICE: Status.FAILED}
    (told,) = filled.told(filled.lab.step(run, Kind.PRICE))
    assert told.startswith("Sklep: the field “price” holds '12,50', which cannot be read. Correct this value")
    (issue,) = ElementIssue.objects.filter(fetch__shop=filled.lab.shop_connection)
    assert (issue.kind, issue.key, issue.label) == (
        Kind.PRICE,
        str(product),
        state.products.get(product)["translations"]["pl_PL"]["name"],
    )
    assert filled.lab.step(run, Kind.STOCK).counts["updated"] > 0
    filled.shop.faults.clear()
    assert_all_well(filled, filled.run())


def test_a_price_with_a_comma_in_wapro(filled: World) -> None:
    """A real server cannot hold one; whatever it is that cannot be read, the prices say so and the rest goes on."""
    filled.wapro(
        "UPDATE CENA_ARTYKULU SET CENA_BRUTTO = '12,50' WHERE ID_CENY = ? AND ID_ARTYKULU IN "
        "(SELECT ID_ARTYKULU FROM ARTYKUL WHERE INDEKS_KATALOGOWY = ?)",
        INTERNET,
        PLAIN,
    )
    run = filled.run(Kind.STOCK, Kind.PRICE)
    assert filled.ended(run) == {Kind.STOCK: Status.SUCCEEDED, Kind.PRICE: Status.FAILED}
    (told,) = filled.told(filled.lab.step(run, Kind.PRICE))
    assert told.startswith("Something failed on our side: ")
    filled.wapro("UPDATE CENA_ARTYKULU SET CENA_BRUTTO = 12.50 WHERE CENA_BRUTTO = '12,50'")
    assert_all_well(filled, filled.run())


def blocked(world: World, run: Run, code: str) -> str:
    """The element that waits, what is said about it, and that all others were created."""
    change = world.change(run, code)
    assert change.status == ChangeStatus.BLOCKED
    assert world.ended(run)[Kind.PRODUCT] == Status.SUCCEEDED
    assert len(world.codes()) == ARTICLES - 1
    assert code not in world.codes()
    problem = change.problem
    return said(problem, side=destination(change), connection=world.lab.shop_connection, turn=change.turn)


def test_an_unknown_tax_code(world: World) -> None:
    world.wapro("UPDATE ARTYKUL SET VAT_SPRZEDAZY = '77' WHERE INDEKS_KATALOGOWY = ?", PLAIN)
    told = blocked(world, world.run(), PLAIN)
    assert told.startswith("The tax code “77” is not among the rates of")
    assert "Correct the tax code on the card" in told
    world.wapro("UPDATE ARTYKUL SET VAT_SPRZEDAZY = '23' WHERE INDEKS_KATALOGOWY = ?", PLAIN)
    assert_all_well(world, world.run())


def test_a_name_that_is_too_long(world: World) -> None:
    world.wapro("UPDATE ARTYKUL SET NAZWA_CALA = ? WHERE INDEKS_KATALOGOWY = ?", "Bardzo długa nazwa " * 20, PLAIN)
    told = blocked(world, world.run(), PLAIN)
    assert told.startswith("The field “name” is longer than the 255 characters that Sklep takes. Shorten the text")
    world.wapro("UPDATE ARTYKUL SET NAZWA_CALA = 'Krótka nazwa' WHERE INDEKS_KATALOGOWY = ?", PLAIN)
    assert_all_well(world, world.run())


def test_a_card_without_a_price(world: World) -> None:
    world.wapro(
        "DELETE FROM CENA_ARTYKULU WHERE ID_CENY = ? AND ID_ARTYKULU IN "
        "(SELECT ID_ARTYKULU FROM ARTYKUL WHERE INDEKS_KATALOGOWY = ?)",
        INTERNET,
        PLAIN,
    )
    told = blocked(world, world.run(), PLAIN)
    assert told.startswith("There is no price of the type")
    assert "Fill the price in on the card" in told


# pictures


def test_a_picture_without_its_file(world: World) -> None:
    """Listed in WAPRO, but empty: an error of reading, so pictures wait until it is mended or excluded by name."""
    (kept,) = rows(world, "SELECT ZDJECIE FROM ARTYKUL_BLOB WHERE INDEKS_KATALOGOWY = ? AND DOMYSLNE = 1", PLAIN)
    emptied = "UPDATE ARTYKUL_BLOB SET ZDJECIE = ? WHERE INDEKS_KATALOGOWY = ? AND DOMYSLNE = 1"
    world.wapro(emptied, None, PLAIN)
    run = world.run(*SYNC_KINDS)
    assert world.ended(run) == {**dict.fromkeys(SYNC_KINDS, Status.SUCCEEDED), Kind.IMAGE: Status.FAILED}
    (told,) = world.told(world.lab.step(run, Kind.IMAGE))
    assert told.startswith("The picture “")
    assert "is listed but its file is missing. Add the picture again" in told
    (issue,) = ElementIssue.objects.filter(fetch=world.lab.step(run, Kind.IMAGE).erp_fetch)
    assert issue.label.startswith(PLAIN)
    assert len(world.shop.state.images) == 0
    world.wapro(emptied, kept, PLAIN)
    assert_all_well(world, world.run(*SYNC_KINDS))
    assert len(world.shop.state.images) > 0


def test_a_picture_that_goes_between_plan_and_upload_fails_alone(world: World) -> None:
    """The plan waits for a person; meanwhile the picture is deleted in WAPRO."""
    world.run()
    waiting = world.lab.run(Kind.IMAGE, approve=False)
    step = world.lab.step(waiting, Kind.IMAGE)
    planned = step.changes.filter(status=ChangeStatus.PLANNED)
    total, lost = planned.count(), planned.order_by("pk")[1]
    world.wapro("DELETE FROM ARTYKUL_BLOB WHERE ID_BLOBA = ?", lost.erp_key)
    runs.approve_step(step, world.lab.user)
    world.lab.work()
    step.refresh_from_db()
    lost.refresh_from_db()
    assert (step.status, lost.status) == (Status.PARTLY, ChangeStatus.FAILED)
    assert len(world.shop.state.images) == total - 1
    told = said(lost.problem, side=destination(lost), connection=world.lab.shop_connection, turn=lost.turn)
    assert told.startswith(f"The picture “{lost.label}” is listed but its file is missing.")
    assert lost.turn == Turn.ERP_DATA
    assert world.lab.run(Kind.IMAGE).status == Status.SUCCEEDED
    assert len(world.shop.state.images) == total - 1


# what nobody foresaw


def test_a_failure_of_our_own_is_told_and_not_repeated_for_ever(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("syncjobs.linking.reference_marks", broken)
    run = filled.run(Kind.UNIT, Kind.STOCK)
    assert filled.ended(run) == {Kind.UNIT: Status.FAILED, Kind.STOCK: Status.SUCCEEDED}
    (told,) = filled.told(filled.lab.step(run, Kind.UNIT))
    assert told.startswith("Something failed on our side: ZeroDivisionError. Send the number of this run")
    monkeypatch.undo()
    assert_all_well(filled, filled.run())


def test_a_filter_nobody_understands_stops_neither_errands_nor_runs(filled: World) -> None:
    lab = filled.lab
    asked = errands.request(Errand.Verb.COUNT_FILTER, shop=lab.shop_connection, user=lab.user, params={"colour": "red"})
    lab.work()
    asked.refresh_from_db()
    assert asked.status == Status.FAILED
    assert said(asked.result["problem"]).startswith("Something failed on our side: ValueError.")
    assert_all_well(filled, filled.run())


def rows(world: World, sql: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(world.company)) as database:
        return [row[0] for row in database.execute(sql, values)]

"""Test settings on the sample company: data checks really run, and every sort of damage is told by its own check."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integrator.accounts.models import Client, Firm
from integrator.canonical.preflight import Check, Verdict
from integrator.canonical.problems import Code
from wapro.checks import look
from wapro.models import WaproConnection
from wapro.probe import LABELS, STEPS, database_identity, probe
from wapro.sample import peculiar
from wapro.sample.fixed import DATABASE_ID
from wapro.sample.sqlite import build

TODAY = date(2026, 11, 25)
ON_A_SERVER_ONLY = {step.name for step in STEPS if step.server_only}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    path = tmp_path_factory.mktemp("sample") / "wapro.sqlite3"
    with django_db_blocker.unblock():
        build(path)
    return path


@pytest.fixture
def sample(built: Path, tmp_path: Path, db: None, settings: Any) -> WaproConnection:
    """The sample company in a file of the test's own."""
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    path = tmp_path / "wapro.sqlite3"
    shutil.copy(built, path)
    return WaproConnection(pk=1, engine="sample", server=str(path), leading_warehouse="1")


@contextmanager
def opened(connection: WaproConnection) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(connection.server)
    with database:
        yield database
    database.close()


def checks(connection: WaproConnection, today: date = TODAY) -> dict[str, Check]:
    done = list(probe(connection, today=today))
    assert [check.name for check in done] == [step.name for step in STEPS]
    return {check.name: check for check in done}


def code(check: Check) -> str:
    return check.problem.code if check.problem else ""


def params(check: Check) -> dict[str, str]:
    assert check.problem is not None
    return check.problem.as_dict()


def test_the_sample_company_passes_what_it_can_and_says_what_it_has_not(sample: WaproConnection) -> None:
    found = checks(sample)
    assert {name for name, check in found.items() if code(check) == Code.SAMPLE_COMPANY} == ON_A_SERVER_ONLY | {
        "licence"
    }
    assert not [check for check in found.values() if check.verdict is Verdict.FAILED]
    for name in ("database", "wapro", "identity", "tables", "formula", "warehouse", "cards", "identity_key"):
        assert found[name].verdict is Verdict.PASSED, found[name]
    assert found["wapro"].found.startswith("WAPRO Mag 8.80.2")
    assert found["identity"].found == DATABASE_ID


def test_duplicates_and_disagreements_are_counted_with_examples(sample: WaproConnection) -> None:
    found = checks(sample)
    eans, agreement = found["eans"], found["agreement"]
    assert (eans.verdict, code(eans)) == (Verdict.WARNING, Code.EANS_REPEATED)
    assert params(eans)["count"] == str(len(peculiar.DUPLICATE_EANS))
    for pair in peculiar.DUPLICATE_EANS:
        assert all(index in params(eans)["examples"] for index in pair)
    planted = {index for indexes in peculiar.DISAGREEING.values() for index in indexes}
    assert (agreement.verdict, params(agreement)["count"]) == (Verdict.WARNING, str(len(planted)))
    assert any(index in params(agreement)["examples"] for index in planted)


def test_every_check_has_a_name_for_people() -> None:
    assert set(LABELS) == {step.name for step in STEPS}
    assert len({str(label) for label in LABELS.values()}) == len(LABELS)


def test_a_file_that_is_not_there_skips_all_that_needs_it(sample: WaproConnection) -> None:
    sample.server += ".gone"
    found = checks(sample)
    assert (found["database"].verdict, code(found["database"])) == (Verdict.FAILED, Code.DATABASE_MISSING)
    assert {code(found[name]) for name in ("wapro", "identity", "tables", "cards", "eans", "formula")} == {
        Code.CHECK_SKIPPED
    }


def test_a_database_of_another_program_is_no_wapro(sample: WaproConnection, tmp_path: Path) -> None:
    sample.server = str(tmp_path / "other.sqlite3")
    with opened(sample) as database:
        database.execute("CREATE TABLE klienci (id int)")
    found = checks(sample)
    assert found["database"].verdict is Verdict.PASSED
    assert (found["wapro"].verdict, code(found["wapro"])) == (Verdict.FAILED, Code.NOT_WAPRO)
    assert params(found["wapro"])["table"] == "WAPRODBSTATE"
    assert code(found["cards"]) == Code.CHECK_SKIPPED


def test_a_file_that_is_no_database_is_said_so_and_nothing_breaks(sample: WaproConnection) -> None:
    Path(sample.server).write_bytes(b"<html>not a database</html>" * 100)
    found = checks(sample)
    assert found["database"].verdict is Verdict.FAILED or found["wapro"].verdict is Verdict.FAILED
    assert found["cards"].verdict is Verdict.SKIPPED


def test_wapro_without_mag_is_not_enough(sample: WaproConnection) -> None:
    with opened(sample) as database:
        database.execute("DELETE FROM WAPRODBSTATE WHERE IDTAB > (SELECT MIN(IDTAB) FROM WAPRODBSTATE)")
        database.execute("UPDATE WAPRODBSTATE SET PRGKOD = 7, PRGNAZWA = 'WAPRO Kaper'")
    assert code(checks(sample)["wapro"]) == Code.NOT_WAPRO


def test_another_database_than_at_the_first_test_fails(sample: WaproConnection) -> None:
    sample.database_id = DATABASE_ID.upper()
    assert checks(sample)["identity"].verdict is Verdict.PASSED
    sample.database_id = "11111111-2222-3333-4444-555555555555"
    found = checks(sample)
    assert (found["identity"].verdict, code(found["identity"])) == (Verdict.FAILED, Code.DATABASE_CHANGED)
    assert found["cards"].verdict is Verdict.PASSED


def test_the_identity_is_empty_where_nobody_wrote_one(sample: WaproConnection) -> None:
    from wapro.database import open_database

    with opened(sample) as database:
        database.execute("DELETE FROM WAPRODB")
    with open_database(sample) as alias:
        assert database_identity(alias) == ""
    assert checks(sample)["identity"].verdict is Verdict.FAILED


def test_missing_tables_and_columns_are_listed_by_name(sample: WaproConnection) -> None:
    with opened(sample) as database:
        database.execute("DROP TABLE KOD_KRESKOWY")
    found = checks(sample)
    assert (found["tables"].verdict, code(found["tables"])) == (Verdict.FAILED, Code.TABLES_MISSING)
    assert params(found["tables"])["tables"] == "KOD_KRESKOWY"
    assert code(found["cards"]) == Code.CHECK_SKIPPED


def test_a_missing_column_is_named_with_its_table(sample: WaproConnection) -> None:
    with opened(sample) as database:
        database.execute("ALTER TABLE STAWKA_VAT RENAME COLUMN STAWKA TO STAWKA_NOWA")
        database.execute("ALTER TABLE WAPRODBSTATE DROP COLUMN WARIANT")
    found = checks(sample)
    assert (found["tables"].verdict, code(found["tables"])) == (Verdict.FAILED, Code.COLUMNS_MISSING)
    assert params(found["tables"])["columns"] == "STAWKA_VAT.STAWKA"
    assert found["wapro"].verdict is Verdict.PASSED


def test_a_formula_that_the_program_does_not_use_is_counted_with_three_examples(sample: WaproConnection) -> None:
    with opened(sample) as database:
        database.execute("DROP VIEW WIDOK_ARTYKUL")
        database.execute(
            "CREATE VIEW WIDOK_ARTYKUL AS SELECT ID_ARTYKULU AS IdArtykulu, STAN AS IloscDostepna FROM ARTYKUL"
        )
        held = "ILOSC_EDYTOWANA + ZAREZERWOWANO > 0"
        ((differing,),) = database.execute(f"SELECT count(*) FROM ARTYKUL WHERE {held}")
    found = checks(sample)["formula"]
    assert (found.verdict, code(found)) == (Verdict.WARNING, Code.FORMULA_DIFFERS)
    assert int(params(found)["count"]) == differing > 3
    assert params(found)["examples"].count("/") == 3
    assert "on_hand: 0/" in found.found


def test_without_the_view_the_formula_is_left_to_people(sample: WaproConnection) -> None:
    with opened(sample) as database:
        database.execute("DROP VIEW WIDOK_ARTYKUL")
    found = checks(sample)
    assert (found["formula"].verdict, code(found["formula"])) == (Verdict.SKIPPED, Code.VIEW_MISSING)
    assert found["cards"].verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("chosen", "verdict", "expected"),
    [
        ("2", Verdict.PASSED, ""),
        ("", Verdict.WARNING, Code.WAREHOUSE_UNSET),
        ("9", Verdict.FAILED, Code.WAREHOUSE_UNKNOWN),
    ],
)
def test_the_leading_warehouse(sample: WaproConnection, chosen: str, verdict: Verdict, expected: str) -> None:
    sample.leading_warehouse = chosen
    found = checks(sample)["warehouse"]
    assert (found.verdict, code(found)) == (verdict, expected)
    if expected:
        assert "2 (MAG2)" in params(found)["known"]


def test_cards_without_the_identity_are_counted(sample: WaproConnection) -> None:
    with opened(sample) as database:
        database.execute("UPDATE ARTYKUL SET GUID_ARTYKUL = NULL WHERE INDEKS_KATALOGOWY IN ('GRA00001', 'GRA00002')")
        ((cards,),) = database.execute("SELECT count(*) FROM ARTYKUL WHERE GUID_ARTYKUL IS NULL")
    sample.identity_key = "guid"
    found = checks(sample)["identity_key"]
    assert (found.verdict, code(found)) == (Verdict.WARNING, Code.IDENTITY_EMPTY)
    assert params(found)["count"] == str(cards)
    assert "GRA00001" in params(found)["examples"]


def test_two_cards_of_one_warehouse_with_one_key_are_named(sample: WaproConnection) -> None:
    with opened(sample) as database:
        (guid,) = database.execute("SELECT GUID_ARTYKUL FROM ARTYKUL WHERE INDEKS_KATALOGOWY = 'GRA00001'").fetchone()
        database.execute("UPDATE ARTYKUL SET GUID_ARTYKUL = ? WHERE INDEKS_KATALOGOWY = 'GRA00002'", [guid])
    sample.identity_key = "guid"
    found = checks(sample)["identity_key"]
    assert (found.verdict, code(found)) == (Verdict.WARNING, Code.IDENTITY_REPEATED)
    assert guid in params(found)["examples"]


def test_an_id_joins_no_warehouses(sample: WaproConnection) -> None:
    sample.identity_key = "id"
    found = checks(sample)["identity_key"]
    assert (found.verdict, code(found)) == (Verdict.WARNING, Code.IDENTITY_PER_WAREHOUSE)


def test_a_card_that_cannot_be_read_is_an_example_among_the_good_ones(sample: WaproConnection) -> None:
    with opened(sample) as database:
        database.execute("UPDATE ARTYKUL SET VAT_SPRZEDAZY = '99' WHERE INDEKS_KATALOGOWY = 'GRA00001'")
        ((products,),) = database.execute("SELECT count(DISTINCT INDEKS_KATALOGOWY) FROM ARTYKUL")
    found = checks(sample)["cards"]
    assert (found.verdict, code(found)) == (Verdict.WARNING, Code.CARDS_UNREADABLE)
    assert found.found == str(products)
    assert "GRA00001" in params(found)["examples"]


def test_nothing_is_written(sample: WaproConnection) -> None:
    before = Path(sample.server).read_bytes()
    sample.write_cards = True
    found = checks(sample)
    assert found["write_login"].verdict is Verdict.PASSED
    assert Path(sample.server).read_bytes() == before


def test_what_the_time_does_not_suffice_for_is_said(sample: WaproConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "BUDGET_SECONDS", 0.0)
    found = checks(sample)
    assert {code(found[name]) for name in ("database", "licence")} == {Code.DEADLINE}
    assert {check.verdict for check in found.values()} == {Verdict.SKIPPED}


@pytest.mark.parametrize(
    ("confirmed", "verdict", "expected"),
    [
        (None, Verdict.WARNING, Code.LICENCE_UNCONFIRMED),
        (date(2025, 11, 24), Verdict.WARNING, Code.LICENCE_OLD),
        (date(2025, 11, 25), Verdict.PASSED, ""),
        (date(2026, 11, 1), Verdict.PASSED, ""),
    ],
)
def test_the_licence_is_confirmed_by_a_person_once_a_year(
    confirmed: date | None, verdict: Verdict, expected: str
) -> None:
    server = WaproConnection(pk=1, server="", licence_confirmed_on=confirmed, licence_confirmed_by="Anna Nowak")
    found = checks(server)["licence"]
    assert (found.verdict, code(found)) == (verdict, expected)


@pytest.fixture
def stored(sample: WaproConnection) -> WaproConnection:
    client = Client.objects.create(firm=Firm.objects.create(name="Integratorzy"), name="Narzędzia Nowak")
    sample.pk, sample.client = None, client
    sample.save()
    return sample


def run(*arguments: Any, **options: Any) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("wapro_check", *arguments, stdout=out, **options)
    except CommandError as error:
        return out.getvalue(), error.returncode
    return out.getvalue(), 0


def test_the_command_shows_a_line_per_check_in_the_readers_language(stored: WaproConnection) -> None:
    text, exit_code = run(stored.pk)
    assert exit_code == 0
    assert len([line for line in text.splitlines() if line.startswith("  ") and line.strip()]) >= len(STEPS)
    assert "5900449800016" in text
    assert "Narzędzia Nowak" in text


def test_the_command_fails_with_what_failed(stored: WaproConnection) -> None:
    stored.leading_warehouse = "9"
    stored.save()
    text, exit_code = run("--all")
    assert exit_code == 1
    assert "FAILED" in text


def test_the_command_prints_json_for_machines(stored: WaproConnection) -> None:
    text, exit_code = run("--all", "--json")
    (one,) = json.loads(text)["connections"]
    assert exit_code == 0
    assert [check["name"] for check in one["checks"]] == [step.name for step in STEPS]
    assert next(check for check in one["checks"] if check["name"] == "eans")["verdict"] == "warning"


@pytest.mark.parametrize("arguments", [[], ["1", "--all"], ["4711"]])
def test_the_command_wants_one_connection_or_all(stored: WaproConnection, arguments: list[str]) -> None:
    assert run(*arguments)[1] == 2


def test_the_side_offers_the_same_checks(sample: WaproConnection, opening: Callable[..., Any]) -> None:
    with opening(sample) as side:
        assert [check.name for check in side.probe()] == [step.name for step in STEPS]


@pytest.fixture
def opening() -> Callable[..., Any]:
    from wapro.side import open_erp

    return lambda connection: open_erp(connection, today=TODAY)

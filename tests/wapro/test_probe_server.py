"""What is decided on a server's answers: the real driver and backend against a stand-in that answers from a list.

The stand-in runs no SQL: that the queries mean what they should is proved only on a SQL Server (see test_contract).
"""

import ssl
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from integrator.canonical.preflight import Check, Verdict
from integrator.canonical.problems import Code
from tests.wapro import tds_server
from tests.wapro.driver import need_driver
from tests.wapro.tds_answers import AnsweringServer, Refused, Rows
from tests.wapro.tds_server import listening
from wapro.models import WaproConnection
from wapro.orders.tables import ORDER_TABLES
from wapro.probe import STEPS, probe
from wapro.procedures import KNOWN
from wapro.tables import TABLES

TODAY = date(2026, 11, 25)
IDENTITY = "5B1F0C58-7D3E-4C0A-9A55-3E8F5D6A2C10"
COLUMNS = [[model._meta.db_table, field.column] for model in TABLES for field in model._meta.concrete_fields]
READ_ONLY = [[model._meta.db_table, 1, 0, 0, 0] for model in TABLES]
PROCEDURES = [
    [name, f"@{parameter.name or f'p{number}'}", int(parameter.output)]
    for name, variants in KNOWN.items()
    for number, parameter in enumerate(variants[0].parameters, start=1)
]
Answers = dict[str, Rows | Callable[[str], Rows]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return tds_server.self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def allowed(db: None, settings: Any) -> None:
    need_driver()
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True


def answers(**changed: Rows | Callable[[str], Rows]) -> Answers:
    """A healthy WAPRO database without cards. Names of `changed` replace the entries of the same name."""
    healthy: dict[str, tuple[str, Rows | Callable[[str], Rows]]] = {
        "transactions": (r"@@TRANCOUNT", [[0]]),
        "product": (r"'ProductVersion'", [["16.0.4085.2", 4]]),
        "now": (r"SYSDATETIME", [[datetime(2026, 11, 25, 12)]]),  # noqa: DTZ001 - as the server says it
        "edition": (r"'Edition'", [["Express Edition (64-bit)"]]),
        "settings": (r"compatibility_level", [["Polish_CI_AS", 1250, 160]]),
        "access": (r"HAS_DBACCESS", [[None]]),
        "columns": (r"INFORMATION_SCHEMA", COLUMNS),
        "rights": (r"HAS_PERMS_BY_NAME", READ_ONLY),
        "procedures": (r"sys\.all_parameters", PROCEDURES),
        "program": (r"\[WAPRODBSTATE\]", [[3, "WAPRO Mag", "8.80.2", "26.8802", "Biznes"]]),
        "identity": (r"\[WAPRODB\]", [[IDENTITY]]),
        "warehouses": (r"FROM \[MAGAZYN\]", [[1, "MAG1"]]),
        "nothing": (r"SELECT", []),
    }
    return {pattern: changed.get(name, rows) for name, (pattern, rows) in healthy.items()}


@pytest.fixture
def check_all(certificate: ssl.SSLContext) -> Callable[..., dict[str, Check]]:
    def run(
        refuse: Callable[[bytes], tuple[int, str] | None] = lambda login: None,
        connection: dict[str, Any] | None = None,
        **changed: Rows | Callable[[str], Rows],
    ) -> dict[str, Check]:
        with listening(AnsweringServer(answers(**changed), context=certificate, refuse=refuse)) as port:
            saved = {"read_user": "reader", "read_password": "secret-1"}
            values = {"pk": 1, "server": f"127.0.0.1,{port}", "database": "WAPRO", "encryption": "trust"}
            erp = WaproConnection(**(values | {"credentials": saved} | (connection or {})))
            return {check.name: check for check in probe(erp, today=TODAY)}

    return run


CheckAll = Callable[..., dict[str, Check]]
WRITER = {
    "credentials": {"read_user": "reader", "read_password": "r", "write_user": "writer", "write_password": "w"},
    "write_cards": True,
}


def told(check: Check) -> tuple[Verdict, str]:
    return check.verdict, check.problem.code if check.problem else ""


def params(check: Check) -> dict[str, str]:
    assert check.problem is not None
    return check.problem.as_dict()


def test_a_healthy_server_passes_from_the_cable_to_the_cards(check_all: CheckAll) -> None:
    found = check_all(connection={"licence_confirmed_on": TODAY})
    apart = {"write_login": Code.WRITE_DISABLED, "formula": Code.VIEW_MISSING}
    apart |= {step.name: Code.WRITE_DISABLED for step in STEPS if step.run.__module__ == "wapro.checks.orders"}
    for step in STEPS:
        expected = (Verdict.SKIPPED, apart[step.name]) if step.name in apart else (Verdict.PASSED, "")
        assert told(found[step.name]) == expected, found[step.name]
    assert found["version"].found == "SQL Server 2022 (16.0.4085), Express Edition (64-bit)"
    assert found["wapro"].found == "WAPRO Mag 8.80.2 Biznes (26.8802)"
    assert found["identity"].found == IDENTITY.lower()
    assert found["settings"].found == "Polish_CI_AS, 160"


def only_master(login: bytes) -> tuple[int, str] | None:
    if "WAPRO".encode("utf-16-le") in login:
        return 4060, "Nie można otworzyć bazy danych „WAPRO” żądanej podczas logowania."
    return None


def test_a_database_that_is_not_there_is_no_wrong_password(check_all: CheckAll) -> None:
    found = check_all(refuse=only_master)
    assert told(found["login"]) == (Verdict.PASSED, "")
    assert told(found["database"]) == (Verdict.FAILED, Code.DATABASE_MISSING)
    assert told(found["wapro"]) == (Verdict.SKIPPED, Code.CHECK_SKIPPED)


def test_a_database_that_the_login_may_not_open_is_a_missing_right(check_all: CheckAll) -> None:
    found = check_all(refuse=only_master, access=[[0]])
    assert told(found["database"]) == (Verdict.FAILED, Code.RIGHT_MISSING)
    assert params(found["database"])["user"] == "reader"


def test_old_settings_of_the_database_are_warnings(check_all: CheckAll) -> None:
    assert told(check_all(settings=[["Polish_CI_AS", 1250, 100]])["settings"]) == (
        Verdict.WARNING,
        Code.COMPATIBILITY_LOW,
    )
    latin = check_all(settings=[["SQL_Latin1_General_CP1_CI_AS", 1252, 160]])["settings"]
    assert told(latin) == (Verdict.WARNING, Code.COLLATION_NOT_POLISH)
    assert params(latin)["collation"] == "SQL_Latin1_General_CP1_CI_AS"


def test_tables_that_the_login_does_not_see_are_listed(check_all: CheckAll) -> None:
    found = check_all(columns=[row for row in COLUMNS if row[0] not in ("CENA", "STAWKA_VAT")])
    assert told(found["tables"]) == (Verdict.FAILED, Code.TABLES_MISSING)
    assert params(found["tables"])["tables"] == "STAWKA_VAT, CENA"
    assert params(found["tables"])["user"] == "reader"


def test_a_missing_select_names_tables_and_login(check_all: CheckAll) -> None:
    blind = [[table, None if table == "ARTYKUL" else 1, 0, 0, 0] for table, *_ in READ_ONLY]
    found = check_all(rights=blind)
    assert told(found["rights"]) == (Verdict.FAILED, Code.RIGHT_MISSING)
    assert params(found["rights"]) == {"user": "reader", "right": "SELECT", "resource": "ARTYKUL"}
    assert told(found["cards"]) == (Verdict.SKIPPED, Code.CHECK_SKIPPED)


def test_a_reading_login_that_may_write_is_a_warning(check_all: CheckAll) -> None:
    found = check_all(rights=[[table, 1, 0, int(table == "CENA_ARTYKULU"), 0] for table, *_ in READ_ONLY])
    assert told(found["rights"]) == (Verdict.WARNING, Code.READ_LOGIN_WRITES)
    assert params(found["rights"])["tables"] == "CENA_ARTYKULU"
    assert told(found["cards"]) == (Verdict.PASSED, "")


def test_the_right_to_write_is_asked_for_only_where_writing_is_switched_on(check_all: CheckAll) -> None:
    found = check_all(connection=WRITER)
    assert told(found["write_login"]) == (Verdict.PASSED, "")
    assert told(found["rights"]) == (Verdict.FAILED, Code.RIGHT_MISSING)
    assert params(found["rights"]) == {"user": "writer", "right": "UPDATE", "resource": "ARTYKUL"}


def test_a_login_for_writing_that_is_refused_leaves_reading_alone(check_all: CheckAll) -> None:
    def no_writer(login: bytes) -> tuple[int, str] | None:
        return (18456, "Login failed for user 'writer'.") if "writer".encode("utf-16-le") in login else None

    found = check_all(refuse=no_writer, connection=WRITER)
    assert told(found["write_login"]) == (Verdict.FAILED, Code.LOGIN_FAILED)
    assert params(found["write_login"])["user"] == "writer"
    assert told(found["cards"]) == (Verdict.PASSED, "")


def test_a_login_for_writing_that_was_never_given(check_all: CheckAll) -> None:
    found = check_all(connection={"write_cards": True})
    assert told(found["write_login"]) == (Verdict.FAILED, Code.SECRET_MISSING)


def test_procedures_with_unknown_parameters_are_listed(check_all: CheckAll) -> None:
    found = check_all(procedures=[*PROCEDURES, ["RM_SumujZamowienie", "@nowy", 0]])["procedures"]
    assert told(found) == (Verdict.WARNING, Code.PROCEDURES_DIFFER)
    assert params(found)["procedures"] == "RM_SumujZamowienie: 2 parameters instead of 1"


def test_procedures_that_only_the_writer_would_see_are_not_missed(check_all: CheckAll) -> None:
    assert told(check_all(procedures=[])["procedures"]) == (Verdict.SKIPPED, Code.WRITE_DISABLED)
    missing = check_all(procedures=[], connection=WRITER)["procedures"]
    assert told(missing) == (Verdict.WARNING, Code.PROCEDURES_DIFFER)


def test_a_query_that_the_server_refuses_fails_its_check_alone(check_all: CheckAll) -> None:
    def refused(text: str) -> Rows:
        raise Refused(229, "The SELECT permission was denied on the object 'WAPRODB'.")

    found = check_all(identity=refused)
    assert told(found["identity"]) == (Verdict.FAILED, Code.RIGHT_MISSING)
    assert told(found["cards"]) == (Verdict.PASSED, "")


ORDER_COLUMNS = [
    [model._meta.db_table, field.column] for model in ORDER_TABLES for field in model._meta.concrete_fields
]


@pytest.mark.parametrize(
    ("denied", "table_rights", "expected"),
    [
        ("", [1, 1, 1], (Verdict.PASSED, "")),
        ("RM_ZatwierdzZamowienie", [1, 1, 1], (Verdict.FAILED, Code.RIGHT_MISSING)),
        ("", [0, 1, 1], (Verdict.FAILED, Code.RIGHT_MISSING)),
        ("", [1, 1, 0], (Verdict.PASSED, "")),
    ],
    ids=["all", "no execute", "no update", "no contractors"],
)
def test_orders_need_the_right_to_run_the_procedures(
    check_all: CheckAll, denied: str, table_rights: list[int], expected: tuple[Verdict, str]
) -> None:
    def rights(text: str) -> Rows:
        if "'EXECUTE'" in text:
            return [[name, int(name != denied)] for name in KNOWN]
        return [table_rights] if "dbo.ZAMOWIENIE" in text else READ_ONLY

    orders = {"credentials": WRITER["credentials"], "write_orders": True}
    found = check_all(
        connection=orders,
        rights=rights,
        columns=[*COLUMNS, *ORDER_COLUMNS],
        warehouses=lambda text: [[1, "MAG1", 1] if "ID_FIRMY" in text else [1, "MAG1"]],
    )
    assert told(found["order_procedures"]) == (Verdict.PASSED, "")
    assert told(found["order_rights"]) == expected
    if denied:
        assert (params(found["order_rights"])["user"], params(found["order_rights"])["resource"]) == ("writer", denied)

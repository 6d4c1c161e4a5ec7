"""The T-SQL of an order, without a server: kept as text, parsed by two parsers, and of the right size whatever comes.

What only a server can prove (execution, locks, errors of procedures, the driver's way with a batch) is not proved here.
"""

import json
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlfluff
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from integrator.canonical.errors import (
    AuthFailed,
    IntegrationError,
    Locked,
    OutcomeUnknown,
    Rejected,
    Unreachable,
)
from integrator.canonical.problems import Code
from tests.wapro.order_stand import GOODS, TODAY, line, order
from wapro.orders import outcome
from wapro.orders.batch import MOST_PARAMETERS, PLACED_COLUMNS, REFUSED_COLUMNS, Batch, build, status_batch
from wapro.orders.draft import WaproOrder
from wapro.orders.forms import (
    APPROVAL,
    APPROVAL_SERVER,
    HEADER,
    HEADER_SERVER,
    LINE,
    LINE_SERVER,
    Forms,
    choose,
)
from wapro.orders.ready import HEADER_TYPES, LINE_TYPES, CardFound, Place, ReadyOrder, ready
from wapro.procedures import KNOWN, Parameter, Signature

GOLDEN = Path(__file__).parent / "golden"
PLACE = Place(company=1, user=3000004, order_type=12)
NEWEST = Forms(header=KNOWN[HEADER_SERVER][1], line=KNOWN[LINE][0], approval=KNOWN[APPROVAL][1])
OLDEST = Forms(header=KNOWN[HEADER][0], line=KNOWN[LINE_SERVER][0], approval=KNOWN[APPROVAL_SERVER][0])
FULL = order("AB12-1", delivery_form=2, carrier=1, paid_online=True, expected_net=Decimal("212.20"))


def prepared(wanted: WaproOrder) -> ReadyOrder:
    cards = {
        one.card: CardFound(id=1000 + number, unit="szt.", factor=Decimal(1)) for number, one in enumerate(wanted.lines)
    }
    return ready(wanted, PLACE, cards)


def batch(wanted: WaproOrder = FULL, forms: Forms = NEWEST, *, has_json: bool = False) -> Batch:
    return build(prepared(wanted), forms, has_json=has_json)


def kept(name: str, text: str) -> None:
    file = GOLDEN / f"{name}.sql"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text + "\n", encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text + "\n"


def parses(text: str) -> None:
    numbers = iter(range(10**6))
    named = re.sub(r"%s", lambda _: f"@p{next(numbers)}", text)
    sqlfluff.parse(named, dialect="tsql")
    # sqlglot has no grammar for INSERT ... EXEC.
    assert sqlglot.parse(named.replace("INSERT INTO @odpowiedz (wartosc) EXEC", "EXEC"), read="tsql")


@pytest.mark.parametrize(
    ("name", "forms", "has_json"),
    [("order_newest_json", NEWEST, True), ("order_newest_rows", NEWEST, False), ("order_oldest_rows", OLDEST, False)],
)
def test_the_batch_is_kept_and_is_t_sql(
    name: str, forms: Forms, has_json: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, logger="sqlglot")
    made = batch(forms=forms, has_json=has_json)
    parses(made.text)
    kept(name, made.text)


@pytest.mark.parametrize(("name", "known"), [("order_status", True), ("order_status_oldest", False)])
def test_the_batch_of_a_status_is_kept_and_is_t_sql(name: str, known: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="sqlglot")
    text = status_batch(has_advances=known, has_ledger=known)
    parses(text)
    assert text.count("%s") == 5
    kept(name, text)


def test_after_every_call_the_transaction_is_looked_at() -> None:
    lines = batch().text.splitlines()
    calls = [number for number, text in enumerate(lines) if re.match(r"\s*EXEC @wynik = dbo\.", text)]
    assert len(calls) == 6
    for number in calls:
        assert "@@TRANCOUNT <> 1 OR XACT_STATE() <> 1" in lines[number + 1]
        assert any("RAISERROR" in text for text in lines[number + 2 : number + 5])


def test_the_number_is_looked_up_under_the_lock_and_before_anything_is_written() -> None:
    text = batch().text
    order_of = [text.index(part) for part in (
        "BEGIN TRANSACTION", "sp_getapplock @Resource", "NR_ZAMOWIENIA_KLIENTA = @numer_klienta",
        "RM_DodajZamowienie_Server", "RM_ZatwierdzZamowienie", "@powod = 'total'", "COMMIT TRANSACTION", "END CATCH",
    )]  # fmt: skip
    assert order_of == sorted(order_of)


def executed(text: str, procedure: str) -> list[str]:
    """Arguments of the call of a procedure."""
    found = re.search(rf"EXEC @wynik = dbo\.{procedure} ([^;]*);", text)
    assert found is not None
    return [argument.strip() for argument in found[1].split(",")]


FORMS = [
    Forms(header=header, line=one, approval=approval)
    for header in (*KNOWN[HEADER_SERVER], *KNOWN[HEADER])
    for one in (*KNOWN[LINE], *KNOWN[LINE_SERVER])
    for approval in (*KNOWN[APPROVAL], *KNOWN[APPROVAL_SERVER])
]


@pytest.mark.parametrize("forms", FORMS)
def test_every_form_gets_as_many_arguments_as_it_takes_with_outputs_where_it_has_them(forms: Forms) -> None:
    text = batch(forms=forms).text
    for signature in (forms.header, forms.line, forms.approval):
        arguments = executed(text, signature.procedure)
        assert len(arguments) == len(signature.parameters)
        assert [one.endswith(" OUTPUT") for one in arguments] == [one.output for one in signature.parameters]


def test_named_parameters_get_what_belongs_to_them() -> None:
    text = batch().text
    line_names = [one.name for one in KNOWN[LINE][0].parameters]
    given_line = dict(zip(line_names, executed(text, LINE), strict=True))
    assert {name: given_line[name] for name in ("ID_ZAMOWIENIA", "ID_ARTYKULU", "KOD_VAT", "ZAMOWIONO")} == {
        "ID_ZAMOWIENIA": "@id", "ID_ARTYKULU": "@artykul", "KOD_VAT": "@kod_vat", "ZAMOWIONO": "@zamowiono",
    }  # fmt: skip
    assert (given_line["ZREALIZOWANO"], given_line["DO_REZERWACJI"], given_line["ZNACZNIK_CENY"]) == (
        "0", "@do_rezerwacji", "'m'",
    )  # fmt: skip
    approval_names = [one.name for one in KNOWN[APPROVAL][1].parameters]
    given = dict(zip(approval_names, executed(text, APPROVAL), strict=True))
    assert (given["NUMER"], given["NR_ZAM_KLIENTA"], given["FormaPlatnosci"], given["FakturaParagon"]) == (
        "'<auto>'", "@numer_klienta", "@forma_platnosci", "@dokument",
    )  # fmt: skip
    assert (given["UWAGI"], given["InformacjeDodatkowe"], given["IdOperatoraPrzesylki"], given["PRIORYTET"]) == (
        "@uwagi", "@informacje", "@operator", "2",
    )  # fmt: skip


@pytest.mark.parametrize("currency", ["PLN", "EUR"])
def test_150_lines_fit_into_one_call(currency: str) -> None:
    lines = [line(GOODS[number % 4], "1", "2") for number in range(150)]
    wanted = order("A-1", *lines, currency=currency, rate=Decimal(4), rate_day=TODAY)
    made = batch(wanted)
    assert made.text.count("%s") == len(made.parameters) <= MOST_PARAMETERS
    assert None not in made.parameters
    whole = batch(wanted, has_json=True)
    assert whole.text.count("%s") == len(whole.parameters) < 50
    assert len(document(whole)) == 150


def test_more_lines_than_a_call_takes_are_refused_without_json_and_go_with_it() -> None:
    wanted = order("A-1", *(line(GOODS[number % 4], "1", "2") for number in range(400)))
    with pytest.raises(Rejected) as caught:
        batch(wanted)
    assert (caught.value.problem.code, caught.value.problem.as_dict()["count"]) == (Code.ORDER_LINES_TOO_MANY, "400")
    most = int(caught.value.problem.as_dict()["limit"])
    assert batch(replace(wanted, lines=wanted.lines[:most])).parameters
    with pytest.raises(Rejected):
        batch(replace(wanted, lines=wanted.lines[: most + 1]))
    assert len(document(batch(wanted, has_json=True))) == 400


def document(made: Batch) -> list[dict[str, Any]]:
    """The lines of a batch that has them as JSON, in pieces that the driver sends at once."""
    pieces = made.parameters[len(HEADER_TYPES) + 1 :]
    assert max(len(piece) for piece in pieces) <= 4000
    return list(json.loads("".join(pieces)))


LINES = st.builds(
    line,
    st.sampled_from(GOODS),
    # Forty such lines stay below the ten digits of WAPRO's totals, in zloty too.
    st.decimals(Decimal("0.000001"), Decimal(10**4), places=6).map(str),
    st.decimals(Decimal(0), Decimal(5_000), places=4).map(str),
    note=st.text(st.characters(codec="cp1250", exclude_categories=["Cc"]), max_size=500),
    reserve=st.just(Decimal(0)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=40), st.sampled_from(FORMS), st.booleans(), st.booleans())
def test_whatever_the_order_nothing_is_lost_and_nothing_becomes_sql(
    lines: Sequence[Any], forms: Forms, has_json: bool, foreign: bool
) -> None:
    currency = {"currency": "EUR", "rate": Decimal("4.31"), "rate_day": TODAY} if foreign else {}
    wanted = order("A'; DROP TABLE ARTYKUL --", *lines, **currency)
    known = prepared(wanted)
    made = build(known, forms, has_json=has_json)
    assert made.text.count("%s") == len(made.parameters) <= MOST_PARAMETERS
    assert "DROP" not in made.text
    assert made.text % tuple("?" * len(made.parameters))
    if has_json:
        rows = document(made)
        got = [[Decimal(row["zamowiono"]), Decimal(row["brutto"]), row["opis"]] for row in rows]
    else:
        names = [name for name in LINE_TYPES if foreign or not name.endswith("_wal")]
        values = made.parameters[len(HEADER_TYPES) + 1 :]
        table = [
            dict(zip(names, values[at : at + len(names)], strict=True)) for at in range(0, len(values), len(names))
        ]
        got = [[row["zamowiono"], row["brutto"], row["opis"]] for row in table]
    assert got == [[one.values["zamowiono"], one.values["brutto"], one.values["opis"]] for one in known.lines]
    assert [one.values["zamowiono"] for one in known.lines] == [one.quantity for one in lines]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"net": Decimal("1.00001")}, "net"),
        ({"gross": Decimal("NaN")}, "gross"),
        ({"gross": Decimal(10**10)}, "gross"),
        ({"gross": Decimal("-0.01")}, "gross"),
        ({"quantity": Decimal("0.0000001")}, "quantity"),
        ({"factor": Decimal(0), "unit": "szt."}, "factor"),
        ({"reserve": Decimal(2)}, "reserve"),
        ({"reserve": Decimal(-1)}, "reserve"),
    ],
)
def test_what_a_column_would_round_or_not_hold_is_refused(change: dict[str, Any], field: str) -> None:
    wanted = order("A-1", replace(line(GOODS[0]), **change), expected_gross=Decimal(1))
    with pytest.raises(Rejected) as caught:
        prepared(wanted)
    told = caught.value.problem.as_dict()
    assert (caught.value.problem.code, told["field"], told["line"]) == (Code.ORDER_VALUE_INVALID, field, "1")


def test_a_day_before_the_calendar_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        prepared(order(placed=date(1800, 1, 1)))
    assert caught.value.problem.as_dict()["field"] == "placed"


def found(*names: str) -> dict[str, Signature]:
    """A database with these procedures, in the first known form."""
    return {
        name: Signature(
            name, tuple(Parameter(p.name or f"p{n}", p.output) for n, p in enumerate(KNOWN[name][0].parameters))
        )
        for name in names
    }


REST = ("RM_SumujZamowienie", "RM_KontrolaCenPozycjiZamowienia", "JL_PobierzFormatNumeracji_Server")


def test_the_forms_that_are_there_are_used() -> None:
    chosen = choose(found(HEADER, LINE_SERVER, APPROVAL_SERVER, *REST))
    assert (chosen.header.procedure, chosen.line.procedure, chosen.approval.procedure) == (
        HEADER, LINE_SERVER, APPROVAL_SERVER,
    )  # fmt: skip
    chosen = choose(found(HEADER, HEADER_SERVER, LINE, LINE_SERVER, APPROVAL, APPROVAL_SERVER, *REST))
    assert (chosen.header.procedure, chosen.line.procedure, chosen.approval.procedure) == (
        HEADER_SERVER, LINE, APPROVAL,
    )  # fmt: skip


def test_an_unknown_list_is_not_passed_over_for_another_form() -> None:
    database = found(HEADER, HEADER_SERVER, LINE, LINE_SERVER, APPROVAL, APPROVAL_SERVER, *REST)
    database[LINE] = Signature(LINE, (*database[LINE].parameters, Parameter("NOWY")))
    with pytest.raises(Unreachable) as caught:
        choose(database)
    told = caught.value.problem.as_dict()["procedures"]
    assert told.startswith(f"{LINE}: 24 parameters instead of 23: {LINE}(@ID_POZYCJI_ZAMOWIENIA, ")
    assert "@NOWY" in told


def answer(**known: Any) -> dict[str, Any]:
    return dict.fromkeys(REFUSED_COLUMNS) | {"integrator": "refused", "krok": LINE, "pozycja": 2, "powod": ""} | known


@pytest.mark.parametrize(
    ("row", "error", "code"),
    [
        (answer(numer_bledu=1205, tresc="deadlock"), Locked, Code.LOCKED),
        (answer(numer_bledu=1222, tresc="time out"), Locked, Code.LOCKED),
        (answer(powod="locked", wynik=-1), Locked, Code.LOCKED),
        (answer(numer_bledu=229, tresc="denied"), AuthFailed, Code.RIGHT_MISSING),
        (answer(numer_bledu=8144, tresc="too many arguments"), Unreachable, Code.PROCEDURES_DIFFER),
        (answer(numer_bledu=266, tresc="count"), Rejected, Code.ORDER_UNDONE),
        (answer(numer_bledu=2628, tresc="truncated"), Rejected, Code.ORDER_REFUSED),
        (answer(numer_bledu=50000, tresc="Okres zamknięty"), Rejected, Code.ORDER_REFUSED),
        (answer(powod="undone"), Rejected, Code.ORDER_UNDONE),
        (answer(powod="no_id"), Rejected, Code.ORDER_UNDONE),
        (answer(powod="returned", wynik=1), Rejected, Code.ORDER_REFUSED),
        (answer(powod="several"), Rejected, Code.FOUND_SEVERAL),
        (answer(powod="lines"), Rejected, Code.ORDER_NOT_APPROVED),
        (answer(powod="total", netto=Decimal(1), brutto=Decimal(2)), Rejected, Code.ORDER_TOTAL_DIFFERS),
    ],
)
def test_what_each_answer_of_the_server_means(row: dict[str, Any], error: type[IntegrationError], code: Code) -> None:
    told = outcome.refusal(row, prepared(FULL))
    assert (type(told), told.problem.code) == (error, code)
    assert not isinstance(told, OutcomeUnknown)


GOODS_ROWS = st.lists(
    st.tuples(st.sampled_from(GOODS[:4]), st.decimals(Decimal("0.5"), Decimal(9), places=3)), min_size=1, max_size=6
)


@given(GOODS_ROWS, st.randoms(use_true_random=False))
def test_an_order_found_is_ours_whatever_the_order_of_its_lines(rows: Any, random: Any) -> None:
    known = prepared(order("A-1", *(line(card, str(quantity), "2") for card, quantity in rows)))
    kept_rows = [as_placed(known, number) for number in range(len(rows))]
    random.shuffle(kept_rows)
    assert outcome.differs(known, kept_rows) == []
    kept_rows[0] |= {"zamowiono": kept_rows[0]["zamowiono"] + 1}
    assert len(outcome.differs(known, kept_rows)) == 1


def as_placed(known: ReadyOrder, number: int) -> dict[str, Any]:
    values = known.lines[number].values
    gross = known.values["oczekiwane_brutto"]
    row = ("placed", 1, Decimal(7), "ZO 0001/26", 0, gross, gross, Decimal(1), "", Decimal(values["artykul"]),
           values["zamowiono"], values["przelicznik"], Decimal(0), Decimal(0))  # fmt: skip
    return dict(zip(PLACED_COLUMNS, row, strict=True))

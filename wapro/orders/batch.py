"""One order as one T-SQL batch. Pure: text and parameters.

The batch runs in autocommit and opens its own transaction, because the vendor's procedures may end that of their
caller: after every EXEC it looks whether the transaction is still the one it began, and stops where it is not. It looks
the order's number up under an application lock before it writes, so the same batch may be sent again after any death.

Everything varying is a parameter and none is NULL. Lines go into a table variable: by parameters, of which a call takes
2 100, or as a JSON document where the database has OPENJSON. What happened comes back as a result set whose first
column is named `integrator`; result sets of the procedures themselves may come before it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from string import Template
from typing import Any

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from wapro.orders.forms import STATUS, Call, Forms
from wapro.orders.ready import ANY_NET, HEADER_TYPES, LINE_TYPES, ReadyLine, ReadyOrder

MOST_PARAMETERS = 2100
JSON_FROM_LEVEL = 130
"""Compatibility level from which a database has OPENJSON."""
LOCK_MILLISECONDS = 15000
"""How long another worker with the same number is waited for."""
_ROWS_A_STATEMENT = 500
_PIECE = 3900
"""Characters of the document in one parameter: with more than 4 000 in one the driver first prepares the batch in a
round trip of its own."""
_FOREIGN_ONLY = ("netto_wal", "brutto_wal")

PLACED_COLUMNS = (
    "integrator", "found", "id", "numer", "flaga", "netto", "brutto", "magazyn", "waluta", "artykul", "zamowiono",
    "przelicznik", "zarezerwowano", "zrealizowano",
)  # fmt: skip
"""One row per line of the order."""
REFUSED_COLUMNS = (
    "integrator", "krok", "pozycja", "powod", "wynik", "numer_bledu", "tresc", "id", "numer", "netto", "brutto",
)  # fmt: skip
"""One row. `krok` is the procedure, `powod` our own reason where it was not an error of the server."""


@dataclass(frozen=True, slots=True)
class Batch:
    text: str
    parameters: tuple[Any, ...]


def resource(number: str) -> str:
    """Name of the application lock of an order."""
    return f"integrator:order:{number.casefold()}"


def build(order: ReadyOrder, forms: Forms, *, has_json: bool) -> Batch:
    """Raises Rejected(ORDER_LINES_TOO_MANY) when the lines fit into no call of this database."""
    parameters: list[Any] = [order.values[name] for name in HEADER_TYPES]
    parameters.append(resource(order.number))
    head = ",\n    ".join(f"@{name} {kind} = %s" for name, kind in HEADER_TYPES.items())
    lines, given = _json_lines(order.lines) if has_json else _rows(order)
    parameters += given
    if len(parameters) > MOST_PARAMETERS:
        most = (MOST_PARAMETERS - len(parameters) + len(given)) // (len(given) // len(order.lines))
        raise Rejected(Code.ORDER_LINES_TOO_MANY, count=len(order.lines), limit=most, system="WAPRO Mag")
    calls = forms.calls()
    text = _BATCH.substitute(
        head=head,
        columns=", ".join(f"{name} {kind} NOT NULL" for name, kind in LINE_TYPES.items()),
        lines=lines,
        count=len(order.lines),
        lock_milliseconds=LOCK_MILLISECONDS,
        header=_execute(calls["header"], 8),
        line_variables=", ".join(f"@{name} {kind}" for name, kind in LINE_TYPES.items()),
        line_values=", ".join(f"@{name} = {name}" for name in LINE_TYPES),
        line=_execute(calls["line"], 12),
        rest="\n".join(_execute(calls[name], 8) for name in ("totals", "prices", "numbering", "approval")),
        own=_own_columns(order),
        checks=_checks(order),
        suffix="_WAL" if order.order.foreign else "",
    )
    return Batch(text, tuple(parameters))


def _rows(order: ReadyOrder) -> tuple[str, list[Any]]:
    names = [name for name in LINE_TYPES if order.order.foreign or name not in _FOREIGN_ONLY]
    listed = ", ".join("%s" if name in names else "0" for name in LINE_TYPES)
    statements = []
    for first in range(0, len(order.lines), _ROWS_A_STATEMENT):
        some = range(first, min(first + _ROWS_A_STATEMENT, len(order.lines)))
        values = ",\n        ".join(f"({number + 1}, {listed})" for number in some)
        statements.append(f"    INSERT INTO @pozycje (nr, {', '.join(LINE_TYPES)}) VALUES {values};")
    return "\n".join(statements), [line.values[name] for line in order.lines for name in names]


def _json_lines(lines: Sequence[ReadyLine]) -> tuple[str, list[Any]]:
    kinds = ", ".join(f"{name} {kind}" for name, kind in LINE_TYPES.items())
    rows = [{"nr": number, **_plain(line)} for number, line in enumerate(lines, start=1)]
    document = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    pieces = [document[at : at + _PIECE] for at in range(0, len(document), _PIECE)]
    more = " + %s" * (len(pieces) - 1)
    return _FROM_JSON.substitute(names=", ".join(LINE_TYPES), kinds=kinds, more=more), pieces


def _plain(line: ReadyLine) -> dict[str, Any]:
    """Decimals as text, which no reader of JSON makes a binary fraction of."""
    return {name: format(value, "f") if isinstance(value, Decimal) else value for name, value in line.values.items()}


def _execute(call: Call, indent: int) -> str:
    """The EXEC and what must hold after it."""
    arguments = ", ".join(call.arguments)
    return "\n".join(" " * indent + line for line in _statements(call, arguments))


def _statements(call: Call, arguments: str) -> Iterator[str]:
    yield f"SET @krok = '{call.procedure}';"
    if call.answers:
        yield "DELETE FROM @odpowiedz;"
        yield _INTO.substitute(procedure=call.procedure, arguments=arguments)
        yield f"SELECT {call.answers} = MAX(wartosc) FROM @odpowiedz;"
    else:
        yield f"EXEC @wynik = dbo.{call.procedure} {arguments};"
    yield "IF @@TRANCOUNT <> 1 OR XACT_STATE() <> 1 SET @powod = 'undone';"
    yield "IF @powod = '' AND COALESCE(@wynik, 0) <> 0 SET @powod = 'returned';"
    if "@id OUTPUT" in call.arguments or call.answers == "@id":
        yield "IF @powod = '' AND COALESCE(@id, 0) <= 0 SET @powod = 'no_id';"
    yield "IF @powod <> '' RAISERROR(N'integrator', 16, 1);"


def _own_columns(order: ReadyOrder) -> str:
    """What the procedures take no parameter for, written inside the same transaction."""
    columns = [column for name, column in _OWN_COLUMNS.items() if order.values[name]]
    text = ""
    if columns:
        text += _OWN_UPDATE.substitute(columns=", ".join(f"{column} = 1" for column in columns))
    if order.values["dostawa"]:
        text += _DELIVERY
    return text


_OWN_COLUMNS = {"internet": "ZAMOWIENIE_INTERNETOWE", "oplacone": "OPLACONE_INTERNETOWO"}


def _checks(order: ReadyOrder) -> str:
    net = "" if order.values["oczekiwane_netto"] == ANY_NET else " OR ROUND(@suma_netto, 2) <> @oczekiwane_netto"
    return (
        "        IF @powod = '' AND (@suma_brutto IS NULL OR ROUND(@suma_brutto, 2) <> @oczekiwane_brutto"
        f"{net}) SET @powod = 'total';"
    )


_FROM_JSON = Template("""    DECLARE @json nvarchar(max) = CAST(%s AS nvarchar(max))$more;
    INSERT INTO @pozycje (nr, $names)
    SELECT nr, $names
    FROM OPENJSON(@json) WITH (nr int, $kinds);""")
_INTO = Template("INSERT INTO @odpowiedz (wartosc) EXEC @wynik = dbo.$procedure $arguments;")
_OWN_UPDATE = Template("""        SET @krok = 'ZAMOWIENIE';
        UPDATE dbo.ZAMOWIENIE SET $columns WHERE ID_ZAMOWIENIA = @id;
""")
_DELIVERY = """        SET @krok = 'DOSTAWA';
        INSERT INTO dbo.DOSTAWA (
            ID_DOSTAWY, ID_DOK_MAGAZYNOWEGO, ID_ZAMOWIENIA, ID_FORMY_DOSTAWY, DATA_PLANOWANA, ODEBRANO
        )
        SELECT COALESCE(MAX(ID_DOSTAWY), 0) + 1, 0, @id, @dostawa, @realizacja, 0
        FROM dbo.DOSTAWA WITH (UPDLOCK, HOLDLOCK);
"""

_BATCH = Template("""SET NOCOUNT ON;
SET XACT_ABORT ON;
DECLARE
    ${head},
    @zasob nvarchar(255) = %s,
    @id numeric(18,0), @ile int, @found tinyint = 0, @wynik int, @nr int = 1, @pozycja int = 0, @flaga int,
    @krok varchar(60) = '', @powod varchar(20) = '', @format varchar(50), @okres tinyint, @auto tinyint,
    @niezalezny tinyint, @numer varchar(30), @klient varchar(30), @suma_netto decimal(14,4), @suma_brutto decimal(14,4),
    ${line_variables};
DECLARE @odpowiedz TABLE (wartosc numeric(18,0));
DECLARE @pozycje TABLE (nr int NOT NULL PRIMARY KEY, ${columns});
DECLARE @zapisane TABLE (
    id numeric(18,0), numer varchar(30), flaga int, netto decimal(14,4), brutto decimal(14,4), magazyn numeric(18,0),
    waluta varchar(3), pozycja numeric(18,0), artykul numeric(18,0), zamowiono decimal(16,6), przelicznik decimal(16,6),
    zarezerwowano decimal(16,6), zrealizowano decimal(16,6)
);
BEGIN TRY
    SET @krok = 'lines';
${lines}
    SELECT @ile = COUNT(*) FROM @pozycje;
    IF @ile <> ${count} SET @powod = 'lines';
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    SET @krok = 'sp_getapplock';
    BEGIN TRANSACTION;
    EXEC @wynik = sp_getapplock @Resource = @zasob, @LockMode = 'Exclusive', @LockOwner = 'Transaction',
        @LockTimeout = ${lock_milliseconds};
    IF @wynik < 0 OR @@TRANCOUNT <> 1 SET @powod = 'locked';
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    SET @krok = 'lookup';
    SELECT @id = MAX(ID_ZAMOWIENIA), @ile = COUNT(*)
    FROM dbo.ZAMOWIENIE
    WHERE NR_ZAMOWIENIA_KLIENTA = @numer_klienta AND TYP = 1 AND ID_FIRMY = @firma;
    IF @ile > 1 SET @powod = 'several';
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    IF @id IS NOT NULL
        SET @found = 1;
    ELSE
    BEGIN
${header}
        WHILE @nr <= ${count}
        BEGIN
            SET @pozycja = @nr;
            SELECT ${line_values} FROM @pozycje WHERE nr = @nr;
${line}
            SET @nr = @nr + 1;
        END;
        SET @pozycja = 0;
${rest}
${own}        SET @krok = 'readback';
        SELECT @numer = NUMER, @flaga = FLAGA_STANU, @klient = NR_ZAMOWIENIA_KLIENTA,
            @suma_netto = WARTOSC_NETTO${suffix}, @suma_brutto = WARTOSC_BRUTTO${suffix}
        FROM dbo.ZAMOWIENIE
        WHERE ID_ZAMOWIENIA = @id;
        SELECT @ile = COUNT(*) FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @id;
        IF COALESCE(@numer, '') IN ('', '<auto>') OR COALESCE(@flaga, 1) <> 0 OR COALESCE(@klient, '') <> @numer_klienta
            SET @powod = 'not_approved';
        IF @powod = '' AND @ile <> ${count} SET @powod = 'lines';
${checks}
        IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    END;
    SET @krok = 'commit';
    INSERT INTO @zapisane
    SELECT z.ID_ZAMOWIENIA, z.NUMER, z.FLAGA_STANU, z.WARTOSC_NETTO${suffix}, z.WARTOSC_BRUTTO${suffix}, z.ID_MAGAZYNU,
        z.SYM_WAL, p.ID_POZYCJI_ZAMOWIENIA, p.ID_ARTYKULU, p.ZAMOWIONO, p.PRZELICZNIK, p.ZAREZERWOWANO, p.ZREALIZOWANO
    FROM dbo.ZAMOWIENIE AS z
    LEFT JOIN dbo.POZYCJA_ZAMOWIENIA AS p ON p.ID_ZAMOWIENIA = z.ID_ZAMOWIENIA
    WHERE z.ID_ZAMOWIENIA = @id;
    COMMIT TRANSACTION;
    SELECT 'placed' AS integrator, @found AS found, id, numer, flaga, netto, brutto, magazyn, waluta, artykul,
        zamowiono, przelicznik, zarezerwowano, zrealizowano
    FROM @zapisane
    ORDER BY pozycja;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0 ROLLBACK TRANSACTION;
    SELECT 'refused' AS integrator, @krok AS krok, @pozycja AS pozycja, @powod AS powod, @wynik AS wynik,
        ERROR_NUMBER() AS numer_bledu, ERROR_MESSAGE() AS tresc, @id AS id, @numer AS numer, @suma_netto AS netto,
        @suma_brutto AS brutto;
    THROW;
END CATCH;""")

_STATUS_BATCH = Template("""SET NOCOUNT ON;
SET XACT_ABORT ON;
DECLARE @id numeric(18,0) = %s, @uzytkownik numeric(18,0) = %s, @status char(1) = %s, @numer_klienta varchar(30) = %s,
    @zasob nvarchar(255) = %s, @wynik int, @dotychczas char(1), @klient varchar(30), @flaga int,
    @powod varchar(20) = '', @krok varchar(60) = 'sp_getapplock';
BEGIN TRY
    BEGIN TRANSACTION;
    EXEC @wynik = sp_getapplock @Resource = @zasob, @LockMode = 'Exclusive', @LockOwner = 'Transaction',
        @LockTimeout = ${lock_milliseconds};
    IF @wynik < 0 OR @@TRANCOUNT <> 1 SET @powod = 'locked';
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    SET @krok = 'lookup';
    SELECT @dotychczas = COALESCE(STATUS_ZAM, ''), @flaga = FLAGA_STANU, @klient = NR_ZAMOWIENIA_KLIENTA
    FROM dbo.ZAMOWIENIE WITH (UPDLOCK)
    WHERE ID_ZAMOWIENIA = @id;
    IF @dotychczas IS NULL SET @powod = 'gone';
    IF @powod = '' AND COALESCE(@klient, '') <> @numer_klienta SET @powod = 'another';
    IF @powod = '' AND @flaga <> 0 SET @powod = 'unfinished';
    IF @powod = '' AND @dotychczas NOT IN ('', @status) SET @powod = 'status';
    IF @powod = '' AND @dotychczas <> @status AND EXISTS (
        SELECT 1 FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @id AND ZREALIZOWANO <> 0
    )
        SET @powod = 'realised';
${documents}
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    IF @dotychczas <> @status
    BEGIN
        SET @krok = '${procedure}';
        EXEC @wynik = dbo.${procedure} @id, @uzytkownik, 0, @status;
        IF @@TRANCOUNT <> 1 OR XACT_STATE() <> 1 SET @powod = 'undone';
        IF @powod = '' AND COALESCE(@wynik, 0) <> 0 SET @powod = 'returned';
        IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    END;
    COMMIT TRANSACTION;
    SELECT 'placed' AS integrator, @dotychczas AS dotychczas;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0 ROLLBACK TRANSACTION;
    SELECT 'refused' AS integrator, @krok AS krok, 0 AS pozycja, @powod AS powod, @wynik AS wynik,
        ERROR_NUMBER() AS numer_bledu, ERROR_MESSAGE() AS tresc, @id AS id,
        CASE @powod WHEN 'another' THEN @klient ELSE @dotychczas END AS numer, 0 AS netto, 0 AS brutto;
    THROW;
END CATCH;""")
_DOCUMENTED = Template("""    IF @powod = '' AND @dotychczas <> @status AND EXISTS (
        $rows
    )
        SET @powod = 'documents';""")
_LINES_OF_DOCUMENTS = Template("""SELECT 1 FROM dbo.POZYCJA_DOKUMENTU_MAGAZYNOWEGO WHERE $column IN (
            SELECT ID_POZYCJI_ZAMOWIENIA FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @id
        )""")
_LEDGER = "SELECT 1 FROM dbo.ROZRACHUNEK WHERE ID_ZAMOWIENIA = @id AND ID_FAKTURY <> 0"


def status_batch(*, has_advances: bool, has_ledger: bool) -> str:
    """Setting a status, with the parameters id, user, status, number of the order and resource to lock.

    It is set only on an order that has none, so that nobody's later decision is overwritten; cancelling twice is
    cancelling once. Refused for an order of another number, one of which something went out, and one that has any
    document, advances included where the database tells of them.
    """
    rows = [_LINES_OF_DOCUMENTS.substitute(column="ID_POZ_ZAM")]
    rows += [_LINES_OF_DOCUMENTS.substitute(column="ID_POZ_ZAM_ZAL")] if has_advances else []
    rows += [_LEDGER] if has_ledger else []
    return _STATUS_BATCH.substitute(
        lock_milliseconds=LOCK_MILLISECONDS,
        procedure=STATUS,
        documents="\n".join(_DOCUMENTED.substitute(rows=one) for one in rows),
    )

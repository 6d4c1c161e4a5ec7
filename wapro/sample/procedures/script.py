"""The batch of an order, call by call, on the sample company: calls, checks, answers and faults as on a server."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from wapro.orders.batch import PLACED_COLUMNS, REFUSED_COLUMNS
from wapro.orders.forms import (
    APPROVAL,
    APPROVAL_SERVER,
    HEADER,
    HEADER_SERVER,
    LINE,
    LINE_SERVER,
    NUMBERING,
    PRICES,
    STATUS,
    TOTALS,
    Call,
    Forms,
)
from wapro.orders.ready import ANY_NET, HEADER_TYPES, ReadyOrder
from wapro.sample.procedures import approval, faults, orders
from wapro.sample.procedures.faults import COMMIT, Fault, FaultKind
from wapro.sample.procedures.session import RAISED, Row, ServerError, Session, decimal

_CONSTANT = re.compile(r"^N?'(?P<text>.*)'$")


class _Stopped(Exception):
    """A check of the batch itself said no."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Script:
    """One batch on an open alias."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.faults: list[Fault] = faults.take(session)
        self.variables: dict[str, Any] = {}
        self.step = ""
        self.position = 0
        self.result: int | None = None

    def run(self, body: Callable[[], list[Row]]) -> list[Row]:
        """The rows of the batch's answer. Raises django.db.OperationalError where the connection dies."""
        try:
            self.session.begin()
            rows = body()
            self.step = COMMIT
            faults.before(self.session, self.faults, COMMIT)
            self.session.commit()
            faults.after(self.session, self.faults, COMMIT)
        except ServerError as error:
            return [self._refused("", error.number, error.message)]
        except _Stopped as stopped:
            return [self._refused(stopped.reason, RAISED, "integrator")]
        finally:
            self.session.rollback()
        return rows

    def _refused(self, reason: str, number: int, message: str) -> Row:
        known = self.variables
        values = (
            "refused", self.step, self.position, reason, self.result, number, message, known.get("id"),
            known.get("numer"), known.get("suma_netto"), known.get("suma_brutto"),
        )  # fmt: skip
        return dict(zip(REFUSED_COLUMNS, values, strict=True))

    def execute(self, call: Call) -> None:
        """One EXEC and what must hold after it."""
        self.step = call.procedure
        self.result = faults.before(self.session, self.faults, call.procedure)
        if self.result is None:
            self.result = self._body(call)
            faults.after(self.session, self.faults, call.procedure)
        if self.session.depth != 1:
            self.stop("undone")
        if self.result:
            self.stop("returned")

    def stop(self, reason: str) -> None:
        raise _Stopped(reason)

    def _body(self, call: Call) -> int:
        given = [self._value(argument) for argument in call.arguments]
        outputs = PROCEDURES[call.procedure](self, given)
        self.variables |= outputs
        return 0

    def _value(self, argument: str) -> Any:
        name = argument.removesuffix(" OUTPUT")
        if name.startswith("@"):
            return self.variables.get(name[1:])
        constant = _CONSTANT.match(name)
        return constant["text"] if constant else int(name)

    def off_by(self) -> Decimal:
        amounts = [Decimal(fault.value) for fault in self.faults if fault.kind is FaultKind.ADDS]
        return sum(amounts, Decimal(0))


def _add_header(script: Script, given: list[Any]) -> Row:
    firm, contractor, warehouse, _, day, user, _, basis = given[:8]
    return {"id": orders.add_header(script.session, firm, contractor, warehouse, day, user, basis)}


def _add_line(script: Script, given: list[Any]) -> Row:
    names = {
        "id": 1, "artykul": 2, "kod_vat": 3, "zamowiono": 4, "do_rezerwacji": 7, "netto": 8, "brutto": 9,
        "netto_wal": 10, "brutto_wal": 11, "przelicznik": 12, "jednostka": 13, "opis": 15,
    }  # fmt: skip
    orders.add_line(script.session, {name: given[place] for name, place in names.items()})
    return {}


def _total(script: Script, given: list[Any]) -> Row:
    orders.total(script.session, given[0], script.off_by())
    return {}


def _prices(script: Script, given: list[Any]) -> Row:
    orders.check_prices(script.session, given[0])
    return {}


def _numbering(script: Script, given: list[Any]) -> Row:
    return approval.numbering(script.session, given[0], given[2], given[3])


def _approve(script: Script, given: list[Any]) -> Row:
    client = len(given) >= 37
    names = {
        "id": 0, "kontrahent": 1, "typ": 2, "format": 4, "firma": 9, "magazyn": 10, "data": 11, "realizacja": 12,
        "rezerwuj": 15, "numer_klienta": 16, "kurs": 19, "data_kursu": 20, "waluta": 21, "dok_wal": 22, "uwagi": 27,
    }  # fmt: skip
    later = {
        "informacje": 28, "osoba": 29, "forma_platnosci": 31, "dni": 32, "dokument": 33, "operator": 35,
    }  # fmt: skip
    places = names | {name: place + int(client) for name, place in later.items()}
    approval.approve(script.session, {name: given[place] for name, place in places.items()}, script.off_by())
    return {}


PROCEDURES: Mapping[str, Callable[[Script, list[Any]], Row]] = {
    HEADER: _add_header,
    HEADER_SERVER: _add_header,
    LINE: _add_line,
    LINE_SERVER: _add_line,
    TOTALS: _total,
    PRICES: _prices,
    NUMBERING: _numbering,
    APPROVAL: _approve,
    APPROVAL_SERVER: _approve,
}
"""Arguments by their place, as a server takes them: a call with a wrong order shows in what is stored."""


def place(session: Session, order: ReadyOrder, forms: Forms) -> list[Row]:
    """The answer of `wapro.orders.batch.build`: rows of PLACED_COLUMNS, or one of REFUSED_COLUMNS."""
    script = Script(session)
    script.variables = {name: order.values[name] for name in HEADER_TYPES}

    def body() -> list[Row]:
        script.step = "lookup"
        rows = session.rows(
            'SELECT "ID_ZAMOWIENIA" FROM "ZAMOWIENIE" WHERE "NR_ZAMOWIENIA_KLIENTA" = %s AND "TYP" = 1 '
            'AND "ID_FIRMY" = %s',
            [order.number, order.values["firma"]],
        )
        if len(rows) > 1:
            script.stop("several")
        if rows:
            script.variables["id"] = rows[0]["ID_ZAMOWIENIA"]
        else:
            _write(script, order, forms)
        return _kept(script, order, found=bool(rows))

    return script.run(body)


def _write(script: Script, order: ReadyOrder, forms: Forms) -> None:
    calls = forms.calls()
    script.execute(calls["header"])
    for position, line in enumerate(order.lines, start=1):
        script.position = position
        script.variables |= line.values
        script.execute(calls["line"])
    script.position = 0
    for name in ("totals", "prices", "numbering", "approval"):
        script.execute(calls[name])
    _own_columns(script, order)
    _check(script, order)


def _own_columns(script: Script, order: ReadyOrder) -> None:
    session, key = script.session, script.variables["id"]
    flags = {"ZAMOWIENIE_INTERNETOWE": order.values["internet"], "OPLACONE_INTERNETOWO": order.values["oplacone"]}
    session.update("ZAMOWIENIE", ("ID_ZAMOWIENIA", key), flags)
    if order.values["dostawa"]:
        session.insert(
            "DOSTAWA",
            {
                "ID_DOSTAWY": session.next_key("DOSTAWA", "ID_DOSTAWY"),
                "ID_DOK_MAGAZYNOWEGO": 0,
                "ID_ZAMOWIENIA": key,
                "ID_FORMY_DOSTAWY": order.values["dostawa"],
                "DATA_PLANOWANA": order.values["realizacja"],
                "ODEBRANO": 0,
            },
        )


def _check(script: Script, order: ReadyOrder) -> None:
    """The read-back before the commit."""
    script.step = "readback"
    suffix = "_WAL" if order.order.foreign else ""
    row = script.session.first('SELECT * FROM "ZAMOWIENIE" WHERE "ID_ZAMOWIENIA" = %s', [script.variables["id"]]) or {}
    count = 'SELECT 1 FROM "POZYCJA_ZAMOWIENIA" WHERE "ID_ZAMOWIENIA" = %s'
    net, gross = (decimal(row.get(f"WARTOSC_{name}{suffix}"), 2) for name in ("NETTO", "BRUTTO"))
    script.variables |= {"numer": row.get("NUMER"), "suma_netto": net, "suma_brutto": gross}
    if not row.get("NUMER") or row["FLAGA_STANU"] or row["NR_ZAMOWIENIA_KLIENTA"] != order.number:
        script.stop("not_approved")
    if len(script.session.rows(count, [script.variables["id"]])) != len(order.lines):
        script.stop("lines")
    wanted = order.values["oczekiwane_netto"]
    if gross != order.values["oczekiwane_brutto"] or (wanted != ANY_NET and net != wanted):
        script.stop("total")


def _kept(script: Script, order: ReadyOrder, *, found: bool) -> list[Row]:
    suffix = "_WAL" if order.order.foreign else ""
    rows = script.session.rows(
        f'SELECT z."ID_ZAMOWIENIA", z."NUMER", z."FLAGA_STANU", z."WARTOSC_NETTO{suffix}", '
        f'z."WARTOSC_BRUTTO{suffix}", z."ID_MAGAZYNU", z."SYM_WAL", p."ID_ARTYKULU", p."ZAMOWIONO", p."PRZELICZNIK", '
        'p."ZAREZERWOWANO", p."ZREALIZOWANO" FROM "ZAMOWIENIE" AS z LEFT JOIN "POZYCJA_ZAMOWIENIA" AS p '
        'ON p."ID_ZAMOWIENIA" = z."ID_ZAMOWIENIA" WHERE z."ID_ZAMOWIENIA" = %s ORDER BY p."ID_POZYCJI_ZAMOWIENIA"',
        [script.variables["id"]],
    )
    return [dict(zip(PLACED_COLUMNS, ("placed", int(found), *row.values()), strict=True)) for row in rows]


def set_status(session: Session, order: int, user: int, status: str, number: str, now: datetime) -> list[Row]:
    """The answer of `wapro.orders.batch.status_batch`."""
    script = Script(session)
    script.variables = {"id": order}

    def body() -> list[Row]:
        script.step = "lookup"
        row = session.first('SELECT * FROM "ZAMOWIENIE" WHERE "ID_ZAMOWIENIA" = %s', [order])
        if row is None:
            script.stop("gone")
            return []
        before = (row["STATUS_ZAM"] or "").strip()
        there = (row["NR_ZAMOWIENIA_KLIENTA"] or "").strip()
        script.variables["numer"] = there
        if there.casefold() != number.casefold():
            script.stop("another")
        script.variables["numer"] = before
        if row["FLAGA_STANU"]:
            script.stop("unfinished")
        if before not in ("", status):
            script.stop("status")
        if before != status:
            done = 'SELECT 1 FROM "POZYCJA_ZAMOWIENIA" WHERE "ID_ZAMOWIENIA" = %s AND "ZREALIZOWANO" <> 0'
            if session.rows(done, [order]):
                script.stop("realised")
            if _has_documents(session, order):
                script.stop("documents")
            _status(script, order, user, status, now)
        return [{"integrator": "placed", "dotychczas": before}]

    return script.run(body)


def _has_documents(session: Session, order: int) -> bool:
    table = "POZYCJA_DOKUMENTU_MAGAZYNOWEGO"
    lines = 'SELECT "ID_POZYCJI_ZAMOWIENIA" FROM "POZYCJA_ZAMOWIENIA" WHERE "ID_ZAMOWIENIA" = %s'
    asked = [
        f'SELECT 1 FROM "{table}" WHERE "{column}" IN ({lines})'
        for column in {"ID_POZ_ZAM", "ID_POZ_ZAM_ZAL"} & set(session.columns(table))
    ]
    if session.columns("ROZRACHUNEK"):
        asked.append('SELECT 1 FROM "ROZRACHUNEK" WHERE "ID_ZAMOWIENIA" = %s AND "ID_FAKTURY" <> 0')
    return any(session.rows(one, [order]) for one in asked)


def _status(script: Script, order: int, user: int, status: str, now: datetime) -> None:
    script.step = STATUS
    script.result = faults.before(script.session, script.faults, STATUS)
    if script.result is None:
        script.result = 0
        keeps = any(fault.kind is FaultKind.KEEPS for fault in script.faults)
        approval.set_status(script.session, order, user, status, now, frees=not keeps)
        faults.after(script.session, script.faults, STATUS)
    if script.session.depth != 1:
        script.stop("undone")
    if script.result:
        script.stop("returned")

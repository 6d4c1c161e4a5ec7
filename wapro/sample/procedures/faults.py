"""What can go wrong in the procedures of a sample company: planted in its file, so that any process meets it."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import OperationalError

from wapro.procedures import KNOWN, Parameter, Signature
from wapro.sample.procedures.session import ServerError, Session

TRUNCATED = 2628
COMMIT = "COMMIT"
"""Name under which faults of the commit itself are planted."""
_TABLE = "SAMPLE_USTERKI"
_CREATE = (
    f'CREATE TABLE IF NOT EXISTS "{_TABLE}" ("PROCEDURA" varchar(60), "RODZAJ" varchar(20), "WARTOSC" varchar(200), '
    '"ILE" int)'
)


class FaultKind(StrEnum):
    ROLLS_BACK = "rolls_back"
    """Ends the caller's transaction and returns 0, without an error."""
    REFUSES = "refuses"
    """Ends the caller's transaction and raises `value`."""
    TRUNCATES = "truncates"
    """Meets a text too long for its column."""
    RETURNS = "returns"
    """Does nothing and returns `value`."""
    DIES_BEFORE = "dies_before"
    DIES_AFTER = "dies_after"
    """The connection is lost before or after the call."""
    ADDS = "adds"
    """Of RM_SumujZamowienie: the gross total is off by `value`."""
    KEEPS = "keeps"
    """Of RM_UstawStanZamowien: what a cancelled order reserved stays reserved."""
    LONGER = "longer"
    """The procedure has one more parameter, named `value`."""
    MISSING = "missing"


PLANTED = frozenset({FaultKind.LONGER, FaultKind.MISSING})
"""Faults of the database, which stay; the others wear off."""


@dataclass(frozen=True, slots=True)
class Fault:
    procedure: str
    kind: FaultKind
    value: str = ""
    times: int = 1
    """How many batches meet it."""


class LostConnection(Exception):
    """What the driver of a SQL Server says of a broken line."""

    driver_error = "Communication link failure"


def plant(alias: str, *faults: Fault) -> None:
    session = Session(alias)
    session.run(_CREATE)
    for fault in faults:
        session.insert(
            _TABLE,
            {"PROCEDURA": fault.procedure, "RODZAJ": fault.kind, "WARTOSC": fault.value, "ILE": fault.times},
        )


def mend(alias: str) -> None:
    """Nothing goes wrong any more."""
    Session(alias).run(f'DROP TABLE IF EXISTS "{_TABLE}"')


def planted(session: Session) -> list[Fault]:
    if not session.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name = %s", [_TABLE]):
        return []
    rows = session.rows(f'SELECT * FROM "{_TABLE}" WHERE "ILE" > 0')
    return [Fault(row["PROCEDURA"], FaultKind(row["RODZAJ"]), row["WARTOSC"], row["ILE"]) for row in rows]


def take(session: Session) -> list[Fault]:
    """The faults that the coming batch meets. They are counted now: what the batch undoes would bring them back."""
    found = planted(session)
    if found:
        names = ", ".join(f"'{kind}'" for kind in PLANTED)
        session.run(f'UPDATE "{_TABLE}" SET "ILE" = "ILE" - 1 WHERE "ILE" > 0 AND "RODZAJ" NOT IN ({names})')
    return found


def signatures(session: Session) -> dict[str, Signature]:
    """The procedures of the file with their parameter lists, as `wapro.procedures.read_signatures` gives a server's."""
    found = {name: _named(max(variants, key=lambda one: len(one.parameters))) for name, variants in KNOWN.items()}
    # The stand-in of the line's server form is that of 2019.
    found["RM_DodajPozycjeZamowienia_Server"] = _named(KNOWN["RM_DodajPozycjeZamowienia_Server"][0])
    for fault in planted(session):
        if fault.kind is FaultKind.MISSING:
            found.pop(fault.procedure, None)
        elif fault.kind is FaultKind.LONGER and fault.procedure in found:
            longer = (*found[fault.procedure].parameters, Parameter(fault.value or "NowyParametr"))
            found[fault.procedure] = Signature(fault.procedure, longer)
    return found


def _named(signature: Signature) -> Signature:
    return Signature(
        signature.procedure,
        tuple(Parameter(p.name or f"p{n:02d}", p.output) for n, p in enumerate(signature.parameters, start=1)),
    )


def before(session: Session, faults: list[Fault], procedure: str) -> int | None:
    """Meet the faults of a call before it is made. A number: the call is not made and returns that."""
    for fault in faults:
        if fault.procedure != procedure:
            continue
        if fault.kind is FaultKind.DIES_BEFORE:
            lose(session)
        if fault.kind is FaultKind.ROLLS_BACK:
            session.rollback()
            return 0
        if fault.kind is FaultKind.REFUSES:
            session.refuse(fault.value)
        if fault.kind is FaultKind.TRUNCATES:
            raise ServerError(TRUNCATED, "String or binary data would be truncated.")
        if fault.kind is FaultKind.RETURNS:
            return int(fault.value or 1)
    return None


def after(session: Session, faults: list[Fault], procedure: str) -> None:
    for fault in faults:
        if fault.procedure == procedure and fault.kind is FaultKind.DIES_AFTER:
            lose(session)


def lose(session: Session) -> None:
    """Raises what Django makes of a broken line to a SQL Server."""
    session.lose()
    raise OperationalError("the connection to the sample company was lost") from LostConnection()

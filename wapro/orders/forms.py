"""Which form of each procedure a database has, and what it is called with. Pure.

Arguments are written as T-SQL writes them in an EXEC: `@variable`, `@variable OUTPUT` or a constant. The batch puts
them into its text; the sample company, which has no server, works them out itself. So both make the same calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from integrator.canonical.errors import Unreachable
from integrator.canonical.problems import Code, Turn
from wapro.procedures import KNOWN, Reason, Signature, compare

HEADER_SERVER, HEADER = "RM_DodajZamowienie_Server", "RM_DodajZamowienie"
LINE, LINE_SERVER = "RM_DodajPozycjeZamowienia", "RM_DodajPozycjeZamowienia_Server"
TOTALS, PRICES = "RM_SumujZamowienie", "RM_KontrolaCenPozycjiZamowienia"
NUMBERING = "JL_PobierzFormatNumeracji_Server"
APPROVAL, APPROVAL_SERVER = "RM_ZatwierdzZamowienie", "RM_ZatwierdzZamowienie_Server"
STATUS = "RM_UstawStanZamowien"

PLACING: tuple[tuple[str, ...], ...] = (
    (HEADER_SERVER, HEADER),
    (LINE, LINE_SERVER),
    (TOTALS,),
    (PRICES,),
    (NUMBERING,),
    (APPROVAL, APPROVAL_SERVER),
)
"""What placing an order calls, in that order; of each the first that the database has. For lines and approval the form
that the program itself calls goes first: its calls were recorded, those of the other were not."""
PROCEDURES = tuple(name for forms in (*PLACING, (STATUS,)) for name in forms)


@dataclass(frozen=True, slots=True)
class Call:
    procedure: str
    arguments: tuple[str, ...]
    answers: str = ""
    """Variable that takes the first value of its result set, for a procedure that answers so."""

    def __str__(self) -> str:
        return f"{self.procedure} {', '.join(self.arguments)}"


@dataclass(frozen=True, slots=True)
class Forms:
    """The procedures of one database that place an order: their names and how many parameters each takes."""

    header: Signature
    line: Signature
    approval: Signature

    def calls(self) -> Mapping[Literal["header", "line", "totals", "prices", "numbering", "approval"], Call]:
        return {
            "header": _header(self.header),
            "line": _line(self.line),
            "totals": Call(TOTALS, ("@id",)),
            "prices": Call(PRICES, ("@id", "@uzytkownik")),
            "numbering": Call(NUMBERING, _NUMBERING),
            "approval": _approval(self.approval),
        }


def choose(found: Mapping[str, Signature]) -> Forms:
    """The forms to use of what the login may see. Raises Unreachable(PROCEDURES_DIFFER) that shows every list which is
    not a known one: no other form is tried then, a changed list says that the version is a new one."""
    chosen = [_chosen(forms, found) for forms in PLACING]
    refuse_unknown(chosen, found)
    return Forms(header=found[chosen[0]], line=found[chosen[1]], approval=found[chosen[5]])


def _chosen(forms: tuple[str, ...], found: Mapping[str, Signature]) -> str:
    return next((name for name in forms if name in found), forms[0])


def refuse_unknown(names: list[str], found: Mapping[str, Signature]) -> None:
    """Raises Unreachable(PROCEDURES_DIFFER) when one of these procedures is missing or has another list."""
    differences = compare({name: KNOWN[name] for name in names}, found)
    if not differences:
        return
    shown = [str(one) if one.reason is Reason.MISSING else f"{one}: {found[one.procedure]}" for one in differences]
    raise Unreachable(Code.PROCEDURES_DIFFER, turn=Turn.US, procedures="; ".join(shown), count=len(shown))


def _header(signature: Signature) -> Call:
    shared = ("@firma", "@kontrahent", "@magazyn", "1", "@data", "@uzytkownik", "0", "@wg_cen")
    if signature.procedure == HEADER:
        return Call(HEADER, shared, answers="@id")
    # What the eleventh means is not known; the caller that has it passes 0.
    return Call(HEADER_SERVER, (*shared, "1", "@id OUTPUT", *(["0"] if len(signature.parameters) == 11 else [])))


def _line(signature: Signature) -> Call:
    arguments = (
        "0", "@id", "@artykul", "@kod_vat", "@zamowiono", "0", "0", "@do_rezerwacji", "@netto", "@brutto",
        "@netto_wal", "@brutto_wal", "@przelicznik", "@jednostka", "0", "@opis", "0", "0", "0", "0", "'m'",
    )  # fmt: skip
    newer = ("''", "'Nie dotyczy'")
    return Call(signature.procedure, (*arguments, *(newer if len(signature.parameters) == 23 else ())))


_NUMBERING = (
    "@firma", "2", "@typ", "@magazyn", "@format OUTPUT", "@okres OUTPUT", "@auto OUTPUT", "@niezalezny OUTPUT",
)  # fmt: skip
"""Document 2 is an order."""


def _approval(signature: Signature) -> Call:
    before = (
        "@id", "@kontrahent", "@typ", "'<auto>'", "@format", "@okres", "@auto", "@niezalezny", "0", "@firma",
        "@magazyn", "@data", "@realizacja", "0", "2", "@rezerwuj", "@numer_klienta", "1", "0", "@kurs", "@data_kursu",
        "@waluta", "@dok_wal", "1", "0", "0", "0", "@uwagi",
    )  # fmt: skip
    account = ("0",)
    after = ("@informacje", "@osoba", "0", "@forma_platnosci", "@dni", "@dokument", "''", "@operator")
    if signature.procedure == APPROVAL_SERVER:
        return Call(APPROVAL_SERVER, (*before, *after))
    # The 38th is of a newer version; the caller that has it passes 0.
    return Call(APPROVAL, (*before, *account, *after, *(["0"] if len(signature.parameters) == 38 else [])))

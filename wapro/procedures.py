"""The vendor's procedures as we know them, and whether a database still has them in that form.

Parameter lists changed between versions of WAPRO Mag (order lines: 21 -> 23, approval: 36 -> 37 -> 38), so nothing
may be written with a procedure whose list is not one of these. Where only the position of a parameter is known and not
its name, the name is left empty and any name is taken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connections


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name` without the @; empty: any name. `output`: the procedure gives a value back through it."""

    name: str = ""
    output: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    procedure: str
    parameters: tuple[Parameter, ...]

    def __str__(self) -> str:
        listed = ", ".join(f"@{p.name or '?'}{' OUTPUT' if p.output else ''}" for p in self.parameters)
        return f"{self.procedure}({listed})"


class Reason(StrEnum):
    MISSING = "missing"
    """Not there, or the login may not see it (it needs EXECUTE or VIEW DEFINITION)."""
    COUNT = "count"
    NAME = "name"
    DIRECTION = "direction"


@dataclass(frozen=True, slots=True)
class Difference:
    """How a procedure differs from the closest list we know. `position` is 1-based, 0 where the whole list differs."""

    procedure: str
    reason: Reason
    position: int = 0
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        if self.reason is Reason.MISSING:
            return f"{self.procedure}: not found"
        if self.reason is Reason.COUNT:
            return f"{self.procedure}: {self.found} parameters instead of {self.expected}"
        return f"{self.procedure}: parameter {self.position} is {self.found} instead of {self.expected}"


def _named(procedure: str, names: str) -> Signature:
    """Names separated by spaces; one that ends in `>` is an output, a lone `?` has no known name."""
    return Signature(
        procedure,
        tuple(
            Parameter("" if name.rstrip(">") == "?" else name.rstrip(">"), name.endswith(">")) for name in names.split()
        ),
    )


def _counted(procedure: str, count: int, outputs: Iterable[int] = ()) -> Signature:
    """Only the number of parameters is known, and which of them (1-based) are outputs."""
    given = frozenset(outputs)
    return Signature(procedure, tuple(Parameter("", number in given) for number in range(1, count + 1)))


_LINE = (
    "ID_POZYCJI_ZAMOWIENIA ID_ZAMOWIENIA ID_ARTYKULU KOD_VAT ZAMOWIONO ZREALIZOWANO ZAREZERWOWANO DO_REZERWACJI "
    "CENA_NETTO CENA_BRUTTO CENA_NETTO_WAL CENA_BRUTTO_WAL PRZELICZNIK JEDNOSTKA NARZUT OPIS ZNAK_NARZUTU "
    "trybrejestracji ID_DOSTAWY_REZ ID_WARIANTU_PRODUKTU ZNACZNIK_CENY"
)
# The vendor's own spelling of "transakcji".
_LINE_NEWER = f"{_LINE} NR_SERII TYP_TRANSKACJI_TRANSGRANICZNEJ"
_APPROVAL = (
    "ID_ZAMOWIENIA ID_KONTRAHENTA ID_TYPU NUMER NUM_FORMAT NUM_OKRESNUMERACJI NUM_AUTO NUM_NIEZALEZNY AUTONUMER "
    "ID_FIRMY ID_MAG DATA DATA_REALIZACJI ZALICZKA PRIORYTET AUTO_REZERWACJA NR_ZAM_KLIENTA TYP ID_PRACOWNIKA "
    "PRZELICZNIK_WAL DATA_KURS_WAL SYM_WAL DOK_WAL FLAGA_STANU trybrejestracji RABAT_NARZUT ZNAK_RABATU UWAGI "
    "ID_RACHUNKU InformacjeDodatkowe OsobaZamawiajaca Id_KONTAKTU FormaPlatnosci DniPlatnosci FakturaParagon "
    "NumerPrzesylki IdOperatoraPrzesylki"
)

_SIGNATURES: tuple[Signature, ...] = (
    _named(
        "RM_DodajZamowienie",
        "id_firmy id_kontrahenta id_magazynu typ data semafor trybrejestracji brutto_netto",
    ),
    _counted("RM_DodajZamowienie_Server", 10, outputs=[10]),
    _counted("RM_DodajZamowienie_Server", 11, outputs=[10]),
    _named("RM_DodajPozycjeZamowienia", _LINE_NEWER),
    _counted("RM_DodajPozycjeZamowienia_Server", 21),
    _counted("RM_DodajPozycjeZamowienia_Server", 23),
    _named("RM_SumujZamowienie", "id_zamowienia"),
    _counted("RM_SumujZamowienie_Server", 5, outputs=[2, 3, 4, 5]),
    _counted("RM_KontrolaCenPozycjiZamowienia", 2),
    _named("RM_UstawCenyAktualne", "id_zamowienia id_sesji uzycie id_kontr"),
    _named(
        "JL_PobierzFormatNumeracji_Server",
        "id_firmy dokument id_typu id_zasobu format_num> okresnumeracji> parametr1> parametr2>",
    ),
    _named("RM_ZatwierdzZamowienie", _APPROVAL),
    _named("RM_ZatwierdzZamowienie", f"{_APPROVAL} ?"),
    _counted("RM_ZatwierdzZamowienie_Server", 36),
    _named("RM_UstawStanZamowien", "id_zamowienia id_sesji tryb_inf_realiz status_zam"),
)

KNOWN: Mapping[str, tuple[Signature, ...]] = {
    name: tuple(s for s in _SIGNATURES if s.procedure == name)
    for name in dict.fromkeys(s.procedure for s in _SIGNATURES)
}
"""By procedure: every parameter list that has been seen. The first is the one to show when none fits."""


def compare(known: Mapping[str, Sequence[Signature]], found: Mapping[str, Signature]) -> list[Difference]:
    """What differs, one entry per procedure, in the order of `known`. Names are compared without regard to case."""
    by_name = {name.casefold(): signature for name, signature in found.items()}
    differences: list[Difference] = []
    for name, variants in known.items():
        present = by_name.get(name.casefold())
        if present is None:
            differences.append(Difference(name, Reason.MISSING))
            continue
        tried = [_difference(variant, present) for variant in variants]
        if None not in tried:
            differences.append(_closest([one for one in tried if one is not None]))
    return differences


def _closest(tried: list[Difference]) -> Difference:
    """A list of the right length tells more than one of another length, and all of the wrong ones count together."""
    same_length = [one for one in tried if one.reason is not Reason.COUNT]
    if same_length:
        return max(same_length, key=lambda one: one.position)
    expected = " / ".join(dict.fromkeys(one.expected for one in tried))
    return Difference(tried[0].procedure, Reason.COUNT, expected=expected, found=tried[0].found)


def _difference(known: Signature, found: Signature) -> Difference | None:
    if len(known.parameters) != len(found.parameters):
        return Difference(
            known.procedure, Reason.COUNT, expected=str(len(known.parameters)), found=str(len(found.parameters))
        )
    for position, (ours, theirs) in enumerate(zip(known.parameters, found.parameters, strict=True), start=1):
        if ours.name and ours.name.casefold() != theirs.name.casefold():
            return Difference(known.procedure, Reason.NAME, position, f"@{ours.name}", f"@{theirs.name}")
        if ours.output != theirs.output:
            directions = ("OUTPUT" if ours.output else "input", "OUTPUT" if theirs.output else "input")
            return Difference(known.procedure, Reason.DIRECTION, position, *directions)
    return None


PROCEDURES_SQL = """
SELECT o.name, a.name, a.is_output
FROM sys.objects AS o
LEFT JOIN sys.all_parameters AS a ON a.object_id = o.object_id AND a.parameter_id > 0
WHERE o.schema_id = SCHEMA_ID('dbo') AND o.type IN ('P', 'PC') AND o.name IN ({names})
ORDER BY o.name, a.parameter_id
"""


def read_signatures(alias: str, names: Sequence[str]) -> dict[str, Signature]:
    """The procedures of a SQL Server database that this login may see, by name. Raises django.db.Error."""
    lists: dict[str, list[Parameter]] = {}
    with connections[alias].cursor() as cursor:
        cursor.execute(PROCEDURES_SQL.format(names=", ".join(["%s"] * len(names))), list(names))
        for procedure, parameter, output in cursor.fetchall():
            listed = lists.setdefault(str(procedure), [])
            if parameter is not None:
                listed.append(Parameter(str(parameter).removeprefix("@"), bool(output)))
    return {name: Signature(name, tuple(parameters)) for name, parameters in lists.items()}

"""Parameter lists of the vendor's procedures: what is known passes, what is not is named."""

import re
from pathlib import Path

import pytest

import wapro.sample
from wapro.procedures import KNOWN, Difference, Parameter, Reason, Signature, compare


def found(**changed: Signature) -> dict[str, Signature]:
    """A database that has every procedure in the first known form, nameless parameters called p1, p2..."""
    database = {
        name: Signature(
            name, tuple(Parameter(p.name or f"p{n}", p.output) for n, p in enumerate(variants[0].parameters, start=1))
        )
        for name, variants in KNOWN.items()
    }
    return database | changed


def test_every_known_form_passes():
    for name, variants in KNOWN.items():
        for variant in variants:
            assert compare(KNOWN, found(**{name: variant})) == []


def test_names_are_compared_as_the_server_does_without_case():
    line = KNOWN["RM_DodajPozycjeZamowienia"][0]
    lower = Signature("rm_dodajpozycjezamowienia", tuple(Parameter(p.name.lower(), p.output) for p in line.parameters))
    database = found()
    del database["RM_DodajPozycjeZamowienia"]
    assert compare(KNOWN, database | {"rm_dodajpozycjezamowienia": lower}) == []


def test_a_procedure_that_is_not_there_is_named():
    database = found()
    del database["RM_SumujZamowienie"]
    assert compare(KNOWN, database) == [Difference("RM_SumujZamowienie", Reason.MISSING)]


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        (36, "RM_ZatwierdzZamowienie: 36 parameters instead of 37 / 38"),
        (39, "RM_ZatwierdzZamowienie: 39 parameters instead of 37 / 38"),
    ],
)
def test_a_longer_or_shorter_list_says_how_many_were_expected(parameters, text):
    longest = (*KNOWN["RM_ZatwierdzZamowienie"][1].parameters, Parameter("Nowy"))
    strange = Signature("RM_ZatwierdzZamowienie", longest[:parameters])
    (difference,) = compare(KNOWN, found(RM_ZatwierdzZamowienie=strange))
    assert str(difference) == text


def test_a_renamed_parameter_is_shown_with_its_place():
    known = KNOWN["RM_SumujZamowienie"][0]
    renamed = Signature(known.procedure, (Parameter("ID_ZAM"),))
    (difference,) = compare(KNOWN, found(RM_SumujZamowienie=renamed))
    assert (difference.reason, difference.position) == (Reason.NAME, 1)
    assert str(difference) == "RM_SumujZamowienie: parameter 1 is @ID_ZAM instead of @id_zamowienia"


def test_an_output_that_became_an_input_is_shown():
    known = KNOWN["RM_SumujZamowienie_Server"][0]
    turned = Signature(known.procedure, tuple(Parameter("x", False) for _ in known.parameters))
    (difference,) = compare(KNOWN, found(RM_SumujZamowienie_Server=turned))
    assert (difference.reason, difference.position, difference.expected) == (Reason.DIRECTION, 2, "OUTPUT")


def test_a_signature_reads_like_its_declaration():
    assert str(Signature("P", (Parameter("a"), Parameter("b", True), Parameter()))) == "P(@a, @b OUTPUT, @?)"
    assert len(KNOWN["RM_DodajPozycjeZamowienia"][0].parameters) == 23
    assert [len(v.parameters) for v in KNOWN["RM_ZatwierdzZamowienie"]] == [37, 38]


def declared_in_our_scripts() -> dict[str, Signature]:
    """The stand-ins of the sample company, as their CREATE PROCEDURE statements declare them."""
    found = {}
    for path in sorted((Path(wapro.sample.__file__).parent / "sqlserver").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for name, listed in re.findall(r"CREATE PROCEDURE dbo\.(\w+)\s*\n(.*?)\nAS\n", text, re.DOTALL):
            lines = [line.strip().rstrip(",") for line in listed.splitlines() if line.strip().startswith("@")]
            parameters = tuple(Parameter(line.split()[0][1:], line.upper().endswith(" OUTPUT")) for line in lines)
            found[name] = Signature(name, parameters)
    return found


def test_the_stand_ins_of_the_sample_company_are_procedures_as_we_know_them():
    stand_ins = declared_in_our_scripts()
    assert {name for name in stand_ins if not name.startswith("SAMPLE_")} == set(KNOWN)
    assert [str(one) for one in compare(KNOWN, stand_ins)] == []

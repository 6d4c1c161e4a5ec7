"""Every problem has its sentence, whatever is known about it."""

import pytest
from django.utils import translation

from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import problem
from shops.models import ShopConnection
from syncjobs.explain import explain
from syncjobs.sentences import PLACEHOLDER, TURNS, WORDINGS


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_wording_of_its_own(code: Code) -> None:
    assert str(code) in WORDINGS


def test_every_turn_has_a_name() -> None:
    assert set(TURNS) == set(Turn)


@pytest.mark.parametrize("code", list(Code))
def test_a_problem_without_params_still_makes_whole_sentences(code: Code) -> None:
    told = explain(problem(code))
    for text in (told.sentence, told.todo, told.turn_label):
        assert text
        assert "%" not in text.replace("%%", "")
        assert "None" not in text
    assert told.sentence.endswith((".", ":"))


@pytest.mark.parametrize("code", list(Code))
def test_with_everything_known_the_most_telling_sentence_shows_every_param(code: Code) -> None:
    wording = WORDINGS[str(code)]
    names = set(PLACEHOLDER.findall(wording.says[0] + wording.todo[0])) - {"system", "field", "kind"}
    given = {name: f"<{name}>" for name in names}
    told = explain(problem(code, field="ean", kind="unit", **given), side="shop")
    for name in names:
        assert f"<{name}>" in told.sentence + told.todo
    assert "%(" not in told.sentence + told.todo


@pytest.mark.parametrize("code", list(Code))
def test_the_last_sentence_of_a_wording_needs_nothing_but_the_system(code: Code) -> None:
    wording = WORDINGS[str(code)]
    assert set(PLACEHOLDER.findall(wording.says[-1])) <= {"system"}
    assert set(PLACEHOLDER.findall(wording.todo[-1])) <= {"system"}


def test_names_of_fields_and_kinds_are_translated_into_words() -> None:
    told = explain(problem(Code.REFERENCE_UNLINKED, field="tax_rate", kind="tax_rate", label="8%"))
    assert told.sentence == "The field “VAT rate” points to “8%”, which has no partner on the other side."
    assert told.todo == "Link it on the mapping page (tax rates)."


def test_the_same_problem_is_the_erps_turn_on_the_erps_side() -> None:
    connection = ShopConnection(name="Sklep Zielony")
    there = explain(problem(Code.SILENT), side="shop", connection=connection)
    here = explain(problem(Code.SILENT), side="erp", connection=connection)
    assert (there.turn, here.turn) == (Turn.SHOP_OUTAGE, Turn.ERP_OUTAGE)
    assert there.sentence == "Sklep Zielony: no answer came in time."
    assert here.sentence == "WAPRO: no answer came in time."


def test_stored_problems_are_read_with_params_as_mapping_or_pairs_and_their_own_turn() -> None:
    as_mapping = explain({"code": "port_refused", "params": {"host": "db", "port": "1433"}, "turn": "erp_settings"})
    as_pairs = explain({"code": "port_refused", "params": [["host", "db"], ["port", "1433"]]})
    assert as_mapping.sentence == as_pairs.sentence == "db refused the connection on port 1433."
    assert as_mapping.turn == Turn.ERP_SETTINGS


def test_a_percent_sign_from_outside_is_shown_as_it_is() -> None:
    assert "100%(x)s" in explain(problem(Code.REJECTED, field="", message="100%(x)s")).sentence


def test_an_unknown_code_is_our_failure_and_names_the_code() -> None:
    told = explain({"code": "made_up", "params": {}})
    assert told.turn == Turn.US
    assert "made_up" in told.sentence


@pytest.mark.parametrize("code", list(Code))
def test_every_sentence_is_said_in_polish_too(code: Code) -> None:
    wording = WORDINGS[str(code)]
    with translation.override("pl"):
        for msgid in (*wording.says, *wording.todo):
            assert translation.gettext(msgid) != msgid
        assert translation.gettext(TURNS[wording.turn]) != TURNS[wording.turn]

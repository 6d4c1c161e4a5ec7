"""Suggestions: the better the evidence the higher, each with what speaks for it, and nothing out of thin air."""

import pytest

from syncjobs.engine.suggest import Offered, suggest

WANTED = Offered("E", code="SEK-01", name="Sekator teleskopowy 2,4 m", ean="5901234123457")


def other(key: str = "S", code: str = "", name: str = "Zupełnie co innego", ean: str = "") -> Offered:
    return Offered(key, code, name, ean)


@pytest.mark.parametrize(
    ("candidate", "evidence"),
    [
        (other(code="sek-01"), ("code",)),
        (other(ean=WANTED.ean), ("ean",)),
        (other(name="SEKATOR teleskopowy 2,4 M"), ("name",)),
        (other(name="Sekator teleskopowy 2,1 m"), ("similar_name",)),
        (other(code="SEK-01", ean=WANTED.ean, name=WANTED.name), ("code", "ean", "name")),
    ],
)
def test_what_speaks_for_a_candidate_in_its_order(candidate, evidence):
    (found,) = suggest(WANTED, [candidate])
    assert found.key == "S"
    assert found.evidence == evidence
    assert 0 < found.score <= 100


def test_a_stranger_is_no_suggestion_and_empty_codes_do_not_agree():
    assert suggest(WANTED, [other()]) == []
    assert suggest(Offered("E", name="Grabie"), [Offered("S", name="Taczka ogrodowa")]) == []


def test_better_evidence_comes_first():
    candidates = [
        other("name", name=WANTED.name),
        other("code", code=WANTED.code),
        other("all", code=WANTED.code, ean=WANTED.ean, name=WANTED.name),
        other("code and name", code=WANTED.code, name=WANTED.name),
        other("ean and name", ean=WANTED.ean, name=WANTED.name),
    ]
    found = suggest(WANTED, candidates, limit=5)
    keys = [one.key for one in found]
    assert keys[0] == "all"
    assert set(keys[:3]) == {"all", "code and name", "ean and name"}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_a_code_that_agrees_counts_more_than_the_likest_name():
    half = other("code", code=WANTED.code, name="Sekator teleskopowy do gałęzi")
    found = suggest(WANTED, [other("name", name=WANTED.name), half])
    assert found[0].key == "code"


def test_no_more_than_asked_for():
    many = [other(f"S{n}", name=f"Sekator teleskopowy 2,{n} m") for n in range(9)]
    assert len(suggest(WANTED, many)) == 3
    assert len(suggest(WANTED, many, limit=5)) == 5


def test_a_code_is_found_among_many_that_are_called_alike():
    many = [other(f"S{n}", name=f"Sekator teleskopowy 2,{n} m") for n in range(50)]
    found = suggest(WANTED, [*many, other("right", code=WANTED.code, name="Nożyce")])
    assert "right" in [one.key for one in found]


def test_equal_scores_keep_one_order():
    twins = [other("S2", code="B", name="Sekator teleskopowy"), other("S1", code="A", name="Sekator teleskopowy")]
    assert (
        [one.code for one in suggest(WANTED, twins)] == [one.code for one in suggest(WANTED, twins[::-1])] == ["A", "B"]
    )


def test_a_name_alone_must_be_alike_enough():
    (found,) = suggest(Offered("E", name="abcd efgh"), [other(name="abcd efgx")])
    assert found.evidence == ("similar_name",)
    assert suggest(Offered("E", name="abcd efgh"), [other(name="abxx xxgx")]) == []

"""What speaks for a link, then and now: yellow by a lost code or EAN or a gone element, not by a name that drifts."""

import pytest

from integrator.canonical.kinds import Kind
from syncjobs.engine.evidence import Marks, judge
from syncjobs.engine.suggest import Offered, sure_pairs

BOTH = {"erp": ["A-1", "Sekator 19 cm", "5901"], "shop": ["a-1", "Sekator 19 cm", "5901"]}


@pytest.mark.parametrize(
    ("evidence", "erp", "shop", "gone", "lost"),
    [
        (BOTH, Marks("A-1", "Sekator 19 cm", "5901"), Marks("A-1", "Sekator 19 cm", "5901"), False, []),
        (BOTH, Marks("A-1", "Sekator 19 cm", "5901"), Marks("A-1", "Sekator zielony", "5901"), False, ["name"]),
        (BOTH, Marks("A-2", "Sekator 19 cm", "5901"), Marks("A-1", "Sekator 19 cm", "5901"), True, ["code"]),
        (BOTH, Marks("A-1", "Sekator 19 cm", ""), Marks("A-1", "Sekator 19 cm", "5901"), True, ["ean"]),
        ({"criterion": "code", "level": 0}, Marks("A", "x"), Marks("a", "y"), False, []),
        ({"criterion": "code_and_name", "level": 0}, Marks("A", "x"), Marks("A", "y"), False, ["name"]),
        ({"criterion": "ean", "level": 0}, Marks("A", "x", "1"), Marks("B", "x", "2"), True, ["ean"]),
        ({"change": 7}, Marks("A", "x"), Marks("B", "y"), False, []),
    ],
)
def test_what_is_lost_and_whether_that_makes_it_yellow(evidence, erp, shop, gone, lost):
    found = judge(Kind.PRODUCT, evidence, erp, shop)
    assert found.gone is gone
    assert [ground.name for ground in found.lost] == lost


def test_a_link_made_on_a_likeness_of_names_alone_is_lost_with_it():
    evidence = {"erp": ["A", "Wąż spiralny 15 m", ""], "shop": ["B", "Wąż ogrodowy spiralny 15 m", ""]}
    held = judge(Kind.PRODUCT, evidence, Marks("A", "Wąż spiralny 15 m"), Marks("B", "Wąż spiralny ogrodowy 15 m"))
    lost = judge(Kind.PRODUCT, evidence, Marks("A", "Wąż spiralny 15 m"), Marks("B", "Bon podarunkowy"))
    assert (held.gone, lost.gone) == (False, True)


def test_what_a_person_linked_against_all_evidence_stays_their_word():
    evidence = {"erp": ["A", "Młotek", ""], "shop": ["B", "Bon podarunkowy", ""]}
    assert not judge(Kind.PRODUCT, evidence, Marks("C", "Młot"), Marks("D", "Bon")).gone


def test_an_element_that_is_gone_is_named_by_its_side():
    found = judge(Kind.PRODUCT, BOTH, None, Marks("A-1"))
    assert (found.gone, found.missing) == (True, ("erp",))


def test_units_agree_without_dots_and_case():
    evidence = {"criterion": "symbol_or_name", "level": 0}
    assert not judge(Kind.UNIT, evidence, Marks("szt", "sztuka"), Marks("SZT.", "sztuki")).gone


def test_between_two_that_are_as_sure_nothing_is_guessed():
    shop = [Offered("1", "A", "Sekator", "5901"), Offered("2", "B", "Grabie", "5902"), Offered("3", "b", "Grabie", "")]
    erp = [Offered("x", "A", "Sekator", "5901"), Offered("y", "B", "Grabie", "5902"), Offered("z", "C", "Sekator", "")]
    assert {key: found.key for key, found in sure_pairs(erp, shop).items()} == {"x": "1"}
    rival = Offered("r", "a", "Sekator", "")
    assert sure_pairs([*erp, rival], shop) == {}

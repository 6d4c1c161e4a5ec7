"""Step b: exactly one candidate links, several make all of them ambiguous, nothing is guessed."""

import pytest

from integrator.canonical.records import Category, Producer, TaxRate, Unit
from syncjobs.engine.match import Candidate, Pairing, image_marks, match, product_marks, reference_marks
from syncjobs.engine.policy import Criterion


def candidates(**marks: str | tuple[str, ...]) -> list[Candidate]:
    """`key="mark"` or `key=("strongest", "weaker")`."""
    return [Candidate(key, (value,) if isinstance(value, str) else value) for key, value in marks.items()]


def test_one_of_each_links_and_strangers_stay_alone():
    found = match(candidates(E1="a", E2="b"), candidates(S1="a", S2="c"))
    assert found.pairs == [Pairing("E1", "S1", primary=True, level=0)]
    assert found.ambiguous_erp == found.ambiguous_shop == {}


@pytest.mark.parametrize(
    ("erp", "shop"),
    [({"E1": "a"}, {"S1": "a", "S2": "a"}), ({"E1": "a", "E2": "a"}, {"S1": "a"})],
    ids=["two in the shop", "two in WAPRO"],
)
@pytest.mark.failure_mode("F4")
def test_several_candidates_make_all_of_them_ambiguous_and_name_each_other(erp, shop):
    found = match(candidates(**erp), candidates(**shop))
    assert found.pairs == []
    assert found.ambiguous_erp == dict.fromkeys(erp, tuple(shop))
    assert found.ambiguous_shop == dict.fromkeys(shop, tuple(erp))


def test_an_empty_mark_is_no_mark():
    found = match(candidates(E1="", E2=""), candidates(S1=""))
    assert (found.pairs, found.ambiguous_erp) == ([], {})


def test_a_weaker_mark_decides_only_among_those_the_stronger_left_over():
    found = match(
        candidates(E1=("szt", "sztuka"), E2=("kpl", "komplet")), candidates(S1=("szt", ""), S2=("", "komplet"))
    )
    assert {(pair.erp, pair.shop, pair.level) for pair in found.pairs} == {("E1", "S1", 0), ("E2", "S2", 1)}


def test_what_the_stronger_mark_made_ambiguous_is_not_settled_by_a_weaker_one():
    found = match(candidates(E1=("x", "1"), E2=("x", "2")), candidates(S1=("x", "1"), S2=("x", "2")))
    assert found.pairs == []
    assert set(found.ambiguous_erp) == {"E1", "E2"}


def test_many_units_may_lead_to_one_and_the_first_is_the_way_back():
    found = match(candidates(E1="szt", E2="szt", E3="szt"), candidates(S1="szt"), many_to_one=True)
    assert [(pair.erp, pair.primary) for pair in found.pairs] == [("E1", True), ("E2", False), ("E3", False)]
    assert found.ambiguous_erp == {}


def test_a_way_back_that_is_there_already_stays():
    found = match(candidates(E2="szt"), candidates(S1="szt"), many_to_one=True, taken={"S1"})
    assert [pair.primary for pair in found.pairs] == [False]


def test_many_to_one_does_not_mean_one_to_many():
    found = match(candidates(E1="zw", E2="zw"), candidates(S1="zw", S2="zw"), many_to_one=True)
    assert found.pairs == []
    assert found.ambiguous_erp == {"E1": ("S1", "S2"), "E2": ("S1", "S2")}
    assert found.ambiguous_shop == {}, "a shop's unit that several could mean is still free for others"


def test_a_shop_element_linked_by_the_stronger_mark_is_still_there_for_many_to_one():
    erp = candidates(E1=("szt", "sztuka"), E2=("x", "sztuka"))
    found = match(erp, candidates(S1=("szt", "sztuka")), many_to_one=True)
    assert {(pair.erp, pair.primary) for pair in found.pairs} == {("E1", True), ("E2", False)}


@pytest.mark.parametrize(
    ("criterion", "left", "right", "same"),
    [
        (Criterion.CODE_AND_NAME, ("A1", "Łopata", ""), ("a1 ", "LOPATA", ""), True),
        (Criterion.CODE_AND_NAME, ("A1", "Łopata", ""), ("A1", "Grabie", ""), False),
        (Criterion.CODE_AND_NAME, ("", "Łopata", ""), ("", "Łopata", ""), False),
        (Criterion.CODE, ("A1", "Łopata", ""), ("a1", "Grabie", ""), True),
        (Criterion.EAN, ("A1", "Łopata", "590"), ("B2", "Grabie", "590"), True),
        (Criterion.EAN, ("A1", "Łopata", ""), ("A1", "Łopata", ""), False),
    ],
)
def test_what_makes_two_products_one(criterion, left, right, same):
    left_marks, right_marks = (product_marks(criterion, *one, name_limit=None) for one in (left, right))
    found = match([Candidate("E", left_marks)], [Candidate("S", right_marks)])
    assert bool(found.pairs) is same


def test_a_name_is_compared_as_the_shop_cuts_it():
    long, cut = "Sekator teleskopowy z przekładnią", "Sekator teleskopowy"
    assert product_marks(Criterion.CODE_AND_NAME, "A", long, "", 19) == product_marks(
        Criterion.CODE_AND_NAME, "A", cut, "", 19
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Unit(symbol="Szt."), Unit(symbol="szt")),
        (TaxRate(code="ZW"), TaxRate(code="zw", name="zwolniony")),
        (Producer(name="Zakłady  Łucznik"), Producer(name="zaklady lucznik")),
        (Category(path=("Ogród", "Narzędzia")), Category(path=("ogród ", "NARZĘDZIA"))),
    ],
)
def test_spelling_does_not_part_dictionary_entries(left, right):
    assert reference_marks(left)[0] == reference_marks(right)[0]


def test_rates_of_the_same_percent_are_not_one():
    assert not set(reference_marks(TaxRate(code="zw", name="zw."))) & set(reference_marks(TaxRate(code="0", name="0%")))


def test_a_category_of_the_same_name_elsewhere_in_the_tree_is_another():
    assert reference_marks(Category(path=("Dom", "Lampy"))) != reference_marks(Category(path=("Ogród", "Lampy")))


def test_pictures_are_told_by_content_then_by_place_within_one_product():
    erp = [Candidate("E1", image_marks("7", "aa", 1)), Candidate("E2", image_marks("7", "bb", 2))]
    moved = [Candidate("S1", image_marks("7", "bb", 1)), Candidate("S2", image_marks("7", "", 2))]
    assert {(p.erp, p.shop) for p in match(erp, moved).pairs} == {("E2", "S1")}
    blind = [Candidate("S1", image_marks("7", "", 1)), Candidate("S2", image_marks("8", "", 2))]
    assert {(p.erp, p.shop) for p in match(erp, blind).pairs} == {("E1", "S1")}

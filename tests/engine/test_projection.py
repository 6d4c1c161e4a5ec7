"""What a value becomes on the other side, and when two values are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrator.canonical.capabilities import FieldSpec
from integrator.canonical.problems import Code
from syncjobs.engine.projection import project, same


@pytest.mark.parametrize(
    ("name", "value", "spec", "expected"),
    [
        ("name", "Sekator teleskopowy", FieldSpec(max_length=8, overlong="cut"), "Sekator"),
        ("name", "Sekator", FieldSpec(max_length=7), "Sekator"),
        ("name", " Sekator\x00 ", FieldSpec(), "Sekator"),
        ("name", "Z\u0307urek", FieldSpec(), "Żurek"),
        ("price", "12.345", FieldSpec(decimals=2), "12.35"),
        ("price", "12.344", FieldSpec(decimals=2), "12.34"),
        ("price", "12.50", FieldSpec(), "12.5"),
        ("quantity", "7.9", FieldSpec(whole=True), "7"),
        ("quantity", "-0.5", FieldSpec(whole=True), "-1"),
        ("quantity", "0.6666667", FieldSpec(decimals=3), "0.666"),
        ("weight", "1E+2", FieldSpec(decimals=3), "100"),
        ("position", "3", FieldSpec(whole=True), "3"),
        ("ean", " 5901234123457 ", FieldSpec(), "5901234123457"),
        ("active", True, FieldSpec(), True),
        ("producer", None, FieldSpec(), None),
        ("description", "", FieldSpec(html=True), ""),
        ("path", ["Dom", "Lampy"], FieldSpec(), ["Dom", "Lampy"]),
    ],
)
def test_the_value_as_the_destination_keeps_it(name, value, spec, expected):
    found = project(name, value, spec)
    assert (found.value, found.problem) == (expected, None)


@pytest.mark.parametrize(
    ("name", "value", "spec", "code"),
    [
        ("name", None, FieldSpec(required=True), Code.REQUIRED_EMPTY),
        ("name", "", FieldSpec(required=True), Code.REQUIRED_EMPTY),
        ("path", [], FieldSpec(required=True), Code.REQUIRED_EMPTY),
        ("name", "Sekator teleskopowy", FieldSpec(max_length=8), Code.TOO_LONG),
        ("ean", "5901234123458", FieldSpec(), Code.EAN_INVALID),
        ("ean", "12", FieldSpec(), Code.EAN_INVALID),
        ("price", "12,50", FieldSpec(decimals=2), Code.FIELD_UNREADABLE),
        ("quantity", "dużo", FieldSpec(whole=True), Code.FIELD_UNREADABLE),
        ("price", "NaN", FieldSpec(decimals=2), Code.FIELD_UNREADABLE),
    ],
)
def test_what_the_destination_would_not_take_is_said_before_it_is_sent(name, value, spec, code):
    found = project(name, value, spec)
    assert found.value is None
    assert found.problem is not None
    assert found.problem.code == code
    assert found.problem.as_dict()["field"] == name


def test_too_long_says_by_how_much():
    problem = project("name", "Sekator", FieldSpec(max_length=5)).problem
    assert problem is not None
    assert problem.as_dict() == {"field": "name", "limit": "5", "length": "7"}


@given(st.text(max_size=60), st.integers(1, 30))
def test_what_was_cut_once_is_not_cut_again(text, limit):
    spec = FieldSpec(max_length=limit, overlong="cut")
    once = project("name", text, spec).value
    assert once in (None, "") or len(str(once)) <= limit
    assert project("name", once, spec).value == once


@given(
    st.decimals(-10000, 10000, places=5), st.sampled_from([FieldSpec(decimals=2), FieldSpec(whole=True), FieldSpec()])
)
def test_what_was_rounded_once_is_not_rounded_again(number, spec):
    for name in ("price", "quantity"):
        once = project(name, str(number), spec).value
        assert project(name, once, spec).value == once


@given(st.decimals(0, 10000, places=6))
def test_a_quantity_is_never_rounded_up(number):
    for spec in (FieldSpec(decimals=3), FieldSpec(whole=True)):
        assert float(str(project("quantity", str(number), spec).value)) <= float(number)


HTML = FieldSpec(html=True)


@pytest.mark.parametrize(
    ("name", "left", "right", "spec", "expected"),
    [
        ("price", "1.50", "1.5", None, True),
        ("price", "1.50", "1.51", None, False),
        ("price", "1.50", "dużo", None, False),
        ("name", "1.50", "1.5", None, False),
        ("ean", "", None, None, True),
        ("category", None, "4", None, False),
        ("quantity", "0", None, None, False),
        ("description", "<p>Dwa  słowa</p>", "<p>Dwa słowa</p><br />", HTML, True),
        ("description", "<p>Łopata &amp; grabie</p>", "Łopata & grabie", HTML, True),
        ("description", "<p>Łopata</p>", "<p>Łopaty</p>", HTML, False),
        ("description", "<p>Łopata</p>", "Łopata", None, False),
        ("active", True, False, None, False),
    ],
)
def test_when_two_values_are_one(name, left, right, spec, expected):
    assert same(name, left, right, spec) is expected
    assert same(name, right, left, spec) is expected


def test_characters_that_a_side_refuses_keep_the_element_back() -> None:
    """PrestaShop up to 8 takes no `;`, `=` or `#` in names: better said before the shop refuses a whole batch."""
    spec = FieldSpec(refused="<>;=#{}")
    found = project("name", "Rura Ø20; L=2 m", spec)
    assert found.problem is not None
    assert (found.problem.code, found.problem.as_dict()["value"]) == (Code.CHARACTERS_REFUSED, ";=")
    assert project("name", "Rura Ø20 2 m", spec).problem is None

"""How texts are compared: what a shop rewrites must not look like an edit."""

import time

import pytest

from integrator.canonical.text import ean_valid, fold, fold_html, fold_unit


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<p>Nożyce <b>ostre</b></p>", "<p>Nożyce <strong>ostre</strong></p>"),
        ("Grabie<script>alert('x')</script> stalowe", "Grabie stalowe"),
        ("A&amp;B  &nbsp; C", "A&B C"),
        ("<style>p { color: red }</style><p>Ziemia</p>", "<p>Ziemia</p>"),
    ],
)
def test_html_is_its_words(sent, kept):
    assert fold_html(sent) == fold_html(kept)


@pytest.mark.parametrize(
    "piece", ["<", "<script>", "<script></style>", "</script ", "<a ", "<style", "&", "<iframe></script>"]
)
def test_html_that_is_made_to_take_long_takes_no_longer(piece):
    """Half a megabyte of what a search would begin anew at each of its places."""
    began = time.thread_time()
    fold_html(piece * (500_000 // len(piece)))
    assert time.thread_time() - began < 2


def test_other_words_are_another_text():
    assert fold_html("<p>Nożyce</p>") != fold_html("<p>Sekator</p>")


def test_names_are_compared_without_case_and_diacritics():
    assert fold("Żarówka  ŁÓDŹ") == fold("zarowka lodz")


def test_units_are_the_same_with_and_without_a_dot():
    assert fold_unit("Szt.") == fold_unit("szt")


@pytest.mark.parametrize(("code", "good"), [("5901234123457", True), ("5901234123458", False), ("123", False)])
def test_ean_check_digit(code, good):
    assert ean_valid(code) is good

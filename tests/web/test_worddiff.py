"""Which words are marked as changed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.worddiff import Piece, word_diff


def _marked(old: str, new: str) -> str:
    signs = {"same": "{}", "old": "[-{}-]", "new": "[+{}+]", "skip": "<{}>"}
    return "".join(signs[piece.mark].format(piece.text) for piece in word_diff(old, new))


def test_an_added_word_alone_is_marked() -> None:
    assert _marked("Sekator tytanowy 21 cm", "Sekator ręczny tytanowy 21 cm") == "Sekator[+ ręczny+] tytanowy 21 cm"


def test_a_changed_phrase_is_one_mark_not_one_per_word() -> None:
    assert (
        _marked("Worek 50 l do kwiatów", "Podłoże w worku 50 l do kwiatów")
        == "[-Worek-][+Podłoże w worku+] 50 l do kwiatów"
    )


def test_texts_with_little_in_common_are_shown_whole() -> None:
    assert _marked("Grabie", "Taczka ogrodowa 100 l") == "[-Grabie-][+Taczka ogrodowa 100 l+]"


def test_empty_sides_are_only_old_or_only_new() -> None:
    assert word_diff("", "nowy") == [Piece("new", "nowy")]
    assert word_diff("stary", "") == [Piece("old", "stary")]
    assert word_diff("", "") == []
    assert word_diff("bez zmian", "bez zmian") == [Piece("same", "bez zmian")]


def test_a_long_unchanged_stretch_is_counted_instead_of_shown() -> None:
    middle = "słowo " * 100
    pieces = word_diff(f"Początek {middle}koniec", f"Start {middle}kres")
    skipped = [piece for piece in pieces if piece.mark == "skip"]
    assert len(skipped) == 1
    shown = sum(len(piece.text) for piece in pieces if piece.mark == "same")
    assert int(skipped[0].text) + shown == len(middle) + 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_new_text_is_what_is_left_without_the_struck_out_pieces(old: str, new: str) -> None:
    pieces = word_diff(old, new, context=10_000)
    assert "".join(p.text for p in pieces if p.mark in ("same", "new")) == new
    assert "".join(p.text for p in pieces if p.mark in ("same", "old")) == old


@pytest.mark.parametrize("piece", ["\n", "! ", "a\n", "<br>\n"])
def test_a_text_of_equal_words_is_not_compared_for_ever(piece: str) -> None:
    """As a shop may hold it, and a page would show it."""
    for length in (1_900, 100_000):
        old, new = piece * length, piece * (length - 1) + "end"
        began = time.thread_time()
        assert word_diff(old, new)
        assert time.thread_time() - began < 5

"""Which new cards look like variants of one product."""

from syncjobs.engine.variants import look_alikes


def test_sizes_and_colours_of_one_thing_look_alike() -> None:
    cards = [
        ("BLU-CZ-L", "Bluza polarowa czarna L"),
        ("BLU-CZ-M", "Bluza polarowa czarna M"),
        ("blu-cz-s", "Bluza Polarowa czarna S"),
        ("REK/8", "Rękawice robocze 8"),
        ("REK/9", "Rękawice robocze 9"),
    ]
    assert look_alikes(cards) == [["BLU-CZ-L", "BLU-CZ-M", "blu-cz-s"], ["REK/8", "REK/9"]]


def test_different_things_with_codes_of_one_series_do_not() -> None:
    cards = [
        ("NAR-001", "Taczka ogrodowa 100 l"),
        ("NAR-002", "Grabie do liści"),
        ("NAR-003", "Taczka"),
        ("SOLO", "Grabie wachlarzowe małe"),
    ]
    assert look_alikes(cards) == []

"""Made-up goods by number: the same number is the same article on both sides, whoever asks."""

from functools import cache

from integrator.canonical.text import fold

THINGS = (
    "Taczka ogrodowa", "Wąż zbrojony", "Nawóz do iglaków", "Donica terakota", "Sekator tytanowy", "Grabie wachlarzowe",
    "Konewka ocynkowana", "Kosiarka elektryczna", "Ziemia uniwersalna", "Leżak drewniany", "Rynna PCV", "Opryskiwacz",
    "Żarówka LED", "Wkrętarka akumulatorowa", "Śruba nierdzewna",
    "Farba lateksowa", "Łańcuch do piły", "Rękawice robocze",
    "Kątownik stalowy", "Pędzel płaski", "Zestaw kluczy", "Drabina aluminiowa", "Kabel miedziany", "Zawór kulowy",
    "Uszczelka gumowa", "Szlifierka kątowa", "Piła tarczowa", "Lampa zewnętrzna", "Kłódka hartowana",
    "Ścierka z mikrofibry",
)  # fmt: skip
SORTS = (
    "czarna", "biała", "zielona", "szara", "brązowa", "żółta", "mała", "duża", "wzmocniona", "składana", "ocynk",
    "premium", "eko", "profesjonalna", "domowa", "zimowa", "letnia", "mocna", "lekka", "podwójna", "regulowana",
    "antypoślizgowa", "bezprzewodowa",
)  # fmt: skip
UNITS = ("cm", "mm", "l", "kg", "szt.", "W", "m")
SIZES = tuple(
    f"{size} {unit}" for unit in ("cm", "mm", "l", "kg", "szt.", "W", "m") for size in (1, 2, 5, 10, 16, 25, 50, 100)
)
SCRAMBLE = 2654435761


def mixed(number: int) -> int:
    """A number that follows from the given one and looks like chance."""
    value = (number * SCRAMBLE) & 0xFFFFFFFF
    return value ^ (value >> 15)


@cache
def _named(thing: int, sort: int, size: int) -> tuple[str, str]:
    name = f"{THINGS[thing]} {SORTS[sort]} {SIZES[size]}"
    return name, fold(name)


def name_of(number: int) -> tuple[str, str]:
    """Name of an article, and the same folded."""
    chance = mixed(number)
    plain, folded = _named(chance % len(THINGS), (chance >> 8) % len(SORTS), (chance >> 16) % len(SIZES))
    return f"{plain} {number}", f"{folded} {number}"


def code_of(number: int) -> str:
    return f"T{mixed(number) % 90 + 10}-{number:07d}"


def ean_of(number: int) -> str:
    """A valid EAN-13 of Poland's range."""
    first = f"590{number:09d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(first))
    return f"{first}{(10 - weighted % 10) % 10}"


def price_of(number: int) -> int:
    """In grosze."""
    return 199 + mixed(number + 7) % 90_000

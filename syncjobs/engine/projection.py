"""What a value becomes on the other side, and whether two values are the same there.

A projection has a direction: the source's value is cut, rounded and cleaned as the destination declares, and only then
compared. Otherwise a shop that cuts names or rounds prices would get the same update every night.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from integrator.canonical.capabilities import FieldSpec
from integrator.canonical.problems import Code
from integrator.canonical.records import FieldValue, Problem, plain_number, problem
from integrator.canonical.rounding import floor_places, floor_whole, to_places
from integrator.canonical.text import clean, ean_valid, fold_html

NUMBERS = frozenset({"price", "quantity", "weight", "percent", "position"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """A value in the destination's terms, or why there is none."""

    value: FieldValue = None
    problem: Problem | None = None


def project(name: str, value: FieldValue, spec: FieldSpec) -> Projected:
    """The value as the destination would keep it. Problems: required but empty, too long, refused characters, an EAN
    with a wrong digit, a number that is none (a person may have typed it)."""
    if value in (None, "", []):
        if spec.required:
            return Projected(problem=problem(Code.REQUIRED_EMPTY, field=name))
        return Projected(value=value)
    if name in NUMBERS:
        number = _number(name, value, spec)
        if number is None:
            return Projected(problem=problem(Code.FIELD_UNREADABLE, field=name, value=value))
        return Projected(value=plain_number(number))
    if isinstance(value, str):
        return _text(name, value, spec)
    return Projected(value=value)


def _number(name: str, value: FieldValue, spec: FieldSpec) -> Decimal | None:
    """Whole numbers and quantities are floored: rounding up would sell what is not there."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    if spec.whole:
        return floor_whole(number)
    if spec.decimals is None:
        return number
    return floor_places(number, spec.decimals) if name == "quantity" else to_places(number, spec.decimals)


def _text(name: str, value: str, spec: FieldSpec) -> Projected:
    text = clean(value)
    if name == "ean" and not ean_valid(text):
        return Projected(problem=problem(Code.EAN_INVALID, field=name, value=text))
    strange = "".join(dict.fromkeys(character for character in text if character in spec.refused))
    if strange:
        return Projected(problem=problem(Code.CHARACTERS_REFUSED, field=name, value=strange))
    if spec.max_length is not None and len(text) > spec.max_length:
        if spec.overlong == "block":
            return Projected(problem=problem(Code.TOO_LONG, field=name, limit=spec.max_length, length=len(text)))
        text = text[: spec.max_length].rstrip()
    return Projected(value=text)


def same(name: str, left: FieldValue, right: FieldValue, spec: FieldSpec | None = None) -> bool:
    """Whether two values of a field are one value: numbers by amount, HTML by its words, empty and none alike."""
    if left == right or (left in (None, "", []) and right in (None, "", [])):
        return True
    if left is None or right is None:
        return False
    if name in NUMBERS:
        try:
            return Decimal(str(left)) == Decimal(str(right))
        except InvalidOperation:
            return False
    if spec is not None and spec.html and isinstance(left, str) and isinstance(right, str):
        return fold_html(left) == fold_html(right)
    return False

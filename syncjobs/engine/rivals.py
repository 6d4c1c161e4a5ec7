"""Somebody else who writes the same field: our value, another value, our value, again and again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from integrator.canonical.records import FieldValue

ENOUGH = 3
"""So many times was our value found overwritten before we stop writing it again and ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write of ours to a field: what stood there and what was written. The last may be planned only."""

    old: FieldValue
    new: FieldValue
    by_person: bool = False
    """A person decided this very value: whoever changes it back is answered by a person again."""


def rounds(history: Sequence[Write], *, only_raised: bool = False) -> int:
    """How often in a row, up to the last entry, we found something else than we had written and wrote the same again.
    `history`: oldest first. `only_raised`: a number that fell is no sign of a rival (a shop sells from its stock)."""
    found = 0
    for before, after in zip(history[-2::-1], history[:0:-1], strict=False):
        if before.by_person or after.by_person or _same(after.old, before.new) or not _same(after.new, before.new):
            break
        if only_raised and not _raised(before.new, after.old):
            break
        found += 1
    return found


def _same(one: FieldValue, other: FieldValue) -> bool:
    left, right = _number(one), _number(other)
    return left == right if left is not None and right is not None else one == other


def _raised(ours: FieldValue, found: FieldValue) -> bool:
    left, right = _number(ours), _number(found)
    return left is not None and right is not None and right > left


def _number(value: FieldValue) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None

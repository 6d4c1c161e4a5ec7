"""A short stable hash of a record, taken before any re-keying, never from JSON that was read back."""

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any, get_args, get_type_hints

from integrator.canonical.records import plain_number


def fingerprint(record: Any) -> str:
    """32 hex characters. Every attribute counts, so a changed warehouse quantity or alias is a change too."""
    return blake2b(repr(_plain(record)).encode(), digest_size=16).hexdigest()


def digest(*parts: object) -> str:
    """32 hex characters of plain values: texts, numbers, tuples and lists of such."""
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    """Values whose `repr` tells them apart and is quick: of records a tuple, of Decimals a text without zeros at its
    end."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return b"%b" % plain_number(value).encode()
    if isinstance(value, tuple | list):
        return tuple(_plain(part) for part in value)
    values, others = _shape(type(value))  # type: ignore[arg-type]
    found = list(values(value))
    for place in others:
        found[place] = _plain(found[place])
    return (type(value).__name__, *found)


@cache
def _shape(record_type: type) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[int, ...]]:
    """What reads all attributes at once, and the places of those that are more than texts, flags and whole numbers."""
    hints = get_type_hints(record_type)
    names = [field.name for field in dataclasses.fields(record_type)]
    others = tuple(place for place, name in enumerate(names) if not _is_plain(hints[name]))
    if len(names) == 1:
        return lambda record: (getattr(record, names[0]),), others
    return attrgetter(*names), others


def _is_plain(hint: Any) -> bool:
    parts = [part for part in get_args(hint) if part is not Ellipsis]
    return all(map(_is_plain, parts)) if parts else hint in (str, bool, int, type(None))

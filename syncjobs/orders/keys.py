"""The number under which WAPRO knows a shop's order: a prefix of the connection and the shop's own immutable id. Pure.

It fits NR_ZAMOWIENIA_KLIENTA (30 characters), is the same for ever, and two shops of one database never share one.
"""

import base64
import re
from collections.abc import Collection
from uuid import UUID

from integrator.canonical.records import Key
from integrator.canonical.text import fold

LENGTH = 30
PREFIX_LENGTH = 4
_PREFIX = re.compile(r"[A-Z0-9]{4}")
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
_ROOM = LENGTH - PREFIX_LENGTH - 1


class KeyTooLong(ValueError):
    """The shop's id of the order does not fit behind the prefix."""


def valid_prefix(prefix: str) -> bool:
    return bool(_PREFIX.fullmatch(prefix))


def suggested_prefix(name: str, taken: Collection[str]) -> str:
    """Four capitals of the connection's name; a number at the end where another connection has them already."""
    letters = re.sub(r"[^A-Z0-9]", "", fold(name).upper())
    first = (letters + "SHOP")[:PREFIX_LENGTH]
    if first not in taken:
        return first
    for number in range(1, 1000):
        text = str(number)
        candidate = first[: PREFIX_LENGTH - len(text)] + text
        if candidate not in taken:
            return candidate
    raise ValueError("every prefix of this name is taken")


def order_number(prefix: str, key: Key) -> str:
    """`SHOP-10234`; a UUID is written in base32 and without the dash, so that its 36 characters fit in 26. Raises
    ValueError for a prefix that is none, KeyTooLong for an id that cannot be kept whole: one that is cut could be
    another order's."""
    if not valid_prefix(prefix):
        raise ValueError(f"{prefix!r} is no prefix of four capitals and digits")
    uuid = _uuid(key)
    if uuid is not None:
        return prefix + base64.b32encode(uuid.bytes).decode().rstrip("=")
    if len(key) > _ROOM or not _PLAIN.fullmatch(key):
        raise KeyTooLong(key)
    return f"{prefix}-{key}"


def next_number(number: str) -> str:
    """The number of an order that is imported once more while WAPRO keeps the earlier one: `SHOP-10234/2`. No shop's id
    has a slash. Raises KeyTooLong."""
    first, _, times = number.partition("/")
    made = f"{first}/{int(times or 1) + 1}"
    if len(made) > LENGTH:
        raise KeyTooLong(made)
    return made


def _uuid(key: Key) -> UUID | None:
    try:
        return UUID(key) if len(key) >= 32 else None
    except ValueError:
        return None

"""A short stable hash of a record, taken before any re-keying, never from JSON that was read back."""

import dataclasses
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from integrator.canonical.records import plain_number


def fingerprint(record: Any) -> str:
    """32 hex characters. Every attribute counts, so a changed warehouse quantity or alias is a change too."""
    return blake2b(_text(record).encode(), digest_size=16).hexdigest()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return f"{len(value)}:{value}"
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, Decimal):
        return "d" + plain_number(value)
    if isinstance(value, int):
        return "i" + str(value)
    if isinstance(value, tuple | list):
        return "[" + ",".join(_text(part) for part in value) + "]"
    names = [f.name for f in dataclasses.fields(value)]
    return type(value).__name__ + "(" + ",".join(_text(getattr(value, name)) for name in names) + ")"

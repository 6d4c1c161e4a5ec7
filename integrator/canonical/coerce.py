"""Loose values of JSON and SQL made into Python. Each raises MappingError(field, value) with the name it was given."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from integrator.canonical.errors import MappingError
from integrator.canonical.problems import Code
from integrator.canonical.text import clean

_LONGEST = 100
"""Characters of a number."""
_MOST_DIGITS = 20
"""Before the comma: `1e999999999` is a number of a gigabyte once it is written out."""
_UNKEYED = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""What no database takes in a key, and no system gives to one."""
_TRUE = (True, 1, "1", "true", "True")
_FALSE = (False, 0, "0", "", "false", "False", None)


def required(raw: Mapping[str, Any], name: str) -> Any:
    if name not in raw or raw[name] is None:
        raise MappingError(name, None, code=Code.FIELD_MISSING)
    return raw[name]


def text(raw: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """Cleaned text; numbers become text. Without a default the field must be there."""
    value = raw.get(name)
    if value is None or value is False:
        if default is None:
            raise MappingError(name, value, code=Code.FIELD_MISSING)
        return default
    if isinstance(value, str | int | Decimal):
        return clean(str(value))
    raise MappingError(name, value)


def key(raw: Mapping[str, Any], name: str) -> str:
    """An id: never empty, `17`, `"17"` and Decimal("17") are one key."""
    value = required(raw, name)
    if isinstance(value, Decimal | float):
        number = _number(value)
        if number is not None and number == int(number):
            value = int(number)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise MappingError(name, value)
    found = str(value).strip()
    if not found or _UNKEYED.search(found):
        raise MappingError(name, value)
    return found


def _number(value: object) -> Decimal | None:
    """None for what is no finite number of a size that things are counted in."""
    shown = str(value).strip()
    if len(shown) > _LONGEST:
        return None
    try:
        number = Decimal(shown)
    except InvalidOperation:
        return None
    return number if number.is_finite() and -_LONGEST <= number.adjusted() <= _MOST_DIGITS else None


def optional_key(raw: Mapping[str, Any], name: str) -> str | None:
    """An id that may be absent; 0 and "" mean none (Shoper and WAPRO both write 0)."""
    value = raw.get(name)
    if value in (None, "", 0, "0", False):
        return None
    return key(raw, name)


def decimal(raw: Mapping[str, Any], name: str, default: Decimal | None = None) -> Decimal:
    """A plain decimal number. A comma is refused: a guess at it could move the price a thousandfold."""
    value = raw.get(name)
    if value is None or value == "":
        if default is None:
            raise MappingError(name, value, code=Code.FIELD_MISSING)
        return default
    number = None if isinstance(value, bool) else _number(value)
    if number is None:
        raise MappingError(name, value)
    return number


def flag(raw: Mapping[str, Any], name: str, default: bool = False) -> bool:
    if name not in raw:
        return default
    value = raw[name]
    if isinstance(value, list | dict):
        raise MappingError(name, value)
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise MappingError(name, value)


def mapping(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object; PHP sends an empty one as `[]`, and absent, null and false mean empty too."""
    value = raw.get(name)
    if value in (None, False, "") or value == []:
        return {}
    if isinstance(value, Mapping):
        return value
    raise MappingError(name, value)


def moment(raw: Mapping[str, Any], name: str, zone: ZoneInfo) -> datetime | None:
    """A naive local `YYYY-MM-DD HH:MM:SS` of the given zone as aware UTC; zero dates and empty are None."""
    value = raw.get(name)
    if value in (None, "", False) or str(value).startswith("0000-00-00"):
        return None
    try:
        parsed = datetime.fromisoformat(str(value))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter at both ends of the calendar
        raise MappingError(name, value) from None

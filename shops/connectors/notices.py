"""Answers among which PHP printed notices: hosts that show errors put them before or after what was asked for."""

import json
import re
from decimal import Decimal
from typing import Any

from integrator.canonical.records import keepable

_PAGE = re.compile(r"<(?:!doctype|html|head|body|script)\b", re.IGNORECASE)


def _refuse(name: str) -> Any:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


def json_at(text: str, start: int = 0) -> Any:
    """The JSON that begins at `start`, fractions as Decimal, where nothing or markup follows it.

    Markup is cut off only after JSON that begins the answer or a line of it, and no page: what stands in the script of
    a page of HTML is no answer. Raises ValueError (also for bytes that were no UTF-8), RecursionError.
    """
    value, end = _DECODER.raw_decode(text, start)
    text[start:end].encode()
    rest, before = text[end:].lstrip(), text[:start]
    if not rest:
        return value
    begins = not before.strip() or before.endswith("\n")
    if not rest.startswith("<") or not begins or _PAGE.search(before):
        raise ValueError("more than JSON")
    return value


def excerpt_of(raw: Any) -> str:
    """The beginning of a row that could not be read, for people. Never fails, whatever the row is."""
    try:
        return keepable(json.dumps(raw, ensure_ascii=False, default=str)[:500])
    except (ValueError, RecursionError):  # a number of thousands of digits, a row of a thousand levels
        return ""

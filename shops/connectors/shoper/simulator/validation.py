"""Reading of what a client sends: loose numbers and flags, EAN check digits, texts by language."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from shops.connectors.shoper.simulator.errors import Findings
from shops.connectors.shoper.simulator.html import sanitised

NAME_LIMIT = 255
HTML_FIELDS = frozenset({"description", "short_description", "description_bottom"})
FLAG_FIELDS = frozenset({"active", "main_page"})


def check_digit(digits: str) -> int:
    """The digit that completes an EAN-8, UPC-12, EAN-13 or GTIN-14 without its last digit."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -weighted % 10


def ean13(number: int) -> str:
    """A valid EAN-13 from its first twelve digits."""
    digits = f"{number:012d}"
    return digits + str(check_digit(digits))


def ean_is_valid(ean: str) -> bool:
    return not ean or (re.fullmatch(r"\d{8}|\d{12,14}", ean) is not None and check_digit(ean[:-1]) == int(ean[-1]))


def number(findings: Findings, name: str, value: Any, *, least: int | None = 0) -> Decimal | None:
    """A number as JSON gives it, None (with a finding) when it is none: "12,50" is none."""
    try:
        found = Decimal(str(value)) if not isinstance(value, bool) else Decimal(int(value))
    except InvalidOperation:
        findings.field(name, "Wartość nie jest liczbą")
        return None
    if not found.is_finite() or (least is not None and found < least):
        findings.field(name, "Wartość poza zakresem")
        return None
    return found


def whole(value: Any) -> int | None:
    """An id as JSON gives it: 16, "16"; None when it is none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def flag(value: Any) -> str:
    return "0" if value in (0, "0", False, None, "") else "1"


def clean_text(name: str, value: Any) -> str:
    """A text as the shop stores it: flags as "0"/"1", HTML without what it forbids."""
    if name in FLAG_FIELDS:
        return flag(value)
    text = "" if value is None else str(value)
    return sanitised(text) if name in HTML_FIELDS else text


def translations(findings: Findings, body: Mapping[str, Any], locales: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The texts of a write by locale; an empty list stands for none, as PHP writes empty maps."""
    given = body.get("translations") or {}
    if not isinstance(given, dict):
        findings.field("translations", "Nieprawidłowa wartość")
        return {}
    found = {}
    for locale, texts in given.items():
        if locale not in locales:
            findings.field("translations", f"Nieznany język '{locale}'")
        elif isinstance(texts, dict):
            found[locale] = texts
            if len(str(texts.get("name") or "")) > NAME_LIMIT:
                findings.field(f"translations.{locale}.name", f"Maksymalna długość to {NAME_LIMIT} znaków")
    return found

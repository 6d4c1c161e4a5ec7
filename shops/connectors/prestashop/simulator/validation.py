"""Which values the shop takes, by the formats that its synopsis names."""

import re

from shops.connectors.prestashop.simulator.fields import Field
from shops.connectors.prestashop.simulator.versions import Version

_WHOLE = r"-?\d+"
_PATTERNS = {
    "isUnsignedId": r"\d+",
    "isUnsignedInt": r"\d+",
    "isInt": _WHOLE,
    "isBool": r"[01]",
    "isPrice": r"\d{1,10}(\.\d{1,9})?",
    "isNegativePrice": r"-?\d{1,10}(\.\d{1,9})?",
    "isFloat": r"-?\d+(\.\d+)?",
    "isUnsignedFloat": r"\d+(\.\d+)?",
    "isReference": r"[^<>;={}]*",
    "isEan13": r"\d{0,13}",
    "isUpc": r"\d{0,12}",
    "isIsbn": r"[0-9-]{0,32}",
    "isMpn": r".{0,40}",
    "isGenericName": r"[^<>={}]*",
    "isLinkRewrite": r"[_a-zA-Z0-9-]+",
    "isColor": r"#[0-9a-fA-F]{3,6}|[a-z]+",
    "isProductVisibility": r"both|catalog|search|none",
    "isReductionType": r"amount|percentage",
    "isTrackingNumber": r"[~:,%&_=()\[\].? +\-@/a-zA-Z0-9]*",
    "isDate": r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?",
    "isDateFormat": r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?",
}
_UNCLEAN = re.compile(r"<\s*/?\s*(script|i?frame|form|input|embed|object)\b|\bon\w+\s*=|javascript\s*:", re.IGNORECASE)


def acceptable(field: Field, text: str, version: Version) -> bool:
    """Whether a text may be stored. Empty is fine unless the field is required."""
    if text == "":
        return not field.required
    if field.format == "isCleanHtml":
        return not _UNCLEAN.search(text)
    if field.format == "isCatalogName":
        return not any(character in version.name_characters for character in text)
    pattern = _PATTERNS.get(field.format)
    return pattern is None or re.fullmatch(pattern, text, re.DOTALL) is not None


def finding(model: str, field: Field, text: str, version: Version) -> str | None:
    """What is wrong with a text, in the shop's words; None when nothing is."""
    if field.size and len(text) > field.size:
        told = f"Property {model}->{field.name} length ({len(text)}) must be between 0 and {field.size}"
    elif not acceptable(field, text, version):
        told = f"Property {model}->{field.name} is not valid" if text else f"Property {model}->{field.name} is empty"
    else:
        return None
    return f'Validation error: "{told}"'

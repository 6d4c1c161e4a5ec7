"""How PHP and WooCommerce's setters read values that no schema has checked."""

import html
import re
import unicodedata
from typing import Any

_KEPT = "a b br code del div em h1 h2 h3 h4 h5 h6 hr i img li ol p pre small span strong sub sup table td th tr u ul"
_TAG = re.compile(rf"(</?(?:{_KEPT.replace(' ', '|')})\b[^>]*>)", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_OCTET = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_BLOCK = re.compile(r"^<(?:div|h[1-6]|hr|li|ol|p|pre|table|ul)\b", re.IGNORECASE)
_UNSAFE_ATTRIBUTE = re.compile(r"""\s+(?:on\w+|style)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_LETTERS = str.maketrans("łŁøØđĐ", "lLoOdD", "")


def integer(value: Any) -> int:
    """`(int)`: the digits that a text begins with, the whole part of a number, 0 for anything else."""
    if isinstance(value, bool | int | float):
        return int(value)
    if isinstance(value, str):
        found = re.match(r"\s*[+-]?\d+", value)
        return int(found[0]) if found else 0
    return 1 if value else 0


def boolean(value: Any) -> bool:
    """`wc_string_to_bool`."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() in ("yes", "true", "1"))


def text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, dict | list):
        return "Array"
    return "1" if value is True else str(value)


def decimal(value: Any) -> str:
    """`wc_format_decimal` on a shop that writes a comma: 12,50 is 12.50, 1e3 is 13, abc is nothing."""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, dict | list):
        return "Array"
    return re.sub(r"\.(?![^.]+$)|[^0-9.-]", "", text(value).replace(",", "."))


def escaped(value: Any) -> str:
    """A name as it is kept: `&` and bare `<` as entities, harmless tags as they are."""
    parts = _TAG.split(text(value).strip())
    return "".join(
        part if place % 2 else html.escape(html.unescape(part), quote=False) for place, part in enumerate(parts)
    )


def cleaned(value: Any) -> str:
    """A plain text field such as a SKU: tags and `%20` and the like gone, single spaces, a bare `<` as an entity."""
    plain = _OCTET.sub("", re.sub(r"<[^>\s][^>]*>", "", text(value)))
    return " ".join(plain.split()).replace("<", "&lt;")


def safe_html(value: Any) -> str:
    """A description as it is kept: script and iframe tags are removed (their text stays), so are event attributes."""
    kept = _ANY_TAG.sub(lambda tag: tag[0] if _TAG.fullmatch(tag[0]) else "", text(value))
    return _UNSAFE_ATTRIBUTE.sub("", kept)


def paragraphs(value: str) -> str:
    """`wpautop`: blocks of text become paragraphs, single line ends become breaks."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", value.replace("\r\n", "\n")) if block.strip()]
    made = [block if _BLOCK.match(block) else "<p>" + block.replace("\n", "<br />\n") + "</p>" for block in blocks]
    return "".join(f"{block}\n" for block in made)


def _ascii(value: str) -> str:
    """Polish letters without their marks."""
    return unicodedata.normalize("NFKD", value.translate(_LETTERS)).encode("ascii", "ignore").decode()


def file_name(value: str) -> str:
    """`sanitize_file_name`."""
    return re.sub(r"[^\w.-]+", "-", _ascii(value.rpartition("/")[2])).strip("-.")


def slug(value: Any) -> str:
    """`sanitize_title`."""
    plain = _ascii(html.unescape(_ANY_TAG.sub("", text(value)))).lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain.replace(".", "-")).strip("-")

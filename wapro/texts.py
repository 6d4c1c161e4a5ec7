"""Texts on their way into WAPRO's columns. Pure."""

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import FieldValue
from integrator.canonical.text import clean

CODE_PAGE = "cp1250"
"""Texts are `varchar`: a character outside the server's code page would silently become a question mark."""


def fitting(name: str, value: FieldValue, limit: int) -> str:
    """The text, when it fits the column and the code page. Raises Rejected(TOO_LONG), Rejected(REJECTED)."""
    text = clean(str(value or ""))
    if len(text) > limit:
        raise Rejected(Code.TOO_LONG, field=name, limit=limit, length=len(text), system="WAPRO Mag")
    strange = "".join(sorted({character for character in text if not _in_code_page(character)}))
    if strange:
        raise Rejected(field=name, message=f"{strange} ({CODE_PAGE})")
    return text


def _in_code_page(character: str) -> bool:
    try:
        character.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True

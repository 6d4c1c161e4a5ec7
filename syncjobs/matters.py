"""One thing that waits for a person, as homes and alerts tell it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrator.accounts.models import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One thing that waits for a person."""

    sort: str
    tone: str
    icon: str
    word: str
    title: str
    detail: str = ""
    side: Any = None
    since: datetime | None = None
    url: str = ""
    action: str = ""
    count: int = 1
    brief: str = ""
    """The matter in two or three words, for the firm's table."""
    about: str = ""
    """What of its side it is about (a kind, a sort of orders): with sort and side it is the same matter tomorrow."""
    opens: str = Role.VIEWER
    """The role that the page asks for."""
    acts: str = Role.OPERATOR
    """The role that can do there what `action` says; others would stand before a page that they can only read."""

"""A form sent by somebody whose session has ended: what was typed goes through the sign-in and comes back.

It travels in the sign-in page itself, encrypted and signed, so nothing is stored for strangers. Passwords, keys and
files do not travel. Where the session tells whose it was, only that person gets it back.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from integrator.accounts.models import User
from integrator.crypto import box

FIELD = "kept"
"""Name of the hidden field."""
LARGEST = 256 * 1024
"""Characters of all names and values together."""
MOST = 2000
KEPT_FOR = 3600
"""Seconds."""
_NOT_KEPT = re.compile(r"(?i)passw|secret|credential|token|api[_-]?key|private[_-]?key")


@dataclass(frozen=True, slots=True)
class Kept:
    """What was sent where. `left_out`: names of fields that did not travel."""

    path: str
    fields: Sequence[tuple[str, str]]
    left_out: Sequence[str] = ()
    owner: str = ""
    """Key of the user whose session it was, empty when that is not known."""

    def is_for(self, user: User) -> bool:
        return self.owner in ("", str(user.pk))


def typed(request: HttpRequest, *, with_secrets: bool = False, owner: str | None = None) -> Kept | None:
    """What this request was sent with, None where there is nothing to keep or too much of it. With secrets: only for
    a form that its sender's own session unseals and that is in no page."""
    fields, left_out = _sent(request, with_secrets)
    if not fields or _is_too_large(fields):
        return None
    return Kept(request.get_full_path(), fields, left_out, _owner(request) if owner is None else owner)


def is_too_large(request: HttpRequest) -> bool:
    """Whether this request was sent with more than can be kept."""
    return _is_too_large(_sent(request, with_secrets=True)[0])


def _is_too_large(fields: Sequence[tuple[str, str]]) -> bool:
    return len(fields) > MOST or sum(len(name) + len(value) for name, value in fields) > LARGEST


def _sent(request: HttpRequest, with_secrets: bool) -> tuple[list[tuple[str, str]], list[str]]:
    fields, left_out = [], [str(name) for name in request.FILES]
    for name, values in request.POST.lists():
        if name == "csrfmiddlewaretoken":
            continue
        if _NOT_KEPT.search(name) and not with_secrets:
            left_out += [name] if any(values) else []
        else:
            fields += [(name, str(value)) for value in values]
    return fields, left_out


def _owner(request: HttpRequest) -> str:
    """The session may have run out and still be there; one that was ended is gone."""
    row = Session.objects.filter(session_key=request.session.session_key or _cookie(request)).first()
    return str(row.get_decoded().get(SESSION_KEY, "")) if row is not None else ""


def _cookie(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def sealed(kept: Kept, purpose: str = "sign-in") -> str:
    data = [purpose, kept.path, list(kept.fields), list(kept.left_out), kept.owner]
    return box().encrypt(json.dumps(data).encode()).decode("ascii")


def opened(text: str, purpose: str = "sign-in") -> Kept | None:
    """None when it was not sealed here for this purpose, or too long ago."""
    if not text or len(text) > 4 * LARGEST:
        return None
    try:
        data: list[Any] = json.loads(box().decrypt(text.encode("ascii", "replace"), ttl=KEPT_FOR))
    except InvalidToken:
        return None
    if data[0] != purpose:
        return None
    _purpose, path, fields, left_out, owner = data
    return Kept(path, [(name, value) for name, value in fields], left_out, owner)

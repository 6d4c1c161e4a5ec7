"""Open sessions of a person: which there are, ending them, and how long one lasts.

A session ends after `SESSION_IDLE_SECONDS` without a page being opened, `SESSION_LIFETIME_SECONDS` after signing in,
when the person or an administrator ends it, and when the password changes, an app or the first passkey is set up (all
others).
"""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from integrator.accounts.brake import address_of
from integrator.accounts.models import SignIn, User

ROW = "sign_in"
SEEN = "seen_at"
OPENED = "opened_at"
CONFIRMED = "confirmed_at"
"""Names within the session; moments in whole seconds since the epoch."""
STEP = 60
"""Seconds between two notes of a session being used."""


@dataclass(frozen=True, slots=True)
class Open:
    """One line of the list of sessions."""

    pk: int
    device: str
    address: str
    opened_at: datetime
    seen_at: datetime
    is_here: bool


class SessionAgeMiddleware:
    """A session that was left alone, or is too old, signs nobody in any more.

    It is left in its table until retention takes it away: a form that is sent with it is known to be its owner's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            now = int(time.time())
            if _is_over(request.session, now):
                request.user = AnonymousUser()
            elif _is_activity(request) and now - request.session.get(SEEN, 0) >= STEP:
                _note(request, request.user, now)
        return self.get_response(request)


def _is_over(session: Any, now: int) -> bool:
    idle = now - session.get(SEEN, now) > settings.SESSION_IDLE_SECONDS
    return idle or now - session.get(OPENED, now) > settings.SESSION_LIFETIME_SECONDS


def _is_activity(request: HttpRequest) -> bool:
    """A part of a page that renews itself is not its reader's doing."""
    return request.method != "GET" or not request.headers.get("HX-Request")


@receiver(user_logged_in)
def opened(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A session begins. Signing in has confirmed who it is."""
    now = int(time.time())
    request.session[OPENED] = request.session[CONFIRMED] = now
    request.session.pop(ROW, None)
    SignIn.objects.filter(user=user, seen_at__lt=_oldest()).delete()
    _note(request, user, now)


def _note(request: HttpRequest, user: User, now: int) -> None:
    """Write down that the session is used. One that was opened by an older version gets its line here."""
    session = request.session
    session.setdefault(OPENED, now)
    session[SEEN] = now
    seen = {"key": session.session_key or "", "address": address_of(request), "seen_at": timezone.now()}
    if not SignIn.objects.filter(pk=session.get(ROW, 0), user=user).update(**seen):
        device = request.META.get("HTTP_USER_AGENT", "")[:300]
        session[ROW] = SignIn.objects.create(user=user, device=device, opened_at=timezone.now(), **seen).pk


def _oldest() -> datetime:
    return timezone.now() - timedelta(seconds=settings.SESSION_IDLE_SECONDS)


def open_of(user: User, request: HttpRequest) -> list[Open]:
    """The person's open sessions, the one of this request first."""
    here = request.session.get(ROW)
    rows = list(SignIn.objects.filter(user=user, seen_at__gte=_oldest())[:50])
    there = set(Session.objects.filter(session_key__in=[one.key for one in rows]).values_list("session_key", flat=True))
    found = [
        Open(one.pk, device_name(one.device), one.address, one.opened_at, one.seen_at, one.pk == here)
        for one in rows
        if one.key in there
    ]
    return sorted(found, key=lambda one: not one.is_here)


def end_one(user: User, pk: int) -> bool:
    """End one session of the person at once; False where there is none."""
    row = SignIn.objects.filter(user=user, pk=pk).first()
    if row is None:
        return False
    Session.objects.filter(session_key=row.key).delete()
    row.delete()
    return True


def end_all(user: User) -> None:
    """End every session of the person: what proves them has changed, or an administrator says so."""
    keys = list(SignIn.objects.filter(user=user).values_list("key", flat=True))
    user.sign_in_mark = secrets.token_hex(12)
    User.objects.filter(pk=user.pk).update(sign_in_mark=user.sign_in_mark)
    Session.objects.filter(session_key__in=keys).delete()
    SignIn.objects.filter(user=user).delete()


def end_others(request: HttpRequest, user: User) -> None:
    """End every session of the person but the one of this request, which goes on under a new key."""
    here = request.session.get(ROW, 0)
    others = SignIn.objects.filter(user=user).exclude(pk=here)
    Session.objects.filter(session_key__in=list(others.values_list("key", flat=True))).delete()
    others.delete()
    user.sign_in_mark = secrets.token_hex(12)
    User.objects.filter(pk=user.pk).update(sign_in_mark=user.sign_in_mark)
    update_session_auth_hash(request, user)
    SignIn.objects.filter(user=user, pk=here).update(key=request.session.session_key or "")


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Macintosh|Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_name(agent: str) -> str:
    """Browser and system of what a browser calls itself: "Firefox, Windows"."""
    names = (next((name for mark, name in marks if re.search(mark, agent)), "") for marks in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, names)) or _("unknown device")

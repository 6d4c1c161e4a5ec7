"""Signing in: the brakes on guessing, the half-way between password and second factor, and where to go afterwards."""

import hashlib
import time

from django import forms
from django.conf import settings
from django.contrib.auth import SESSION_KEY, login
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from integrator.accounts import brake, passkeys
from integrator.accounts.models import User

TRIES = 5
WINDOW = 300
"""Failed tries per address and account within so many seconds."""
TRIES_OF_ADDRESS = 50
"""Tries from one address in that time, whatever the account: nobody tries one password on everybody."""
TRIES_OF_ACCOUNT = 50
"""Tries at one account within an hour from wherever. A device that has signed in before is not held up by strangers."""
AN_HOUR = 3600
CODES = 5
WINDOW_OF_CODES = 900
CODES_A_DAY = 30
A_DAY = 24 * 3600
HALF_WAY = 600
"""Seconds between the password and the second factor."""
DEVICE_COOKIE = "device"
A_YEAR = 365 * 24 * 3600
_HALF = "half_way"


def may_try(request: HttpRequest, email: str) -> bool:
    """Count a try to sign in; False: too many of them. The same for accounts that do not exist."""
    account, address = email.strip().lower(), brake.address_of(request)
    allowed = [
        brake.take("signin", _who(request, email), TRIES, WINDOW),
        brake.take("signin-address", address, TRIES_OF_ADDRESS, WINDOW),
    ]
    if not _is_known_device(request, account):
        allowed.append(brake.take("signin-account", account, TRIES_OF_ACCOUNT, AN_HOUR))
    return all(allowed)


def forget_failures(request: HttpRequest, email: str) -> None:
    brake.forget("signin", _who(request, email))


def may_try_code(user: User) -> bool:
    """Count a code that is tried for a person, from wherever: whoever tries has the password already."""
    who = str(user.pk)
    return all([brake.take("code", who, CODES, WINDOW_OF_CODES), brake.take("code-day", who, CODES_A_DAY, A_DAY)])


def forget_codes(user: User) -> None:
    brake.forget("code", str(user.pk))
    brake.forget("code-day", str(user.pk))


def _who(request: HttpRequest, email: str) -> str:
    return f"{brake.address_of(request)}|{email.strip().lower()}"


def _device_signer() -> Signer:
    return Signer(salt="integrator.accounts.device")


def _device_of(account: str) -> str:
    return hashlib.sha256(account.encode()).hexdigest()[:32]


def _is_known_device(request: HttpRequest, account: str) -> bool:
    try:
        signed = _device_signer().unsign(request.COOKIES.get(DEVICE_COOKIE, ""))
    except BadSignature:
        return False
    return constant_time_compare(signed, _device_of(account))


def remember_device(answer: HttpResponse, user: User) -> HttpResponse:
    """Let the browser prove next time that this person has signed in with it before. It opens nothing."""
    value = _device_signer().sign(_device_of(user.email))
    answer.set_cookie(
        DEVICE_COOKIE, value, max_age=A_YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return answer


def enter(request: HttpRequest, user: User) -> None:
    """Open the person's session, always under a new key: one that was known before, or ran out, is gone."""
    request.session.pop(_HALF, None)
    if SESSION_KEY in request.session:
        request.session.flush()
    request.session.set_expiry(None)
    login(request, user)


def go_half_way(request: HttpRequest, user: User) -> None:
    """The password was right; the second factor is still to come."""
    request.session.flush()
    request.session.set_expiry(HALF_WAY)
    request.session[_HALF] = {"user": user.pk, "at": int(time.time()), "mark": user.get_session_auth_hash()}


def who_is_half_way(request: HttpRequest) -> User | None:
    """The person whose password was right within the last minutes and has not been changed since."""
    half = request.session.get(_HALF)
    if not half or time.time() - half["at"] > HALF_WAY:
        return None
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), half["mark"]):
        return None
    return user


def safe_next(request: HttpRequest, fallback: str) -> str:
    """The address asked for in `next`, if it is one of ours, else `fallback`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # A path from the root: `redirect` takes any other word for the name of a view.
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    if ours and wanted.startswith("/") and wanted.isprintable():
        return wanted
    return fallback


def sign_in_page(
    request: HttpRequest, form: forms.Form, *, target: str, kept: str = "", wrong: str = "", status: int = 200
) -> HttpResponse:
    """The page of signing in. `kept`: a sealed form that waits for it, see `kept_forms`."""
    context = {
        "form": form,
        "next": target,
        "nobody": not User.objects.exists(),
        "kept": kept,
        "wrong": wrong,
        "passkeys": passkeys.offered(request),
    }
    return render(request, "accounts/login.html", context, status=status)

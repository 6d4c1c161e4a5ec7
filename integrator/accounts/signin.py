"""Signing in: the brake on guessing, and where a person may be sent afterwards."""

import hashlib

from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from integrator.accounts.models import User

TRIES = 5
WINDOW = 300
"""Failed tries per address and account within so many seconds."""


def _key(request: HttpRequest, email: str) -> str:
    address = request.META.get("REMOTE_ADDR", "")
    return "signin:" + hashlib.sha256(f"{address}|{email.strip().lower()}".encode()).hexdigest()


def may_try(request: HttpRequest, email: str) -> bool:
    return int(cache.get(_key(request, email), 0)) < TRIES


def note_failure(request: HttpRequest, email: str) -> None:
    """Count a failed try. The window begins with the first one."""
    key = _key(request, email)
    if not cache.add(key, 1, WINDOW):
        cache.incr(key)


def forget_failures(request: HttpRequest, email: str) -> None:
    cache.delete(_key(request, email))


def safe_next(request: HttpRequest, fallback: str) -> str:
    """The address asked for in `next`, if it is one of ours, else `fallback`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return fallback


def sign_in_page(
    request: HttpRequest, form: forms.Form, *, target: str, kept: str = "", status: int = 200
) -> HttpResponse:
    """The page of signing in. `kept`: a sealed form that waits for it, see `kept_forms`."""
    context = {"form": form, "next": target, "nobody": not User.objects.exists(), "kept": kept}
    return render(request, "accounts/login.html", context, status=status)

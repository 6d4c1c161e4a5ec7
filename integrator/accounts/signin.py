"""Signing in: the brake on guessing, and where a person may be sent afterwards."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from integrator.accounts import brake
from integrator.accounts.models import User

TRIES = 5
WINDOW = 300
"""Failed tries per address and account within so many seconds."""


def may_try(request: HttpRequest, email: str) -> bool:
    return brake.may("signin", _who(request, email), TRIES)


def note_failure(request: HttpRequest, email: str) -> None:
    """Count a failed try. The window begins with the first one."""
    brake.note("signin", _who(request, email), WINDOW)


def forget_failures(request: HttpRequest, email: str) -> None:
    brake.forget("signin", _who(request, email))


def _who(request: HttpRequest, email: str) -> str:
    return f"{request.META.get('REMOTE_ADDR', '')}|{email.strip().lower()}"


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

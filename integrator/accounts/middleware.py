"""The signed-in person's language, time zone, and the duty to replace a one-time password."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from integrator.accounts import kept_forms
from integrator.accounts.forms import LoginForm
from integrator.accounts.models import User
from integrator.accounts.signin import sign_in_page


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's rule that every page needs a sign-in; a form sent without one is kept through the sign-in."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        refused = super().process_view(request, view_func, view_args, view_kwargs)
        if refused is None or request.method != "POST":
            return refused
        kept = kept_forms.typed(request)
        if kept is None:
            return refused
        if request.headers.get("HX-Request"):
            # A part of a page: what is typed stays on the screen, and sending the form itself keeps it.
            return render(request, "accounts/session_ended.html")
        return sign_in_page(request, LoginForm(), target=kept.path, kept=kept_forms.sealed(kept))


class UserPreferencesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        language = user.language if isinstance(user, User) else translation.get_language_from_request(request)
        zone = ZoneInfo(user.time_zone) if isinstance(user, User) else timezone.get_default_timezone()
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self._password_first(request) or self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    def _password_first(self, request: HttpRequest) -> HttpResponse | None:
        if not (isinstance(request.user, User) and request.user.password_is_temporary):
            return None
        open_pages = {reverse("password"), reverse("logout"), reverse("preferences")}
        return None if request.path in open_pages else redirect("password")

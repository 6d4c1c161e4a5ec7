"""The signed-in person's language, time zone, and what comes before all else: an own password, a second factor."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from integrator.accounts import kept_forms, kept_pages, second_factor
from integrator.accounts.forms import LoginForm
from integrator.accounts.models import User
from integrator.accounts.signin import sign_in_page


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's rule that every page needs a sign-in; a form sent without one is kept through the sign-in."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        refused = super().process_view(request, view_func, view_args, view_kwargs)
        if refused is None or request.method != "POST":
            return refused
        kept, too_large = kept_forms.typed(request), kept_forms.is_too_large(request)
        if request.headers.get("HX-Request") and (kept or too_large):
            # A part of a page: what is typed stays on the screen, and sending the form itself keeps it or says why not.
            return render(request, "accounts/session_ended.html")
        if too_large:
            return kept_pages.too_large(request, "login")
        if kept is None:
            return refused
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
            # A form is looked at once it is known to come from a page of ours: see `process_view`.
            first = None if request.method == "POST" else self._first_of_all(request)
            response = first or self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        return self._first_of_all(request) if request.method == "POST" else None

    def _first_of_all(self, request: HttpRequest) -> HttpResponse | None:
        """The page that the person has to see to before any other."""
        if not isinstance(request.user, User) or request.path in _open_pages():
            return None
        if request.user.password_is_temporary:
            return self._sent(request, "password")
        if request.path not in _set_up_pages() and second_factor.must_set_up(request.user):
            return self._sent(request, "second_factor")
        return None

    def _sent(self, request: HttpRequest, page: str) -> HttpResponse:
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": reverse(page)})
        if kept_forms.is_too_large(request):
            return kept_pages.too_large(request, page)
        kept = kept_forms.typed(request, owner=str(request.user.pk)) if request.method == "POST" else None
        return redirect(page) if kept is None else kept_pages.first(request, kept, page)


def _open_pages() -> set[str]:
    return {reverse(name) for name in ("password", "logout", "preferences")}


def _set_up_pages() -> set[str]:
    own = ("second_factor", "second_factor_app", "second_factor_act", "passkey_new", "passkey_add", "passkey_ask")
    return {reverse(name) for name in (*own, "confirm")}

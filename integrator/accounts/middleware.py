"""The signed-in person's language, time zone, and the duty to replace a one-time password."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation

from integrator.accounts.models import User


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

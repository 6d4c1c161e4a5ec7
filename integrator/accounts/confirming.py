"""Who is it, once more: before a dangerous step a person confirms it with the password or the second factor.

A view calls `confirmed_lately` after its door. Where the last confirmation is older than ten minutes, the answer is a
page that asks for one; it carries what was typed, encrypted, and sends both to the same address. There the middleware
checks the confirmation and gives the view the form as it was first sent, files apart.
"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from integrator.accounts import kept_forms, kept_pages, passkeys, second_factor, signin
from integrator.accounts.kept_forms import Kept
from integrator.accounts.models import User
from integrator.accounts.sessions import CONFIRMED

LATELY = 600
"""Seconds for which a confirmation holds. Signing in is one."""
FIELD = "confirming"
"""Name of the hidden field with the sealed form."""
_PURPOSE = "confirm"


class Unconfirmed(Exception):
    """A dangerous step, and the person has not confirmed lately who they are."""


def confirmed_lately(request: HttpRequest) -> None:
    """Go on only if the person signed in or confirmed within the last ten minutes. Raises Unconfirmed, which becomes
    the page that asks; what was typed is not lost."""
    if time.time() - request.session.get(CONFIRMED, 0) > LATELY:
        raise Unconfirmed


class ConfirmingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Ask. A part of a page cannot: its whole page is sent to a page of asking."""
        if not isinstance(exception, Unconfirmed) or not isinstance(request.user, User):
            return None
        if request.headers.get("HX-Request"):
            # The header has the whole address, and only a path is gone back to.
            here = urlsplit(request.headers.get("HX-Current-URL", ""))._replace(scheme="", netloc="").geturl()
            back = urlencode({"next": here})
            return HttpResponse(status=204, headers={"HX-Redirect": f"{reverse('confirm')}?{back}"})
        if request.method == "POST" and kept_forms.is_too_large(request):
            return kept_pages.too_large(request, "confirm")
        owner = str(request.user.pk)
        kept = kept_forms.typed(request, with_secrets=True, owner=owner) if request.method == "POST" else None
        # One without fields is sent as it was.
        sent = kept is not None or (request.method == "POST" and not set(request.POST) - {"csrfmiddlewaretoken"})
        return _page(request, request.user, kept or Kept(request.get_full_path(), (), (), owner), sent=sent)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Check a confirmation that comes with a kept form, and let the view have that form."""
        if request.method != "POST" or FIELD not in request.POST or not isinstance(request.user, User):
            return None
        user = request.user
        kept = kept_forms.opened(request.POST[FIELD], _PURPOSE)
        if kept is None or not kept.is_for(user) or kept.path != request.get_full_path():
            raise PermissionDenied(_("This page waited too long. Go back to the form and send it again."))
        sent = request.POST.get("sent") == "1"
        wrong = _why_not(request, user)
        if wrong:
            return _page(request, user, kept, sent=sent, wrong=wrong)
        request.session[CONFIRMED] = int(time.time())
        if not sent:
            return HttpResponseRedirect(kept.path)
        form = QueryDict(mutable=True)
        for name, value in kept.fields:
            form.appendlist(name, value)
        request.POST = form  # type: ignore[assignment]
        return None


def _why_not(request: HttpRequest, user: User) -> str:
    """Why this does not confirm the person, empty where it does. Counted like tries to sign in and codes."""
    answer = request.POST.get("passkey", "")
    if answer:
        try:
            passkeys.prove(request, "confirm", user, answer)
        except passkeys.Refused:
            return _("This passkey does not fit. Try again, or use your password.")
        return ""
    password, code = request.POST.get("confirm_password", "")[:256], request.POST.get("confirm_code", "")[:64]
    if not (signin.may_try_code(user) if code else signin.may_try(request, user.email)):
        return _("Too many failed tries. Wait a quarter of an hour and try again.")
    if code and second_factor.use_code(user, code):
        signin.forget_codes(user)
        return ""
    if not code and password and user.check_password(password):
        signin.forget_failures(request, user.email)
        return ""
    return _("This does not fit. Check it and try again.")


def _page(request: HttpRequest, user: User, kept: Kept, *, sent: bool, wrong: str = "") -> HttpResponse:
    held = second_factor.held_by(user)
    context = {
        "kept": kept_forms.sealed(kept, _PURPOSE),
        "path": kept.path,
        "sent": sent,
        "left_out": kept.left_out,
        "wrong": wrong,
        "held": held,
        "passkeys": bool(held.passkeys) and passkeys.offered(request),
    }
    answer = render(request, "accounts/confirm.html", context, status=422 if wrong else 200)
    add_never_cache_headers(answer)
    return answer


def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm first, then go on to where it was needed."""
    confirmed_lately(request)
    return HttpResponseRedirect(signin.safe_next(request, reverse("home")))

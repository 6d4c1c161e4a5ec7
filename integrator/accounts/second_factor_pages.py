"""A person's own second factors: what there is, setting up an app, passkeys, recovery codes; and a firm's rule."""

import json
from typing import Any, cast

import segno
from cryptography.fernet import InvalidToken
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from integrator.accounts import audit, passkeys, second_factor, sessions, signin
from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from integrator.accounts.forms import CodeForm
from integrator.accounts.models import Firm, Passkey, User
from integrator.crypto import box

SET_UP_WITHIN = 3600
"""Seconds between seeing a secret and typing its first code."""


@require_safe
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """What proves the person, and what to do about it."""
    user = cast(User, request.user)
    held = second_factor.held_by(user)
    requiring = second_factor.requiring(user)
    context = {
        "held": held,
        "requiring": requiring,
        "must": requiring is not None and not held.any,
        "passkeys": passkeys.offered(request),
        "total": second_factor.CODES,
    }
    return render(request, "accounts/second_factor.html", context)


@sensitive_post_parameters("code", "secret")
@never_cache
@require_http_methods(["GET", "POST"])
def app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app, anew where there is one: scan or type the secret, then prove it with a code."""
    confirmed_lately(request)
    user = cast(User, request.user)
    form = CodeForm(request.POST or None)
    secret = _sealed_secret(user, request.POST.get("secret", "")) or second_factor.new_secret()
    if request.method == "POST" and form.is_valid():
        if not signin.may_try_code(user):
            form.add_error("code", _("Too many wrong codes. Wait a quarter of an hour and try again."))
        elif second_factor.add_app(user, secret, form.cleaned_data["code"]):
            signin.forget_codes(user)
            messages.success(request, _("The app is set up. You are signed out everywhere else."))
            return _after_adding(request, user)
        else:
            form.add_error("code", _("This code does not fit. Check the clock of your phone and type the next one."))
    context = {
        "form": form,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "sealed": _seal_secret(user, secret),
        "code": segno.make(second_factor.address_for_app(secret, user), error="m").svg_data_uri(
            scale=5, border=4, light="#fff", dark="#000"
        ),
        "again": second_factor.held_by(user).app is not None,
    }
    return render(request, "accounts/second_factor_app.html", context)


def _seal_secret(user: User, secret: str) -> str:
    """The secret waits in the page, sealed: nothing is stored before it is proved."""
    return box().encrypt(json.dumps(["app", user.pk, secret]).encode()).decode("ascii")


def _sealed_secret(user: User, text: str) -> str:
    try:
        data: Any = json.loads(box().decrypt(text.encode("ascii", "replace"), ttl=SET_UP_WITHIN))
    except InvalidToken:
        return ""
    return str(data[2]) if data[:2] == ["app", user.pk] else ""


def _after_adding(request: HttpRequest, user: User) -> HttpResponse:
    """The sessions that were opened without it end; whoever has no recovery codes gets them now."""
    sessions.end_others(request, user)
    if second_factor.held_by(user).codes_left:
        return redirect("second_factor")
    return _codes_page(request, second_factor.new_recovery_codes(user))


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@require_POST
@never_cache
def act(request: HttpRequest) -> HttpResponse:
    """Switch the app off, remove a passkey, make new recovery codes."""
    confirmed_lately(request)
    user = cast(User, request.user)
    what = request.POST.get("act", "")
    if what == "codes" and second_factor.has(user):
        return _codes_page(request, second_factor.new_recovery_codes(user))
    if what == "app_off":
        second_factor.remove_app(user)
        messages.success(request, _("The app is switched off."))
    elif what == "passkey_remove" and second_factor.remove_passkey(user, request.POST.get("passkey_id", "")):
        messages.success(request, _("The passkey is removed. Delete it on the device too."))
    return redirect("second_factor")


@require_POST
@never_cache
def passkey_new(request: HttpRequest) -> HttpResponse:
    """What the browser needs to make a passkey, as JSON. 403: confirm first, the page says where."""
    user = cast(User, request.user)
    confirmed_lately(request)
    if not passkeys.offered(request) or Passkey.objects.filter(user=user).count() >= passkeys.MOST:
        return JsonResponse({}, status=404)
    return HttpResponse(passkeys.options_to_register(request, user), content_type="application/json")


@sensitive_post_parameters("passkey")
@require_POST
@never_cache
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser has made."""
    user = cast(User, request.user)
    had = second_factor.has(user)
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split())[:60] or sessions.device_name(
        request.META.get("HTTP_USER_AGENT", "")
    )
    try:
        passkeys.register(request, user, name, request.POST.get("passkey", ""))
    except passkeys.Refused:
        messages.error(request, _("The passkey was not made. Begin again; another device may help."))
        return redirect("second_factor")
    second_factor.note(user, "factor.passkey_add", {"name": name})
    messages.success(request, _("The passkey is kept."))
    return redirect("second_factor") if had else _after_adding(request, user)


@require_POST
def firm_rule(request: HttpRequest, firm: int) -> HttpResponse:
    """Who has to sign in with a second factor in this firm."""
    found = get_or_404(request, Firm, firm, Role.ADMINISTRATOR)
    confirmed_lately(request)
    rule = request.POST.get("second_factor", "-")
    if rule in Firm.SecondFactor.values and rule != found.second_factor:
        data = {"before": found.second_factor or "-", "after": rule or "-"}
        Firm.objects.filter(pk=found.pk).update(second_factor=rule)
        audit.record(cast(User, request.user), "firm.second_factor", found.name, firm=found, data=data)
        messages.success(request, _("Saved. It counts from the next page that somebody opens."))
    return redirect("firm_people", firm=found.pk)

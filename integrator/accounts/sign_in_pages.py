"""The pages of signing in: password, then the second factor where there is one; or a passkey alone."""

from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from integrator.accounts import brake, kept_forms, kept_pages, passkeys, second_factor, signin
from integrator.accounts.forms import CodeForm, LoginForm
from integrator.accounts.kept_forms import Kept
from integrator.accounts.models import User

MOST_CHALLENGES = 60
"""Challenges that one address asks for within five minutes."""


@sensitive_post_parameters("password", "passkey")
@never_cache
@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by e-mail. A fragment asked for by a page whose session has ended is told to load this page whole."""
    target = signin.safe_next(request, reverse("home"))
    kept = kept_forms.opened(request.POST.get(kept_forms.FIELD, ""))
    if isinstance(request.user, User):
        return _to_target(request, request.user, kept, target)
    if request.headers.get("HX-Request") and request.method == "GET":
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("login")})
    waiting = kept_forms.sealed(kept) if kept is not None else ""
    answer = request.POST.get("passkey", "")
    form = LoginForm(None if answer else request.POST or None)
    wrong, status = "", 200
    if answer:
        try:
            return _entered(request, passkeys.prove(request, "sign-in", None, answer), kept, target)
        except passkeys.Refused:
            wrong = _("This passkey does not fit. Try again, or use your password.")
    elif request.method == "POST" and form.is_valid():
        email, password = form.cleaned_data["email"], form.cleaned_data["password"]
        if not signin.may_try(request, email):
            wrong, status = _("Too many failed tries. Wait five minutes and try again."), 429
        elif (user := authenticate(request, username=email, password=password)) is not None:
            signin.forget_failures(request, email)
            if second_factor.has(user):
                signin.go_half_way(request, user)
                return _second_page(request, user, CodeForm(), target, waiting)
            return _entered(request, user, kept, target)
        else:
            wrong = _("This e-mail and password do not fit. Check both and try again.")
    return signin.sign_in_page(request, form, target=target, kept=waiting, wrong=wrong, status=status)


@sensitive_post_parameters("code", "passkey")
@never_cache
@login_not_required
def second_step(request: HttpRequest) -> HttpResponse:
    """The second factor, within ten minutes of the right password: a code of the app, a recovery code, a passkey."""
    target = signin.safe_next(request, reverse("home"))
    kept = kept_forms.opened(request.POST.get(kept_forms.FIELD, ""))
    if isinstance(request.user, User):
        return _to_target(request, request.user, kept, target)
    waiting = kept_forms.sealed(kept) if kept is not None else ""
    user = signin.who_is_half_way(request)
    if user is None:
        wrong = _("That took too long, or the password was changed meanwhile. Begin again.")
        return signin.sign_in_page(request, LoginForm(), target=target, kept=waiting, wrong=wrong)
    answer, status = request.POST.get("passkey", ""), 200
    form = CodeForm(None if answer else request.POST or None)
    wrong = ""
    if answer:
        try:
            return _entered(request, passkeys.prove(request, "second", user, answer), kept, target)
        except passkeys.Refused:
            wrong = _("This passkey does not fit. Try again, or use a code.")
    elif request.method == "POST" and form.is_valid():
        if not signin.may_try_code(user):
            wrong, status = _("Too many wrong codes. Wait a quarter of an hour and try again."), 429
        elif second_factor.use_code(user, form.cleaned_data["code"]):
            signin.forget_codes(user)
            return _entered(request, user, kept, target)
        else:
            wrong = _("This code does not fit, or was used already. Wait for the next one and type it.")
    return _second_page(request, user, form, target, waiting, wrong=wrong, status=status)


def _second_page(
    request: HttpRequest, user: User, form: CodeForm, target: str, kept: str, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    held = second_factor.held_by(user)
    context = {
        "form": form,
        "next": target,
        "kept": kept,
        "wrong": wrong,
        "held": held,
        "passkeys": bool(held.passkeys) and passkeys.offered(request),
    }
    return render(request, "accounts/second_step.html", context, status=status)


def _entered(request: HttpRequest, user: User, kept: Kept | None, target: str) -> HttpResponse:
    signin.enter(request, user)
    return signin.remember_device(_to_target(request, user, kept, target), user)


def _to_target(request: HttpRequest, user: User, kept: Kept | None, target: str) -> HttpResponse:
    """On to where the person wanted to be, or to the form that they sent when their session had ended."""
    if kept is None or not kept.is_for(user) or user.password_is_temporary:
        return redirect(target)
    return kept_pages.send_again(request, kept)


@require_POST
@never_cache
@login_not_required
def passkey_ask(request: HttpRequest) -> HttpResponse:
    """A challenge for a passkey, as JSON: of the person who is signed in or half-way, else of whoever has one."""
    if not passkeys.offered(request):
        return JsonResponse({}, status=404)
    if not brake.take("passkey", brake.address_of(request), MOST_CHALLENGES, signin.WINDOW):
        return JsonResponse({}, status=429)
    if isinstance(request.user, User):
        text = passkeys.options_to_prove(request, "confirm", request.user)
    elif (half := signin.who_is_half_way(request)) is not None and request.POST.get("step") == "second":
        text = passkeys.options_to_prove(request, "second", half)
    else:
        text = passkeys.options_to_prove(request, "sign-in", None)
        request.session.set_expiry(signin.HALF_WAY)  # of nobody yet: not kept for long
    return HttpResponse(text, content_type="application/json")

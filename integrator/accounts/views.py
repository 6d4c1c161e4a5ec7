"""Sign-in, the person's own page, people and their roles, the record of decisions."""

import secrets
from typing import cast

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from integrator.accounts import kept_forms, signin
from integrator.accounts.context import THEME_COOKIE
from integrator.accounts.forms import TIME_ZONES, LoginForm, ProfileForm
from integrator.accounts.kept_forms import Kept
from integrator.accounts.models import User

YEAR = 365 * 24 * 3600


@sensitive_post_parameters("password")
@never_cache
@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by e-mail. A fragment asked for by a page whose session has ended is told to load this page whole."""
    target = signin.safe_next(request, reverse("home"))
    kept = kept_forms.opened(request.POST.get(kept_forms.FIELD, ""))
    if isinstance(request.user, User):
        return _signed_in(request, request.user, kept, target)
    if request.headers.get("HX-Request") and request.method == "GET":
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("login")})
    form = LoginForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        email, password = form.cleaned_data["email"], form.cleaned_data["password"]
        if not signin.may_try(request, email):
            form.add_error(None, _("Too many failed tries. Wait five minutes and try again."))
            status = 429
        elif (user := authenticate(request, username=email, password=password)) is not None:
            signin.forget_failures(request, email)
            login(request, user)
            return _signed_in(request, user, kept, target)
        else:
            signin.note_failure(request, email)
            form.add_error(None, _("This e-mail and password do not fit. Check both and try again."))
    waiting = kept_forms.sealed(kept) if kept is not None else ""
    return signin.sign_in_page(request, form, target=target, kept=waiting, status=status)


def _signed_in(request: HttpRequest, user: User, kept: Kept | None, target: str) -> HttpResponse:
    """On to where the person wanted to be, or to the form that they sent when their session had ended."""
    if kept is None or not kept.is_for(user) or user.password_is_temporary:
        return redirect(target)
    return render(request, "accounts/kept_form.html", {"kept": kept})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("login")


@require_POST
@login_not_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Language and theme from the header: kept with the person, before sign-in in cookies."""
    answer = redirect(signin.safe_next(request, reverse("home")))
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    user = request.user if isinstance(request.user, User) else None
    if language in ("pl", "en"):
        if user:
            User.objects.filter(pk=user.pk).update(language=language)
        answer.set_cookie("django_language", language, max_age=YEAR, samesite="Lax", httponly=True)
    if theme in User.Theme.values:
        if user:
            User.objects.filter(pk=user.pk).update(theme=theme)
        answer.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", httponly=True)
    return answer


def profile(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Saved."))
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form, "zones": TIME_ZONES})


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End every session of the person but the present one."""
    user = cast(User, request.user)
    user.sign_in_mark = secrets.token_hex(12)
    User.objects.filter(pk=user.pk).update(sign_in_mark=user.sign_in_mark)
    update_session_auth_hash(request, user)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("profile")


@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password. A one-time password has to be changed before anything else."""
    user = cast(User, request.user)
    form = PasswordChangeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        User.objects.filter(pk=user.pk).update(password_is_temporary=False)
        update_session_auth_hash(request, user)
        messages.success(request, _("The password is changed."))
        return redirect("home")
    return render(request, "accounts/password.html", {"form": form})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", {"reason": str(exception)}, status=403)


@login_not_required
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    context = {
        "reason": _("This form was open too long or in another window. Go back, reload the page, send it again.")
    }
    return render(request, "errors/403.html", context, status=403)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """A page that needs nothing: no database, no session, no template of ours beyond itself."""
    return HttpResponseServerError(render_to_string("errors/500.html"))

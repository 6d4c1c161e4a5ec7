"""Signing out, the person's own page, and the pages of what went wrong."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from integrator.accounts import second_factor, sessions, signin
from integrator.accounts.context import THEME_COOKIE
from integrator.accounts.forms import TIME_ZONES, PasswordForm, ProfileForm
from integrator.accounts.models import User

YEAR = 365 * 24 * 3600


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
    context = {
        "form": form,
        "zones": TIME_ZONES,
        "held": second_factor.held_by(user),
        "sessions": sessions.open_of(user, request),
    }
    return render(request, "accounts/profile.html", context)


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End every session of the person but the present one, or the one that `one` names."""
    user, one = cast(User, request.user), request.POST.get("one", "")
    if one.isascii() and one.isdigit() and len(one) < 19:
        if sessions.end_one(user, int(one)):
            messages.success(request, _("The session is ended."))
        return redirect("profile")
    sessions.end_others(request, user)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("profile")


@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password. A one-time password has to be changed before anything else."""
    user = cast(User, request.user)
    form = PasswordForm(user, request.POST or None)
    # The old password is asked for here too, so this is one more place to guess it.
    if request.method == "POST" and not signin.may_try(request, user.email):
        messages.error(request, _("Too many failed tries. Wait five minutes and try again."))
        return render(request, "accounts/password.html", {"form": PasswordForm(user)}, status=429)
    if request.method == "POST" and form.is_valid():
        form.save()
        User.objects.filter(pk=user.pk).update(password_is_temporary=False)
        signin.forget_failures(request, user.email)
        sessions.end_others(request, user)
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

"""Pages of invitations: sending one, sending it again, calling it off, and the page behind the link."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from integrator.accounts import brake, invitations, signin
from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from integrator.accounts.forms import InvitationForm, JoinForm
from integrator.accounts.models import Client, Firm, Invitation, User

AN_HOUR = 3600
MOST_SENT = 60
"""Invitations that one person sends in an hour."""
MOST_GUESSES = 20
"""Unknown links from one address in an hour."""


def invite(request: HttpRequest, form: InvitationForm, firm: Firm, client: Client | None) -> bool:
    """Invite the person of a valid form. False: the form says why not."""
    user = cast(User, request.user)
    if not brake.may("invite", str(user.pk), MOST_SENT):
        form.add_error(None, _("Too many invitations within an hour. Go on a little later."))
        return False
    try:
        made, token = invitations.invite(user, firm, client, form.cleaned_data["email"], form.cleaned_data["role"])
    except invitations.HasAccess:
        form.add_error("email", _("This person has access here already. Change the role in the list."))
        return False
    except IntegrityError:  # two people, or a double click, at the same moment
        form.add_error("email", _("This person was invited just now."))
        return False
    _pass_on(request, made, token)
    return True


def _pass_on(request: HttpRequest, invitation: Invitation, token: str) -> None:
    """Mail the link, or put it where the next page shows it once."""
    brake.note("invite", str(request.user.pk), AN_HOUR)
    link = request.build_absolute_uri(reverse("invitation", kwargs={"token": token}))
    if invitations.send(invitation, link):
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
    else:
        request.session["invitation_link"] = {"email": invitation.email, "link": link}


@require_POST
def invitation_act(request: HttpRequest, invitation: int) -> HttpResponse:
    """Send an invitation again with a fresh link, or call it off."""
    found = get_or_404(request, Invitation, invitation, Role.ADMINISTRATOR)
    if request.POST.get("act") == "revoke":
        if invitations.revoke(found, cast(User, request.user)):
            messages.success(request, _("The invitation is called off. Its link does not work any more."))
    elif request.POST.get("act") == "renew":
        # Without e-mail the next page shows the link: as good as inviting anew.
        confirmed_lately(request)
        if not brake.may("invite", str(request.user.pk), MOST_SENT):
            messages.error(request, _("Too many invitations within an hour. Go on a little later."))
        else:
            _renew(request, found)
    at_client = found.client_id is not None and request.POST.get("at") == "client"
    return redirect("client_people", found.client_id) if at_client else redirect("firm_people", found.firm_id)


def _renew(request: HttpRequest, found: Invitation) -> None:
    try:
        token = invitations.renew(found, cast(User, request.user))
    except invitations.Spent:
        messages.warning(request, _("The invitation was taken up or called off meanwhile."))
    else:
        _pass_on(request, found, token)


@sensitive_post_parameters("password")
@never_cache
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the link of an invitation leads to. Looking takes nothing up; sending the form does."""
    address = brake.address_of(request)
    if not brake.may("invitation", address, MOST_GUESSES):
        return render(request, "accounts/invitation.html", {"state": "braked"}, status=429)
    found = invitations.find(token)
    if found is None:
        brake.note("invitation", address, AN_HOUR)
        raise Http404
    user = request.user if isinstance(request.user, User) else None
    mine = user is not None and user.email == found.email
    if mine and found.accepted_at is not None:
        return redirect(_place(found))  # sent twice, or gone back after joining
    if not invitations.is_open(found):
        return _over(request, found)
    if user is not None:
        return _for_known(request, found, user, mine)
    if User.objects.filter(email=found.email).exists():
        return render(request, "accounts/invitation.html", {"state": "sign_in", "invitation": found})
    return _for_new(request, found)


def _over(request: HttpRequest, found: Invitation) -> HttpResponse:
    state = "used" if found.accepted_at else "revoked" if found.revoked_at else "expired"
    return render(request, "accounts/invitation.html", {"state": state, "invitation": found}, status=410)


def _place(found: Invitation) -> str:
    if found.client_id:
        return reverse("client_home", kwargs={"client": found.client_id})
    return reverse("firm_home", kwargs={"firm": found.firm_id})


def _for_known(request: HttpRequest, found: Invitation, user: User, mine: bool) -> HttpResponse:
    if not mine:
        context = {"state": "somebody_else", "invitation": found}
        return render(request, "accounts/invitation.html", context, status=403 if request.method == "POST" else 200)
    if request.method == "POST":
        try:
            invitations.accept(found, user)
        except invitations.Spent:
            found.refresh_from_db()
            return redirect(_place(found)) if found.accepted_at else _over(request, found)
        messages.success(request, _("You have access now."))
        return redirect(_place(found))
    return render(request, "accounts/invitation.html", {"state": "accept", "invitation": found})


def _for_new(request: HttpRequest, found: Invitation) -> HttpResponse:
    language = getattr(request, "LANGUAGE_CODE", "pl")
    form = JoinForm(request.POST or None, email=found.email, initial={"language": language})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            user = invitations.join(found, data["name"], data["password"], data["language"])
        except (invitations.Spent, IntegrityError):
            return redirect(request.path)  # sent twice: the page says how things stand now
        signin.enter(request, user)
        return redirect(_place(found))
    return render(request, "accounts/invitation.html", {"state": "join", "invitation": found, "form": form})

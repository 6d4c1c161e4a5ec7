"""Clients of a firm, people and their roles."""

import secrets
from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrator.accounts import audit, invitations, second_factor, sessions
from integrator.accounts.access import Role, get_or_404, place_of
from integrator.accounts.confirming import confirmed_lately
from integrator.accounts.forms import ClientForm, InvitationForm, RoleForm
from integrator.accounts.invitation_pages import invite
from integrator.accounts.models import RANK, Client, Firm, Membership, User

MOST = 300
"""Roles on one page; searching finds the others."""
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and digits that look alike."""


def one_time_password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _letter in range(5)) for _group in range(3))


def client_add(request: HttpRequest, firm: int) -> HttpResponse:
    owner = get_or_404(request, Firm, firm, Role.ADMINISTRATOR)
    form = ClientForm(request.POST or None, instance=Client(firm=owner))
    if request.method == "POST" and form.is_valid():
        client = form.save()
        audit.record(cast(User, request.user), "client.add", client.name, client=client)
        messages.success(request, _("The client is added. Connect its WAPRO Mag and its shop."))
        return redirect("client_home", client=client.pk)
    return render(request, "accounts/client_form.html", {"form": form, "firm": owner})


def client_edit(request: HttpRequest, client: int) -> HttpResponse:
    """Rename a client. Its firm's administrator only."""
    found = get_or_404(request, Client, client, Role.ADMINISTRATOR)
    before = found.name
    form = ClientForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        audit.record(cast(User, request.user), "client.change", found.name, client=found, data={"before": before})
        messages.success(request, _("Saved."))
        return redirect("client_home", client=found.pk)
    return render(request, "accounts/client_form.html", {"form": form, "client": found, "before": before})


@require_POST
def client_pause(request: HttpRequest, client: int) -> HttpResponse:
    """Pause or resume everything of a client."""
    found = get_or_404(request, Client, client, Role.IMPLEMENTER)
    paused = request.POST.get("paused") == "1"
    if paused != found.paused:
        Client.objects.filter(pk=found.pk).update(paused=paused)
        verb = "client.pause" if paused else "client.resume"
        audit.record(cast(User, request.user), verb, found.name, client=found)
    messages.success(request, _("The client is paused.") if paused else _("The client goes on."))
    return redirect("client_home", client=found.pk)


def firm_people(request: HttpRequest, firm: int) -> HttpResponse:
    """Who has a role in the firm or at one of its clients. Adding is the administrator's."""
    found = get_or_404(request, Firm, firm)
    members = Membership.objects.filter(firm=found).select_related("user", "client")
    return _people(request, members, found, None)


def client_people(request: HttpRequest, client: int) -> HttpResponse:
    """Who has a role at the client: through the firm or at the client itself."""
    found = get_or_404(request, Client, client)
    of_client = Q(firm=found.firm, client=None) | Q(client=found)
    members = Membership.objects.filter(of_client).select_related("user", "client")
    return _people(request, members, found.firm, found)


def _people(request: HttpRequest, members: QuerySet[Membership], firm: Firm, client: Client | None) -> HttpResponse:
    form = InvitationForm(request.POST or None, of_client=client is not None)
    if request.method == "POST":
        # The pages are open to every role, inviting only to the administrator.
        get_or_404(request, type(client or firm), (client or firm).pk, Role.ADMINISTRATOR)
        confirmed_lately(request)
        if form.is_valid() and invite(request, form, firm, client):
            return redirect("client_people", client=client.pk) if client else redirect("firm_people", firm=firm.pk)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if words:
        named = Q(user__name__icontains=words) | Q(user__email__icontains=words) | Q(client__name__icontains=words)
        members = members.filter(named)
    members = members.annotate(has_factor=second_factor.has_one("user"))
    found = list(members.order_by("client", "user__name", "user__email")[: MOST + 1])
    rows = sorted(found[:MOST], key=lambda one: (one.client_id or 0, -RANK[Role(one.role)], str(one.user)))
    place = place_of(request)
    context = {
        "rows": rows,
        "more": len(found) > MOST,
        "q": words,
        "firm": firm,
        "client": client,
        "form": form,
        "password": request.session.pop("one_time_password", None),
        "link": request.session.pop("invitation_link", None),
        "invited": invitations.pending(firm, client) if place.administers else [],
        "now": timezone.now(),
        "people": len({one.user_id for one in rows}),
        "rules": Firm.SecondFactor.choices,
    }
    return render(request, "accounts/people.html", context)


def membership_edit(request: HttpRequest, membership: int) -> HttpResponse:
    """Change a person's role, or take the access away. The last administrator of a firm stays."""
    found = get_or_404(request, Membership, membership, Role.ADMINISTRATOR)
    form = RoleForm(request.POST or None, membership=found)
    back = (
        redirect("client_people", client=found.client_id) if found.client_id else redirect("firm_people", found.firm_id)
    )
    if request.method == "POST":
        confirmed_lately(request)
    removing = request.POST.get("remove") == "1"
    if request.method == "POST" and request.POST.get("password") == "1":
        _new_password(request, found)
        return back
    if request.method == "POST" and request.POST.get("factor") == "reset":
        _reset_factor(request, found)
        return back
    if request.method == "POST" and (removing or form.is_valid()):
        role = "" if removing else form.cleaned_data["role"]
        if not _change_role(cast(User, request.user), found, role):
            messages.error(request, _("A firm keeps at least one administrator. Give the role to somebody else first."))
            return back
        messages.success(request, _("The access is taken away.") if removing else _("Saved."))
        return back
    context = {
        "form": form,
        "membership": found,
        "may_reset": belongs_only_here(found),
        "has_factor": second_factor.has(found.user),
    }
    return render(request, "accounts/membership.html", context)


def belongs_only_here(found: Membership) -> bool:
    """Whether every access of the person is of this firm: only then may its administrator give a new password."""
    return not Membership.objects.filter(user=found.user_id).exclude(firm=found.firm_id).exists()


def _new_password(request: HttpRequest, found: Membership) -> None:
    if not belongs_only_here(found) or found.user_id == request.user.pk:
        messages.error(request, _("The password of this person cannot be changed here."))
        return
    password = one_time_password()
    found.user.set_password(password)
    found.user.password_is_temporary = True
    found.user.save(update_fields=["password", "password_is_temporary"])
    sessions.end_all(found.user)
    request.session["one_time_password"] = {"email": found.user.email, "password": password}
    user = cast(User, request.user)
    audit.record(user, "member.password", found.user.email, firm=found.firm, client=found.client)


def _reset_factor(request: HttpRequest, found: Membership) -> None:
    """For a person who has lost it. Their mailbox and the record say who did it."""
    if not belongs_only_here(found) or found.user_id == request.user.pk:
        messages.error(request, _("The second factor of this person cannot be switched off here."))
    elif second_factor.reset(found.user, cast(User, request.user)):
        messages.success(request, _("The second factor is switched off, and all sessions of the person are ended."))


def is_last_administrator(found: Membership) -> bool:
    if found.role != Role.ADMINISTRATOR:
        return False
    others = Membership.objects.filter(firm=found.firm, role=Role.ADMINISTRATOR, user__is_active=True)
    return not others.exclude(pk=found.pk).exists()


def _change_role(user: User, found: Membership, role: str) -> bool:
    """An empty role takes the access away. False: it is the firm's last administrator, who stays."""
    who: dict[str, Any] = {"client": found.client, "firm": found.firm}
    with transaction.atomic():
        # Of two administrators who take the role from each other at once, the second waits here and then stays.
        Firm.objects.select_for_update().get(pk=found.firm_id)
        if role != Role.ADMINISTRATOR and is_last_administrator(found):
            return False
        if role:
            data = {"before": found.role, "role": role}
            Membership.objects.filter(pk=found.pk).update(role=role)
            audit.record(user, "member.role", found.user.email, data=data, **who)
        else:
            found.delete()
            audit.record(user, "member.remove", found.user.email, data={"role": found.role}, **who)
    return True

"""The set-up wizard of a shop connection: numbered parts, each saved by itself, in any order."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from integrator.accounts.access import Role, get_or_404
from integrator.accounts.audit import record
from integrator.canonical.errors import IntegrationError
from shops.models import ShopConnection
from syncjobs import options as keeping
from syncjobs.explain import explain
from syncjobs.forms_wizard import PartForm
from syncjobs.models import ShopSetup
from syncjobs.setup import setup_of
from syncjobs.views.people import person
from syncjobs.views.wizard_acts import ACTS
from syncjobs.views.wizard_parts import PARTS, Here, is_done
from syncjobs.wizard import scope, words


@require_safe
def begin(request: HttpRequest, shop: int) -> HttpResponse:
    """The first part that nobody has gone through yet."""
    connection = get_or_404(request, ShopConnection, shop)
    wizard = scope.wizard_of(connection)
    part = next((name for name in PARTS if not is_done(name, wizard)), "finish")
    return redirect("setup_part", shop=connection.pk, part=part)


@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, shop: int, part: str) -> HttpResponse:
    """Show one part; save it, or do what one of its buttons asks for."""
    role = Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER
    connection = get_or_404(request, ShopConnection, shop, role)
    if part not in PARTS:
        raise Http404
    try:
        here = _here(request, connection)
        if request.method == "POST":
            act = ACTS.get(request.POST.get("act", ""))
            return act(here, person(request)) if act is not None else _save(here, part)
        return _page(here, part, PARTS[part].form(here, None))
    except IntegrationError as refused:
        told = explain(refused.problem, connection=connection, turn=refused.turn)
        return render(request, "syncjobs/no_setup.html", {"connection": connection, "told": told})


def _here(request: HttpRequest, connection: ShopConnection) -> Here:
    keeping.ensure_options(connection)
    return Here(request, connection, setup_of(connection), scope.wizard_of(connection))


def _save(here: Here, name: str) -> HttpResponse:
    found = PARTS[name]
    if found.save is None:
        return _page(here, name, None, status=422)
    with transaction.atomic():
        # Whoever saves the same part at the same time waits here, and then sees that it has moved.
        ShopSetup.objects.get_or_create(connection=here.connection)
        here.wizard = ShopSetup.objects.select_for_update().get(connection=here.connection)
        here.answers = here.wizard.answers
        form = found.form(here, here.request.POST)
        assert form is not None
        if form.is_stale:
            return _page(here, name, form, status=409 if here.request.POST.get("seen") else 422)
        if not form.is_valid() or not _kept(here, name, form):
            return _page(here, name, form, status=422)
    if here.request.POST.get("go") == "next" and name == "finish":
        return redirect("setup_agreement", shop=here.connection.pk)
    if here.request.POST.get("go") == "next":
        return redirect("setup_part", shop=here.connection.pk, part=_after(name))
    messages.success(here.request, _("Saved."))
    return redirect("setup_part", shop=here.connection.pk, part=name)


def _kept(here: Here, name: str, form: PartForm) -> bool:
    """Whether the options took it too; what they say against it goes to the form, and nothing is kept."""
    user, save = person(here.request), PARTS[name].save
    assert save is not None
    try:
        with transaction.atomic():
            save(here, form, user)
            here.wizard.done = {**here.wizard.done, name: timezone.now().isoformat()}
            here.wizard.updated_by = user
            here.wizard.save()
            record(user, "wizard.save", here.connection.name, client=here.connection.client, data={"part": name})
    except ValidationError as refused:
        form.add_error(None, ValidationError(refused.messages))
        return False
    return True


def _after(name: str) -> str:
    names = list(PARTS)
    return names[min(names.index(name) + 1, len(names) - 1)]


def _page(here: Here, name: str, form: PartForm | None, status: int = 200) -> HttpResponse:
    names = list(PARTS)
    context: dict[str, Any] = {
        "connection": here.connection,
        "part": name,
        "number": names.index(name) + 1,
        "title": words.PARTS[name],
        "parts": [(one, words.PARTS[one], is_done(one, here.wizard)) for one in names],
        "next": _after(name),
        "form": form,
        "stale": form.newer() if form is not None and form.is_stale else None,
        "wizard": here.wizard,
        **PARTS[name].context(here),
    }
    return render(here.request, f"syncjobs/wizard_{name}.html", context, status=status)

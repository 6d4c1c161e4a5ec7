"""Work of a client that was given up: the list, trying again, laying aside."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from integrator.accounts.access import Role, get_or_404
from integrator.accounts.models import Client
from integrator.canonical.errors import IntegrationError
from shops.models import ShopConnection
from syncjobs import dead_letters
from syncjobs.explain import Explained, explain
from syncjobs.views.people import person


@require_safe
def client_dead(request: HttpRequest, client: int) -> HttpResponse:
    """What was given up after its tries."""
    found = get_or_404(request, Client, client)
    rows = [{"letter": letter, "told": _told(letter)} for letter in dead_letters.of_client(found)]
    return render(request, "syncjobs/dead_letters.html", {"client": found, "rows": rows})


def _told(letter: dead_letters.Letter) -> Explained | None:
    shop = letter.connection if isinstance(letter.connection, ShopConnection) else None
    return explain(letter.problem, connection=shop) if letter.problem else None


@require_POST
def client_dead_act(request: HttpRequest, client: int) -> HttpResponse:
    """Try the ticked ones again, or lay them aside. What is not given up any more is left alone."""
    found = get_or_404(request, Client, client, Role.OPERATOR)
    ticked = set(request.POST.getlist("letter"))
    letters = [letter for letter in dead_letters.of_client(found) if letter.name in ticked]
    if not letters:
        messages.warning(request, _("Tick what it is about first. What was ticked may have been settled meanwhile."))
        return redirect("client_dead", client=found.pk)
    if request.POST.get("do") == "aside":
        done = dead_letters.lay_aside(found, letters, person(request))
        text = ngettext("%(n)s was laid aside.", "%(n)s were laid aside.", done)
        messages.success(request, text % {"n": done})
        return redirect("client_dead", client=found.pk)
    try:
        done = dead_letters.release(found, letters, person(request))
    except IntegrationError as refused:
        messages.error(request, explain(refused.problem, turn=refused.turn).sentence)
        return redirect("client_dead", client=found.pk)
    text = ngettext("%(n)s is tried again.", "%(n)s are tried again.", done)
    messages.success(request, text % {"n": done})
    return redirect("client_dead", client=found.pk)

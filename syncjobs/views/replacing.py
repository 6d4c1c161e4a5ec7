"""Asking before a plan that waits for a person is replaced by a run that somebody starts."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs.models import Step
from syncjobs.models.choices import Status
from syncjobs.views import lists

OURS = ("csrfmiddlewaretoken", "replace")


def waiting_plans(connection: ShopConnection, kinds: Sequence[Kind] = ()) -> list[Step]:
    """Plans that wait for approval and that a new run of these kinds (none: all) would replace."""
    waiting = Step.objects.filter(connection=connection, status=Status.WAITING).select_related("run")
    return list((waiting.filter(kind__in=kinds) if kinds else waiting).order_by("position"))


def ask_first(
    request: HttpRequest, connection: ShopConnection, kinds: Sequence[Kind], back: str
) -> HttpResponse | None:
    """A page with the plans that a run of these kinds (none: all) would replace; None when there are none, or just
    those that the person has agreed to lose. Its button sends the form that came once more, with the plans named;
    `back` is where the person goes who would rather keep them."""
    replaced = waiting_plans(connection, kinds)
    if {step.pk for step in replaced} <= set(lists.ticked(request, "replace")):
        return None
    sent = [(name, value) for name, values in request.POST.lists() if name not in OURS for value in values]
    context = {"connection": connection, "replaced": replaced, "sent": sent, "back": back}
    return render(request, "syncjobs/run_replace.html", context)

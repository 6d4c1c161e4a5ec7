"""Where people land: the firm's clients, and one client."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from integrator.accounts.access import clients_of, firms_of, get_or_404
from integrator.accounts.models import Client, Firm, User


def home(request: HttpRequest) -> HttpResponse:
    """The firm's page for its people, the client's for those of one client, a choice for those of several."""
    user = cast(User, request.user)
    firms = firms_of(user)
    if len(firms) == 1:
        return redirect("firm_home", firm=firms[0].pk)
    clients = list(clients_of(user)[:200])
    if not firms and len(clients) == 1:
        return redirect("client_home", client=clients[0].pk)
    return render(request, "syncjobs/home.html", {"firms": firms, "clients": clients})


def firm_home(request: HttpRequest, firm: int) -> HttpResponse:
    found = get_or_404(request, Firm, firm)
    return render(request, "syncjobs/firm_home.html", {"firm": found})


def client_home(request: HttpRequest, client: int) -> HttpResponse:
    found = get_or_404(request, Client, client)
    return render(request, "syncjobs/client_home.html", {"client": found})

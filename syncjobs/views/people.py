"""The signed-in person of a request."""

from typing import cast

from django.http import HttpRequest

from integrator.accounts.models import User


def person(request: HttpRequest) -> User:
    """Who asks. The middleware lets nobody anonymous come this far."""
    return cast(User, request.user)

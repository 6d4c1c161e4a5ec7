"""What every page needs to know of its reader."""

from django.http import HttpRequest

from integrator.accounts.models import User

THEME_COOKIE = "theme"


def preferences(request: HttpRequest) -> dict[str, str]:
    """The theme: of the person, or of the cookie before sign-in."""
    user = getattr(request, "user", None)
    theme = user.theme if isinstance(user, User) else request.COOKIES.get(THEME_COOKIE, "")
    return {"theme": theme if theme in User.Theme.values else User.Theme.SYSTEM}
